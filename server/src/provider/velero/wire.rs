//! Velero's objects as they travel. Reading is tolerant: a field of an unexpected form is as good as absent, only the phase
//! keeps whatever stood there. Writing is strict: see the `…Out` structs.

mod out;

pub use out::*;

use crate::provider::Revision;
use model::Millis;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use std::collections::BTreeMap;

/// `apiVersion` of everything but the data movers.
pub const V1: &str = "velero.io/v1";
/// The label that says which definition an object belongs to.
pub const DEFINITION: &str = "holdfast.io/definition";
/// The annotation that says who asked for a Backup or Restore.
pub const ASKED_BY: &str = "holdfast.io/asked-by";
/// The annotation that says which version of a definition a Schedule's spec was written by, and as what; see
/// [`super::translate::mark`].
pub const WRITTEN: &str = "holdfast.io/written";
/// Velero's own label on a scheduled Backup: the raw name of its Schedule.
pub const SCHEDULE_NAME: &str = "velero.io/schedule-name";
/// Velero's label on helpers of a Backup: its name, shortened by [`label_value`].
pub const BACKUP_NAME: &str = "velero.io/backup-name";
/// Velero's label on helpers of a Backup: its uid.
pub const BACKUP_UID: &str = "velero.io/backup-uid";
/// On a namespace or any object: Velero skips it.
pub const EXCLUDED: &str = "velero.io/exclude-from-backup";

/// Reads any form of a field, taking the default where it doesn't fit.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(d: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(d)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A state's word. Absent and `null` are the empty word; a number or an object keeps its text, so that it is unknown
/// rather than new.
fn word<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(d)? {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    })
}

/// An RFC 3339 moment.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Time(pub Millis);

impl TryFrom<String> for Time {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse::<jiff::Timestamp>().map(|t| Self(Millis(t.as_millisecond())))
    }
}

/// The common frame of an object.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(
    default,
    rename_all = "camelCase",
    bound = "Spec: DeserializeOwned + Default, Status: DeserializeOwned + Default"
)]
pub struct Object<Spec, Status> {
    #[serde(deserialize_with = "lenient")]
    pub metadata: Meta,
    #[serde(deserialize_with = "lenient")]
    pub spec: Spec,
    #[serde(deserialize_with = "lenient")]
    pub status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Meta {
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    #[serde(deserialize_with = "lenient")]
    pub uid: String,
    #[serde(deserialize_with = "lenient")]
    pub resource_version: String,
    #[serde(deserialize_with = "lenient")]
    pub creation_timestamp: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub deletion_timestamp: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "lenient")]
    pub annotations: BTreeMap<String, String>,
}

impl Meta {
    /// When it was made.
    pub fn created(&self) -> Option<Millis> {
        self.creation_timestamp.map(|t| t.0)
    }

    /// Which state of which object this is, by its resource version: a number of the cluster's store that rises with every write of
    /// anything (Kubernetes, "API concepts", and KEP-5504, by which they may be compared). Where it is none, nothing is known of the
    /// order.
    pub fn revision(&self) -> Option<Revision> {
        let number = self.resource_version.parse().ok().filter(|number| *number > 0)?;
        (!self.uid.is_empty()).then(|| Revision { object: self.uid.clone(), number })
    }

    /// The value of a label that isn't empty.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str).filter(|v| !v.is_empty())
    }
}

