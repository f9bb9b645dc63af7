//! Restores: per cluster, into another cluster, refused, lost.

use serde_json::{Value, json};

use crate::bed::{BOTH, Bed, states};

/// The body that brings everything of a request back.
fn wish(entry: &Value) -> Value {
    let rows = entry["workspaceBackupConfig"]["clusterBackupRefs"].as_array().unwrap();
    let configs = rows.iter().map(|row| {
        json!({"backupName": row["backupStatusMeta"]["backupName"], "sourceClusterUid": row["clusterUid"],
            "includeNamespaces": ["checkout"], "includeClusterResourceMode": "Never", "preserveNodePorts": true, "restorePVs": true})
    });
    json!({"backupRequestUid": entry["requestUid"], "restoreConfigs": configs.collect::<Vec<_>>()})
}

async fn restores(bed: &Bed, query: &str) -> Vec<Value> {
    let path = format!("/v1/workspaces/{}/restore{query}", bed.uid("workspaces", "shop"));
    let answer = bed.get(&path).await;
    assert_eq!(answer.code, 200);
    answer.body["status"]["workspaceRestoreStatuses"].as_array().unwrap().clone()
}

fn run_path(bed: &Bed) -> String {
    format!("/v1/workspaces/{}/restore/onDemand", bed.uid("workspaces", "shop"))
}

