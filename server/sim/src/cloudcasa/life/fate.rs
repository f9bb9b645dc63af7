//! How a run will end.

use serde_json::Value;

use crate::cloudcasa::CloudCasa;
use crate::json::text;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cloudcasa) enum Fate {
    Good,
    Partial,
    Failed,
    Skipped,
    /// Never ends.
    Stuck,
    /// Ends in a state with that word, known or not.
    Word(String),
}

impl Fate {
    /// `good`, `partial`, `failed`, `skipped`, `stuck`; anything else is the state's word.
    pub(in crate::cloudcasa) fn of(word: &str) -> Self {
        match word {
            "" | "good" => Self::Good,
            "partial" => Self::Partial,
            "failed" => Self::Failed,
            "skipped" => Self::Skipped,
            "stuck" => Self::Stuck,
            other => Self::Word(other.to_owned()),
        }
    }
}

/// What a test has in mind for runs to come.
#[derive(Debug, Clone)]
pub(in crate::cloudcasa) struct Plan {
    /// Id or name of the definition or restore; empty means any.
    pub(in crate::cloudcasa) of: String,
    /// `K8S_SNAP`, `K8S_COPY`, `RESTORE`; empty means any.
    pub(in crate::cloudcasa) kind: String,
    pub(in crate::cloudcasa) fate: Fate,
    pub(in crate::cloudcasa) times: u64,
}

/// A steady number below `sides` from a word.
pub(in crate::cloudcasa) fn dice(word: &str, sides: u64) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in word.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash >> 17) % sides.max(1)
}

impl CloudCasa {
    /// The fate of a run of that definition: what a test planned, then its tag `sim/outcome`, then, in the past of the
    /// demo, chance.
    pub(super) fn fate(&mut self, definition: &Value, kind: &str) -> Fate {
        let (id, name) = (text(definition, "/_id"), text(definition, "/name"));
        let meant = |plan: &&mut Plan| {
            plan.times > 0
                && (plan.of.is_empty() || plan.of == id || plan.of == name)
                && (plan.kind.is_empty() || plan.kind == kind)
        };
        if let Some(plan) = self.plans.iter_mut().find(meant) {
            plan.times -= 1;
            return plan.fate.clone();
        }
        let tag = definition["tags"]["sim/outcome"].as_str().unwrap_or_default();
        if tag.is_empty() && self.past {
            return match dice(&format!("{name}/{kind}/{}", self.now), 70) {
                0 => Fate::Failed,
                1..=3 => Fate::Partial,
                _ => Fate::Good,
            };
        }
        Fate::of(tag)
    }
}
