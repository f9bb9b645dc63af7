//! What every page's frame counts.

pub(super) mod needs;

use super::Console;
use crate::error::ConsoleError;
use model::Millis;

/// What every page's frame shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Things that need somebody.
    pub needs: u32,
    /// Runs queued or running.
    pub running: u32,
    pub connections: u32,
    pub silent: u32,
    /// The oldest "last heard" of the connections that answer.
    pub observed: Option<Millis>,
}

impl Console {
    /// The frame's counts; counted at most once a second as long as nothing is written.
    pub async fn tally(&self) -> Result<Tally, ConsoleError> {
        let estate = self.estate().await?;
        let (silent, observed) = needs::silent(&estate.connections);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Tally {
            needs: count(estate.needs.len()),
            running: u32::try_from(estate.running_total).unwrap_or(u32::MAX),
            connections: count(estate.connections.len()),
            silent,
            observed,
        })
    }
}
