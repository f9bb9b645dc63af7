//! The life of a Backup, in both flavours.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/bed.rs"]
mod bed;

use bed::{Bed, VELERO, phases};
use serde_json::{Value, json};

#[tokio::test]
async fn queues_runs_and_completes() {
    let bed = Bed::new().await;
    bed.create("backups", "Backup", "web", json!({"includedNamespaces": ["web"], "ttl": "168h"})).await;
    let seen = phases(&bed, "backups", "web", 0.2, 60).await;
    assert_eq!(seen, ["", "Queued", "ReadyToStart", "InProgress", "Finalizing", "Completed"]);
    let backup = bed.object("backups", "web").await;
    let status = &backup["status"];
    assert_eq!(status["progress"]["totalItems"], status["progress"]["itemsBackedUp"]);
    assert!(status["progress"]["totalItems"].as_u64().unwrap() > 10);
    assert!(status.get("queuePosition").is_none());
    assert_eq!(backup["spec"]["ttl"], "168h0m0s");
    assert_eq!(backup["spec"]["storageLocation"], "default");
    assert!(status["expiration"].as_str().unwrap().starts_with("2026-10-10T01:59"));
    assert!(backup["metadata"]["generation"].as_u64().unwrap() > 4);
}

#[tokio::test]
async fn older_servers_go_straight_on() {
    let bed = Bed::with(json!({"velero_version": "v1.14.1"})).await;
    bed.create("backups", "Backup", "web", json!({"includedNamespaces": ["web"]})).await;
    let seen = phases(&bed, "backups", "web", 0.2, 60).await;
    assert_eq!(seen, ["", "InProgress", "Finalizing", "Completed"]);
}

#[tokio::test]
async fn queue_positions_move_up() {
    let bed = Bed::new().await;
    for name in ["a", "b", "c"] {
        bed.create("backups", "Backup", name, json!({"includedNamespaces": ["web"]})).await;
        bed.advance(0.5);
    }
    let position = |o: Value| o["status"]["queuePosition"].as_u64();
    assert_eq!(bed.phase("backups", "a").await, "InProgress");
    assert_eq!(position(bed.object("backups", "b").await), Some(1));
    assert_eq!(position(bed.object("backups", "c").await), Some(2));
    bed.advance(6.0);
    assert_eq!(bed.phase("backups", "a").await, "Completed");
    assert_eq!(bed.phase("backups", "b").await, "InProgress");
    assert_eq!(position(bed.object("backups", "c").await), Some(1));
    bed.advance(30.0);
    assert_eq!(bed.phase("backups", "c").await, "Completed");
}

#[tokio::test]
async fn overlapping_namespaces_wait_although_a_slot_is_free() {
    let bed = Bed::with(json!({"concurrent_backups": 2})).await;
    bed.create("backups", "Backup", "a", json!({"includedNamespaces": ["web"]})).await;
    bed.advance(0.5);
    bed.create("backups", "Backup", "b", json!({"includedNamespaces": ["web", "orders"]})).await;
    bed.advance(0.5);
    bed.create("backups", "Backup", "c", json!({"includedNamespaces": ["identity"]})).await;
    bed.advance(2.0);
    assert_eq!(bed.phase("backups", "b").await, "Queued");
    assert_eq!(bed.phase("backups", "c").await, "InProgress");
}

#[tokio::test]
async fn unusable_locations_fail_validation() {
    let bed = Bed::new().await;
    for (name, location, fragment) in [
        ("ro", "archive", "read-only mode"),
        ("down", "offsite", "is in Unavailable status."),
        ("none", "nowhere", "was not found"),
    ] {
        bed.create("backups", "Backup", name, json!({"storageLocation": location})).await;
        bed.advance(3.0);
        let backup = bed.object("backups", name).await;
        assert_eq!(backup["status"]["phase"], "FailedValidation");
        assert!(backup["status"]["validationErrors"][0].as_str().unwrap().contains(fragment), "{backup}");
    }
}

#[tokio::test]
async fn data_uploads_move_bytes_while_the_backup_waits() {
    let bed = Bed::new().await;
    bed.create("backups", "Backup", "db", json!({"includedNamespaces": ["checkout-db"], "snapshotMoveData": true}))
        .await;
    let uploads = "/apis/velero.io/v2alpha1/namespaces/velero/datauploads?labelSelector=velero.io/backup-name%3Ddb";
    bed.advance(6.0);
    assert_eq!(bed.phase("backups", "db").await, "WaitingForPluginOperations");
    let upload = bed.list(uploads).await.remove(0);
    let progress = &upload["status"]["progress"];
    assert_eq!(upload["status"]["phase"], "InProgress");
    assert_eq!(upload["spec"]["sourcePVC"], "data-postgres-0");
    assert!(progress["bytesDone"].as_u64().unwrap() > 0);
    assert!(progress["bytesDone"].as_u64() < progress["totalBytes"].as_u64());
    bed.advance(60.0);
    let upload = bed.list(uploads).await.remove(0);
    assert_eq!(upload["status"]["progress"]["bytesDone"], upload["status"]["progress"]["totalBytes"]);
    assert_eq!(upload["status"]["phase"], "Completed");
    let backup = bed.object("backups", "db").await;
    assert_eq!(backup["status"]["phase"], "Completed");
    assert_eq!(backup["status"]["backupItemOperationsCompleted"], 1);
}

