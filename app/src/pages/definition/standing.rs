//! Where what is saved and what is in force differ: why, and what can be done.

use super::super::{
    definition_row::{paused, why},
    workspace::capital,
};
use crate::ui::*;
use leptos::prelude::*;
use model::{
    Millis,
    definition::{Drift, Standing, Stuck},
    view::DefinitionDetail,
};

/// Where saved and real differ: why, and what can be done.
/// `may`: whether the reader may settle it.
pub(super) fn standing(d: &DefinitionDetail, now: Millis, may: bool) -> AnyView {
    let id = d.row.id.0.clone();
    let there = d.row.connection_name.clone();
    match &d.row.standing {
        Standing::Applied if d.row.paused => {
            let by = paused(&d.row, now).unwrap_or_else(|| "paused".to_owned());
            view! {
                <Callout tone=Tone::Warn title=capital(&by)>
                    <p>"No scheduled run begins until somebody resumes it. Recovery points that exist stay until they expire."</p>
                </Callout>
            }
            .into_any()
        }
        Standing::Applied => ().into_any(),
        Standing::Applying => {
            let before = match d.applied_version {
                0 => "Nothing is in force yet.".to_owned(),
                version => format!("Version {version} is still in force."),
            };
            view! {
                <Callout tone=Tone::Live title=format!("Version {} is on its way to {there}.", d.row.version)>
                    <p>{before}</p>
                </Callout>
            }
            .into_any()
        }
        Standing::Failing { reason, attempts, next_try } => {
            let title = format!("Version {} could not be applied", d.row.version);
            failed(title, reason.clone(), *attempts, *next_try, None, may.then_some(id), now)
        }
        Standing::Invalid { reasons, drift: fields } => {
            let drifted = (!fields.is_empty()).then(|| drift(fields, waiting(d), d, may));
            let reasons = reasons.iter().map(|reason| view! { <li>{reason.clone()}</li> }).collect_view();
            view! {
                <Callout tone=Tone::Bad title=format!("{there} has it, and refuses to run it")>
                    <ul>{reasons}</ul>
                    <p class="sub">{format!("No run begins until it is edited so that {there} accepts it.")}</p>
                </Callout>
                {drifted}
            }
            .into_any()
        }
        Standing::Drifted { fields } => drift(fields, waiting(d), d, may),
        Standing::Missing => view! {
            <Callout tone=Tone::Bad title=format!("Somebody deleted it on {there}")>
                <p>"Nothing runs any more. Recovery points that exist stay until they expire."</p>
                {may
                    .then(|| {
                        view! {
                            <p class="acts mt-2">
                                <button type="button" class="btn btn-sm" data-act="reapply" data-id=id data-said="It is being made again.">
                                    "Make it again"
                                </button>
                            </p>
                        }
                    })}
            </Callout>
        }
        .into_any(),
        Standing::Removing { stuck: Some(Stuck { reason, attempts, next_try }) } => {
            let title = format!("It is to be deleted, and {there} has not confirmed it");
            let then = format!(
                "Settle the reason, or delete it on {there} yourself: Holdfast keeps trying. It disappears from here once it is \
                 gone there; until then its schedule may go on."
            );
            failed(title, reason.clone(), *attempts, *next_try, Some(then), may.then_some(id), now)
        }
        Standing::Removing { stuck: None } => {
            let why = why(&d.row, now);
            view! {
                <Callout tone=Tone::Live title="It is being deleted">
                    <p>{why} {format!("It disappears from here as soon as {there} has confirmed.")}</p>
                </Callout>
            }
            .into_any()
        }
    }
}

/// The last attempt failed: why, when the next one is, and a button for now where `id` may be told to try.
fn failed(
    title: String,
    reason: String,
    attempts: u32,
    next_try: Option<Millis>,
    then: Option<String>,
    id: Option<String>,
    now: Millis,
) -> AnyView {
    let tries = words::plural(u64::from(attempts), "try", "tries");
    let next = next_try.map(|at| format!(" The next is {}.", words::relative(at, now))).unwrap_or_default();
    view! {
        <Callout tone=Tone::Bad title>
            <p>{reason}</p>
            {then.map(|then| view! { <p>{then}</p> })}
            <p class="sub">{format!("{tries} so far.{next}")}</p>
            {id
                .map(|id| {
                    view! {
                        <p class="acts mt-2">
                            <button type="button" class="btn btn-sm" data-act="retry-definition" data-id=id>
                                "Try now"
                            </button>
                        </p>
                    }
                })}
        </Callout>
    }
    .into_any()
}

/// The saved version that is held until somebody decides.
fn waiting(d: &DefinitionDetail) -> Option<i64> {
    (d.applied_version < d.row.version).then_some(d.row.version)
}

/// What differs, and the two ways out.
fn drift(fields: &[Drift], waiting: Option<i64>, d: &DefinitionDetail, may: bool) -> AnyView {
    let (id, name) = (d.row.id.0.clone(), d.row.connection_name.clone());
    let there = format!("On {name}");
    let refused = fields.iter().find_map(|f| f.not_adoptable.clone());
    let columns = vec![Column::new("Field"), Column::new("Saved here"), Column::new(there.clone())];
    let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "nothing".into());
    let rows = fields
        .iter()
        .map(|f| {
            let (ours, theirs, label) = (value(&f.ours), value(&f.theirs), there.clone());
            view! {
                <Row name=f.field.clone() sub=f.not_adoptable.clone().unwrap_or_default()>
                    <Cell label="Saved here"><code>{ours}</code></Cell>
                    <Cell label><code>{theirs}</code></Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section id="drift" title=format!("Somebody changed it on {name}") note="nothing is overwritten before you decide">
            {waiting
                .map(|version| {
                    view! {
                        <p class="mb-3">
                            {format!("Version {version} is saved and waits: applying it would have overwritten what somebody changed there.")}
                        </p>
                    }
                })}
            <Table label="What differs" columns tight=true>
                {rows}
            </Table>
            {may.then(|| settle(refused, id, &name))}
        </Section>
    }
    .into_any()
}

/// The two ways out of a difference; taking over is off where Holdfast could not express what is there.
fn settle(refused: Option<String>, id: String, there: &str) -> impl IntoView + use<> {
    let adopt = format!("Adopt what {there} has");
    view! {
        <p class="acts mt-3">
            <button type="button" class="btn" data-act="reapply" data-id=id.clone() data-said="What is saved here is being applied again.">
                "Re-apply what is saved here"
            </button>
            {match refused {
                None => {
                    view! {
                        <button type="button" class="btn" data-act="adopt" data-id=id data-said="The change is taken over.">
                            {adopt}
                        </button>
                    }
                        .into_any()
                }
                Some(why) => view! { <Button off=why>{adopt}</Button> }.into_any(),
            }}
        </p>
    }
}
