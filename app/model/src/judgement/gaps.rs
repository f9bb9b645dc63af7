//! What ought to be protected and is in no definition.

use super::{Reason, Uncovered};
use crate::{protection::Protection, time::Millis};
use std::collections::BTreeMap;

/// So many gaps are told one by one; more become one sentence.
const ONE_BY_ONE: usize = 3;

#[derive(Default)]
struct Gap<'a> {
    places: Vec<&'a str>,
    since: Option<Millis>,
    silent: bool,
}

/// A gap is certain, because which definitions there are is known here. Whether the thing is still there is not, when its
/// connection is silent.
pub(super) fn gaps(uncovered: &[Uncovered]) -> Vec<Reason> {
    let mut gaps: BTreeMap<&str, Gap<'_>> = BTreeMap::new();
    for one in uncovered {
        let gap = gaps.entry(&one.name).or_insert_with(|| Gap { silent: true, ..Gap::default() });
        let place = one.cluster.as_deref().unwrap_or(&one.connection_name);
        if !gap.places.contains(&place) {
            gap.places.push(place);
        }
        gap.since = [gap.since, one.since].into_iter().flatten().min();
        gap.silent &= one.silent;
    }
    let (silent, certain): (Vec<_>, Vec<_>) = gaps.into_iter().partition(|(_, gap)| gap.silent);
    let mut reasons = told(&certain, Protection::Unprotected, "");
    reasons.extend(told(&silent, Protection::Unknown, "as last seen: "));
    reasons
}

fn told(gaps: &[(&str, Gap<'_>)], protection: Protection, begin: &str) -> Vec<Reason> {
    let reason = |subject: &str, sentence: String, since| Reason {
        protection,
        subject: subject.to_owned(),
        definition: None,
        sentence: format!("{begin}{sentence}"),
        since,
    };
    if gaps.len() > ONE_BY_ONE {
        let names: Vec<&str> = gaps.iter().map(|(name, _)| *name).collect();
        let since = gaps.iter().filter_map(|(_, gap)| gap.since).min();
        return vec![reason("", format!("{} things are in no definition: {}", names.len(), list(&names)), since)];
    }
    gaps.iter()
        .map(|(name, gap)| reason(name, format!("in no definition, on {}", list(&gap.places)), gap.since))
        .collect()
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [a, b, c, rest @ ..] if !rest.is_empty() => format!("{a}, {b}, {c} and {} more", rest.len()),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}
