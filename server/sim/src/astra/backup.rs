//! appBackups: pending (a snapshot is made first), discovering, running with bytes, then completed or failed.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Deed, Row, Run};
use super::ident::{dice, letters};
use super::problem::Problem;
use super::schema::{self, Check, Field};
use super::shelf::Shelf;
use super::{app, bucket, news, retention, snapshot};
use crate::json::{set, text, time};
use crate::scenario::later;

const FIELDS: &[Field] = &[
    ("type", true, Check::Word(&["application/astra-appBackup"])),
    ("version", true, Check::Word(&["1.0", "1.1", "1.2"])),
    ("name", false, Check::Label),
    ("bucketID", false, Check::Id),
    ("snapshotID", false, Check::Id),
    ("metadata", false, Check::Metadata),
];

/// The label that the server puts on every backup.
const TRIGGER: &str = "astra.netapp.io/labels/read-only/triggerType";

/// What a new backup is made of.
#[derive(Default)]
pub(super) struct Wish {
    pub(super) name: Option<String>,
    pub(super) bucket: String,
    pub(super) snapshot: Option<String>,
    pub(super) schedule: Option<String>,
    pub(super) labels: Vec<Value>,
}

pub(super) fn is_busy(state: &str) -> bool {
    matches!(state, "pending" | "discovering" | "running")
}

/// Whether the app has one in progress.
pub(super) fn in_progress(a: &Account, app: &str) -> bool {
    a.of(Shelf::Backup, app).any(|row| is_busy(text(&row.value, "/state")))
}

/// Whether a backup in progress reads from that snapshot.
pub(super) fn uses_snapshot(a: &Account, app: &str, snapshot: &str) -> bool {
    a.of(Shelf::Backup, app).filter(|row| is_busy(text(&row.value, "/state"))).any(|row| {
        text(&row.value, "/snapshotID") == snapshot || a.runs.get(&row.id).is_some_and(|run| run.snapshot == snapshot)
    })
}

pub(super) fn post(a: &mut Account, app: &str, body: &[u8]) -> Result<Value, Problem> {
    let fields = schema::read(body, FIELDS)?;
    let given = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    app::ready_for_work(a, app)?;
    app::eligible(a, app)?;
    let name = given("name");
    if name.is_some() && a.of(Shelf::Backup, app).any(|row| row.value["name"].as_str() == name.as_deref()) {
        return Err(Problem::new(143));
    }
    let bucket = match given("bucketID") {
        Some(id) => a.row(Shelf::Bucket, &id).map(|row| row.id.clone()).ok_or_else(|| Problem::new(108))?,
        None => bucket::default_of(a, app).ok_or_else(|| Problem::new(127))?,
    };
    let same = |row: &Row| is_busy(text(&row.value, "/state")) && text(&row.value, "/bucketID") == bucket;
    if bucket::lock_seconds(a, &bucket) > 0 && a.of(Shelf::Backup, app).any(same) {
        return Err(Problem::new(107));
    }
    let snapshot = given("snapshotID");
    match &snapshot {
        Some(id) => usable(a, app, id)?,
        None if snapshot::in_progress(a, app) => return Err(Problem::new(148)),
        None => {}
    }
    let app_name = news::app_name(a, app);
    if a.orders.refuses(app, &app_name) {
        return Err(Problem::new(94));
    }
    let labels = fields.get("metadata").and_then(|m| m["labels"].as_array().cloned()).unwrap_or_default();
    let id = start(a, app, Wish { name, bucket, snapshot, schedule: None, labels });
    Ok(a.value(Shelf::Backup, &id).clone())
}

fn usable(a: &Account, app: &str, snapshot: &str) -> Result<(), Problem> {
    let row = a.row(Shelf::Snap, snapshot).ok_or_else(|| Problem::new(46))?;
    match text(&row.value, "/state") {
        _ if row.owner != app => Err(Problem::new(47)),
        "completed" => Ok(()),
        _ => Err(Problem::new(111)),
    }
}

