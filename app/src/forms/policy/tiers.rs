//! The tiers of a policy, a row each: when, and how long what is then made is kept.

use super::state::Form;
use crate::{
    ui::{
        Glyph, Slot, Weight, button, field,
        part::{Part, Said, div, each, el, follow, live, p, parts},
        problem_of, question,
    },
    wizard::{
        browser,
        preset::Preset,
        retention::Aged,
        rhythm::{Rhythm, in_words},
    },
};
use model::{
    duration::Unit,
    policy::{PolicyDraft, PolicyTierDraft},
};
use std::sync::Arc;

/// The id of a tier's control. Its cron text may not be shown; the preset always is.
pub fn control(row: u32, name: &str) -> String {
    format!("tier{row}-{}", if name == "cron" { "preset" } else { name })
}

/// A further tier behind so many: nightly, weekly, monthly, each at another hour, then one that says nothing yet.
pub fn another(behind: usize) -> PolicyTierDraft {
    let (preset, keep_for, keep_unit) = match behind {
        0 => (Preset::Daily { hour: 2, minute: 30 }, "14", Unit::Days),
        1 => (Preset::Weekly { day: 0, hour: 3, minute: 30 }, "8", Unit::Weeks),
        2 => (Preset::Monthly { day: 1, hour: 4, minute: 30 }, "52", Unit::Weeks),
        _ => (Preset::Custom, "", Unit::Days),
    };
    let cron = preset.cron().unwrap_or_default();
    PolicyTierDraft { cron, keep_for: keep_for.into(), keep_unit, ..PolicyTierDraft::default() }
}

pub fn tiers(form: Form) -> Part {
    let rows = move || form.rows.with(|rows| rows.iter().map(u32::to_string).collect());
    let add = move || {
        let row = form.next_row();
        form.rows.update(|rows| rows.push(row));
        form.edit("tiers", |d| d.tiers.push(another(d.tiers.len())));
        browser::focus(Some(control(row, "cron")));
    };
    let list = div("grid gap-3")
        .id("tiers")
        .attr("tabindex", "-1")
        .put(each(rows, move |key| key.parse().ok().map(|row| one(form, row)).into()));
    question(
        "",
        "Tiers",
        "Each runs by itself and keeps its own recovery points, all in one zone.",
        parts([
            list.into(),
            problem_of("tiers", form.error("tiers")),
            p("mt-3").put(button("Add a tier").small().icon(Glyph::Plus).press(add)).into(),
        ]),
    )
}

/// A field of one tier.
#[derive(Clone, Copy)]
struct Of {
    form: Form,
    row: u32,
}

impl Of {
    fn at(self) -> Option<usize> {
        self.form.place(self.row)
    }

    fn path(self, name: &str) -> String {
        format!("tiers.{}.{name}", self.at().unwrap_or_default())
    }

    fn read<T: Default>(self, of: impl FnOnce(&PolicyTierDraft) -> T) -> T {
        let at = self.at();
        self.form.draft.with(|d| at.and_then(|at| d.tiers.get(at)).map(of)).unwrap_or_default()
    }

    fn edit(self, name: &str, change: impl FnOnce(&mut PolicyTierDraft)) {
        let at = self.at();
        self.form.edit(&self.path(name), |d: &mut PolicyDraft| {
            if let Some(tier) = at.and_then(|at| d.tiers.get_mut(at)) {
                change(tier);
            }
        });
    }

    fn error(self, name: &'static str) -> Said {
        Said::live(move || self.form.wrong(&self.path(name)))
    }

    fn leave(self, name: &str) {
        self.form.leave(&self.path(name));
    }

    fn remove(self) {
        let Some(at) = self.at() else { return };
        // Fields that come behind it have other paths from now on.
        self.form.touched.update(|t| t.retain(|path| !path.starts_with("tiers.")));
        self.form.rows.update(|rows| rows.retain(|row| *row != self.row));
        self.form.edit("tiers", |d| {
            if at < d.tiers.len() {
                d.tiers.remove(at);
            }
        });
        browser::focus(Some("tiers".into()));
    }
}

