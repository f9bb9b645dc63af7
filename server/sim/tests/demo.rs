//! The lived-in scenario: consistent with its own schedules and schemas, the same each time, and cheap to keep running.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

use std::time::{Duration, Instant};

use serde_json::Value;
use sim::{Clock, World};

fn world() -> World {
    World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()))
}

fn objects<'a>(state: &'a Value, plural: &str) -> &'a Vec<Value> {
    state["objects"][plural].as_array().unwrap()
}

#[test]
fn has_a_past_that_fits_the_present() {
    let state = world().state("demo");
    let backups = objects(&state, "backups");
    assert!(backups.len() > 80, "{}", backups.len());
    let count = |phase: &str| backups.iter().filter(|b| b["status"]["phase"] == phase).count();
    assert!(count("Completed") > backups.len() * 3 / 4);
    assert!(count("PartiallyFailed") > 2);
    assert!(count("Failed") >= 1);
    let now = state["now"].as_str().unwrap();
    for backup in backups {
        let status = &backup["status"];
        assert!(status["completionTimestamp"].as_str().unwrap() < now);
        assert!(status["expiration"].as_str().unwrap() > now);
        assert!(status["startTimestamp"].as_str() >= backup["metadata"]["creationTimestamp"].as_str());
        let name = backup["metadata"]["labels"]["velero.io/schedule-name"].as_str().unwrap();
        assert!(objects(&state, "schedules").iter().any(|s| s["metadata"]["name"] == name));
    }
    assert!(objects(&state, "schedules").iter().any(|s| s["spec"]["paused"] == true));
}

#[test]
fn goes_on_where_the_past_ended() {
    let world = world();
    let before = objects(&world.state("demo"), "backups").len();
    world.advance(Duration::from_secs(3600));
    let early = objects(&world.state("demo"), "backups").len();
    assert!(early <= before + 1, "no burst of overdue runs: {before} -> {early}");
    world.advance(Duration::from_secs(23 * 3600));
    let state = world.state("demo");
    let new = objects(&state, "backups")
        .iter()
        .filter(|b| b["metadata"]["creationTimestamp"].as_str() > Some("2026-10-03T12:00:00Z"));
    assert!(new.count() >= 6);
}

#[test]
fn is_the_same_each_time() {
    let run = || {
        let world = world();
        world.advance(Duration::from_secs(40_000));
        world.state("demo")
    };
    assert_eq!(run(), run());
}

#[test]
fn ticks_are_cheap_with_thousands_of_objects() {
    let world = world();
    for n in 0..3000 {
        let backup = serde_json::json!({"kind": "Backup", "metadata": {"name": format!("b{n}")},
            "spec": {"storageLocation": "default", "includedNamespaces": ["none"]},
            "status": {"phase": "Completed", "expiration": "2027-10-03T12:00:00Z"}});
        world.object("demo", backup).unwrap();
    }
    let start = Instant::now();
    for _ in 0..240 {
        world.advance(Duration::from_millis(250));
    }
    // A minute of ticks; unoptimised and beside other builds.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn announces_what_a_connection_form_asks_for() {
    let lines = sim::announce("http://127.0.0.1:9000/");
    assert_eq!(lines[0]["base_url"], "http://127.0.0.1:9000/s/demo/velero");
    assert_eq!(lines[0]["credential"], "sim-demo-token");
    assert_eq!(lines[0]["namespace"], "velero");
}

#[test]
fn a_fast_clock_shortens_work_but_not_the_day() {
    let clock = Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()).with_speed(10.0);
    let world = World::new(clock);
    let backup =
        serde_json::json!({"kind": "Backup", "metadata": {"name": "b"}, "spec": {"includedNamespaces": ["web"]}});
    world.object("t", backup).unwrap();
    world.advance(Duration::from_millis(1200));
    let state = world.state("t");
    assert_eq!(objects(&state, "backups")[0]["status"]["phase"], "Completed");
    assert_eq!(state["now"], "2026-10-03T12:00:01Z");
}
