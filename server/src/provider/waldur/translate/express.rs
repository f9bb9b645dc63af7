//! What of a definition a Waldur can't hold, by field of the draft. Nothing is rounded.

use crate::provider::waldur::{capabilities, generation::Generation, wire};
use model::{
    Invalid,
    capability::{Capabilities, Support},
    cron::{self, Cron, Field},
    definition::{Definition, Volumes},
    scope::ClusterObjects,
};

const DAY: u64 = 86_400;
/// From G3 on (`core/validators.py` and the serializer of the schedule); G2 has neither rule.
const CRON_MAX: usize = 15;
const SHORTEST_MINUTES: u32 = 60;
/// A positive small integer of PostgreSQL.
const NUMBER_MAX: u32 = 32_767;

/// Everything that is wrong with it; before the generation is known, what not all of them can hold is.
pub fn express(definition: &Definition, generation: Option<Generation>) -> Invalid {
    let mut invalid = Invalid::default();
    let can = capabilities::capabilities(generation);
    scope(definition, &can, &mut invalid);
    if let Some(why) = can.takes(definition.volumes).and_then(Support::why_not) {
        invalid.push("volumes", "refused", why);
    } else if definition.volumes != Volumes::Snapshot {
        invalid.push("volumes", "refused", "Waldur takes snapshots of all volumes.");
    }
    refuse(definition.location.is_some(), "location", &can.location, &mut invalid);
    refuse(definition.policy.is_some(), "policy", &can.policies, &mut invalid);
    refuse(!definition.further.is_empty(), "further.0.cron", &can.tiers, &mut invalid);
    refuse(definition.retention.keep_at_least.is_some(), "keep_at_least", &can.keep_at_least, &mut invalid);
    refuse(definition.retention.keep_snapshots.is_some(), "keep_snapshots", &can.keep_snapshots, &mut invalid);
    if definition.schedule.is_some() {
        scheduled(definition, generation, &can, &mut invalid);
    } else {
        single(definition, generation, &mut invalid);
    }
    invalid
}

fn refuse(wanted: bool, path: &str, support: &Support, invalid: &mut Invalid) {
    if let (true, Some(why)) = (wanted, support.why_not()) {
        invalid.push(path, "refused", why);
    }
}

fn scope(definition: &Definition, can: &Capabilities, invalid: &mut Invalid) {
    let scope = &definition.scope;
    match &scope.subject {
        Some(subject) if wire::is_id(&subject.id) => {}
        Some(_) => invalid.push("scope.subject", "unknown", "This is no instance of Waldur; choose one from the list."),
        None => invalid.push("scope.subject", "required", "Choose the instance that is protected."),
    }
    refuse(!scope.clusters.is_empty(), "scope.clusters", &can.member_clusters, invalid);
    refuse(!scope.namespaces.is_empty(), "scope.namespaces", &can.namespaces, invalid);
    refuse(!scope.except_namespaces.is_empty(), "scope.except_namespaces", &can.except_namespaces, invalid);
    refuse(!scope.selectors.is_empty(), "scope.selectors", &can.labels, invalid);
    refuse(!scope.resources.is_empty(), "scope.resources", &can.kinds, invalid);
    refuse(!scope.except_resources.is_empty(), "scope.except_resources", &can.kinds, invalid);
    refuse(scope.cluster_objects != ClusterObjects::Needed, "scope.cluster_objects", &can.cluster_objects, invalid);
}

fn scheduled(definition: &Definition, generation: Option<Generation>, can: &Capabilities, invalid: &mut Invalid) {
    let Some(schedule) = &definition.schedule else { return };
    let Some(generation) = generation.filter(|g| g.has_schedules()) else {
        refuse(true, "cron", &can.schedules, invalid);
        return;
    };
    if let Err(sentence) = cron_problem(&schedule.cron, generation) {
        invalid.push("cron", "cron", sentence);
    }
    match schedule.zone.as_deref() {
        Some(zone) if !zone.trim().is_empty() && zone.len() <= 50 => {}
        Some(_) => invalid.push("zone", "zone", "Choose a time zone by its name, such as Europe/Zurich."),
        None => invalid.push(
            "zone",
            "required",
            "Choose the time zone: without one Waldur takes its server's own and shows it as if it had been chosen.",
        ),
    }
    let retention = &definition.retention;
    match retention.keep_for {
        Some(age) if age.0 == 0 => invalid.push("keep_for", "number", "Leave it empty to keep backups for ever."),
        Some(age) if !age.0.is_multiple_of(DAY) => invalid.push(
            "keep_for",
            "days",
            format!("Waldur counts whole days: say {} days, or {}.", (age.0 / DAY).max(1), age.0 / DAY + 1),
        ),
        _ => {}
    }
    match (retention.keep_last, generation) {
        (None, Generation::G2) => invalid.push(
            "keep_last",
            "required",
            "Say how many backups are kept at most: this Waldur wants a number, and reads 0 as “keep none”.",
        ),
        (Some(0), _) => {
            invalid.push("keep_last", "number", "Keep at least one backup, or leave it empty for no limit.")
        }
        (Some(n), _) if n > NUMBER_MAX => {
            invalid.push("keep_last", "number", format!("Waldur keeps at most {NUMBER_MAX} backups of a schedule."));
        }
        _ => {}
    }
}

