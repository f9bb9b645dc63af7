//! When a schedule fires: cron arithmetic in time zones, as robfig/cron does it, because Velero uses that library.
//!
//! The browser never does this: it needs a time-zone database. Two facts of robfig/cron v3 (`spec.go` and its own tests,
//! `spec_test.go`, cases "Daylight savings time") that surprise people are said in [`upcoming`]'s warning: a wall-clock time
//! that the spring change skips has no run that day, and one that the autumn change repeats runs twice.

mod next;

pub use next::{Counted, counted_since, next_run, next_runs};

use jiff::{Timestamp, civil, tz::TimeZone};
use model::{
    FieldError, Millis,
    cron::{self, Cron, Field},
    definition::Schedule,
    interval::Intervals,
    view::Upcoming,
};

/// robfig/cron gives up after five years (`30 2 30 2 *` never comes).
const YEARS: i16 = 5;
/// How far ahead [`upcoming`] looks for clock changes.
const WARN_DAYS: i64 = 400;

/// A schedule that can be asked for its times.
#[derive(Clone, Debug)]
pub struct Rule {
    cron: Cron,
    zone: TimeZone,
    intervals: Intervals,
}

impl Rule {
    /// The rule of a stored schedule; without a zone the upstream's own counts, which is normally UTC. `Err` holds a field
    /// error for `cron` or `zone`.
    pub fn of(schedule: &Schedule) -> Result<Self, FieldError> {
        let cron = cron::parse(&schedule.cron).map_err(|sentence| wrong("cron", "cron", sentence))?;
        let zone = zone(schedule.zone.as_deref().unwrap_or("UTC"))?;
        Ok(Self { cron, zone, intervals: Intervals::LastRun })
    }

    /// The same on a system that counts intervals in its own way.
    #[must_use]
    pub fn counting(self, intervals: Intervals) -> Self {
        Self { intervals, ..self }
    }

    /// The first moment strictly after `after`, or `None` when there is none within five years.
    pub fn next_after(&self, after: Millis) -> Option<Millis> {
        match &self.cron {
            Cron::Every(span) => {
                let ms = i64::try_from(span.0).ok()?.checked_mul(1000)?;
                Some(match self.intervals {
                    // robfig's ConstantDelaySchedule drops the fraction of a second.
                    Intervals::LastRun => Millis(after.0.div_euclid(1000) * 1000).plus(ms),
                    Intervals::Moment(start) => {
                        start.plus((after.0.saturating_sub(start.0).div_euclid(ms) + 1).saturating_mul(ms))
                    }
                })
            }
            Cron::Fields(fields) => next_field_match(fields, &self.zone, after),
        }
    }

    /// The next `count` moments.
    pub fn next_times(&self, after: Millis, count: usize) -> Vec<Millis> {
        std::iter::successors(self.next_after(after), |at| self.next_after(*at)).take(count).collect()
    }
}

/// A zone of the database by its exact name. jiff ignores case; Go, which Velero is written in, does not.
pub fn zone(name: &str) -> Result<TimeZone, FieldError> {
    TimeZone::get(name).ok().filter(|found| found.iana_name() == Some(name)).ok_or_else(|| {
        wrong("zone", "unknown", format!("“{name}” is no time zone; choose one such as Europe/Zurich or UTC."))
    })
}

/// The zones that a person can choose, sorted: places and UTC, without historical aliases.
pub fn zones() -> Vec<String> {
    const PLACES: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let mut names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| PLACES.iter().any(|place| name.starts_with(place)))
        .collect();
    names.push("UTC".into());
    names.sort_unstable();
    names.dedup();
    names
}

/// The next five moments, in the schedule's zone and the reader's, with what the clock changes do to them.
pub fn upcoming(cron_text: &str, zone_name: &str, intervals: Intervals, reader: &str, now: Millis) -> Upcoming {
    let zone_name = zone_name.trim();
    let schedule =
        Schedule { cron: cron_text.trim().to_owned(), zone: (!zone_name.is_empty()).then(|| zone_name.to_owned()) };
    let rule = match Rule::of(&schedule) {
        Ok(rule) => rule.counting(intervals),
        Err(error) => return Upcoming { error: Some(error), ..Upcoming::default() },
    };
    let reader = TimeZone::get(reader).unwrap_or(TimeZone::UTC);
    let times: Vec<_> = rule
        .next_times(now, 5)
        .into_iter()
        .map(|at| (at, local_text(at, &rule.zone), local_text(at, &reader)))
        .collect();
    let error = times
        .is_empty()
        .then(|| wrong("cron", "never", "No such day comes within five years; check the day and the month.".into()));
    Upcoming { words: intervals.words(&schedule), times, warning: clock_changes(&rule, now), error }
}

/// `Thu 22 Oct 2026, 02:30 CEST`.
pub fn local_text(at: Millis, zone: &TimeZone) -> String {
    timestamp(at).to_zoned(zone.clone()).strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}

fn wrong(path: &str, code: &str, sentence: String) -> FieldError {
    FieldError { path: path.into(), code: code.into(), sentence }
}

