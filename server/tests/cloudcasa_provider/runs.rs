//! Jobs: found after an order that does not name them, kept as long as the definition says, deleted by jobs of their own.

use crate::stage::{Stage, ahead, ask};
use model::{Phase, definition::Retention, named::Named};
use serde_json::json;
use server::provider::{Ask, ErrorKind, LogOf, Observed, Sort};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_by_hand_is_kept_as_the_definition_says() {
    let stage = Stage::open(json!({})).await;
    let mut owned = stage.owned("own");
    owned.definition.retention.keep_at_least = Some(3);
    stage.provider.apply(&owned, None, None).await.unwrap();
    let run = stage.provider.start_run(&owned, &ask(&owned, "r1")).await.unwrap().name.unwrap();
    let job = stage.all("jobs").into_iter().find(|job| job["_id"] == run.as_str()).unwrap();
    assert_eq!(job["retention"], json!({"retainDays": 14, "numAlwaysRetain": 3}));
    // One that follows a policy is kept as that policy's first schedule says.
    let mut follows = stage.owned("follows");
    follows.definition.schedule = None;
    follows.definition.retention = Retention::default();
    follows.definition.policy = Some(Named::new(stage.id("policies", "six-hourly"), "six-hourly"));
    stage.provider.apply(&follows, None, None).await.unwrap();
    let run = stage.provider.start_run(&follows, &ask(&follows, "r1")).await.unwrap().name.unwrap();
    let job = stage.all("jobs").into_iter().find(|job| job["_id"] == run.as_str()).unwrap();
    assert_eq!(job["retention"], json!({"retainDays": 7, "numAlwaysRetain": 4}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_shows_late_is_named_by_its_order() {
    // Ordered now, there in twenty seconds: later than the reconciler waits.
    let stage = Stage::open(json!({"job_delay_ms": 400_000})).await;
    let owned = stage.owned("late");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let order = ahead(ask(&owned, "r1"));
    let begun = stage.provider.start_run(&owned, &order).await.unwrap();
    assert_eq!(begun.name, None, "it is not known yet");
    let again = Ask { repeated: true, ..order.clone() };
    let mut watcher = stage.watch();
    stage.provider.start_run(&owned, &again).await.unwrap();
    let run = watcher
        .find("the run", |seen| match seen {
            Observed::Run(run) if run.order.as_deref() == Some(&order.name) => Some(run.clone()),
            _ => None,
        })
        .await;
    assert_eq!(run.definition.as_deref(), Some(owned.id.as_str()));
    assert_eq!(stage.all("jobs").len(), 1, "ordered once");
}

/// Whatever the clocks say, and whether or not the process still knows what was there before: the job of a lost answer is found
/// again, and the job of the order before is not taken for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_answer_was_lost_is_not_begun_again_by_another_clock() {
    for crashed in [false, true] {
        let mut stage = Stage::open(json!({})).await;
        let owned = stage.owned("shop");
        stage.provider.apply(&owned, None, None).await.unwrap();
        let first = stage.provider.start_run(&owned, &ask(&owned, "r1")).await.unwrap().name.unwrap();
        let order = ahead(ask(&owned, "r2"));
        stage.fault(json!([{"method": "POST", "path": "/action/run", "times": 1, "effect": {"kind": "lost_answer"}}]));
        stage.provider.start_run(&owned, &order).await.unwrap_err();
        stage.heal();
        // What the store knows of other orders counts after a crash; without one the process itself knows enough.
        let taken = if crashed { vec![first.clone()] } else { Vec::new() };
        if crashed {
            stage.restart();
        }
        let again = Ask { repeated: true, taken, ..order };
        let second = stage.provider.start_run(&owned, &again).await.unwrap().name.unwrap();
        let jobs: Vec<String> = stage.all("jobs").iter().map(|job| job["_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(jobs.len(), 2, "crashed: {crashed}: ordered once each");
        assert!(second != first && jobs.contains(&second), "crashed: {crashed}: {first}, {second} of {jobs:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_point_stays_and_a_deletion_that_fails_is_told() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.owned("shop");
    stage.provider.apply(&owned, None, None).await.unwrap();
    stage.provider.start_run(&owned, &ask(&owned, "r1")).await.unwrap();
    let mut watcher = stage.watch();
    let point = watcher
        .find("the point", |seen| match seen {
            Observed::Point(point) => Some(point.clone()),
            _ => None,
        })
        .await;
    assert!(point.detail.title.is_some() && point.expires.is_some(), "{point:#?}");
    assert_eq!(point.namespaces, ["checkout", "checkout-db"]);
    let id = point.name.clone();
    stage.command("edit", json!({"collection": "backupinstances", "id": id, "set": {"status": {"locked": true}}}));
    let error = stage.provider.delete_point(&id, "o1").await.unwrap_err();
    assert!(error.kind == ErrorKind::Refused && error.sentence.contains("SafeLock"), "{error}");
    let failed = json!({"name": "x", "type": "DELETE_BACKUP", "state": "FAILED", "backup_inst": id, "message": "The store is gone."});
    stage.command("put", json!({"collection": "jobs", "document": failed}));
    let reason = watcher
        .find("the refusal", |seen| match seen {
            Observed::DeletionRefused { point, reason } if *point == id => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert_eq!(reason, "The store is gone.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_takes_maps_and_an_object_of_its_name_is_left_alone() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.owned("shop");
    stage.provider.apply(&owned, None, None).await.unwrap();
    stage.provider.start_run(&owned, &ask(&owned, "r1")).await.unwrap();
    let mut watcher = stage.watch();
    let point = watcher
        .find("the point", |seen| match seen {
            Observed::Point(point) => Some(point.name.clone()),
            _ => None,
        })
        .await;
    let order = model::restore::RestoreOrder {
        point_name: point,
        place: Some(Named::new(stage.id("kubeclusters", "staging"), "staging")),
        namespaces: vec!["checkout-db".into()],
        mapping: vec![("checkout-db".into(), "checkout-drill".into())],
        suffix: "-x".into(),
        storage_classes: vec![("ceph-rbd".into(), "standard".into())],
        ..model::restore::RestoreOrder::default()
    };
    let asked = ask(&owned, "back");
    let begun = stage.provider.restore(&order, &asked).await.unwrap();
    let restore = stage.named("kuberestores", &asked.name).unwrap();
    assert_eq!(begun.name.as_deref(), restore["_id"].as_str());
    assert_eq!(
        (&restore["namespaces_map"], &restore["namespaces_suffix"]),
        (&json!({"checkout-db": "checkout-drill"}), &json!("-x"))
    );
    let ended = watcher
        .find("its end", |seen| match seen {
            Observed::Restore(restore) if restore.phase.is_final() => Some(restore.clone()),
            _ => None,
        })
        .await;
    assert_eq!((ended.phase.clone(), ended.order.as_deref()), (Phase::Succeeded, Some(asked.name.as_str())));
    let results = stage.provider.results(LogOf::Restore, &ended.name).await.unwrap();
    assert!(results.errors.is_empty(), "{results:#?}");
    let mut log = stage.provider.log(LogOf::Restore, &ended.name).await.unwrap();
    let first = futures::StreamExt::next(&mut log).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("job created"));
    // Another order of that name is not it.
    let other = model::restore::RestoreOrder { point_name: "640f71339c9cf6648dc169e1".into(), ..order.clone() };
    let repeated = Ask { repeated: true, ..asked };
    let error = stage.provider.restore(&other, &repeated).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Conflict | ErrorKind::Refused), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_are_not_told() {
    let stage = Stage::open(json!({})).await;
    let cluster = stage.id("kubeclusters", "prod-zrh");
    let moved = json!({"name": "migrate", "cluster": cluster, "trigger_type": "ADHOC", "migrationdef": "640f71339c9cf6648dc169e9",
        "source": {"namespaces": ["identity"]}, "tags": {"holdfast_definition": "x", "holdfast_name": "migrate"}});
    let made = stage.command("put", json!({"collection": "kubebackups", "document": moved}));
    let job = json!({"name": "migrate", "type": "K8S_SNAP", "state": "COMPLETED", "backupdef": made["_id"]});
    stage.command("put", json!({"collection": "jobs", "document": job}));
    let theirs = json!({"name": "theirs", "type": "K8S_SNAP", "state": "COMPLETED"});
    stage.command("put", json!({"collection": "jobs", "document": theirs}));
    let mut watcher = stage.watch();
    watcher.find("all lists", |seen| matches!(seen, Observed::ListEnds(Sort::Restore)).then_some(())).await;
    assert!(watcher.told.contains("theirs snapshot") && !watcher.told.contains("migrate"), "{}", watcher.told);
}
