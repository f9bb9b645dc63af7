//! Backups on demand and by schedule, from their beginning to their deletion.

use crate::stage::{Stage, again, ask};
use model::{
    Phase,
    definition::{Retention, Volumes},
    recovery::PointState,
    run::Trigger,
};
use reqwest::Method;
use serde_json::json;
use server::provider::{ErrorKind, LogOf, Observed, Sort};
use std::time::Duration;

#[tokio::test]
async fn a_backup_from_its_beginning_to_its_deletion() {
    let stage = Stage::with(json!({"backup_bytes": 600_000_000, "deletion_seconds": 40})).await;
    let owned = stage.owned("life", "orders");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let mut watcher = stage.watch();
    watcher.listed(Sort::Restore).await;
    let order = ask("life-1");
    let key = stage.provider.start_run(&owned, &order).await.unwrap().name.unwrap();
    for repeated in [order.clone(), again(&order)] {
        assert_eq!(stage.provider.start_run(&owned, &repeated).await.unwrap().name.as_ref(), Some(&key));
    }
    assert_eq!(stage.state("appBackup").len(), 1);
    let running = watcher.run(&key, |run| run.detail.bytes.is_some_and(|b| b.done > 0)).await;
    assert_eq!((running.phase, running.raw_phase.as_str()), (Phase::Running, "running"));
    assert_eq!((running.order.as_deref(), running.trigger), (Some("life-1"), Trigger::Person("ada".into())));
    let done = watcher.run(&key, |run| run.phase.is_final()).await;
    assert_eq!((done.phase, done.definition.as_deref()), (Phase::Succeeded, Some(owned.id.as_str())));
    let bytes = done.detail.bytes.unwrap();
    assert_eq!((Some(bytes.done), bytes.percent()), (bytes.total, Some(100)));
    assert!(done.ended.unwrap() > done.created.unwrap());
    let point = watcher
        .find("the point", |o| match o {
            Observed::Point(p) if p.name == key => Some(p.clone()),
            _ => None,
        })
        .await;
    assert_eq!(
        (&point.state, point.detail.bytes, point.run.as_deref()),
        (&PointState::Whole, Some(600_000_000), Some(key.as_str()))
    );
    assert_eq!((point.location.as_deref(), point.detail.title.as_deref()), (Some("main"), Some("life-1")));
    assert_eq!(point.detail.cluster.as_ref().unwrap().name, "prod-zurich");
    let log = stage.provider.log(LogOf::Run, &key).await.err().unwrap();
    assert_eq!(log.kind, ErrorKind::Refused);
    // 204 is acceptance only.
    stage.provider.delete_point(&key, "o1").await.unwrap();
    stage.provider.delete_point(&key, "o1").await.unwrap();
    watcher
        .find("it is being deleted", |o| match o {
            Observed::Point(p) if p.name == key && p.state == PointState::Deleting => Some(()),
            _ => None,
        })
        .await;
    watcher.find("it is gone", |o| matches!(o, Observed::Gone(Sort::Point, name) if *name == key).then_some(())).await;
    stage.provider.delete_point(&key, "o2").await.unwrap();
}

#[tokio::test]
async fn a_pending_backup_can_not_be_deleted_and_a_failed_one_needs_its_header() {
    let stage = Stage::open().await;
    let owned = stage.owned("delete", "orders");
    stage.command("outcome", json!({"of": "backup", "result": "pending", "times": 1}));
    let key = stage.provider.start_run(&owned, &ask("pending-1")).await.unwrap().name.unwrap();
    let error = stage.provider.delete_point(&key, "o").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused, "it is not tried again and again");
    assert!(error.sentence.contains("pending-1") && error.remedy.contains("can't be cancelled"), "{error:?}");
    // It was running when it was looked at, and pending when it was to go: problem 128.
    stage.fault(json!([{"method": "GET", "path": "/appBackups/", "times": 2, "effect": {"kind": "raw", "code": 200,
        "content_type": "application/json", "body": json!({"id": "x", "state": "running"}).to_string()}}]));
    let error = stage.provider.delete_point(&key, "o").await.unwrap_err();
    assert!(error.sentence.contains("problem 128") && error.kind == ErrorKind::Refused, "{error:?}");
    stage.heal();
    // A failed one.
    stage.command(
        "outcome",
        json!({"of": "backup", "app": "web", "result": "failed", "detail": "No space", "times": 1}),
    );
    let owned = stage.owned("delete", "web");
    let key = stage.provider.start_run(&owned, &ask("failed-1")).await.unwrap().name.unwrap();
    let mut watcher = stage.watch();
    let failed = watcher.run(&key, |run| run.phase.is_final()).await;
    assert_eq!(failed.phase, Phase::Failed);
    assert!(failed.detail.message.unwrap().contains("No space"));
    let results = stage.provider.results(LogOf::Run, &key).await.unwrap();
    assert!(results.errors.iter().any(|line| line.text.contains("No space")), "{results:?}");
    let id = key.split('/').next_back().unwrap();
    let path = format!("/k8s/v1/apps/{}/appBackups/{id}", stage.app("web").id);
    assert_eq!(stage.ask(Method::DELETE, &path, None).await.0, 403, "without the header");
    stage.provider.delete_point(&key, "o").await.unwrap();
    watcher.find("it is gone", |o| matches!(o, Observed::Gone(Sort::Run, name) if *name == key).then_some(())).await;
}

