#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod surviving;

use super::{plan::Step, *};
use crate::provider::trying::{self, owned};
use crate::provider::{
    Settings,
    astra::{
        key::{Key, Sort},
        wire::App,
    },
    render::{self, Line},
};
use model::{ConnectionId, Millis, duration::Seconds, named::Named, restore::RestoreOrder, scope::Scope, tier::Tier};
use serde::Serialize;

const BUCKET: &str = "a1a1a1a1-0000-4000-8000-000000000001";

fn at(cron: &str) -> Schedule {
    Schedule { cron: cron.into(), zone: None }
}

fn plain() -> Definition {
    Definition {
        name: "shop-nightly".into(),
        connection: ConnectionId::from("c"),
        scope: Scope { subject: Some(Named::new("a1a1a1a1-0000-4000-8000-00000000000a", "shop")), ..Scope::default() },
        location: None,
        volumes: Volumes::SnapshotMoved,
        retention: Retention { keep_last: Some(14), keep_snapshots: Some(2), ..Retention::default() },
        schedule: Some(at("30 2 * * *")),
        further: Vec::new(),
        policy: None,
        paused: false,
    }
}

fn tier(cron: &str, keep: u32) -> Tier {
    Tier { schedule: at(cron), retention: Retention { keep_last: Some(keep), ..Retention::default() } }
}

fn full() -> Definition {
    Definition {
        location: Some("main".into()),
        further: vec![tier("0 4 * * 0", 6), tier("15 6 1 * *", 12), tier("0 */6 * * *", 8), tier("5 * * * *", 24)],
        paused: true,
        ..plain()
    }
}

fn names() -> BTreeMap<String, String> {
    BTreeMap::from([(BUCKET.to_owned(), "main".to_owned())])
}

fn bucket(definition: &Definition) -> &'static str {
    if definition.location.is_some() { BUCKET } else { "" }
}

fn golden(name: &str, text: &str) {
    trying::golden("astra", name, text);
}

/// Several objects as one text.
fn together<T: Serialize>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| render::yaml(&one)).collect::<Vec<_>>().join("---\n")
}

fn sent(owned: &Owned) -> Vec<ScheduleOut> {
    wanted(owned, bucket(&owned.definition))
        .iter()
        .map(|(key, rhythm)| schedule(owned, key, rhythm, &Metadata::default()))
        .collect()
}

#[test]
fn golden_schedules() {
    let snapshots = Definition {
        volumes: Volumes::Snapshot,
        retention: Retention { keep_last: Some(3), ..Retention::default() },
        schedule: Some(at("@every 90m")),
        ..plain()
    };
    for (name, definition) in [("plain", plain()), ("full", full()), ("snapshots", snapshots)] {
        assert_eq!(express::express(&definition).0, [], "{name}");
        golden(&format!("schedules-{name}.yaml"), &together(sent(&owned(definition))));
    }
}

fn ask() -> Ask {
    Ask {
        name: "shop-nightly-7b1a9c-20261003020000".into(),
        asked_by: "ada".into(),
        asked: Millis(0),
        repeated: false,
        taken: Vec::new(),
    }
}

