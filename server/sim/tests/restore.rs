//! The life of a Restore.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/bed.rs"]
mod bed;

use bed::{Bed, VELERO, phases};
use serde_json::{Value, json};

async fn backed_up(bed: &Bed, namespace: &str, more: Value) {
    let mut spec = json!({"includedNamespaces": [namespace]});
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    bed.create("backups", "Backup", "b", spec).await;
    bed.advance(120.0);
    assert_eq!(bed.phase("backups", "b").await, "Completed");
}

#[tokio::test]
async fn restores_into_a_mapped_namespace() {
    let bed = Bed::new().await;
    backed_up(&bed, "web", json!({})).await;
    bed.create("restores", "Restore", "r", json!({"backupName": "b", "namespaceMapping": {"web": "web-copy"}})).await;
    let seen = phases(&bed, "restores", "r", 0.2, 60).await;
    assert_eq!(seen, ["", "InProgress", "Finalizing", "Completed"]);
    let restore = bed.object("restores", "r").await;
    assert_eq!(restore["status"]["progress"]["itemsRestored"], restore["status"]["progress"]["totalItems"]);
    assert_eq!(restore["metadata"]["finalizers"], json!(["restores.velero.io/external-resources-finalizer"]));
    assert!(restore["status"].get("warnings").is_none(), "{restore}");
    let (code, _) = bed.get("/api/v1/namespaces/web-copy").await;
    assert_eq!(code, 200);
    let pods = bed.list("/api/v1/namespaces/web-copy/pods").await;
    assert_eq!(pods.len(), 6);
    assert_eq!(pods[0]["metadata"]["labels"]["velero.io/restore-name"], "r");
}

#[tokio::test]
async fn existing_objects_are_warned_about_or_updated() {
    for (policy, warnings, level) in [("none", json!(1), "debug"), ("update", Value::Null, "info")] {
        let bed = Bed::new().await;
        backed_up(&bed, "web", json!({})).await;
        let path = "/api/v1/namespaces/web/configmaps/storefront-config";
        bed.merge(path, json!({"data": {"LOG_LEVEL": "debug"}})).await;
        bed.create("restores", "Restore", "r", json!({"backupName": "b", "existingResourcePolicy": policy})).await;
        bed.advance(30.0);
        let restore = bed.object("restores", "r").await;
        assert_eq!(restore["status"]["phase"], "Completed");
        assert_eq!(restore["status"]["warnings"], warnings);
        assert_eq!(bed.get(path).await.1["data"]["LOG_LEVEL"], level);
    }
}

#[tokio::test]
async fn volume_data_comes_back_with_bytes() {
    for (more, path) in [
        (json!({"snapshotMoveData": true}), "/apis/velero.io/v2alpha1/namespaces/velero/datadownloads"),
        (json!({"defaultVolumesToFsBackup": true}), "/apis/velero.io/v1/namespaces/velero/podvolumerestores"),
    ] {
        let bed = Bed::new().await;
        backed_up(&bed, "checkout-db", more).await;
        bed.create("restores", "Restore", "r", json!({"backupName": "b", "namespaceMapping": {"checkout-db": "copy"}}))
            .await;
        bed.advance(6.0);
        let row = bed.list(path).await.remove(0);
        assert_eq!(row["status"]["phase"], "InProgress", "{row}");
        assert!(row["status"]["progress"]["bytesDone"].as_u64() < row["status"]["progress"]["totalBytes"].as_u64());
        bed.advance(90.0);
        assert_eq!(bed.list(path).await[0]["status"]["phase"], "Completed");
        assert_eq!(bed.phase("restores", "r").await, "Completed");
    }
}

