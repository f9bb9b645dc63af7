//! When two Schedules mean the same, and how they differ when they don't.
//!
//! Velero's own client writes empty structs, `720h0m0s` for `720h`, `["*"]` for nothing and takes `skipImmediately` back; none
//! of that is somebody's edit.

use super::back;
use crate::provider::{paths::changed_among, velero::wire::DEFINITION};
use model::{definition::Drift, duration::Seconds, label::Operator};
use serde_json::{Map, Value, json};

/// A Schedule's spec in the form in which equal meaning is equal JSON.
pub fn normal(spec: &Value) -> Value {
    let mut out = Map::new();
    for (key, value) in spec.as_object().into_iter().flatten() {
        match key.as_str() {
            // The server sets it back to false after each use.
            "skipImmediately" => {}
            "schedule" => {
                let text = value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
                out.insert(
                    key.clone(),
                    json!(text.strip_prefix("TZ=").map_or(text.clone(), |rest| format!("CRON_TZ={rest}"))),
                );
            }
            "paused" | "useOwnerReferencesInBackup" => {
                if value == &json!(true) {
                    out.insert(key.clone(), json!(true));
                }
            }
            "template" => {
                let template = normal_template(value);
                if template != json!({}) {
                    out.insert(key.clone(), template);
                }
            }
            _ => put(&mut out, key, tidy(value)),
        }
    }
    Value::Object(out)
}

fn put(out: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        out.insert(key.to_owned(), value);
    }
}

fn normal_template(template: &Value) -> Value {
    let mut out = Map::new();
    for (key, value) in template.as_object().into_iter().flatten() {
        match key.as_str() {
            "labelSelector" | "orLabelSelectors" => {}
            "ttl" | "csiSnapshotTimeout" | "itemOperationTimeout" => {
                let text = value.as_str().unwrap_or_default();
                let span = Seconds::from_go(text).map_or_else(|| text.to_owned(), Seconds::go);
                // Nothing and nought both mean the server's default.
                if !matches!(span.as_str(), "" | "0s") {
                    out.insert(key.clone(), json!(span));
                }
            }
            "includedNamespaces" | "includedResources" => {
                let list = sorted(value);
                if list != ["*"] && !list.is_empty() {
                    out.insert(key.clone(), json!(list));
                }
            }
            "excludedNamespaces" | "excludedResources" | "volumeSnapshotLocations" => {
                let list = sorted(value);
                if !list.is_empty() {
                    out.insert(key.clone(), json!(list));
                }
            }
            _ => put(&mut out, key, tidy(value)),
        }
    }
    let groups = back::groups(template);
    // A group without a condition matches everything, and so does the whole "or".
    if !groups.is_empty() && groups.iter().all(|group| !group.is_empty()) {
        let mut lines: Vec<String> = groups.iter().map(|group| group_text(group)).collect();
        lines.sort();
        lines.dedup();
        let key = if lines.len() == 1 { "labelSelector" } else { "orLabelSelectors" };
        out.insert(key.into(), json!(lines));
    }
    Value::Object(out)
}

/// `app=shop, tier in (db, web), !legacy`: a group of conditions in one line, as kubectl writes it.
fn group_text(group: &[(String, String, Vec<String>)]) -> String {
    let mut parts: Vec<String> = group
        .iter()
        .map(|(key, operator, values)| {
            let mut values = values.clone();
            values.sort();
            values.dedup();
            match Operator::from_upstream(operator) {
                Some(Operator::In) if values.len() == 1 => format!("{key}={}", values[0]),
                Some(Operator::In) => format!("{key} in ({})", values.join(", ")),
                Some(Operator::NotIn) => format!("{key} notin ({})", values.join(", ")),
                Some(Operator::Exists) => key.clone(),
                Some(Operator::DoesNotExist) => format!("!{key}"),
                None => format!("{key} {operator} ({})", values.join(", ")),
            }
        })
        .collect();
    parts.sort();
    parts.dedup();
    parts.join(", ")
}

fn sorted(value: &Value) -> Vec<String> {
    let mut list: Vec<String> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
        .collect();
    list.sort();
    list.dedup();
    list
}

/// The value without what Go's `omitempty` would leave out; `None` when nothing is left. `false` stays: most of Velero's
/// switches are pointers, where false differs from nothing.
fn tidy(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Number(n) if n.as_f64() == Some(0.0) => None,
        Value::Array(list) if list.is_empty() => None,
        Value::Object(map) => {
            let left: Map<String, Value> = map.iter().filter_map(|(k, v)| Some((k.clone(), tidy(v)?))).collect();
            (!left.is_empty()).then_some(Value::Object(left))
        }
        Value::Array(list) => Some(Value::Array(list.iter().map(|v| tidy(v).unwrap_or(Value::Null)).collect())),
        other => Some(other.clone()),
    }
}

