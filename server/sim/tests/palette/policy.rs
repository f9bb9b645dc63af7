//! Policies: made once, overwritten, switched off by an empty cron, fired by the clock.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{BOTH, Bed, row, split, states};

#[tokio::test]
async fn no_policy_has_three_shapes() {
    for (seed, code, word) in [
        (json!({}), 404, Some("ResourceNotFound")),
        (json!({"no_policy": "not_configured"}), 500, Some("BackupNotConfigured")),
        (json!({"no_policy": "not_configured", "no_policy_status": 400}), 400, Some("BackupNotConfigured")),
        (json!({"no_policy": "empty"}), 200, None),
    ] {
        let bed = Bed::with(seed.clone()).await;
        let path = bed.backup_path("shop");
        let answer = bed.get(&path).await;
        assert_eq!((answer.code, answer.body["code"].as_str()), (code, word), "{seed}");
        if code == 200 {
            assert_eq!((&answer.body["spec"], &answer.body["status"]), (&json!({}), &json!({})));
        }
        let put = bed.put(&path, &bed.plan(&BOTH)).await;
        assert!(put.code >= 400, "nothing to update: {put:?}");
        let unknown = bed.get("/v1/workspaces/65aa00000000000000000001/backup").await;
        assert_eq!((unknown.code, unknown.body["code"].as_str()), (404, Some("ResourceNotFound")));
        assert_eq!(bed.post(&path, &bed.plan(&BOTH)).await.code, 201, "{seed}");
        assert_eq!(bed.get(&path).await.code, 200);
    }
}

#[tokio::test]
async fn a_policy_is_made_once_and_then_overwritten() {
    let bed = Bed::new().await;
    let path = bed.backup_path("shop");
    let mut plan = bed.plan(&BOTH);
    let made = bed.post(&path, &plan).await;
    assert_eq!((made.code, made.audit.is_empty()), (201, false));
    assert_eq!(bed.post(&path, &plan).await.code, 409);
    let stored = bed.get(&path).await.body;
    assert_eq!(stored["spec"]["workspaceUid"], bed.uid("workspaces", "shop"));
    let mut expected = plan.clone();
    expected["backupConfig"]["includeClusterResources"] = false.into();
    assert_eq!(stored["spec"]["config"], expected);
    bed.advance(60.0);
    plan["backupConfig"]["durationInHours"] = 48.into();
    let put = bed.put(&path, &plan).await;
    assert_eq!((put.code, put.body), (204, json!("")));
    let stored = bed.get(&path).await.body;
    assert_eq!(stored["spec"]["config"]["backupConfig"]["durationInHours"], 48);
    assert_eq!(stored["metadata"]["lastModifiedTimestamp"], "2026-10-03T02:00:30.000Z");
}

#[tokio::test]
async fn what_a_policy_points_to_must_exist() {
    let bed = Bed::new().await;
    let path = bed.backup_path("shop");
    let mut wrong: Vec<Value> = Vec::new();
    for (place, value) in [
        ("/backupConfig/backupLocationUid", json!("65aa00000000000000000001")),
        ("/backupConfig/backupLocationUid", json!("")),
        ("/backupConfig/schedule/scheduledRunTime", json!("0 2 * *")),
        ("/backupConfig/schedule/scheduledRunTime", json!("CRON_TZ=Europe/Zurich 0 2 * * *")),
        ("/clusterUids", json!([bed.uid("clusters", "edge-zurich-1")])),
        ("/clusterUids", json!([])),
    ] {
        let mut plan = bed.plan(&BOTH);
        *plan.pointer_mut(place).unwrap() = value;
        wrong.push(plan);
    }
    for plan in wrong {
        for path in [path.clone(), format!("{path}/onDemand")] {
            let answer = bed.post(&path, &plan).await;
            assert_eq!((answer.code, answer.body["code"].as_str()), (400, Some("InvalidRequest")), "{plan}");
        }
    }
    let mut named = bed.plan(&BOTH);
    named["backupConfig"]["backupLocationName"] = "an old name".into();
    assert_eq!(bed.post(&path, &named).await.code, 201);
    let stored = bed.get(&path).await.body;
    assert_eq!(stored["spec"]["config"]["backupConfig"]["backupLocationName"], "eu-s3", "the uid counts");
}

