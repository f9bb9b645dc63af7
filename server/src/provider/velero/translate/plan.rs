//! Which writes bring the Schedules that are there to those that are wanted, and what they would undo of what somebody changed.
//! Pure, so that the review step can show them.

use super::{compare, mark, tiers};
use crate::provider::{
    Owned,
    velero::wire::{Schedule, WRITTEN},
};
use model::definition::Drift;
use serde_json::Value;
use std::collections::BTreeMap;

/// The Schedules of a definition that are there, by tier.
pub type Live = BTreeMap<usize, Schedule>;
/// The Schedules that are wanted, whole objects, by tier.
pub type Wanted = BTreeMap<usize, Value>;

/// One write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Create(usize),
    /// By this merge patch of its spec.
    Change(usize, Value),
    /// It is as wanted; only its mark is of an older version.
    Mark(usize),
    Delete(usize),
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// What the steps would undo of what somebody else changed. Where this isn't empty, nothing may be written.
    pub disputed: Vec<Drift>,
}

/// The writes in their order. A Schedule is made before one is deleted, so that whatever stops in between takes no protection
/// away. The first one is written last and then carries the version, also where only another one changed: whoever has seen that
/// write, or a later state of it, has seen all the others. `base`: what was written last, as `Applied::written`.
pub fn plan(owned: &Owned, base: Option<&Value>, wanted: &Wanted, live: &Live) -> Plan {
    let known = base.map(tiers::read).unwrap_or_default();
    let recorded = base.and_then(|base| base["version"].as_i64()).unwrap_or_default();
    let is_unrecorded = |live: &Schedule| {
        mark::version(live.metadata.annotations.get(WRITTEN), &live.spec)
            .is_some_and(|version| recorded < version && version <= owned.version)
    };
    let (mut made, mut deleted, mut last, mut disputed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for tier in tiers::all(wanted, live) {
        let base = known.get(&tier);
        match (wanted.get(&tier), live.get(&tier)) {
            (Some(_), None) => made.push(Step::Create(tier)),
            (Some(wanted), Some(live)) => {
                // As Holdfast itself left it, by an apply that was not recorded, is no dispute. An older state that somebody put
                // back is their change.
                if !is_unrecorded(live) {
                    disputed.extend(tiers::of_tier(tier, undone(base, &wanted["spec"], live)));
                }
                let steps = if tier == 1 { &mut last } else { &mut made };
                steps.extend(compare::patch(&live.spec, &wanted["spec"]).map(|patch| Step::Change(tier, patch)));
            }
            (None, Some(live)) => {
                let is_as_recorded = base.is_some_and(|base| compare::drift(base, &live.spec).is_empty());
                if !is_as_recorded && !is_unrecorded(live) {
                    disputed.push(tiers::whole(tier, None, Some(&live.spec)));
                }
                deleted.push(Step::Delete(tier));
            }
            (None, None) => {}
        }
    }
    let several = wanted.len().max(live.len()).max(known.len()) > 1;
    if let (true, true, Some(first)) = (several, last.is_empty(), live.get(&1).filter(|_| wanted.contains_key(&1))) {
        let carried = mark::version(first.metadata.annotations.get(WRITTEN), &first.spec);
        last.extend((carried != Some(owned.version)).then_some(Step::Mark(1)));
    }
    // What starts the definition's main rhythm comes after the others.
    made.sort_by_key(|step| matches!(step, Step::Create(1)));
    let specs = live.iter().map(|(tier, live)| (*tier, live.spec.clone())).collect();
    tiers::explain(&mut disputed, &specs);
    Plan { steps: made.into_iter().chain(deleted).chain(last).collect(), disputed }
}

/// What somebody changed in a live Schedule and writing `wanted` would undo. `base`: what was written last.
fn undone(base: Option<&Value>, wanted: &Value, live: &Schedule) -> Vec<Drift> {
    match base {
        Some(base) => compare::disputed(base, wanted, &live.spec),
        // Nothing was recorded, and what was written is not there any more.
        None if live.metadata.annotations.contains_key(WRITTEN) => compare::drift(wanted, &live.spec),
        // Handed over by its label, by hand.
        None => Vec::new(),
    }
}
