//! The life of a Restore: validated, items written one after the other, volume data brought back, finished.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::backup::BEAT;
use super::bucket::Stored;
use super::run::{Outcome, Place, Problems, Run, work_of};
use super::validation::valid_name;
use super::{artefact, filter, restore_validation, volume};
use crate::json::{annotation, set, set_label, stamp, text, texts, truth, unset};
use crate::kube::kind::{self, Kind};
use crate::kube::patch;
use crate::kube::store::{Key, Store};
use crate::scenario::{Scenario, later};

const FINALIZER: &str = "restores.velero.io/external-resources-finalizer";
const FINALIZING: Duration = Duration::from_millis(1500);
const INTERRUPTED: &str =
    "found a restore with status \"InProgress\" during the server starting, mark it as \"Failed\"";

pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    let Some(restore) = s.store.get(key).cloned() else {
        return;
    };
    if !text(&restore, "/metadata/deletionTimestamp").is_empty() {
        return release(s, key, &restore);
    }
    let held = texts(&restore, "/metadata/finalizers").iter().any(|f| f == FINALIZER);
    let restore = if held {
        restore
    } else {
        let mut object = (*restore).clone();
        let mut finalizers = texts(&object, "/metadata/finalizers");
        finalizers.push(FINALIZER.to_owned());
        set(&mut object, "/metadata/finalizers", json!(finalizers));
        s.write(key, object)
    };
    match text(&restore, "/status/phase") {
        "" | "New" => start(s, key, &restore),
        "InProgress"
        | "WaitingForPluginOperations"
        | "WaitingForPluginOperationsPartiallyFailed"
        | "Finalizing"
        | "FinalizingPartiallyFailed" => advance(s, key, &restore),
        _ => {}
    }
}

/// A deleted restore goes when its files are gone.
fn release(s: &mut Scenario, key: &Key, restore: &Value) {
    s.bucket.remove_restore(&key.name);
    let mut object = restore.clone();
    let left: Vec<String> = texts(&object, "/metadata/finalizers").into_iter().filter(|f| f != FINALIZER).collect();
    set(&mut object, "/metadata/finalizers", json!(left));
    s.write(key, object);
    s.finish_deletion(key);
}

fn start(s: &mut Scenario, key: &Key, restore: &Value) {
    // Restores run one at a time.
    let busy =
        s.store.list(&kind::RESTORE, &key.namespace).any(|(_, other)| text(other, "/status/phase") == "InProgress");
    if busy {
        return again(s, key, BEAT);
    }
    let mut object = restore.clone();
    let errors = restore_validation::prepare(s, &mut object);
    let written = super::duration::parse(text(&object, "/spec/itemOperationTimeout"))
        .map_or_else(|_| "4h0m0s".to_owned(), super::duration::format);
    set(&mut object, "/spec/itemOperationTimeout", written);
    let hooks = object.pointer("/spec/hooks").is_some();
    if !hooks {
        set(&mut object, "/spec/hooks", json!({}));
    }
    if !errors.is_empty() {
        set(&mut object, "/status/phase", "FailedValidation");
        set(&mut object, "/status/validationErrors", json!(errors));
        s.write(key, object);
        return;
    }
    set(&mut object, "/status/phase", "InProgress");
    set(&mut object, "/status/startTimestamp", stamp(s.now));
    let object = s.write(key, object);
    let backup = text(&object, "/spec/backupName");
    let Some(stored) = s.bucket.backup(backup) else {
        let mut failed = (*object).clone();
        set(&mut failed, "/status/phase", "Failed");
        set(
            &mut failed,
            "/status/failureReason",
            "restore execution failed: error downloading backup: rpc error: code = Unknown desc = operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey",
        );
        set(&mut failed, "/status/completionTimestamp", stamp(s.now));
        s.write(key, failed);
        return;
    };
    let items = chosen(&object["spec"], &stored.items);
    let mut run = Run {
        started: s.now,
        work: s.pace(work_of(items.len())),
        items,
        done: 0,
        outcome: Outcome::of(&object),
        volumes: Vec::new(),
        problems: Problems::default(),
        ends: None,
    };
    let warnings: usize = annotation(&object, "sim/warnings").parse().unwrap_or(0);
    for n in 0..warnings {
        run.problems.warning(Place::Velero, format!("warning {} that was asked for", n + 1));
    }
    bring_volumes(s, &object, &stored, &mut run);
    s.runs.insert(text(&object, "/metadata/uid").to_owned(), run);
    again(s, key, BEAT / 2);
}

fn again(s: &mut Scenario, key: &Key, after: Duration) {
    let at = s.after(after);
    s.wake(key, at);
}

