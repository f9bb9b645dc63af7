//! What Velero's objects say, in our words. Pure. What isn't told is absent; a word that isn't known stays itself.

use crate::provider::{
    DeclaredSeen, PointSeen, RestoreSeen, RunSeen,
    velero::{translate::tiers, wire},
};
use model::{
    Millis, Phase,
    location::{Location, LocationState},
    recovery::{PointDetail, PointState},
    run::{Progress, RunDetail, RunStep, Trigger, VolumeRow},
};
use serde_json::json;
use wire::{ASKED_BY, DEFINITION, RunStatus, SCHEDULE_NAME, Time};

/// A Backup's or Restore's phase; `Deleting` is derived from the rest of the status, which survives it.
pub fn phase(status: &RunStatus) -> Phase {
    match status.phase.as_str() {
        "" | "New" | "Queued" | "ReadyToStart" => Phase::Queued,
        "InProgress"
        | "WaitingForPluginOperations"
        | "WaitingForPluginOperationsPartiallyFailed"
        | "Finalizing"
        | "FinalizingPartiallyFailed" => Phase::Running,
        "Completed" => Phase::Succeeded,
        "PartiallyFailed" => Phase::Partial,
        "Failed" | "FailedValidation" => Phase::Failed,
        "Deleting" => {
            if !status.failure_reason.is_empty() || !status.validation_errors.is_empty() {
                Phase::Failed
            } else if status.completion_timestamp.is_none() {
                Phase::Unknown("Deleting".into())
            } else if status.errors.unwrap_or_default() > 0 {
                Phase::Partial
            } else {
                Phase::Succeeded
            }
        }
        other => Phase::Unknown(other.to_owned()),
    }
}

/// A PodVolumeBackup's or DataUpload's phase.
pub fn transfer_phase(word: &str) -> Phase {
    match word {
        "" | "New" | "Accepted" | "Prepared" => Phase::Queued,
        "InProgress" | "Canceling" => Phase::Running,
        "Completed" => Phase::Succeeded,
        "Failed" => Phase::Failed,
        "Canceled" => Phase::Cancelled,
        other => Phase::Unknown(other.to_owned()),
    }
}

