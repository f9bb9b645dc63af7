//! What the restore will do, in sentences that follow every change.

use super::Form;
use crate::ui::{
    Glyph, icon_in,
    part::{Part, el, live, parts, span},
    words,
};
use model::{recovery::PointState, restore::RestoreDraft, view::RestoreStart};

/// A sentence with the weight of what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Made,
    Changed,
    Safe,
    Warned,
}

/// The sentences for a draft.
fn sentences(start: &RestoreStart, draft: &RestoreDraft) -> Vec<(Mark, String)> {
    let mut out = Vec::new();
    let can = &start.capabilities.restore;
    let in_place = draft.way == "in_place";
    out.push(if in_place { put_back(start) } else { made(start, draft) });
    if can.volumes.is_yes() {
        out.push(match draft.volumes.as_str() {
            "yes" => (Mark::Made, "Volumes come back with their data.".into()),
            "no" => (Mark::Warned, "Volumes are left out: claims come back empty.".into()),
            _ => (Mark::Made, "Volumes come back as the backup system is set up.".into()),
        });
    }
    if in_place {
        // Said already.
    } else if draft.existing == "update" {
        out.push((
            Mark::Changed,
            "Objects that exist and differ are overwritten. The data of volumes that exist is not touched.".into(),
        ));
    } else {
        out.push((Mark::Safe, "Objects that exist stay as they are.".into()));
    }
    if draft.keep_node_ports {
        out.push((Mark::Warned, "Services keep their node ports; one whose port is taken fails.".into()));
    }
    match &start.point.state {
        PointState::Whole => {}
        PointState::Partial => {
            out.push((
                Mark::Warned,
                "The point is partial: what its run could not take is missing from the restore.".into(),
            ));
        }
        PointState::Deleting => out.push((Mark::Warned, "The point is being deleted; the restore may fail.".into())),
        PointState::Unknown(word) => out.push((
            Mark::Warned,
            format!(
                "The point's state is “{word}”, which Holdfast does not know; what comes back is not known either."
            ),
        )),
    }
    if start.health.is_silent() {
        out.push((
            Mark::Warned,
            format!("{} does not answer; the restore begins when it does.", start.connection_name),
        ));
    }
    out.push(if in_place {
        (Mark::Warned, "It can't be undone.".into())
    } else {
        (Mark::Safe, "Nothing is deleted. A restore can't be undone; what it made is cleared up by hand.".into())
    });
    out
}

/// In its own place.
fn put_back(start: &RestoreStart) -> (Mark, String) {
    let what = start.point.detail.subject.as_ref().map_or("What is there", |s| s.name.as_str());
    (
        Mark::Changed,
        format!("{what} on {} becomes what the point holds: what changed since is lost.", start.connection_name),
    )
}

/// Beside what is there.
fn made(start: &RestoreStart, draft: &RestoreDraft) -> (Mark, String) {
    let there = draft.place.as_ref().map_or(start.connection_name.as_str(), |place| place.name.as_str());
    let kind = start.capabilities.subject().filter(|_| start.capabilities.restore.new_name.is_yes());
    let places = places(start, draft);
    if let Some(kind) = kind {
        let name = Some(draft.new_name.trim()).filter(|n| !n.is_empty()).unwrap_or("without a name yet");
        let into = if places.is_empty() { String::new() } else { format!(", in {}", words::list(&places)) };
        return (Mark::Made, format!("A new {} {name} is made from the point on {there}{into}.", kind.word()));
    }
    let what = match (start.point.items, draft.namespaces.is_empty()) {
        (Some(n), true) => format!("Up to {}", words::plural(n, "object", "objects")),
        _ => "Objects".to_owned(),
    };
    let said = if places.is_empty() {
        format!("{what} of the point are made on {there} where they are missing.")
    } else {
        format!(
            "{what} are made in {} on {there} where they are missing; a namespace that does not exist is made too.",
            words::list(&places)
        )
    };
    (Mark::Made, said)
}

/// The namespaces that come back, under the names that they get.
fn places(start: &RestoreStart, draft: &RestoreDraft) -> Vec<String> {
    let taken =
        |name: &&String| !name.contains('*') && (draft.namespaces.is_empty() || draft.namespaces.contains(name));
    let (before, after) = (draft.prefix.trim(), draft.suffix.trim());
    let place = |name: &String| {
        let mapped = draft.mapping.iter().find(|(from, to)| from == name && !to.trim().is_empty() && to != from);
        match mapped {
            Some((_, to)) => format!("{} (from {name})", to.trim()),
            None if before.is_empty() && after.is_empty() => name.clone(),
            None => format!("{before}{name}{after} (from {name})"),
        }
    };
    start.point.namespaces.iter().filter(taken).map(place).collect()
}

pub fn plan(form: Form) -> Part {
    let title = form.start.with_untracked(|s| format!("What will happen on {}", s.connection_name));
    let line = |glyph, class, text: String| el("li").class("opt").put(icon_in(glyph, class)).put(span("").put(text));
    let notes = move || {
        parts(form.offer.with(|o| o.notes.clone()).into_iter().map(|text| line(Glyph::Info, "text-ink-3", text)))
    };
    let lines = move || {
        let sentences = form.start.with_untracked(|start| form.draft.with(|draft| sentences(start, draft)));
        parts(sentences.into_iter().map(|(mark, text)| {
            let (glyph, class) = match mark {
                Mark::Made => (Glyph::Plus, "text-good"),
                Mark::Changed => (Glyph::Edit, "text-warn"),
                Mark::Safe => (Glyph::Ok, "text-good"),
                Mark::Warned => (Glyph::Warn, "text-warn"),
            };
            line(glyph, class, text)
        }))
    };
    parts([
        el("h2").id("plan").put(title),
        el("ul").class("mt-2 grid gap-1").attr("aria-live", "polite").put(live(lines)).put(live(notes)),
    ])
}
