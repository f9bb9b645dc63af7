//! Whether an upstream answers, and when it is asked again. Pure: time and jitter are given.

use crate::{
    provider::{ErrorKind, ProviderError},
    reconcile::backoff,
};
use model::{Millis, connection::Health};

/// The first wait after a failure.
const FIRST_MS: i64 = 1_000;
/// A connection that dropped is tried again this soon, before anything is said of it.
const DROP_MS: i64 = 250;
/// No wait is longer, unless the upstream asks for it.
pub(crate) const LONGEST_MS: i64 = 60_000;
/// Nobody waits longer than this for an upstream's Retry-After.
const ASKED_LONGEST_MS: i64 = 15 * 60_000;

/// The state of one upstream, as this node sees it.
#[derive(Clone, Debug)]
pub(crate) struct Pulse {
    health: Health,
    /// Failures since it was last heard.
    tries: u32,
}

/// What follows from a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    /// The new state, when it is to be shown.
    pub health: Option<Health>,
    pub wait_ms: i64,
}

impl Pulse {
    /// Goes on from what is stored, so that a restart forgets neither "since" nor the tries.
    pub(crate) fn new(health: Health) -> Self {
        let tries = if let Health::Silent { tries, .. } = &health { *tries } else { 0 };
        Self { health, tries }
    }

    /// Something was heard. Answers the new state when that is news.
    pub(crate) fn heard(&mut self) -> Option<Health> {
        self.tries = 0;
        if self.health == Health::Answers {
            return None;
        }
        self.health = Health::Answers;
        Some(Health::Answers)
    }

    /// Observing ended with an error.
    pub(crate) fn failed(&mut self, error: &ProviderError, now: Millis, jitter: f64) -> Next {
        self.tries = self.tries.saturating_add(1);
        // A dropped watch is normal life: only a second failure in a row says that nobody is there.
        if self.tries == 1 && self.health == Health::Answers && dropped(error.kind) {
            return Next { health: None, wait_ms: DROP_MS };
        }
        let asked = error.retry_after.map_or(0, |wait| i64::try_from(wait.as_millis()).unwrap_or(ASKED_LONGEST_MS));
        let doubled = backoff::doubling(i64::from(self.tries), FIRST_MS, LONGEST_MS);
        let wait_ms = backoff::jittered(doubled, jitter).max(asked.min(ASKED_LONGEST_MS));
        self.health = if error.kind == ErrorKind::Slow {
            Health::Slowed { reason: error.sentence.clone() }
        } else {
            let since = if let Health::Silent { since, .. } = &self.health { *since } else { now };
            Health::Silent {
                reason: error.sentence.clone(),
                remedy: error.remedy.clone(),
                since,
                tries: self.tries,
                next_try: Some(now.plus(wait_ms)),
            }
        };
        Next { health: Some(self.health.clone()), wait_ms }
    }
}

fn dropped(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unreachable | ErrorKind::Garbled | ErrorKind::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn error(kind: ErrorKind) -> ProviderError {
        ProviderError::new(kind, "list backups", "No route.").remedy("Check the network.")
    }

    #[test]
    fn one_drop_is_no_silence_two_are() {
        let mut pulse = Pulse::new(Health::New);
        assert_eq!(pulse.heard(), Some(Health::Answers));
        assert_eq!(pulse.heard(), None, "no news");
        assert_eq!(pulse.failed(&error(ErrorKind::Unreachable), Millis(5), 0.0), Next { health: None, wait_ms: 250 });
        let second = pulse.failed(&error(ErrorKind::Unreachable), Millis(9), 0.0);
        assert_eq!(
            second.health,
            Some(Health::Silent {
                reason: "No route.".into(),
                remedy: "Check the network.".into(),
                since: Millis(9),
                tries: 2,
                next_try: Some(Millis(2_009)),
            })
        );
        let third = pulse.failed(&error(ErrorKind::Unreachable), Millis(50), 0.0);
        assert!(matches!(third.health, Some(Health::Silent { since: Millis(9), tries: 3, .. })), "{third:?}");
        assert_eq!(pulse.heard(), Some(Health::Answers));
        assert_eq!(pulse.failed(&error(ErrorKind::Unreachable), Millis(5), 0.0).health, None, "tries begin anew");
    }

    #[test]
    fn a_refusal_is_said_at_once_and_waits_grow_to_a_minute() {
        let mut pulse = Pulse::new(Health::Answers);
        assert!(pulse.failed(&error(ErrorKind::Unauthorised), Millis(0), 0.0).health.is_some_and(|h| h.is_silent()));
        let waits: Vec<i64> =
            (0..8).map(|_| pulse.failed(&error(ErrorKind::Forbidden), Millis(0), 0.0).wait_ms / 1000).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
        let mut never = Pulse::new(Health::New);
        assert!(never.failed(&error(ErrorKind::Unreachable), Millis(0), 0.0).health.is_some(), "never heard is silent");
    }

    #[test]
    fn slow_is_not_silent_and_retry_after_counts() {
        let mut pulse = Pulse::new(Health::Answers);
        let slow = ProviderError { retry_after: Some(Duration::from_secs(30)), ..error(ErrorKind::Slow) };
        assert_eq!(
            pulse.failed(&slow, Millis(0), 1.0),
            Next { health: Some(Health::Slowed { reason: "No route.".into() }), wait_ms: 30_000 }
        );
    }

    #[test]
    fn a_restart_goes_on_from_what_is_stored() {
        let stored =
            Health::Silent { reason: String::new(), remedy: String::new(), since: Millis(1), tries: 5, next_try: None };
        let next = Pulse::new(stored).failed(&error(ErrorKind::Broken), Millis(99), 0.0);
        assert_eq!(next.wait_ms, 32_000);
        assert!(matches!(next.health, Some(Health::Silent { since: Millis(1), tries: 6, .. })));
    }
}
