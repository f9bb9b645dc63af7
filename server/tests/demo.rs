//! The demonstration as it stands when it has been prepared: how much there is, which troubles, and that nothing is in the future.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

use app::backend::{Caller, Connections, Policies, Workspaces};
use model::{
    Millis, Phase,
    connection::Connection,
    recovery::{PointState, RecoveryPoint},
    run::Run,
};
use server::{
    cli::Settings,
    config::Config,
    console::Console,
    demo::{self, Demonstration},
    observe,
    store::DefinitionRecord,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const DAY_MS: i64 = 86_400_000;

struct Stage {
    demo: Demonstration,
    caller: Caller,
    took: Duration,
    _data: TempDir,
}

/// One definition with all that was seen of it.
struct Known {
    record: DefinitionRecord,
    runs: Vec<Run>,
    points: Vec<RecoveryPoint>,
}

impl Stage {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings = Settings {
            listen: Some("127.0.0.1:0".into()),
            data_dir: Some(data.path().join("data")),
            ..Settings::default()
        };
        let config = Config::read(&settings, &|_| None).unwrap();
        let began = Instant::now();
        let demo = demo::prepare(&config, &CancellationToken::new()).await.unwrap().unwrap();
        let took = began.elapsed();
        let caller = demo::caller(demo.app.console()).await.unwrap();
        // As the observers do when it is served.
        for connection in demo.app.console().connections(&caller).await.unwrap() {
            observe::look(demo.app.console(), &connection.id).await.unwrap();
            observe::look_around(demo.app.console(), &connection.id).await.unwrap();
        }
        Self { demo, caller, took, _data: data }
    }

    fn console(&self) -> &Console {
        self.demo.app.console()
    }

    async fn connections(&self) -> Vec<Connection> {
        self.console().connections(&self.caller).await.unwrap()
    }

    /// All definitions by name.
    async fn known(&self) -> BTreeMap<String, Known> {
        let store = self.console().store();
        let mut all = BTreeMap::new();
        for connection in self.connections().await {
            for record in store.definitions_of(&connection.id).await.unwrap() {
                let runs = store.runs_of(&record.id, 5_000).await.unwrap();
                let points = store.points_of(&record.id, 5_000).await.unwrap();
                all.insert(record.definition.name.clone(), Known { record, runs, points });
            }
        }
        all
    }

    async fn inventory_clusters(&self) -> usize {
        let mut count = 0;
        for connection in self.connections().await {
            let inventory = self.console().inventory(&self.caller, connection.id.clone()).await.unwrap();
            let several: BTreeSet<String> =
                inventory.subjects.iter().flat_map(|s| s.clusters.iter().map(|c| c.name.clone())).collect();
            count += match connection.kind.key() {
                "velero" => 1,
                "cloudcasa" => inventory.subjects.len(),
                "palette" => several.len(),
                _ => 0,
            };
        }
        count
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_months_of_a_company_with_its_troubles() {
    server::telemetry::start(server::config::LogFormat::Text, Some("server::demo=debug,warn"));
    let stage = Stage::new().await;
    let known = stage.known().await;
    let now = stage.console().clock().now();
    let mut total = 0;
    for (name, one) in &known {
        let mut phases: BTreeMap<String, usize> = BTreeMap::new();
        for run in &one.runs {
            *phases.entry(run.phase.key().to_owned()).or_default() += 1;
        }
        total += one.runs.len();
        let first = one.runs.iter().filter_map(|run| run.started.or(run.created)).min().unwrap_or(now);
        let days = now.since(first) / DAY_MS;
        println!(
            "{name:28} {:4} runs over {days:2} days {phases:?} {} points, {:?}",
            one.runs.len(),
            one.points.len(),
            one.record.standing
        );
    }
    println!("prepared in {:?}, {total} runs", stage.took);
    assert_eq!(known.len(), 45);
    // Unoptimised and beside other builds.
    assert!(stage.took < Duration::from_secs(600), "{:?}", stage.took);

    let connections = stage.connections().await;
    let systems: BTreeSet<&str> = connections.iter().map(|c| c.kind.key()).collect();
    assert_eq!((systems.len(), connections.len()), (5, 9));
    assert!(connections.iter().all(|c| !c.health.is_silent() && now.since(c.last_seen.unwrap()) < 60_000));
    assert!(stage.inventory_clusters().await >= 8);

    troubles(&known, now);
    library(&stage).await;
    rooms(&stage, now).await;

    // Sixty days, all of them seen.
    let oldest = |one: &Known| one.runs.iter().filter_map(|run| run.started.or(run.created)).min().unwrap();
    let old = known.values().filter(|one| now.since(oldest(one)) >= 58 * DAY_MS).count();
    // Of those that run weekly it depends on the day.
    assert!(old >= 20, "{old}");
    for name in ["shop-nightly", "payments-fra-nightly", "palette-shop", "office-payments-db", "astra-payments"] {
        let days: BTreeSet<i64> =
            known[name].runs.iter().filter_map(|run| run.started.or(run.created)).map(|at| at.0 / DAY_MS).collect();
        assert!(days.len() >= 58, "{name}: {} days", days.len());
    }

    // Nothing in the future.
    for (name, one) in &known {
        for run in &one.runs {
            assert!(run.observed <= now && run.started.is_none_or(|at| at <= now), "{name}: {run:?}");
            assert!(run.ended.is_none_or(|at| at <= now), "{name}: {run:?}");
        }
        assert!(one.points.iter().all(|point| point.taken.is_none_or(|at| at <= now)), "{name}");
        assert!(one.record.updated_at <= now);
    }
}

/// Policies that several definitions follow; one was changed, and all of its followers took it over.
async fn library(stage: &Stage) {
    let library = stage.console().policies(&stage.caller).await.unwrap();
    assert_eq!(library.rows.len(), 5);
    assert!(library.rows.iter().filter(|row| row.used_by >= 4).count() >= 4, "{:?}", library.rows);
    let silver = library.rows.iter().find(|row| row.policy.name == "Silver nightly").unwrap();
    assert_eq!((silver.version, silver.used_by), (2, 5));
    let view = stage.console().policy(&stage.caller, silver.id.clone()).await.unwrap();
    let behind: Vec<&str> = view.used_by.iter().filter(|one| one.version < 2).map(|one| one.name.as_str()).collect();
    assert!(behind.is_empty(), "{behind:?}");
}

/// Palette's own workspaces and ours.
async fn rooms(stage: &Stage, now: Millis) {
    let home = stage.console().home(&stage.caller).await.unwrap();
    for row in &home.workspaces {
        println!("{:24} {:?} {:?}", row.name, row.judgement.protection, row.judgement.reasons);
    }
    assert_eq!(home.workspaces.len(), 12);
    assert!(home.tour.len() >= 6 && !home.needs.is_empty());
    let shop = home.workspaces.iter().find(|row| row.name == "Online shop").unwrap();
    let view = stage.console().workspace(&stage.caller, shop.id.clone(), String::new()).await.unwrap();
    let new = view.uncovered.iter().find(|one| one.name == "loyalty-points").unwrap();
    assert!(new.since.is_some_and(|at| now.since(at) < 3 * DAY_MS), "{new:?}");
    assert!(view.row.days.len() == 30 && !view.requests.is_empty());
}

fn troubles(known: &BTreeMap<String, Known>, now: Millis) {
    let good = |one: &Known| one.points.iter().filter(|p| p.state == PointState::Whole).filter_map(|p| p.taken).max();
    // Infrastructure code has taken a Schedule over.
    let drift = &known["ledger-fra-nightly"].record.drift;
    assert!(drift.iter().any(|one| one.field.contains("ttl")), "{drift:?}");
    // Waldur switched one off, because the quota is too small.
    let off = &known["cloud-analytics"].record;
    assert!(off.drift.iter().any(|one| one.field == "is_active"), "{:?}", off.drift);
    // The clusters of a request disagree.
    let shop: Vec<&Run> = known["palette-shop"].runs.iter().take(3).collect();
    assert!(shop.iter().any(|run| !matches!(run.phase, Phase::Succeeded)), "{shop:?}");
    // Partial every night, with its cause.
    let partial = &known["payments-fra-nightly"].runs;
    assert!(partial.iter().all(|run| run.phase != Phase::Succeeded), "{partial:?}");
    assert!(partial.iter().take(3).any(|run| run.phase == Phase::Partial), "{partial:?}");
    // Paused.
    assert!(known["storefront-weekly"].record.definition.paused && known["astra-analytics"].record.definition.paused);
    // Overdue, and the newest good point has expired.
    let tills = good(&known["tills-nightly"]).unwrap();
    assert!(now.since(tills) > 26 * 3_600_000, "{tills:?}");
    let logs = &known["till-logs-daily"];
    assert!(logs.points.iter().all(|point| point.expires.is_none_or(|at| at < now)), "{:?}", logs.points.len());
    // The hook failed last night; late in the evening the next run is over already.
    assert!(known["astra-identity"].runs.iter().take(2).any(|run| run.phase == Phase::Partial));
}