/// The name of something that nobody named.
pub(super) fn automatic_name(a: &mut Account, app: &str, kind: &str) -> String {
    let drawn = a.draw("name");
    let head: String = app.chars().take(30).collect();
    format!("{head}-{kind}-{}-{}", a.now.strftime("%Y%m%d%H%M%S"), letters(&drawn, 5))
}

/// Begins one. The answer is its identifier.
pub(super) fn start(a: &mut Account, app: &str, wish: Wish) -> String {
    let app_name = news::app_name(a, app);
    let order = a.orders.take("backup", app, &app_name);
    let (result, reason) = order.unwrap_or_else(|| super::history::fate(a, &app_name));
    let name = wish.name.unwrap_or_else(|| automatic_name(a, &app_name, "backup"));
    let mut labels = wish.labels;
    labels.push(json!({"name": TRIGGER, "value": "backup"}));
    let mut value = json!({"name": name, "bucketID": wish.bucket, "state": "pending", "stateUnready": [],
        "stateDetails": [], "metadata": {"labels": labels}});
    if let Some(schedule) = &wish.schedule {
        set(&mut value, "/scheduleID", schedule.as_str());
    }
    if let Some(snapshot) = &wish.snapshot {
        set(&mut value, "/snapshotID", snapshot.as_str());
    }
    let id = a.add(Shelf::Backup, app, value);
    let snapshot =
        wish.snapshot.unwrap_or_else(|| snapshot::start(a, app, Some(&name), wish.schedule.as_deref(), json!([])));
    let path = format!("/k8s/v1/apps/{app}/appBackups/{id}");
    let task = news::begin(a, "astra.backup.create", &format!("Back up {app_name}"), &id, &path);
    let bytes =
        a.options.backup_bytes.unwrap_or_else(|| 120_000_000 + dice(&app_name, 700_000_000) + dice(&name, 9_000_000));
    a.runs.insert(id.clone(), Run { result, reason, bytes, snapshot, task, ..Run::default() });
    a.after(3, Deed::Step(Shelf::Backup, id.clone()));
    id
}

pub(super) fn step(a: &mut Account, id: &str) {
    let Some(run) = a.runs.get(id).cloned() else { return };
    match a.state(Shelf::Backup, id) {
        "pending" if run.result == "pending" => {}
        "pending" => match a.state(Shelf::Snap, &run.snapshot) {
            "completed" => {
                a.touch(Shelf::Backup, id, |value| {
                    set(value, "/state", "discovering");
                    set(value, "/snapshotID", run.snapshot.as_str());
                });
                a.after(4, Deed::Step(Shelf::Backup, id.to_owned()));
            }
            "pending" | "discovering" | "running" => a.after(2, Deed::Step(Shelf::Backup, id.to_owned())),
            _ => fail(a, id, "The snapshot for this backup failed."),
        },
        "discovering" => transfer(a, id, &run),
        "running" if run.result == "failed" => {
            let reason = run.reason.as_deref().unwrap_or("The transfer to the bucket timed out.");
            fail(a, id, reason);
        }
        "running" => complete(a, id, &run),
        _ => {}
    }
}

fn transfer(a: &mut Account, id: &str, run: &Run) {
    let bucket = text(a.value(Shelf::Backup, id), "/bucketID").to_owned();
    let reachable = a.state(Shelf::Bucket, &bucket) == "available";
    if !reachable {
        return fail(a, id, "The bucket can't be reached.");
    }
    let work = a.pace(Duration::from_millis((run.bytes * 1000 / a.options.bytes_per_second).max(1000)));
    let (now, bytes) = (a.now, run.bytes);
    a.touch(Shelf::Backup, id, |value| {
        set(value, "/state", "running");
        set(value, "/totalBytes", json!(bytes));
        set(value, "/bytesDone", 0);
        set(value, "/percentDone", 0);
    });
    if let Some(run) = a.runs.get_mut(id) {
        (run.started, run.ends) = (Some(now), Some(later(now, work)));
    }
    match run.result.as_str() {
        "stuck" => {}
        "failed" => a.at(later(now, work.mul_f64(0.6)), Deed::Step(Shelf::Backup, id.to_owned())),
        _ => a.at(later(now, work), Deed::Step(Shelf::Backup, id.to_owned())),
    }
}

