#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::provider::trying::{self, Dice, owned};
use crate::provider::{Settings, palette::client::json};
use model::{
    ConnectionId,
    definition::{Definition, Retention, Schedule},
    duration::Seconds,
    named::Named,
    scope::{ClusterObjects, Scope},
};

fn plain() -> Definition {
    Definition {
        name: "shop-nightly".into(),
        connection: ConnectionId::from("c"),
        scope: Scope {
            subject: Some(Named::new("65ab00000000000000000001", "shop")),
            namespaces: vec!["checkout".into(), "checkout-db".into()],
            ..Scope::default()
        },
        location: Some("eu-s3".into()),
        volumes: Volumes::Upstream,
        retention: Retention { keep_for: Some(Seconds(30 * 86_400)), ..Retention::default() },
        schedule: Some(Schedule { cron: "0 2 * * *".into(), zone: None }),
        further: Vec::new(),
        policy: None,
        paused: false,
    }
}

fn clusters() -> Vec<Named> {
    vec![Named::new("65bb00000000000000000002", "prod-eu-2"), Named::new("65bb00000000000000000001", "prod-eu-1")]
}

fn workspace() -> Workspace {
    Workspace {
        uid: "65ab00000000000000000001".into(),
        name: "shop".into(),
        clusters: clusters(),
        ..Workspace::default()
    }
}

fn location(name: &str, kind: &str) -> Location {
    Location {
        uid: format!("65aa-{name}"),
        name: name.into(),
        kind: Some(kind.into()),
        storage: "s3".into(),
        ..Location::default()
    }
}

fn locations() -> Vec<Location> {
    vec![location("eu-s3", "s3"), location("archive-azure", "azure")]
}

fn place_of(definition: &Definition) -> Location {
    locations().into_iter().find(|l| Some(&l.name) == definition.location.as_ref()).unwrap()
}

fn golden(name: &str, text: &str) {
    trying::golden("palette", name, text);
}

#[test]
fn golden_policies() {
    let full = Definition {
        scope: Scope { clusters: clusters(), cluster_objects: ClusterObjects::None, ..plain().scope },
        location: Some("archive-azure".into()),
        volumes: Volumes::None,
        paused: true,
        ..plain()
    };
    let everything = Definition {
        scope: Scope { namespaces: Vec::new(), cluster_objects: ClusterObjects::All, ..plain().scope },
        schedule: Some(Schedule { cron: "0 0 * * SUN".into(), zone: Some("UTC".into()) }),
        ..plain()
    };
    for (name, definition, generation) in [
        ("plain", plain(), Generation::Mode),
        ("paused", full.clone(), Generation::Mode),
        ("everything", everything.clone(), Generation::Mode),
        ("everything-before-4.6", everything, Generation::Flag),
        ("paused-before-4.6", full, Generation::Flag),
    ] {
        let policy = policy(&owned(definition.clone()), &place_of(&definition), generation);
        golden(&format!("policy-{name}.yaml"), &render::yaml(&policy));
    }
}

#[test]
fn golden_backup_restore_deletion_and_command() {
    let single = owned(Definition { schedule: None, ..plain() });
    let place = place_of(&plain());
    let backup = on_demand(&single, &single.upstream_name, &place, Generation::Mode);
    golden("backup.yaml", &render::yaml(&backup));
    let point = PointKey::read("w/65cc/65bb/shop-nightly-7b1a9c-prod-eu-1-20261003020041").unwrap();
    let order = RestoreOrder {
        namespaces: vec!["checkout".into()],
        volumes: Some(false),
        keep_node_ports: true,
        cluster_objects: ClusterObjects::None,
        ..RestoreOrder::default()
    };
    golden("restore.yaml", &render::yaml(&restore(&order, &point, Generation::Mode).unwrap()));
    golden("restore-before-4.6.yaml", &render::yaml(&restore(&order, &point, Generation::Flag).unwrap()));
    let unsaid = RestoreOrder::default();
    assert!(restore(&unsaid, &point, Generation::Flag).is_none(), "there is no word for it");
    let asked = restore(&unsaid, &point, Generation::Mode).unwrap();
    assert!(asked.restore_configs[0].restore_pvs, "volumes come back unless somebody says no");
    golden("deletion.yaml", &render::yaml(&deletion(&point)));
    let settings = Settings {
        address: "https://palette.example/o'ne".into(),
        ca: "PEM".into(),
        account: "65dd".into(),
        ..Settings::default()
    };
    let policy = policy(&owned(plain()), &place, Generation::Mode);
    golden("curl.txt", &render::curl(&settings, "POST", "/v1/workspaces/65ab/backup", &policy));
}

