//! Schedules: when they run, what they make, and when they don't.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/bed.rs"]
mod bed;

use bed::{Bed, VELERO};
use serde_json::{Value, json};

fn template() -> Value {
    json!({"includedNamespaces": ["web"], "ttl": "336h"})
}

async fn backups_of(bed: &Bed, schedule: &str) -> Vec<Value> {
    bed.list(&format!("{VELERO}/backups?labelSelector=velero.io/schedule-name%3D{schedule}")).await
}

#[tokio::test]
async fn makes_a_stamped_backup_with_labels_and_annotations() {
    let bed = Bed::new().await;
    let body = json!({"apiVersion": "velero.io/v1", "kind": "Schedule",
        "metadata": {"name": "nightly", "labels": {"tier": "gold"}, "annotations": {"note": "ours"}},
        "spec": {"schedule": "0 2 * * *", "template": template(), "useOwnerReferencesInBackup": true}});
    bed.post(&format!("{VELERO}/schedules"), body).await;
    bed.advance(1.0);
    let schedule = bed.object("schedules", "nightly").await;
    assert_eq!(schedule["status"]["phase"], "Enabled");
    assert_eq!(schedule["spec"]["skipImmediately"], false, "the server writes its default");
    bed.advance(60.0);
    let backup = bed.object("backups", "nightly-20261003020001").await;
    assert_eq!(backup["metadata"]["labels"]["velero.io/schedule-name"], "nightly");
    assert_eq!(backup["metadata"]["labels"]["tier"], "gold");
    assert_eq!(backup["metadata"]["annotations"]["note"], "ours");
    assert_eq!(backup["metadata"]["ownerReferences"][0]["kind"], "Schedule");
    assert_eq!(backup["spec"]["hooks"], json!({}));
    assert_eq!(backup["status"]["phase"], "Completed");
    assert_eq!(bed.object("schedules", "nightly").await["status"]["lastBackup"], "2026-10-03T02:00:01Z");
    // Its owner goes: the object goes too, and comes back from the bucket.
    bed.delete(&format!("{VELERO}/schedules/nightly")).await;
    assert!(backups_of(&bed, "nightly").await.is_empty());
    bed.advance(61.0);
    assert_eq!(backups_of(&bed, "nightly").await.len(), 1);
}

#[tokio::test]
async fn template_labels_replace_the_schedules_own() {
    let bed = Bed::new().await;
    let body = json!({"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "n", "labels": {"tier": "gold"}},
        "spec": {"schedule": "@every 1m", "template": {"metadata": {"labels": {"only": "this"}}}}});
    bed.post(&format!("{VELERO}/schedules"), body).await;
    bed.advance(63.0);
    let labels = backups_of(&bed, "n").await[0]["metadata"]["labels"].clone();
    assert_eq!(labels["only"], "this");
    assert!(labels.get("tier").is_none());
}

#[tokio::test]
async fn an_outage_is_not_caught_up() {
    let bed = Bed::new().await;
    bed.create("schedules", "Schedule", "hourly", json!({"schedule": "@hourly", "template": template()})).await;
    bed.advance(2.0);
    bed.control("server", json!({"running": false})).await;
    bed.advance(5.0 * 3600.0);
    assert!(backups_of(&bed, "hourly").await.is_empty());
    bed.control("server", json!({"running": true})).await;
    bed.advance(20.0);
    assert_eq!(backups_of(&bed, "hourly").await.len(), 1);
}

#[tokio::test]
async fn a_run_waits_while_the_last_one_is_in_progress() {
    let bed = Bed::new().await;
    let body = json!({"apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": "often", "annotations": {"sim/outcome": "stuck"}},
        "spec": {"schedule": "* * * * *", "template": template()}});
    bed.post(&format!("{VELERO}/schedules"), body).await;
    bed.advance(1200.0);
    assert_eq!(backups_of(&bed, "often").await.len(), 1);
}

#[tokio::test]
async fn paused_ones_are_not_even_looked_at() {
    let bed = Bed::new().await;
    bed.create("schedules", "Schedule", "p", json!({"schedule": "nonsense", "template": {}, "paused": true})).await;
    bed.advance(3600.0);
    assert_eq!(bed.phase("schedules", "p").await, "");
    bed.merge(&format!("{VELERO}/schedules/p"), json!({"spec": {"paused": false}})).await;
    bed.advance(1.0);
    let schedule = bed.object("schedules", "p").await;
    assert_eq!(schedule["status"]["phase"], "FailedValidation");
    assert_eq!(
        schedule["status"]["validationErrors"][0],
        "invalid schedule: expected exactly 5 fields, found 1: [nonsense]"
    );
}

#[tokio::test]
async fn unpausing_fires_at_once_unless_skipped() {
    for (skip, made) in [(false, 1), (true, 0)] {
        let bed = Bed::new().await;
        bed.create("schedules", "Schedule", "d", json!({"schedule": "@hourly", "template": template()})).await;
        bed.advance(2.0);
        bed.merge(&format!("{VELERO}/schedules/d"), json!({"spec": {"paused": true}})).await;
        bed.advance(2.0 * 3600.0);
        assert_eq!(backups_of(&bed, "d").await.len(), 0);
        bed.merge(&format!("{VELERO}/schedules/d"), json!({"spec": {"paused": false, "skipImmediately": skip}})).await;
        bed.advance(20.0);
        assert_eq!(backups_of(&bed, "d").await.len(), made, "skip: {skip}");
        let schedule = bed.object("schedules", "d").await;
        assert_eq!(schedule["spec"]["skipImmediately"], false, "reset by the server");
        assert_eq!(schedule["status"].get("lastSkipped").is_some(), skip);
    }
}

#[tokio::test]
async fn names_that_do_not_fit_a_label_never_make_a_backup() {
    let bed = Bed::new().await;
    let name = "s".repeat(70);
    bed.create("schedules", "Schedule", &name, json!({"schedule": "@every 1m", "template": {}})).await;
    bed.advance(600.0);
    assert_eq!(bed.phase("schedules", &name).await, "Enabled");
    assert!(bed.list(&format!("{VELERO}/backups")).await.is_empty());
}

#[tokio::test]
async fn zones_and_old_servers() {
    let bed = Bed::new().await;
    bed.create(
        "schedules",
        "Schedule",
        "z",
        json!({"schedule": "CRON_TZ=Europe/Zurich 30 4 * * *", "template": template()}),
    )
    .await;
    bed.advance(3600.0);
    assert_eq!(backups_of(&bed, "z").await[0]["metadata"]["name"], "z-20261003023001");
    let old = Bed::with(json!({"velero_version": "v1.14.0"})).await;
    old.create("schedules", "Schedule", "z", json!({"schedule": "CRON_TZ=Europe/Zurich 30 4 * * *", "template": {}}))
        .await;
    old.advance(2.0);
    assert_eq!(old.phase("schedules", "z").await, "FailedValidation");
    assert!(old.object("schedules", "z").await["status"]["validationErrors"][0].as_str().unwrap().contains("found 6"));
}
