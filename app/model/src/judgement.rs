//! Protection of a workspace: judged from recovery points that exist, never from schedules.

mod gaps;
mod judge;
mod part;

use crate::{
    definition::Standing, duration::Seconds, id::DefinitionId, named::Named, pause::Pause, phase::Phase,
    protection::Protection, time::Millis,
};
pub use judge::{judge, judge_covered};
use serde::{Deserialize, Serialize};

/// What is known of one definition, or of its part on one cluster where it spans several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub definition: DefinitionId,
    pub name: String,
    /// The cluster that this is about, where the definition spans several.
    pub cluster: Option<Named>,
    /// When the newest whole recovery point that has not expired was taken. A point that its upstream calls ready but that holds
    /// nothing is none.
    pub newest_good: Option<Millis>,
    /// When that point expires; `None`: never, or not told.
    pub good_until: Option<Millis>,
    pub standing: Standing,
    pub paused: bool,
    /// Who did.
    #[serde(default)]
    pub paused_by: Option<Pause>,
    /// It has a schedule or follows a policy.
    pub scheduled: bool,
    /// The newest run that is over.
    pub last: Option<Ended>,
    /// Failed or partial runs in a row, counted from the newest. A run that its upstream calls good and that left no whole point
    /// counts too.
    pub bad_in_a_row: u32,
    /// A run under way: per cent where the system tells it.
    pub running: Option<Option<u8>>,
    /// It was due then and has not begun.
    pub overdue_since: Option<Millis>,
    pub next: Option<Millis>,
    /// Its connection is silent since then, and was last heard at the second moment.
    pub silent: Option<(Millis, Option<Millis>)>,
}

/// A run that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub phase: Phase,
    pub at: Millis,
    /// What is missing, in a few words: "1 of 9 volumes", the upstream's message.
    pub why: Option<String>,
    /// Its part on this cluster was left out, and why.
    pub skipped: Option<String>,
}

/// Something that ought to be protected and is in no definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncovered {
    pub connection_name: String,
    /// `None` where the system has no clusters.
    pub cluster: Option<String>,
    /// Namespace, app, upstream workspace or instance.
    pub name: String,
    pub since: Option<Millis>,
    /// Its connection is silent: it was there when that was last heard.
    #[serde(default)]
    pub silent: bool,
}

/// A place of a workspace with what takes it in, as indexes into the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// What takes some of it in.
    pub by: Vec<usize>,
    /// Of those, what takes all of it in, see [`crate::definition::Definition::takes_all`]: only their points stand in for others'.
    pub whole: Vec<usize>,
}

/// The verdict over a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    pub protection: Protection,
    /// Most exposed first; at least one sentence also when all is well ("3 of 3 definitions, newest point 2 h 12 min").
    pub reasons: Vec<Reason>,
    /// The newest good point of its worst part; `None`: a part has none. Parts are what definitions take in: what is in none stands
    /// among the reasons. Where some connections answer and others don't, those that answer count.
    pub newest_good: Option<Millis>,
    /// By how much the age is over the RPO.
    pub over: Option<Seconds>,
    /// It is judged as it was then: its connections are silent since.
    pub as_of: Option<Millis>,
}

/// Why a workspace is judged so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub protection: Protection,
    /// The definition, cluster or namespace that it is about; empty: the whole.
    pub subject: String,
    pub definition: Option<DefinitionId>,
    /// "failed twice since the last good point".
    pub sentence: String,
    pub since: Option<Millis>,
}