#[tokio::test]
async fn a_cancelled_upload_makes_the_backup_partially_failed() {
    let bed = Bed::new().await;
    bed.create(
        "backups",
        "Backup",
        "pay",
        json!({"includedNamespaces": ["payments"], "defaultVolumesToFsBackup": true}),
    )
    .await;
    bed.advance(90.0);
    let volumes = bed.list(&format!("{VELERO}/podvolumebackups?labelSelector=velero.io/backup-name%3Dpay")).await;
    assert_eq!(volumes.len(), 1);
    assert_eq!(volumes[0]["status"]["phase"], "Canceled");
    let backup = bed.object("backups", "pay").await;
    assert_eq!(backup["status"]["phase"], "PartiallyFailed");
    assert_eq!(backup["status"]["errors"], 1);
}

#[tokio::test]
async fn spec_cancel_ends_a_volume_early() {
    let bed = Bed::new().await;
    bed.create(
        "backups",
        "Backup",
        "db",
        json!({"includedNamespaces": ["analytics"], "defaultVolumesToFsBackup": true}),
    )
    .await;
    bed.advance(8.0);
    let path = format!("{VELERO}/podvolumebackups");
    let volume = bed.list(&path).await.remove(0);
    let name = volume["metadata"]["name"].as_str().unwrap();
    bed.merge(&format!("{path}/{name}"), json!({"spec": {"cancel": true}})).await;
    bed.advance(5.0);
    assert_eq!(bed.phase("podvolumebackups", name).await, "Canceled");
}

#[tokio::test]
async fn annotations_steer_the_outcome() {
    let bed = Bed::new().await;
    for (outcome, phase) in [("partial", "PartiallyFailed"), ("failed", "Failed"), ("stuck", "InProgress")] {
        let body = json!({"apiVersion": "velero.io/v1", "kind": "Backup",
            "metadata": {"name": outcome, "annotations": {"sim/outcome": outcome, "sim/warnings": "2"}}, "spec": {"includedNamespaces": ["web"]}});
        bed.post(&format!("{VELERO}/backups"), body).await;
        bed.advance(20.0);
        let backup = bed.object("backups", outcome).await;
        assert_eq!(backup["status"]["phase"], phase, "{backup}");
        assert_eq!(backup["status"].get("failureReason").is_some(), outcome == "failed");
    }
}

#[tokio::test]
async fn a_restart_marks_running_backups_failed() {
    let bed = Bed::new().await;
    bed.create(
        "backups",
        "Backup",
        "web",
        json!({"includedNamespaces": ["analytics"], "defaultVolumesToFsBackup": true}),
    )
    .await;
    bed.advance(4.0);
    bed.control("restart", json!({})).await;
    let backup = bed.object("backups", "web").await;
    assert_eq!(backup["status"]["phase"], "Failed");
    assert_eq!(
        backup["status"]["failureReason"],
        "found a backup with status \"InProgress\" during the server starting, mark it as \"Failed\""
    );
    let volumes = bed.list(&format!("{VELERO}/podvolumebackups")).await;
    assert!(volumes.iter().all(|v| v["status"]["phase"] == "Canceled"), "{volumes:?}");
    bed.create("backups", "Backup", "next", json!({"includedNamespaces": ["web"]})).await;
    bed.advance(20.0);
    assert_eq!(bed.phase("backups", "next").await, "Completed");
}

#[tokio::test]
async fn nothing_moves_while_the_server_is_down() {
    let bed = Bed::with(json!({"server_down": true})).await;
    bed.create("backups", "Backup", "web", json!({})).await;
    bed.advance(3600.0);
    assert_eq!(bed.phase("backups", "web").await, "");
    bed.control("server", json!({"running": true})).await;
    bed.advance(60.0);
    assert_eq!(bed.phase("backups", "web").await, "Completed");
}

#[tokio::test]
async fn a_backup_removed_as_an_object_comes_back_from_the_bucket() {
    let bed = Bed::new().await;
    let made = bed.create("backups", "Backup", "web", json!({"includedNamespaces": ["web"]})).await;
    bed.advance(20.0);
    assert_eq!(bed.delete(&format!("{VELERO}/backups/web")).await.0, 200);
    assert_eq!(bed.object("backups", "web").await, Value::Null);
    bed.advance(61.0);
    let again = bed.object("backups", "web").await;
    assert_eq!(again["status"]["phase"], "Completed");
    assert_ne!(again["metadata"]["uid"], made["metadata"]["uid"]);
}

#[tokio::test]
async fn foreign_words_and_empty_states_stay_as_they_are() {
    let bed = Bed::new().await;
    let long = format!("{}-x", "n".repeat(70));
    for (name, status) in [("odd", json!({"phase": "Hibernating"})), (long.as_str(), json!({"phase": "Completed"}))] {
        bed.control("object", json!({"kind": "Backup", "metadata": {"name": name}, "spec": {}, "status": status}))
            .await;
    }
    bed.advance(300.0);
    assert_eq!(bed.phase("backups", "odd").await, "Hibernating");
    assert_eq!(bed.phase("backups", &long).await, "Completed");
    let name = "b".repeat(80);
    bed.create("backups", "Backup", &name, json!({"includedNamespaces": ["checkout-db"], "snapshotMoveData": true}))
        .await;
    bed.advance(5.0);
    let upload = bed.list("/apis/velero.io/v2alpha1/namespaces/velero/datauploads").await.remove(0);
    assert_eq!(upload["metadata"]["labels"]["velero.io/backup-name"].as_str().unwrap().len(), 63);
}
