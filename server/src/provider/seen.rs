//! What an observer tells: objects as they are seen upstream, in our words.

#[cfg(doc)]
use super::{Applied, Ask};
use model::{
    Millis, Phase,
    location::Location,
    recovery::{PointDetail, PointState},
    run::{RunDetail, Trigger},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Something seen upstream. The observer stores them in batches.
#[derive(Clone, Debug)]
pub enum Observed {
    /// A full list of one sort begins; what is not repeated before [`Observed::ListEnds`] is gone.
    ListBegins(Sort),
    ListEnds(Sort),
    Run(Box<RunSeen>),
    Point(Box<PointSeen>),
    Restore(Box<RestoreSeen>),
    /// A schedule (or what the upstream has for it) that carries one of our ids, or once did.
    Declared(Box<DeclaredSeen>),
    Location(Box<Location>),
    /// A deletion of a recovery point that the upstream refused, or `None` when it is on its way.
    DeletionRefused {
        point: String,
        reason: String,
    },
    /// An object is gone, by its upstream name.
    Gone(Sort, String),
    /// Dropped when everything that was told before is taken in: a provider that waits for it after [`Observed::ListBegins`] and
    /// asks only then gets a list that is certainly younger than what it is compared with.
    TakenIn(tokio::sync::mpsc::Sender<()>),
    /// Heard of the upstream without anything new (bookmark, empty poll), with the time that it took.
    Alive {
        latency: Option<Duration>,
        version: Option<String>,
        platform: Option<String>,
    },
}

/// Sorts of upstream objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    Run,
    Point,
    Restore,
    Declared,
    Location,
}

/// A run as seen upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSeen {
    /// Unique within the connection; the upstream's name or id. People read [`RunDetail::title`] instead, where there is one.
    pub name: String,
    /// The name that it was ordered by ([`Ask::name`]), when the upstream shows it somewhere and addresses it by another.
    pub order: Option<String>,
    /// Our id, read from the label of the object or of its schedule, when there is one.
    pub definition: Option<String>,
    /// The upstream's schedule name, when it has one: finds the definition where no label does.
    pub declared: Option<String>,
    pub phase: Phase,
    /// Empty while the upstream has not said a word of it.
    pub raw_phase: String,
    pub trigger: Trigger,
    pub created: Option<Millis>,
    pub started: Option<Millis>,
    pub ended: Option<Millis>,
    pub detail: RunDetail,
}

/// A recovery point as seen upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointSeen {
    pub name: String,
    /// The run that made it, by upstream name.
    pub run: Option<String>,
    pub definition: Option<String>,
    pub declared: Option<String>,
    pub state: PointState,
    pub taken: Option<Millis>,
    pub expires: Option<Millis>,
    pub location: Option<String>,
    pub namespaces: Vec<String>,
    pub items: Option<u64>,
    pub detail: PointDetail,
}

/// A restore as seen upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreSeen {
    pub name: String,
    /// As [`RunSeen::order`].
    pub order: Option<String>,
    pub point: String,
    pub phase: Phase,
    pub raw_phase: String,
    pub created: Option<Millis>,
    pub started: Option<Millis>,
    pub ended: Option<Millis>,
    pub mapping: Vec<(String, String)>,
    pub detail: RunDetail,
}

/// An upstream object that declares protection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredSeen {
    pub name: String,
    /// Our id from its label.
    pub definition: Option<String>,
    /// The part that we compare, in the form of [`Applied::written`].
    pub seen: serde_json::Value,
    /// Which state this is, where the upstream counts them.
    #[serde(default)]
    pub revision: Option<Revision>,
    /// Upstream says the schedule can't run, and why.
    pub invalid: Vec<String>,
    /// What the upstream counts the next run from, where a run that came due meanwhile is begun late (Velero). `None`: the
    /// moments of its schedule alone count, and one that passed is missed.
    #[serde(default)]
    pub counted_from: Option<Millis>,
    /// The same of the definition's further schedules, in their order, where the upstream tells them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted_further: Vec<Option<Millis>>,
    pub paused: bool,
}

/// Which state of an upstream object: tells an older observation from a newer one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The upstream's identity of the object: one that was deleted and made again is another.
    pub object: String,
    /// Rises with every change of the object.
    pub number: i64,
}

impl Revision {
    /// Whether this is certainly a state before `other`. Of two objects nobody can say so.
    pub fn is_before(&self, other: &Self) -> bool {
        self.object == other.object && self.number < other.number
    }
}
