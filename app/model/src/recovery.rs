//! Something that can be restored.

use crate::{id::*, named::Named, time::Millis};
use serde::{Deserialize, Serialize};

/// A recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPoint {
    pub id: PointId,
    pub connection: ConnectionId,
    pub definition: Option<DefinitionId>,
    pub run: Option<RunId>,
    /// The upstream's name of it.
    pub name: String,
    pub state: PointState,
    /// When the state of the data was taken.
    pub taken: Option<Millis>,
    pub expires: Option<Millis>,
    pub location: Option<String>,
    pub namespaces: Vec<String>,
    pub items: Option<u64>,
    #[serde(default)]
    pub detail: PointDetail,
    pub observed: Millis,
    /// Somebody asked for its deletion: "asked by x", or why it failed.
    pub deletion: Option<Deletion>,
}

impl RecoveryPoint {
    /// What people call it.
    pub fn title(&self) -> &str {
        self.detail.title.as_deref().unwrap_or(&self.name)
    }
}

/// The parts of a point that not every system tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PointDetail {
    /// What people call it, where the upstream addresses it by something else.
    pub title: Option<String>,
    /// The cluster, app, workspace or instance that it is of.
    pub subject: Option<Named>,
    /// The cluster that it was taken from, where that is not the subject.
    pub cluster: Option<Named>,
    pub bytes: Option<u64>,
    /// Why it can't be deleted, when its upstream says so.
    pub kept_because: Option<String>,
    /// Why it can't be restored, when its upstream says so.
    pub not_restorable: Option<String>,
    /// The upstream's own message.
    pub message: Option<String>,
}

/// How much can be brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointState {
    Whole,
    /// Something is missing.
    Partial,
    /// The upstream is deleting it.
    Deleting,
    Unknown(String),
}

impl PointState {
    /// The word in the store and in filters.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Partial => "partial",
            Self::Deleting => "deleting",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The word that a person reads.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Whole => "Whole",
            Self::Partial => "Partial",
            Self::Deleting => "Deleting",
            Self::Unknown(_) => "Unknown",
        }
    }
}

/// A deletion under way or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub asked_by: String,
    pub at: Millis,
    /// The upstream's refusal, when it refused.
    pub error: Option<String>,
}
