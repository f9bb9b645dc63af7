//! How long recovery points are kept: by age and by number, as far as the upstream can.

use super::state::Wizard;
use crate::ui::{
    Answer, field, framed, options,
    part::{Act, Part, Said, div, el},
    plain_input,
};
use leptos::prelude::*;
use model::{
    capability::{Capabilities, Support},
    draft::DefinitionDraft,
    duration::Unit,
    time::civil,
};
use std::sync::Arc;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// "12 Dec 2026" of a moment, in UTC: a day more or less does not matter for a date this far away.
fn date(ms: i64) -> String {
    let (y, m, d) = civil(ms.div_euclid(86_400_000));
    let month = MONTHS.get(m.saturating_sub(1) as usize).unwrap_or(&"");
    format!("{d} {month} {y}")
}

/// What an age means for a recovery point that is made today.
fn meaning(keep_for: &str, unit: Unit, today: Option<i64>) -> String {
    let text = keep_for.trim();
    if text.is_empty() {
        return "Empty means the system's own default.".into();
    }
    let span = text
        .parse::<i64>()
        .ok()
        .filter(|n| *n > 0)
        .and_then(|n| n.checked_mul(i64::try_from(unit.seconds()).ok()?)?.checked_mul(1000));
    match (span, today) {
        (Some(span), Some(today)) if span < 100 * 366 * 86_400_000 => {
            format!("One made today is kept until about {}. The last good one expires too.", date(today + span))
        }
        _ => "The last good one expires too.".into(),
    }
}

pub fn retention(wizard: Wizard, can: &Capabilities) -> Part {
    let note = can.keep_for.text().to_owned();
    let meant = move || {
        let meant = wizard.draft.with(|d| meaning(&d.keep_for, d.keep_unit, wizard.today.get()));
        Some(if note.is_empty() { meant } else { format!("{meant} {note}") })
    };
    let off = can.keep_for.why_not().map(str::to_owned);
    let age = Age {
        path: "keep_for".into(),
        label: "Keep each recovery point for",
        help: off.clone().map_or_else(|| Said::live(meant), Said::from),
        off: off.is_some(),
        read: Arc::new(|d| (d.keep_for.clone(), d.keep_unit)),
        write: Arc::new(|d, text, unit| (d.keep_for, d.keep_unit) = (text, unit)),
    };
    let number = |id: &'static str, label, help, support: &Support, read: Read, write: Write| {
        let said = if support.text().is_empty() { help } else { support.text() };
        field(id, label)
            .class("max-w-64")
            .numeric()
            .autocomplete("off")
            .off(support.why_not().map(str::to_owned))
            .help(said.to_owned())
            .value(wizard.text(read))
            .error(wizard.error(id))
            .typed(move |text| wizard.edit(id, |d| *write(d) = text))
            .left(move || wizard.leave(id))
            .text()
    };
    div("grid gap-4 sm:grid-cols-2")
        .put(age.drawn(wizard))
        .put(number(
            "keep_last",
            "Keep at most the newest",
            "Older ones go first. Empty does not limit by number.",
            &can.keep_last,
            |d| &d.keep_last,
            |d| &mut d.keep_last,
        ))
        .put(number(
            "keep_at_least",
            "Always keep the newest",
            "So many stay whatever their age. Empty: none.",
            &can.keep_at_least,
            |d| &d.keep_at_least,
            |d| &mut d.keep_at_least,
        ))
        .put(number(
            "keep_snapshots",
            "Snapshots beside the copies",
            "So many stay in the storage system. Empty means the system's own default.",
            &can.keep_snapshots,
            |d| &d.keep_snapshots,
            |d| &mut d.keep_snapshots,
        ))
        .into()
}

type Read = fn(&DefinitionDraft) -> &String;
type Write = fn(&mut DefinitionDraft) -> &mut String;

/// A number with its unit, of the wizard's draft.
pub struct Age {
    pub path: String,
    pub label: &'static str,
    pub help: Said,
    pub off: bool,
    pub read: Arc<dyn Fn(&DefinitionDraft) -> (String, Unit) + Send + Sync>,
    pub write: Arc<dyn Fn(&mut DefinitionDraft, String, Unit) + Send + Sync>,
}

impl Age {
    pub fn drawn(self, wizard: Wizard) -> Part {
        let Self { path, label, help, off, read, write } = self;
        let left = path.clone();
        Aged {
            id: path.replace('.', "-"),
            label,
            help,
            off,
            error: wizard.error(path.clone()),
            now: Arc::new(move || wizard.draft.with(|d| read(d))),
            write: Arc::new(move |(text, unit)| wizard.edit(&path, |d| write(d, text, unit))),
            left: Arc::new(move |()| wizard.leave(&left)),
        }
        .drawn()
    }
}

/// A number with its unit.
pub struct Aged {
    pub id: String,
    pub label: &'static str,
    pub help: Said,
    pub off: bool,
    pub error: Said,
    pub now: Arc<dyn Fn() -> (String, Unit) + Send + Sync>,
    pub write: Act<(String, Unit)>,
    pub left: Act<()>,
}

impl Aged {
    pub fn drawn(self) -> Part {
        let Self { id, label, help, off, error, now, write, left } = self;
        let (text, of, typed) = (now.clone(), now.clone(), write.clone());
        let number = plain_input(
            id.clone(),
            move || text().0,
            move |text| typed((text, untrack(|| of()).1)),
            error.clone(),
            help.clone(),
        )
        .attr("inputmode", "numeric")
        .attr("disabled", off)
        .on("blur", move |_| left(()));
        let units = [Unit::Hours, Unit::Days, Unit::Weeks].map(|u| Answer::new(u.word(), u.word())).into();
        let of = now.clone();
        let unit = el("select")
            .attr("aria-label", "Unit of the age")
            .attr("disabled", off)
            .put(options(units, Said::live(move || Some(of().1.word().to_owned()))))
            .on("change", move |event| {
                if let Some(unit) = Unit::from_word(&event_target_value(&event)) {
                    write((now().0, unit));
                }
            });
        framed(id, label, false, "", div("unit").put(number).put(unit), error, help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_mean_dates() {
        // 2026-10-29
        let today = Some(1_793_259_699_000);
        assert!(meaning("14", Unit::Days, today).contains("12 Nov 2026"));
        assert!(meaning("2", Unit::Weeks, today).contains("12 Nov 2026"));
        assert!(meaning("", Unit::Days, today).contains("own default"));
        for odd in ["x", "0", "-3", "9223372036854775807"] {
            assert!(!meaning(odd, Unit::Weeks, today).contains("until"), "{odd}");
        }
        assert!(!meaning("14", Unit::Days, None).contains("until"));
    }
}
