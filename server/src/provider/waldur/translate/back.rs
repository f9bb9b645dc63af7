//! From a schedule of Waldur back to a definition, for "adopt". Nothing is rounded: what a definition can't say is named.

use super::{
    express,
    terms::{self, Record, Terms},
};
use crate::provider::{Applied, DeclaredSeen, Owned, waldur::generation::Generation};
use model::{
    Invalid,
    definition::{Definition, Drift, Retention, Schedule, Volumes},
    duration::Seconds,
    named::Named,
    scope::Scope,
};

const DAY: u64 = 86_400;

/// The definition that the schedule means, under the name and connection that it has with us; or everything that a definition
/// can't say, by the upstream's field.
pub fn definition(owned: &Owned, seen: &DeclaredSeen, generation: Generation) -> Result<Definition, Invalid> {
    let mut invalid = Invalid::default();
    let Some(Record { terms, instance_name, .. }) = Record::read(&seen.seen) else {
        return Err(Invalid::one("schedule", "not-adoptable", "What was seen there is no schedule."));
    };
    for (field, sentence) in problems(&terms, generation) {
        invalid.push(field, "not-adoptable", sentence);
    }
    if terms.name.as_ref().is_some_and(|name| *name != owned.upstream_name) {
        invalid.push("name", "not-adoptable", NAME);
    }
    // A name that people gave it here stays, while it is the same instance.
    let subject = owned.definition.scope.subject.clone().filter(|subject| subject.id == terms.instance);
    let subject = subject.unwrap_or_else(|| {
        let name = if instance_name.is_empty() { terms.instance.clone() } else { instance_name };
        Named::new(terms.instance.clone(), name)
    });
    let keep_last = terms.maximum.filter(|n| *n > 0).and_then(|n| u32::try_from(n).ok());
    invalid.check(Definition {
        name: owned.definition.name.clone(),
        connection: owned.definition.connection.clone(),
        scope: Scope { subject: Some(subject), ..Scope::default() },
        location: None,
        volumes: Volumes::Snapshot,
        retention: Retention {
            keep_for: terms.retention_time.filter(|days| *days > 0).map(|days| Seconds(days.saturating_mul(DAY))),
            keep_last,
            ..Retention::default()
        },
        schedule: Some(Schedule { cron: terms.schedule.unwrap_or_default(), zone: terms.timezone }),
        further: Vec::new(),
        policy: None,
        paused: !terms.is_active.unwrap_or_default(),
    })
}

const NAME: &str = "Holdfast finds its schedules by their names and always sets them.";

/// How what is there differs from what was written, with the fields that "adopt" would lose.
pub fn drift(applied: &Applied, seen: &DeclaredSeen, generation: Generation) -> Vec<Drift> {
    let (Some(ours), Some(theirs)) = (Record::read(&applied.written), Record::read(&seen.seen)) else {
        return Vec::new();
    };
    explained(terms::drift(&ours.terms, &theirs.terms, generation), &theirs.terms, generation)
}

/// The same differences, each with the reason why it can't be adopted where there is one.
pub fn explained(mut drift: Vec<Drift>, theirs: &Terms, generation: Generation) -> Vec<Drift> {
    let problems = problems(theirs, generation);
    for one in &mut drift {
        one.not_adoptable = match problems.iter().find(|(field, _)| *field == one.field) {
            Some((_, sentence)) => Some(sentence.clone()),
            None => (one.field == "name").then(|| NAME.to_owned()),
        };
    }
    drift
}

/// What of a schedule can't be said by a definition: upstream field and sentence.
fn problems(terms: &Terms, generation: Generation) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add = |field: &str, sentence: String| out.push((field.to_owned(), sentence));
    let untold = || "Waldur does not tell it.".to_owned();
    match &terms.schedule {
        Some(text) => {
            if let Err(sentence) = express::cron_problem(text, generation) {
                add("schedule", sentence);
            }
        }
        None => add("schedule", untold()),
    }
    if terms.timezone.as_deref().is_none_or(str::is_empty) {
        add("timezone", untold());
    }
    match terms.retention_time {
        None => add("retention_time", untold()),
        // A definition keeps at most a century.
        Some(days) if days > 36_600 => add("retention_time", "This is longer than Holdfast can say.".to_owned()),
        _ => {}
    }
    match terms.maximum {
        None => add(generation.maximum(), untold()),
        Some(0) if generation == Generation::G2 => {
            add(generation.maximum(), "It keeps no backup at all, which no definition can mean.".to_owned());
        }
        _ => {}
    }
    if terms.instance.is_empty() {
        add("instance", untold());
    }
    out
}
