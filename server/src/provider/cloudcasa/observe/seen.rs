//! What CloudCasa tells, in our words. Pure. A word that is not in these tables is kept as unknown and never good.

mod words;

use crate::{
    clock::Clock,
    provider::{
        DeclaredSeen, PointSeen, RestoreSeen, RunSeen,
        cloudcasa::{
            act::revision,
            translate::normal::{self, Part, Refs},
            wire::{ASKED_BY, DEFINITION, Doc, Job, NAME, ORDER, Point, Progress, Restore, Store, VolumeProgress},
        },
    },
};
use model::{
    Millis, Phase,
    location::Location,
    named::Named,
    recovery::PointDetail,
    run::{self, RunDetail, RunStep, Trigger, VolumeRow},
};
use serde_json::Value;

pub use words::{location_state, phase, point_state, restore_phase, volume_phase};

/// Jobs that make recovery points.
pub const RUNS: [&str; 2] = ["K8S_SNAP", "K8S_COPY"];
pub const RESTORE: &str = "RESTORE";
pub const DELETION: &str = "DELETE_BACKUP";

/// What the jobs and points of a definition have from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Belongs {
    /// Our id and upstream name, when it is ours.
    pub definition: Option<(String, String)>,
    pub namespaces: Vec<String>,
    /// Name of the object store of its copies.
    pub location: Option<String>,
    /// The last run whose job did not show in time.
    pub awaited: Option<Awaited>,
}

/// An order whose job is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    pub order: String,
    /// When it was asked for, by our clock.
    pub asked: Millis,
    /// Jobs that were there before.
    pub before: Vec<String>,
}

/// Clocks of two machines may disagree by so much.
const SKEW_MS: i64 = 120_000;

/// Whether a job may be what was asked for at this moment: somebody started it, and not sooner, as far as two clocks can tell. Of
/// jobs that began just before, which of them is another one's must be known from elsewhere. A copy follows the snapshot of its
/// own run and could be an earlier run's: it is given no tolerance.
pub fn may_be_of(job: &Job, asked: Millis) -> bool {
    let tolerance = if job.kind == RUNS[0] { SKEW_MS } else { 0 };
    // A job says its start in whole seconds.
    let asked = Millis(asked.0 - asked.0.rem_euclid(1_000));
    job.policy_id.is_empty() && job.start_time.or(job.created).is_some_and(|at| at.plus(tolerance) >= asked)
}

/// A run.
pub fn run(job: &Job, belongs: &Belongs, volumes: Vec<VolumeRow>) -> RunSeen {
    let phase = phase(job);
    let copy = job.kind == "K8S_COPY";
    let awaited = belongs
        .awaited
        .as_ref()
        .filter(|awaited| !copy && may_be_of(job, awaited.asked) && !awaited.before.contains(&job.id));
    RunSeen {
        name: job.id.clone(),
        order: awaited.map(|awaited| awaited.order.clone()),
        definition: belongs.definition.as_ref().map(|(id, _)| id.clone()),
        declared: belongs.definition.as_ref().map(|(_, name)| name.clone()),
        raw_phase: job.state.clone(),
        trigger: if job.policy_id.is_empty() { Trigger::Elsewhere } else { Trigger::Schedule },
        created: job.created.or(job.start_time),
        started: job.start_time,
        ended: job.end_time,
        detail: detail(job, belongs, &phase, volumes),
        phase,
    }
}

