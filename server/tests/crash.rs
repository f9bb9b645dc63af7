//! The process is killed between any two steps of an apply, of a run, restore or deletion that was ordered. After a restart there
//! is exactly one object upstream, and the work is done. On SQLite, and on PostgreSQL where there is one.

#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop")]

#[path = "console/bed.rs"]
#[expect(dead_code, reason = "the bed serves several tests")]
mod bed;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "crash/rollout.rs"]
mod rollout;

use app::backend::{Activity, Connections, Definitions};
use bed::{KEY, admin, draft, operator};
use model::{
    ConnectionId, DefinitionId, PointId, RestoreId, RunId,
    connection::ConnectionDraft,
    recovery::{PointDetail, PointState},
    restore::RestoreDraft,
    view::PointFilter,
};
use serde_json::{Value, json};
use server::{
    clock::Clock,
    console::Console,
    provider::PointSeen,
    reconcile::{self, STEPS},
    store::StoreErrorKind,
};
use sim::World;
use std::{os::unix::process::ExitStatusExt, path::Path, process::Stdio, time::Duration};
use tokio::process::{Child, Command};

const SIGABRT: i32 = 6;

/// The program itself, on a database of its own.
fn start(dir: &Path, url: &str, abort_at: Option<&str>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command
        .env("HOLDFAST_DATA_DIR", dir)
        .env("HOLDFAST_DATABASE_URL", url)
        .env("HOLDFAST_LISTEN", "127.0.0.1:0")
        .env("HOLDFAST_SECRET_KEY", KEY)
        .env_remove("HOLDFAST_ABORT_AT")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if let Some(point) = abort_at {
        command.env("HOLDFAST_ABORT_AT", point);
    }
    command.spawn().unwrap()
}

/// A recovery point that is to be restored or deleted.
const KEPT: &str = "kept";

/// What was asked for, and is to be done by the killed process or the one after it.
enum Order {
    Apply(DefinitionId),
    Run(RunId),
    Restore(RestoreId),
    Deletion(PointId),
}

impl Order {
    /// The kind of which there has to be one.
    fn plural(&self) -> &'static str {
        match self {
            Self::Apply(_) => "schedules",
            Self::Run(_) => "backups",
            Self::Restore(_) => "restores",
            Self::Deletion(_) => "deletebackuprequests",
        }
    }

    async fn is_done(&self, console: &Console) -> bool {
        let store = console.store();
        match self {
            Self::Apply(id) => store.definition(id).await.unwrap().applied_version == 1,
            Self::Run(id) => !store.run(id).await.unwrap().wanted,
            Self::Restore(id) => store.restore(id).await.unwrap().restore.waiting.is_none(),
            // The point goes when Velero has served the request and the observer has seen it.
            Self::Deletion(id) => store.point(id).await.is_err_and(|error| error.kind == StoreErrorKind::NotFound),
        }
    }
}

fn objects(world: &World, scenario: &str, plural: &str) -> Vec<Value> {
    world.state(scenario)["objects"][plural].as_array().cloned().unwrap_or_default()
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..900 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: never");
}

/// Asks for the work as a person would, with no reconciler running.
async fn ask(console: &Console, world: &World, base: &str, scenario: &str, work: &str) -> Order {
    let form = ConnectionDraft {
        system: "velero".into(),
        name: scenario.into(),
        address: format!("{base}/s/{scenario}/velero"),
        credential: format!("sim-{scenario}-token"),
        ..ConnectionDraft::default()
    };
    let connection = console.add_connection(&admin(), form).await.unwrap();
    if matches!(work, "restore" | "deletion") {
        let point = kept(console, world, scenario, &connection).await;
        // Nothing upstream goes on: what is sent stays there to be counted.
        world.server(scenario, false);
        if work == "deletion" {
            console.delete_point(&operator(), point.clone(), KEPT.into()).await.unwrap();
            return Order::Deletion(point);
        }
        let draft = RestoreDraft {
            point: point.0,
            mapping: vec![("web".into(), "web-again".into())],
            ..RestoreDraft::default()
        };
        return Order::Restore(console.create_restore(&operator(), draft).await.unwrap());
    }
    let id = console.create_definition(&operator(), draft(&connection, "web-nightly")).await.unwrap();
    if work == "apply" {
        return Order::Apply(id);
    }
    assert_eq!(reconcile::step(console).await.unwrap().applied, 1);
    world.server(scenario, false);
    Order::Run(console.run_now(&operator(), id).await.unwrap())
}

