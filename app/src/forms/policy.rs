//! The form of a policy: its tiers in rows, and beside them what saving would do. What is wrong and what each system gets
//! are the server's to say: the same answer that saving would give.

mod conflict;
pub mod effects;
mod impact;
mod state;
mod tiers;

use crate::{
    error::{ApiError, ErrorKind},
    paths,
    ui::{
        Packed, Weight, button, field, link_button,
        part::{Part, Said, div, el, live},
        problem, starting, starting_note, words,
    },
    wizard::{retention::Aged, zone},
};
use leptos::prelude::*;
use model::{PolicyId, duration::Unit, policy::PolicyDraft, view::Effect};
use serde::{Deserialize, Serialize};
use state::Form;
use std::sync::Arc;

/// What the form starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStart {
    /// The policy that is changed, and the version it was read at.
    pub editing: Option<(PolicyId, i64)>,
    pub draft: PolicyDraft,
    /// What each system gets from it as it is saved.
    pub effects: Vec<Effect>,
    /// Zones that the server knows.
    pub zones: Vec<String>,
    /// Definitions that follow it.
    pub used_by: u64,
}

impl PolicyStart {
    /// A policy that is new: each night, kept two weeks, in the zone that every system takes. 26 hours, because a run takes a
    /// while: 24 would be passed each night.
    pub fn new(zones: Vec<String>) -> Self {
        let draft = PolicyDraft {
            zone: "UTC".into(),
            rpo: "26".into(),
            rpo_unit: Unit::Hours,
            tiers: vec![tiers::another(0)],
            ..PolicyDraft::default()
        };
        Self { editing: None, draft, effects: Vec::new(), zones, used_by: 0 }
    }
}

/// The island.
#[island(lazy)]
pub fn PolicyForm(start: Packed<PolicyStart>) -> impl IntoView {
    let start = start.open();
    let form = Form::new(&start);
    if !cfg!(feature = "ssr") {
        form.follow_draft();
    }
    let name = field("name", "Name")
        .class("max-w-md")
        .placeholder("Gold")
        .autocomplete("off")
        .value(form.text(|d| &d.name))
        .error(form.error("name"))
        .typed(move |text| form.edit("name", |d| d.name = text))
        .left(move || form.leave("name"))
        .text();
    let said = div("grid gap-5 content-start min-w-0")
        .put(name)
        .put(tiers::tiers(form))
        .put(zone_of(form, start.zones))
        .put(rpo(form));
    let fields = starting(el("form"))
        .attr("autocomplete", "off")
        .attr("aria-label", "Policy")
        .on("submit", move |event| {
            event.prevent_default();
            if !form.same() {
                form.send(false);
            }
        })
        .put(starting_note("changed"))
        .put(conflict::conflict(form))
        .put(div("grid gap-x-10 gap-y-6 items-start lg:grid-cols-2").put(said).put(impact::impact(
            form,
            start.used_by,
            acts(form),
        )));
    // The newest answer, or what was saved: read also where no script runs.
    let first = start.effects;
    let gets = live(move || {
        let effects = form.impact.with(|i| i.as_ref().map(|i| i.effects.clone()).filter(|e| !e.is_empty()));
        effects::table(effects.unwrap_or_else(|| first.clone()))
    });
    Part::from(div("mt-6").put(fields).put(gets))
}

fn zone_of(form: Form, zones: Vec<String>) -> Part {
    let now = move || form.draft.with(|d| d.zone.clone());
    let known = zones.clone();
    let told = move || form.tried.get() || form.touched.with(|t| t.iter().any(|p| p == "zone"));
    let error = move || form.wrong("zone").or_else(|| if told() { zone::unknown(&now(), &known) } else { None });
    let help =
        "Of all tiers. UTC fits every system; one that knows no zones refuses another. Empty means each system's own.";
    let typed = move |text| form.edit("zone", |d| d.zone = text);
    div("max-w-md")
        .put(zone::zone_field(zones, false, now, typed, move || form.leave("zone"), Said::live(error), help.into()))
        .into()
}

fn rpo(form: Form) -> Part {
    Aged {
        id: "rpo".into(),
        label: "Newest good point no older than (RPO)",
        help: "A workspace is at risk once it is older. With nightly runs of an hour, 24 hours are passed every night for that \
               hour; 26 are not. Empty: each workspace says so itself."
            .into(),
        off: false,
        error: form.error("rpo"),
        now: Arc::new(move || form.draft.with(|d| (d.rpo.clone(), d.rpo_unit))),
        write: Arc::new(move |(text, unit)| form.edit("rpo", |d| (d.rpo, d.rpo_unit) = (text, unit))),
        left: Arc::new(move |()| form.leave("rpo")),
    }
    .drawn()
}

/// What can be done, and why the last attempt came to nothing.
fn acts(form: Form) -> Part {
    let changes = form.changes();
    let word = move || match form.impact.with(|i| i.as_ref().map_or(0, |i| i.takes)) {
        _ if !changes => "Create policy".to_owned(),
        0 => "Save policy".to_owned(),
        n => format!("Save and apply to {}", words::plural(n, "definition", "definitions")),
    };
    let off = move || form.same().then(|| "Off until something is changed.".to_owned());
    let refused = move || {
        let whole = |e: &ApiError| e.kind != ErrorKind::Invalid || e.fields.is_empty();
        let told = form.refused.get().filter(whole).filter(|_| form.theirs.with(Option::is_none));
        told.map(|error| div("mb-3").id("refused").attr("tabindex", "-1").put(problem(error)))
    };
    let away = form.editing.with_untracked(|e| match e {
        Some((id, _)) => (paths::policy(id), "Discard"),
        None => (paths::POLICIES.to_owned(), "Cancel"),
    });
    let save = button(live(word)).weight(Weight::Primary).off(Said::live(off)).busy(move || form.saving.get()).submit();
    let copy =
        changes.then(|| button("Save as a new policy").busy(move || form.saving.get()).press(move || form.send(true)));
    div("panel-body border-t border-line")
        .put(live(refused))
        .put(div("acts").put(save).put(copy).put(link_button(away.0, Weight::Quiet, away.1)))
        .into()
}
