//! Observing under trouble. On the simulator, which can be told to make it.

use crate::stage::{Stage, sim, sim_with};
use model::{Phase, recovery::PointState};
use serde_json::{Value, json};
use server::provider::{ErrorKind, Observed, RunSeen, Sort};
use std::{collections::BTreeSet, time::Duration};

fn put(stage: &Stage, object: Value) {
    let (world, name) = stage.sim.as_ref().unwrap();
    world.object(name, object).unwrap();
}

fn backup(name: &str, phase: &str) -> Value {
    json!({
        "apiVersion": "velero.io/v1", "kind": "Backup",
        "metadata": {"name": name, "namespace": "velero"},
        "spec": {}, "status": {"phase": phase},
    })
}

fn run_of(o: &Observed, name: &str) -> Option<RunSeen> {
    match o {
        Observed::Run(r) if r.name == name => Some((**r).clone()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_come_in_pages_and_are_told_whole() {
    let stage = sim_with(json!({"server_down": true})).await;
    for n in 0..1203 {
        put(&stage, backup(&format!("b-{n:04}"), "Completed"));
    }
    let mut watcher = stage.watch();
    let mut names = BTreeSet::new();
    let mut begun = false;
    watcher
        .find("the end of the list", |o| {
            match o {
                Observed::ListBegins(Sort::Run) => begun = true,
                Observed::Run(r) if begun => drop(names.insert(r.name.clone())),
                Observed::ListEnds(Sort::Run) => return Some(()),
                _ => {}
            }
            None
        })
        .await;
    assert_eq!(names.len(), 1203);
    let (world, name) = stage.sim.as_ref().unwrap();
    let calls = world.calls(name).to_string();
    assert!(calls.contains("limit=500"), "in pages");
}

/// What is compared with a list has to be older than the list: the observer hears of the list before it is asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_asked_for_when_its_beginning_was_heard() {
    let stage = sim().await;
    let (world, name) = stage.sim.as_ref().unwrap();
    let mut watcher = stage.watch();
    let (mut began, mut held) = (false, None);
    watcher
        .find("the beginning", |o| {
            began |= matches!(o, Observed::ListBegins(Sort::Declared));
            if let Observed::TakenIn(sender) = o {
                held = Some(sender.clone());
            }
            held.is_some().then_some(())
        })
        .await;
    assert!(began);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!world.calls(name).to_string().contains("schedules"), "{}", world.calls(name));
    drop(held);
    watcher.find("its end", |o| matches!(o, Observed::ListEnds(Sort::Declared)).then_some(())).await;
    assert!(world.calls(name).to_string().contains("schedules"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_that_drops_loses_nothing_and_lists_once() {
    let stage = sim_with(json!({"server_down": true})).await;
    let (world, name) = stage.sim.as_ref().unwrap();
    world.fault(name, serde_json::from_value(json!([{"effect": {"kind": "watch_dropped", "after_ms": 150}}])).unwrap());
    let mut watcher = stage.watch();
    watcher.find("the end of the list", |o| matches!(o, Observed::ListEnds(Sort::Run)).then_some(())).await;
    for n in 0..30 {
        put(&stage, backup(&format!("w-{n}"), ""));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut names = BTreeSet::new();
    let mut lists = 0;
    watcher
        .find("all thirty", |o| {
            match o {
                Observed::Run(r) if r.name.starts_with("w-") => drop(names.insert(r.name.clone())),
                Observed::ListBegins(Sort::Run) => lists += 1,
                _ => {}
            }
            (names.len() == 30).then_some(())
        })
        .await;
    assert_eq!(lists, 0, "a dropped watch is resumed");
    world.heal(name);
    // Too old: a new list.
    world.fault(name, serde_json::from_value(json!([{"path": "/backups?", "times": 1, "effect": {"kind": "watch_dropped", "after_ms": 50}}, {"path": "/backups?", "times": 1, "effect": {"kind": "watch_gone"}}])).unwrap());
    watcher.find("a new list", |o| matches!(o, Observed::ListBegins(Sort::Run)).then_some(())).await;
    put(&stage, backup("after", ""));
    watcher.find("what came after", |o| run_of(o, "after")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_words_are_unknown_and_never_good() {
    let stage = sim_with(json!({"server_down": true})).await;
    let mut strange = backup("strange", "Sublime");
    strange["status"]["completionTimestamp"] = json!("2026-10-03T02:31:00Z");
    put(&stage, strange);
    let mut empty = backup("empty", "");
    empty.as_object_mut().unwrap().remove("status");
    put(&stage, empty);
    let mut watcher = stage.watch();
    let (mut run, mut point, mut new) = (None, None, None);
    watcher
        .find("both", |o| {
            run = run.take().or_else(|| run_of(o, "strange"));
            new = new.take().or_else(|| run_of(o, "empty"));
            if let Observed::Point(p) = o {
                point = Some(p.state.clone());
            }
            matches!(o, Observed::ListEnds(Sort::Run)).then_some(())
        })
        .await;
    let run = run.unwrap();
    assert_eq!((run.phase, run.raw_phase.as_str()), (Phase::Unknown("Sublime".into()), "Sublime"));
    assert_eq!(point, Some(PointState::Unknown("Sublime".into())));
    assert_eq!(new.unwrap().phase, Phase::Queued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volumes_and_bytes_move() {
    let stage = sim().await;
    let mut owned = stage.owned("bytes");
    owned.definition.scope.namespaces = vec!["checkout-db".into()];
    owned.definition.volumes = model::definition::Volumes::SnapshotMoved;
    owned.definition.schedule = None;
    let mut watcher = stage.watch();
    stage.provider.apply(&owned, None, None).await.unwrap();
    let mut moved = 0;
    let done = watcher
        .find("the finished run with volumes", |o| {
            let run = run_of(o, &owned.upstream_name)?;
            moved = moved.max(run.detail.bytes.map_or(0, |b| b.done));
            // Backups and volumes come by two watches: the backup's end may be told before the last volume's.
            let volumes = run.detail.volumes.iter().all(|v| v.phase.is_final());
            (run.phase.is_final() && volumes).then_some(run)
        })
        .await;
    assert!(moved > 0, "{done:?}");
    assert_eq!(done.phase, Phase::Succeeded, "{done:?}");
    assert!(
        !done.detail.volumes.is_empty() && done.detail.volumes.iter().all(|v| v.phase == Phase::Succeeded),
        "{done:?}"
    );
    assert!(done.detail.steps.iter().any(|s| s.title.starts_with("Uploaded")), "{done:?}");
}

/// A snapshot that is not copied has no helper object that would tell its size; the finished backup's record does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_that_stay_tell_their_size() {
    let stage = sim().await;
    let mut owned = stage.owned("snapshots");
    owned.definition.scope.namespaces = vec!["checkout-db".into()];
    owned.definition.volumes = model::definition::Volumes::Snapshot;
    owned.definition.schedule = None;
    let mut watcher = stage.watch();
    stage.provider.apply(&owned, None, None).await.unwrap();
    let name = owned.upstream_name.clone();
    let run = watcher.find("the finished run", |o| run_of(o, &name).filter(|r| r.phase.is_final())).await;
    assert_eq!(run.detail.bytes, None, "nothing is copied");
    let results = stage.provider.results(server::provider::LogOf::Run, &name).await.unwrap();
    assert!(!results.volumes.is_empty(), "{results:?}");
    assert!(results.volumes.iter().all(|v| v.name.starts_with("checkout-db/") && v.bytes.is_some()), "{results:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_and_a_refused_deletion() {
    let stage = sim().await;
    let mut watcher = stage.watch();
    for (name, outcome, phase) in [("half", "partial", Phase::Partial), ("none", "failed", Phase::Failed)] {
        let object = json!({"apiVersion": "velero.io/v1", "kind": "Backup",
            "metadata": {"name": name, "namespace": "velero", "annotations": {"sim/outcome": outcome}},
            "spec": {"includedNamespaces": ["checkout"], "storageLocation": "default"}});
        put(&stage, object);
        let seen = watcher.find(name, |o| run_of(o, name).filter(|r| r.phase.is_final())).await;
        assert_eq!(seen.phase, phase, "{seen:?}");
    }
    let seen = stage.provider.results(server::provider::LogOf::Run, "half").await.unwrap();
    assert!(!seen.errors.is_empty());
    let mut stuck = backup("stuck", "Completed");
    stuck["metadata"]["annotations"] = json!({"sim/delete": "stuck"});
    stuck["spec"]["storageLocation"] = json!("default");
    stuck["status"]["completionTimestamp"] = json!("2026-10-03T02:31:00Z");
    put(&stage, stuck);
    stage.provider.delete_point("stuck", "order-1").await.unwrap();
    let reason = watcher
        .find("the refusal", |o| match o {
            Observed::DeletionRefused { point, reason } if point == "stuck" => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert!(!reason.is_empty());
    let after = stage.get("backups", "stuck").await.unwrap();
    assert_eq!(after["status"]["phase"], "Deleting");
    // A new order makes a new request, as often as it is given; the same one, repeated after a crash, makes none.
    let mut made = Vec::new();
    for order in ["order-1", "order-2", "order-3", "order-4"] {
        stage.provider.delete_point("stuck", order).await.unwrap();
        let once = served(&stage, &format!("stuck-{order}")).await;
        stage.provider.delete_point("stuck", order).await.unwrap();
        assert_eq!(served(&stage, &format!("stuck-{order}")).await, once, "{order}");
        made.push(once);
    }
    made.dedup();
    assert_eq!(made.len(), 4, "each attempt reached Velero");
}

/// The uid of a deletion request, once it was served. (Velero drops the earlier ones of the same backup.)
async fn served(stage: &Stage, name: &str) -> Value {
    for _ in 0..400 {
        match stage.get("deletebackuprequests", name).await {
            Some(request) if request["status"]["phase"] == "Processed" => return request["metadata"]["uid"].clone(),
            _ => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
    panic!("{name} is never served");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_go_on_is_returned() {
    for (faults, kind) in [
        (json!([{"effect": {"kind": "status", "code": 401}}]), ErrorKind::Unauthorised),
        (json!([{"path": "/backups?", "effect": {"kind": "status", "code": 403}}]), ErrorKind::Forbidden),
        (json!([{"path": "/restores", "effect": {"kind": "status", "code": 500}}]), ErrorKind::Broken),
        (
            json!([{"path": "/schedules", "effect": {"kind": "status", "code": 429, "retry_after": 60}}]),
            ErrorKind::Slow,
        ),
    ] {
        let stage = sim().await;
        let (world, name) = stage.sim.as_ref().unwrap();
        world.fault(name, serde_json::from_value(faults.clone()).unwrap());
        let mut watcher = stage.watch();
        let drain = async { while watcher.receiver.recv().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(30), drain).await.unwrap_or_else(|_| panic!("{faults} goes on"));
        let error = (&mut watcher.task).await.unwrap();
        assert_eq!(error.kind, kind, "{error}");
        if kind == ErrorKind::Slow {
            assert_eq!(error.retry_after, Some(Duration::from_secs(60)));
        }
    }
    // Without the rights on what only adds detail, observing goes on.
    let narrow =
        sim_with(json!({"missing_permissions": ["* datauploads", "* podvolumebackups", "* deletebackuprequests"]}))
            .await;
    let mut watcher = narrow.watch();
    watcher.find("the restores' list", |o| matches!(o, Observed::ListEnds(Sort::Restore)).then_some(())).await;
    put(&narrow, backup("still", ""));
    watcher.find("a backup", |o| run_of(o, "still")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signs_of_life_tell_versions() {
    let stage = sim().await;
    let mut watcher = stage.watch();
    let (mut version, mut platform, mut latency) = (None, None, None);
    watcher
        .find("versions", |o| {
            if let Observed::Alive { latency: l, version: v, platform: p } = o {
                version = version.take().or_else(|| v.clone());
                platform = platform.take().or_else(|| p.clone());
                latency = latency.take().or(*l);
            }
            (version.is_some() && platform.is_some() && latency.is_some()).then_some(())
        })
        .await;
    assert_eq!(version.as_deref(), Some("v1.18.3"));
    assert_eq!(platform.as_deref(), Some("Kubernetes v1.34.4"));
}
