//! The life of a job, from the order to each of its ends.

use serde_json::{Value, json};

use crate::bed::{Bed, word};

/// States that the newest job of a definition goes through.
async fn states(bed: &Bed, backup: &str, step: f64, steps: usize) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..steps {
        if let Some(job) = bed.jobs(backup).await.last() {
            let state = word(job, "state");
            if seen.last() != Some(&state) {
                seen.push(state);
            }
        }
        bed.advance(step);
    }
    seen
}

async fn ended(bed: &Bed, backup: &str) -> Value {
    bed.run("kubebackups", backup).await;
    bed.advance(300.0);
    bed.jobs(backup).await.last().unwrap().clone()
}

#[tokio::test]
async fn appears_late_and_goes_its_way() {
    let bed = Bed::new().await;
    let backup = bed.definition("a").await;
    let answer = bed.run("kubebackups", &backup).await;
    assert!(answer.get("status").is_none());
    assert!(bed.jobs(&backup).await.is_empty());
    bed.advance(2.0);
    assert!(bed.jobs(&backup).await.is_empty());
    bed.advance(1.0);
    let job = bed.jobs(&backup).await[0].clone();
    assert_eq!(
        (&job["type"], &job["state"], &job["phase"], &job["backupdef_name"], &job["cluster_name"]),
        (&json!("K8S_SNAP"), &json!("PENDING"), &json!("OFFLOAD_RUNNING"), &json!("a"), &json!("prod-fra"))
    );
    assert_eq!(job["retention"], json!({"retainDays": 7, "numAlwaysRetain": 0}));
    assert!(job.get("end_time").is_none() && job.get("num_errors").is_none());
    assert_eq!(job["start_time"], 1_791_028_803);
    assert_eq!(states(&bed, &backup, 1.0, 40).await, ["PENDING", "RUNNING", "CATALOG", "COMPLETED"]);
    let job = bed.jobs(&backup).await[0].clone();
    assert_eq!((&job["num_backup_resources"], &job["num_errors"]), (&json!(46), &json!(0)));
    assert_eq!(job["kube_snapshot_progress"]["completed_pvs"], 1);
    assert!(job["end_time"].as_i64() > job["start_time"].as_i64());
    let status = bed.get(&format!("kubebackups/{backup}")).await["status"].clone();
    assert_eq!(status["last_job_run_time"], job["start_time"]);
    assert_eq!(status["jobs"], json!([{"jobid": job["_id"], "state": "COMPLETED", "message": ""}]));
}

#[tokio::test]
async fn can_be_found_after_the_last_one() {
    let bed = Bed::new().await;
    let backup = bed.definition("a").await;
    for run in 1..=5 {
        let before = bed.run("kubebackups", &backup).await["status"]["last_job_run_time"].as_i64().unwrap_or(0);
        bed.advance(60.0);
        let query = json!({"type": {"$nin": ["DELETE_BACKUP", "AWSRDS_BACKUP_DELETE", "AGENT_UPDATE"]}, "backupdef": backup,
            "start_time": {"$gt": before}});
        assert_eq!(bed.find("jobs", query).await.len(), 1, "{run}");
    }
    let jobs = bed.jobs(&backup).await;
    let status = bed.get(&format!("kubebackups/{backup}")).await["status"]["jobs"].clone();
    let newest: Vec<&Value> = jobs.iter().rev().take(3).map(|job| &job["_id"]).collect();
    let shown: Vec<&Value> = status.as_array().unwrap().iter().map(|one| &one["jobid"]).collect();
    assert_eq!(shown, newest, "the last three");
}

#[tokio::test]
async fn two_in_one_second_differ() {
    let bed = Bed::new().await;
    let backup = bed.definition("a").await;
    bed.run("kubebackups", &backup).await;
    bed.run("kubebackups", &backup).await;
    bed.advance(300.0);
    let jobs = bed.jobs(&backup).await;
    assert!(jobs[0]["start_time"].as_i64() < jobs[1]["start_time"].as_i64());
    assert_eq!((&jobs[0]["state"], &jobs[1]["state"]), (&json!("COMPLETED"), &json!("SKIPPED")));
    assert!(word(&jobs[1], "message").contains("still running"));
}

#[tokio::test]
async fn ends_as_planned() {
    let bed = Bed::new().await;
    let backup = bed.definition("a").await;
    for (result, state, errors, points) in [
        ("failed", "FAILED", json!(1), 0),
        ("partial", "PARTIAL", json!(2), 1),
        ("skipped", "SKIPPED", Value::Null, 1),
        ("CANCELLED", "CANCELLED", Value::Null, 1),
        ("QUARANTINED", "QUARANTINED", Value::Null, 1),
        ("good", "COMPLETED", json!(0), 2),
    ] {
        bed.command("outcome", json!({"of": "a", "result": result}));
        let job = ended(&bed, &backup).await;
        assert_eq!(
            (&job["state"], job.get("num_errors").unwrap_or(&Value::Null)),
            (&json!(state), &errors),
            "{result}"
        );
        let ready = json!({"backupdef": backup, "state": "READY"});
        assert_eq!(bed.find("backupinstances", ready).await.len(), points, "{result}");
        assert!(bed.find("backupinstances", json!({"state": "PENDING"})).await.is_empty(), "{result}");
    }
    let kinds: Vec<String> = bed.find("alerts", json!({})).await.iter().map(|alert| word(alert, "type")).collect();
    assert_eq!(kinds, ["BACKUP_FAILED", "BACKUP_PARTIAL", "BACKUP_SKIPPED"]);
    assert_eq!(bed.send(reqwest::Method::DELETE, "alerts", "", &Value::Null).await.0, 204);
}

