//! A recovery point: what it holds, how long it stays, and the two things that can be done with it.

use super::{
    framed::{framed_as, looks_only, param},
    health, place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis, PointId,
    recovery::{Deletion, PointState, RecoveryPoint as Point},
    view::PointView,
};

#[component]
pub fn RecoveryPoint() -> impl IntoView {
    let id = PointId(param("id"));
    framed_as(
        place::point(id.as_str()),
        move |backend, caller| async move { backend.point(&caller, id).await },
        |here, view: &PointView| here.named(view.point.title()),
        |view, frame| content(&view, frame.now).into_any(),
    )
}

fn content(view: &PointView, now: Millis) -> impl IntoView + use<> {
    let point = &view.point;
    let state = Sign::from(&point.state);
    // What a silent connection told last proves nothing now.
    let sign = if view.health.is_silent() { state.aged() } else { state };
    let silent = health::silent(&view.connection_name, &view.health, Some(point.observed), now);
    let going = point.state == PointState::Deleting || point.deletion.as_ref().is_some_and(|d| d.error.is_none());
    let may = looks_only().is_empty() && !going;
    let buttons = buttons(view, going);
    let (taken, expires, location) = (point.taken, point.expires, location(point));
    let (lead, deletion, record) = (lead(view), deletion(point, now), record(view));
    let forget = (may && view.delete_why_not.is_none()).then(|| forget(point));
    let message = point.detail.message.clone().map(|text| {
        let title = format!("{} says", view.connection_name);
        view! { <Callout tone=Tone::Mute title><p>{text}</p></Callout> }
    });
    let detail = &point.detail;
    let named =
        |label: &'static str, of: &Option<model::Named>| of.clone().map(|n| view! { <Fact label>{n.name}</Fact> });
    let (subject, cluster) = (named("Of", &detail.subject), named("Cluster", &detail.cluster));
    let bytes = detail.bytes.map(|n| view! { <Fact label="Data">{words::bytes(n)}</Fact> });
    let objects = point.items.map(|n| view! { <Fact label="Objects">{words::count(n)}</Fact> });
    view! {
        <Head title=point.title().to_owned() sign lead>
            {buttons}
        </Head>
        {silent}
        {deletion}
        {message}
        <Facts>
            {subject}
            {cluster}
            <Fact label="Taken"><MaybeTime at=taken now told=Told::Exact /></Fact>
            <Fact label="Expires"><MaybeTime at=expires now /></Fact>
            {objects}
            {bytes}
            <Fact label="Location">{location}</Fact>
        </Facts>
        {record}
        {forget}
    }
}

/// Whether it can be counted on.
fn lead(view: &PointView) -> AnyView {
    let run = view.point.run.as_ref().map(paths::run);
    match (&view.point.state, run) {
        (PointState::Whole, _) => "Everything that its run was to take is in it.".into_any(),
        (PointState::Partial, Some(run)) => {
            view! { "It lacks something; " <a href=run>"its run"</a> " says what." }.into_any()
        }
        (PointState::Partial, None) => "It lacks something, and its run is no longer known.".into_any(),
        (PointState::Deleting, _) => "It and its data are being deleted.".into_any(),
        (PointState::Unknown(word), _) => {
            format!("The upstream says “{word}”, which this version of Holdfast does not know; it counts as not good.")
                .into_any()
        }
    }
}

/// `going`: it is being deleted, which the page says already.
fn buttons(view: &PointView, going: bool) -> AnyView {
    let point = &view.point;
    if going {
        return ().into_any();
    }
    if !looks_only().is_empty() {
        return view! { <Button icon=Glyph::Restore off=looks_only()>"Restore…"</Button> }.into_any();
    }
    let restore = match point.detail.not_restorable.clone() {
        Some(why) => view! { <Button icon=Glyph::Restore off=why>"Restore…"</Button> }.into_any(),
        None => view! {
            <LinkButton href=paths::new_restore(&point.id) weight=Weight::Primary icon=Glyph::Restore>
                "Restore…"
            </LinkButton>
        }
        .into_any(),
    };
    let delete = match view.delete_why_not.clone() {
        Some(why) => {
            view! { <Button weight=Weight::Danger icon=Glyph::Trash off=why>"Delete for ever…"</Button> }.into_any()
        }
        None => view! {
            <Button weight=Weight::Danger icon=Glyph::Trash opens="delete">
                "Delete for ever…"
            </Button>
        }
        .into_any(),
    };
    view! {
        {restore}
        {delete}
    }
    .into_any()
}

