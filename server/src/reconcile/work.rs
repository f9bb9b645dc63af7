//! The four kinds of work: apply or remove a definition, begin a run, begin a restore, delete a recovery point. Each is
//! one upstream call that may be repeated, between a claim and a record.

use super::{LEASE_MS, backoff, point::point};
use crate::{
    console::Console,
    error::{ConsoleError, said},
    observe::declared::in_words,
    provider::{Applied, Ask, DeclaredSeen, Dispute, ErrorKind, Provider, ProviderError},
    store::{DefinitionRecord, Leased, Line, StoreError, StoreErrorKind, WantedDeletion, WantedRestore, WantedRun},
};
use model::{ConnectionId, Millis, definition::Drift};
use std::time::Duration;

/// One piece of work may take so long; what comes later is not recorded, and the next try finds it done.
const PATIENCE: Duration = Duration::from_secs(25);

/// Claimed work.
#[derive(Debug)]
pub(crate) enum Job {
    Definition(Box<DefinitionRecord>),
    Run(WantedRun),
    Restore(Box<WantedRestore>),
    Deletion(WantedDeletion),
}

/// What one pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub applied: u32,
    pub removed: u32,
    pub started: u32,
    pub restored: u32,
    pub deleted: u32,
    /// Attempts that failed and were recorded.
    pub failed: u32,
    /// Applies that would have written over somebody's change.
    pub held: u32,
    /// Definitions that took a changed policy over, and those that can't.
    pub followed: u32,
    pub refused: u32,
}

impl Done {
    /// Adds another pass.
    pub fn add(&mut self, other: &Self) {
        self.applied += other.applied;
        self.removed += other.removed;
        self.started += other.started;
        self.restored += other.restored;
        self.deleted += other.deleted;
        self.failed += other.failed;
        self.held += other.held;
        self.followed += other.followed;
        self.refused += other.refused;
    }
}

impl Job {
    pub(super) fn connection(&self) -> &ConnectionId {
        match self {
            Self::Definition(record) => &record.definition.connection,
            Self::Run(run) => &run.connection,
            Self::Restore(restore) => &restore.connection,
            Self::Deletion(deletion) => &deletion.connection,
        }
    }

    /// Tells it from all other work.
    pub(super) fn key(&self) -> String {
        let (kind, id) = self.leased();
        format!("{kind:?} {id}")
    }

    fn leased(&self) -> (Leased, &str) {
        match self {
            Self::Definition(record) => (Leased::Definition, record.id.as_str()),
            Self::Run(run) => (Leased::Run, run.id.as_str()),
            Self::Restore(restore) => (Leased::Restore, restore.id.as_str()),
            Self::Deletion(deletion) => (Leased::Point, deletion.id.as_str()),
        }
    }
}

/// Claims what is due, `room` pieces at most.
pub(super) async fn claim(console: &Console, room: usize) -> Result<Vec<Job>, StoreError> {
    let (store, node, now) = (console.store(), console.node(), console.now());
    let mut jobs: Vec<Job> = Vec::new();
    let left = |jobs: &Vec<Job>| room.saturating_sub(jobs.len());
    if left(&jobs) > 0 {
        let claimed = store.claim_definitions(node, now, LEASE_MS, left(&jobs)).await?;
        jobs.extend(claimed.into_iter().map(|record| Job::Definition(Box::new(record))));
    }
    if left(&jobs) > 0 {
        jobs.extend(store.claim_runs(node, now, LEASE_MS, left(&jobs)).await?.into_iter().map(Job::Run));
    }
    if left(&jobs) > 0 {
        jobs.extend(
            store
                .claim_restores(node, now, LEASE_MS, left(&jobs))
                .await?
                .into_iter()
                .map(|order| Job::Restore(Box::new(order))),
        );
    }
    if left(&jobs) > 0 {
        jobs.extend(store.claim_deletions(node, now, LEASE_MS, left(&jobs)).await?.into_iter().map(Job::Deletion));
    }
    Ok(jobs)
}

/// Prolongs the claim; false when it is somebody else's by now.
pub(super) async fn renew(console: &Console, job: &Job) -> bool {
    let (kind, id) = job.leased();
    match console.store().renew_lease(kind, id, console.node(), console.now().plus(LEASE_MS)).await {
        Ok(held) => held,
        Err(error) => {
            // The lease outlives two failed renewals.
            tracing::warn!(%error, id, "a lease can't be renewed");
            true
        }
    }
}

/// Does it and records how it ended. A record that fails is left to the lease: the work is repeated.
pub(super) async fn work(console: &Console, job: &Job) -> Done {
    let result = match job {
        Job::Definition(record) if record.removing => remove(console, record).await,
        Job::Definition(record) => apply(console, record).await,
        Job::Run(run) => start(console, run).await,
        Job::Restore(restore) => begin_restore(console, restore).await,
        Job::Deletion(deletion) => delete(console, deletion).await,
    };
    result.unwrap_or_else(|error| {
        tracing::warn!(%error, id = job.leased().1, "the result of work can't be recorded; it will be repeated");
        Done::default()
    })
}

