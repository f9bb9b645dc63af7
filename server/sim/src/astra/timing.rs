//! When a schedule fires. Everything is UTC.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;

use crate::json::text;

/// Two months without a 31st day lie between two that have one.
const DAYS_AHEAD: usize = 64;

/// The recurrence of a custom schedule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recurrence {
    start: Timestamp,
    /// Seconds.
    every: i64,
}

/// Reads `DTSTART:<UTC>` and `RRULE:FREQ=MINUTELY|HOURLY;INTERVAL=n` on two lines.
pub(super) fn recurrence(rule: &str) -> Result<Recurrence, &'static str> {
    let (head, tail) = rule.trim().split_once('\n').ok_or("must be DTSTART and RRULE on two lines")?;
    let start = head.trim().strip_prefix("DTSTART:").ok_or("must begin with DTSTART")?;
    let start = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", start)
        .ok()
        .and_then(|local| local.to_zoned(TimeZone::UTC).ok())
        .ok_or("DTSTART must be a time such as 20260101T000000Z")?;
    let parts = tail.trim().strip_prefix("RRULE:").ok_or("must have an RRULE")?;
    let (mut unit, mut interval) = (0, 1);
    for part in parts.split(';') {
        match part.split_once('=') {
            Some(("FREQ", "MINUTELY")) => unit = 60,
            Some(("FREQ", "HOURLY")) => unit = 3600,
            Some(("INTERVAL", number)) => {
                interval =
                    number.parse().ok().filter(|n| (1..=10_000).contains(n)).ok_or("INTERVAL must be positive")?;
            }
            _ => return Err("RRULE may have FREQ=MINUTELY or FREQ=HOURLY and INTERVAL only"),
        }
    }
    if unit == 0 {
        return Err("RRULE must have a FREQ");
    }
    Ok(Recurrence { start: start.timestamp(), every: unit * interval })
}

impl Recurrence {
    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        if after < self.start {
            return Some(self.start);
        }
        let gone = after.as_second() - self.start.as_second();
        Timestamp::from_second(self.start.as_second() + (gone / self.every + 1) * self.every).ok()
    }

    pub(super) fn starts_by(&self, now: Timestamp) -> bool {
        self.start <= now
    }
}

/// The first time after `after` that a schedule fires at.
pub(super) fn next(schedule: &Value, after: Timestamp) -> Option<Timestamp> {
    let number = |pointer: &str| text(schedule, pointer).parse::<i8>().ok();
    let granularity = text(schedule, "/granularity");
    if granularity == "custom" {
        return recurrence(text(schedule, "/recurrenceRule")).ok()?.next(after);
    }
    let minute = number("/minute")?;
    let hours: Vec<i8> = if granularity == "hourly" { (0..24).collect() } else { vec![number("/hour")?] };
    let takes = |date: Date| match granularity {
        // 0 and 7 are both Sunday.
        "weekly" => number("/dayOfWeek").is_some_and(|day| day % 7 == date.weekday().to_sunday_zero_offset()),
        "monthly" => number("/dayOfMonth") == Some(date.day()),
        _ => true,
    };
    let mut date = after.to_zoned(TimeZone::UTC).date();
    for _ in 0..DAYS_AHEAD {
        for hour in hours.iter().filter(|_| takes(date)) {
            let time = Time::new(*hour, minute, 0, 0).ok()?;
            let found = date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?.timestamp();
            if found > after {
                return Some(found);
            }
        }
        date = date.checked_add(Span::new().days(1)).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_the_next_time() {
        let at = |granularity: &str, minute: &str, hour: &str, week: &str, month: &str| json!({"granularity": granularity, "minute": minute, "hour": hour, "dayOfWeek": week, "dayOfMonth": month});
        for (schedule, after, expected) in [
            (at("hourly", "15", "", "", ""), "2026-10-03T02:15:00Z", "2026-10-03T03:15:00Z"),
            (at("hourly", "15", "", "", ""), "2026-10-03T23:20:00Z", "2026-10-04T00:15:00Z"),
            (at("daily", "30", "2", "", ""), "2026-10-03T02:29:59Z", "2026-10-03T02:30:00Z"),
            (at("weekly", "0", "5", "0", ""), "2026-10-03T00:00:00Z", "2026-10-04T05:00:00Z"),
            (at("weekly", "0", "5", "7", ""), "2026-10-03T00:00:00Z", "2026-10-04T05:00:00Z"),
            (at("monthly", "0", "1", "", "31"), "2026-10-31T01:00:00Z", "2026-12-31T01:00:00Z"),
            (at("monthly", "0", "1", "", "30"), "2026-01-31T00:00:00Z", "2026-03-30T01:00:00Z"),
        ] {
            assert_eq!(next(&schedule, after.parse().unwrap()), Some(expected.parse().unwrap()), "{schedule}");
        }
        let custom = json!({"granularity": "custom", "recurrenceRule": "DTSTART:20260101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=6"});
        let found = next(&custom, "2026-10-03T06:00:00Z".parse().unwrap());
        assert_eq!(found, Some("2026-10-03T12:00:00Z".parse().unwrap()));
    }

    #[test]
    fn refuses_other_rules() {
        for rule in [
            "",
            "RRULE:FREQ=HOURLY",
            "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY",
            "DTSTART:20260101T000000Z\nRRULE:FREQ=HOURLY;BYHOUR=3",
            "DTSTART:20260101T000000Z\nRRULE:INTERVAL=3",
            "DTSTART:20260101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=0",
            "DTSTART:yesterday\nRRULE:FREQ=HOURLY",
        ] {
            assert!(recurrence(rule).is_err(), "{rule}");
        }
    }
}
