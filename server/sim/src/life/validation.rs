//! What Velero does to a Backup when it picks it up: fills the spec in, and finds what is wrong with it.
//! Wording is that of Velero 1.18's backup controller; [`prepare`] follows its order.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::duration;
use crate::json::{label, set, set_annotation, set_label, stamp, text, texts, truth};
use crate::kube::kind;
use crate::kube::store::hex;
use crate::scenario::{Scenario, later};

const OLD_AND_NEW: &str = "include-resources, exclude-resources and include-cluster-resources are old filter parameters.\ninclude-cluster-scoped-resources, exclude-cluster-scoped-resources, include-namespace-scoped-resources and exclude-namespace-scoped-resources are new filter parameters.\nThey cannot be used together";
const SNAPSHOTS: &str = "volumesnapshots.snapshot.storage.k8s.io";
const SNAPSHOT_CONTENTS: &str = "volumesnapshotcontents.snapshot.storage.k8s.io";

/// Velero's shortening of names that don't fit a label: 57 characters and 6 of the SHA-256.
pub(crate) fn valid_name(name: &str) -> String {
    if name.len() <= 63 {
        return name.to_owned();
    }
    let hash = hex(&Sha256::digest(name));
    format!("{}{}", &name[..57], &hash[..6])
}

/// Rewrites `backup` as the controller does at the start and returns the validation errors.
pub(crate) fn prepare(s: &Scenario, backup: &mut Value) -> Vec<String> {
    let mut errors = Vec::new();
    set(backup, "/status/version", 1);
    set(backup, "/status/formatVersion", "1.1.0");
    for (field, default) in [("ttl", "720h0m0s"), ("csiSnapshotTimeout", "10m0s"), ("itemOperationTimeout", "4h0m0s")] {
        let pointer = format!("/spec/{field}");
        let written = match duration::parse(text(backup, &pointer)) {
            Ok(given) if !given.is_zero() => duration::format(given),
            _ => default.to_owned(),
        };
        set(backup, &pointer, written);
    }
    if text(backup, "/spec/volumeGroupSnapshotLabelKey").is_empty() && s.options.queues() {
        set(backup, "/spec/volumeGroupSnapshotLabelKey", "velero.io/volume-group");
    }
    let ttl = duration::parse(text(backup, "/spec/ttl")).unwrap_or_default();
    set(backup, "/status/expiration", stamp(later(s.now, ttl)));
    if truth(backup, "/spec/defaultVolumesToRestic") {
        set(backup, "/spec/defaultVolumesToFsBackup", true);
    }
    for field in ["/spec/defaultVolumesToFsBackup", "/spec/snapshotMoveData"] {
        if backup.pointer(field).is_none_or(Value::is_null) {
            set(backup, field, false);
        }
    }
    location(s, backup, &mut errors);
    snapshot_locations(s, backup, &mut errors);
    cluster(s, backup);
    let excluded: Vec<String> = s
        .store
        .list(&kind::NAMESPACE, "")
        .filter(|(_, ns)| label(ns, "velero.io/exclude-from-backup") == "true")
        .map(|(key, _)| key.name.clone())
        .collect();
    append(backup, "/spec/excludedNamespaces", &excluded);
    resources(backup, &mut errors);
    if texts(backup, "/spec/includedNamespaces").is_empty() {
        set(backup, "/spec/includedNamespaces", json!(["*"]));
    }
    namespaces(backup, &mut errors);
    let both = ["/spec/labelSelector", "/spec/orLabelSelectors"]
        .iter()
        .all(|field| backup.pointer(field).is_some_and(|value| !value.is_null()));
    if both {
        errors.push(
            "encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified"
                .to_owned(),
        );
    }
    policy(s, backup, &mut errors);
    errors
}

/// The location that is default by its own word, else the server's, which is called `default`.
pub(crate) fn default_location(s: &Scenario) -> String {
    s.store
        .list(&kind::LOCATION, &s.options.namespace)
        .find(|(_, location)| truth(location, "/spec/default"))
        .map_or_else(|| "default".to_owned(), |(key, _)| key.name.clone())
}

