//! G2's schedules: inactive at birth, two kinds of retention, and a switch that nobody announces.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, text};

const SCHEDULES: &str = "/api/openstack-backup-schedules/";

async fn body(bed: &Bed, instance: &str) -> Value {
    json!({"instance": bed.instance_url(instance).await, "description": "schedule description", "retention_time": 0,
        "timezone": "Europe/London", "maximal_number_of_backups": 10, "schedule": "0 * * * *", "is_active": true})
}

async fn active(bed: &Bed, instance: &str, change: Value) -> Value {
    let mut body = body(bed, instance).await;
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let (code, made) = bed.post(SCHEDULES, body).await;
    assert_eq!(code, 201, "{made}");
    assert_eq!(bed.post(&format!("{}activate/", text(&made["url"])), json!({})).await.0, 200);
    made
}

async fn backups(bed: &Bed) -> Vec<Value> {
    bed.list("/api/openstack-backups/").await
}

#[tokio::test]
async fn is_active_is_ignored_and_switching_has_its_own_words() {
    let bed = Bed::of("G2").await;
    let (code, made) = bed.post(SCHEDULES, body(&bed, "checkout-db-1").await).await;
    assert_eq!(code, 201, "{made}");
    assert_eq!(made["is_active"], false);
    assert_eq!(made["backups"], json!([]));
    assert!(made.get("next_trigger_at").is_none(), "not in this generation");
    bed.advance(7200.0);
    assert!(backups(&bed).await.is_empty());
    let url = text(&made["url"]);
    for (action, code, answer) in [
        ("deactivate", 409, json!({"status": "BackupSchedule is already deactivated"})),
        ("activate", 200, json!({"status": "BackupSchedule was activated"})),
        ("activate", 409, json!({"status": "BackupSchedule is already activated"})),
        ("deactivate", 200, json!({"status": "BackupSchedule was deactivated"})),
    ] {
        assert_eq!(bed.post(&format!("{url}{action}/"), json!({})).await, (code, answer));
    }
    let (code, changed) = bed.send(Method::PATCH, &url, json!({"is_active": true, "retention_time": 3})).await;
    assert_eq!((code, &changed["is_active"], &changed["retention_time"]), (200, &json!(false), &json!(3)));
    let (code, answer) = bed.send(Method::PUT, &url, json!({"schedule": "0 1 * * *"})).await;
    assert_eq!(code, 400);
    for field in ["instance", "retention_time", "maximal_number_of_backups"] {
        assert_eq!(answer[field], json!(["This field is required."]));
    }
    assert_eq!(bed.delete(&url).await.0, 204);
    assert_eq!(bed.get(&url).await, (404, json!({"detail": "Not found."})));
}

#[tokio::test]
async fn runs_at_the_beat_after_the_time_and_keeps_the_newest() {
    let bed = Bed::of("G2").await;
    let made = active(&bed, "checkout-db-1", json!({"maximal_number_of_backups": 2})).await;
    bed.advance(60.0);
    let first = backups(&bed).await;
    assert_eq!(first.len(), 1);
    assert_eq!(first[0]["description"], "scheduled backup");
    assert_eq!(first[0]["created_at"], "2026-10-03T02:00:07.318Z", "three digits");
    assert_eq!(first[0]["kept_until"], Value::Null, "0 days: for ever");
    assert_eq!(first[0]["backup_schedule"], made["url"]);
    assert_eq!(bed.again(&made).await["backups"], json!([first[0]["url"]]));
    for _ in 0..5 {
        bed.advance(3600.0);
        assert!(backups(&bed).await.len() <= 3);
    }
    bed.advance(300.0);
    let kept = backups(&bed).await;
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[1]["created_at"], "2026-10-03T07:00:07.318Z");
    assert_eq!(bed.again(&first[0]).await, Value::Null);
    // The schedule goes, its backups stay.
    bed.delete(made["url"].as_str().unwrap()).await;
    assert_eq!(backups(&bed).await[0]["backup_schedule"], Value::Null);
}

#[tokio::test]
async fn days_of_keeping_end() {
    let bed = Bed::of("G2").await;
    active(&bed, "checkout-db-1", json!({"schedule": "0 2 * * *", "timezone": "UTC", "retention_time": 2})).await;
    bed.advance(120.0);
    let first = backups(&bed).await[0].clone();
    assert_eq!(first["kept_until"], "2026-10-05T02:00:07.318Z");
    bed.advance(2.0 * 86_400.0 - 60.0);
    assert_eq!(bed.again(&first).await["state"], "Ready");
    bed.advance(660.0);
    assert_eq!(bed.again(&first).await, Value::Null);
}

