//! Watches every connection: one task for each, under a lease, so that of several nodes one observes it.
//!
//! What is seen is stored in batches and told to open pages. A failure makes only its own connection silent, with the
//! reason and the next try; the others go on. The observer never writes upstream. Beside what happens it reads now and then what is
//! there to be protected.

pub(crate) mod declared;
mod intake;
mod places;
mod pulse;

use crate::{
    console::Console,
    error::ConsoleError,
    provider::{ErrorKind, Observed, ProviderError},
    reconcile::backoff,
    store::{ConnectionRow, StoreError, StoreErrorKind},
};
use intake::Intake;
use model::ConnectionId;
use pulse::Pulse;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// So long a node holds a connection without renewing.
const LEASE_MS: i64 = 15_000;
/// A third of the lease.
const RENEW: Duration = Duration::from_secs(5);
/// How often the connections are read: for those that another node added, changed, removed or nudged.
const POLL: Duration = Duration::from_secs(1);
/// A batch is stored when it is this large or this old.
const BATCH: usize = 200;
const BATCH_AGE: Duration = Duration::from_millis(100);
/// Seen and not yet stored; a faster upstream waits.
const PENDING: usize = 1_000;
/// When the store can't take what was seen.
const STORE_WAIT: Duration = Duration::from_secs(5);

