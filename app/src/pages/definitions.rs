//! The list of definitions: which one to touch.

use super::{
    definition_row::{DefinitionMenu, last_run, newest_good, next_run},
    framed::{framed, looks_only, only_administrators, query},
    place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    view::{DefinitionFilter, DefinitionList, DefinitionRow, NextRun},
};

#[component]
pub fn Definitions() -> impl IntoView {
    let filter = DefinitionFilter {
        text: query("text"),
        connection: query("connection"),
        state: query("state"),
        sort: query("sort"),
        page: query("page"),
    };
    let asked = filter.clone();
    framed(
        place::definitions(),
        move |backend, caller| async move { backend.definitions(&caller, asked).await },
        move |list, frame| {
            let lead = lead(&list);
            // An empty list has its one button below, beside what it is for.
            if list.all == 0 {
                return view! {
                    <Head title="Definitions" lead />
                    {first(frame.connections)}
                }
                .into_any();
            }
            view! {
                <Head title="Definitions" lead>
                    <LinkButton href=paths::NEW_DEFINITION weight=Weight::Primary icon=Glyph::Plus off=looks_only()>
                        "New definition"
                    </LinkButton>
                </Head>
                {filled(list, filter, frame.now)}
            }
            .into_any()
        },
    )
}

fn lead(list: &DefinitionList) -> AnyView {
    match (list.all, list.connections.len()) {
        (0, _) => "What is to be protected, how often, and how long it is kept.".into_any(),
        (n, c) => format!(
            "{} on {}. Protection is judged from recovery points that exist, not from schedules.",
            words::plural(n, "definition", "definitions"),
            words::plural(c as u64, "connection", "connections"),
        )
        .into_any(),
    }
}

fn first(connections: u32) -> impl IntoView {
    let (what, href, button, off) = if connections == 0 {
        (
            "A definition says what one of your backup systems is to protect. First tell Holdfast where that system is.",
            paths::NEW_CONNECTION,
            "Add connection",
            only_administrators(),
        )
    } else {
        (
            "A definition says what is protected, when, and how long it is kept. The wizard shows what it will send \
             before anything is sent; it takes about two minutes.",
            paths::NEW_DEFINITION,
            "New definition",
            looks_only(),
        )
    };
    view! {
        <Empty title="No definition yet" what>
            <LinkButton href weight=Weight::Primary icon=Glyph::Plus off>
                {button}
            </LinkButton>
        </Empty>
    }
}

/// The address of this list with some of its filters changed.
fn address(filter: &DefinitionFilter, change: impl FnOnce(&mut DefinitionFilter)) -> String {
    let mut f = filter.clone();
    f.page.clear();
    change(&mut f);
    format!(
        "{}{}",
        paths::DEFINITIONS,
        paths::query(&[
            ("text", &f.text),
            ("connection", &f.connection),
            ("state", &f.state),
            ("sort", &f.sort),
            ("page", &f.page),
        ])
    )
}

const STATES: [(&str, &str); 7] = [
    ("", "Any"),
    ("attention", "Needs attention"),
    ("paused", "Paused"),
    ("drifted", "Drifted"),
    ("applying", "Applying"),
    ("failing", "Failed to apply"),
    ("silent", "Silent"),
];