#[test]
fn golden_backups_restores_and_command() {
    let single = owned(Definition { schedule: None, location: Some("main".into()), ..plain() });
    let by_hand = backup(&single, &ask().name, Some(&ask()), BUCKET);
    let snapshot = owned(Definition { schedule: None, volumes: Volumes::Snapshot, ..plain() });
    let once =
        [backup(&single, &single.upstream_name, None, BUCKET), by_hand, backup(&snapshot, "snap-1", None, BUCKET)];
    golden("backups.yaml", &together(once));
    let app: App = serde_json::from_value(json!({
        "id": "a1a1a1a1-0000-4000-8000-00000000000a", "name": "shop", "clusterID": "c1",
        "namespaces": ["shop", "shop-db"],
        "metadata": {"labels": [
            {"name": "team", "value": "blue"}, {"name": "astra.netapp.io/labels/read-only/appType", "value": "clone"},
        ]},
    }))
    .unwrap();
    let order = RestoreOrder {
        new_name: "shop-copy".into(),
        place: Some(Named::new("c2", "staging")),
        mapping: vec![("shop".into(), "shop-copy".into())],
        storage_classes: vec![("".into(), "ontap-silver".into()), ("gold".into(), "ontap-gold".into())],
        ..RestoreOrder::default()
    };
    let moment = Millis(1_790_992_805_000);
    let (backup, snapshot) = (Key::new(Sort::Backup, &app.id, "b1"), Key::new(Sort::Snapshot, &app.id, "s1"));
    let restores = [
        restore::in_place(&app, &backup, &ask(), moment),
        restore::in_place(&app, &snapshot, &ask(), moment),
        restore::beside(&order, &app, &backup, &ask(), moment).unwrap(),
    ];
    golden("restores.yaml", &together(restores));
    let settings = Settings { address: "https://astra.example".into(), ca: "PEM".into(), ..Settings::default() };
    let path = "/accounts/a1a1a1a1-0000-4000-8000-000000000000/k8s/v1/apps/a/schedules";
    let first = sent(&owned(plain())).remove(0);
    golden(
        "curl.txt",
        &render::curl(
            &settings,
            "POST",
            path,
            &[Line::Filled("Authorization: Bearer $TOKEN")],
            Some(("application/astra-schedule+json", &first)),
        ),
    );
}

#[test]
fn an_app_that_does_not_run_is_restored_to_the_points_cluster() {
    let key = Key::new(Sort::Backup, "a", "b");
    let order =
        RestoreOrder { new_name: "copy".into(), cluster: Some(Named::new("c7", "prod")), ..RestoreOrder::default() };
    let out = restore::beside(&order, &App::default(), &key, &ask(), Millis(0)).unwrap();
    assert_eq!((out.cluster.as_str(), out.source_cluster.as_str()), ("c7", "c7"));
    assert!(restore::beside(&RestoreOrder::default(), &App::default(), &key, &ask(), Millis(0)).is_err());
}

#[test]
fn what_does_not_fit_names_its_field() {
    let cases: Vec<(Definition, &str)> = vec![
        (Definition { scope: Scope::default(), ..plain() }, "scope.subject"),
        (
            Definition { scope: Scope { subject: Some(Named::new("../x", "x")), ..Scope::default() }, ..plain() },
            "scope.subject",
        ),
        (Definition { volumes: Volumes::Files, ..plain() }, "volumes"),
        (Definition { schedule: Some(at("0 2 1,15 * *")), ..plain() }, "cron"),
        (
            Definition {
                schedule: Some(Schedule { zone: Some("Europe/Zurich".into()), ..at("0 2 * * *") }),
                ..plain()
            },
            "zone",
        ),
        (Definition { further: vec![tier("0 5 * * *", 1)], ..plain() }, "further.0.cron"),
        (Definition { further: vec![tier("0 5 * * 1-5", 1)], ..plain() }, "further.0.cron"),
        (
            Definition {
                further: vec![tier("0 5 * * 1", 1), Tier { retention: Retention::default(), ..tier("5 * * * *", 1) }],
                ..plain()
            },
            "further.1.keep_last",
        ),
        (
            Definition { retention: Retention { keep_for: Some(Seconds(3600)), ..plain().retention }, ..plain() },
            "keep_for",
        ),
        (
            Definition { retention: Retention { keep_at_least: Some(1), ..plain().retention }, ..plain() },
            "keep_at_least",
        ),
        (Definition { retention: Retention { keep_last: None, ..plain().retention }, ..plain() }, "keep_last"),
        (
            Definition { retention: Retention { keep_snapshots: None, ..plain().retention }, ..plain() },
            "keep_snapshots",
        ),
        (Definition { retention: Retention { keep_last: Some(100_000), ..plain().retention }, ..plain() }, "keep_last"),
        (Definition { volumes: Volumes::Snapshot, ..plain() }, "keep_snapshots"),
        (
            Definition {
                volumes: Volumes::Snapshot,
                location: Some("main".into()),
                retention: Retention { keep_last: Some(1), ..Retention::default() },
                ..plain()
            },
            "location",
        ),
        (Definition { policy: Some(Named::new("p", "gold")), ..plain() }, "policy"),
        (
            Definition {
                schedule: None,
                retention: Retention { keep_last: Some(1), ..Retention::default() },
                ..plain()
            },
            "keep_last",
        ),
        (Definition { schedule: None, retention: Retention::default(), paused: true, ..plain() }, "paused"),
    ];
    for (definition, field) in cases {
        let found: Vec<String> = express::express(&definition).0.into_iter().map(|e| e.path).collect();
        assert_eq!(found, [field], "{definition:?}");
    }
    for (upstream, prefix, field) in [
        ("hour", "", "cron"),
        ("recurrenceRule", "further.1.", "further.1.cron"),
        ("backupRetention", "further.0.", "further.0.keep_last"),
        ("snapshotRetention", "further.0.", "keep_snapshots"),
        ("bucketID", "", "location"),
        ("enabled", "", "paused"),
    ] {
        assert_eq!(express::draft_field(&plain(), prefix, upstream).as_deref(), Some(field));
    }
}

