//! What a connection's provider remembers while the process lives: the version that it was told, what it has just begun, and which
//! new instance an old Waldur, which names none, made for which restore.

use super::generation::Version;
use model::Millis;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError, RwLock},
};
use tokio::sync::Notify;

/// Deletions that are remembered.
const DELETIONS_MAX: usize = 1_000;
/// Restores of an old Waldur that are remembered; the oldest one is forgotten first.
const RESTORES_MAX: usize = 200;

/// A restore that was begun here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The name that it was ordered by.
    pub order: String,
    /// The backup, by identifier.
    pub point: String,
    /// The new instance's name.
    pub name: String,
    /// Its identifier, as soon as it was seen.
    pub instance: Option<String>,
    pub asked: Millis,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Memory {
    version: RwLock<Option<Version>>,
    restores: Mutex<Vec<Followed>>,
    /// Backups whose deletion was asked for, by identifier: one that fails at once is never seen at it.
    deletions: Mutex<HashSet<String>>,
    /// Something was begun: the observer looks at once.
    pub begun: Notify,
}

impl Memory {
    pub fn version(&self) -> Option<Version> {
        self.version.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn learn(&self, version: Version) {
        *self.version.write().unwrap_or_else(PoisonError::into_inner) = Some(version);
    }

    /// Remembers a restore; one that is known by its order takes what is newer.
    pub fn follow(&self, restore: Followed) {
        let mut all = self.restores.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| other.order != restore.order);
        if all.len() >= RESTORES_MAX {
            all.remove(0);
        }
        all.push(restore);
    }

    /// A backup is on its way out.
    pub fn deleting(&self, backup: &str) {
        let mut all = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < DELETIONS_MAX {
            all.insert(backup.to_owned());
        }
    }

    /// Forgets the deletions of backups that are gone.
    pub fn still_there(&self, backups: &HashSet<String>) {
        let mut all = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|backup| backups.contains(backup));
    }

    /// Whether a backup's deletion was asked for; asked once, it is forgotten.
    pub fn was_deleting(&self, backup: &str) -> bool {
        self.deletions.lock().unwrap_or_else(PoisonError::into_inner).remove(backup)
    }

    pub fn followed(&self) -> Vec<Followed> {
        self.restores.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
