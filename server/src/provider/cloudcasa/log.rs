//! What a job says of itself: its activity, its message, the volumes that it took.

use super::{
    CloudCasa,
    client::Query,
    observe::seen,
    wire::{Job, VolumeProgress, read},
};
use crate::provider::{ErrorKind, LogOf, LogStream, ProviderError};
use bytes::Bytes;
use futures::StreamExt;
use model::{
    Phase,
    run::{ResultLine, Results, VolumeRow},
};
use serde_json::{Value, json};

/// The job of a run, or of a restore once it has one.
async fn job(cc: &CloudCasa, operation: &str, of: LogOf, name: &str) -> Result<Option<Job>, ProviderError> {
    let id = match of {
        LogOf::Run => name.to_owned(),
        LogOf::Restore => {
            let restore = cc.client.get(operation, "kuberestores", name).await?;
            restore.text("/status/jobid").to_owned()
        }
    };
    if id.is_empty() {
        return Ok(None);
    }
    let doc = cc.client.get(operation, "jobs", &id).await?;
    Ok(read(vec![doc.0]).pop())
}

/// The job's activity, a line for each entry.
pub async fn log(cc: &CloudCasa, of: LogOf, name: &str) -> Result<LogStream, ProviderError> {
    const OPERATION: &str = "read the log";
    let Some(job) = job(cc, OPERATION, of, name).await? else {
        return Err(ProviderError::new(ErrorKind::NotFound, OPERATION, "It has no job yet, and so no log."));
    };
    let redact = cc.client.rest.redact().clone();
    let lines = job.activity.into_iter().map(move |line| Ok(Bytes::from(format!("{}\n", redact.apply(&line)))));
    Ok(futures::stream::iter(lines).boxed())
}

/// Message and volumes.
pub async fn results(cc: &CloudCasa, of: LogOf, name: &str) -> Result<Results, ProviderError> {
    const OPERATION: &str = "read the results";
    let Some(job) = job(cc, OPERATION, of, name).await? else {
        return Ok(Results { unavailable: Some("It has no job yet.".into()), ..Results::default() });
    };
    let filter: Value = json!({"job_id": job.id});
    let rows: Vec<VolumeProgress> = read(cc.client.all(OPERATION, &Query::of("kubepvcprogress", filter)).await?);
    let volumes: Vec<VolumeRow> = rows.iter().map(seen::volume).collect();
    let redact = cc.client.rest.redact();
    let mut results = Results::default();
    let said = redact.apply(&job.message);
    if !said.is_empty() {
        let line = ResultLine { place: "CloudCasa".into(), text: said };
        match seen::phase(&job) {
            Phase::Failed => results.errors.push(line),
            _ => results.warnings.push(line),
        }
    }
    for volume in volumes.iter().filter(|volume| volume.phase == Phase::Failed) {
        let text = volume.message.clone().unwrap_or_else(|| format!("CloudCasa says {}.", volume.raw_phase));
        results.errors.push(ResultLine { place: format!("volume {}", volume.name), text: redact.apply(&text) });
    }
    results.volumes = volumes;
    if let (None | Some(0), None | Some(0)) = (job.num_errors, job.num_warnings) {
        return Ok(results);
    }
    if results.errors.is_empty() && results.warnings.is_empty() {
        let count = |n: Option<u64>, word: &str| n.filter(|n| *n > 0).map(|n| format!("{n} {word}"));
        let counts = [count(job.num_errors, "errors"), count(job.num_warnings, "warnings")];
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        results.unavailable = Some(format!("CloudCasa counts {} and does not tell them.", counts.join(" and ")));
    }
    Ok(results)
}
