//! Backups from G3 on: created at the instance, named, with states of their own and errors that show.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, text};

const LATER: [&str; 3] = ["G3", "G4", "G5"];

#[tokio::test]
async fn a_backup_goes_through_its_states() {
    for (generation, code, words) in [
        ("G3", 201, ["Creation Scheduled", "Creating", "OK"]),
        ("G4", 201, ["Creation Scheduled", "Creating", "OK"]),
        ("G5", 200, ["CREATION_SCHEDULED", "CREATING", "OK"]),
    ] {
        let bed = Bed::of(generation).await;
        let url = bed.instance_url("checkout-db-1").await;
        let body = json!({"name": "before upgrade", "description": "d", "kept_until": "2026-12-01T00:00:00+01:00"});
        let (answered, made) = bed.post(&format!("{url}backup/"), body).await;
        assert_eq!(answered, code, "{made}");
        assert_eq!(made["kept_until"], "2026-11-30T23:00:00Z");
        assert_eq!(made["metadata"]["size"], 220 * 1024, "known from the start");
        assert_eq!(made["instance"], url);
        assert_eq!(made["project_name"], "shop");
        assert_eq!(made.get("backup_schedule").is_some(), generation != "G5");
        assert_eq!(bed.states(&made, 0.5, 140).await, words);
        // Six digits, and none when there are none.
        assert_eq!(bed.again(&made).await["created"], "2026-10-03T01:59:30Z");
    }
}

#[tokio::test]
async fn the_collection_takes_no_backup() {
    for generation in LATER {
        let bed = Bed::of(generation).await;
        let (code, answer) = bed.post(&bed.at("backups/"), json!({"name": "x"})).await;
        assert_eq!((code, answer), (405, json!({"detail": "Method \"POST\" not allowed."})));
        assert_eq!(bed.allow(&bed.at("backups/")).await, (200, "GET, HEAD, OPTIONS".to_owned()));
    }
    let bed = Bed::of("G2").await;
    assert_eq!(bed.allow("/api/openstack-backups/").await, (200, "GET, POST, HEAD, OPTIONS".to_owned()));
}

#[tokio::test]
async fn failures_are_erred_with_a_sentence_and_go_by_force() {
    for generation in LATER {
        let bed = Bed::of(generation).await;
        bed.command("outcome", json!({"next": "refused"}));
        let made = bed.backup("orders-db-1").await;
        bed.advance(10.0);
        let erred = bed.again(&made).await;
        assert_eq!(text(&erred["state"]).to_uppercase(), "ERRED");
        assert!(!text(&erred["error_message"]).is_empty());
        let url = text(&made["url"]);
        let (code, answer) = bed.send(Method::PATCH, &url, json!({"name": "x"})).await;
        assert_eq!((code, answer), (409, json!({"detail": "Valid states for operation: OK."})));
        assert_eq!(bed.post(&format!("{url}restore/"), json!({})).await.0, 409);
        bed.command("outcome", json!({"next": "refused", "on": "delete"}));
        assert!(matches!(bed.delete(&url).await.0, 202 | 204));
        assert_eq!(bed.states(&made, 1.0, 12).await.last().unwrap(), "gone", "an erred one always goes");
    }
}

#[tokio::test]
async fn deletion_is_scheduled_and_may_fail() {
    let bed = Bed::of("G4").await;
    let made = bed.backup("orders-db-1").await;
    let url = text(&made["url"]);
    let (code, answer) = bed.delete(&url).await;
    assert_eq!((code, answer), (409, json!({"detail": "Valid states for operation: OK, Erred."})));
    bed.advance(60.0);
    bed.command("outcome", json!({"next": "refused", "on": "delete"}));
    let (code, answer) = bed.delete(&url).await;
    assert_eq!((code, answer), (202, json!({"detail": "Deletion was scheduled."})));
    assert_eq!(bed.states(&made, 0.5, 20).await, ["Deletion Scheduled", "Deleting", "Erred"]);
    assert_eq!(bed.delete(&url).await.0, 202);
    assert_eq!(bed.states(&made, 0.5, 20).await, ["Deletion Scheduled", "Deleting", "gone"]);
}

#[tokio::test]
async fn codes_are_as_written_or_as_documented() {
    for (seed, created, deleted) in [
        (json!({"generation": "G4"}), 201, 202),
        (json!({"generation": "G4", "status_codes": "documented"}), 200, 204),
        (json!({"generation": "G5"}), 200, 204),
        (json!({"generation": "G5", "status_codes": "code"}), 201, 202),
    ] {
        let bed = Bed::with(seed).await;
        let url = bed.instance_url("orders-db-1").await;
        let (code, made) = bed.post(&format!("{url}backup/"), json!({"name": "x"})).await;
        assert_eq!(code, created);
        bed.advance(60.0);
        let flavor = bed.flavor_url("m1.large").await;
        let (code, instance) = bed.post(&format!("{}restore/", text(&made["url"])), json!({"flavor": flavor})).await;
        assert_eq!(code, created, "{instance}");
        assert_eq!(bed.delete(made["url"].as_str().unwrap()).await.0, deleted);
    }
}

