//! Jobs, and the volumes of one.

use super::{Retention, count, day, loose, moment, refers};
use model::Millis;
use serde::Deserialize;

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Job {
    #[serde(rename = "_id", deserialize_with = "loose")]
    pub id: String,
    #[serde(deserialize_with = "loose")]
    pub name: String,
    #[serde(rename = "type", deserialize_with = "loose")]
    pub kind: String,
    #[serde(deserialize_with = "loose")]
    pub state: String,
    /// Of a copy.
    #[serde(deserialize_with = "loose")]
    pub phase: String,
    #[serde(rename = "_created", deserialize_with = "day")]
    pub created: Option<Millis>,
    #[serde(deserialize_with = "moment")]
    pub start_time: Option<Millis>,
    #[serde(deserialize_with = "moment")]
    pub end_time: Option<Millis>,
    #[serde(deserialize_with = "loose")]
    pub message: String,
    #[serde(deserialize_with = "loose")]
    pub activity: Vec<String>,
    #[serde(deserialize_with = "refers")]
    pub cluster: String,
    #[serde(deserialize_with = "loose")]
    pub cluster_name: String,
    #[serde(deserialize_with = "refers")]
    pub backupdef: String,
    #[serde(deserialize_with = "loose")]
    pub backupdef_name: String,
    #[serde(deserialize_with = "refers")]
    pub offloaddef: String,
    #[serde(deserialize_with = "refers")]
    pub restoredef: String,
    #[serde(deserialize_with = "refers")]
    pub backup_inst: String,
    #[serde(deserialize_with = "refers")]
    pub policy_id: String,
    #[serde(deserialize_with = "loose")]
    pub retention: Option<Retention>,
    #[serde(deserialize_with = "count")]
    pub num_total_resources: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_backup_resources: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_restored_resources: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_errors: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_warnings: Option<u64>,
    #[serde(deserialize_with = "loose")]
    pub kube_copy_progress: Option<Progress>,
    #[serde(deserialize_with = "loose")]
    pub kube_snapshot_progress: Option<Progress>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Progress {
    #[serde(deserialize_with = "loose")]
    pub stats: Option<Stats>,
    #[serde(deserialize_with = "count")]
    pub total_pvs: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub completed_pvs: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub failed_pvs: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub skipped_pvs: Option<u64>,
}

/// Bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Stats {
    #[serde(deserialize_with = "count")]
    pub estimated_size: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub transferred_size: Option<u64>,
}

/// One volume of a job.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeProgress {
    #[serde(deserialize_with = "loose")]
    pub name: String,
    #[serde(deserialize_with = "loose")]
    pub namespace: String,
    #[serde(deserialize_with = "refers")]
    pub job_id: String,
    #[serde(deserialize_with = "loose")]
    pub state: String,
    /// `SNAP` or `COPY`.
    #[serde(deserialize_with = "loose")]
    pub op_type: String,
    #[serde(deserialize_with = "moment")]
    pub start_time: Option<Millis>,
    #[serde(deserialize_with = "moment")]
    pub end_time: Option<Millis>,
    #[serde(deserialize_with = "loose")]
    pub message: String,
    #[serde(deserialize_with = "loose")]
    pub stats: Option<Stats>,
    #[serde(deserialize_with = "count")]
    pub snapshot_progress_percentage: Option<u64>,
}
