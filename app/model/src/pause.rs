//! Who paused a definition, and when.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// That somebody paused a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub by: String,
    pub at: Millis,
    /// Somebody else paused it upstream, and `by` took that over.
    pub upstream: bool,
}

impl Pause {
    /// `paused by ada`.
    pub fn words(&self) -> String {
        if self.upstream {
            format!("paused upstream, taken over by {}", self.by)
        } else {
            format!("paused by {}", self.by)
        }
    }
}
