//! Moments, identifiers and references, in each of the forms that Waldur writes them.

use model::Millis;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A moment. Waldur writes offsets and fractions of any length; without an offset it is UTC. The year 1 means "never".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Millis);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        time(&text).map(Self).ok_or_else(|| serde::de::Error::custom("no moment"))
    }
}

/// Reads a moment.
pub fn time(text: &str) -> Option<Millis> {
    let text = text.trim();
    let stamp = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })?;
    (stamp.to_zoned(jiff::tz::TimeZone::UTC).year() > 1).then(|| Millis(stamp.as_millisecond()))
}

/// An identifier in one form: some generations write it with dashes. What is none stays as it is.
pub fn id(text: &str) -> String {
    let plain: String = text.trim().chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    if is_id(&plain) { plain } else { text.trim().to_owned() }
}

/// 32 hexadecimal digits.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

/// The identifier in a reference, which is an absolute address: its last part. The host before it is not looked at, because a
/// proxy may write another one.
pub fn id_in(reference: &str) -> String {
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    id(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default())
}

/// The identifier of a row.
pub fn id_of(row: &Value) -> String {
    match (row["uuid"].as_str(), row["url"].as_str()) {
        (Some(uuid), _) if !uuid.is_empty() => id(uuid),
        (_, Some(url)) => id_in(url),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_in_all_their_forms() {
        for (text, rfc) in [
            ("2014-10-19T20:43:37.370Z", Some("2014-10-19T20:43:37Z")),
            ("2026-10-03T02:00:07.318204Z", Some("2026-10-03T02:00:07Z")),
            ("2026-10-03T04:00:07+02:00", Some("2026-10-03T02:00:07Z")),
            ("2026-10-03T02:00:07", Some("2026-10-03T02:00:07Z")),
            ("0001-01-01T00:00:00Z", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(time(text).map(Millis::rfc3339).as_deref(), rfc, "{text}");
        }
    }

    #[test]
    fn identifiers_of_all_generations_are_one() {
        let plain = "0f0e1d2c3b4a59687786959493929190";
        assert_eq!(id("0F0E1D2C-3b4a-5968-7786-959493929190"), plain);
        assert_eq!(id_in(&format!("http://inner:8000/api/openstack-instances/{plain}/?x=/y/")), plain);
        assert_eq!(id_in("https://w/api/openstack-flavors/m1.small/"), "m1.small");
        assert_eq!(id_of(&json!({"url": format!("https://w/a/{plain}/")})), plain);
        assert_eq!(id_of(&json!(3)), "");
    }
}
