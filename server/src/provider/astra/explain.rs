//! Problem documents (`application/problem+json`): what they say, and what to do. Numbers and titles are those of the vendor's
//! OpenAPI document of release 24.02; a number that is not listed here says what it says.

use crate::provider::{ErrorKind, ProviderError, rest::Explained};
use serde_json::Value;

const LICENSE: &str = "Renew or extend the licence in Astra Control (Account, License).";
const BUSY: &str = "It is tried again when the app has become quiet.";

/// Kind and remedy by a problem's number, where they are not those of its status.
fn known(number: u32) -> Option<(ErrorKind, &'static str)> {
    Some(match number {
        14 => (
            ErrorKind::Unauthorised,
            "The token's user is disabled: enable the user in Astra Control, or use another's token.",
        ),
        25 | 26 | 43 => (ErrorKind::Refused, LICENSE),
        33 => (ErrorKind::NotFound, "The account's id stands beside the API tokens in Astra Control (API access)."),
        46 | 74 => (ErrorKind::NotFound, "It was deleted meanwhile; choose another recovery point."),
        75 | 114 => (ErrorKind::NotFound, "It was deleted meanwhile."),
        106 => (ErrorKind::Refused, "Choose a cluster that Astra Control manages."),
        108 => (ErrorKind::Refused, "Choose another bucket."),
        107 | 111 | 112 | 142 | 144 | 148 | 152 => (ErrorKind::Conflict, BUSY),
        121 => (ErrorKind::Refused, "Choose another name, or other namespaces."),
        123 => (ErrorKind::Refused, "The namespace exists there already: map it to a new one."),
        127 | 170 => (ErrorKind::Refused, "Choose a bucket, or set a default bucket for the cluster in Astra Control."),
        128 => (ErrorKind::Refused, PENDING),
        131 | 158 | 172 | 173 => (
            ErrorKind::Refused,
            "Its volumes or its cluster can't be copied to a bucket; keep snapshots alone, or move the volumes to another storage class.",
        ),
        132 => (
            ErrorKind::Conflict,
            "The app has a schedule with the same times already: delete that one in Astra Control, or choose other times.",
        ),
        138 => {
            (ErrorKind::Refused, "The licence's number of namespaces is used up; remove an app or extend the licence.")
        }
        143 => (ErrorKind::Conflict, "Delete or rename the backup of that name."),
        147 | 156 => (ErrorKind::Refused, ""),
        _ => return None,
    })
}

/// What to do about a backup that can't be deleted because it has not begun.
pub const PENDING: &str =
    "A backup that is still waiting can't be cancelled: wait until it runs or ends, then delete it again.";

/// The number at the end of a problem's type.
fn number(body: &Value) -> Option<u32> {
    body["type"].as_str()?.rsplit_once("/problems/")?.1.trim_end_matches('/').parse().ok()
}

