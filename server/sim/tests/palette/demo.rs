//! The lived-in tenant: consistent with its own policies, the same each time, cheap to keep; and the large one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim::{Clock, World};

fn world() -> World {
    World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()))
}

fn state(world: &World) -> Value {
    world.system_state("demo", "palette").unwrap()
}

fn workspace<'a>(state: &'a Value, name: &str) -> &'a Value {
    state["workspaces"].as_array().unwrap().iter().find(|workspace| workspace["name"] == name).unwrap()
}

fn backups<'a>(state: &'a Value, name: &str) -> &'a [Value] {
    workspace(state, name)["backups"].as_array().unwrap()
}

fn config(backup: &Value) -> &Value {
    &backup["workspaceBackupConfig"]
}

fn rows(backup: &Value) -> &[Value] {
    config(backup)["clusterBackupRefs"].as_array().unwrap()
}

#[test]
fn has_a_past_that_fits_the_present() {
    let state = state(&world());
    let now = "2026-10-03T12:00:00.000Z";
    let mut words = std::collections::BTreeMap::<String, usize>::new();
    for (name, count) in
        [("shop", 31), ("finance", 28), ("stores", 14), ("ledger", 8), ("identity", 0), ("analytics", 0)]
    {
        let backups = backups(&state, name);
        assert!(backups.len() >= count, "{name}: {}", backups.len());
        for row in backups.iter().flat_map(rows) {
            let meta = &row["backupStatusMeta"];
            *words.entry(meta["backupState"]["state"].as_str().unwrap().to_owned()).or_default() += 1;
            if meta["backupState"]["state"] == "Completed" {
                assert!(
                    meta["expiryDate"].as_str().unwrap() > now
                        && meta["backupState"]["backupTime"].as_str().unwrap() < now
                );
            }
        }
    }
    assert!(words["Completed"] > 100 && words["PartiallyFailed"] >= 3 && words["Failed"] >= 2, "{words:?}");
    assert_eq!(workspace(&state, "analytics")["policy"], Value::Null);
    assert_eq!(workspace(&state, "identity")["policy"]["backupConfig"]["schedule"]["scheduledRunTime"], "");
    assert!(!backups(&state, "identity").is_empty(), "paused, but it has run before");
    let finance: Vec<&str> = workspace(&state, "finance")["restores"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["workspaceRestoreConfig"]["restoreState"]["state"].as_str().unwrap())
        .collect();
    assert_eq!(finance, ["Failed", "Completed"]);
}

#[test]
fn shows_every_trouble_at_once() {
    let state = state(&world());
    let shop = backups(&state, "shop");
    let running = shop.last().unwrap();
    assert_eq!(
        (running["actor"]["actorType"].as_str(), config(running)["backupName"].as_str()),
        (Some("User"), Some("before-release"))
    );
    let night = &shop[shop.len() - 2];
    let words: Vec<&str> =
        rows(night).iter().map(|r| r["backupStatusMeta"]["backupState"]["state"].as_str().unwrap()).collect();
    assert_eq!(
        (config(night)["backupState"]["state"].as_str(), words),
        (Some("Completed"), vec!["Completed", "Failed"])
    );
    assert_eq!(config(&shop[0])["backupState"]["deleteState"], "Deleting");
    let stores = backups(&state, "stores");
    assert_eq!(rows(stores.last().unwrap()).len(), 2, "a cluster out of reach is left out");
    assert_eq!(rows(&stores[0]).len(), 3, "it was there before");
    let clusters = state["clusters"].as_array().unwrap();
    assert!(clusters.iter().any(|cluster| cluster["name"] == "edge-basel-1" && cluster["healthy"] == false));
}

#[test]
fn goes_on_where_the_past_ended_without_bad_luck() {
    let world = world();
    let before = backups(&state(&world), "finance").len();
    world.advance(Duration::from_secs(3 * 86_400));
    let after = state(&world);
    let finance = backups(&after, "finance");
    assert!(finance.len() >= before.min(28) && finance.len() <= 29, "{}", finance.len());
    for row in finance[finance.len() - 11..].iter().flat_map(rows) {
        assert_eq!(row["backupStatusMeta"]["backupState"]["state"], "Completed");
    }
}

#[test]
fn is_the_same_each_time() {
    let run = || {
        let world = world();
        state(&world);
        world.advance(Duration::from_secs(40_000));
        state(&world)
    };
    assert_eq!(run(), run());
}

#[test]
fn survives_any_age_and_speed() {
    for (days, speed) in [(0, 1.0), (1, 1e12), (5, 0.001), (400, 50.0)] {
        let world = World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()).with_speed(speed));
        world.seed_system("demo-x", "palette", &json!({"history_days": days})).unwrap();
        world.advance(Duration::from_secs(3600));
        assert!(world.system_state("demo-x", "palette").unwrap()["workspaces"].as_array().unwrap().len() > 5);
    }
}

#[test]
fn a_fleet_is_made_and_kept_quickly() {
    let world = world();
    let start = Instant::now();
    world.seed_system("big", "palette", &json!({"estate": "fleet"})).unwrap();
    let made = start.elapsed();
    let state = world.system_state("big", "palette").unwrap();
    let workspaces = state["workspaces"].as_array().unwrap();
    assert_eq!(workspaces.len(), 40);
    for workspace in workspaces {
        let backups = workspace["backups"].as_array().unwrap();
        assert_eq!(backups.len(), 30);
        assert!(
            backups
                .iter()
                .all(|backup| rows(backup).len() == 25 && config(backup)["backupState"]["state"] == "Completed")
        );
    }
    let start = Instant::now();
    for _ in 0..240 {
        world.advance(Duration::from_millis(250));
    }
    let ticks = start.elapsed();
    // Unoptimised and beside other builds.
    assert!(made < Duration::from_secs(60) && ticks < Duration::from_secs(2), "{made:?} {ticks:?}");
}

#[test]
fn announces_what_a_connection_form_asks_for() {
    let lines = sim::announce("http://127.0.0.1:9000/");
    let line = lines.iter().find(|line| line["system"] == "palette").unwrap();
    assert_eq!(line["base_url"], "http://127.0.0.1:9000/s/demo/palette");
    assert_eq!(line["credential"], "sim-demo-token");
    assert_eq!(line["project_uid"], state(&world())["projects"][0]["uid"]);
}