/// What the server has after it was sent this: each field in the loosest spelling that was seen.
fn live(owned: &Owned) -> Vec<Live> {
    sent(owned)
        .into_iter()
        .enumerate()
        .map(|(i, out)| {
            let mut value = serde_json::to_value(&out).unwrap();
            value["id"] = json!(format!("s{i}"));
            for field in ["hour", "dayOfWeek", "dayOfMonth"] {
                if value.get(field).is_none() {
                    value[field] = json!("*");
                }
            }
            if out.granularity == "custom" {
                value["minute"] = json!("0");
            }
            value["metadata"]["creationTimestamp"] = json!("2026-10-03T02:00:05Z");
            serde_json::from_value(value).unwrap()
        })
        .collect()
}

fn declared(owned: &Owned, live: &[Live]) -> Declared {
    let schedules = compare::set(live).iter().map(|(key, one)| (key.clone(), compare::normal(one))).collect();
    Declared::new(0, &app(&owned.definition).id, schedules, &names())
}

fn written(owned: &Owned) -> Declared {
    let set = wanted(owned, bucket(&owned.definition));
    Declared::new(owned.version, &app(&owned.definition).id, set, &names())
}

#[test]
fn what_the_server_writes_back_is_no_drift() {
    let owned = owned(Definition { further: vec![tier("0 4 * * 0", 6), tier("20 */6 * * *", 8)], ..plain() });
    let mut theirs = live(&owned);
    for one in &mut theirs {
        one.replicate = "false".into();
        match one.granularity.as_str() {
            "weekly" => one.day_of_week = "7".into(),
            "custom" => one.recurrence_rule = "DTSTART:20240101T062000Z\nRRULE:FREQ=HOURLY;INTERVAL=6".into(),
            _ => {
                one.enabled = String::new();
                one.minute = "05".into();
                one.minute = "30".into();
            }
        }
    }
    assert_eq!(compare::drift(&written(&owned), &declared(&owned, &theirs)), []);
}

