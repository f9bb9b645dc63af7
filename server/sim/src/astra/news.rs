//! Tasks, events and notifications: where people read what goes on and why something failed.

use serde_json::{Value, json};

use super::account::{Account, Deed};
use super::shelf::Shelf;
use crate::json::{set, text};

/// Finished tasks are kept about a day.
const TASKS_KEPT: u64 = 24 * 3600;
const EVENTS_KEPT: usize = 400;

/// Begins a task about a resource. The answer is the task's identifier.
pub(super) fn begin(a: &mut Account, name: &str, summary: &str, resource: &str, path: &str) -> String {
    let uri = format!("/accounts/{}{path}", a.id);
    let started = a.stamp();
    let value = json!({
        "name": name, "summary": summary, "state": "running", "stateDetails": [], "percentDone": 0,
        "orderHint": "0", "startTime": started, "resourceID": resource, "resourceURI": uri,
        "resourceCollectionURI": uri.rsplit_once('/').map(|(head, _)| head),
    });
    a.add(Shelf::Task, "", value)
}

/// Ends it as `completed`, `failed` or `cancelled`.
pub(super) fn end(a: &mut Account, task: &str, state: &str, details: &Value) {
    let now = a.stamp();
    let known = a.touch(Shelf::Task, task, |value| {
        set(value, "/state", state);
        set(value, "/stateDetails", details.clone());
        set(value, if state == "cancelled" { "/cancelTime" } else { "/endTime" }, now);
        if state == "completed" {
            set(value, "/percentDone", 100);
        }
    });
    if known {
        let at = crate::scenario::later(a.now, std::time::Duration::from_secs(TASKS_KEPT));
        a.at(at, Deed::Gone(Shelf::Task, task.to_owned()));
    }
}

/// Tells of something; what is a warning or worse is a notification too.
pub(super) fn tell(a: &mut Account, severity: &str, name: &str, summary: &str, description: &str, resource: &str) {
    let correlation = a.draw("correlation");
    let now = a.stamp();
    let mut value = json!({
        "name": name, "severity": severity, "summary": summary, "description": description, "eventTime": now,
        "resourceID": resource, "correlationID": correlation, "sequenceCount": 1,
    });
    let id = a.add(Shelf::Event, "", value.clone());
    a.trim(Shelf::Event, EVENTS_KEPT);
    if matches!(severity, "warning" | "critical") {
        set(&mut value, "/eventID", id);
        a.add(Shelf::Notification, "", value);
        a.trim(Shelf::Notification, EVENTS_KEPT);
    }
}

/// One entry of `stateDetails`.
pub(super) fn detail(kind: &str, title: &str, sentence: &str) -> Value {
    let title: String = title.chars().take(40).collect();
    let sentence: String = sentence.chars().take(511).collect();
    json!([{"type": format!("https://astra.netapp.io/details/{kind}"), "title": title, "detail": sentence}])
}

/// An app's name, for sentences.
pub(super) fn app_name(a: &Account, app: &str) -> String {
    text(a.value(Shelf::App, app), "/name").to_owned()
}
