//! When something repeats: a preset in a few controls, which write the cron text. The wizard's schedule and each tier of a
//! policy ask so.

use super::preset::{DAYS, LAST_DAY, Preset, STEPS};
use crate::ui::{
    Answer, Field, Slot, field,
    part::{Act, Part, Said, div, p, parts, switch},
};
use leptos::prelude::untrack;
use model::cron;
use std::sync::Arc;

/// A cron text that is edited.
pub struct Rhythm {
    /// What the ids of its controls begin with; empty where there is one rhythm on the page.
    pub prefix: String,
    /// The text now.
    pub now: Arc<dyn Fn() -> String + Send + Sync>,
    pub write: Act<String>,
    /// What is wrong with it.
    pub error: Said,
    /// The focus left the text.
    pub left: Act<()>,
    /// Whether the text itself is always shown, or only where no preset says the same.
    pub text: bool,
}

impl Rhythm {
    pub fn drawn(self) -> Part {
        let Self { prefix, now, write, error, left, text } = self;
        let id = move |name: &str| format!("{prefix}{name}");
        let first = untrack(|| now());
        // "By cron text" is a choice of its own even while the text happens to be one of the presets.
        let by_hand = Slot::new(!first.is_empty() && Preset::read(&first) == Preset::Custom);
        let of = now.clone();
        let read = move || Preset::read(&of());
        let of = read.clone();
        let shown = move || if by_hand.get() { Preset::Custom } else { of() };
        let to = write.clone();
        let set = move |preset: Preset| {
            by_hand.set(preset == Preset::Custom);
            if let Some(cron) = preset.cron() {
                to(cron);
            }
        };
        let (kind, of, choose) = (shown.clone(), read.clone(), set.clone());
        let repeats = field(id("preset"), "Repeats")
            .value(Said::live(move || Some(kind().key().to_owned())))
            .typed(move |text| choose(Preset::of_kind(&text, untrack(&of))))
            .error(if text { Said::Never } else { error.clone() })
            .select(Preset::KINDS.map(|(key, word)| Answer::new(key, word)).into());
        let (of, choose) = (read.clone(), set.clone());
        // A field of the preset: what it shows, and the preset that a text makes of it.
        let part = move |made: Field, say: fn(Preset) -> Option<String>, take: fn(Preset, &str) -> Preset| {
            let (now, old, choose) = (of.clone(), of.clone(), choose.clone());
            made.autocomplete("off").value(Said::live(move || say(now()))).typed(move |text| {
                let old = untrack(&old);
                let new = take(old, &text);
                if new != old {
                    choose(new);
                }
            })
        };
        let numbered = |preset: Preset| preset.number().map(|n| n.to_string());
        let number = |preset: Preset, text: &str| text.trim().parse().map_or(preset, |n| preset.with(n));
        let (name, draw) = (id.clone(), part.clone());
        let day = move |kind: &str| match kind {
            "weekly" => draw(field(name("preset-day"), "On"), numbered, number)
                .select(DAYS.iter().enumerate().map(|(i, day)| Answer::new(i.to_string(), *day)).collect()),
            "monthly" => draw(field(name("preset-day"), "On day"), numbered, number)
                .select((1..=LAST_DAY).map(|day| Answer::new(day.to_string(), day.to_string())).collect()),
            "hours" => draw(field(name("preset-step"), "Hours apart"), numbered, number)
                .select(STEPS.map(|step| Answer::new(step.to_string(), step.to_string())).into()),
            _ => Part::default(),
        };
        let (name, draw, kind) = (id.clone(), part, shown.clone());
        let at = switch(
            move || (kind().time().is_some(), kind().minute().is_some()),
            move |(timed, minute)| {
                if timed {
                    draw(field(name("preset-time"), "At").kind("time"), Preset::time, Preset::at).text()
                } else if minute {
                    let take = |preset: Preset, text: &str| text.trim().parse().map_or(preset, |m| preset.at_minute(m));
                    draw(
                        field(name("preset-minute"), "At minute").kind("number"),
                        |p| p.minute().map(|m| m.to_string()),
                        take,
                    )
                    .text()
                } else {
                    Part::default()
                }
            },
        );
        let kind = shown.clone();
        let cron = move || {
            let (now, write, left) = (now.clone(), write.clone(), left.clone());
            field(id("cron"), "As cron text")
                .input_class("font-mono")
                .autocomplete("off")
                .value(Said::live(move || Some(now())))
                .error(if text { error.clone() } else { Said::Never })
                .help("Minute, hour, day, month, weekday; also @daily and its kin, and @every 12h.")
                .typed(move |text| {
                    // First: a pasted preset must not take the field away from under the hand.
                    by_hand.set(true);
                    write(text);
                })
                .left(move || left(()))
                .text()
        };
        let typed = if text { cron() } else { switch(move || shown() == Preset::Custom, move |by| by.then(&cron)) };
        parts([
            div("grid gap-3 sm:grid-cols-2").put(repeats).put(switch(move || kind().key(), day)).put(at).into(),
            typed,
        ])
    }
}

/// A cron text in words, as a sentence; nothing while it is none.
pub fn in_words(now: impl Fn() -> String + Send + Sync + 'static) -> Part {
    let said = move || {
        let text = now();
        cron::parse(&text).is_ok().then(|| format!("{}.", cron::words(&text)))
    };
    p("text-md").attr("aria-live", "polite").put(crate::ui::part::live(said)).into()
}
