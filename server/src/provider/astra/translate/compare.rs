//! When two sets of schedules mean the same, and how they differ when they don't. `*` for a field that the granularity doesn't
//! have, the `0` that custom schedules answer as their minute, 7 for Sunday and another beginning of the same recurrence are
//! nobody's edit.

use super::{Declared, Rhythm, Set, back, rule::Rule};
use crate::provider::astra::wire::Schedule as Live;
use model::definition::Drift;
use std::collections::BTreeMap;

/// A live schedule in the one spelling.
pub fn normal(live: &Live) -> Rhythm {
    let granularity = live.granularity.as_str();
    let has = |field: &str, text: &str| -> String {
        let applies = match granularity {
            "hourly" => field == "minute",
            "daily" => matches!(field, "minute" | "hour"),
            "weekly" => matches!(field, "minute" | "hour" | "week"),
            "monthly" => matches!(field, "minute" | "hour" | "month"),
            "custom" => field == "rule",
            // A word that isn't known: everything that is said counts.
            _ => true,
        };
        if applies && text != "*" { plain(text) } else { String::new() }
    };
    let week = has("week", &live.day_of_week);
    Rhythm {
        name: live.name.clone(),
        enabled: if live.enabled == "false" { "false" } else { "true" }.into(),
        minute: has("minute", &live.minute),
        hour: has("hour", &live.hour),
        day_of_week: if week == "7" { "0".into() } else { week },
        day_of_month: has("month", &live.day_of_month),
        recurrence_rule: if granularity == "custom" { one_rule(&live.recurrence_rule) } else { String::new() },
        snapshot_retention: plain(&live.snapshot_retention),
        backup_retention: plain(&live.backup_retention),
        bucket: live.bucket.clone(),
        replicate: if live.replicate == "true" { "true".into() } else { String::new() },
    }
}

/// Without leading zeros, where it is a number.
fn plain(text: &str) -> String {
    text.parse::<u64>().map_or_else(|_| text.to_owned(), |n| n.to_string())
}

/// The recurrence as we write it, if it is one that we can read.
fn one_rule(text: &str) -> String {
    Rule::read(text).map_or_else(|| text.trim().to_owned(), Rule::text)
}

/// The live schedules by granularity.
pub fn set<'a>(live: impl IntoIterator<Item = &'a Live>) -> BTreeMap<String, &'a Live> {
    let mut out: BTreeMap<String, &Live> = BTreeMap::new();
    let mut all: Vec<&Live> = live.into_iter().collect();
    // The oldest keeps the plain word.
    all.sort_by_key(|one| (one.metadata.created(), &one.id));
    for one in all {
        let key = match out.contains_key(&one.granularity) {
            true => format!("{} {}", one.granularity, one.id),
            false => one.granularity.clone(),
        };
        out.insert(key, one);
    }
    out
}

/// What of a declared set differs from another, field by field.
pub fn drift(ours: &Declared, theirs: &Declared) -> Vec<Drift> {
    let names: BTreeMap<String, String> = ours.buckets.clone().into_iter().chain(theirs.buckets.clone()).collect();
    let mut out = differences(&ours.schedules, &theirs.schedules, &names);
    if !out.is_empty() {
        let problems = back::problems(theirs);
        for drift in &mut out {
            drift.not_adoptable =
                problems.iter().find(|(path, _)| covers(path, &drift.field)).map(|(_, sentence)| sentence.clone());
        }
    }
    out
}

/// Whether what is said of a path holds for a field.
fn covers(path: &str, field: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Path by path how `theirs` differs.
pub fn differences(ours: &Set, theirs: &Set, buckets: &BTreeMap<String, String>) -> Vec<Drift> {
    let mut keys: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut out = Vec::new();
    for key in keys {
        let path = format!("schedules.{key}");
        match (ours.get(key), theirs.get(key)) {
            (Some(a), Some(b)) => {
                for (name, a, b) in fields(a, b) {
                    out.push(entry(&format!("{path}.{name}"), shown(name, a, buckets), shown(name, b, buckets)));
                }
            }
            (a, b) => out.push(entry(&path, a.map(|r| words(r, buckets)), b.map(|r| words(r, buckets)))),
        }
    }
    out
}

fn entry(field: &str, ours: Option<String>, theirs: Option<String>) -> Drift {
    Drift { field: field.to_owned(), ours, theirs, not_adoptable: None }
}

/// The fields in which two differ, with both texts.
pub fn fields<'a>(a: &'a Rhythm, b: &'a Rhythm) -> Vec<(&'static str, &'a str, &'a str)> {
    all(a).into_iter().zip(all(b)).filter(|((_, a), (_, b))| a != b).map(|((name, a), (_, b))| (name, a, b)).collect()
}

fn all(r: &Rhythm) -> [(&'static str, &str); 11] {
    [
        ("name", &r.name),
        ("enabled", &r.enabled),
        ("minute", &r.minute),
        ("hour", &r.hour),
        ("dayOfWeek", &r.day_of_week),
        ("dayOfMonth", &r.day_of_month),
        ("recurrenceRule", &r.recurrence_rule),
        ("snapshotRetention", &r.snapshot_retention),
        ("backupRetention", &r.backup_retention),
        ("bucketID", &r.bucket),
        ("replicate", &r.replicate),
    ]
}

/// A value as people read it: a bucket by its name, a rule in one line; `None` for nothing.
fn shown(name: &str, text: &str, buckets: &BTreeMap<String, String>) -> Option<String> {
    let text = match name {
        "bucketID" => buckets.get(text).map_or(text, String::as_str),
        _ => text,
    };
    (!text.is_empty()).then(|| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A whole schedule in a line.
fn words(rhythm: &Rhythm, buckets: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> = all(rhythm)
        .into_iter()
        .filter(|(name, _)| *name != "name")
        .filter_map(|(name, text)| shown(name, text, buckets).map(|text| format!("{name} {text}")))
        .collect();
    parts.join(", ")
}
