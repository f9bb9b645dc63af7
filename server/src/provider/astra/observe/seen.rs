//! What Astra Control's resources say, in our words. Pure. What isn't told is absent; a word that isn't known stays itself and is
//! never good.

use crate::provider::{
    DeclaredSeen, PointSeen, Revision, RunSeen,
    astra::{
        key::{Key, Sort},
        translate::{Declared, compare},
        wire::{ASKED_BY, App, Backup, Bucket, Cluster, DEFINITION, Detail, NAME, ORDER, Schedule},
    },
};
use model::{
    Millis, Phase,
    location::{Location, LocationState},
    named::Named,
    recovery::{PointDetail, PointState},
    run::{Progress, RunDetail, Trigger},
};
use std::collections::BTreeMap;

/// The states of a backup or snapshot by release 24.02, in the vendor's order.
pub fn phase(backup: &Backup) -> Phase {
    match backup.state.as_str() {
        "pending" => Phase::Queued,
        "discovering" | "running" => Phase::Running,
        "completed" => hooks(backup),
        // It ended well, and can't be reached now.
        "removed" => Phase::Partial,
        "failed" => Phase::Failed,
        // How it ended survives in the rest: one that was completed has its time, one that failed its reasons. Deleting one that
        // runs is how Astra Control cancels it.
        "deleting" if backup.taken().is_some() => hooks(backup),
        "deleting" if has_reasons(backup) => Phase::Failed,
        "deleting" => Phase::Cancelled,
        other => Phase::Unknown(other.to_owned()),
    }
}

/// A backup is completed also when an execution hook failed: then the data is there, and nobody knows in which state.
fn hooks(backup: &Backup) -> Phase {
    match backup.hook_state.as_str() {
        "" | "success" => Phase::Succeeded,
        "failed" => Phase::Partial,
        other => Phase::Unknown(format!("{}, hooks {other}", backup.state)),
    }
}

fn has_reasons(backup: &Backup) -> bool {
    !backup.state_unready.is_empty() || backup.state_details.iter().any(|detail| !detail.words().is_empty())
}

/// What is known beside a backup itself.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    pub app: &'a App,
    /// The schedule that made it, while that is there.
    pub schedule: Option<&'a Schedule>,
    pub buckets: &'a [Bucket],
    pub names: &'a BTreeMap<String, String>,
    pub now: Millis,
}

/// A label of the backup, or of the schedule that made it.
fn label(backup: &Backup, beside: &Beside<'_>, name: &str) -> Option<String> {
    let of_schedule = || beside.schedule.and_then(|schedule| schedule.metadata.label(name));
    backup.metadata.label(name).or_else(of_schedule).map(str::to_owned)
}

/// A backup's or snapshot's life.
pub fn run(sort: Sort, backup: &Backup, beside: &Beside<'_>) -> RunSeen {
    let phase = phase(backup);
    let created = backup.metadata.created();
    let trigger = match backup.metadata.label(ASKED_BY) {
        Some(who) => Trigger::Person(who.to_owned()),
        None if !backup.schedule.is_empty() => Trigger::Schedule,
        None => Trigger::Elsewhere,
    };
    let ended = match backup.state.as_str() {
        "failed" => backup.metadata.modified(),
        "completed" => backup.taken().or_else(|| backup.metadata.modified()),
        _ => backup.taken(),
    };
    RunSeen {
        name: Key::new(sort, &beside.app.id, &backup.id).to_string(),
        order: backup.metadata.label(ORDER).map(str::to_owned),
        definition: label(backup, beside, DEFINITION),
        declared: label(backup, beside, NAME),
        raw_phase: backup.state.clone(),
        trigger,
        created,
        // It is made when the work on it begins, but for one that waits.
        started: created.filter(|_| !matches!(phase, Phase::Queued | Phase::Unknown(_))),
        ended: ended.filter(|_| phase.is_final()),
        detail: detail(sort, backup, beside),
        phase,
    }
}

