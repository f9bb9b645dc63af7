//! Numbers and spans of time in words. Pure: no clock and no time-zone database; `now` is an argument.

use model::time::{Millis, civil};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Whole hours are said up to three days ("53 h 42 min"), because a backup's age is compared with an RPO in hours.
const HOURS_UP_TO: i64 = 3 * DAY;

fn two(big: i64, big_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 { format!("{big} {big_unit}") } else { format!("{big} {big_unit} {small} {small_unit}") }
}

/// A span in milliseconds, two units at most: `21 s`, `14 min`, `7 h 42 min`, `9 d 10 h`. Negative counts as nothing.
pub fn span(ms: i64) -> String {
    span_in(ms, HOURS_UP_TO)
}

fn span_in(ms: i64, hours_up_to: i64) -> String {
    let ms = ms.max(0);
    if ms < MINUTE {
        format!("{} s", ms / SECOND)
    } else if ms < HOUR {
        format!("{} min", ms / MINUTE)
    } else if ms < hours_up_to {
        two(ms / HOUR, "h", ms % HOUR / MINUTE, "min")
    } else {
        two(ms / DAY, "d", ms % DAY / HOUR, "h")
    }
}

/// How long something took, with its seconds below an hour: `42 min 54 s`.
pub fn took(ms: i64) -> String {
    let ms = ms.max(0);
    if (MINUTE..HOUR).contains(&ms) { two(ms / MINUTE, "min", ms % MINUTE / SECOND, "s") } else { span(ms) }
}

/// The larger unit alone, for lists: `2 h`, `26 h`, `4 d`.
pub fn coarse(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < MINUTE {
        format!("{} s", ms / SECOND)
    } else if ms < HOUR {
        format!("{} min", ms / MINUTE)
    } else if ms < 2 * DAY {
        format!("{} h", ms / HOUR)
    } else {
        format!("{} d", ms / DAY)
    }
}

/// Relative for lists: `2 h ago`, `just now`, `in 2 d 13 h`. What lies ahead keeps two units: people wait for it.
pub fn relative(at: Millis, now: Millis) -> String {
    match at.0.saturating_sub(now.0) {
        // A second either way is the two machines' clocks, not news.
        d if d.saturating_abs() < 2 * SECOND => "just now".into(),
        d if d > 0 => format!("in {}", span_in(d, 2 * DAY)),
        d => format!("{} ago", coarse(d.saturating_neg())),
    }
}

/// Exact to two units: `5 h 38 min ago`, `8 d 10 h ago`.
pub fn ago(at: Millis, now: Millis) -> String {
    if at > now { relative(at, now) } else { format!("{} ago", span(now.since(at))) }
}

/// Bytes in powers of 1024, one decimal below a hundred: `512 B`, `4.2 GiB`, `412 GiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut unit = 0;
    let mut base: u128 = 1024;
    while u128::from(n) >= base * 1024 && unit + 1 < UNITS.len() {
        base *= 1024;
        unit += 1;
    }
    // Tenths, rounded half up, in whole numbers: no float can print 1024.0 KiB for a MiB less one.
    let tenths = (u128::from(n) * 10 + base / 2) / base;
    if tenths >= 10_240 && unit + 1 < UNITS.len() {
        return format!("1.0 {}", UNITS[unit + 1]);
    }
    if tenths >= 1000 {
        format!("{} {}", (tenths + 5) / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

/// A count with its thousands apart: `4,218`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 run`, `4,218 runs`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// Absolute in UTC: `Thu 29 Oct 2026, 07:41:39 UTC`. Other zones need the server's database.
pub fn utc(at: Millis) -> String {
    let days = at.0.div_euclid(DAY);
    let (y, m, d) = civil(days);
    let rest = at.0.rem_euclid(DAY);
    let weekday = usize::try_from((days + 4).rem_euclid(7)).ok().and_then(|i| WEEKDAYS.get(i)).unwrap_or(&"");
    let month = MONTHS.get(m.saturating_sub(1) as usize).unwrap_or(&"");
    format!("{weekday} {d} {month} {y}, {:02}:{:02}:{:02} UTC", rest / HOUR, rest / MINUTE % 60, rest / SECOND % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        for (ms, want) in [
            (-5, "0 s"),
            (0, "0 s"),
            (21 * SECOND, "21 s"),
            (MINUTE - 1, "59 s"),
            (14 * MINUTE + 59 * SECOND, "14 min"),
            (7 * HOUR + 42 * MINUTE, "7 h 42 min"),
            (54 * HOUR, "54 h"),
            (71 * HOUR + 59 * MINUTE, "71 h 59 min"),
            (3 * DAY, "3 d"),
            (9 * DAY + 10 * HOUR + 59 * MINUTE, "9 d 10 h"),
        ] {
            assert_eq!(span(ms), want);
        }
        assert_eq!(took(42 * MINUTE + 54 * SECOND), "42 min 54 s");
        assert_eq!(took(7 * SECOND), "7 s");
        assert_eq!(took(2 * HOUR + 61 * SECOND), "2 h 1 min");
    }

    #[test]
    fn relative_looks_both_ways() {
        let now = Millis(1_793_259_699_000);
        for (offset, want) in [
            (0, "just now"),
            (-1999, "just now"),
            (-21 * SECOND, "21 s ago"),
            (-14 * MINUTE, "14 min ago"),
            (-(5 * HOUR + 38 * MINUTE), "5 h ago"),
            (-26 * HOUR, "26 h ago"),
            (-4 * DAY, "4 d ago"),
            (40 * SECOND, "in 40 s"),
            (2 * DAY + 13 * HOUR + MINUTE, "in 2 d 13 h"),
            (19 * HOUR + 33 * MINUTE, "in 19 h 33 min"),
            (5 * DAY + 13 * HOUR, "in 5 d 13 h"),
        ] {
            assert_eq!(relative(now.plus(offset), now), want);
        }
        assert_eq!(ago(now.plus(-(5 * HOUR + 38 * MINUTE)), now), "5 h 38 min ago");
        assert_eq!(ago(now.plus(40 * SECOND), now), "in 40 s");
        assert!(relative(Millis(i64::MIN), Millis(i64::MAX)).ends_with(" d ago"));
    }

    #[test]
    fn sizes_and_counts() {
        for (n, want) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (4_509_715_661, "4.2 GiB"),
            (33_930_346_496, "31.6 GiB"),
            (442_381_631_488, "412 GiB"),
            (107_374_182_400, "100 GiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(bytes(n), want, "{n}");
        }
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(4218), "4,218");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(plural(1, "run", "runs"), "1 run");
        assert_eq!(plural(0, "run", "runs"), "0 runs");
    }

    #[test]
    fn lists_and_dates() {
        let names = |n: usize| ["a", "b", "c"].iter().take(n).map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(list(&names(0)), "");
        assert_eq!(list(&names(1)), "a");
        assert_eq!(list(&names(2)), "a and b");
        assert_eq!(list(&names(3)), "a, b and c");
        assert_eq!(utc(Millis(1_793_259_699_000)), "Thu 29 Oct 2026, 07:41:39 UTC");
        assert_eq!(utc(Millis(0)), "Thu 1 Jan 1970, 00:00:00 UTC");
        assert_eq!(utc(Millis(-1000)), "Wed 31 Dec 1969, 23:59:59 UTC");
    }
}
