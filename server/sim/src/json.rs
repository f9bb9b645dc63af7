//! Reading and writing loose JSON objects: everything the fakes keep is the upstream's own JSON.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// What stands at a JSON pointer: as [`Value::pointer`], which makes two strings for each step of the way.
pub(crate) fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    if pointer.contains('~') {
        return value.pointer(pointer);
    }
    pointer.split('/').skip(1).try_fold(value, |value, part| match value {
        Value::Object(map) => map.get(part),
        Value::Array(list) => list.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The string at a JSON pointer, or `""`.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    at(value, pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number at a JSON pointer, or 0.
pub(crate) fn int(value: &Value, pointer: &str) -> i64 {
    at(value, pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// Whether `true` stands at a JSON pointer.
pub(crate) fn truth(value: &Value, pointer: &str) -> bool {
    at(value, pointer) == Some(&Value::Bool(true))
}

/// The strings of the array at a JSON pointer.
pub(crate) fn texts(value: &Value, pointer: &str) -> Vec<String> {
    at(value, pointer)
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
        .unwrap_or_default()
}

/// Writes at a pointer, making the objects on the way (a non-object in the way is replaced).
pub(crate) fn set(value: &mut Value, pointer: &str, to: impl Into<Value>) {
    let mut at = value;
    for part in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        at = map.entry(part.replace("~1", "/").replace("~0", "~")).or_insert(Value::Null);
    }
    *at = to.into();
}

/// Removes the field at a pointer, if it is there.
pub(crate) fn unset(value: &mut Value, pointer: &str) {
    if let Some((parent, last)) = pointer.rsplit_once('/')
        && let Some(Value::Object(map)) = value.pointer_mut(parent)
    {
        map.remove(&last.replace("~1", "/").replace("~0", "~"));
    }
}

/// A label's value, or `""`.
pub(crate) fn label<'a>(object: &'a Value, key: &str) -> &'a str {
    meta_entry(object, "labels", key)
}

/// An annotation's value, or `""`.
pub(crate) fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    meta_entry(object, "annotations", key)
}

fn meta_entry<'a>(object: &'a Value, map: &str, key: &str) -> &'a str {
    object
        .get("metadata")
        .and_then(|meta| meta.get(map))
        .and_then(|map| map.get(key))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub(crate) fn set_label(object: &mut Value, key: &str, to: &str) {
    set(object, &format!("/metadata/labels/{}", key.replace('/', "~1")), to);
}

pub(crate) fn set_annotation(object: &mut Value, key: &str, to: &str) {
    set(object, &format!("/metadata/annotations/{}", key.replace('/', "~1")), to);
}

/// RFC 3339 with whole seconds and `Z`, as `metav1.Time` is written.
pub(crate) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The time at a pointer, if one stands there.
pub(crate) fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer).parse().ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn writes_through_missing_objects_and_escaped_keys() {
        let mut object = json!({"metadata": null});
        set_label(&mut object, "velero.io/schedule-name", "nightly");
        assert_eq!(label(&object, "velero.io/schedule-name"), "nightly");
        set(&mut object, "/status/phase", "New");
        unset(&mut object, "/status/phase");
        assert_eq!(object["status"], json!({}));
        assert_eq!(stamp("2026-01-02T03:04:05.9Z".parse().unwrap()), "2026-01-02T03:04:05Z");
    }
}
