//! What the observer and the acts of one connection tell each other, for as long as this process lives. Nothing depends on it but
//! how soon something is seen, and how well a crash-free process tells its own doing from others'.

use super::generation::Generation;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
};
use tokio::sync::Notify;

/// Policies of our own that are remembered for each workspace.
const SENT: usize = 8;

#[derive(Debug, Default)]
pub struct Shared {
    generation: RwLock<Option<Generation>>,
    notes: Mutex<Notes>,
    /// Something was begun or changed.
    pub news: Notify,
}

#[derive(Debug, Default)]
struct Notes {
    /// Workspaces that the observer should look at soon.
    touched: HashSet<String>,
    /// Clusters that a request of ours was for, by run.
    asked: HashMap<String, Vec<String>>,
    /// Restores that orders of ours have got already, and which order.
    begun: HashMap<String, String>,
    /// What was sent as a workspace's policy and not seen there yet, newest last.
    sent: HashMap<String, Vec<Value>>,
}

impl Shared {
    pub fn generation(&self) -> Option<Generation> {
        *self.generation.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The new field anywhere says that it is known; its absence in one place doesn't say the reverse.
    pub fn learn(&self, shown: Option<Generation>) {
        let mut known = self.generation.write().unwrap_or_else(PoisonError::into_inner);
        if shown == Some(Generation::Mode) || known.is_none() {
            *known = shown.or(*known);
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was begun or changed in this workspace.
    pub fn touch(&self, workspace: &str) {
        self.notes().touched.insert(workspace.to_owned());
        self.news.notify_one();
    }

    /// The workspaces that were touched since the last call.
    pub fn take_touched(&self) -> HashSet<String> {
        std::mem::take(&mut self.notes().touched)
    }

    /// A run was begun for these clusters.
    pub fn ask(&self, run: String, clusters: Vec<String>) {
        self.notes().asked.insert(run, clusters);
    }

    /// The clusters that a run was begun for.
    pub fn asked(&self, run: &str) -> Option<Vec<String>> {
        self.notes().asked.get(run).cloned()
    }

    /// The order has got this restore; false when another one has.
    pub fn claim(&self, restore: &str, order: &str) -> bool {
        self.notes().begun.entry(restore.to_owned()).or_insert_with(|| order.to_owned()) == order
    }

    /// A policy is being written.
    pub fn send(&self, workspace: &str, config: &Value) {
        let mut notes = self.notes();
        let sent = notes.sent.entry(workspace.to_owned()).or_default();
        sent.push(config.clone());
        if sent.len() > SENT {
            sent.remove(0);
        }
    }

    /// It is there as it was sent last. What looks like an older one from now on is somebody's change.
    pub fn settle(&self, workspace: &str) {
        self.notes().sent.remove(workspace);
    }

    /// What this process sent as a workspace's policy without seeing what became of it.
    pub fn sent(&self, workspace: &str) -> Vec<Value> {
        self.notes().sent.get(workspace).cloned().unwrap_or_default()
    }
}
