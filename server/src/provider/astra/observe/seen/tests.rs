//! Every word of the vendor's list of states, an invented one, and what is told beside them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use serde_json::{Value, json};

const NOW: Millis = Millis(1_790_992_900_000);

fn backup(more: &Value) -> Backup {
    let mut value = json!({
        "id": "b", "name": "shop-1", "bucketID": "k", "state": "running", "stateUnready": [], "stateDetails": [],
        "metadata": {"labels": [], "creationTimestamp": "2026-10-03T02:00:05Z",
            "modificationTimestamp": "2026-10-03T02:01:41Z"},
    });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

struct Stand {
    app: App,
    schedule: Schedule,
    buckets: Vec<Bucket>,
    names: BTreeMap<String, String>,
}

fn stand() -> Stand {
    let from = |value: Value| serde_json::from_value(value).unwrap();
    let buckets: Vec<Bucket> =
        vec![serde_json::from_value(json!({"id": "k", "name": "main", "state": "available"})).unwrap()];
    Stand {
        app: from(json!({"id": "a", "name": "shop", "clusterID": "c", "clusterName": "prod", "namespaces": ["shop"]})),
        schedule: serde_json::from_value(json!({"id": "s", "metadata": {"labels": [
            {"name": DEFINITION, "value": "d-1"}, {"name": NAME, "value": "shop-7b1a9c"}]}}))
        .unwrap(),
        names: bucket_names(&buckets),
        buckets,
    }
}

impl Stand {
    fn beside(&self) -> Beside<'_> {
        Beside { app: &self.app, schedule: Some(&self.schedule), buckets: &self.buckets, names: &self.names, now: NOW }
    }

    fn run(&self, more: &Value) -> RunSeen {
        run(Sort::Backup, &backup(more), &self.beside())
    }

    fn point(&self, more: &Value) -> Option<PointSeen> {
        point(Sort::Backup, &backup(more), &self.beside())
    }
}

#[test]
fn every_state_has_its_phase_and_its_point() {
    let taken = "2026-10-03T02:01:40Z";
    let unknown = |word: &str| Phase::Unknown(word.to_owned());
    let odd = |word: &str| Some(PointState::Unknown(word.to_owned()));
    for (what, phase, state) in [
        (json!({"state": "pending"}), Phase::Queued, None),
        (json!({"state": "discovering"}), Phase::Running, None),
        (json!({"state": "running"}), Phase::Running, None),
        (json!({"state": "completed"}), Phase::Succeeded, Some(PointState::Whole)),
        (json!({"state": "completed", "hookState": "success"}), Phase::Succeeded, Some(PointState::Whole)),
        (json!({"state": "completed", "hookState": "failed"}), Phase::Partial, Some(PointState::Partial)),
        (
            json!({"state": "completed", "hookState": "sulking"}),
            unknown("completed, hooks sulking"),
            odd("completed, hooks sulking"),
        ),
        (json!({"state": "failed"}), Phase::Failed, odd("failed")),
        (json!({"state": "removed", "backupCreationTimestamp": taken}), Phase::Partial, odd("removed")),
        (json!({"state": "unknown"}), unknown("unknown"), None),
        (json!({"state": "deleting"}), Phase::Cancelled, None),
        (json!({"state": "deleting", "stateUnready": ["no space"]}), Phase::Failed, None),
        (json!({"state": "deleting", "backupCreationTimestamp": taken}), Phase::Succeeded, Some(PointState::Deleting)),
        (json!({"state": "sublime"}), unknown("sublime"), None),
        (json!({"state": "sublime", "backupCreationTimestamp": taken}), unknown("sublime"), odd("sublime")),
        (json!({"state": ""}), unknown(""), None),
    ] {
        let stand = stand();
        let run = stand.run(&what);
        assert_eq!(run.phase, phase, "{what}");
        assert_eq!(run.raw_phase, what["state"].as_str().unwrap());
        let point = stand.point(&what);
        assert_eq!(point.as_ref().map(|p| p.state.clone()), state, "{what}");
        if let Some(point) = point.filter(|p| !matches!(p.state, PointState::Whole | PointState::Partial)) {
            assert!(point.detail.not_restorable.is_some() || what["state"] == "completed", "{what}");
        }
    }
}