#[tokio::test]
async fn a_restore_goes_through_its_states_per_cluster() {
    let bed = Bed::new().await;
    let entry = bed.backed_up(&BOTH).await;
    assert!(restores(&bed, "").await.is_empty());
    bed.control(
        "outcome",
        json!({"of": "restore", "cluster": "prod-eu-2", "outcome": "failed", "message": "quota", "times": 1}),
    )
    .await;
    let made = bed.post(&run_path(&bed), &wish(&entry)).await;
    assert_eq!((made.code, made.audit.is_empty()), (201, false));
    let word =
        |restore: &Value| restore["workspaceRestoreConfig"]["restoreState"]["state"].as_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for _ in 0..70 {
        let state = word(&restores(&bed, "").await[0]);
        if seen.last() != Some(&state) {
            seen.push(state);
        }
        bed.advance(1.0);
    }
    assert_eq!(seen, ["Pending", "InProgress", "Completed"]);
    let uid = made.body["uid"].as_str().unwrap();
    let restore = restores(&bed, &format!("?restoreRequestUid={uid}")).await.remove(0);
    assert_eq!(restore["requestUid"], uid);
    let config = &restore["workspaceRestoreConfig"];
    assert_eq!(config["backupName"], entry["workspaceBackupConfig"]["backupName"]);
    let refs = config["clusterRestoreRefs"].as_array().unwrap();
    let shown: Vec<(&str, &str, &str)> = refs
        .iter()
        .map(|row| {
            let meta = &row["restoreStatusMeta"];
            (row["clusterName"].as_str().unwrap(), meta["state"].as_str().unwrap(), meta["msg"].as_str().unwrap())
        })
        .collect();
    assert_eq!(shown, [("prod-eu-1", "Completed", ""), ("prod-eu-2", "Failed", "quota")]);
    assert!(refs[0]["restoreStatusMeta"]["restoreTime"].is_string());
    let asked = bed.thing("workspaces", "shop")["restores"][0]["asked"][0].clone();
    assert_eq!(
        (&asked["includeNamespaces"], &asked["restorePVs"], &asked["includeClusterResourceMode"]),
        (&json!(["checkout"]), &json!(true), &json!("Never"))
    );
    assert!(restores(&bed, "?restoreRequestUid=65dd").await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_restored_is_refused() {
    let bed = Bed::new().await;
    bed.control("outcome", json!({"cluster": "prod-eu-2", "outcome": "failed", "times": 1})).await;
    let entry = bed.backed_up(&BOTH).await;
    assert_eq!(states(&entry).1, ["Completed", "Failed"]);
    let path = run_path(&bed);
    let failed = bed.post(&path, &wish(&entry)).await;
    assert_eq!((failed.code, failed.body["code"].as_str()), (500, Some("BackupNotRestorable")));
    let mut good = wish(&entry);
    good["restoreConfigs"].as_array_mut().unwrap().truncate(1);
    let with = |place: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(place).unwrap() = value;
        body
    };
    for (body, code) in [
        (with("/backupRequestUid", json!("65cc")), 404),
        (with("/restoreConfigs", json!([])), 400),
        (with("/restoreConfigs/0/backupName", json!("moon")), 404),
        (with("/restoreConfigs/0/sourceClusterUid", json!(bed.uid("clusters", "edge-zurich-1"))), 400),
        (with("/restoreConfigs/0/includeNamespaces", json!(["web"])), 400),
        (with("/restoreConfigs/0/restorePVs", json!("yes")), 400),
        (json!({"restoreConfigs": good["restoreConfigs"]}), 400),
    ] {
        assert_eq!(bed.post(&path, &body).await.code, code, "{body}");
    }
    bed.control("cluster", json!({"cluster": "prod-eu-1", "healthy": false})).await;
    let unhealthy = bed.post(&path, &good).await;
    assert_eq!((unhealthy.code, unhealthy.body["code"].as_str()), (500, Some("ClusterNotHealthy")));
    assert!(restores(&bed, "").await.is_empty());
    bed.control("cluster", json!({"cluster": "prod-eu-1", "gone": true})).await;
    assert_eq!(bed.post(&path, &good).await.code, 400, "no longer in the workspace");
}

#[tokio::test]
async fn a_cluster_that_is_lost_in_a_restore_fails_it() {
    let bed = Bed::new().await;
    let entry = bed.backed_up(&BOTH).await;
    bed.control("outcome", json!({"of": "restore", "outcome": "stuck"})).await;
    bed.post(&run_path(&bed), &wish(&entry)).await;
    bed.advance(7200.0);
    bed.control("cluster", json!({"cluster": "prod-eu-1", "healthy": false})).await;
    let refs = restores(&bed, "").await[0]["workspaceRestoreConfig"]["clusterRestoreRefs"].clone();
    assert_eq!(refs[0]["restoreStatusMeta"]["state"], "Failed");
    assert_eq!(refs[1]["restoreStatusMeta"]["state"], "InProgress");
}

#[tokio::test]
async fn a_clusters_backup_goes_into_another_cluster_of_the_project() {
    let bed = Bed::new().await;
    let path = |name: &str| format!("/v1/spectroclusters/{}/features", bed.uid("clusters", name));
    let mut config = bed.plan(&BOTH)["backupConfig"].clone();
    config["backupName"] = "move".into();
    let request = bed.post(&format!("{}/backup/onDemand", path("prod-eu-1")), &config).await.body["uid"].clone();
    bed.advance(200.0);
    let body = |destination: String| json!({"backupRequestUid": request, "backupName": "move", "destinationClusterUid": destination});
    let run = format!("{}/restore/onDemand", path("prod-eu-1"));
    assert_eq!(bed.post(&run, &body(bed.uid("clusters", "lab-1"))).await.code, 400, "another project's");
    assert_eq!(bed.post(&run, &body(bed.uid("clusters", "prod-eu-2"))).await.code, 201);
    bed.advance(100.0);
    let shown =
        bed.get(&format!("{}/restore", path("prod-eu-2"))).await.body["status"]["clusterRestoreStatuses"][0].clone();
    assert_eq!(
        (shown["state"].as_str(), &shown["restoreStatusMeta"]["isSucceeded"]),
        (Some("Completed"), &json!(true))
    );
    assert_eq!(shown["sourceClusterRef"]["name"], "prod-eu-1");
    let backup =
        bed.get(&format!("{}/backup", path("prod-eu-1"))).await.body["status"]["clusterBackupStatuses"][0].clone();
    assert_eq!(backup["restoreStatusMeta"][0]["destinationClusterRef"]["name"], "prod-eu-2");
}