fn config(definition: &Definition, generation: Generation) -> Value {
    json(&policy(&owned(definition.clone()), &place_of(definition), generation))
}

#[test]
fn what_palette_writes_back_is_no_drift() {
    let ours = config(&plain(), Generation::Mode);
    let mut theirs = ours.clone();
    theirs["clusterUids"] = json!(null);
    theirs["backupConfig"]["namespaces"] = json!(["checkout-db", "checkout"]);
    theirs["backupConfig"]["includeClusterResources"] = json!(false);
    theirs["backupConfig"]["backupName"] = json!("");
    theirs["backupConfig"]["backupLocationName"] = json!("renamed");
    theirs["backupConfig"]["schedule"]["scheduledRunTime"] = json!(" 0  2 * * *");
    theirs["backupConfig"]["someFlag"] = json!(false);
    assert_eq!(compare::drift(&ours, &theirs), []);
    // Go leaves out what is empty.
    let empty = Definition {
        scope: Scope { namespaces: Vec::new(), cluster_objects: ClusterObjects::None, ..plain().scope },
        volumes: Volumes::None,
        paused: true,
        ..plain()
    };
    let ours = config(&empty, Generation::Flag);
    let mut theirs = ours.clone();
    for key in ["namespaces", "includeAllDisks", "includeClusterResources", "schedule"] {
        theirs["backupConfig"].as_object_mut().unwrap().remove(key);
    }
    assert_eq!(compare::drift(&ours, &theirs), []);
    // A server that was brought up to 4.6 says the same in the new field too.
    let all = Definition { scope: Scope { cluster_objects: ClusterObjects::All, ..plain().scope }, ..plain() };
    let ours = config(&all, Generation::Flag);
    let mut theirs = ours.clone();
    theirs["backupConfig"]["includeClusterResourceMode"] = json!("Always");
    assert_eq!(compare::drift(&ours, &theirs), []);
}

#[test]
fn edits_are_drift_field_by_field_and_can_be_adopted() {
    let ours = config(&plain(), Generation::Mode);
    let mut theirs = ours.clone();
    theirs["includeAllClusters"] = json!(false);
    theirs["clusterUids"] = json!(["65bb00000000000000000001"]);
    theirs["backupConfig"]["durationInHours"] = json!(48);
    theirs["backupConfig"]["includeAllDisks"] = json!(false);
    theirs["backupConfig"]["schedule"]["scheduledRunTime"] = json!("0 4 * * *");
    theirs["backupConfig"]["backupLocationUid"] = json!("65aa-archive-azure");
    theirs["backupConfig"]["includeClusterResourceMode"] = json!("Always");
    let seen = recorded(&theirs, &workspace(), &locations());
    let drift = compare::drift(&ours, &seen["config"]);
    let fields: Vec<(&str, Option<&str>, Option<&str>)> =
        drift.iter().map(|d| (d.field.as_str(), d.ours.as_deref(), d.theirs.as_deref())).collect();
    assert_eq!(
        fields,
        [
            ("backupConfig.backupLocationUid", Some("eu-s3 (65aa-eu-s3)"), Some("archive-azure (65aa-archive-azure)")),
            ("backupConfig.durationInHours", Some("720"), Some("48")),
            ("backupConfig.includeAllDisks", Some("true"), Some("false")),
            ("backupConfig.includeClusterResourceMode", Some("Auto"), Some("Always")),
            ("backupConfig.schedule.scheduledRunTime", Some("0 2 * * *"), Some("0 4 * * *")),
            ("clusterUids", None, Some("65bb00000000000000000001")),
            ("includeAllClusters", Some("true"), Some("false")),
        ]
    );
    assert!(drift.iter().all(|d| d.not_adoptable.is_none()), "{drift:?}");
    let adopted = back::definition(&owned(plain()), &seen).unwrap();
    assert_eq!(adopted.scope.clusters, [Named::new("65bb00000000000000000001", "prod-eu-1")]);
    assert_eq!(adopted.location.as_deref(), Some("archive-azure"));
    assert_eq!(adopted.schedule, Some(Schedule { cron: "0 4 * * *".into(), zone: None }));
    assert_eq!(adopted.retention.keep_for, Some(Seconds(48 * 3600)));
    assert_eq!((adopted.volumes, adopted.scope.cluster_objects), (Volumes::None, ClusterObjects::All));
    let again = config(&adopted, Generation::Mode);
    assert_eq!(compare::drift(&again, &seen["config"]), [], "what was adopted is no drift any more");
}

