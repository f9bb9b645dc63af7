//! When a policy's schedules are due.

use jiff::Timestamp;
use serde_json::Value;

use crate::json::text;
use crate::life::cron::{self, Cron};

const PARTS: [&str; 5] = ["minute", "hour", "dayOfMonth", "month", "dayOfWeek"];

/// Reads one entry of `schedules` in its policy's zone. `cronSpec` wins over the five parts; a part that is missing
/// means any.
pub(super) fn read(policy: &Value, entry: &Value) -> Result<Cron, String> {
    let schedule = &entry["schedule"];
    let spec = match text(schedule, "/cronSpec").trim() {
        "" => {
            if PARTS.iter().all(|part| text(schedule, &format!("/{part}")).is_empty()) {
                return Err("a schedule must have cronSpec or its five parts".to_owned());
            }
            let parts = PARTS.map(|part| match text(schedule, &format!("/{part}")).trim() {
                "" => "*".to_owned(),
                part => part.replace(' ', ""),
            });
            parts.join(" ")
        }
        spec => spec.to_owned(),
    };
    let zone = match text(policy, "/timezone") {
        "" => "UTC",
        zone => zone,
    };
    if spec.starts_with('@') || spec.contains('=') {
        return Err(format!("invalid cron expression '{spec}'"));
    }
    let sundays = sunday(&spec);
    cron::parse(&format!("CRON_TZ={zone} {sundays}"), true).map_err(|_| format!("invalid cron expression '{spec}'"))
}

/// Sunday is 0 and 7; the parser below knows the first only.
fn sunday(spec: &str) -> String {
    let mut parts: Vec<String> = spec.split_whitespace().map(str::to_owned).collect();
    if let Some(days) = parts.get_mut(4) {
        let renamed: Vec<String> = days
            .split(',')
            .map(|day| match day {
                "7" => "0".to_owned(),
                day => match day.strip_suffix("-7") {
                    Some(from) => format!("{from}-6,0"),
                    None => day.to_owned(),
                },
            })
            .collect();
        *days = renamed.join(",");
    }
    parts.join(" ")
}

/// Whether it is due more often than once a day.
pub(super) fn within_a_day(cron: &Cron, now: Timestamp) -> bool {
    let mut at = now;
    for _ in 0..40 {
        let Some(next) = cron.next(at) else { return false };
        let after = cron.next(next);
        // A day with a clock change has 23 hours.
        if after.is_some_and(|after| after.as_second() - next.as_second() < 23 * 3_600) {
            return true;
        }
        at = next;
    }
    false
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn next(zone: &str, schedule: Value) -> Result<String, String> {
        let policy = json!({"timezone": zone});
        let cron = read(&policy, &json!({"schedule": schedule}))?;
        Ok(cron.next("2026-10-03T12:00:00Z".parse().unwrap()).unwrap().to_string())
    }

    #[test]
    fn reads_both_forms() {
        let parts = |minute: &str, hour: &str, day: &str, week: &str| json!({"minute": minute, "hour": hour, "dayOfMonth": day, "month": "*", "dayOfWeek": week});
        for (zone, schedule, expected) in [
            ("Europe/Zurich", parts("30", "2", "*", "*"), "2026-10-04T00:30:00Z"),
            ("UTC", parts("0", "3", "*", "MON,FRI"), "2026-10-05T03:00:00Z"),
            ("UTC", parts("0", "3", "*", "sun"), "2026-10-04T03:00:00Z"),
            ("UTC", parts("0", "3", "*", "7"), "2026-10-04T03:00:00Z"),
            ("UTC", parts("0", "3", "*/2", "*"), "2026-10-05T03:00:00Z"),
            ("UTC", json!({"cronSpec": "0 3 * * SUN", "hour": "9", "minute": "9"}), "2026-10-04T03:00:00Z"),
            ("UTC", json!({"cronSpec": "0 3 * * 6-7"}), "2026-10-04T03:00:00Z"),
        ] {
            assert_eq!(next(zone, schedule.clone()).as_deref(), Ok(expected), "{schedule}");
        }
    }

    #[test]
    fn refuses_nonsense() {
        for (zone, schedule) in [
            ("UTC", json!({})),
            ("UTC", json!({"cronSpec": "whenever"})),
            ("UTC", json!({"cronSpec": "@every 5m"})),
            ("UTC", json!({"cronSpec": "TZ=UTC 0 3 * * *"})),
            ("UTC", json!({"minute": "61", "hour": "1"})),
            ("Mars/Olympus", json!({"cronSpec": "0 3 * * *"})),
        ] {
            assert!(next(zone, schedule.clone()).is_err(), "{schedule}");
        }
    }

    #[test]
    fn knows_what_is_more_often_than_daily() {
        let now = "2026-10-03T12:00:00Z".parse().unwrap();
        let often = |spec: &str| {
            within_a_day(
                &read(&json!({"timezone": "Europe/Zurich"}), &json!({"schedule": {"cronSpec": spec}})).unwrap(),
                now,
            )
        };
        assert!(often("0 */6 * * *") && often("0 9,18 * * MON"));
        assert!(!often("30 2 * * *") && !often("30 2 * * SUN") && !often("0 0 30 2 *"));
    }
}
