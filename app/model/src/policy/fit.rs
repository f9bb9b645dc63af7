//! What a system gets from a policy: exactly what it can express, or a refusal. Nothing is rounded, and no age becomes a number.

use super::Policy;
use crate::{
    capability::{Capabilities, Support},
    definition::{Retention, Schedule},
    tier::Tier,
};

/// A policy as one system gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// Of the first tier.
    pub retention: Retention,
    /// Of the first tier.
    pub schedule: Schedule,
    pub further: Vec<Tier>,
    /// What it does not get, and what it does in its own way: sentences.
    pub mind: Vec<String>,
}

/// Fits a policy to what a system can express; else why it can't, in the system's own sentences.
///
/// A tier that says both an age and a number gets whichever the system knows, or both. Of numbers that only widen what is kept
/// (at least so many, so many snapshots) it is told that they are not sent.
pub fn fit(policy: &Policy, can: &Capabilities) -> Result<Fitted, Vec<String>> {
    let mut refused: Vec<String> = Vec::new();
    let mut refuse = |support: &Support| {
        if let Some(why) = support.why_not().filter(|why| !refused.iter().any(|one| one == why)) {
            refused.push(why.to_owned());
        }
    };
    refuse(&can.schedules);
    if policy.tiers.len() > 1 {
        refuse(&can.tiers);
    }
    // A system that counts in UTC is told so by leaving the zone empty or naming UTC.
    if policy.zone().is_some_and(|zone| zone != "UTC") {
        refuse(&can.time_zone);
    }
    let (ages, numbers) = (can.keep_for.is_yes(), can.keep_last.is_yes());
    for tier in &policy.tiers {
        let Retention { keep_for, keep_last, .. } = &tier.retention;
        if (keep_for.is_some() && ages) || (keep_last.is_some() && numbers) {
            continue;
        }
        if keep_for.is_some() {
            refuse(&can.keep_for);
        }
        if keep_last.is_some() {
            refuse(&can.keep_last);
        }
    }
    let mut tiers = policy.tiers.iter().map(|tier| Tier { retention: kept(&tier.retention, can), ..tier.clone() });
    match tiers.next() {
        Some(first) if refused.is_empty() => Ok(Fitted {
            retention: first.retention,
            schedule: first.schedule,
            further: tiers.collect(),
            mind: mind(policy, can),
        }),
        None => Err(vec!["The policy has no tier.".into()]),
        Some(_) => Err(refused),
    }
}

fn kept(retention: &Retention, can: &Capabilities) -> Retention {
    Retention {
        keep_for: retention.keep_for.filter(|_| can.keep_for.is_yes()),
        keep_last: retention.keep_last.filter(|_| can.keep_last.is_yes()),
        keep_at_least: retention.keep_at_least.filter(|_| can.keep_at_least.is_yes()),
        keep_snapshots: retention.keep_snapshots.filter(|_| can.keep_snapshots.is_yes()),
    }
}

fn mind(policy: &Policy, can: &Capabilities) -> Vec<String> {
    let of = |value: fn(&Retention) -> Option<String>| -> Vec<String> {
        policy.tiers.iter().filter_map(|tier| value(&tier.retention)).collect()
    };
    let dropped = [
        ("age", &can.keep_for, of(|r| r.keep_for.map(|age| age.words()))),
        ("number", &can.keep_last, of(|r| r.keep_last.map(|n| n.to_string()))),
        ("least number", &can.keep_at_least, of(|r| r.keep_at_least.map(|n| n.to_string()))),
        ("number of snapshots", &can.keep_snapshots, of(|r| r.keep_snapshots.map(|n| n.to_string()))),
    ];
    let mut mind: Vec<String> = Vec::new();
    for (what, support, values) in dropped {
        if let Some(why) = support.why_not().filter(|_| !values.is_empty()) {
            mind.push(not_sent(why, what, values));
        }
    }
    let both = |r: &Retention| r.keep_for.is_some() && r.keep_last.is_some();
    let notes = match can.keep_for.is_yes() && can.keep_last.is_yes() {
        // Which of the two wins is the system's own business, and it says so there.
        true if policy.tiers.iter().any(|tier| both(&tier.retention)) => vec![&can.keep_for, &can.keep_last],
        _ => Vec::new(),
    };
    let several = (policy.tiers.len() > 1).then_some(&can.tiers);
    mind.extend(notes.into_iter().chain(several).map(Support::text).filter(|text| !text.is_empty()).map(str::to_owned));
    mind
}

/// "Velero keeps by age alone: the number 14 is not sent."
fn not_sent(why: &str, what: &str, mut values: Vec<String>) -> String {
    values.dedup();
    let fact = why.split("; ").next().unwrap_or(why);
    let fact = fact.split(". ").next().unwrap_or(fact).trim_end_matches('.');
    match values.as_slice() {
        [one] => format!("{fact}: the {what} {one} is not sent."),
        [many @ .., last] => {
            let whats = if what == "number of snapshots" { "numbers of snapshots".into() } else { format!("{what}s") };
            format!("{fact}: the {whats} {} and {last} are not sent.", many.join(", "))
        }
        [] => format!("{fact}."),
    }
}
