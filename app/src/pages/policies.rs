//! The library of policies, and beside it what the systems keep themselves.

use super::{
    framed::{framed, looks_only},
    place,
    policy_words::{rollout, rollout_sub, rpo},
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    view::{PolicyList, PolicyRow, UpstreamPolicyRow},
};

#[component]
pub fn Policies() -> impl IntoView {
    framed(
        place::policies(),
        |backend, caller| async move { backend.policies(&caller).await },
        |list, frame| content(list, frame.now).into_any(),
    )
}

const LEAD: &str = "A policy says how often and how long. Each system gets what it can express of it; what it cannot is refused with the \
                    reason, never rounded.";

fn content(list: PolicyList, now: Millis) -> impl IntoView {
    let new = || {
        view! {
            <LinkButton href=paths::NEW_POLICY weight=Weight::Primary icon=Glyph::Plus off=looks_only()>
                "New policy"
            </LinkButton>
        }
    };
    let lead = || LEAD.into_any();
    let library = if list.rows.is_empty() {
        // An empty list has its one button below, beside what it is for.
        view! {
            <Head title="Policies" lead=lead() />
            <Empty
                title="No policy yet"
                what="Definitions that follow a policy change with it. Make one here, then choose it in the wizard; it takes about a minute. Without one each definition has a rhythm of its own."
            >
                {new()}
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Head title="Policies" lead=lead()>
                {new()}
            </Head>
            {table(list.rows)}
        }
        .into_any()
    };
    view! {
        {library}
        {(!list.upstream.is_empty()).then(|| upstream(list.upstream, now))}
    }
}

fn table(rows: Vec<PolicyRow>) -> impl IntoView {
    let columns = ["Policy", "How often", "Kept", "RPO", "Used by", "Systems", "Roll-out"].map(Column::new).into();
    view! {
        <div id="policies-list">
            <Table label="Policies" columns wide=true>
                {rows.into_iter().map(one).collect_view()}
            </Table>
        </div>
    }
}

fn one(row: PolicyRow) -> impl IntoView {
    let used = match row.used_by {
        0 => "nothing yet".to_owned(),
        n => words::plural(n, "definition", "definitions"),
    };
    let systems = row.systems.iter().map(|kind| kind.word().to_owned()).collect::<Vec<_>>();
    let systems = if systems.is_empty() { "none yet".to_owned() } else { words::list(&systems) };
    let (often, kept, rpo) = (row.policy.often(), row.policy.kept(), rpo(row.policy.rpo));
    view! {
        <Row name=row.policy.name.clone() href=paths::policy(&row.id) id=format!("p-{}", row.id)>
            <Cell label="How often">{often}</Cell>
            <Cell label="Kept">{kept}</Cell>
            <Cell label="RPO">{rpo}</Cell>
            <Cell label="Used by">{used}</Cell>
            <Cell label="Systems">{systems}</Cell>
            <Cell label="Roll-out" sub=rollout_sub(row.rollout)>
                <State of=rollout(row.rollout) />
            </Cell>
        </Row>
    }
}

/// What the systems keep: it is listed here, and changed there.
fn upstream(rows: Vec<UpstreamPolicyRow>, now: Millis) -> impl IntoView {
    let columns = ["Policy", "System", "What it says", "Used by", "As of"].map(Column::new).into();
    view! {
        <Section id="upstream" title="Kept by the systems themselves" note="changed there, followed from here">
            <Table label="Policies kept by the systems themselves" columns>
                {rows
                    .into_iter()
                    .enumerate()
                    .map(|(at, row)| {
                        let used = match row.used_by {
                            0 => "nothing there".to_owned(),
                            n => words::plural(n.into(), "definition there", "definitions there"),
                        };
                        let says = if row.words.is_empty() { "not told".to_owned() } else { row.words };
                        view! {
                            <Row name=row.name id=format!("u-{at}")>
                                <Cell label="System" sub=row.connection_name>
                                    <System kind=row.kind />
                                </Cell>
                                <Cell label="What it says" wide=true>
                                    {says}
                                </Cell>
                                <Cell label="Used by">{used}</Cell>
                                <Cell label="As of">
                                    <MaybeTime at=row.as_of now none="never" />
                                </Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
        </Section>
    }
}
