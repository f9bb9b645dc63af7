#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::provider::cloudcasa::wire::read;
use model::{location::LocationState, recovery::PointState};
use serde_json::{Value, json};

fn job(value: Value) -> Job {
    read::<Job>(vec![value]).pop().unwrap()
}

fn row(value: Value) -> VolumeRow {
    volume(&read::<VolumeProgress>(vec![value]).pop().unwrap())
}

#[test]
fn every_state_of_a_job_has_its_phase() {
    for (state, wanted) in [
        ("UNKNOWN", Phase::Unknown("UNKNOWN".into())),
        ("PENDING", Phase::Queued),
        ("RUNNING", Phase::Running),
        ("CATALOG", Phase::Running),
        ("COMPLETED", Phase::Succeeded),
        ("PARTIAL", Phase::Partial),
        ("FAILED", Phase::Failed),
        ("SKIPPED", Phase::Failed),
        ("CANCELLING", Phase::Running),
        ("CANCELED", Phase::Cancelled),
        ("CANCELLED", Phase::Cancelled),
        ("VERIFYING", Phase::Unknown("VERIFYING".into())),
        ("completed", Phase::Unknown("completed".into())),
        ("", Phase::Unknown(String::new())),
    ] {
        let seen = run(&job(json!({"_id": "j", "type": "K8S_SNAP", "state": state})), &Belongs::default(), Vec::new());
        assert_eq!((&seen.phase, seen.raw_phase.as_str()), (&wanted, state), "{state}");
        assert_eq!(seen.phase.is_good(), state == "COMPLETED", "{state}");
    }
    for (phase_word, wanted) in [
        ("OFFLOAD_RUNNING", Phase::Succeeded),
        ("OFFLOAD_COMPLETED", Phase::Succeeded),
        ("OFFLOAD_PARTIAL", Phase::Partial),
    ] {
        let job = job(json!({"type": "K8S_COPY", "state": "COMPLETED", "phase": phase_word}));
        assert_eq!(phase(&job), wanted, "{phase_word}");
    }
}

#[test]
fn every_state_of_the_others_has_its_word() {
    for (state, wanted) in [
        ("PENDING", Phase::Queued),
        ("ACTIVE", Phase::Running),
        ("COMPLETED", Phase::Succeeded),
        ("FAILED", Phase::Failed),
        ("SKIPPED", Phase::Failed),
        ("MELTING", Phase::Unknown("MELTING".into())),
    ] {
        assert_eq!(volume_phase(state), wanted, "{state}");
    }
    for (state, wanted) in [
        ("PENDING", Phase::Queued),
        ("JOB_CREATED", Phase::Queued),
        ("FAILED", Phase::Failed),
        ("THAWED", Phase::Unknown("THAWED".into())),
    ] {
        assert_eq!(restore_phase(state), wanted, "{state}");
    }
    for (state, wanted) in [
        ("READY", LocationState::Available),
        ("FAILED", LocationState::Unavailable),
        ("VALIDATING", LocationState::NotChecked),
        ("ASLEEP", LocationState::Unknown("ASLEEP".into())),
    ] {
        assert_eq!(location_state(state), wanted, "{state}");
    }
    for (state, wanted) in [
        ("READY", Some(PointState::Whole)),
        ("DELETING", Some(PointState::Deleting)),
        ("FROZEN", Some(PointState::Unknown("FROZEN".into()))),
        ("PENDING", None),
        ("", None),
    ] {
        let made = read::<Point>(vec![json!({"_id": "p", "state": state})]).pop().unwrap();
        assert_eq!(
            point(&made, &Belongs::default(), Millis(1_700_000_000_000), |_| None).map(|seen| seen.state),
            wanted,
            "{state}"
        );
    }
}