fn location(s: &Scenario, backup: &mut Value, errors: &mut Vec<String>) {
    let mut name = text(backup, "/spec/storageLocation").to_owned();
    let unnamed = name.is_empty();
    if unnamed {
        name = default_location(s);
        set(backup, "/spec/storageLocation", name.as_str());
    }
    match s.get(&kind::LOCATION, &name) {
        None => {
            let which = if unnamed {
                format!("the server default {name} does not exist")
            } else {
                format!("the default {name} was not found")
            };
            errors.push(format!("an existing backup storage location was not specified at backup creation time and {which}. Please address this issue (see `velero backup-location -h` for options) and create a new backup. Error: BackupStorageLocation.velero.io \"{name}\" not found"));
        }
        Some(location) => {
            if text(&location, "/spec/accessMode") == "ReadOnly" {
                errors.push(format!(
                    "backup can't be created because backup storage location {name} is currently in read-only mode"
                ));
            }
            if text(&location, "/status/phase") != "Available" {
                errors.push(format!(
                    "backup can't be created because BackupStorageLocation {name} is in Unavailable status."
                ));
            }
        }
    }
    set_label(backup, "velero.io/storage-location", &valid_name(&name));
}

fn snapshot_locations(s: &Scenario, backup: &mut Value, errors: &mut Vec<String>) {
    let before = errors.len();
    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    for name in texts(backup, "/spec/volumeSnapshotLocations") {
        let Some(location) = s.get(&kind::SNAPSHOT_LOCATION, &name) else {
            errors.push(format!("a VolumeSnapshotLocation CRD for the location {name} with the name specified in the backup spec needs to be created before this snapshot can be executed. Error: VolumeSnapshotLocation.velero.io \"{name}\" not found"));
            continue;
        };
        let provider = text(&location, "/spec/provider").to_owned();
        match chosen.get(&provider) {
            Some(first) if *first != name => errors.push(format!("more than one VolumeSnapshotLocation name specified for provider {provider}: {name}; unexpected name was {first}")),
            _ => {
                chosen.insert(provider, name);
            }
        }
    }
    if errors.len() > before {
        return;
    }
    let mut by_provider: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, location) in s.store.list(&kind::SNAPSHOT_LOCATION, &s.options.namespace) {
        by_provider.entry(text(location, "/spec/provider").to_owned()).or_default().push(key.name.clone());
    }
    for (provider, names) in by_provider {
        if chosen.contains_key(&provider) {
            continue;
        }
        match names.as_slice() {
            [only] => {
                chosen.insert(provider, only.clone());
            }
            _ => errors.push(format!("provider {provider} has more than one possible volume snapshot location, and none were specified explicitly or as a default")),
        }
    }
    if errors.len() == before && !chosen.is_empty() {
        let names: Vec<&String> = chosen.values().collect();
        set(backup, "/spec/volumeSnapshotLocations", json!(names));
    }
}

fn cluster(s: &Scenario, backup: &mut Value) {
    let git = s.options.kubernetes_version.clone();
    let mut parts = git.trim_start_matches('v').split('.');
    let (major, minor) = (parts.next().unwrap_or("1"), parts.next().unwrap_or("34"));
    set_annotation(backup, "velero.io/source-cluster-k8s-gitversion", &git);
    set_annotation(backup, "velero.io/source-cluster-k8s-major-version", major);
    set_annotation(backup, "velero.io/source-cluster-k8s-minor-version", minor);
    set_annotation(backup, "velero.io/resource-timeout", "10m0s");
}

fn append(backup: &mut Value, pointer: &str, more: &[String]) {
    let mut list = texts(backup, pointer);
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
    if !list.is_empty() {
        set(backup, pointer, json!(list));
    }
}

