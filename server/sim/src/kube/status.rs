//! The `Status` object: every way the API server says no, in its own words.

use serde_json::{Map, Value, json};

use super::kind::Kind;

/// A refusal. `cause` rows are `(reason, message, field)`.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) body: Value,
}

/// One schema breach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) field: String,
}

impl Breach {
    /// A wrong JSON type: the API server shows the type's name as the value.
    pub(crate) fn wrong_type(field: &str, wanted: &str, got: &str) -> Self {
        Self {
            reason: "FieldValueTypeInvalid",
            message: format!("Invalid value: \"{got}\": {field} in body must be of type {wanted}: \"{got}\""),
            field: field.to_owned(),
        }
    }

    pub(crate) fn required(field: &str) -> Self {
        Self { reason: "FieldValueRequired", message: "Required value".to_owned(), field: field.to_owned() }
    }

    pub(crate) fn invalid(field: &str, value: &str, detail: &str) -> Self {
        Self {
            reason: "FieldValueInvalid",
            message: format!("Invalid value: {value}: {detail}"),
            field: field.to_owned(),
        }
    }

    pub(crate) fn unsupported(field: &str, value: &str, supported: &[&str]) -> Self {
        let supported: Vec<String> = supported.iter().map(|word| format!("\"{word}\"")).collect();
        Self {
            reason: "FieldValueNotSupported",
            message: format!("Unsupported value: \"{value}\": supported values: {}", supported.join(", ")),
            field: field.to_owned(),
        }
    }
}

impl Refusal {
    pub(crate) fn new(code: u16, reason: &str, message: impl Into<String>, details: Value) -> Self {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message.into(), "code": code,
        });
        if !reason.is_empty() {
            body["reason"] = reason.into();
        }
        if !details.is_null() {
            body["details"] = details;
        }
        Self { code, body }
    }

    fn details(kind: &Kind, name: &str) -> Map<String, Value> {
        let mut details = Map::new();
        if !name.is_empty() {
            details.insert("name".to_owned(), name.into());
        }
        if !kind.group.is_empty() {
            details.insert("group".to_owned(), kind.group.into());
        }
        details.insert("kind".to_owned(), kind.plural.into());
        details
    }

    pub(crate) fn not_found(kind: &Kind, name: &str) -> Self {
        Self::new(
            404,
            "NotFound",
            format!("{} \"{name}\" not found", kind.qualified_plural()),
            Self::details(kind, name).into(),
        )
    }

    /// An unknown path below a known group.
    pub(crate) fn no_such_path() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource", json!({}))
    }

    pub(crate) fn already_exists(kind: &Kind, name: &str) -> Self {
        Self::new(
            409,
            "AlreadyExists",
            format!("{} \"{name}\" already exists", kind.qualified_plural()),
            Self::details(kind, name).into(),
        )
    }

    pub(crate) fn conflict(kind: &Kind, name: &str) -> Self {
        Self::new(
            409,
            "Conflict",
            format!(
                "Operation cannot be fulfilled on {} \"{name}\": the object has been modified; please apply your changes to the latest version and try again",
                kind.qualified_plural()
            ),
            Self::details(kind, name).into(),
        )
    }

    /// 422 with one cause per breach; the message joins them as the API server does.
    pub(crate) fn invalid(kind: &Kind, name: &str, breaches: &[Breach]) -> Self {
        let texts: Vec<String> =
            breaches.iter().map(|breach| format!("{}: {}", breach.field, breach.message)).collect();
        let joined = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let causes: Vec<Value> =
            breaches.iter().map(|b| json!({"reason": b.reason, "message": b.message, "field": b.field})).collect();
        let mut details = Self::details(kind, name);
        details.insert("kind".to_owned(), kind.kind.into());
        details.insert("causes".to_owned(), causes.into());
        Self::new(422, "Invalid", format!("{} \"{name}\" is invalid: {joined}", kind.qualified_kind()), details.into())
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message, Value::Null)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", json!({}))
    }

    pub(crate) fn unsupported_media_type(accepted: &str) -> Self {
        Self::new(
            415,
            "UnsupportedMediaType",
            format!("the body of the request was in an unknown format - accepted media types include: {accepted}"),
            json!({}),
        )
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized", Value::Null)
    }

    pub(crate) fn forbidden(kind: &Kind, verb: &str, namespace: &str, name: &str, user: &str) -> Self {
        let place = if namespace.is_empty() {
            "at the cluster scope".to_owned()
        } else {
            format!("in the namespace \"{namespace}\"")
        };
        let shown = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
        Self::new(
            403,
            "Forbidden",
            format!(
                "{}{shown} is forbidden: User \"{user}\" cannot {verb} resource \"{}\" in API group \"{}\" {place}",
                kind.qualified_plural(),
                kind.plural,
                kind.group
            ),
            Self::details(kind, name).into(),
        )
    }

    /// 410 for a continue token whose snapshot is gone.
    pub(crate) fn expired_continue() -> Self {
        Self::new(
            410,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
            Value::Null,
        )
    }

    /// The object of a watch's ERROR event when its resourceVersion was compacted.
    pub(crate) fn expired_watch(asked: u64, oldest: u64) -> Self {
        Self::new(410, "Expired", format!("too old resource version: {asked} ({oldest})"), Value::Null)
    }
}
