//! Apps: what is protected. They are defined over namespaces, renamed, restored in place, and made from a backup, a
//! snapshot or another app.

use serde_json::{Map, Value, json};

use super::account::{Account, Deed, Row, Run};
use super::problem::Problem;
use super::schema::{self, Check, Field};
use super::shelf::Shelf;
use super::{backup, news, origin, snapshot};
use crate::json::{set, text, texts, unset};

const KIND: Check = Check::Word(&["application/astra-app"]);
const VERSION: Check = Check::Word(&["2.0", "2.1", "2.2"]);

const CREATE: &[Field] = &[
    ("type", true, KIND),
    ("version", true, VERSION),
    ("name", true, Check::Label),
    ("clusterID", true, Check::Id),
    ("namespaceScopedResources", false, Check::List),
    ("clusterScopedResources", false, Check::List),
    ("sourceAppID", false, Check::Id),
    ("sourceClusterID", false, Check::Id),
    ("backupID", false, Check::Id),
    ("snapshotID", false, Check::Id),
    ("namespaceMapping", false, Check::List),
    ("storageClassMapping", false, Check::List),
    ("restoreFilter", false, Check::Object),
    ("metadata", false, Check::Metadata),
];

const UPDATE: &[Field] = &[
    ("type", true, KIND),
    ("version", true, VERSION),
    ("id", false, Check::Id),
    ("name", false, Check::Label),
    ("namespaceScopedResources", false, Check::List),
    ("clusterScopedResources", false, Check::List),
    ("backupID", false, Check::Id),
    ("snapshotID", false, Check::Id),
    ("restoreFilter", false, Check::Object),
    ("metadata", false, Check::Metadata),
];

pub(super) fn is_restoring(a: &Account, app: &str) -> bool {
    a.state(Shelf::App, app) == "restoring"
}

/// Backups and snapshots need an app that is there, and a licence.
pub(super) fn ready_for_work(a: &Account, app: &str) -> Result<(), Problem> {
    if a.license != 0 {
        return Err(Problem::new(a.license));
    }
    match a.state(Shelf::App, app) {
        "" => Err(Problem::new(2)),
        "ready" => Ok(()),
        _ => Err(Problem::new(112)),
    }
}

/// Whether its volumes and its cluster allow backups at all.
pub(super) fn eligible(a: &Account, app: &str) -> Result<(), Problem> {
    let value = a.value(Shelf::App, app);
    let cluster = a.value(Shelf::Cluster, text(value, "/clusterID"));
    if text(cluster, "/snapshotSupported") == "false" {
        return Err(Problem::new(131));
    }
    if text(value, "/sim/backups") == "none" { Err(Problem::new(172)) } else { Ok(()) }
}

pub(super) fn post(a: &mut Account, body: &[u8]) -> Result<Value, Problem> {
    let fields = schema::read(body, CREATE)?;
    let given = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let cluster = given("clusterID").to_owned();
    if a.row(Shelf::Cluster, &cluster).is_none() {
        return Err(Problem::new(106));
    }
    if a.of(Shelf::App, &cluster).any(|row| text(&row.value, "/name") == given("name")) {
        return Err(Problem::new(121));
    }
    let sources = ["sourceAppID", "backupID", "snapshotID"].into_iter().filter(|name| fields.contains_key(*name));
    match sources.collect::<Vec<_>>().as_slice() {
        [] => define(a, &cluster, &fields),
        [source] => {
            let source = (*source).to_owned();
            origin::make(a, &cluster, &source, &fields)
        }
        many => Err(Problem::field(many[1], "only one of sourceAppID, backupID and snapshotID can be given")),
    }
}

