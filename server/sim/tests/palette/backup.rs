//! How backups end: side by side, disagreeing, skipped, stuck, expired, deleted.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{BOTH, Bed, row, states};

/// The body that deletes everything of a request.
fn deletion(entry: &Value) -> Value {
    let rows = entry["workspaceBackupConfig"]["clusterBackupRefs"].as_array().unwrap();
    let rows = rows
        .iter()
        .map(|row| json!({"clusterUid": row["clusterUid"], "backupName": row["backupStatusMeta"]["backupName"]}));
    json!({"requestUid": entry["requestUid"], "clusterConfigs": rows.collect::<Vec<_>>()})
}

#[tokio::test]
async fn outcomes_disagree_between_clusters_and_words_are_free() {
    let bed = Bed::new().await;
    bed.control("outcome", json!({"cluster": "prod-eu-2", "outcome": "failed", "message": "disk on fire", "times": 1}))
        .await;
    let entry = bed.backed_up(&BOTH).await;
    assert_eq!(states(&entry), ("Completed".to_owned(), vec!["Completed".to_owned(), "Failed".to_owned()]));
    assert_eq!(row(&entry, "prod-eu-2")["backupState"]["msg"], "disk on fire");
    assert_eq!(row(&entry, "prod-eu-2")["backupedNamespaces"], json!([]));
    let again = bed.backed_up(&BOTH).await;
    assert_eq!(states(&again).1, ["Completed", "Completed"], "once only");

    bed.control("outcome", json!({"outcome": "stuck"})).await;
    bed.control("outcome", json!({"outcome": "failed", "times": 2})).await;
    assert_eq!(states(&bed.backed_up(&BOTH).await).1, ["Failed", "Failed"], "counted ones go first");
    bed.control("outcome", json!({"outcome": "completed"})).await;

    bed.control("options", json!({"rollup": "worst"})).await;
    bed.control("outcome", json!({"cluster": "prod-eu-1", "outcome": "partial"})).await;
    bed.control("outcome", json!({"cluster": "prod-eu-2", "outcome": "Archived"})).await;
    let entry = bed.backed_up(&BOTH).await;
    assert_eq!(states(&entry), ("Archived".to_owned(), vec!["PartiallyFailed".to_owned(), "Archived".to_owned()]));
    assert_eq!(row(&entry, "prod-eu-1")["backupedNamespaces"], json!(["checkout"]));
    assert!(!row(&entry, "prod-eu-1")["backupState"]["msg"].as_str().unwrap().is_empty());

    let words = json!({"words": {"PartiallyFailed": "Partially Failed", "InProgress": "In Progress", "Pending": ""}});
    bed.control("options", words).await;
    bed.post(&format!("{}/onDemand", bed.backup_path("shop")), &bed.plan(&["prod-eu-1"])).await;
    let word = |entries: Vec<Value>| states(entries.last().unwrap()).1[0].clone();
    assert_eq!(word(bed.entries("shop").await), "");
    bed.advance(5.0);
    assert_eq!(word(bed.entries("shop").await), "In Progress");
    bed.advance(200.0);
    assert_eq!(word(bed.entries("shop").await), "Partially Failed");
}

#[tokio::test]
async fn an_unhealthy_cluster_is_left_out_without_a_word() {
    let bed = Bed::new().await;
    bed.control("cluster", json!({"cluster": "prod-eu-2", "healthy": false})).await;
    let mut plan = bed.plan(&BOTH);
    plan["includeAllClusters"] = true.into();
    bed.post(&bed.backup_path("shop"), &plan).await;
    bed.advance(300.0);
    let entry = bed.entries("shop").await.remove(0);
    assert_eq!(states(&entry), ("Completed".to_owned(), vec!["Completed".to_owned()]));
    let config = bed.get(&bed.backup_path("shop")).await.body["spec"]["config"].clone();
    assert_eq!(config["clusterUids"].as_array().unwrap().len(), 2, "still in the config");
    let workspace = bed.get(&format!("/v1/workspaces/{}", bed.uid("workspaces", "shop"))).await.body;
    assert_eq!(workspace["status"]["errors"][0]["name"], "prod-eu-2");
    bed.control("cluster", json!({"cluster": "prod-eu-1", "state": "Deleting"})).await;
    bed.advance(86_400.0);
    let entry = bed.entries("shop").await.remove(1);
    assert_eq!(states(&entry), ("Failed".to_owned(), vec![]), "nobody could be reached");
    let mut off = plan.clone();
    off["backupConfig"]["schedule"]["scheduledRunTime"] = "".into();
    bed.put(&bed.backup_path("shop"), &off).await;
    bed.advance(31.0 * 86_400.0);
    assert!(bed.entries("shop").await.is_empty(), "even what saved nothing expires");
}

