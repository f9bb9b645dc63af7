//! A lived-in cluster: schedules that others made, and the finished backups that they left behind.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::json::{set, stamp, text};
use crate::kube::kind;
use crate::life::bucket::{self, Stored};
use crate::life::run::{Outcome, Place, Problems, Run};
use crate::life::{filter, schedule, validation};
use crate::scenario::{Scenario, later};

/// Name, expression, template, paused.
fn schedules() -> Vec<(&'static str, &'static str, Value, bool)> {
    vec![
        ("platform-nightly", "0 2 * * *", json!({"ttl": "720h0m0s"}), false),
        (
            "checkout-6h",
            "15 */6 * * *",
            json!({"includedNamespaces": ["checkout", "checkout-db"], "ttl": "168h0m0s", "storageLocation": "default"}),
            false,
        ),
        (
            "payments-daily",
            "CRON_TZ=Europe/Zurich 30 1 * * *",
            json!({"includedNamespaces": ["payments", "payments-db"], "snapshotMoveData": true, "ttl": "336h0m0s"}),
            false,
        ),
        (
            "identity-weekdays",
            "45 22 * * 1-5",
            json!({"includedNamespaces": ["identity"], "defaultVolumesToFsBackup": true, "ttl": "720h0m0s"}),
            false,
        ),
        (
            "ledger-weekly",
            "0 5 * * 0",
            json!({"includedNamespaces": ["ledger"], "ttl": "2160h0m0s", "metadata": {"labels": {"retention": "quarter"}}}),
            false,
        ),
        (
            "analytics-nightly",
            "30 3 * * *",
            json!({"includedNamespaces": ["analytics"], "snapshotVolumes": false, "ttl": "240h0m0s"}),
            true,
        ),
    ]
}

/// Makes the schedules and what they did in the last `history_days`.
pub(crate) fn furnish(s: &mut Scenario) {
    let now = s.now;
    let days = Duration::from_secs(u64::from(s.options.history_days) * 86_400);
    let begin = now.checked_sub(days).unwrap_or(now);
    for (name, expression, template, paused) in schedules() {
        let created = begin.checked_sub(Duration::from_secs(40 * 86_400)).unwrap_or(begin);
        let mut object = json!({
            "metadata": {"creationTimestamp": stamp(created), "labels": {"app.kubernetes.io/managed-by": "platform-team"}},
            "spec": {"schedule": expression, "template": template, "paused": paused, "skipImmediately": false},
            "status": {"phase": "Enabled"},
        });
        let key = s.key(&kind::SCHEDULE, name);
        let Ok(cron) = schedule::expression(s, expression) else {
            continue;
        };
        // The paused one was stopped nine days ago.
        let stopped = now.checked_sub(Duration::from_secs(9 * 86_400)).unwrap_or(now);
        let until = if paused { stopped } else { now };
        set(&mut object, "/metadata/name", name);
        let mut at = begin;
        let mut last = None;
        while let Some(due) = cron.next(at).filter(|due| later(*due, Duration::from_secs(600)) < until) {
            let run_at = later(due, Duration::from_secs(1));
            finished(s, &object, run_at, now);
            last = Some(run_at);
            at = due;
        }
        if let Some(last) = last {
            set(&mut object, "/status/lastBackup", stamp(last));
        }
        s.now = now;
        s.write(&key, object);
    }
}

/// A steady number below `sides` from a name.
pub(crate) fn dice(name: &str, sides: u64) -> u64 {
    let digest = Sha256::digest(name);
    let head: [u8; 8] = std::array::from_fn(|index| digest[index]);
    u64::from_be_bytes(head) % sides
}

/// One backup of the past, unless it has expired since.
fn finished(s: &mut Scenario, schedule: &Value, at: Timestamp, now: Timestamp) {
    let name = schedule::backup_name(text(schedule, "/metadata/name"), at);
    let key = s.key(&kind::BACKUP, &name);
    s.now = at;
    let mut backup = schedule::backup_of(schedule);
    backup["kind"] = "Backup".into();
    set(&mut backup, "/metadata/name", name.as_str());
    set(&mut backup, "/metadata/creationTimestamp", stamp(at));
    let errors = validation::prepare(s, &mut backup);
    let expired = crate::json::time(&backup, "/status/expiration").is_some_and(|end| end <= now);
    if expired || !errors.is_empty() {
        return;
    }
    let items = filter::select(&backup["spec"], &s.store);
    let mut run = Run {
        started: at,
        done: items.len(),
        items,
        work: Duration::from_secs(20 + dice(&name, 90)),
        outcome: Outcome::Good,
        volumes: Vec::new(),
        problems: Problems::default(),
        ends: None,
    };
    let phase = fate(&name, &mut run, &mut backup);
    let end = later(at, run.work);
    set(&mut backup, "/status/phase", phase);
    set(&mut backup, "/status/startTimestamp", stamp(at));
    set(&mut backup, "/status/completionTimestamp", stamp(end));
    let done = if phase == "Failed" { run.items.len() / 3 } else { run.items.len() };
    set(&mut backup, "/status/progress", json!({"totalItems": run.items.len(), "itemsBackedUp": done}));
    for level in ["errors", "warnings"] {
        let number = run.problems.count(level);
        if number > 0 {
            set(&mut backup, &format!("/status/{level}"), number);
        }
    }
    let stored = s.write(&key, backup);
    let volumes = if phase == "Failed" { Vec::new() } else { bucket::volume_rows(s, &stored, &run) };
    s.bucket.keep(Stored { object: Arc::clone(&stored), items: run.items, problems: run.problems, volumes });
}

/// Mostly good; some with warnings, a few partial, rarely failed.
fn fate(name: &str, run: &mut Run, backup: &mut Value) -> &'static str {
    let pod =
        run.items.iter().map(|item| filter::shown(item)).find(|(plural, ..)| plural == "pods").unwrap_or_default();
    match dice(name, 40) {
        0 => {
            let reason = "backup execution failed: rpc error: code = Unknown desc = operation error S3: PutObject, https response error StatusCode: 503, SlowDown";
            run.problems.error(Place::Velero, reason.to_owned());
            set(backup, "/status/failureReason", reason);
            "Failed"
        }
        1..=3 => {
            run.problems.error(
                Place::Namespace(&pod.1),
                format!("resource: /pods name: /{} error: /timed out waiting for the condition on hook freeze", pod.2),
            );
            "PartiallyFailed"
        }
        4..=7 => {
            run.problems.warning(
                Place::Namespace(&pod.1),
                format!("resource: /pods name: /{} message: /Skip pod volume config: volume is a configMap", pod.2),
            );
            "Completed"
        }
        _ => "Completed",
    }
}