#[tokio::test]
async fn a_quota_refuses_at_once_with_a_bare_array() {
    let bed = Bed::of("G4").await;
    bed.command("quota", json!({"project": "shop", "storage_gib": 500}));
    let url = bed.instance_url("checkout-db-1").await;
    let (code, answer) = bed.post(&format!("{url}backup/"), json!({"name": "x"})).await;
    assert_eq!(code, 400);
    assert!(text(&answer[0]).starts_with("One or more quotas were exceeded: storage quota limit: 512000"), "{answer}");
    assert!(bed.list(&bed.at("backups/")).await.is_empty());
}

#[tokio::test]
async fn edits_pull_unlink_and_states_set_by_hand() {
    let bed = Bed::with(json!({"generation": "G5", "staff": true})).await;
    let made = bed.backup("orders-db-1").await;
    bed.advance(60.0);
    let url = text(&made["url"]);
    let (code, answer) = bed.send(Method::PUT, &url, json!({"description": "only"})).await;
    assert_eq!((code, answer), (400, json!({"name": ["This field is required."]})));
    let (code, edited) =
        bed.send(Method::PATCH, &url, json!({"kept_until": "2027-01-01T00:00:00Z", "state": "ERRED"})).await;
    assert_eq!((code, &edited["kept_until"], &edited["state"]), (200, &json!("2027-01-01T00:00:00Z"), &json!("OK")));
    let (_, edited) = bed.send(Method::PUT, &url, json!({"name": "new", "kept_until": null})).await;
    assert_eq!((&edited["kept_until"], &edited["name"]), (&Value::Null, &json!("new")));
    let (code, answer) = bed.send(Method::PATCH, &url, json!({"kept_until": "tomorrow"})).await;
    assert_eq!(code, 400);
    assert!(text(&answer["kept_until"][0]).starts_with("Datetime has wrong format."));
    assert_eq!(bed.post(&format!("{url}pull/"), json!({})).await.0, 202);
    assert_eq!(bed.states(&made, 0.5, 10).await, ["UPDATE_SCHEDULED", "UPDATING", "OK"]);
    assert_eq!(bed.post(&format!("{url}set_erred/"), json!({"error_message": "by hand"})).await.0, 200);
    assert_eq!(bed.again(&made).await["error_message"], "by hand");
    assert_eq!(bed.post(&format!("{url}set_ok/"), json!({})).await.0, 200);
    assert_eq!(bed.post(&format!("{url}unlink/"), json!({})).await.0, 204);
    assert_eq!(bed.again(&made).await, Value::Null);
    let plain = Bed::of("G5").await;
    let made = plain.backup("orders-db-1").await;
    assert_eq!(plain.post(&format!("{}unlink/", text(&made["url"])), json!({})).await.0, 403);
}

#[tokio::test]
async fn kept_backups_expire_without_a_schedule_too() {
    let bed = Bed::of("G5").await;
    let url = bed.instance_url("orders-db-1").await;
    let body = json!({"name": "short", "kept_until": "2026-10-03T03:00:00Z"});
    let made = bed.post(&format!("{url}backup/"), body).await.1;
    bed.advance(3600.0);
    assert_eq!(bed.again(&made).await["state"], "OK");
    bed.advance(60.0);
    assert_eq!(bed.again(&made).await, Value::Null);
}

#[tokio::test]
async fn filters_are_many_and_checked() {
    let bed = Bed::of("G4").await;
    let one = bed.backup("orders-db-1").await;
    bed.command("outcome", json!({"next": "stuck"}));
    bed.backup("ledger-db-1").await;
    bed.advance(60.0);
    let instance = bed.instance("orders-db-1").await;
    let backups = bed.at("backups/");
    for (query, count) in [
        (format!("instance={}", text(&one["instance"])), 1),
        (format!("instance_uuid={}", text(&instance["uuid"])), 1),
        (format!("project_uuid={}", text(&instance["project_uuid"])), 1),
        ("instance=nonsense".to_owned(), 0),
        ("state=OK".to_owned(), 1),
        ("state=OK&state=Creating".to_owned(), 2),
        ("name=BY".to_owned(), 2),
        ("name_exact=BY".to_owned(), 0),
    ] {
        assert_eq!(bed.list(&format!("{backups}?{query}")).await.len(), count, "{query}");
    }
    for (query, field) in [("state=Fine", "state"), ("instance_uuid=x", "instance_uuid")] {
        let (code, answer) = bed.get(&format!("{backups}?{query}")).await;
        assert_eq!(code, 400);
        assert!(answer[field].is_array(), "{answer}");
    }
}
