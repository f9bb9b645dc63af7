//! What is sent: only what is meant.

use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackupOut {
    pub name: String,
    pub cluster: String,
    pub trigger_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copydef: Option<String>,
    pub pause: bool,
    pub source: SourceOut,
    pub pre_hooks: Vec<String>,
    pub post_hooks: Vec<String>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceOut {
    pub all_namespaces: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded_namespaces: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub label_selector: BTreeMap<String, String>,
    #[serde(rename = "snapshotPersistentVolumes")]
    pub snapshot_persistent_volumes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffloadOut {
    pub name: String,
    pub backupdef: String,
    pub trigger_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    pub pause: bool,
    /// Take a fresh snapshot at each run.
    pub run_backup: bool,
    pub delete_snapshots: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offload_provider: Option<OffloadProviderOut>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffloadProviderOut {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    pub user_objectstore: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyOut {
    pub name: String,
    pub timezone: String,
    pub schedules: Vec<EntryOut>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryOut {
    pub retain_days: u64,
    pub num_always_retain: u32,
    pub locked: bool,
    pub schedule: CronOut,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CronOut {
    pub minute: String,
    pub hour: String,
    pub day_of_month: String,
    pub month: String,
    pub day_of_week: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestoreOut {
    pub name: String,
    pub backup_inst: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    pub selection: SelectionOut,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespaces_prefix: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespaces_suffix: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub namespaces_map: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub storage_class_map: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<RestoreOptionsOut>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectionOut {
    pub all_namespaces: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    #[serde(rename = "restorePersistentVolumes")]
    pub restore_persistent_volumes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestoreOptionsOut {
    pub preserve_node_ports: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunOut {
    pub retention: RunRetentionOut,
    pub run_backup: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRetentionOut {
    pub retain_days: u64,
    pub num_always_retain: u32,
}
