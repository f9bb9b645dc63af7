#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{out::MetadataOut, *};
use serde_json::json;

#[test]
fn numbers_and_truth_are_read_in_both_spellings() {
    let schedule: Schedule = serde_json::from_value(json!({
        "id": "s", "enabled": true, "minute": 30, "hour": "2", "backupRetention": 14, "snapshotRetention": "2",
        "dayOfWeek": null, "metadata": null, "somethingNew": {"a": 1},
    }))
    .unwrap();
    assert_eq!((schedule.enabled.as_str(), schedule.minute.as_str(), schedule.hour.as_str()), ("true", "30", "2"));
    assert_eq!((schedule.backup_retention.as_str(), schedule.day_of_week.as_str()), ("14", ""));
    let backup: Backup = serde_json::from_value(json!({
        "totalBytes": "205219132", "bytesDone": 12.0, "stateUnready": null, "stateDetails": [7, {"detail": "why"}],
    }))
    .unwrap();
    assert_eq!((backup.total_bytes, backup.bytes_done), (Some(205_219_132), Some(12)));
    assert_eq!(backup.state_details[0].words(), "why");
    let early: Backup = serde_json::from_value(json!({"state": "pending"})).unwrap();
    assert_eq!((early.total_bytes, early.bytes_done, early.taken()), (None, None, None), "absent is not zero");
    let bucket: Bucket = serde_json::from_value(json!({"retentionTime": -1})).unwrap();
    assert_eq!(bucket.retention_time, None, "-1 means that the provider has no lock");
}

#[test]
fn moments_in_all_their_forms() {
    for (text, at) in [
        ("2022-10-06T20:58:16.305662Z", Some(1_665_089_896_305)),
        ("2026-10-03T02:00:05Z", Some(1_790_992_805_000)),
        ("2026-10-03T02:00:05.123456789Z", Some(1_790_992_805_123)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        ("yesterday", None),
    ] {
        assert_eq!(moment(text), at.map(Millis), "{text}");
    }
}

#[test]
fn labels_of_others_stay_and_those_of_the_server_are_left_to_it() {
    let label = |name: &str, value: &str| Label { name: name.into(), value: value.into() };
    let there = Metadata {
        labels: vec![
            label("team", "blue"),
            label("astra.netapp.io/labels/read-only/appType", "clone"),
            label(DEFINITION, "old"),
        ],
        ..Metadata::default()
    };
    let out = MetadataOut::over(&there, [(DEFINITION, "new".to_owned())]);
    let names: Vec<(&str, &str)> = out.labels.iter().map(|l| (l.name.as_str(), l.value.as_str())).collect();
    assert_eq!(names, [("team", "blue"), (DEFINITION, "new")]);
}
