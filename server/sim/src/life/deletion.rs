//! DeleteBackupRequests: the only real way to delete a backup.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::validation::valid_name;
use crate::json::{annotation, label, set, set_label, text, time};
use crate::kube::kind;
use crate::kube::store::Key;
use crate::scenario::{Scenario, later};

/// How long the data takes to go.
const WORK: Duration = Duration::from_secs(2);
/// Answered requests are removed after a day.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Phases in which Velero's tracker knows a backup as running.
const RUNNING: [&str; 6] = [
    "ReadyToStart",
    "InProgress",
    "WaitingForPluginOperations",
    "WaitingForPluginOperationsPartiallyFailed",
    "Finalizing",
    "FinalizingPartiallyFailed",
];

pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    let Some(request) = s.store.get(key).cloned() else {
        return;
    };
    match text(&request, "/status/phase") {
        "" | "New" => begin(s, key, &request),
        "InProgress" => finish(s, key, &request),
        _ => {
            let made = time(&request, "/metadata/creationTimestamp").unwrap_or(s.now);
            let end = later(made, KEPT);
            if end <= s.now {
                s.erase(key);
            } else {
                s.wake(key, end);
            }
        }
    }
}

fn refuse(s: &mut Scenario, key: &Key, request: &Value, sentence: String) {
    let mut object = request.clone();
    set(&mut object, "/status/phase", "Processed");
    set(&mut object, "/status/errors", json!([sentence]));
    s.write(key, object);
    let at = later(s.now, KEPT);
    s.wake(key, at);
}

fn begin(s: &mut Scenario, key: &Key, request: &Arc<Value>) {
    let name = text(request, "/spec/backupName").to_owned();
    if name.is_empty() {
        return refuse(s, key, request, "spec.backupName is required".to_owned());
    }
    for other in requests_for(s, &name) {
        if other != *key {
            s.erase(&other);
        }
    }
    let backup_key = s.key(&kind::BACKUP, &name);
    let Some(backup) = s.store.get(&backup_key).cloned() else {
        return refuse(s, key, request, "backup not found".to_owned());
    };
    if RUNNING.contains(&text(&backup, "/status/phase")) {
        return refuse(s, key, request, "backup is still in progress".to_owned());
    }
    let place = text(&backup, "/spec/storageLocation");
    let Some(location) = s.get(&kind::LOCATION, place) else {
        return refuse(s, key, request, format!("backup storage location {place} not found"));
    };
    let cannot =
        |why: &str| format!("cannot delete backup because backup storage location {place} is currently in {why}");
    if text(&location, "/spec/accessMode") == "ReadOnly" {
        return refuse(s, key, request, cannot("read-only mode"));
    }
    if text(&location, "/status/phase") != "Available" {
        return refuse(s, key, request, cannot("Unavailable state"));
    }
    let mut object = (**request).clone();
    set(&mut object, "/status/phase", "InProgress");
    if label(&object, "velero.io/backup-name").is_empty() {
        set_label(&mut object, "velero.io/backup-name", &valid_name(&name));
    }
    if label(&object, "velero.io/backup-uid").is_empty() {
        set_label(&mut object, "velero.io/backup-uid", text(&backup, "/metadata/uid"));
    }
    s.write(key, object);
    let mut deleting = (*backup).clone();
    set(&mut deleting, "/status/phase", "Deleting");
    s.write(&backup_key, deleting);
    let at = s.after(WORK);
    s.wake(key, at);
}

fn finish(s: &mut Scenario, key: &Key, request: &Arc<Value>) {
    let name = text(request, "/spec/backupName").to_owned();
    let backup_key = s.key(&kind::BACKUP, &name);
    let stuck = s.store.get(&backup_key).is_some_and(|backup| annotation(backup, "sim/delete") == "stuck");
    if stuck {
        // The backup stays Deleting: Velero doesn't set it back (#3701).
        let sentence = "error deleting backup data: rpc error: code = Unknown desc = operation error S3: DeleteObject, https response error StatusCode: 403, AccessDenied".to_owned();
        return refuse(s, key, request, sentence);
    }
    s.bucket.remove_backup(&name);
    let restores: Vec<Key> = s
        .store
        .list(&kind::RESTORE, &s.options.namespace)
        .filter(|(_, restore)| text(restore, "/spec/backupName") == name)
        .map(|(key, _)| key.clone())
        .collect();
    for restore in restores {
        s.bucket.remove_restore(&restore.name);
        s.erase(&restore);
    }
    s.erase(&backup_key);
    for other in requests_for(s, &name) {
        s.erase(&other);
    }
}

fn requests_for(s: &Scenario, backup: &str) -> Vec<Key> {
    s.store
        .list(&kind::DELETE_REQUEST, &s.options.namespace)
        .filter(|(_, request)| text(request, "/spec/backupName") == backup)
        .map(|(key, _)| key.clone())
        .collect()
}