/// Moments outside jiff's years −9999 to 9999 become its ends.
fn timestamp(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// Vixie's rule: two restricted day fields are joined by "or", otherwise by "and".
fn day_matches([_, _, day, month, weekday]: &[Field; 5], date: civil::Date) -> bool {
    let has = |field: &Field, value: i8| field.values.binary_search(&u8::try_from(value).unwrap_or(u8::MAX)).is_ok();
    let (in_month, on_weekday) = (has(day, date.day()), has(weekday, date.weekday().to_sunday_zero_offset()));
    has(month, date.month()) && if day.any || weekday.any { in_month && on_weekday } else { in_month || on_weekday }
}

fn next_field_match(fields: &[Field; 5], zone: &TimeZone, after: Millis) -> Option<Millis> {
    let after = timestamp(after);
    let local = zone.to_datetime(after);
    let mut date = local.date();
    let last = date.year().saturating_add(YEARS);
    while date.year() <= last {
        if day_matches(fields, date)
            && let Some(at) = first_on(fields, zone, date, after)
        {
            return Some(Millis(at.as_millisecond()));
        }
        date = next_candidate(fields, date)?;
    }
    None
}

/// The day after, or the first of the next month when this month isn't one of the schedule's.
fn next_candidate(fields: &[Field; 5], date: civil::Date) -> Option<civil::Date> {
    let month = u8::try_from(date.month()).ok()?;
    if fields[3].values.binary_search(&month).is_ok() {
        date.tomorrow().ok()
    } else {
        date.last_of_month().tomorrow().ok()
    }
}

/// The first moment of the schedule on a day, after `after`.
fn first_on(fields: &[Field; 5], zone: &TimeZone, date: civil::Date, after: Timestamp) -> Option<Timestamp> {
    let changes = has_change(zone, date);
    let local = zone.to_datetime(after);
    let mut best: Option<Timestamp> = None;
    for hour in &fields[1].values {
        for minute in &fields[0].values {
            let (hour, minute) = (i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?);
            let wall = date.at(hour, minute, 0, 0);
            if !changes && wall <= local {
                continue;
            }
            for at in moments(zone, wall).into_iter().flatten().filter(|at| *at > after) {
                best = Some(best.map_or(at, |b| b.min(at)));
            }
            // Without a clock change moments follow the wall clock: the first is the earliest.
            if !changes && best.is_some() {
                return best;
            }
        }
    }
    best
}

/// The moments that a wall clock shows this time: none in a gap, two in a fold.
fn moments(zone: &TimeZone, wall: civil::DateTime) -> [Option<Timestamp>; 2] {
    use jiff::tz::AmbiguousOffset as Offset;
    match zone.to_ambiguous_timestamp(wall).offset() {
        Offset::Unambiguous { offset } => [offset.to_timestamp(wall).ok(), None],
        Offset::Gap { .. } => [None, None],
        Offset::Fold { before, after } => [before.to_timestamp(wall).ok(), after.to_timestamp(wall).ok()],
    }
}

/// Whether the clock is put forward or back on this day or at one of its ends.
fn has_change(zone: &TimeZone, date: civil::Date) -> bool {
    let offset = |date: civil::Date| {
        let noon = zone.to_timestamp(date.at(12, 0, 0, 0)).ok()?;
        Some(zone.to_offset(noon))
    };
    let (Ok(before), Ok(behind)) = (date.yesterday(), date.tomorrow()) else {
        return true;
    };
    offset(before) != offset(behind)
}

/// What the clock changes of the coming year do to a rule with fixed times, in one sentence for each kind.
fn clock_changes(rule: &Rule, now: Millis) -> Option<String> {
    let Cron::Fields(fields) = &rule.cron else {
        return None;
    };
    // Whoever runs every hour, or every few, notices nothing.
    if fields[1].any || fields[1].values.len() > 6 {
        return None;
    }
    let name = rule.zone.iana_name().unwrap_or("this zone").to_owned();
    let end = now.plus(WARN_DAYS * 86_400_000);
    let (mut skipped, mut doubled) = (None, None);
    for change in rule.zone.following(timestamp(now)).take_while(|t| t.timestamp() <= timestamp(end)) {
        let after = change.offset();
        let Ok(before) = change.timestamp().checked_sub(jiff::Span::new().seconds(1)).map(|t| rule.zone.to_offset(t))
        else {
            continue;
        };
        let (from, to) = (before.to_datetime(change.timestamp()), after.to_datetime(change.timestamp()));
        let slot = if to > from { &mut skipped } else { &mut doubled };
        if slot.is_none() {
            *slot = first_between(fields, from.min(to), from.max(to));
        }
    }
    let mut hits: Vec<(civil::DateTime, bool)> =
        skipped.map(|at| (at, true)).into_iter().chain(doubled.map(|at| (at, false))).collect();
    hits.sort_unstable();
    let said: Vec<String> = hits
        .iter()
        .enumerate()
        .map(|(i, (at, skipped))| {
            let (day, hour) = (at.strftime("%-d %B %Y"), at.strftime("%H:%M"));
            let clock = if i == 0 { format!("the clock in {name}") } else { "it".to_owned() };
            if *skipped {
                format!("On {day} {clock} skips {hour}: that day has no run.")
            } else {
                format!("On {day} {clock} shows {hour} twice: that day has two runs.")
            }
        })
        .collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The first wall-clock time of the schedule from `from` up to but without `to`.
fn first_between(fields: &[Field; 5], from: civil::DateTime, to: civil::DateTime) -> Option<civil::DateTime> {
    let mut at = from.with().second(0).subsec_nanosecond(0).build().ok()?;
    while at < to {
        let (hour, minute) = (u8::try_from(at.hour()).ok()?, u8::try_from(at.minute()).ok()?);
        if at >= from
            && fields[1].values.binary_search(&hour).is_ok()
            && fields[0].values.binary_search(&minute).is_ok()
            && day_matches(fields, at.date())
        {
            return Some(at);
        }
        at = at.checked_add(jiff::Span::new().minutes(1)).ok()?;
    }
    None
}

#[cfg(test)]
mod tests;
