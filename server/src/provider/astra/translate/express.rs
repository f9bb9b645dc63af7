//! What of a definition an app's schedules can't hold, by field of the draft, each with its remedy.

use super::{snapshots_alone, tiers, timing::timing};
use model::{
    Invalid,
    definition::{Definition, Retention, Volumes},
};

/// More of one app's backups serve nobody; no bound is published, and longer numbers are slips.
const MOST: u32 = 9_999;
const REFUSED: &str = "refused";

/// Everything that is in the way. What the capabilities refuse already is refused here too: drafts are not the only way in.
pub fn express(definition: &Definition) -> Invalid {
    let mut invalid = Invalid::default();
    scope(definition, &mut invalid);
    if !matches!(definition.volumes, Volumes::SnapshotMoved | Volumes::Snapshot) {
        invalid.push(
            "volumes",
            REFUSED,
            "Astra Control takes snapshots, and copies them to a bucket or leaves them: choose one.",
        );
    }
    if snapshots_alone(definition) && definition.location.is_some() {
        invalid.push(
            "location",
            REFUSED,
            "Snapshots stay in the storage system; leave the bucket empty, or copy them.",
        );
    }
    if definition.policy.is_some() {
        invalid.push(
            "policy",
            REFUSED,
            "Astra Control keeps no policies beside an app's schedules; say the schedule here.",
        );
    }
    if definition.schedule.is_none() && !definition.further.is_empty() {
        invalid.push("cron", "required", "Say the first schedule before the further ones.");
    }
    times(definition, &mut invalid);
    for (prefix, _, retention) in tiers(definition) {
        age(&prefix, retention, &mut invalid);
        count(&prefix, retention, &mut invalid);
    }
    if definition.schedule.is_some() {
        snapshots(definition, &mut invalid);
    } else {
        unscheduled(definition, &mut invalid);
    }
    invalid
}

fn scope(definition: &Definition, invalid: &mut Invalid) {
    let scope = &definition.scope;
    match &scope.subject {
        None => invalid.push("scope.subject", "required", "Choose the app that is protected."),
        // It stands in addresses and in the keys of runs.
        Some(app) if app.id.is_empty() || app.id.chars().any(|c| !(c.is_ascii_alphanumeric() || c == '-')) => {
            invalid.push("scope.subject", "unknown", "That is no app of Astra Control's; choose one of the list.");
        }
        Some(_) => {}
    }
    for (narrowed, field) in [
        (!scope.clusters.is_empty(), "scope.clusters"),
        (!scope.namespaces.is_empty(), "scope.namespaces"),
        (!scope.except_namespaces.is_empty(), "scope.except_namespaces"),
        (!scope.selectors.is_empty(), "scope.selectors"),
        (!scope.resources.is_empty(), "scope.resources"),
        (!scope.except_resources.is_empty(), "scope.except_resources"),
        (scope.cluster_objects != Default::default(), "scope.cluster_objects"),
    ] {
        if narrowed {
            invalid.push(
                field,
                REFUSED,
                "Astra Control takes an app whole; what belongs to it is said when the app is defined there.",
            );
        }
    }
}

fn times(definition: &Definition, invalid: &mut Invalid) {
    let mut taken: Vec<&'static str> = Vec::new();
    for (prefix, schedule, _) in tiers(definition) {
        match timing(&schedule.cron) {
            Err(sentence) => invalid.push(format!("{prefix}cron"), "cron", sentence),
            Ok(found) if taken.contains(&found.granularity) => invalid.push(
                format!("{prefix}cron"),
                "twice",
                format!(
                    "A definition has one {} schedule; choose another rhythm, or make a second definition for the app.",
                    granularity_word(found.granularity)
                ),
            ),
            Ok(found) => taken.push(found.granularity),
        }
        if schedule.zone.as_deref().is_some_and(|zone| zone != "UTC") && invalid.about("zone").is_none() {
            invalid.push("zone", REFUSED, super::super::UTC_ONLY);
        }
    }
}

fn granularity_word(granularity: &str) -> &str {
    match granularity {
        "custom" => "interval",
        other => other,
    }
}

fn age(prefix: &str, retention: &Retention, invalid: &mut Invalid) {
    if retention.keep_for.is_some() {
        invalid.push(format!("{prefix}keep_for"), REFUSED, super::super::BY_NUMBER);
    }
    if retention.keep_at_least.is_some() {
        invalid.push(format!("{prefix}keep_at_least"), REFUSED, super::super::EXACTLY);
    }
}

fn count(prefix: &str, retention: &Retention, invalid: &mut Invalid) {
    let path = format!("{prefix}keep_last");
    match retention.keep_last {
        None => invalid.push(path, "required", "Astra Control keeps a number for each schedule: say how many."),
        Some(0) => invalid.push(path, "number", "Keep at least one."),
        Some(n) if n > MOST => invalid.push(path, "number", format!("Keep {MOST} at most.")),
        Some(_) => {}
    }
}

fn snapshots(definition: &Definition, invalid: &mut Invalid) {
    for (i, tier) in definition.further.iter().enumerate() {
        if tier.retention.keep_snapshots.is_some() {
            invalid.push(
                format!("further.{i}.keep_snapshots"),
                REFUSED,
                "All schedules of a definition keep the same number of snapshots; say it once.",
            );
        }
    }
    match definition.retention.keep_snapshots {
        Some(_) if snapshots_alone(definition) => invalid.push(
            "keep_snapshots",
            REFUSED,
            "Without copies the snapshots are what is kept: say their number in “keep”, and leave this empty.",
        ),
        None if definition.volumes == Volumes::SnapshotMoved => invalid.push(
            "keep_snapshots",
            "required",
            "Say how many snapshots stay beside the backups; with 0 each goes when its backup is made.",
        ),
        Some(n) if n > MOST => invalid.push("keep_snapshots", "number", format!("Keep {MOST} at most.")),
        _ => {}
    }
}

fn unscheduled(definition: &Definition, invalid: &mut Invalid) {
    const STAYS: &str = "A backup that no schedule makes stays until somebody deletes it; leave this empty.";
    let retention = &definition.retention;
    age("", retention, invalid);
    if retention.keep_last.is_some() {
        invalid.push("keep_last", REFUSED, STAYS);
    }
    if retention.keep_snapshots.is_some() {
        invalid.push("keep_snapshots", REFUSED, STAYS);
    }
    if definition.paused {
        invalid.push("paused", "unscheduled", "Only a schedule can be paused; this definition has none.");
    }
}

/// The draft's name for a field of a schedule that was refused; `prefix` is that of its tier.
pub fn draft_field(definition: &Definition, prefix: &str, upstream: &str) -> Option<String> {
    Some(match upstream {
        "name" => "name".into(),
        "enabled" => "paused".into(),
        "minute" | "hour" | "dayOfWeek" | "dayOfMonth" | "recurrenceRule" | "granularity" => format!("{prefix}cron"),
        "backupRetention" => format!("{prefix}keep_last"),
        "snapshotRetention" if snapshots_alone(definition) => format!("{prefix}keep_last"),
        "snapshotRetention" => "keep_snapshots".into(),
        "bucketID" => "location".into(),
        _ => return None,
    })
}
