//! A document in the form in which equal meaning is equal JSON: only what Holdfast manages, without the server's defaults.

use super::rhythm;
use crate::provider::{
    Owned,
    cloudcasa::wire::{Doc, reference},
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The documents of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Policy,
    Backup,
    Offload,
}

impl Part {
    /// In the order in which they are made.
    pub const ALL: [Self; 3] = [Self::Policy, Self::Backup, Self::Offload];

    /// Its collection.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Policy => "policies",
            Self::Backup => "kubebackups",
            Self::Offload => "kubeoffloads",
        }
    }

    /// The upstream's word for one of them; where its fields stand in what is compared.
    pub fn key(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Backup => "kubebackup",
            Self::Offload => "kubeoffload",
        }
    }

    /// Stands where the id of the definition's own document of this kind will stand.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Policy => "@policy",
            Self::Backup => "@kubebackup",
            Self::Offload => "@kubeoffload",
        }
    }

    /// Fields that Holdfast writes and compares; it also takes away what others put into them.
    pub fn managed(self) -> &'static [&'static str] {
        match self {
            Self::Policy => &["name", "timezone", "schedules"],
            Self::Backup => {
                &["name", "cluster", "trigger_type", "policy", "copydef", "pause", "pre_hooks", "post_hooks"]
            }
            Self::Offload => {
                &["name", "backupdef", "trigger_type", "policy", "pause", "run_backup", "delete_snapshots"]
            }
        }
    }

    /// The same, one level deeper.
    pub fn managed_within(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Backup => &[(
                "source",
                &[
                    "all_namespaces",
                    "namespaces",
                    "excluded_namespaces",
                    "label_selector",
                    "snapshotPersistentVolumes",
                    "included_resources",
                    "include_unattached_pvcs",
                ],
            )],
            Self::Policy | Self::Offload => &[],
        }
    }
}

/// Whose ids are the definition's own, and what others are called.
#[derive(Clone, Debug, Default)]
pub struct Refs {
    /// The definition's name upstream.
    pub name: String,
    /// Its own documents.
    pub own: HashMap<String, Part>,
    /// Names by id.
    pub names: HashMap<String, String>,
}

impl Refs {
    /// As far as the definition itself tells them.
    pub fn of(owned: &Owned) -> Self {
        let definition = &owned.definition;
        let named = [&definition.scope.subject, &definition.policy];
        Self {
            name: owned.upstream_name.clone(),
            own: HashMap::new(),
            names: named.into_iter().flatten().map(|named| (named.id.clone(), named.name.clone())).collect(),
        }
    }

    /// A reference as `{id, name}`; compared by its id alone. `None` when it refers to nothing.
    fn resolve(&self, value: &Value) -> Option<Value> {
        let id = reference(value);
        if id.is_empty() {
            return None;
        }
        let own = Part::ALL.into_iter().find(|part| part.mark() == id).or_else(|| self.own.get(id).copied());
        Some(match own {
            Some(part) => json!({"id": part.mark(), "name": self.name}),
            None => {
                let embedded = value["name"].as_str();
                let name = self.names.get(id).map(String::as_str).or(embedded).unwrap_or(id);
                json!({"id": id, "name": name})
            }
        })
    }
}

/// The document or body in normal form.
pub fn of(part: Part, doc: &Value, refs: &Refs) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    };
    put("name", text(&doc["name"]));
    match part {
        Part::Policy => {
            put("timezone", Some(text(&doc["timezone"]).unwrap_or_else(|| json!("UTC"))));
            let entries = doc["schedules"].as_array().into_iter().flatten();
            put("schedules", Some(entries.map(entry).collect()));
        }
        Part::Backup => {
            put("cluster", refs.resolve(&doc["cluster"]));
            put("trigger_type", Some(trigger(doc)));
            put("policy", refs.resolve(&doc["policy"]));
            put("copydef", refs.resolve(&doc["copydef"]));
            put("pause", truth(&doc["pause"], false));
            put("pre_hooks", list(&doc["pre_hooks"]));
            put("post_hooks", list(&doc["post_hooks"]));
            put("source", Some(source(&doc["source"])));
        }
        Part::Offload => {
            put("backupdef", refs.resolve(&doc["backupdef"]));
            put("trigger_type", Some(trigger(doc)));
            put("policy", refs.resolve(&doc["policy"]));
            put("pause", truth(&doc["pause"], false));
            put("delete_snapshots", truth(&doc["delete_snapshots"], true));
            // Its type and region follow from the store; `run_backup` is not compared, because an example of the guide
            // answers false to what was sent as true.
            let store = refs.resolve(&doc["offload_provider"]["user_objectstore"]);
            put("offload_provider", store.map(|store| json!({"user_objectstore": store})));
        }
    }
    Value::Object(out)
}

/// Documents that are there, in normal form, by their part's key.
pub fn composite<'a>(docs: impl IntoIterator<Item = (Part, &'a Doc)>, refs: &Refs) -> Map<String, Value> {
    docs.into_iter().map(|(part, doc)| (part.key().to_owned(), of(part, &doc.0, refs))).collect()
}

fn text(value: &Value) -> Option<Value> {
    value.as_str().filter(|text| !text.is_empty()).map(|text| json!(text))
}

/// Only what isn't the server's default.
fn truth(value: &Value, default: bool) -> Option<Value> {
    let value = value.as_bool().unwrap_or(default);
    (value != default).then(|| json!(value))
}

fn trigger(doc: &Value) -> Value {
    json!(doc["trigger_type"].as_str().unwrap_or("SCHEDULED"))
}

fn list(value: &Value) -> Option<Value> {
    value.as_array().filter(|list| !list.is_empty()).map(|list| json!(list))
}

/// The order of names means nothing.
fn names(value: &Value) -> Option<Value> {
    let mut names: Vec<&str> = value.as_array()?.iter().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| json!(names))
}

fn source(source: &Value) -> Value {
    let mut out = Map::new();
    let everything = source["all_namespaces"] == true;
    // With all of them chosen, a list says nothing.
    let chosen = if everything { None } else { Some(names(&source["namespaces"]).unwrap_or_else(|| json!([]))) };
    let labels = source["label_selector"].as_object().filter(|map| !map.is_empty()).map(|map| json!(map));
    for (key, value) in [
        ("namespaces", chosen),
        ("excluded_namespaces", names(&source["excluded_namespaces"])),
        ("label_selector", labels),
        ("snapshotPersistentVolumes", truth(&source["snapshotPersistentVolumes"], true)),
        ("included_resources", names(&source["included_resources"])),
        ("include_unattached_pvcs", truth(&source["include_unattached_pvcs"], false)),
    ] {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    }
    Value::Object(out)
}

fn entry(entry: &Value) -> Value {
    let cron = rhythm::text(&entry["schedule"]);
    let mut out = Map::new();
    out.insert("schedule".into(), json!(rhythm::canonical(&cron).unwrap_or(cron)));
    out.insert("retainDays".into(), json!(entry["retainDays"].as_u64().unwrap_or(super::DEFAULT_DAYS)));
    if let Some(always) = entry["numAlwaysRetain"].as_u64().filter(|n| *n > 0) {
        out.insert("numAlwaysRetain".into(), json!(always));
    }
    if let Some(locked) = truth(&entry["locked"], false) {
        out.insert("locked".into(), locked);
    }
    Value::Object(out)
}
