//! A mark in the same write as what is written: which version of the definition wrote it, and a digest of what was written. It tells
//! a change of somebody else from a write of our own whose answer was lost, or whose record a crash prevented. For upstreams
//! whose objects have room for it.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Of the digest: enough to notice a change, which is not made to deceive.
const DIGITS: usize = 16;

/// `3-9f86d081884c7d65`: the version, and what was written, in a form in which equal meanings are equal values.
pub fn of(version: i64, normal: &Value) -> String {
    format!("{version}-{}", digest(normal))
}

/// The version that wrote what is there now, in the same form; `None` when it was changed since, or never marked.
pub fn version(mark: Option<&str>, normal: &Value) -> Option<i64> {
    let (version, written) = mark?.split_once('-')?;
    (written == digest(normal)).then(|| version.parse().ok())?
}

fn digest(normal: &Value) -> String {
    let mut text = String::new();
    write(normal, &mut text);
    let hex: String = Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    hex[..DIGITS].to_owned()
}

/// JSON with sorted keys: an object's own order depends on who wrote it.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (key, value) in entries {
                let _ = write!(out, "{key:?}:");
                write(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for value in list {
                write(value, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mark_fits_what_it_was_made_of_in_any_order_and_nothing_else() {
        let mark = of(7, &json!({"a": 1, "b": ["x", "y"]}));
        assert_eq!(version(Some(&mark), &json!({"b": ["x", "y"], "a": 1})), Some(7));
        assert_eq!(version(Some(&mark), &json!({"b": ["y", "x"], "a": 1})), None);
        for strange in ["", "7", "x-y", "-"] {
            assert_eq!(version(Some(strange), &json!({})), None, "{strange}");
        }
        assert_eq!(version(None, &json!({})), None);
    }
}
