//! Watching costs little: three calls a round while nothing happens, however long the history is. And nothing is lost when a round
//! fails in its middle.

use crate::stage::Stage;
use serde_json::{Value, json};
use server::{
    clock::Clock,
    provider::{Observed, Sort},
};
use std::collections::HashSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_round_is_three_calls_with_five_thousand_jobs() {
    let stage = Stage::open(json!({"extra_jobs": 5_000})).await;
    let mut watcher = stage.watch();
    let mut runs = 0;
    watcher
        .find("all jobs", |seen| {
            runs += u32::from(matches!(seen, Observed::Run(_)));
            matches!(seen, Observed::ListEnds(Sort::Run)).then_some(())
        })
        .await;
    assert_eq!(runs, 5_000);
    watcher.round().await;
    for round in 0..2 {
        stage.forget();
        watcher.told.clear();
        watcher.round().await;
        let calls = stage.calls();
        assert!(calls["total"].as_u64().unwrap() <= 3, "round {round}: {calls:#}");
        assert!(!watcher.told.contains("Run("), "nothing is told anew: {}", watcher.told);
    }
    // What somebody else does is seen by the same cheap round.
    let job = json!({"name": "theirs", "type": "K8S_SNAP", "state": "COMPLETED"});
    stage.command("put", json!({"collection": "jobs", "document": job}));
    let found = watcher
        .find("the new job", |seen| match seen {
            Observed::Run(run) => Some(run.detail.title.clone()),
            _ => None,
        })
        .await;
    assert_eq!(found.as_deref(), Some("theirs snapshot"));
}

/// Thirty jobs that are known change. A page of news holds 25: the second fails, with the calls that repeat it; then the reading of
/// their volumes. What had been read until then is told all the same, a round later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_that_fails_in_its_middle_loses_nothing() {
    for path in ["/jobs?sort=-_updated,-_id&page=2&", "/kubepvcprogress?"] {
        let stage = Stage::open(json!({"extra_jobs": 100})).await;
        let started = Clock::system().now().0 / 1_000;
        let ids: Vec<String> = (0..30)
            .map(|n| {
                let job = json!({"name": format!("theirs-{n}"), "type": "K8S_SNAP", "state": "COMPLETED",
                    "start_time": started, "end_time": started});
                let job = stage.command("put", json!({"collection": "jobs", "document": job}));
                job["_id"].as_str().unwrap().to_owned()
            })
            .collect();
        let mut watcher = stage.watch();
        watcher.round().await;
        stage.fault(json!([{"method": "GET", "path": path, "times": 3, "effect": {"kind": "status", "code": 502}}]));
        for id in &ids {
            stage.command("edit", json!({"collection": "jobs", "id": id, "set": {"message": "changed"}}));
        }
        let mut missing: HashSet<String> = ids.into_iter().collect();
        watcher
            .find("all the changed jobs", |seen| {
                if let Observed::Run(run) = seen
                    && run.detail.message.as_deref() == Some("changed")
                {
                    missing.remove(&run.name);
                }
                missing.is_empty().then_some(())
            })
            .await;
        let calls = stage.calls();
        let asked = |call: &&Value| call["path"].as_str().unwrap().contains(path);
        let asked = calls["recent"].as_array().unwrap().iter().filter(asked).count();
        assert!(asked > 3, "{path}: it failed, and was asked for again: {calls:#}");
    }
}
