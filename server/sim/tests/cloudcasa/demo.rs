//! The demo estate: a company with a past, the same each time, and cheap to keep running.
#![expect(clippy::disallowed_methods, reason = "measures real time")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim::{Clock, World};

fn world() -> World {
    World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()))
}

fn state(world: &World) -> Value {
    world.system_state("demo", "cloudcasa").unwrap()
}

fn objects<'a>(state: &'a Value, name: &str) -> &'a Vec<Value> {
    state["objects"][name].as_array().unwrap()
}

fn named<'a>(state: &'a Value, resource: &str, name: &str) -> &'a Value {
    objects(state, resource).iter().find(|doc| doc["name"] == name).unwrap()
}

#[test]
fn has_a_past_that_fits_the_present() {
    let state = state(&world());
    let now = 1_791_028_800;
    let jobs = objects(&state, "jobs");
    let count = |kind: &str, word: &str| jobs.iter().filter(|job| job["type"] == kind && job["state"] == word).count();
    assert!(count("K8S_SNAP", "COMPLETED") > 400, "{}", count("K8S_SNAP", "COMPLETED"));
    assert!(count("K8S_COPY", "COMPLETED") > 80);
    assert!(count("K8S_SNAP", "PARTIAL") + count("K8S_COPY", "PARTIAL") > 5);
    assert!(count("K8S_SNAP", "FAILED") > 2 && count("K8S_SNAP", "SKIPPED") > 20);
    assert!(count("DELETE_BACKUP", "COMPLETED") > 100, "many have expired");
    let running: Vec<&Value> =
        jobs.iter().filter(|job| job["state"] == "RUNNING" && job["type"] != "DELETE_BACKUP").collect();
    assert_eq!(running.len(), 1);
    assert!(running[0]["kube_copy_progress"]["stats"]["transferred_size"].as_i64().unwrap() > 0);
    for job in jobs {
        assert!(job["start_time"].as_i64().unwrap() <= now);
        assert!(
            job.get("end_time")
                .is_none_or(|end| end.as_i64() >= job["start_time"].as_i64() && end.as_i64() <= Some(now))
        );
    }
    let points = objects(&state, "backupinstances");
    assert!(points.len() > 80, "{}", points.len());
    let ids: BTreeSet<&str> = jobs.iter().map(|job| job["_id"].as_str().unwrap()).collect();
    for point in points.iter().filter(|point| point["state"] == "READY") {
        assert!(ids.contains(point["backup_job_id"].as_str().unwrap()));
        let kept = point["retention"]["numAlwaysRetain"].as_i64().unwrap() > 0;
        assert!(kept || point["expiry_timestamp"].as_i64().unwrap() > now);
    }
    assert!(points.iter().any(|point| point["status"]["locked"] == true));
}

#[test]
fn has_its_troubles() {
    let state = state(&world());
    assert_eq!(named(&state, "kubebackups", "analytics-weekly")["pause"], true);
    assert_eq!(named(&state, "kubeclusters", "edge-lab")["status"]["state"], "PENDING");
    assert_eq!(named(&state, "kubebackups", "stores-edge")["status"]["jobs"][0]["state"], "SKIPPED");
    assert_eq!(named(&state, "kubebackups", "ledger-daily")["status"]["jobs"][0]["state"], "FAILED");
    assert_eq!(named(&state, "kubebackups", "payments-daily")["status"]["jobs"][0]["state"], "PARTIAL");
    assert!(named(&state, "kubebackups", "platform-nightly")["velero"].is_object(), "managed elsewhere");
    assert!(named(&state, "kubebackups", "migrate-web-to-zrh")["migrationdef"].is_string());
    assert_eq!(named(&state, "objectstores", "dr-minio")["validate_state"], "VALIDATING");
    assert_eq!(named(&state, "objectstores", "old-nas")["validate_state"], "FAILED");
    assert!(objects(&state, "alerts").iter().any(|alert| alert["type"] == "CLUSTER_NOT_RESPONDING"));
}