pub type Backup = Object<BackupSpec, RunStatus>;
pub type Restore = Object<RestoreSpec, RunStatus>;
/// The spec stays raw: drift is about every field in it, known or not.
pub type Schedule = Object<serde_json::Value, ScheduleStatus>;
pub type Location = Object<LocationSpec, LocationStatus>;
pub type PodVolumeBackup = Object<PodVolumeSpec, TransferStatus>;
pub type DataUpload = Object<DataUploadSpec, TransferStatus>;
pub type DeleteRequest = Object<DeleteSpec, CommandStatus>;
pub type DownloadRequest = Object<serde_json::Value, CommandStatus>;
pub type StatusRequest = Object<serde_json::Value, CommandStatus>;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BackupSpec {
    #[serde(deserialize_with = "lenient")]
    pub included_namespaces: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    pub storage_location: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RestoreSpec {
    #[serde(deserialize_with = "lenient")]
    pub backup_name: String,
    #[serde(deserialize_with = "lenient")]
    pub schedule_name: String,
    #[serde(deserialize_with = "lenient")]
    pub included_namespaces: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    pub namespace_mapping: BTreeMap<String, String>,
}

/// Status of a Backup or a Restore: the fields that both have, and those that one has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RunStatus {
    #[serde(deserialize_with = "word")]
    pub phase: String,
    #[serde(deserialize_with = "lenient")]
    pub queue_position: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub expiration: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub start_timestamp: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub completion_timestamp: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub validation_errors: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    pub failure_reason: String,
    #[serde(deserialize_with = "lenient")]
    pub warnings: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub errors: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub progress: Option<ItemProgress>,
    #[serde(deserialize_with = "lenient")]
    pub hook_status: HookStatus,
    #[serde(deserialize_with = "lenient")]
    pub csi_volume_snapshots_attempted: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub csi_volume_snapshots_completed: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub volume_snapshots_attempted: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub volume_snapshots_completed: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemProgress {
    #[serde(deserialize_with = "lenient")]
    pub total_items: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub items_backed_up: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub items_restored: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HookStatus {
    #[serde(deserialize_with = "lenient")]
    pub hooks_attempted: u64,
    #[serde(deserialize_with = "lenient")]
    pub hooks_failed: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ScheduleStatus {
    #[serde(deserialize_with = "word")]
    pub phase: String,
    #[serde(deserialize_with = "lenient")]
    pub last_backup: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub last_skipped: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub validation_errors: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LocationSpec {
    #[serde(deserialize_with = "lenient")]
    pub provider: String,
    #[serde(deserialize_with = "lenient")]
    pub object_storage: ObjectStorage,
    #[serde(deserialize_with = "lenient")]
    pub config: BTreeMap<String, String>,
    #[serde(deserialize_with = "lenient")]
    pub default: bool,
    #[serde(deserialize_with = "lenient")]
    pub access_mode: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ObjectStorage {
    #[serde(deserialize_with = "lenient")]
    pub bucket: String,
    #[serde(deserialize_with = "lenient")]
    pub prefix: String,
    /// PEM in base64.
    #[serde(deserialize_with = "lenient")]
    pub ca_cert: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LocationStatus {
    #[serde(deserialize_with = "word")]
    pub phase: String,
    #[serde(deserialize_with = "lenient")]
    pub message: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodVolumeSpec {
    #[serde(deserialize_with = "lenient")]
    pub pod: PodRef,
    #[serde(deserialize_with = "lenient")]
    pub volume: String,
    #[serde(deserialize_with = "lenient")]
    pub uploader_type: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PodRef {
    #[serde(deserialize_with = "lenient")]
    pub namespace: String,
    #[serde(deserialize_with = "lenient")]
    pub name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DataUploadSpec {
    #[serde(rename = "sourcePVC", deserialize_with = "lenient")]
    pub source_pvc: String,
    #[serde(deserialize_with = "lenient")]
    pub source_namespace: String,
}

/// Status of a PodVolumeBackup or a DataUpload.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TransferStatus {
    #[serde(deserialize_with = "word")]
    pub phase: String,
    #[serde(deserialize_with = "lenient")]
    pub progress: ByteProgress,
    #[serde(deserialize_with = "lenient")]
    pub message: String,
    #[serde(deserialize_with = "lenient")]
    pub start_timestamp: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub completion_timestamp: Option<Time>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ByteProgress {
    #[serde(deserialize_with = "lenient")]
    pub total_bytes: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub bytes_done: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DeleteSpec {
    #[serde(deserialize_with = "lenient")]
    pub backup_name: String,
}

/// Status of the three command objects: DeleteBackupRequest, DownloadRequest, ServerStatusRequest.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CommandStatus {
    #[serde(deserialize_with = "word")]
    pub phase: String,
    #[serde(deserialize_with = "lenient")]
    pub errors: Vec<String>,
    /// Pre-signed: as good as a credential.
    #[serde(rename = "downloadURL", deserialize_with = "lenient")]
    pub download_url: String,
    #[serde(deserialize_with = "lenient")]
    pub server_version: String,
}

impl std::fmt::Debug for CommandStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandStatus")
            .field("phase", &self.phase)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

/// A part of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct List {
    /// `BackupList`; tells a list from something else that is JSON.
    #[serde(deserialize_with = "lenient")]
    pub kind: String,
    #[serde(deserialize_with = "lenient")]
    pub metadata: ListMeta,
    #[serde(deserialize_with = "lenient")]
    pub items: Vec<serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ListMeta {
    #[serde(deserialize_with = "lenient")]
    pub resource_version: String,
    #[serde(rename = "continue", deserialize_with = "lenient")]
    pub more: String,
}

/// A label value as Velero shortens a longer name (`GetValidName`): the first 57 characters and the first six hex digits of
/// the name's SHA-256.
pub fn label_value(name: &str) -> String {
    use sha2::{Digest, Sha256};
    if name.len() <= 63 {
        return name.to_owned();
    }
    let hash = Sha256::digest(name.as_bytes());
    let hex: String = hash.iter().take(3).map(|b| format!("{b:02x}")).collect();
    name.chars().take(57).collect::<String>() + &hex
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_field_of_a_wrong_form_is_absent_and_a_strange_phase_is_kept() {
        let backup: Backup = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "b", "labels": null, "creationTimestamp": "yesterday"},
            "spec": {"includedNamespaces": "shop"},
            "status": {"phase": 7, "errors": "many", "progress": null, "startTimestamp": "2026-10-03T02:30:00Z"}
        }))
        .unwrap();
        assert_eq!(backup.metadata.name, "b");
        assert_eq!(backup.metadata.created(), None);
        assert!(backup.spec.included_namespaces.is_empty());
        assert_eq!(backup.status.phase, "7");
        assert_eq!(backup.status.errors, None);
        assert_eq!(backup.status.start_timestamp.unwrap().0.rfc3339(), "2026-10-03T02:30:00Z");
        let empty: Backup = serde_json::from_value(serde_json::json!({"metadata": {"name": "b"}})).unwrap();
        assert_eq!(empty.status.phase, "");
    }

    #[test]
    fn long_names_are_shortened_as_velero_does() {
        assert_eq!(label_value("short"), "short");
        let sixty_four = "a".repeat(64);
        let short = label_value(&sixty_four);
        assert_eq!(short.len(), 63);
        // sha256 of 64 × "a" begins with ffe054.
        assert_eq!(short, "a".repeat(57) + "ffe054");
    }
}
