//! From an app's schedules back to a definition, for "adopt". Nothing is rounded: what a definition can't say is named.

use super::{
    Declared, Rhythm,
    timing::{GRANULARITIES, Timing, cron, timing},
};
use crate::provider::Owned;
use model::{
    Invalid,
    definition::{Definition, Retention, Schedule, Volumes},
    named::Named,
    scope::Scope,
    tier::Tier,
};

const CODE: &str = "not-adoptable";

/// The definition that the schedules mean, under the name and connection that it has with us; or everything that a definition
/// can't say, by upstream path.
pub fn definition(owned: &Owned, declared: &Declared) -> Result<Definition, Invalid> {
    let mut invalid = Invalid::default();
    for (path, sentence) in problems(declared) {
        invalid.push(path, CODE, sentence);
    }
    for (key, rhythm) in &declared.schedules {
        if rhythm.name != owned.upstream_name {
            invalid.push(format!("schedules.{key}.name"), CODE, NAMED);
        }
    }
    if declared.schedules.is_empty() {
        invalid.push("schedules", CODE, "There is no schedule left that could be taken over.");
    }
    let old = &owned.definition;
    let ordered = in_order(owned, declared);
    let first = ordered.first().map(|(_, rhythm)| *rhythm);
    let copies = first.is_none_or(|rhythm| rhythm.backup_retention != "0");
    let zone = old.schedule.as_ref().and_then(|schedule| schedule.zone.clone());
    let mut tiers: Vec<Tier> = ordered
        .iter()
        .map(|(key, rhythm)| {
            let number = if copies { &rhythm.backup_retention } else { &rhythm.snapshot_retention };
            Tier {
                schedule: Schedule { cron: words(owned, key, rhythm), zone: zone.clone() },
                retention: Retention { keep_last: number.parse().ok(), ..Retention::default() },
            }
        })
        .collect();
    // @every knows no zone, and a definition has one for all of its schedules.
    if tiers.first().is_some_and(|tier| tier.schedule.cron.starts_with("@every")) {
        tiers.iter_mut().for_each(|tier| tier.schedule.zone = None);
    }
    let further = tiers.split_off(tiers.len().min(1));
    let head = tiers.pop();
    let bucket = first.map(|rhythm| rhythm.bucket.as_str()).filter(|bucket| !bucket.is_empty());
    invalid.check(Definition {
        name: old.name.clone(),
        connection: old.connection.clone(),
        scope: Scope { subject: subject(owned, declared), ..Scope::default() },
        location: bucket.map(|id| declared.buckets.get(id).map_or(id, String::as_str).to_owned()),
        volumes: if copies { Volumes::SnapshotMoved } else { Volumes::Snapshot },
        retention: Retention {
            keep_last: head.as_ref().and_then(|tier| tier.retention.keep_last),
            keep_snapshots: first.filter(|_| copies).and_then(|rhythm| rhythm.snapshot_retention.parse().ok()),
            ..Retention::default()
        },
        schedule: head.map(|tier| tier.schedule),
        further,
        policy: None,
        paused: first.is_some_and(|rhythm| rhythm.enabled == "false"),
    })
}

/// The app under the name that the definition has for it.
fn subject(owned: &Owned, declared: &Declared) -> Option<Named> {
    match &owned.definition.scope.subject {
        Some(known) if declared.app.is_empty() || known.id == declared.app => Some(known.clone()),
        _ => Some(Named::new(&declared.app, &declared.app)),
    }
}

/// In the order that the definition has them in, new ones after that.
fn in_order<'a>(owned: &Owned, declared: &'a Declared) -> Vec<(&'a str, &'a Rhythm)> {
    let known: Vec<&str> = super::tiers(&owned.definition)
        .iter()
        .filter_map(|(_, schedule, _)| Some(timing(&schedule.cron).ok()?.granularity))
        .collect();
    let place = |key: &str| {
        let usual = GRANULARITIES.iter().position(|g| *g == key).unwrap_or(GRANULARITIES.len());
        known.iter().position(|g| *g == key).unwrap_or(known.len() + usual)
    };
    let mut all: Vec<(&str, &Rhythm)> = declared.schedules.iter().map(|(key, rhythm)| (key.as_str(), rhythm)).collect();
    all.sort_by_key(|(key, _)| place(key));
    all
}

