//! A definition is a set of an app's schedules.

use crate::stage::{Stage, at};
use model::{
    definition::{Definition, Retention, Volumes},
    tier::Tier,
};
use reqwest::Method;
use serde_json::json;
use server::provider::{Applied, ErrorKind, Owned};

fn tier(cron: &str, keep: u32) -> Tier {
    Tier { schedule: at(cron), retention: Retention { keep_last: Some(keep), ..Retention::default() } }
}

fn with_tiers(mut owned: Owned) -> Owned {
    owned.definition.further = vec![tier("0 4 * * 0", 6), tier("15 */6 * * *", 8)];
    owned
}

#[tokio::test]
async fn schedules_by_granularity_are_one_definition() {
    let stage = Stage::open().await;
    let owned = with_tiers(stage.owned("tiers", "orders"));
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let made = stage.schedules(&owned);
    assert_eq!(made.keys().collect::<Vec<_>>(), ["custom", "monthly", "weekly"]);
    assert_eq!(made["weekly"]["dayOfWeek"], "0");
    assert_eq!(made["weekly"]["backupRetention"], "6", "numbers are texts");
    assert_eq!(made["custom"]["recurrenceRule"], "DTSTART:20200101T001500Z\nRRULE:FREQ=HOURLY;INTERVAL=6");
    assert_eq!(made["monthly"]["enabled"], "true", "truth values are texts");
    assert!(made.values().all(|one| one["snapshotRetention"] == "2" && one["name"] == owned.upstream_name.as_str()));
    for previous in [None, Some(&first)] {
        stage.forget();
        let again = stage.provider.apply(&owned, previous, None).await.unwrap();
        assert_eq!((again.written, stage.writes()), (first.written.clone(), Vec::new()));
        assert!(again.sentence.contains("as saved"), "{}", again.sentence);
    }
    let seen = stage.watch().declared(&owned.upstream_name, |_| true).await;
    assert_eq!(seen.definition.as_deref(), Some(owned.id.as_str()));
    assert_eq!(stage.provider.drift(&first, &seen), []);
    assert_eq!(stage.provider.adopt(&owned, &seen).unwrap(), owned.definition);
    // Only what differs is sent.
    let mut edited = owned.clone();
    edited.version = 2;
    edited.definition.further[0].retention.keep_last = Some(9);
    edited.definition.further[1] = tier("20 * * * *", 24);
    stage.forget();
    let second = stage.provider.apply(&edited, Some(&first), None).await.unwrap();
    let methods: Vec<String> = stage.writes().into_iter().map(|(method, _)| method).collect();
    assert_eq!(methods, ["DELETE", "POST", "PUT"], "the interval goes, an hourly one comes, the weekly one changes");
    assert_eq!(stage.schedules(&owned).keys().collect::<Vec<_>>(), ["hourly", "monthly", "weekly"]);
    assert!(second.sentence.contains("weekly schedule changed: backupRetention"), "{}", second.sentence);
    stage.provider.remove(&edited, None).await.unwrap();
    stage.provider.remove(&edited, None).await.unwrap();
    assert!(stage.schedules(&owned).is_empty());
}

#[tokio::test]
async fn pausing_disables_all_and_resuming_enables_them() {
    let stage = Stage::open().await;
    let mut owned = with_tiers(stage.owned("pause", "orders"));
    let mut last = stage.provider.apply(&owned, None, None).await.unwrap();
    for (paused, word, said) in [(true, "false", "paused"), (false, "true", "resumed")] {
        owned.definition.paused = paused;
        owned.version += 1;
        last = stage.provider.apply(&owned, Some(&last), None).await.unwrap();
        assert!(last.sentence.contains(said), "{}", last.sentence);
        assert!(stage.schedules(&owned).values().all(|one| one["enabled"] == word));
        assert_eq!(stage.watch().declared(&owned.upstream_name, |_| true).await.paused, paused);
    }
}

