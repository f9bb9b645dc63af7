//! The next runs, in the schedule's zone and in the reader's. The arithmetic is the server's; questions wait until the
//! typing pauses.

use super::state::Wizard;
use crate::{
    api,
    error::ApiError,
    ui::{
        Glyph, Slot, Tone, callout,
        part::{Part, div, el, follow, live, p, parts, span},
        td, th,
    },
};
use leptos::{prelude::*, task::spawn_local};
use model::{ConnectionId, Millis, draft::DefinitionDraft, view};
use std::time::Duration;

/// How long a pause in typing must be.
const PAUSE: Duration = Duration::from_millis(300);

pub fn upcoming(wizard: Wizard) -> Part {
    let asked = move |d: &DefinitionDraft| (d.cron.trim().to_owned(), d.zone.trim().to_owned(), d.connection.clone());
    let answer = Slot::new(None::<Result<view::Upcoming, ApiError>>);
    let stale = Slot::new(false);
    let mut before = None;
    follow(move || {
        let now = wizard.draft.with(asked);
        if before.as_ref() == Some(&now) {
            return;
        }
        let wait = if before.is_none() { Duration::ZERO } else { PAUSE };
        before = Some(now.clone());
        if model::cron::parse(&now.0).is_err() {
            answer.set(None);
            return;
        }
        stale.set(true);
        // Something newer that is being typed has its own question.
        let current = move |of: &(String, String, String)| wizard.draft.try_with_untracked(asked).as_ref() == Some(of);
        set_timeout(
            move || {
                if !current(&now) {
                    return;
                }
                spawn_local(async move {
                    let came =
                        api::definitions::upcoming(ConnectionId(now.2.clone()), now.0.clone(), now.1.clone()).await;
                    if current(&now) {
                        answer.set(Some(came));
                        stale.set(false);
                    }
                });
            },
            wait,
        );
    });
    let shown = move || match answer.get() {
        None => p("help").put("They follow from the cron text.").into(),
        Some(Err(error)) => p("err").put(error.message).into(),
        Some(Ok(view::Upcoming { error: Some(error), .. })) => p("err").put(error.sentence).into(),
        Some(Ok(upcoming)) => told(wizard, stale, upcoming),
    };
    div("min-w-0").put(el("h3").class("mb-1").id("next-runs").put("Next runs")).put(live(shown)).into()
}

fn told(wizard: Wizard, stale: Slot<bool>, upcoming: view::Upcoming) -> Part {
    let none = upcoming.times.is_empty();
    let row = |(i, (at, there, here)): (usize, (Millis, String, String))| {
        el("tr")
            .put(el("td").class("num").put((i + 1).to_string()))
            .put(td("Schedule zone", there))
            .put(el("td").attr("data-th", "Your zone").put(el("time").attr("datetime", at.rfc3339()).put(here)))
    };
    let zone =
        move || wizard.draft.with(|d| if d.zone.is_empty() { "The system's zone".to_owned() } else { d.zone.clone() });
    let head = parts([th(span("sr-only").put("Run")), th(live(zone)), th("You")]);
    let table = el("table")
        .class("tbl tbl-tight runs5")
        .attr("aria-labelledby", "next-runs")
        .put(el("thead").put(el("tr").put(head)))
        .put(el("tbody").put(upcoming.times.into_iter().enumerate().map(row).collect::<Vec<_>>()));
    let utc = el("button")
        .attr("type", "button")
        .class("btn btn-sm")
        .on("click", move |_| wizard.edit("zone", |d| d.zone = "UTC".into()))
        .put("Use UTC");
    let warning = upcoming.warning.map(|warning| {
        let inside = parts([el("p").put(warning), p("acts mt-2").put(utc)]);
        div("mt-3").put(callout(Tone::Warn, Glyph::Warn, None, None, inside))
    });
    parts::<Part>([
        div("panel panel-table").live("aria-busy", move || stale.get().then_some("true")).put(table).into(),
        none.then(|| {
            p("help mt-1").put("No moment can be named: this schedule counts from the last run, or never comes due.")
        })
        .into(),
        warning.into(),
    ])
}
