//! Pieces that runs and restores share: state with progress, phases, volumes, messages.

use crate::ui::*;
use leptos::prelude::*;
use model::{
    Millis, Phase,
    run::{ClusterPart, Progress, Run, RunDetail, RunStep, VolumeRow},
};

/// A run's state; a running one says how far it is.
pub fn sign(run: &Run) -> Sign {
    phase_sign(&run.phase, &run.detail)
}

/// A state with the percentage of what runs.
pub fn phase_sign(phase: &Phase, detail: &RunDetail) -> Sign {
    let sign = Sign::from(phase);
    match percent(detail).filter(|_| *phase == Phase::Running) {
        Some(p) => sign.say(format!("Running, {p} %")),
        None => sign,
    }
}

/// How far: by bytes when volumes move, else by objects.
pub fn percent(detail: &RunDetail) -> Option<u8> {
    detail.bytes.as_ref().and_then(Progress::percent).or_else(|| detail.items.as_ref().and_then(Progress::percent))
}

/// The second line of a running run.
pub fn progress(run: &Run) -> AnyView {
    let text = match (&run.phase, &run.detail) {
        (Phase::Running, RunDetail { bytes: Some(b), .. }) => Some(so_many(b, words::bytes)),
        (Phase::Running, RunDetail { items: Some(i), .. }) => Some(format!("{} objects", so_many(i, words::count))),
        (Phase::Queued, detail) => detail.note.clone(),
        _ => None,
    };
    text.map(|t| view! { <span class="sub">{t}</span> }).into_any()
}

/// `4,218 of 4,221`, or `4,218 so far`.
pub fn so_many(p: &Progress, say: fn(u64) -> String) -> String {
    match p.total {
        Some(total) => format!("{} of {}", say(p.done), say(total)),
        None => format!("{} so far", say(p.done)),
    }
}

/// How long it took, or has been going.
pub fn took(run: &Run, now: Millis) -> String {
    span(run.started, run.ended, &run.phase, now)
}

/// From one moment to another, or to now for what is under way.
pub fn span(began: Option<Millis>, ended: Option<Millis>, phase: &Phase, now: Millis) -> String {
    match (began, ended) {
        (Some(began), Some(ended)) => words::took(ended.since(began)),
        (Some(began), None) if !phase.is_final() => format!("{} so far", words::took(now.since(began))),
        _ => "not told".into(),
    }
}