#[tokio::test]
async fn a_failed_hook_is_a_warning_and_a_lost_bucket_makes_no_whole_point() {
    let stage = Stage::open().await;
    let owned = stage.owned("hook", "orders");
    stage.command("outcome", json!({"of": "backup", "result": "hook-failed", "detail": "exit code 1", "times": 1}));
    let point = stage.point(&owned, "hook-1").await;
    assert_eq!(point.state, PointState::Partial, "{point:?}");
    assert!(point.detail.message.unwrap().contains("exit code 1"));
    let key = stage.point(&owned, "whole-1").await.name;
    stage.command("bucket", json!({"bucket": "main", "state": "removed"}));
    let mut watcher = stage.watch();
    let location = watcher
        .find("the bucket", |o| match o {
            Observed::Location(l) if l.name == "main" => Some(l.clone()),
            _ => None,
        })
        .await;
    assert!(location.why_not().is_some());
    let removed = watcher
        .find("it can't be reached", |o| match o {
            Observed::Point(p) if p.name == key && p.state != PointState::Whole => Some(p.clone()),
            _ => None,
        })
        .await;
    assert!(removed.detail.not_restorable.is_some());
    stage.command("bucket", json!({"bucket": "main", "state": "available"}));
    watcher
        .find("it is back", |o| {
            matches!(o, Observed::Point(p) if p.name == key && p.state == PointState::Whole).then_some(())
        })
        .await;
}

#[tokio::test]
async fn an_immutable_bucket_keeps_what_it_has() {
    let stage = Stage::open().await;
    let mut owned = stage.owned("locked", "orders");
    owned.definition.location = Some("vault".into());
    let point = stage.point(&owned, "locked-1").await;
    assert!(point.detail.kept_because.as_ref().is_some_and(|why| why.contains("immutable")), "{point:?}");
    let error = stage.provider.delete_point(&point.name, "o").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden, "{error}");
}

#[tokio::test]
async fn snapshots_alone_are_runs_and_points_and_those_of_backups_are_not() {
    let stage = Stage::open().await;
    let mut owned = stage.owned("snaps", "orders");
    owned.definition.volumes = Volumes::Snapshot;
    owned.definition.retention = Retention { keep_last: Some(3), ..Retention::default() };
    assert_eq!(stage.provider.express(&owned.definition).0, []);
    stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.schedules(&owned)["monthly"]["backupRetention"], "0");
    let point = stage.point(&owned, "snap-1").await;
    assert!(point.name.contains("/snapshot/"), "{}", point.name);
    assert_eq!((point.detail.bytes, point.location.as_deref()), (None, None));
    // One that the schedule makes itself.
    let schedule = stage.schedules(&owned)["monthly"]["id"].clone();
    stage.command(
        "put",
        json!({"resource": "appSnap", "owner": "orders", "object": {"name": "by-schedule",
        "scheduleID": schedule, "state": "completed", "snapshotCreationTimestamp": "2026-10-03T02:00:05Z"}}),
    );
    // A backup has a snapshot of its own, which is none of ours.
    stage.point(&stage.owned("copies", "web"), "copy-1").await;
    let told = stage.watch().listed(Sort::Run).await;
    let mut titles: Vec<String> = told
        .into_iter()
        .filter_map(|o| match o {
            Observed::Run(run) => run.detail.title.clone(),
            _ => None,
        })
        .collect();
    titles.sort();
    assert_eq!(titles, ["by-schedule", "copy-1", "snap-1"]);
    assert!(stage.state("appSnap").len() > 2, "there are others");
    stage.provider.delete_point(&point.name, "o").await.unwrap();
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_begins_one_backup() {
    let stage = Stage::open().await;
    let owned = stage.owned("lost", "orders");
    for (i, effect) in
        [json!({"kind": "lost_answer"}), json!({"kind": "truncated"}), json!({"kind": "drop"})].into_iter().enumerate()
    {
        let order = ask(&format!("lost-{i}"));
        stage.fault(json!([{"method": "POST", "times": 1, "effect": effect}]));
        let error = stage.provider.start_run(&owned, &order).await.unwrap_err();
        stage.heal();
        assert!(error.kind.retryable(), "{error}");
        stage.provider.start_run(&owned, &again(&order)).await.unwrap();
        let named = |name: &str| stage.state("appBackup").iter().filter(|one| one["name"] == name).count();
        assert_eq!(named(&order.name), 1, "{effect}");
        let mut tries = 0;
        while stage.state("appBackup").iter().any(|one| one["state"] == "pending") && tries < 100 {
            tries += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test]
async fn what_makes_a_backup_impossible_is_said() {
    let stage = Stage::open().await;
    let files = stage.owned("files", "legacy-files");
    let error = stage.provider.start_run(&files, &ask("x")).await.unwrap_err();
    assert!(error.kind == ErrorKind::Refused && error.remedy.contains("volumes"), "{error:?}");
    stage.command("license", json!({"state": "expired"}));
    let error = stage.provider.start_run(&stage.owned("l", "web"), &ask("y")).await.unwrap_err();
    assert!(error.kind == ErrorKind::Refused && error.remedy.contains("licence"), "{error:?}");
    let stage = Stage::with(json!({"default_bucket": false})).await;
    let error = stage.provider.start_run(&stage.owned("b", "web"), &ask("z")).await.unwrap_err();
    assert!(error.kind == ErrorKind::Refused && error.remedy.contains("bucket"), "{error:?}");
}
