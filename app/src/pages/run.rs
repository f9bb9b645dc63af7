//! A run: what broke, and whether what it left is safe.

use super::{
    framed::{framed_as, looks_only, param},
    place::{self, Here},
    run_log, run_parts,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{Millis, Phase, RunId, recovery::PointState, view::RunView};

#[component]
pub fn Run() -> impl IntoView {
    let id = RunId(param("id"));
    let log = run_log::Asked::here();
    framed_as(
        place::run(id.as_str()),
        move |backend, caller| async move {
            let view = backend.run(&caller, id.clone()).await?;
            let log = match &view.logs_why_not {
                Some(_) => None,
                None => log.fetch_run(&*backend, &caller, &id).await,
            };
            Ok((view, log))
        },
        |here, (view, _): &(RunView, _)| stands(here, view),
        |(view, log), frame| content(view, log, frame.now).into_any(),
    )
}

/// Its definition and when it began; what people call it upstream where there is no definition.
fn title(view: &RunView) -> String {
    match (&view.definition_name, began(&view.run)) {
        (Some(name), Some(at)) => format!("{name}, {}", written(at, Written::Day)),
        _ => view.run.title().to_owned(),
    }
}

fn began(run: &model::run::Run) -> Option<Millis> {
    run.started.or(run.created)
}

fn stands(here: Here, view: &RunView) -> Here {
    let here = here.named(title(view));
    match (&view.run.definition, &view.definition_name, began(&view.run)) {
        (Some(id), Some(name), Some(at)) => {
            here.within(name, paths::definition(id)).in_short(written(at, Written::Day))
        }
        _ => here,
    }
}

fn content(view: RunView, log: run_log::Fetched, now: Millis) -> impl IntoView {
    let run = view.run.clone();
    let title = title(&view);
    let again = run.definition.clone().filter(|_| run.phase.is_final() && looks_only().is_empty());
    let restore = restore_link(&view);
    let silent = super::health::silent(&view.connection_name, &view.health, Some(run.observed), now);
    let cancel = view.cancel_why_not.clone().filter(|_| !run.phase.is_final());
    let (facts, bar, record) = (facts(&view, now), live_bar(&view, now), record(&view));
    let (phases, trouble, clusters, volumes) = (
        run_parts::phases(&run.detail.steps, now),
        run_parts::trouble(&run.phase, &run.detail, &view.connection_name),
        run_parts::clusters(&run.detail.clusters, now),
        run_parts::volumes(&run.detail.volumes, now),
    );
    let taken_up = format!("Not yet taken up by {}", view.connection_name);
    let lead = lead(&view).into_any();
    let log = run_log::section(log, &paths::run(&run.id), &paths::run_log_file(&run.id), off(&view));
    view! {
        <div id="run-head">
            <Head title sign=run_parts::sign(&run) lead>
                {again
                    .map(|id| {
                        view! {
                            <button type="button" class="btn" data-act="run" data-id=id.0>
                                <Icon name=Glyph::Rerun />
                                "Run again"
                            </button>
                        }
                    })}
                {cancel.map(|why| view! { <Button off=why>"Cancel"</Button> })}
                {match restore {
                    Ok(href) => view! { <LinkButton href icon=Glyph::Restore>"Restore…"</LinkButton> }.into_any(),
                    Err(why) => view! { <Button icon=Glyph::Restore off=why>"Restore…"</Button> }.into_any(),
                }}
            </Head>
            {silent}
            {view.waiting.clone().map(|why| view! { <Callout tone=Tone::Warn title=taken_up.clone()><p>{why}</p></Callout> })}
            {facts}
            {bar}
            {phases}
            {trouble}
            {clusters}
            {volumes}
            {record}
        </div>
        {log}
    }
}

/// Why there is no log to fetch.
fn off(view: &RunView) -> String {
    match &view.logs_why_not {
        Some(why) => why.clone(),
        None if view.run.phase.is_final() => String::new(),
        None => "The log can be had when the run has ended.".into(),
    }
}

fn lead(view: &RunView) -> String {
    let (run, there) = (&view.run, &view.connection_name);
    let left = match (&run.phase, &view.point) {
        (Phase::Queued, _) => "Accepted, not begun.".to_owned(),
        (Phase::Running, _) => "Under way; nothing can be restored from it before it ends.".into(),
        (Phase::Succeeded, Some(_)) => "It left a whole recovery point.".into(),
        (Phase::Succeeded, None) => "It was whole; its recovery point is no longer there.".into(),
        (Phase::Partial, Some(_)) => {
            "It left a recovery point that lacks something; the results below say what.".into()
        }
        (Phase::Partial, None) => "Something was missing, and its recovery point is no longer there.".into(),
        // Such as the cluster of several that was taken: the point and its button stand below.
        (Phase::Failed, Some(_)) if restore_link(view).is_ok() => {
            "It failed, and left something that can be restored all the same.".into()
        }
        (Phase::Failed, _) => "Nothing usable came of it.".into(),
        (Phase::Cancelled, _) => "It was stopped before its end.".into(),
        (Phase::Unknown(word), _) => {
            format!("{there} says “{word}”, which this version of Holdfast does not know; it counts as not good.")
        }
    };
    if run.gone { format!("{left} {there} no longer keeps this run.") } else { left }
}

fn restore_link(view: &RunView) -> Result<String, String> {
    match (&view.point, &view.run.phase) {
        (Some(point), _) if point.state == PointState::Deleting => Err("It is being deleted.".into()),
        (Some(point), _) if point.detail.not_restorable.is_some() => {
            Err(point.detail.not_restorable.clone().unwrap_or_default())
        }
        (Some(_), _) if !looks_only().is_empty() => Err(looks_only().into()),
        (Some(point), _) => Ok(paths::new_restore(&point.id)),
        (None, phase) if !phase.is_final() => Err("Opens when the run ends.".into()),
        (None, _) => Err("The run left nothing that could be restored.".into()),
    }
}

fn facts(view: &RunView, now: Millis) -> impl IntoView + use<> {
    let (run, point) = (&view.run, &view.point);
    let usable = match point.as_ref().map(|p| &p.state) {
        Some(PointState::Whole) => "Whole",
        Some(PointState::Partial) => "Usable in part",
        Some(PointState::Deleting) => "Being deleted",
        Some(PointState::Unknown(_)) => "Unknown",
        None if !run.phase.is_final() => "Not yet",
        None => "None",
    };
    let usable = match point.as_ref().map(|p| paths::point(&p.id)) {
        Some(href) => view! { <a href=href>{usable}</a> }.into_any(),
        None => usable.into_any(),
    };
    let items = run.detail.items.as_ref().map(|i| run_parts::so_many(i, words::count));
    let (took, counts, expires) = (run_parts::took(run, now), run_parts::counts(&run.detail), run.detail.expires);
    let bytes = run.detail.bytes.as_ref().map(|b| run_parts::so_many(b, words::bytes));
    view! {
        <Facts>
            <Fact label="Recovery point">{usable}</Fact>
            <Fact label="Took">{took}</Fact>
            {items.map(|i| view! { <Fact label="Objects">{i}</Fact> })}
            {bytes.map(|b| view! { <Fact label="Data">{b}</Fact> })}
            <Fact label="Errors, warnings">{counts}</Fact>
            {expires.map(|at| view! { <Fact label="Expires"><Time at now /></Fact> })}
        </Facts>
    }
}

fn live_bar(view: &RunView, now: Millis) -> AnyView {
    let run = &view.run;
    if run.phase.is_final() || run.phase == Phase::Queued {
        return ().into_any();
    }
    let done = run.detail.bytes.or(run.detail.items);
    run_parts::going("Progress of the run", run_parts::percent(&run.detail), run_parts::took(run, now), done)
}

fn record(view: &RunView) -> impl IntoView + use<> {
    let run = view.run.clone();
    let definition = run.definition.clone().zip(view.definition_name.clone());
    let definition = match definition {
        Some((id, name)) => view! { <a href=paths::definition(&id)>{name}</a> }.into_any(),
        None => "none of Holdfast".into_any(),
    };
    let namespaces = words::list(&run.detail.namespaces);
    let raw = if run.raw_phase.is_empty() { "none yet".to_owned() } else { run.raw_phase.clone() };
    let (there, connection, trigger) =
        (paths::connection(&run.connection), view.connection_name.clone(), run.trigger.words().to_owned());
    let (began, ended, seen, name) = (run.started, run.ended, Some(run.observed), run.name.clone());
    let called = run.detail.title.clone();
    let facts = run.detail.facts.into_iter().map(|(k, v)| view! { <Pair label=k>{v}</Pair> }).collect_view();
    let location = run.detail.location.map(|l| view! { <Pair label="Location">{l}</Pair> });
    view! {
        <Section id="record" title="Record">
            <Pairs class="panel p-4 text-xs">
                {called.map(|title| view! { <Pair label="Called">{title}</Pair> })}
                <Pair label="Name">{name}</Pair>
                <Pair label="State upstream">
                    <code class="raw">{raw}</code>
                </Pair>
                <Pair label="Definition">
                    {definition}
                </Pair>
                <Pair label="Started by">{trigger}</Pair>
                <Pair label="Connection">
                    <a href=there>{connection}</a>
                </Pair>
                <Pair label="Began"><MaybeTime at=began /></Pair>
                <Pair label="Ended"><MaybeTime at=ended none="not yet" /></Pair>
                {location}
                {(!namespaces.is_empty()).then(|| view! { <Pair label="Namespaces">{namespaces}</Pair> })}
                {facts}
                <Pair label="Last seen"><MaybeTime at=seen /></Pair>
            </Pairs>
        </Section>
    }
}
