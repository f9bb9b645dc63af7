//! The life of a Backup: New, (Queued, ReadyToStart,) InProgress, (WaitingForPluginOperations,) Finalizing, and how it
//! ended.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::bucket::{self, Stored};
use super::run::{Outcome, Place, Problems, Run, work_of};
use super::volume::{self, Fate, Method};
use super::{filter, queue, validation};
use crate::estate::history::dice;
use crate::json::{annotation, label, set, set_label, stamp, text, time};
use crate::kube::kind;
use crate::kube::store::Key;
use crate::scenario::{Scenario, later};

/// How often progress is written.
pub(crate) const BEAT: Duration = Duration::from_secs(1);
const FINALIZING: Duration = Duration::from_millis(1500);
/// A waiting backup is looked at again after this.
const RECHECK: Duration = Duration::from_secs(1);
const INTERRUPTED: &str = "found a backup with status \"InProgress\" during the server starting, mark it as \"Failed\"";

pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    let Some(backup) = s.store.get(key).cloned() else {
        return;
    };
    match text(&backup, "/status/phase") {
        "" | "New" => {
            if s.options.queues() {
                queue::enqueue(s, key, (*backup).clone());
                s.wake_soon(key);
            } else if queue::has_slot(s) {
                start(s, key, &backup);
            } else {
                again(s, key, RECHECK);
            }
        }
        "Queued" => {
            if queue::release(s, key, (*backup).clone()) {
                s.wake_soon(key);
            } else {
                again(s, key, RECHECK);
            }
        }
        "ReadyToStart" => start(s, key, &backup),
        "InProgress" => advance(s, key, &backup, collect),
        "WaitingForPluginOperations" | "WaitingForPluginOperationsPartiallyFailed" => {
            advance(s, key, &backup, wait);
        }
        "Finalizing" | "FinalizingPartiallyFailed" => advance(s, key, &backup, finish),
        "Completed" | "PartiallyFailed" | "Failed" | "FailedValidation" => collect_garbage(s, key, &backup),
        // Deleting belongs to the deletion controller; a word that nobody knows is left alone.
        _ => {}
    }
}

fn again(s: &mut Scenario, key: &Key, after: Duration) {
    let at = s.after(after);
    s.wake(key, at);
}

fn start(s: &mut Scenario, key: &Key, backup: &Value) {
    let mut backup = backup.clone();
    let errors = validation::prepare(s, &mut backup);
    if !errors.is_empty() {
        set(&mut backup, "/status/phase", "FailedValidation");
        set(&mut backup, "/status/validationErrors", json!(errors));
        s.write(key, backup);
        return;
    }
    set(&mut backup, "/status/phase", "InProgress");
    set(&mut backup, "/status/startTimestamp", stamp(s.now));
    let backup = s.write(key, backup);
    let items = filter::select(&backup["spec"], &s.store);
    let outcome = match Outcome::of(&backup) {
        Outcome::Good => luck(s, &backup),
        ordered => ordered,
    };
    let mut run = Run {
        started: s.now,
        work: s.pace(work_of(items.len())),
        items,
        done: 0,
        outcome,
        volumes: Vec::new(),
        problems: Problems::default(),
        ends: None,
    };
    foresee(s, &backup, &mut run);
    move_volumes(s, &backup, &mut run);
    s.runs.insert(text(&backup, "/metadata/uid").to_owned(), run);
    again(s, key, BEAT / 2);
}

/// By chance, which depends on what is backed up, where and when, and not on what anybody called it.
fn luck(s: &Scenario, backup: &Value) -> Outcome {
    let sides = u64::from(s.options.unlucky);
    if sides == 0 || label(backup, "velero.io/schedule-name").is_empty() {
        return Outcome::Good;
    }
    let minute = s.now.as_second().div_euclid(60);
    match dice(&format!("{}/{}/{minute}", s.name, backup["spec"]["includedNamespaces"]), sides) {
        0 => Outcome::Failed,
        1..=3 => Outcome::Partial,
        _ => Outcome::Good,
    }
}

