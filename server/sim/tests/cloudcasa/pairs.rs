//! Snapshot and copy as two objects, their schedules, and pausing.

use serde_json::{Value, json};

use crate::bed::{Bed, editable, word};

fn types(jobs: &[Value]) -> Vec<String> {
    jobs.iter().map(|job| format!("{} {}", word(job, "type"), word(job, "state"))).collect()
}

async fn hourly(bed: &Bed) -> String {
    let body = json!({"name": "hourly", "schedules": [{"retainDays": 3, "numAlwaysRetain": 1, "schedule": {"cronSpec": "0 * * * *"}}]});
    word(&bed.create("policies", body).await, "_id")
}

#[tokio::test]
async fn a_copy_takes_its_snapshot_first() {
    let bed = Bed::new().await;
    let (backup, copy) = bed.pair("shop", None).await;
    bed.run("kubeoffloads", &copy).await;
    bed.advance(900.0);
    let jobs = bed.jobs(&backup).await;
    assert_eq!(types(&jobs), ["K8S_SNAP COMPLETED", "K8S_COPY COMPLETED"]);
    assert_eq!((&jobs[1]["offloaddef"], &jobs[1]["offloaddef_name"]), (&json!(copy), &json!("shop")));
    assert!(jobs[1]["start_time"].as_i64() > jobs[0]["start_time"].as_i64());
    let points = bed.find("backupinstances", json!({"backupdef": backup})).await;
    let (snapshot, copied) = (&points[0], &points[1]);
    assert_eq!(
        (&snapshot["type"], &copied["type"], &copied["state"]),
        (&json!("SNAPSHOT"), &json!("COPY"), &json!("READY"))
    );
    assert_eq!(copied["source_backupinst"], snapshot["_id"]);
    assert_eq!(copied["objectstore"], bed.id("objectstores", "minio-fra").await.as_str());
    assert_eq!(copied["backup_location"]["bucket_name"], "cloudcasa-main");
    assert!(
        copied["backup_location"]["repo_password"].as_str().is_some_and(|secret| !secret.is_empty()),
        "it is there to be dropped"
    );
    let offload = bed.get(&format!("kubeoffloads/{copy}")).await;
    assert_eq!((&offload["status"]["state"], &offload["status"]["jobid"]), (&json!("JOB_CREATED"), &jobs[1]["_id"]));
    // A second copy transfers less.
    bed.run("kubeoffloads", &copy).await;
    bed.advance(900.0);
    let points = bed.find("backupinstances", json!({"backupdef": backup, "type": "COPY"})).await;
    assert!(points[1]["total_copy_data"].as_i64().unwrap() * 5 < points[0]["total_copy_data"].as_i64().unwrap());
}

#[tokio::test]
async fn without_a_snapshot_there_is_nothing_to_copy() {
    let bed = Bed::new().await;
    let (backup, copy) = bed.pair("shop", None).await;
    let body = json!({"retention": {"retainDays": 7}, "runBackup": false});
    bed.post(&format!("kubeoffloads/{copy}/action/run"), body.clone()).await;
    bed.advance(60.0);
    assert_eq!(types(&bed.jobs(&backup).await), ["K8S_COPY FAILED"]);
    bed.run("kubebackups", &backup).await;
    bed.advance(60.0);
    bed.post(&format!("kubeoffloads/{copy}/action/run"), body).await;
    bed.advance(900.0);
    assert_eq!(types(&bed.jobs(&backup).await), ["K8S_COPY FAILED", "K8S_SNAP COMPLETED", "K8S_COPY COMPLETED"]);
}

#[tokio::test]
async fn copied_snapshots_go_when_told() {
    let bed = Bed::new().await;
    let (backup, copy) = bed.pair("shop", None).await;
    bed.command("edit", json!({"collection": "kubeoffloads", "id": copy, "set": {"delete_snapshots": true}}));
    bed.run("kubeoffloads", &copy).await;
    bed.advance(900.0);
    let points = bed.find("backupinstances", json!({"backupdef": backup})).await;
    assert_eq!((points.len(), &points[0]["type"]), (1, &json!("COPY")));
    assert_eq!(bed.find("jobs", json!({"type": "DELETE_BACKUP"})).await.len(), 1);
}

#[tokio::test]
async fn a_failed_snapshot_ends_the_pair() {
    let bed = Bed::new().await;
    let (backup, copy) = bed.pair("shop", None).await;
    bed.command("outcome", json!({"result": "failed", "type": "K8S_SNAP"}));
    bed.run("kubeoffloads", &copy).await;
    bed.advance(900.0);
    assert_eq!(types(&bed.jobs(&backup).await), ["K8S_SNAP FAILED"]);
    bed.command("outcome", json!({"result": "partial", "type": "K8S_COPY"}));
    bed.run("kubeoffloads", &copy).await;
    bed.advance(900.0);
    let job = bed.jobs(&backup).await.pop().unwrap();
    assert_eq!(
        (&job["state"], &job["phase"], &job["num_errors"]),
        (&json!("PARTIAL"), &json!("OFFLOAD_PARTIAL"), &json!(2))
    );
}

