//! Schedules of G3 and G4: other names, shorter expressions, another order of thinning out. G5 has none.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, text};

fn body() -> Value {
    json!({"name": "nightly", "description": "d", "retention_time": 7, "timezone": "UTC",
        "maximal_number_of_resources": 3, "schedule": "0 * * * *", "is_active": true})
}

async fn post(bed: &Bed, change: Value) -> (u16, Value) {
    let mut body = body();
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let url = bed.instance_url("checkout-db-1").await;
    bed.post(&format!("{url}create_backup_schedule/"), body).await
}

async fn active(bed: &Bed, change: Value) -> Value {
    let (code, made) = post(bed, change).await;
    assert_eq!(code, 201, "{made}");
    assert_eq!(bed.post(&format!("{}activate/", text(&made["url"])), json!({})).await.0, 200);
    made
}

#[tokio::test]
async fn are_made_at_the_instance_and_switched_on_after() {
    for generation in ["G3", "G4"] {
        let bed = Bed::of(generation).await;
        let (code, made) = post(&bed, json!({})).await;
        assert_eq!(code, 201, "{made}");
        assert_eq!(made["is_active"], false);
        assert_eq!(made["next_trigger_at"], "2026-10-03T02:00:00Z");
        assert!(made.get("maximal_number_of_backups").is_none());
        let url = text(&made["url"]);
        assert!(url.contains(&bed.at("backup-schedules/")));
        for (action, code, answer) in [
            ("deactivate", 409, json!({"detail": "A schedule is already deactivated."})),
            ("activate", 200, json!({"status": "A schedule was activated"})),
            ("activate", 409, json!({"detail": "Resource schedule is already activated."})),
            ("deactivate", 200, json!({"status": "Backup schedule was deactivated"})),
        ] {
            assert_eq!(bed.post(&format!("{url}{action}/"), json!({})).await, (code, answer));
        }
        let (code, edited) = bed.send(Method::PATCH, &url, json!({"schedule": "0 5 * * *", "is_active": true})).await;
        assert_eq!((code, &edited["is_active"]), (200, &json!(false)));
        assert_eq!(edited["next_trigger_at"], "2026-10-03T05:00:00Z");
        assert_eq!(bed.post(&bed.at("backup-schedules/"), body()).await.0, 405);
        assert_eq!(bed.delete(&url).await.0, 204);
        assert_eq!(bed.get(&url).await.0, 404);
    }
}

#[tokio::test]
async fn expressions_are_short_and_an_hour_apart() {
    let bed = Bed::of("G4").await;
    let long = "Ensure this field has no more than 15 characters.";
    let often = "Ensure schedule period is greater than or equal to 1 hour(s).";
    for (expression, sentence) in [
        ("0 2 1,15 * 1-5,0", long),
        ("*/5 * * * *", often),
        ("0,30 3 * * *", often),
        ("0 2 * *", "Exactly 5 or 6 columns has to be specified for iterator expression."),
    ] {
        let (code, answer) = post(&bed, json!({"schedule": expression})).await;
        assert_eq!((code, answer), (400, json!({"schedule": [sentence]})), "{expression}");
    }
    // Only the next two firings are measured: the same expression passes when the clock stands between them.
    let tricky = json!({"schedule": "0,30 9 * * 1"});
    assert_eq!(post(&bed, tricky.clone()).await.0, 400);
    bed.advance(2.0 * 86_400.0 + 7.0 * 3600.0 + 900.0);
    assert_eq!(post(&bed, tricky).await.0, 201, "it is Monday, 09:14:30 past, 09:30 comes and then a week");
}

#[tokio::test]
async fn the_limit_costs_a_beat_and_the_earliest_end() {
    let bed = Bed::of("G4").await;
    let made = active(&bed, json!({"maximal_number_of_resources": 2})).await;
    bed.advance(120.0);
    bed.advance(3600.0);
    let backups = async || bed.list(&format!("{}?o=created", bed.at("backups/"))).await;
    let first = backups().await;
    assert_eq!(first.len(), 2);
    assert_eq!(first[0]["name"], "Backup#1 of checkout-db-1");
    assert_eq!(first[0]["kept_until"], "2026-10-10T02:00:07.318204Z");
    assert_eq!(first[0]["backup_schedule_uuid"], made["uuid"]);
    // One is to be kept for ever; it goes last.
    bed.send(Method::PATCH, first[0]["url"].as_str().unwrap(), json!({"kept_until": null})).await;
    bed.advance(3600.0);
    let second = backups().await;
    assert_eq!(second.len(), 1, "room was made and nothing else done");
    assert_eq!(second[0]["uuid"], first[0]["uuid"]);
    assert!(text(&bed.again(&made).await["next_trigger_at"]).starts_with("2026-10-03T04:00:00"), "still in the past");
    bed.advance(600.0);
    let third = backups().await;
    assert_eq!(third[1]["name"], "Backup#3 of checkout-db-1");
    assert!(text(&third[1]["created"]).starts_with("2026-10-03T04:10:07"), "ten minutes late");
    bed.advance(3600.0);
    bed.advance(3600.0);
    let uuids: Vec<Value> = backups().await.iter().map(|backup| backup["uuid"].clone()).collect();
    assert!(uuids.contains(&first[0]["uuid"]));
}

