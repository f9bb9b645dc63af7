//! Spans of time as people and Go write them.

use serde::{Deserialize, Serialize};

/// A whole number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u64);

/// The units that the retention field offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Hours,
    #[default]
    Days,
    Weeks,
}

impl Unit {
    /// Seconds in one of these.
    pub fn seconds(self) -> u64 {
        match self {
            Self::Hours => 3600,
            Self::Days => 86_400,
            Self::Weeks => 604_800,
        }
    }

    /// `days`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
        }
    }

    /// The unit of a word that a form sent.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Hours, Self::Days, Self::Weeks].into_iter().find(|u| u.word() == word)
    }
}

impl Seconds {
    /// As the retention field shows it: the largest unit that divides it, at least hours.
    pub fn in_units(self) -> (u64, Unit) {
        for unit in [Unit::Weeks, Unit::Days] {
            // 14 days reads better than 2 weeks up to a month; whole weeks only from five on.
            if self.0 > 0
                && self.0.is_multiple_of(unit.seconds())
                && (unit == Unit::Days || self.0 / unit.seconds() > 104)
            {
                return (self.0 / unit.seconds(), unit);
            }
        }
        (self.0.div_ceil(3600), Unit::Hours)
    }

    /// `30 days`, `36 hours`, `1 h 30 min`.
    pub fn words(self) -> String {
        let (d, h, m, s) = (self.0 / 86_400, self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        match (d, h, m, s) {
            (0, 0, 0, s) => format!("{s} s"),
            (1, 0, 0, 0) => "1 day".into(),
            (d, 0, 0, 0) => format!("{d} days"),
            (0, 1, 0, 0) => "1 hour".into(),
            (0, h, 0, 0) => format!("{h} hours"),
            (0, 0, m, 0) => format!("{m} min"),
            (0, 0, m, s) => format!("{m} min {s} s"),
            (0, h, m, _) => format!("{h} h {m} min"),
            (d, h, ..) => format!("{d} d {h} h"),
        }
    }

    /// An age or a delay in two units at most, cut and not rounded: `2 h 12 min`, `9 d 10 h`, `under a minute`.
    pub fn rough(self) -> String {
        match self.0 {
            0..60 => "under a minute".into(),
            60..86_400 => Self(self.0 / 60 * 60).words(),
            more => Self(more / 3600 * 3600).words(),
        }
    }

    /// As Go prints a `time.Duration` of whole seconds: `720h0m0s`, `1m30s`, `5s`.
    pub fn go(self) -> String {
        let (h, m, s) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match (h, m) {
            (0, 0) => format!("{s}s"),
            (0, m) => format!("{m}m{s}s"),
            (h, m) => format!("{h}h{m}m{s}s"),
        }
    }

    /// Reads a Go duration (`720h`, `1h30m`, `1.5h`, `90s`, `500ms`), cut to whole seconds. `None` for anything else,
    /// such as `30d`, which Go refuses too.
    pub fn from_go(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        if rest == "0" {
            return Some(Self(0));
        }
        if rest.is_empty() || rest.starts_with('-') {
            return None;
        }
        // Whole numbers throughout: reading a float brings 20 kB of tables into the browser.
        let mut nanos: u128 = 0;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
            let (whole, part) = rest[..end].split_once('.').unwrap_or((&rest[..end], ""));
            rest = &rest[end..];
            let (unit, len) = UNITS.iter().find(|(name, _)| rest.starts_with(name)).map(|(n, u)| (*u, n.len()))?;
            rest = &rest[len..];
            if whole.len() > 15 || whole.is_empty() && part.is_empty() || part.contains('.') {
                return None;
            }
            nanos += if whole.is_empty() { 0 } else { whole.parse::<u128>().ok()? } * unit;
            // What is smaller than a billionth of the unit is far less than the second that counts.
            let part = &part[..part.len().min(9)];
            if !part.is_empty() {
                nanos += part.parse::<u128>().ok()? * unit / 10_u128.pow(u32::try_from(part.len()).ok()?);
            }
        }
        u64::try_from(nanos / 1_000_000_000).ok().filter(|seconds| *seconds < 1_000_000_000_000).map(Self)
    }
}

/// Go's units in nanoseconds; longer names before those that they begin with.
const UNITS: [(&str, u128); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_round_trip() {
        for (text, secs, back) in [
            ("720h", 2_592_000, "720h0m0s"),
            ("1h30m", 5400, "1h30m0s"),
            ("90s", 90, "1m30s"),
            ("1.5h", 5400, "1h30m0s"),
            ("720h0m0s", 2_592_000, "720h0m0s"),
            ("0", 0, "0s"),
            ("500ms", 0, "0s"),
        ] {
            let read = Seconds::from_go(text);
            assert_eq!(read, Some(Seconds(secs)), "{text}");
            assert_eq!(Seconds(secs).go(), back);
        }
        for bad in ["", "30d", "h", "1", "-5m", "1h30", "abc", "1x"] {
            assert_eq!(Seconds::from_go(bad), None, "{bad}");
        }
    }

    #[test]
    fn words() {
        assert_eq!(Seconds(86_400 * 30).words(), "30 days");
        assert_eq!(Seconds(3600 * 36).words(), "1 d 12 h");
        assert_eq!(Seconds(90).words(), "1 min 30 s");
        for (seconds, said) in [
            (59, "under a minute"),
            (119, "1 min"),
            (3600, "1 hour"),
            (7_949, "2 h 12 min"),
            (86_400 + 300, "1 day"),
            (9 * 86_400 + 10 * 3600 + 59, "9 d 10 h"),
        ] {
            assert_eq!(Seconds(seconds).rough(), said);
        }
        assert_eq!(Seconds(86_400 * 14).in_units(), (14, Unit::Days));
        assert_eq!(Seconds(3600 * 36).in_units(), (36, Unit::Hours));
    }
}