#[tokio::test]
async fn a_tag_decides_for_good_and_a_stuck_one_stays() {
    let bed = Bed::new().await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body = json!({"name": "s", "cluster": cluster, "trigger_type": "ADHOC", "tags": {"sim/outcome": "stuck"}, "source": {"namespaces": ["ledger"]}});
    let backup = word(&bed.create("kubebackups", body).await, "_id");
    bed.run("kubebackups", &backup).await;
    bed.advance(86_400.0);
    let job = bed.jobs(&backup).await[0].clone();
    assert_eq!(job["state"], "RUNNING");
    assert_eq!(
        (&job["kube_snapshot_progress"]["total_pvs"], &job["kube_snapshot_progress"]["completed_pvs"]),
        (&json!(3), &json!(1))
    );
    bed.run("kubebackups", &backup).await;
    bed.advance(60.0);
    assert_eq!(bed.jobs(&backup).await[1]["state"], "SKIPPED");
    // Somebody cancels it in the vendor's pages.
    bed.command("cancel", json!({"job": job["_id"], "spelling": "CANCELLED"}));
    assert_eq!(bed.jobs(&backup).await[0]["state"], "CANCELLING");
    bed.advance(4.0);
    assert_eq!(bed.jobs(&backup).await[0]["state"], "CANCELLED");
}

#[tokio::test]
async fn a_silent_cluster_skips() {
    let bed = Bed::with(json!({"silent_clusters": ["prod-fra"]})).await;
    let backup = bed.definition("a").await;
    let job = ended(&bed, &backup).await;
    assert_eq!(job["state"], "SKIPPED");
    assert!(word(&job, "message").contains("not reachable"));
    let cluster = bed.get(&format!("kubeclusters/{}", bed.id("kubeclusters", "prod-fra").await)).await;
    assert_eq!(cluster["status"]["state"], "PENDING");
    bed.command("agent", json!({"cluster": "prod-fra", "do": "return"}));
    bed.advance(60.0);
    assert_eq!(ended(&bed, &backup).await["state"], "COMPLETED");
}

#[tokio::test]
async fn copies_count_bytes_that_do_not_quite_add_up() {
    let bed = Bed::new().await;
    let (backup, copy) = bed.pair("shop", None).await;
    bed.run("kubeoffloads", &copy).await;
    let mut unknown = false;
    let mut shares = Vec::new();
    for _ in 0..80 {
        bed.advance(5.0);
        let Some(job) = bed.jobs(&backup).await.into_iter().find(|job| job["type"] == "K8S_COPY") else { continue };
        let stats = &job["kube_copy_progress"]["stats"];
        let (Some(all), Some(done)) = (stats["estimated_size"].as_i64(), stats["transferred_size"].as_i64()) else {
            continue;
        };
        if all == 0 && done > 0 {
            unknown = true;
        } else {
            shares.push((done, all));
        }
    }
    assert!(unknown, "the estimate comes later than the first bytes");
    assert!(shares.len() > 5 && shares.is_sorted());
    let (done, all) = *shares.last().unwrap();
    assert!(done != all && all > 10_000_000_000, "{done} of {all}");
    let job = bed.jobs(&backup).await.pop().unwrap();
    assert_eq!((&job["state"], &job["phase"]), (&json!("COMPLETED"), &json!("OFFLOAD_COMPLETED")));
    let rows = bed.find("kubepvcprogress", json!({"job_id": job["_id"]})).await;
    assert_eq!((rows.len(), &rows[0]["state"], &rows[0]["op_type"]), (1, &json!("COMPLETED"), &json!("COPY")));
    let snapshot = bed.find("kubepvcprogress", json!({"op_type": "SNAP"})).await;
    assert_eq!(
        (&snapshot[0]["snapshot_progress_percentage"], &snapshot[0]["namespace"]),
        (&json!(100), &json!("checkout-db"))
    );
}

#[tokio::test]
async fn what_changed_can_be_asked_for() {
    let bed = Bed::with(json!({"extra_jobs": 60})).await;
    let backup = bed.definition("a").await;
    let since = json!({"_updated": {"$gt": "Sat, 03 Oct 2026 12:00:00 GMT"}});
    assert!(bed.find("jobs", since.clone()).await.is_empty());
    bed.run("kubebackups", &backup).await;
    bed.advance(4.0);
    let first = bed.find("jobs", since.clone()).await;
    bed.advance(60.0);
    let second = bed.find("jobs", since).await;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0]["_etag"], second[0]["_etag"]);
}
