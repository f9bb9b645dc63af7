//! Fourth step: when it runs, in which zone, and whether it begins active.

use super::{
    follow,
    picker::{Picker, picker},
    preset::Preset,
    rhythm::{Rhythm, in_words},
    state::Wizard,
    tiers::tiers,
    upcoming::upcoming,
    zone::{unknown, zone_field},
};
use crate::ui::{
    Card,
    part::{Part, Said, div, parts, switch},
    problem_of, question, words,
};
use model::{
    capability::Support,
    connection::{PolicySeen, SubjectSeen},
    cron,
    draft::DefinitionDraft,
};
use std::sync::Arc;

/// What starts the runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Schedule,
    Policy,
    Hand,
}

fn by(draft: &DefinitionDraft) -> By {
    match (draft.scheduled, &draft.policy) {
        _ if !draft.follows.is_empty() => By::Schedule,
        (false, _) => By::Hand,
        (true, Some(_)) => By::Policy,
        (true, None) => By::Schedule,
    }
}

pub fn schedule(wizard: Wizard) -> Part {
    let Some(can) = wizard.capabilities.get_untracked() else { return Part::default() };
    let chosen = move || wizard.draft.with(by);
    let choose = move |by: By| {
        wizard.edit("scheduled", |d| {
            d.scheduled = by != By::Hand;
            d.paused &= d.scheduled;
            d.policy = (by == By::Policy).then(|| d.policy.take().unwrap_or_default());
            if by == By::Schedule {
                if d.cron.trim().is_empty() {
                    d.cron = Preset::of_kind("daily", Preset::Custom).cron().unwrap_or_default();
                }
            } else {
                d.follows.clear();
            }
        });
    };
    let card = |by: By, key: &'static str, title: &'static str, help: &'static str, support: &Support| {
        Card::new("scheduled", key, title)
            .help(help)
            .off(support.why_not().map(str::to_owned))
            .choice(move || chosen() == by, move || choose(by))
    };
    let how = div("grid gap-2 sm:grid-cols-2")
        .id("scheduled")
        .attr("tabindex", "-1")
        .put(card(
            By::Schedule,
            "yes",
            "By a schedule",
            "the system starts the runs; Holdfast watches them",
            &can.schedules,
        ))
        .put(can.policies.is_yes().then(|| {
            card(
                By::Policy,
                "policy",
                "By a policy that the system keeps",
                "when it runs and how long is kept is as the policy says, also when that changes",
                &can.policies,
            )
        }))
        .put(card(
            By::Hand,
            "no",
            "A single backup",
            "one run as soon as it is created, later ones by hand",
            &can.unscheduled,
        ));
    let tiered = can.tiers.is_yes();
    let rest = move |by: By| match by {
        By::Hand => Part::default(),
        By::Policy => parts([question("", "Policy", Said::Never, picker(wizard, policies())), start(wizard)]),
        By::Schedule => {
            let own = move |follows: bool| {
                (!follows).then(|| {
                    let times = div("grid gap-x-10 gap-y-5 xl:grid-cols-2").put(when(wizard)).put(upcoming(wizard));
                    parts([question("", "Schedule", Said::Never, times), tiered.then(|| tiers(wizard)).into()])
                })
            };
            parts([follow::picker(wizard), switch(move || wizard.follows(), own), start(wizard)])
        }
    };
    parts([
        question("mt-4", "How often", Said::Never, [how.into(), problem_of("scheduled", wizard.error("scheduled"))]),
        switch(chosen, rest),
    ])
}

fn policies() -> Picker {
    Picker {
        path: "policy",
        word: "policy",
        offered: |i| {
            let plain = |p: &PolicySeen| {
                let used = match p.used_by {
                    0 => "nothing follows it yet".to_owned(),
                    n => format!("{} there", words::plural(n.into(), "definition follows it", "definitions follow it")),
                };
                let detail = if p.words.is_empty() { used } else { format!("{} · {used}", p.words) };
                SubjectSeen { id: p.id.clone(), name: p.name.clone(), detail, ..SubjectSeen::default() }
            };
            i.policies.iter().map(plain).collect()
        },
        chosen: |d| d.policy.as_ref(),
        choose: |d, policy| d.policy = Some(policy),
    }
}

fn when(wizard: Wizard) -> Part {
    let text = move || wizard.draft.with(|d| d.cron.clone());
    let error = move || {
        wizard
            .said("cron")
            .or_else(|| Some(text()).filter(|t| !t.trim().is_empty()).and_then(|t| cron::parse(&t).err()))
    };
    let rhythm = Rhythm {
        prefix: String::new(),
        now: Arc::new(text),
        write: Arc::new(move |text| wizard.edit("cron", |d| d.cron = text)),
        error: Said::live(error),
        left: Arc::new(move |()| wizard.leave("cron")),
        text: true,
    };
    div("grid gap-4 content-start").put(rhythm.drawn()).put(zone(wizard)).put(in_words(text)).into()
}

fn zone(wizard: Wizard) -> Part {
    let zones = wizard.start.with_untracked(|s| s.zones.clone());
    let off = wizard.why_not(|c| &c.time_zone);
    let disabled = off.is_some();
    let help = off.unwrap_or_else(|| "Type to search. Empty means the system's own zone, normally UTC.".to_owned());
    let known = zones.clone();
    let now = move || wizard.draft.with(|d| d.zone.clone());
    let error =
        move || wizard.said("zone").or_else(|| if wizard.tells("zone") { unknown(&now(), &known) } else { None });
    let typed = move |text| wizard.edit("zone", |d| d.zone = text);
    zone_field(zones, disabled, now, typed, move || wizard.leave("zone"), Said::live(error), help.into())
}

fn start(wizard: Wizard) -> Part {
    let paused = move || wizard.draft.with(|d| d.paused);
    let quiet = wizard.capabilities.with_untracked(|c| c.as_ref().is_none_or(|c| c.resume_quietly.is_yes()));
    let resume = if quiet {
        "nothing runs until it is resumed; a run may then be due at once, and Holdfast asks whether it should wait instead"
    } else {
        "nothing runs until it is resumed; a run may then begin at once"
    };
    let how = div("grid gap-2 mt-1 md:grid-cols-2")
        .id("paused")
        .attr("tabindex", "-1")
        .put(
            Card::new("paused", "no", "Active")
                .help("the first run waits for its time")
                .choice(move || !paused(), move || wizard.edit("paused", |d| d.paused = false)),
        )
        .put(
            Card::new("paused", "yes", "Paused")
                .help(resume)
                .off(wizard.why_not(|c| &c.pause))
                .choice(paused, move || wizard.edit("paused", |d| d.paused = true)),
        );
    let legend = if wizard.editing() { "State" } else { "Start" };
    question("", legend, Said::Never, [how.into(), problem_of("paused", wizard.error("paused"))])
}
