//! Recovery points: what can be brought back.

use super::{
    framed::{framed, looks_only, query},
    listing::{Words, fills_by_itself, listing},
    place,
    point::{location, namespaces},
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    recovery::PointState,
    view::{Page, PointFilter, PointRow},
};

#[component]
pub fn RecoveryPoints() -> impl IntoView {
    let filter = PointFilter {
        text: query("text"),
        connection: query("connection"),
        definition: query("definition"),
        state: query("state"),
        page: query("page"),
    };
    let asked = filter.clone();
    framed(
        place::points(),
        move |backend, caller| async move { backend.points(&caller, asked).await },
        move |list, frame| {
            let may = looks_only().is_empty();
            view! {
                <Head
                    title="Recovery points"
                    lead="Everything that can be restored, newest first, as the storage locations hold it.".into_any()
                />
                {content(list, filter, frame.now, may)}
            }
            .into_any()
        },
    )
}

fn address(f: &PointFilter, page: &str) -> String {
    let pairs = [
        ("text", f.text.as_str()),
        ("connection", &f.connection),
        ("definition", &f.definition),
        ("state", &f.state),
        ("page", page),
    ];
    format!("{}{}", paths::RECOVERY_POINTS, paths::query(&pairs))
}

fn content(list: Page<PointRow>, filter: PointFilter, now: Millis, may: bool) -> impl IntoView {
    let states = [PointState::Whole, PointState::Partial, PointState::Deleting, PointState::Unknown(String::new())];
    let answers = std::iter::once(Answer::new("", "Any"))
        .chain(states.iter().map(|s| Answer::new(s.key(), s.word())))
        .collect::<Vec<_>>();
    let columns = ["Recovery point", "Connection", "State", "Taken", "Expires", "Namespaces", "Location"]
        .into_iter()
        .map(Column::new)
        .chain([Column::hidden("Actions")])
        .collect::<Vec<_>>();
    let filtered = filter != PointFilter::default();
    let words = Words {
        one: "recovery point",
        many: "recovery points",
        title: "Recovery points",
        path: paths::RECOVERY_POINTS,
    };
    let rows = listing(
        words,
        list,
        filtered,
        |key| address(&filter, key),
        columns,
        || {
            fills_by_itself(
                "No recovery point yet",
                "A run that ends well leaves one. Until then nothing of what your definitions name can be brought back.",
            )
        },
        |row| one(row, now, may),
    );
    view! {
        <Filters label="Filter recovery points" action=paths::RECOVERY_POINTS>
            <FilterText label="Name or namespace" value=filter.text.clone() />
            <FilterSelect label="State" name="state" answers value=filter.state.clone() />
            <FilterKept name="definition" value=filter.definition.clone() />
            <FilterKept name="connection" value=filter.connection.clone() />
        </Filters>
        {rows}
        {(!may).then(|| view! { <p class="note mt-3">{looks_only()}</p> })}
    }
}

fn one(row: PointRow, now: Millis, may: bool) -> impl IntoView {
    let point = row.point;
    let deletion = point.deletion.clone().map(|d| match d.error {
        Some(error) => format!("deletion asked by {} was refused: {error}", d.asked_by),
        None => format!("deletion asked by {} {}", d.asked_by, words::relative(d.at, now)),
    });
    let state = Sign::from(&point.state);
    let sign = if row.silent { state.aged() } else { state };
    let (names, location) = (namespaces(&point), location(&point));
    let (taken, expires, id, name) = (point.taken, point.expires, point.id.clone(), point.title().to_owned());
    let refused = point.detail.not_restorable.clone();
    let restore = (may && refused.is_none() && point.state != PointState::Deleting).then(|| paths::new_restore(&id));
    view! {
        <Row
            name=name.clone()
            href=paths::point(&id)
            sub=row.definition_name.unwrap_or_else(|| "no definition of Holdfast".into())
            silent=row.silent
            id=format!("p-{id}")
        >
            <Cell label="Connection">{row.connection_name}</Cell>
            <Cell label="State" sub=deletion.or(refused).unwrap_or_default()>
                <State of=sign />
            </Cell>
            <Cell label="Taken"><MaybeTime at=taken now /></Cell>
            <Cell label="Expires"><MaybeTime at=expires now none="not told" /></Cell>
            <Cell label="Namespaces">{names}</Cell>
            <Cell label="Location">{location}</Cell>
            <Cell>
                {restore
                    .map(|href| {
                        view! {
                            <LinkButton href size=Size::Small>
                                "Restore…"
                                <span class="sr-only">{format!(" {name}")}</span>
                            </LinkButton>
                        }
                    })}
            </Cell>
        </Row>
    }
}
