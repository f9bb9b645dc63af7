//! What Waldur sends, read leniently: every field may be missing or of another type, what is not needed is ignored, and one
//! generation's name for a thing stands beside another's.

pub mod scalar;

use model::Millis;
pub use scalar::{Time, id, id_in, id_of, is_id};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A value, or its default where the field holds something else.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

/// The rows of a list. One that is no object is left out.
pub fn rows<T: DeserializeOwned>(operation: &str, rows: Vec<Value>) -> Vec<T> {
    let read = |row: Value| {
        // A list would be read as the fields in their order.
        let read = row.is_object().then(|| serde_json::from_value(row).ok()).flatten();
        if read.is_none() {
            tracing::warn!(operation, "a row that is no object was skipped");
        }
        read
    };
    rows.into_iter().filter_map(read).collect()
}

/// An OpenStack instance.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Instance {
    #[serde(deserialize_with = "lenient")]
    pub url: String,
    #[serde(deserialize_with = "lenient")]
    pub uuid: String,
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    #[serde(deserialize_with = "lenient")]
    pub state: String,
    #[serde(deserialize_with = "lenient")]
    pub error_message: String,
    #[serde(deserialize_with = "lenient")]
    pub created: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub project_uuid: String,
    #[serde(deserialize_with = "lenient")]
    pub project_name: String,
    #[serde(deserialize_with = "lenient")]
    pub customer_name: String,
    /// The OpenStack behind it, from G4 on.
    #[serde(deserialize_with = "lenient")]
    pub service_settings: String,
    /// From G3 on; `None` where they are not told.
    #[serde(deserialize_with = "lenient")]
    pub volumes: Option<Vec<Volume>>,
}

impl Instance {
    pub fn id(&self) -> String {
        if self.uuid.is_empty() { id_in(&self.url) } else { id(&self.uuid) }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Volume {
    #[serde(deserialize_with = "lenient")]
    pub bootable: Option<bool>,
}

/// A backup of an instance.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Backup {
    #[serde(deserialize_with = "lenient")]
    pub url: String,
    #[serde(deserialize_with = "lenient")]
    pub uuid: String,
    /// From G3 on.
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    #[serde(deserialize_with = "lenient")]
    pub description: String,
    #[serde(deserialize_with = "lenient")]
    pub state: String,
    /// From G3 on.
    #[serde(deserialize_with = "lenient")]
    pub error_message: String,
    /// From G3 on; G2 says `created_at`.
    #[serde(deserialize_with = "lenient")]
    pub created: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub created_at: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub kept_until: Option<Time>,
    #[serde(deserialize_with = "lenient")]
    pub instance: String,
    #[serde(deserialize_with = "lenient")]
    pub instance_name: String,
    /// A reference.
    #[serde(deserialize_with = "lenient")]
    pub backup_schedule: String,
    #[serde(deserialize_with = "lenient")]
    pub backup_schedule_uuid: String,
    /// Empty in each of three ways: `{}`, `""` and null.
    #[serde(deserialize_with = "lenient")]
    pub metadata: Map<String, Value>,
    /// From G3 on.
    #[serde(deserialize_with = "lenient")]
    pub restorations: Vec<Restoration>,
}

impl Backup {
    pub fn id(&self) -> String {
        if self.uuid.is_empty() { id_in(&self.url) } else { id(&self.uuid) }
    }

    pub fn created(&self) -> Option<Millis> {
        self.created.or(self.created_at).map(|time| time.0)
    }

    /// The schedule that made it, by identifier.
    pub fn schedule(&self) -> Option<String> {
        match (self.backup_schedule_uuid.as_str(), self.backup_schedule.as_str()) {
            ("", "") => None,
            ("", reference) => Some(id_in(reference)),
            (uuid, _) => Some(id(uuid)),
        }
    }

    /// G2: whether the metadata tells of snapshots. Only then there is anything to restore, whatever the state says.
    pub fn has_snapshots(&self) -> bool {
        self.metadata
            .iter()
            .any(|(key, value)| key.ends_with("_snapshot_id") && value.as_str().is_some_and(|id| !id.trim().is_empty()))
    }

