//! Schedules: what can be said, when they fire, what they keep.
#![expect(clippy::unwrap_used, reason = "tests")]

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, Got};

fn schedule(more: Value) -> Value {
    let mut body = json!({"type": "application/astra-schedule", "version": "1.2", "name": "protection",
        "snapshotRetention": "1", "backupRetention": "2"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn daily(minute: &str) -> Value {
    schedule(json!({"granularity": "daily", "minute": minute, "hour": "2"}))
}

fn path(bed: &Bed, app: &str) -> String {
    format!("/k8s/v1/apps/{}/schedules", bed.app(app))
}

async fn create(bed: &Bed, app: &str, body: Value) -> Got {
    bed.post(&path(bed, app), body).await
}

async fn names(bed: &Bed, app: &str, list: &str) -> Vec<String> {
    let all = bed.get(&format!("/k8s/v1/apps/{}/{list}", bed.app(app))).await;
    all.items().iter().map(|item| item["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn strings_stand_for_numbers_and_stars_are_dropped() {
    let bed = Bed::new().await;
    // As the vendor's toolkit sends it.
    let hourly = schedule(json!({"granularity": "hourly", "minute": "5", "hour": "*", "dayOfWeek": "*",
        "dayOfMonth": "*", "enabled": "true"}));
    let made = create(&bed, "web", hourly.clone()).await;
    assert_eq!(made.code, 201, "{}", made.body);
    assert_eq!((&made.body["minute"], &made.body["enabled"]), (&json!("5"), &json!("true")));
    for dropped in ["hour", "dayOfWeek", "dayOfMonth"] {
        assert_eq!(made.body.get(dropped), None);
    }
    assert_eq!(create(&bed, "web", hourly).await.refusal(), (409, 132), "a second identical one");
    let rule = "DTSTART:20220601T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=5";
    let custom = create(&bed, "web", schedule(json!({"granularity": "custom", "recurrenceRule": rule}))).await;
    assert_eq!((custom.code, &custom.body["minute"]), (201, &json!("0")));
    assert_eq!(bed.get(&path(&bed, "web")).await.items().len(), 2);
}

#[tokio::test]
async fn times_must_fit_the_granularity() {
    let bed = Bed::new().await;
    let future = "DTSTART:20300101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=1";
    for (more, field) in [
        (json!({"granularity": "daily", "minute": "0"}), "hour"),
        (json!({"granularity": "daily", "minute": "60", "hour": "1"}), "minute"),
        (json!({"granularity": "daily", "minute": "0", "hour": "*"}), "hour"),
        (json!({"granularity": "weekly", "minute": "0", "hour": "1", "dayOfWeek": "8"}), "dayOfWeek"),
        (json!({"granularity": "monthly", "minute": "0", "hour": "1", "dayOfMonth": "0"}), "dayOfMonth"),
        (json!({"granularity": "hourly", "minute": "0", "hour": "1"}), "hour"),
        (json!({"granularity": "custom"}), "recurrenceRule"),
        (json!({"granularity": "custom", "recurrenceRule": future}), "recurrenceRule"),
        (json!({"granularity": "daily", "minute": "0", "hour": "1", "snapshotRetention": "01"}), "snapshotRetention"),
        (json!({"granularity": "daily", "minute": "0", "hour": "1", "backupRetention": "-1"}), "backupRetention"),
    ] {
        let got = create(&bed, "web", schedule(more.clone())).await;
        assert_eq!(got.refusal(), (400, 9), "{more}");
        assert_eq!(got.body["invalidFields"][0]["name"], field, "{more}");
    }
    for more in [
        json!({"granularity": "yearly", "minute": "0"}),
        json!({"granularity": "hourly", "minute": 0}),
        json!({"granularity": "hourly", "minute": "0", "enabled": true}),
        json!({"granularity": "hourly", "minute": "0", "cron": "0 * * * *"}),
    ] {
        assert_eq!(create(&bed, "web", schedule(more.clone())).await.refusal(), (400, 8), "{more}");
    }
    let elsewhere = json!({"granularity": "hourly", "minute": "0", "bucketID": "00000000-0000-0000-0000-000000000000"});
    assert_eq!(create(&bed, "web", schedule(elsewhere)).await.refusal(), (400, 108));
    assert_eq!(bed.get(&path(&bed, "web")).await.items().len(), 0);
}

#[tokio::test]
async fn it_fires_in_utc_and_keeps_the_newest() {
    let bed = Bed::with(json!({"backup_bytes": 50_000_000})).await;
    let id = create(&bed, "web", daily("0")).await.id();
    bed.advance(29.0);
    assert_eq!(names(&bed, "web", "appBackups").await, Vec::<String>::new());
    bed.advance(2.0);
    let first = bed.get("/topology/v1/appBackups").await.items()[0].clone();
    assert_eq!(
        (&first["scheduleID"], &first["metadata"]["creationTimestamp"]),
        (&json!(id), &json!("2026-10-03T02:00:00Z"))
    );
    for _ in 0..3 {
        bed.advance(86_400.0);
    }
    // Four were made; two are kept, and the snapshot of the newest.
    bed.advance(300.0);
    assert_eq!(names(&bed, "web", "appBackups").await, ["completed", "completed"]);
    assert_eq!(names(&bed, "web", "appSnaps").await, ["completed"]);
    let app = bed.get(&format!("/k8s/v2/apps/{}", bed.app("web"))).await.body;
    assert_eq!(app["protectionState"], "protected");
    // What was made on demand is not counted.
    bed.backed_up("web", "by-hand").await;
    bed.advance(2.0 * 86_400.0);
    assert_eq!(names(&bed, "web", "appBackups").await, ["completed"; 3]);
}

#[tokio::test]
async fn zero_backups_means_snapshots_only_and_zero_snapshots_none_left() {
    let bed = Bed::new().await;
    let more = json!({"granularity": "hourly", "minute": "0", "backupRetention": "0", "snapshotRetention": "2"});
    create(&bed, "web", schedule(more)).await.id();
    let more = json!({"granularity": "hourly", "minute": "0", "backupRetention": "1", "snapshotRetention": "0"});
    create(&bed, "orders", schedule(more)).await.id();
    bed.advance(4.0 * 3600.0);
    assert_eq!(names(&bed, "web", "appBackups").await, Vec::<String>::new());
    assert_eq!(names(&bed, "web", "appSnaps").await, ["completed", "completed"]);
    assert_eq!(names(&bed, "orders", "appSnaps").await, Vec::<String>::new());
    assert_eq!(names(&bed, "orders", "appBackups").await, ["completed"]);
}

#[tokio::test]
async fn it_is_paused_resumed_changed_and_deleted() {
    let bed = Bed::new().await;
    let made = create(&bed, "web", daily("0")).await;
    let one = format!("{}/{}", path(&bed, "web"), made.id());
    let put = |more: Value| {
        let mut body = json!({"type": "application/astra-schedule", "version": "1.3", "snapshotRetention": "1",
            "backupRetention": "2"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bed.put(&one, body)
    };
    let paused = put(json!({"enabled": "false"})).await;
    assert_eq!((paused.code, paused.body), (204, json!("")), "no body");
    let now = bed.get(&one).await.body;
    assert_eq!((&now["enabled"], &now["name"], &now["hour"]), (&json!("false"), &json!("protection"), &json!("2")));
    bed.advance(86_400.0);
    assert_eq!(names(&bed, "web", "appBackups").await.len(), 0);
    assert_eq!(put(json!({"enabled": "true", "minute": "10"})).await.code, 204);
    bed.advance(900.0);
    assert_eq!(names(&bed, "web", "appBackups").await.len(), 1, "02:10, not 02:00");
    assert_eq!(put(json!({"granularity": "hourly"})).await.refusal(), (400, 9), "the minute went with the granularity");
    assert_eq!(put(json!({"granularity": "hourly", "minute": "20"})).await.code, 204);
    assert_eq!(bed.get(&one).await.body.get("hour"), None);
    bed.advance(3600.0);
    assert_eq!(names(&bed, "web", "appBackups").await.len(), 2);
    assert_eq!(put(json!({"id": bed.app("web")})).await.refusal(), (409, 10));
    let before = bed.get(&one).await;
    let late = bed.request(Method::PUT, &one).header("If-Match", "\"old\"").json(&daily("1"));
    assert_eq!(bed.send(late).await.refusal(), (412, 38));
    assert_eq!(bed.get(&one).await.etag, before.etag, "nothing has changed");
    assert_eq!(bed.delete(&one).await.code, 204);
    assert_eq!(bed.get(&one).await.refusal(), (404, 2));
    bed.advance(2.0 * 3600.0);
    assert_eq!(names(&bed, "web", "appBackups").await.len(), 2);
}

#[tokio::test]
async fn a_run_that_can_not_begin_is_told_of() {
    let bed = Bed::new().await;
    create(&bed, "web", daily("0")).await.id();
    bed.command("patch", json!({"resource": "app", "id": "web", "with": {"state": "unavailable"}}));
    bed.advance(60.0);
    assert_eq!(names(&bed, "web", "appBackups").await.len(), 0);
    let told = bed.get("/core/v1/notifications").await;
    assert_eq!(
        (&told.items()[0]["severity"], &told.items()[0]["name"]),
        (&json!("warning"), &json!("schedule.skipped"))
    );
}

#[tokio::test]
async fn locked_backups_outlast_the_retention() {
    let bed = Bed::with(json!({"lock_seconds": 10 * 86_400})).await;
    let mut body = daily("0");
    body["bucketID"] = json!(bed.id("bucket", "vault"));
    create(&bed, "web", body).await.id();
    for _ in 0..5 {
        bed.advance(86_400.0);
    }
    assert_eq!(names(&bed, "web", "appBackups").await.len(), 5);
    for _ in 0..10 {
        bed.advance(86_400.0);
    }
    let left = names(&bed, "web", "appBackups").await.len();
    assert!(left <= 11, "{left}: those whose lock has ended are gone");
}
