//! Ten calls a second with a reserve of five, per path prefix: the simulator keeps the limit on a real clock.

use crate::stage::{Stage, stage_on};
use serde_json::{Value, json};
use server::{clock::Clock, provider::Observed};
use std::time::Duration;
use tokio::time::Instant;

async fn fleet(workspaces: u32, clusters: u32, requests: u32) -> Stage {
    let size = json!({"workspaces": workspaces, "clusters": clusters, "requests": requests});
    stage_on(sim::Clock::real(), Clock::system(), json!({"estate": "fleet", "fleet": size})).await
}

/// Observes everything once, with an order in between, and looks whether anything was asked for twice: a 429 would be.
async fn observed(stage: &Stage, workspaces: u64, points: usize) -> Duration {
    let began = Instant::now();
    let mut watcher = stage.watch();
    let told = tokio::spawn(async move { (watcher.first().await, watcher) });
    // Orders go through the same bucket.
    for _ in 0..10 {
        stage.provider.inventory().await.unwrap();
    }
    let (all, _watcher) = told.await.unwrap();
    let took = began.elapsed();
    let seen = all.iter().filter(|o| matches!(o, Observed::Point(_))).count();
    assert_eq!(seen, points);
    assert_eq!(stage.calls("get workspace backup"), workspaces, "each once");
    assert_eq!(stage.calls("get workspace restore"), workspaces, "each once");
    assert_eq!((stage.calls("list workspaces"), stage.calls("list locations")), (11, 11), "each once");
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_workspaces_are_observed_within_the_limit() {
    let stage = fleet(40, 3, 4).await;
    let took = observed(&stage, 40, 40 * 3 * 4).await;
    assert!(took < Duration::from_secs(60), "{took:?}");
}

/// The whole bar. Making such a past takes the simulator a while, so that it runs on demand:
/// `cargo test -p server --test palette_provider -- --ignored`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "makes 30,000 backups first"]
async fn a_large_estate_is_observed_in_under_a_minute() {
    let stage = fleet(40, 25, 30).await;
    let took = observed(&stage, 40, 40 * 25 * 30).await;
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_orders_is_spread() {
    let stage = fleet(2, 1, 1).await;
    let calls = (0..30).map(|_| stage.provider.inventory());
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(stage.calls("list workspaces"), 30, "none was refused and repeated");
    let quiet: Value = stage.state();
    assert_eq!(quiet["workspaces"].as_array().unwrap().len(), 2);
}
