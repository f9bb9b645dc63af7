//! One attempt to make a recovery point, as its upstream tells it. What it doesn't tell is absent, not zero.

use crate::{id::*, phase::Phase, time::Millis};
use serde::{Deserialize, Serialize};

/// A run in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub connection: ConnectionId,
    pub definition: Option<DefinitionId>,
    /// The upstream's name of it.
    pub name: String,
    pub phase: Phase,
    /// The upstream's own word, empty when it said none.
    pub raw_phase: String,
    pub trigger: Trigger,
    pub created: Option<Millis>,
    pub started: Option<Millis>,
    pub ended: Option<Millis>,
    pub detail: RunDetail,
    pub observed: Millis,
    /// True when the upstream no longer has it.
    pub gone: bool,
}

impl Run {
    /// What people call it.
    pub fn title(&self) -> &str {
        self.detail.title.as_deref().unwrap_or(&self.name)
    }
}

/// The parts of a run that lists don't need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunDetail {
    /// What people call it, where the upstream addresses it by something else.
    pub title: Option<String>,
    pub expires: Option<Millis>,
    pub items: Option<Progress>,
    pub bytes: Option<Progress>,
    pub warnings: Option<u64>,
    pub errors: Option<u64>,
    /// The upstream's reason of failure.
    pub message: Option<String>,
    pub validation_errors: Vec<String>,
    pub steps: Vec<RunStep>,
    pub volumes: Vec<VolumeRow>,
    /// What became of it on each cluster, where one run spans several.
    pub clusters: Vec<ClusterPart>,
    pub location: Option<String>,
    pub namespaces: Vec<String>,
    /// "queued behind 2 others".
    pub note: Option<String>,
    /// Name and value of further facts, such as the source cluster's version.
    pub facts: Vec<(String, String)>,
}

/// So much of so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u64,
    /// `None` when the upstream doesn't know yet.
    pub total: Option<u64>,
}

impl Progress {
    /// Whole per cent, at most 100; `None` without a total.
    pub fn percent(&self) -> Option<u8> {
        let total = self.total.filter(|t| *t > 0)?;
        u8::try_from((u128::from(self.done.min(total)) * 100) / u128::from(total)).ok()
    }
}

/// Who began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Schedule,
    /// Through Holdfast, by this account.
    Person(String),
    /// Outside Holdfast; the upstream doesn't say by whom.
    Elsewhere,
}

impl Trigger {
    /// `schedule`, `platform-admin`, `outside Holdfast`.
    pub fn words(&self) -> &str {
        match self {
            Self::Schedule => "schedule",
            Self::Person(name) => name,
            Self::Elsewhere => "outside Holdfast",
        }
    }
}

/// A stretch of a run: queued, collected, uploaded, finalised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    /// "Collecting 2 of 14 objects" while it runs, "Collected 4,218 of 4,221 objects" afterwards.
    pub title: String,
    pub phase: Phase,
    pub began: Option<Millis>,
    pub ended: Option<Millis>,
}

/// A run's part on one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterPart {
    pub cluster: crate::named::Named,
    pub phase: Phase,
    /// The upstream's own word, empty when it said none.
    pub raw_phase: String,
    pub message: Option<String>,
    pub expires: Option<Millis>,
    pub namespaces: Vec<String>,
    /// Why it was left out, when it was: it is then no failure of the cluster, and no success either.
    pub skipped: Option<String>,
}

/// One volume of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeRow {
    /// `payments-db/pg-ledger-2`.
    pub name: String,
    /// "CSI snapshot, moved", "File by file, kopia".
    pub method: String,
    pub phase: Phase,
    pub raw_phase: String,
    pub bytes: Option<Progress>,
    pub began: Option<Millis>,
    pub ended: Option<Millis>,
    pub message: Option<String>,
}

/// Warnings and errors of a finished run, as the upstream sorted them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    pub errors: Vec<ResultLine>,
    pub warnings: Vec<ResultLine>,
    /// Volumes that only the finished backup's own record tells: snapshots that stay in the storage system.
    #[serde(default)]
    pub volumes: Vec<VolumeRow>,
    /// Why there are none to show, when they could not be had.
    pub unavailable: Option<String>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultLine {
    /// "namespace payments", "the cluster", "Velero".
    pub place: String,
    pub text: String,
}

/// A part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    pub lines: Vec<LogLine>,
    /// Lines in the whole log that was read.
    pub total: u64,
    /// Lines that the filter lets through, of which `lines` may be the last ones only.
    pub matching: u64,
    /// True when the log was longer than the size limit and the rest was not read.
    pub cut: bool,
    /// Why there is none, when it could not be had.
    pub unavailable: Option<String>,
}

/// One line, taken apart where its form is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub number: u64,
    /// `02:31:20`, as the log writes it; empty when it doesn't.
    pub time: String,
    /// `error`, `warning`, `info`, or empty.
    pub level: String,
    pub text: String,
    /// The remaining `key=value` pairs.
    pub rest: String,
}
