//! Cron as Velero's parser reads it (robfig/cron `ParseStandard`): five fields, names, descriptors, `@every`, and a
//! time zone prefix. Written anew, so that it can't share a mistake with what the console uses.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp};

use super::duration;
use crate::scenario::later;

#[derive(Debug, Clone)]
pub(crate) enum Cron {
    Every(Duration),
    Fields(Box<Fields>),
}

/// A bit for each value that a field allows.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
    /// Whether day and weekday are both restricted: then one of them is enough.
    either_day: bool,
    zone: TimeZone,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Reads an expression; the error is the parser's own sentence. `zones` is whether the server knows `CRON_TZ=` (1.15).
pub(crate) fn parse(text: &str, zones: bool) -> Result<Cron, String> {
    let mut zone = TimeZone::UTC;
    let mut rest = text;
    let prefixed = ["CRON_TZ=", "TZ="].iter().any(|p| text.starts_with(p));
    if zones && prefixed {
        let (head, tail) = text.split_once(' ').unwrap_or((text, ""));
        let name = head.split_once('=').map_or("", |(_, name)| name);
        zone = TimeZone::get(name).map_err(|_| format!("provided bad location {name}: unknown time zone {name}"))?;
        rest = tail.trim();
    }
    if rest.starts_with('@') {
        return descriptor(rest, zone);
    }
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    };
    let (minute, _) = field(minute, 0, 59, &[])?;
    let (hour, _) = field(hour, 0, 23, &[])?;
    let (day, any_day) = field(day, 1, 31, &[])?;
    let (month, _) = field(month, 1, 12, &MONTHS)?;
    let (weekday, any_weekday) = field(weekday, 0, 6, &DAYS)?;
    Ok(Cron::Fields(Box::new(Fields { minute, hour, day, month, weekday, either_day: !any_day && !any_weekday, zone })))
}

fn descriptor(text: &str, zone: TimeZone) -> Result<Cron, String> {
    let same = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let Some(every) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let every = duration::parse(every).map_err(|error| format!("failed to parse duration {text}: {error}"))?;
            // Whole seconds, at least one.
            return Ok(Cron::Every(Duration::from_secs(every.as_secs().max(1))));
        }
    };
    let mut cron = parse(same, false)?;
    if let Cron::Fields(fields) = &mut cron {
        fields.zone = zone;
    }
    Ok(cron)
}

/// The bits of one field and whether it begins with a star.
fn field(text: &str, min: u32, max: u32, names: &[&str]) -> Result<(u64, bool), String> {
    let mut bits = 0;
    let mut star = false;
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (range, step) = match part.split('/').collect::<Vec<_>>().as_slice() {
            [range] => (*range, None),
            [range, step] => (*range, Some(number(step)?)),
            _ => return Err(format!("too many slashes: {part}")),
        };
        let (from, mut to) = match range.split('-').collect::<Vec<_>>().as_slice() {
            ["*" | "?"] => {
                star |= step.is_none_or(|step| step <= 1);
                (min, max)
            }
            [one] => {
                let one = value(one, min, names)?;
                (one, one)
            }
            [from, to] => (value(from, min, names)?, value(to, min, names)?),
            _ => return Err(format!("too many hyphens: {part}")),
        };
        if step.is_some() && !range.contains('-') && from == to {
            to = max;
        }
        let step = step.unwrap_or(1);
        if from < min {
            return Err(format!("beginning of range ({from}) below minimum ({min}): {part}"));
        }
        if to > max {
            return Err(format!("end of range ({to}) above maximum ({max}): {part}"));
        }
        if from > to {
            return Err(format!("beginning of range ({from}) beyond end of range ({to}): {part}"));
        }
        if step == 0 {
            return Err(format!("step of range should be a positive number: {part}"));
        }
        let mut at = from;
        while at <= to {
            bits |= 1_u64 << at;
            at += step;
        }
    }
    Ok((bits, star))
}

