//! A test, step by step: what was seen, where it stopped and what to do.

use super::{Form, Tested};
use crate::ui::{
    Glyph, Sign, Told, Tone, Written, icon_in,
    part::{El, Part, div, el, live, p, parts, span},
    problem, state, time, words,
};
use model::{
    connection::{CheckOutcome, CheckReport, CheckStep, SystemForm},
    location::{Location, LocationState},
};

pub fn report(form: Form) -> Part {
    let summed = move || form.tested.with(|t| t.as_ref().map(summary));
    let aloud = move || if form.testing.get() { Some("Testing.".to_owned()) } else { summed() };
    let note = move || match form.testing.get() {
        true => "under way …".to_owned(),
        false => summed().unwrap_or_else(|| "not tried yet".to_owned()),
    };
    let shown = move || match form.tested.get() {
        None => form.by_system(|system| p("help").put(system.tests).into()),
        Some(Tested { answer: Err(error), .. }) => problem(error),
        Some(Tested { answer: Ok(report), draft }) => steps(report, form.system(&draft.system)),
    };
    el("section")
        .class("min-w-0 p-4 border-t lg:border-t-0 lg:border-l border-line")
        .attr("aria-labelledby", "test-h")
        .put(p("sr-only").attr("role", "status").put(live(aloud)))
        .put(div("sec-head").put(el("h2").id("test-h").put("Test")).put(p("note").put(live(note))))
        .put(live(shown))
        .into()
}

/// "stopped at step 3 of 6", "all 6 steps passed".
fn summary(tested: &Tested) -> String {
    let Ok(report) = &tested.answer else { return "The test could not be made.".into() };
    let all = report.steps.len();
    match report.steps.iter().position(|s| s.outcome == CheckOutcome::Bad) {
        Some(i) => format!("stopped at step {} of {all}", i + 1),
        None if report.passed() => {
            let warned = report.steps.iter().filter(|s| s.outcome == CheckOutcome::Warning).count();
            match warned {
                0 => format!("all {all} steps passed"),
                n => format!("passed, with {}", words::plural(n as u64, "warning", "warnings")),
            }
        }
        None => "not finished".into(),
    }
}

/// `system`: the one that was tested.
fn steps(report: CheckReport, system: Option<SystemForm>) -> Part {
    let (word, guide) = system.map(|s| (s.kind.word(), s.guide.text)).unwrap_or_default();
    let seen: Vec<String> =
        [report.version.map(|v| format!("{word} {v}")), report.platform].into_iter().flatten().collect();
    let locations = (!report.locations.is_empty()).then(|| {
        parts([
            el("h3").class("mt-4 mb-1").put("Storage locations"),
            el("ul").class("list").put(report.locations.into_iter().map(location).collect::<Vec<_>>()),
        ])
    });
    let right =
        |right: String| el("li").class("opt").put(icon_in(Glyph::Failed, "text-bad")).put(el("code").put(right));
    let rights = (!report.missing_rights.is_empty()).then(|| {
        parts([
            el("h3").class("mt-4 mb-1").put("Rights that are missing"),
            el("ul").class("grid gap-1").put(report.missing_rights.into_iter().map(right).collect::<Vec<_>>()),
            p("help mt-2").put("Give them to the account of this credential. ").put(guide),
        ])
    });
    parts([
        report.at.map(|at| p("note mb-3").put(time(at, None, Told::Written(Written::Full)))).into(),
        el("ol").class("grid gap-3 min-w-0").put(report.steps.into_iter().map(step).collect::<Vec<_>>()).into(),
        (!seen.is_empty()).then(|| p("mt-4").put(seen.join(", "))).into(),
        Part::from(locations),
        rights.into(),
    ])
}

fn step(step: CheckStep) -> El {
    let (glyph, class, said) = match step.outcome {
        CheckOutcome::Good => (Glyph::Check, "text-good", "Good: "),
        CheckOutcome::Warning => (Glyph::Warn, "text-warn", "Warning: "),
        CheckOutcome::Bad => (Glyph::Failed, "text-bad", "Failed: "),
        CheckOutcome::NotTried => (Glyph::Queued, "text-ink-3", "Not tried: "),
    };
    let some = |text: String| (!text.is_empty()).then_some(text);
    let said = span("sr-only").put(said);
    let body = match step.outcome {
        CheckOutcome::Good => div("").put(said).put(step.title).put(some(step.detail).map(|d| span("sub").put(d))),
        CheckOutcome::NotTried => div("text-ink-3").put(said).put(step.title).put(span("sub").put("not tried")),
        CheckOutcome::Warning | CheckOutcome::Bad => div("")
            .put(said)
            .put(el("b").put(step.title))
            .put(some(step.detail).map(|d| p("mt-1").put(d)))
            .put(some(step.remedy).map(|r| p("todo mt-2").put(r))),
    };
    el("li").class("opt").put(icon_in(glyph, class)).put(body)
}

fn location(location: Location) -> El {
    let why = location.why_not();
    let sign = match (&location.state, &why) {
        (LocationState::Available, None) => Sign::new(Tone::Good, Glyph::Ok, "Available"),
        (LocationState::Available, Some(_)) => Sign::new(Tone::Warn, Glyph::Lock, "Read-only"),
        (LocationState::Unavailable, _) => Sign::new(Tone::Bad, Glyph::Failed, "Unavailable"),
        (LocationState::NotChecked, _) => Sign::new(Tone::Mute, Glyph::Queued, "Not checked yet"),
        (LocationState::Unknown(word), _) => {
            let mut sign = Sign::new(Tone::Mute, Glyph::Unknown, "Unknown");
            sign.raw = Some(word.clone());
            sign
        }
    };
    let default = if location.is_default { ", the default" } else { "" };
    let about = div("").put(location.name).put(default).put(span("sub").put(why.unwrap_or(location.place)));
    el("li").put(icon_in(Glyph::Disk, "text-ink-3")).put(about).put(state(sign))
}
