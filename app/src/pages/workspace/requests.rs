//! What was asked for, by whom and when, and what became of it on each cluster. A request that its system calls
//! complete while a cluster is not is told in both words.

use super::capital;
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis, Phase,
    request::{Request, RequestPart},
    run::Trigger,
    view::WorkspaceView,
};

/// `system`: who keeps the workspace, where it is not ours. `older`: this is not the newest page.
pub fn requests(view: &WorkspaceView, system: Option<&str>, older: bool, now: Millis) -> AnyView {
    let here = paths::workspace(&view.row.id);
    let newest = older.then(|| here.clone());
    let next = view.older.as_ref().map(|key| format!("{here}{}#requests", paths::query(&[("older", key)])));
    let who = system.unwrap_or("Its system").to_owned();
    let note = match (older, system) {
        (true, _) => "older ones",
        (false, Some(_)) => "one request asks every cluster",
        (false, None) => "what was asked for at one time is one request",
    };
    let body = if view.requests.is_empty() {
        let none = if older { "No older request is kept." } else { "Nothing was asked for yet." };
        view! { <p class="note">{none}</p> }.into_any()
    } else {
        let list = view
            .requests
            .iter()
            .enumerate()
            .map(|(at, of)| one(of.clone(), &who, at == 0 && !older, now))
            .collect_view();
        view! { <div class="panel">{list}</div> }.into_any()
    };
    view! {
        <Section id="requests" title="Requests" note>
            {body}
            <Acts class="mt-3">
                {newest
                    .map(|href| {
                        view! {
                            <LinkButton href size=Size::Small icon=Glyph::Back>
                                "Newest requests"
                            </LinkButton>
                        }
                    })}
                {next
                    .map(|href| {
                        view! {
                            <LinkButton href size=Size::Small>
                                "Older requests"
                            </LinkButton>
                        }
                    })}
            </Acts>
        </Section>
    }
    .into_any()
}

/// `first`: the newest one, which is open when something is wrong with it.
fn one(of: Request, who: &str, first: bool, now: Millis) -> impl IntoView + use<> {
    let open = first && !of.phase.is_good();
    let (day, full) = (capital(&written(of.at, Written::Day)), written(of.at, Written::Full));
    let (actor, note, good) = (actor(&of.actor), note(&of, who), good(&of));
    let message = format!("Message from {}", if who == "Its system" { "its system" } else { who });
    let columns =
        ["Where", "State", message.as_str(), "Expires", "Namespaces"].into_iter().map(Column::new).collect::<Vec<_>>();
    let label = format!("What became of the request of {day}");
    let restorable = of.parts.iter().find(|part| part.phase.is_good()).and_then(|part| part.definition.clone());
    let parts = of.parts.into_iter().map(|of| part(of, now)).collect_view();
    view! {
        <details class="req" id=format!("q-{}", of.key) open=open>
            <summary>
                <Icon name=Glyph::Right class="req-arrow" />
                <span>
                    <b>
                        <time datetime=of.at.rfc3339() title=full>{day}</time>
                    </b>
                    <span class="sub">{actor}</span>
                </span>
                " "
                <span>
                    <State of=Sign::from(&of.phase) />
                    <span class="sub">{good}</span>
                </span>
                " "
                <span class="req-note">{note}</span>
            </summary>
            <div class="req-body">
                <Table label columns tight=true>
                    {parts}
                </Table>
                {restorable
                    .map(|id| {
                        view! {
                            <Acts class="mt-3">
                                <LinkButton href=paths::points_of(&id) size=Size::Small icon=Glyph::Restore>
                                    "Restore…"
                                </LinkButton>
                            </Acts>
                        }
                    })}
            </div>
        </details>
    }
}

fn actor(of: &Trigger) -> String {
    match of {
        Trigger::Schedule => "scheduled".into(),
        Trigger::Person(name) => format!("on demand by {name}"),
        Trigger::Elsewhere => "outside Holdfast".into(),
    }
}

fn is_good(part: &RequestPart) -> bool {
    part.phase.is_good() && part.skipped.is_none()
}

fn good(of: &Request) -> String {
    match of.parts.len() {
        1 => of.parts.iter().map(|part| part.place.name.clone()).collect(),
        all => format!("{} of {all} good", of.parts.iter().filter(|part| is_good(part)).count()),
    }
}

/// What its state alone does not tell.
fn note(of: &Request, who: &str) -> String {
    let bad = of.parts.iter().filter(|part| !is_good(part)).count();
    if let Some(said) = &of.said {
        let part = match bad {
            0 => String::new(),
            1 => "One part of it is not good".into(),
            n => format!("{n} parts of it are not good"),
        };
        let so = match (&of.phase, part.is_empty()) {
            (Phase::Unknown(_), _) => {
                "Holdfast does not know this word: it counts neither as good nor as failed.".into()
            }
            (_, true) => format!("Its parts say {}.", of.phase.word().to_lowercase()),
            (phase, false) => format!("{part}, so it counts as {} here.", phase.word().to_lowercase()),
        };
        return format!("{who} calls this request “{said}”. {so}");
    }
    if let Phase::Unknown(_) = of.phase {
        return "Holdfast does not know this word. It counts neither as good nor as failed.".into();
    }
    let trouble = of.parts.iter().find(|part| part.phase.is_final() && !is_good(part));
    trouble
        .map(|part| {
            let why = part.skipped.clone().or_else(|| part.message.clone());
            let why = why.unwrap_or_else(|| part.phase.word().to_lowercase());
            format!("{}: {why}", part.place.name)
        })
        .unwrap_or_default()
}

fn part(of: RequestPart, now: Millis) -> impl IntoView {
    // What was left out is neither good nor a failure of the cluster.
    let (sign, message) = match of.skipped {
        Some(why) => (Sign::new(Tone::Warn, Glyph::Cancelled, "Skipped"), Some(why)),
        None => (Sign::from(&of.phase), of.message),
    };
    let namespaces = if of.namespaces.is_empty() { "not told".to_owned() } else { of.namespaces.join(", ") };
    let good = of.phase.is_good();
    view! {
        <Row name=of.place.name href=paths::run(&of.run) sub=of.definition_name.unwrap_or_default()>
            <Cell label="State">
                <State of=sign />
            </Cell>
            <Cell label="Message" wide=true>
                {message.unwrap_or_else(|| "—".into())}
            </Cell>
            <Cell label="Expires">
                {match (of.expires, good) {
                    (Some(at), _) => view! { <Time at now told=Told::Written(Written::Day) /> }.into_any(),
                    (None, true) => "not told".into_any(),
                    (None, false) => "—".into_any(),
                }}
            </Cell>
            <Cell label="Namespaces">{namespaces}</Cell>
        </Row>
    }
}