/// Reads a problem document; `None` when it is none. Single fields keep the upstream's names: what they mean depends on what
/// was sent (see [`in_draft`]).
pub fn explain(_status: u16, body: &Value) -> Option<Explained> {
    let (title, detail) = (text(&body["title"]), text(&body["detail"]));
    if number(body).is_none() && (title.is_empty() || body.get("status").is_none()) {
        return None;
    }
    let (kind, remedy) = match number(body).and_then(known) {
        Some((kind, remedy)) => (Some(kind), remedy.to_owned()),
        None => (None, String::new()),
    };
    let mut parts = vec![title, detail, text(&body["schemaValidationFailure"])];
    let mut fields = Vec::new();
    for key in ["invalidFields", "invalidParams"] {
        for entry in body[key].as_array().into_iter().flatten() {
            let (name, reason) = (text(&entry["name"]), text(&entry["reason"]));
            parts.push(format!("{name}: {reason}"));
            if key == "invalidFields" {
                fields.push((name, reason));
            }
        }
    }
    // Problems 68 and 113 hold others.
    for inner in body["problemDetails"].as_array().into_iter().flatten() {
        if let Some(more) = explain(0, inner) {
            parts.push(more.text);
            fields.extend(more.fields);
        }
    }
    parts.retain(|part| !part.trim_matches([':', ' ']).is_empty());
    parts.dedup();
    let mut said = String::new();
    for part in parts {
        if !said.is_empty() {
            said.push_str(if said.ends_with(['.', '!', '?']) { " " } else { ". " });
        }
        said.push_str(part.trim());
    }
    if let Some(number) = number(body) {
        said = format!("{} (problem {number})", said.trim_end_matches('.'));
    }
    Some(Explained { text: said, kind, fields, remedy, retry_after: None })
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The error with the upstream's names of fields as the draft's; what has no counterpart there keeps its own name.
pub fn in_draft(mut error: ProviderError, name: impl Fn(&str) -> Option<String>) -> ProviderError {
    for field in &mut error.fields.0 {
        // `metadata.labels[0].name`, `namespaceMapping[1].destination`: the first part decides.
        let head = field.path.split(['.', '[', '/']).find(|part| !part.is_empty()).unwrap_or_default().to_owned();
        if let Some(path) = name(&head) {
            field.path = path;
        }
    }
    error
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    fn problem(number: u32, more: &Value) -> Value {
        let mut body = json!({
            "type": format!("https://astra.netapp.io/problems/{number}"),
            "title": "Backup cancellation not allowed", "detail": "A pending backup can't be canceled.", "status": "409",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    #[test]
    fn every_problem_is_readable() {
        let said = explain(409, &problem(128, &json!({}))).unwrap();
        assert_eq!(said.text, "Backup cancellation not allowed. A pending backup can't be canceled (problem 128)");
        assert_eq!((said.kind, said.remedy.as_str()), (Some(ErrorKind::Refused), PENDING));
        let schema =
            explain(400, &problem(8, &json!({"schemaValidationFailure": "(root): name is required"}))).unwrap();
        assert!(schema.text.contains("name is required"), "{}", schema.text);
        let fields = json!({"invalidFields": [{"name": "hour", "reason": "must be 0 to 23"}]});
        let said = explain(400, &problem(9, &fields)).unwrap();
        assert_eq!(said.fields, [("hour".to_owned(), "must be 0 to 23".to_owned())]);
        assert!(said.text.contains("hour: must be 0 to 23"), "{}", said.text);
        let nested = explain(409, &problem(113, &json!({"problemDetails": [problem(9, &fields)]}))).unwrap();
        assert_eq!(nested.fields.len(), 1, "{nested:?}");
        let params = json!({"invalidParams": [{"name": "limit", "reason": "must be positive"}]});
        assert!(explain(400, &problem(5, &params)).unwrap().text.contains("limit: must be positive"));
        // The status as a number, a number that nobody knows, no number at all.
        assert!(explain(418, &json!({"type": "about:blank", "title": "Tea", "status": 418})).is_some());
        assert_eq!(explain(409, &problem(9_999, &json!({}))).unwrap().kind, None);
        for foreign in [json!({"error": "no"}), json!("text"), json!({"title": "x"}), json!(null)] {
            assert!(explain(400, &foreign).is_none(), "{foreign}");
        }
    }

    #[test]
    fn fields_get_the_drafts_names() {
        let mut error = ProviderError::new(ErrorKind::Refused, "x", "y");
        for path in ["hour", "metadata.labels[0]", "namespaceMapping[1].destination"] {
            error.fields.push(path, "upstream", "no");
        }
        let error = in_draft(error, |name| match name {
            "hour" => Some("cron".into()),
            "namespaceMapping" => Some("mapping".into()),
            _ => None,
        });
        let paths: Vec<&str> = error.fields.0.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["cron", "metadata.labels[0]", "mapping"]);
    }
}
