//! Waiting for a free slot: phases Queued and ReadyToStart of Velero 1.17 and later, plain waiting before.

use std::sync::Arc;

use serde_json::Value;

use super::filter;
use crate::json::{int, set, text, unset};
use crate::kube::kind;
use crate::kube::store::Key;
use crate::scenario::Scenario;

fn backups(s: &Scenario, phases: &[&str]) -> Vec<(Key, Arc<Value>)> {
    s.store
        .list(&kind::BACKUP, &s.options.namespace)
        .filter(|(_, backup)| phases.contains(&text(backup, "/status/phase")))
        .map(|(key, backup)| (key.clone(), backup.clone()))
        .collect()
}

/// Whether another backup may run now.
pub(crate) fn has_slot(s: &Scenario) -> bool {
    backups(s, &["ReadyToStart", "InProgress"]).len() < s.options.concurrent_backups.max(1)
}

/// Puts a new backup at the end of the queue.
pub(crate) fn enqueue(s: &mut Scenario, key: &Key, mut backup: Value) {
    let last = backups(s, &["Queued"]).iter().map(|(_, other)| int(other, "/status/queuePosition")).max().unwrap_or(0);
    set(&mut backup, "/status/phase", "Queued");
    set(&mut backup, "/status/queuePosition", last + 1);
    s.write(key, backup);
}

/// Releases a queued backup if a slot is free, none of its namespaces is being backed up, and nobody before it
/// could go. The rest of the queue moves up.
pub(crate) fn release(s: &mut Scenario, key: &Key, mut backup: Value) -> bool {
    if !has_slot(s) {
        return false;
    }
    let position = int(&backup, "/status/queuePosition");
    let ahead: Vec<Arc<Value>> = backups(s, &["Queued", "ReadyToStart", "InProgress"])
        .into_iter()
        .filter(|(_, other)| int(other, "/status/queuePosition") < position)
        .map(|(_, other)| other)
        .collect();
    let clashes = |one: &Value, position: i64| {
        let mine = filter::namespaces(&one["spec"], &s.store);
        ahead
            .iter()
            .filter(|other| text(other, "/status/phase") != "Queued" || int(other, "/status/queuePosition") < position)
            .any(|other| filter::namespaces(&other["spec"], &s.store).iter().any(|name| mine.contains(name)))
    };
    if clashes(&backup, position) {
        return false;
    }
    let earlier_can_go = ahead
        .iter()
        .filter(|other| text(other, "/status/phase") == "Queued")
        .any(|other| !clashes(other, int(other, "/status/queuePosition")));
    if earlier_can_go {
        return false;
    }
    set(&mut backup, "/status/phase", "ReadyToStart");
    unset(&mut backup, "/status/queuePosition");
    s.write(key, backup);
    let mut rest = backups(s, &["Queued"]);
    rest.sort_by_key(|(_, other)| int(other, "/status/queuePosition"));
    for (index, (key, other)) in rest.into_iter().enumerate() {
        let mut other = (*other).clone();
        set(&mut other, "/status/queuePosition", index + 1);
        s.write(&key, other);
    }
    true
}