#[tokio::test]
async fn policies_run_definitions_by_their_clock() {
    let bed = Bed::new().await;
    let policy = hourly(&bed).await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body = json!({"name": "a", "cluster": cluster, "policy": policy, "source": {"namespaces": ["web"]}});
    let backup = word(&bed.create("kubebackups", body).await, "_id");
    bed.advance(3_590.0);
    assert!(bed.jobs(&backup).await.is_empty());
    bed.advance(20.0);
    let job = bed.jobs(&backup).await[0].clone();
    assert_eq!(
        (&job["policy_id"], &job["retention"]),
        (&json!(policy), &json!({"retainDays": 3, "numAlwaysRetain": 1}))
    );
    bed.advance(7_200.0);
    assert_eq!(bed.jobs(&backup).await.len(), 3);
    // A change of the policy counts from then on.
    let path = format!("policies/{policy}");
    let (etag, mut body) = editable(bed.get(&path).await);
    body["schedules"][0]["schedule"] = json!({"cronSpec": "0 0 1 1 *"});
    assert_eq!(bed.put(&path, &etag, body).await.0, 200);
    bed.advance(7_200.0);
    assert_eq!(bed.jobs(&backup).await.len(), 3);
}

#[tokio::test]
async fn pausing_holds_the_schedule_but_not_the_hand() {
    let bed = Bed::new().await;
    let policy = hourly(&bed).await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body =
        json!({"name": "a", "cluster": cluster, "policy": policy, "source": {"namespaces": ["web"]}, "pause": true});
    let made = bed.create("kubebackups", body).await;
    let backup = word(&made, "_id");
    bed.advance(7_200.0);
    assert!(bed.jobs(&backup).await.is_empty());
    bed.run("kubebackups", &backup).await;
    bed.advance(60.0);
    assert_eq!(bed.jobs(&backup).await.len(), 1);
    let (etag, _) = editable(bed.get(&format!("kubebackups/{backup}")).await);
    let (code, resumed) = bed.patch(&format!("kubebackups/{backup}"), &etag, json!({"pause": false})).await;
    assert_eq!((code, &resumed["pause"]), (200, &json!(false)));
    bed.advance(3_600.0);
    assert_eq!(bed.jobs(&backup).await.len(), 2);
}

#[tokio::test]
async fn a_pair_runs_by_its_copys_schedule() {
    for (covers, jobs) in [(false, 2), (true, 0)] {
        let bed = Bed::with(json!({"pause_covers_copy": covers})).await;
        let policy = hourly(&bed).await;
        let (backup, copy) = bed.pair("shop", Some(&policy)).await;
        assert_eq!(bed.get(&format!("kubebackups/{backup}")).await["copy_policy"], policy.as_str());
        bed.advance(3_600.0 + 1_200.0);
        assert_eq!(types(&bed.jobs(&backup).await), ["K8S_SNAP COMPLETED", "K8S_COPY COMPLETED"]);
        let pause = json!({"pause": true});
        let (etag, _) = editable(bed.get(&format!("kubebackups/{backup}")).await);
        bed.patch(&format!("kubebackups/{backup}"), &etag, pause.clone()).await;
        bed.advance(3_600.0);
        assert_eq!(bed.jobs(&backup).await.len(), 2 + jobs.min(2), "covers: {covers}");
        let (etag, _) = editable(bed.get(&format!("kubeoffloads/{copy}")).await);
        bed.patch(&format!("kubeoffloads/{copy}"), &etag, pause).await;
        bed.advance(7_200.0);
        assert_eq!(bed.jobs(&backup).await.len(), 2 + jobs.min(2));
    }
}

#[tokio::test]
async fn a_lost_second_step_leaves_the_first() {
    let bed = Bed::new().await;
    let backup = bed.definition("shop").await;
    let (code, _) =
        bed.post("kubeoffloads", json!({"name": "shop", "backupdef": backup, "run_backup": "perhaps"})).await;
    assert_eq!(code, 422);
    assert_eq!(bed.find("kubebackups", json!({"name": "shop"})).await.len(), 1);
    // The answer of the second step is lost: the copy is there.
    let lost = json!([{"method": "POST", "path": "/kubeoffloads", "times": 1, "effect": {"kind": "lost_answer"}}]);
    bed.world.fault_system("t", "cloudcasa", serde_json::from_value(lost).unwrap()).unwrap();
    let body = json!({"name": "shop", "backupdef": backup});
    let answer = bed.request(reqwest::Method::POST, "kubeoffloads").json(&body).send().await;
    assert!(match answer {
        Ok(answer) => answer.text().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(bed.find("kubeoffloads", json!({"backupdef": backup})).await.len(), 1);
    assert_eq!(bed.post("kubeoffloads", body).await.1["_issues"]["name"], "value 'shop' is not unique");
}
