//! What is known within this process that the observer would see only at its next look: something was just begun, and where.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// So long the observer looks often after something was begun: it may take a moment to show.
const LIVELY: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
pub struct Wake {
    notify: Notify,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    until: Option<Instant>,
    apps: BTreeSet<String>,
}

impl Wake {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was begun or changed on this app.
    pub fn nudge(&self, app: &str) {
        {
            let mut state = self.state();
            state.until = Some(Instant::now() + LIVELY);
            state.apps.insert(app.to_owned());
        }
        self.notify.notify_one();
    }

    /// The apps that were named since the last time.
    pub fn apps(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.state().apps)
    }

    /// Whether something was begun lately.
    pub fn is_lively(&self) -> bool {
        self.state().until.is_some_and(|until| until > Instant::now())
    }

    /// Waits, at most so long, for something to be begun.
    pub async fn wait(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.notify.notified()).await;
    }
}
