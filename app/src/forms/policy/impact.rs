//! What saving would do, as the server sees it now.

use super::state::Form;
use crate::{
    paths,
    ui::{
        Glyph, Sign, Tone, button, need,
        part::{Part, div, el, live, p, parts, span},
        problem, words,
    },
};
use model::view::PolicyImpact;

/// The panel with the buttons in its foot. `used_by`: definitions that follow the policy as it is saved.
pub fn impact(form: Form, used_by: u64, acts: Part) -> Part {
    let changes = form.changes();
    let note = match used_by {
        _ if !changes => String::new(),
        0 => "nothing follows it".into(),
        n => words::plural(n, "definition follows it", "definitions follow it"),
    };
    let said = move || form.impact.with(|i| summary(i.as_ref(), form.same(), changes));
    let body = move || match form.impact.get() {
        _ if form.same() => Part::default(),
        Some(impact) => lines(form, impact, changes),
        None => Part::default(),
    };
    let failed = move || {
        form.failed.get().map(|error| {
            let again = button("Ask again").small().press(move || {
                form.failed.set(None);
                form.ask(form.draft.get_untracked());
            });
            div("panel-body grid gap-2").put(problem(error)).put(p("").put(again))
        })
    };
    let title = if changes { "If you save" } else { "If you create it" };
    el("section")
        .class("panel min-w-0")
        .attr("aria-labelledby", "if-saved")
        .put(div("panel-head").put(el("h2").id("if-saved").put(title)).put(p("note").put(note)))
        .put(
            div("")
                .live("aria-busy", move || form.stale.get().then_some("true"))
                .put(p("px-4 py-3").attr("role", "status").put(live(said)))
                .put(live(body)),
        )
        .put(live(failed))
        .put(acts)
        .into()
}

/// The one line that is read aloud when it changes.
fn summary(impact: Option<&PolicyImpact>, same: bool, changes: bool) -> String {
    let Some(impact) = impact else { return "Asking what it would do …".into() };
    let mut said = at_once(impact, same, changes);
    if !same && impact.errors.is_empty() && impact.waits > 0 {
        if impact.takes == 0 && impact.refuses.is_empty() {
            said.clear();
        } else {
            said.push(' ');
        }
        said.push_str(&words::plural(impact.waits, "definition waits", "definitions wait"));
        said.push_str(" for a person first: changed or deleted upstream.");
    }
    said
}

fn at_once(impact: &PolicyImpact, same: bool, changes: bool) -> String {
    let definitions = |n: u64| words::plural(n, "definition", "definitions");
    match (impact.errors.len() as u64, impact.takes, impact.refuses.len() as u64) {
        _ if same => "Nothing is changed yet.".into(),
        (n, ..) if n > 0 => format!("{} to be settled first.", words::plural(n, "field is", "fields are")),
        (_, 0, 0) if changes => "Nothing follows it: no definition changes.".into(),
        (_, 0, 0) => "No definition changes: one follows it when you choose it in the wizard.".into(),
        (_, takes, 0) => {
            format!(
                "{} it over, each as its next version.",
                words::plural(takes, "definition takes", "definitions take")
            )
        }
        (_, 0, refuses) => {
            format!("{} take it over.", words::plural(refuses, "definition cannot", "definitions cannot"))
        }
        (_, takes, refuses) => {
            format!(
                "{} it over, {} not.",
                words::plural(takes, "definition takes", "definitions take"),
                definitions(refuses)
            )
        }
    }
}

fn lines(form: Form, impact: PolicyImpact, changes: bool) -> Part {
    if !impact.errors.is_empty() {
        // Before the first attempt each is told at its field once that was left.
        let told = form.tried.get();
        let line = |error: model::FieldError| {
            let control = form.control(&error.path);
            let there = button("Go there").small().press(move || crate::wizard::browser::focus(Some(control.clone())));
            need(Sign::new(Tone::Bad, Glyph::Failed, "Wrong"), None, error.sentence, None, Some(there))
        };
        let all: Vec<Part> = impact.errors.into_iter().filter(|_| told).map(line).collect();
        return if all.is_empty() { Part::default() } else { el("ul").class("border-t border-line").put(all).into() };
    }
    let stays = || span("").put("It stays at the version that it has.").into();
    let refused = impact.refuses.into_iter().map(|(id, name, why)| {
        let link = el("a").class("row-name").attr("href", paths::definition(&id)).put(name).into();
        need(Sign::new(Tone::Warn, Glyph::AtRisk, "Cannot"), Some(link), why.join(" "), Some(stays()), None)
    });
    let refused: Vec<Part> = refused.collect();
    let kept = (changes && impact.takes + impact.waits > 0).then(|| {
        need(
            Sign::new(Tone::Mute, Glyph::Info, "Mind"),
            None,
            "A shorter age or a smaller number may delete recovery points that exist, where a system counts at its next run.".into(),
            None,
            None,
        )
    });
    if refused.is_empty() && kept.is_none() {
        return Part::default();
    }
    el("ul").class("border-t border-line").put(parts(refused)).put(kept).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_happens() {
        let of = |takes: u64, refuses: usize| PolicyImpact {
            takes,
            refuses: (0..refuses).map(|n| (format!("d{n}").into(), format!("d{n}"), vec!["No.".into()])).collect(),
            ..PolicyImpact::default()
        };
        let said = |impact: &PolicyImpact| summary(Some(impact), false, true);
        assert_eq!(said(&of(1, 0)), "1 definition takes it over, each as its next version.");
        assert_eq!(said(&of(3, 1)), "3 definitions take it over, 1 definition not.");
        assert_eq!(said(&of(0, 2)), "2 definitions cannot take it over.");
        assert_eq!(said(&of(0, 0)), "Nothing follows it: no definition changes.");
        assert!(summary(Some(&of(0, 0)), false, false).contains("wizard"));
        assert_eq!(summary(Some(&of(3, 0)), true, true), "Nothing is changed yet.");
        assert!(summary(None, false, true).starts_with("Asking"));
        let waiting = |takes: u64, waits: u64| said(&PolicyImpact { waits, ..of(takes, 0) });
        let one = "1 definition waits for a person first: changed or deleted upstream.";
        assert_eq!(waiting(2, 1), format!("2 definitions take it over, each as its next version. {one}"));
        assert_eq!(waiting(0, 1), one);
        let mut wrong = PolicyImpact { waits: 1, ..of(3, 0) };
        wrong.errors = model::Invalid::one("name", "required", "Give it a name.").0;
        assert_eq!(said(&wrong), "1 field is to be settled first.");
    }
}
