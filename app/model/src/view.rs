//! What pages read: one type for each page or row. Ages are computed where they are shown, from `now`.

mod policies;
mod workspaces;

use crate::{
    account::{Me, User},
    capability::Capabilities,
    connection::{Connection, Health, ProviderKind},
    definition::{Definition, Standing, TimelineEntry},
    draft::DefinitionDraft,
    id::*,
    invalid::FieldError,
    pause::Pause,
    phase::Phase,
    policy::Follows,
    recovery::RecoveryPoint,
    restore::Restore,
    run::{Progress, Run},
    time::Millis,
};
pub use policies::*;
use serde::{Deserialize, Serialize};
pub use workspaces::*;

/// One page of a list. `next` and `previous` are opaque keys for the URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub next: Option<String>,
    pub previous: Option<String>,
    /// Rows that the filter lets through, over all pages.
    pub total: u64,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), next: None, previous: None, total: 0 }
    }
}

/// What every page's frame shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    pub me: Me,
    pub now: Millis,
    /// Things that need somebody.
    pub needs: u32,
    pub running: u32,
    pub connections: u32,
    pub silent: u32,
    /// The oldest "last heard" of the connections that answer.
    pub observed: Option<Millis>,
}

/// A row of the definitions list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionRow {
    pub id: DefinitionId,
    pub name: String,
    pub connection: ConnectionId,
    pub connection_name: String,
    pub kind: ProviderKind,
    /// `checkout, checkout-db`.
    pub scope: String,
    /// `Every day at 02:30`; `None`: by hand.
    pub schedule: Option<String>,
    pub zone: Option<String>,
    pub paused: bool,
    /// `None` also of one that was paused before this was kept.
    #[serde(default)]
    pub paused_by: Option<Pause>,
    pub standing: Standing,
    /// When it runs next, and why not when it doesn't.
    pub next_run: NextRun,
    pub last_run: Option<LastRun>,
    pub newest_good: Option<Millis>,
    pub health: Health,
    /// When its connection was last heard.
    pub last_seen: Option<Millis>,
    pub version: i64,
    /// The policy of our library that schedule and retention come from.
    #[serde(default)]
    pub follows: Option<Follows>,
}

/// The next run, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextRun {
    At(Millis),
    /// "paused", "by hand".
    None(String),
}

impl NextRun {
    /// Upstreams look at their schedules once a minute, and a queue may be in the way: a run that is later than this after its due
    /// time is overdue. Milliseconds.
    pub const OVERDUE_AFTER_MS: i64 = 10 * 60_000;

    /// Since when it is overdue, if it is.
    pub fn overdue_since(&self, now: Millis) -> Option<Millis> {
        match self {
            Self::At(due) => Some(*due).filter(|due| now.since(*due) > Self::OVERDUE_AFTER_MS),
            Self::None(_) => None,
        }
    }
}

/// A run in a definition's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    pub id: RunId,
    pub phase: Phase,
    /// False of a queued run that its upstream has not said a word of.
    pub picked_up: bool,
    pub at: Option<Millis>,
    pub progress: Option<Progress>,
}

/// Filters and order of the definitions list, as they stand in the URL. Empty strings filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DefinitionFilter {
    pub text: String,
    pub connection: String,
    /// `attention`, `paused`, `drifted`, `applying`, `failing`, `silent`.
    pub state: String,
    /// `name`, `-name`, `newest_good`, `-newest_good`, `last_run`, `-last_run`.
    pub sort: String,
    /// Key of the page, from [`Page::next`] or [`Page::previous`].
    pub page: String,
}

/// The definitions page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionList {
    pub page: Page<DefinitionRow>,
    pub all: u64,
    pub attention: u64,
    pub paused: u64,
    pub connections: Vec<(ConnectionId, String)>,
}

/// A definition's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionDetail {
    pub row: DefinitionRow,
    pub definition: Definition,
    pub capabilities: Capabilities,
    pub applied_version: i64,
    /// The upstream's name of it: `shop-nightly-7b1a9c`.
    pub upstream_name: String,
    pub updated_by: String,
    pub updated_at: Millis,
    pub next_runs: Vec<Millis>,
    pub runs: Vec<Run>,
    pub points: Vec<RecoveryPoint>,
    pub timeline: Vec<TimelineEntry>,
    /// Recovery points that deleting the definition leaves behind.
    pub points_left: u64,
}

/// What the wizard starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WizardStart {
    pub draft: DefinitionDraft,
    pub connections: Vec<WizardConnection>,
    /// The definition that is edited, and the version it was read at.
    pub editing: Option<(DefinitionId, i64)>,
    /// Zones that the server knows.
    pub zones: Vec<String>,
}

/// A connection that the wizard offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WizardConnection {
    pub id: ConnectionId,
    pub name: String,
    pub kind: ProviderKind,
    pub health: Health,
    pub capabilities: Capabilities,
}

