//! Velero itself: what its controllers do to the objects as time passes. Each controller looks at one object,
//! makes the step that is due, and says when to look again.

pub(crate) mod artefact;
pub(crate) mod backup;
pub(crate) mod bucket;
pub(crate) mod cron;
pub(crate) mod deletion;
pub(crate) mod download;
pub(crate) mod duration;
pub(crate) mod filter;
pub(crate) mod location;
pub(crate) mod queue;
pub(crate) mod request;
pub(crate) mod restore;
pub(crate) mod restore_validation;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod validation;
pub(crate) mod volume;

use crate::kube::kind;
use crate::kube::store::Key;
use crate::scenario::Scenario;

/// Lets the controller of that object's kind look at it.
pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    if key.namespace != s.options.namespace {
        return;
    }
    match key.kind {
        k if k == &kind::BACKUP => backup::reconcile(s, key),
        k if k == &kind::SCHEDULE => schedule::reconcile(s, key),
        k if k == &kind::RESTORE => restore::reconcile(s, key),
        k if k == &kind::LOCATION => location::reconcile(s, key),
        k if k == &kind::DELETE_REQUEST => deletion::reconcile(s, key),
        k if k == &kind::DOWNLOAD_REQUEST => download::reconcile(s, key),
        k if k == &kind::STATUS_REQUEST => request::reconcile(s, key),
        k if k == &kind::REPOSITORY => request::ready_repository(s, key),
        k if k == &kind::POD_VOLUME_BACKUP || k == &kind::DATA_UPLOAD => volume::cancel(s, key),
        _ => {}
    }
}

/// The Velero server starts: work that was in progress is lost and marked so.
pub(crate) fn restart(s: &mut Scenario) {
    backup::fail_interrupted(s);
    restore::fail_interrupted(s);
    s.wake_all();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::kube::schema;
    use crate::{Clock, Options};

    /// Whatever the controllers write must be what the API server would let them write.
    #[test]
    fn everything_written_fits_the_schemas() {
        let clock = Clock::manual("2026-10-03T01:59:30Z".parse().expect("a time"));
        let mut s = Scenario::new("t", Options::of_new("demo"), &clock);
        let later = |s: &mut Scenario, seconds| {
            let to = crate::scenario::later(s.now, Duration::from_secs(seconds));
            s.catch_up(to);
        };
        for (name, spec) in [
            ("files", json!({"includedNamespaces": ["checkout-db"], "defaultVolumesToFsBackup": true})),
            ("moved", json!({"includedNamespaces": ["orders"], "snapshotMoveData": true})),
        ] {
            let key = s.key(&kind::BACKUP, name);
            s.write(&key, json!({"spec": spec}));
            s.wake_soon(&key);
        }
        later(&mut s, 300);
        for (name, backup) in [("one", "files"), ("two", "moved")] {
            let key = s.key(&kind::RESTORE, name);
            s.write(
                &key,
                json!({"spec": {"backupName": backup, "namespaceMapping": {"checkout-db": "x", "orders": "y"}}}),
            );
            s.wake_soon(&key);
        }
        later(&mut s, 120);
        for (kind, spec) in [
            (&kind::STATUS_REQUEST, json!({})),
            (&kind::DOWNLOAD_REQUEST, json!({"target": {"kind": "BackupLog", "name": "files"}})),
            (&kind::DELETE_REQUEST, json!({"backupName": "none"})),
            (
                &kind::REPOSITORY,
                json!({"backupStorageLocation": "default", "maintenanceFrequency": "1h0m0s", "repositoryType": "kopia", "volumeNamespace": "web"}),
            ),
        ] {
            let key = s.key(kind, "x");
            s.write(&key, json!({"spec": spec}));
            s.wake_soon(&key);
        }
        later(&mut s, 20);
        let mut seen = std::collections::BTreeSet::new();
        let mut wrong = Vec::new();
        for (key, object) in s.store.all().filter(|(key, _)| key.kind.custom) {
            let findings = schema::check(key.kind, &mut (**object).clone());
            let breaches = findings.breaches.iter().map(|b| &b.field);
            let paths: Vec<&String> = findings.unknown.iter().chain(breaches).collect();
            if !paths.is_empty() {
                wrong.push(format!("{} {paths:?}", key.kind.kind));
            }
            seen.insert(key.kind.kind);
        }
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(seen.len(), 13, "{seen:?}");
    }
}
