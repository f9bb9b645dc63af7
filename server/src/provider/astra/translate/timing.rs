//! Cron and Astra Control's granularities. Not everything that cron can say fits; nothing is rounded, and what does not fit is
//! told with its remedy. Everything is UTC.

use super::rule::Rule;
use model::cron::{self, Cron, Field};

/// When a schedule runs, in the fields of one; those that its granularity doesn't have are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    pub granularity: &'static str,
    pub minute: String,
    pub hour: String,
    pub day_of_week: String,
    pub day_of_month: String,
    pub rule: String,
}

/// Granularities, in the order in which Astra Control shows them.
pub const GRANULARITIES: [&str; 5] = ["hourly", "daily", "weekly", "monthly", "custom"];

const ONE_TIME: &str = "Astra Control runs a schedule at one time, or every so many minutes or hours that divide the hour or the \
                        day. Choose one time, an interval such as 0 */6 * * *, or make a definition for each time.";
const ONE_DAY: &str = "Astra Control runs a schedule daily, on one day of the week or on one day of the month. Make a definition for each day.";
const BOTH_DAYS: &str = "With a day of the month and a weekday cron means either; Astra Control knows one of them. Make a \
                         definition for each.";
const MONTHS: &str = "Astra Control runs in every month; leave the month at *.";

/// The fields that an expression means, or why none do.
pub fn timing(text: &str) -> Result<Timing, String> {
    match cron::parse(text)? {
        Cron::Every(span) => Ok(custom(Rule::every(span)?)),
        Cron::Fields([minute, hour, day, month, weekday]) => {
            if month.values.len() != 12 {
                return Err(MONTHS.into());
            }
            let (all_days, all_weekdays) = (day.values.len() == 31, weekday.values.len() == 7);
            match (day.any, weekday.any) {
                // Either is enough, and one of them always holds.
                (false, false) if all_days || all_weekdays => daily(&minute, &hour),
                (false, false) => Err(BOTH_DAYS.into()),
                (_, true) if all_days => daily(&minute, &hour),
                (true, _) if all_weekdays => daily(&minute, &hour),
                (_, true) => {
                    let (minute, hour) = at(&minute, &hour).ok_or(ONE_TIME)?;
                    let [day] = day.values[..] else { return Err(ONE_DAY.into()) };
                    let day_of_month = day.to_string();
                    Ok(Timing { granularity: "monthly", minute, hour, day_of_month, ..Timing::default() })
                }
                (true, false) => {
                    let (minute, hour) = at(&minute, &hour).ok_or(ONE_TIME)?;
                    let [day] = weekday.values[..] else { return Err(ONE_DAY.into()) };
                    let day_of_week = day.to_string();
                    Ok(Timing { granularity: "weekly", minute, hour, day_of_week, ..Timing::default() })
                }
            }
        }
    }
}

/// On every day: at one time, once an hour, or at even distances.
fn daily(minute: &Field, hour: &Field) -> Result<Timing, String> {
    if let Some((minute, hour)) = at(minute, hour) {
        return Ok(Timing { granularity: "daily", minute, hour, ..Timing::default() });
    }
    match (minute.values.as_slice(), hour.values.as_slice()) {
        ([one], all) if all.len() == 24 => {
            Ok(Timing { granularity: "hourly", minute: one.to_string(), ..Timing::default() })
        }
        ([one], hours) => match even(hours, 24) {
            Some((first, step)) => Ok(custom(Rule {
                every: i64::from(step) * 3600,
                phase: i64::from(first) * 3600 + i64::from(*one) * 60,
            })),
            None => Err(ONE_TIME.into()),
        },
        (minutes, all) if all.len() == 24 => match even(minutes, 60) {
            Some((first, step)) => Ok(custom(Rule { every: i64::from(step) * 60, phase: i64::from(first) * 60 })),
            None => Err(ONE_TIME.into()),
        },
        _ => Err(ONE_TIME.into()),
    }
}

fn custom(rule: Rule) -> Timing {
    Timing { granularity: "custom", rule: rule.text(), ..Timing::default() }
}

/// The one time of day.
fn at(minute: &Field, hour: &Field) -> Option<(String, String)> {
    match (minute.values.as_slice(), hour.values.as_slice()) {
        ([minute], [hour]) => Some((minute.to_string(), hour.to_string())),
        _ => None,
    }
}