#[test]
fn edits_are_drift_field_by_field() {
    let owned = owned(full());
    let ours = written(&owned);
    let mut theirs = live(&owned);
    theirs.retain(|one| one.granularity != "monthly");
    for one in &mut theirs {
        one.enabled = "true".into();
        if one.granularity == "daily" {
            one.hour = "3".into();
            one.backup_retention = "7".into();
        }
    }
    let found = compare::drift(&ours, &declared(&owned, &theirs));
    let fields: Vec<(&str, Option<&str>, Option<&str>)> =
        found.iter().map(|d| (d.field.as_str(), d.ours.as_deref(), d.theirs.as_deref())).collect();
    assert_eq!(
        fields,
        [
            ("schedules.custom.enabled", Some("false"), Some("true")),
            ("schedules.daily.enabled", Some("false"), Some("true")),
            ("schedules.daily.hour", Some("2"), Some("3")),
            ("schedules.daily.backupRetention", Some("14"), Some("7")),
            ("schedules.hourly.enabled", Some("false"), Some("true")),
            (
                "schedules.monthly",
                Some(
                    "enabled false, minute 15, hour 6, dayOfMonth 1, snapshotRetention 2, backupRetention 12, bucketID main"
                ),
                None
            ),
            ("schedules.weekly.enabled", Some("false"), Some("true")),
        ]
    );
    assert!(found.iter().all(|d| d.not_adoptable.is_none()), "{found:?}");
    let back = back::definition(&owned, &declared(&owned, &theirs)).unwrap();
    let mut meant = full();
    (meant.paused, meant.retention.keep_last) = (false, Some(7));
    meant.schedule = Some(at("30 3 * * *"));
    meant.further.remove(1);
    assert_eq!(back, meant);
}

#[test]
fn what_a_definition_can_not_say_is_named() {
    let owned = owned(Definition { further: vec![tier("0 4 * * 0", 6), tier("0 */6 * * *", 4)], ..plain() });
    type Change = fn(&mut Live);
    let cases: [(&str, Change, &str); 9] = [
        ("daily", |one| one.enabled = "false".into(), "schedules.daily.enabled"),
        ("daily", |one| one.bucket = BUCKET.into(), "schedules.daily.bucketID"),
        ("daily", |one| one.backup_retention = "0".into(), "schedules.daily.backupRetention"),
        ("daily", |one| one.snapshot_retention = "9".into(), "schedules.daily.snapshotRetention"),
        ("daily", |one| one.replicate = "true".into(), "schedules.daily.replicate"),
        ("daily", |one| one.name = "theirs".into(), "schedules.daily.name"),
        ("daily", |one| one.minute = "77".into(), "schedules.daily"),
        ("weekly", |one| one.granularity = "yearly".into(), "schedules.yearly"),
        (
            "custom",
            |one| one.recurrence_rule = "DTSTART:20240101T000000Z\nRRULE:FREQ=DAILY".into(),
            "schedules.custom.recurrenceRule",
        ),
    ];
    for (granularity, change, path) in cases {
        let mut theirs = live(&owned);
        theirs.iter_mut().filter(|one| one.granularity == granularity).for_each(change);
        let invalid = back::definition(&owned, &declared(&owned, &theirs)).expect_err(path);
        assert!(invalid.0.iter().any(|e| e.path == path), "{path}: {invalid:?}");
    }
    let mut twice = live(&owned);
    twice.push(Live { id: "other".into(), ..twice[1].clone() });
    let invalid = back::definition(&owned, &declared(&owned, &twice)).unwrap_err();
    assert!(invalid.0.iter().any(|e| e.path.starts_with("schedules.daily ")), "{invalid:?}");
    assert!(back::definition(&owned, &declared(&owned, &[])).is_err());
}

/// The steps by their words, and the paths that are disputed.
fn planned(owned: &Owned, base: Option<&Declared>, live: &[Live]) -> (Vec<String>, Vec<String>) {
    let wanted = wanted(owned, bucket(&owned.definition));
    let set = compare::set(live);
    let plan = plan::plan(owned, base, &wanted, &set, &names());
    let words = |step: &Step<'_>| match step {
        Step::Create(key) => format!("create {key}"),
        Step::Change(key, _) => format!("change {key}"),
        Step::Replace(key, _) => format!("replace {key}"),
        Step::Drop(key, _) => format!("drop {key}"),
    };
    (plan.steps.iter().map(words).collect(), plan.disputed.into_iter().map(|d| d.field).collect())
}

