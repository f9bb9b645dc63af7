#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use serde_json::{Value, json};

const NOW: Millis = Millis(1_790_000_000_000);
const UUID: &str = "0f0e1d2c3b4a59687786959493929190";

fn backup(fields: Value) -> wire::Backup {
    let mut all = json!({
        "uuid": UUID, "url": format!("http://inner/api/openstack-backups/{UUID}/"),
        "instance": format!("http://inner/api/openstack-instances/{}/", "9b".repeat(16)), "instance_name": "db-1",
        "created_at": "2014-10-19T20:43:37.370Z", "description": "",
    });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn full() -> Value {
    json!({"system_snapshot_id": "5a", "system_snapshot_size": 20480, "data_snapshot_id": "6b", "data_snapshot_size": 51200,
        "flavor_name": "m1.small", "image_name": "Debian 12"})
}

/// Whether a point stands there, and whether it can be restored.
fn stands(backup: &wire::Backup, generation: Generation) -> Option<(PointState, bool)> {
    let point = point(backup, generation, None, false, NOW)?;
    Some((point.state, point.detail.not_restorable.is_none()))
}

#[test]
fn every_word_of_the_oldest_generation() {
    let gone = || PointState::Deleting;
    let erred = || PointState::Unknown("Erred".into());
    for (word, metadata, phase, point) in [
        ("Backing up", json!({}), Phase::Running, None),
        ("Ready", full(), Phase::Succeeded, Some((PointState::Whole, true))),
        // A refused backup ends as Ready, too; its metadata is empty in each of three ways, or tells the instance alone.
        ("Ready", json!({}), Phase::Failed, None),
        ("Ready", json!(""), Phase::Failed, None),
        ("Ready", json!(null), Phase::Failed, None),
        ("Ready", json!({"name": "db-1", "min_ram": 512}), Phase::Failed, None),
        ("Restoring", full(), Phase::Succeeded, Some((PointState::Whole, false))),
        ("Restoring", json!({}), Phase::Failed, None),
        ("Deleting", full(), Phase::Succeeded, Some((gone(), false))),
        ("Deleting", json!({}), Phase::Failed, None),
        ("Erred", json!({}), Phase::Failed, None),
        // It was good once: there is something, which can neither be restored nor deleted.
        ("Erred", full(), Phase::Failed, Some((erred(), false))),
        ("Deleted", json!({}), Phase::Unknown("Deleted".into()), None),
        ("OK", full(), Phase::Unknown("OK".into()), Some((PointState::Unknown("OK".into()), false))),
        ("", json!({}), Phase::Unknown("no state".into()), None),
    ] {
        let backup = backup(json!({"state": word, "metadata": metadata}));
        let run = run(&backup, Generation::G2, None, NOW);
        assert_eq!(run.phase, phase, "{word} {metadata}");
        assert_eq!(run.raw_phase, word);
        assert_eq!(stands(&backup, Generation::G2), point, "{word} {metadata}");
        assert_eq!(run.detail.message.is_some(), phase == Phase::Failed, "{word} {metadata}: a failure says why");
    }
}

#[test]
fn every_word_of_the_later_generations() {
    for (word, error, phase, point) in [
        ("Creation Scheduled", "", Phase::Queued, None),
        ("Creating", "", Phase::Running, None),
        ("OK", "", Phase::Succeeded, Some((PointState::Whole, true))),
        ("Update Scheduled", "", Phase::Succeeded, Some((PointState::Whole, false))),
        ("Updating", "", Phase::Succeeded, Some((PointState::Whole, false))),
        // An erred one is read anew: whether it becomes good is open.
        ("Updating", "boom", Phase::Running, None),
        ("Deletion Scheduled", "", Phase::Succeeded, Some((PointState::Deleting, false))),
        ("Deleting", "", Phase::Succeeded, Some((PointState::Deleting, false))),
        ("Deleting", "boom", Phase::Failed, None),
        ("Erred", "boom", Phase::Failed, None),
        ("Erred", "", Phase::Failed, None),
        ("Ready", "", Phase::Unknown("Ready".into()), None),
        ("Sublime", "", Phase::Unknown("Sublime".into()), None),
    ] {
        let known = !matches!(phase, Phase::Unknown(_));
        let capitals = word.to_uppercase().replace(' ', "_");
        for (word, generation) in [(word, Generation::G3), (word, Generation::G4), (capitals.as_str(), Generation::G5)]
        {
            let backup = backup(json!({"state": word, "error_message": error, "name": "nightly"}));
            let run = run(&backup, generation, None, NOW);
            assert_eq!(stands(&backup, generation), point, "{word} {error}");
            if known {
                assert_eq!(run.phase, phase, "{word} {error}");
            } else {
                assert_eq!(run.phase, Phase::Unknown(word.into()));
            }
        }
    }
    let kept = point(&backup(json!({"state": "Erred"})), Generation::G4, None, true, NOW).unwrap();
    assert_eq!(kept.state, PointState::Unknown("Erred".into()), "what was a point is still there");
    assert_eq!(kept.detail.kept_because, None, "later generations delete erred ones");
}

#[test]
fn a_young_backup_that_is_ready_has_not_begun() {
    let at = |ms: i64| backup(json!({"state": "Ready", "metadata": {}, "created_at": NOW.plus(-ms).rfc3339()}));
    assert_eq!(run(&at(2_000), Generation::G2, None, NOW).phase, Phase::Queued);
    assert_eq!(run(&at(60_000), Generation::G2, None, NOW).phase, Phase::Failed);
}

#[test]
fn an_erred_one_of_the_oldest_generation_says_that_it_stays() {
    let run = run(&backup(json!({"state": "Erred"})), Generation::G2, None, NOW);
    assert!(run.detail.note.unwrap().contains("can't delete an erred backup"));
    let point =
        point(&backup(json!({"state": "Erred", "metadata": full()})), Generation::G2, None, false, NOW).unwrap();
    assert!(point.detail.kept_because.unwrap().contains("can't delete an erred backup"));
    let empty = backup(json!({"state": "Ready", "metadata": {}}));
    assert!(kept_because(&empty, Generation::G2).unwrap().contains("would end as Erred"));
}

#[test]
fn numbers_times_and_names_are_told_where_they_are() {
    let good = backup(json!({"state": "Ready", "metadata": full(), "kept_until": "2014-11-19T20:43:37Z"}));
    let seen = run(&good, Generation::G2, Some("shop-7b1a9c"), NOW);
    let bytes = (20480 + 51200) << 20;
    assert_eq!(seen.detail.bytes, Some(Progress { done: bytes, total: Some(bytes) }));
    assert_eq!(seen.detail.title.as_deref(), Some("db-1 2014-10-19 20:43:37"));
    assert_eq!(seen.detail.expires.unwrap().rfc3339(), "2014-11-19T20:43:37Z");
    assert_eq!((seen.name.as_str(), seen.declared.as_deref()), (UUID, Some("shop-7b1a9c")));
    let volumes: Vec<&str> = seen.detail.volumes.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(volumes, ["data volume", "system volume"]);
    assert_eq!((seen.started, seen.ended), (None, None));
    let point = point(&good, Generation::G2, None, false, NOW).unwrap();
    assert_eq!((point.name.as_str(), point.run.as_deref(), point.detail.bytes), (UUID, Some(UUID), Some(bytes)));
    assert_eq!(point.detail.subject, Some(Named::new("9b".repeat(16), "db-1")));

    let bare = backup(
        json!({"state": "OK", "created_at": "0001-01-01T00:00:00Z", "instance_name": "", "metadata": {"size": 3}}),
    );
    let seen = run(&bare, Generation::G4, None, NOW);
    assert_eq!((seen.detail.bytes, seen.detail.title, seen.created), (None, None, None));
    let dashed =
        backup(json!({"state": "OK", "uuid": "0f0e1d2c-3b4a-5968-7786-959493929190", "name": "Backup#3 of db-1"}));
    let seen = run(&dashed, Generation::G5, None, NOW);
    assert_eq!((seen.name.as_str(), seen.detail.title.as_deref()), (UUID, Some("Backup#3 of db-1")));
}

#[test]
fn who_began_it() {
    let id = "0193c0de-0000-7000-8000-0000007b1a9c";
    for (fields, trigger) in [
        (json!({"backup_schedule": format!("http://inner/api/openstack-backup-schedules/{UUID}/")}), Trigger::Schedule),
        (json!({"backup_schedule_uuid": UUID}), Trigger::Schedule),
        // Its schedule is gone; what it wrote is left.
        (json!({"backup_schedule": null, "description": "scheduled backup"}), Trigger::Schedule),
        (json!({"description": "Scheduled backup of instance \"x\""}), Trigger::Schedule),
        (json!({"description": mark::of_backup("ada", id, "shop-1")}), Trigger::Person("ada".into())),
        (json!({"description": "before upgrade"}), Trigger::Elsewhere),
        (json!({}), Trigger::Elsewhere),
    ] {
        assert_eq!(run(&backup(fields.clone()), Generation::G4, None, NOW).trigger, trigger, "{fields}");
    }
    let ours = run(&backup(json!({"description": mark::of_backup("ada", id, "shop-1")})), Generation::G2, None, NOW);
    assert_eq!((ours.definition.as_deref(), ours.order.as_deref()), (Some(id), Some("shop-1")));
}