fn resources(backup: &mut Value, errors: &mut Vec<String>) {
    let given = |fields: &[&str]| fields.iter().any(|field| !texts(backup, &format!("/spec/{field}")).is_empty());
    let old = given(&["includedResources", "excludedResources"])
        || backup.pointer("/spec/includeClusterResources").is_some_and(|value| !value.is_null());
    let new = given(&[
        "includedClusterScopedResources",
        "excludedClusterScopedResources",
        "includedNamespaceScopedResources",
        "excludedNamespaceScopedResources",
    ]);
    if old && new {
        errors.push(OLD_AND_NEW.to_owned());
    }
    if old || !new {
        let found = lists(&texts(backup, "/spec/includedResources"), &texts(backup, "/spec/excludedResources"));
        if found.is_empty() {
            append(backup, "/spec/excludedResources", &[SNAPSHOTS.to_owned(), SNAPSHOT_CONTENTS.to_owned()]);
        }
        errors.extend(found.iter().map(|e| format!("Invalid included/excluded resource lists: {e}")));
        return;
    }
    for (scope, word, hidden) in
        [("Cluster", "cluster-scoped", SNAPSHOT_CONTENTS), ("Namespace", "namespace-scoped", SNAPSHOTS)]
    {
        let include = texts(backup, &format!("/spec/included{scope}ScopedResources"));
        let pointer = format!("/spec/excluded{scope}ScopedResources");
        let found = scoped_lists(&include, &texts(backup, &pointer));
        if found.is_empty() {
            append(backup, &pointer, &[hidden.to_owned()]);
        }
        errors.extend(found.iter().map(|e| format!("Invalid {word} included/excluded resource lists: {e}")));
    }
}

/// The old rule of include and exclude lists.
pub(crate) fn lists(include: &[String], exclude: &[String]) -> Vec<String> {
    let mut errors = Vec::new();
    let star = |list: &[String]| list.iter().any(|item| item == "*");
    if include.len() > 1 && star(include) {
        errors.push("includes list must either contain '*' only, or a non-empty list of items".to_owned());
    }
    if star(exclude) {
        errors.push("excludes list cannot contain '*'".to_owned());
    }
    errors.extend(in_both(include, exclude));
    errors
}

fn scoped_lists(include: &[String], exclude: &[String]) -> Vec<String> {
    let mut errors = Vec::new();
    let star = |list: &[String]| list.iter().any(|item| item == "*");
    if include.len() > 1 && star(include) {
        errors.push("includes list must either contain '*' only, or a non-empty list of items".to_owned());
    }
    if exclude.len() > 1 && star(exclude) {
        errors.push("excludes list must either contain '*' only, or a non-empty list of items".to_owned());
    }
    if !include.is_empty() && star(exclude) {
        errors.push("when exclude is '*', include cannot have value".to_owned());
    }
    errors.extend(in_both(include, exclude));
    errors
}

fn in_both(include: &[String], exclude: &[String]) -> Vec<String> {
    let mut both: Vec<&String> = exclude.iter().filter(|i| include.contains(i)).collect();
    both.sort();
    both.dedup();
    both.iter().map(|item| format!("excludes list cannot contain an item in the includes list: {item}")).collect()
}

fn namespaces(backup: &Value, errors: &mut Vec<String>) {
    let include = texts(backup, "/spec/includedNamespaces");
    let exclude = texts(backup, "/spec/excludedNamespaces");
    let mut found = lists(&include, &exclude);
    for name in include.iter().chain(&exclude) {
        let plain = name.replace(['*', '?', '[', ']'], "x");
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = plain.is_empty()
            || plain.len() <= 63
                && plain.starts_with(fits)
                && plain.ends_with(fits)
                && plain.chars().all(|c| fits(c) || c == '-');
        if !good {
            found.push(format!("invalid namespace {name:?}: a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"));
        }
    }
    errors.extend(found.iter().map(|e| format!("Invalid included/excluded namespace lists: {e}")));
}

