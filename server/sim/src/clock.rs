//! The fakes' time: the machine's own, or one that only moves when told to.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// Cheap to clone; clones share the time.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    speed: f64,
}

#[derive(Clone, Debug)]
enum Source {
    Real,
    Manual(Arc<Mutex<Timestamp>>),
    /// How far it goes behind the machine's.
    Behind(Arc<Mutex<Duration>>),
}

impl Clock {
    /// The machine's time.
    #[must_use]
    pub fn real() -> Self {
        Self { source: Source::Real, speed: 1.0 }
    }

    /// Stands at `start` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self { source: Source::Manual(Arc::new(Mutex::new(start))), speed: 1.0 }
    }

    /// Goes as the machine's does, so far behind it, until [`Clock::advance`] has brought it up: a past that is lived, then
    /// the present.
    #[must_use]
    pub fn behind(lag: Duration) -> Self {
        Self { source: Source::Behind(Arc::new(Mutex::new(lag))), speed: 1.0 }
    }

    /// Makes modelled *work* (a backup's items, an upload's bytes, a controller's delay) this many times
    /// shorter. The time of day is not touched: a clock that ran faster would write times in the future.
    #[must_use]
    pub fn with_speed(mut self, speed: f64) -> Self {
        self.speed = speed.max(0.001);
        self
    }

    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the fakes' only look at the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match &self.source {
            Source::Real => Timestamp::now(),
            Source::Manual(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
            Source::Behind(lag) => {
                let lag = *lag.lock().unwrap_or_else(PoisonError::into_inner);
                let now = Timestamp::now();
                now.checked_sub(lag).unwrap_or(now)
            }
        }
    }

    /// Whether it still goes behind the machine's.
    #[must_use]
    pub fn lags(&self) -> bool {
        matches!(&self.source, Source::Behind(lag) if !lag.lock().unwrap_or_else(PoisonError::into_inner).is_zero())
    }

    /// Moves a manual clock, or brings one that goes behind nearer to the machine's, never past it; returns false (and does
    /// nothing) on a real one.
    pub fn advance(&self, by: Duration) -> bool {
        match &self.source {
            Source::Real => false,
            Source::Manual(at) => {
                let mut at = at.lock().unwrap_or_else(PoisonError::into_inner);
                *at = at.checked_add(by).unwrap_or(Timestamp::MAX);
                true
            }
            Source::Behind(lag) => {
                let mut lag = lag.lock().unwrap_or_else(PoisonError::into_inner);
                *lag = lag.saturating_sub(by);
                true
            }
        }
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_goes_behind_comes_up_to_the_present_and_no_further() {
        let clock = Clock::behind(Duration::from_secs(7200));
        let real = Clock::real();
        let lag = |clock: &Clock| real.now().duration_since(clock.now()).as_secs();
        assert!(clock.lags() && (7199..=7201).contains(&lag(&clock)));
        assert!(clock.advance(Duration::from_secs(3600)));
        assert!(clock.lags() && (3599..=3601).contains(&lag(&clock)));
        assert!(clock.clone().advance(Duration::from_secs(99_999)));
        assert!(!clock.lags() && lag(&clock).abs() <= 1);
    }
}