#[tokio::test]
async fn wrong_restores_fail_validation() {
    let bed = Bed::new().await;
    backed_up(&bed, "web", json!({})).await;
    bed.control("object", json!({"kind": "Backup", "metadata": {"name": "far"}, "spec": {"storageLocation": "offsite"}, "status": {"phase": "Completed"}})).await;
    bed.control("object", json!({"kind": "Backup", "metadata": {"name": "half", "labels": {"velero.io/schedule-name": "s"}}, "spec": {"storageLocation": "default"}, "status": {"phase": "PartiallyFailed"}})).await;
    for (n, (spec, fragment)) in [
        (json!({}), "Either a backup or schedule must be specified as a source for the restore, but not both"),
        (json!({"backupName": "b", "scheduleName": "s"}), "Either a backup or schedule"),
        (json!({"backupName": "none"}), "Error retrieving backup: Backup.velero.io \"none\" not found"),
        (json!({"backupName": "far"}), "The BSL offsite is unavailable, cannot retrieve the backup"),
        (json!({"scheduleName": "nobody"}), "No backups found for schedule"),
        (json!({"scheduleName": "s"}), "No completed backups found for schedule"),
        (json!({"backupName": "b", "existingResourcePolicy": "replace"}), "Invalid ExistingResourcePolicy: replace"),
        (json!({"backupName": "b", "includedResources": ["nodes"]}), "nodes are non-restorable resources"),
        (
            json!({"backupName": "b", "resourceModifier": {"kind": "ConfigMap", "name": "none"}}),
            "failed to get resource modifiers configmap velero/none",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("r{n}");
        bed.create("restores", "Restore", &name, spec).await;
        bed.advance(1.0);
        let restore = bed.object("restores", &name).await;
        assert_eq!(restore["status"]["phase"], "FailedValidation", "{restore}");
        assert!(restore["status"]["validationErrors"].to_string().replace('\\', "").contains(fragment), "{restore}");
    }
}

#[tokio::test]
async fn a_schedule_gives_its_newest_completed_backup() {
    let bed = Bed::new().await;
    for (name, start, phase) in [
        ("old", "2026-10-01T00:00:00Z", "Completed"),
        ("new", "2026-10-02T00:00:00Z", "Completed"),
        ("newest", "2026-10-03T00:00:00Z", "PartiallyFailed"),
    ] {
        bed.control("object", json!({"kind": "Backup", "metadata": {"name": name, "labels": {"velero.io/schedule-name": "s"}},
            "spec": {"storageLocation": "default", "includedNamespaces": ["web"]}, "status": {"phase": phase, "startTimestamp": start}})).await;
    }
    bed.create("restores", "Restore", "r", json!({"scheduleName": "s"})).await;
    bed.advance(30.0);
    let restore = bed.object("restores", "r").await;
    assert_eq!(restore["spec"]["backupName"], "new");
    assert_eq!(restore["status"]["phase"], "Completed");
}

#[tokio::test]
async fn deleting_a_restore_waits_for_velero() {
    let bed = Bed::new().await;
    backed_up(&bed, "web", json!({})).await;
    bed.create("restores", "Restore", "r", json!({"backupName": "b"})).await;
    bed.advance(30.0);
    bed.control("server", json!({"running": false})).await;
    let (code, terminating) = bed.delete(&format!("{VELERO}/restores/r")).await;
    assert_eq!(code, 200);
    assert!(terminating["metadata"]["deletionTimestamp"].is_string());
    bed.advance(3600.0);
    assert_ne!(bed.object("restores", "r").await, Value::Null, "hangs while Velero is away");
    bed.control("server", json!({"running": true})).await;
    bed.advance(2.0);
    assert_eq!(bed.object("restores", "r").await, Value::Null);
}

#[tokio::test]
async fn outcomes_are_steered_and_a_restart_fails_it() {
    let bed = Bed::new().await;
    backed_up(&bed, "web", json!({})).await;
    for (outcome, phase) in [("partial", "PartiallyFailed"), ("failed", "Failed"), ("stuck", "InProgress")] {
        let body = json!({"apiVersion": "velero.io/v1", "kind": "Restore", "metadata": {"name": outcome, "annotations": {"sim/outcome": outcome}}, "spec": {"backupName": "b"}});
        bed.post(&format!("{VELERO}/restores"), body).await;
        bed.advance(30.0);
        assert_eq!(bed.phase("restores", outcome).await, phase);
    }
    bed.control("restart", json!({})).await;
    let restore = bed.object("restores", "stuck").await;
    assert_eq!(restore["status"]["phase"], "Failed");
    assert_eq!(
        restore["status"]["failureReason"],
        "found a restore with status \"InProgress\" during the server starting, mark it as \"Failed\""
    );
}