/// The problems that the annotations ask for.
fn foresee(s: &Scenario, backup: &Value, run: &mut Run) {
    let warnings: usize = annotation(backup, "sim/warnings").parse().unwrap_or(0);
    for item in run.items.iter().cycle().take(warnings) {
        let (plural, namespace, name) = filter::shown(item);
        run.problems.warning(
            place(&namespace),
            format!("resource: /{plural} name: /{name} warning: /VolumeSnapshotClass has no deletionPolicy"),
        );
    }
    if run.outcome == Outcome::Partial {
        complain(run, "");
    }
    for namespace in filter::namespaces(&backup["spec"], &s.store) {
        let ns = s.store.get(&Key::new(&kind::NAMESPACE, "", &namespace));
        if ns.is_some_and(|ns| annotation(ns, "sim/outcome") == "partial") {
            complain(run, &namespace);
        }
    }
}

/// One item in a namespace (any, if empty) that could not be backed up.
fn complain(run: &mut Run, namespace: &str) {
    let shown = run
        .items
        .iter()
        .map(|item| filter::shown(item))
        .find(|(plural, place, _)| plural == "pods" && (namespace.is_empty() || place == namespace));
    let (plural, place_name, name) =
        shown.unwrap_or_else(|| ("pods".to_owned(), namespace.to_owned(), "unknown".to_owned()));
    run.problems.error(
        place(&place_name),
        format!("resource: /{plural} name: /{name} error: /error executing custom action (groupResource={plural}, namespace={place_name}, name={name}): rpc error: code = Unknown desc = context deadline exceeded"),
    );
}

fn place(namespace: &str) -> Place<'_> {
    if namespace.is_empty() { Place::Cluster } else { Place::Namespace(namespace) }
}

fn move_volumes(s: &mut Scenario, backup: &Value, run: &mut Run) {
    let claims: Vec<Arc<Value>> =
        run.items.iter().filter(|item| text(item, "/kind") == "PersistentVolumeClaim").cloned().collect();
    for claim in claims {
        let namespace = text(&claim, "/metadata/namespace").to_owned();
        let kind = match volume::method(&backup["spec"], &claim, volume::pod_of(s, &claim)) {
            Method::Files => &kind::POD_VOLUME_BACKUP,
            Method::Moved => &kind::DATA_UPLOAD,
            Method::Snapshot | Method::Skipped => continue,
        };
        let before = s.bucket.has_volume(&namespace, text(&claim, "/metadata/name"));
        let planned = volume::begin(s, kind, backup, &claim, &namespace, before);
        run.volumes.push(planned);
    }
}

type Step = fn(&mut Scenario, &mut Run, &mut Value) -> Option<Timestamp>;

/// Lets a step work on the run and the object; the step says when the next one is due.
fn advance(s: &mut Scenario, key: &Key, backup: &Arc<Value>, step: Step) {
    let uid = text(backup, "/metadata/uid").to_owned();
    // An object that was put here from outside in the middle of its life has no run: it stays as it is.
    let Some(mut run) = s.runs.remove(&uid) else {
        return;
    };
    let volumes = run.volumes.clone();
    for volume in &volumes {
        volume.sync(s);
    }
    let mut object = (**backup).clone();
    let next = step(s, &mut run, &mut object);
    s.write(key, object);
    if let Some(at) = next {
        s.runs.insert(uid, run);
        s.wake(key, at);
    }
}

fn beat(s: &Scenario) -> Timestamp {
    later(s.now, s.pace(BEAT).max(Duration::from_millis(100)))
}

/// The next look; in a past that nobody watches at `end`, when there is something to see.
fn look(s: &Scenario, end: Option<Timestamp>) -> Timestamp {
    let at = beat(s);
    if s.quick { end.map_or(at, |end| end.max(at)) } else { at }
}