fn policy(s: &Scenario, backup: &Value, errors: &mut Vec<String>) {
    let name = text(backup, "/spec/resourcePolicy/name");
    let is_map = text(backup, "/spec/resourcePolicy/kind").eq_ignore_ascii_case("configmap");
    if name.is_empty() || !is_map {
        return;
    }
    let place = format!("{}/{name}", s.options.namespace);
    match s.get(&kind::CONFIG_MAP, name) {
        None => errors.push(format!("invalid resource policies: failed to get resource policies {place} configmap: ConfigMap \"{name}\" not found")),
        Some(map) => {
            let keys = map["data"].as_object().map_or(0, serde_json::Map::len);
            if keys != 1 {
                errors.push(format!("invalid resource policies: failed to get the user resource policies config: illegal resource policies {place} configmap: it must have exactly one key"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Options};

    fn scenario() -> Scenario {
        let clock = Clock::manual("2026-10-03T02:00:00Z".parse().expect("a time"));
        let mut s = Scenario::new("t", Options::default(), &clock);
        s.catch_up(later(s.now, std::time::Duration::from_secs(5)));
        s
    }

    fn errors(spec: Value) -> Vec<String> {
        prepare(&scenario(), &mut json!({"metadata": {"name": "b"}, "spec": spec}))
    }

    #[test]
    fn fills_the_spec_in() {
        let s = scenario();
        let mut backup = json!({"metadata": {"name": "b"}, "spec": {"ttl": "168h"}});
        assert_eq!(prepare(&s, &mut backup), Vec::<String>::new());
        let spec = &backup["spec"];
        assert_eq!(spec["ttl"], "168h0m0s");
        assert_eq!(spec["csiSnapshotTimeout"], "10m0s");
        assert_eq!(spec["itemOperationTimeout"], "4h0m0s");
        assert_eq!(spec["storageLocation"], "default");
        assert_eq!(spec["includedNamespaces"], json!(["*"]));
        assert_eq!(spec["snapshotMoveData"], false);
        assert_eq!(spec["defaultVolumesToFsBackup"], false);
        assert!(texts(&backup, "/spec/excludedResources").contains(&SNAPSHOTS.to_owned()));
        assert_eq!(texts(&backup, "/spec/excludedNamespaces"), ["scratch"]);
        assert_eq!(backup["status"]["expiration"], "2026-10-10T02:00:05Z");
        assert_eq!(label(&backup, "velero.io/storage-location"), "default");
    }

    #[test]
    fn finds_every_fault_of_the_table() {
        for (spec, fragment) in [
            (json!({"storageLocation": "nowhere"}), "the default nowhere was not found"),
            (json!({"storageLocation": "archive"}), "archive is currently in read-only mode"),
            (json!({"storageLocation": "offsite"}), "BackupStorageLocation offsite is in Unavailable status."),
            (
                json!({"volumeSnapshotLocations": ["x"]}),
                "a VolumeSnapshotLocation CRD for the location x with the name",
            ),
            (
                json!({"includedResources": ["pods"], "includedNamespaceScopedResources": ["pods"]}),
                "are old filter parameters.",
            ),
            (
                json!({"excludedResources": ["*"]}),
                "Invalid included/excluded resource lists: excludes list cannot contain '*'",
            ),
            (json!({"includedNamespaces": ["*", "shop"]}), "includes list must either contain '*' only"),
            (
                json!({"includedNamespaces": ["web"], "excludedNamespaces": ["web"]}),
                "Invalid included/excluded namespace lists: excludes list cannot contain an item in the includes list: web",
            ),
            (
                json!({"includedClusterScopedResources": ["a"], "excludedClusterScopedResources": ["*"]}),
                "Invalid cluster-scoped included/excluded resource lists: when exclude is '*', include cannot have value",
            ),
            (
                json!({"includedNamespaceScopedResources": ["pods"], "excludedNamespaceScopedResources": ["pods"]}),
                "Invalid namespace-scoped",
            ),
            (
                json!({"labelSelector": {}, "orLabelSelectors": [{}]}),
                "encountered labelSelector as well as orLabelSelectors",
            ),
            (json!({"resourcePolicy": {"kind": "ConfigMap", "name": "none"}}), "invalid resource policies"),
            (json!({"includedNamespaces": ["Shop_1"]}), "invalid namespace \"Shop_1\""),
        ] {
            let found = errors(spec);
            assert!(found.iter().any(|e| e.contains(fragment)), "{fragment}: {found:?}");
        }
    }

    #[test]
    fn shortens_long_names_for_labels() {
        let name = "n".repeat(80);
        let short = valid_name(&name);
        assert_eq!(short.len(), 63);
        assert!(short.starts_with(&"n".repeat(57)));
        assert_eq!(valid_name("short"), "short");
    }
}