fn detail(sort: Sort, backup: &Backup, beside: &Beside<'_>) -> RunDetail {
    let bytes = match (backup.bytes_done, backup.total_bytes) {
        (Some(done), total) => Some(Progress { done, total: total.filter(|total| *total > 0) }),
        (None, Some(total)) if backup.state == "completed" => Some(Progress { done: total, total: Some(total) }),
        (None, _) => None,
    };
    let mut facts = vec![("App".to_owned(), beside.app.name.clone())];
    if !beside.app.cluster_name.is_empty() {
        facts.push(("Cluster".to_owned(), beside.app.cluster_name.clone()));
    }
    if sort == Sort::Snapshot {
        facts.push(("Kind".to_owned(), "snapshot, left in the storage system".to_owned()));
    }
    if !backup.hook_state.is_empty() {
        facts.push(("Execution hooks".to_owned(), backup.hook_state.clone()));
    }
    RunDetail {
        title: Some(title(backup)),
        bytes,
        message: message(backup),
        location: place(backup, beside),
        namespaces: beside.app.namespaces.clone(),
        facts,
        ..RunDetail::default()
    }
}

fn title(backup: &Backup) -> String {
    if backup.name.is_empty() { backup.id.clone() } else { backup.name.clone() }
}

fn place(backup: &Backup, beside: &Beside<'_>) -> Option<String> {
    let id = Some(backup.bucket.as_str()).filter(|id| !id.is_empty())?;
    Some(beside.names.get(id).map_or(id, String::as_str).to_owned())
}

/// Everything that it says about why it is as it is.
pub fn reasons(backup: &Backup) -> Vec<String> {
    let details = backup.state_details.iter().map(Detail::words);
    let hooks = backup.hook_state_details.iter().map(Detail::words);
    let mut out: Vec<String> = Vec::new();
    for text in details.chain(backup.state_unready.iter().cloned()).chain(hooks) {
        // `stateUnready` often repeats the end of a detail.
        if !text.trim().is_empty() && !out.iter().any(|said| said.contains(text.trim())) {
            out.push(text.trim().to_owned());
        }
    }
    out
}

fn message(backup: &Backup) -> Option<String> {
    let mut said = reasons(backup);
    if backup.hook_state == "failed" && backup.hook_state_details.is_empty() {
        said.push("An execution hook failed.".into());
    }
    (!said.is_empty()).then(|| said.join(" "))
}

/// What can be restored, or at least deleted, of a backup; `None` while there is nothing.
pub fn point(sort: Sort, backup: &Backup, beside: &Beside<'_>) -> Option<PointSeen> {
    let word = sort.word();
    let (state, not_restorable) = match backup.state.as_str() {
        "completed" => match hooks(backup) {
            Phase::Succeeded => (PointState::Whole, None),
            Phase::Unknown(word) => (PointState::Unknown(word), None),
            _ => (PointState::Partial, None),
        },
        "deleting" if backup.taken().is_some() => {
            (PointState::Deleting, Some(format!("Astra Control is deleting the {word}.")))
        }
        "removed" => (
            PointState::Unknown("removed".into()),
            Some(format!("Astra Control can't reach the {word} at present; its bucket may be away.")),
        ),
        // It is listed because it can be deleted, and keeps its name and perhaps data until then.
        "failed" => {
            (PointState::Unknown("failed".into()), Some(format!("The {word} failed; nothing can be restored from it.")))
        }
        "pending" | "discovering" | "running" | "deleting" => return None,
        other if backup.taken().is_some() => (
            PointState::Unknown(other.to_owned()),
            Some(format!("The {word}'s state is “{other}”, from which Astra Control restores nothing.")),
        ),
        _ => return None,
    };
    let key = Key::new(sort, &beside.app.id, &backup.id).to_string();
    let app = beside.app;
    Some(PointSeen {
        run: Some(key.clone()),
        name: key,
        definition: label(backup, beside, DEFINITION),
        declared: label(backup, beside, NAME),
        state,
        taken: backup.taken().or_else(|| backup.metadata.created()),
        expires: None,
        location: place(backup, beside),
        namespaces: app.namespaces.clone(),
        items: None,
        detail: PointDetail {
            title: Some(title(backup)),
            subject: Some(Named::new(&app.id, &app.name)),
            cluster: (!app.cluster.is_empty()).then(|| Named::new(&app.cluster, &app.cluster_name)),
            bytes: backup.total_bytes,
            kept_because: kept_because(backup, beside),
            not_restorable,
            message: message(backup),
        },
    })
}

