//! When two policies mean the same, and how they differ when they don't. Order of lists, nulls, names beside uids and the field
//! of the other release are nobody's edit.

use super::back;
use crate::provider::palette::generation;
use model::{definition::Drift, scope::ClusterObjects};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CONFIG: &str = "backupConfig";
/// Where a policy has its definition's name.
pub const PREFIX: &str = "backupConfig.backupPrefix";

/// Upstream path to value, in the form in which equal meaning is equal JSON. Fields that Holdfast doesn't know are kept.
fn normal(config: &Value) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    let inner = &config[CONFIG];
    let all = config["includeAllClusters"] == json!(true);
    out.insert("includeAllClusters".into(), json!(all));
    let mut clusters = texts(&config["clusterUids"]);
    clusters.sort();
    // Beside “all of them” a list means nothing.
    if !all && !clusters.is_empty() {
        out.insert("clusterUids".into(), json!(clusters));
    }
    let mut put = |key: &str, value: Value| out.insert(format!("{CONFIG}.{key}"), value);
    for (key, value) in inner.as_object().into_iter().flatten() {
        match key.as_str() {
            // Of backups on demand; what stands beside a uid; what is said below.
            "backupName"
            | "backupLocationName"
            | "locationType"
            | "includeClusterResources"
            | "includeClusterResourceMode"
            | "schedule"
            | "namespaces"
            | "durationInHours"
            | "includeAllDisks" => {}
            _ if is_empty(value) => {}
            _ => {
                put(key, value.clone());
            }
        }
    }
    let mut namespaces = texts(&inner["namespaces"]);
    namespaces.sort();
    if !namespaces.is_empty() {
        put("namespaces", json!(namespaces));
    }
    put("durationInHours", json!(inner["durationInHours"].as_i64().unwrap_or_default()));
    put("includeAllDisks", json!(inner["includeAllDisks"] == json!(true)));
    put(
        "includeClusterResourceMode",
        match generation::read(inner) {
            Ok(ClusterObjects::All) => json!("Always"),
            Ok(ClusterObjects::Needed) => json!("Auto"),
            Ok(ClusterObjects::None) => json!("Never"),
            Err(word) => json!(word),
        },
    );
    put("schedule.scheduledRunTime", json!(super::cron(config).split_whitespace().collect::<Vec<_>>().join(" ")));
    out
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(n) => n.as_f64() == Some(0.0),
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Field by field how `theirs` differs from `ours`, both as [`super::recorded`] has them under `config`.
pub fn drift(ours: &Value, theirs: &Value) -> Vec<Drift> {
    let (a, b) = (normal(ours), normal(theirs));
    let mut paths: Vec<&String> = a.keys().chain(b.keys()).collect();
    paths.sort();
    paths.dedup();
    let problems = back::problems(theirs);
    paths
        .into_iter()
        .filter(|path| a.get(*path) != b.get(*path))
        .map(|path| Drift {
            field: path.clone(),
            ours: a.get(path).map(|value| words(path, value, ours)),
            theirs: b.get(path).map(|value| words(path, value, theirs)),
            not_adoptable: problems.iter().find(|(at, _)| at == path).map(|(_, why)| why.clone()),
        })
        .collect()
}

/// What of `theirs` writing `wanted` would undo: fields that somebody changed since `base` and that are not as wanted either.
pub fn disputed(base: &Value, wanted: &Value, theirs: &Value) -> Vec<Drift> {
    let changed = drift(base, theirs);
    // What is not ours to say is sent back as it is, so that it never differs from what would be written.
    let sent = super::overlay(theirs, wanted);
    let mut undone = drift(&sent, theirs);
    // Which clusters is one decision in two fields.
    let same = |a: &str, b: &str| a == b || (is_clusters(a) && is_clusters(b));
    undone.retain(|field| changed.iter().any(|other| same(&other.field, &field.field)));
    undone
}

fn is_clusters(path: &str) -> bool {
    matches!(path, "clusterUids" | "includeAllClusters")
}

fn words(path: &str, value: &Value, config: &Value) -> String {
    let name = &config[CONFIG]["backupLocationName"];
    match (value, name.as_str().filter(|name| !name.is_empty())) {
        (Value::String(uid), Some(name)) if path.ends_with("backupLocationUid") => format!("{name} ({uid})"),
        (Value::String(text), _) if text.is_empty() => "none".into(),
        (Value::String(text), _) => text.clone(),
        (Value::Array(list), _) if list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        (other, _) => other.to_string(),
    }
}
