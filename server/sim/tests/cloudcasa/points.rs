//! Recovery points: how long they stay, how they go, and restoring them.

use serde_json::{Value, json};

use crate::bed::{Bed, word};

#[tokio::test]
async fn expire_by_age_but_the_newest_are_kept() {
    let bed = Bed::new().await;
    let backup = bed.definition("a").await;
    for _ in 0..3 {
        let body = json!({"retention": {"retainDays": 1, "numAlwaysRetain": 2}, "runBackup": true});
        bed.post(&format!("kubebackups/{backup}/action/run"), body).await;
        bed.advance(3_600.0);
    }
    let points = bed.find("backupinstances", json!({"backupdef": backup})).await;
    assert_eq!(points.len(), 3);
    for point in &points {
        assert_eq!(point["expiry_timestamp"].as_i64().unwrap() - point["end_time"].as_i64().unwrap(), 86_400);
    }
    bed.advance(86_400.0 * 3.0);
    let left = bed.find("backupinstances", json!({"backupdef": backup})).await;
    assert_eq!(left.iter().map(|point| &point["_id"]).collect::<Vec<_>>(), [&points[1]["_id"], &points[2]["_id"]]);
    assert!(left[0]["expiry_timestamp"].as_i64().unwrap() < 1_791_028_800 + 3 * 86_400, "past its time, and kept");
    // The next one takes the place of the oldest.
    bed.run("kubebackups", &backup).await;
    bed.advance(300.0);
    let left = bed.find("backupinstances", json!({"backupdef": backup, "state": "READY"})).await;
    assert_eq!((left.len(), &left[0]["_id"]), (2, &points[2]["_id"]));
}

#[tokio::test]
async fn go_through_deleting_with_a_job() {
    let bed = Bed::new().await;
    let (backup, point) = bed.with_point("a").await;
    assert_eq!(bed.find("kubenamespaces", json!({"backupinst_id": point})).await.len(), 2);
    let path = format!("backupinstances/{point}");
    assert_eq!(bed.delete(&path, "").await, (204, json!("")));
    assert_eq!(bed.get(&path).await["state"], "DELETING");
    let job = bed.find("jobs", json!({"type": "DELETE_BACKUP"})).await[0].clone();
    assert_eq!((&job["state"], &job["backupdef"]), (&json!("RUNNING"), &json!(backup)));
    assert_eq!(bed.delete(&path, "").await.0, 204, "again");
    bed.advance(30.0);
    assert_eq!(bed.send(reqwest::Method::GET, &path, "", &Value::Null).await.0, 404);
    let jobs = bed.find("jobs", json!({"type": "DELETE_BACKUP"})).await;
    assert_eq!((jobs.len(), &jobs[0]["state"]), (1, &json!("COMPLETED")));
    assert!(bed.find("kubenamespaces", json!({"backupinst_id": point})).await.is_empty());
}

#[tokio::test]
async fn locked_ones_refuse() {
    let bed = Bed::new().await;
    let body = json!({"name": "safe", "schedules": [{"retainDays": 1, "locked": true, "schedule": {"cronSpec": "0 * * * *"}}]});
    let policy = word(&bed.create("policies", body).await, "_id");
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body = json!({"name": "a", "cluster": cluster, "policy": policy, "source": {"namespaces": ["web"]}});
    bed.create("kubebackups", body).await;
    bed.advance(3_700.0);
    let point = bed.find("backupinstances", json!({"status.locked": true})).await[0].clone();
    let (code, body) = bed.delete(&format!("backupinstances/{}", word(&point, "_id")), "").await;
    assert_eq!(code, 403);
    assert!(body["_error"]["message"].as_str().unwrap().contains("SafeLock"));
    bed.advance(86_500.0);
    assert!(bed.find("backupinstances", json!({"_id": point["_id"]})).await.is_empty(), "its time ends the lock");
}

#[tokio::test]
async fn outlive_their_definition_unless_told() {
    for (outlive, left) in [(true, 1), (false, 0)] {
        let bed = Bed::with(json!({"points_outlive": outlive})).await;
        let (backup, point) = bed.with_point("a").await;
        assert_eq!(bed.delete(&format!("kubebackups/{backup}"), "").await.0, 204);
        bed.advance(60.0);
        let points = bed.find("backupinstances", json!({"_id": point})).await;
        assert_eq!(points.len(), left);
        assert!(points.iter().all(|point| point["backupdef_name"] == "a"));
    }
}