/// The items of the backup that the spec's filters let through.
fn chosen(spec: &Value, items: &[Arc<Value>]) -> Vec<Arc<Value>> {
    let mut shelf = Store::new("restore");
    for item in items {
        let word = text(item, "/kind");
        let Some(kind) = kind::by_word(word) else { continue };
        let key = Key::new(kind, text(item, "/metadata/namespace"), text(item, "/metadata/name"));
        shelf.put(&key, (**item).clone(), jiff::Timestamp::UNIX_EPOCH);
    }
    // A backup need not hold the Namespace objects of its items: the filter reads the namespaces from there.
    let places: Vec<String> = items
        .iter()
        .map(|item| text(item, "/metadata/namespace").to_owned())
        .filter(|name| !name.is_empty() && !shelf.has_namespace(name))
        .collect();
    for name in places {
        shelf.put(
            &Key::new(&kind::NAMESPACE, "", &name),
            json!({"sim": "not in the backup"}),
            jiff::Timestamp::UNIX_EPOCH,
        );
    }
    let mut spec = spec.clone();
    if spec.get("includeClusterResources").is_none() && spec.get("restorePVs").is_none() {
        // Claims bring their volumes; other cluster-wide objects come only with everything.
        spec["includeClusterResources"] = false.into();
    }
    filter::select(&spec, &shelf).into_iter().filter(|item| item.get("sim").is_none()).collect()
}

/// Where an item goes.
fn mapped(restore: &Value, namespace: &str) -> String {
    restore
        .pointer("/spec/namespaceMapping")
        .and_then(|map| map.get(namespace))
        .and_then(Value::as_str)
        .unwrap_or(namespace)
        .to_owned()
}

fn bring_volumes(s: &mut Scenario, restore: &Value, stored: &Stored, run: &mut Run) {
    if restore.pointer("/spec/restorePVs") == Some(&Value::Bool(false)) {
        return;
    }
    let mut owner = restore.clone();
    set(&mut owner, "/spec/storageLocation", text(&stored.object, "/spec/storageLocation"));
    let claims: Vec<Arc<Value>> = run.items.iter().filter(|item| artefact::is_claim(item)).cloned().collect();
    for claim in claims {
        let (place, name) = (text(&claim, "/metadata/namespace"), text(&claim, "/metadata/name"));
        let row = stored.volumes.iter().find(|row| {
            text(row, "/pvcNamespace") == place && text(row, "/pvcName") == name && text(row, "/result") == "succeeded"
        });
        let kind: &'static Kind = match row {
            Some(row) if text(row, "/backupMethod") == "PodVolumeBackup" => &kind::POD_VOLUME_RESTORE,
            Some(row) if truth(row, "/snapshotDataMoved") => &kind::DATA_DOWNLOAD,
            _ => continue,
        };
        let target = mapped(restore, place);
        if s.store.get(&Key::new(&kind::CLAIM, &target, name)).is_none() {
            let planned = volume::begin(s, kind, &owner, &claim, &target, false);
            run.volumes.push(planned);
        }
    }
}

fn advance(s: &mut Scenario, key: &Key, restore: &Arc<Value>) {
    let uid = text(restore, "/metadata/uid").to_owned();
    let Some(mut run) = s.runs.remove(&uid) else {
        return;
    };
    for volume in run.volumes.clone() {
        volume.sync(s);
    }
    let mut object = (**restore).clone();
    let more = step(s, &mut run, &mut object);
    s.write(key, object);
    if more {
        let beat = later(s.now, s.pace(BEAT).max(Duration::from_millis(100)));
        let at = run.ends.filter(|end| *end > s.now).unwrap_or(beat);
        s.runs.insert(uid, run);
        s.wake(key, at);
    }
}

/// One look at a running restore; false when there is nothing left to do.
fn step(s: &mut Scenario, run: &mut Run, restore: &mut Value) -> bool {
    if let Some(end) = run.ends {
        if end > s.now {
            return true;
        }
        finish(s, run, restore);
        return false;
    }
    let until = run.items_by(s.now);
    while run.done < until {
        let item = run.items[run.done].clone();
        bring(s, run, restore, &item);
        run.done += 1;
    }
    set(restore, "/status/progress", json!({"totalItems": run.items.len(), "itemsRestored": run.done}));
    if run.outcome == Outcome::Stuck {
        return run.done < run.items.len() * 6 / 10;
    }
    let moving = |background: bool| run.volumes.iter().any(|v| v.in_background() == background && !v.settled(s.now));
    if run.done < run.items.len() || moving(false) || s.now < later(run.started, run.work) {
        return true;
    }
    if run.outcome == Outcome::Failed {
        let reason =
            "restore execution failed: rpc error: code = Unknown desc = error getting object: connection reset by peer";
        run.problems.error(Place::Velero, reason.to_owned());
        set(restore, "/status/failureReason", reason);
        end(s, run, restore, "Failed");
        return false;
    }
    if run.outcome == Outcome::Partial && run.problems.count("errors") == 0 {
        run.problems.error(Place::Cluster, "error restoring customresourcedefinitions/widgets.example.com: admission webhook \"policy.example.com\" denied the request".to_owned());
    }
    count(run, restore);
    let suffix = if run.problems.count("errors") > 0 { "PartiallyFailed" } else { "" };
    let downloads = run.volumes.iter().filter(|v| v.in_background()).count();
    if downloads > 0 {
        let settled = run.volumes.iter().filter(|v| v.in_background() && v.settled(s.now)).count();
        set(restore, "/status/restoreItemOperationsAttempted", downloads);
        if settled > 0 {
            set(restore, "/status/restoreItemOperationsCompleted", settled);
        }
        if settled < downloads {
            set(restore, "/status/phase", format!("WaitingForPluginOperations{suffix}"));
            return true;
        }
    }
    set(restore, "/status/phase", format!("Finalizing{suffix}"));
    run.ends = Some(s.after(FINALIZING));
    true
}

