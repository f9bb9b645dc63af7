//! Palette's limits of requests, per path prefix: one token bucket each, shared by everybody behind one address.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::options::Options;

/// Tokens a second and the size of the bucket.
const SLOW: (f64, f64) = (10.0, 5.0);
const FAST: (f64, f64) = (50.0, 5.0);
/// The published prefixes; what isn't among them shares one slow bucket.
const PREFIXES: [(&str, (f64, f64)); 7] = [
    ("auth", SLOW),
    ("clouds", SLOW),
    ("clusterprofiles", FAST),
    ("dashboard", SLOW),
    ("spectroclusters", FAST),
    ("users", SLOW),
    ("workspaces", SLOW),
];

#[derive(Debug, Default)]
pub(super) struct Limiter(BTreeMap<&'static str, (f64, Timestamp)>);

impl Limiter {
    /// Takes a token for a path below `/v1`; false when there is none.
    pub(super) fn admits(&mut self, segments: &[&str], now: Timestamp, options: &Options) -> bool {
        let prefix = segments.get(1).copied().unwrap_or_default();
        let known = PREFIXES.into_iter().find(|(known, _)| *known == prefix);
        let (prefix, (rate, burst)) = known.unwrap_or(("", SLOW));
        let rate = options.tokens_per_second.unwrap_or(rate).max(0.0);
        let burst = options.burst.unwrap_or(burst).max(0.0);
        let (tokens, last) = self.0.entry(prefix).or_insert((burst, now));
        let passed = now.duration_since(*last).as_secs_f64().max(0.0);
        *tokens = (*tokens + passed * rate).min(burst);
        *last = now;
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::scenario::later;
    use std::time::Duration;

    #[test]
    fn a_burst_of_five_then_ten_a_second_for_each_prefix() {
        let options = Options::default();
        let mut limiter = Limiter::default();
        let mut now: Timestamp = "2026-10-03T02:00:00Z".parse().unwrap();
        let path = ["v1", "workspaces", "x"];
        let passed = |limiter: &mut Limiter, now| (0..20).filter(|_| limiter.admits(&path, now, &options)).count();
        assert_eq!(passed(&mut limiter, now), 5);
        assert!(limiter.admits(&["v1", "dashboard"], now, &options), "another bucket");
        now = later(now, Duration::from_millis(200));
        assert_eq!(passed(&mut limiter, now), 2);
        now = later(now, Duration::from_secs(60));
        assert_eq!(passed(&mut limiter, now), 5);
    }
}