fn one(form: Form, row: u32) -> Part {
    let of = Of { form, row };
    let name = move || format!("Tier {}", of.at().unwrap_or_default() + 1);
    let cron = move || of.read(|t| t.cron.clone());
    let rhythm = Rhythm {
        prefix: format!("tier{row}-"),
        now: Arc::new(cron),
        write: Arc::new(move |text| of.edit("cron", |t| t.cron = text)),
        error: of.error("cron"),
        left: Arc::new(move |()| of.leave("cron")),
        text: false,
    };
    let age = Aged {
        id: control(row, "keep_for"),
        label: "Keep for",
        help: Said::Never,
        off: false,
        error: of.error("keep_for"),
        now: Arc::new(move || of.read(|t| (t.keep_for.clone(), t.keep_unit))),
        write: Arc::new(move |(text, unit)| of.edit("keep_for", |t| (t.keep_for, t.keep_unit) = (text, unit))),
        left: Arc::new(move |()| of.leave("keep_for")),
    };
    let head = div("flex flex-wrap items-baseline justify-between gap-x-3").put(el("h3").put(live(name))).put(
        button(live(move || format!("Remove {}", name().to_ascii_lowercase())))
            .small()
            .weight(Weight::Quiet)
            .press(move || of.remove()),
    );
    div("panel p-3 grid gap-3 min-w-0")
        .attr("role", "group")
        .live("aria-label", name)
        .put(head)
        .put(rhythm.drawn())
        .put(in_words(cron))
        .put(div("grid gap-3 sm:grid-cols-2").put(age.drawn()).put(number(
            of,
            "keep_last",
            "Keep at most the newest",
            "Beside the age, or instead of it, for systems that count.",
            |t| &mut t.keep_last,
        )))
        .put(more(of))
        .into()
}

/// What few systems know. It opens by itself where something is set, or wrong.
fn more(of: Of) -> Part {
    let given = of.read(|t| !t.keep_at_least.is_empty() || !t.keep_snapshots.is_empty());
    let open = Slot::new(given);
    follow(move || {
        if ["keep_at_least", "keep_snapshots"].iter().any(|name| of.form.wrong(&of.path(name)).is_some()) {
            open.settle(true);
        }
    });
    let fields = div("grid gap-3 mt-2 sm:grid-cols-2")
        .put(number(of, "keep_at_least", "Always keep the newest", "So many stay whatever their age.", |t| {
            &mut t.keep_at_least
        }))
        .put(number(of, "keep_snapshots", "Snapshots beside the copies", "So many stay in the storage system.", |t| {
            &mut t.keep_snapshots
        }));
    el("details")
        .live("open", move || open.get())
        .put(el("summary").class("disclose").put("More limits"))
        .put(fields)
        .into()
}

fn number(
    of: Of,
    name: &'static str,
    label: &'static str,
    help: &'static str,
    text: fn(&mut PolicyTierDraft) -> &mut String,
) -> Part {
    field(control(of.row, name), label)
        .numeric()
        .autocomplete("off")
        .value(Said::live(move || Some(of.read(|t| text(&mut t.clone()).clone()))))
        .error(of.error(name))
        .help(help)
        .typed(move |typed| of.edit(name, |t| *text(t) = typed))
        .left(move || of.leave(name))
        .text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_that_are_added_do_not_overlap() {
        let crons: Vec<String> = (0..3).map(|n| another(n).cron).collect();
        assert_eq!(crons, ["30 2 * * *", "30 3 * * 0", "30 4 1 * *"]);
        assert!(crons.iter().all(|cron| model::cron::parse(cron).is_ok()));
        assert_eq!(another(3), PolicyTierDraft::default());
    }
}