#[test]
fn a_pause_upstream_keeps_our_schedule() {
    let utc =
        Definition { schedule: Some(Schedule { cron: "30 1 * * 1-5".into(), zone: Some("UTC".into()) }), ..plain() };
    let ours = config(&utc, Generation::Mode);
    let mut theirs = ours.clone();
    theirs["backupConfig"]["schedule"] = json!(null);
    let drift = compare::drift(&ours, &theirs);
    assert_eq!(drift.len(), 1, "{drift:?}");
    assert_eq!(drift[0].theirs.as_deref(), Some("none"));
    let adopted = back::definition(&owned(utc.clone()), &recorded(&theirs, &workspace(), &locations())).unwrap();
    assert_eq!(adopted, Definition { paused: true, ..utc.clone() });
    assert_eq!(compare::drift(&config(&adopted, Generation::Mode), &theirs), []);
    // And the other way round: a paused one that somebody switched on.
    let back = back::definition(&owned(adopted), &recorded(&ours, &workspace(), &locations())).unwrap();
    assert_eq!(back, utc);
}

#[test]
fn what_cannot_be_said_is_named() {
    let ours = config(&plain(), Generation::Mode);
    for (key, value, path) in [
        ("backupPrefix", json!("theirs"), "backupConfig.backupPrefix"),
        ("durationInHours", json!(0), "backupConfig.durationInHours"),
        ("backupLocationUid", json!(""), "backupConfig.backupLocationUid"),
        ("includeClusterResourceMode", json!("Perhaps"), "backupConfig.includeClusterResourceMode"),
        ("schedule", json!({"scheduledRunTime": "@daily"}), "backupConfig.schedule.scheduledRunTime"),
        ("schedule", json!({"scheduledRunTime": "nightly"}), "backupConfig.schedule.scheduledRunTime"),
    ] {
        let mut theirs = ours.clone();
        theirs["backupConfig"][key] = value;
        let invalid =
            back::definition(&owned(plain()), &recorded(&theirs, &workspace(), &locations())).expect_err(path);
        assert!(invalid.about(path).is_some(), "{path}: {invalid:?}");
    }
    let mut nobody = ours;
    nobody["includeAllClusters"] = json!(false);
    let invalid = back::definition(&owned(plain()), &recorded(&nobody, &workspace(), &[])).unwrap_err();
    assert!(invalid.about("includeAllClusters").is_some(), "{invalid:?}");
}

