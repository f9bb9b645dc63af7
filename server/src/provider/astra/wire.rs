//! What Astra Control sends, as it sends it: truth values and small numbers often as text, fields that come and go with the
//! version. Everything is optional and unknown fields are ignored; unknown words stay themselves. What is sent is in [`out`].

pub mod loose;
pub mod out;

use model::Millis;
use serde::Deserialize;
use serde_json::Value;

/// Our id of the definition.
pub const DEFINITION: &str = "holdfast.io/definition";
/// The definition's upstream name: a schedule's own name can be changed by anybody.
pub const NAME: &str = "holdfast.io/name";
/// Which version of the definition wrote a schedule, and a digest of what was written.
pub const WRITTEN: &str = "holdfast.io/written";
/// The order that a backup or snapshot was begun by.
pub const ORDER: &str = "holdfast.io/order";
/// Who asked for it.
pub const ASKED_BY: &str = "holdfast.io/asked-by";
/// On an app: the last order to restore it, what from, and when it was sent by this console's clock.
pub const RESTORE: &str = "holdfast.io/restore";
pub const RESTORE_POINT: &str = "holdfast.io/restore-point";
pub const RESTORE_SENT: &str = "holdfast.io/restore-sent";
/// Labels that Astra Control sets by itself begin so (seen in the vendor's own listings); they are never sent back.
pub const READ_ONLY: &str = "astra.netapp.io/labels/read-only/";

/// A moment as text; `None` for nothing, for what is none, and for the year 1, which stands for "never".
pub fn moment(text: &str) -> Option<Millis> {
    let at = text.trim().parse::<jiff::Timestamp>().ok()?.as_millisecond();
    (at > 0).then_some(Millis(at))
}

/// A list's frame. Real servers leave its `metadata` empty; a token in it means that there is more.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListMeta {
    #[serde(rename = "continue", deserialize_with = "loose::text")]
    pub more: String,
}

/// `metadata` of every resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    #[serde(deserialize_with = "loose::list")]
    pub labels: Vec<Label>,
    #[serde(deserialize_with = "loose::text")]
    pub creation_timestamp: String,
    #[serde(deserialize_with = "loose::text")]
    pub modification_timestamp: String,
}

impl Metadata {
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|label| label.name == name).map(|label| label.value.as_str())
    }

    pub fn created(&self) -> Option<Millis> {
        moment(&self.creation_timestamp)
    }

    pub fn modified(&self) -> Option<Millis> {
        moment(&self.modification_timestamp)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Label {
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
    #[serde(deserialize_with = "loose::text")]
    pub value: String,
}

/// An entry of `stateDetails`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Detail {
    #[serde(deserialize_with = "loose::text")]
    pub title: String,
    #[serde(deserialize_with = "loose::text")]
    pub detail: String,
}

impl Detail {
    /// `Backup failed: no space`, or whichever there is.
    pub fn words(&self) -> String {
        match (self.title.trim(), self.detail.trim()) {
            ("", text) | (text, "") => text.to_owned(),
            (title, detail) => format!("{title}: {detail}"),
        }
    }
}

/// An appBackup; an appSnap has the same fields without bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Backup {
    #[serde(deserialize_with = "loose::text")]
    pub id: String,
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
    #[serde(rename = "bucketID", deserialize_with = "loose::text")]
    pub bucket: String,
    #[serde(rename = "snapshotID", deserialize_with = "loose::text")]
    pub snapshot: String,
    #[serde(rename = "scheduleID", deserialize_with = "loose::text")]
    pub schedule: String,
    #[serde(deserialize_with = "loose::text")]
    pub state: String,
    #[serde(deserialize_with = "loose::texts")]
    pub state_unready: Vec<String>,
    #[serde(deserialize_with = "loose::list")]
    pub state_details: Vec<Detail>,
    #[serde(deserialize_with = "loose::text")]
    pub hook_state: String,
    #[serde(deserialize_with = "loose::list")]
    pub hook_state_details: Vec<Detail>,
    #[serde(deserialize_with = "loose::text")]
    pub backup_creation_timestamp: String,
    #[serde(deserialize_with = "loose::text")]
    pub snapshot_creation_timestamp: String,
    #[serde(deserialize_with = "loose::number")]
    pub total_bytes: Option<u64>,
    #[serde(deserialize_with = "loose::number")]
    pub bytes_done: Option<u64>,
    #[serde(deserialize_with = "loose::object")]
    pub metadata: Metadata,
}

