//! What an administrator wants protected, valid.

use crate::{cron, duration::Seconds, id::*, named::Named, scope::Scope, tier::Tier, time::Millis};
use serde::{Deserialize, Serialize};

/// The desired protection of a scope: what the reconciler applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    pub name: String,
    pub connection: ConnectionId,
    pub scope: Scope,
    /// `None`: the upstream's default.
    pub location: Option<String>,
    pub volumes: Volumes,
    pub retention: Retention,
    /// `None`: a single backup now, later ones by hand; or as [`Self::policy`] says.
    pub schedule: Option<Schedule>,
    /// Further rhythms beside the schedule, each with its own retention, where the upstream keeps several for one definition.
    #[serde(default)]
    pub further: Vec<Tier>,
    /// The upstream's own policy that it follows, instead of a schedule and a retention of its own.
    #[serde(default)]
    pub policy: Option<Named>,
    pub paused: bool,
}

impl Definition {
    /// Whether something stays upstream that starts runs: a schedule or a policy. Else it is a single backup.
    pub fn is_scheduled(&self) -> bool {
        self.schedule.is_some() || self.policy.is_some()
    }

    /// Whether it takes all of what its namespaces hold: not narrowed by labels or kinds, and with the volumes.
    pub fn takes_all(&self) -> bool {
        let Scope { selectors, resources, except_resources, .. } = &self.scope;
        selectors.is_empty() && resources.is_empty() && except_resources.is_empty() && self.volumes != Volumes::None
    }

    /// `Every day at 02:30`, `Every day at 02:30 and 2 more`, `policy gold`; `None`: by hand.
    pub fn rhythm(&self) -> Option<String> {
        if let Some(policy) = &self.policy {
            return Some(format!("policy {}", policy.name));
        }
        let words = self.schedule.as_ref()?.words();
        Some(match self.further.len() {
            0 => words,
            n => format!("{words} and {n} more"),
        })
    }
}

/// When it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Five fields or a descriptor, without a zone prefix.
    pub cron: String,
    /// IANA name; `None`: the upstream's own zone, for Velero normally UTC.
    pub zone: Option<String>,
}

impl Schedule {
    /// `Every day at 02:30`.
    pub fn words(&self) -> String {
        cron::words(&self.cron)
    }

    /// The zone's name, or what its absence means.
    pub fn zone_words(&self) -> &str {
        self.zone.as_deref().unwrap_or("the system's zone, normally UTC")
    }
}

/// How long recovery points are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// `None`: the upstream's default.
    pub keep_for: Option<Seconds>,
    /// At most so many; older ones go first.
    pub keep_last: Option<u32>,
    /// So many stay whatever their age.
    #[serde(default)]
    pub keep_at_least: Option<u32>,
    /// So many snapshots stay beside the copies, where the upstream counts them apart.
    #[serde(default)]
    pub keep_snapshots: Option<u32>,
}

/// How volumes are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volumes {
    /// As the upstream is set up.
    #[default]
    Upstream,
    /// Snapshots that stay in the storage system.
    Snapshot,
    /// Snapshots whose data is copied to the location.
    SnapshotMoved,
    /// File by file, by pods' mounts.
    Files,
    /// Not at all: objects only.
    None,
}

impl Volumes {
    /// In the order of the choices.
    pub const ALL: [Self; 5] = [Self::Upstream, Self::SnapshotMoved, Self::Snapshot, Self::Files, Self::None];

    /// The value in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Snapshot => "snapshot",
            Self::SnapshotMoved => "snapshot_moved",
            Self::Files => "files",
            Self::None => "none",
        }
    }

    /// The reverse of [`Self::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.key() == key)
    }

    /// The choice in the table of capabilities.
    pub fn row(self) -> &'static str {
        match self {
            Self::Upstream => "Volumes as the system is set up",
            Self::Snapshot => "Volumes by snapshots alone",
            Self::SnapshotMoved => "Volumes by snapshots, copied",
            Self::Files => "Volumes file by file",
            Self::None => "No volumes",
        }
    }

    /// The choice in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Upstream => "As the system is set up",
            Self::Snapshot => "Snapshots, left in the storage system",
            Self::SnapshotMoved => "Snapshots, copied to the location",
            Self::Files => "File by file",
            Self::None => "Not at all, objects only",
        }
    }
}

/// How a stored definition stands towards its upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// What is saved is in force.
    Applied,
    /// Saved; the reconciler is on its way.
    Applying,
    /// The last attempt failed.
    Failing { reason: String, attempts: u32, next_try: Option<Millis> },
    /// It is there, and its upstream refuses to run it. `drift`: what somebody changed besides.
    Invalid { reasons: Vec<String>, drift: Vec<Drift> },
    /// Somebody changed it upstream.
    Drifted { fields: Vec<Drift> },
    /// The upstream's object is gone.
    Missing,
    /// Being deleted.
    Removing { stuck: Option<Stuck> },
}

/// Why a deletion does not get on: its upstream refuses it, or can't be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// Of the last attempt, with the remedy.
    pub reason: String,
    pub attempts: u32,
    pub next_try: Option<Millis>,
}

impl Standing {
    /// Whether it is being deleted, however that goes on.
    pub fn is_removing(&self) -> bool {
        matches!(self, Self::Removing { .. })
    }

    /// Whether somebody, or the upstream itself, switched its schedule off there.
    pub fn is_off_upstream(&self) -> bool {
        match self {
            Self::Drifted { fields } | Self::Invalid { drift: fields, .. } => fields.iter().any(Drift::stops_runs),
            _ => false,
        }
    }

    /// The word in filters.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Applying => "applying",
            Self::Failing { .. } => "failing",
            Self::Invalid { .. } => "invalid",
            Self::Drifted { .. } => "drifted",
            Self::Missing => "missing",
            Self::Removing { .. } => "removing",
        }
    }
}

/// One field that differs upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The upstream's own path: `spec.template.ttl`.
    pub field: String,
    /// What Holdfast saved, as text; `None`: it sets nothing there.
    pub ours: Option<String>,
    /// What the upstream has; `None`: nothing.
    pub theirs: Option<String>,
    /// False when Holdfast can't express it, so that "adopt" would lose it; the sentence says why.
    pub not_adoptable: Option<String>,
}

impl Drift {
    /// Whether what stands upstream keeps runs from beginning: Velero's and CloudCasa's pause, Waldur's and Astra's switch, Palette's
    /// emptied cron.
    pub fn stops_runs(&self) -> bool {
        let theirs = self.theirs.as_deref().map(|text| text.trim().trim_matches('"'));
        match self.field.rsplit('.').next().unwrap_or_default() {
            "paused" | "pause" => theirs == Some("true"),
            "is_active" | "enabled" => theirs == Some("false"),
            "schedule" | "scheduledRunTime" | "scheduledruntime" => theirs.is_none_or(str::is_empty),
            _ => false,
        }
    }
}

/// One line of a definition's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    pub at: Millis,
    /// `saved`, `applied`, `failed`, `paused`, `resumed`, `run`, `drifted`, `reapplied`, `adopted`, `deleted`.
    pub kind: String,
    pub sentence: String,
    /// Who; `None` for Holdfast itself.
    pub actor: Option<String>,
}
