//! What a judgement says, in the list of workspaces and on the page of one: protection with its reasons, the newest good
//! point against the RPO, the days, what runs and what comes next.

use crate::ui::{
    words::{self, span},
    *,
};
use leptos::prelude::*;
use model::{
    Millis,
    duration::Seconds,
    judgement::{Judgement, Reason},
    strip::{self, Day},
    view::{NowAndNext, WorkspaceRow},
};

/// So many reasons stand in a row of the list; the workspace's page has all.
const SHOWN: usize = 2;

/// Milliseconds of a span of seconds.
pub fn ms(span: Seconds) -> i64 {
    i64::try_from(span.0).unwrap_or(i64::MAX).saturating_mul(1000)
}

/// The verdict. What is judged on old news is never green.
pub fn sign(row: &WorkspaceRow) -> Sign {
    let sign = Sign::from(row.judgement.protection);
    if row.silent { sign.aged() } else { sign }
}

/// `edge-geneva: failed twice since the last good point`.
pub fn told(reason: &Reason) -> String {
    if reason.subject.is_empty() { reason.sentence.clone() } else { format!("{}: {}", reason.subject, reason.sentence) }
}

/// The first reasons in one line, and how many more there are.
pub fn reasons(judgement: &Judgement) -> String {
    let mut said: Vec<String> = judgement.reasons.iter().take(SHOWN).map(told).collect();
    match judgement.reasons.len().saturating_sub(SHOWN) {
        0 => {}
        1 => said.push("1 more reason".into()),
        n => said.push(format!("{n} more reasons")),
    }
    said.join("; ")
}

/// When it was judged, of a workspace that can't be judged now: `as of today 08:28`.
pub fn as_of(judgement: &Judgement) -> Option<String> {
    judgement.as_of.map(|at| format!("as of {}", written(at, Written::Day)))
}

/// The newest good point of its worst part.
pub fn newest(row: &WorkspaceRow, now: Millis) -> impl IntoView + use<> {
    let judged = &row.judgement;
    let age = judged.newest_good.map(|at| now.since(at));
    view! { <AgeLine age rpo=ms(row.rpo) at=judged.newest_good as_of=as_of(judged) /> }
}

/// The strip with its sentence; `of` says whose days they are where several stand on one page.
pub fn days(days: Vec<Day>, of: &str, as_of: Option<String>) -> AnyView {
    if days.is_empty() {
        return view! { <span class="text-ink-3">"not told"</span> }.into_any();
    }
    let mut said = strip::summary(&days);
    if let Some(as_of) = as_of {
        said = format!("{said}, {as_of}");
    }
    view! {
        <Strip days of=of.to_owned() />
        <span class="sub">{said}</span>
    }
    .into_any()
}

/// The head of a column of days: the first one, and today.
pub fn days_column(first: Option<&Day>) -> Column {
    let first = first.map(|day| written(day.begins, Written::Date)).unwrap_or_default();
    Column::days("Last 30 days", first, "today")
}

/// What runs and what comes next, or why nothing does.
pub fn now_and_next(row: &WorkspaceRow, now: Millis) -> AnyView {
    match row.now.clone() {
        NowAndNext::Running { progress, since } => {
            let percent = progress.and_then(|p| p.percent());
            let running = Sign::from(model::Phase::Running);
            let sign = match percent {
                Some(percent) => running.say(format!("Running · {percent} %")),
                None => running,
            };
            let since = since.map(|at| format!("{} so far", words::took(now.since(at))));
            view! {
                <State of=sign />
                {progress.map(|done| view! { <Bar label=format!("{}, its run", row.name) done /> })}
                {since.map(|text| view! { <span class="sub">{text}</span> })}
            }
            .into_any()
        }
        NowAndNext::Overdue { since } => view! {
            <State of=Sign::overdue() />
            <span class="sub">
                {format!("{} late, due ", span(now.since(since)))} <Time at=since now told=Told::Written(Written::Day) />
            </span>
        }
        .into_any(),
        NowAndNext::Next { at, note } => view! {
            "Next "
            <Time at now told=Told::Written(Written::Day) />
            {note.filter(|note| !note.is_empty()).map(|note| view! { <span class="sub">{note}</span> })}
        }
        .into_any(),
        NowAndNext::Nothing(why) => view! {
            "None"
            <span class="sub">{why}</span>
        }
        .into_any(),
        NowAndNext::Silent { next_try } => {
            let again = match next_try {
                Some(at) if at > now => format!("next try {}", words::relative(at, now)),
                Some(_) => "next try now".to_owned(),
                None => "no next try is set".to_owned(),
            };
            view! {
                <State of=Sign::new(Tone::Mute, Glyph::Silent, "Silent") />
                <span class="sub">{again}</span>
            }
            .into_any()
        }
    }
}

/// How long a reason has held, for the page of the workspace.
pub fn since(reason: &Reason, now: Millis) -> Option<String> {
    reason.since.filter(|at| *at <= now).map(|at| format!("for {}", span(now.since(at))))
}
