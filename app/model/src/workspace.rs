//! A workspace: what one team watches as a whole. Ours by rules; Palette's own as they are.

mod parse;
mod place;

use crate::{duration::Seconds, duration::Unit, id::ConnectionId};
pub use parse::{RULES_MAX, parse};
pub use place::Place;
use serde::{Deserialize, Serialize};

/// A workspace by rules, valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub name: String,
    /// How old the newest good recovery point may become. Never zero.
    pub rpo: Seconds,
    /// At least one; what one of them takes in belongs to it.
    pub rules: Vec<Rule>,
    /// What is left out on purpose.
    pub left_out: Vec<LeftOut>,
}

/// What a workspace takes in. Every part narrows; an empty one takes all. Patterns are globs: `*` any text, `?` one character.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    pub connection: Option<ConnectionId>,
    /// Clusters by name. On a system without clusters of its own (Velero) the connection's name is its cluster.
    pub clusters: Vec<String>,
    /// Namespaces by name.
    pub namespaces: Vec<String>,
    /// Apps, upstream workspaces and instances by name.
    pub subjects: Vec<String>,
}

/// Something that is left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Glob over namespaces or subjects.
    pub pattern: String,
    /// "rebuilt from Git, no state".
    pub reason: String,
    pub by: String,
}

/// A workspace as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspaceDraft {
    pub name: String,
    pub rpo: String,
    pub rpo_unit: Unit,
    pub rules: Vec<RuleDraft>,
    pub left_out: Vec<LeftOutDraft>,
}

/// One rule as it is typed: lists are separated by commas or blanks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleDraft {
    /// Empty: any.
    pub connection: String,
    pub clusters: String,
    pub namespaces: String,
    pub subjects: String,
}

/// One exception as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftOutDraft {
    pub pattern: String,
    pub reason: String,
}
