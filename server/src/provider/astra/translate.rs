//! Definitions into an app's schedules, backups and restores, and back. Pure: no I/O, no clock. The golden files under
//! `tests/golden/astra` are its tests and are what the review step shows.
//!
//! A definition with schedules is a set of Astra Control's schedules, one for each granularity. The granularity is what tells
//! them apart: a changed time is a change of the schedule, a changed granularity is another schedule.

pub mod back;
pub mod compare;
pub mod express;
pub mod mark;
pub mod plan;
pub mod restore;
pub mod rule;
pub mod timing;

use super::wire::{
    ASKED_BY, DEFINITION, Metadata, NAME, ORDER, Schedule as Live, WRITTEN,
    out::{BackupOut, MetadataOut, ScheduleOut},
};
use crate::provider::{Ask, Owned};
use model::{
    definition::{Definition, Retention, Schedule, Volumes},
    named::Named,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use timing::timing;

/// What of a schedule we say and compare, in one spelling: empty where the granularity doesn't have it, or where it is the
/// server's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rhythm {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `true` or `false`.
    pub enabled: String,
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
    /// Only said where it is on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replicate: String,
}

/// Schedules by granularity. A second one of a granularity, which only somebody else can have made, has its id beside it.
pub type Set = BTreeMap<String, Rhythm>;

/// The form in which a set is written down and compared: [`crate::provider::Applied::written`], [`crate::provider::DeclaredSeen::seen`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Declared {
    /// `Schedules`; a single backup has another word.
    pub kind: String,
    /// Of the definition that wrote it; 0 of what was seen.
    pub version: i64,
    /// The app's id.
    pub app: String,
    /// Names of the buckets that the schedules name by id.
    pub buckets: BTreeMap<String, String>,
    pub schedules: Set,
}

/// The word in [`Declared::kind`].
pub const SCHEDULES: &str = "Schedules";

impl Declared {
    /// Schedules of an app; of the buckets' names only those that are needed.
    pub fn new(version: i64, app: &str, schedules: Set, names: &BTreeMap<String, String>) -> Self {
        let used = |id: &String| schedules.values().any(|rhythm| rhythm.bucket == *id);
        let buckets = names.iter().filter(|(id, _)| used(id)).map(|(id, name)| (id.clone(), name.clone())).collect();
        Self { kind: SCHEDULES.to_owned(), version, app: app.to_owned(), buckets, schedules }
    }

    /// Of what is written down; `None` for anything else, a single backup among it.
    pub fn read(value: &Value) -> Option<Self> {
        serde_json::from_value::<Self>(value.clone()).ok().filter(|declared| declared.kind == SCHEDULES)
    }

    pub fn value(&self) -> Value {
        // Maps with text keys can't fail.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The app that a definition belongs to.
pub fn app(definition: &Definition) -> Named {
    definition.scope.subject.clone().unwrap_or_default()
}

/// Every rhythm of a definition with the prefix of its fields in the draft.
pub fn tiers(definition: &Definition) -> Vec<(String, &Schedule, &Retention)> {
    let first = definition.schedule.iter().map(|schedule| (String::new(), schedule, &definition.retention));
    let further = definition
        .further
        .iter()
        .enumerate()
        .map(|(i, tier)| (format!("further.{i}."), &tier.schedule, &tier.retention));
    first.chain(further).collect()
}

/// The schedules that a definition means; `bucket` is the id of its location. What can't be expressed is left out, which
/// [`express::express`] has refused before.
pub fn wanted(owned: &Owned, bucket: &str) -> Set {
    let definition = &owned.definition;
    let mut out = Set::new();
    for (_, schedule, retention) in tiers(definition) {
        let Ok(timing) = timing(&schedule.cron) else { continue };
        let number = |n: Option<u32>| n.unwrap_or_default().to_string();
        let (snapshots, backups) = match definition.volumes {
            Volumes::Snapshot => (number(retention.keep_last), "0".to_owned()),
            _ => (number(definition.retention.keep_snapshots), number(retention.keep_last)),
        };
        out.insert(
            timing.granularity.to_owned(),
            Rhythm {
                name: owned.upstream_name.clone(),
                enabled: (!definition.paused).to_string(),
                minute: timing.minute,
                hour: timing.hour,
                day_of_week: timing.day_of_week,
                day_of_month: timing.day_of_month,
                recurrence_rule: timing.rule,
                snapshot_retention: snapshots,
                backup_retention: backups,
                bucket: bucket.to_owned(),
                replicate: String::new(),
            },
        );
    }
    out
}

/// One schedule as it is sent; `there` are the labels that it has already.
pub fn schedule(owned: &Owned, granularity: &str, rhythm: &Rhythm, there: &Metadata) -> ScheduleOut {
    let labels = [
        (DEFINITION, owned.id.0.clone()),
        (NAME, owned.upstream_name.clone()),
        (WRITTEN, mark::of(owned.version, granularity, rhythm)),
    ];
    ScheduleOut {
        kind: "application/astra-schedule",
        version: "1.3",
        name: rhythm.name.clone(),
        enabled: if rhythm.enabled == "false" { "false" } else { "true" },
        granularity: granularity.to_owned(),
        minute: rhythm.minute.clone(),
        hour: rhythm.hour.clone(),
        day_of_week: rhythm.day_of_week.clone(),
        day_of_month: rhythm.day_of_month.clone(),
        recurrence_rule: rhythm.recurrence_rule.clone(),
        snapshot_retention: rhythm.snapshot_retention.clone(),
        backup_retention: rhythm.backup_retention.clone(),
        bucket: rhythm.bucket.clone(),
        metadata: MetadataOut::over(there, labels),
    }
}

/// A backup, or of a definition that keeps snapshots alone a snapshot, under that name.
pub fn backup(owned: &Owned, name: &str, order: Option<&Ask>, bucket: &str) -> BackupOut {
    let mut labels = vec![(DEFINITION, owned.id.0.clone()), (NAME, owned.upstream_name.clone())];
    if let Some(order) = order {
        labels.extend([(ORDER, order.name.clone()), (ASKED_BY, order.asked_by.clone())]);
    }
    let snapshot = snapshots_alone(&owned.definition);
    BackupOut {
        kind: if snapshot { "application/astra-appSnap" } else { "application/astra-appBackup" },
        version: if snapshot { "1.3" } else { "1.2" },
        name: name.to_owned(),
        bucket: if snapshot { String::new() } else { bucket.to_owned() },
        metadata: MetadataOut::new(labels),
    }
}

/// Whether nothing is copied to a bucket.
pub fn snapshots_alone(definition: &Definition) -> bool {
    definition.volumes == Volumes::Snapshot
}

/// Whether a schedule carries our id.
pub fn is_ours(live: &Live, owned: &Owned) -> bool {
    live.metadata.label(DEFINITION) == Some(owned.id.as_str())
}

/// What a single backup leaves written down: nothing to compare.
pub fn single(app: &str) -> Value {
    json!({"kind": "Backup", "app": app})
}

#[cfg(test)]
mod tests;