/// How far something under way is, how long it has been going, and both as a bar.
pub fn going(label: &'static str, percent: Option<u8>, spent: String, done: Option<Progress>) -> AnyView {
    view! {
        <div class="panel p-4 mt-6">
            <p class="flex items-baseline gap-3">
                <b class="text-xl">{percent.map_or_else(|| "Under way".to_owned(), |p| format!("{p} %"))}</b>
                " " <span class="text-ink-2">{spent}</span>
            </p>
            {match done {
                Some(done) => view! { <Bar label done /> }.into_any(),
                None => view! { <Bar label /> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// `4, 13`; what isn't told isn't zero.
pub fn counts(detail: &RunDetail) -> String {
    match (detail.errors, detail.warnings) {
        (None, None) => "not told".into(),
        (e, w) => {
            format!("{}, {}", e.map_or_else(|| "?".into(), words::count), w.map_or_else(|| "?".into(), words::count))
        }
    }
}

/// The steps of a run as a bar and a list.
pub fn phases(steps: &[RunStep], now: Millis) -> AnyView {
    if steps.is_empty() {
        return ().into_any();
    }
    let stretches = steps
        .iter()
        .map(|step| {
            let ended = step.ended.or_else(|| (!step.phase.is_final()).then_some(now));
            let ms = step.began.zip(ended).map_or(0, |(a, b)| b.since(a));
            let began = step.began.map(|at| written(at, Written::Clock));
            let sub = match (began, step.began.is_some() && (step.ended.is_some() || !step.phase.is_final())) {
                (Some(at), true) => format!("{at} · {}", words::took(ms)),
                (Some(at), false) => at,
                (None, _) => String::new(),
            };
            Stretch { sign: Sign::from(&step.phase).say(step.title.clone()), sub, ms }
        })
        .collect::<Vec<_>>();
    view! {
        <Section id="phases" title="Phases" hide_title=true>
            <Phases stretches />
        </Section>
    }
    .into_any()
}

/// What became of it on each cluster, trouble first.
pub fn clusters(rows: &[ClusterPart], now: Millis) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let mut rows = rows.to_vec();
    rows.sort_by_key(|c| (c.skipped.is_none() && c.phase.is_good(), c.cluster.name.clone()));
    let columns = ["Cluster", "State", "Namespaces", "Expires"].into_iter().map(Column::new).collect::<Vec<_>>();
    view! {
        <Section id="clusters" title="Clusters" note="trouble first">
            <Table label="Clusters" columns tight=true>
                {rows.into_iter().map(|c| cluster(c, now)).collect_view()}
            </Table>
        </Section>
    }
    .into_any()
}

fn cluster(c: ClusterPart, now: Millis) -> impl IntoView {
    // What was left out is neither good nor a failure of the cluster.
    let (sign, sub) = match c.skipped {
        Some(why) => (Sign::new(Tone::Warn, Glyph::Cancelled, "Skipped"), why),
        None => (Sign::from(&c.phase), c.message.unwrap_or_default()),
    };
    let namespaces = if c.namespaces.is_empty() { "not told".to_owned() } else { words::list(&c.namespaces) };
    let expires = c.expires;
    view! {
        <Row name=c.cluster.name id=format!("k-{}", c.cluster.id.replace(' ', "_"))>
            <Cell label="State" wide=true sub>
                <State of=sign />
            </Cell>
            <Cell label="Namespaces">{namespaces}</Cell>
            <Cell label="Expires"><MaybeTime at=expires now none="not told" /></Cell>
        </Row>
    }
}

/// The volumes of a run, unfinished first.
pub fn volumes(rows: &[VolumeRow], now: Millis) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let mut rows = rows.to_vec();
    rows.sort_by_key(|v| (v.phase.is_good(), v.phase.is_final(), v.name.clone()));
    let columns = vec![
        Column::new("Volume"),
        Column::new("How it is taken"),
        Column::num("Data"),
        Column::hidden("Progress"),
        Column::new("State"),
        Column::num("Took"),
    ];
    view! {
        <Section id="volumes" title="Volumes" note="unfinished first">
            <Table label="Volumes" columns tight=true class="vols">
                {rows.into_iter().map(|v| volume(v, now)).collect_view()}
            </Table>
        </Section>
    }
    .into_any()
}

fn volume(v: VolumeRow, now: Millis) -> impl IntoView {
    let data = v.bytes.as_ref().map_or_else(|| "not told".to_owned(), |b| so_many(b, words::bytes));
    let took = span(v.began, v.ended, &v.phase, now);
    let said = v.message.is_some();
    // What moves no more has no bar.
    let bar = (!v.phase.is_final()).then_some(v.bytes).flatten();
    view! {
        <Row name=v.name.clone() id=format!("v-{}", v.name.replace('/', "-"))>
            <Cell label="How it is taken">{v.method}</Cell>
            <Cell label="Data" num=true>
                {data}
            </Cell>
            <Cell label="Progress">{bar.map(|b| view! { <Bar label=v.name.clone() done=b /> })}</Cell>
            <Cell label="State" wide=said sub=v.message.unwrap_or_default()>
                <State of=Sign::from(&v.phase) />
            </Cell>
            <Cell label="Took" num=true>
                {took}
            </Cell>
        </Row>
    }
}

/// What stopped it, in the upstream's own words.
pub fn trouble(phase: &Phase, detail: &RunDetail, name: &str) -> AnyView {
    let mut causes: Vec<(Tone, String, String)> = Vec::new();
    for text in &detail.validation_errors {
        causes.push((Tone::Bad, format!("{name} refused it before it began"), text.clone()));
    }
    if let Some(text) = &detail.message {
        let tone = if matches!(phase, Phase::Failed) { Tone::Bad } else { Tone::Warn };
        causes.push((tone, format!("{name} says"), text.clone()));
    }
    if causes.is_empty() {
        return ().into_any();
    }
    view! {
        <Panel id="causes" title="Why" class="mt-6">
            {causes
                .into_iter()
                .map(|(tone, title, text)| {
                    view! {
                        <Cause tone title>
                            <p>{text}</p>
                        </Cause>
                    }
                })
                .collect_view()}
        </Panel>
    }
    .into_any()
}