#[test]
fn a_share_is_never_over_a_hundred_nor_of_nothing() {
    let bytes = |estimated: i64, transferred: i64, state: &str| {
        let job = job(json!({"type": "K8S_COPY", "state": state, "kube_copy_progress":
            {"stats": {"estimated_size": estimated, "transferred_size": transferred}}}));
        run(&job, &Belongs::default(), Vec::new()).detail.bytes
    };
    assert_eq!(bytes(0, 5, "RUNNING"), Some(run::Progress { done: 5, total: None }));
    assert_eq!(bytes(0, 5, "RUNNING").unwrap().percent(), None);
    assert_eq!(bytes(100, 50, "RUNNING").unwrap().percent(), Some(50));
    assert_eq!(bytes(100, 130, "RUNNING").unwrap().percent(), Some(100));
    assert_eq!(bytes(100, 96, "COMPLETED"), Some(run::Progress { done: 96, total: None }), "no 96 % of what is done");
    assert_eq!(bytes(-1, -1, "RUNNING"), None);
    let row = row(json!({"name": "data-0", "namespace": "shop", "state": "ACTIVE", "op_type": "COPY",
        "stats": {"estimated_size": 10, "transferred_size": 30}, "start_time": 1_700_000_000}));
    assert_eq!(
        (row.name.as_str(), row.bytes.unwrap().percent(), row.began),
        ("shop/data-0", Some(100), Some(Millis(1_700_000_000_000)))
    );
}

#[test]
fn what_is_not_told_is_absent() {
    let seen = run(&job(json!({"_id": "j", "type": "K8S_SNAP", "state": "RUNNING"})), &Belongs::default(), Vec::new());
    let detail = &seen.detail;
    assert_eq!((detail.items, detail.bytes, detail.errors, detail.warnings), (None, None, None, None));
    assert_eq!((seen.created, seen.started, seen.ended), (None, None, None));
    assert_eq!((&seen.definition, &seen.declared, &seen.order), (&None, &None, &None));
    // Of other types than expected it is as good as absent, and the rest is read all the same.
    let odd = job(
        json!({"_id": "j", "type": "K8S_SNAP", "state": "RUNNING", "start_time": 0, "end_time": "soon", "num_errors": "x",
        "activity": "none", "retention": 7, "backupdef": {"_id": "b", "name": "shop"}, "kube_copy_progress": [], "message": null}),
    );
    assert_eq!((odd.backupdef.as_str(), odd.start_time, odd.end_time, odd.num_errors), ("b", None, None, None));
    let made = read::<Point>(vec![json!({"_id": "p", "state": "READY", "expiry_timestamp": 0})]).pop().unwrap();
    let seen = point(&made, &Belongs::default(), Millis(1_700_000_000_000), |_| None).unwrap();
    assert_eq!((seen.taken, seen.expires, seen.items, seen.detail.bytes), (None, None, None, None));
}

#[test]
fn a_point_that_lacks_something_is_partial() {
    let state = |more: Value| {
        let mut doc = json!({"_id": "p", "state": "READY", "num_total_resources": 10, "num_backup_resources": 10, "num_errors": 0});
        for (key, value) in more.as_object().unwrap() {
            doc[key] = value.clone();
        }
        point_state(&read::<Point>(vec![doc]).pop().unwrap())
    };
    assert_eq!(state(json!({})), PointState::Whole);
    assert_eq!(state(json!({"num_errors": 2})), PointState::Partial);
    assert_eq!(state(json!({"num_backup_resources": 8})), PointState::Partial);
    assert_eq!(
        state(json!({"num_volume_snapshots_attempted": 3, "num_volume_snapshots_completed": 2})),
        PointState::Partial
    );
}

#[test]
fn a_locked_point_says_why_it_stays_and_a_password_is_never_kept() {
    let doc = json!({"_id": "p", "name": "shop-1", "state": "READY", "type": "COPY", "objectstore": "s", "total_copy_data": 9,
        "cluster": "c", "cluster_name": "prod", "status": {"locked": true}, "backup_selection": {"namespaces": ["shop"]},
        "backup_location": {"bucket_name": "b", "repo_password": "hunter2"}});
    let made = read::<Point>(vec![doc]).pop().unwrap();
    let seen =
        point(&made, &Belongs::default(), Millis(1_700_000_000_000), |id| (id == "s").then(|| "minio".to_owned()))
            .unwrap();
    assert!(seen.detail.kept_because.as_ref().unwrap().contains("SafeLock"));
    assert_eq!(seen.location.as_deref(), Some("minio"));
    assert_eq!(seen.detail.subject, Some(Named::new("c", "prod")));
    assert_eq!((seen.detail.bytes, seen.namespaces.as_slice()), (Some(9), ["shop".to_owned()].as_slice()));
    assert!(!format!("{made:?} {seen:?}").contains("hunter2"));
}