#[tokio::test]
async fn a_cluster_makes_one_backup_at_a_time_and_a_lost_one_fails() {
    let bed = Bed::new().await;
    bed.control("outcome", json!({"cluster": "prod-eu-1", "outcome": "stuck", "times": 1})).await;
    let path = format!("{}/onDemand", bed.backup_path("shop"));
    let plan = bed.plan(&BOTH);
    let (first, second) = (bed.post(&path, &plan).await, bed.post(&path, &plan).await);
    assert_ne!(first.body["uid"], second.body["uid"], "a repeated request makes two backups");
    bed.advance(3600.0);
    let entries = bed.entries("shop").await;
    assert_eq!(states(&entries[0]), ("InProgress".to_owned(), vec!["InProgress".to_owned(), "Completed".to_owned()]));
    assert_eq!(states(&entries[1]).1, ["Pending", "Completed"]);
    bed.control("cluster", json!({"cluster": "prod-eu-1", "healthy": false})).await;
    bed.control("cluster", json!({"cluster": "prod-eu-1", "healthy": true})).await;
    let lost = bed.entries("shop").await.remove(0);
    assert!(row(&lost, "prod-eu-1")["backupState"]["msg"].as_str().unwrap().contains("heartbeat"));
    bed.advance(200.0);
    assert_eq!(states(&bed.entries("shop").await[1]).1, ["Completed", "Completed"], "its turn came");
}

#[tokio::test]
async fn a_deleted_workspace_gives_its_clusters_back() {
    let bed = Bed::new().await;
    bed.control("outcome", json!({"cluster": "prod-eu-1", "outcome": "stuck", "times": 1})).await;
    bed.post(&format!("{}/onDemand", bed.backup_path("finance")), &bed.plan(&["prod-eu-1"])).await;
    bed.advance(10.0);
    bed.post(&format!("{}/onDemand", bed.backup_path("shop")), &bed.plan(&["prod-eu-1"])).await;
    bed.advance(3600.0);
    assert_eq!(states(&bed.entries("shop").await[0]).0, "Pending");
    let finance = format!("/v1/workspaces/{}", bed.uid("workspaces", "finance"));
    assert_eq!(bed.delete(&finance).await.code, 204);
    assert_eq!(bed.get(&format!("{finance}/backup")).await.code, 404);
    bed.advance(200.0);
    assert_eq!(states(&bed.entries("shop").await[0]).0, "Completed");
}

#[tokio::test]
async fn backups_expire_by_themselves() {
    let bed = Bed::new().await;
    let mut plan = bed.plan(&BOTH);
    plan["backupConfig"]["durationInHours"] = 50.into();
    bed.post(&bed.backup_path("shop"), &plan).await;
    bed.advance(5.5 * 86_400.0);
    let times: Vec<Value> =
        bed.entries("shop").await.iter().map(|e| e["workspaceBackupConfig"]["requestTime"].clone()).collect();
    assert_eq!(times, ["2026-10-07T02:00:00.000Z", "2026-10-08T02:00:00.000Z"]);
    plan["backupConfig"]["durationInHours"] = 0.into();
    plan["backupConfig"]["schedule"]["scheduledRunTime"] = "".into();
    bed.put(&bed.backup_path("shop"), &plan).await;
    bed.advance(60.0 * 86_400.0);
    assert!(bed.entries("shop").await.is_empty());
}

#[tokio::test]
async fn a_delete_without_its_body_is_refused_and_with_it_deletes_backups_of_one_request() {
    let bed = Bed::new().await;
    let path = bed.backup_path("shop");
    bed.post(&path, &bed.plan(&BOTH)).await;
    let (one, two) = (bed.backed_up(&BOTH).await, bed.backed_up(&BOTH).await);
    let count = bed.entries("shop").await.len();
    assert_eq!(bed.delete(&path).await.code, 400, "a proxy dropped the body");
    let mut body = deletion(&one);
    body["clusterConfigs"].as_array_mut().unwrap().truncate(1);
    assert_eq!(bed.send(Method::DELETE, &path, &body).await.code, 204);
    let find =
        |entries: Vec<Value>, entry: &Value| entries.into_iter().find(|e| e["requestUid"] == entry["requestUid"]);
    let going = find(bed.entries("shop").await, &one).unwrap();
    assert_eq!(going["workspaceBackupConfig"]["backupState"]["deleteState"], "Deleting");
    assert_eq!(row(&going, "prod-eu-1")["backupState"]["deleteState"], "Deleting");
    assert_eq!(row(&going, "prod-eu-2")["backupState"]["deleteState"], "");
    assert_eq!(bed.send(Method::DELETE, &path, &body).await.code, 204, "asked twice");
    bed.advance(30.0);
    let left = find(bed.entries("shop").await, &one).unwrap();
    assert_eq!(states(&left).1.len(), 1);
    assert_eq!(bed.send(Method::DELETE, &path, &deletion(&left)).await.code, 204);
    bed.advance(30.0);
    let entries = bed.entries("shop").await;
    assert_eq!(entries.len(), count - 1);
    assert!(find(entries.clone(), &one).is_none() && find(entries, &two).is_some());
    assert_eq!(bed.get(&path).await.body["spec"]["config"]["backupConfig"]["backupPrefix"], "shop", "the policy stays");
    for (body, code) in [
        (deletion(&one), 404),
        (json!({"requestUid": two["requestUid"], "clusterConfigs": []}), 400),
        (json!({"requestUid": two["requestUid"], "clusterConfigs": [{"clusterUid": "x", "backupName": "y"}]}), 404),
        (json!({"clusterConfigs": [{"clusterUid": "x", "backupName": "y"}]}), 400),
    ] {
        assert_eq!(bed.send(Method::DELETE, &path, &body).await.code, code, "{body}");
    }
}

