//! Says what changed, to the open pages of this node and, through the database, of the others. Events carry no data: who
//! hears one reads again, so that there is one read path.

pub mod stream;

use crate::store::{ChangeCursor, Store};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// Events that a slow reader may be behind; then it is told to read everything again.
const BACKLOG: usize = 1024;
/// How often other nodes' changes are looked for.
const RELAY: Duration = Duration::from_millis(300);
/// Topics written for other nodes in one transaction, at most.
const BATCH: usize = 256;
/// Topics that wait while the database is away, at most; further ones wait in the outbox.
const KEPT: usize = 4096;

/// The bus of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events {
    sender: broadcast::Sender<Arc<str>>,
    /// To the other nodes, where there can be some.
    out: Option<mpsc::Sender<String>>,
    /// Rises with every change of accounts and sessions, at once and before subscribers hear of it.
    access: Arc<AtomicU64>,
}

/// Topics on their way to the other nodes.
#[derive(Debug)]
pub struct Outbox(mpsc::Receiver<String>);

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl Events {
    /// A bus for one node.
    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(BACKLOG), out: None, access: Arc::default() }
    }

    /// A bus for one node among several; [`relay`] carries what is in the outbox.
    pub fn shared() -> (Self, Outbox) {
        let (out, outbox) = mpsc::channel(BACKLOG);
        (Self { out: Some(out), ..Self::new() }, Outbox(outbox))
    }

    /// Tells that something changed: `runs:<id>`, `definitions:<id>`, `users`, `sessions:<user id>`.
    pub fn publish(&self, topic: impl Into<String>) {
        let topic = topic.into();
        self.publish_here(&topic);
        if let Some(out) = &self.out
            && out.try_send(topic).is_err()
        {
            // The database is behind or away. Other nodes' pages catch up when they next read.
            tracing::debug!("an event for the other nodes was dropped");
        }
    }

    fn publish_here(&self, topic: &str) {
        if topic.starts_with("sessions") || topic.starts_with("users") {
            self.access.fetch_add(1, Ordering::SeqCst);
        }
        // No receiver is no error: no page is open.
        let _ = self.sender.send(Arc::from(topic));
    }

    /// Everything from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<str>> {
        self.sender.subscribe()
    }

    /// Rises with every change of accounts and sessions: what was remembered of them at another value is old.
    pub fn access_epoch(&self) -> u64 {
        self.access.load(Ordering::SeqCst)
    }
}

/// Carries events between the nodes of one database until `shutdown`.
pub async fn relay(store: Store, node: String, events: Events, outbox: Outbox, shutdown: CancellationToken) {
    let Outbox(mut outbox) = outbox;
    let mut cursor = ChangeCursor::default();
    let mut tick = interval(RELAY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rounds = 0_u32;
    let mut topics = Vec::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            n = outbox.recv_many(&mut topics, BATCH), if topics.len() < KEPT => {
                if n == 0 {
                    return;
                }
                tell_others(&store, &node, &mut topics).await;
            }
            _ = tick.tick() => {
                if !topics.is_empty() {
                    tell_others(&store, &node, &mut topics).await;
                }
                match store.other_changes(&node, &mut cursor).await {
                    Ok(others) => others.iter().for_each(|topic| events.publish_here(topic)),
                    Err(error) => tracing::debug!(%error, "other nodes' changes could not be read"),
                }
                rounds += 1;
                // Every half a minute.
                if rounds.is_multiple_of(100)
                    && let Err(error) = store.drop_old_changes().await
                {
                    tracing::debug!(%error, "old changes could not be dropped");
                }
            }
        }
    }
}

/// Writes the topics down for the other nodes. What can't be written is tried again at the next tick.
async fn tell_others(store: &Store, node: &str, topics: &mut Vec<String>) {
    topics.sort_unstable();
    topics.dedup();
    match store.add_changes(node, topics).await {
        Ok(()) => topics.clear(),
        Err(error) => {
            tracing::warn!(%error, kept = topics.len(), "other nodes could not be told of changes");
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn only_changes_of_access_raise_the_epoch() {
        let events = Events::new();
        let mut heard = events.subscribe();
        events.publish("runs:1");
        assert_eq!(events.access_epoch(), 0);
        events.publish("sessions:u1");
        events.publish(String::from("users"));
        assert_eq!(events.access_epoch(), 2);
        assert_eq!(&*heard.try_recv().unwrap(), "runs:1");
        assert_eq!(&*heard.try_recv().unwrap(), "sessions:u1");
    }
}