/// A recovery point, upstream and here.
async fn kept(console: &Console, world: &World, scenario: &str, connection: &ConnectionId) -> PointId {
    let backup = json!({
        "apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": KEPT, "namespace": "velero"},
        "spec": {"includedNamespaces": ["web"], "storageLocation": "default"},
    });
    world.object(scenario, backup).unwrap();
    until("the backup", async || objects(world, scenario, "backups")[0]["status"]["phase"] == "Completed").await;
    let seen = PointSeen {
        name: KEPT.into(),
        run: None,
        definition: None,
        declared: None,
        state: PointState::Whole,
        taken: None,
        expires: None,
        location: None,
        namespaces: vec!["web".into()],
        items: None,
        detail: PointDetail::default(),
    };
    console.store().store_points(connection, &[seen]).await.unwrap();
    console.store().points(&PointFilter::default(), 1).await.unwrap().rows.remove(0).point.id
}

async fn killed_at(work: &str, step: &str, url: &str, dir: &Path) {
    let point = format!("{work}-{step}");
    let world = World::new(sim::Clock::real().with_speed(20.0));
    let base = bed::serve(&world).await;
    let console = bed::console(url, &Clock::system(), "somebody").await;
    let order = ask(&console, &world, &base, &point, work).await;
    let there = || objects(&world, &point, order.plural()).len();

    let mut child = start(dir, url, Some(&point));
    let status = tokio::time::timeout(Duration::from_secs(90), child.wait()).await;
    let status = status.unwrap_or_else(|_| panic!("{point} was never reached")).unwrap();
    assert_eq!(status.signal(), Some(SIGABRT), "{point}: {status:?}");
    let sent = usize::from(!matches!(step, "after-claim" | "before-send"));
    assert_eq!(there(), sent, "{point}: what was sent before it died");

    let _restarted = start(dir, url, None);
    if let Order::Deletion(_) = order {
        until(&point, async || there() == 1).await;
        // Whoever would ask twice has time to.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(there(), 1, "{point}: exactly one");
        world.server(&point, true);
        until(&point, async || order.is_done(&console).await).await;
        assert_eq!(objects(&world, &point, "backups"), [] as [Value; 0], "{point}: deleted upstream");
    } else {
        until(&point, async || order.is_done(&console).await).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(there(), 1, "{point}: exactly one");
    }
    if let Order::Apply(id) = &order {
        let timeline = console.store().timeline(id, 20).await.unwrap();
        assert_eq!(timeline.iter().filter(|line| line.kind == "applied").count(), 1, "{point}: {timeline:?}");
    }
    console.store().close().await;
}

/// Each step at once: they share nothing, and on PostgreSQL each waits for the dead node's lease to end.
async fn killed_on_sqlite(work: &str) {
    let all = STEPS.map(|step| async move {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("holdfast.db").display());
        killed_at(work, step, &url, dir.path()).await;
    });
    futures::future::join_all(all).await;
}

async fn killed_on_postgresql(work: &str) {
    let all = STEPS.map(|step| async move {
        let Some(url) = postgres::database().await else { return };
        let dir = tempfile::tempdir().unwrap();
        killed_at(work, step, &url, dir.path()).await;
        postgres::drop_database(&url).await;
    });
    futures::future::join_all(all).await;
}

macro_rules! between_any_two_steps {
    ($($name:ident: $work:literal),* $(,)?) => {
        mod a_kill_loses_and_doubles_nothing_on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::killed_on_sqlite($work).await;
            })*
        }
        mod a_kill_loses_and_doubles_nothing_on_postgresql {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::killed_on_postgresql($work).await;
            })*
        }
        #[test]
        fn every_work_is_killed() {
            assert_eq!(reconcile::WORK, [$($work),*]);
        }
    };
}

between_any_two_steps!(apply: "apply", run: "run", restore: "restore", deletion: "deletion");