fn deletion(point: &Point, now: Millis) -> AnyView {
    let Some(Deletion { asked_by, at, error }) = point.deletion.clone() else { return ().into_any() };
    let asked = view! { <p class="sub">{format!("Asked by {asked_by} ")}<Time at now />"."</p> };
    match error {
        Some(error) => {
            view! { <Callout tone=Tone::Bad title="Its deletion was refused"><p>{error}</p>{asked}</Callout> }
                .into_any()
        }
        None => view! {
            <Callout tone=Tone::Live title="It is being deleted">
                <p>"It disappears from here as soon as the upstream has confirmed."</p>
                {asked}
            </Callout>
        }
        .into_any(),
    }
}

/// The namespaces in it, in words; where none are told, what it is of.
pub fn namespaces(point: &Point) -> String {
    match point.namespaces.as_slice() {
        [] => point.detail.subject.as_ref().map_or_else(|| "not told".into(), |s| s.name.clone()),
        [all] if all == "*" => "every namespace".into(),
        some => words::list(some),
    }
}

/// Where its data lies.
pub fn location(point: &Point) -> String {
    point.location.clone().unwrap_or_else(|| "not told".into())
}

fn record(view: &PointView) -> impl IntoView + use<> {
    let point = &view.point;
    let definition = match (&point.definition, &view.definition_name) {
        (Some(id), Some(name)) => view! { <a href=paths::definition(id)>{name.clone()}</a> }.into_any(),
        _ => "none of Holdfast".into_any(),
    };
    let run = match &point.run {
        Some(id) => view! { <a href=paths::run(id)>"The run that made it"</a> }.into_any(),
        None => "not known".into_any(),
    };
    let (there, connection) = (paths::connection(&point.connection), view.connection_name.clone());
    // Where people call it otherwise, its own name is what support asks for.
    let own = point.name.clone();
    let called = (point.title() != own).then(|| view! { <Pair label="Name">{own}</Pair> });
    let (names, taken, expires, seen) = (namespaces(point), point.taken, point.expires, Some(point.observed));
    view! {
        <Section id="record" title="Record">
            <Pairs class="panel p-4 text-xs">
                {called}
                <Pair label="Definition">{definition}</Pair>
                <Pair label="Run">{run}</Pair>
                <Pair label="Connection"><a href=there>{connection}</a></Pair>
                <Pair label="Namespaces">{names}</Pair>
                <Pair label="Taken"><MaybeTime at=taken /></Pair>
                <Pair label="Expires"><MaybeTime at=expires /></Pair>
                <Pair label="Last seen"><MaybeTime at=seen /></Pair>
            </Pairs>
        </Section>
    }
}

/// What cannot be undone asks for the name.
fn forget(point: &Point) -> impl IntoView + use<> {
    let (id, ask) = (point.id.0.clone(), format!("Type {} to confirm", point.title()));
    view! {
        <Removal
            id="delete"
            title=format!("Delete {} for ever?", point.title())
            word="Delete recovery point and its data"
            act="delete-point"
            of=id
            then=paths::RECOVERY_POINTS
        >
            <p>
                "The backup and its data are removed from where they are kept. Restores made from it stay; nothing can bring the recovery point back."
            </p>
            <div class="field">
                <label for="confirm">{ask}</label>
                <input id="confirm" name="confirm" autocomplete="off" autocapitalize="none" spellcheck="false" />
            </div>
        </Removal>
    }
}
