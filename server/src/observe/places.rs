//! Reads what there is to be protected: clusters, namespaces, apps, workspaces, instances. Only the holder of a connection's lease
//! does, so that pages never ask an upstream for it.
//!
//! A failure is no news about the connection: its observer, which asks all the time, says whether it answers.

use crate::{
    console::Console,
    error::ConsoleError,
    provider::{ErrorKind, ProviderError},
    reconcile::backoff,
};
use model::ConnectionId;
use std::{convert::Infallible, time::Duration};
use tokio::sync::Notify;

/// How often the lists are read.
const EVERY_MS: i64 = 10 * 60_000;
/// The wait after a first failure; it doubles up to [`EVERY_MS`].
const FIRST_MS: i64 = 15_000;
/// Several lists, some of them in many pages.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads at once when nothing was read yet, when the connection was changed and whenever `alive` tells that it answers again;
/// otherwise every ten minutes. Cancel-safe.
pub(super) async fn keep(console: &Console, id: &ConnectionId, alive: &Notify) -> Infallible {
    let mut failures = 0;
    let mut wait = left_to_wait(console, id).await;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = alive.notified() => {}
        }
        wait = match read(console, id).await {
            Ok(()) => {
                failures = 0;
                millis(backoff::jittered(EVERY_MS, backoff::jitter()))
            }
            Err(error) => {
                failures += 1;
                tracing::debug!(%error, connection = %id, "what is there can't be read");
                let asked = match &error {
                    ConsoleError::Provider(error) => error.retry_after.unwrap_or_default(),
                    _ => Duration::ZERO,
                };
                let doubled = backoff::doubling(failures, FIRST_MS, EVERY_MS);
                millis(backoff::jittered(doubled, backoff::jitter())).max(asked.min(millis(EVERY_MS)))
            }
        };
    }
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// A restart does not ask again for what was read a moment ago.
async fn left_to_wait(console: &Console, id: &ConnectionId) -> Duration {
    let store = console.store();
    let (Ok(row), Ok(Some(stored))) = (store.connection(id).await, store.inventory_of(id).await) else {
        return Duration::ZERO;
    };
    if stored.connection_version != row.version {
        return Duration::ZERO;
    }
    // A moment to come is that of a clock which was set back since.
    let age = console.now().0.saturating_sub(stored.read_at.0);
    if age < 0 { Duration::ZERO } else { millis(EVERY_MS.saturating_sub(age)) }
}

pub(super) async fn read(console: &Console, id: &ConnectionId) -> Result<(), ConsoleError> {
    let version = console.store().connection(id).await?.version;
    let provider = console.provider(id).await?;
    let asked = tokio::time::timeout(PATIENCE, provider.inventory()).await;
    let inventory = asked.unwrap_or_else(|_| {
        let sentence = format!("No answer within {} s.", PATIENCE.as_secs());
        Err(ProviderError::new(ErrorKind::Unreachable, "list what is there", sentence))
    })?;
    if console.store().record_inventory(id, version, &inventory).await? {
        console.events().publish(format!("connections:{id}"));
    }
    Ok(())
}
