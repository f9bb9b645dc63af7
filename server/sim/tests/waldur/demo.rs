//! The lived-in installations that `holdfast sim` announces.

use std::time::Duration;

use serde_json::{Value, json};
use sim::{Clock, World};

use crate::bed::text;

fn world() -> World {
    World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()))
}

fn rows(state: &Value, resource: &str) -> Vec<Value> {
    state[resource].as_array().unwrap().clone()
}

#[test]
fn each_generation_has_a_line_of_its_own() {
    let lines: Vec<Value> =
        sim::announce("http://127.0.0.1:9000/").into_iter().filter(|line| line["system"] == "waldur").collect();
    let generations: Vec<String> = lines.iter().map(|line| text(&line["generation"])).collect();
    assert_eq!(generations, ["G2", "G3", "G4", "G5"]);
    assert_eq!(lines[0]["base_url"], "http://127.0.0.1:9000/s/demo/waldur");
    assert_eq!(lines[2]["base_url"], "http://127.0.0.1:9000/s/demo-g4/waldur");
    assert_eq!(lines[2]["credential"], "sim-demo-g4-token");
    for line in lines {
        let url = text(&line["base_url"]);
        let scenario = url.split('/').nth(4).unwrap();
        assert_eq!(world().system_state(scenario, "waldur").unwrap()["generation"], line["generation"]);
    }
}

#[test]
fn the_contracts_one_shows_its_traps() {
    let state = world().system_state("demo", "waldur").unwrap();
    let backups = rows(&state, "backups");
    assert!(backups.len() > 80, "{}", backups.len());
    let good = |backup: &&Value| backup["state"] == "Ready" && backup["metadata"]["system_snapshot_id"].is_string();
    assert!(backups.iter().filter(good).count() > backups.len() * 3 / 4);
    assert!(backups.iter().any(|b| b["state"] == "Ready" && b["metadata"] == json!({})), "a failed one");
    assert!(backups.iter().any(|b| b["state"] == "Backing up"), "one under way");
    let now = text(&state["now"]);
    let stuck = |b: &&Value| b["state"] == "Erred" && b["kept_until"].is_string() && text(&b["kept_until"]) < now;
    assert!(backups.iter().any(|b| stuck(&b)), "an erred one past its end");
    assert!(backups.iter().all(|b| text(&b["created_at"]) < now));
    let schedules = rows(&state, "schedules");
    let of = |name: &str| schedules.iter().find(|s| s["description"] == name).unwrap().clone();
    assert_eq!(of("analytics nightly")["is_active"], false, "switched off by its quota");
    assert_eq!(of("storefront weekly")["is_active"], false, "paused");
    assert_eq!(of("orders every six hours")["is_active"], true, "switched off, and on again by somebody");
    assert_eq!(of("build-runner weekly")["backups"], json!([]), "its machine is erred");
    assert!(schedules.iter().all(|s| text(&s["schedule"]).len() <= 15));
    assert!(rows(&state, "instances").iter().any(|i| i["name"] == "payments-db-1-drill" && i["state"] == "Online"));
}

#[test]
fn the_later_ones_tell_the_same_story() {
    for (scenario, erred) in [("demo-g3", "Erred"), ("demo-g4", "Erred"), ("demo-g5", "ERRED")] {
        let state = world().system_state(scenario, "waldur").unwrap();
        let backups = rows(&state, "backups");
        assert!(backups.len() > 80, "{scenario} {}", backups.len());
        assert!(backups.iter().any(|b| b["state"] == erred && b["error_message"] != ""));
        assert!(backups.iter().any(|b| text(&b["state"]).to_uppercase() == "CREATING"));
        assert!(backups.iter().any(|b| b["restorations"] != json!([])));
        let schedules = rows(&state, "schedules");
        if scenario == "demo-g5" {
            assert!(schedules.is_empty());
        } else {
            let off = schedules.iter().find(|s| s["name"] == "analytics nightly").unwrap();
            assert_eq!(off["is_active"], false);
            assert!(text(&off["error_message"]).starts_with("Failed to schedule"), "{off}");
        }
    }
}

#[test]
fn is_the_same_each_time_and_goes_on() {
    let run = || {
        let world = world();
        world.advance(Duration::from_secs(1));
        world.system_state("demo", "waldur").unwrap();
        world.advance(Duration::from_secs(86_400));
        world.system_state("demo", "waldur").unwrap()
    };
    let state = run();
    assert_eq!(state, run());
    let new = rows(&state, "backups").into_iter().filter(|b| text(&b["created_at"]).as_str() > "2026-10-03T12:00:01");
    assert!(new.count() >= 6);
}

#[test]
fn a_fast_clock_shortens_work_but_not_the_day() {
    let clock = Clock::manual("2026-10-03T01:59:30Z".parse().unwrap()).with_speed(20.0);
    let world = World::new(clock);
    world.seed_system("t", "waldur", &json!({"generation": "G4", "history_days": 3})).unwrap();
    world.advance(Duration::from_secs(10));
    let state = world.system_state("t", "waldur").unwrap();
    assert!(rows(&state, "backups").iter().all(|b| text(&b["state"]) != "Creating"), "540 GiB in six seconds");
    assert_eq!(text(&state["now"]), "2026-10-03T01:59:40Z");
}