#[tokio::test]
async fn each_generation_speaks_its_own_fields() {
    for (version, mode) in [("4.8", Some("Always")), ("4.5", None)] {
        let bed = Bed::with(json!({"version": version})).await;
        let path = bed.backup_path("shop");
        let mut plan = bed.plan(&BOTH);
        plan["backupConfig"]["includeClusterResources"] = true.into();
        plan["backupConfig"].as_object_mut().unwrap().remove("includeClusterResourceMode");
        assert_eq!(bed.post(&path, &plan).await.code, 201);
        let entry = bed.backed_up(&["prod-eu-1"]).await;
        let policy = bed.get(&path).await.body["spec"]["config"]["backupConfig"].clone();
        assert_eq!(
            (policy["includeClusterResources"].as_bool(), policy["includeClusterResourceMode"].as_str()),
            (Some(true), mode)
        );
        let brief = &entry["workspaceBackupConfig"]["config"];
        assert_eq!(brief.get("includeClusterResourceMode").is_some(), mode.is_some());
        assert!(brief["includeClusterResources"].is_boolean());
    }
}

#[tokio::test]
async fn a_schedule_fires_and_its_backup_goes_through_its_states() {
    let bed = Bed::new().await;
    bed.post(&bed.backup_path("shop"), &bed.plan(&BOTH)).await;
    assert!(bed.entries("shop").await.is_empty());
    bed.advance(31.0);
    let entries = bed.entries("shop").await;
    assert_eq!(entries.len(), 1);
    let pending = states(&entries[0]);
    assert_eq!(pending, ("Pending".to_owned(), vec!["Pending".to_owned(); 2]));
    assert_eq!(entries[0]["actor"]["actorType"], "System");
    let config = &entries[0]["workspaceBackupConfig"];
    assert_eq!(config["requestTime"], "2026-10-03T02:00:00.000Z");
    assert!(config.get("backupTime").is_none());
    let mut seen = vec![pending];
    for _ in 0..60 {
        bed.advance(2.0);
        let now = states(&bed.entries("shop").await[0]);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen[1].0, "InProgress");
    assert!(seen.iter().any(|(_, rows)| rows[0] != rows[1]), "clusters end on their own: {seen:?}");
    assert_eq!(seen.last().unwrap(), &("Completed".to_owned(), vec!["Completed".to_owned(); 2]));
    let entry = &bed.entries("shop").await[0];
    let first = row(entry, "prod-eu-1");
    assert_eq!(first["backupName"], "shop-prod-eu-1-20261003020000");
    assert_eq!(first["backupedNamespaces"], json!(["checkout", "checkout-db"]));
    assert_eq!(first["expiryDate"], "2026-11-02T02:00:00.000Z");
    assert_eq!(first["backupState"]["deleteState"], "");
    assert_eq!(first["backupState"]["msg"], "");
    let times: Vec<&str> = BOTH.iter().map(|c| row(entry, c)["backupState"]["backupTime"].as_str().unwrap()).collect();
    assert_eq!(entry["workspaceBackupConfig"]["backupTime"].as_str().unwrap(), *times.iter().max().unwrap());
    bed.advance(86_400.0);
    assert_eq!(bed.entries("shop").await.len(), 2, "daily");
}

#[tokio::test]
async fn an_empty_cron_switches_the_schedule_off() {
    let bed = Bed::new().await;
    let path = bed.backup_path("shop");
    let mut plan = bed.plan(&BOTH);
    bed.post(&path, &plan).await;
    plan["backupConfig"]["schedule"]["scheduledRunTime"] = "".into();
    assert_eq!(bed.put(&path, &plan).await.code, 204);
    bed.advance(3.0 * 86_400.0);
    assert!(bed.entries("shop").await.is_empty());
    assert_eq!(bed.get(&path).await.body["spec"]["config"]["backupConfig"]["schedule"]["scheduledRunTime"], "");
    plan["backupConfig"]["schedule"]["scheduledRunTime"] = "0 0 * * SUN".into();
    assert_eq!(bed.put(&path, &plan).await.code, 204);
    bed.advance(2.0 * 86_400.0);
    assert_eq!(bed.entries("shop").await.len(), 0, "it is Tuesday");
    bed.advance(5.0 * 86_400.0);
    assert_eq!(bed.entries("shop").await.len(), 1);
    // A time that was given up does not fire any more, and one that was given twice fires once.
    for cron in ["0 2 * * *", "0 12 * * *", "0 12 * * *"] {
        plan["backupConfig"]["schedule"]["scheduledRunTime"] = cron.into();
        bed.put(&path, &plan).await;
    }
    bed.advance(3600.0);
    assert_eq!(bed.entries("shop").await.len(), 1, "nothing at two");
    bed.advance(82_800.0);
    assert_eq!(bed.entries("shop").await.len(), 2);
}

