//! appSnaps: pending, discovering, running, then completed, in about ten seconds.

use serde_json::{Value, json};

use super::account::{Account, Deed, Run};
use super::problem::Problem;
use super::schema::{self, Check, Field};
use super::shelf::Shelf;
use super::{news, retention};
use crate::json::{set, text};

const FIELDS: &[Field] = &[
    ("type", true, Check::Word(&["application/astra-appSnap"])),
    ("version", true, Check::Word(&["1.0", "1.1", "1.2", "1.3"])),
    ("name", false, Check::Label),
    ("bucketID", false, Check::Id),
    ("metadata", false, Check::Metadata),
];

/// Whether nothing happens to it any more.
pub(super) fn is_settled(state: &str) -> bool {
    !matches!(state, "pending" | "discovering" | "running" | "deleting")
}

fn is_busy(state: &str) -> bool {
    matches!(state, "pending" | "discovering" | "running")
}

/// Whether one is being taken of the app: then no other can be.
pub(super) fn in_progress(a: &Account, app: &str) -> bool {
    a.of(Shelf::Snap, app).any(|row| is_busy(text(&row.value, "/state")))
}

pub(super) fn post(a: &mut Account, app: &str, body: &[u8]) -> Result<Value, Problem> {
    let fields = schema::read(body, FIELDS)?;
    super::app::ready_for_work(a, app)?;
    if fields.contains_key("bucketID") {
        return Err(Problem::new(177));
    }
    if in_progress(a, app) {
        return Err(Problem::new(148));
    }
    let name = fields.get("name").and_then(Value::as_str).map(str::to_owned);
    let labels = fields.get("metadata").map_or_else(|| json!([]), |metadata| metadata["labels"].clone());
    let id = start(a, app, name.as_deref(), None, labels);
    Ok(a.value(Shelf::Snap, &id).clone())
}

/// Begins one. The answer is its identifier.
pub(super) fn start(a: &mut Account, app: &str, name: Option<&str>, schedule: Option<&str>, labels: Value) -> String {
    let app_name = news::app_name(a, app);
    let order = a.orders.take("snapshot", app, &app_name);
    let (result, reason) = order.unwrap_or_else(|| ("completed".to_owned(), None));
    let name = name.map_or_else(|| super::backup::automatic_name(a, &app_name, "snapshot"), str::to_owned);
    let labels = if labels.is_array() { labels } else { json!([]) };
    let mut value = json!({"name": name, "state": "pending", "stateUnready": [], "stateDetails": [],
        "metadata": {"labels": labels}});
    if let Some(schedule) = schedule {
        set(&mut value, "/scheduleID", schedule);
    }
    let id = a.add(Shelf::Snap, app, value);
    let path = format!("/k8s/v1/apps/{app}/appSnaps/{id}");
    let task = news::begin(a, "astra.snapshot.create", &format!("Take snapshot of {app_name}"), &id, &path);
    a.runs.insert(id.clone(), Run { result, reason, task, ..Run::default() });
    a.after(1, Deed::Step(Shelf::Snap, id.clone()));
    id
}

pub(super) fn step(a: &mut Account, id: &str) {
    let Some(run) = a.runs.get(id).cloned() else { return };
    match (a.state(Shelf::Snap, id), run.result.as_str()) {
        ("pending", "pending") | ("running", "stuck") => {}
        ("pending", _) => move_on(a, id, "discovering", 2),
        ("discovering", _) => move_on(a, id, "running", 4),
        ("running", result) => finish(a, id, result, &run),
        _ => {}
    }
}

fn move_on(a: &mut Account, id: &str, state: &str, seconds: u64) {
    a.set_state(Shelf::Snap, id, state);
    a.after(seconds, Deed::Step(Shelf::Snap, id.to_owned()));
}

fn finish(a: &mut Account, id: &str, result: &str, run: &Run) {
    a.runs.remove(id);
    let app = a.row(Shelf::Snap, id).map(|row| row.owner.clone()).unwrap_or_default();
    let sentence = run.reason.clone().unwrap_or_else(|| "A volume snapshot could not be created.".to_owned());
    let failed = result == "failed";
    let details = if failed { news::detail("snapshot", "Snapshot failed", &sentence) } else { json!([]) };
    let hooks = a.of(Shelf::Hook, &app).next().is_some();
    let (now, asset) = (a.stamp(), a.draw("appAsset"));
    a.touch(Shelf::Snap, id, |value| {
        set(value, "/state", if result == "hook-failed" { "completed" } else { result });
        set(value, "/stateDetails", details.clone());
        if failed {
            set(value, "/stateUnready", json!([sentence.chars().take(127).collect::<String>()]));
        } else {
            set(value, "/snapshotCreationTimestamp", now);
            set(value, "/snapshotAppAsset", asset);
        }
        if hooks || result == "hook-failed" {
            set(value, "/hookState", if result == "hook-failed" { "failed" } else { "success" });
        }
    });
    news::end(a, &run.task, if failed { "failed" } else { "completed" }, &details);
    if failed {
        news::tell(a, "critical", "snapshot.failed", "Snapshot failed", &sentence, id);
    }
    let schedule = text(a.value(Shelf::Snap, id), "/scheduleID").to_owned();
    retention::after_snapshot(a, &app, &schedule);
}

pub(super) fn delete(a: &mut Account, id: &str) -> Result<(), Problem> {
    let Some(row) = a.row(Shelf::Snap, id).cloned() else { return Err(Problem::new(1)) };
    if text(&row.value, "/state") == "deleting" {
        return Err(Problem::new(174));
    }
    if super::app::is_restoring(a, &row.owner) {
        return Err(Problem::new(142));
    }
    if super::backup::uses_snapshot(a, &row.owner, id) {
        return Err(Problem::new(144));
    }
    if a.rows(Shelf::Mirror).iter().any(|mirror| text(&mirror.value, "/sourceAppID") == row.owner) {
        return Err(Problem::new(120));
    }
    discard(a, id);
    Ok(())
}

/// Deletes without asking.
pub(super) fn discard(a: &mut Account, id: &str) {
    if let Some(run) = a.runs.remove(id) {
        news::end(a, &run.task, "cancelled", &json!([]));
    }
    a.set_state(Shelf::Snap, id, "deleting");
    let seconds = a.options.deletion_seconds / 4;
    a.after(seconds, Deed::Gone(Shelf::Snap, id.to_owned()));
}