/// The upstream's answer, or a failure that can be recorded.
async fn asked<T>(operation: &str, call: impl Future<Output = Result<T, ConsoleError>>) -> Result<T, ProviderError> {
    let late = || {
        let sentence = format!("No answer within {} s.", PATIENCE.as_secs());
        ProviderError::new(ErrorKind::Unreachable, operation, sentence)
    };
    match tokio::time::timeout(PATIENCE, call).await {
        Err(_) => Err(late()),
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(ConsoleError::Provider(error))) => Err(error),
        Ok(Err(ConsoleError::Sealed(error))) => {
            tracing::error!(%error, operation, "no provider can be made");
            let sentence = "The stored credential can't be read by this server.";
            Err(ProviderError::new(ErrorKind::Unauthorised, operation, sentence)
                .remedy("Put the server's key back, or enter the credential again."))
        }
        Ok(Err(error)) => {
            tracing::error!(%error, operation, "work failed inside Holdfast");
            let sentence = "Something went wrong inside Holdfast; the log has the details.";
            Err(ProviderError::new(ErrorKind::Broken, operation, sentence))
        }
    }
}

async fn apply(console: &Console, record: &DefinitionRecord) -> Result<Done, StoreError> {
    point("apply", "after-claim");
    let owned = record.owned();
    let answer = asked("apply", async {
        let provider = console.provider(&record.definition.connection).await?;
        point("apply", "before-send");
        let applied = provider.apply(&owned, record.applied.as_ref(), record.resume).await?;
        Ok((applied, provider))
    })
    .await;
    point("apply", "after-send");
    let done = match answer {
        Ok((applied, provider)) => {
            let line = Line { kind: "applied", sentence: applied.sentence.clone(), actor: None };
            point("apply", "before-record");
            // What the observer saw after the write is somebody's change already.
            let since = |seen: &DeclaredSeen| changed_since(&applied, seen, &*provider);
            console.store().finish_apply(&record.id, console.node(), record.version, &applied, &line, since).await?;
            point("apply", "after-record");
            Done { applied: 1, ..Done::default() }
        }
        Err(error) => match &error.dispute {
            Some(dispute) => held(console, record, dispute).await?,
            None => failed(console, record, &error).await?,
        },
    };
    console.events().publish(format!("definitions:{}", record.id));
    Ok(done)
}

/// How a state that is certainly newer than the apply differs from it.
fn changed_since(applied: &Applied, seen: &DeclaredSeen, provider: &dyn Provider) -> Option<(Vec<Drift>, Line)> {
    let (Some(left), Some(newer)) = (&applied.revision, &seen.revision) else {
        return None;
    };
    let drift = if left.is_before(newer) { provider.drift(applied, seen) } else { Vec::new() };
    let sentence = format!("Changed outside Holdfast: {}.", in_words(&drift));
    (!drift.is_empty()).then_some((drift, Line { kind: "drifted", sentence, actor: None }))
}

async fn held(console: &Console, record: &DefinitionRecord, dispute: &Dispute) -> Result<Done, StoreError> {
    tracing::info!(definition = %record.id, version = record.version, "held: it was changed upstream");
    let sentence = format!(
        "Version {} is held, because somebody changed it upstream: {}. Nothing was written over it; re-apply or adopt.",
        record.version,
        in_words(&dispute.drift)
    );
    let line = Line { kind: "drifted", sentence, actor: None };
    console.store().hold_apply(record, console.node(), dispute, &line).await?;
    Ok(Done { held: 1, ..Done::default() })
}

async fn remove(console: &Console, record: &DefinitionRecord) -> Result<Done, StoreError> {
    let owned = record.owned();
    let answer = asked("remove", async {
        let provider = console.provider(&record.definition.connection).await?;
        Ok(provider.remove(&owned, record.applied.as_ref()).await?)
    })
    .await;
    let done = match answer {
        Ok(()) => {
            console.store().finish_removal(&record.id, console.node()).await?;
            Done { removed: 1, ..Done::default() }
        }
        Err(error) => failed(console, record, &error).await?,
    };
    console.events().publish(format!("definitions:{}", record.id));
    Ok(done)
}

async fn failed(console: &Console, record: &DefinitionRecord, error: &ProviderError) -> Result<Done, StoreError> {
    let reason = said(error);
    let next = next_attempt(console, record.attempts, error);
    tracing::info!(%error, definition = %record.id, attempts = record.attempts + 1, "not applied");
    // The timeline says a reason once, not at every try.
    let news = record.last_error.as_deref() != Some(&reason);
    let line = Line { kind: "failed", sentence: reason.clone(), actor: None };
    let line = news.then_some(&line);
    console.store().fail_apply(&record.id, console.node(), record.version, &reason, next, line).await?;
    Ok(Done { failed: 1, ..Done::default() })
}