#[test]
fn refusals_name_the_field() {
    let with = |change: fn(&mut Definition)| {
        let mut definition = plain();
        change(&mut definition);
        definition
    };
    assert_eq!(express::express(&plain(), None).0, []);
    for (path, definition) in [
        ("keep_for", with(|d| d.retention.keep_for = Some(Seconds(5400)))),
        ("keep_for", with(|d| d.retention.keep_for = None)),
        ("keep_last", with(|d| d.retention.keep_last = Some(3))),
        ("keep_at_least", with(|d| d.retention.keep_at_least = Some(3))),
        ("keep_snapshots", with(|d| d.retention.keep_snapshots = Some(3))),
        (
            "zone",
            with(|d| d.schedule = Some(Schedule { cron: "0 2 * * *".into(), zone: Some("Europe/Zurich".into()) })),
        ),
        ("cron", with(|d| d.schedule = Some(Schedule { cron: "@every 12h".into(), zone: None }))),
        ("cron", with(|d| d.schedule = Some(Schedule { cron: "@daily".into(), zone: None }))),
        ("location", with(|d| d.location = None)),
        ("scope.subject", with(|d| d.scope.subject = None)),
        ("volumes", with(|d| d.volumes = Volumes::Files)),
        ("volumes", with(|d| d.volumes = Volumes::Snapshot)),
        ("policy", with(|d| d.policy = Some(Named::new("p", "gold")))),
        ("scope.namespaces.0", with(|d| d.scope.namespaces = vec!["team-*".into()])),
        ("scope.except_namespaces", with(|d| d.scope.except_namespaces = vec!["tmp".into()])),
        ("scope.resources", with(|d| d.scope.resources = vec!["pods".into()])),
        ("paused", with(|d| (d.schedule, d.paused) = (None, true))),
        (
            "further.0.cron",
            with(|d| {
                let schedule = Schedule { cron: "0 3 * * *".into(), zone: None };
                d.further = vec![model::tier::Tier { schedule, retention: Retention::default() }];
            }),
        ),
    ] {
        let invalid = express::express(&definition, Some(Generation::Mode));
        assert_eq!(invalid.0.len(), 1, "{path}: {invalid:?}");
        assert_eq!(invalid.0[0].path, path);
        assert!(invalid.0[0].sentence.len() > 20, "{invalid:?}");
    }
    let old = express::express(&plain(), Some(Generation::Flag));
    assert!(old.about("scope.cluster_objects").is_some(), "those that are needed: not before 4.6");
    let utc = with(|d| d.schedule = Some(Schedule { cron: "0 2 * * *".into(), zone: Some("UTC".into()) }));
    assert_eq!(express::express(&utc, None).0, []);
}

#[test]
fn disputes_are_what_somebody_changed_and_we_would_undo() {
    let base = config(&plain(), Generation::Mode);
    let mut wanted = plain();
    wanted.retention.keep_for = Some(Seconds(7200));
    let wanted = config(&wanted, Generation::Mode);
    assert_eq!(compare::disputed(&base, &wanted, &base), [], "nobody changed anything");
    assert_eq!(compare::disputed(&base, &wanted, &wanted), [], "it is as wanted");
    let mut theirs = base.clone();
    theirs["backupConfig"]["schedule"]["scheduledRunTime"] = json!("");
    theirs["backupConfig"]["newer"] = json!({"deep": 1});
    let fields: Vec<String> = compare::disputed(&base, &wanted, &theirs).into_iter().map(|d| d.field).collect();
    assert_eq!(fields, ["backupConfig.schedule.scheduledRunTime"], "and what is not ours is sent back as it is");
    let body = overlay(&theirs, &wanted);
    assert_eq!(body["backupConfig"]["newer"], json!({"deep": 1}));
    assert_eq!(body["backupConfig"]["durationInHours"], 2);
    assert!(body["backupConfig"].get("includeClusterResources").is_none());
    let mut moved = base.clone();
    (moved["includeAllClusters"], moved["clusterUids"]) = (json!(false), json!(["x"]));
    assert_eq!(compare::disputed(&base, &wanted, &moved).len(), 2, "which clusters is one decision");
}

