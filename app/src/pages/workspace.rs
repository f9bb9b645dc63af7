//! A workspace: how well it is protected as a whole, where the gap is, what was asked for and what became of it.

mod definitions;
mod gaps;
mod matrix;
mod requests;
mod rules;

use super::{
    framed::{framed_as, looks_only, param, query},
    judged, place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{Millis, WorkspaceId, connection::Connection, judgement::Reason, view::WorkspaceView};

/// The page; `?older=` shows an older page of its requests.
#[component]
pub fn Workspace() -> impl IntoView {
    let id = WorkspaceId(param("id"));
    let older = query("older");
    let asked = older.clone();
    framed_as(
        place::workspace(id.as_str()),
        move |backend, caller| async move {
            let view = backend.workspace(&caller, id, asked).await?;
            // Rules name connections by their ids.
            let connections = if view.upstream.is_none() { backend.connections(&caller).await? } else { Vec::new() };
            Ok((view, connections))
        },
        |here, (view, _): &(WorkspaceView, Vec<Connection>)| here.named(&view.row.name),
        move |(view, connections), frame| content(view, &connections, !older.is_empty(), frame.now).into_any(),
    )
}

fn content(view: WorkspaceView, connections: &[Connection], older: bool, now: Millis) -> impl IntoView + use<> {
    let may = looks_only().is_empty();
    let row = &view.row;
    let (sign, lead) = (judged::sign(row), lead(&view));
    let (acts, why, stale) = (acts(&view, may), why(&row.judgement.reasons, now), stale(&view, now));
    let dialog = (may && view.upstream.is_none()).then(|| delete(&row.id, &row.name));
    let facts = facts(&view, now);
    let matrix = matrix::matrix(&view.matrix, judged::ms(row.rpo), now);
    let system = view.upstream.as_ref().map(|(_, _, kind)| kind.word());
    let requests = requests::requests(&view, system, older, now);
    let definitions = definitions::definitions(&view, may, now);
    let gaps = gaps::gaps(&view, may, now);
    let ours = if view.upstream.is_none() { view.draft.rules.as_slice() } else { &[] };
    let rules = rules::rules(ours, connections);
    view! {
        <Head title=view.row.name.clone() sign lead=lead.into_any()>
            {acts}
        </Head>
        {stale}
        {facts}
        {why}
        {matrix}
        {requests}
        <div class="grid gap-x-8 lg:grid-cols-2">
            <div>{definitions}</div>
            <div>{gaps} {rules}</div>
        </div>
        {dialog}
    }
}

/// So many reasons stand under the title; more of them get a list of their own.
const IN_LEAD: usize = 2;

/// The reasons as sentences, or of many the most exposed one.
fn lead(view: &WorkspaceView) -> String {
    let reasons = &view.row.judgement.reasons;
    let shown = if reasons.len() > IN_LEAD { 1 } else { reasons.len() };
    if shown == 0 {
        return "Judged from recovery points that exist, not from schedules.".into();
    }
    reasons.iter().take(shown).map(sentence).collect::<Vec<_>>().join(" ")
}

/// A name keeps its own first letter.
fn sentence(reason: &Reason) -> String {
    let said = judged::told(reason);
    let said = if reason.subject.is_empty() { capital(&said) } else { said };
    if said.ends_with(['.', '!', '?']) { said } else { format!("{said}.") }
}

/// With its first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn acts(view: &WorkspaceView, may: bool) -> AnyView {
    if !may {
        return view! { <Button icon=Glyph::Edit off=looks_only()>"Edit"</Button> }.into_any();
    }
    let row = &view.row;
    let edit = if view.upstream.is_some() { "Set RPO and exceptions" } else { "Edit" };
    let ours = view.upstream.is_none();
    view! {
        <LinkButton href=paths::edit_workspace(&row.id) icon=Glyph::Edit>
            {edit}
        </LinkButton>
        {ours
            .then(|| {
                view! {
                    <Button weight=Weight::Danger icon=Glyph::Trash opens="delete">
                        "Delete…"
                    </Button>
                }
            })}
    }
    .into_any()
}

