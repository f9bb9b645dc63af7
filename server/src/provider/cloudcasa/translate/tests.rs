#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::provider::trying::{self, Dice, owned};
use model::{
    ConnectionId, Invalid,
    definition::Schedule,
    duration::Seconds,
    label::{Operator, Requirement},
    named::Named,
    scope::{ClusterObjects, Scope},
    tier::Tier,
};
use serde_json::json;

const CLUSTER: &str = "640a4c7933c355a6ec8ab5e1";

fn plain() -> Definition {
    Definition {
        name: "shop-nightly".into(),
        connection: ConnectionId::from("c"),
        scope: Scope {
            subject: Some(Named::new(CLUSTER, "prod-fra")),
            namespaces: vec!["shop".into()],
            ..Scope::default()
        },
        location: None,
        volumes: Volumes::Snapshot,
        retention: Retention { keep_for: Some(Seconds(14 * DAY)), keep_at_least: Some(2), ..Retention::default() },
        schedule: Some(Schedule { cron: "30 2 * * *".into(), zone: Some("Europe/Zurich".into()) }),
        further: Vec::new(),
        policy: None,
        paused: false,
    }
}

fn copied() -> Definition {
    Definition {
        volumes: Volumes::SnapshotMoved,
        location: Some("minio-fra".into()),
        further: vec![Tier {
            schedule: Schedule { cron: "0 3 * * SUN".into(), zone: Some("Europe/Zurich".into()) },
            retention: Retention { keep_for: Some(Seconds(90 * DAY)), ..Retention::default() },
        }],
        ..plain()
    }
}

fn minio() -> Store {
    Store {
        id: "640f71339c9cf6648dc10001".into(),
        name: "minio-fra".into(),
        provider_type: "aws".into(),
        region: "eu-central-1".into(),
        ..Store::default()
    }
}

fn equals(key: &str, value: &str) -> Requirement {
    Requirement { key: key.into(), operator: Operator::In, values: vec![value.into()] }
}

/// Compares with a file under `tests/golden/cloudcasa`; `UPDATE_GOLDEN=1` writes it.
fn golden(name: &str, body: &Value) {
    // In one order, whatever features the JSON library is built with.
    let mut sorted = body.clone();
    sorted.sort_all_objects();
    let text = serde_json::to_string_pretty(&sorted).unwrap() + "\n";
    trying::golden("cloudcasa", name, &text);
}

#[test]
fn golden_requests() {
    let labelled = Definition {
        scope: Scope {
            namespaces: Vec::new(),
            except_namespaces: vec!["scratch".into()],
            selectors: vec![vec![equals("app", "shop"), equals("tier", "db")]],
            ..plain().scope
        },
        volumes: Volumes::None,
        policy: Some(Named::new("60e8a5fe0dfd4691925a9947", "gold-daily")),
        schedule: None,
        retention: Retention::default(),
        paused: true,
        ..plain()
    };
    let single = Definition { schedule: None, ..plain() };
    for (name, definition) in
        [("snapshot", plain()), ("copied", copied()), ("follows-a-policy", labelled), ("single", single.clone())]
    {
        assert_eq!(express(&definition), Invalid::default(), "{name}");
        let store = (definition.volumes == Volumes::SnapshotMoved).then(minio);
        let wanted = wanted(&owned(definition), store.as_ref());
        golden(&format!("{name}-kubebackup.json"), &wanted.backup);
        if let Some(policy) = &wanted.policy {
            golden(&format!("{name}-policy.json"), policy);
        }
        if let Some(offload) = &wanted.offload {
            golden(&format!("{name}-kubebackup-first.json"), &wanted.interim);
            golden(&format!("{name}-kubeoffload.json"), offload);
        }
    }
    golden("run.json", &value(&run(&single)));
    let order = RestoreOrder {
        point: "p".into(),
        point_name: "64a0c0ffee0000000000abcd".into(),
        place: Some(Named::new(CLUSTER, "prod-fra")),
        namespaces: vec!["shop".into()],
        mapping: vec![("shop".into(), "shop-drill".into())],
        suffix: "-x".into(),
        storage_classes: vec![("ceph-rbd".into(), "standard".into())],
        volumes: Some(false),
        keep_node_ports: true,
        ..RestoreOrder::default()
    };
    let ask = Ask {
        name: "shop-restore-1".into(),
        asked_by: "ada".into(),
        asked: model::Millis(0),
        repeated: false,
        taken: Vec::new(),
    };
    golden("restore.json", &value(&restore(&order, &ask)));
    golden(
        "restore-whole.json",
        &value(&restore(&RestoreOrder { point_name: "p".into(), ..RestoreOrder::default() }, &ask)),
    );
}

