//! Runs by hand. `action/run` answers the definition, not the job that it will start: that appears seconds later and has to be
//! found, by what was not there before.

use super::{
    super::{
        client::{Client, Query},
        observe::seen::may_be_of,
        shared::Shared,
        translate::{self, DEFAULT_DAYS, normal::Part},
        wire::{BEFORE, Doc, Job, ORDER, ORDERED, read},
    },
    live::Live,
};
use crate::{
    clock::Clock,
    provider::{Ask, Begun, ErrorKind, Owned, ProviderError},
};
use serde_json::{Value, json};
use std::{collections::HashSet, time::Duration};

const OPERATION: &str = "start a run";
/// How often it is looked for a job.
const LOOK: Duration = Duration::from_millis(700);
/// How long for one that was ordered just now: the reconciler itself waits 25 s for the whole.
const PATIENCE: Duration = Duration::from_secs(13);
/// How long for one that may have been ordered before a crash. Longer than a job usually takes to show.
const DOUBT: Duration = Duration::from_secs(6);
/// Newest jobs that are looked at.
const NEWEST: usize = 20;

/// What runs a definition: the copy definition where there is one.
fn leading(live: &Live) -> Option<(Part, &Doc)> {
    [Part::Offload, Part::Backup].into_iter().find_map(|part| Some((part, live.part(part)?)))
}

/// Starts the definition and finds its job. Its job is what was not there before the order; where that is not known any more,
/// after a crash, it is what began since and is no other order's. What somebody else began just then is taken for it: better than
/// to back up twice.
pub async fn start(client: &Client, shared: &Shared, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
    let live = Live::read(client, owned, None).await?;
    let (Some(backup), Some((part, doc))) = (live.part(Part::Backup), leading(&live)) else {
        let sentence = format!("CloudCasa has no definition {}.", owned.upstream_name);
        return Err(ProviderError::new(ErrorKind::NotFound, OPERATION, sentence)
            .remedy("Apply the definition again; it was deleted in CloudCasa."));
    };
    if ask.repeated {
        let before = shared.before(&ask.name);
        let own = |job: &Job| {
            let since = match &before {
                Some(before) => by_hand(job) && !before.contains(&job.id),
                None => may_be_of(job, ask.asked),
            };
            since && !ask.taken.contains(&job.id)
        };
        if let Some(job) = wait(client, backup.id(), DOUBT, own).await? {
            return Ok(Begun { name: Some(job.id) });
        }
        if doc.tag(ORDER) == ask.name {
            // It was sent, and its job has not shown yet; the observer names it when it comes.
            return Ok(Begun::default());
        }
    }
    let body = body(client, owned, doc).await?;
    let before = newest(client, backup.id()).await?;
    shared.send(&ask.name, &ids(&before));
    let job = order(client, backup.id(), part, doc.id(), body, &ids(&before)).await?;
    if job.is_none() {
        remember(client, part, doc.id(), ask, &before).await;
    }
    Ok(Begun { name: job.map(|job| job.id) })
}

fn ids(jobs: &[Job]) -> HashSet<String> {
    jobs.iter().map(|job| job.id.clone()).collect()
}

/// Sends the order; the job that it started, unless that takes too long to show. `before`: the jobs that are there.
async fn order(
    client: &Client,
    backup: &str,
    part: Part,
    id: &str,
    body: Value,
    before: &HashSet<String>,
) -> Result<Option<Job>, ProviderError> {
    client.run(OPERATION, part.collection(), id, body).await?;
    // It is ordered now, and no failure to see it may order it again.
    let mut any = None;
    let found = wait(client, backup, PATIENCE, |job| {
        let new = !before.contains(&job.id);
        // A schedule that is due at the same moment names its policy.
        if new && !by_hand(job) {
            any = Some(job.clone());
        }
        new && by_hand(job)
    })
    .await
    .unwrap_or_default();
    Ok(found.or(any))
}

fn by_hand(job: &Job) -> bool {
    job.policy_id.is_empty()
}

/// Looks until a job fits or the time is over. Of several that fit the oldest.
async fn wait(
    client: &Client,
    backup: &str,
    patience: Duration,
    mut fits: impl FnMut(&Job) -> bool,
) -> Result<Option<Job>, ProviderError> {
    let until = tokio::time::Instant::now() + patience;
    loop {
        let found = newest(client, backup).await?.into_iter().rev().find(|job| fits(job));
        if found.is_some() || tokio::time::Instant::now() + LOOK > until {
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The newest jobs of a definition that make recovery points, newest first.
async fn newest(client: &Client, backup: &str) -> Result<Vec<Job>, ProviderError> {
    let filter = json!({"backupdef": backup, "type": {"$in": ["K8S_SNAP", "K8S_COPY"]}});
    let query = Query::of("jobs", filter).sorted("-start_time");
    Ok(read(client.page("look for the job", &query, 1, NEWEST).await?.items))
}

/// How long the run is kept: as the definition says, or the first schedule of the policy that it follows.
async fn body(client: &Client, owned: &Owned, doc: &Doc) -> Result<Value, ProviderError> {
    let mut body = translate::run(&owned.definition);
    if owned.definition.policy.is_some()
        && let Some(policy) = client.there("read the policy", "policies", doc.reference("policy")).await?
    {
        let first = &policy.0["schedules"][0];
        body.retention.retain_days = first["retainDays"].as_u64().unwrap_or(DEFAULT_DAYS);
        body.retention.num_always_retain =
            first["numAlwaysRetain"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    }
    Ok(translate::value(&body))
}

/// Writes the order into the definition's tags, so that the observer can name the job when it shows at last.
async fn remember(client: &Client, part: Part, id: &str, ask: &Ask, before: &[Job]) {
    // Of those that are too old nobody thinks that they are it.
    let before: Vec<&str> = before.iter().filter(|job| may_be_of(job, ask.asked)).map(|job| job.id.as_str()).collect();
    for _ in 0..2 {
        let Ok(doc) = client.get(OPERATION, part.collection(), id).await else { continue };
        let mut tags = doc.0["tags"].as_object().cloned().unwrap_or_default();
        tags.insert(ORDER.into(), json!(ask.name));
        tags.insert(ORDERED.into(), json!((ask.asked.0 / 1_000).to_string()));
        tags.insert(BEFORE.into(), json!(before.join(",")));
        if client.patch(OPERATION, part.collection(), &doc, json!({"tags": tags})).await.is_ok() {
            return;
        }
    }
    tracing::warn!(order = ask.name, "a run was ordered, but its job does not show and the order could not be noted");
}

/// The single backup of a definition without a schedule, at its first apply. In words what was done.
pub async fn first(
    client: &Client,
    clock: &Clock,
    owned: &Owned,
    live: &Live,
    new: bool,
) -> Result<String, ProviderError> {
    let (Some(backup), Some((part, doc))) = (live.part(Part::Backup), leading(live)) else {
        return Ok("nothing to run".into());
    };
    // An apply before a crash may have come to this point.
    let doubt = if new { Duration::ZERO } else { DOUBT };
    if !new && wait(client, backup.id(), doubt, |_| true).await?.is_some() {
        return Ok("it has run".into());
    }
    let began = clock.now();
    let body = body(client, owned, doc).await?;
    let before = ids(&newest(client, backup.id()).await?);
    let job = order(client, backup.id(), part, doc.id(), body, &before).await?;
    tracing::debug!(definition = %owned.id, took_ms = clock.now().since(began), "its single backup was ordered");
    Ok(if job.is_some() { "run begun" } else { "run ordered; its job does not show yet" }.into())
}
