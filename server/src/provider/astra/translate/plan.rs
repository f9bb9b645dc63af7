//! What an apply does to an app's schedules: three ways (last written, live, wanted), so that nothing that somebody changed is
//! written over.

use super::{
    Declared, Rhythm, Set,
    compare::{self, normal},
    mark,
};
use crate::provider::{
    Owned,
    astra::wire::{Schedule as Live, WRITTEN},
};
use model::definition::Drift;
use std::collections::BTreeMap;

/// One request, or two where a schedule has to be made anew.
#[derive(Clone, Debug, PartialEq)]
pub enum Step<'a> {
    Create(String),
    Change(String, &'a Live),
    /// A PUT keeps what it doesn't say (the vendor's toolkit leaves fields out), so that a bucket can't be taken away by one.
    Replace(String, &'a Live),
    Drop(String, &'a Live),
}

/// The steps, or what somebody changed that they would undo.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan<'a> {
    pub steps: Vec<Step<'a>>,
    pub disputed: Vec<Drift>,
}

/// Works it out. `base` is what was written last, `live` the app's schedules that carry our id, by granularity.
pub fn plan<'a>(
    owned: &Owned,
    base: Option<&Declared>,
    wanted: &Set,
    live: &BTreeMap<String, &'a Live>,
    buckets: &BTreeMap<String, String>,
) -> Plan<'a> {
    let recorded = base.map_or(0, |base| base.version);
    // As Holdfast itself left it, by an apply that was not recorded. An older state that somebody put back is their change.
    let unrecorded = |live: &Live| marked(live).is_some_and(|version| recorded < version && version <= owned.version);
    let resumed = live.values().any(|live| unrecorded(live));
    let empty = Set::new();
    let before = base.map_or(&empty, |base| &base.schedules);
    let mut keys: Vec<&String> = wanted.keys().chain(live.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut plan = Plan::default();
    for key in keys {
        let (wanted, live_one, before) = (wanted.get(key), live.get(key).copied(), before.get(key));
        let (ours, theirs) = match (wanted, live_one) {
            (Some(wanted), Some(there)) => {
                let now = normal(there);
                if now == *wanted {
                    continue;
                }
                let anew = !now.bucket.is_empty() && wanted.bucket.is_empty();
                plan.steps.push(if anew {
                    Step::Replace(key.clone(), there)
                } else {
                    Step::Change(key.clone(), there)
                });
                if unrecorded(there) {
                    continue;
                }
                let undone = match before {
                    // Fields that somebody changed and that are not as wanted either.
                    Some(before) => {
                        keep(wanted, &now, |name| compare::fields(before, &now).iter().any(|f| f.0 == name))
                    }
                    // Nothing was recorded, and what was written is not there any more.
                    None if there.metadata.label(WRITTEN).is_some() && marked(there).is_none() => now,
                    // Handed over by its label, by hand.
                    None => wanted.clone(),
                };
                (Some(wanted.clone()), Some(undone))
            }
            (Some(wanted), None) => {
                plan.steps.push(Step::Create(key.clone()));
                // All of them gone is made again, as any object that is gone; one of several was taken out by somebody, unless
                // an apply of our own stopped half-way.
                let half_way = resumed || before.is_some_and(|b| !b.bucket.is_empty() && wanted.bucket.is_empty());
                if before.is_none() || live.is_empty() || half_way {
                    continue;
                }
                (Some(wanted.clone()), None)
            }
            (None, Some(there)) => {
                plan.steps.push(Step::Drop(key.clone(), there));
                let now = normal(there);
                let as_written = before.map_or_else(|| marked(there).is_some(), |before| *before == now);
                if as_written || unrecorded(there) {
                    continue;
                }
                (None, Some(now))
            }
            (None, None) => continue,
        };
        let one = |rhythm: Option<Rhythm>| rhythm.map(|r| Set::from([(key.clone(), r)])).unwrap_or_default();
        plan.disputed.extend(compare::differences(&one(ours), &one(theirs), buckets));
    }
    plan
}

/// The version whose apply left it as it is.
fn marked(live: &Live) -> Option<i64> {
    mark::version(live.metadata.label(WRITTEN), &live.granularity, &normal(live))
}

/// `wanted` with those fields of `now` that `take` names.
fn keep(wanted: &Rhythm, now: &Rhythm, take: impl Fn(&str) -> bool) -> Rhythm {
    let pick = |name: &str, a: &String, b: &String| if take(name) { b.clone() } else { a.clone() };
    Rhythm {
        name: pick("name", &wanted.name, &now.name),
        enabled: pick("enabled", &wanted.enabled, &now.enabled),
        minute: pick("minute", &wanted.minute, &now.minute),
        hour: pick("hour", &wanted.hour, &now.hour),
        day_of_week: pick("dayOfWeek", &wanted.day_of_week, &now.day_of_week),
        day_of_month: pick("dayOfMonth", &wanted.day_of_month, &now.day_of_month),
        recurrence_rule: pick("recurrenceRule", &wanted.recurrence_rule, &now.recurrence_rule),
        snapshot_retention: pick("snapshotRetention", &wanted.snapshot_retention, &now.snapshot_retention),
        backup_retention: pick("backupRetention", &wanted.backup_retention, &now.backup_retention),
        bucket: pick("bucketID", &wanted.bucket, &now.bucket),
        replicate: pick("replicate", &wanted.replicate, &now.replicate),
    }
}
