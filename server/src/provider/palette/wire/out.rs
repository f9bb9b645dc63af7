//! What is sent. Only what is meant is written.

use serde::Serialize;

/// `BackupConfigEntity`: body of the policy's POST and PUT, and of a backup on demand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityOut {
    pub backup_config: ConfigOut,
    pub include_all_clusters: bool,
    pub cluster_uids: Vec<String>,
}

/// `ClusterBackupConfig`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigOut {
    pub backup_prefix: String,
    /// On demand only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_name: Option<String>,
    pub backup_location_uid: String,
    pub backup_location_name: String,
    pub location_type: String,
    pub duration_in_hours: u64,
    pub include_all_disks: bool,
    #[serde(flatten)]
    pub objects: ObjectsOut,
    /// Empty: all of the workspace.
    pub namespaces: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleOut>,
}

/// Objects without a namespace, in the field of the server's release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectsOut {
    /// `Always`, `Auto`, `Never`: since 4.6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_cluster_resource_mode: Option<&'static str>,
    /// Before 4.6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_cluster_resources: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleOut {
    /// Empty: no schedule.
    pub scheduled_run_time: String,
}

/// `RestoreConfigEntity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreOut {
    pub backup_request_uid: String,
    pub restore_configs: Vec<ClusterRestoreOut>,
}

/// One cluster's share of a restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRestoreOut {
    pub backup_name: String,
    pub source_cluster_uid: String,
    /// Empty: all of the backup.
    pub include_namespaces: Vec<String>,
    #[serde(flatten)]
    pub objects: ObjectsOut,
    pub preserve_node_ports: bool,
    #[serde(rename = "restorePVs")]
    pub restore_pvs: bool,
}

/// Body of the DELETE that removes backups of one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletionOut {
    pub cluster_configs: Vec<ClusterDeletionOut>,
    pub request_uid: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterDeletionOut {
    pub backup_name: String,
    pub cluster_uid: String,
}
