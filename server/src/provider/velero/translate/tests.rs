#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::provider::Settings;
use crate::provider::trying::{self, Dice, owned};
use model::{
    ConnectionId,
    definition::{Retention, Schedule},
    duration::Seconds,
    scope::Scope,
};
use serde_json::{Value, json};

fn plain() -> Definition {
    Definition {
        name: "shop-nightly".into(),
        connection: ConnectionId::from("c"),
        scope: Scope { namespaces: vec!["shop".into()], ..Scope::default() },
        location: None,
        volumes: Volumes::Upstream,
        retention: Retention { keep_for: Some(Seconds(14 * 86_400)), ..Retention::default() },
        schedule: Some(Schedule { cron: "30 2 * * *".into(), zone: Some("Europe/Zurich".into()) }),
        further: Vec::new(),
        policy: None,
        paused: false,
    }
}

/// The first Schedule of a definition that has one.
fn schedule(owned: &Owned, namespace: &str, zones: Zones) -> Option<ObjectOut<ScheduleOut>> {
    schedules(owned, namespace, zones).into_iter().next()
}

fn need(key: &str, operator: Operator, values: &[&str]) -> Requirement {
    Requirement { key: key.into(), operator, values: values.iter().map(|v| (*v).to_owned()).collect() }
}

fn golden(name: &str, text: &str) {
    trying::golden("velero", name, text);
}

#[test]
fn golden_schedules() {
    let full = Definition {
        scope: Scope {
            subject: None,
            clusters: Vec::new(),
            namespaces: vec!["shop".into(), "shop-db".into()],
            except_namespaces: vec!["shop-scratch".into()],
            selectors: vec![
                vec![need("app", Operator::In, &["shop"]), need("tier", Operator::In, &["db", "web"])],
                vec![need("keep", Operator::Exists, &[]), need("env", Operator::NotIn, &["dev", "test"])],
            ],
            resources: vec!["deployments.apps".into(), "persistentvolumeclaims".into()],
            except_resources: vec!["events".into()],
            cluster_objects: ClusterObjects::None,
        },
        location: Some("eu-minio".into()),
        volumes: Volumes::SnapshotMoved,
        paused: true,
        ..plain()
    };
    let everything = Definition {
        name: "everything".into(),
        scope: Scope { cluster_objects: ClusterObjects::All, ..Scope::default() },
        retention: Retention::default(),
        schedule: Some(Schedule { cron: "@every 12h".into(), zone: None }),
        ..plain()
    };
    let one_group = Definition {
        scope: Scope {
            selectors: vec![vec![need("app", Operator::In, &["shop"]), need("old", Operator::DoesNotExist, &[])]],
            ..Scope::default()
        },
        volumes: Volumes::Files,
        schedule: Some(Schedule { cron: "0 3 * * MON".into(), zone: Some("UTC".into()) }),
        ..plain()
    };
    for (name, definition) in [("plain", plain()), ("full", full), ("everything", everything), ("one-group", one_group)]
    {
        let schedule = schedule(&owned(definition), "velero", Zones::Understood).unwrap();
        golden(&format!("schedule-{name}.yaml"), &render::yaml(&schedule));
    }
}

#[test]
fn golden_backup_restore_and_command() {
    let single = owned(Definition { schedule: None, volumes: Volumes::None, ..plain() });
    let backup = backup(&single, &single.upstream_name, "velero", "ada");
    golden("backup.yaml", &render::yaml(&backup));
    let order = RestoreOrder {
        point: "p".into(),
        point_name: "shop-1".into(),
        namespaces: vec!["shop".into()],
        mapping: vec![("shop".into(), "shop-copy".into())],
        update_existing: true,
        volumes: Some(false),
        keep_node_ports: true,
        ..RestoreOrder::default()
    };
    golden("restore.yaml", &render::yaml(&restore(&order, "shop-1-0a1b2c", "velero", "ada")));
    let settings =
        Settings { address: "https://k8s.example:6443/c/o'ne".into(), ca: "PEM".into(), ..Settings::default() };
    let schedule = schedule(&owned(plain()), "velero", Zones::Understood).unwrap();
    let path = "/apis/velero.io/v1/namespaces/velero/schedules?fieldValidation=Strict";
    let curl = render::curl(&settings, render::By::Token, "POST", path, "application/json", &schedule);
    golden("curl.txt", &curl);
}

#[test]
fn utc_is_left_unsaid_to_a_velero_that_knows_no_zones() {
    let utc = Schedule { cron: "0 3 * * *".into(), zone: Some("UTC".into()) };
    assert_eq!(cron(&utc, Zones::Unknown), "0 3 * * *");
    assert_eq!(cron(&utc, Zones::Understood), "CRON_TZ=UTC 0 3 * * *");
}

