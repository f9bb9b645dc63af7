//! Moments written out in the reader's zone. The time-zone database is the server's; it travels to the pages as text.

use crate::ui::{Written, ZoneText, words};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use model::Millis;
use std::sync::Arc;

/// Writes moments in this IANA zone (UTC when it is not known), as seen from `now`.
pub fn zone_text(zone: &str, now: Millis) -> ZoneText {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    ZoneText(Arc::new(move |at, how| {
        let (Some(at), Some(now)) = (zoned(at, &zone), zoned(now, &zone)) else { return words::utc(at) };
        match how {
            Written::Full => at.strftime("%a %-d %b %Y, %H:%M:%S %Z").to_string(),
            Written::Clock => at.strftime("%H:%M:%S").to_string(),
            Written::Day => day(&at, &now),
            Written::Date => at.strftime("%-d %b").to_string(),
        }
    }))
}

fn zoned(at: Millis, zone: &TimeZone) -> Option<Zoned> {
    Timestamp::from_millisecond(at.0).ok().map(|stamp| stamp.to_zoned(zone.clone()))
}

/// `today 12:30`, `tomorrow 02:30`, `Sat 31 Oct 22:00`, with the year when it is another one.
fn day(at: &Zoned, now: &Zoned) -> String {
    let days = now.date().until(at.date()).map(|span| span.get_days()).unwrap_or(i32::MAX);
    let pattern = match days {
        0 => "today %H:%M",
        1 => "tomorrow %H:%M",
        -1 => "yesterday %H:%M",
        _ if at.year() == now.year() => "%a %-d %b %H:%M",
        _ => "%-d %b %Y %H:%M",
    };
    at.strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_in_the_readers_zone() {
        // 2026-10-29T07:41:39Z
        let now = Millis(1_793_259_699_000);
        let zurich = zone_text("Europe/Zurich", now);
        assert_eq!((zurich.0)(now, Written::Full), "Thu 29 Oct 2026, 08:41:39 CET");
        assert_eq!((zurich.0)(now, Written::Clock), "08:41:39");
        assert_eq!((zurich.0)(now, Written::Date), "29 Oct");
        assert_eq!((zurich.0)(now.plus(3_600_000), Written::Day), "today 09:41");
        assert_eq!((zurich.0)(now.plus(86_400_000), Written::Day), "tomorrow 08:41");
        assert_eq!((zurich.0)(now.plus(-86_400_000), Written::Day), "yesterday 08:41");
        assert_eq!((zurich.0)(now.plus(3 * 86_400_000), Written::Day), "Sun 1 Nov 08:41");
        assert_eq!((zurich.0)(now.plus(-400 * 86_400_000), Written::Day), "24 Sep 2025 09:41");
        assert_eq!((zone_text("No/Where", now).0)(now, Written::Clock), "07:41:39");
    }
}