#[tokio::test]
async fn a_failed_run_switches_it_off_without_a_word() {
    let bed = Bed::of("G2").await;
    let made = active(&bed, "checkout-db-1", json!({})).await;
    bed.command("quota", json!({"project": "shop", "storage_gib": 1}));
    bed.advance(60.0);
    let backup = backups(&bed).await[0].clone();
    assert_eq!((&backup["state"], &backup["metadata"]), (&json!("Ready"), &json!({})));
    assert_eq!(bed.again(&made).await["is_active"], false);
    assert!(bed.events().iter().any(|event| event["event_type"] == "resource_backup_schedule_deactivated"));
    bed.advance(7200.0);
    assert_eq!(backups(&bed).await.len(), 1);
    // An unexpected error leaves it on.
    bed.command("quota", json!({"project": "shop", "storage_gib": 9000}));
    bed.command("outcome", json!({"next": "erred"}));
    bed.post(&format!("{}activate/", text(&made["url"])), json!({})).await;
    bed.advance(3600.0);
    assert_eq!(backups(&bed).await[1]["state"], "Erred");
    assert_eq!(bed.again(&made).await["is_active"], true);
}

#[tokio::test]
async fn an_erred_instance_is_passed_over() {
    let bed = Bed::of("G2").await;
    let made = active(&bed, "checkout-db-1", json!({})).await;
    bed.command("instance", json!({"name": "checkout-db-1", "state": "erred"}));
    bed.advance(7200.0);
    assert!(backups(&bed).await.is_empty());
    assert_eq!(bed.again(&made).await["is_active"], true);
}

#[tokio::test]
async fn an_erred_oldest_one_makes_surplus() {
    let bed = Bed::of("G2").await;
    active(&bed, "checkout-db-1", json!({"maximal_number_of_backups": 1})).await;
    bed.command("outcome", json!({"next": "erred"}));
    bed.advance(60.0);
    bed.advance(3600.0);
    assert_eq!(backups(&bed).await.len(), 2);
    // The third run counts two, chooses the erred one, and stops before its next time is set: it comes every ten minutes.
    bed.advance(3600.0);
    bed.advance(1800.0);
    assert!(backups(&bed).await.len() >= 5, "{}", backups(&bed).await.len());
}

#[tokio::test]
async fn none_are_kept_when_none_may_be() {
    let bed = Bed::of("G2").await;
    active(&bed, "checkout-db-1", json!({"maximal_number_of_backups": 0})).await;
    bed.advance(60.0);
    // The one under way can't be deleted, so the run breaks and comes again.
    assert_eq!(backups(&bed).await.len(), 1);
    bed.advance(1200.0);
    assert!(bed.events().iter().any(|event| event["event_type"] == "backup_schedule_execution_failed"));
}

#[tokio::test]
async fn expressions_and_zones_are_checked() {
    let bed = Bed::of("G2").await;
    for good in ["*/5 * * * *", "1 1 1 1 1", "0 2 1,15 * 1-5,0"] {
        let mut body = body(&bed, "checkout-db-1").await;
        body["schedule"] = json!(good);
        assert_eq!(bed.post(SCHEDULES, body).await.0, 201, "{good}");
    }
    for (field, value, sentence) in [
        ("schedule", json!("0 2 * *"), "Exactly 5 or 6 columns has to be specified for iterator expression."),
        ("schedule", json!("61 * * * *"), "[61 * * * *] is not acceptable, out of range"),
        ("schedule", json!(""), "This field may not be blank."),
        ("timezone", json!("Mars/X"), "\"Mars/X\" is not a valid choice."),
        ("timezone", json!("europe/london"), "\"europe/london\" is not a valid choice."),
        ("retention_time", json!(-1), "Ensure this value is greater than or equal to 0."),
        ("retention_time", json!("soon"), "A valid integer is required."),
        ("maximal_number_of_backups", json!(40_000), "Ensure this value is less than or equal to 32767."),
        ("maximal_number_of_backups", Value::Null, "This field may not be null."),
        ("description", json!("d".repeat(501)), "Ensure this field has no more than 500 characters."),
    ] {
        let mut body = body(&bed, "checkout-db-1").await;
        body[field] = value;
        let (code, answer) = bed.post(SCHEDULES, body).await;
        assert_eq!((code, answer), (400, json!({field: [sentence]})));
    }
    let mut body = body(&bed, "checkout-db-1").await;
    body.as_object_mut().unwrap().remove("timezone");
    assert_eq!(bed.post(SCHEDULES, body).await.1["timezone"], "UTC", "the server's own");
}
