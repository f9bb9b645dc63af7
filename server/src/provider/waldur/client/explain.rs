//! Errors as the Django REST framework writes them: a sentence, a map of fields, or a bare list.

use super::NEW_TOKEN;
use crate::provider::rest::Explained;
use serde_json::{Map, Value};

/// Keys that hold a sentence about the whole request.
const WHOLE: [&str; 3] = ["detail", "status", "non_field_errors"];
/// The longest error that is read field by field.
const FIELDS: usize = 20;

/// Reads an error's body; `None` for what no Waldur writes.
pub fn explain(status: u16, body: &Value) -> Option<Explained> {
    let mut out = Explained::default();
    match body {
        // A lone sentence of a validation, such as a quota's, comes as a bare list.
        Value::Array(list) if status == 400 && !list.is_empty() && list.iter().all(Value::is_string) => {
            out.text = sentences(body).join(" ");
        }
        Value::Object(map) => read(status, map, &mut out)?,
        _ => return None,
    }
    if status == 401 {
        out.remedy = NEW_TOKEN.to_owned();
    }
    if status == 400 && out.text.to_lowercase().contains("quota") {
        out.remedy = "Raise the project's quota, or delete backups that nobody needs.".to_owned();
    }
    Some(out)
}

fn read(status: u16, map: &Map<String, Value>, out: &mut Explained) -> Option<()> {
    let mut whole = Vec::new();
    for key in WHOLE {
        match map.get(key) {
            // G2's restore wraps the map of fields once more.
            Some(Value::Object(inner)) => return read(status, inner, out),
            Some(value) => whole.extend(sentences(value)),
            None => {}
        }
    }
    if status == 400 {
        let fields = map.iter().filter(|(key, _)| !WHOLE.contains(&key.as_str())).take(FIELDS);
        for (key, value) in fields {
            let said = sentences(value);
            if said.is_empty() {
                continue;
            }
            let said = said.join(" ");
            whole.push(format!("{key}: {said}"));
            if let Some(field) = ours(key) {
                out.fields.push((field.to_owned(), said));
            }
        }
    }
    if whole.is_empty() {
        return None;
    }
    out.text = whole.join(" ");
    Some(())
}

/// Every text in a value, however deep: items of a list have maps of their own.
fn sentences(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => vec![text.trim().to_owned()],
        Value::Array(list) => list.iter().flat_map(sentences).collect(),
        Value::Object(map) => map.values().flat_map(sentences).collect(),
        _ => Vec::new(),
    }
}

/// The draft's field that an upstream field was made from.
fn ours(field: &str) -> Option<&'static str> {
    Some(match field {
        "schedule" => "cron",
        "timezone" => "zone",
        "retention_time" | "kept_until" => "keep_for",
        "maximal_number_of_backups" | "maximal_number_of_resources" => "keep_last",
        "instance" => "scope.subject",
        "name" | "description" => "name",
        "flavor" => "flavor",
        "ports" | "internal_ips_set" => "networks",
        "floating_ips" => "floating_ips",
        "security_groups" => "security_groups",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[test]
    fn every_form_of_an_error_is_read() {
        for (status, body, text, fields) in [
            (
                409,
                json!({"detail": "Instance should be in stable state."}),
                "Instance should be in stable state.",
                vec![],
            ),
            (
                409,
                json!({"status": "BackupSchedule is already activated"}),
                "BackupSchedule is already activated",
                vec![],
            ),
            (
                400,
                json!({"non_field_errors": ["OpenStack instance should have bootable volume."]}),
                "OpenStack instance should have bootable volume.",
                vec![],
            ),
            (
                400,
                json!({"schedule": ["Ensure schedule period is greater than or equal to 1 hour(s)."]}),
                "schedule: Ensure schedule period is greater than or equal to 1 hour(s).",
                vec!["cron"],
            ),
            (
                400,
                json!({"detail": {"flavor": ["This field is required."]}}),
                "flavor: This field is required.",
                vec!["flavor"],
            ),
            (
                400,
                json!({"detail": {"detail": "One or more quotas are over limit"}}),
                "One or more quotas are over limit",
                vec![],
            ),
            (
                400,
                json!(["One or more quotas were exceeded: storage"]),
                "One or more quotas were exceeded: storage",
                vec![],
            ),
            (
                400,
                json!({"floating_ips": [{"subnet": ["SubNet a is not connected to instance."]}], "timezone": ["x"]}),
                "floating_ips: SubNet a is not connected to instance. timezone: x",
                vec!["floating_ips", "zone"],
            ),
        ] {
            let explained = explain(status, &body).unwrap();
            assert_eq!(explained.text, text);
            let named: Vec<&str> = explained.fields.iter().map(|(field, _)| field.as_str()).collect();
            assert_eq!(named, fields, "{body}");
        }
        assert_eq!(explain(401, &json!({"detail": "Invalid token."})).unwrap().remedy, NEW_TOKEN);
        assert!(explain(400, &json!(["quota"])).unwrap().remedy.contains("quota"));
    }

    #[test]
    fn what_no_waldur_writes_is_not_read() {
        for (status, body) in [
            (401, json!({"kind": "Status", "message": "Unauthorized"})),
            (400, json!("x")),
            (500, json!([1, 2])),
            (404, json!({})),
            (403, json!({"detail": ""})),
        ] {
            assert!(explain(status, &body).is_none(), "{body}");
        }
    }
}