#[test]
fn is_the_same_each_time_and_goes_on() {
    let run = || {
        let world = world();
        state(&world);
        world.advance(Duration::from_secs(86_400));
        state(&world)
    };
    let first = run();
    assert_eq!(first, run());
    let new = objects(&first, "jobs").iter().filter(|job| job["start_time"].as_i64() > Some(1_791_028_800));
    assert!(new.count() >= 8);
    let other = world();
    other.seed_system("demo-2", "cloudcasa", &json!({"history_days": 3})).unwrap();
    assert!(objects(&other.system_state("demo-2", "cloudcasa").unwrap(), "jobs").len() > 10);
}

#[test]
fn is_made_and_kept_cheaply() {
    let start = Instant::now();
    let world = world();
    world.seed_system("t", "cloudcasa", &json!({"extra_jobs": 5_000})).unwrap();
    state(&world);
    // Unoptimised and beside other builds.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let start = Instant::now();
    for _ in 0..240 {
        world.advance(Duration::from_millis(250));
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn a_fast_clock_shortens_work_but_not_the_day() {
    let world = World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()).with_speed(20.0));
    world.seed_system("t", "cloudcasa", &json!({})).unwrap();
    let state = world.system_state("t", "cloudcasa").unwrap();
    let cluster = named(&state, "kubeclusters", "prod-fra")["_id"].clone();
    let policy = json!({"collection": "policies", "document": {"name": "p", "timezone": "UTC", "schedules": [{"retainDays": 1, "schedule": {"cronSpec": "1 12 * * *"}}]}});
    let policy = world.command("t", "cloudcasa", "put", &policy).unwrap()["_id"].clone();
    let backup = json!({"collection": "kubebackups", "document": {"name": "b", "cluster": cluster, "policy": policy, "trigger_type": "SCHEDULED",
        "source": {"namespaces": ["web"]}}});
    world.command("t", "cloudcasa", "put", &backup).unwrap();
    world.advance(Duration::from_secs(59));
    assert!(world.system_state("t", "cloudcasa").unwrap()["objects"].get("jobs").is_none());
    world.advance(Duration::from_secs(3));
    let state = world.system_state("t", "cloudcasa").unwrap();
    assert_eq!(objects(&state, "jobs")[0]["state"], "COMPLETED");
}

#[test]
fn announces_what_a_connection_form_asks_for() {
    let lines = sim::announce("http://127.0.0.1:9000/");
    let line = lines.iter().find(|line| line["system"] == "cloudcasa").unwrap();
    assert_eq!(line["base_url"], "http://127.0.0.1:9000/s/demo/cloudcasa/api/v1");
    assert_eq!(line["credential"], "sim-demo-token");
}

#[test]
fn options_and_commands_that_are_wrong_are_said_so() {
    let world = world();
    let seed = |body: Value| world.seed_system("t", "cloudcasa", &body);
    assert!(seed(json!({"colour": 1})).unwrap_err().contains("unknown field"));
    assert!(
        seed(json!([])).is_err()
            && seed(json!({"run_code": 500})).is_err()
            && seed(json!({"history_days": 9999})).is_err()
    );
    seed(json!({"bare": true})).unwrap();
    assert_eq!(world.system_state("t", "cloudcasa").unwrap()["objects"], json!({}));
    for (verb, body) in [
        ("fly", json!({})),
        ("put", json!({"collection": "nothing", "document": {}})),
        ("put", json!({"collection": "jobs", "document": {"_id": "x"}})),
        ("put", json!({"collection": "jobs", "document": 5})),
        ("edit", json!({"collection": "jobs", "id": "x", "set": {}})),
        ("cancel", json!({"job": "x"})),
        ("agent", json!({"cluster": "x", "do": "install"})),
        ("outcome", json!({})),
        ("options", json!({"colour": 1})),
    ] {
        assert!(world.command("t", "cloudcasa", verb, &body).is_err(), "{verb} {body}");
    }
    world.command("t", "cloudcasa", "options", &json!({"page_limit": 7})).unwrap();
}