#[test]
fn a_restore_follows_its_job() {
    let doc = |status: Value| {
        json!({"_id": "r", "name": "back-1", "backup_inst": "p", "namespaces_map": {"shop": "shop-2"},
        "tags": {ORDER: "back-1", ASKED_BY: "ada"}, "status": status, "_created": "Mon, 13 Mar 2023 18:53:39 GMT"})
    };
    let read = |status: Value| read::<Restore>(vec![doc(status)]).pop().unwrap();
    let fresh = restore(&read(Value::Null), None);
    assert_eq!(
        (fresh.phase, fresh.order.as_deref(), fresh.created),
        (Phase::Queued, Some("back-1"), Some(Millis(1_678_733_619_000)))
    );
    let failed =
        restore(&read(json!({"state": "FAILED", "message": "The recovery point does not exist any more."})), None);
    assert_eq!((failed.phase, failed.detail.message.is_some()), (Phase::Failed, true));
    let job = job(
        json!({"_id": "j", "type": "RESTORE", "state": "RUNNING", "num_total_resources": 10, "num_restored_resources": 4}),
    );
    let running = restore(&read(json!({"state": "JOB_CREATED", "jobid": "j"})), Some(&job));
    assert_eq!((running.phase, running.raw_phase.as_str()), (Phase::Running, "RUNNING"));
    assert_eq!(running.detail.items, Some(run::Progress { done: 4, total: Some(10) }));
    assert_eq!(running.mapping, [("shop".to_owned(), "shop-2".to_owned())]);
}

#[test]
fn an_order_whose_job_was_late_is_named_by_the_first_run_by_hand_after_it() {
    let awaited =
        Awaited { order: "shop-run-1".into(), asked: Millis(1_700_000_000_700), before: vec!["there".into()] };
    let belongs = Belongs { awaited: Some(awaited), ..Belongs::default() };
    let named = |more: Value| {
        let mut doc = json!({"_id": "j", "type": "K8S_SNAP", "state": "PENDING", "start_time": 1_700_000_004});
        for (key, value) in more.as_object().unwrap() {
            doc[key] = value.clone();
        }
        run(&job(doc), &belongs, Vec::new()).order
    };
    assert_eq!(named(json!({})).as_deref(), Some("shop-run-1"));
    assert_eq!(named(json!({"policy_id": "p"})), None);
    assert_eq!(named(json!({"type": "K8S_COPY"})), None);
    // CloudCasa's clock may be behind ours; what was there before the order is no answer to it.
    assert_eq!(named(json!({"start_time": 1_699_999_970})).as_deref(), Some("shop-run-1"));
    assert_eq!(named(json!({"start_time": 1_699_999_970, "_id": "there"})), None);
    assert_eq!(named(json!({"start_time": 1_699_999_870})), None, "two minutes at most");
}

#[test]
fn a_point_that_outlives_its_time_has_no_end() {
    let expires = |state: &str, now: i64| {
        let doc = json!({"_id": "p", "state": state, "expiry_timestamp": 1_700_000_000});
        point(&read::<Point>(vec![doc]).pop().unwrap(), &Belongs::default(), Millis(now), |_| None).unwrap().expires
    };
    let end = Millis(1_700_000_000_000);
    assert_eq!(expires("READY", end.0 - 1), Some(end));
    assert_eq!(expires("READY", end.0 + 1), None, "it is among those that are always kept");
    assert_eq!(expires("DELETING", end.0 + 1), Some(end));
}