/// InProgress: items go in one after the other, and file-system backups are waited for.
fn collect(s: &mut Scenario, run: &mut Run, backup: &mut Value) -> Option<Timestamp> {
    let done = run.items_by(s.now);
    set(backup, "/status/progress", json!({"totalItems": run.items.len(), "itemsBackedUp": done}));
    let held = run.volumes.iter().any(|volume| !volume.in_background() && !volume.settled(s.now));
    if done < run.items.len() || held || s.now < later(run.started, run.work) {
        let volumes = run.volumes.iter().filter(|volume| !volume.in_background()).map(|volume| volume.ends);
        return Some(look(s, volumes.chain([later(run.started, run.work)]).max()));
    }
    if run.outcome == Outcome::Stuck {
        return None;
    }
    if run.outcome == Outcome::Failed {
        let reason = "backup execution failed: rpc error: code = Unknown desc = error putting object: RequestError: send request failed: connection reset by peer";
        run.problems.error(Place::Velero, reason.to_owned());
        end(s, run, backup, "Failed");
        set(backup, "/status/failureReason", reason);
        return None;
    }
    blame_volumes(run, false);
    count(run, backup);
    count_snapshots(s, run, backup);
    let failed = run.problems.count("errors") > 0;
    if run.volumes.iter().any(volume::Volume::in_background) {
        set(backup, "/status/phase", with_failure("WaitingForPluginOperations", failed));
        return Some(beat(s));
    }
    finalize(s, run, backup)
}

fn with_failure(phase: &str, failed: bool) -> String {
    format!("{phase}{}", if failed { "PartiallyFailed" } else { "" })
}

/// Turns lost transfers into errors of their namespace.
fn blame_volumes(run: &mut Run, background: bool) {
    let lost: Vec<(String, String)> = run
        .volumes
        .iter()
        .filter(|volume| volume.in_background() == background && volume.fate != Fate::Completed)
        .map(|volume| (volume.namespace.clone(), volume.complaint()))
        .collect();
    for (namespace, complaint) in lost {
        run.problems.error(Place::Namespace(&namespace), complaint);
    }
}

fn count(run: &Run, backup: &mut Value) {
    for level in ["errors", "warnings"] {
        let number = run.problems.count(level);
        // Zero counts are omitted, as Go's omitempty does.
        if number > 0 {
            set(backup, &format!("/status/{level}"), number);
        }
    }
}

fn count_snapshots(s: &Scenario, run: &Run, backup: &mut Value) {
    let spec = backup["spec"].clone();
    let snapshots = run
        .items
        .iter()
        .filter(|item| text(item, "/kind") == "PersistentVolumeClaim")
        .filter(|claim| volume::method(&spec, claim, volume::pod_of(s, claim)) == Method::Snapshot)
        .count();
    if snapshots > 0 {
        set(backup, "/status/csiVolumeSnapshotsAttempted", snapshots);
        set(backup, "/status/csiVolumeSnapshotsCompleted", snapshots);
    }
    let moving = run.volumes.iter().filter(|v| v.in_background()).count();
    if moving > 0 {
        set(backup, "/status/backupItemOperationsAttempted", moving);
    }
}

/// Waiting for data movers.
fn wait(s: &mut Scenario, run: &mut Run, backup: &mut Value) -> Option<Timestamp> {
    let movers = || run.volumes.iter().filter(|volume| volume.in_background());
    let settled = movers().filter(|volume| volume.settled(s.now));
    let (good, bad): (Vec<_>, Vec<_>) = settled.partition(|volume| volume.fate == Fate::Completed);
    for (field, number) in [("Completed", good.len()), ("Failed", bad.len())] {
        if number > 0 {
            set(backup, &format!("/status/backupItemOperations{field}"), number);
        }
    }
    if good.len() + bad.len() < movers().count() {
        return Some(look(s, movers().map(|volume| volume.ends).max()));
    }
    blame_volumes(run, true);
    finalize(s, run, backup)
}

fn finalize(s: &mut Scenario, run: &mut Run, backup: &mut Value) -> Option<Timestamp> {
    count(run, backup);
    let failed = run.problems.count("errors") > 0;
    let phase = if failed { "FinalizingPartiallyFailed" } else { "Finalizing" };
    set(backup, "/status/phase", phase);
    let at = s.after(FINALIZING);
    run.ends = Some(at);
    Some(at)
}

