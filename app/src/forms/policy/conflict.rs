//! Two people changed one policy: the second sees what differs and decides; nothing typed is lost.

use super::state::Form;
use crate::{
    ui::{
        Told, Weight, Written, button,
        part::{El, Part, div, el, live, p, parts},
        time,
    },
    wizard::upcoming::{td, th},
};
use model::{
    policy::{PolicyDraft, PolicyTierDraft},
    view::PolicyView,
};

pub fn conflict(form: Form) -> Part {
    live(move || form.theirs.get().map(|theirs| drawn(form, theirs)))
}

fn drawn(form: Form, theirs: PolicyView) -> El {
    let rows = form.draft.with_untracked(|mine| differences(mine, &theirs.draft));
    let fields = if rows.is_empty() {
        p("help mt-2").put("None: both versions say the same.")
    } else {
        let row = |(field, theirs, mine): (String, String, String)| {
            el("tr").put(el("th").attr("scope", "row").put(field)).put(td("Theirs", theirs)).put(td("Yours", mine))
        };
        let table = el("table")
            .class("tbl tbl-stack")
            .put(el("caption").class("sr-only").put("Fields that differ"))
            .put(el("thead").put(el("tr").put(parts(["Field", "Theirs", "Yours"].map(th)))))
            .put(el("tbody").put(parts(rows.into_iter().map(row))));
        div("panel-table mt-3").put(table)
    };
    let (by, at, version) = (theirs.changed_by.clone(), theirs.changed_at, theirs.row.version);
    let note = p("note").put("Changed at ").put(time(at, None, Told::Written(Written::Full)));
    let based_on = move || {
        form.editing.update(|e| {
            if let Some((_, version_read)) = e {
                *version_read = version;
            }
        });
    };
    let take = move || {
        based_on();
        form.first.set(theirs.draft.clone());
        form.replace(theirs.draft.clone());
        form.refused.set(None);
        form.theirs.set(None);
    };
    let over = move || {
        based_on();
        form.send(false);
    };
    let acts = div("acts")
        .put(button("Take theirs").press(take))
        .put(button("Save mine over it").weight(Weight::Danger).press(over));
    el("section")
        .class("panel mb-5")
        .attr("aria-labelledby", "conflict-h")
        .id("refused")
        .attr("tabindex", "-1")
        .put(div("panel-head").put(el("h2").id("conflict-h").put(format!("{by} was faster"))).put(note))
        .put(
            div("panel-body")
                .put(
                    el("p")
                        .put("Nothing of yours is lost, and nothing has been saved over theirs. These fields differ:"),
                )
                .put(fields)
                .put(div("mt-4").put(acts)),
        )
}

/// Field, theirs and mine, where they differ.
fn differences(mine: &PolicyDraft, theirs: &PolicyDraft) -> Vec<(String, String, String)> {
    let or = |text: &str, empty: &str| if text.trim().is_empty() { empty.to_owned() } else { text.trim().to_owned() };
    let rpo = |d: &PolicyDraft| match d.rpo.trim() {
        "" => "each workspace's own".to_owned(),
        n => format!("{n} {}", d.rpo_unit.word()),
    };
    let mut out = vec![
        ("Name".to_owned(), or(&theirs.name, "none"), or(&mine.name, "none")),
        ("Time zone".into(), or(&theirs.zone, "the system's own"), or(&mine.zone, "the system's own")),
        ("RPO".into(), rpo(theirs), rpo(mine)),
    ];
    for at in 0..mine.tiers.len().max(theirs.tiers.len()) {
        out.push((format!("Tier {}", at + 1), tier(theirs.tiers.get(at)), tier(mine.tiers.get(at))));
    }
    out.retain(|(_, theirs, mine)| theirs != mine);
    out
}

fn tier(tier: Option<&PolicyTierDraft>) -> String {
    let Some(tier) = tier else { return "none".into() };
    let mut said = model::cron::words(&tier.cron);
    let mut kept = |before: &str, number: &str, after: &str| {
        if !number.trim().is_empty() {
            said.push_str(&format!(", {before}{}{after}", number.trim()));
        }
    };
    kept("kept ", &tier.keep_for, &format!(" {}", tier.keep_unit.word()));
    kept("the newest ", &tier.keep_last, "");
    kept("at least ", &tier.keep_at_least, "");
    kept("", &tier.keep_snapshots, " snapshots");
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let nightly =
            PolicyTierDraft { cron: "30 2 * * *".into(), keep_for: "14".into(), ..PolicyTierDraft::default() };
        let mine = PolicyDraft { name: "Gold".into(), tiers: vec![nightly.clone()], ..PolicyDraft::default() };
        assert_eq!(differences(&mine, &mine), []);
        let counted = PolicyTierDraft { keep_last: "7".into(), keep_snapshots: "2".into(), ..nightly.clone() };
        let theirs = PolicyDraft {
            zone: "UTC".into(),
            rpo: "26".into(),
            tiers: vec![counted, nightly],
            name: mine.name.clone(),
            ..PolicyDraft::default()
        };
        let found = differences(&mine, &theirs);
        let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["Time zone", "RPO", "Tier 1", "Tier 2"]);
        assert_eq!(found[2].1, "Every day at 02:30, kept 14 days, the newest 7, 2 snapshots");
        assert_eq!(found[3].2, "none");
    }
}
