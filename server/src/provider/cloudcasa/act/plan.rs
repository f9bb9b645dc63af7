//! Which writes bring what is there to what is wanted. Pure, so that the review step can show them.

use super::{
    super::{
        translate::{
            Wanted, compare,
            normal::{self, Part},
            overlay,
        },
        wire::Doc,
    },
    live::Live,
};
use serde_json::{Map, Value, json};

/// One write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Made, or changed if it is there. Marks stand where ids of own documents will stand.
    Write(Part, Value),
    Delete(Part),
    /// The own policy that is not needed any more, unless somebody else follows it.
    DeleteUnused,
}

impl Step {
    pub fn part(&self) -> Part {
        match self {
            Self::Write(part, _) | Self::Delete(part) => *part,
            Self::DeleteUnused => Part::Policy,
        }
    }
}

/// The writes, in an order that protects nothing wrongly when it stops in between: what starts runs comes last, and a copy goes
/// before what it is of.
pub fn steps(wanted: &Wanted, live: &Live) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(policy) = wanted.policy.as_ref().filter(|body| differs(Part::Policy, body, live)) {
        steps.push(Step::Write(Part::Policy, policy.clone()));
    }
    match &wanted.offload {
        Some(offload) => {
            // In three steps: the kubebackup alone, the copy definition that belongs to it, then the link between them.
            if live.part(Part::Backup).is_none() {
                steps.push(Step::Write(Part::Backup, wanted.interim.clone()));
            }
            if differs(Part::Offload, offload, live) {
                steps.push(Step::Write(Part::Offload, offload.clone()));
            }
        }
        None if live.part(Part::Offload).is_some() => steps.push(Step::Delete(Part::Offload)),
        None => {}
    }
    if differs(Part::Backup, &wanted.backup, live) {
        steps.push(Step::Write(Part::Backup, wanted.backup.clone()));
    }
    if wanted.policy.is_none() && live.part(Part::Policy).is_some() {
        steps.push(Step::DeleteUnused);
    }
    steps
}

fn differs(part: Part, wanted: &Value, live: &Live) -> bool {
    live.part(part)
        .is_none_or(|doc| !compare::same(&normal::of(part, &doc.0, &live.refs), &normal::of(part, wanted, &live.refs)))
}

/// How a document is changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Only `pause` and our mark, by PATCH.
    Pause(Value),
    /// By PUT, which replaces everything.
    Whole(Value),
}

/// The smallest change that leads to the body. PATCH is used for the top level alone: of an object that it names, every field
/// that it leaves out falls back to its default.
pub fn change(part: Part, live: &Doc, wanted: &Value) -> Change {
    let before = live.body();
    let after = overlay(part, before.clone(), wanted);
    let differing = |key: &&String| before.get(*key) != after.get(key.as_str());
    let after_map = after.as_object().cloned().unwrap_or_else(Map::new);
    let mut keys: Vec<&String> = before.keys().chain(after_map.keys()).filter(differing).collect();
    keys.sort();
    keys.dedup();
    if keys.iter().any(|key| *key == "pause") && keys.iter().all(|key| matches!(key.as_str(), "pause" | "tags")) {
        return Change::Pause(json!({"pause": after["pause"], "tags": after["tags"]}));
    }
    Change::Whole(after)
}