fn complete(a: &mut Account, id: &str, run: &Run) {
    let Some(row) = a.row(Shelf::Backup, id).cloned() else { return };
    a.runs.remove(id);
    let (now, bytes) = (a.stamp(), run.bytes);
    let bad_hook = run.result == "hook-failed";
    let hooks = bad_hook || a.of(Shelf::Hook, &row.owner).next().is_some();
    let sentence = run.reason.clone().unwrap_or_else(|| "The hook quiesce-database ended with exit code 1.".to_owned());
    let details = if bad_hook { news::detail("hook", "Execution hook failed", &sentence) } else { json!([]) };
    a.touch(Shelf::Backup, id, |value| {
        set(value, "/state", if bad_hook { "completed" } else { run.result.as_str() });
        set(value, "/bytesDone", json!(bytes));
        set(value, "/percentDone", 100);
        set(value, "/backupCreationTimestamp", now);
        if hooks {
            set(value, "/hookState", if bad_hook { "failed" } else { "success" });
            set(value, "/hookStateDetails", details);
        }
    });
    news::end(a, &run.task, "completed", &json!([]));
    if bad_hook {
        news::tell(a, "warning", "hook.failed", "Execution hook failed", &sentence, id);
    } else {
        let summary = format!("Backup of {} ended", news::app_name(a, &row.owner));
        news::tell(a, "informational", "backup.ended", &summary, "", id);
    }
    retention::after_backup(a, &row.owner, text(&row.value, "/scheduleID"));
}

/// Ends one as failed.
pub(super) fn fail(a: &mut Account, id: &str, reason: &str) {
    let Some(row) = a.row(Shelf::Backup, id).cloned() else { return };
    super::life::show_progress(a);
    let run = a.runs.remove(id).unwrap_or_default();
    let details = news::detail("backup", "Backup failed", reason);
    a.touch(Shelf::Backup, id, |value| {
        set(value, "/state", "failed");
        set(value, "/stateUnready", json!([reason.chars().take(127).collect::<String>()]));
        set(value, "/stateDetails", details.clone());
    });
    news::end(a, &run.task, "failed", &details);
    let summary = format!("Backup of {} failed", news::app_name(a, &row.owner));
    news::tell(a, "critical", "backup.failed", &summary, reason, id);
    retention::after_backup(a, &row.owner, text(&row.value, "/scheduleID"));
}

/// Until when an immutable bucket keeps it.
pub(super) fn locked_until(a: &Account, value: &Value) -> Option<Timestamp> {
    let seconds = bucket::lock_seconds(a, text(value, "/bucketID"));
    let since = time(value, "/backupCreationTimestamp").or_else(|| time(value, "/metadata/creationTimestamp"))?;
    (seconds > 0).then(|| later(since, Duration::from_secs(seconds)))
}

/// `forced`: with the header `Force-Delete: true`, which a failed one needs.
pub(super) fn delete(a: &mut Account, id: &str, forced: bool) -> Result<(), Problem> {
    let Some(row) = a.row(Shelf::Backup, id).cloned() else { return Err(Problem::new(1)) };
    let locked = locked_until(a, &row.value).is_some_and(|end| end > a.now);
    let refused = match text(&row.value, "/state") {
        "deleting" => 174,
        "pending" => 128,
        _ if app::is_restoring(a, &row.owner) => 142,
        "failed" if !forced => 79,
        "failed" => 0,
        _ if locked => 11,
        _ => 0,
    };
    if refused != 0 {
        return Err(Problem::new(refused));
    }
    discard(a, id);
    Ok(())
}

/// Deletes without asking; it stays listed for a while.
pub(super) fn discard(a: &mut Account, id: &str) {
    if let Some(run) = a.runs.remove(id) {
        news::end(a, &run.task, "cancelled", &json!([]));
    }
    a.set_state(Shelf::Backup, id, "deleting");
    let seconds = a.options.deletion_seconds;
    a.after(seconds, Deed::Gone(Shelf::Backup, id.to_owned()));
}
