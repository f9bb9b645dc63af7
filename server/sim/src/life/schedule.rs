//! Schedules: validated at each look, due by their last run, never catching up.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cron::{self, Cron};
use crate::json::{label, set, stamp, text, time, truth, unset};
use crate::kube::kind;
use crate::kube::store::Key;
use crate::scenario::{Scenario, later};

/// The controller looks at every schedule once a minute.
const EVERY: Duration = Duration::from_secs(60);

/// Reads a schedule's expression as this server does.
pub(crate) fn expression(s: &Scenario, text: &str) -> Result<Cron, String> {
    if text.is_empty() {
        return Err("Schedule must be a non-empty valid Cron expression".to_owned());
    }
    cron::parse(text, s.options.knows_zones()).map_err(|e| format!("invalid schedule: {e}"))
}

pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    let Some(schedule) = s.store.get(key).cloned() else {
        return;
    };
    // The predicate drops paused ones before anything else: they are not even validated.
    if truth(&schedule, "/spec/paused") {
        return;
    }
    let mut object = (*schedule).clone();
    if truth(&object, "/spec/skipImmediately") {
        set(&mut object, "/status/lastSkipped", stamp(s.now));
    }
    set(&mut object, "/spec/skipImmediately", false);
    let cron = match expression(s, text(&object, "/spec/schedule")) {
        Ok(cron) => {
            set(&mut object, "/status/phase", "Enabled");
            unset(&mut object, "/status/validationErrors");
            cron
        }
        Err(sentence) => {
            set(&mut object, "/status/phase", "FailedValidation");
            set(&mut object, "/status/validationErrors", json!([sentence]));
            s.write(key, object);
            return;
        }
    };
    let Some(due) = cron.next(anchor(&object, s.now)) else {
        s.write(key, object);
        return;
    };
    if s.now <= due {
        s.write(key, object);
        s.wake(key, later(due, Duration::from_secs(1)));
        return;
    }
    if !has_unfinished(s, key) && submit(s, key, &object) {
        set(&mut object, "/status/lastBackup", stamp(s.now));
        let next = cron.next(s.now).unwrap_or(Timestamp::MAX);
        s.wake(key, later(next, Duration::from_secs(1)));
    } else {
        let at = later(s.now, EVERY);
        s.wake(key, at);
    }
    s.write(key, object);
}

/// What the due time counts from.
fn anchor(schedule: &Value, now: Timestamp) -> Timestamp {
    let last =
        time(schedule, "/status/lastBackup").or_else(|| time(schedule, "/metadata/creationTimestamp")).unwrap_or(now);
    time(schedule, "/status/lastSkipped").map_or(last, |skipped| last.max(skipped))
}

/// Whether a backup of the schedule is New or InProgress. Queued and waiting ones do not count: so it is in Velero.
fn has_unfinished(s: &Scenario, key: &Key) -> bool {
    s.store
        .list(&kind::BACKUP, &key.namespace)
        .filter(|(_, backup)| label(backup, "velero.io/schedule-name") == key.name)
        .any(|(_, backup)| matches!(text(backup, "/status/phase"), "" | "New" | "InProgress"))
}

/// The name of the backup made at that time, by the server's clock, which is UTC.
pub(crate) fn backup_name(schedule: &str, at: Timestamp) -> String {
    format!("{schedule}-{}", at.strftime("%Y%m%d%H%M%S"))
}

/// The backup that a schedule makes.
pub(crate) fn backup_of(schedule: &Value) -> Value {
    let mut spec = schedule["spec"]["template"].clone();
    if !spec.is_object() {
        spec = json!({});
    }
    let name = text(schedule, "/metadata/name");
    let mut labels = match spec.pointer("/metadata/labels") {
        Some(labels) if labels.is_object() => labels.clone(),
        _ => schedule["metadata"]["labels"].clone(),
    };
    if !labels.is_object() {
        labels = json!({});
    }
    labels["velero.io/schedule-name"] = name.into();
    // What went through Velero's typed client shows its empty structs and zero durations.
    for empty in ["metadata", "hooks"] {
        if spec.get(empty).is_none() {
            spec[empty] = json!({});
        }
    }
    for zero in ["ttl", "csiSnapshotTimeout", "itemOperationTimeout"] {
        let written = super::duration::parse(text(&spec, &format!("/{zero}"))).unwrap_or_default();
        spec[zero] = super::duration::format(written).into();
    }
    let mut meta = json!({"labels": labels});
    if schedule["metadata"]["annotations"].is_object() {
        meta["annotations"] = schedule["metadata"]["annotations"].clone();
    }
    if truth(schedule, "/spec/useOwnerReferencesInBackup") {
        meta["ownerReferences"] = json!([{"apiVersion": "velero.io/v1", "kind": "Schedule", "name": name,
            "uid": text(schedule, "/metadata/uid"), "controller": true}]);
    }
    json!({"metadata": meta, "spec": spec, "status": {}})
}

/// Creates the backup; false if the API server refuses it (the name is taken, or too long for its label).
fn submit(s: &mut Scenario, key: &Key, schedule: &Value) -> bool {
    let backup = s.key(&kind::BACKUP, &backup_name(&key.name, s.now));
    if key.name.len() > 63 || s.store.get(&backup).is_some() {
        return false;
    }
    s.write(&backup, backup_of(schedule));
    s.wake_soon(&backup);
    true
}
