//! A past that is lived: a clock that goes behind the machine's comes up to it, and what would have happened has happened.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim::{Clock, Options, World};

const DAY: Duration = Duration::from_secs(86_400);

fn schedule(name: &str, cron: &str, namespace: &str, ttl: &str) -> Value {
    json!({"kind": "Schedule", "metadata": {"name": name}, "spec": {"schedule": cron,
        "template": {"includedNamespaces": [namespace], "ttl": ttl, "storageLocation": "default"}}})
}

/// Sixty days of four schedules, in leaps.
fn lived(names: [&str; 4]) -> World {
    let world = World::new(Clock::behind(60 * DAY));
    world.seed("past", Options { unlucky: 12, ..Options::default() });
    for (name, (cron, namespace, ttl)) in names.into_iter().zip([
        ("30 2 * * *", "orders", "720h0m0s"),
        ("15 */6 * * *", "ledger", "336h0m0s"),
        ("0 4 * * *", "identity", "336h0m0s"),
        ("0 5 * * 0", "web", "2160h0m0s"),
    ]) {
        world.object("past", schedule(name, cron, namespace, ttl)).unwrap();
    }
    for _ in 0..6 {
        world.leap(10 * DAY - Duration::from_secs(300));
    }
    world.leap(DAY);
    world
}

fn backups(world: &World) -> Vec<Value> {
    world.state("past")["objects"]["backups"].as_array().cloned().unwrap_or_default()
}

#[test]
fn is_what_the_schedules_would_have_left() {
    let began = Instant::now();
    let world = lived(["a", "b", "c", "d"]);
    let took = began.elapsed();
    let state = world.state("past");
    let now = state["now"].as_str().unwrap().to_owned();
    let all = backups(&world);
    let of = |name: &str| all.iter().filter(|b| b["metadata"]["labels"]["velero.io/schedule-name"] == name).count();
    for (name, low, high) in [("a", 29, 31), ("b", 54, 58), ("c", 13, 15), ("d", 8, 9)] {
        assert!((low..=high).contains(&of(name)), "{name}: {}", of(name));
    }
    for backup in &all {
        assert!(backup["metadata"]["creationTimestamp"].as_str().unwrap() <= now.as_str(), "{backup}");
        let phase = backup["status"]["phase"].as_str().unwrap();
        assert!(["Completed", "PartiallyFailed", "Failed", "InProgress"].contains(&phase), "{phase}");
    }
    let partial = all.iter().filter(|b| b["status"]["phase"] == "PartiallyFailed").count();
    assert!((5..=40).contains(&partial), "{partial} of {}", all.len());
    let locations = state["objects"]["backupstoragelocations"].as_array().unwrap();
    let main = locations.iter().find(|l| l["metadata"]["name"] == "default").unwrap();
    assert_eq!(main["status"]["phase"], "Available");
    println!("lived in {took:?}, {} backups", all.len());
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[test]
fn is_the_same_whatever_the_schedules_are_called() {
    let ends = |names| -> std::collections::BTreeMap<(String, String), String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = backups(&lived(names));
        let minute = |backup: &Value| text(&backup["metadata"]["creationTimestamp"])[..16].to_owned();
        all.iter()
            .filter(|b| !matches!(b["status"]["phase"].as_str(), Some("InProgress" | "New" | "Queued")))
            .map(|b| ((minute(b), b["spec"]["includedNamespaces"].to_string()), text(&b["status"]["phase"])))
            .collect()
    };
    let (one, other) = (ends(["a", "b", "c", "d"]), ends(["shop-1", "books-2", "people-3", "pages-4"]));
    // A run of this very minute may be in one and not yet in the other.
    let both = one.iter().filter(|(key, _)| other.contains_key(*key)).count();
    assert!(both + 2 >= one.len(), "{both} of {}", one.len());
    assert!(one.iter().all(|(key, phase)| other.get(key).is_none_or(|there| there == phase)));
}