fn spec(definition: &Definition) -> Value {
    let schedule = schedule(&owned(definition.clone()), "velero", Zones::Understood).unwrap();
    serde_json::to_value(schedule).unwrap()["spec"].take()
}

#[test]
fn what_velero_writes_back_is_no_drift() {
    let ours = spec(&plain());
    let mut theirs = ours.clone();
    theirs["template"]["ttl"] = json!("336h");
    theirs["template"]["hooks"] = json!({});
    theirs["template"]["includedResources"] = json!(["*"]);
    theirs["template"]["excludedNamespaces"] = json!([]);
    theirs["template"]["csiSnapshotTimeout"] = json!("0s");
    theirs["template"]["labelSelector"] = json!(null);
    theirs["skipImmediately"] = json!(false);
    theirs["useOwnerReferencesInBackup"] = json!(null);
    theirs["paused"] = json!(false);
    assert_eq!(compare::drift(&ours, &theirs), []);
    assert_eq!(compare::patch(&theirs, &ours), None);
}

#[test]
fn spelling_of_selectors_is_no_drift() {
    let selector = |template: Value| json!({"schedule": "0 1 * * *", "template": template});
    let a = selector(
        json!({"labelSelector": {"matchLabels": {"app": "x"}, "matchExpressions": [{"key": "t", "operator": "In", "values": ["b", "a"]}]}}),
    );
    let b = selector(json!({"orLabelSelectors": [{"matchExpressions": [
        {"key": "t", "operator": "In", "values": ["a", "b"]}, {"key": "app", "operator": "In", "values": ["x"]}]}]}));
    assert_eq!(compare::drift(&a, &b), []);
    let c = selector(json!({"orLabelSelectors": [{"matchLabels": {"app": "x"}}, {"matchLabels": {"t": "a"}}]}));
    assert_eq!(compare::drift(&a, &c).len(), 2);
    let everything = selector(json!({"orLabelSelectors": [{"matchLabels": {"app": "x"}}, {}]}));
    assert_eq!(compare::drift(&selector(json!({})), &everything), []);
}

