//! The days of a workspace: what became of each.

mod days;
mod words;

use crate::time::Millis;
pub use days::{RunOnDay, merge, strip};
use serde::{Deserialize, Serialize};
pub use words::{spoken, summary};

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Its beginning, in the reader's zone.
    pub begins: Millis,
    pub mark: DayMark,
    /// Runs of that day, and how many of them were good.
    pub runs: u32,
    pub good: u32,
}

/// What became of a day. The worst run of the day wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayMark {
    /// Nothing was due and nothing ran.
    Nothing,
    Good,
    /// Something runs.
    Running,
    /// A run is due today, late, and not begun.
    Overdue,
    /// The upstream's word is not known: neither good nor bad.
    Unknown,
    Partial,
    /// It was due and did not run.
    Missed,
    Failed,
}
