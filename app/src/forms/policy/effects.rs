//! What each connected system gets from a policy, or why it can't.

use crate::ui::{
    Glyph, Sign, Tone, icon,
    part::{Part, div, el, p, parts, span},
    state, system_glyph, td, th, words,
};
use model::view::{Effect, Outcome};

/// The table under its heading. No system: a sentence.
pub fn table(effects: Vec<Effect>) -> Part {
    let inside: Part = if effects.is_empty() {
        p("help")
            .put("This shows once it is known: for each sort of system that is connected, what it would get.")
            .into()
    } else {
        let head = parts(["System", "Can it", "What it gets", "Mind"].map(th));
        let table = el("table")
            .class("tbl tbl-stack")
            .put(el("caption").class("sr-only").put("What each system gets"))
            .put(el("thead").put(el("tr").put(head)))
            .put(el("tbody").put(parts(effects.into_iter().map(row))));
        div("panel panel-table").put(table).into()
    };
    el("section")
        .class("sec")
        .id("effects")
        .attr("aria-labelledby", "effects-h")
        .put(div("sec-head").put(el("h2").id("effects-h").put("What each system gets")))
        .put(inside)
        .into()
}

/// The sign of what a system makes of a policy. What it can is not what is protected: no green.
pub fn sign(outcome: &Outcome) -> Sign {
    match outcome {
        Outcome::Gets { tiers, .. } => {
            let word = words::plural(tiers.len() as u64, "schedule", "schedules");
            Sign::new(Tone::Mute, Glyph::Check, word)
        }
        Outcome::Cannot(_) => Sign::new(Tone::Mute, Glyph::Cancelled, "Cannot"),
    }
}

fn row(effect: Effect) -> Part {
    let sign = sign(&effect.outcome);
    let title = if effect.title.is_empty() { effect.kind.word().to_owned() } else { effect.title };
    let (gets, mind) = match effect.outcome {
        Outcome::Gets { tiers, mind } => (tiers, mind),
        Outcome::Cannot(why) => (Vec::new(), why),
    };
    let none =
        gets.is_empty().then(|| parts([span("sr-only").put("nothing"), span("").attr("aria-hidden", "true").put("—")]));
    let lines = parts(gets.into_iter().map(|line| span("block").put(line)));
    let name = span("row-name system").put(icon(system_glyph(effect.kind))).put(title);
    el("tr")
        .put(el("th").attr("scope", "row").put(name))
        .put(td("Can it", state(sign)))
        .put(td("What it gets", parts([none.into(), lines])).class("wide"))
        .put(td("Mind", (!mind.is_empty()).then(|| span("text-ink-2").put(mind.join(" ")))).class("wide"))
        .into()
}
