//! The one place where xtask reads a clock.

use std::time::{Duration, Instant};

/// A point in time to measure from.
#[expect(clippy::disallowed_methods, reason = "the build tool measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// A duration as a person reads it: `0.4 s`, `12.3 s`, `4 min 06 s`.
pub fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 100 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_naturally() {
        assert_eq!(spoken(Duration::from_millis(430)), "0.4 s");
        assert_eq!(spoken(Duration::from_secs(99)), "99.0 s");
        assert_eq!(spoken(Duration::from_secs(246)), "4 min 06 s");
    }
}