#[test]
fn an_apply_takes_the_steps_that_are_left() {
    let none: Vec<String> = Vec::new();
    let first = owned(Definition { further: vec![tier("0 4 * * 0", 6)], ..plain() });
    assert_eq!(planned(&first, None, &[]), (vec!["create daily".into(), "create weekly".into()], none.clone()));
    let there = live(&first);
    assert_eq!(planned(&first, None, &there), (none.clone(), none.clone()), "its own write whose answer was lost");
    assert_eq!(planned(&first, None, &there[..1]).0, ["create weekly"], "it stopped half-way");
    // The next version: another hour, weekly becomes monthly.
    let mut second =
        owned(Definition { schedule: Some(at("30 5 * * *")), further: vec![tier("0 4 1 * *", 6)], ..plain() });
    second.version = 2;
    let base = written(&first);
    let steps: Vec<String> = ["change daily", "create monthly", "drop weekly"].map(String::from).into();
    assert_eq!(planned(&second, Some(&base), &there), (steps, none.clone()));
    // It stopped after the first of them: what it wrote itself is no dispute.
    let mut half = there.clone();
    half[0] = live(&second).remove(0);
    assert_eq!(
        planned(&second, Some(&base), &half),
        (vec!["create monthly".into(), "drop weekly".into()], none.clone())
    );
    // A third version after a second one that was carried out and never recorded.
    let mut third = owned(plain());
    third.version = 3;
    let unrecorded = live(&second);
    assert_eq!(
        planned(&third, Some(&base), &unrecorded),
        (vec!["change daily".into(), "drop monthly".into()], none.clone())
    );
    // All gone is made again, as any object that is gone.
    assert_eq!(planned(&second, Some(&base), &[]), (vec!["create daily".into(), "create monthly".into()], none));
}

#[test]
fn what_somebody_changed_is_disputed() {
    let first = owned(Definition { further: vec![tier("0 4 * * 0", 6)], ..plain() });
    let base = written(&first);
    let mut second =
        owned(Definition { schedule: Some(at("30 5 * * *")), further: vec![tier("0 4 * * 0", 6)], ..plain() });
    second.version = 2;
    let mut theirs = live(&first);
    theirs[0].backup_retention = "7".into();
    let mut weekly = theirs.clone();
    weekly[1].enabled = "false".into();
    assert_eq!(
        planned(&second, Some(&base), &theirs).1,
        ["schedules.daily.backupRetention"],
        "not the hour, which is ours"
    );
    assert_eq!(
        planned(&first, None, &theirs).1,
        ["schedules.daily.backupRetention"],
        "not recorded, and changed since"
    );
    assert_eq!(
        planned(&second, Some(&base), &weekly).1,
        ["schedules.daily.backupRetention", "schedules.weekly.enabled"]
    );
    // One that we would take away, and one that somebody took away.
    let mut less = owned(plain());
    less.version = 2;
    assert_eq!(planned(&less, Some(&base), &weekly).1, ["schedules.daily.backupRetention", "schedules.weekly"]);
    assert_eq!(planned(&second, Some(&base), &live(&first)[..1]).1, ["schedules.weekly"]);
    // Agreed to.
    let agreed = declared(&second, &theirs);
    assert_eq!(planned(&second, Some(&agreed), &theirs), (vec!["change daily".into()], Vec::new()));
    // An older state that somebody put back is their change.
    let now = written(&second);
    assert_eq!(planned(&second, Some(&now), &live(&first)).1, ["schedules.daily.hour"]);
    // Handed over by hand, by the label alone.
    let mut handed = live(&first);
    handed[0].metadata.labels.retain(|label| label.name == DEFINITION);
    handed[0].hour = "9".into();
    assert_eq!(planned(&first, None, &handed), (vec!["change daily".into()], Vec::new()));
    // A bucket can't be taken away by a PUT.
    let with = owned(Definition { location: Some("main".into()), ..plain() });
    let mut without = owned(plain());
    without.version = 2;
    assert_eq!(planned(&without, Some(&written(&with)), &live(&with)), (vec!["replace daily".into()], Vec::new()));
}
