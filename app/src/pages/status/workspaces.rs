//! Every workspace with its verdict, most exposed first, and a filter by verdict that lives in the URL.

use super::super::{framed::looks_only, judged};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{Millis, protection::Protection, view::WorkspaceRow};

/// The verdicts in the order of exposure, by the word in the URL and the one in the tally.
const VERDICTS: [(Protection, &str, &str); 4] = [
    (Protection::Unprotected, "unprotected", "unprotected"),
    (Protection::AtRisk, "at-risk", "at risk"),
    (Protection::Unknown, "unknown", "unknown"),
    (Protection::Protected, "protected", "protected"),
];

/// The table. A word that names no verdict filters nothing.
pub fn workspaces(rows: Vec<WorkspaceRow>, shown: &str, now: Millis) -> AnyView {
    let chosen = VERDICTS.into_iter().find(|(_, key, _)| *key == shown);
    let counts = tally(&rows, chosen.map(|(verdict, ..)| verdict));
    let first = judged::days_column(rows.iter().find_map(|row| row.days.first()));
    let kept: Vec<WorkspaceRow> =
        rows.into_iter().filter(|row| chosen.is_none_or(|(verdict, ..)| row.judgement.protection == verdict)).collect();
    let body = match (kept.is_empty(), chosen) {
        (true, Some((_, _, word))) => view! {
            <Empty title=format!("No workspace is {word}") what="Other verdicts have some.">
                <LinkButton href=paths::STATUS>"Show all"</LinkButton>
            </Empty>
        }
        .into_any(),
        _ => {
            let columns = vec![
                Column::new("Workspace"),
                Column::new("Protection"),
                Column::new("Newest good point"),
                first,
                Column::new("Now and next"),
            ];
            view! {
                <Table label="Workspaces" columns wide=true class="status-tbl" still=true>
                    {kept.into_iter().map(|row| one(row, now)).collect_view()}
                </Table>
                <StripLegend note="The mark on the age line is the RPO." />
            }
            .into_any()
        }
    };
    view! {
        <section class="sec" id="workspaces" aria-labelledby="workspaces-h">
            <div class="sec-head">
                <h2 id="workspaces-h">"Workspaces"</h2>
                <Tally label="Filter by protection" counts />
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn tally(rows: &[WorkspaceRow], chosen: Option<Protection>) -> Vec<Count> {
    let all = Count {
        n: rows.len() as u64,
        word: "all".into(),
        href: paths::STATUS.into(),
        current: chosen.is_none(),
        sign: None,
    };
    let verdicts = VERDICTS.into_iter().map(|(verdict, key, word)| {
        let sign = Sign::from(verdict);
        Count {
            n: rows.iter().filter(|row| row.judgement.protection == verdict).count() as u64,
            word: word.into(),
            href: format!("{}{}", paths::STATUS, paths::query(&[("protection", key)])),
            current: chosen == Some(verdict),
            sign: Some((sign.tone, sign.glyph)),
        }
    });
    std::iter::once(all).chain(verdicts).collect()
}

fn one(row: WorkspaceRow, now: Millis) -> impl IntoView {
    let (sign, why) = (judged::sign(&row), judged::reasons(&row.judgement));
    let (newest, next) = (judged::newest(&row, now), judged::now_and_next(&row, now));
    let days = judged::days(row.days, &row.name, judged::as_of(&row.judgement));
    view! {
        <Row name=row.name href=paths::workspace(&row.id) sub=row.of silent=row.silent id=format!("w-{}", row.id)>
            <Cell label="Protection" wide=true sub=why>
                <State of=sign />
            </Cell>
            <Cell label="Newest good point">{newest}</Cell>
            <Cell label="Last 30 days" wide=true>
                {days}
            </Cell>
            <Cell label="Now and next">{next}</Cell>
        </Row>
    }
}

/// Stands as long as there is none.
pub fn none() -> impl IntoView {
    let may = looks_only().is_empty();
    view! {
        <Section id="workspaces" title="Workspaces">
            <Empty
                title="No workspace yet"
                what="A workspace is what one team watches as a whole: clusters, namespaces, apps and instances that belong together by rules. It says how well they are protected, and what no definition covers. Making one takes a minute."
            >
                {may
                    .then(|| {
                        view! {
                            <LinkButton href=paths::NEW_WORKSPACE icon=Glyph::Plus>
                                "Make a workspace"
                            </LinkButton>
                        }
                    })}
                <LinkButton href=paths::DEFINITIONS>"Open definitions"</LinkButton>
            </Empty>
        </Section>
    }
}

/// Definitions that no workspace takes in.
pub fn loose(n: u64) -> AnyView {
    if n == 0 {
        return ().into_any();
    }
    let said = match n {
        1 => "1 definition belongs to no workspace".to_owned(),
        n => format!("{} definitions belong to no workspace", words::count(n)),
    };
    view! {
        <p class="note mt-3" id="loose">
            {said}
            ". Trouble there is among what needs you, but counts for no verdict. " <a href=paths::DEFINITIONS>"All definitions"</a>
        </p>
    }
    .into_any()
}
