//! What a definition's row says, in the list and on the status page.

use super::framed::looks_only;
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis, Phase,
    connection::Health,
    definition::{Drift, Standing, Stuck},
    view::{DefinitionRow, NextRun},
};

/// When it runs next, or why it doesn't.
pub fn next_run(row: &DefinitionRow, now: Millis) -> AnyView {
    match &row.next_run {
        NextRun::At(_) if row.standing.is_off_upstream() => view! {
            "None"
            <span class="sub">{format!("switched off on {}, outside Holdfast", row.connection_name)}</span>
        }
        .into_any(),
        NextRun::At(at) if row.next_run.overdue_since(now).is_some() => view! {
            <State of=Sign::overdue() />
            <span class="sub">"due " <Time at=*at now told=Told::Exact /></span>
        }
        .into_any(),
        NextRun::At(at) => view! {
            <Time at=*at now told=Told::Written(Written::Day) />
            <span class="sub">
                {if row.health.is_silent() {
                    "if nothing changed since it was last seen".to_owned()
                } else {
                    words::relative(*at, now)
                }}
            </span>
        }
        .into_any(),
        NextRun::None(why) => view! {
            "None"
            <span class="sub">{paused(row, now).unwrap_or_else(|| why.clone())}</span>
        }
        .into_any(),
    }
}

/// `paused by ada, 9 d ago`, where it is paused and somebody knows.
pub fn paused(row: &DefinitionRow, now: Millis) -> Option<String> {
    let pause = row.paused_by.as_ref().filter(|_| row.paused)?;
    Some(format!("{}, {}", pause.words(), words::relative(pause.at, now)))
}

/// The last run's state with its age.
pub fn last_run(row: &DefinitionRow, now: Millis) -> AnyView {
    let Some(run) = row.last_run.clone() else {
        return view! { <span class="text-ink-3">"none yet"</span> }.into_any();
    };
    let percent = run.progress.and_then(|p| p.percent()).filter(|_| run.phase == Phase::Running);
    let sign = match percent {
        Some(p) => Sign::from(&run.phase).say(format!("{p} %")),
        None => Sign::from(&run.phase),
    };
    view! {
        <a class="quiet" href=paths::run(&run.id)>
            <State of=sign />
        </a>
        {run.at.map(|at| view! { <span class="sub"><Time at now /></span> })}
    }
    .into_any()
}

/// The newest whole recovery point's age; a connection that is silent makes it "as of".
pub fn newest_good(row: &DefinitionRow, now: Millis) -> AnyView {
    match row.newest_good {
        Some(at) => view! {
            <b>
                <Time at now told=Told::Exact />
            </b>
            {row.health
                .is_silent()
                .then(|| row.last_seen.map(|seen| view! { <span class="sub">"as seen " <Time at=seen now told=Told::Exact /></span> }))}
        }
        .into_any(),
        None => view! { <State of=Sign::unprotected().say("None yet") /> }.into_any(),
    }
}

/// The sentence under a definition's state.
pub fn why(row: &DefinitionRow, now: Millis) -> AnyView {
    under(condition(row, now))
}

/// The sentence under a definition's protection: its condition, else what its runs came to.
pub fn exposed(row: &DefinitionRow, now: Millis) -> AnyView {
    let condition = condition(row, now);
    under(if condition.is_empty() { runs(row).to_owned() } else { condition })
}

fn under(sentence: String) -> AnyView {
    (!sentence.is_empty()).then(|| view! { <span class="sub">{sentence}</span> }).into_any()
}

/// Why its runs leave it without protection, or less of it than there could be.
fn runs(row: &DefinitionRow) -> &'static str {
    match (row.newest_good, row.last_run.as_ref().map(|run| &run.phase)) {
        (None, None) => "it has not run yet",
        (None, Some(Phase::Queued | Phase::Running)) => "a run is under way",
        (None, Some(_)) => "no run has left a whole recovery point",
        (Some(_), Some(Phase::Partial)) => "the newest run lacks something",
        (Some(_), Some(Phase::Failed)) => "the newest run failed",
        (Some(_), Some(Phase::Cancelled)) => "the newest run was cancelled",
        (Some(_), Some(Phase::Unknown(_))) => "nobody can say how the newest run ended",
        (Some(_), _) => "",
    }
}

fn condition(row: &DefinitionRow, now: Millis) -> String {
    match (&row.standing, &row.health) {
        (Standing::Failing { reason, next_try, .. }, _)
        | (Standing::Removing { stuck: Some(Stuck { reason, next_try, .. }) }, _) => {
            let next = next_try.map(|at| format!(" Next try {}.", words::relative(at, now))).unwrap_or_default();
            format!("{reason}{next}")
        }
        (Standing::Applying, Health::Silent { .. }) => "waits for its connection".into(),
        (Standing::Applying, _) => format!("saved, on its way to {}", row.connection_name),
        (Standing::Removing { stuck: None }, Health::Silent { .. }) => "waits for its connection".into(),
        (_, Health::Silent { .. }) => {
            row.last_seen.map(|at| format!("last seen {}", words::ago(at, now))).unwrap_or_default()
        }
        (Standing::Invalid { reasons, .. }, _) => reasons.join(" "),
        (Standing::Drifted { fields }, _) => drift_sentence(fields),
        (Standing::Missing, _) => format!("somebody deleted it on {}", row.connection_name),
        _ => String::new(),
    }
}

fn drift_sentence(fields: &[Drift]) -> String {
    match fields {
        [one] => {
            let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "nothing".into());
            format!("{}: {} there, {} here", one.field, value(&one.theirs), value(&one.ours))
        }
        many => format!("{} fields differ there", many.len()),
    }
}

/// What can be done with a definition from its row.
#[component]
pub fn DefinitionMenu(row: DefinitionRow) -> impl IntoView {
    let id = row.id.0.clone();
    let why = if row.standing.is_removing() { "It is being deleted." } else { looks_only() };
    let on = why.is_empty();
    view! {
        <Menu id=format!("m-{id}") label=format!("Actions for {}", row.name) small=true why=why>
            {on
                .then(|| {
                    view! {
                        <button type="button" data-act="run" data-id=id.clone()>
                            <Icon name=Glyph::Play />
                            "Run now"
                        </button>
                        <a href=paths::edit_definition(&row.id)>
                            <Icon name=Glyph::Edit />
                            "Edit…"
                        </a>
                    }
                })} {(on && row.schedule.is_some() && !row.paused)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            data-act="pause"
                            data-id=id.clone()
                            data-said=format!("{} is paused.", row.name)
                        >
                            <Icon name=Glyph::Paused />
                            "Pause"
                        </button>
                    }
                })} <a href=paths::definition(&row.id)>
                <Icon name=Glyph::Right />
                {match (on, row.paused) {
                    (false, _) => "Open it",
                    (true, true) => "Resume, delete and more…",
                    (true, false) => "Delete and more…",
                }}
            </a>
        </Menu>
    }
}
