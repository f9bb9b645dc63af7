//! What holds for a system of a certain size: counted calls, and time.

use crate::{mirror::watch, simulator::Sim};
use serde_json::json;
use server::provider::Sort;
use std::time::Duration;
use tokio::time::Instant;

/// Forty workspaces of twenty-five clusters with thirty requests each are read within the limit of ten requests a second, in
/// less than a minute and without one refusal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn palette_reads_a_whole_fleet_within_its_limit() {
    let fleet =
        json!({"estate": "fleet", "rate_limit": true, "fleet": {"workspaces": 40, "clusters": 25, "requests": 30}});
    let sim = Sim::open("palette", &fleet).await;
    let began = Instant::now();
    let mut watcher = watch(&sim.provider);
    watcher.listed(Sort::Run).await;
    watcher.listed(Sort::Point).await;
    let took = began.elapsed();
    println!("{} calls in {took:?}", sim.count());
    assert!(took < Duration::from_secs(60), "{took:?}");
    assert_eq!(watcher.mirror.runs.len(), 40 * 30);
    let parts: usize = watcher.mirror.runs.values().map(|run| run.detail.clusters.len()).sum();
    assert_eq!(parts, 40 * 30 * 25);
    assert_eq!(sim.state()["slowed"], 0, "requests that the limit refused");
}

/// With five thousand jobs in the past, looking whether there is news costs at most three calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cloudcasa_asks_three_things_when_nothing_happens() {
    let sim = Sim::open("cloudcasa", &json!({"history_days": 0, "extra_jobs": 5000})).await;
    let mut watcher = watch(&sim.provider);
    watcher.listed(Sort::Run).await;
    assert_eq!(watcher.mirror.runs.len(), 5000);
    let alive = watcher.until("a sign of life", |m| (m.alive > 0 && m.listed(Sort::Restore)).then_some(m.alive)).await;
    println!("{} calls to read all", sim.count());
    sim.forget();
    watcher.until("a quiet round", |m| (m.alive > alive).then_some(())).await;
    let calls = sim.sent();
    assert!((1..=3).contains(&calls.len()), "{calls:#?}");
}
