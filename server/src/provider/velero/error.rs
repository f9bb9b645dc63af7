//! From an answer that isn't a good one to our own error: what happened, what to do, which field it is about.

use crate::provider::{
    ErrorKind, ProviderError,
    answer::{Redaction, is_html, retry_after, seconds, slow},
};
use http::{HeaderMap, StatusCode, header};
use model::Invalid;
use serde_json::Value;

/// An answer with a status that isn't 2xx.
pub fn refused(
    operation: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    redact: &Redaction,
) -> ProviderError {
    let json = serde_json::from_slice::<Value>(body).ok().filter(|v| v["kind"] == "Status");
    let Some(json) = json else {
        return not_a_status(operation, status, headers, body, redact);
    };
    let message = redact.apply(json["message"].as_str().unwrap_or_default());
    let reason = json["reason"].as_str().unwrap_or_default();
    let told = |text: &str| if message.is_empty() { text.to_owned() } else { format!("{text} It says: {message}") };
    let mut error = match status.as_u16() {
        401 => unauthorised(operation),
        403 => ProviderError::new(ErrorKind::Forbidden, operation, told("Kubernetes does not allow this (403)."))
            .remedy(
                "Give the account the rights of deploy/velero-rbac.yaml; the connection's test lists what is missing.",
            ),
        404 => ProviderError::new(ErrorKind::NotFound, operation, told("It is not there (404).")),
        409 if reason == "AlreadyExists" => {
            ProviderError::new(ErrorKind::Conflict, operation, told("The name is taken (409 AlreadyExists)."))
        }
        409 | 412 => {
            ProviderError::new(ErrorKind::Conflict, operation, told("Somebody changed it at the same time (409)."))
                .remedy("It is read again and tried again.")
        }
        410 => ProviderError::new(ErrorKind::Conflict, operation, told("The list is too old (410).")),
        429 => slow(operation, &told("Kubernetes asks to slow down (429).")),
        400 | 413 | 415 | 422 => ProviderError::new(
            ErrorKind::Refused,
            operation,
            told(&format!("Kubernetes refuses the object ({status}).")),
        ),
        503 | 504 if headers.contains_key(header::RETRY_AFTER) => {
            slow(operation, &told(&format!("Kubernetes is not ready ({status}).")))
        }
        _ => ProviderError::new(ErrorKind::Broken, operation, told(&format!("Kubernetes failed ({status}).")))
            .remedy("It is tried again; if it stays, look at the API server's log."),
    };
    error.retry_after = retry_after(headers).or_else(|| json["details"]["retryAfterSeconds"].as_u64().map(seconds));
    if error.kind == ErrorKind::Refused {
        error.fields = fields(&json, redact);
    }
    error
}

fn unauthorised(operation: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Unauthorised, operation, "Kubernetes does not accept the credential (401).")
        .remedy("Give a new token: it may have expired, or be of another cluster.")
}

fn not_a_status(
    operation: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    redact: &Redaction,
) -> ProviderError {
    let text = redact.apply(&String::from_utf8_lossy(&body[..body.len().min(4096)]));
    let html = is_html(headers, &text);
    let mut error = match status.as_u16() {
        404 if text == "404 page not found" => ProviderError::new(
            ErrorKind::NotInstalled,
            operation,
            "The cluster doesn't know Velero's kinds: 404 page not found.",
        )
        .remedy("Install Velero on this cluster, or check that this is the right cluster."),
        401 if !html => unauthorised(operation),
        429 => slow(operation, "It asks to slow down (429)."),
        503 if headers.contains_key(header::RETRY_AFTER) => slow(operation, "It is not ready (503)."),
        300..=399 => ProviderError::new(
            ErrorKind::NotThat,
            operation,
            format!("It answers with a redirect ({status}), which is not followed."),
        )
        .remedy("Give the address of the Kubernetes API itself, not of a web page or a login in front of it."),
        500..=599 => {
            let what = if html {
                "a web page".to_owned()
            } else {
                format!("“{}”", text.chars().take(120).collect::<String>())
            };
            ProviderError::new(ErrorKind::Broken, operation, format!("It answers {status} with {what}."))
                .remedy("A proxy before the API server, or the server itself, is failing.")
        }
        _ if html => ProviderError::new(
            ErrorKind::NotThat,
            operation,
            format!("A web page answers ({status}) where Kubernetes should."),
        )
        .remedy("Give the address of the Kubernetes API server."),
        _ => ProviderError::new(
            ErrorKind::Garbled,
            operation,
            format!(
                "It answers {status} in a form that is not Kubernetes': “{}”.",
                text.chars().take(120).collect::<String>()
            ),
        ),
    };
    error.retry_after = retry_after(headers);
    error
}

/// A 2xx answer that can't be read as what it should be.
pub fn unreadable(operation: &str, headers: &HeaderMap, body: &[u8], redact: &Redaction) -> ProviderError {
    let text = redact.apply(&String::from_utf8_lossy(&body[..body.len().min(4096)]));
    if is_html(headers, &text) {
        return ProviderError::new(ErrorKind::NotThat, operation, "A web page answers where Kubernetes should.")
            .remedy("Give the address of the Kubernetes API server.");
    }
    if !text.is_empty() && !text.starts_with(['{', '[']) {
        return ProviderError::new(
            ErrorKind::NotThat,
            operation,
            "The answer is no JSON, so that it is not Kubernetes'.",
        )
        .remedy("Give the address of the Kubernetes API server.");
    }
    ProviderError::new(ErrorKind::Garbled, operation, "The answer is not JSON that can be read; it may be cut off.")
        .remedy("It is tried again; if it stays, look for a proxy between Holdfast and the API server.")
}