fn value(text: &str, min: u32, names: &[&str]) -> Result<u32, String> {
    let lower = text.to_lowercase();
    match names.iter().position(|name| *name == lower) {
        Some(at) => Ok(min + u32::try_from(at).unwrap_or(0)),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u32, String> {
    if let Some(digits) = text.strip_prefix('-') {
        return Err(format!("negative number (-{digits}) not allowed: {text}"));
    }
    text.parse().map_err(|_| format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax"))
}

impl Cron {
    /// The first time after `at`, or nothing within five years.
    pub(crate) fn next(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(step) => {
                let whole = Timestamp::from_second(at.as_second()).ok()?;
                Some(later(whole, *step))
            }
            Self::Fields(fields) => fields.next(at),
        }
    }
}

impl Fields {
    fn next(&self, at: Timestamp) -> Option<Timestamp> {
        let local = at.to_zoned(self.zone.clone()).datetime();
        let mut date = local.date();
        for _ in 0..366 * 5 {
            if self.takes(date) {
                for time in self.times() {
                    let found = self.resolve(date.to_datetime(time));
                    if let Some(found) = found.filter(|found| *found > at) {
                        return Some(found);
                    }
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
        let days = if self.either_day { day || weekday } else { day && weekday };
        has(self.month, date.month()) && days
    }

    fn times(&self) -> impl Iterator<Item = Time> + '_ {
        let bits = |bits: u64, end: i8| (0..end).filter(move |v| bits >> *v & 1 == 1);
        bits(self.hour, 24)
            .flat_map(move |hour| bits(self.minute, 60).filter_map(move |minute| Time::new(hour, minute, 0, 0).ok()))
    }

    /// A time that the clocks leap over doesn't happen; one that they show twice happens the first time.
    fn resolve(&self, local: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => None,
            _ => ambiguous.compatible().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn next(cron: &str, at: &str) -> String {
        let at: Timestamp = at.parse().unwrap();
        parse(cron, true).unwrap().next(at).unwrap().to_string()
    }

    #[test]
    fn finds_the_next_time() {
        for (cron, at, expected) in [
            ("0 2 * * *", "2026-10-03T01:59:30Z", "2026-10-03T02:00:00Z"),
            ("0 2 * * *", "2026-10-03T02:00:00Z", "2026-10-04T02:00:00Z"),
            ("*/15 * * * *", "2026-10-03T02:16:00Z", "2026-10-03T02:30:00Z"),
            ("30 6 * * MON-FRI", "2026-10-03T07:00:00Z", "2026-10-05T06:30:00Z"),
            ("0 0 13 * 5", "2026-10-03T00:00:00Z", "2026-10-09T00:00:00Z"),
            ("0 0 1 jan *", "2026-10-03T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("@weekly", "2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z"),
            ("@every 90m", "2026-10-03T00:00:00Z", "2026-10-03T01:30:00Z"),
            ("CRON_TZ=Europe/Zurich 30 2 * * *", "2026-10-03T01:00:00Z", "2026-10-04T00:30:00Z"),
            ("TZ=Asia/Tokyo @daily", "2026-10-03T00:00:00Z", "2026-10-03T15:00:00Z"),
            // 02:30 does not exist in Zurich on 29 March 2026.
            ("CRON_TZ=Europe/Zurich 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
        ] {
            assert_eq!(next(cron, at), expected, "{cron}");
        }
    }

    #[test]
    fn refuses_in_the_parsers_own_words() {
        for (cron, sentence) in [
            ("0 2 * *", "expected exactly 5 fields, found 4: [0 2 * *]"),
            ("99 * * * *", "end of range (99) above maximum (59): 99"),
            ("* * * * 7", "end of range (7) above maximum (6): 7"),
            ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("@every 1d", "failed to parse duration @every 1d: time: unknown unit \"d\" in duration \"1d\""),
            ("@fortnightly", "unrecognized descriptor: @fortnightly"),
            ("CRON_TZ=Mars/X 0 0 * * *", "provided bad location Mars/X: unknown time zone Mars/X"),
        ] {
            assert_eq!(parse(cron, true).unwrap_err(), sentence);
        }
        assert!(parse("CRON_TZ=UTC 0 0 * * *", false).unwrap_err().contains("found 6"));
    }
}
