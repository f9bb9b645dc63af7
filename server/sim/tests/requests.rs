//! DeleteBackupRequest, DownloadRequest with its object store, ServerStatusRequest, garbage collection, locations.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/bed.rs"]
mod bed;

use std::io::Read;

use bed::{Bed, VELERO, split};
use serde_json::{Value, json};

async fn finished(bed: &Bed, name: &str) -> Value {
    bed.create("backups", "Backup", name, json!({"includedNamespaces": ["web"]})).await;
    bed.advance(30.0);
    bed.object("backups", name).await
}

async fn ask_delete(bed: &Bed, spec: Value) -> String {
    let body = json!({"apiVersion": "velero.io/v1", "kind": "DeleteBackupRequest", "metadata": {"generateName": "x-"}, "spec": spec});
    let (code, made) = bed.post(&format!("{VELERO}/deletebackuprequests"), body).await;
    assert_eq!(code, 201, "{made}");
    made["metadata"]["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_backup_is_deleted_with_its_restores_and_the_request() {
    let bed = Bed::new().await;
    finished(&bed, "web").await;
    bed.create("restores", "Restore", "back", json!({"backupName": "web", "namespaceMapping": {"web": "web2"}})).await;
    bed.advance(30.0);
    assert_eq!(bed.phase("restores", "back").await, "Completed");
    let request = ask_delete(&bed, json!({"backupName": "web"})).await;
    bed.advance(0.5);
    assert_eq!(bed.phase("backups", "web").await, "Deleting");
    assert_eq!(bed.phase("deletebackuprequests", &request).await, "InProgress");
    bed.advance(3.0);
    assert_eq!(bed.object("backups", "web").await, Value::Null);
    assert_eq!(bed.object("deletebackuprequests", &request).await, Value::Null);
    assert_eq!(bed.object("restores", "back").await, Value::Null);
    bed.advance(120.0);
    assert_eq!(bed.object("backups", "web").await, Value::Null, "nothing to sync from");
}

#[tokio::test]
async fn the_five_refusals() {
    let bed = Bed::new().await;
    bed.create(
        "backups",
        "Backup",
        "running",
        json!({"includedNamespaces": ["analytics"], "defaultVolumesToFsBackup": true}),
    )
    .await;
    bed.advance(3.0);
    for (name, location) in [("ro", "archive"), ("down", "offsite"), ("nowhere", "gone")] {
        bed.control("object", json!({"kind": "Backup", "metadata": {"name": name}, "spec": {"storageLocation": location}, "status": {"phase": "Completed"}})).await;
    }
    for (spec, sentence) in [
        (json!({"backupName": ""}), "spec.backupName is required"),
        (json!({"backupName": "running"}), "backup is still in progress"),
        (json!({"backupName": "none"}), "backup not found"),
        (json!({"backupName": "nowhere"}), "backup storage location gone not found"),
        (
            json!({"backupName": "ro"}),
            "cannot delete backup because backup storage location archive is currently in read-only mode",
        ),
        (
            json!({"backupName": "down"}),
            "cannot delete backup because backup storage location offsite is currently in Unavailable state",
        ),
    ] {
        let request = ask_delete(&bed, spec).await;
        bed.advance(0.5);
        let request = bed.object("deletebackuprequests", &request).await;
        assert_eq!(request["status"]["phase"], "Processed");
        assert_eq!(request["status"]["errors"], json!([sentence]));
    }
}

#[tokio::test]
async fn a_stuck_deletion_stays_deleting() {
    let bed = Bed::new().await;
    finished(&bed, "web").await;
    bed.merge(&format!("{VELERO}/backups/web"), json!({"metadata": {"annotations": {"sim/delete": "stuck"}}})).await;
    let request = ask_delete(&bed, json!({"backupName": "web"})).await;
    bed.advance(10.0);
    let object = bed.object("deletebackuprequests", &request).await;
    assert_eq!(object["status"]["phase"], "Processed");
    assert_eq!(object["status"]["errors"].as_array().unwrap().len(), 1);
    assert_eq!(bed.phase("backups", "web").await, "Deleting");
    bed.advance(25.0 * 3600.0);
    assert_eq!(bed.object("deletebackuprequests", &request).await, Value::Null);
}

#[tokio::test]
async fn expired_backups_are_collected_or_say_why_not() {
    let bed = Bed::new().await;
    bed.create("backups", "Backup", "short", json!({"includedNamespaces": ["web"], "ttl": "1h"})).await;
    bed.control(
        "object",
        json!({"kind": "Backup", "metadata": {"name": "kept"}, "spec": {"storageLocation": "archive"},
        "status": {"phase": "Completed", "expiration": "2026-10-03T02:30:00Z"}}),
    )
    .await;
    bed.advance(2.5 * 3600.0);
    assert_eq!(bed.object("backups", "short").await, Value::Null);
    assert_eq!(bed.object("backups", "kept").await["metadata"]["labels"]["velero.io/gc-failure"], "BSLReadOnly");
}

async fn download(bed: &Bed, kind: &str, name: &str) -> Option<String> {
    let request = format!("{name}-{}", kind.to_lowercase());
    bed.create("downloadrequests", "DownloadRequest", &request, json!({"target": {"kind": kind, "name": name}})).await;
    assert_eq!(bed.phase("downloadrequests", &request).await, "", "not at once");
    bed.advance(1.0);
    let object = bed.object("downloadrequests", &request).await;
    object["status"]["downloadURL"].as_str().map(str::to_owned)
}

async fn fetch(bed: &Bed, url: &str) -> (u16, String) {
    let answer = bed.client.get(url).send().await.unwrap();
    let code = answer.status().as_u16();
    assert!(answer.headers().get("content-encoding").is_none());
    let bytes = answer.bytes().await.unwrap();
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes.to_vec()).unwrap();
    }
    (code, text)
}