fn detail(job: &Job, belongs: &Belongs, phase: &Phase, volumes: Vec<VolumeRow>) -> RunDetail {
    let copy = job.kind == "K8S_COPY";
    let name = if job.backupdef_name.is_empty() { &job.name } else { &job.backupdef_name };
    let word = if copy { "copy" } else { "snapshot" };
    let mut facts = vec![("Kind".to_owned(), if copy { "Copy to the object store" } else { "Snapshot" }.to_owned())];
    facts.extend(some(&job.cluster_name).map(|cluster| ("Cluster".to_owned(), cluster)));
    if let Some(retention) = &job.retention
        && let Some(days) = retention.retain_days
    {
        let always = retention.num_always_retain.filter(|n| *n > 0);
        let always = always.map(|n| format!(", at least {n}")).unwrap_or_default();
        facts.push(("Kept for".to_owned(), format!("{days} {}{always}", if days == 1 { "day" } else { "days" })));
    }
    RunDetail {
        title: Some(format!("{name} {word}")),
        items: progress(job.num_backup_resources, job.num_total_resources),
        bytes: job.kube_copy_progress.as_ref().filter(|_| copy).and_then(|p| bytes(p.stats.as_ref()?, phase)),
        warnings: job.num_warnings,
        errors: job.num_errors,
        message: some(&job.message),
        steps: steps(job, copy, phase),
        volumes,
        location: belongs.location.clone().filter(|_| copy),
        namespaces: belongs.namespaces.clone(),
        note: match job.state.as_str() {
            "CATALOG" => Some("It is writing its catalogue.".into()),
            "CANCELLING" => Some("It is being cancelled.".into()),
            "SKIPPED" => Some("CloudCasa skipped it.".into()),
            _ => None,
        },
        facts,
        ..RunDetail::default()
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn progress(done: Option<u64>, total: Option<u64>) -> Option<run::Progress> {
    Some(run::Progress { done: done?, total: total.filter(|n| *n > 0) })
}

/// What was transferred of what is believed. The belief is nought while nothing is known, may be passed, and is over with the job.
fn bytes(stats: &super::super::wire::Stats, phase: &Phase) -> Option<run::Progress> {
    let done = stats.transferred_size?;
    let total = stats.estimated_size.filter(|total| *total > 0 && !phase.is_final());
    Some(run::Progress { done, total: total.map(|total| total.max(done)) })
}

fn steps(job: &Job, copy: bool, phase: &Phase) -> Vec<RunStep> {
    let pvs: &Option<Progress> = if copy { &job.kube_copy_progress } else { &job.kube_snapshot_progress };
    let Some((progress, total)) = pvs.as_ref().and_then(|p| Some((p, p.total_pvs.filter(|n| *n > 0)?))) else {
        return Vec::new();
    };
    let done = progress.completed_pvs.unwrap_or(0);
    let verb = match (copy, phase.is_final()) {
        (true, true) => "Copied",
        (true, false) => "Copying",
        (false, true) => "Snapshots taken:",
        (false, false) => "Taking snapshots:",
    };
    let mut title = format!("{verb} {done} of {total} volumes");
    for (count, word) in [(progress.failed_pvs, "failed"), (progress.skipped_pvs, "skipped")] {
        if let Some(count) = count.filter(|n| *n > 0) {
            title.push_str(&format!(", {count} {word}"));
        }
    }
    vec![RunStep { title, phase: phase.clone(), began: job.start_time, ended: job.end_time }]
}

/// One volume of a job.
pub fn volume(row: &VolumeProgress) -> VolumeRow {
    let phase = volume_phase(&row.state);
    let percent = row.snapshot_progress_percentage.filter(|_| row.op_type != "COPY" && !phase.is_final());
    VolumeRow {
        name: if row.namespace.is_empty() { row.name.clone() } else { format!("{}/{}", row.namespace, row.name) },
        method: match row.op_type.as_str() {
            "SNAP" => "Snapshot".into(),
            "COPY" => "Copy to the object store".into(),
            other => other.to_owned(),
        },
        raw_phase: row.state.clone(),
        bytes: row.stats.as_ref().and_then(|stats| bytes(stats, &phase)),
        began: row.start_time,
        ended: row.end_time,
        message: some(&row.message).or_else(|| percent.map(|n| format!("{} %", n.min(100)))),
        phase,
    }
}

/// A recovery point; `None` while it is being made. One that stays beyond its time, because a least number is kept, has no end
/// that anybody could tell.
pub fn point(
    point: &Point,
    belongs: &Belongs,
    now: Millis,
    stores: impl Fn(&str) -> Option<String>,
) -> Option<PointSeen> {
    let kubernetes = matches!(point.source_type.as_str(), "" | "kubernetes");
    if !kubernetes || matches!(point.state.as_str(), "" | "PENDING") {
        return None;
    }
    let copy = point.kind == "COPY";
    let cluster = (!point.cluster.is_empty()).then(|| {
        let name = if point.cluster_name.is_empty() { &point.cluster } else { &point.cluster_name };
        Named::new(&point.cluster, name)
    });
    let word = if copy { "copy" } else { "snapshot" };
    Some(PointSeen {
        name: point.id.clone(),
        run: some(&point.backup_job_id),
        definition: belongs.definition.as_ref().map(|(id, _)| id.clone()),
        declared: belongs.definition.as_ref().map(|(_, name)| name.clone()),
        state: point_state(point),
        taken: point.start_time,
        expires: point.expiry_timestamp.filter(|at| *at > now || point.state != "READY"),
        location: if copy { stores(&point.objectstore) } else { None },
        namespaces: point.backup_selection.namespaces.clone(),
        items: point.num_backup_resources,
        detail: PointDetail {
            title: Some(format!("{} ({word})", point.name)),
            subject: cluster,
            cluster: None,
            bytes: if copy { point.total_copy_data } else { point.total_snapshot_data },
            kept_because: point
                .status
                .locked
                .then(|| "It is locked by SafeLock until it expires; CloudCasa unlocks nothing before.".into()),
            not_restorable: None,
            message: some(&point.message),
        },
    })
}

/// A restore with its job, once there is one.
pub fn restore(restore: &Restore, job: Option<&Job>) -> RestoreSeen {
    let phase = job.map_or_else(|| restore_phase(&restore.status.state), phase);
    let message = job.and_then(|job| some(&job.message)).or_else(|| some(&restore.status.message));
    let mut facts = Vec::new();
    facts.extend(job.and_then(|job| some(&job.cluster_name)).map(|cluster| ("Cluster".to_owned(), cluster)));
    facts.extend(restore.tags.get(ASKED_BY).map(|who| ("Asked by".to_owned(), who.clone())));
    RestoreSeen {
        name: restore.id.clone(),
        order: restore.tags.get(ORDER).cloned(),
        point: restore.backup_inst.clone(),
        raw_phase: job.map_or_else(|| restore.status.state.clone(), |job| job.state.clone()),
        created: restore.created,
        started: job.and_then(|job| job.start_time),
        ended: job.and_then(|job| job.end_time),
        mapping: restore.namespaces_map.iter().map(|(from, to)| (from.clone(), to.clone())).collect(),
        detail: RunDetail {
            title: some(&restore.name),
            items: job.and_then(|job| progress(job.num_restored_resources, job.num_total_resources)),
            warnings: job.and_then(|job| job.num_warnings),
            errors: job.and_then(|job| job.num_errors),
            message,
            namespaces: restore.selection.namespaces.clone(),
            facts,
            ..RunDetail::default()
        },
        phase,
    }
}

pub fn location(store: &Store) -> Location {
    let at = some(&store.s3provider.endpoint).or_else(|| some(&store.region));
    let place = match at {
        Some(at) => format!("bucket {} at {at}", store.bucket_name),
        None => format!("bucket {}", store.bucket_name),
    };
    Location {
        name: store.name.clone(),
        is_default: false,
        // A locked store takes backups; it only gives nothing back before its time.
        read_only: false,
        state: location_state(&store.validate_state),
        message: some(&store.validate_message).or_else(|| {
            let waits = store.private && store.validate_state == "VALIDATING";
            waits.then(|| "It is private: the agent of its cluster has not tried it yet.".into())
        }),
        place,
    }
}

/// The documents of a definition that carries our tag; `None` without its kubebackup.
pub fn declared<'a>(docs: impl Iterator<Item = (Part, &'a Doc)>, refs: &Refs) -> Option<DeclaredSeen> {
    let docs: Vec<(Part, &Doc)> = docs.collect();
    let find = |part: Part| docs.iter().find(|(other, _)| *other == part).map(|(_, doc)| *doc);
    let backup = find(Part::Backup)?;
    let leading = find(Part::Offload).unwrap_or(backup);
    let mut invalid = Vec::new();
    let policy = find(Part::Policy).filter(|policy| policy.id() == leading.reference("policy"));
    if policy.is_some_and(|policy| policy.truth("/status/suspended")) {
        invalid.push("CloudCasa has suspended its policy; no run begins.".to_owned());
    }
    if leading.text("/trigger_type") == "SCHEDULED" && leading.reference("policy").is_empty() {
        invalid.push("It is to run by a schedule, but follows no policy; no run begins.".to_owned());
    }
    Some(DeclaredSeen {
        name: backup.tag(NAME).to_owned(),
        definition: some(backup.tag(DEFINITION)),
        seen: Value::Object(normal::composite(docs.iter().copied(), refs)),
        revision: revision(docs.iter().copied()),
        invalid,
        counted_from: None,
        counted_further: Vec::new(),
        paused: leading.truth("/pause"),
    })
}

/// Whether a job still moves, and began lately enough that looking often is worth it.
pub fn is_lively(job: &Job, clock: &Clock) -> bool {
    const HALF_A_DAY: i64 = 12 * 3_600_000;
    const AN_HOUR: i64 = 3_600_000;
    let began = job.start_time.or(job.created).unwrap_or(Millis(0));
    let age = clock.now().since(began);
    match phase(job) {
        Phase::Queued | Phase::Running => age < HALF_A_DAY,
        // It may be an end that this version doesn't know.
        Phase::Unknown(_) => age < AN_HOUR,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
