//! What is sent. The schemas are closed: a field that the type does not know is refused (problem 8), so nothing is sent that was
//! not meant.

use serde::Serialize;
use std::collections::BTreeMap;

/// Media types of bodies.
pub const APP: &str = "application/astra-app+json";
pub const BACKUP: &str = "application/astra-appBackup+json";
pub const SNAP: &str = "application/astra-appSnap+json";
pub const SCHEDULE: &str = "application/astra-schedule+json";

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleOut {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub version: &'static str,
    pub name: String,
    pub enabled: &'static str,
    pub granularity: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub minute: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hour: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub day_of_week: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub day_of_month: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub recurrence_rule: String,
    pub snapshot_retention: String,
    pub backup_retention: String,
    #[serde(rename = "bucketID", skip_serializing_if = "String::is_empty")]
    pub bucket: String,
    pub metadata: MetadataOut,
}

/// An appBackup or an appSnap.
#[derive(Clone, Debug, Serialize)]
pub struct BackupOut {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub version: &'static str,
    pub name: String,
    #[serde(rename = "bucketID", skip_serializing_if = "String::is_empty")]
    pub bucket: String,
    pub metadata: MetadataOut,
}

/// A restore: over an app that is there (PUT, without name and cluster) or as a new one (POST).
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreOut {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub version: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(rename = "clusterID", skip_serializing_if = "String::is_empty")]
    pub cluster: String,
    #[serde(rename = "sourceClusterID", skip_serializing_if = "String::is_empty")]
    pub source_cluster: String,
    #[serde(rename = "backupID", skip_serializing_if = "String::is_empty")]
    pub backup: String,
    #[serde(rename = "snapshotID", skip_serializing_if = "String::is_empty")]
    pub snapshot: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespace_mapping: Vec<PairOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub storage_class_mapping: Vec<PairOut>,
    pub metadata: MetadataOut,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PairOut {
    pub source: String,
    pub destination: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MetadataOut {
    pub labels: Vec<LabelOut>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelOut {
    pub name: String,
    pub value: String,
}

impl MetadataOut {
    /// These labels, by name.
    pub fn new<'a>(labels: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let labels: BTreeMap<&str, String> = labels.into_iter().collect();
        Self { labels: labels.into_iter().map(|(name, value)| LabelOut { name: name.to_owned(), value }).collect() }
    }

    /// These, and beside them those that a resource has already: what the server sets by itself is left to it.
    pub fn over<'a>(there: &super::Metadata, labels: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut out = Self::new(labels);
        let others: Vec<LabelOut> = there
            .labels
            .iter()
            .filter(|label| !label.name.starts_with(super::READ_ONLY))
            .filter(|label| out.labels.iter().all(|own| own.name != label.name))
            .map(|label| LabelOut { name: label.name.clone(), value: label.value.clone() })
            .collect();
        out.labels.splice(0..0, others);
        out
    }
}
