//! From Velero's Schedule back to a definition, for "adopt". Nothing is rounded: what a definition can't say is named.

use super::volumes;
use crate::provider::{Owned, velero::wire::DEFINITION};
use model::{
    Invalid,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    label::{Operator, Requirement},
    scope::{ClusterObjects, Scope},
};
use serde_json::Value;

/// The fields of a template that a definition can express.
const KNOWN: [&str; 12] = [
    "includedNamespaces",
    "excludedNamespaces",
    "includedResources",
    "excludedResources",
    "includeClusterResources",
    "labelSelector",
    "orLabelSelectors",
    "snapshotVolumes",
    "snapshotMoveData",
    "defaultVolumesToFsBackup",
    "storageLocation",
    "ttl",
];

/// The definition that a Schedule's spec means, under the name and connection that it has with us; or everything that a
/// definition can't say, by upstream path.
pub fn definition(owned: &Owned, spec: &Value) -> Result<Definition, Invalid> {
    let mut invalid = Invalid::default();
    for (path, sentence) in problems(&super::compare::normal(spec)) {
        invalid.push(path, "not-adoptable", sentence);
    }
    let template = &spec["template"];
    // Lists keep the cluster's own order; `*` alone means all.
    let names = |key: &str| -> Vec<String> {
        let list: Vec<String> =
            template[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        if list == ["*"] { Vec::new() } else { list }
    };
    let text = spec["schedule"].as_str().unwrap_or_default();
    let (zone, cron) = split_zone(text);
    let volumes = choice(template).unwrap_or_default();
    let mut selectors = Vec::new();
    for group in groups(template) {
        let mut requirements = Vec::new();
        for (key, operator, mut values) in group {
            values.sort();
            values.dedup();
            match Operator::from_upstream(&operator) {
                Some(operator) => requirements.push(Requirement { key, operator, values }),
                None => invalid.push(
                    "spec.template.labelSelector",
                    "not-adoptable",
                    format!("“{operator}” is no way to compare labels that Holdfast knows."),
                ),
            }
        }
        selectors.push(requirements);
    }
    if selectors.iter().any(Vec::is_empty) {
        selectors.clear();
    }
    invalid.check(Definition {
        name: owned.definition.name.clone(),
        connection: owned.definition.connection.clone(),
        scope: Scope {
            subject: None,
            clusters: Vec::new(),
            namespaces: names("includedNamespaces"),
            except_namespaces: names("excludedNamespaces"),
            selectors,
            resources: names("includedResources"),
            except_resources: names("excludedResources"),
            cluster_objects: match template["includeClusterResources"].as_bool() {
                None => ClusterObjects::Needed,
                Some(true) => ClusterObjects::All,
                Some(false) => ClusterObjects::None,
            },
        },
        location: template["storageLocation"].as_str().filter(|s| !s.is_empty()).map(str::to_owned),
        volumes,
        retention: Retention {
            keep_for: template["ttl"].as_str().and_then(Seconds::from_go).filter(|s| s.0 > 0),
            ..Retention::default()
        },
        schedule: Some(Schedule { cron, zone }),
        further: Vec::new(),
        policy: None,
        paused: spec["paused"].as_bool().unwrap_or_default(),
    })
}

/// What of a Schedule's spec in normal form can't be said by a definition: upstream path and sentence.
pub fn problems(spec: &Value) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut add = |path: String, sentence: String| out.push((path, sentence));
    for (key, _) in spec.as_object().into_iter().flatten() {
        match key.as_str() {
            "schedule" | "paused" | "template" => {}
            "useOwnerReferencesInBackup" => add(
                format!("spec.{key}"),
                "Holdfast never sets this: deleting the Schedule would delete its backups.".into(),
            ),
            _ => add(format!("spec.{key}"), "Holdfast has no field for this; adopting would lose it.".into()),
        }
    }
    let (zone, cron) = split_zone(spec["schedule"].as_str().unwrap_or_default());
    if let Err(sentence) = model::cron::parse(&cron) {
        add("spec.schedule".into(), sentence);
    } else if zone.is_some() && cron.starts_with("@every") {
        add("spec.schedule".into(), "@every knows no time zone.".into());
    }
    let template = &spec["template"];
    for (key, value) in template.as_object().into_iter().flatten() {
        let path = format!("spec.template.{key}");
        match key.as_str() {
            "metadata" => {
                let ours = |k: &str, v: &Value| {
                    k == "labels" && v.as_object().is_some_and(|m| m.keys().all(|k| k == DEFINITION))
                };
                if value.as_object().is_some_and(|m| m.iter().any(|(k, v)| !ours(k, v))) {
                    add(path, "Holdfast sets no labels of its users' own on backups; adopting would lose them.".into());
                }
            }
            "ttl" if value.as_str().and_then(Seconds::from_go).is_none() => {
                add(path, "This is no duration that Holdfast can read.".into());
            }
            "labelSelector" | "orLabelSelectors" => {}
            _ if KNOWN.contains(&key.as_str()) => {}
            _ => add(path, "Holdfast has no field for this; adopting would lose it.".into()),
        }
    }
    if choice(template).is_none() {
        for key in ["snapshotVolumes", "snapshotMoveData", "defaultVolumesToFsBackup"] {
            add(
                format!("spec.template.{key}"),
                "This combination of snapshotVolumes, snapshotMoveData and defaultVolumesToFsBackup is none of Holdfast's choices."
                    .into(),
            );
        }
    }
    out
}

/// The choice that the three switches stand for, if one does.
fn choice(template: &Value) -> Option<Volumes> {
    let seen = (
        template["snapshotVolumes"].as_bool(),
        template["snapshotMoveData"].as_bool(),
        template["defaultVolumesToFsBackup"].as_bool(),
    );
    // Without snapshots it doesn't matter whether they would be moved.
    let seen = if seen.0 == Some(false) && seen.1 == Some(false) { (seen.0, None, seen.2) } else { seen };
    Volumes::ALL.into_iter().find(|choice| volumes(*choice) == seen)
}

/// Zone and cron of a Schedule's text; both spellings of the prefix are read.
pub fn split_zone(text: &str) -> (Option<String>, String) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let rest = text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ="));
    match rest.and_then(|rest| rest.split_once(' ')) {
        Some((zone, cron)) => (Some(zone.to_owned()), cron.to_owned()),
        None => (None, text),
    }
}

/// Key, operator, values of each requirement, in groups, from both fields and both spellings. An already normal spec, where a
/// group is a line of text, has none.
pub fn groups(template: &Value) -> Vec<Vec<(String, String, Vec<String>)>> {
    let one = template.get("labelSelector").filter(|s| s.is_object()).map(group).filter(|group| !group.is_empty());
    let many = template["orLabelSelectors"].as_array().into_iter().flatten().filter(|s| s.is_object()).map(group);
    one.into_iter().chain(many).collect()
}

fn group(selector: &Value) -> Vec<(String, String, Vec<String>)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let labels = selector["matchLabels"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), "In".to_owned(), vec![text(value)]));
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten().map(|e| {
        let values = e["values"].as_array().into_iter().flatten().map(text).collect();
        (text(&e["key"]), text(&e["operator"]), values)
    });
    labels.chain(expressions).collect()
}