fn delete(id: &WorkspaceId, name: &str) -> impl IntoView + use<> {
    let of = id.0.clone();
    view! {
        <Removal
            id="delete"
            title=format!("Delete workspace {name}?")
            word="Delete workspace"
            act="delete-workspace"
            of
            then=paths::STATUS
        >
            <p>"Its rules, its RPO and what was left out on purpose are forgotten."</p>
            <p>"Definitions, runs and recovery points stay as they are; nothing changes upstream."</p>
        </Removal>
    }
}

/// Says that it is judged on old news.
fn stale(view: &WorkspaceView, now: Millis) -> AnyView {
    let Some(at) = view.row.judgement.as_of.filter(|_| view.row.silent) else { return ().into_any() };
    view! {
        <div class="mb-6">
            <Callout tone=Tone::Mute icon=Glyph::Silent>
                <p>
                    <b>"Nothing behind it answers. "</b>
                    "It is shown as it was "
                    <Time at now told=Told::Exact />
                    "; whether it is still so, nobody can say."
                </p>
                <p>
                    <a href=paths::CONNECTIONS>"See why the connections are silent"</a>
                </p>
            </Callout>
        </div>
    }
    .into_any()
}

fn facts(view: &WorkspaceView, now: Millis) -> impl IntoView + use<> {
    let row = &view.row;
    let newest = row.judgement.newest_good.map(|at| words::span(now.since(at)));
    let mut allowed = format!("RPO {}", words::span(judged::ms(row.rpo)));
    if let Some(over) = row.judgement.over {
        allowed = format!("{allowed} · {} over", words::span(judged::ms(over)));
    }
    if let Some(as_of) = judged::as_of(&row.judgement) {
        allowed = format!("{allowed} · {as_of}");
    }
    let (good, parts) = matrix::good_rows(&view.matrix);
    let label = if view.upstream.is_some() { "Clusters good" } else { "Parts good" };
    let (covered, named) = matrix::covered(&view.matrix);
    let missing = match view.uncovered.len() {
        0 => String::new(),
        n => format!("{} in no definition", words::plural(n as u64, "thing", "things")),
    };
    let next = judged::now_and_next(row, now);
    let of = row.of.clone();
    let system = view.upstream.clone().map(|(id, name, kind)| {
        view! {
            {kind.word()}
            " "
            <span class="sub">
                <a href=paths::connection(&id)>{name}</a>
            </span>
        }
    });
    view! {
        <Facts>
            <Fact label="Newest good point, worst part" sub=allowed>
                {newest.unwrap_or_else(|| "None".into())}
            </Fact>
            {(parts > 0).then(|| view! { <Fact label=label>{format!("{good} of {parts}")}</Fact> })}
            {(named > 0).then(|| view! { <Fact label="Namespaces covered" sub=missing>{format!("{covered} of {named}")}</Fact> })}
            <Fact label="System">
                {match system {
                    Some(system) => system.into_any(),
                    None => of.into_any(),
                }}
            </Fact>
            <Fact label="Now and next">{next}</Fact>
        </Facts>
    }
}

/// All reasons, where the lead has not told them.
fn why(reasons: &[Reason], now: Millis) -> AnyView {
    if reasons.len() <= IN_LEAD {
        return ().into_any();
    }
    let lines = reasons
        .iter()
        .map(|reason| {
            let sign = Sign::from(reason.protection);
            let subject = reason.subject.clone();
            let named = (!subject.is_empty()).then(|| match &reason.definition {
                Some(id) => view! { <a class="row-name" href=paths::definition(id)>{subject}</a> " " }.into_any(),
                None => view! { <b>{subject}</b> " " }.into_any(),
            });
            let since = judged::since(reason, now);
            view! {
                <li class="need" data-tone=sign.tone.key()>
                    <Icon name=sign.glyph />
                    <div>
                        <p>
                            <span class="sr-only">{format!("{}: ", sign.word)}</span>
                            {named}
                            {reason.sentence.clone()}
                        </p>
                        {since.map(|since| view! { <p class="sub">{since}</p> })}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel id="reasons" title="Why" note="most exposed first" class="mt-6">
            <ol>{lines}</ol>
        </Panel>
    }
    .into_any()
}
