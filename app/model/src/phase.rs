//! What state a run or a restore is in, in our words.

use serde::{Deserialize, Serialize};

/// A run's or a restore's state. A word that we don't know is kept and is never good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Accepted, not begun.
    Queued,
    /// Under way.
    Running,
    /// Finished whole.
    Succeeded,
    /// Finished; something is missing.
    Partial,
    /// Finished; nothing usable.
    Failed,
    /// Stopped on request.
    Cancelled,
    /// The upstream said a word that this version doesn't know.
    Unknown(String),
}

impl Phase {
    /// True when nothing more will happen by itself. An unknown word may still change.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Partial | Self::Failed | Self::Cancelled)
    }

    /// True only for a run that left a whole recovery point.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Succeeded)
    }

    /// The word in the store's `phase` column and in the filter's URL.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The word that a person reads; the raw word of an unknown state stands beside it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Partial => "Partial",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Unknown(_) => "Unknown",
        }
    }
}
