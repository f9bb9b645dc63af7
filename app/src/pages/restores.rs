//! The list of restores.

use super::{
    framed::{framed, looks_only, query},
    listing::{Words, listing},
    place, run_parts,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{Millis, view::RestoreView};

#[component]
pub fn Restores() -> impl IntoView {
    let page = query("page");
    framed(
        place::restores(),
        move |backend, caller| async move { backend.restores(&caller, page).await },
        |list, frame| {
            let (now, none) = (frame.now, list.rows.is_empty());
            let columns = ["Restore", "Connection", "State", "Began", "Took", "Errors, warnings", "Asked by"]
                .into_iter()
                .map(Column::new)
                .collect::<Vec<_>>();
            let rows = listing(
                Words { one: "restore", many: "restores", title: "Restores", path: paths::RESTORES },
                list,
                false,
                |key| format!("{}{}", paths::RESTORES, paths::query(&[("page", key)])),
                columns,
                empty,
                |row| one(row, now),
            );
            view! {
                <Head title="Restores" lead="What was brought back, and how far it came.".into_any()>
                    {(!none).then(choose)}
                </Head>
                {rows}
            }
            .into_any()
        },
    )
}

fn empty() -> AnyView {
    view! {
        <Empty
            title="No restore yet"
            what="A restore starts from a recovery point. It can go into another namespace, so that nothing that runs is touched."
        >
            {choose()}
        </Empty>
    }
    .into_any()
}

fn choose() -> impl IntoView {
    view! {
        <LinkButton href=paths::RECOVERY_POINTS icon=Glyph::Restore off=looks_only()>
            "Choose a recovery point"
        </LinkButton>
    }
}

fn one(row: RestoreView, now: Millis) -> impl IntoView {
    let r = row.restore;
    let sub = if r.mapping.is_empty() {
        format!("from {}", r.point_name)
    } else {
        let pairs: Vec<String> = r.mapping.iter().map(|(a, b)| format!("{a} → {b}")).collect();
        format!("from {}, {}", r.point_name, words::list(&pairs))
    };
    let (sign, took, counts) = (
        run_parts::phase_sign(&r.phase, &r.detail),
        run_parts::span(r.started, r.ended, &r.phase, now),
        run_parts::counts(&r.detail),
    );
    let began = r.started.or(r.created);
    view! {
        <Row
            name=r.title().to_owned()
            href=paths::restore(&r.id)
            sub
            silent=row.health.is_silent()
            id=format!("s-{}", r.id)
        >
            <Cell label="Connection">{row.connection_name}</Cell>
            <Cell label="State" sub=r.waiting.clone().unwrap_or_default()>
                <State of=sign />
            </Cell>
            <Cell label="Began"><MaybeTime at=began now /></Cell>
            <Cell label="Took">{took}</Cell>
            <Cell label="Errors, warnings">{counts}</Cell>
            <Cell label="Asked by">{r.asked_by.unwrap_or_else(|| "outside Holdfast".into())}</Cell>
        </Row>
    }
}
