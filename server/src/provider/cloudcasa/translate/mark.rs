//! A mark among the tags of a document (see [`crate::provider::mark`]).

use super::{
    compare::is_reference,
    normal::{self, Part, Refs},
};
use crate::provider::{cloudcasa::wire::WRITTEN, mark};
use serde_json::{Value, json};

/// The body with its mark among the tags.
pub fn put(part: Part, mut body: Value, version: i64, refs: &Refs) -> Value {
    let text = mark::of(version, &bare(&normal::of(part, &body, refs)));
    body["tags"][WRITTEN] = json!(text);
    body
}

/// The version that wrote what is there now, in normal form; `None` when it was changed since, or never marked.
pub fn version(mark: &str, live: &Value) -> Option<i64> {
    mark::version(Some(mark), &bare(live))
}

/// References by their id alone: what they are called is not ours to keep.
fn bare(normal: &Value) -> Value {
    match normal {
        Value::Object(map) if is_reference(map) => map["id"].clone(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), bare(value))).collect(),
        Value::Array(list) => list.iter().map(bare).collect(),
        other => other.clone(),
    }
}