fn filled(list: DefinitionList, filter: DefinitionFilter, now: Millis) -> impl IntoView {
    let connections: Vec<Answer> = std::iter::once(Answer::new("", "Any"))
        .chain(list.connections.iter().map(|(id, name)| Answer::new(id.0.clone(), name.clone())))
        .collect();
    let counts = [
        ("", list.all, "all", None),
        ("attention", list.attention, "need attention", Some((Tone::Warn, Glyph::Warn))),
        ("paused", list.paused, "paused", Some((Tone::Mute, Glyph::Paused))),
    ]
    .into_iter()
    .map(|(state, n, word, sign)| Count {
        n,
        word: word.into(),
        href: address(&filter, |f| state.clone_into(&mut f.state)),
        current: filter.state == state,
        sign,
    })
    .collect();
    let sorted = |title: &str, key: &str| {
        Column::new(title).sorted(key, &filter.sort, |sort| address(&filter, |f| sort.clone_into(&mut f.sort)))
    };
    let columns = vec![
        sorted("Definition", "name"),
        Column::new("System"),
        Column::new("Schedule"),
        Column::new("Next run"),
        sorted("Last run", "last_run"),
        sorted("Newest good point", "newest_good"),
        Column::new("State"),
        Column::hidden("Actions"),
    ];
    let shown = list.page.rows.len();
    let note = if shown as u64 == list.page.total {
        words::plural(list.page.total, "definition", "definitions")
    } else {
        format!("{shown} of {}", words::plural(list.page.total, "definition", "definitions"))
    };
    let link = |key: Option<String>| key.map(|k| address(&filter, |f| f.page = k));
    let (previous, next) = (link(list.page.previous), link(list.page.next));
    let states = STATES.into_iter().map(|(value, word)| Answer::new(value, word)).collect::<Vec<_>>();
    view! {
        <div id="definitions-list">
            <Filters
                label="Filter definitions"
                action=paths::DEFINITIONS
                beside=move || view! { <Tally label="Views" counts /> }
            >
                <FilterText label="Name or namespace" value=filter.text.clone() />
                <FilterSelect label="Connection" name="connection" answers=connections value=filter.connection.clone() />
                <FilterSelect label="State" name="state" answers=states value=filter.state.clone() />
                <FilterKept name="sort" value=filter.sort.clone() />
            </Filters>
            {if shown == 0 {
                view! {
                    <Empty title="Nothing fits these filters" what="Other filters may show more.">
                        <LinkButton href=paths::DEFINITIONS>"Show all"</LinkButton>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <Table label="Definitions" columns wide=true class="defs-tbl">
                        {list.page.rows.into_iter().map(|row| one(row, now)).collect_view()}
                    </Table>
                    <Pager label="Pages of definitions" previous next note />
                }
                    .into_any()
            }}
            <p class="note mt-3">
                "Next runs follow each system’s own rule: pauses, the last run and runs still going are counted in."
            </p>
        </div>
    }
}

fn one(row: DefinitionRow, now: Millis) -> impl IntoView {
    let silent = row.health.is_silent();
    let sign = Sign::definition(&row.standing, row.paused, &row.health);
    let schedule = row.schedule.clone().unwrap_or_else(|| "By hand".into());
    // A policy has zones of its own, which nobody tells.
    let timed = matches!(row.next_run, NextRun::At(_));
    let zone = row.zone.clone().or_else(|| timed.then(|| "the system’s zone".into()));
    let (next, last, newest, why) =
        (next_run(&row, now), last_run(&row, now), newest_good(&row, now), super::definition_row::why(&row, now));
    let policy = row.follows.as_ref().map(|of| {
        let behind = if of.refused.is_empty() { "" } else { ", not its newest version" };
        view! { "policy " <a href=paths::policy(&of.policy)>{of.name.clone()}</a> {behind} }
    });
    let both = (zone.is_some() && policy.is_some()).then_some(" · ");
    let second =
        (zone.is_some() || policy.is_some()).then(|| view! { <span class="sub">{zone} {both} {policy}</span> });
    let (system, menu) = (row.kind, row.clone());
    view! {
        <Row name=row.name.clone() href=paths::definition(&row.id) sub=row.scope.clone() silent id=format!("d-{}", row.id)>
            <Cell label="System" sub=row.connection_name.clone()>
                <System kind=system />
            </Cell>
            <Cell label="Schedule">
                {schedule}
                {second}
            </Cell>
            <Cell label="Next run">{next}</Cell>
            <Cell label="Last run">{last}</Cell>
            <Cell label="Newest good point">{newest}</Cell>
            <Cell label="State">
                <State of=sign />
                {why}
            </Cell>
            <Cell menu=true>
                <DefinitionMenu row=menu />
            </Cell>
        </Row>
    }
}
