//! What is shown of an app: which actions are allowed now, and how well it is protected. Both are worked out when asked.

use serde_json::{Value, json};

use super::account::{Account, Row};
use super::shelf::Shelf;
use super::{backup, snapshot};
use crate::json::{set, text, unset};

/// The app as it is sent. `sim` is what only tests know of it.
pub(super) fn shown(a: &Account, row: &Row) -> Value {
    let mut value = row.value.clone();
    unset(&mut value, "/sim");
    set(&mut value, "/links", links(a, row));
    set(&mut value, "/stateTransitions", transitions());
    let (state, reason) = protection(a, &row.id);
    if text(&row.value, "/protectionState").is_empty() {
        set(&mut value, "/protectionState", state);
        let details = if reason.is_empty() {
            json!([])
        } else {
            json!([{"type": format!("https://astra.netapp.io/details/{state}"), "title": "Protection", "detail": reason}])
        };
        set(&mut value, "/protectionStateDetails", details);
    }
    value
}

/// Titles with the methods that are allowed now; both backup titles empty means that backups are impossible.
fn links(a: &Account, row: &Row) -> Value {
    let state = text(&row.value, "/state");
    let ready = state == "ready";
    let still = ready && !backup::in_progress(a, &row.id) && !snapshot::in_progress(a, &row.id);
    let kind = text(&row.value, "/sim/backups");
    let able = super::app::eligible(a, &row.id).is_ok();
    let base = format!("/accounts/{}/k8s", a.id);
    let app = &row.id;
    let backups = format!("{base}/v1/apps/{app}/appBackups");
    let apps = format!("{base}/v2/apps");
    let in_place = still || matches!(state, "unavailable" | "failed");
    let restorable = !matches!(state, "deleting" | "pending" | "provisioning");
    let all = [
        ("disruptiveBackup", backups.clone(), "POST", ready && able && kind == "disruptive"),
        ("nonDisruptiveBackup", backups, "POST", ready && able && kind != "disruptive"),
        ("snapshot", format!("{base}/v1/apps/{app}/appSnaps"), "POST", ready && !snapshot::in_progress(a, app)),
        ("restore", apps.clone(), "POST", restorable),
        ("clone", apps.clone(), "POST", ready),
        ("inPlaceRestore", format!("{apps}/{app}"), "PUT", in_place),
        ("replication", format!("{base}/v1/appMirrors"), "POST", ready && kind != "none"),
    ];
    let may = a.options.role != "viewer";
    let entry = |(title, href, method, open): &(&str, String, &str, bool)| {
        let allow: Vec<&str> = [*method].into_iter().filter(|_| *open && may).collect();
        let permissions: Vec<&str> = [*method].into_iter().filter(|_| may).collect();
        json!({"title": title, "href": href, "rel": title, "hints": {"allow": allow, "permissions": permissions}})
    };
    all.iter().map(entry).collect()
}

/// `none`, `partial`, `protected` or `atRisk`, with a reason.
fn protection(a: &Account, app: &str) -> (&'static str, &'static str) {
    let active = |row: &Row| text(&row.value, "/enabled") != "false" && text(&row.value, "/backupRetention") != "0";
    let scheduled = a.of(Shelf::Schedule, app).any(active);
    let mut states = a.of(Shelf::Backup, app).rev().map(|row| text(&row.value, "/state"));
    let good = a.of(Shelf::Backup, app).any(|row| text(&row.value, "/state") == "completed");
    match (scheduled, good, states.find(|state| snapshot::is_settled(state))) {
        (false, false, _) => ("none", ""),
        (_, true, Some("failed")) => ("atRisk", "The last backup failed."),
        (true, true, _) => ("protected", ""),
        (false, true, _) => ("partial", "There are backups but no active protection policy."),
        (true, false, _) => ("partial", "The protection policy has made no backup yet."),
    }
}

fn transitions() -> Value {
    json!([
        {"to": ["pending"]},
        {"to": ["provisioning"]},
        {"from": "pending", "to": ["discovering", "failed"]},
        {"from": "discovering", "to": ["ready", "failed"]},
        {"from": "ready", "to": ["discovering", "restoring", "unavailable", "failed"]},
        {"from": "unavailable", "to": ["ready", "restoring"]},
        {"from": "provisioning", "to": ["discovering", "failed"]},
        {"from": "restoring", "to": ["discovering", "failed"]}
    ])
}

/// What an app, or a backup of it, holds.
pub(super) fn assets(a: &Account, app: &str, of: &str) -> Vec<Value> {
    let value = a.value(Shelf::App, app);
    let name = text(value, "/name");
    let metadata = value["metadata"].clone();
    let namespaces = value["namespaces"].as_array().cloned().unwrap_or_default();
    let kinds = [("apps", "v1", "Deployment"), ("", "v1", "Service"), ("", "v1", "PersistentVolumeClaim")];
    let entry = |namespace: &Value, (group, version, kind): (&str, &str, &str)| {
        let id = super::ident::uuid(&[of, namespace.as_str().unwrap_or_default(), kind]);
        json!({"type": "application/astra-appAsset", "version": "1.1", "id": id, "assetName": name,
            "assetType": kind, "GVK": {"group": group, "version": version, "kind": kind}, "namespace": namespace,
            "labels": [], "metadata": metadata})
    };
    namespaces.iter().flat_map(|namespace| kinds.map(|kind| entry(namespace, kind))).collect()
}
