//! What every observer does with what it sees: it tells it into the sink, and begins and ends full lists.

use super::{ErrorKind, Observed, ProviderError, Sort};
use tokio::sync::mpsc::{self, Sender};

/// The observer's side of the sink.
#[derive(Clone, Debug)]
pub struct Teller(pub Sender<Observed>);

/// The receiver is gone: the observer was stopped.
pub fn stopped() -> ProviderError {
    ProviderError::new(ErrorKind::Unreachable, "observe", "Observing was stopped.")
}

impl Teller {
    /// Fails only when nobody listens any more.
    pub async fn tell(&self, observed: Observed) -> Result<(), ProviderError> {
        self.0.send(observed).await.map_err(|_| stopped())
    }

    /// Full lists begin. Everything that was told before is taken in when this returns, so that what is read from now on is younger
    /// than what it is compared with.
    pub async fn lists_begin(&self, sorts: &[Sort]) -> Result<(), ProviderError> {
        for sort in sorts {
            self.tell(Observed::ListBegins(*sort)).await?;
        }
        let (taken_in, mut dropped) = mpsc::channel(1);
        self.tell(Observed::TakenIn(taken_in)).await?;
        let _ = dropped.recv().await;
        Ok(())
    }

    /// They end: what was not told since is gone.
    pub async fn lists_end(&self, sorts: &[Sort]) -> Result<(), ProviderError> {
        for sort in sorts {
            self.tell(Observed::ListEnds(*sort)).await?;
        }
        Ok(())
    }
}