#[tokio::test]
async fn what_somebody_changed_is_disputed_and_can_be_adopted() {
    let stage = Stage::open().await;
    let owned = with_tiers(stage.owned("dispute", "orders"));
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let weekly = stage.schedules(&owned)["weekly"]["id"].as_str().unwrap().to_owned();
    stage.edit("schedule", &weekly, json!({"hour": "9"}));
    let mut edited = owned.clone();
    edited.version = 2;
    edited.definition.retention.keep_last = Some(3);
    stage.forget();
    let held = stage.provider.apply(&edited, Some(&first), None).await.unwrap_err();
    assert_eq!((held.kind, stage.writes()), (ErrorKind::Disputed, Vec::new()), "{held}");
    let dispute = held.dispute.unwrap();
    let fields: Vec<&str> = dispute.drift.iter().map(|d| d.field.as_str()).collect();
    assert_eq!(fields, ["schedules.weekly.hour"]);
    let adopted = stage.provider.adopt(&owned, &dispute.seen).unwrap();
    assert_eq!(adopted.further[0], tier("0 9 * * 0", 6));
    // Ordered over it, it is as saved.
    let agreed = Applied { written: dispute.seen.seen.clone(), ..first };
    stage.provider.apply(&edited, Some(&agreed), None).await.unwrap();
    assert_eq!(stage.schedules(&owned)["weekly"]["hour"], "4");
    assert_eq!(stage.schedules(&owned)["monthly"]["backupRetention"], "3");
}

#[tokio::test]
async fn foreign_schedules_stay_as_they_are() {
    let stage = Stage::open().await;
    let owned = stage.owned("foreign", "orders");
    let app = stage.app("orders").id;
    let path = format!("/k8s/v1/apps/{app}/schedules");
    let body = |name: &str| {
        json!({"type": "application/astra-schedule", "version": "1.3", "name": name, "granularity": "monthly",
        "minute": "0", "hour": "0", "dayOfMonth": "1", "snapshotRetention": "1", "backupRetention": "1"})
    };
    assert_eq!(stage.ask(Method::POST, &path, Some(body(&owned.upstream_name))).await.0, 201);
    let before = stage.state("schedule");
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.sentence.contains("did not make") && !error.remedy.is_empty(), "{error:?}");
    assert!(error.fields.about("name").is_some());
    let preview = stage.provider.preview(&owned).await.unwrap();
    assert!(preview.errors.about("name").is_some(), "{:?}", preview.errors);
    stage.provider.remove(&owned, None).await.unwrap();
    assert_eq!(stage.state("schedule"), before);
    // Another one's with the same times: problem 132.
    let id = before[0]["id"].as_str().unwrap();
    stage.edit("schedule", id, json!({"name": "theirs"}));
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert!(error.sentence.contains("problem 132") && error.remedy.contains("same times"), "{error:?}");
}

#[tokio::test]
async fn a_definition_moves_to_another_app_and_to_another_bucket() {
    let stage = Stage::open().await;
    let mut owned = stage.owned("move", "orders");
    owned.definition.location = Some("vault".into());
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.schedules(&owned)["monthly"]["bucketID"], stage.id("bucket", "vault").as_str());
    let seen = stage.watch().declared(&owned.upstream_name, |_| true).await;
    assert_eq!(stage.provider.adopt(&owned, &seen).unwrap().location.as_deref(), Some("vault"));
    // To the default: a PUT can't take a bucket away.
    owned.version = 2;
    owned.definition.location = None;
    let second = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
    assert!(stage.schedules(&owned)["monthly"].get("bucketID").is_none());
    owned.version = 3;
    owned.definition.scope.subject = Some(stage.app("web"));
    stage.provider.apply(&owned, Some(&second), None).await.unwrap();
    let (web, orders) = (stage.app("web").id, stage.app("orders").id);
    let of = |app: &str| format!("/k8s/v1/apps/{app}/schedules");
    let count = async |app: &str| stage.ask(Method::GET, &of(app), None).await.1["items"].as_array().unwrap().len();
    assert_eq!((count(&web).await, count(&orders).await), (1, 0));
    // Removed before an apply of a third app was recorded: wherever it is, it goes.
    owned.definition.scope.subject = Some(stage.app("payments"));
    stage.provider.remove(&owned, None).await.unwrap();
    assert!(stage.schedules(&owned).is_empty());
}

