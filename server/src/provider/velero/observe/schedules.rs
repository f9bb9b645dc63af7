//! Several Schedules of one definition are told as one: what must be remembered of them for that.

use crate::provider::{DeclaredSeen, Observed, Sort, velero::translate::tiers};
use std::collections::BTreeMap;

/// The Schedules that are there, by the name of their definition's first one, and by tier.
#[derive(Debug, Default)]
pub struct Schedules(BTreeMap<String, BTreeMap<usize, DeclaredSeen>>);

impl Schedules {
    /// Takes one in; the answer is whose it is. A name as that of a further tier without our label is nobody's.
    pub fn take(&mut self, seen: DeclaredSeen) -> String {
        let (first, tier) = tiers::split(&seen.name);
        let first = first.to_owned();
        if tier > 1 && seen.definition.is_none() {
            self.forget(&seen.name);
        } else {
            self.0.entry(first.clone()).or_default().insert(tier, seen);
        }
        first
    }

    /// One is gone; the answer is whose it was.
    pub fn forget(&mut self, name: &str) -> String {
        let (first, tier) = tiers::split(name);
        if let Some(parts) = self.0.get_mut(first) {
            parts.remove(&tier);
            if parts.is_empty() {
                self.0.remove(first);
            }
        }
        first.to_owned()
    }

    /// A list begins.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All that belongs to that first one, as one; or that nothing is left of it.
    pub fn told(&self, first: &str) -> Observed {
        match self.0.get(first) {
            Some(parts) => Observed::Declared(Box::new(joined(first, parts))),
            None => Observed::Gone(Sort::Declared, first.to_owned()),
        }
    }

    /// Everything, after a list: in between only half of a definition may have been listed.
    pub fn all(&self) -> Vec<Observed> {
        self.0.keys().map(|first| self.told(first)).collect()
    }
}

/// The Schedules of one definition, by tier, under the name of the first. Those beside the first that carry another definition's
/// label are left out.
pub fn joined(name: &str, parts: &BTreeMap<usize, DeclaredSeen>) -> DeclaredSeen {
    let definition = parts.values().find_map(|part| part.definition.clone());
    let parts: BTreeMap<usize, &DeclaredSeen> = parts
        .iter()
        .filter(|(tier, part)| **tier == 1 || part.definition == definition)
        .map(|(tier, part)| (*tier, part))
        .collect();
    let specs = parts.iter().map(|(tier, part)| (*tier, part.seen["spec"].clone())).collect();
    let invalid = parts.iter().flat_map(|(tier, part)| part.invalid.iter().map(|why| tiers::path(*tier, why)));
    let first = parts.get(&1);
    DeclaredSeen {
        name: name.to_owned(),
        definition,
        seen: tiers::write(&specs),
        // It is written after the others, so that its state says how new all of them are.
        revision: first.and_then(|first| first.revision.clone()),
        invalid: invalid.collect(),
        counted_from: first.and_then(|first| first.counted_from),
        counted_further: (2..=parts.keys().last().copied().unwrap_or_default())
            .map(|tier| parts.get(&tier).and_then(|part| part.counted_from))
            .collect(),
        paused: parts.values().all(|part| part.paused),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::provider::velero::{observe::seen, wire::Schedule};
    use serde_json::json;

    fn schedule(name: &str, label: Option<&str>, version: u32) -> DeclaredSeen {
        let mut object = json!({
            "metadata": {"name": name, "uid": format!("uid of {name}"), "resourceVersion": version.to_string()},
            "spec": {"schedule": format!("0 {version} * * *")},
            "status": {"phase": "Enabled", "lastBackup": "2026-10-03T02:30:00Z"},
        });
        if let Some(label) = label {
            object["metadata"]["labels"] = json!({"holdfast.io/definition": label});
        }
        let schedule: Schedule = serde_json::from_value(object).unwrap();
        seen::declared(&schedule)
    }

    fn told(schedules: &Schedules, first: &str) -> DeclaredSeen {
        match schedules.told(first) {
            Observed::Declared(seen) => *seen,
            other => panic!("{other:?}"),
        }
    }

    const FIRST: &str = "shop-0a1b2c";

    #[test]
    fn tiers_are_told_under_the_first_ones_name_and_state() {
        let mut schedules = Schedules::default();
        assert_eq!(schedules.take(schedule("shop-0a1b2c-t2", Some("d"), 7)), FIRST);
        let half = told(&schedules, FIRST);
        assert_eq!(
            (half.name.as_str(), half.revision, half.counted_from),
            (FIRST, None, None),
            "the first one is missing"
        );
        assert_eq!(half.seen, json!({"kind": "Schedule", "tiers": {"t2": {"schedule": "0 7 * * *"}}}));
        schedules.take(schedule(FIRST, Some("d"), 5));
        let whole = told(&schedules, FIRST);
        assert_eq!(whole.revision.unwrap().number, 5);
        assert_eq!(whole.definition.as_deref(), Some("d"));
        assert_eq!(tiers::read(&whole.seen).len(), 2);
        assert!(whole.counted_from.is_some());
        assert_eq!(whole.counted_further, [whole.counted_from], "each counts from its own last backup");
        assert_eq!(schedules.forget("shop-0a1b2c-t2"), FIRST);
        assert_eq!(told(&schedules, FIRST).seen, json!({"kind": "Schedule", "spec": {"schedule": "0 5 * * *"}}));
        schedules.forget(FIRST);
        assert!(matches!(schedules.told(FIRST), Observed::Gone(Sort::Declared, name) if name == FIRST));
        assert_eq!(schedules.all().len(), 0);
    }

    #[test]
    fn only_what_carries_the_label_is_a_tier() {
        let mut schedules = Schedules::default();
        schedules.take(schedule(FIRST, Some("d"), 1));
        schedules.take(schedule("shop-0a1b2c-t2", None, 2));
        schedules.take(schedule("shop-0a1b2c-t3", Some("another"), 3));
        schedules.take(schedule("shop-0a1b2c-t4", Some("d"), 4));
        assert_eq!(tiers::read(&told(&schedules, FIRST).seen).into_keys().collect::<Vec<_>>(), [1, 4]);
        // Somebody takes the label away.
        schedules.take(schedule("shop-0a1b2c-t4", None, 5));
        assert_eq!(tiers::read(&told(&schedules, FIRST).seen).into_keys().collect::<Vec<_>>(), [1]);
        // Names that only look alike stay on their own.
        assert_eq!(schedules.take(schedule("nightly-t2", None, 6)), "nightly-t2");
    }

    #[test]
    fn refusals_and_pauses_are_those_of_all() {
        let mut schedules = Schedules::default();
        schedules.take(schedule(FIRST, Some("d"), 1));
        let mut second = schedule("shop-0a1b2c-t2", Some("d"), 2);
        (second.invalid, second.paused) = (vec!["invalid schedule: no".into()], true);
        schedules.take(second);
        let seen = told(&schedules, FIRST);
        assert_eq!(seen.invalid, ["t2: invalid schedule: no"]);
        assert!(!seen.paused);
    }
}
