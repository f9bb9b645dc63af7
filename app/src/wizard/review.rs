//! Last step: what stops it, what it means in words, what the system says to it, what will be sent.

use super::{conflict::conflict, sent::sent, state::Wizard};
use crate::{
    api,
    error::ErrorKind,
    paths,
    ui::{
        Glyph, Sign, Told, Tone, Written, button, callout, icon_in, need,
        part::{El, Part, div, el, live, p, parts, span},
        problem, state, time, words,
    },
};
use leptos::task::spawn_local;
use model::{
    FieldError,
    draft::{DefinitionDraft, Step},
    view::{DryRun, Preview},
};

impl Wizard {
    /// Asks the server what it would send, and the upstream whether it would take it.
    pub fn ask_preview(self) {
        if self.capabilities.with_untracked(Option::is_none) || self.previewing.get_untracked() {
            return;
        }
        let draft = self.draft.get_untracked();
        let editing = self.start.with_untracked(|s| s.editing.as_ref().map(|(id, _)| id.clone()));
        self.previewing.set(true);
        let sent = self.under_its_name(draft.clone());
        spawn_local(async move {
            let answer = api::definitions::preview_definition(editing, sent).await;
            self.previewing.set(false);
            if self.draft.with_untracked(|d| *d == draft) {
                self.preview.set(Some(answer));
            } else if self.step.get_untracked() == Step::Review {
                self.ask_preview();
            }
        });
    }

    /// The draft with the id that the review showed it under.
    pub fn under_its_name(self, draft: DefinitionDraft) -> DefinitionDraft {
        let reserved = self.preview.with_untracked(|p| match p {
            Some(Ok(preview)) => preview.reserved.clone(),
            _ => String::new(),
        });
        DefinitionDraft { reserved, ..draft }
    }
}

pub fn review(wizard: Wizard) -> Part {
    let in_words = move || match good(wizard) {
        Some(preview) if !preview.sentences.is_empty() => parts(preview.sentences.into_iter().map(|s| el("p").put(s))),
        Some(_) => p("help").put("The words follow once nothing stops it.").into(),
        None => waiting(wizard),
    };
    let tried = move || match good(wizard) {
        Some(preview) => dry_run(wizard, preview),
        None => waiting(wizard),
    };
    let again = button("Again")
        .small()
        .icon(Glyph::Rerun)
        .busy(move || wizard.previewing.get())
        .press(move || wizard.ask_preview());
    let words = el("section")
        .class("sec")
        .attr("aria-labelledby", "in-words")
        .put(el("h2").id("in-words").class("mb-2").put("In words"))
        .put(div("words").put(live(in_words)));
    let dry = el("section")
        .class("sec")
        .attr("aria-labelledby", "dry-run")
        .put(div("sec-head").put(el("h2").id("dry-run").put("Dry run on the server")).put(again))
        .put(div("panel p-4").attr("role", "status").put(live(tried)));
    parts([
        conflict(wizard),
        failed(wizard),
        findings(wizard),
        div("grid gap-x-10 lg:grid-cols-2")
            .live("aria-busy", move || wizard.previewing.get().then_some("true"))
            .put(words)
            .put(dry)
            .into(),
        live(move || good(wizard).filter(|p| !p.requests.is_empty()).map(|p| sent(p.requests))),
    ])
}

fn good(wizard: Wizard) -> Option<Preview> {
    wizard.preview.with(|p| p.as_ref().and_then(|p| p.as_ref().ok().cloned()))
}

/// In the place of what the server has not said: that it is asked, or why it could not say.
fn waiting(wizard: Wizard) -> Part {
    match wizard.preview.get() {
        Some(Err(error)) if !wizard.previewing.get() => problem(error),
        _ if wizard.capabilities.with(Option::is_none) => p("help").put("Choose a connection first.").into(),
        _ => p("help").put(format!("Asking {} …", wizard.upstream())).into(),
    }
}