/// Field by field how `theirs` differs from `ours`, both Schedule specs in any form.
pub fn drift(ours: &Value, theirs: &Value) -> Vec<Drift> {
    let (ours, theirs) = (normal(ours), normal(theirs));
    let mut out = Vec::new();
    walk("spec", Some(&ours), Some(&theirs), &mut out);
    if !out.is_empty() {
        let problems = back::problems(&theirs);
        for drift in &mut out {
            drift.not_adoptable = problems
                .iter()
                .find(|(path, _)| {
                    drift.field == *path
                        || drift.field.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.'))
                })
                .map(|(_, sentence)| sentence.clone())
                .or_else(|| {
                    drift
                        .field
                        .contains(DEFINITION)
                        .then(|| "Holdfast knows its own runs by this label and always sets it.".to_owned())
                });
        }
    }
    out
}

/// What of `theirs` writing `wanted` would undo: fields that somebody changed since `base` and that are not as wanted either.
pub fn disputed(base: &Value, wanted: &Value, theirs: &Value) -> Vec<Drift> {
    let changed = drift(base, theirs);
    changed_among(drift(wanted, theirs), &changed)
}

fn walk(path: &str, ours: Option<&Value>, theirs: Option<&Value>, out: &mut Vec<Drift>) {
    if ours == theirs {
        return;
    }
    let map = |v: Option<&Value>| v.and_then(Value::as_object).cloned();
    match (map(ours), map(theirs)) {
        (a, b) if a.is_some() || b.is_some() => {
            let leaf = |v: Option<&Value>| v.is_some_and(|v| !v.is_object());
            if leaf(ours) || leaf(theirs) {
                out.push(entry(path, ours, theirs));
                return;
            }
            let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                walk(&format!("{path}.{key}"), a.get(key), b.get(key), out);
            }
        }
        _ => out.push(entry(path, ours, theirs)),
    }
}

fn entry(path: &str, ours: Option<&Value>, theirs: Option<&Value>) -> Drift {
    Drift { field: path.to_owned(), ours: ours.map(words), theirs: theirs.map(words), not_adoptable: None }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            list.iter().map(words).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// The merge patch that brings a live Schedule's spec to the wanted one: only keys that differ in meaning, `null` for those
/// that shall go. `None` when nothing differs.
pub fn patch(live: &Value, wanted: &Value) -> Option<Value> {
    let mut out = Map::new();
    let (live_normal, wanted_normal) = (normal(live), normal(wanted));
    let empty = json!({});
    let (live_t, wanted_t) = (live.get("template").unwrap_or(&empty), wanted.get("template").unwrap_or(&empty));
    let mut template = Map::new();
    let (a, b) = (&live_normal["template"], &wanted_normal["template"]);
    for key in keys(live_t, wanted_t) {
        let selector = matches!(key.as_str(), "labelSelector" | "orLabelSelectors");
        let differs = if selector {
            a.get("labelSelector") != b.get("labelSelector") || a.get("orLabelSelectors") != b.get("orLabelSelectors")
        } else {
            a.get(&key) != b.get(&key)
        };
        if differs {
            template.insert(key.clone(), replace(live_t.get(&key), wanted_t.get(&key)));
        }
    }
    if !template.is_empty() {
        out.insert("template".into(), Value::Object(template));
    }
    for key in keys(live, wanted).into_iter().filter(|k| k != "template") {
        if live_normal.get(&key) != wanted_normal.get(&key) {
            // `paused` is left out of a wanted spec when it is false; said out loud it reads better in an audit log.
            let value = if key == "paused" && wanted.get(&key).is_none() {
                json!(false)
            } else {
                replace(live.get(&key), wanted.get(&key))
            };
            out.insert(key, value);
        }
    }
    (!out.is_empty()).then_some(Value::Object(out))
}

fn keys(a: &Value, b: &Value) -> Vec<String> {
    let mut keys: Vec<String> =
        [a, b].into_iter().filter_map(Value::as_object).flat_map(|m| m.keys().cloned()).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Merge patch semantics: objects are merged, so that keys which shall go need a `null` of their own.
fn replace(live: Option<&Value>, wanted: Option<&Value>) -> Value {
    match (live, wanted) {
        (_, None) => Value::Null,
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let mut out = Map::new();
            for key in old.keys().filter(|k| !new.contains_key(*k)) {
                out.insert(key.clone(), Value::Null);
            }
            for (key, value) in new {
                if old.get(key) != Some(value) {
                    out.insert(key.clone(), replace(old.get(key), Some(value)));
                }
            }
            Value::Object(out)
        }
        (_, Some(value)) => value.clone(),
    }
}
