//! A policy: how often and how long, under a name, for many definitions. Ours; what an upstream keeps itself is
//! [`crate::definition::Definition::policy`].

mod fit;
mod parse;
mod rhythm;
mod words;

use crate::{duration::Seconds, duration::Unit, id::PolicyId, tier::Tier};
pub use fit::{Fitted, fit};
pub use parse::parse;
use serde::{Deserialize, Serialize};

/// A policy, valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    /// At least one; all in one zone. A tier may say its retention as an age, as a number, or both: a system that knows only one
    /// of the two gets that one, and what it does not get is told.
    pub tiers: Vec<Tier>,
    /// How old the newest good recovery point may become; `None`: each workspace says so itself.
    pub rpo: Option<Seconds>,
}

/// A policy as it is typed: it mirrors the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyDraft {
    pub name: String,
    /// IANA name; empty: each system's own zone.
    pub zone: String,
    /// Empty: none.
    pub rpo: String,
    pub rpo_unit: Unit,
    pub tiers: Vec<PolicyTierDraft>,
}

/// One row of the tiers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyTierDraft {
    pub cron: String,
    pub keep_for: String,
    pub keep_unit: Unit,
    pub keep_last: String,
    pub keep_at_least: String,
    pub keep_snapshots: String,
}

/// That a definition follows a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follows {
    pub policy: PolicyId,
    pub name: String,
    /// The policy's version that the definition was last saved with.
    pub version: i64,
    /// Why its newer version could not be taken over: sentences; empty when it is taken over or on its way.
    pub refused: Vec<String>,
}
