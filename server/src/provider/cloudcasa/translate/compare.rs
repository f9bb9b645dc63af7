//! How two states of a definition's documents differ, both in normal form.

use super::{back, normal::Part};
use crate::provider::paths::{changed_among, overlap};
use model::definition::Drift;
use serde_json::{Map, Value};

/// `{id, name}`, as `normal` writes references.
pub fn is_reference(map: &Map<String, Value>) -> bool {
    map.len() == 2 && map.contains_key("id") && map.contains_key("name")
}

/// Equal in meaning: references by their id.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if is_reference(a) && is_reference(b) => a["id"] == b["id"],
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}

/// Field by field how `theirs` differs from `ours`, both composites of documents.
pub fn drift(ours: &Value, theirs: &Value) -> Vec<Drift> {
    let mut out = Vec::new();
    for part in Part::ALL {
        let key = part.key();
        match (ours.get(key), theirs.get(key)) {
            (Some(a), Some(b)) => walk(key, Some(a), Some(b), &mut out),
            (None, None) => {}
            // A document that is there on one side only is one difference, not as many as it has fields.
            (a, b) => {
                let name = |doc: Option<&Value>| doc.map(|doc| words(&doc["name"]));
                out.push(Drift { field: key.to_owned(), ours: name(a), theirs: name(b), not_adoptable: None });
            }
        }
    }
    if !out.is_empty() {
        let problems = back::problems(theirs);
        for drift in &mut out {
            drift.not_adoptable =
                problems.iter().find(|(path, _)| overlap(path, &drift.field)).map(|(_, sentence)| sentence.clone());
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
    let entry =
        || Drift { field: path.to_owned(), ours: ours.map(words), theirs: theirs.map(words), not_adoptable: None };
    match (ours, theirs) {
        (Some(a), Some(b)) if same(a, b) => {}
        (None, None) => {}
        (Some(Value::Object(a)), Some(Value::Object(b))) if !is_reference(a) && !is_reference(b) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                walk(&format!("{path}.{key}"), a.get(key), b.get(key), out);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.iter().chain(b).all(Value::is_object) => {
            for i in 0..a.len().max(b.len()) {
                walk(&format!("{path}.{i}"), a.get(i), b.get(i), out);
            }
        }
        _ => out.push(entry()),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) if is_reference(map) => words(&map["name"]),
        Value::Array(list) if list.is_empty() => "none".into(),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            list.iter().map(words).collect::<Vec<_>>().join(", ")
        }
        // One schedule of a policy.
        Value::Object(map) if map.contains_key("schedule") => {
            format!("{}, {} days", words(&map["schedule"]), words(&map["retainDays"]))
        }
        other => other.to_string(),
    }
}
