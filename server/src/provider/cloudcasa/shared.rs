//! What the acts and the observer of one CloudCasa know of each other in this process. Nothing that must survive it: another node,
//! or a restart, sees what was begun a few seconds later, and tells its orders' jobs from others' less well.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};
use tokio::sync::Notify;

/// Orders that are remembered.
const ORDERS: usize = 256;

static ALL: LazyLock<Mutex<HashMap<String, Weak<Shared>>>> = LazyLock::new(Mutex::default);

#[derive(Debug, Default)]
pub struct Shared {
    /// A nudge from whoever begins something to whoever observes, so that what was begun is seen at once.
    pub bell: Arc<Notify>,
    /// Orders of runs with the jobs that were there before each was sent for the first time, oldest order first.
    sent: Mutex<VecDeque<(String, HashSet<String>)>>,
}

/// Of one organisation, named by address and a digest of the key. It is forgotten with its last holder.
pub fn of(organisation: &str) -> Arc<Shared> {
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(shared) = all.get(organisation).and_then(Weak::upgrade) {
        return shared;
    }
    all.retain(|_, shared| shared.strong_count() > 0);
    let shared = Arc::new(Shared::default());
    all.insert(organisation.to_owned(), Arc::downgrade(&shared));
    shared
}

impl Shared {
    /// The jobs that were there before this order was first sent; `None` when this process didn't send it.
    pub fn before(&self, order: &str) -> Option<HashSet<String>> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter().find(|(name, _)| name == order).map(|(_, jobs)| jobs.clone())
    }

    /// The order is being sent and these jobs are there. Sent again, it keeps the first ones: a job that came between may be its own.
    pub fn send(&self, order: &str, jobs: &HashSet<String>) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.iter().any(|(name, _)| name == order) {
            return;
        }
        if sent.len() >= ORDERS {
            sent.pop_front();
        }
        sent.push_back((order.to_owned(), jobs.clone()));
    }
}