/// A single backup, and later ones by hand.
fn single(definition: &Definition, generation: Option<Generation>, invalid: &mut Invalid) {
    if definition.paused {
        invalid.push("paused", "unscheduled", "Only a schedule can be paused; this definition has none.");
    }
    if definition.retention.keep_last.is_some() {
        let sentence = "Waldur counts the backups of a schedule alone; leave it empty, or set a schedule.";
        invalid.push("keep_last", "refused", sentence);
    }
    if definition.retention.keep_for.is_some() && generation.is_none_or(|g| g == Generation::G2) {
        invalid.push(
            "keep_for",
            "refused",
            "This Waldur keeps a backup that no schedule made until somebody deletes it; leave it empty.",
        );
    }
}

/// Why Waldur would not take this cron text, or would read it in another way.
pub fn cron_problem(text: &str, generation: Generation) -> Result<(), String> {
    let [minute, hour, day, _, weekday] = match cron::parse(text)? {
        Cron::Every(_) => {
            return Err("Waldur runs at times of the clock, not so long after the last run; write five fields.".into());
        }
        Cron::Fields(_) if text.trim().starts_with('@') => {
            return Err("Waldur takes five fields alone: write 0 0 * * * for @daily, 0 0 * * 0 for @weekly.".into());
        }
        Cron::Fields(fields) => fields,
    };
    if text.contains('?') {
        return Err("Write * instead of ?; Waldur knows no question mark.".into());
    }
    if generation == Generation::G2 {
        return Ok(());
    }
    let length = text.trim().chars().count();
    if length > CRON_MAX {
        return Err(format!(
            "Waldur takes at most {CRON_MAX} characters of cron; this has {length}. Use ranges and steps, or several definitions."
        ));
    }
    // Upstream looks at the next two runs alone, so that it takes or refuses the same text by the time of day.
    match shortest_gap(&minute, &hour, &day, &weekday) {
        gap if gap < SHORTEST_MINUTES => Err(format!(
            "Waldur wants an hour between two runs; here there are {gap} minutes at times. Run it once an hour at most."
        )),
        _ => Ok(()),
    }
}

/// Minutes between the two runs that are nearest to each other.
fn shortest_gap(minute: &Field, hour: &Field, day: &Field, weekday: &Field) -> u32 {
    let at = |hour: u8, minute: u8| u32::from(hour) * 60 + u32::from(minute);
    let times: Vec<u32> = hour.values.iter().flat_map(|h| minute.values.iter().map(move |m| at(*h, *m))).collect();
    let within = times.windows(2).map(|pair| pair[1] - pair[0]).min();
    let over_midnight = match (times.first(), times.last()) {
        (Some(first), Some(last)) if neighbours(day, weekday) => Some(first + 24 * 60 - last),
        _ => None,
    };
    within.into_iter().chain(over_midnight).min().unwrap_or(u32::MAX)
}

/// Whether it may run on two days in a row. Two restricted fields are joined by "or".
fn neighbours(day: &Field, weekday: &Field) -> bool {
    let adjacent = |values: &[u8]| values.windows(2).any(|pair| pair[1] == pair[0] + 1);
    let days = || adjacent(&day.values) || (day.values.contains(&1) && day.values.iter().any(|d| *d >= 28));
    let weekdays = || adjacent(&weekday.values) || (weekday.values.contains(&0) && weekday.values.contains(&6));
    match (day.any, weekday.any) {
        (true, true) => true,
        (true, false) => weekdays(),
        (false, true) => days(),
        (false, false) => true,
    }
}
