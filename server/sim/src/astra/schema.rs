//! What request bodies must look like. The types' schemas are closed: a field that they do not know is refused. Shape
//! is a matter of problem 8, values of problem 9 with the fields' names.

use serde_json::{Map, Value};

use super::ident;
use super::problem::Problem;

/// What a field's value must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    /// One of these strings, or the body has another shape.
    Word(&'static [&'static str]),
    /// A string of 1 to so many characters.
    Text(usize),
    /// A DNS-1123 label.
    Label,
    Id,
    /// A number written as a string, up to that.
    Count(u32),
    /// Any string; the resource looks at it.
    String,
    List,
    Object,
    Metadata,
}

/// Name, whether it must be there, and what it must be.
pub(super) type Field = (&'static str, bool, Check);

/// The body's fields when its shape and its values are right.
pub(super) fn read(body: &[u8], fields: &[Field]) -> Result<Map<String, Value>, Problem> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Problem::new(7))?;
    let Value::Object(map) = value else {
        return Err(Problem::schema("(root): Invalid type. Expected: object"));
    };
    for (name, required, check) in fields {
        match map.get(*name) {
            None if *required => return Err(Problem::schema(format!("(root): {name} is required"))),
            Some(value) => shape(name, value, *check).map_err(Problem::schema)?,
            None => {}
        }
    }
    if let Some(name) = map.keys().find(|name| !fields.iter().any(|field| field.0 == name.as_str())) {
        return Err(Problem::schema(format!("(root): Additional property {name} is not allowed")));
    }
    let wrong = |field: &Field| {
        let word = map.get(field.0)?.as_str()?;
        Some((field.0.to_owned(), unfit(word, field.2)?.to_owned()))
    };
    let wrong: Vec<(String, String)> = fields.iter().filter_map(wrong).collect();
    if wrong.is_empty() { Ok(map) } else { Err(Problem::fields(&wrong)) }
}

fn shape(name: &str, value: &Value, check: Check) -> Result<(), String> {
    let expected = match check {
        Check::List => (!value.is_array()).then_some("array"),
        Check::Object | Check::Metadata => (!value.is_object()).then_some("object"),
        _ => (!value.is_string()).then_some("string"),
    };
    if let Some(expected) = expected {
        return Err(format!("{name}: Invalid type. Expected: {expected}"));
    }
    match check {
        Check::Word(words) if !words.contains(&value.as_str().unwrap_or_default()) => {
            Err(format!("{name}: {name} must be one of the following: {}", words.join(", ")))
        }
        Check::Metadata => metadata(value),
        _ => Ok(()),
    }
}

fn metadata(value: &Value) -> Result<(), String> {
    const KNOWN: [&str; 5] = ["labels", "creationTimestamp", "modificationTimestamp", "createdBy", "modifiedBy"];
    let keys = value.as_object().map(Map::keys).into_iter().flatten();
    if let Some(name) = keys.into_iter().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(format!("metadata: Additional property {name} is not allowed"));
    }
    let labels = match value.get("labels") {
        None => return Ok(()),
        Some(labels) => labels.as_array().ok_or("metadata.labels: Invalid type. Expected: array")?,
    };
    let good = |label: &Value| label["name"].is_string() && label["value"].is_string();
    match labels.iter().all(good) {
        true => Ok(()),
        false => Err("metadata.labels: name and value are required".to_owned()),
    }
}

/// Why a string can't be the value.
fn unfit(text: &str, check: Check) -> Option<&'static str> {
    match check {
        Check::Text(most) => {
            let length = text.chars().count();
            (length < 1 || length > most).then_some("has not the right length")
        }
        Check::Label => (!is_label(text))
            .then_some("must be 1 to 63 lower case letters, digits or '-', and start and end with a letter or digit"),
        Check::Id => (!ident::is_uuid(text)).then_some("is not an identifier"),
        Check::Count(most) => (!is_count(text, most)).then_some("must be a number in range, without leading zeros"),
        _ => None,
    }
}

pub(super) fn is_label(text: &str) -> bool {
    let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (1..=63).contains(&text.len()) && inner && !text.starts_with('-') && !text.ends_with('-')
}

pub(super) fn is_count(text: &str, most: u32) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    digits && text.parse::<u32>().is_ok_and(|number| number <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        ("type", true, Check::Word(&["application/astra-x"])),
        ("name", false, Check::Label),
        ("bucketID", false, Check::Id),
        ("count", false, Check::Count(59)),
        ("metadata", false, Check::Metadata),
    ];

    fn number(body: &str) -> String {
        let answer = read(body.as_bytes(), FIELDS).err().map(|problem| problem.answer(""));
        let body = answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()).unwrap_or_default();
        let kind = body.split("problems/").nth(1).unwrap_or_default();
        kind.split('"').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn tells_syntax_shape_and_value_apart() {
        for (body, expected) in [
            (r#"{"type":"application/astra-x","name":"a-1","count":"0","metadata":{"labels":[]}}"#, ""),
            ("{", "7"),
            ("[]", "8"),
            ("{}", "8"),
            (r#"{"type":"application/astra-y"}"#, "8"),
            (r#"{"type":"application/astra-x","extra":1}"#, "8"),
            (r#"{"type":"application/astra-x","count":7}"#, "8"),
            (r#"{"type":"application/astra-x","metadata":{"labels":[{}]}}"#, "8"),
            (r#"{"type":"application/astra-x","metadata":{"owner":""}}"#, "8"),
            (r#"{"type":"application/astra-x","name":"A"}"#, "9"),
            (r#"{"type":"application/astra-x","name":"Ünïcode"}"#, "9"),
            (r#"{"type":"application/astra-x","bucketID":"main"}"#, "9"),
            (r#"{"type":"application/astra-x","count":"07"}"#, "9"),
            (r#"{"type":"application/astra-x","count":"60"}"#, "9"),
        ] {
            assert_eq!(number(body), expected, "{body}");
        }
    }
}