#[tokio::test]
async fn logs_results_and_volumes_are_downloaded() {
    let bed = Bed::new().await;
    let body = json!({"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": "db", "annotations": {"sim/outcome": "partial", "sim/warnings": "1"}},
        "spec": {"includedNamespaces": ["checkout-db"], "snapshotMoveData": true}});
    bed.post(&format!("{VELERO}/backups"), body).await;
    bed.advance(90.0);
    assert_eq!(bed.phase("backups", "db").await, "PartiallyFailed");
    let url = download(&bed, "BackupLog", "db").await.unwrap();
    let (code, log) = fetch(&bed, &url).await;
    assert_eq!(code, 200);
    assert!(log.lines().count() > 5);
    assert_eq!(
        log.lines().next().unwrap(),
        "time=\"2026-10-03T01:59:30Z\" level=info msg=\"Setting up backup temp file\" backup=velero/db logSource=\"pkg/controller/backup_controller.go:741\""
    );
    assert!(log.contains("level=error"));
    let (_, results) = fetch(&bed, &download(&bed, "BackupResults", "db").await.unwrap()).await;
    let results: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["errors"]["namespaces"]["checkout-db"].as_array().unwrap().len(), 1);
    let (_, volumes) = fetch(&bed, &download(&bed, "BackupVolumeInfos", "db").await.unwrap()).await;
    let volumes: Value = serde_json::from_str(&volumes).unwrap();
    assert_eq!(volumes[0]["pvcName"], "data-postgres-0");
    assert!(volumes[0]["snapshotDataMovementInfo"]["size"].as_u64().unwrap() > 0);
    let (_, list) = fetch(&bed, &download(&bed, "BackupResourceList", "db").await.unwrap()).await;
    assert!(list.contains("\"v1/Pod\":[\"checkout-db/postgres-0\"]"), "{list}");
    assert_eq!(fetch(&bed, &download(&bed, "BackupContents", "db").await.unwrap()).await.0, 200);
}

#[tokio::test]
async fn the_object_store_takes_a_signature_and_no_token() {
    let bed = Bed::new().await;
    finished(&bed, "web").await;
    let url = download(&bed, "BackupLog", "web").await.unwrap();
    assert!(url.contains("/objects/t/velero-main/cluster-a/backups/web/web-logs.gz?"), "{url}");
    let (code, body) = split(bed.client.get(&url).bearer_auth("sim-t-token").send().await.unwrap()).await;
    assert_eq!(code, 400, "{body}");
    assert_eq!(fetch(&bed, &format!("{url}0")).await.0, 403);
    bed.advance(599.0);
    assert_eq!(fetch(&bed, &url).await.0, 200);
    bed.advance(10.0);
    assert_eq!(fetch(&bed, &url).await.0, 403);
    assert!(bed.list(&format!("{VELERO}/downloadrequests")).await.is_empty(), "collected after expiry");
}

