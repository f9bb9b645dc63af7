//! A restore: how far it is, and what it could not bring back.

use super::{
    framed::{framed_as, looks_only, param},
    health, place, run_log, run_parts,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{Millis, Phase, RestoreId, view::RestoreView};

#[component]
pub fn Restore() -> impl IntoView {
    let id = RestoreId(param("id"));
    let log = run_log::Asked::here();
    framed_as(
        place::restore(id.as_str()),
        move |backend, caller| async move {
            let view = backend.restore(&caller, id.clone()).await?;
            let log = match &view.logs_why_not {
                Some(_) => None,
                None => log.fetch_restore(&*backend, &caller, &id).await,
            };
            Ok((view, log))
        },
        |here, (view, _): &(RestoreView, _)| here.named(view.restore.title()),
        |(view, log), frame| content(view, log, frame.now).into_any(),
    )
}

fn content(view: RestoreView, log: run_log::Fetched, now: Millis) -> impl IntoView {
    let r = view.restore;
    let sign = run_parts::phase_sign(&r.phase, &r.detail);
    let going = !r.phase.is_final() && r.phase != Phase::Queued;
    let done = r.detail.items.or(r.detail.bytes);
    let spent = run_parts::span(r.started, r.ended, &r.phase, now);
    let going = going.then(|| run_parts::going("Progress of the restore", run_parts::percent(&r.detail), spent, done));
    let items = r.detail.items.as_ref().map(|i| run_parts::so_many(i, words::count));
    let (took, counts) = (run_parts::span(r.started, r.ended, &r.phase, now), run_parts::counts(&r.detail));
    let silent = health::silent(&view.connection_name, &view.health, Some(r.observed), now);
    let off = match &view.logs_why_not {
        Some(why) => why.clone(),
        None if r.phase.is_final() => String::new(),
        None => "The log can be had when the restore has ended.".into(),
    };
    let heading = r.detail.title.clone().unwrap_or_else(|| format!("Restore of {}", r.point_name));
    let (taken_up, said) =
        (format!("Not yet taken up by {}", view.connection_name), lead(&r.phase, &view.connection_name));
    let (phases, trouble, clusters, volumes) = (
        run_parts::phases(&r.detail.steps, now),
        run_parts::trouble(&r.phase, &r.detail, &view.connection_name),
        run_parts::clusters(&r.detail.clusters, now),
        run_parts::volumes(&r.detail.volumes, now),
    );
    let raw = if r.raw_phase.is_empty() { "none yet".to_owned() } else { r.raw_phase.clone() };
    let mapping = if r.mapping.is_empty() {
        "where they were".to_owned()
    } else {
        r.mapping.iter().map(|(a, b)| format!("{a} → {b}")).collect::<Vec<_>>().join(", ")
    };
    let asked_by = r.asked_by.clone().unwrap_or_else(|| "outside Holdfast".into());
    let (name, from, began, over, there) =
        (r.name.clone(), r.point_name.clone(), r.started, r.ended, paths::connection(&r.connection));
    let connection = view.connection_name.clone();
    let again =
        r.point.clone().filter(|_| r.phase.is_final() && looks_only().is_empty()).map(|p| paths::new_restore(&p));
    let (page, file) = (paths::restore(&r.id), paths::restore_log_file(&r.id));
    view! {
        <Head title=heading sign lead=said.into_any()>
            {again.map(|href| view! { <LinkButton href icon=Glyph::Restore>"Restore again…"</LinkButton> })}
        </Head>
        {silent}
        {r.waiting.clone().map(|why| view! { <Callout tone=Tone::Warn title=taken_up.clone()><p>{why}</p></Callout> })}
        <Facts>
            <Fact label="Took">{took}</Fact>
            {items.map(|i| view! { <Fact label="Objects">{i}</Fact> })}
            <Fact label="Errors, warnings">{counts}</Fact>
            <Fact label="Asked by">{asked_by}</Fact>
        </Facts>
        {going}
        {phases}
        {trouble}
        {clusters}
        {volumes}
        <Section id="record" title="Record">
            <Pairs class="panel p-4 text-xs">
                <Pair label="Name">{name}</Pair>
                <Pair label="State upstream">
                    <code class="raw">{raw}</code>
                </Pair>
                <Pair label="From">{from}</Pair>
                <Pair label="Namespaces">
                    {mapping}
                </Pair>
                <Pair label="Connection"><a href=there>{connection}</a></Pair>
                <Pair label="Began"><MaybeTime at=began /></Pair>
                <Pair label="Ended"><MaybeTime at=over none="not yet" /></Pair>
            </Pairs>
        </Section>
        {run_log::section(log, &page, &file, off)}
    }
}

fn lead(phase: &Phase, there: &str) -> String {
    match phase {
        Phase::Queued => "Accepted, not begun.".into(),
        Phase::Running => "Objects are being brought back.".into(),
        Phase::Succeeded => "Everything that was asked for is back.".into(),
        Phase::Partial => "Something could not be brought back; the results below say what.".into(),
        Phase::Failed => format!("It failed; {there} may hold a part of it."),
        Phase::Cancelled => "It was stopped before its end.".into(),
        Phase::Unknown(word) => format!("{there} says “{word}”, which this version of Holdfast does not know."),
    }
}