/// The times in cron: in the definition's own words where those mean the same.
fn words(owned: &Owned, key: &str, rhythm: &Rhythm) -> String {
    let there = fields(key, rhythm);
    let own = super::tiers(&owned.definition)
        .into_iter()
        .find(|(_, schedule, _)| there.is_some() && timing(&schedule.cron).ok() == there)
        .map(|(_, schedule, _)| schedule.cron.clone());
    own.or_else(|| cron(&there?)).unwrap_or_default()
}

/// The fields of a granularity that is known.
fn fields(key: &str, rhythm: &Rhythm) -> Option<Timing> {
    Some(Timing {
        granularity: GRANULARITIES.into_iter().find(|g| *g == key)?,
        minute: rhythm.minute.clone(),
        hour: rhythm.hour.clone(),
        day_of_week: rhythm.day_of_week.clone(),
        day_of_month: rhythm.day_of_month.clone(),
        rule: rhythm.recurrence_rule.clone(),
    })
}

/// Why another name can't be taken over.
pub const NAMED: &str = "Holdfast names its schedules after their definition.";

/// What of a set can't be said by a definition: upstream path and sentence.
pub fn problems(declared: &Declared) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let set = &declared.schedules;
    let copies = |rhythm: &Rhythm| rhythm.backup_retention != "0";
    let every = |same: &dyn Fn(&Rhythm, &Rhythm) -> bool| match set.values().next() {
        Some(first) => set.values().all(|other| same(first, other)),
        None => true,
    };
    let one_way = every(&|a, b| copies(a) == copies(b));
    for (key, rhythm) in set {
        let mut add = |field: &str, sentence: &str| out.push((format!("schedules.{key}{field}"), sentence.to_owned()));
        match fields(key, rhythm) {
            None if GRANULARITIES.iter().any(|g| key.starts_with(&format!("{g} "))) => {
                add("", "A definition has one schedule of each granularity; make another definition for the second.");
            }
            None => add("", "Holdfast does not know this granularity."),
            // What is written in cron must mean the same again.
            Some(there) if cron(&there).and_then(|text| timing(&text).ok()).as_ref() != Some(&there) => {
                add(if key == "custom" { ".recurrenceRule" } else { "" }, "These times can't be said in cron.");
            }
            Some(_) => {}
        }
        if !rhythm.replicate.is_empty() {
            add(".replicate", "Holdfast does not replicate snapshots; adopting would lose it.");
        }
        for (field, number) in
            [(".snapshotRetention", &rhythm.snapshot_retention), (".backupRetention", &rhythm.backup_retention)]
        {
            if number.parse::<u32>().is_err() {
                add(field, "This is no number.");
            }
        }
        if !copies(rhythm) && rhythm.snapshot_retention == "0" {
            add(".snapshotRetention", "Neither backups nor snapshots are kept.");
        }
        if !copies(rhythm) && !rhythm.bucket.is_empty() {
            add(".bucketID", "Snapshots alone go to no bucket.");
        }
        if !one_way {
            add(
                ".backupRetention",
                "Some schedules keep backups and others snapshots alone; a definition does one of them.",
            );
        }
        if one_way && copies(rhythm) && !every(&|a, b| a.snapshot_retention == b.snapshot_retention) {
            add(".snapshotRetention", "A definition keeps the same number of snapshots for all of its schedules.");
        }
        if !every(&|a, b| a.enabled == b.enabled) {
            add(".enabled", "Holdfast pauses all schedules of a definition or none.");
        }
        if !every(&|a, b| a.bucket == b.bucket) {
            add(".bucketID", "A definition has one bucket for all of its schedules.");
        }
    }
    out
}