impl Backup {
    /// When the copy was made; told only of one that was completed.
    pub fn taken(&self) -> Option<Millis> {
        moment(&self.backup_creation_timestamp).or_else(|| moment(&self.snapshot_creation_timestamp))
    }
}

/// One granularity of an app's protection policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Schedule {
    #[serde(deserialize_with = "loose::text")]
    pub id: String,
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
    #[serde(deserialize_with = "loose::text")]
    pub enabled: String,
    #[serde(deserialize_with = "loose::text")]
    pub granularity: String,
    #[serde(deserialize_with = "loose::text")]
    pub minute: String,
    #[serde(deserialize_with = "loose::text")]
    pub hour: String,
    #[serde(deserialize_with = "loose::text")]
    pub day_of_week: String,
    #[serde(deserialize_with = "loose::text")]
    pub day_of_month: String,
    #[serde(deserialize_with = "loose::text")]
    pub recurrence_rule: String,
    #[serde(deserialize_with = "loose::text")]
    pub snapshot_retention: String,
    #[serde(deserialize_with = "loose::text")]
    pub backup_retention: String,
    #[serde(rename = "bucketID", deserialize_with = "loose::text")]
    pub bucket: String,
    #[serde(deserialize_with = "loose::text")]
    pub replicate: String,
    #[serde(deserialize_with = "loose::object")]
    pub metadata: Metadata,
}

/// An app. Its cluster is not told while it does not run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct App {
    #[serde(deserialize_with = "loose::text")]
    pub id: String,
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
    /// Of the resource: what release of the API answers.
    #[serde(deserialize_with = "loose::text")]
    pub version: String,
    #[serde(deserialize_with = "loose::list")]
    pub links: Vec<Link>,
    #[serde(rename = "clusterID", deserialize_with = "loose::text")]
    pub cluster: String,
    #[serde(deserialize_with = "loose::text")]
    pub cluster_name: String,
    #[serde(deserialize_with = "loose::texts")]
    pub namespaces: Vec<String>,
    #[serde(deserialize_with = "loose::text")]
    pub state: String,
    #[serde(deserialize_with = "loose::list")]
    pub state_details: Vec<Detail>,
    #[serde(rename = "sourceAppID", deserialize_with = "loose::text")]
    pub source_app: String,
    #[serde(rename = "backupID", deserialize_with = "loose::text")]
    pub backup: String,
    #[serde(rename = "snapshotID", deserialize_with = "loose::text")]
    pub snapshot: String,
    #[serde(deserialize_with = "loose::object")]
    pub metadata: Metadata,
}

/// What may be done now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Link {
    #[serde(deserialize_with = "loose::text")]
    pub title: String,
    #[serde(deserialize_with = "loose::object")]
    pub hints: Hints,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// Methods that go now.
    #[serde(deserialize_with = "loose::texts")]
    pub allow: Vec<String>,
    /// Methods that the credential has the right to.
    #[serde(deserialize_with = "loose::texts")]
    pub permissions: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Bucket {
    #[serde(deserialize_with = "loose::text")]
    pub id: String,
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
    #[serde(deserialize_with = "loose::text")]
    pub state: String,
    #[serde(deserialize_with = "loose::list")]
    pub state_details: Vec<Detail>,
    #[serde(deserialize_with = "loose::text")]
    pub provider: String,
    pub bucket_parameters: Value,
    /// Seconds that an object lock keeps what is written; none where there is no lock.
    #[serde(deserialize_with = "loose::number")]
    pub retention_time: Option<u64>,
}

/// A managed cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Cluster {
    #[serde(deserialize_with = "loose::text")]
    pub id: String,
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
    #[serde(deserialize_with = "loose::text")]
    pub state: String,
    #[serde(deserialize_with = "loose::text")]
    pub restore_target_supported: String,
    #[serde(deserialize_with = "loose::text")]
    pub cluster_type: String,
    #[serde(deserialize_with = "loose::text")]
    pub cluster_version: String,
    #[serde(rename = "defaultBucketID", deserialize_with = "loose::text")]
    pub default_bucket: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StorageClass {
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Notification {
    #[serde(deserialize_with = "loose::text")]
    pub severity: String,
    #[serde(deserialize_with = "loose::text")]
    pub summary: String,
    #[serde(deserialize_with = "loose::text")]
    pub description: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Account {
    #[serde(rename = "type", deserialize_with = "loose::text")]
    pub kind: String,
    #[serde(deserialize_with = "loose::text")]
    pub name: String,
}

#[cfg(test)]
mod tests;