async fn start(console: &Console, run: &WantedRun) -> Result<Done, StoreError> {
    let (store, node) = (console.store(), console.node());
    let record = match store.definition(&run.definition).await {
        Ok(record) => record,
        Err(error) if error.kind == StoreErrorKind::NotFound => {
            let reason = "Its definition was deleted before the run began.";
            store.fail_run_order(&run.id, node, reason, None).await?;
            console.events().publish(format!("runs:{}", run.id));
            return Ok(Done { failed: 1, ..Done::default() });
        }
        Err(error) => return Err(error),
    };
    let owned = record.owned();
    point("run", "after-claim");
    let answer = asked("start a run", async {
        let provider = console.provider(&run.connection).await?;
        let taken = if run.repeated { store.taken_runs(&run.definition, &run.id).await? } else { Vec::new() };
        point("run", "before-send");
        let ask = Ask {
            name: run.upstream_name.clone(),
            asked_by: run.asked_by.clone(),
            asked: run.ordered,
            repeated: run.repeated,
            taken,
        };
        Ok(provider.start_run(&owned, &ask).await?)
    })
    .await;
    point("run", "after-send");
    let done = match answer {
        Ok(begun) => {
            point("run", "before-record");
            store.finish_run_order(&run.id, node, begun.name.as_deref()).await?;
            point("run", "after-record");
            Done { started: 1, ..Done::default() }
        }
        Err(error) => {
            let next = next_order(console, run.attempts, &error);
            store.fail_run_order(&run.id, node, &said(&error), next).await?;
            Done { failed: 1, ..Done::default() }
        }
    };
    console.events().publish(format!("runs:{}", run.id));
    console.events().publish(format!("definitions:{}", run.definition));
    Ok(done)
}

async fn begin_restore(console: &Console, restore: &WantedRestore) -> Result<Done, StoreError> {
    let (store, node) = (console.store(), console.node());
    point("restore", "after-claim");
    let answer = asked("start a restore", async {
        let provider = console.provider(&restore.connection).await?;
        point("restore", "before-send");
        let ask = Ask {
            name: restore.upstream_name.clone(),
            asked_by: restore.asked_by.clone(),
            asked: restore.ordered,
            repeated: restore.repeated,
            taken: Vec::new(),
        };
        Ok(provider.restore(&restore.order, &ask).await?)
    })
    .await;
    point("restore", "after-send");
    let done = match answer {
        Ok(begun) => {
            point("restore", "before-record");
            store.finish_restore_order(&restore.id, node, begun.name.as_deref()).await?;
            point("restore", "after-record");
            Done { restored: 1, ..Done::default() }
        }
        Err(error) => {
            let next = next_order(console, restore.attempts, &error);
            store.fail_restore_order(&restore.id, node, &said(&error), next).await?;
            Done { failed: 1, ..Done::default() }
        }
    };
    console.events().publish(format!("restores:{}", restore.id));
    Ok(done)
}

async fn delete(console: &Console, deletion: &WantedDeletion) -> Result<Done, StoreError> {
    let (store, node) = (console.store(), console.node());
    point("deletion", "after-claim");
    let answer = asked("delete a recovery point", async {
        let provider = console.provider(&deletion.connection).await?;
        point("deletion", "before-send");
        Ok(provider.delete_point(&deletion.name, &deletion.order).await?)
    })
    .await;
    point("deletion", "after-send");
    let done = match answer {
        Ok(()) => {
            point("deletion", "before-record");
            store.finish_deletion(&deletion.id, node).await?;
            point("deletion", "after-record");
            Done { deleted: 1, ..Done::default() }
        }
        Err(error) => {
            let next = next_order(console, deletion.attempts, &error);
            store.fail_deletion(&deletion.id, node, &said(&error), next).await?;
            Done { failed: 1, ..Done::default() }
        }
    };
    console.events().publish(format!("points:{}", deletion.id));
    Ok(done)
}

/// When to try again after `attempts` failures and this one.
fn next_attempt(console: &Console, attempts: u32, error: &ProviderError) -> Millis {
    console.now().plus(backoff::wait_ms(i64::from(attempts) + 1, error, backoff::jitter()))
}

/// As [`next_attempt`], or never: an order whose content is refused stays refused, and nobody waits for it in vain.
fn next_order(console: &Console, attempts: u32, error: &ProviderError) -> Option<Millis> {
    let never = matches!(error.kind, ErrorKind::Refused | ErrorKind::NotFound);
    (!never).then(|| next_attempt(console, attempts, error))
}
