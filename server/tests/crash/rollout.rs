//! A changed policy is on its way to many definitions when the process dies, twice. Afterwards each has it, once.

use crate::{
    bed::{self, admin, draft, operator},
    objects, postgres, start, until,
};
use app::backend::{Connections, Definitions, Policies};
use model::{
    ConnectionId, PolicyId,
    connection::ConnectionDraft,
    draft::DefinitionDraft,
    duration::Unit,
    policy::{PolicyDraft, PolicyTierDraft},
};
use server::{
    clock::Clock,
    console::Console,
    reconcile::{self, ROLL_OUT},
    store::DefinitionRecord,
};
use sim::{Effect, Fault, World};
use std::{os::unix::process::ExitStatusExt, path::Path, time::Duration};

const ALL: usize = 48;
/// Of them, those that are applied before the second kill.
const FIRST: u32 = 10;
const SIGKILL: i32 = 9;

fn policy(cron: &str) -> PolicyDraft {
    let tier = PolicyTierDraft {
        cron: cron.into(),
        keep_for: "14".into(),
        keep_unit: Unit::Days,
        ..PolicyTierDraft::default()
    };
    PolicyDraft { name: "Gold".into(), tiers: vec![tier], ..PolicyDraft::default() }
}

/// Definitions that follow one policy, in force; and the policy changed, with no reconciler running.
async fn changed(console: &Console, base: &str, scenario: &str) -> (ConnectionId, PolicyId) {
    let form = ConnectionDraft {
        system: "velero".into(),
        name: scenario.into(),
        address: format!("{base}/s/{scenario}/velero"),
        credential: format!("sim-{scenario}-token"),
        ..ConnectionDraft::default()
    };
    let connection = console.add_connection(&admin(), form).await.unwrap();
    let gold = console.create_policy(&operator(), policy("30 2 * * *")).await.unwrap();
    for n in 0..ALL {
        let follower = DefinitionDraft { follows: gold.0.clone(), ..draft(&connection, &format!("web-{n}")) };
        console.create_definition(&operator(), follower).await.unwrap();
    }
    while reconcile::step(console).await.unwrap() != reconcile::Done::default() {}
    console.change_policy(&operator(), gold.clone(), 1, policy("0 4 * * *")).await.unwrap();
    (connection, gold)
}

async fn followers(console: &Console, gold: &PolicyId) -> Vec<DefinitionRecord> {
    let (records, _) = console.store().following(gold).await.unwrap();
    assert_eq!(records.len(), ALL);
    records
}

fn at_second(record: &DefinitionRecord) -> bool {
    record.follows.as_ref().is_some_and(|followed| followed.version == 2)
}

async fn killed_at(step: &str, url: &str, dir: &Path) {
    let point = format!("roll-out-{step}");
    let world = World::new(sim::Clock::real().with_speed(20.0));
    let base = bed::serve(&world).await;
    let console = bed::console(url, &Clock::system(), "somebody").await;
    let (_, gold) = changed(&console, &base, &point).await;

    let status = start(dir, url, Some(&point)).wait().await.unwrap();
    assert!(!status.success(), "{point}: {status:?}");
    let took = followers(&console, &gold).await.iter().filter(|record| at_second(record)).count();
    assert_eq!(took, usize::from(step == "after-record"), "{point}: one at a time");

    // In the middle: the upstream takes the first ones and then no more, and in that state the process is killed.
    let refuse = Effect::Status { code: 503, reason: None, message: None, retry_after: None };
    let middle = Fault { method: Some("PATCH".into()), path: None, skip: FIRST, times: None, effect: refuse };
    world.fault(&point, vec![middle]);
    let applied = async || followers(&console, &gold).await.iter().filter(|r| r.applied_version == 2).count();
    let mut second = start(dir, url, None);
    until("the first are applied", async || applied().await == FIRST as usize).await;
    second.start_kill().unwrap();
    assert_eq!(second.wait().await.unwrap().signal(), Some(SIGKILL));
    assert_eq!(applied().await, FIRST as usize, "{point}: in the middle");
    world.heal(&point);

    let _third = start(dir, url, None);
    until(&point, async || applied().await == ALL).await;
    // Whoever would do something twice has time to.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for record in followers(&console, &gold).await {
        assert!(at_second(&record), "{}", record.definition.name);
        assert_eq!((record.version, record.applied_version), (2, 2), "{}", record.definition.name);
        let timeline = console.store().timeline(&record.id, 20).await.unwrap();
        let told = timeline.iter().filter(|line| line.sentence == "Policy Gold, version 2, taken over.").count();
        assert_eq!(told, 1, "{}: {timeline:?}", record.definition.name);
    }
    let schedules = objects(&world, &point, "schedules");
    assert_eq!(schedules.len(), ALL);
    assert!(schedules.iter().all(|schedule| schedule["spec"]["schedule"] == "0 4 * * *"), "{point}");
    console.store().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_roll_out_loses_and_doubles_nothing_on_sqlite() {
    for step in ROLL_OUT {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("holdfast.db").display());
        killed_at(step, &url, dir.path()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_roll_out_loses_and_doubles_nothing_on_postgresql() {
    for step in ROLL_OUT {
        let Some(url) = postgres::database().await else { return };
        let dir = tempfile::tempdir().unwrap();
        killed_at(step, &url, dir.path()).await;
        postgres::drop_database(&url).await;
    }
}
