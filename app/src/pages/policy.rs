//! A policy: what it says, who follows it and how far its newest version has come. The form is an island.

use super::{
    framed::{framed, framed_as, looks_only, param},
    place,
    policy_words::{follower, how_often, kept, rollout, rollout_sub, rpo, urgency, zone},
};
use crate::{
    backend::Caller,
    forms::policy::{PolicyForm, PolicyStart, effects},
    paths,
    shell::PreloadChunks,
    ui::*,
};
use leptos::prelude::*;
use model::{
    Millis, PolicyId,
    account::Role,
    view::{Follower, PolicyView},
};

/// Makes a policy.
#[component]
pub fn NewPolicy() -> impl IntoView {
    framed(
        place::new_policy(),
        |backend, caller: Caller| async move {
            caller.at_least(Role::Operator)?;
            Ok(PolicyStart::new(backend.zones(&caller).await?))
        },
        |start, _| {
            view! {
                <PreloadChunks of="PolicyForm" />
                <Head
                    title="New policy"
                    lead="How often and how long, under a name that many definitions can follow.".into_any()
                />
                <PolicyForm start=Packed::new(&start) />
            }
            .into_any()
        },
    )
}

/// Shows a policy, and changes it.
#[component]
pub fn Policy() -> impl IntoView {
    let id = PolicyId(param("id"));
    framed_as(
        place::policy(id.as_str()),
        move |backend, caller| async move {
            let view = backend.policy(&caller, id).await?;
            Ok((view, backend.zones(&caller).await?))
        },
        |here, (view, _): &(PolicyView, _)| here.named(&view.row.policy.name),
        |(view, zones), frame| content(view, zones, frame.now).into_any(),
    )
}

fn content(view: PolicyView, zones: Vec<String>, now: Millis) -> impl IntoView {
    let PolicyView { row, draft, changed_by, changed_at, effects, used_by } = view;
    let may = looks_only().is_empty();
    let (name, used) = (row.policy.name.clone(), row.used_by);
    let lead = view! { {format!("Version {}, changed by {changed_by} ", row.version)} <Time at=changed_at now /> "." };
    let keep = match used {
        _ if !may => looks_only().to_owned(),
        0 => String::new(),
        1 => "1 definition follows it; let it have a rhythm of its own or another policy first.".into(),
        n => format!(
            "{} definitions follow it; let them have rhythms of their own or another policy first.",
            words::count(n)
        ),
    };
    let remove = if keep.is_empty() {
        view! {
            <Button weight=Weight::Danger icon=Glyph::Trash opens="delete">
                "Delete…"
            </Button>
        }
        .into_any()
    } else {
        view! {
            <Button weight=Weight::Danger icon=Glyph::Trash off=keep.clone()>
                "Delete…"
            </Button>
        }
        .into_any()
    };
    let form = if may {
        let start = PolicyStart { editing: Some((row.id.clone(), row.version)), draft, effects, zones, used_by: used };
        view! {
            <PreloadChunks of="PolicyForm" />
            <PolicyForm start=Packed::new(&start) />
        }
        .into_any()
    } else {
        effects::table(effects).into_any()
    };
    let (often, kept, rpo, zone) = (how_often(&row.policy), kept(&row.policy), rpo(row.policy.rpo), zone(&row.policy));
    view! {
        <Head title=name.clone() lead=lead.into_any()>
            {remove}
        </Head>
        <Facts>
            <Fact label="How often" sub=zone>
                {often}
            </Fact>
            <Fact label="Kept">{kept}</Fact>
            <Fact label="RPO">{rpo}</Fact>
            <Fact label="Roll-out" sub=rollout_sub(row.rollout)>
                <State of=rollout(row.rollout) />
            </Fact>
        </Facts>
        {form}
        {followers(used_by, row.version)}
        {keep.is_empty().then(|| delete(name, row.id))}
    }
}

/// Who follows it, what needs somebody first.
fn followers(used_by: Vec<Follower>, newest: i64) -> impl IntoView {
    let note = (!used_by.is_empty()).then(|| words::plural(used_by.len() as u64, "definition", "definitions"));
    let mut rows: Vec<_> = used_by
        .into_iter()
        .map(|of| {
            let (sign, why) = follower(&of, newest);
            (of, sign, why)
        })
        .collect();
    rows.sort_by_key(|(_, sign, _)| urgency(sign));
    let inside = if rows.is_empty() {
        view! {
            <p class="help">"Nothing follows it yet. A definition does when it is chosen in its wizard, under Schedule."</p>
        }
        .into_any()
    } else {
        let columns = vec![
            Column::new("Definition"),
            Column::new("System"),
            Column::num("Points held"),
            Column::new("Saved with"),
            Column::new("State"),
        ];
        view! {
            <Table label="Definitions that follow it" columns tight=true>
                {rows.into_iter().map(|(of, sign, why)| one(of, sign, why)).collect_view()}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section id="used-by" title="Used by" note=note.unwrap_or_default()>
            {inside}
        </Section>
    }
}

fn one(of: Follower, sign: Sign, why: String) -> impl IntoView {
    view! {
        <Row name=of.name href=paths::definition(&of.definition) id=format!("f-{}", of.definition)>
            <Cell label="System" sub=of.connection_name>
                <System kind=of.kind />
            </Cell>
            <Cell label="Points held" num=true>
                {words::count(of.points)}
            </Cell>
            <Cell label="Saved with">{format!("version {}", of.version)}</Cell>
            <Cell label="State" wide=true sub=why>
                <State of=sign />
            </Cell>
        </Row>
    }
}

/// The question before a policy goes.
fn delete(name: String, id: PolicyId) -> impl IntoView {
    view! {
        <Removal
            id="delete"
            title=format!("Delete {name}?")
            word="Delete policy"
            act="delete-policy"
            of=id.0
            then=paths::POLICIES
        >
            <p>"No definition follows it. Nothing changes in any backup system."</p>
        </Removal>
    }
}
