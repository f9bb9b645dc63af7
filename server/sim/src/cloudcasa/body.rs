//! What came in the body of a write.

use serde_json::{Map, Value};

use super::refusal;
use super::validate::{Issues, blame};
use crate::rest::{Answer, Request};

/// A JSON body, or Eve's refusal of what isn't one.
pub(super) fn payload(request: &Request) -> Result<Value, Answer> {
    let media = request.header("content-type").split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return Err(refusal::error(400, "Unknown or no Content-Type header supplied"));
    }
    match request.json() {
        Some(body @ (Value::Object(_) | Value::Array(_))) => Ok(body),
        _ => Err(refusal::error(400, "")),
    }
}

pub(super) fn object(request: &Request) -> Result<Map<String, Value>, Answer> {
    match payload(request)? {
        Value::Object(map) => Ok(map),
        other => Err(refusal::invalid(no_document(&other), false)),
    }
}

/// Eve's finding about what isn't an object.
pub(super) fn no_document(value: &Value) -> Issues {
    let mut issues = Issues::new();
    blame(&mut issues, "validation exception", format!("'{value}' is not a document, must be a dict"));
    issues
}

/// Merges a patch: objects into objects, anything else takes the place of what was there.
pub(super) fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}
