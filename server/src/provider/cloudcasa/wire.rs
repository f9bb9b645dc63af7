//! What CloudCasa sends and takes. Reading is lenient: a field of another type than expected is as good as absent, and a reference
//! is an id or, where somebody asked for it, the whole object. Keys and repository passwords have no field here, so that they are
//! dropped as soon as an answer is read.

mod doc;
mod job;
mod out;

pub use doc::Doc;
pub use job::{Job, Progress, Stats, VolumeProgress};
use model::Millis;
pub use out::*;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;

/// Our id on what we made. Without a dot: MongoDB reads one as a path.
pub const DEFINITION: &str = "holdfast_definition";
/// The name that it has with us, whatever it was renamed to.
pub const NAME: &str = "holdfast_name";
/// Which version wrote what is there: see `translate::mark`.
pub const WRITTEN: &str = "holdfast_written";
/// The order that a restore was asked for by, or the last run whose job did not show in time.
pub const ORDER: &str = "holdfast_order";
/// When that run was asked for, in epoch seconds as text.
pub const ORDERED: &str = "holdfast_ordered";
/// Jobs that were there before that run was ordered and could be taken for it, by id, with commas between.
pub const BEFORE: &str = "holdfast_before";
pub const ASKED_BY: &str = "holdfast_asked_by";

/// The id in a reference.
pub fn reference(value: &Value) -> &str {
    value.as_str().or_else(|| value["_id"].as_str()).unwrap_or_default()
}

fn whole(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "of a moment in seconds the fraction doesn't count")]
    value.as_i64().or_else(|| value.as_f64().filter(|n| n.abs() < 9e15).map(|n| n as i64))
}

/// Epoch seconds; 0 is "never" here.
fn seconds(at: i64) -> Option<Millis> {
    (at > 0).then(|| at.checked_mul(1_000).map(Millis))?
}

/// `Mon, 13 Mar 2023 18:53:39 GMT`.
pub fn date(text: &str) -> Option<Millis> {
    static PARSER: jiff::fmt::rfc2822::DateTimeParser = jiff::fmt::rfc2822::DateTimeParser::new();
    let at = PARSER.parse_timestamp(text).ok()?.as_millisecond();
    (at > 0).then_some(Millis(at))
}

/// Absent when it is there in another type.
fn loose<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

/// A count: negative ones are as good as absent.
fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(whole(&Value::deserialize(from)?).and_then(|n| u64::try_from(n).ok()))
}

fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Millis>, D::Error> {
    Ok(whole(&Value::deserialize(from)?).and_then(seconds))
}

fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Millis>, D::Error> {
    Ok(Value::deserialize(from)?.as_str().and_then(date))
}

fn refers<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(reference(&Value::deserialize(from)?).to_owned())
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Cluster {
    #[serde(rename = "_id", deserialize_with = "loose")]
    pub id: String,
    #[serde(deserialize_with = "loose")]
    pub name: String,
    #[serde(deserialize_with = "loose")]
    pub description: String,
    #[serde(deserialize_with = "loose")]
    pub status: ClusterStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClusterStatus {
    #[serde(deserialize_with = "loose")]
    pub state: String,
    #[serde(deserialize_with = "loose")]
    pub message: String,
    #[serde(deserialize_with = "loose")]
    pub version: String,
}

/// A recovery point.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Point {
    #[serde(rename = "_id", deserialize_with = "loose")]
    pub id: String,
    #[serde(deserialize_with = "loose")]
    pub name: String,
    #[serde(deserialize_with = "loose")]
    pub state: String,
    /// `SNAPSHOT` or `COPY`.
    #[serde(rename = "type", deserialize_with = "loose")]
    pub kind: String,
    #[serde(deserialize_with = "loose")]
    pub source_type: String,
    #[serde(deserialize_with = "moment")]
    pub start_time: Option<Millis>,
    #[serde(deserialize_with = "moment")]
    pub expiry_timestamp: Option<Millis>,
    #[serde(deserialize_with = "count")]
    pub num_total_resources: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_backup_resources: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_volume_snapshots_attempted: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_volume_snapshots_completed: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_errors: Option<u64>,
    #[serde(deserialize_with = "loose")]
    pub message: String,
    #[serde(deserialize_with = "loose")]
    pub retention: Option<Retention>,
    #[serde(deserialize_with = "refers")]
    pub cluster: String,
    #[serde(deserialize_with = "loose")]
    pub cluster_name: String,
    #[serde(deserialize_with = "refers")]
    pub backupdef: String,
    #[serde(deserialize_with = "refers")]
    pub backup_job_id: String,
    #[serde(deserialize_with = "refers")]
    pub objectstore: String,
    #[serde(deserialize_with = "loose")]
    pub backup_selection: Selection,
    #[serde(deserialize_with = "count")]
    pub total_copy_data: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub total_snapshot_data: Option<u64>,
    #[serde(deserialize_with = "loose")]
    pub status: PointStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PointStatus {
    #[serde(deserialize_with = "loose")]
    pub locked: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Selection {
    #[serde(deserialize_with = "loose")]
    pub namespaces: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Restore {
    #[serde(rename = "_id", deserialize_with = "loose")]
    pub id: String,
    #[serde(deserialize_with = "loose")]
    pub name: String,
    #[serde(rename = "_created", deserialize_with = "day")]
    pub created: Option<Millis>,
    #[serde(deserialize_with = "refers")]
    pub backup_inst: String,
    #[serde(deserialize_with = "refers")]
    pub cluster: String,
    #[serde(deserialize_with = "loose")]
    pub selection: Selection,
    #[serde(deserialize_with = "loose")]
    pub namespaces_map: BTreeMap<String, String>,
    #[serde(deserialize_with = "loose")]
    pub tags: BTreeMap<String, String>,
    #[serde(deserialize_with = "loose")]
    pub status: RestoreStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RestoreStatus {
    #[serde(deserialize_with = "loose")]
    pub state: String,
    #[serde(deserialize_with = "refers")]
    pub jobid: String,
    #[serde(deserialize_with = "loose")]
    pub message: String,
}

/// An object store, without its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Store {
    #[serde(rename = "_id", deserialize_with = "loose")]
    pub id: String,
    #[serde(deserialize_with = "loose")]
    pub name: String,
    #[serde(deserialize_with = "loose")]
    pub provider_type: String,
    #[serde(deserialize_with = "loose")]
    pub bucket_name: String,
    #[serde(deserialize_with = "loose")]
    pub region: String,
    #[serde(deserialize_with = "loose")]
    pub private: bool,
    #[serde(deserialize_with = "loose")]
    pub proxy_cluster_list: Vec<String>,
    #[serde(deserialize_with = "loose")]
    pub s3provider: StorePlace,
    #[serde(deserialize_with = "loose")]
    pub validate_state: String,
    #[serde(deserialize_with = "loose")]
    pub validate_message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StorePlace {
    #[serde(deserialize_with = "loose")]
    pub endpoint: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Retention {
    #[serde(deserialize_with = "count")]
    pub retain_days: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub num_always_retain: Option<u64>,
}

/// A namespace or a storage class that an agent found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Found {
    #[serde(deserialize_with = "loose")]
    pub name: String,
    #[serde(deserialize_with = "refers")]
    pub cluster_id: String,
    /// Of what stands in a recovery point, not in the live cluster.
    #[serde(deserialize_with = "refers")]
    pub backupinst_id: String,
}

/// The items that can be read at all.
pub fn read<T: DeserializeOwned>(items: Vec<Value>) -> Vec<T> {
    items.into_iter().filter(Value::is_object).filter_map(|item| serde_json::from_value(item).ok()).collect()
}
