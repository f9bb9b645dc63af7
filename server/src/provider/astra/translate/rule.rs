//! The recurrence of a custom schedule: `DTSTART:<past UTC>` and `RRULE:FREQ=MINUTELY|HOURLY;INTERVAL=n` on two lines.

use model::{Millis, duration::Seconds};

/// The moment that our own rules count from, in the past as Astra Control wants it: 2020-01-01T00:00:00Z.
const ANCHOR: i64 = 1_577_836_800;
/// The same: the next times of an interval are those after it.
pub const COUNTED_FROM: Millis = Millis(ANCHOR * 1000);
const DAY: i64 = 86_400;
/// Longer distances are told in a coarser unit by people, and no limit of `INTERVAL` is published.
const LONGEST_MINUTES: u64 = 10_000;
const LONGEST_HOURS: u64 = 366 * 24;

/// A fixed distance between runs, and where in it they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Seconds between two runs, a multiple of 60.
    pub every: i64,
    /// Seconds from a multiple of `every` after the anchor to each run; below `every`.
    pub phase: i64,
}

impl Rule {
    /// Every so many whole minutes, from the anchor on; or what can't be said.
    pub fn every(span: Seconds) -> Result<Self, String> {
        let minutes = span.0 / 60;
        if span.0 == 0 || !span.0.is_multiple_of(60) {
            return Err("Astra Control counts in whole minutes and hours; choose those.".into());
        }
        if minutes.is_multiple_of(60) && minutes / 60 > LONGEST_HOURS {
            return Err("At most every 366 days; choose a month or a week instead.".into());
        }
        if !minutes.is_multiple_of(60) && minutes > LONGEST_MINUTES {
            return Err(format!("Astra Control is told at most {LONGEST_MINUTES} minutes; choose whole hours."));
        }
        let every = i64::try_from(span.0).map_err(|_| "That is too long.".to_owned())?;
        Ok(Self { every, phase: 0 })
    }

    /// As it is sent.
    pub fn text(self) -> String {
        let (day, rest) = (self.phase / DAY, self.phase % DAY);
        let (year, month, day) = model::time::civil((ANCHOR / DAY) + day);
        let (unit, interval) =
            if self.every % 3600 == 0 { ("HOURLY", self.every / 3600) } else { ("MINUTELY", self.every / 60) };
        format!(
            "DTSTART:{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z\nRRULE:FREQ={unit};INTERVAL={interval}",
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        )
    }

    /// Reads it, however its lines are parted; `None` for a rule of another kind.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.replace("\\n", "\n");
        let (mut start, mut every) = (None, None);
        for line in text.split_whitespace() {
            if let Some(at) = line.strip_prefix("DTSTART:") {
                let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", at).ok()?;
                start = Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second());
            } else {
                every = Some(distance(line.strip_prefix("RRULE:")?)?);
            }
        }
        let every = every?;
        Some(Self { every, phase: (start? - ANCHOR).rem_euclid(every) })
    }

    /// The expression that people write for it, where there is one that means the same.
    pub fn cron(self) -> Option<String> {
        if self.phase % 60 != 0 {
            return None;
        }
        let (minutes, at) = (self.every / 60, self.phase / 60);
        if minutes < 60 && 60 % minutes == 0 {
            return Some(match (at, minutes) {
                (0, 1) => "* * * * *".into(),
                (0, n) => format!("*/{n} * * * *"),
                (at, n) => format!("{at}-59/{n} * * * *"),
            });
        }
        let hours = minutes / 60;
        if minutes % 60 == 0 && (2..24).contains(&hours) && 24 % hours == 0 {
            return Some(match (at / 60, at % 60) {
                (0, minute) => format!("{minute} */{hours} * * *"),
                (hour, minute) => format!("{minute} {hour}-23/{hours} * * *"),
            });
        }
        (self.phase == 0)
            .then(|| if minutes % 60 == 0 { format!("@every {hours}h") } else { format!("@every {minutes}m") })
    }
}

/// Seconds between runs.
fn distance(rule: &str) -> Option<i64> {
    let (mut unit, mut interval) = (None, 1);
    for part in rule.trim_end_matches(';').split(';') {
        match part.split_once('=')? {
            ("FREQ", "MINUTELY") => unit = Some(60),
            ("FREQ", "HOURLY") => unit = Some(3600),
            ("INTERVAL", n) => interval = n.parse::<i64>().ok().filter(|n| (1..=1_000_000).contains(n))?,
            _ => return None,
        }
    }
    Some(unit? * interval)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for (every, phase, cron) in [
            (900, 0, Some("*/15 * * * *")),
            (900, 300, Some("5-59/15 * * * *")),
            (60, 0, Some("* * * * *")),
            (6 * 3600, 0, Some("0 */6 * * *")),
            (6 * 3600, 3600 + 900, Some("15 1-23/6 * * *")),
            (90 * 60, 0, Some("@every 90m")),
            (36 * 3600, 0, Some("@every 36h")),
            (3600, 0, Some("@every 1h")),
            (36 * 3600, 30 * 3600, None),
            (900, 30, None),
        ] {
            let rule = Rule { every, phase };
            assert_eq!(Rule::read(&rule.text()), Some(rule), "{}", rule.text());
            assert_eq!(rule.cron().as_deref(), cron, "{}", rule.text());
        }
        let text = Rule { every: 36 * 3600, phase: 30 * 3600 }.text();
        assert_eq!(text, "DTSTART:20200102T060000Z\nRRULE:FREQ=HOURLY;INTERVAL=36");
    }

    #[test]
    fn spelling_does_not_matter_and_other_rules_are_not_guessed() {
        let one = Rule::read("DTSTART:20240101T001500Z\nRRULE:FREQ=HOURLY;INTERVAL=6").unwrap();
        for same in [
            "DTSTART:20230704T061500Z\r\nRRULE:INTERVAL=6;FREQ=HOURLY;",
            "RRULE:FREQ=MINUTELY;INTERVAL=360\nDTSTART:20240101T001500Z",
            "DTSTART:20240101T121500Z\\nRRULE:FREQ=HOURLY;INTERVAL=6",
        ] {
            assert_eq!(Rule::read(same), Some(one), "{same}");
        }
        for other in [
            "",
            "RRULE:FREQ=HOURLY",
            "DTSTART:20240101T000000Z\nRRULE:FREQ=DAILY",
            "DTSTART:20240101T000000Z\nRRULE:FREQ=HOURLY;BYHOUR=3",
            "DTSTART;TZID=Europe/Zurich:20240101T000000\nRRULE:FREQ=HOURLY",
            "DTSTART:20240101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=0",
        ] {
            assert_eq!(Rule::read(other), None, "{other}");
        }
    }

    #[test]
    fn what_can_not_be_counted_is_refused() {
        for wrong in [0, 90, 86_400 * 400, 10_001 * 60] {
            assert!(Rule::every(Seconds(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(Rule::every(Seconds(5400)), Ok(Rule { every: 5400, phase: 0 }));
    }
}
