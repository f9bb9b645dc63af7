//! What a Waldur knows, in one form for all generations; `show` writes it in each one's own words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::cron;

/// Sizes are MiB throughout, as upstream.
pub(crate) const GIB: u64 = 1024;

/// State of a backup or an instance. G2 has other words and fewer of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    CreationScheduled,
    /// G2: Backing up.
    Creating,
    UpdateScheduled,
    /// G2: Restoring.
    Updating,
    DeletionScheduled,
    Deleting,
    /// G2: Ready.
    Ok,
    Erred,
}

impl State {
    pub(crate) const ALL: [Self; 8] = [
        Self::CreationScheduled,
        Self::Creating,
        Self::UpdateScheduled,
        Self::Updating,
        Self::DeletionScheduled,
        Self::Deleting,
        Self::Ok,
        Self::Erred,
    ];
}

/// How a piece of work ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    Good,
    /// OpenStack said no.
    Refused,
    /// The storage quota is too small.
    Quota,
    /// An exception that nobody caught.
    Erred,
    /// It never ends.
    Stuck,
}

/// A piece of work whose end a test can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    Backup,
    Delete,
    Restore,
}

/// An end that was chosen for the next runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    #[serde(rename = "next")]
    pub(crate) fate: Fate,
    #[serde(default = "Plan::usual_task")]
    pub(crate) on: Task,
    /// Name or identifier; unset: any.
    #[serde(default)]
    pub(crate) instance: Option<String>,
    /// Unset: once; 0: for ever.
    #[serde(default = "Plan::once")]
    pub(crate) times: u32,
}

impl Plan {
    fn usual_task() -> Task {
        Task::Backup
    }

    fn once() -> u32 {
        1
    }
}

/// A project with its one OpenStack tenant.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) tenant: String,
    pub(crate) storage_quota: u64,
    /// Snapshots that a failed deletion left behind.
    pub(crate) leaked: u64,
    /// The caller has no role in it.
    pub(crate) hidden: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Flavor {
    pub(crate) uuid: String,
    pub(crate) name: &'static str,
    pub(crate) cores: u64,
    pub(crate) ram: u64,
    pub(crate) disk: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) uuid: String,
    pub(crate) name: &'static str,
    pub(crate) min_disk: u64,
    pub(crate) min_ram: u64,
}

/// A subnet, security group or floating IP: what a restore of the newer generations is given.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) uuid: String,
    pub(crate) project: String,
    /// Of a floating IP its address.
    pub(crate) name: String,
    pub(crate) detail: String,
    /// A floating IP that an instance uses.
    pub(crate) used_by: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Volume {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) bootable: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) project: String,
    pub(crate) state: State,
    /// ACTIVE or SHUTOFF.
    pub(crate) runtime: &'static str,
    pub(crate) flavor: String,
    pub(crate) image: &'static str,
    pub(crate) volumes: Vec<Volume>,
    pub(crate) subnets: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) error: String,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) due: Option<Timestamp>,
    pub(crate) fate: Fate,
    /// Fields that a test wrote over what would be shown.
    pub(crate) extra: Map<String, Value>,
}

impl Instance {
    pub(crate) fn size(&self) -> u64 {
        self.volumes.iter().map(|volume| volume.size).sum()
    }

    pub(crate) fn system_volume(&self) -> Option<&Volume> {
        self.volumes.iter().find(|volume| volume.bootable)
    }

    pub(crate) fn data_volume(&self) -> Option<&Volume> {
        self.volumes.iter().find(|volume| !volume.bootable)
    }
}

/// One restoration of a backup, which the newer generations list with it.
#[derive(Debug, Clone)]
pub(crate) struct Restoration {
    pub(crate) uuid: String,
    pub(crate) instance: String,
    pub(crate) name: String,
    pub(crate) flavor: String,
    pub(crate) created: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct Backup {
    pub(crate) uuid: String,
    /// G2 has no names.
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) instance: String,
    pub(crate) schedule: Option<String>,
    pub(crate) state: State,
    pub(crate) kept_until: Option<Timestamp>,
    pub(crate) metadata: Map<String, Value>,
    /// What its snapshots take of the quota.
    pub(crate) stored: u64,
    pub(crate) error: String,
    pub(crate) restorations: Vec<Restoration>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// When the next step of its work is made; nothing while it rests or is stuck.
    pub(crate) due: Option<Timestamp>,
    pub(crate) fate: Fate,
    pub(crate) extra: Map<String, Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) instance: String,
    /// 0: kept for ever.
    pub(crate) retention_days: u32,
    /// G2: 0 keeps none; later: 0 is no limit.
    pub(crate) maximum: u32,
    pub(crate) expression: String,
    pub(crate) timezone: String,
    pub(crate) active: bool,
    pub(crate) next_trigger: Option<Timestamp>,
    /// Runs so far: the number in a backup's name.
    pub(crate) calls: u32,
    pub(crate) error: String,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) extra: Map<String, Value>,
}

impl Schedule {
    /// Counts the next firing from `now`.
    pub(crate) fn recompute(&mut self, now: Timestamp) {
        let zone = TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC);
        self.next_trigger = cron::parse(&self.expression).ok().and_then(|cron| cron.next(now, &zone));
    }
}