fn define(a: &mut Account, cluster: &str, fields: &Map<String, Value>) -> Result<Value, Problem> {
    for name in ["sourceClusterID", "namespaceMapping", "storageClassMapping", "restoreFilter"] {
        if fields.contains_key(name) {
            return Err(Problem::field(name, "applies to clones and restores only"));
        }
    }
    let resources = fields.get("namespaceScopedResources").cloned().unwrap_or_default();
    let namespaces = namespaces_of(&resources)?;
    for name in &namespaces {
        let row = a.of(Shelf::Namespace, cluster).find(|row| text(&row.value, "/name") == name.as_str());
        match row.map(|row| text(&row.value, "/namespaceState")) {
            None => return Err(Problem::new(122)),
            Some("removed") => return Err(Problem::new(124)),
            Some(_) => {}
        }
    }
    if a.of(Shelf::App, cluster).any(|row| row.value["namespaceScopedResources"] == resources) {
        return Err(Problem::new(121));
    }
    within_limit(a, namespaces.len())?;
    let id = create(a, cluster, text(&json!(fields), "/name"), &resources, "pending");
    if let Some(more) = fields.get("clusterScopedResources").cloned() {
        a.touch(Shelf::App, &id, |value| set(value, "/clusterScopedResources", more));
    }
    label(a, &id, fields);
    a.runs.insert(id.clone(), Run { result: "ready".to_owned(), ..Run::default() });
    a.after(2, Deed::Step(Shelf::App, id.clone()));
    Ok(a.value(Shelf::App, &id).clone())
}

pub(super) fn within_limit(a: &Account, more: usize) -> Result<(), Problem> {
    let held: usize = a.rows(Shelf::App).iter().map(|row| texts(&row.value, "/namespaces").len()).sum();
    match a.options.namespace_limit {
        Some(limit) if held + more > limit => Err(Problem::new(138)),
        _ => Ok(()),
    }
}

/// The names in `[{namespace, labelSelectors}]`, at least one.
fn namespaces_of(resources: &Value) -> Result<Vec<String>, Problem> {
    let list = resources.as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> = list.iter().map(|entry| text(entry, "/namespace").to_owned()).collect();
    if names.is_empty() {
        return Err(Problem::schema("(root): namespaceScopedResources is required"));
    }
    match names.iter().all(|name| schema::is_label(name)) {
        true => Ok(names),
        false => Err(Problem::field("namespaceScopedResources", "each entry must name a namespace")),
    }
}

/// Puts an app on its shelf.
pub(super) fn create(a: &mut Account, cluster: &str, name: &str, resources: &Value, state: &str) -> String {
    let from = a.value(Shelf::Cluster, cluster);
    let list = resources.as_array().cloned().unwrap_or_default();
    let entries: Vec<Value> = list
        .iter()
        .map(|entry| json!({"namespace": entry["namespace"], "labelSelectors": texts(entry, "/labelSelectors")}))
        .collect();
    let namespaces: Vec<&Value> = list.iter().map(|entry| &entry["namespace"]).collect();
    let value = json!({
        "name": name, "clusterID": cluster, "clusterName": from["name"], "clusterType": from["clusterType"],
        "namespaceScopedResources": entries, "clusterScopedResources": [], "namespaces": namespaces,
        "state": state, "stateDetails": [], "protectionStateDetails": [],
        "lastResourceCollectionTimestamp": a.stamp(),
    });
    a.add(Shelf::App, cluster, value)
}

/// Renames, or restores in place. `forced`: with the header `ForceUpdate: true`.
pub(super) fn put(a: &mut Account, id: &str, body: &[u8], forced: bool) -> Result<(), Problem> {
    let fields = schema::read(body, UPDATE)?;
    let given = |name: &str| fields.get(name).and_then(Value::as_str);
    if given("id").is_some_and(|said| said != id) {
        return Err(Problem::new(10));
    }
    match (given("backupID"), given("snapshotID")) {
        (None, None) => return rename(a, id, &fields),
        (Some(_), Some(_)) => {
            return Err(Problem::field("snapshotID", "only one of backupID and snapshotID can be given"));
        }
        (Some(backup), None) => origin::restorable(a, Shelf::Backup, backup, Some(id))?,
        (None, Some(snapshot)) => origin::restorable(a, Shelf::Snap, snapshot, Some(id))?,
    }
    if let Some(filter) = fields.get("restoreFilter") {
        origin::check_filter(filter)?;
    }
    if !forced {
        return Err(Problem::new(79));
    }
    if backup::in_progress(a, id) {
        return Err(Problem::new(152));
    }
    if !matches!(a.state(Shelf::App, id), "ready" | "unavailable" | "failed") || snapshot::in_progress(a, id) {
        return Err(Problem::new(112));
    }
    for name in ["backupID", "snapshotID", "restoreFilter"] {
        a.touch(Shelf::App, id, |value| match fields.get(name) {
            Some(given) => set(value, &format!("/{name}"), given.clone()),
            None => unset(value, &format!("/{name}")),
        });
    }
    // A PUT replaces what can be replaced, whatever else it asks for.
    label(a, id, &fields);
    origin::begin_restore(a, id, "restoring");
    Ok(())
}

