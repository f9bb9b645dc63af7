//! Schedules: made at rest and then activated, switched off by Waldur, edited, moved.

use crate::stage::{self, DAY, Stage};
use model::{definition::Schedule, duration::Seconds, named::Named};
use serde_json::{Value, json};
use server::provider::{Applied, DeclaredSeen, ErrorKind, Owned};

const WITH_SCHEDULES: [&str; 3] = ["G2", "G3", "G4"];

async fn declared(stage: &Stage, owned: &Owned) -> DeclaredSeen {
    let mut watcher = stage.watch();
    watcher.until("the schedule", |seen| seen.declared.get(&owned.upstream_name).cloned()).await
}

/// What Waldur does after a backup that a quota refused.
fn switched_off(stage: &Stage, owned: &Owned, message: &str) {
    let uuid = stage.schedule(owned).unwrap()["uuid"].clone();
    stage.command("schedule", json!({"uuid": uuid, "is_active": false, "error_message": message}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_is_made_at_rest_and_then_activated() {
    for generation in WITH_SCHEDULES {
        let stage = stage::of(generation).await;
        let owned = stage.owned("nightly");
        stage.forget();
        let applied = stage.provider.apply(&owned, None, None).await.unwrap();
        let first = if generation == "G2" { "POST openstack-backup-schedules" } else { "POST create_backup_schedule" };
        assert_eq!(stage.writes(), [first, "POST activate"], "{generation}");
        let live = stage.schedule(&owned).unwrap();
        assert_eq!((&live["is_active"], &live["retention_time"]), (&json!(true), &json!(14)));
        let maximum = if generation == "G2" { "maximal_number_of_backups" } else { "maximal_number_of_resources" };
        assert_eq!(live[maximum], 30);
        assert_eq!(live["timezone"], "Europe/Zurich");
        assert!(applied.sentence.contains("created and activated"), "{}", applied.sentence);
        // One that shall rest is not activated.
        let mut still = stage.owned("still");
        still.definition.paused = true;
        stage.forget();
        stage.provider.apply(&still, None, None).await.unwrap();
        assert_eq!(stage.writes(), [first]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_making_and_activating_is_taken_up() {
    for generation in WITH_SCHEDULES {
        let stage = stage::of(generation).await;
        let owned = stage.owned("crash");
        stage.fault(json!([{"method": "POST", "path": "/activate/", "effect": {"kind": "drop"}}]));
        stage.provider.apply(&owned, None, None).await.unwrap_err();
        stage.heal();
        assert_eq!(stage.schedule(&owned).unwrap()["is_active"], false);
        stage.forget();
        stage.provider.apply(&owned, None, None).await.unwrap();
        assert_eq!(stage.writes(), ["POST activate"], "{generation}");
        assert_eq!(stage.state("schedules").len(), 1);
        // The activation was carried out and its answer lost: the 409 of the second one is success, under either key.
        stage.fault(json!([{"method": "POST", "path": "/deactivate/", "times": 1, "effect": {"kind": "lost_answer"}}]));
        let mut paused = owned.clone();
        paused.version = 2;
        paused.definition.paused = true;
        let before = stage.provider.apply(&owned, None, None).await.unwrap();
        stage.provider.apply(&paused, Some(&before), None).await.unwrap_err();
        stage.heal();
        stage.provider.apply(&paused, Some(&before), None).await.unwrap();
        assert_eq!(stage.schedule(&owned).unwrap()["is_active"], false);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_switch_at_the_same_time_both_succeed() {
    for generation in WITH_SCHEDULES {
        let stage = stage::of(generation).await;
        let owned = stage.owned("race");
        let before = stage.provider.apply(&owned, None, None).await.unwrap();
        let mut paused = owned.clone();
        paused.version = 2;
        paused.definition.paused = true;
        // Ours is late; meanwhile somebody else has deactivated it, so that ours is answered with 409.
        stage.fault(
            json!([{"method": "POST", "path": "deactivate", "times": 1, "effect": {"kind": "slow", "ms": 800}}]),
        );
        let (applied, ()) = tokio::join!(stage.provider.apply(&paused, Some(&before), None), async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            switched_off(&stage, &owned, "");
        });
        applied.unwrap_or_else(|e| panic!("{generation}: {e:?}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_switched_off_is_explained_and_never_silently_activated() {
    for (generation, message) in [("G2", ""), ("G3", "Failed: quota."), ("G4", "Failed: quota."), ("G4", "")] {
        let stage = stage::of(generation).await;
        let mut owned = stage.owned("quota");
        let first = stage.provider.apply(&owned, None, None).await.unwrap();
        switched_off(&stage, &owned, message);
        let seen = declared(&stage, &owned).await;
        let drift = stage.provider.drift(&first, &seen);
        let fields: Vec<(&str, Option<&str>)> = drift.iter().map(|d| (d.field.as_str(), d.theirs.as_deref())).collect();
        assert_eq!(fields, [("is_active", Some("false"))], "{generation}");
        match (generation, message) {
            ("G2", _) => assert!(seen.invalid[0].contains("event log"), "{:?}", seen.invalid),
            (_, "") => assert!(seen.invalid.is_empty(), "somebody did it: {:?}", seen.invalid),
            _ => assert!(
                seen.invalid[0].contains("switched it off after an error: Failed: quota."),
                "{:?}",
                seen.invalid
            ),
        }
        // The same version again, and an edit: held, nothing sent.
        stage.forget();
        for version in [1, 2] {
            owned.version = version;
            owned.definition.retention.keep_last = Some(29 + u32::try_from(version).unwrap());
            let held = stage.provider.apply(&owned, Some(&first), None).await.unwrap_err();
            assert_eq!(held.kind, ErrorKind::Disputed, "{held}");
            assert_eq!(held.dispute.unwrap().drift[0].field, "is_active");
        }
        assert!(stage.writes().is_empty(), "{:?}", stage.writes());
        // A person orders it.
        let agreed = Applied { written: seen.seen.clone(), ..first };
        stage.provider.apply(&owned, Some(&agreed), None).await.unwrap();
        let live = stage.schedule(&owned).unwrap();
        assert_eq!(live["is_active"], true);
        // Or takes it over: then it rests, and nothing is wrong with it.
        switched_off(&stage, &owned, message);
        let seen = declared(&stage, &owned).await;
        owned.definition = stage.provider.adopt(&owned, &seen).unwrap();
        assert!(owned.definition.paused);
        owned.version = 3;
        let agreed = Applied { written: seen.seen, ..agreed };
        let adopted = stage.provider.apply(&owned, Some(&agreed), None).await.unwrap();
        let seen = declared(&stage, &owned).await;
        assert!(seen.invalid.is_empty() && seen.paused, "{seen:?}");
        assert_eq!(stage.provider.drift(&adopted, &seen), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_quota_switches_it_off_and_that_is_seen() {
    for generation in WITH_SCHEDULES {
        let stage = stage::with(json!({"generation": generation, "beat_seconds": 1})).await;
        let owned = stage.owned("quota");
        stage.provider.apply(&owned, None, None).await.unwrap();
        stage.command("quota", json!({"project": "shop", "storage_gib": 1}));
        let uuid = stage.schedule(&owned).unwrap()["uuid"].clone();
        stage.command("schedule", json!({"uuid": uuid, "next_trigger_at": "2026-01-01T00:00:00Z"}));
        let mut watcher = stage.watch();
        let name = &owned.upstream_name;
        let seen = watcher
            .until("the schedule off", |seen| seen.declared.get(name).filter(|d| !d.invalid.is_empty()).cloned())
            .await;
        assert!(seen.paused, "{seen:?}");
        if generation == "G2" {
            // The refused backup itself ends as Ready.
            let run = watcher.until("its run", |seen| seen.runs.values().find(|r| r.phase.is_final()).cloned()).await;
            assert_eq!((run.raw_phase.as_str(), &run.phase), ("Ready", &model::Phase::Failed));
            assert_eq!(run.declared.as_deref(), Some(name.as_str()));
            assert!(watcher.seen.points.is_empty(), "{:?}", watcher.seen.points);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_mark_it_is_found_by_its_key_and_nothing_is_made_twice() {
    for generation in WITH_SCHEDULES {
        let stage = stage::of(generation).await;
        let mut owned = stage.owned("bare");
        let first = stage.provider.apply(&owned, None, None).await.unwrap();
        let uuid = stage.schedule(&owned).unwrap()["uuid"].clone();
        let fields: Value = json!({"description": "mine now", "retention_time": 1});
        stage.command("put", json!({"resource": "schedules", "uuid": uuid, "fields": fields}));
        owned.version = 2;
        let held = stage.provider.apply(&owned, Some(&first), None).await.unwrap_err();
        assert_eq!(held.kind, ErrorKind::Disputed, "{held}");
        let dispute = held.dispute.unwrap();
        assert_eq!(dispute.seen.name, owned.upstream_name);
        assert_eq!(stage.state("schedules").len(), 1);
        // Removing finds nothing of ours, leaves it, and does not call it removed.
        let left = stage.provider.remove(&owned, Some(&first)).await.unwrap_err();
        assert!(left.sentence.contains(uuid.as_str().unwrap()), "{left}");
        assert_eq!(stage.state("schedules").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_instance_is_another_schedule_but_for_the_oldest() {
    for generation in WITH_SCHEDULES {
        let stage = stage::of(generation).await;
        let mut owned = stage.owned("moves");
        let first = stage.provider.apply(&owned, None, None).await.unwrap();
        let before = stage.schedule(&owned).unwrap();
        owned.version = 2;
        owned.definition.scope.subject = Some(Named::new(stage.instance("orders-db-1"), "orders-db-1"));
        // The process dies after the first of the steps.
        stage.fault(json!([{"method": "POST", "path": "/api/", "times": 1, "effect": {"kind": "drop"}}]));
        let _ = stage.provider.apply(&owned, Some(&first), None).await;
        stage.heal();
        stage.provider.apply(&owned, Some(&first), None).await.unwrap();
        let now = stage.schedule(&owned).unwrap();
        assert_eq!(stage.state("schedules").len(), 1);
        assert_eq!((&now["instance_name"], &now["is_active"]), (&json!("orders-db-1"), &json!(true)));
        assert_eq!(now["uuid"] == before["uuid"], generation == "G2", "{generation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waldur_refuses_names_our_field() {
    let stage = stage::with(json!({"generation": "G4", "cron_max_length": 8})).await;
    let mut owned = stage.owned("refused");
    owned.definition.schedule = Some(Schedule { cron: "0 0 1 1 *".into(), zone: Some("Mars/Olympus".into()) });
    let refused = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Refused, "{refused}");
    for field in ["cron", "zone"] {
        assert!(refused.fields.about(field).is_some_and(|s| s.starts_with("Waldur says:")), "{field}: {refused:?}");
    }
    // The instance is gone: that is the scope's.
    let mut lost = stage.owned("lost");
    lost.definition.scope.subject = Some(Named::new("0".repeat(32), "db-9"));
    let refused = stage.provider.apply(&lost, None, None).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound);
    assert!(refused.fields.about("scope.subject").is_some_and(|s| s.contains("db-9")), "{refused:?}");
    let shown = stage.provider.preview(&lost).await.unwrap();
    assert!(shown.errors.about("scope.subject").is_some(), "{shown:?}");
    // Without a bootable volume there is no schedule.
    let unbootable = stage::of("G4").await;
    unbootable.command("instance", json!({"name": stage::DB, "bootable": false}));
    let refused = unbootable.provider.apply(&unbootable.owned("volume"), None, None).await.unwrap_err();
    assert!(refused.kind == ErrorKind::Refused && refused.sentence.contains("bootable volume"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_review_shows_the_requests_as_they_are_sent() {
    for generation in WITH_SCHEDULES {
        let stage = stage::of(generation).await;
        let mut owned = stage.owned("look");
        stage.forget();
        let titles =
            |shown: &server::provider::Rendered| shown.requests.iter().map(|r| r.title.clone()).collect::<Vec<_>>();
        let shown = stage.provider.preview(&owned).await.unwrap();
        assert_eq!(titles(&shown), [format!("Backup schedule {}", owned.upstream_name), "Activate it".into()]);
        assert!(shown.requests[0].curl.contains("Authorization: Token $TOKEN"), "{}", shown.requests[0].curl);
        let first = stage.provider.apply(&owned, None, None).await.unwrap();
        owned.version = 2;
        owned.definition.paused = true;
        owned.definition.retention.keep_for = Some(Seconds(7 * DAY));
        let shown = stage.provider.preview(&owned).await.unwrap();
        assert_eq!(titles(&shown), ["Deactivate it".to_owned(), format!("Backup schedule {}", owned.upstream_name)]);
        assert!(shown.requests[1].curl.contains("PATCH") && shown.requests[1].yaml.contains("retention_time: 7"));
        stage.forget();
        stage.provider.apply(&owned, Some(&first), None).await.unwrap();
        let uuid = stage.schedule(&owned).unwrap()["uuid"].as_str().unwrap().to_owned();
        assert_eq!(stage.writes(), ["POST deactivate".to_owned(), format!("PATCH {uuid}")]);
    }
}
