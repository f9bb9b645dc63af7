//! Backups and snapshots from the order to the end, whichever end that is.
#![expect(clippy::unwrap_used, reason = "tests")]

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, Got};

fn body(more: Value) -> Value {
    let mut body = json!({"type": "application/astra-appBackup", "version": "1.1"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn order(bed: &Bed, app: &str, more: Value) -> Got {
    bed.post(&format!("/k8s/v1/apps/{}/appBackups", bed.app(app)), body(more)).await
}

#[tokio::test]
async fn a_backup_goes_through_its_states_with_bytes() {
    let bed = Bed::with(json!({"backup_bytes": 100_000_000})).await;
    let made = order(&bed, "checkout", json!({"name": "shop-1"})).await;
    assert_eq!(made.code, 201);
    assert_eq!(
        made.location,
        format!(
            "{}/s/t/astra/accounts/{}/k8s/v1/apps/{}/appBackups/{}",
            bed.base,
            bed.account,
            bed.app("checkout"),
            made.id()
        )
    );
    for early in ["totalBytes", "bytesDone", "percentDone", "backupCreationTimestamp", "snapshotID", "hookState"] {
        assert_eq!(made.body.get(early), None, "{early}");
    }
    let label = json!([{"name": "astra.netapp.io/labels/read-only/triggerType", "value": "backup"}]);
    assert_eq!((&made.body["state"], &made.body["metadata"]["labels"]), (&json!("pending"), &label));
    assert_eq!(made.body["bucketID"], json!(bed.id("bucket", "main")), "the default bucket");
    let path = format!("/k8s/v1/apps/{}/appBackups/{}", bed.app("checkout"), made.id());
    assert_eq!(bed.states(&path, 1.0, 17).await, ["pending", "discovering", "running"]);
    let half = bed.get(&path).await.body;
    let (percent, done) = (half["percentDone"].as_i64().unwrap(), half["bytesDone"].as_i64().unwrap());
    assert!(percent > 0 && percent < 100 && done == percent * 1_000_000, "{half}");
    assert!(half["snapshotID"].is_string());
    assert_eq!(bed.states(&path, 1.0, 15).await, ["running", "completed"]);
    let end = bed.get(&path).await.body;
    assert_eq!(
        (&end["bytesDone"], &end["totalBytes"], &end["percentDone"]),
        (&json!(100_000_000), &json!(100_000_000), &json!(100))
    );
    assert!(end["backupCreationTimestamp"].is_string());
    // The list over the account has it too, and says nothing of the app.
    let all = bed.get("/topology/v1/appBackups").await;
    assert_eq!((all.items().len(), all.items()[0].get("appID")), (1, None));
    let assets = bed.get(&format!("{path}/appAssets")).await;
    assert_eq!(assets.items().len(), 6, "three kinds in two namespaces");
    let tasks = bed.get(&format!("/core/v1/tasks?filter=resourceID%20eq%20'{}'", made.id())).await;
    assert_eq!((&tasks.items()[0]["state"], &tasks.items()[0]["percentDone"]), (&json!("completed"), &json!(100)));
    bed.advance(25.0 * 3600.0);
    assert_eq!(bed.get("/core/v1/tasks").await.items().len(), 0, "tasks are kept for a day");
}

#[tokio::test]
async fn names_buckets_and_snapshots_are_checked() {
    let bed = Bed::new().await;
    let nothing = "3f0d3c1e-8a52-4c3e-9d5b-0b8a4a3f1c11";
    for (more, refusal) in [
        (json!({"name": "Has Capitals"}), (400, 9)),
        (json!({"name": "x".repeat(64)}), (400, 9)),
        (json!({"name": ""}), (400, 9)),
        (json!({"colour": "red"}), (400, 8)),
        (json!({"version": "9.9"}), (400, 8)),
        (json!({"type": "application/astra-appSnap"}), (400, 8)),
        (json!({"bucketID": nothing}), (400, 108)),
        (json!({"snapshotID": nothing}), (400, 46)),
    ] {
        let got = order(&bed, "web", more.clone()).await;
        assert_eq!(got.refusal(), refusal, "{more}");
        assert_eq!(got.body.get("schemaValidationFailure").is_some(), refusal.1 == 8);
        assert_eq!(got.body.get("invalidFields").is_some(), refusal.1 == 9);
    }
    bed.backed_up("web", "one").await;
    assert_eq!(order(&bed, "web", json!({"name": "one"})).await.refusal(), (409, 143));
    assert_eq!(order(&bed, "orders", json!({"name": "one"})).await.code, 201, "names are an app's own");
    let unnamed = order(&bed, "web", json!({})).await;
    assert!(unnamed.body["name"].as_str().unwrap().starts_with("web-backup-20261003"));
    assert_eq!(order(&bed, "web", json!({})).await.refusal(), (409, 148), "one snapshot at a time");
    let none = Bed::with(json!({"default_bucket": false})).await;
    assert_eq!(order(&none, "web", json!({})).await.refusal(), (400, 127));
    let bucket = none.id("bucket", "main");
    assert_eq!(order(&none, "web", json!({"bucketID": bucket})).await.code, 201);
}

#[tokio::test]
async fn snapshots_can_be_given() {
    let bed = Bed::new().await;
    let snaps = format!("/k8s/v1/apps/{}/appSnaps", bed.app("web"));
    let wish = json!({"type": "application/astra-appSnap", "version": "1.1", "name": "s"});
    let snap = bed.post(&snaps, wish.clone()).await.id();
    assert_eq!(order(&bed, "web", json!({"snapshotID": snap})).await.refusal(), (409, 111));
    assert_eq!(bed.post(&snaps, wish).await.refusal(), (409, 148));
    assert_eq!(
        bed.states(&format!("{snaps}/{snap}"), 1.0, 9).await,
        ["pending", "discovering", "running", "completed"]
    );
    assert_eq!(order(&bed, "orders", json!({"snapshotID": snap})).await.refusal(), (403, 47));
    let made = order(&bed, "web", json!({"snapshotID": snap})).await;
    assert_eq!((made.code, &made.body["snapshotID"]), (201, &json!(snap)));
    assert_eq!(bed.delete(&format!("{snaps}/{snap}")).await.refusal(), (409, 144));
    bed.advance(300.0);
    assert_eq!(bed.delete(&format!("{snaps}/{snap}")).await.code, 204);
    assert_eq!(bed.states(&format!("{snaps}/{snap}"), 5.0, 5).await, ["deleting", "(gone)"]);
    let with_bucket =
        json!({"type": "application/astra-appSnap", "version": "1.3", "bucketID": bed.id("bucket", "main")});
    assert_eq!(bed.post(&snaps, with_bucket).await.refusal(), (400, 177));
}

#[tokio::test]
async fn deletion_is_accepted_and_takes_a_minute() {
    let bed = Bed::new().await;
    let path = bed.back_up("web", "one").await;
    assert_eq!(bed.delete(&path).await.refusal(), (409, 128), "a pending one can't be cancelled");
    bed.advance(20.0);
    assert_eq!(bed.get(&path).await.body["state"], "running");
    assert_eq!(bed.delete(&path).await.code, 204, "a running one can");
    assert_eq!(bed.get(&path).await.body["state"], "deleting");
    assert_eq!(bed.delete(&path).await.refusal(), (409, 174));
    bed.advance(59.0);
    assert_eq!(bed.get(&path).await.code, 200);
    bed.advance(2.0);
    assert_eq!(bed.get(&path).await.refusal(), (404, 2));
    let id = bed.backed_up("web", "two").await;
    assert_eq!(bed.delete(&format!("/topology/v1/appBackups/{id}")).await.code, 204, "by either path");
}

#[tokio::test]
async fn failures_say_why_and_are_deleted_by_force() {
    let bed = Bed::new().await;
    bed.command("outcome", json!({"app": "web", "result": "failed", "detail": "Disk full ✗", "times": 1}));
    let path = bed.back_up("web", "bad").await;
    assert_eq!(bed.states(&path, 2.0, 60).await, ["pending", "discovering", "running", "failed"]);
    let end = bed.get(&path).await.body;
    assert_eq!(
        (&end["stateUnready"], &end["stateDetails"][0]["detail"]),
        (&json!(["Disk full ✗"]), &json!("Disk full ✗"))
    );
    assert!(end["percentDone"].as_i64().unwrap() < 100 && end["bytesDone"].as_i64() < end["totalBytes"].as_i64());
    let told = bed.get("/core/v1/notifications?filter=severity%20eq%20'critical'").await;
    assert_eq!((&told.items()[0]["resourceID"], &told.items()[0]["description"]), (&end["id"], &json!("Disk full ✗")));
    assert_eq!(bed.delete(&path).await.refusal(), (403, 79));
    let force = bed.request(Method::DELETE, &path).header("Force-Delete", "true");
    assert_eq!(bed.send(force).await.code, 204);
    bed.backed_up("web", "good").await;
}

#[tokio::test]
async fn every_other_end_can_be_ordered() {
    let bed = Bed::new().await;
    bed.command("outcome", json!({"app": "web", "result": "hook-failed", "times": 1}));
    bed.backed_up("web", "hook").await;
    let all = bed.get("/topology/v1/appBackups").await.items()[0].clone();
    assert_eq!((&all["state"], &all["hookState"]), (&json!("completed"), &json!("failed")));
    assert!(all["hookStateDetails"][0]["detail"].is_string());
    for (result, expected) in [
        ("pending", &["pending"][..]),
        ("stuck", &["pending", "discovering", "running"]),
        ("unknown", &["pending", "discovering", "running", "unknown"]),
        ("quarantined", &["pending", "discovering", "running", "quarantined"]),
    ] {
        let bed = Bed::new().await;
        bed.command("outcome", json!({"result": result}));
        let path = bed.back_up("web", "x").await;
        assert_eq!(bed.states(&path, 5.0, 60).await, expected, "{result}");
    }
    bed.command("outcome", json!({"result": "refused", "times": 1}));
    assert_eq!(order(&bed, "orders", json!({})).await.refusal(), (500, 94));
    bed.command("outcome", json!({"of": "snapshot", "result": "failed", "times": 1}));
    let path = bed.back_up("orders", "no-snapshot").await;
    assert_eq!(bed.states(&path, 2.0, 10).await, ["pending", "failed"]);
    let identity = bed.backed_up("identity", "hooked").await;
    assert_eq!(bed.get(&format!("/topology/v1/appBackups/{identity}")).await.body["hookState"], "success");
    assert!(bed.world.command("t", "astra", "outcome", &json!({"of": "x", "result": "y"})).is_err());
}

#[tokio::test]
async fn buckets_go_away_and_come_back() {
    let bed = Bed::new().await;
    let id = bed.backed_up("web", "one").await;
    let path = format!("/topology/v1/appBackups/{id}");
    bed.command("bucket", json!({"bucket": "main", "state": "removed"}));
    assert_eq!(bed.get(&path).await.body["state"], "removed");
    // It may still be chosen; the backup fails when it runs.
    let late = order(&bed, "web", json!({"bucketID": bed.id("bucket", "main")})).await;
    assert_eq!(late.code, 201);
    bed.advance(60.0);
    assert_eq!(bed.get(&format!("/topology/v1/appBackups/{}", late.id())).await.body["state"], "failed");
    bed.command("bucket", json!({"bucket": "main", "state": "available"}));
    assert_eq!(bed.get(&path).await.body["state"], "completed");
}

#[tokio::test]
async fn immutable_buckets_keep_what_they_have() {
    let bed = Bed::with(json!({"lock_seconds": 86_400})).await;
    let vault = bed.id("bucket", "vault");
    let one = order(&bed, "web", json!({"bucketID": vault})).await.id();
    bed.advance(20.0);
    let path = format!("/topology/v1/appBackups/{one}");
    assert_eq!(bed.get(&path).await.body["state"], "running");
    assert_eq!(bed.delete(&path).await.refusal(), (403, 11), "can't be cancelled");
    assert_eq!(order(&bed, "web", json!({"bucketID": vault})).await.refusal(), (409, 107));
    bed.advance(300.0);
    assert_eq!(bed.delete(&path).await.refusal(), (403, 11));
    bed.advance(86_400.0);
    assert_eq!(bed.delete(&path).await.code, 204);
}

#[tokio::test]
async fn apps_and_licences_can_forbid_backups() {
    let bed = Bed::new().await;
    assert_eq!(order(&bed, "legacy-files", json!({})).await.refusal(), (409, 172));
    let links = bed.get(&format!("/k8s/v2/apps/{}", bed.app("legacy-files"))).await.body["links"].clone();
    for link in links.as_array().unwrap() {
        if link["title"].as_str().unwrap().ends_with("Backup") {
            assert_eq!(link["hints"]["allow"], json!([]));
        }
    }
    for (state, problem) in [("expired", 25), ("missing", 26), ("exceeded", 43)] {
        bed.command("license", json!({"state": state}));
        assert_eq!(order(&bed, "web", json!({})).await.refusal(), (409, problem));
    }
    bed.command("license", json!({"state": "valid"}));
    bed.command("patch", json!({"resource": "app", "id": "web", "with": {"state": "unavailable"}}));
    assert_eq!(order(&bed, "web", json!({})).await.refusal(), (409, 112));
    let cluster = json!({"resource": "managedCluster", "id": "prod-zurich", "with": {"snapshotSupported": "false"}});
    bed.command("patch", cluster);
    assert_eq!(order(&bed, "orders", json!({})).await.refusal(), (409, 131));
}