/// First value and distance of values that go round evenly.
fn even(values: &[u8], whole: u8) -> Option<(u8, u8)> {
    let count = u8::try_from(values.len()).ok().filter(|n| *n > 1 && whole.is_multiple_of(*n))?;
    let (first, step) = (*values.first()?, whole / count);
    values.iter().zip(0..count).all(|(value, i)| *value == first + i * step).then_some((first, step))
}

/// The expression that means these fields, in the form in which people write it; `None` when there is none.
pub fn cron(timing: &Timing) -> Option<String> {
    let number = |text: &str, least: u8, most: u8| {
        text.parse::<u8>().ok().filter(|n| (least..=most).contains(n)).map(|n| n.to_string())
    };
    let (minute, hour) = (number(&timing.minute, 0, 59), number(&timing.hour, 0, 23));
    match timing.granularity {
        "hourly" => Some(format!("{} * * * *", minute?)),
        "daily" => Some(format!("{} {} * * *", minute?, hour?)),
        "weekly" => Some(format!("{} {} * * {}", minute?, hour?, number(&timing.day_of_week, 0, 6)?)),
        "monthly" => Some(format!("{} {} {} * *", minute?, hour?, number(&timing.day_of_month, 1, 31)?)),
        "custom" => Rule::read(&timing.rule)?.cron(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_fits() {
        for (text, granularity, fields) in [
            ("30 2 * * *", "daily", ["30", "2", "", ""]),
            ("@daily", "daily", ["0", "0", "", ""]),
            ("5 * * * *", "hourly", ["5", "", "", ""]),
            ("5 0-23 * * *", "hourly", ["5", "", "", ""]),
            ("0 4 * * SUN", "weekly", ["0", "4", "0", ""]),
            ("0 4 * * 6", "weekly", ["0", "4", "6", ""]),
            ("15 6 31 * *", "monthly", ["15", "6", "", "31"]),
            ("15 6 1-31 * 1", "daily", ["15", "6", "", ""]),
            ("15 6 3 * 0-6", "daily", ["15", "6", "", ""]),
        ] {
            let found = timing(text).unwrap();
            let seen = [&found.minute, &found.hour, &found.day_of_week, &found.day_of_month].map(String::as_str);
            assert_eq!((found.granularity, seen, found.rule.as_str()), (granularity, fields, ""), "{text}");
            assert_eq!(timing(&cron(&found).unwrap()).unwrap(), found, "{text}");
        }
        for (text, rule) in [
            ("*/15 * * * *", "DTSTART:20200101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=15"),
            ("7,37 * * * *", "DTSTART:20200101T000700Z\nRRULE:FREQ=MINUTELY;INTERVAL=30"),
            ("* * * * *", "DTSTART:20200101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=1"),
            ("0 */6 * * *", "DTSTART:20200101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=6"),
            ("20 3,15 * * *", "DTSTART:20200101T032000Z\nRRULE:FREQ=HOURLY;INTERVAL=12"),
            ("@every 90m", "DTSTART:20200101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=90"),
            ("@every 36h", "DTSTART:20200101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=36"),
        ] {
            let found = timing(text).unwrap();
            assert_eq!((found.granularity, found.rule.as_str()), ("custom", rule), "{text}");
            assert_eq!(timing(&cron(&found).unwrap()).unwrap(), found, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_says_what_to_do() {
        for (text, why) in [
            ("0 2 1,15 * *", ONE_DAY),
            ("0 2 * * 1-5", ONE_DAY),
            ("0 2 1 * 1", BOTH_DAYS),
            ("0 2 1 1 *", MONTHS),
            ("0 2,3 * * *", ONE_TIME),
            ("*/7 * * * *", ONE_TIME),
            ("0 */5 * * *", ONE_TIME),
            ("*/15 8-18 * * *", ONE_TIME),
            ("0 */6 * * 1", ONE_TIME),
        ] {
            assert_eq!(timing(text).unwrap_err(), why, "{text}");
        }
        assert!(timing("@every 90s").unwrap_err().contains("whole minutes"));
        for wrong in [("daily", "77", "2"), ("weekly", "0", "2"), ("sometimes", "0", "0")] {
            let timing =
                Timing { granularity: wrong.0, minute: wrong.1.into(), hour: wrong.2.into(), ..Timing::default() };
            assert_eq!(cron(&timing), None, "{wrong:?}");
        }
    }
}
