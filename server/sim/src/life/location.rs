//! Storage locations: validated every minute, and what lies in them is synced into the cluster.

use std::time::Duration;

use serde_json::Value;

use super::bucket;
use crate::json::{annotation, set, stamp, text, time, truth, unset};
use crate::kube::kind;
use crate::kube::store::Key;
use crate::scenario::{Scenario, later};

const EVERY: Duration = Duration::from_secs(60);
/// In a past that nobody watches.
const SELDOM: Duration = Duration::from_secs(86_400);

pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    let Some(location) = s.store.get(key).cloned() else {
        return;
    };
    if truth(&location, "/spec/default") {
        leave_one_default(s, key);
    }
    let every = if s.quick { SELDOM } else { EVERY };
    let due = time(&location, "/status/lastValidationTime").map(|last| later(last, every));
    let changed = is_unavailable(&location) != (text(&location, "/status/phase") == "Unavailable");
    if let Some(at) = due.filter(|at| *at > s.now && !changed) {
        s.wake(key, at);
        return;
    }
    let mut object = (*location).clone();
    let reason = annotation(&location, "sim/unreachable");
    if reason.is_empty() {
        set(&mut object, "/status/phase", "Available");
        unset(&mut object, "/status/message");
        set(&mut object, "/status/lastSyncedTime", stamp(s.now));
    } else {
        set(&mut object, "/status/phase", "Unavailable");
        set(&mut object, "/status/message", format!("BackupStorageLocation \"{}\" is unavailable: {reason}", key.name));
    }
    set(&mut object, "/status/lastValidationTime", stamp(s.now));
    s.write(key, object);
    if reason.is_empty() {
        bucket::sync(s, &key.name);
    }
    let at = later(s.now, every);
    s.wake(key, at);
}

fn is_unavailable(location: &Value) -> bool {
    !annotation(location, "sim/unreachable").is_empty()
}

/// The location that was changed last keeps the word; the others lose it.
fn leave_one_default(s: &mut Scenario, key: &Key) {
    let others: Vec<(Key, Value)> = s
        .store
        .list(&kind::LOCATION, &key.namespace)
        .filter(|(other, location)| *other != key && truth(location, "/spec/default"))
        .map(|(other, location)| (other.clone(), (**location).clone()))
        .collect();
    for (other, mut location) in others {
        unset(&mut location, "/spec/default");
        s.write(&other, location);
    }
}