#[tokio::test]
async fn what_is_missing_is_said_by_field() {
    let stage = Stage::open().await;
    let mut nowhere = stage.owned("nowhere", "orders");
    nowhere.definition.location = Some("attic".into());
    let error = stage.provider.apply(&nowhere, None, None).await.unwrap_err();
    assert_eq!(error.fields.about("location"), Some("There is no bucket attic."));
    assert!(stage.provider.preview(&nowhere).await.unwrap().errors.about("location").is_some());
    let mut gone = stage.owned("gone", "orders");
    stage.command("remove", json!({"resource": "app", "id": "orders"}));
    gone.definition.name = "gone".into();
    let error = stage.provider.apply(&gone, None, None).await.unwrap_err();
    assert!(error.fields.about("scope.subject").is_some(), "{error:?}");
    assert!(stage.provider.preview(&gone).await.unwrap().errors.about("scope.subject").is_some());
    stage.provider.remove(&gone, None).await.unwrap();
    // A field that the server refuses gets the draft's name, of the right schedule.
    let refused = with_tiers(stage.owned("refused", "web"));
    stage.fault(json!([{"method": "POST", "path": "/schedules", "skip": 2, "effect": {"kind": "raw", "code": 400,
        "content_type": "application/problem+json", "body": json!({"type": "https://astra.netapp.io/problems/9",
            "title": "Invalid JSON resource", "detail": "It is invalid.", "status": "400",
            "invalidFields": [{"name": "hour", "reason": "must be better"}]}).to_string()}}]));
    let error = stage.provider.apply(&refused, None, None).await.unwrap_err();
    assert!(error.fields.about("further.0.cron").is_some_and(|s| s.contains("must be better")), "{error:?}");
}

#[tokio::test]
async fn a_definition_without_a_schedule_is_one_backup() {
    let stage = Stage::open().await;
    for (volumes, resource) in [(Volumes::SnapshotMoved, "appBackup"), (Volumes::Snapshot, "appSnap")] {
        let mut owned = stage.owned("single", "orders");
        owned.definition =
            Definition { schedule: None, volumes, retention: Retention::default(), ..owned.definition.clone() };
        assert_eq!(stage.provider.express(&owned.definition).0, []);
        let count = || stage.state(resource).iter().filter(|one| one["name"] == owned.upstream_name.as_str()).count();
        let applied = stage.provider.apply(&owned, None, None).await.unwrap();
        stage.provider.apply(&owned, None, None).await.unwrap();
        assert_eq!(count(), 1, "{}", applied.sentence);
        owned.version = 2;
        stage.provider.apply(&owned, Some(&applied), None).await.unwrap();
        assert_eq!(count(), 1, "a later version makes none");
        let mut watcher = stage.watch();
        let seen = watcher
            .find("the run", |o| match o {
                server::provider::Observed::Run(r) if r.definition.as_deref() == Some(owned.id.as_str()) => {
                    Some(r.clone())
                }
                _ => None,
            })
            .await;
        assert_eq!(seen.declared.as_deref(), Some(owned.upstream_name.as_str()));
        // Snapshots are taken one at a time.
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    }
}

#[tokio::test]
async fn the_review_shows_what_is_sent_and_sends_nothing() {
    let stage = Stage::open().await;
    let owned = with_tiers(stage.owned("review", "orders"));
    stage.forget();
    let shown = stage.provider.preview(&owned).await.unwrap();
    assert_eq!((shown.errors.0.len(), shown.requests.len(), stage.writes().len()), (0, 3, 0));
    assert!(shown.dry_run.is_none());
    for request in &shown.requests {
        assert!(request.curl.contains("-X POST") && request.curl.contains("$TOKEN"), "{}", request.curl);
        assert!(request.curl.contains("application/astra-schedule+json"), "{}", request.curl);
        assert!(!request.curl.contains("sim-t-token") && !request.yaml.contains("sim-t-token"));
    }
    stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.provider.preview(&owned).await.unwrap().requests.len(), 0, "nothing would be sent");
    let mut edited = owned.clone();
    edited.definition.further.pop();
    edited.definition.paused = true;
    let methods: Vec<bool> = stage
        .provider
        .preview(&edited)
        .await
        .unwrap()
        .requests
        .iter()
        .map(|request| request.curl.contains("-X DELETE"))
        .collect();
    assert_eq!(methods, [true, false, false]);
    // What can't be backed up.
    let files = stage.owned("files", "legacy-files");
    let errors = stage.provider.preview(&files).await.unwrap().errors;
    assert!(errors.about("volumes").is_some(), "{errors:?}");
}
