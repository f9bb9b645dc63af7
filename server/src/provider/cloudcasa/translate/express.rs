//! What CloudCasa has no place for. Nothing is rounded: each refusal names the field and the remedy.

use super::{DAY, MOST_ALWAYS, rhythm, zone};
use model::{
    Invalid,
    cron::Cron,
    definition::{Definition, Retention, Schedule, Volumes},
    label::{Operator, Requirement},
};

/// What of a definition CloudCasa has no place for, by field of the draft.
pub fn express(definition: &Definition) -> Invalid {
    let mut invalid = Invalid::default();
    scope(definition, &mut invalid);
    if definition.location.is_some() && definition.volumes != Volumes::SnapshotMoved {
        let sentence = "Only copies go to an object store; choose snapshots that are copied, or clear the location.";
        invalid.push("location", "useless", sentence);
    }
    if matches!(definition.volumes, Volumes::Upstream | Volumes::Files) {
        let sentence = "CloudCasa takes snapshots of volumes, copies them, or leaves volumes out; choose one of these.";
        invalid.push("volumes", "refused", sentence);
    }
    if definition.paused && !definition.is_scheduled() {
        invalid.push("paused", "unscheduled", "Only a schedule can be paused; this definition has none.");
    }
    let own = definition.schedule.is_some() || !definition.further.is_empty();
    if definition.policy.is_some() && (own || definition.retention != Retention::default()) {
        let sentence = "A definition that follows a policy takes schedule and retention from it; clear its own.";
        invalid.push("policy", "both", sentence);
    }
    if definition.schedule.is_none() && !definition.further.is_empty() {
        invalid.push("further", "alone", "Set the first schedule before further ones.");
    }
    retention(&definition.retention, "", &mut invalid);
    if let Some(first) = &definition.schedule {
        timing(first, "cron", &mut invalid);
    }
    for (i, tier) in definition.further.iter().enumerate() {
        retention(&tier.retention, &format!("further.{i}."), &mut invalid);
        timing(&tier.schedule, &format!("further.{i}.cron"), &mut invalid);
        if tier.retention.keep_at_least.is_some() {
            let sentence = "Only the first schedule keeps a number whatever its age; clear it here.";
            invalid.push(format!("further.{i}.keep_at_least"), "refused", sentence);
        }
        let zones = [Some(&tier.schedule), definition.schedule.as_ref()].map(|s| s.map(zone));
        if zones[0] != zones[1] {
            invalid.push("zone", "several", "A policy of CloudCasa has one time zone for all its schedules.");
        }
    }
    invalid
}

fn scope(definition: &Definition, invalid: &mut Invalid) {
    let scope = &definition.scope;
    if scope.subject.as_ref().is_none_or(|subject| subject.id.is_empty()) {
        invalid.push("scope.subject", "required", "Choose the cluster that is protected.");
    }
    if !scope.namespaces.is_empty() && !scope.except_namespaces.is_empty() {
        let sentence = "CloudCasa leaves namespaces out only of all of them; take the list or the exceptions away.";
        invalid.push("scope.except_namespaces", "both", sentence);
    }
    if scope.namespaces.iter().chain(&scope.except_namespaces).any(|name| name.contains(['*', '?'])) {
        invalid.push("scope.namespaces", "glob", "CloudCasa knows no patterns; name the namespaces one by one.");
    }
    if !scope.resources.is_empty() || !scope.except_resources.is_empty() {
        invalid.push(
            "scope.resources",
            "refused",
            "Holdfast does not choose kinds in CloudCasa; it takes all of them.",
        );
    }
    if !scope.clusters.is_empty() {
        invalid.push("scope.clusters", "refused", "A definition of CloudCasa belongs to one cluster.");
    }
    if scope.cluster_objects != model::scope::ClusterObjects::Needed {
        let sentence = "CloudCasa takes the cluster-scoped objects that the chosen ones need.";
        invalid.push("scope.cluster_objects", "refused", sentence);
    }
    let groups = &scope.selectors;
    let equal = |r: &Requirement| r.operator == Operator::In && r.values.len() == 1;
    let all: Vec<&Requirement> = groups.iter().flatten().collect();
    let twice = all.iter().enumerate().any(|(i, r)| all[..i].iter().any(|other| other.key == r.key));
    if groups.len() > 1 || groups.iter().any(Vec::is_empty) || twice || !all.iter().all(|r| equal(r)) {
        let sentence = "CloudCasa compares a label with one value, and all labels must fit; write one value for each.";
        invalid.push("scope.selectors", "refused", sentence);
    }
}

fn retention(retention: &Retention, at: &str, invalid: &mut Invalid) {
    if let Some(span) = retention.keep_for
        && (span.0 < DAY || !span.0.is_multiple_of(DAY))
    {
        let days = span.0.div_ceil(DAY).max(1);
        let sentence = format!("CloudCasa keeps for whole days; {} is none. {days} days would hold it.", span.words());
        invalid.push(format!("{at}keep_for"), "days", sentence);
    }
    if retention.keep_last.is_some() {
        let sentence =
            "CloudCasa keeps by age and has no greatest number; say for how long, or how many stay at least.";
        invalid.push(format!("{at}keep_last"), "refused", sentence);
    }
    if retention.keep_at_least.is_some_and(|n| n > MOST_ALWAYS) {
        let sentence = format!("CloudCasa keeps at most {MOST_ALWAYS} whatever their age.");
        invalid.push(format!("{at}keep_at_least"), "too-many", sentence);
    }
    if retention.keep_snapshots.is_some() {
        let sentence = "CloudCasa does not count snapshots apart; a snapshot goes when its copy is made.";
        invalid.push(format!("{at}keep_snapshots"), "refused", sentence);
    }
}

fn timing(schedule: &Schedule, path: &str, invalid: &mut Invalid) {
    match model::cron::parse(&schedule.cron) {
        Err(sentence) => invalid.push(path, "cron", sentence),
        Ok(Cron::Every(_)) => {
            let sentence = "CloudCasa runs at times of the day and knows no @every; write minute and hour.";
            invalid.push(path, "cron", sentence);
        }
        // Cron joins the two by "or", Python's schedulers by "and"; CloudCasa does not say which it is.
        Ok(Cron::Fields([_, _, day, _, weekday])) if !rhythm::free(&day, 1, 31) && !rhythm::free(&weekday, 0, 6) => {
            let sentence = "CloudCasa does not say whether a day of the month and a weekday mean both or one of them; \
                            use a schedule for each.";
            invalid.push(path, "cron", sentence);
        }
        Ok(Cron::Fields(_)) => {}
    }
}
