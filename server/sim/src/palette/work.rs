//! Requests for backups and restores, and the work on each of their clusters.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::config::{Config, Mode};
use super::options::{Options, Rollup};
use super::reader::Reader;
use super::refusal::Outcome;
use super::state::Owner;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actor {
    User,
    Schedule,
}

impl Actor {
    /// As it is shown; `user` is the uid of the key's owner.
    pub(super) fn show(self, user: &str) -> Value {
        match self {
            Self::User => json!({"actorType": "User", "uid": user}),
            Self::Schedule => json!({"actorType": "System", "uid": ""}),
        }
    }
}

pub(super) const PENDING: &str = "Pending";
pub(super) const IN_PROGRESS: &str = "InProgress";
pub(super) const COMPLETED: &str = "Completed";
pub(super) const PARTIALLY_FAILED: &str = "PartiallyFailed";
pub(super) const FAILED: &str = "Failed";
pub(super) const DELETING: &str = "Deleting";

/// How far the work on one cluster has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Until the cluster has time for it.
    Waiting,
    /// No end: it is stuck.
    Running {
        ends: Option<Timestamp>,
    },
    Done,
}

/// One request for a backup, by a person or a schedule.
#[derive(Debug, Clone)]
pub(super) struct Backup {
    pub(super) uid: String,
    pub(super) owner: Owner,
    pub(super) actor: Actor,
    pub(super) name: String,
    pub(super) config: Config,
    pub(super) requested: Timestamp,
    /// When the last cluster was done.
    pub(super) finished: Option<Timestamp>,
    pub(super) state: String,
    pub(super) delete_state: String,
    pub(super) parts: Vec<Part>,
}

/// A backup of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) cluster: String,
    pub(super) cluster_name: String,
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) stage: Stage,
    pub(super) state: String,
    pub(super) message: String,
    pub(super) delete_state: String,
    /// When its files go because somebody asked for it; unset with a `delete_state`: never.
    pub(super) erased: Option<Timestamp>,
    /// How the deletion ends.
    pub(super) deletion: Option<Fate>,
    pub(super) time: Option<Timestamp>,
    pub(super) expires: Option<Timestamp>,
    pub(super) namespaces: Vec<String>,
    /// What it will turn out as, drawn when it began.
    pub(super) fate: Fate,
}

/// How work ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fate {
    /// The last state word, or `stuck`.
    pub(super) word: String,
    pub(super) message: String,
}

impl Fate {
    pub(super) fn good() -> Self {
        Self { word: COMPLETED.to_owned(), message: String::new() }
    }
}

/// One request for a restore.
#[derive(Debug, Clone)]
pub(super) struct Restore {
    pub(super) uid: String,
    pub(super) backup: String,
    pub(super) backup_name: String,
    pub(super) requested: Timestamp,
    pub(super) finished: Option<Timestamp>,
    pub(super) state: String,
    pub(super) parts: Vec<RestorePart>,
}

/// A restore into one cluster.
#[derive(Debug, Clone)]
pub(super) struct RestorePart {
    pub(super) uid: String,
    pub(super) backup_name: String,
    pub(super) source: String,
    pub(super) cluster: String,
    pub(super) options: RestoreOptions,
    pub(super) stage: Stage,
    pub(super) state: String,
    pub(super) message: String,
    pub(super) time: Option<Timestamp>,
    pub(super) fate: Fate,
}

/// What of a backup is brought back, and how.
#[derive(Debug, Clone, Default)]
pub(super) struct RestoreOptions {
    pub(super) namespaces: Vec<String>,
    pub(super) mode: Mode,
    pub(super) node_ports: bool,
    pub(super) volumes: bool,
}

impl RestoreOptions {
    pub(super) fn read(reader: &Reader<'_>, options: &Options) -> Outcome<Self> {
        Ok(Self {
            namespaces: reader.texts("includeNamespaces")?,
            mode: Mode::read(reader, options)?,
            node_ports: reader.flag("preserveNodePorts")?.unwrap_or(false),
            volumes: reader.flag("restorePVs")?.unwrap_or(false),
        })
    }
}

pub(super) const STUCK: &str = "stuck";

/// A request's own state, from those of its clusters in order.
pub(super) fn roll_up(states: &[&str], style: Rollup) -> String {
    let any = |word: &str| states.contains(&word);
    let word = if states.is_empty() {
        FAILED
    } else if states.iter().all(|state| *state == PENDING) {
        PENDING
    } else if any(PENDING) || any(IN_PROGRESS) {
        IN_PROGRESS
    } else {
        let order = match style {
            Rollup::Optimistic => [COMPLETED, PARTIALLY_FAILED, FAILED],
            Rollup::Worst => [FAILED, PARTIALLY_FAILED, COMPLETED],
        };
        let odd = states.iter().find(|state| !order.contains(state)).copied();
        match style {
            Rollup::Worst => odd.or_else(|| order.into_iter().find(|word| any(word))),
            Rollup::Optimistic => order.into_iter().find(|word| any(word)).or(odd),
        }
        .unwrap_or(FAILED)
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_follows_its_clusters_in_either_style() {
        for (states, optimistic, worst) in [
            (&[COMPLETED, COMPLETED][..], COMPLETED, COMPLETED),
            (&[COMPLETED, FAILED], COMPLETED, FAILED),
            (&[PARTIALLY_FAILED, FAILED], PARTIALLY_FAILED, FAILED),
            (&[PENDING, PENDING], PENDING, PENDING),
            (&[COMPLETED, PENDING], IN_PROGRESS, IN_PROGRESS),
            (&["Archived", COMPLETED], COMPLETED, "Archived"),
            (&["Archived"], "Archived", "Archived"),
            (&[], FAILED, FAILED),
        ] {
            assert_eq!(roll_up(states, Rollup::Optimistic), optimistic, "{states:?}");
            assert_eq!(roll_up(states, Rollup::Worst), worst, "{states:?}");
        }
    }
}
