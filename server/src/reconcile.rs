//! One reconciler: claims what is saved and not yet upstream, does it, records the result.
//!
//! Every step may be repeated: work is claimed by a lease, done under a name that was fixed when the row was made, and
//! recorded only while the lease is ours. A crash anywhere repeats the step and doubles nothing. A dead upstream holds two
//! of the eight places at most.

pub(crate) mod backoff;
mod point;
mod rollout;
mod work;

pub use point::{ROLL_OUT, STEPS, WORK};
pub use work::Done;

use crate::{console::Console, error::ConsoleError};
use model::ConnectionId;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use work::Job;

/// So long a claim holds without being renewed.
pub(crate) const LEASE_MS: i64 = 15_000;
/// A third of the lease, so that two renewals may fail.
const RENEW: Duration = Duration::from_secs(5);
/// Without a wake-up the reconciler looks this often: for waits that are over and for other nodes' saves.
const POLL: Duration = Duration::from_millis(500);
/// Upstream calls at the same time, over all connections and for one.
const AT_ONCE: usize = 8;
const AT_ONCE_EACH: usize = 2;
/// Claims held at the same time. The store gives only a few of them to one connection, so that it takes dozens of dead ones to
/// hold all.
const CLAIMS: usize = 512;
/// A clock that goes back further than this was set, not corrected.
const CLOCK_SET_BACK_MS: i64 = 60_000;
/// Work under way gets this long when the server stops.
const DRAIN: Duration = Duration::from_secs(8);

/// Runs until `shutdown`.
pub async fn run(console: Console, shutdown: CancellationToken) {
    let places = Places::default();
    let begun = Begun::default();
    let mut rollouts = rollout::Rollouts::default();
    let mut under_way = JoinSet::new();
    if let Err(error) = console.store().drop_leases(console.node()).await {
        tracing::warn!(%error, "leases of a former process are left to run out");
    }
    let mut last = console.now();
    loop {
        let now = console.now();
        if last.since(now) > CLOCK_SET_BACK_MS {
            forget_waits(&console).await;
        }
        last = now;
        rollouts.look(&console).await;
        let room = CLAIMS.saturating_sub(under_way.len());
        match work::claim(&console, room).await {
            Ok(jobs) => {
                for job in jobs {
                    // A clock that jumps ahead frees our own claims: what is under way is not begun a second time beside itself.
                    if let Some(mark) = begun.mark(&job) {
                        let finish = finish(console.clone(), places.clone(), job);
                        under_way.spawn(async move {
                            let _mark = mark;
                            finish.await
                        });
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the reconciler can't read its work"),
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = console.work().notified() => {}
            Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    let drained = async { while under_way.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::info!("work under way is left to its lease");
    }
}

/// Waits that were reckoned by a clock that has been set back would last as much longer.
async fn forget_waits(console: &Console) {
    tracing::warn!("the clock was set back; what waits is tried now");
    let forget = async {
        for row in console.store().connections().await? {
            console.store().wake_work(&row.id).await?;
        }
        console.store().drop_leases(console.node()).await
    };
    if let Err(error) = forget.await {
        tracing::warn!(%error, "the waits can't be shortened");
    }
}

/// One pass: takes changed policies further, claims what is due (of one connection a few of each sort), does it, waits for its end.
/// For tests, which drive the clock by hand.
pub async fn step(console: &Console) -> Result<Done, ConsoleError> {
    let mut done = rollout::Rollouts::default().pass(console).await?;
    let places = Places::default();
    let mut under_way = JoinSet::new();
    for job in work::claim(console, CLAIMS).await? {
        under_way.spawn(finish(console.clone(), places.clone(), job));
    }
    while let Some(one) = under_way.join_next().await {
        done.add(&one.map_err(|error| ConsoleError::bug("reconcile", error))?);
    }
    Ok(done)
}

/// Waits for a place, then works, renewing the lease all the while.
async fn finish(console: Console, places: Places, job: Job) -> Done {
    let working = async {
        let _place = places.take(job.connection()).await;
        work::work(&console, &job).await
    };
    let renewing = async {
        loop {
            tokio::time::sleep(RENEW).await;
            if !work::renew(&console, &job).await {
                break;
            }
        }
    };
    tokio::select! {
        done = working => done,
        // Somebody else has it: what we do now would not be recorded.
        () = renewing => Done::default(),
    }
}

/// What this process works at.
#[derive(Clone, Debug, Default)]
struct Begun(Arc<Mutex<HashSet<String>>>);

/// Taken away when the work ends, however it does.
struct Mark {
    begun: Begun,
    key: String,
}

impl Begun {
    /// `None` while the same work is under way.
    fn mark(&self, job: &Job) -> Option<Mark> {
        let key = job.key();
        let new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        new.then(|| Mark { begun: self.clone(), key })
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.begun.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Bounds upstream calls.
#[derive(Clone, Debug)]
struct Places {
    all: Arc<Semaphore>,
    each: Arc<Mutex<HashMap<ConnectionId, Arc<Semaphore>>>>,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), each: Arc::default() }
    }
}

impl Places {
    /// First a place at the connection, so that nobody who waits there holds one of the common places.
    async fn take(&self, connection: &ConnectionId) -> (Option<OwnedSemaphorePermit>, Option<OwnedSemaphorePermit>) {
        let own = {
            let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
            each.entry(connection.clone()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_EACH))).clone()
        };
        // A semaphore is never closed here, so a permit always comes.
        let own = own.acquire_owned().await.ok();
        (own, self.all.clone().acquire_owned().await.ok())
    }
}
