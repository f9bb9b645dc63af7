//! What Palette sends and takes, as JSON. Tolerant on read: everything may be absent, an empty list may be null (Go's nil slices),
//! a time that was never set may be of the year 1; unknown words are kept. Strict on write: see `wire/out.rs`.
//!
//! Fields are those of the published definition “Palette APIs 4.8” and of the page of `GET /v1/workspaces/{uid}/backup`.

pub mod out;

use model::{Millis, named::Named};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// A moment; `None` for what isn't one, and for Go's zero time.
pub fn moment(text: &str) -> Option<Millis> {
    let at = text.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    (at > 0).then_some(Millis(at))
}

/// Without nulls: an empty list or object of Go's is null, and means what absence means.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(list) => {
            Value::Array(list.into_iter().filter(|item| !item.is_null()).map(without_nulls).collect())
        }
        Value::Object(map) => Value::Object(
            map.into_iter().filter(|(_, item)| !item.is_null()).map(|(key, item)| (key, without_nulls(item))).collect(),
        ),
        other => other,
    }
}

/// The items of a list that can be read; one that can't is left out, and said in the log.
fn items<T: DeserializeOwned>(answer: &mut Value, at: &str, what: &'static str) -> Vec<T> {
    let Value::Array(list) = taken(answer, at) else { return Vec::new() };
    list.into_iter()
        .filter_map(|item| {
            serde_json::from_value(item)
                .inspect_err(|_| tracing::warn!(what, "an entry that can't be read was left out"))
                .ok()
        })
        .collect()
}

/// What stands there; null when nothing does, or when the way there leads through something else than objects.
fn taken(answer: &mut Value, at: &str) -> Value {
    answer.pointer_mut(at).map(Value::take).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `GET /v1/workspaces/{uid}/backup`: the policy, and what came of it. The default is what a workspace without either has.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// When the policy was last written, as far as that is told.
    pub modified: Option<Millis>,
    /// `spec.config`; `None` when there is no policy.
    pub config: Option<Value>,
    pub entries: Vec<Entry>,
}

impl Document {
    /// Reads an answer. An empty spec is no policy.
    pub fn read(answer: Value) -> Self {
        let mut answer = without_nulls(answer);
        let config = taken(&mut answer, "/spec/config");
        let said = config["backupConfig"].as_object().is_some_and(|map| !map.is_empty());
        Self {
            modified: answer["metadata"]["lastModifiedTimestamp"].as_str().and_then(moment),
            config: said.then_some(config),
            entries: items(&mut answer, "/status/workspaceBackupStatuses", "a backup request"),
        }
    }
}

/// One request for a backup, scheduled or on demand.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Entry {
    pub request_uid: String,
    pub actor: Actor,
    #[serde(rename = "workspaceBackupConfig")]
    pub backup: Backup,
}

#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Actor {
    /// A free word; `User` is one.
    pub actor_type: String,
}

#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Backup {
    pub backup_name: String,
    pub backup_state: State,
    pub backup_time: String,
    pub request_time: String,
    pub config: Brief,
    pub cluster_backup_refs: Vec<ClusterBackup>,
}

/// The part of the policy that a request keeps.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Brief {
    pub duration_in_hours: i64,
    /// Since 4.6.
    pub include_cluster_resource_mode: String,
    pub namespaces: Vec<String>,
}

#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct State {
    /// Free words; no list of them is published.
    pub state: String,
    /// Not empty when a deletion was asked for.
    pub delete_state: String,
    pub msg: String,
    pub backup_time: String,
}

/// What came of a request on one cluster.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClusterBackup {
    pub cluster_uid: String,
    pub cluster_name: String,
    #[serde(rename = "backupStatusMeta")]
    pub status: ClusterStatus,
}

#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClusterStatus {
    pub backup_name: String,
    pub expiry_date: String,
    /// Spelt so upstream.
    pub backuped_namespaces: Vec<String>,
    pub backup_state: State,
}

/// One request for a restore.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RestoreEntry {
    pub request_uid: String,
    #[serde(rename = "workspaceRestoreConfig")]
    pub restore: Restore,
}

#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Restore {
    pub backup_name: String,
    pub restore_state: State,
    pub restore_time: String,
    pub cluster_restore_refs: Vec<ClusterRestore>,
}

#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClusterRestore {
    pub backup_name: String,
    pub cluster_name: String,
    pub cluster_uid: String,
    #[serde(rename = "restoreStatusMeta")]
    pub status: RestoreStatus,
}

#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RestoreStatus {
    pub state: String,
    pub msg: String,
    pub restore_time: String,
}

