//! A lived-in account: the estate's own schedules run from some weeks ago until now, with their troubles.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::Account;
use super::estate::{before, days, id_of};
use super::shelf::Shelf;
use super::{backup, bucket, schedule};
use crate::json::set;

/// App, bucket (empty: the default), schedule.
fn schedules() -> Vec<(&'static str, &'static str, Value)> {
    let rule = |hours: u32| format!("DTSTART:20240101T001500Z\nRRULE:FREQ=HOURLY;INTERVAL={hours}");
    let at = |granularity: &str, hour: &str, minute: &str, snapshots: &str, backups: &str| {
        json!({"name": format!("{granularity} protection"), "enabled": "true", "granularity": granularity,
            "minute": minute, "hour": hour, "snapshotRetention": snapshots, "backupRetention": backups})
    };
    let with = |mut value: Value, more: &[(&str, &str)]| {
        for (name, to) in more {
            set(&mut value, &format!("/{name}"), *to);
        }
        value
    };
    let custom = |hours: u32, snapshots: &str, backups: &str| {
        json!({"name": format!("every {hours} hours"), "enabled": "true", "granularity": "custom", "minute": "0",
            "recurrenceRule": rule(hours), "snapshotRetention": snapshots, "backupRetention": backups})
    };
    let mut elsewhere = at("daily", "3", "30", "1", "7");
    set(&mut elsewhere, "/name", "web-daily");
    set(&mut elsewhere, "/metadata/labels", json!([{"name": "managed-by", "value": "gitops"}]));
    vec![
        ("checkout", "", custom(6, "4", "8")),
        ("checkout", "", with(at("weekly", "4", "0", "0", "6"), &[("dayOfWeek", "0")])),
        ("payments", "", at("daily", "1", "30", "2", "14")),
        ("payments", "vault", with(at("weekly", "2", "15", "0", "4"), &[("dayOfWeek", "6")])),
        ("identity", "", at("daily", "22", "45", "1", "10")),
        ("ledger", "", with(at("weekly", "5", "0", "1", "12"), &[("dayOfWeek", "7")])),
        ("ledger", "", with(at("monthly", "6", "0", "0", "12"), &[("dayOfMonth", "1")])),
        ("web", "", elsewhere),
        ("orders", "", custom(4, "6", "6")),
        ("analytics", "", at("daily", "3", "0", "1", "7")),
        ("scratch", "", at("daily", "5", "20", "3", "0")),
        ("checkout-test", "offsite", at("daily", "0", "40", "1", "5")),
    ]
}

/// How a run of the past ended that nobody ordered.
pub(super) fn fate(a: &Account, app: &str) -> (String, Option<String>) {
    let day = a.now.as_second().div_euclid(86_400);
    let (result, reason) = match app {
        "payments" if a.past && day % 13 == 5 => {
            ("failed", Some("The transfer to the bucket timed out after 10 minutes."))
        }
        "identity" if a.past && day % 4 == 1 => {
            ("hook-failed", Some("The hook quiesce-database in pod postgres-0 ended with exit code 1."))
        }
        _ => ("completed", None),
    };
    (result.to_owned(), reason.map(str::to_owned))
}

/// Lives from `history_days` ago until `now`.
pub(super) fn live(a: &mut Account, now: Timestamp) {
    a.past = true;
    a.now = before(now, days(u64::from(a.options.history_days)));
    for (app, bucket, mut value) in schedules() {
        let app = id_of(a, Shelf::App, app);
        if !bucket.is_empty() {
            let bucket = id_of(a, Shelf::Bucket, bucket);
            set(&mut value, "/bucketID", bucket);
        }
        if value["granularity"] == "custom" {
            crate::json::unset(&mut value, "/hour");
        }
        let id = a.add(Shelf::Schedule, &app, value);
        schedule::plan(a, &id);
    }
    // Paused nine days ago.
    a.catch_up(before(now, days(9)));
    let app = id_of(a, Shelf::App, "analytics");
    let paused: Vec<String> = a.of(Shelf::Schedule, &app).map(|row| row.id.clone()).collect();
    for id in paused {
        a.touch(Shelf::Schedule, &id, |value| set(value, "/enabled", "false"));
        schedule::plan(a, &id);
    }
    // The offsite bucket went away three days ago: what lies in it can't be reached, and new backups fail.
    a.catch_up(before(now, days(3)));
    let offsite = id_of(a, Shelf::Bucket, "offsite");
    bucket::turn(a, &offsite, "removed");
    // One was started by hand just now.
    a.catch_up(before(now, Duration::from_secs(20)));
    let app = id_of(a, Shelf::App, "ledger");
    if let Some(bucket) = bucket::default_of(a, &app) {
        let name = Some("before-quarter-close".to_owned());
        backup::start(a, &app, backup::Wish { name, bucket, ..backup::Wish::default() });
    }
    a.catch_up(now);
    a.past = false;
}
