//! JSON merge patch (RFC 7386) and JSON patch (RFC 6902).

use serde_json::{Map, Value};

/// Applies a merge patch: `null` removes, objects merge, everything else replaces.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(map) = target else { return };
    for (key, value) in fields {
        if value.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Applies the operations in order; the error says which one could not be done.
pub(crate) fn operations(target: &mut Value, patch: &Value) -> Result<(), String> {
    let list = patch.as_array().ok_or("json: cannot unmarshal object into Go value of type jsonpatch.Patch")?;
    for operation in list {
        let word = crate::json::text(operation, "/op");
        let path = crate::json::text(operation, "/path");
        let from = crate::json::text(operation, "/from");
        let value = operation.get("value").cloned().unwrap_or(Value::Null);
        match word {
            "add" => add(target, path, value)?,
            "remove" => {
                take(target, path, word)?;
            }
            "replace" => {
                let place = target.pointer_mut(path).ok_or_else(|| missing(word, path))?;
                *place = value;
            }
            "move" => {
                let value = take(target, from, word)?;
                add(target, path, value)?;
            }
            "copy" => {
                let value = target.pointer(from).cloned().ok_or_else(|| missing(word, from))?;
                add(target, path, value)?;
            }
            "test" => {
                if target.pointer(path).unwrap_or(&Value::Null) != &value {
                    return Err(format!("testing value {path} failed: test failed"));
                }
            }
            other => return Err(format!("Unexpected kind: {other}")),
        }
    }
    Ok(())
}

fn missing(word: &str, path: &str) -> String {
    format!("{word} operation does not apply: doc is missing path: {path}: missing value")
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

fn add(target: &mut Value, path: &str, value: Value) -> Result<(), String> {
    let Some((parent, last)) = path.rsplit_once('/') else {
        *target = value;
        return Ok(());
    };
    match target.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.insert(unescape(last), value);
            Ok(())
        }
        Some(Value::Array(list)) => {
            let at = if last == "-" { list.len() } else { last.parse().map_err(|_| missing("add", path))? };
            if at > list.len() {
                return Err(missing("add", path));
            }
            list.insert(at, value);
            Ok(())
        }
        _ => Err(missing("add", path)),
    }
}

fn take(target: &mut Value, path: &str, word: &str) -> Result<Value, String> {
    let (parent, last) = path.rsplit_once('/').ok_or_else(|| missing(word, path))?;
    match target.pointer_mut(parent) {
        Some(Value::Object(map)) => map.remove(&unescape(last)).ok_or_else(|| missing(word, path)),
        Some(Value::Array(list)) => {
            let at: usize = last.parse().map_err(|_| missing(word, path))?;
            if at >= list.len() {
                return Err(missing(word, path));
            }
            Ok(list.remove(at))
        }
        _ => Err(missing(word, path)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn merges_removes_and_replaces() {
        let mut object = json!({"a": {"b": 1, "c": 2}, "d": [1]});
        merge(&mut object, &json!({"a": {"b": null, "e": 3}, "d": [2]}));
        assert_eq!(object, json!({"a": {"c": 2, "e": 3}, "d": [2]}));
    }

    #[test]
    fn does_the_six_operations() {
        let mut object = json!({"a": {"x/y": 1}, "l": [1, 2]});
        let patch = json!([
            {"op": "test", "path": "/a/x~1y", "value": 1},
            {"op": "replace", "path": "/a/x~1y", "value": 5},
            {"op": "add", "path": "/l/-", "value": 3},
            {"op": "copy", "from": "/l/0", "path": "/c"},
            {"op": "move", "from": "/a", "path": "/m"},
            {"op": "remove", "path": "/l/0"}
        ]);
        operations(&mut object, &patch).unwrap();
        assert_eq!(object, json!({"m": {"x/y": 5}, "l": [2, 3], "c": 1}));
        assert!(operations(&mut object, &json!([{"op": "remove", "path": "/nope"}])).is_err());
        assert!(operations(&mut object, &json!([{"op": "test", "path": "/c", "value": 2}])).is_err());
    }
}
