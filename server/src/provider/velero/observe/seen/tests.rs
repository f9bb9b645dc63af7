#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

fn backup(status: serde_json::Value) -> wire::Backup {
    serde_json::from_value(json!({
        "metadata": {
            "name": "shop-7b1a9c-20261003023000", "uid": "u", "creationTimestamp": "2026-10-03T02:30:00Z",
            "labels": {"velero.io/schedule-name": "shop-7b1a9c", "holdfast.io/definition": "d"},
        },
        "spec": {"includedNamespaces": ["shop"], "storageLocation": "eu"},
        "status": status,
    }))
    .unwrap()
}

fn unknown(word: &str) -> Phase {
    Phase::Unknown(word.to_owned())
}

#[test]
fn every_word_has_its_phase() {
    use Phase::{Failed, Partial, Queued, Running, Succeeded};
    for (word, wanted) in [
        ("", Queued),
        ("New", Queued),
        ("Queued", Queued),
        ("ReadyToStart", Queued),
        ("FailedValidation", Failed),
        ("InProgress", Running),
        ("WaitingForPluginOperations", Running),
        ("WaitingForPluginOperationsPartiallyFailed", Running),
        ("Finalizing", Running),
        ("FinalizingPartiallyFailed", Running),
        ("Completed", Succeeded),
        ("PartiallyFailed", Partial),
        ("Failed", Failed),
        ("Deleting", unknown("Deleting")),
        ("Marvellous", unknown("Marvellous")),
        ("completed", unknown("completed")),
    ] {
        let seen = run(&backup(json!({"phase": word})), Vec::new());
        assert_eq!(seen.phase, wanted, "{word}");
        // “New” may come from anybody; it is no word of Velero's server.
        assert_eq!(seen.raw_phase, if word == "New" { "" } else { word });
    }
    assert_eq!(run(&backup(json!(null)), Vec::new()).phase, Queued);
}

#[test]
fn every_word_of_a_transfer_has_its_phase() {
    use Phase::{Cancelled, Failed, Queued, Running, Succeeded};
    for (word, wanted) in [
        ("", Queued),
        ("New", Queued),
        ("Accepted", Queued),
        ("Prepared", Queued),
        ("InProgress", Running),
        ("Canceling", Running),
        ("Canceled", Cancelled),
        ("Completed", Succeeded),
        ("Failed", Failed),
        ("Teleported", unknown("Teleported")),
    ] {
        assert_eq!(transfer_phase(word), wanted, "{word}");
    }
}

#[test]
fn a_backup_that_is_being_deleted_keeps_how_it_ended() {
    let done = "2026-10-03T02:31:00Z";
    for (status, wanted, point_state) in [
        (json!({"phase": "Deleting", "completionTimestamp": done}), Phase::Succeeded, Some(PointState::Deleting)),
        (
            json!({"phase": "Deleting", "completionTimestamp": done, "errors": 2}),
            Phase::Partial,
            Some(PointState::Deleting),
        ),
        (json!({"phase": "Deleting", "completionTimestamp": done, "failureReason": "x"}), Phase::Failed, None),
        (json!({"phase": "Deleting", "validationErrors": ["x"]}), Phase::Failed, None),
    ] {
        let backup = backup(status);
        let seen = run(&backup, Vec::new());
        assert_eq!(seen.phase, wanted);
        assert_eq!(seen.raw_phase, "Deleting");
        assert_eq!(point(&backup).map(|p| p.state), point_state);
    }
}

#[test]
fn only_finished_backups_are_points_and_a_strange_one_is_not_whole() {
    let done = "2026-10-03T02:31:00Z";
    let state = |status| point(&backup(status)).map(|p| p.state);
    assert_eq!(state(json!({"phase": "InProgress"})), None);
    assert_eq!(state(json!({"phase": "Failed", "completionTimestamp": done})), None);
    assert_eq!(state(json!({"phase": "Completed", "completionTimestamp": done})), Some(PointState::Whole));
    assert_eq!(state(json!({"phase": "PartiallyFailed", "completionTimestamp": done})), Some(PointState::Partial));
    assert_eq!(
        state(json!({"phase": "Archived", "completionTimestamp": done})),
        Some(PointState::Unknown("Archived".into()))
    );
    assert_eq!(state(json!({"phase": "Archived"})), None);
}

