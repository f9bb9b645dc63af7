//! Cron as the Python library croniter reads it, which checks schedules upstream: five fields (a sixth would be
//! seconds), Sunday as 0 or 7, names, steps, and either of day and weekday when both are restricted.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const HORIZON_DAYS: usize = 366 * 5;

/// A bit for each value that a field allows.
#[derive(Debug, Clone)]
pub(crate) struct Cron {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
    /// Day and weekday are both restricted: one of them is enough.
    either_day: bool,
}

/// Reads an expression.
///
/// # Errors
/// The library's own sentence.
pub(crate) fn parse(text: &str) -> Result<Cron, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err("Exactly 5 or 6 columns has to be specified for iterator expression.".to_owned());
    };
    let refusal = |what| format!("[{text}] is not acceptable{what}");
    let read = |field, min, max, names| bits(field, min, max, names).map_err(refusal);
    let weekdays = read(weekday, 0, 7, &DAYS)?;
    Ok(Cron {
        minute: read(minute, 0, 59, &[])?,
        hour: read(hour, 0, 23, &[])?,
        day: read(day, 1, 31, &[])?,
        month: read(month, 1, 12, &MONTHS)?,
        // 7 is Sunday too.
        weekday: (weekdays | weekdays >> 7 & 1) & 0x7f,
        either_day: !day.starts_with('*') && !weekday.starts_with('*'),
    })
}

/// The bits of a field; the error is the tail of a sentence.
fn bits(field: &str, min: u32, max: u32, names: &[&str]) -> Result<u64, &'static str> {
    let mut found = 0;
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step: u32 = step.map_or(Ok(1), str::parse).map_err(|_| "")?;
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (min, max),
            Some((from, to)) => (value(from, min, names)?, value(to, min, names)?),
            None => {
                let one = value(range, min, names)?;
                (one, if part.contains('/') { max } else { one })
            }
        };
        if from < min || to > max {
            return Err(", out of range");
        }
        if step == 0 || from > to {
            return Err("");
        }
        for at in (from..=to).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
            found |= 1_u64 << at;
        }
    }
    Ok(found)
}

fn value(text: &str, min: u32, names: &[&str]) -> Result<u32, &'static str> {
    let lower = text.to_lowercase();
    match names.iter().position(|name| *name == lower) {
        Some(at) => Ok(min + u32::try_from(at).unwrap_or(0)),
        None if text.chars().all(|c| c.is_ascii_digit()) => text.parse().map_err(|_| ", out of range"),
        None => Err(""),
    }
}

impl Cron {
    /// The first time after `at`, by the clocks of that zone; nothing within five years for a date that never comes.
    pub(crate) fn next(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut date = at.to_zoned(zone.clone()).date();
        for _ in 0..HORIZON_DAYS {
            if self.takes(date) {
                let due = |time| date.to_datetime(time).to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
                if let Some(found) = self.times().filter_map(due).find(|due| *due > at) {
                    return Some(found);
                }
            }
            date = date.checked_add(Span::new().days(1)).ok()?;
        }
        None
    }

    fn takes(&self, date: Date) -> bool {
        let has = |bits: u64, value: i8| bits >> u32::try_from(value).unwrap_or(0) & 1 == 1;
        let day = has(self.day, date.day());
        let weekday = has(self.weekday, date.weekday().to_sunday_zero_offset());
        has(self.month, date.month()) && if self.either_day { day || weekday } else { day && weekday }
    }

    fn times(&self) -> impl Iterator<Item = Time> + '_ {
        let set = |bits: u64, end: i8| (0..end).filter(move |v| bits >> *v & 1 == 1);
        set(self.hour, 24)
            .flat_map(move |hour| set(self.minute, 60).map(move |minute| Time::constant(hour, minute, 0, 0)))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn finds_the_next_time() {
        for (cron, zone, at, expected) in [
            ("0 2 * * *", "UTC", "2026-10-03T01:59:30Z", "2026-10-03T02:00:00Z"),
            ("0 2 * * *", "Europe/Zurich", "2026-10-03T01:59:30Z", "2026-10-04T00:00:00Z"),
            ("0 2 * * 7", "UTC", "2026-10-03T02:00:00Z", "2026-10-04T02:00:00Z"),
            ("*/5 * * * *", "UTC", "2026-10-03T02:01:00Z", "2026-10-03T02:05:00Z"),
            ("15 */6 * * *", "UTC", "2026-10-03T02:16:00Z", "2026-10-03T06:15:00Z"),
            ("0 0 13 * fri", "UTC", "2026-10-03T00:00:00Z", "2026-10-09T00:00:00Z"),
            ("1 1 1 1 1", "UTC", "2026-01-05T01:01:00Z", "2026-01-12T01:01:00Z"),
            ("5/20 0 * * *", "UTC", "2026-10-03T00:05:00Z", "2026-10-03T00:25:00Z"),
            // 02:30 does not exist in Zurich on 29 March 2026: the clock's next hour counts.
            ("30 2 * * *", "Europe/Zurich", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let next = parse(cron).unwrap().next(at.parse().unwrap(), &zone).unwrap();
            assert_eq!(next.to_string(), expected, "{cron}");
        }
        let never = parse("0 0 31 2 *").unwrap();
        assert_eq!(never.next("2026-10-03T00:00:00Z".parse().unwrap(), &TimeZone::UTC), None);
    }

    #[test]
    fn refuses_in_the_librarys_words() {
        for (cron, sentence) in [
            ("0 2 * *", "Exactly 5 or 6 columns has to be specified for iterator expression."),
            ("", "Exactly 5 or 6 columns has to be specified for iterator expression."),
            ("99 * * * *", "[99 * * * *] is not acceptable, out of range"),
            ("99999999999999999999 * * * *", "[99999999999999999999 * * * *] is not acceptable, out of range"),
            ("x * * * *", "[x * * * *] is not acceptable"),
            ("*/0 * * * *", "[*/0 * * * *] is not acceptable"),
            ("* * * * 8", "[* * * * 8] is not acceptable, out of range"),
            ("* * 0 * *", "[* * 0 * *] is not acceptable, out of range"),
            ("日 * * * *", "[日 * * * *] is not acceptable"),
        ] {
            assert_eq!(parse(cron).unwrap_err(), sentence);
        }
    }
}
