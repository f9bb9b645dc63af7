//! Eve's errors: `_error` has a code and a sentence, `_issues` one finding for each field, which is a text, a list or an object of
//! further fields.

use crate::provider::rest::Explained;
use serde_json::Value;

/// More findings than a person reads at once.
const MOST: usize = 12;

/// Reads an error's body; `None` when it isn't Eve's.
pub fn explain(_status: u16, body: &Value) -> Option<Explained> {
    let (issues, error) = (&body["_issues"], &body["_error"]);
    if !issues.is_object() && !error.is_object() && body["_status"] != "ERR" {
        return None;
    }
    let mut found = Vec::new();
    gather("", issues, &mut found);
    found.truncate(MOST);
    let message = error["message"].as_str().unwrap_or_default();
    // With findings, Eve's own sentence only counts them.
    let text = if found.is_empty() {
        message.to_owned()
    } else {
        found.iter().map(|(path, text)| format!("{path}: {text}")).collect::<Vec<_>>().join("; ")
    };
    let fields = found.into_iter().map(|(path, text)| (ours(&path), format!("{path}: {text}"))).collect();
    Some(Explained { text, fields, ..Explained::default() })
}

fn gather(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                gather(&path, inner, out);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| gather(path, inner, out)),
        Value::Null => {}
        Value::String(text) => out.push((path.to_owned(), text.clone())),
        other => out.push((path.to_owned(), other.to_string())),
    }
}

/// The field of our draft that an upstream field comes from; its own path where there is none.
fn ours(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let field = match parts.as_slice() {
        ["name", ..] => "name",
        ["cluster", ..] => "scope.subject",
        ["source", "label_selector", ..] => "scope.selectors",
        ["source", "excluded_namespaces", ..] => "scope.except_namespaces",
        ["source", "snapshotPersistentVolumes", ..] => "volumes",
        ["source", ..] => "scope.namespaces",
        ["policy" | "copy_policy", ..] => "policy",
        ["timezone", ..] => "zone",
        ["pause", ..] => "paused",
        ["trigger_type", ..] => "scheduled",
        ["offload_provider" | "objectstore", ..] => "location",
        ["delete_snapshots" | "run_backup", ..] => "volumes",
        ["schedules", index, rest @ ..] if index.parse::<usize>().is_ok() => return of_tier(index, rest),
        ["schedules", ..] => "cron",
        ["retention", "numAlwaysRetain", ..] => "keep_at_least",
        ["retention", ..] => "keep_for",
        // Of a restore.
        ["backup_inst", ..] => "point",
        ["selection", ..] => "namespaces",
        ["namespaces_map", ..] => "mapping",
        ["namespaces_prefix", ..] => "prefix",
        ["namespaces_suffix", ..] => "suffix",
        ["storage_class_map", ..] => "storage_classes",
        _ => path,
    };
    field.to_owned()
}

/// The first schedule of a policy is the draft's own, the others are its further ones.
fn of_tier(index: &str, rest: &[&str]) -> String {
    let field = match rest.first() {
        Some(&"retainDays") => "keep_for",
        Some(&"numAlwaysRetain") => "keep_at_least",
        _ => "cron",
    };
    match index.parse::<usize>() {
        Ok(0) | Err(_) => field.to_owned(),
        Ok(n) => format!("further.{}.{field}", n - 1),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn findings_of_every_form_go_to_their_fields() {
        let body = json!({"_status": "ERR", "_error": {"code": 422, "message": "Insertion failure: 1 document(s) contain(s) error(s)"},
        "_issues": {
            "name": "value 'nightly' is not unique",
            "cluster": ["must be of objectid type", "null value not allowed"],
            "source": {"namespaces": {"0": "must be of string type"}},
            "schedules": {"0": {"retainDays": "max value is 30"}, "2": {"schedule": "invalid cron expression 'x'"}},
            "colour": "unknown field",
        }});
        let explained = explain(422, &body).unwrap();
        let mut fields: Vec<&str> = explained.fields.iter().map(|(path, _)| path.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            ["colour", "further.1.cron", "keep_for", "name", "scope.namespaces", "scope.subject", "scope.subject"]
        );
        assert!(explained.text.contains("name: value 'nightly' is not unique"), "{}", explained.text);
        assert!(!explained.text.contains("Insertion failure"));
    }

    #[test]
    fn a_sentence_alone_is_kept_and_what_is_not_eves_is_refused() {
        let text = "Schedules more frequent than daily are not allowed for free accounts";
        assert_eq!(
            explain(422, &json!({"_status": "ERR", "_issues": {"schedules": text}})).unwrap().fields[0].0,
            "cron"
        );
        assert_eq!(
            explain(404, &json!({"_status": "ERR", "_error": {"code": 404, "message": "gone"}})).unwrap().text,
            "gone"
        );
        assert!(explain(404, &json!({"kind": "Status", "code": 404})).is_none());
        assert!(explain(500, &json!("x")).is_none());
    }
}