/// What the service stores of a body: its defaults, ids where marks stand, and what the server itself writes.
fn stored(part: Part, body: &Value) -> Value {
    let mut doc = body.clone();
    let ids = [
        (Part::Policy, "aa0000000000000000000001"),
        (Part::Backup, "aa0000000000000000000002"),
        (Part::Offload, "aa0000000000000000000003"),
    ];
    for field in ["policy", "copydef", "backupdef"] {
        if let Some((_, id)) = ids.iter().find(|(part, _)| doc[field] == part.mark()) {
            doc[field] = json!(id);
        } else if doc[field].is_null() {
            doc.as_object_mut().unwrap().remove(field);
        }
    }
    match part {
        Part::Backup => {
            doc["source"]["snapshot_longhorn"] = json!(true);
            doc["status"] = json!({"last_job_run_time": 1_678_733_619});
        }
        Part::Offload => {
            doc["skip_live_copy"] = json!(false);
            doc["options"] = json!({});
            doc["cluster"] = json!(CLUSTER);
        }
        Part::Policy => {}
    }
    let id = ids.iter().find(|(other, _)| *other == part).unwrap().1;
    doc["_id"] = json!(id);
    doc["_etag"] = json!("e");
    doc["_updated"] = json!("Mon, 13 Mar 2023 18:53:39 GMT");
    doc["cc_user_email"] = json!("ada@example.com");
    doc
}

fn refs(owned: &Owned) -> Refs {
    let mut refs = Refs::of(owned);
    refs.own = [
        ("aa0000000000000000000001", Part::Policy),
        ("aa0000000000000000000002", Part::Backup),
        ("aa0000000000000000000003", Part::Offload),
    ]
    .map(|(id, part)| (id.to_owned(), part))
    .into();
    refs.names.insert(minio().id, minio().name);
    refs
}

fn docs(wanted: &Wanted) -> Vec<(Part, crate::provider::cloudcasa::wire::Doc)> {
    Part::ALL
        .into_iter()
        .filter_map(|part| Some((part, crate::provider::cloudcasa::wire::Doc(stored(part, wanted.part(part)?)))))
        .collect()
}

fn seen(owned: &Owned) -> Value {
    let store = owned.definition.location.is_some().then(minio);
    let docs = docs(&wanted(owned, store.as_ref()));
    Value::Object(normal::composite(docs.iter().map(|(part, doc)| (*part, doc)), &refs(owned)))
}

fn written(owned: &Owned) -> Value {
    let store = owned.definition.location.is_some().then(minio);
    Value::Object(wanted(owned, store.as_ref()).composite(&refs(owned)))
}

#[test]
fn what_the_server_adds_is_no_drift() {
    let owned = owned(copied());
    let mut there = seen(&owned);
    assert_eq!(compare::drift(&written(&owned), &there), []);
    // A store or policy that is renamed is the same one.
    there["kubebackup"]["cluster"]["name"] = json!("prod-frankfurt");
    assert_eq!(compare::drift(&written(&owned), &there), []);
    let mark = wanted(&owned, Some(&minio())).backup["tags"][WRITTEN].as_str().unwrap().to_owned();
    assert_eq!(mark::version(&mark, &there["kubebackup"]), Some(1));
    there["kubebackup"]["pause"] = json!(true);
    assert_eq!(mark::version(&mark, &there["kubebackup"]), None);
    for strange in ["", "7", "x-y", "-"] {
        assert_eq!(mark::version(strange, &there["kubebackup"]), None, "{strange}");
    }
}

