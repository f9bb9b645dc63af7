//! The lived-in account: consistent, the same each time, with the troubles that it is there to show.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim::{Clock, World};

fn world() -> World {
    World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()))
}

fn rows(state: &Value, resource: &str) -> Vec<Value> {
    state["resources"][resource].as_array().unwrap().clone()
}

fn count(rows: &[Value], field: &str, word: &str) -> usize {
    rows.iter().filter(|row| row[field] == word).count()
}

#[test]
fn has_a_past_with_troubles() {
    let world = world();
    let state = world.system_state("demo", "astra").unwrap();
    let backups = rows(&state, "appBackup");
    assert!(count(&backups, "state", "completed") > 50, "{}", backups.len());
    assert!(count(&backups, "state", "failed") >= 3);
    assert!(count(&backups, "state", "removed") >= 3, "those in the bucket that went away");
    assert!(count(&backups, "hookState", "failed") >= 2);
    assert_eq!(count(&backups, "name", "before-quarter-close"), 1);
    let running: Vec<&Value> = backups.iter().filter(|row| row["state"] == "running").collect();
    assert_eq!(running.len(), 1, "the one just started");
    let schedules = rows(&state, "schedule");
    assert_eq!(count(&schedules, "enabled", "false"), 1);
    assert!(schedules.iter().any(|row| row["metadata"]["labels"][0]["value"] == "gitops"));
    for schedule in &schedules {
        let mine = backups.iter().filter(|b| b["scheduleID"] == schedule["id"] && b["state"] == "completed");
        let keep: usize = schedule["backupRetention"].as_str().unwrap().parse().unwrap();
        assert!(mine.count() <= keep, "{schedule}");
    }
    let now = state["now"].as_str().unwrap();
    assert!(backups.iter().all(|b| b["metadata"]["creationTimestamp"].as_str().unwrap() <= now));
    let ids: std::collections::BTreeSet<&str> = backups.iter().map(|b| b["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), backups.len());
    assert!(rows(&state, "notification").len() >= 5);
}

#[test]
fn is_the_same_each_time_and_goes_on() {
    let run = |scenario: &str| {
        let world = world();
        world.system_state(scenario, "astra").unwrap();
        world.advance(Duration::from_secs(30 * 3600));
        world.system_state(scenario, "astra").unwrap()
    };
    let state = run("demo");
    assert_eq!(state, run("demo"));
    let backups = rows(&state, "appBackup");
    let new = backups.iter().filter(|b| b["metadata"]["creationTimestamp"].as_str() > Some("2026-10-03T12:00:00Z"));
    assert!(new.count() >= 10);
    assert_ne!(rows(&run("demo-2"), "appBackup").len(), 0);
    assert_eq!(rows(&run("other"), "appBackup").len(), 0, "only the demo has a past");
}

#[test]
fn ticks_are_cheap() {
    let world = world();
    let start = Instant::now();
    world.system_state("demo", "astra").unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "two months: {:?}", start.elapsed());
    for n in 0..2000 {
        let object = json!({"name": format!("b{n}"), "state": "completed"});
        world
            .command("demo", "astra", "put", &json!({"resource": "appBackup", "owner": "web", "object": object}))
            .unwrap();
    }
    let start = Instant::now();
    for _ in 0..240 {
        world.advance(Duration::from_millis(250));
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn is_announced_with_its_account() {
    let lines = sim::announce("http://127.0.0.1:9000");
    let line = lines.iter().find(|line| line["system"] == "astra").unwrap();
    assert_eq!(line["base_url"], "http://127.0.0.1:9000/s/demo/astra");
    assert_eq!(line["credential"], "sim-demo-token");
    assert_eq!(line["account_id"], world().system_state("demo", "astra").unwrap()["account_id"]);
}

#[test]
fn options_are_checked() {
    let world = world();
    for wrong in [
        json!({"unknown": 1}),
        json!({"role": "king"}),
        json!({"account_id": "x"}),
        json!({"history_days": 100_000}),
        json!({"bytes_per_second": 0}),
        json!({"backup_bytes": u64::MAX}),
        json!({"deletion_seconds": u64::MAX}),
        json!([]),
        json!("x"),
    ] {
        assert!(world.seed_system("t", "astra", &wrong).is_err(), "{wrong}");
    }
    world.seed_system("t", "astra", &json!({"bare": true})).unwrap();
    let state = world.system_state("t", "astra").unwrap();
    assert_eq!((rows(&state, "app").len(), rows(&state, "bucket").len()), (0, 0));
    world.seed_system("t", "astra", &json!({"extra_apps": ["one", "two"], "history_days": 3})).unwrap();
    let state = world.system_state("t", "astra").unwrap();
    assert_eq!(count(&rows(&state, "app"), "name", "two"), 1);
    assert_ne!(rows(&state, "appBackup").len(), 0);
}

#[test]
fn a_fast_clock_shortens_work_but_not_the_day() {
    let clock = Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()).with_speed(100.0);
    let world = World::new(clock);
    world.seed_system("t", "astra", &json!({"backup_bytes": 1_000_000})).unwrap();
    let backup = json!({"result": "hook-failed"});
    world.command("t", "astra", "outcome", &backup).unwrap();
    let schedule = json!({"resource": "schedule", "owner": "web", "object": {"granularity": "hourly", "minute": "1",
        "enabled": "true", "snapshotRetention": "1", "backupRetention": "1"}});
    world.command("t", "astra", "put", &schedule).unwrap();
    world.advance(Duration::from_secs(59));
    assert_eq!(rows(&world.system_state("t", "astra").unwrap(), "appBackup").len(), 0);
    world.advance(Duration::from_secs(2));
    let backups = rows(&world.system_state("t", "astra").unwrap(), "appBackup");
    assert_eq!((&backups[0]["state"], &backups[0]["hookState"]), (&json!("completed"), &json!("failed")));
}
