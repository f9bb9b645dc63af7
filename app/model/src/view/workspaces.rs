//! What the home page and the pages of workspaces read.

use super::{Need, RunRow};
use crate::{
    connection::ProviderKind,
    duration::Seconds,
    id::*,
    judgement::{Judgement, Uncovered},
    phase::Phase,
    request::Request,
    run::Progress,
    strip::Day,
    time::Millis,
    workspace::{LeftOut, WorkspaceDraft},
};
use serde::{Deserialize, Serialize};

/// The status page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Most exposed first.
    pub needs: Vec<Need>,
    /// Every workspace, most exposed first.
    pub workspaces: Vec<WorkspaceRow>,
    /// Definitions in no workspace.
    pub loose: u64,
    pub definitions: u64,
    pub running: Vec<RunRow>,
    pub connections: u64,
    pub silent: u64,
    /// In the demonstration: things to try.
    pub tour: Vec<Hint>,
}

/// A thing to try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    pub sentence: String,
    pub link: String,
    pub action: String,
}

/// A workspace in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceRow {
    pub id: WorkspaceId,
    pub name: String,
    /// "Velero · zrh-prod-1", "Palette · 4 clusters".
    pub of: String,
    pub judgement: Judgement,
    pub rpo: Seconds,
    /// Thirty days, the last one today.
    pub days: Vec<Day>,
    pub now: NowAndNext,
    /// Every connection behind it is silent.
    pub silent: bool,
}

/// What happens now, and what comes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NowAndNext {
    Running {
        progress: Option<Progress>,
        since: Option<Millis>,
    },
    Overdue {
        since: Millis,
    },
    Next {
        at: Millis,
        note: Option<String>,
    },
    /// Why nothing comes: "paused by ada", "switched off upstream", "by hand".
    Nothing(String),
    Silent {
        next_try: Option<Millis>,
    },
}

/// A workspace's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceView {
    pub row: WorkspaceRow,
    /// Where the upstream keeps it: the connection; `None`: ours, by rules.
    pub upstream: Option<(ConnectionId, String, ProviderKind)>,
    /// Its rules as they are typed; of an upstream's workspace only the RPO and what is left out can be changed.
    pub draft: WorkspaceDraft,
    pub version: i64,
    /// Cluster by namespace.
    pub matrix: Matrix,
    pub requests: Vec<Request>,
    /// The key of the next page of requests.
    pub older: Option<String>,
    pub definitions: Vec<super::DefinitionRow>,
    pub uncovered: Vec<Uncovered>,
    /// What is left out on purpose, with how many things each takes out now.
    pub left_out: Vec<(LeftOut, u32)>,
    /// When the lists of what is there were read; the oldest counts.
    pub places_at: Option<Millis>,
}

/// Newest good point by cluster and namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    /// Namespaces, or "whole" where the system knows none.
    pub columns: Vec<String>,
    pub rows: Vec<MatrixRow>,
}

/// A cluster, app or instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixRow {
    pub name: String,
    /// "Velero · zrh-prod-1", "unhealthy since 01:52".
    pub detail: String,
    pub cells: Vec<MatrixCell>,
    pub days: Vec<Day>,
}

/// One namespace of one cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatrixCell {
    /// The namespace is not on this cluster.
    NotThere,
    /// In no definition.
    Nothing,
    LeftOut(String),
    /// In a definition that has no good point yet.
    NoneYet {
        phase: Option<Phase>,
    },
    Good {
        at: Millis,
        over: Option<Seconds>,
        last: Option<Phase>,
    },
    /// Its system is silent: as last seen.
    Unknown {
        at: Option<Millis>,
    },
}

/// What the form of a workspace starts with, and what its rules take in now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceStart {
    pub draft: WorkspaceDraft,
    pub editing: Option<(WorkspaceId, i64)>,
    pub connections: Vec<(ConnectionId, String)>,
}

/// What the rules of a draft take in, rule by rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub errors: Vec<crate::invalid::FieldError>,
    /// For each rule: names, the first fifty, and how many in all.
    pub rules: Vec<(Vec<String>, u64)>,
    pub definitions: Vec<(DefinitionId, String)>,
}