/// An object lock outlasts every wish to delete.
fn kept_because(backup: &Backup, beside: &Beside<'_>) -> Option<String> {
    let bucket = beside.buckets.iter().find(|bucket| bucket.id == backup.bucket)?;
    let seconds = i64::try_from(bucket.retention_time.filter(|seconds| *seconds > 0)?).ok()?;
    let since = backup.taken().or_else(|| backup.metadata.created())?;
    let until = since.plus(seconds.saturating_mul(1000));
    (until > beside.now)
        .then(|| format!("The bucket {} is immutable: it keeps the backup until {}.", bucket.name, until.rfc3339()))
}

/// An app's schedules of one definition.
pub fn declared(name: &str, app: &str, live: &[Schedule], names: &BTreeMap<String, String>) -> DeclaredSeen {
    let set = compare::set(live);
    let schedules = set.iter().map(|(key, one)| (key.clone(), compare::normal(one))).collect();
    DeclaredSeen {
        name: name.to_owned(),
        definition: live.iter().find_map(|one| one.metadata.label(DEFINITION)).map(str::to_owned),
        seen: Declared::new(0, app, schedules, names).value(),
        revision: revision(live),
        invalid: Vec::new(),
        counted_from: None,
        counted_further: Vec::new(),
        paused: !live.is_empty() && live.iter().all(|one| one.enabled == "false"),
    }
}

/// Astra Control counts no states; the last change of any of the schedules orders those of the same set, to the second.
pub fn revision(live: &[Schedule]) -> Option<Revision> {
    let mut ids: Vec<&str> = live.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    let number = live.iter().filter_map(|one| one.metadata.modified()).max()?;
    Some(Revision { object: ids.join(" "), number: number.0 })
}

/// What each bucket is called here: its name, and where two have the same one the id too.
pub fn bucket_names(all: &[Bucket]) -> BTreeMap<String, String> {
    let twice = |name: &str| all.iter().filter(|bucket| bucket.name == name).count() > 1;
    all.iter()
        .filter(|bucket| !bucket.id.is_empty())
        .map(|bucket| {
            let name = match bucket.name.as_str() {
                "" => bucket.id.clone(),
                name if twice(name) => format!("{name} ({})", bucket.id),
                name => name.to_owned(),
            };
            (bucket.id.clone(), name)
        })
        .collect()
}

/// A bucket.
pub fn location(bucket: &Bucket, names: &BTreeMap<String, String>, clusters: &[Cluster]) -> Location {
    let state = match bucket.state.as_str() {
        "available" => LocationState::Available,
        "pending" => LocationState::NotChecked,
        "failed" | "removed" => LocationState::Unavailable,
        other => LocationState::Unknown(other.to_owned()),
    };
    let told: Vec<String> = bucket.state_details.iter().map(Detail::words).filter(|text| !text.is_empty()).collect();
    let message = match (told.is_empty(), bucket.state.as_str()) {
        (false, _) => Some(told.join(" ")),
        // Astra Control lets it be chosen all the same; each backup to it then fails.
        (true, "removed") => Some("Astra Control can't reach it at present.".into()),
        (true, "failed") => Some("Astra Control can't use it; its credential may be wrong.".into()),
        (true, _) => None,
    };
    let defaults: Vec<&str> =
        clusters.iter().filter(|c| c.default_bucket == bucket.id).map(|c| c.name.as_str()).collect();
    let with_one = clusters.iter().filter(|c| !c.default_bucket.is_empty()).count();
    let mut place = where_it_is(bucket);
    if !defaults.is_empty() {
        place.push_str(&format!(", default of {}", defaults.join(", ")));
    }
    Location {
        name: names.get(&bucket.id).unwrap_or(&bucket.name).clone(),
        // Each cluster has a default of its own; it is "the" default where they agree.
        is_default: !defaults.is_empty() && defaults.len() == with_one,
        read_only: false,
        state,
        message,
        place,
    }
}

fn where_it_is(bucket: &Bucket) -> String {
    let text = |pointer: &str| bucket.bucket_parameters.pointer(pointer).and_then(|v| v.as_str()).unwrap_or_default();
    let name = ["/s3/bucketName", "/gcp/bucketName", "/azure/bucketName"].map(text).concat();
    let host = ["/s3/serverURL", "/azure/storageAccount"].map(text).concat();
    let host = host.trim_start_matches("https://").trim_start_matches("http://");
    match (name.is_empty(), host.is_empty()) {
        (true, _) => bucket.provider.clone(),
        (false, true) => format!("bucket {name} ({})", bucket.provider),
        (false, false) => format!("bucket {name} at {host}"),
    }
}

#[cfg(test)]
mod tests;
