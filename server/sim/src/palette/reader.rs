//! Reads request bodies as a server generated from a Swagger 2 definition does: unknown fields pass, `null` is absent, a
//! wrong type is refused by the name of its field.

use serde_json::{Map, Value};

use super::refusal::{Outcome, Refusal};

/// One JSON object and where it stands in the body.
pub(super) struct Reader<'a> {
    path: String,
    fields: Option<&'a Map<String, Value>>,
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn wrong(path: &str, wanted: &str, value: &Value) -> Refusal {
    Refusal::invalid(format!("{path} in body must be of type {wanted}: {:?}", word(value)))
}

impl<'a> Reader<'a> {
    /// The whole body.
    pub(super) fn body(value: &'a Value) -> Outcome<Self> {
        Self::at(String::new(), value)
    }

    fn at(path: String, value: &'a Value) -> Outcome<Self> {
        match value {
            Value::Object(fields) => Ok(Self { path, fields: Some(fields) }),
            Value::Null => Ok(Self { path, fields: None }),
            other => Err(wrong(if path.is_empty() { "body" } else { &path }, "object", other)),
        }
    }

    /// Where a field stands: `backupConfig.durationInHours`.
    pub(super) fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The field, unless it is absent or null.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields?.get(name).filter(|value| !value.is_null())
    }

    fn read<T>(&self, name: &str, wanted: &str, take: impl Fn(&'a Value) -> Option<T>) -> Outcome<Option<T>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        take(value).map(Some).ok_or_else(|| wrong(&self.path(name), wanted, value))
    }

    pub(super) fn text(&self, name: &str) -> Outcome<Option<String>> {
        self.read(name, "string", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn flag(&self, name: &str) -> Outcome<Option<bool>> {
        self.read(name, "boolean", Value::as_bool)
    }

    /// A whole number; `720.0` is one.
    pub(super) fn whole(&self, name: &str) -> Outcome<Option<i64>> {
        self.read(name, "int64", |value| {
            let exact = |number: &f64| number.fract() == 0.0 && number.abs() < 9.0e15;
            // Whole and well inside i64, as checked.
            value.as_i64().or_else(|| value.as_f64().filter(exact).map(|number| number as i64))
        })
    }

    /// Strings that may each stand there once.
    pub(super) fn texts(&self, name: &str) -> Outcome<Vec<String>> {
        let list = self.read(name, "array", Value::as_array)?.map_or(&[][..], Vec::as_slice);
        let mut texts = Vec::with_capacity(list.len());
        for (index, item) in list.iter().enumerate() {
            let text = item.as_str().ok_or_else(|| wrong(&format!("{}.{index}", self.path(name)), "string", item))?;
            if texts.iter().any(|known| known == text) {
                return Err(Refusal::invalid(format!("{} in body shouldn't contain duplicates", self.path(name))));
            }
            texts.push(text.to_owned());
        }
        Ok(texts)
    }

    /// The object; an absent one is empty.
    pub(super) fn object(&self, name: &str) -> Outcome<Reader<'a>> {
        Self::at(self.path(name), self.get(name).unwrap_or(&Value::Null))
    }

    pub(super) fn objects(&self, name: &str) -> Outcome<Vec<Reader<'a>>> {
        let list = self.read(name, "array", Value::as_array)?.map_or(&[][..], Vec::as_slice);
        list.iter().enumerate().map(|(index, item)| Self::at(format!("{}.{index}", self.path(name)), item)).collect()
    }

    /// A string that must be there and not be empty.
    pub(super) fn required(&self, name: &str) -> Outcome<String> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| Refusal::invalid(format!("{} in body is required", self.path(name))))
    }

    /// One of some words; absent and empty are `None`.
    pub(super) fn choice(&self, name: &str, words: &[&str]) -> Outcome<Option<String>> {
        let Some(text) = self.text(name)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        if words.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let path = self.path(name);
        Err(Refusal::invalid(format!("{path} in body should be one of [{}]", words.join(" "))))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        let body =
            json!({"a": {"hours": "7", "list": ["x", "x"], "rows": [{"n": 1}, 5]}, "whole": 720.0, "none": null});
        let reader = Reader::body(&body).unwrap();
        let inner = reader.object("a").unwrap();
        let message = |outcome: Outcome<()>| outcome.unwrap_err().message;
        assert_eq!(message(inner.whole("hours").map(drop)), "a.hours in body must be of type int64: \"string\"");
        assert_eq!(message(inner.texts("list").map(drop)), "a.list in body shouldn't contain duplicates");
        assert_eq!(message(inner.objects("rows").map(drop)), "a.rows.1 in body must be of type object: \"number\"");
        assert_eq!(message(reader.required("none").map(drop)), "none in body is required");
        assert_eq!(reader.whole("whole").unwrap(), Some(720));
        assert_eq!(reader.text("none").unwrap(), None);
    }
}