/// The upstream's field errors, as ours: the causes of a 422, and the unknown fields that a strict 400 lists.
fn fields(status: &Value, redact: &Redaction) -> Invalid {
    let mut invalid = Invalid::default();
    for cause in status["details"]["causes"].as_array().into_iter().flatten() {
        let field = cause["field"].as_str().unwrap_or_default();
        let message = redact.apply(cause["message"].as_str().unwrap_or_default());
        invalid.push(draft_path(field), "upstream", format!("Kubernetes says about {field}: {message}"));
    }
    let message = status["message"].as_str().unwrap_or_default();
    for part in message.split("unknown field \"").skip(1) {
        let field = part.split('"').next().unwrap_or_default();
        let field = redact.apply(field);
        invalid.push(draft_path(&field), "unknown-field", format!("This cluster's Velero does not know {field}."));
    }
    invalid
}

/// The draft's field that an upstream path comes from; the path itself where there is none, so that it stands at the review.
pub fn draft_path(upstream: &str) -> String {
    let path = upstream.trim_start_matches("spec.").trim_start_matches("template.");
    let (head, index) = match path.split_once('[') {
        Some((head, rest)) => (head, rest.split(']').next().and_then(|n| n.parse::<usize>().ok())),
        None => (path, None),
    };
    let list = |field: &str| index.map_or_else(|| field.to_owned(), |i| format!("{field}.{i}"));
    match head.split('.').next().unwrap_or_default() {
        "schedule" => "cron".into(),
        "paused" => "paused".into(),
        "ttl" => "keep_for".into(),
        "storageLocation" => "location".into(),
        "snapshotVolumes" | "snapshotMoveData" | "defaultVolumesToFsBackup" => "volumes".into(),
        "includedNamespaces" => list("scope.namespaces"),
        "excludedNamespaces" => list("scope.except_namespaces"),
        "includedResources" => list("scope.resources"),
        "excludedResources" => list("scope.except_resources"),
        "includeClusterResources" => "scope.cluster_objects".into(),
        "labelSelector" | "orLabelSelectors" => "scope.selectors".into(),
        "metadata" if head.starts_with("metadata.name") => "name".into(),
        _ => upstream.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, body: &Value) -> ProviderError {
        let status = StatusCode::from_u16(code).unwrap_or_default();
        refused(
            "create schedules",
            status,
            &HeaderMap::new(),
            body.to_string().as_bytes(),
            &Redaction::new(["s3cret".into()]),
        )
    }

    #[test]
    fn statuses_have_kinds() {
        for (code, reason, kind) in [
            (400, "BadRequest", ErrorKind::Refused),
            (401, "Unauthorized", ErrorKind::Unauthorised),
            (403, "Forbidden", ErrorKind::Forbidden),
            (404, "NotFound", ErrorKind::NotFound),
            (409, "Conflict", ErrorKind::Conflict),
            (409, "AlreadyExists", ErrorKind::Conflict),
            (422, "Invalid", ErrorKind::Refused),
            (429, "TooManyRequests", ErrorKind::Slow),
            (500, "InternalError", ErrorKind::Broken),
        ] {
            let body = serde_json::json!({"kind": "Status", "reason": reason, "message": "because Bearer s3cret"});
            let error = status(code, &body);
            assert_eq!(error.kind, kind, "{code}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn causes_name_our_fields() {
        let body = serde_json::json!({"kind": "Status", "reason": "Invalid", "message": "no", "details": {"causes": [
            {"field": "spec.template.ttl", "message": "s3cret"},
            {"field": "spec.template.includedNamespaces[2]", "message": "x"},
            {"field": "spec.template.hooks", "message": "x"},
        ]}});
        let error = status(422, &body);
        let paths: Vec<&str> = error.fields.0.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["keep_for", "scope.namespaces.2", "spec.template.hooks"]);
        assert!(!error.fields.0[0].sentence.contains("s3cret"));
        let strict = serde_json::json!({"kind": "Status", "message": "strict decoding error: unknown field \"spec.template.snapshotMoveData\""});
        assert_eq!(status(400, &strict).fields.0[0].path, "volumes");
    }

    #[test]
    fn what_is_no_status_is_told_apart() {
        let say = |code: u16, media: &str, body: &str| {
            let mut headers = HeaderMap::new();
            if let Ok(media) = media.parse() {
                headers.insert(header::CONTENT_TYPE, media);
            }
            refused(
                "get",
                StatusCode::from_u16(code).unwrap_or_default(),
                &headers,
                body.as_bytes(),
                &Redaction::default(),
            )
            .kind
        };
        assert_eq!(say(404, "text/plain", "404 page not found\n"), ErrorKind::NotInstalled);
        assert_eq!(say(404, "text/html", "<html>nothing</html>"), ErrorKind::NotThat);
        assert_eq!(say(502, "text/html", "<html>bad gateway</html>"), ErrorKind::Broken);
        assert_eq!(say(302, "text/plain", ""), ErrorKind::NotThat);
        assert_eq!(say(418, "text/plain", "teapot"), ErrorKind::Garbled);
    }
}