fn count(run: &Run, restore: &mut Value) {
    for level in ["errors", "warnings"] {
        let number = run.problems.count(level);
        if number > 0 {
            set(restore, &format!("/status/{level}"), number);
        }
    }
}

fn finish(s: &mut Scenario, run: &mut Run, restore: &mut Value) {
    let failed = run.problems.count("errors") > 0;
    end(s, run, restore, if failed { "PartiallyFailed" } else { "Completed" });
}

fn end(s: &mut Scenario, run: &mut Run, restore: &mut Value, phase: &str) {
    set(restore, "/status/phase", phase);
    set(restore, "/status/completionTimestamp", stamp(s.now));
    count(run, restore);
    let volumes = run
        .volumes
        .iter()
        .map(|v| json!({"pvcName": v.claim, "pvcNamespace": v.namespace, "restoreMethod": if v.in_background() { "CSISnapshot" } else { "PodVolumeRestore" },
            "snapshotDataMoved": v.in_background(), "pvrInfo": {"snapshotHandle": v.key.name, "size": v.bytes, "uploaderType": "kopia"}}))
        .collect();
    s.bucket.keep(Stored {
        object: Arc::new(restore.clone()),
        items: std::mem::take(&mut run.items),
        problems: run.problems.clone(),
        volumes,
    });
}

/// Writes one item into the cluster, or says why not.
fn bring(s: &mut Scenario, run: &mut Run, restore: &Value, item: &Arc<Value>) {
    let Some(kind) = kind::by_word(text(item, "/kind")) else {
        return;
    };
    let name = text(item, "/metadata/name");
    let place = mapped(restore, text(item, "/metadata/namespace"));
    let target = if kind == &kind::NAMESPACE { mapped(restore, name) } else { name.to_owned() };
    if kind.namespaced && !s.store.has_namespace(&place) {
        let ns = json!({"metadata": {"labels": {"kubernetes.io/metadata.name": place}}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
        s.write(&Key::new(&kind::NAMESPACE, "", &place), ns);
    }
    let key = Key::new(kind, &place, &target);
    let mut object = bare(item);
    set_label(&mut object, "velero.io/backup-name", &valid_name(text(restore, "/spec/backupName")));
    set_label(&mut object, "velero.io/restore-name", &valid_name(text(restore, "/metadata/name")));
    if kind == &kind::NAMESPACE {
        set_label(&mut object, "kubernetes.io/metadata.name", &target);
    }
    let Some(there) = s.store.get(&key).cloned() else {
        s.write(&key, object);
        return;
    };
    // A namespace that is there is simply used.
    if kind == &kind::NAMESPACE || content(&there) == content(item) {
        return;
    }
    if text(restore, "/spec/existingResourcePolicy") == "update" {
        let mut merged = (*there).clone();
        patch::merge(&mut merged, &object);
        s.write(&key, merged);
        return;
    }
    let sentence = format!(
        "could not restore, {} \"{target}\" already exists. Warning: the in-cluster version is different than the backed-up version",
        kind.kind
    );
    let place = if key.namespace.is_empty() { Place::Cluster } else { Place::Namespace(&key.namespace) };
    run.problems.warning(place, sentence);
}

/// The item without what belongs to its old cluster.
fn bare(item: &Value) -> Value {
    let mut object = item.clone();
    for field in [
        "uid",
        "creationTimestamp",
        "resourceVersion",
        "generation",
        "ownerReferences",
        "finalizers",
        "deletionTimestamp",
    ] {
        unset(&mut object, &format!("/metadata/{field}"));
    }
    if artefact::is_claim(&object) {
        unset(&mut object, "/spec/volumeName");
    }
    object
}

/// What is compared to tell a changed object: everything but metadata and status.
fn content(object: &Value) -> Vec<(&String, &Value)> {
    object
        .as_object()
        .map(|map| map.iter().filter(|(key, _)| !matches!(key.as_str(), "metadata" | "status")).collect())
        .unwrap_or_default()
}

/// The server starts and finds restores that nobody works on any more.
pub(crate) fn fail_interrupted(s: &mut Scenario) {
    let interrupted: Vec<(Key, Arc<Value>)> = s
        .store
        .list(&kind::RESTORE, &s.options.namespace)
        .filter(|(_, restore)| text(restore, "/status/phase") == "InProgress")
        .map(|(key, restore)| (key.clone(), restore.clone()))
        .collect();
    for (key, restore) in interrupted {
        let mut object = (*restore).clone();
        set(&mut object, "/status/phase", "Failed");
        set(&mut object, "/status/failureReason", INTERRUPTED);
        set(&mut object, "/status/completionTimestamp", stamp(s.now));
        s.write(&key, object);
        s.runs.remove(text(&restore, "/metadata/uid"));
    }
}