/// Sets the labels that a request gives.
pub(super) fn label(a: &mut Account, id: &str, fields: &Map<String, Value>) {
    if let Some(labels) = fields.get("metadata").map(|metadata| metadata["labels"].clone()).filter(Value::is_array) {
        a.touch(Shelf::App, id, |value| set(value, "/metadata/labels", labels));
    }
}

fn rename(a: &mut Account, id: &str, fields: &Map<String, Value>) -> Result<(), Problem> {
    let cluster = a.row(Shelf::App, id).map(|row| row.owner.clone()).unwrap_or_default();
    if let Some(name) = fields.get("name") {
        if a.of(Shelf::App, &cluster).any(|row| row.id != id && row.value["name"] == *name) {
            return Err(Problem::new(121));
        }
        a.touch(Shelf::App, id, |value| value["name"] = name.clone());
    }
    label(a, id, fields);
    Ok(())
}

/// The next state of an app that is being defined, made or restored.
pub(super) fn step(a: &mut Account, id: &str) {
    let Some(run) = a.runs.get(id).cloned() else { return };
    let state = a.state(Shelf::App, id).to_owned();
    let next = match state.as_str() {
        "pending" | "provisioning" | "restoring" if run.result == "failed" => "failed",
        "pending" | "provisioning" | "restoring" if run.result == "stuck" => return,
        "pending" | "provisioning" | "restoring" => "discovering",
        "discovering" => "ready",
        _ => return,
    };
    let reason = run.reason.clone().unwrap_or_else(|| "The persistent volumes could not be restored.".to_owned());
    let details = if next == "failed" { news::detail("restore", "Restore failed", &reason) } else { json!([]) };
    a.touch(Shelf::App, id, |value| {
        set(value, "/state", next);
        set(value, "/stateDetails", details.clone());
    });
    if next == "discovering" {
        return a.after(5, Deed::Step(Shelf::App, id.to_owned()));
    }
    a.runs.remove(id);
    news::end(a, &run.task, if next == "failed" { "failed" } else { "completed" }, &details);
    if next == "failed" {
        let summary = format!("Restore of {} failed", news::app_name(a, id));
        news::tell(a, "critical", "restore.failed", &summary, &reason, id);
    }
}

/// Deletes it with its schedules, snapshots and backups.
pub(super) fn delete(a: &mut Account, id: &str) -> Result<(), Problem> {
    let disruptive = text(a.value(Shelf::App, id), "/sim/backups") == "disruptive";
    if a.rows(Shelf::Mirror).iter().any(|mirror| text(&mirror.value, "/sourceAppID") == id) {
        return Err(Problem::new(119));
    }
    match a.state(Shelf::App, id) {
        "" => Err(Problem::new(1)),
        "deleting" => Err(Problem::new(174)),
        _ if disruptive && backup::in_progress(a, id) => Err(Problem::new(157)),
        _ => {
            a.set_state(Shelf::App, id, "deleting");
            for shelf in [Shelf::Backup, Shelf::Snap] {
                let ids: Vec<String> = a.of(shelf, id).map(|row| row.id.clone()).collect();
                for inner in ids {
                    a.set_state(shelf, &inner, "deleting");
                }
            }
            a.after(20, Deed::Gone(Shelf::App, id.to_owned()));
            Ok(())
        }
    }
}

/// It has gone, and what belonged to it.
pub(super) fn gone(a: &mut Account, id: &str) {
    for shelf in [Shelf::Backup, Shelf::Snap, Shelf::Schedule, Shelf::Hook] {
        let ids: Vec<String> = a.of(shelf, id).map(|row: &Row| row.id.clone()).collect();
        for inner in ids {
            a.next.remove(&inner);
            a.remove(shelf, &inner);
        }
    }
    a.remove(Shelf::App, id);
}