fn dry_run(wizard: Wizard, preview: Preview) -> Part {
    let Some(run) = preview.dry_run else {
        let why_not = wizard.why_not(|c| &c.dry_run);
        return p("help").put(why_not.unwrap_or_else(|| "Not tried: settle first what is wrong.".into())).into();
    };
    let DryRun { accepted, points, unknowns, took_ms } = run;
    let sign = if accepted {
        Sign::new(Tone::Good, Glyph::Ok, "Accepted")
    } else {
        Sign::new(Tone::Bad, Glyph::Failed, "Refused")
    };
    let at = preview.at.map(|at| parts([Part::from(", "), time(at, None, Told::Written(Written::Full))]));
    let line = |glyph, class, word: &'static str, text: String| {
        el("li").class("opt").put(icon_in(glyph, class)).put(span("").put(span("sr-only").put(word)).put(text))
    };
    let points = points.into_iter().map(|(good, text)| match good {
        true => line(Glyph::Check, "text-good", "Good: ", text),
        false => line(Glyph::Failed, "text-bad", "Wrong: ", text),
    });
    let lines: Vec<El> =
        points.chain(unknowns.into_iter().map(|t| line(Glyph::Unknown, "text-ink-3", "Not known: ", t))).collect();
    let by = span("text-ink-3").put(format!("by {}", wizard.upstream())).put(at).put(format!(", {took_ms} ms"));
    parts([el("p").put(state(sign)).put(" ").put(by), el("ul").class("grid gap-1.5 mt-3").put(lines)])
}

/// Why the last attempt to save came to nothing. Field errors stand among the findings.
fn failed(wizard: Wizard) -> Part {
    live(move || {
        wizard.failed.get().filter(|e| e.conflict.is_none()).map(|error| {
            let sign_in = (error.kind == ErrorKind::SignedOut).then(|| {
                p("acts mt-2")
                    .put(
                        el("a")
                            .class("btn")
                            .attr("href", paths::SIGN_IN)
                            .attr("target", "_blank")
                            .put("Sign in in another tab"),
                    )
                    .put(span("help").put("What you typed stays here; save again afterwards."))
            });
            div("mt-4").id("failed").attr("tabindex", "-1").put(problem(error)).put(sign_in)
        })
    })
}

fn findings(wizard: Wizard) -> Part {
    let notes = move || good(wizard).map(|p| p.notes).unwrap_or_default();
    let refused = move || good(wizard).and_then(|p| p.dry_run).is_some_and(|run| !run.accepted);
    let tally = move || {
        let (stops, notes) = (wizard.stops().len() as u64, notes().len() as u64);
        let notes = if notes == 0 { String::new() } else { format!(", {}", words::plural(notes, "note", "notes")) };
        format!("{}{notes}", words::plural(stops, "problem", "problems"))
    };
    let list = move |heading: &'static str, of: Vec<Part>| {
        (!of.is_empty()).then(|| parts([el("h3").class("group-h").put(heading), el("ul").put(of)]))
    };
    let stops = move || {
        let stops: Vec<Part> = wizard.stops().into_iter().map(|e| finding(wizard, e, Tone::Bad)).collect();
        list("Settle this first", stops)
            .unwrap_or_else(|| p("panel-body").put(state(Sign::new(Tone::Good, Glyph::Ok, "Nothing stops it"))).into())
    };
    let warnings = move || {
        let up = wizard.upstream();
        let what =
            format!("{up} refuses it in the dry run. Saved all the same, it is tried again until {up} takes it.");
        let sign = Sign::new(Tone::Warn, Glyph::Warn, "Warning");
        let warnings = refused().then(|| need(sign, None, what, None, None));
        list("Warnings, you may go on", warnings.into_iter().collect())
    };
    let told = move || list("Notes", notes().into_iter().map(|e| finding(wizard, e, Tone::Mute)).collect());
    el("section")
        .class("panel mt-5")
        .attr("aria-labelledby", "findings")
        .id("what-is-wrong")
        .attr("tabindex", "-1")
        .put(
            div("panel-head")
                .put(el("h2").id("findings").put("What is wrong"))
                .put(p("note").attr("role", "status").put(live(tally))),
        )
        .put(live(stops))
        .put(live(warnings))
        .put(live(told))
        .into()
}

/// One finding, with the way to the field that it is about.
fn finding(wizard: Wizard, error: FieldError, tone: Tone) -> Part {
    let step = Step::of(&error.path);
    let word = if tone == Tone::Bad { "Problem" } else { "Note" };
    let path = error.path.clone();
    let jump = (step != Step::Review && wizard.steps.with_untracked(|s| s.contains(&step)))
        .then(|| button(format!("Go to {}", step.title())).small().press(move || wizard.jump(&path)));
    need(Sign::new(tone, tone.glyph(), word), None, error.sentence, None, jump)
}

/// Said beside the sending button while the upstream does not answer.
pub fn silent_note(wizard: Wizard) -> Option<El> {
    wizard.connection.with(|c| c.as_ref().is_some_and(|c| c.health.is_silent())).then(|| {
        let note = format!("{} does not answer. What is saved is applied when it does.", wizard.upstream());
        callout(Tone::Mute, Glyph::Silent, None, None, el("p").put(note))
    })
}
