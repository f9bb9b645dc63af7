//! Cron texts into the five parts of a policy's schedule and back, in one spelling for each meaning.
//!
//! Weekdays are sent by name: the guide shows names, while a number means another day to one Python scheduler than to the next.

use crate::provider::cloudcasa::wire::CronOut;
use model::cron::{Cron, Field, parse};
use serde_json::Value;

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const PARTS: [&str; 5] = ["minute", "hour", "dayOfMonth", "month", "dayOfWeek"];

/// Whether a field allows everything.
pub fn free(field: &Field, least: u8, most: u8) -> bool {
    field.any || field.values.len() == usize::from(most - least) + 1
}

/// The five parts of a text that [`super::express`] lets through.
pub fn parts(cron: &str) -> CronOut {
    let Ok(Cron::Fields([minute, hour, day, month, weekday])) = parse(cron) else {
        // Nothing that may be sent: the server refuses it, and the field is named.
        let empty = String::new;
        return CronOut {
            minute: cron.to_owned(),
            hour: empty(),
            day_of_month: empty(),
            month: empty(),
            day_of_week: empty(),
        };
    };
    let days: Vec<&str> = weekday.values.iter().filter_map(|v| DAYS.get(usize::from(*v)).copied()).collect();
    CronOut {
        minute: part(&minute, 0, 59),
        hour: part(&hour, 0, 23),
        day_of_month: part(&day, 1, 31),
        month: part(&month, 1, 12),
        day_of_week: if free(&weekday, 0, 6) { "*".into() } else { days.join(",") },
    }
}

/// `*`, `*/6`, `8-18`, `1,15`.
fn part(field: &Field, least: u8, most: u8) -> String {
    let values = &field.values;
    if free(field, least, most) {
        return "*".into();
    }
    if let Some(step) = step(values, least, most) {
        return format!("*/{step}");
    }
    let mut out: Vec<String> = Vec::new();
    let mut i = 0;
    while i < values.len() {
        let mut end = i;
        while end + 1 < values.len() && values[end + 1] == values[end] + 1 {
            end += 1;
        }
        match end - i {
            0 => out.push(values[i].to_string()),
            1 => out.extend([values[i].to_string(), values[end].to_string()]),
            _ => out.push(format!("{}-{}", values[i], values[end])),
        }
        i = end + 1;
    }
    out.join(",")
}

/// The step of `*/n`, when that is what the values are.
fn step(values: &[u8], least: u8, most: u8) -> Option<u8> {
    let [first, second, ..] = values else { return None };
    let step = second - first;
    let all: Vec<u8> = (least..=most).step_by(usize::from(step)).collect();
    (step > 1 && *first == least && all == values).then_some(step)
}

/// One spelling for each meaning; `None` when the text means nothing to us.
pub fn canonical(cron: &str) -> Option<String> {
    let sundays = sunday(cron);
    match parse(&sundays) {
        Ok(Cron::Fields(_)) => {
            let p = parts(&sundays);
            Some([p.minute, p.hour, p.day_of_month, p.month, p.day_of_week].join(" "))
        }
        _ => None,
    }
}

/// A policy's `schedule`: `cronSpec` wins over the five parts, of which a missing one means any.
pub fn text(schedule: &Value) -> String {
    let said = |key: &str| schedule[key].as_str().unwrap_or_default().trim();
    match said("cronSpec") {
        "" => PARTS
            .map(|key| match said(key) {
                "" => "*".to_owned(),
                part => part.replace(' ', ""),
            })
            .join(" "),
        spec => spec.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Sunday is 0 and 7 upstream; our parser knows the first only.
fn sunday(cron: &str) -> String {
    let mut parts: Vec<String> = cron.split_whitespace().map(str::to_owned).collect();
    if let [_, _, _, _, days] = parts.as_mut_slice() {
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

/// Whether two texts mean the same times.
pub fn same(a: &str, b: &str) -> bool {
    a == b || canonical(a).is_some_and(|text| Some(text) == canonical(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spellings_of_one_meaning_are_one() {
        for (cron, wanted) in [
            ("30 2 * * *", "30 2 * * *"),
            ("@daily", "0 0 * * *"),
            ("0 3 * * 0", "0 3 * * SUN"),
            ("0 3 * * 7", "0 3 * * SUN"),
            ("0 3 * * sun", "0 3 * * SUN"),
            ("0 3 * * MON-FRI", "0 3 * * MON,TUE,WED,THU,FRI"),
            ("0 3 * * 5-7", "0 3 * * SUN,FRI,SAT"),
            ("15 */6 * * *", "15 */6 * * *"),
            ("15 0,6,12,18 * * *", "15 */6 * * *"),
            ("*/15 8-18 * * 1-5", "*/15 8-18 * * MON,TUE,WED,THU,FRI"),
            ("0 3 1,15,22 jan *", "0 3 1,15,22 1 *"),
            ("5/15 * * * *", "5,20,35,50 * * * *"),
            ("0 0 ? * 0-6", "0 0 * * *"),
            ("0 4 */2 * *", "0 4 */2 * *"),
            ("0 4,5 * * *", "0 4,5 * * *"),
        ] {
            assert_eq!(canonical(cron).as_deref(), Some(wanted), "{cron}");
            assert!(same(cron, wanted), "{cron}");
        }
        for nonsense in ["whenever", "@every 5m", "0 3 * *", "0 25 * * *"] {
            assert_eq!(canonical(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn both_forms_of_a_schedule_are_read() {
        assert_eq!(text(&json!({"cronSpec": "0 3  * * SUN", "hour": "9"})), "0 3 * * SUN");
        assert_eq!(text(&json!({"minute": "30", "hour": "2", "dayOfWeek": "MON, FRI"})), "30 2 * * MON,FRI");
        assert_eq!(text(&json!({"minute": 30})), "* * * * *");
    }
}