fn some<T: Clone + PartialEq>(dice: &mut Dice, list: &[T]) -> Vec<T> {
    let mut out: Vec<T> = Vec::new();
    for _ in 0..dice.roll(list.len() as u64 + 1) {
        let one = dice.pick(list);
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

fn drawn(dice: &mut Dice) -> Definition {
    let scheduled = dice.roll(8) > 0;
    let cron = dice.pick(&["30 2 * * *", "*/15 8-18 * * 1-5", "0 0 1 1 *", "@daily", "0 0 * * SUN", "@every 2h"]);
    let zone = dice.pick(&[None, Some("UTC"), Some("Asia/Kathmandu")]);
    Definition {
        scope: Scope {
            clusters: some(dice, &clusters()),
            namespaces: some(dice, &["shop", "db", "web", "orders"].map(str::to_owned)),
            except_namespaces: if dice.roll(9) == 0 { vec!["tmp".into()] } else { Vec::new() },
            cluster_objects: dice.pick(&[ClusterObjects::Needed, ClusterObjects::All, ClusterObjects::None]),
            ..plain().scope
        },
        location: dice.pick(&[None, Some("eu-s3".to_owned()), Some("archive-azure".to_owned())]),
        volumes: dice.pick(&[Volumes::Upstream, Volumes::None, Volumes::Files]),
        retention: Retention {
            keep_for: dice.pick(&[None, Some(Seconds(3600)), Some(Seconds(90 * 86_400)), Some(Seconds(5000))]),
            keep_last: dice.pick(&[None, None, None, Some(3)]),
            ..Retention::default()
        },
        schedule: scheduled.then(|| Schedule { cron: cron.into(), zone: zone.map(str::to_owned) }),
        paused: dice.roll(3) == 0,
        ..plain()
    }
}

/// As a server of that release answers: Go's empties, lists in another order, its own fields.
fn as_stored(config: &Value, generation: Generation, dice: &mut Dice) -> Value {
    let mut stored = config.clone();
    let inner = stored["backupConfig"].as_object_mut().unwrap();
    if generation == Generation::Mode {
        inner.insert("includeClusterResources".into(), json!(inner["includeClusterResourceMode"] == "Always"));
    }
    inner.insert("internal".into(), json!("kept"));
    if dice.roll(2) == 0 {
        inner.retain(|_, value| *value != json!([]) && *value != json!(false) && *value != json!(""));
    }
    if let Some(list) = stored["clusterUids"].as_array_mut() {
        list.reverse();
    }
    stored
}

#[test]
fn what_is_let_through_survives_and_what_is_not_names_a_field() {
    const FIELDS: [&str; 9] = [
        "cron",
        "zone",
        "keep_for",
        "keep_last",
        "location",
        "volumes",
        "paused",
        "scope.except_namespaces",
        "scope.cluster_objects",
    ];
    let mut dice = Dice::new();
    let (mut through, mut refused) = (0, 0);
    for turn in 0..4000 {
        let definition = drawn(&mut dice);
        let generation = dice.pick(&[Generation::Mode, Generation::Flag]);
        let invalid = express::express(&definition, Some(generation));
        if !invalid.0.is_empty() {
            refused += 1;
            for error in &invalid.0 {
                assert!(FIELDS.contains(&error.path.as_str()), "turn {turn}: {error:?}");
            }
            continue;
        }
        if definition.schedule.is_none() {
            continue;
        }
        through += 1;
        let sent = config(&definition, generation);
        let stored = as_stored(&sent, generation, &mut dice);
        assert_eq!(
            compare::drift(&sent, &stored).iter().filter(|d| !d.field.ends_with("internal")).count(),
            0,
            "turn {turn}: {stored}"
        );
        let seen = recorded(&stored, &workspace(), &locations());
        let back = back::definition(&owned(definition.clone()), &seen)
            .unwrap_or_else(|e| panic!("turn {turn}: {e:?} of {stored}"));
        assert_eq!(back, definition, "turn {turn}: {stored}");

        // From any live policy, foreign fields included, the PUT leads to what is wanted.
        let other = config(&Definition { location: Some("eu-s3".into()), ..drawn(&mut dice) }, generation);
        let live = as_stored(&other, generation, &mut dice);
        let body = overlay(&live, &sent);
        assert_eq!(compare::drift(&overlay(&body, &sent), &body), [], "turn {turn}");
        let left: Vec<String> = compare::drift(&sent, &body).into_iter().map(|d| d.field).collect();
        assert_eq!(left, ["backupConfig.internal"], "turn {turn}: {body}");
    }
    assert!(through > 100 && refused > 100, "{through} {refused}");
}
