//! The only place that reads the machine's clock. Everything else is given a [`Clock`], so that tests can set it.

use model::Millis;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Tells the time; the system's or a test's.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
    /// How many milliseconds it goes behind the machine's.
    Behind(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Self::advance`].
    pub fn manual(at: Millis) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(at.0))))
    }

    /// A clock that goes as the machine's does, `ms` behind it, until [`Self::advance`] has brought it up: the demonstration lives
    /// its past with it.
    pub fn behind(ms: i64) -> Self {
        Self(Source::Behind(Arc::new(AtomicI64::new(ms.max(0)))))
    }

    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::System => Millis(jiff::Timestamp::now().as_millisecond()),
            Source::Behind(ms) => Millis(jiff::Timestamp::now().as_millisecond() - ms.load(Ordering::SeqCst)),
            Source::Manual(at) => Millis(at.load(Ordering::SeqCst)),
        }
    }

    /// Whether it still goes behind the machine's: what happens is the past, and nobody out there waits for it.
    pub fn lags(&self) -> bool {
        matches!(&self.0, Source::Behind(lag) if lag.load(Ordering::SeqCst) > 0)
    }

    /// Moves a manual clock; negative values jump back. Brings one that goes behind nearer to the machine's, never past it. The
    /// system's stays what it is.
    pub fn advance(&self, ms: i64) {
        match &self.0 {
            Source::System => {}
            Source::Manual(at) => {
                at.fetch_add(ms, Ordering::SeqCst);
            }
            Source::Behind(lag) => {
                let _ = lag.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |lag| Some((lag - ms).max(0)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_goes_behind_comes_up_to_the_present_and_no_further() {
        let (clock, machine) = (Clock::behind(7_200_000), Clock::system());
        let lag = |clock: &Clock| (machine.now().since(clock.now()) + 500).div_euclid(1000);
        assert_eq!(lag(&clock), 7_200);
        clock.advance(3_600_000);
        assert_eq!((lag(&clock), clock.lags()), (3_600, true));
        clock.clone().advance(99_999_999);
        assert_eq!((lag(&clock), clock.lags()), (0, false));
    }
}