/// The requests of `GET /v1/workspaces/{uid}/restore`.
pub fn restores(answer: Value) -> Vec<RestoreEntry> {
    items(&mut without_nulls(answer), "/status/workspaceRestoreStatuses", "a restore request")
}

/// A workspace with its clusters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    pub uid: String,
    pub name: String,
    pub clusters: Vec<Named>,
    /// Names, and patterns where the workspace takes in by pattern.
    pub namespaces: Vec<String>,
    /// Cluster and message of what is wrong, where the answer tells it (not in the list).
    pub errors: Vec<(String, String)>,
}

impl Workspace {
    /// From an item of the dashboard's list, in the form of either release (`metadata`, or `meta` before), or from the workspace
    /// itself. `None` without a uid.
    pub fn read(item: &Value) -> Option<Self> {
        let (meta, spec) = (&item["meta"], &item["spec"]);
        let first = |key: &str| [&item["metadata"][key], &meta[key]].into_iter().map(text).find(|t| !t.is_empty());
        let uid = first("uid")?;
        let list = |key: &str| [&spec[key], &meta[key]].into_iter().find_map(Value::as_array);
        let either = |item: &Value, a: &str, b: &str| {
            Some(text(&item[a])).filter(|t| !t.is_empty()).unwrap_or_else(|| text(&item[b]))
        };
        let clusters = list("clusterRefs").into_iter().flatten().map(|c| {
            let uid = either(c, "uid", "clusterUid");
            let name = either(c, "name", "clusterName");
            Named { name: if name.is_empty() { uid.clone() } else { name }, id: uid }
        });
        let namespaces = list("clusterNamespaces").or_else(|| list("namespaces")).into_iter().flatten();
        Some(Self {
            name: first("name").unwrap_or_else(|| uid.clone()),
            clusters: clusters.filter(|c| !c.id.is_empty()).collect(),
            namespaces: namespaces
                .map(|n| n.as_str().map_or_else(|| text(&n["name"]), str::to_owned))
                .filter(|n| !n.is_empty())
                .collect(),
            errors: item["status"]["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|e| (text(&e["clusterUid"]), text(&e["msg"])))
                .collect(),
            uid,
        })
    }

    /// What people call a cluster of it; its uid when it isn't one.
    pub fn cluster(&self, uid: &str) -> Named {
        self.clusters.iter().find(|c| c.id == uid).cloned().unwrap_or_else(|| Named::new(uid, uid))
    }
}

/// A backup location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    pub uid: String,
    /// What people call it, and what a definition says: its name, or where two have the same, with the end of its uid.
    pub name: String,
    pub is_default: bool,
    /// `s3`, `minio`, `gcp`, `azure`; `None` when the list doesn't say.
    pub kind: Option<String>,
    /// `spec.storage`, whose list of words lacks `azure`: an Azure location may say `s3` there, or nothing.
    pub storage: String,
    /// Bucket or container, once read.
    pub place: Option<String>,
    pub modified: String,
}

/// The locations of a list, by name; without their credentials, which are never looked at.
pub fn locations(answer: &Value) -> Vec<Location> {
    let mut all: Vec<Location> = answer["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| Location {
            uid: text(&item["metadata"]["uid"]),
            name: text(&item["metadata"]["name"]),
            is_default: item["spec"]["isDefault"].as_bool().unwrap_or_default(),
            kind: Some(text(&item["spec"]["type"])).filter(|t| !t.is_empty()),
            storage: text(&item["spec"]["storage"]),
            place: None,
            modified: text(&item["metadata"]["lastModifiedTimestamp"]),
        })
        .filter(|l| !l.uid.is_empty())
        .collect();
    let names: Vec<String> = all.iter().map(|l| l.name.clone()).collect();
    for location in &mut all {
        let shared = names.iter().filter(|n| **n == location.name).count() > 1;
        if shared || location.name.is_empty() {
            let end: String = location.uid.chars().skip(location.uid.chars().count().saturating_sub(6)).collect();
            location.name = format!("{} ({end})", location.name).trim_start().to_owned();
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The new object's uid; the key is `uid`, and `UID` where the vendor's own mock server answers.
pub fn created(answer: &Value) -> Option<String> {
    let (_, uid) = answer.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case("uid"))?;
    uid.as_str().filter(|uid| !uid.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn locations_of_one_name_are_told_apart_whatever_their_uids_are() {
        let item = |uid: &str| json!({"metadata": {"uid": uid, "name": "s3"}});
        let all = locations(&json!({"items": [item("65f0000000000000000000a1"), item("größé-üü"), item("é")]}));
        let names: Vec<&str> = all.iter().map(|location| location.name.as_str()).collect();
        assert_eq!(names, ["s3 (0000a1)", "s3 (é)", "s3 (ößé-üü)"]);
    }
}
