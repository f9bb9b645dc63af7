//! A token bucket: so many calls a second, with a small reserve. One for each connection, shared by everything that calls it.

use crate::clock::Clock;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Calls are let through at most at this pace, in the order in which they ask.
#[derive(Debug)]
pub struct Pace {
    clock: Clock,
    gap: Duration,
    burst: u32,
    /// When the bucket will be full again, if nobody calls.
    full_at: Mutex<Option<Instant>>,
}

impl Pace {
    /// `per_second` calls a second, of which `burst` may come at once.
    pub fn new(per_second: u32, burst: u32, clock: Clock) -> Self {
        Self { clock, gap: Duration::from_secs(1) / per_second.max(1), burst: burst.max(1), full_at: Mutex::default() }
    }

    /// Waits for a place. In a past that is lived in leaps nobody counts calls by the second.
    pub async fn wait(&self) {
        if self.clock.lags() {
            return;
        }
        let until = self.take(Instant::now());
        tokio::time::sleep_until(until).await;
    }

    /// Takes a place; the moment from which on it may be used.
    fn take(&self, now: Instant) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full = full_at.filter(|at| *at > now).unwrap_or(now) + self.gap;
        *full_at = Some(full);
        (full - self.gap * self.burst).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
        let (pace, began) = (Pace::new(10, 5, Clock::system()), Instant::now());
        let after = |at: Instant| pace.take(at).duration_since(began).as_millis();
        let at: Vec<u128> = (0..25).map(|_| after(began)).collect();
        assert_eq!(at[..5], [0; 5], "five at once: {at:?}");
        assert_eq!((at[5], at[6], at[24]), (100, 200, 2_000), "{at:?}");
        // The reserve fills again, and no further.
        let later = began + Duration::from_secs(60);
        let at: Vec<u128> = (0..6).map(|_| after(later)).collect();
        assert_eq!(at[..5], [60_000; 5], "{at:?}");
        assert_eq!(at[5], 60_100, "{at:?}");
    }
}
