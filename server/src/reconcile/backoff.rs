//! How long to wait before a failed attempt is repeated. Pure: the jitter is given.

use crate::provider::ProviderError;

/// The first wait.
pub(crate) const FIRST_MS: i64 = 2_000;
/// No wait is longer, unless the upstream asks for it.
pub(crate) const LONGEST_MS: i64 = 5 * 60_000;
/// Nobody waits longer than this for an upstream's Retry-After.
const ASKED_LONGEST_MS: i64 = 60 * 60_000;

/// The wait after the `attempts`-th failure (1 is the first): doubling from two seconds to five minutes, up to a quarter off
/// by `jitter` (0 to 1), never less than the upstream's Retry-After. What no repetition mends waits the five minutes.
pub(crate) fn wait_ms(attempts: i64, error: &ProviderError, jitter: f64) -> i64 {
    let doubled = if error.kind.retryable() { doubling(attempts, FIRST_MS, LONGEST_MS) } else { LONGEST_MS };
    let asked = error.retry_after.map_or(0, |wait| i64::try_from(wait.as_millis()).unwrap_or(ASKED_LONGEST_MS));
    jittered(doubled, jitter).max(asked.min(ASKED_LONGEST_MS))
}

/// `first`, doubled with each attempt after the first, at most `longest`.
pub(crate) fn doubling(attempts: i64, first: i64, longest: i64) -> i64 {
    let power = u32::try_from(attempts.clamp(1, 32) - 1).unwrap_or(0);
    first.saturating_mul(1_i64.checked_shl(power).unwrap_or(i64::MAX)).min(longest)
}

/// Up to a quarter less, so that many don't come back at the same moment.
pub(crate) fn jittered(ms: i64, jitter: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "minutes in milliseconds are small"
    )]
    let less = (ms as f64 * 0.25 * jitter.clamp(0.0, 1.0)) as i64;
    ms - less
}

/// A random number from 0 to 1 for the jitter; without a source of randomness there is none.
pub(crate) fn jitter() -> f64 {
    let mut bytes = [0_u8; 2];
    if getrandom::fill(&mut bytes).is_err() {
        return 0.0;
    }
    f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ErrorKind;
    use std::time::Duration;

    fn error(kind: ErrorKind, after: Option<u64>) -> ProviderError {
        ProviderError { retry_after: after.map(Duration::from_secs), ..ProviderError::new(kind, "create x", "no") }
    }

    #[test]
    fn waits_double_up_to_five_minutes() {
        let waits: Vec<i64> = (1..=10).map(|n| wait_ms(n, &error(ErrorKind::Broken, None), 0.0) / 1000).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(wait_ms(i64::MAX, &error(ErrorKind::Broken, None), 0.0), LONGEST_MS);
        assert_eq!(wait_ms(1, &error(ErrorKind::Broken, None), 1.0), 1_500, "a quarter less at most");
    }

    #[test]
    fn retry_after_counts_and_what_stays_wrong_waits_long() {
        assert_eq!(wait_ms(1, &error(ErrorKind::Slow, Some(45)), 1.0), 45_000);
        assert_eq!(wait_ms(1, &error(ErrorKind::Slow, Some(1)), 0.0), 2_000);
        assert_eq!(wait_ms(1, &error(ErrorKind::Slow, Some(1_000_000)), 0.0), ASKED_LONGEST_MS);
        assert_eq!(wait_ms(1, &error(ErrorKind::Refused, None), 0.0), LONGEST_MS);
        assert_eq!(wait_ms(1, &error(ErrorKind::Forbidden, None), 0.0), LONGEST_MS);
    }
}