fn at(time: Option<Time>) -> Option<Millis> {
    time.map(|t| t.0)
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A run, from its Backup and the volumes that were joined to it.
pub fn run(backup: &wire::Backup, volumes: Vec<VolumeRow>) -> RunSeen {
    let (meta, status) = (&backup.metadata, &backup.status);
    let phase = phase(status);
    let schedule = meta.label(SCHEDULE_NAME);
    let mut detail = detail(status, &phase);
    detail.location = text(&backup.spec.storage_location);
    detail.namespaces.clone_from(&backup.spec.included_namespaces);
    detail.items =
        status.progress.map(|p| Progress { done: p.items_backed_up.unwrap_or_default(), total: p.total_items });
    detail.note =
        status.queue_position.filter(|_| phase == Phase::Queued).map(|n| format!("Number {n} in Velero's queue."));
    let cluster = meta.annotations.get("velero.io/source-cluster-k8s-gitversion");
    detail.facts.extend(cluster.map(|v| ("Kubernetes".to_owned(), v.clone())));
    if let Some(schedule) = schedule.filter(|name| tiers::split(name).1 > 1) {
        detail.facts.push(("Schedule".into(), schedule.to_owned()));
    }
    if let Some(why) = meta.label("velero.io/gc-failure") {
        detail.facts.push(("Not collected after its expiry".into(), why.to_owned()));
    }
    let mut seen = RunSeen {
        name: meta.name.clone(),
        order: None,
        definition: meta.label(DEFINITION).map(str::to_owned),
        trigger: trigger(meta, schedule),
        declared: schedule.map(|name| tiers::split(name).0.to_owned()),
        phase,
        // Whoever makes a Backup may write “New”, as Velero's schedules do; only other words are its server's.
        raw_phase: if status.phase == "New" { String::new() } else { status.phase.clone() },
        created: meta.created(),
        started: at(status.start_timestamp),
        ended: at(status.completion_timestamp),
        detail,
    };
    with_volumes(&mut seen, volumes);
    seen
}

/// Puts the volumes, and what follows from them, into a run.
pub fn with_volumes(run: &mut RunSeen, volumes: Vec<VolumeRow>) {
    run.detail.bytes = bytes(&volumes);
    run.detail.volumes = volumes;
    run.detail.steps = steps(run, ("Collecting", "Collected"));
}

/// The part of the detail that backups and restores share.
fn detail(status: &RunStatus, phase: &Phase) -> RunDetail {
    // Go leaves out a nought, so that on a finished object nothing means none.
    let count = |n: Option<u64>| if phase.is_final() { Some(n.unwrap_or_default()) } else { n };
    let mut facts = Vec::new();
    let of = |done: Option<u64>, all: Option<u64>| {
        all.filter(|n| *n > 0).map(|all| format!("{} of {all}", done.unwrap_or_default()))
    };
    facts.extend(
        of(status.csi_volume_snapshots_completed, status.csi_volume_snapshots_attempted)
            .map(|v| ("CSI snapshots".to_owned(), v)),
    );
    facts.extend(
        of(status.volume_snapshots_completed, status.volume_snapshots_attempted)
            .map(|v| ("Volume snapshots".to_owned(), v)),
    );
    let hooks = status.hook_status;
    if hooks.hooks_attempted > 0 {
        facts.push(("Hooks".into(), format!("{} run, {} failed", hooks.hooks_attempted, hooks.hooks_failed)));
    }
    RunDetail {
        expires: at(status.expiration),
        warnings: count(status.warnings),
        errors: count(status.errors),
        message: text(&status.failure_reason),
        validation_errors: status.validation_errors.clone(),
        facts,
        ..RunDetail::default()
    }
}

/// Velero names a scheduled backup `<schedule>-<YYYYMMDDhhmmss>`; a backup made from a schedule by hand has its label, but
/// normally not such a name.
fn trigger(meta: &wire::Meta, schedule: Option<&str>) -> Trigger {
    if let Some(person) = meta.annotations.get(ASKED_BY).filter(|p| !p.is_empty()) {
        return Trigger::Person(person.clone());
    }
    let stamped = schedule
        .and_then(|s| meta.name.strip_prefix(s)?.strip_prefix('-'))
        .is_some_and(|stamp| stamp.len() == 14 && stamp.bytes().all(|b| b.is_ascii_digit()));
    if stamped { Trigger::Schedule } else { Trigger::Elsewhere }
}

fn bytes(volumes: &[VolumeRow]) -> Option<Progress> {
    let known: Vec<Progress> = volumes.iter().filter_map(|v| v.bytes).collect();
    if known.is_empty() {
        return None;
    }
    let complete = known.len() == volumes.len();
    let total = known.iter().map(|p| p.total).sum::<Option<u64>>();
    Some(Progress { done: known.iter().map(|p| p.done).sum(), total: total.filter(|_| complete) })
}

fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Queued, collected, uploaded, finalised: as far as Velero tells them. A moment that it doesn't tell is absent. The
/// verbs say what is done to objects, while it goes on and afterwards.
fn steps(run: &RunSeen, (doing, done): (&str, &str)) -> Vec<RunStep> {
    let raw = run.raw_phase.as_str();
    let mut steps = Vec::new();
    let refused = raw == "FailedValidation";
    let queued = match (&run.phase, run.started) {
        _ if refused => Phase::Failed,
        (_, Some(_)) => Phase::Succeeded,
        (phase, None) if phase.is_final() => phase.clone(),
        _ => Phase::Queued,
    };
    let title = if refused { "Refused by Velero" } else { "Queued" };
    steps.push(RunStep { title: title.into(), phase: queued, began: run.created, ended: run.started });
    if run.started.is_none() || refused {
        return steps;
    }
    let collecting = raw == "InProgress";
    let verb = if collecting { doing } else { done };
    let title = match run.detail.items {
        Some(Progress { done, total: Some(total) }) => format!("{verb} {} of {} objects", number(done), number(total)),
        Some(Progress { done, total: None }) => format!("{verb} {} objects", number(done)),
        None => format!("{verb} objects"),
    };
    let failed_early = matches!(run.phase, Phase::Failed) && run.detail.volumes.is_empty();
    let phase = match &run.phase {
        Phase::Unknown(word) => Phase::Unknown(word.clone()),
        _ if collecting => Phase::Running,
        _ if failed_early => Phase::Failed,
        _ => Phase::Succeeded,
    };
    let volumes = &run.detail.volumes;
    // Without volumes nothing else takes time.
    let ended = run.ended.filter(|_| volumes.is_empty() && run.phase.is_final());
    steps.push(RunStep { title, phase, began: run.started, ended });
    if !volumes.is_empty() {
        let done = volumes.iter().filter(|v| v.phase.is_good()).count();
        let over = volumes.iter().all(|v| v.phase.is_final());
        let phase = if !over {
            Phase::Running
        } else if done == volumes.len() {
            Phase::Succeeded
        } else if done == 0 {
            Phase::Failed
        } else {
            Phase::Partial
        };
        let verb = if over { "Uploaded" } else { "Uploading" };
        steps.push(RunStep {
            title: format!("{verb} {done} of {} volumes", volumes.len()),
            phase,
            began: volumes.iter().filter_map(|v| v.began).min(),
            ended: if over { volumes.iter().filter_map(|v| v.ended).max() } else { None },
        });
    }
    if raw.starts_with("Finalizing") {
        steps.push(RunStep { title: "Finalising".into(), phase: Phase::Running, began: None, ended: None });
    } else if run.phase.is_final() {
        steps.push(RunStep { title: "Finished".into(), phase: run.phase.clone(), began: None, ended: run.ended });
    }
    steps
}

/// The recovery point that a Backup is, if it is one.
pub fn point(backup: &wire::Backup) -> Option<PointSeen> {
    let (meta, status) = (&backup.metadata, &backup.status);
    let state = match (status.phase.as_str(), phase(status)) {
        ("Deleting", Phase::Failed) => return None,
        ("Deleting", _) => PointState::Deleting,
        (_, Phase::Succeeded) => PointState::Whole,
        (_, Phase::Partial) => PointState::Partial,
        // Something finished under a word of a newer Velero: there, but nobody may count on it.
        (word, Phase::Unknown(_)) if status.completion_timestamp.is_some() => PointState::Unknown(word.to_owned()),
        _ => return None,
    };
    Some(PointSeen {
        name: meta.name.clone(),
        run: Some(meta.name.clone()),
        definition: meta.label(DEFINITION).map(str::to_owned),
        declared: meta.label(SCHEDULE_NAME).map(|name| tiers::split(name).0.to_owned()),
        state,
        taken: at(status.start_timestamp),
        expires: at(status.expiration),
        location: text(&backup.spec.storage_location),
        namespaces: backup.spec.included_namespaces.clone(),
        items: status.progress.and_then(|p| p.items_backed_up),
        detail: PointDetail::default(),
    })
}

/// A restore.
pub fn restore(restore: &wire::Restore) -> RestoreSeen {
    let (meta, spec, status) = (&restore.metadata, &restore.spec, &restore.status);
    let phase = phase(status);
    let mut detail = detail(status, &phase);
    detail.namespaces.clone_from(&spec.included_namespaces);
    detail.items =
        status.progress.map(|p| Progress { done: p.items_restored.unwrap_or_default(), total: p.total_items });
    if meta.deletion_timestamp.is_some() {
        detail.note = Some("It is being deleted.".into());
    }
    let point = if spec.backup_name.is_empty() && !spec.schedule_name.is_empty() {
        format!("the newest of {}", spec.schedule_name)
    } else {
        spec.backup_name.clone()
    };
    let mut seen = RestoreSeen {
        name: meta.name.clone(),
        order: None,
        point,
        phase,
        raw_phase: status.phase.clone(),
        created: meta.created(),
        started: at(status.start_timestamp),
        ended: at(status.completion_timestamp),
        mapping: spec.namespace_mapping.clone().into_iter().collect(),
        detail,
    };
    let as_run = RunSeen {
        name: String::new(),
        order: None,
        definition: None,
        declared: None,
        phase: seen.phase.clone(),
        raw_phase: seen.raw_phase.clone(),
        trigger: Trigger::Elsewhere,
        created: seen.created,
        started: seen.started,
        ended: seen.ended,
        detail: seen.detail.clone(),
    };
    seen.detail.steps = steps(&as_run, ("Restoring", "Restored"));
    seen
}

/// A Schedule.
pub fn declared(schedule: &wire::Schedule) -> DeclaredSeen {
    let (meta, status) = (&schedule.metadata, &schedule.status);
    let mut invalid = status.validation_errors.clone();
    if status.phase == "FailedValidation" && invalid.is_empty() {
        invalid.push("Velero refuses the schedule and doesn't say why.".into());
    }
    DeclaredSeen {
        name: meta.name.clone(),
        definition: meta.label(DEFINITION).map(str::to_owned),
        // Not in normal form: "adopt" needs what was written, and drift normalises both sides.
        seen: json!({"kind": "Schedule", "spec": readable(&schedule.spec)}),
        revision: meta.revision(),
        invalid: if status.phase == "FailedValidation" { invalid } else { Vec::new() },
        // The last backup, else the creation; or the last skip when that is later (`schedule_controller.go`, `getNextRunTime`).
        counted_from: at(status.last_backup).or(meta.created()).max(at(status.last_skipped)),
        counted_further: Vec::new(),
        paused: schedule.spec["paused"].as_bool().unwrap_or_default(),
    }
}

/// The spec without what changes by itself, so that a quiet Schedule stays the same JSON.
fn readable(spec: &serde_json::Value) -> serde_json::Value {
    let mut spec = spec.clone();
    if let Some(map) = spec.as_object_mut() {
        map.remove("skipImmediately");
    }
    spec
}

/// A storage location.
pub fn location(location: &wire::Location) -> Location {
    let (spec, status) = (&location.spec, &location.status);
    let mut place = format!("bucket {}", spec.object_storage.bucket);
    if !spec.object_storage.prefix.is_empty() {
        place.push_str(&format!("/{}", spec.object_storage.prefix));
    }
    let url = spec.config.get("s3Url").and_then(|u| url::Url::parse(u).ok());
    let host = url.as_ref().and_then(|u| u.host_str().map(str::to_owned));
    match (host, spec.config.get("region"), spec.provider.as_str()) {
        (Some(host), ..) => place.push_str(&format!(" at {host}")),
        (None, Some(region), provider) if !provider.is_empty() => place.push_str(&format!(" at {provider}, {region}")),
        (None, None, provider) if !provider.is_empty() => place.push_str(&format!(" at {provider}")),
        _ => {}
    }
    Location {
        name: location.metadata.name.clone(),
        is_default: spec.default,
        read_only: spec.access_mode == "ReadOnly",
        state: match status.phase.as_str() {
            "Available" => LocationState::Available,
            "Unavailable" => LocationState::Unavailable,
            "" => LocationState::NotChecked,
            other => LocationState::Unknown(other.to_owned()),
        },
        message: text(&status.message),
        place,
    }
}

/// A volume, taken file by file.
pub fn pod_volume(pvb: &wire::PodVolumeBackup) -> VolumeRow {
    let spec = &pvb.spec;
    let uploader = if spec.uploader_type.is_empty() { String::new() } else { format!(", {}", spec.uploader_type) };
    row(
        format!("{}/{}: {}", spec.pod.namespace, spec.pod.name, spec.volume),
        format!("File by file{uploader}"),
        &pvb.status,
    )
}

/// A volume, copied from its snapshot.
pub fn data_upload(upload: &wire::DataUpload) -> VolumeRow {
    let spec = &upload.spec;
    row(format!("{}/{}", spec.source_namespace, spec.source_pvc), "CSI snapshot, moved".into(), &upload.status)
}

fn row(name: String, method: String, status: &wire::TransferStatus) -> VolumeRow {
    let progress = status.progress;
    VolumeRow {
        name,
        method,
        phase: transfer_phase(&status.phase),
        raw_phase: status.phase.clone(),
        bytes: match (progress.bytes_done, progress.total_bytes) {
            (None, None) => None,
            (done, total) => Some(Progress { done: done.unwrap_or_default(), total }),
        },
        began: at(status.start_timestamp),
        ended: at(status.completion_timestamp),
        message: text(&status.message),
    }
}

#[cfg(test)]
mod tests;