#[tokio::test]
async fn are_restored_under_new_names() {
    let bed = Bed::new().await;
    let (_, point) = bed.with_point("shop").await;
    let target = bed.id("kubeclusters", "prod-zrh").await;
    let body = json!({"name": "drill", "backup_inst": point, "cluster": target, "selection": {"namespaces": ["checkout-db"]},
        "namespaces_map": {"checkout-db": "checkout-drill"}, "storage_class_map": {"ceph-rbd": "fast"}});
    let made = bed.create("kuberestores", body.clone()).await;
    assert!(made.get("status").is_none());
    assert_eq!(made["selection"]["restorePersistentVolumes"], true);
    assert_eq!(word(&made, "source_cluster"), bed.id("kubeclusters", "prod-fra").await);
    assert_eq!(bed.post("kuberestores", body).await.1["_issues"], json!({"name": "value 'drill' is not unique"}));
    bed.advance(3.0);
    let path = format!("kuberestores/{}", word(&made, "_id"));
    let status = bed.get(&path).await["status"].clone();
    assert_eq!(status["state"], "JOB_CREATED");
    bed.advance(600.0);
    let job = bed.get(&format!("jobs/{}", word(&status, "jobid"))).await;
    assert_eq!(
        (&job["type"], &job["state"], &job["restoredef_name"], &job["num_restored_resources"], &job["backup_inst"]),
        (&json!("RESTORE"), &json!("COMPLETED"), &json!("drill"), &json!(23), &json!(point))
    );
    let found = bed.find("kubenamespaces", json!({"cluster_id": target, "name": "checkout-drill"})).await;
    assert_eq!(found.len(), 1);
    let claims = bed.find("kubepvclaims", json!({"cluster_id": target, "namespace_name": "checkout-drill"})).await;
    assert_eq!((claims.len(), &claims[0]["storage_class_name"]), (1, &json!("fast")));
    // Everything, with prefix and suffix, where it came from.
    let body = json!({"name": "all", "backup_inst": point, "selection": {"all_namespaces": true}, "namespaces_prefix": "old-", "namespaces_suffix": "-1"});
    bed.create("kuberestores", body).await;
    bed.advance(600.0);
    for name in ["old-checkout-1", "old-checkout-db-1"] {
        assert_eq!(bed.find("kubenamespaces", json!({"name": name})).await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn can_not_always_be_restored() {
    let bed = Bed::new().await;
    let (_, point) = bed.with_point("shop").await;
    let restore = |name: &str| json!({"name": name, "backup_inst": point, "selection": {"namespaces": ["checkout"]}});
    for (result, state, alert) in [("failed", "FAILED", "RESTORE_FAILED"), ("partial", "PARTIAL", "RESTORE_PARTIAL")] {
        bed.command("outcome", json!({"type": "RESTORE", "result": result}));
        let id = word(&bed.create("kuberestores", restore(result)).await, "_id");
        bed.advance(600.0);
        assert_eq!(bed.find("jobs", json!({"restoredef": id})).await[0]["state"], state);
        assert_eq!(bed.find("alerts", json!({"type": alert})).await.len(), 1);
    }
    let silent = bed.id("kubeclusters", "dr-ams").await;
    let mut body = restore("silent");
    body["cluster"] = silent.into();
    let id = word(&bed.create("kuberestores", body).await, "_id");
    bed.advance(60.0);
    assert_eq!(bed.find("jobs", json!({"restoredef": id})).await[0]["state"], "SKIPPED");
    // The point goes between the order and the start.
    let id = word(&bed.create("kuberestores", restore("late")).await, "_id");
    bed.delete(&format!("backupinstances/{point}"), "").await;
    bed.advance(60.0);
    assert_eq!(bed.get(&format!("kuberestores/{id}")).await["status"]["state"], "FAILED");
    let (code, body) = bed.post("kuberestores", restore("never")).await;
    assert_eq!(code, 422);
    assert!(body["_issues"]["backup_inst"].is_string());
}

#[tokio::test]
async fn can_be_kept_longer_or_shorter() {
    let bed = Bed::new().await;
    let (_, point) = bed.with_point("a").await;
    let path = format!("backupinstances/{point}");
    let read = bed.get(&path).await;
    let (code, after) = bed.patch(&path, &word(&read, "_etag"), json!({"retention": {"retainDays": 1}})).await;
    assert_eq!((code, &after["retention"]["retainDays"]), (200, &json!(1)));
    let end = read["end_time"].as_i64().unwrap();
    assert_eq!(bed.get(&path).await["expiry_timestamp"], end + 86_400);
    assert_eq!(bed.patch(&path, &word(&after, "_etag"), json!({"state": "READY!"})).await.0, 422);
    bed.advance(86_400.0 + 60.0);
    assert!(bed.find("backupinstances", json!({"_id": point})).await.is_empty());
}