#[tokio::test]
async fn the_schedules_zone_is_the_servers() {
    let bed = Bed::with(json!({"time_zone": "Asia/Tokyo"})).await;
    bed.post(&bed.backup_path("shop"), &bed.plan(&BOTH)).await;
    assert_eq!(bed.thing("workspaces", "shop")["next"], "2026-10-03T17:00:00.000Z");
}

#[tokio::test]
async fn others_change_the_policy_and_odd_entries_are_shown_as_they_are() {
    let bed = Bed::new().await;
    let path = bed.backup_path("shop");
    bed.post(&path, &bed.plan(&BOTH)).await;
    let mut theirs = bed.plan(&["prod-eu-1"]);
    theirs["backupConfig"]["backupPrefix"] = "theirs".into();
    bed.control("policy", json!({"workspace": "shop", "config": theirs})).await;
    assert_eq!(bed.get(&path).await.body["spec"]["config"]["backupConfig"]["backupPrefix"], "theirs");
    bed.control("policy", json!({"workspace": "shop", "config": null})).await;
    assert_eq!(bed.get(&path).await.code, 404);
    let odd = json!({"requestUid": "odd", "workspaceBackupConfig": {"clusterBackupRefs": null, "requestTime": "0001-01-01T00:00:00.000Z"}});
    bed.control("entry", json!({"workspace": "shop", "backup": odd})).await;
    assert_eq!(bed.entries("shop").await, std::slice::from_ref(&odd));
    let narrowed = bed.get(&format!("{path}?backupRequestUid=odd")).await.body;
    assert_eq!(narrowed["status"]["workspaceBackupStatuses"], json!([odd]));
}

#[tokio::test]
async fn a_cluster_has_a_policy_of_its_own() {
    let bed = Bed::new().await;
    let path = format!("/v1/spectroclusters/{}/features/backup", bed.uid("clusters", "tools-1"));
    assert_eq!(bed.get(&path).await.code, 404);
    let config = bed.plan(&BOTH)["backupConfig"].clone();
    assert_eq!(bed.post(&path, &config).await.code, 201);
    let mut named = config.clone();
    named["backupName"] = "by-hand".into();
    let run = bed.post(&format!("{path}/onDemand"), &named).await.body["uid"].clone();
    bed.advance(300.0);
    let shown = bed.get(&path).await.body;
    assert_eq!(shown["spec"]["config"]["backupPrefix"], "shop", "no wrapper");
    let statuses = shown["status"]["clusterBackupStatuses"].as_array().unwrap();
    let mine = statuses.iter().find(|status| status["backupRequestUid"] == run).unwrap();
    assert_eq!(
        (mine["state"].as_str(), mine["backupStatusMeta"][0]["backupName"].as_str()),
        (Some("Completed"), Some("by-hand"))
    );
    assert_eq!(mine["backupLocationConfig"]["name"], "eu-s3");
    let gone = format!("{path}/by-hand/request/{}", run.as_str().unwrap());
    let wrong = format!("{path}/by-hand/request/{}", bed.uid("locations", "eu-s3"));
    assert_eq!((bed.delete(&wrong).await.code, bed.delete(&gone).await.code), (404, 204));
    bed.advance(30.0);
    assert_eq!(bed.get(&path).await.body["status"]["clusterBackupStatuses"].as_array().unwrap().len(), 1);
    assert_eq!(bed.delete(&path).await.code, 204);
    let reset = bed.get(&path).await.body;
    assert_eq!(reset["spec"]["config"]["schedule"]["scheduledRunTime"], "", "the schedule alone");
    let tenant = split(bed.tenant(Method::GET, &path).send().await.unwrap()).await;
    assert_eq!(tenant.code, 404);
}