#[test]
fn edits_are_drift_field_by_field() {
    let ours = spec(&plain());
    let mut theirs = ours.clone();
    theirs["template"]["ttl"] = json!("48h");
    theirs["template"]["includedNamespaces"] = json!(["shop", "extra"]);
    theirs["template"]["hooks"] = json!({"resources": [{"name": "h"}]});
    theirs["paused"] = json!(true);
    theirs["schedule"] = json!("30 3 * * *");
    let drift = compare::drift(&ours, &theirs);
    let fields: Vec<(&str, Option<&str>, Option<&str>, bool)> = drift
        .iter()
        .map(|d| (d.field.as_str(), d.ours.as_deref(), d.theirs.as_deref(), d.not_adoptable.is_none()))
        .collect();
    assert_eq!(
        fields,
        [
            ("spec.paused", None, Some("true"), true),
            ("spec.schedule", Some("CRON_TZ=Europe/Zurich 30 2 * * *"), Some("30 3 * * *"), true),
            ("spec.template.hooks.resources", None, Some(r#"[{"name":"h"}]"#), false),
            ("spec.template.includedNamespaces", Some("shop"), Some("extra, shop"), true),
            ("spec.template.ttl", Some("336h0m0s"), Some("48h0m0s"), true),
        ]
    );
    let invalid = back::definition(&owned(plain()), &theirs).unwrap_err();
    assert_eq!(invalid.0.len(), 1, "{invalid:?}");
    assert_eq!(invalid.0[0].path, "spec.template.hooks");
    theirs["template"].as_object_mut().unwrap().remove("hooks");
    let adopted = back::definition(&owned(plain()), &theirs).unwrap();
    assert_eq!(adopted.scope.namespaces, ["shop", "extra"]);
    assert_eq!(adopted.schedule, Some(Schedule { cron: "30 3 * * *".into(), zone: None }));
    assert!(adopted.paused);
    assert_eq!(compare::drift(&spec(&adopted), &theirs), [], "what was adopted is no drift any more");
}

#[test]
fn what_cannot_be_said_is_named() {
    for (key, value, path) in [
        ("snapshotMoveData", json!(true), "spec.template.snapshotMoveData"),
        ("resourcePolicy", json!({"kind": "configmap", "name": "p"}), "spec.template.resourcePolicy"),
        ("includedClusterScopedResources", json!(["x"]), "spec.template.includedClusterScopedResources"),
        ("metadata", json!({"labels": {"tier": "gold"}}), "spec.template.metadata"),
        ("ttl", json!("30 days"), "spec.template.ttl"),
        (
            "labelSelector",
            json!({"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]}),
            "spec.template.labelSelector",
        ),
    ] {
        let mut theirs = spec(&plain());
        theirs["template"][key] = value;
        let invalid = back::definition(&owned(plain()), &theirs).expect_err(path);
        assert!(invalid.0.iter().any(|e| e.path == path), "{path}: {invalid:?}");
    }
    let mut theirs = spec(&plain());
    theirs["schedule"] = json!("nightly");
    assert_eq!(back::definition(&owned(plain()), &theirs).unwrap_err().0[0].path, "spec.schedule");
}

/// Merge patch of RFC 7396, to see that a patch leads where it should.
fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let map = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

fn some(dice: &mut Dice, words: &[&str], most: u64) -> Vec<String> {
    let mut out: Vec<String> = (0..dice.roll(most + 1)).map(|_| dice.pick(words).to_owned()).collect();
    out.sort();
    out.dedup();
    out
}

fn drawn(dice: &mut Dice) -> Definition {
    let selectors = (0..dice.roll(4))
        .map(|_| {
            let mut group: Vec<Requirement> = Vec::new();
            for _ in 0..=dice.roll(3) {
                let operator = dice.pick(&Operator::ALL);
                let mut values =
                    if operator.takes_values() { some(dice, &["a", "b", "c", "d"], 3) } else { Vec::new() };
                if operator.takes_values() && values.is_empty() {
                    values.push("a".into());
                }
                group.push(Requirement { key: dice.pick(&["app", "tier", "x.io/y"]).into(), operator, values });
            }
            group.sort_by(|a, b| {
                (&a.key, a.operator.upstream(), &a.values).cmp(&(&b.key, b.operator.upstream(), &b.values))
            });
            group.dedup();
            group
        })
        .collect();
    let cron = dice.pick(&["30 2 * * *", "@daily", "@every 90m", "*/15 8-18 * * 1-5", "0 0 1 1 *"]);
    let zone = if cron.starts_with("@every") { None } else { dice.pick(&[None, Some("UTC"), Some("Asia/Kathmandu")]) };
    Definition {
        scope: Scope {
            subject: None,
            clusters: Vec::new(),
            namespaces: some(dice, &["shop", "db", "web", "team-*"], 4),
            except_namespaces: some(dice, &["kube-system", "tmp"], 2),
            selectors,
            resources: some(dice, &["pods", "deployments.apps"], 2),
            except_resources: some(dice, &["events", "secrets"], 2),
            cluster_objects: dice.pick(&[ClusterObjects::Needed, ClusterObjects::All, ClusterObjects::None]),
        },
        location: dice.pick(&[None, Some("eu".to_owned())]),
        volumes: dice.pick(&Volumes::ALL),
        retention: Retention {
            keep_for: dice.pick(&[None, Some(Seconds(3600)), Some(Seconds(90 * 86_400))]),
            ..Retention::default()
        },
        schedule: Some(Schedule { cron: cron.into(), zone: zone.map(str::to_owned) }),
        further: Vec::new(),
        policy: None,
        paused: dice.roll(2) == 1,
        ..plain()
    }
}

/// Order within a group doesn't matter to Velero, and `matchLabels` has one of its own.
fn sorted(mut definition: Definition) -> Definition {
    for group in &mut definition.scope.selectors {
        group.sort_by(|a, b| {
            (&a.key, a.operator.upstream(), &a.values).cmp(&(&b.key, b.operator.upstream(), &b.values))
        });
    }
    definition
}

#[test]
fn definitions_survive_to_velero_and_back() {
    let mut dice = Dice::new();
    for turn in 0..500 {
        let definition = drawn(&mut dice);
        let there = spec(&definition);
        let back = back::definition(&owned(definition.clone()), &there)
            .unwrap_or_else(|e| panic!("turn {turn}: {e:?} of {there}"));
        assert_eq!(sorted(back), sorted(definition.clone()), "turn {turn}: {there}");
        assert_eq!(compare::drift(&there, &there), [], "turn {turn}");

        // From any live state, foreign fields included, the patch leads to what is wanted.
        let mut live = spec(&drawn(&mut dice));
        if dice.roll(2) == 0 {
            live["template"]["hooks"] = json!({"resources": [{"name": "h"}]});
            live["template"]["metadata"]["labels"]["tier"] = json!("gold");
        }
        let differs = !compare::drift(&there, &live).is_empty();
        let patch = compare::patch(&live, &there);
        assert_eq!(patch.is_some(), differs, "turn {turn}: {patch:?}");
        merge(&mut live, &patch.unwrap_or_else(|| json!({})));
        assert_eq!(compare::drift(&there, &live), [], "turn {turn}: {there} {live}");
    }
}

mod several;
