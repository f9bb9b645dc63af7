//! Further schedules of one definition, each with a retention of its own, where the upstream keeps several.

use super::{
    labels::{place, places},
    retention::Age,
    state::Wizard,
};
use crate::ui::{
    Glyph, Weight, button, field,
    part::{Part, Said, div, each, p, parts},
    problem_of, question,
};
use model::{
    cron,
    draft::{DefinitionDraft, TierDraft},
};
use std::sync::Arc;

pub fn tiers(wizard: Wizard) -> Part {
    let rows = move || places(wizard.draft.with(|d| d.further.len()));
    let add = move || wizard.edit("further", |d| d.further.push(TierDraft::default()));
    question(
        "",
        "Further schedules",
        "Each runs beside the first one, in the same zone, and keeps its own recovery points.",
        parts([
            each(rows, move |at| tier(wizard, place(at))),
            p("mt-2").put(button("Add a schedule").small().icon(Glyph::Plus).press(add)).into(),
            problem_of("further", wizard.error("further")),
        ]),
    )
}

fn with(draft: &mut DefinitionDraft, at: usize, change: impl FnOnce(&mut TierDraft)) {
    if let Some(tier) = draft.further.get_mut(at) {
        change(tier);
    }
}

fn tier(wizard: Wizard, at: usize) -> Part {
    let read = move |of: fn(&TierDraft) -> &String| {
        Said::live(move || wizard.draft.with(|d| d.further.get(at).map(|tier| of(tier).clone())))
    };
    let text = |name: &str, label, value: Said, help: Said, write: fn(&mut TierDraft) -> &mut String| {
        let path = format!("further.{at}.{name}");
        let (edited, left) = (path.clone(), path.clone());
        field(path.replace('.', "-"), label)
            .autocomplete("off")
            .value(value)
            .error(wizard.error(path))
            .help(help)
            .typed(move |text| wizard.edit(&edited, |d| with(d, at, |tier| *write(tier) = text)))
            .left(move || wizard.leave(&left))
            .text()
    };
    let words = move || {
        let cron = wizard.draft.with(|d| d.further.get(at).map(|tier| tier.cron.clone())).unwrap_or_default();
        Some(match cron::parse(&cron) {
            Ok(_) => format!("{}.", cron::words(&cron)),
            Err(_) => "Minute, hour, day, month, weekday.".into(),
        })
    };
    let age = Age {
        path: format!("further.{at}.keep_for"),
        label: "Keep for",
        help: Said::Never,
        off: false,
        read: Arc::new(move |d| d.further.get(at).map(|t| (t.keep_for.clone(), t.keep_unit)).unwrap_or_default()),
        write: Arc::new(move |d, text, unit| with(d, at, |t| (t.keep_for, t.keep_unit) = (text, unit))),
    };
    let remove = move || {
        wizard.edit("further", |d| {
            if at < d.further.len() {
                d.further.remove(at);
            }
        });
    };
    let name = format!("Further schedule {}", at + 1);
    div("panel p-3 mt-2 grid gap-3 sm:grid-cols-3")
        .attr("role", "group")
        .attr("aria-label", name.clone())
        .put(text("cron", "As cron text", read(|t| &t.cron), Said::live(words), |t| &mut t.cron))
        .put(age.drawn(wizard))
        .put(text("keep_last", "Keep at most", read(|t| &t.keep_last), Said::Never, |t| &mut t.keep_last))
        .put(
            p("")
                .put(button(format!("Remove further schedule {}", at + 1)).small().weight(Weight::Quiet).press(remove)),
        )
        .into()
}
