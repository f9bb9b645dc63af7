//! Snapshot and copy are two documents: made in three steps, taken back when the second fails, removed in the right order.

use crate::stage::{Stage, ask, next, once};
use model::{Phase, definition::Volumes};
use serde_json::{Value, json};
use server::provider::{ErrorKind, Observed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pair_is_made_in_three_steps_and_goes_copy_first() {
    let stage = Stage::open(json!({"needs_policy": true})).await;
    let owned = stage.copied("shop");
    stage.forget();
    stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.writes(), ["POST /policies", "POST /kubebackups", "POST /kubeoffloads", "PUT /kubebackups"]);
    let name = &owned.upstream_name;
    let (backup, copy) = (stage.named("kubebackups", name).unwrap(), stage.named("kubeoffloads", name).unwrap());
    let policy = stage.named("policies", name).unwrap();
    assert_eq!((&backup["copydef"], backup.get("policy")), (&copy["_id"], None), "only the copy follows the policy");
    assert_eq!(
        (&copy["backupdef"], &copy["policy"], &copy["run_backup"]),
        (&backup["_id"], &policy["_id"], &json!(true))
    );
    assert_eq!(copy["offload_provider"]["user_objectstore"], stage.id("objectstores", "minio-fra").as_str());
    stage.forget();
    stage.provider.remove(&owned, None).await.unwrap();
    // The server takes the link out of the kubebackup, so that its etag is another by then: it is read again, once.
    let mut writes = stage.writes();
    writes.dedup();
    assert_eq!(writes, ["DELETE /kubeoffloads", "DELETE /kubebackups", "DELETE /policies"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_stays_when_the_copy_is_refused() {
    for code in [403, 422, 500] {
        let stage = Stage::open(json!({})).await;
        let owned = stage.copied("shop");
        stage.fault(once("POST", "/kubeoffloads", json!({"kind": "status", "code": code})));
        let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Forbidden | ErrorKind::Refused | ErrorKind::Broken), "{error}");
        for collection in ["kubebackups", "policies", "kubeoffloads"] {
            assert_eq!(stage.named(collection, &owned.upstream_name), None, "{code}: {collection}");
        }
        stage.provider.apply(&owned, None, None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_whose_answer_was_lost_is_not_taken_back() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.copied("shop");
    stage.fault(once("POST", "/kubeoffloads", json!({"kind": "lost_answer"})));
    stage.provider.apply(&owned, None, None).await.unwrap_err();
    let before = stage.id("kubebackups", &owned.upstream_name);
    stage.forget();
    stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.writes(), ["PUT /kubebackups"], "only the last step was missing");
    assert_eq!(stage.id("kubebackups", &owned.upstream_name), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_gains_and_loses_its_copy() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.owned("shop");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let copied = next(&owned, |d| {
        d.volumes = Volumes::SnapshotMoved;
        d.location = Some("archive-zrh".into());
    });
    let second = stage.provider.apply(&copied, Some(&first), None).await.unwrap();
    let name = &owned.upstream_name;
    let backup = stage.named("kubebackups", name).unwrap();
    assert_eq!((backup.get("policy"), &backup["copydef"]), (None, &stage.named("kubeoffloads", name).unwrap()["_id"]));
    let plain = next(&copied, |d| {
        d.volumes = Volumes::None;
        d.location = None;
    });
    stage.provider.apply(&plain, Some(&second), None).await.unwrap();
    let backup = stage.named("kubebackups", name).unwrap();
    assert_eq!(stage.named("kubeoffloads", name), None);
    assert_eq!((backup.get("copydef"), &backup["policy"]), (None, &stage.named("policies", name).unwrap()["_id"]));
    assert_eq!(backup["source"]["snapshotPersistentVolumes"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_shows_bytes_and_volumes_and_its_points_say_where_they_are() {
    // Slow enough to be seen on the way.
    let stage = Stage::at(sim::Clock::real().with_speed(8.0), json!({})).await;
    let mut owned = stage.copied("shop");
    owned.definition.scope.namespaces = vec!["analytics".into()];
    stage.provider.apply(&owned, None, None).await.unwrap();
    let begun = stage.provider.start_run(&owned, &ask(&owned, "r1")).await.unwrap().name.unwrap();
    let mut watcher = stage.watch();
    let snapshot = watcher
        .find("the snapshot's end", |seen| match seen {
            Observed::Run(run) if run.name == begun && run.phase.is_final() => Some(run.clone()),
            _ => None,
        })
        .await;
    assert_eq!((&snapshot.phase, snapshot.raw_phase.as_str()), (&Phase::Succeeded, "COMPLETED"));
    assert_eq!(snapshot.detail.volumes.len(), 3, "{snapshot:#?}");
    assert_eq!(snapshot.definition.as_deref(), Some(owned.id.as_str()));
    let copying = watcher
        .find("bytes of the copy", |seen| match seen {
            Observed::Run(run) if run.name != begun && run.phase == Phase::Running && run.detail.bytes.is_some() => {
                Some(run.clone())
            }
            _ => None,
        })
        .await;
    assert!(copying.detail.bytes.unwrap().percent().is_none_or(|n| n <= 100), "{copying:#?}");
    assert_eq!(copying.detail.location.as_deref(), Some("minio-fra"));
    assert!(copying.detail.title.as_ref().unwrap().ends_with("copy"), "{copying:#?}");
    assert_eq!(copying.detail.volumes.len(), 3, "{copying:#?}");
    // Longer than anybody waits for a copy of that size: the definition is small, the simulated mover is not fast.
    let (run, volumes) = (copying.name.clone(), copying.detail.volumes.len());
    stage.command("cancel", json!({"job": run, "spelling": "CANCELLED"}));
    let ended = watcher
        .find("the copy's end", |seen| match seen {
            Observed::Run(one) if one.name == run && one.phase.is_final() => Some(one.clone()),
            _ => None,
        })
        .await;
    assert_eq!((ended.phase.clone(), ended.raw_phase.as_str()), (Phase::Cancelled, "CANCELLED"));
    let results = stage.provider.results(server::provider::LogOf::Run, &run).await.unwrap();
    assert_eq!(results.volumes.len(), volumes, "{results:#?}");
    assert!(!watcher.told.contains("repo-password") && !watcher.told.contains("not-a-secret"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_somebody_took_away_is_a_dispute_told_in_one_line() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.copied("shop");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let id: Value = json!(stage.id("kubeoffloads", &owned.upstream_name));
    stage.command("remove", json!({"collection": "kubeoffloads", "id": id}));
    let held = stage.provider.apply(&next(&owned, |d| d.paused = true), Some(&first), None).await.unwrap_err();
    assert_eq!(held.kind, ErrorKind::Disputed, "{held}");
    let drift = held.dispute.unwrap().drift;
    assert!(drift.iter().any(|d| d.field == "kubeoffload" && d.theirs.is_none()), "{drift:#?}");
}