#[tokio::test]
async fn no_maximum_is_no_limit() {
    let bed = Bed::of("G4").await;
    active(&bed, json!({"maximal_number_of_resources": 0})).await;
    bed.advance(6.0 * 3600.0);
    assert!(bed.list(&bed.at("backups/")).await.len() >= 6);
}

#[tokio::test]
async fn a_quota_switches_it_off_for_good() {
    for generation in ["G3", "G4"] {
        let bed = Bed::of(generation).await;
        let made = active(&bed, json!({})).await;
        bed.command("quota", json!({"project": "shop", "storage_gib": 1}));
        bed.advance(120.0);
        let off = bed.again(&made).await;
        assert_eq!(off["is_active"], false);
        assert!(text(&off["error_message"]).starts_with("Failed to schedule \"BackupSchedule\" creation."), "{off}");
        assert!(bed.list(&bed.at("backups/")).await.is_empty());
        bed.command("quota", json!({"project": "shop", "storage_gib": 9000}));
        bed.advance(7200.0);
        assert_eq!(bed.again(&made).await["is_active"], false);
        bed.post(&format!("{}activate/", text(&made["url"])), json!({})).await;
        assert_eq!(bed.again(&made).await["error_message"], "");
    }
}

#[tokio::test]
async fn a_stopped_clockwork_does_not_catch_up_twice() {
    let bed = Bed::of("G4").await;
    active(&bed, json!({"maximal_number_of_resources": 0})).await;
    bed.command("scheduler", json!({"running": false}));
    bed.advance(5.0 * 3600.0);
    assert!(bed.list(&bed.at("backups/")).await.is_empty());
    bed.command("scheduler", json!({"running": true}));
    bed.advance(60.0);
    assert_eq!(bed.list(&bed.at("backups/")).await.len(), 1);
}

#[tokio::test]
async fn the_newest_generation_has_none() {
    let bed = Bed::of("G5").await;
    assert_eq!(bed.get("/api/openstack-backup-schedules/").await.0, 404);
    assert_eq!(post(&bed, json!({})).await.0, 404);
    let (_, root) = bed.get("/api/").await;
    assert!(root.get("openstack-backups").is_some() && root.get("openstack-backup-schedules").is_none());
    let (_, root) = Bed::of("G3").await.get("/api/").await;
    assert!(root.get("openstacktenant-backups").is_some() && root.get("openstack-backups").is_none());
}

#[tokio::test]
async fn runs_do_not_wait_for_each_other() {
    let bed = Bed::of("G4").await;
    active(&bed, json!({"maximal_number_of_resources": 0})).await;
    bed.command("outcome", json!({"next": "stuck", "times": 0}));
    bed.advance(120.0);
    bed.advance(3600.0);
    assert_eq!(bed.list(&format!("{}?state=Creating", bed.at("backups/"))).await.len(), 2);
}

#[tokio::test]
async fn activation_counts_the_next_firing_anew() {
    let bed = Bed::of("G4").await;
    let made = active(&bed, json!({})).await;
    let url = text(&made["url"]);
    bed.post(&format!("{url}deactivate/"), json!({})).await;
    bed.advance(3.0 * 3600.0);
    assert_eq!(bed.again(&made).await["next_trigger_at"], "2026-10-03T02:00:00Z", "left behind while it is off");
    bed.post(&format!("{url}activate/"), json!({})).await;
    assert_eq!(bed.again(&made).await["next_trigger_at"], "2026-10-03T05:00:00Z");
    bed.advance(20.0);
    assert!(bed.list(&bed.at("backups/")).await.is_empty(), "what was missed is not made up for");
}