#[test]
fn edits_are_drift_field_by_field_and_adopted() {
    let owned = owned(copied());
    let (ours, mut there) = (written(&owned), seen(&owned));
    there["kubebackup"]["source"]["namespaces"] = json!(["extra", "shop"]);
    there["kubebackup"]["source"]["label_selector"] = json!({"app": "shop"});
    there["kubeoffload"]["offload_provider"]["user_objectstore"] = json!({"id": "x", "name": "archive"});
    there["policy"]["schedules"][0]["retainDays"] = json!(30);
    there["policy"]["schedules"][1]["schedule"] = json!("0 4 * * SUN");
    let fields = |drift: &[model::definition::Drift]| -> Vec<(String, Option<String>, Option<String>, bool)> {
        drift.iter().map(|d| (d.field.clone(), d.ours.clone(), d.theirs.clone(), d.not_adoptable.is_none())).collect()
    };
    let line = |field: &str, ours: &str, theirs: &str| {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (field.to_owned(), text(ours), text(theirs), true)
    };
    assert_eq!(
        fields(&compare::drift(&ours, &there)),
        [
            line("policy.schedules.0.retainDays", "14", "30"),
            line("policy.schedules.1.schedule", "0 3 * * SUN", "0 4 * * SUN"),
            line("kubebackup.source.label_selector", "", r#"{"app":"shop"}"#),
            line("kubebackup.source.namespaces", "shop", "extra, shop"),
            line("kubeoffload.offload_provider.user_objectstore", "minio-fra", "archive"),
        ]
    );
    let adopted = back::definition(&owned, &there).unwrap();
    assert_eq!(adopted.location.as_deref(), Some("archive"));
    assert_eq!(adopted.retention.keep_for, Some(Seconds(30 * DAY)));
    assert_eq!(adopted.further[0].schedule.cron, "0 4 * * SUN");
    assert_eq!(adopted.scope.namespaces, ["extra", "shop"]);
    assert_eq!(express(&adopted), Invalid::default());
}

#[test]
fn what_cannot_be_adopted_is_named() {
    for (part, pointer, value, path) in [
        ("kubebackup", "/pre_hooks", json!([{"hooks": ["x"]}]), "kubebackup.pre_hooks"),
        ("kubebackup", "/source/included_resources", json!(["pods"]), "kubebackup.source.included_resources"),
        ("kubebackup", "/source/include_unattached_pvcs", json!(true), "kubebackup.source.include_unattached_pvcs"),
        ("kubebackup", "/name", json!("other"), "kubebackup.name"),
        ("kubebackup", "/copydef", json!({"id": "x", "name": "theirs"}), "kubebackup.copydef"),
        ("kubebackup", "/pause", json!(true), "kubebackup.pause"),
        ("kubeoffload", "/delete_snapshots", json!(false), "kubeoffload.delete_snapshots"),
        ("kubeoffload", "/trigger_type", json!("HOURLY"), "kubeoffload.trigger_type"),
        ("policy", "/schedules/0/locked", json!(true), "policy.schedules.0.locked"),
        ("policy", "/schedules/1/numAlwaysRetain", json!(3), "policy.schedules.1.numAlwaysRetain"),
        ("policy", "/schedules/0/schedule", json!("whenever"), "policy.schedules.0.schedule"),
        ("policy", "/schedules", json!([]), "policy.schedules"),
    ] {
        let owned = owned(copied());
        let mut there = seen(&owned);
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        there[part].pointer_mut(parent).unwrap()[key] = value.clone();
        let invalid = back::definition(&owned, &there).expect_err(path);
        assert!(invalid.0.iter().any(|e| e.path == path), "{path}: {invalid:?}");
        let drift = compare::drift(&written(&owned), &there);
        assert!(drift.iter().any(|d| crate::provider::paths::overlap(&d.field, path)), "{path}: {drift:?}");
    }
    let owned = owned(copied());
    let mut there = seen(&owned);
    there.as_object_mut().unwrap().remove("kubeoffload");
    let drift = compare::drift(&written(&owned), &there);
    assert_eq!(drift.len(), 1, "one line for a whole document: {drift:?}");
    assert_eq!((drift[0].field.as_str(), drift[0].theirs.as_deref()), ("kubeoffload", None));
}

#[test]
fn what_cannot_be_expressed_names_its_field() {
    let with = |change: fn(&mut Definition)| {
        let mut definition = copied();
        change(&mut definition);
        express(&definition).0.into_iter().map(|e| e.path).collect::<Vec<_>>()
    };
    for (path, change) in [
        ("keep_for", (|d| d.retention.keep_for = Some(Seconds(36 * 3_600))) as fn(&mut Definition)),
        ("keep_for", |d| d.retention.keep_for = Some(Seconds(3_600))),
        ("keep_last", |d| d.retention.keep_last = Some(3)),
        ("keep_at_least", |d| d.retention.keep_at_least = Some(31)),
        ("keep_snapshots", |d| d.retention.keep_snapshots = Some(1)),
        ("cron", |d| d.schedule.as_mut().unwrap().cron = "@every 12h".into()),
        ("cron", |d| d.schedule.as_mut().unwrap().cron = "0 3 1 * MON".into()),
        ("further.0.cron", |d| d.further[0].schedule.cron = "@every 12h".into()),
        ("further.0.keep_for", |d| d.further[0].retention.keep_for = Some(Seconds(5))),
        ("further.0.keep_last", |d| d.further[0].retention.keep_last = Some(5)),
        ("further.0.keep_at_least", |d| d.further[0].retention.keep_at_least = Some(5)),
        ("zone", |d| d.further[0].schedule.zone = Some("Asia/Kathmandu".into())),
        ("scope.subject", |d| d.scope.subject = None),
        ("scope.namespaces", |d| d.scope.namespaces = vec!["shop-*".into()]),
        ("scope.except_namespaces", |d| d.scope.except_namespaces = vec!["tmp".into()]),
        ("scope.resources", |d| d.scope.resources = vec!["pods".into()]),
        ("scope.clusters", |d| d.scope.clusters = vec![Named::new("x", "x")]),
        ("scope.cluster_objects", |d| d.scope.cluster_objects = ClusterObjects::All),
        ("scope.selectors", |d| {
            d.scope.selectors = vec![vec![Requirement { key: "a".into(), operator: Operator::Exists, values: vec![] }]]
        }),
        ("scope.selectors", |d| d.scope.selectors = vec![vec![equals("a", "b")], vec![equals("c", "d")]]),
        ("scope.selectors", |d| d.scope.selectors = vec![vec![equals("a", "b"), equals("a", "c")]]),
        ("location", |d| d.volumes = Volumes::Snapshot),
        ("policy", |d| d.policy = Some(Named::new("x", "x"))),
    ] {
        assert_eq!(with(change), [path], "{path}");
    }
    assert!(with(|d| d.volumes = Volumes::Files).contains(&"volumes".to_owned()));
    assert!(
        with(|d| {
            d.schedule = None;
            d.further.clear();
            d.paused = true
        })
        .contains(&"paused".to_owned())
    );
    assert!(with(|d| d.schedule = None).contains(&"further".to_owned()));
}

fn some(dice: &mut Dice, words: &[&str], most: u64) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for _ in 0..dice.roll(most + 1) {
        let word = dice.pick(words).to_owned();
        if !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

fn cron(dice: &mut Dice) -> String {
    dice.pick(&[
        "30 2 * * *",
        "@daily",
        "@weekly",
        "*/15 8-18 * * 1-5",
        "0 0 1 1 *",
        "5/15 * * * *",
        "0 3 * * sun,wed",
        "@every 5h",
        "0 1 2 * 3",
    ])
    .to_owned()
}

fn drawn(dice: &mut Dice) -> Definition {
    let volumes = dice.pick(&Volumes::ALL);
    let zone = dice.pick(&[None, Some("UTC".to_owned()), Some("Asia/Kathmandu".to_owned())]);
    let kind = dice.roll(4);
    let schedule = (kind < 2).then(|| Schedule { cron: cron(dice), zone: zone.clone() });
    let tiers = if schedule.is_some() { dice.roll(3) } else { 0 };
    let further = (0..tiers)
        .map(|_| Tier {
            schedule: Schedule { cron: cron(dice), zone: zone.clone() },
            retention: Retention {
                keep_for: dice.pick(&[None, Some(Seconds(DAY)), Some(Seconds(7 * DAY)), Some(Seconds(400 * DAY))]),
                ..Retention::default()
            },
        })
        .collect();
    let policy = (kind == 2).then(|| Named::new("60e8a5fe0dfd4691925a9947", "gold-daily"));
    let retention = if policy.is_some() {
        Retention::default()
    } else {
        Retention {
            keep_for: dice.pick(&[None, Some(Seconds(3_600)), Some(Seconds(7 * DAY)), Some(Seconds(90 * DAY))]),
            keep_last: dice.pick(&[None, None, None, Some(3)]),
            keep_at_least: dice.pick(&[None, Some(0), Some(5), Some(30), Some(31)]),
            keep_snapshots: None,
        }
    };
    let namespaces = some(dice, &["shop", "db", "web"], 3);
    let selectors = match dice.roll(4) {
        0 => vec![vec![equals("tier", "db"), equals("app", "shop")]],
        1 => vec![vec![equals("x.io/y", "z")]],
        2 => vec![vec![Requirement { key: "a".into(), operator: dice.pick(&Operator::ALL), values: vec!["b".into()] }]],
        _ => Vec::new(),
    };
    Definition {
        scope: Scope {
            subject: dice.pick(&[Some(Named::new(CLUSTER, "prod-fra")), Some(Named::new(CLUSTER, "prod-fra")), None]),
            except_namespaces: if namespaces.is_empty() { some(dice, &["kube-system", "tmp"], 2) } else { Vec::new() },
            namespaces,
            selectors,
            ..Scope::default()
        },
        location: (volumes == Volumes::SnapshotMoved && dice.roll(3) > 0).then(|| "minio-fra".to_owned()),
        volumes,
        retention,
        paused: (schedule.is_some() || policy.is_some()) && dice.roll(2) == 1,
        schedule,
        further,
        policy,
        ..plain()
    }
}

#[test]
fn definitions_survive_to_cloudcasa_and_back() {
    let mut dice = Dice::new();
    let mut accepted = 0;
    for turn in 0..4_000 {
        let definition = drawn(&mut dice);
        let refusals = express(&definition);
        if !refusals.0.is_empty() {
            assert!(
                refusals.0.iter().all(|e| !e.path.is_empty() && !e.sentence.is_empty()),
                "turn {turn}: {refusals:?}"
            );
            continue;
        }
        accepted += 1;
        let owned = owned(definition.clone());
        let there = seen(&owned);
        assert_eq!(compare::drift(&written(&owned), &there), [], "turn {turn}");
        let back = back::definition(&owned, &there).unwrap_or_else(|e| panic!("turn {turn}: {e:?} of {there}"));
        assert_eq!(back, definition, "turn {turn}: {there}");

        // From any other state of the same documents, a PUT leads to what is wanted and keeps what is not ours.
        let other = Owned { definition: drawn(&mut dice), ..owned.clone() };
        let (to, from) = (wanted(&owned, Some(&minio())), wanted(&other, None));
        for part in Part::ALL {
            let (Some(to), Some(from)) = (to.part(part), from.part(part)) else { continue };
            let mut live = crate::provider::cloudcasa::wire::Doc(stored(part, from));
            live.0["tags"]["team"] = json!("shop");
            let body = overlay(part, live.body(), to);
            assert!(
                compare::same(&normal::of(part, &body, &refs(&owned)), &normal::of(part, to, &refs(&owned))),
                "turn {turn}: {body} {to}"
            );
            assert_eq!(body["tags"]["team"], "shop");
            assert!(
                ["_id", "_etag", "_updated", "status", "cc_user_email"].iter().all(|key| body.get(key).is_none()),
                "{body}"
            );
            if part == Part::Backup {
                assert_eq!(body["source"]["snapshot_longhorn"], true, "a field that Holdfast does not know is kept");
            }
        }
    }
    assert!(accepted > 150, "{accepted} of them were accepted");
}