#[tokio::test]
async fn processed_does_not_mean_that_the_file_is_there() {
    let bed = Bed::with(json!({"download_base": "http://minio.objects:9000"})).await;
    finished(&bed, "web").await;
    assert!(download(&bed, "BackupLog", "web").await.unwrap().starts_with("http://minio.objects:9000/objects/t/"));
    let bed = Bed::new().await;
    for (mode, code) in [("missing", 404), ("xml", 200)] {
        let name = format!("b-{mode}");
        finished(&bed, &name).await;
        bed.merge(&format!("{VELERO}/backups/{name}"), json!({"metadata": {"annotations": {"sim/download": mode}}}))
            .await;
        let (got, body) = fetch(&bed, &download(&bed, "BackupLog", &name).await.unwrap()).await;
        assert_eq!(got, code);
        assert!(body.contains("<Error>"), "{body}");
    }
    finished(&bed, "b-never").await;
    bed.merge(&format!("{VELERO}/backups/b-never"), json!({"metadata": {"annotations": {"sim/download": "never"}}}))
        .await;
    assert_eq!(download(&bed, "BackupLog", "b-never").await, None);
    assert_eq!(download(&bed, "BackupLog", "no-such-backup").await, None);
    bed.advance(300.0);
    assert_eq!(bed.phase("downloadrequests", "no-such-backup-backuplog").await, "");
}

#[tokio::test]
async fn server_status_is_answered_and_removed() {
    let bed = Bed::with(json!({"velero_version": "v1.16.2"})).await;
    let body =
        json!({"apiVersion": "velero.io/v1", "kind": "ServerStatusRequest", "metadata": {"generateName": "hf-"}});
    let (code, made) = bed.post(&format!("{VELERO}/serverstatusrequests"), body).await;
    assert_eq!(code, 201, "{made}");
    let name = made["metadata"]["name"].as_str().unwrap();
    bed.advance(0.5);
    let answered = bed.object("serverstatusrequests", name).await;
    assert_eq!(answered["status"]["phase"], "Processed");
    assert_eq!(answered["status"]["serverVersion"], "v1.16.2");
    assert!(answered["status"]["plugins"].as_array().unwrap().len() > 3);
    bed.advance(61.0);
    assert_eq!(bed.object("serverstatusrequests", name).await, Value::Null);
}

#[tokio::test]
async fn locations_are_validated_and_one_is_default() {
    let bed = Bed::new().await;
    let get = async |name: &str| bed.object("backupstoragelocations", name).await;
    assert_eq!(get("default").await["status"]["phase"], "Available");
    assert_eq!(get("archive").await["spec"]["accessMode"], "ReadOnly");
    let offsite = get("offsite").await;
    assert_eq!(offsite["status"]["phase"], "Unavailable");
    assert!(
        offsite["status"]["message"]
            .as_str()
            .unwrap()
            .starts_with("BackupStorageLocation \"offsite\" is unavailable: ")
    );
    let before = get("default").await["status"]["lastValidationTime"].clone();
    bed.advance(61.0);
    assert_ne!(get("default").await["status"]["lastValidationTime"], before);
    bed.create(
        "backupstoragelocations",
        "BackupStorageLocation",
        "new",
        json!({"provider": "aws", "objectStorage": {"bucket": "b"}, "default": true}),
    )
    .await;
    bed.advance(1.0);
    assert_eq!(get("new").await["status"]["phase"], "Available");
    assert_eq!(get("new").await["spec"]["default"], true);
    assert!(get("default").await["spec"].get("default").is_none());
    bed.merge(
        &format!("{VELERO}/backupstoragelocations/offsite"),
        json!({"metadata": {"annotations": {"sim/unreachable": null}}}),
    )
    .await;
    bed.advance(1.0);
    assert_eq!(get("offsite").await["status"]["phase"], "Available");
}