/// What the review step shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// What is wrong with the draft; empty when it can be sent.
    pub errors: Vec<FieldError>,
    /// What would be sent, one for each object.
    pub requests: Vec<PreviewRequest>,
    /// The upstream's dry run; `None` when it was not tried.
    pub dry_run: Option<DryRun>,
    /// Sentences for "In words".
    pub sentences: Vec<String>,
    /// Things to know that don't stop anybody.
    pub notes: Vec<FieldError>,
    pub at: Option<Millis>,
    /// The id that a new definition is shown under: sent with the draft, it is created under the very name that was reviewed.
    #[serde(default)]
    pub reserved: String,
}

/// One request that would be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRequest {
    /// `Schedule shop-nightly-7b1a9c`.
    pub title: String,
    pub yaml: String,
    /// With a placeholder where the credential stands.
    pub curl: String,
}

/// How the upstream's dry run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRun {
    pub accepted: bool,
    /// Checked points, in words, with good or bad.
    pub points: Vec<(bool, String)>,
    /// What it can't see.
    pub unknowns: Vec<String>,
    pub took_ms: u64,
}

/// The next moments of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upcoming {
    pub words: String,
    /// The moments, with the local text in the schedule's zone and in the reader's.
    pub times: Vec<(Millis, String, String)>,
    /// Clock changes that touch it.
    pub warning: Option<String>,
    /// What is wrong with the cron text or the zone.
    pub error: Option<FieldError>,
}

/// How a resumed schedule behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// A run that came due while it was paused may fire at once.
    MayRunAtOnce,
    /// Wait for the next moment of the schedule.
    WaitForNext,
}

/// Filters of the runs list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFilter {
    pub text: String,
    pub connection: String,
    pub definition: String,
    /// `Phase::key`.
    pub phase: String,
    pub page: String,
}

/// A run's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    pub run: Run,
    pub definition_name: Option<String>,
    pub connection_name: String,
    pub health: Health,
    pub point: Option<RecoveryPoint>,
    /// Why "Cancel" is off.
    pub cancel_why_not: Option<String>,
    /// Why there is no log to read.
    pub logs_why_not: Option<String>,
    /// It was asked for, but is not yet upstream: the last error and when the next try is.
    pub waiting: Option<String>,
}

/// A row of the runs list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    pub run: Run,
    pub definition_name: Option<String>,
    pub connection_name: String,
    pub silent: bool,
}

/// Filters of the recovery points list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PointFilter {
    pub text: String,
    pub connection: String,
    pub definition: String,
    /// `PointState::key`.
    pub state: String,
    pub page: String,
}

/// A row of the recovery points list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointRow {
    pub point: RecoveryPoint,
    pub definition_name: Option<String>,
    pub connection_name: String,
    pub silent: bool,
}

/// A recovery point's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    pub point: RecoveryPoint,
    /// Why it can't be deleted.
    pub delete_why_not: Option<String>,
    pub definition_name: Option<String>,
    pub connection_name: String,
    pub health: Health,
}

/// What the restore page starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreStart {
    pub point: RecoveryPoint,
    pub connection_name: String,
    pub health: Health,
    pub capabilities: Capabilities,
    /// A newer whole point of the same definition, when this one isn't the newest or isn't whole.
    pub better: Option<RecoveryPoint>,
}

/// A restore's row and page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreView {
    pub restore: Restore,
    /// Why there is no log to read.
    pub logs_why_not: Option<String>,
    pub connection_name: String,
    pub health: Health,
}

/// A connection's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionDetail {
    pub connection: Connection,
    pub capabilities: Capabilities,
    pub locations: Vec<crate::location::Location>,
    pub definitions: Vec<(DefinitionId, String)>,
}

/// Something that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub kind: NeedKind,
    /// The definition's or connection's name.
    pub subject: String,
    pub what: String,
    pub detail: String,
    pub since: Option<Millis>,
    /// Where it is settled: a path of this console.
    pub link: String,
    pub action: String,
}

/// Why something is on the needs list, most exposed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// A definition that has no good recovery point.
    Unprotected,
    /// The newest run failed.
    Failed,
    /// The newest run is partial.
    Partial,
    /// The newest run ended in a word that Holdfast does not know.
    Unclear,
    /// The newest run was cancelled.
    Cancelled,
    /// The saved definition could not be applied.
    NotApplied,
    /// It was deleted, and its upstream does not let go of it: what is there may still run.
    NotRemoved,
    /// What is in force is refused by its upstream: nothing runs.
    Invalid,
    Drifted,
    Missing,
    /// A run was asked for, and its upstream does not take it up.
    NotPickedUp,
    /// A run was due and has not begun.
    Overdue,
    /// A connection is silent.
    Silent,
    /// A recovery point or restore could not be dealt with.
    Refused,
}

/// The users page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    pub users: Vec<User>,
    pub me: UserId,
}

/// A conflict when two people edit one definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditConflict {
    pub theirs: DefinitionDraft,
    pub version: i64,
    pub changed_by: String,
    pub changed_at: Millis,
}
