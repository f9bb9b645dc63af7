//! Cron as robfig's `ParseStandard` reads it, which Velero uses (`reference/velero.md` section 4): five fields with names,
//! the `@` descriptors, and `@every <Go duration>`. Checked and put into words here; when it fires is the server's
//! arithmetic, because that needs a time-zone database.

use crate::duration::Seconds;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cron {
    /// Minute, hour, day of month, month, day of week.
    Fields([Field; 5]),
    /// A fixed distance between runs.
    Every(Seconds),
}

/// One of the five fields: the values it allows, and whether it was written as `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Sorted, without repeats.
    pub values: Vec<u8>,
    /// True for `*` and `?`: in the day fields, Vixie's rule joins two restricted fields by "or".
    pub any: bool,
}

struct Spec {
    name: &'static str,
    min: u8,
    max: u8,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const SPECS: [Spec; 5] = [
    Spec { name: "minute", min: 0, max: 59, names: &[] },
    Spec { name: "hour", min: 0, max: 23, names: &[] },
    Spec { name: "day of the month", min: 1, max: 31, names: &[] },
    Spec { name: "month", min: 1, max: 12, names: &MONTHS },
    Spec { name: "day of the week", min: 0, max: 6, names: &DAYS },
];

/// Reads an expression without a time-zone prefix. The error is a sentence that names the part and the remedy.
pub fn parse(text: &str) -> Result<Cron, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Say when, for example 30 2 * * * for every day at 02:30.".into());
    }
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Err("Choose the time zone in its own field, not in the cron text.".into());
    }
    if let Some(word) = text.strip_prefix('@') {
        return descriptor(word);
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != 5 {
        return Err(format!("Five fields are needed (minute, hour, day, month, weekday); this has {}.", parts.len()));
    }
    let mut fields = Vec::with_capacity(5);
    for (part, spec) in parts.iter().zip(&SPECS) {
        fields.push(field(part, spec)?);
    }
    <[Field; 5]>::try_from(fields).map(Cron::Fields).map_err(|_| "Five fields are needed.".to_owned())
}

fn descriptor(word: &str) -> Result<Cron, String> {
    if let Some(span) = word.strip_prefix("every ") {
        return match Seconds::from_go(span.trim()) {
            Some(s) if s.0 >= 60 => Ok(Cron::Every(s)),
            Some(_) => Err("@every needs at least 1m: Velero looks once a minute.".into()),
            None => Err(format!("“{}” is no Go duration: write 90m or 12h; days don't exist there.", span.trim())),
        };
    }
    let same = match word {
        "hourly" => "0 * * * *",
        "daily" | "midnight" => "0 0 * * *",
        "weekly" => "0 0 * * 0",
        "monthly" => "0 0 1 * *",
        "yearly" | "annually" => "0 0 1 1 *",
        _ => {
            return Err(format!("“@{word}” is not known; @hourly, @daily, @weekly, @monthly, @yearly and @every are."));
        }
    };
    parse(same)
}

fn field(text: &str, spec: &Spec) -> Result<Field, String> {
    // No field has a value over 59.
    let mut taken = 0_u64;
    let mut any = false;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step: u8 = step
                    .parse()
                    .ok()
                    .filter(|s| *s > 0)
                    .ok_or_else(|| format!("“{part}” in the {}: the step must be a number above 0.", spec.name))?;
                (range, Some(step))
            }
            None => (part, None),
        };
        let (from, to) = if matches!(range, "*" | "?") {
            any |= step.is_none_or(|s| s == 1);
            (spec.min, spec.max)
        } else if let Some((from, to)) = range.split_once('-') {
            (value(from, spec)?, value(to, spec)?)
        } else {
            let one = value(range, spec)?;
            // `5/15` is 5, 20, 35, 50: a step makes a lone value the start of a range.
            (one, if step.is_some() { spec.max } else { one })
        };
        if from > to {
            return Err(format!("“{part}” in the {}: {from} is after {to}.", spec.name));
        }
        for value in (from..=to).step_by(usize::from(step.unwrap_or(1))) {
            taken |= 1_u64 << value;
        }
    }
    Ok(Field { values: (spec.min..=spec.max).filter(|value| taken & (1 << value) != 0).collect(), any })
}

fn value(text: &str, spec: &Spec) -> Result<u8, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = spec.names.iter().position(|n| *n == lower) {
        return Ok(spec.min + u8::try_from(at).unwrap_or(0));
    }
    text.parse::<u8>()
        .ok()
        .filter(|v| (spec.min..=spec.max).contains(v))
        .ok_or_else(|| format!("“{text}” is no {}: {} to {} are.", spec.name, spec.min, spec.max))
}

/// The schedule in words, without its zone: `Every day at 02:30`, `Weekdays at 08:00`; the text itself when there is
/// no honest short sentence for it.
pub fn words(text: &str) -> String {
    match parse(text) {
        Ok(Cron::Every(span)) => format!("Every {}", span.words()),
        Ok(Cron::Fields(fields)) => sentence(&fields).unwrap_or_else(|| format!("By cron: {}", text.trim())),
        Err(_) => text.trim().to_owned(),
    }
}