/// Runs until `shutdown`.
pub async fn run(console: Console, shutdown: CancellationToken) {
    let mut watches = Watches::default();
    loop {
        match console.store().connections().await {
            Ok(rows) => watches.tend(&console, &rows).await,
            // What runs goes on.
            Err(error) => tracing::warn!(%error, "the observer can't read the connections"),
        }
        drop_expired(&console).await;
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = console.watch().notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    watches.end(&console).await;
}

/// A recovery point expires without a word of its upstream, which may be silent or collect hours later.
async fn drop_expired(console: &Console) {
    match console.store().drop_expired_good(console.now()).await {
        Ok(expired) => {
            for id in expired {
                console.events().publish(format!("definitions:{id}"));
            }
        }
        Err(error) => tracing::warn!(%error, "expired recovery points can't be discounted"),
    }
}

/// The tasks of this node.
#[derive(Debug, Default)]
struct Watches(HashMap<ConnectionId, Watch>);

#[derive(Debug)]
struct Watch {
    version: i64,
    nudge: i64,
    again: Arc<Notify>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Watches {
    /// Begins, restarts and ends tasks so that they fit the stored connections.
    async fn tend(&mut self, console: &Console, rows: &[ConnectionRow]) {
        let fits = |id: &ConnectionId, watch: &Watch| {
            !watch.task.is_finished() && rows.iter().any(|row| row.id == *id && row.version == watch.version)
        };
        let over: Vec<ConnectionId> =
            self.0.iter().filter(|(id, watch)| !fits(id, watch)).map(|(id, _)| id.clone()).collect();
        for id in over {
            if let Some(watch) = self.0.remove(&id) {
                watch.end(&id).await;
            }
        }
        for row in rows {
            let watch = self.0.entry(row.id.clone()).or_insert_with(|| Watch::begin(console, row));
            if watch.nudge != row.nudge {
                watch.nudge = row.nudge;
                watch.again.notify_one();
            }
        }
    }

    async fn end(self, console: &Console) {
        for (id, watch) in self.0 {
            watch.end(&id).await;
            if let Err(error) = console.store().release_connection(&id, console.node()).await {
                tracing::debug!(%error, connection = %id, "the lease is left to run out");
            }
        }
    }
}

impl Watch {
    fn begin(console: &Console, row: &ConnectionRow) -> Self {
        let (again, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let task = tokio::spawn({
            let (console, id, again, stop) = (console.clone(), row.id.clone(), again.clone(), stop.clone());
            async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = hold(&console, &id, &again) => {}
                }
            }
        });
        Self { version: row.version, nudge: row.nudge, again, stop, task }
    }

    /// Ends it and waits, so that two never observe the same connection.
    async fn end(self, id: &ConnectionId) {
        self.stop.cancel();
        if self.task.await.is_err_and(|error| error.is_panic()) {
            tracing::error!(connection = %id, "an observer ended by a panic; it begins anew");
        }
    }
}

/// Observes whenever this node has the lease; ends when the connection is gone.
async fn hold(console: &Console, id: &ConnectionId, again: &Notify) {
    let alive = Arc::new(Notify::new());
    loop {
        if leased(console, id).await {
            let lost = async {
                loop {
                    tokio::time::sleep(RENEW).await;
                    if !leased(console, id).await {
                        break;
                    }
                }
            };
            tokio::select! {
                () = lost => tracing::info!(connection = %id, "another node observes it now"),
                () = attend(console, id, again, &alive) => return,
                never = places::keep(console, id, &alive) => match never {},
            }
        }
        tokio::time::sleep(RENEW).await;
    }
}

/// Takes or keeps the lease. When the store doesn't answer, it is kept: the lease outlives two failed renewals.
async fn leased(console: &Console, id: &ConnectionId) -> bool {
    match console.store().lease_connection(id, console.node(), console.now(), LEASE_MS).await {
        Ok(held) => held,
        Err(error) => {
            tracing::warn!(%error, connection = %id, "the lease can't be renewed");
            true
        }
    }
}

/// How one observation ended.
enum Ended {
    Upstream(ProviderError),
    Store(StoreError),
}

/// Observes again and again; ends when the connection is gone.
async fn attend(console: &Console, id: &ConnectionId, again: &Notify, alive: &Arc<Notify>) {
    let Ok(row) = console.store().connection(id).await else {
        return;
    };
    let mut pulse = Pulse::new(row.health);
    loop {
        let wait = match observe_once(console, id, &mut pulse, alive).await {
            // Removed while something of it was being stored.
            Ended::Store(error) if error.kind == StoreErrorKind::NotFound => return,
            Ended::Store(error) => {
                tracing::warn!(%error, connection = %id, "what was seen can't be stored");
                STORE_WAIT
            }
            Ended::Upstream(error) => {
                tracing::info!(%error, kind = ?error.kind, connection = %id, "observation ended");
                let next = pulse.failed(&error, console.now(), backoff::jitter());
                if let Some(health) = next.health {
                    intake::record_health(console, id, &health).await;
                }
                Duration::from_millis(u64::try_from(next.wait_ms).unwrap_or(0))
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = again.notified() => {}
        }
    }
}

/// One observation, from its beginning to its error.
async fn observe_once(console: &Console, id: &ConnectionId, pulse: &mut Pulse, alive: &Arc<Notify>) -> Ended {
    let provider = match console.provider(id).await {
        Ok(provider) => provider,
        Err(ConsoleError::Provider(error)) => return Ended::Upstream(error),
        Err(ConsoleError::Store(error)) => return Ended::Store(error),
        Err(error) => {
            tracing::error!(%error, connection = %id, "no provider can be made");
            let sentence = "Its stored credential can't be read by this server.";
            return Ended::Upstream(
                ProviderError::new(ErrorKind::Unauthorised, "open the credential", sentence)
                    .remedy("Put the server's key back, or enter the credential again."),
            );
        }
    };
    let (sink, mut source) = mpsc::channel(PENDING);
    let mut intake = Intake::new(console.clone(), id.clone(), provider.clone(), alive.clone());
    let listening = async {
        while let Some(batch) = next_batch(&mut source).await {
            intake.take(batch, pulse).await?;
        }
        Ok(())
    };
    let telling = provider.observe(sink);
    tokio::pin!(telling, listening);
    tokio::select! {
        // The provider has dropped its end: what it told before is stored first.
        error = &mut telling => match listening.await {
            Ok(()) => Ended::Upstream(error),
            Err(error) => Ended::Store(error),
        },
        heard = &mut listening => match heard {
            Ok(()) => Ended::Upstream(telling.await),
            Err(error) => Ended::Store(error),
        },
    }
}

/// Reads and stores what there is to be protected, once; see [`look`].
pub async fn look_around(console: &Console, id: &ConnectionId) -> Result<(), ConsoleError> {
    places::read(console, id).await
}

/// Reads and stores what happened and is declared, once, and goes. For whoever lives through more time than can be watched: the
/// demonstration's past.
pub async fn look(console: &Console, id: &ConnectionId) -> Result<(), ConsoleError> {
    let row = console.store().connection(id).await?;
    let provider = console.provider(id).await?;
    let (sink, mut source) = mpsc::channel(PENDING);
    let mut pulse = Pulse::new(row.health);
    let mut intake = Intake::new(console.clone(), id.clone(), provider.clone(), Arc::default());
    let listening = async {
        let mut batch = Vec::new();
        while !intake.is_whole() && source.recv_many(&mut batch, BATCH).await > 0 {
            intake.take(std::mem::take(&mut batch), &mut pulse).await?;
        }
        Ok::<(), StoreError>(())
    };
    tokio::select! {
        error = provider.observe(sink) => Err(error.into()),
        heard = listening => Ok(heard?),
    }
}

/// Waits for something, then takes what comes within a tenth of a second, 200 at most. `None` at the end.
async fn next_batch(source: &mut mpsc::Receiver<Observed>) -> Option<Vec<Observed>> {
    let mut batch = vec![source.recv().await?];
    let full = async {
        // Whoever waits for being heard is not made to wait for more.
        while batch.len() < BATCH && !matches!(batch.last(), Some(Observed::TakenIn(_))) {
            match source.recv().await {
                Some(one) => batch.push(one),
                None => break,
            }
        }
    };
    // Dropping `recv` loses nothing.
    let _ = tokio::time::timeout(BATCH_AGE, full).await;
    Some(batch)
}
