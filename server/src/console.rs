//! The console: what a signed-in person can ask for, implemented over the store and the providers.
//!
//! Three hops: a server function calls [`Console`] (through the port `app::backend`), which calls the store or a
//! provider. Each method authorises in its first line. What a person changes is one transaction with its audit row;
//! applying it upstream is the reconciler's work, never the request's.

mod accounts;
mod activity;
mod connections;
mod definitions;
mod frame;
mod log;
pub(crate) mod policies;
mod preview;
mod rows;
mod workspaces;

pub use frame::Tally;

use app::backend::{Caller, SignedIn};

use crate::{
    clock::Clock,
    error::{ConsoleError, answer},
    events::Events,
    provider::{Endpoint, ErrorKind, Provider, ProviderError, Registry},
    secret::Sealer,
    store::{AuditRow, ConnectionRow, Store, StoreErrorKind},
};
use model::{ConnectionId, Millis, view::Hint};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// What a console is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    pub store: Store,
    pub registry: Registry,
    pub sealer: Sealer,
    pub clock: Clock,
    pub events: Events,
    /// This process among several on one database; new at each start.
    pub node: String,
}

/// The console. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Console(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    /// Providers by connection, with the connection's version that they were made of.
    providers: Mutex<HashMap<ConnectionId, (i64, Arc<dyn Provider>)>>,
    /// Wakes the reconciler: something was saved.
    work: Notify,
    /// A policy was changed, or something that kept a definition from taking one over.
    rollout: AtomicBool,
    /// Wakes the observer: a connection was added, changed, removed or nudged.
    watch: Notify,
    /// What every page's frame and the status page are made of, as it was last put together.
    estate: tokio::sync::Mutex<Option<Arc<workspaces::estate::Estate>>>,
    /// Things to try, in the demonstration.
    tour: Mutex<Vec<Hint>>,
    results: activity::Kept,
}

impl Console {
    /// A console over these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            providers: Mutex::default(),
            work: Notify::new(),
            // What a former process had in hand is looked for at once.
            rollout: AtomicBool::new(true),
            watch: Notify::new(),
            estate: tokio::sync::Mutex::default(),
            tour: Mutex::default(),
            results: activity::Kept::default(),
        }))
    }

    /// Where everything is kept.
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// Makes providers.
    pub fn registry(&self) -> &Registry {
        &self.0.parts.registry
    }

    /// Seals credentials.
    pub fn sealer(&self) -> &Sealer {
        &self.0.parts.sealer
    }

    /// Tells the time.
    pub fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    /// The present moment.
    pub fn now(&self) -> Millis {
        self.0.parts.clock.now()
    }

    /// Says what changed to open pages.
    pub fn events(&self) -> &Events {
        &self.0.parts.events
    }

    /// This process among several on one database.
    pub fn node(&self) -> &str {
        &self.0.parts.node
    }

    /// Wakes the reconciler. Missing it costs a poll interval, nothing else.
    pub fn wake_reconciler(&self) {
        self.0.work.notify_one();
    }

    /// Wakes the reconciler to take changed policies further. Missing it costs [`crate::reconcile`]'s slower beat, nothing else.
    pub fn wake_rollout(&self) {
        self.0.rollout.store(true, Ordering::Release);
        self.wake_reconciler();
    }

    /// Whether somebody called [`Self::wake_rollout`] since the last answer.
    pub(crate) fn rollout_is_due(&self) -> bool {
        self.0.rollout.swap(false, Ordering::AcqRel)
    }

    /// Wakes the observer.
    pub fn wake_observer(&self) {
        self.0.watch.notify_one();
    }

    pub(crate) fn work(&self) -> &Notify {
        &self.0.work
    }

    pub(crate) fn watch(&self) -> &Notify {
        &self.0.watch
    }

    /// The provider of a stored connection; made anew when the connection was changed. It makes no upstream call.
    pub async fn provider(&self, id: &ConnectionId) -> Result<Arc<dyn Provider>, ConsoleError> {
        let row = self.stored_connection(id).await?;
        let cached = |held: &HashMap<ConnectionId, (i64, Arc<dyn Provider>)>| {
            held.get(id).filter(|(version, _)| *version == row.version).map(|(_, provider)| provider.clone())
        };
        let known = cached(&lock(&self.0.providers));
        let provider = match known {
            Some(provider) => provider,
            None => {
                let provider = self.registry().provider(&self.endpoint(&row)?)?;
                lock(&self.0.providers).insert(id.clone(), (row.version, provider.clone()));
                provider
            }
        };
        // Each time: another node may be the one that observes it.
        if let Some(version) = &row.upstream_version {
            provider.remember_version(version);
        }
        Ok(provider)
    }

    /// What a stored connection needs to reach its upstream, its credential unsealed.
    pub(crate) fn endpoint(&self, row: &ConnectionRow) -> Result<Endpoint, ConsoleError> {
        let secret = self.sealer().open(&row.secret, row.id.as_str())?;
        Ok(Endpoint {
            kind: row.kind,
            settings: row.settings.clone(),
            secret: serde_json::from_slice(&secret).map_err(|e| ConsoleError::bug("stored credential", e))?,
        })
    }

    fn results(&self) -> &activity::Kept {
        &self.0.results
    }

    fn forget_provider(&self, id: &ConnectionId) {
        lock(&self.0.providers).remove(id);
    }

    async fn stored_connection(&self, id: &ConnectionId) -> Result<ConnectionRow, ConsoleError> {
        self.store().connection(id).await.map_err(|error| match error.kind {
            StoreErrorKind::NotFound => ConsoleError::NoSuch("connection"),
            _ => error.into(),
        })
    }
}

/// A poisoned lock holds a cache that is still whole: every change to it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An audit row of what this person does in this request.
fn audit(
    caller: &Caller,
    who: &SignedIn,
    action: &str,
    subject: impl Into<String>,
    detail: impl Into<String>,
) -> AuditRow {
    AuditRow {
        actor: who.name.clone(),
        address: caller.address.clone(),
        action: action.into(),
        subject: subject.into(),
        detail: detail.into(),
    }
}

/// `20261029023000`, in UTC: the end of names that the upstream gets.
fn stamp(at: Millis) -> String {
    at.rfc3339().chars().filter(char::is_ascii_digit).collect()
}

/// An upstream call that a person waits for: no longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// The call's answer, or that none came in time.
async fn in_time<T>(operation: &str, call: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    tokio::time::timeout(PATIENCE, call).await.unwrap_or_else(|_| {
        let sentence = format!("No answer within {} s.", PATIENCE.as_secs());
        Err(ProviderError::new(ErrorKind::Unreachable, operation, sentence)
            .remedy("Try again, or look at its connection."))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_carry_the_second() {
        assert_eq!(super::stamp(model::Millis(1_793_259_699_123)), "20261029074139");
    }
}