fn sentence([minute, hour, day, month, weekday]: &[Field; 5]) -> Option<String> {
    if !month.any {
        return None;
    }
    let at = clock(minute, hour)?;
    let days = match (day.any, weekday.any) {
        (true, true) if at.starts_with("every") => String::new(),
        (true, true) => "Every day".into(),
        (true, false) => weekdays(&weekday.values)?,
        (false, true) => monthdays(&day.values)?,
        // Cron's own trap: two restricted day fields mean "or".
        (false, false) => format!("{} and {}", monthdays(&day.values)?, lower_first(&weekdays(&weekday.values)?)),
    };
    Some(if days.is_empty() {
        upper_first(&at)
    } else if at.starts_with("every") {
        format!("{days}, {at}")
    } else {
        format!("{days} at {at}")
    })
}

fn clock(minute: &Field, hour: &Field) -> Option<String> {
    let times: Vec<String> =
        hour.values.iter().flat_map(|h| minute.values.iter().map(move |m| format!("{h:02}:{m:02}"))).collect();
    match (minute.values.as_slice(), hour.any) {
        ([m], true) => return Some(format!("every hour at :{m:02}")),
        (many, true) if many.len() == 60 => return Some("every minute".into()),
        (many, true) => {
            let step = even_step(many, 60)?;
            return Some(format!("every {step} minutes"));
        }
        _ => {}
    }
    if let ([m], Some(step)) = (minute.values.as_slice(), even_step(&hour.values, 24)) {
        return Some(format!("every {step} hours at :{m:02}"));
    }
    match times.as_slice() {
        [one] => Some(one.clone()),
        [many @ .., last] if many.len() < 4 => Some(format!("{} and {last}", many.join(", "))),
        _ => None,
    }
}

fn even_step(values: &[u8], whole: u8) -> Option<u8> {
    let [first, second, ..] = values else {
        return None;
    };
    let step = second - first;
    let even = values.windows(2).all(|w| w[1] - w[0] == step);
    (even
        && values.len() > 2
        && *first < step
        && whole.is_multiple_of(step)
        && values.len() == usize::from(whole / step))
    .then_some(step)
}

fn weekdays(values: &[u8]) -> Option<String> {
    const WORDS: [&str; 7] = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"];
    match values {
        [1, 2, 3, 4, 5] => Some("Weekdays".into()),
        [0, 6] => Some("Saturdays and Sundays".into()),
        many => {
            list(&many.iter().map(|v| (*WORDS.get(usize::from(*v)).unwrap_or(&"?")).to_owned()).collect::<Vec<_>>())
        }
    }
}

fn monthdays(values: &[u8]) -> Option<String> {
    let ordinals: Vec<String> = values
        .iter()
        .map(|v| {
            let end = match (v % 10, v / 10) {
                (1, d) if d != 1 => "st",
                (2, d) if d != 1 => "nd",
                (3, d) if d != 1 => "rd",
                _ => "th",
            };
            format!("{v}{end}")
        })
        .collect();
    Some(format!("On the {} of a month", list(&ordinals)?))
}

fn list(words: &[String]) -> Option<String> {
    match words {
        [one] => Some(one.clone()),
        [many @ .., last] if many.len() < 5 => Some(format!("{} and {last}", many.join(", "))),
        _ => None,
    }
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| format!("{}{}", c.to_ascii_uppercase(), chars.as_str())).unwrap_or_default()
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    // What is lowered is English of this file; the tables of all other letters would be a step of the wizard's size.
    chars.next().map(|c| format!("{}{}", c.to_ascii_lowercase(), chars.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        for (cron, said) in [
            ("30 2 * * *", "Every day at 02:30"),
            ("0 8 * * 1-5", "Weekdays at 08:00"),
            ("30 */6 * * *", "Every 6 hours at :30"),
            ("10 * * * *", "Every hour at :10"),
            ("*/15 * * * *", "Every 15 minutes"),
            ("* * * * *", "Every minute"),
            ("0 22 * * SAT", "Saturdays at 22:00"),
            ("0 3 1 * *", "On the 1st of a month at 03:00"),
            ("0 3 1,15,22 * *", "On the 1st, 15th and 22nd of a month at 03:00"),
            ("0 6,18 * * *", "Every day at 06:00 and 18:00"),
            ("0 3 1 * mon", "On the 1st of a month and mondays at 03:00"),
            ("@daily", "Every day at 00:00"),
            ("@every 90m", "Every 1 h 30 min"),
            ("0 0 1 1 *", "By cron: 0 0 1 1 *"),
            ("5/7 * * * *", "By cron: 5/7 * * * *"),
        ] {
            assert_eq!(words(cron), said, "{cron}");
        }
    }

    #[test]
    fn refusals_name_the_part() {
        for (bad, part) in [
            ("", "Say when"),
            ("* * * *", "this has 4"),
            ("60 * * * *", "minute"),
            ("0 24 * * *", "hour"),
            ("0 0 0 * *", "day of the month"),
            ("0 0 1 13 *", "month"),
            ("0 0 * * 7", "day of the week"),
            ("0 0 * * mo", "day of the week"),
            ("*/0 * * * *", "step"),
            ("5-1 * * * *", "5 is after 1"),
            ("@every 1d", "Go duration"),
            ("@every 5s", "at least 1m"),
            ("@often", "not known"),
            ("CRON_TZ=UTC 0 0 * * *", "time zone"),
            (", * * * *", "minute"),
        ] {
            let said = parse(bad).expect_err(bad);
            assert!(said.contains(part), "{bad}: {said}");
        }
    }
}