fn finish(s: &mut Scenario, run: &mut Run, backup: &mut Value) -> Option<Timestamp> {
    if let Some(at) = run.ends.filter(|at| *at > s.now) {
        return Some(at);
    }
    let failed = run.problems.count("errors") > 0;
    end(s, run, backup, if failed { "PartiallyFailed" } else { "Completed" });
    None
}

/// The last status, and the files in the bucket.
fn end(s: &mut Scenario, run: &mut Run, backup: &mut Value, phase: &str) {
    set(backup, "/status/phase", phase);
    set(backup, "/status/completionTimestamp", stamp(s.now));
    count(run, backup);
    let volumes = bucket::volume_rows(s, backup, run);
    s.bucket.keep(Stored {
        object: Arc::new(backup.clone()),
        items: std::mem::take(&mut run.items),
        problems: run.problems.clone(),
        volumes,
    });
    if let Some(at) = time(backup, "/status/expiration") {
        let key = s.key(&kind::BACKUP, text(backup, "/metadata/name"));
        s.wake(&key, next_collection(at));
    }
}

/// The server starts and finds backups that nobody works on any more.
pub(crate) fn fail_interrupted(s: &mut Scenario) {
    let interrupted: Vec<(Key, Arc<Value>)> = s
        .store
        .list(&kind::BACKUP, &s.options.namespace)
        .filter(|(_, backup)| text(backup, "/status/phase") == "InProgress")
        .map(|(key, backup)| (key.clone(), backup.clone()))
        .collect();
    for (key, backup) in interrupted {
        let mut object = (*backup).clone();
        set(&mut object, "/status/phase", "Failed");
        set(&mut object, "/status/failureReason", INTERRUPTED);
        set(&mut object, "/status/completionTimestamp", stamp(s.now));
        s.write(&key, object);
        if let Some(mut run) = s.runs.remove(text(&backup, "/metadata/uid")) {
            let now = s.now;
            for volume in &mut run.volumes {
                if !volume.settled(now) {
                    volume.fate = Fate::Canceled;
                    volume.ends = now;
                }
                volume.sync(s);
            }
        }
    }
}

/// Garbage is collected once an hour.
fn next_collection(expiration: Timestamp) -> Timestamp {
    let hour = 3600;
    let seconds = (expiration.as_second().div_euclid(hour) + 1) * hour;
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// An expired backup gets a DeleteBackupRequest, or a label that says why not.
fn collect_garbage(s: &mut Scenario, key: &Key, backup: &Arc<Value>) {
    let Some(expiration) = time(backup, "/status/expiration") else {
        return;
    };
    if expiration >= s.now {
        s.wake(key, next_collection(expiration));
        return;
    }
    s.wake(key, next_collection(s.now));
    let name = text(backup, "/metadata/name").to_owned();
    let location = s.get(&kind::LOCATION, text(backup, "/spec/storageLocation"));
    let failure = match &location {
        None => "BSLNotFound",
        Some(l) if text(l, "/spec/accessMode") == "ReadOnly" => "BSLReadOnly",
        Some(l) if text(l, "/status/phase") != "Available" => "BSLUnavailable",
        Some(_) => "",
    };
    if !failure.is_empty() {
        if label(backup, "velero.io/gc-failure") != failure {
            let mut object = (**backup).clone();
            set_label(&mut object, "velero.io/gc-failure", failure);
            s.write(key, object);
        }
        return;
    }
    let asked = s
        .store
        .list(&kind::DELETE_REQUEST, &s.options.namespace)
        .any(|(_, request)| text(request, "/spec/backupName") == name && text(request, "/status/phase") != "Processed");
    if !asked {
        let suffix = s.store.suffix();
        let request = s.key(&kind::DELETE_REQUEST, &format!("{name}-{suffix}"));
        let object = json!({
            "metadata": {"labels": {"velero.io/backup-name": validation::valid_name(&name),
                "velero.io/backup-uid": text(backup, "/metadata/uid")}},
            "spec": {"backupName": name},
        });
        s.write(&request, object);
        s.wake_soon(&request);
    }
}
