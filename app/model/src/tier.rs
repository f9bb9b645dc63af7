//! One rhythm with its own retention. A definition has a first one of its own fields, and may have further ones.

use crate::definition::{Retention, Schedule};
use serde::{Deserialize, Serialize};

/// When, and how long what is then made is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    pub schedule: Schedule,
    pub retention: Retention,
}