    /// The sizes of its snapshots in bytes: `(system, ..)`. Waldur counts in MiB.
    pub fn snapshots(&self) -> Vec<(String, u64)> {
        let size = |(key, value): (&String, &Value)| {
            let mib = value.as_u64()?;
            Some((key.strip_suffix("_snapshot_size")?.to_owned(), mib.checked_mul(1 << 20)?))
        };
        self.metadata.iter().filter_map(size).collect()
    }

    /// A text of the metadata.
    pub fn told(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

/// A restoration of a backup: the new instance.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Restoration {
    #[serde(deserialize_with = "lenient")]
    pub instance: String,
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    #[serde(deserialize_with = "lenient")]
    pub created: Option<Time>,
}

/// A backup schedule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Schedule {
    #[serde(deserialize_with = "lenient")]
    pub url: String,
    #[serde(deserialize_with = "lenient")]
    pub uuid: String,
    /// From G3 on.
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub description: String,
    #[serde(deserialize_with = "lenient")]
    pub instance: String,
    #[serde(deserialize_with = "lenient")]
    pub instance_name: String,
    #[serde(deserialize_with = "lenient")]
    pub schedule: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub timezone: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub retention_time: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub maximal_number_of_backups: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub maximal_number_of_resources: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub is_active: Option<bool>,
    /// From G3 on: why it was switched off.
    #[serde(deserialize_with = "lenient")]
    pub error_message: String,
    #[serde(deserialize_with = "lenient")]
    pub created: Option<Time>,
    /// As it is written: its microseconds tell two states apart.
    #[serde(deserialize_with = "lenient")]
    pub modified: String,
}

impl Schedule {
    pub fn id(&self) -> String {
        if self.uuid.is_empty() { id_in(&self.url) } else { id(&self.uuid) }
    }
}

/// A flavour, subnet, security group or floating IP: what a new instance is made with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Piece {
    #[serde(deserialize_with = "lenient")]
    pub url: String,
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    /// Of a floating IP.
    #[serde(deserialize_with = "lenient")]
    pub address: String,
    /// Of a subnet.
    #[serde(deserialize_with = "lenient")]
    pub cidr: String,
    /// Of a flavour; RAM in MiB.
    #[serde(deserialize_with = "lenient")]
    pub cores: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub ram: Option<u64>,
    /// The OpenStack that it belongs to.
    #[serde(deserialize_with = "lenient")]
    pub settings: String,
    #[serde(deserialize_with = "lenient")]
    pub project_uuid: String,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_of_another_type_is_as_if_it_were_missing() {
        let backup: Backup = serde_json::from_value(json!({
            "uuid": 7, "name": null, "state": "Ready", "metadata": "", "restorations": {}, "kept_until": 3, "odd": [],
            "created_at": "2014-10-19T20:43:37.370Z", "backup_schedule": null,
        }))
        .unwrap();
        assert_eq!((backup.state.as_str(), backup.uuid.as_str(), backup.has_snapshots()), ("Ready", "", false));
        assert_eq!(backup.schedule(), None);
        assert!(backup.created().is_some() && backup.kept_until.is_none());
        let rows: Vec<Backup> = rows("list", vec![json!([]), json!({"state": "OK"}), json!("x")]);
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn only_snapshots_make_a_backup() {
        let with = |metadata: Value| serde_json::from_value::<Backup>(json!({"metadata": metadata})).unwrap();
        for empty in [json!({}), json!(""), json!(null), json!({"name": "db-1"}), json!({"system_snapshot_id": ""})] {
            assert!(!with(empty.clone()).has_snapshots(), "{empty}");
        }
        let full = with(json!({"system_snapshot_id": "a", "system_snapshot_size": 20480, "data_snapshot_size": 51200}));
        assert!(full.has_snapshots());
        assert_eq!(full.snapshots().iter().map(|(_, bytes)| bytes).sum::<u64>(), (20480 + 51200) << 20);
    }
}