#[test]
fn who_began_it() {
    let of = |name: &str, annotations: serde_json::Value| {
        let mut b = backup(json!({}));
        b.metadata.name = name.into();
        b.metadata.annotations = serde_json::from_value(annotations).unwrap();
        run(&b, Vec::new()).trigger
    };
    assert_eq!(of("shop-7b1a9c-20261003023000", json!({})), Trigger::Schedule);
    assert_eq!(of("shop-7b1a9c-by-hand", json!({})), Trigger::Elsewhere);
    assert_eq!(of("shop-7b1a9c-20261003023000", json!({"holdfast.io/asked-by": "ada"})), Trigger::Person("ada".into()));
    let mut foreign = backup(json!({}));
    foreign.metadata.labels.clear();
    assert_eq!(run(&foreign, Vec::new()).trigger, Trigger::Elsewhere);
}

#[test]
fn steps_tell_only_what_is_told() {
    let upload: wire::DataUpload = serde_json::from_value(json!({
        "spec": {"sourceNamespace": "shop", "sourcePVC": "db"},
        "status": {"phase": "InProgress", "progress": {"totalBytes": 4000, "bytesDone": 1000}, "startTimestamp": "2026-10-03T02:30:20Z"},
    }))
    .unwrap();
    let status = json!({
        "phase": "WaitingForPluginOperations", "startTimestamp": "2026-10-03T02:30:05Z",
        "progress": {"totalItems": 4221, "itemsBackedUp": 4218},
    });
    let seen = run(&backup(status), vec![data_upload(&upload)]);
    let titles: Vec<&str> = seen.detail.steps.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Queued", "Collected 4,218 of 4,221 objects", "Uploading 0 of 1 volumes"]);
    assert_eq!(seen.detail.steps[1].phase, Phase::Succeeded);
    assert_eq!(seen.detail.steps[1].ended, None, "Velero doesn't say when collecting ended");
    assert_eq!(seen.detail.steps[2].phase, Phase::Running);
    assert_eq!(seen.detail.bytes, Some(Progress { done: 1000, total: Some(4000) }));
    assert_eq!(seen.detail.errors, None, "not known before the end");

    let begun = json!({
        "phase": "InProgress", "startTimestamp": "2026-10-03T02:30:05Z",
        "progress": {"totalItems": 14, "itemsBackedUp": 2},
    });
    let begun = run(&backup(begun), Vec::new());
    assert_eq!(begun.detail.steps[1].title, "Collecting 2 of 14 objects", "it is not done yet");

    let refused = run(&backup(json!({"phase": "FailedValidation", "validationErrors": ["no location"]})), Vec::new());
    assert_eq!(refused.detail.steps.len(), 1);
    assert_eq!(refused.detail.steps[0].phase, Phase::Failed);
    assert_eq!(refused.detail.validation_errors, ["no location"]);

    let done = json!({"phase": "Completed", "startTimestamp": "2026-10-03T02:30:05Z", "completionTimestamp": "2026-10-03T02:31:00Z"});
    let done = run(&backup(done), Vec::new());
    assert_eq!(done.detail.steps.last().unwrap().ended, done.ended);
    assert_eq!(done.detail.errors, Some(0), "Go leaves out a nought");
    assert_eq!(done.detail.bytes, None);
}

#[test]
fn bytes_without_a_total_have_none() {
    let row = |bytes| VolumeRow {
        name: String::new(),
        method: String::new(),
        phase: Phase::Running,
        raw_phase: String::new(),
        bytes,
        began: None,
        ended: None,
        message: None,
    };
    let some = |done, total| Some(Progress { done, total });
    assert_eq!(bytes(&[row(some(1, Some(5))), row(some(2, Some(6)))]), some(3, Some(11)));
    assert_eq!(bytes(&[row(some(1, Some(5))), row(None)]), some(1, None));
    assert_eq!(bytes(&[row(None)]), None);
}

#[test]
fn locations() {
    let read = |value| location(&serde_json::from_value::<wire::Location>(value).unwrap());
    let one = read(json!({
        "metadata": {"name": "eu"},
        "spec": {"provider": "aws", "default": true, "objectStorage": {"bucket": "b", "prefix": "p"}, "config": {"s3Url": "http://minio.example:9000"}},
        "status": {"phase": "Available"},
    }));
    assert_eq!(one.place, "bucket b/p at minio.example");
    assert!(one.is_default && one.why_not().is_none());
    assert_eq!(read(json!({"metadata": {"name": "x"}})).state, LocationState::NotChecked);
    assert_eq!(read(json!({"status": {"phase": "Sulking"}})).state, LocationState::Unknown("Sulking".into()));
    assert!(read(json!({"spec": {"accessMode": "ReadOnly"}, "status": {"phase": "Available"}})).why_not().is_some());
}