#[test]
fn a_run_tells_whose_it_is_and_how_far() {
    let stand = stand();
    let seen =
        stand.run(&json!({"scheduleID": "s", "totalBytes": 205_219_132, "bytesDone": 51_304_783, "percentDone": 25}));
    assert_eq!((seen.name.as_str(), seen.order, &seen.trigger), ("a/b", None, &Trigger::Schedule));
    assert_eq!((seen.definition.as_deref(), seen.declared.as_deref()), (Some("d-1"), Some("shop-7b1a9c")));
    assert_eq!(seen.detail.bytes, Some(Progress { done: 51_304_783, total: Some(205_219_132) }));
    assert_eq!(seen.detail.bytes.unwrap().percent(), Some(25));
    assert_eq!((seen.detail.title.as_deref(), seen.detail.location.as_deref()), (Some("shop-1"), Some("main")));
    assert_eq!((seen.started, seen.ended), (Some(Millis(1_790_992_805_000)), None));
    let ordered = stand.run(&json!({"state": "completed", "backupCreationTimestamp": "2026-10-03T02:01:40Z",
        "metadata": {"labels": [{"name": ORDER, "value": "r1"}, {"name": ASKED_BY, "value": "ada"},
            {"name": DEFINITION, "value": "d-2"}]}}));
    assert_eq!((ordered.order.as_deref(), ordered.definition.as_deref()), (Some("r1"), Some("d-2")));
    assert_eq!(ordered.trigger, Trigger::Person("ada".into()));
    assert_eq!((ordered.created, ordered.ended), (None, Some(Millis(1_790_992_900_000))));
    let early = stand.run(&json!({"state": "pending", "metadata": {"creationTimestamp": "0001-01-01T00:00:00Z"}}));
    assert_eq!((early.detail.bytes, early.created, early.started, early.ended), (None, None, None, None));
    assert_eq!(early.trigger, Trigger::Elsewhere);
    let snapshot = run(Sort::Snapshot, &backup(&json!({})), &stand.beside());
    assert_eq!((snapshot.name.as_str(), snapshot.detail.bytes), ("a/snapshot/b", None));
}

#[test]
fn reasons_are_said_once() {
    let seen = stand().run(&json!({
        "state": "failed", "stateUnready": ["The bucket can't be reached."],
        "stateDetails": [{"type": "x", "title": "Backup failed", "detail": "The bucket can't be reached."}],
    }));
    assert_eq!(seen.detail.message.as_deref(), Some("Backup failed: The bucket can't be reached."));
    assert_eq!(seen.ended, Some(Millis(1_790_992_901_000)));
    let hook = stand().run(&json!({"state": "completed", "hookState": "failed"}));
    assert_eq!(hook.detail.message.as_deref(), Some("An execution hook failed."));
}

#[test]
fn an_immutable_bucket_keeps_what_it_has() {
    let mut stand = stand();
    let what = json!({"state": "completed", "backupCreationTimestamp": "2026-10-03T02:01:40Z", "totalBytes": 9});
    for (lock, kept) in [(json!(0), false), (json!(-1), false), (json!("60"), true), (json!(null), false)] {
        stand.buckets =
            vec![serde_json::from_value(json!({"id": "k", "name": "vault", "retentionTime": lock})).unwrap()];
        let point = stand.point(&what).unwrap();
        assert_eq!(point.detail.kept_because.is_some(), kept, "{lock}");
        assert_eq!((point.detail.bytes, point.run.as_deref()), (Some(9), Some("a/b")));
        assert_eq!(point.detail.subject, Some(Named::new("a", "shop")));
        assert_eq!(point.detail.cluster, Some(Named::new("c", "prod")));
    }
}

#[test]
fn buckets() {
    let bucket = |value: Value| serde_json::from_value::<Bucket>(value).unwrap();
    let clusters: Vec<Cluster> = [("prod", "k1"), ("test", "k1"), ("edge", "")]
        .map(|(name, id)| serde_json::from_value(json!({"id": name, "name": name, "defaultBucketID": id})).unwrap())
        .into();
    let all = [
        bucket(json!({"id": "k1", "name": "main", "state": "available", "provider": "generic-s3",
            "bucketParameters": {"s3": {"serverURL": "https://s3.example.com", "bucketName": "astra"}}})),
        bucket(json!({"id": "k2", "name": "twin", "state": "removed", "provider": "gcp",
            "bucketParameters": {"gcp": {"bucketName": "astra-gcp"}}})),
        bucket(json!({"id": "k3", "name": "twin", "state": "sulking", "provider": "azure", "bucketParameters": null})),
        bucket(json!({"id": "k4", "state": "pending"})),
        bucket(json!({"id": "k5", "name": "bad", "state": "failed", "stateDetails": [{"detail": "Wrong key."}]})),
    ];
    let names = bucket_names(&all);
    let seen: Vec<Location> = all.iter().map(|bucket| location(bucket, &names, &clusters)).collect();
    let shown: Vec<(&str, &str, bool)> =
        seen.iter().map(|l| (l.name.as_str(), l.place.as_str(), l.is_default)).collect();
    assert_eq!(
        shown,
        [
            ("main", "bucket astra at s3.example.com, default of prod, test", true),
            ("twin (k2)", "bucket astra-gcp (gcp)", false),
            ("twin (k3)", "azure", false),
            ("k4", "", false),
            ("bad", "", false),
        ]
    );
    assert_eq!(seen[0].why_not(), None);
    assert!(seen[1..].iter().all(|l| l.why_not().is_some()), "{seen:?}");
    assert_eq!(seen[2].state, LocationState::Unknown("sulking".into()));
    assert_eq!(seen[4].message.as_deref(), Some("Wrong key."));
}