#[tokio::test]
async fn deletions_can_be_too_early_fail_or_never_end() {
    let bed = Bed::new().await;
    let path = bed.backup_path("shop");
    bed.post(&format!("{path}/onDemand"), &bed.plan(&["prod-eu-1"])).await;
    let early = bed.send(Method::DELETE, &path, &deletion(&bed.entries("shop").await[0])).await;
    assert_eq!((early.code, early.body["code"].as_str()), (500, Some("BackupInProgress")));
    bed.advance(200.0);
    bed.control("outcome", json!({"of": "delete", "outcome": "failed", "message": "AccessDenied", "times": 1})).await;
    let body = deletion(&bed.entries("shop").await[0]);
    assert_eq!(bed.send(Method::DELETE, &path, &body).await.code, 204);
    bed.advance(60.0);
    let entry = bed.entries("shop").await.remove(0);
    let state = &row(&entry, "prod-eu-1")["backupState"];
    assert_eq!(
        (&state["deleteState"], &state["msg"], &state["state"]),
        (&json!("Failed"), &json!("AccessDenied"), &json!("Completed"))
    );
    bed.control("outcome", json!({"of": "delete", "outcome": "stuck", "times": 1})).await;
    bed.send(Method::DELETE, &path, &body).await;
    bed.advance(86_400.0);
    assert_eq!(row(&bed.entries("shop").await[0], "prod-eu-1")["backupState"]["deleteState"], "Deleting");
}

#[tokio::test]
async fn the_status_is_narrowed_ordered_and_kept_as_told() {
    let bed = Bed::new().await;
    let mut uids = Vec::new();
    for _ in 0..4 {
        uids.push(bed.backed_up(&["prod-eu-1"]).await["requestUid"].clone());
    }
    let path = bed.backup_path("shop");
    let narrowed = bed.get(&format!("{path}?backupRequestUid={}", uids[2].as_str().unwrap())).await.body;
    let statuses = narrowed["status"]["workspaceBackupStatuses"].as_array().unwrap().clone();
    assert_eq!((statuses.len(), &statuses[0]["requestUid"]), (1, &uids[2]));
    let none = bed.get(&format!("{path}?backupRequestUid=65cc")).await.body;
    assert_eq!(none["status"]["workspaceBackupStatuses"], json!([]));
    let shown = async |order: &str| -> Vec<Value> {
        bed.control("options", json!({"order": order})).await;
        bed.entries("shop").await.iter().map(|entry| entry["requestUid"].clone()).collect()
    };
    assert_eq!(shown("oldest").await, uids);
    let newest = shown("newest").await;
    assert!(newest.iter().eq(uids.iter().rev()));
    let mut sorted = uids.clone();
    sorted.sort_by_key(ToString::to_string);
    assert_eq!(shown("uid").await, sorted);
    bed.control("options", json!({"order": "oldest", "kept_requests": 2})).await;
    let last = bed.backed_up(&["prod-eu-1"]).await["requestUid"].clone();
    assert_eq!(shown("oldest").await, [uids[3].clone(), last]);
}

#[tokio::test]
async fn a_backup_on_demand_needs_no_policy_and_sets_one_only_where_told() {
    for sets in [false, true] {
        let bed = Bed::with(json!({"on_demand_sets_policy": sets})).await;
        let mut plan = bed.plan(&BOTH);
        plan["backupConfig"]["backupName"] = "before-release".into();
        let path = bed.backup_path("shop");
        let run = bed.post(&format!("{path}/onDemand"), &plan).await;
        assert_eq!((run.code, run.audit.is_empty()), (201, false));
        let shown = bed.get(&path).await.body;
        assert_eq!(shown["spec"].get("config").is_some(), sets, "{shown}");
        let entry = &shown["status"]["workspaceBackupStatuses"][0];
        assert_eq!(entry["requestUid"], run.body["uid"], "the uid is the request's");
        assert_eq!(entry["actor"]["actorType"], "User");
        assert_eq!(entry["workspaceBackupConfig"]["backupName"], "before-release");
        assert_eq!(row(entry, "prod-eu-1")["backupName"], "before-release-prod-eu-1-20261003015930");
        assert_eq!(bed.post(&path, &plan).await.code, if sets { 409 } else { 201 });
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_a_backup_behind() {
    let bed = Bed::new().await;
    let path = format!("{}/onDemand", bed.backup_path("shop"));
    bed.control(
        "fault",
        json!([{"method": "POST", "path": "/onDemand", "times": 1, "effect": {"kind": "lost_answer"}}]),
    )
    .await;
    let broken = match bed.request(Method::POST, &path).json(&bed.plan(&BOTH)).send().await {
        Ok(answer) => answer.text().await.is_err(),
        Err(_) => true,
    };
    assert!(broken);
    assert_eq!(bed.entries("shop").await.len(), 1);
}
