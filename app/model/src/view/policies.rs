//! What the pages of policies read.

use crate::{
    connection::ProviderKind,
    definition::Standing,
    id::*,
    policy::{Policy, PolicyDraft},
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// The policies page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyList {
    pub rows: Vec<PolicyRow>,
    /// Policies that upstreams keep themselves, as last read.
    pub upstream: Vec<UpstreamPolicyRow>,
}

/// A policy in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRow {
    pub id: PolicyId,
    pub policy: Policy,
    pub version: i64,
    pub used_by: u64,
    pub systems: Vec<ProviderKind>,
    pub rollout: Rollout,
}

/// How far the newest version has come, in definitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    pub all: u64,
    /// In force.
    pub applied: u64,
    /// Saved or still to be saved, on the way.
    pub waiting: u64,
    /// Refused or failing; each says why.
    pub failed: u64,
}

/// A policy that an upstream keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamPolicyRow {
    pub connection: ConnectionId,
    pub connection_name: String,
    pub kind: ProviderKind,
    pub name: String,
    pub words: String,
    pub used_by: u32,
    pub as_of: Option<Millis>,
}

/// A policy's page and form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    pub row: PolicyRow,
    pub draft: PolicyDraft,
    pub changed_by: String,
    pub changed_at: Millis,
    /// For each sort of system that is connected, what it gets.
    pub effects: Vec<Effect>,
    pub used_by: Vec<Follower>,
}

/// What one system gets from a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    pub kind: ProviderKind,
    /// "Waldur G2": where the sort alone does not tell it.
    pub title: String,
    pub outcome: Outcome,
}

/// What a system makes of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// One sentence a tier ("daily 02:30 UTC, keep 14 backups and 2 snapshots"), and what it does not get or does in its own way.
    Gets { tiers: Vec<String>, mind: Vec<String> },
    /// Why it cannot.
    Cannot(Vec<String>),
}

/// A definition that follows a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follower {
    pub definition: DefinitionId,
    pub name: String,
    pub connection_name: String,
    pub kind: ProviderKind,
    pub standing: Standing,
    /// The policy's version that it was last saved with.
    pub version: i64,
    /// Why it stays at that version.
    pub refused: Vec<String>,
    pub points: u64,
}

/// What saving a changed policy would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyImpact {
    pub errors: Vec<crate::invalid::FieldError>,
    pub effects: Vec<Effect>,
    /// Definitions that take it over, those that could and wait for a person because somebody changed or deleted them upstream, and
    /// those that cannot with the reason.
    pub takes: u64,
    #[serde(default)]
    pub waits: u64,
    pub refuses: Vec<(DefinitionId, String, Vec<String>)>,
}

/// A policy in the wizard's picker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyOffer {
    pub id: PolicyId,
    pub policy: Policy,
    pub used_by: u64,
    /// On the chosen connection.
    pub outcome: Outcome,
}
