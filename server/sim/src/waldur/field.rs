//! Checks of request bodies with the framework's own sentences. One [`Form`] collects what is wrong with all fields, as
//! upstream answers all of them at once.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::drf::python_type;
use crate::rest::{Answer, Request};

pub(crate) struct Form<'a> {
    body: &'a Map<String, Value>,
    /// PATCH: nothing is required.
    partial: bool,
    errors: Map<String, Value>,
}

const REQUIRED: &str = "This field is required.";
const NULL: &str = "This field may not be null.";

impl<'a> Form<'a> {
    pub(crate) fn new(body: &'a Map<String, Value>, partial: bool) -> Self {
        Self { body, partial, errors: Map::new() }
    }

    pub(crate) fn refuse(&mut self, field: &str, sentence: impl Into<String>) {
        let list = self.errors.entry(field).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(Value::String(sentence.into()));
        }
    }

    /// What is wrong with one item of a list: an object of its own.
    pub(crate) fn refuse_item(&mut self, list: &str, errors: Value) {
        let items = self.errors.entry(list).or_insert_with(|| json!([]));
        if let Some(items) = items.as_array_mut() {
            items.push(errors);
        }
    }

    pub(crate) fn errors(self) -> Option<Value> {
        (!self.errors.is_empty()).then_some(Value::Object(self.errors))
    }

    /// 400 with everything that is wrong, if something is.
    pub(crate) fn answer(self) -> Option<Answer> {
        self.errors().map(|errors| Answer::json(400, &errors))
    }

    /// The value when one is there and not null; a missing required one is refused.
    fn given(&mut self, field: &str, required: bool) -> Option<&'a Value> {
        match self.body.get(field) {
            None => {
                if required && !self.partial {
                    self.refuse(field, REQUIRED);
                }
                None
            }
            Some(Value::Null) => {
                self.refuse(field, NULL);
                None
            }
            value => value,
        }
    }

    /// A text field; numbers become text, as in the framework.
    pub(crate) fn text(&mut self, field: &str, required: bool, blank: bool, longest: usize) -> Option<String> {
        let text = match self.given(field, required)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => {
                self.refuse(field, "Not a valid string.");
                return None;
            }
        };
        if text.is_empty() && !blank {
            self.refuse(field, "This field may not be blank.");
            return None;
        }
        if text.contains('\0') {
            self.refuse(field, "Null characters are not allowed.");
            return None;
        }
        if text.chars().count() > longest {
            self.refuse(field, format!("Ensure this field has no more than {longest} characters."));
            return None;
        }
        Some(text)
    }

    /// A whole number of 0 or more; digits in a string count.
    pub(crate) fn number(&mut self, field: &str, largest: u32) -> Option<u32> {
        let number = match self.given(field, true)? {
            Value::Number(number) if number.is_f64() => number.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i128),
            Value::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            self.refuse(field, "A valid integer is required.");
            return None;
        };
        if number < 0 {
            self.refuse(field, "Ensure this value is greater than or equal to 0.");
            return None;
        }
        match u32::try_from(number) {
            Ok(number) if number <= largest => Some(number),
            _ => {
                self.refuse(field, format!("Ensure this value is less than or equal to {largest}."));
                None
            }
        }
    }

    /// A time or null. The outer option is whether something valid was sent.
    pub(crate) fn time(&mut self, field: &str) -> Option<Option<Timestamp>> {
        match self.body.get(field)? {
            Value::Null => Some(None),
            Value::String(text) => {
                if let Some(at) = read_time(text) {
                    return Some(Some(at));
                }
                self.refuse(field, "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].");
                None
            }
            _ => {
                self.refuse(field, "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].");
                None
            }
        }
    }

    /// A reference: the URL of an object on `route`; the answer is its identifier, which the caller looks up.
    pub(crate) fn url(&mut self, field: &str, required: bool, request: &Request, route: &str) -> Option<String> {
        let value = self.given(field, required)?;
        match reference(value, request, route) {
            Ok(uuid) => Some(uuid),
            Err(sentence) => {
                self.refuse(field, sentence);
                None
            }
        }
    }

    /// The objects of a list field; anything else is refused.
    pub(crate) fn list(&mut self, field: &str) -> Vec<&'a Map<String, Value>> {
        let Some(value) = self.given(field, false) else {
            return Vec::new();
        };
        let Value::Array(items) = value else {
            self.refuse(field, format!("Expected a list of items but got type \"{}\".", python_type(value)));
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in items {
            match item {
                Value::Object(map) => found.push(map),
                other => {
                    let sentence = format!("Invalid data. Expected a dictionary, but got {}.", python_type(other));
                    self.refuse(field, sentence);
                }
            }
        }
        found
    }
}

pub(crate) const DANGLING: &str = "Invalid hyperlink - Object does not exist.";

/// The identifier in a URL of that route. Only the path counts: an address on another host resolves as well.
///
/// # Errors
/// The framework's sentence.
pub(crate) fn reference(value: &Value, request: &Request, route: &str) -> Result<String, String> {
    let Value::String(url) = value else {
        return Err(format!("Incorrect type. Expected URL string, received {}.", python_type(value)));
    };
    let no_match = || "Invalid hyperlink - No URL match.".to_owned();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url.as_str(),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let prefix = request.base.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let path = prefix.and_then(|prefix| path.strip_prefix(prefix)).unwrap_or(path);
    let parts: Vec<&str> = path.split('/').collect();
    let ["", "api", resource, id, ""] = parts.as_slice() else {
        return Err(no_match());
    };
    let Some(uuid) = uuid_of(id) else {
        return Err(if *resource == route { DANGLING.to_owned() } else { no_match() });
    };
    if *resource == route { Ok(uuid) } else { Err("Invalid hyperlink - Incorrect URL match.".to_owned()) }
}

/// 32 hex digits, written with or without dashes.
pub(crate) fn uuid_of(text: &str) -> Option<String> {
    let plain = match text.len() {
        32 => text.to_owned(),
        36 => {
            let parts: Vec<&str> = text.split('-').collect();
            if parts.iter().map(|part| part.len()).ne([8, 4, 4, 4, 12]) {
                return None;
            }
            parts.concat()
        }
        _ => return None,
    };
    plain.chars().all(|c| c.is_ascii_hexdigit()).then(|| plain.to_lowercase())
}

/// A time with an offset, or without one, which then is UTC.
pub(crate) fn read_time(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil: jiff::civil::DateTime = text.contains('T').then(|| text.parse().ok())??;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn identifiers_come_with_and_without_dashes() {
        let plain = "0f0e1d2c3b4a59687786959493929190";
        assert_eq!(uuid_of("0F0E1D2C-3b4a-5968-7786-959493929190").unwrap(), plain);
        assert_eq!(uuid_of(plain).unwrap(), plain);
        for bad in [
            "",
            "x",
            "0f0e1d2c3b4a-59687786-9594-9392-9190ab",
            "zf0e1d2c3b4a59687786959493929190",
            "日本語日本語日本語日本",
        ] {
            assert_eq!(uuid_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_have_offsets_or_are_utc() {
        for text in ["2026-10-03T02:00:00Z", "2026-10-03T04:00:00+02:00", "2026-10-03T02:00:00", "2026-10-03T02:00"] {
            assert_eq!(read_time(text).unwrap().to_string(), "2026-10-03T02:00:00Z", "{text}");
        }
        for text in ["", "tomorrow", "2026-13-03T02:00:00Z", "2026-10-03"] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
