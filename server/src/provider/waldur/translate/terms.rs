//! What a schedule says, in one form for all generations: what is compared, and kept as what was written.

use super::mark;
use crate::provider::{
    DeclaredSeen, Revision,
    waldur::{
        generation::Generation,
        wire::{self, id_in},
    },
};
use model::definition::Drift;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The terms of a schedule. What a server doesn't tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// From G3 on.
    pub name: Option<String>,
    /// By identifier.
    pub instance: String,
    /// Cron, its fields parted by one blank.
    pub schedule: Option<String>,
    pub timezone: Option<String>,
    /// Days; 0 is for ever.
    pub retention_time: Option<u64>,
    /// Number of backups; 0 is none at all in G2, and no limit later.
    pub maximum: Option<u64>,
    pub is_active: Option<bool>,
}

/// What is recorded of a schedule: as written, or as seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The upstream's own key: finds the schedule again where somebody took its mark away.
    pub uuid: String,
    /// The version of the definition whose write this is.
    pub version: i64,
    pub terms: Terms,
    /// What people call the instance.
    pub instance_name: String,
}

impl Record {
    /// In the form of [`crate::provider::Applied::written`].
    pub fn write(&self) -> Value {
        json!({"kind": "schedule", "schedule": self})
    }

    /// `None` for what is no schedule's record.
    pub fn read(written: &Value) -> Option<Self> {
        (written["kind"] == "schedule").then(|| serde_json::from_value(written["schedule"].clone()).unwrap_or_default())
    }
}

/// The terms of a live schedule.
pub fn of(live: &wire::Schedule) -> Terms {
    let words = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Terms {
        name: live.name.clone(),
        instance: id_in(&live.instance),
        schedule: live.schedule.as_ref().map(words),
        timezone: live.timezone.clone(),
        retention_time: live.retention_time,
        maximum: live.maximal_number_of_resources.or(live.maximal_number_of_backups),
        is_active: live.is_active,
    }
}

/// A live schedule as a record; of one without our mark the version is 0.
pub fn record(live: &wire::Schedule) -> Record {
    let terms = of(live);
    let version = mark::read(&live.description).and_then(|mark| mark.version(&terms)).unwrap_or_default();
    Record { uuid: live.id(), version, terms, instance_name: live.instance_name.clone() }
}

/// Which state a live schedule is in. From G3 on the server tells when it was changed; before, the version in the mark orders the
/// states that Holdfast itself left.
pub fn revision(live: &wire::Schedule) -> Option<Revision> {
    let changed = live.modified.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond);
    let number = changed.or_else(|| {
        let version = mark::read(&live.description)?.version(&of(live));
        version.filter(|_| live.modified.is_empty())
    })?;
    Some(Revision { object: live.id(), number })
}

/// A live schedule as it is told; `None` for one that carries no mark of ours.
pub fn declared(live: &wire::Schedule, generation: Generation) -> Option<DeclaredSeen> {
    let mark = mark::read(&live.description)?;
    let name = mark.name()?.to_owned();
    let is_active = live.is_active.unwrap_or_default();
    let switched_off = !is_active && !mark.is_paused();
    let invalid = match (switched_off, live.error_message.trim()) {
        (false, _) => Vec::new(),
        // G2 keeps no reason: a person may have done it as well.
        (true, "") if generation == Generation::G2 => vec![
            "It is switched off. Waldur does that after a backup that failed, and tells why in its event log alone; somebody may \
             have done it too. Look at the last backup, then re-apply: that switches it on again."
                .to_owned(),
        ],
        (true, "") => Vec::new(),
        (true, why) => vec![format!("Waldur switched it off after an error: {why} Re-apply switches it on again.")],
    };
    Some(DeclaredSeen {
        name,
        definition: Some(mark.definition),
        seen: record(live).write(),
        revision: revision(live),
        invalid,
        counted_from: None,
        counted_further: Vec::new(),
        paused: !is_active,
    })
}

/// Field by field how `theirs` differs from `ours`, under the upstream's own names.
pub fn drift(ours: &Terms, theirs: &Terms, generation: Generation) -> Vec<Drift> {
    let (ours, theirs) = (words(ours, generation), words(theirs, generation));
    let differs = |field: &String| ours.get(field) != theirs.get(field);
    let mut fields: Vec<&String> = ours.keys().chain(theirs.keys()).filter(|field| differs(field)).collect();
    fields.sort();
    fields.dedup();
    fields
        .into_iter()
        .map(|field| Drift {
            field: field.clone(),
            ours: ours.get(field).map(text),
            theirs: theirs.get(field).map(text),
            not_adoptable: None,
        })
        .collect()
}

/// What of `theirs` writing `wanted` would undo: fields that somebody changed since `base` and that are not as wanted either.
pub fn disputed(base: &Terms, wanted: &Terms, theirs: &Terms, generation: Generation) -> Vec<Drift> {
    let changed = drift(base, theirs, generation);
    let mut undone = drift(wanted, theirs, generation);
    undone.retain(|field| changed.iter().any(|other| other.field == field.field));
    undone
}

/// The body that a request sends: the fields of `wanted` that differ from `live`, without the switch and the instance.
pub fn patch(live: &Terms, wanted: &Terms, generation: Generation) -> Map<String, Value> {
    let live = words(live, generation);
    let mut body = words(wanted, generation);
    body.retain(|field, value| live.get(field) != Some(value) && !matches!(field.as_str(), "is_active" | "instance"));
    body
}

/// The terms under the upstream's own names; what is `None` is left out.
pub fn words(terms: &Terms, generation: Generation) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(field.to_owned(), value);
        }
    };
    if generation != Generation::G2 {
        put("name", terms.name.clone().map(Value::from));
    }
    put("instance", Some(Value::from(terms.instance.clone())));
    put("schedule", terms.schedule.clone().map(Value::from));
    put("timezone", terms.timezone.clone().map(Value::from));
    put("retention_time", terms.retention_time.map(Value::from));
    put(generation.maximum(), terms.maximum.map(Value::from));
    put("is_active", terms.is_active.map(Value::from));
    out
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
