//! What Palette's error document means: `{"code", "message", "details", "ref"}`. The code says more than the status, because 500
//! is also sent for what can't be done at present.

use crate::provider::{ErrorKind, rest::Explained};
use serde_json::Value;

/// Codes that a failing server sends, or that the vendor's client makes of an answer without one.
const FAILING: [&str; 4] = ["UnknownError", "EmptyError", "InternalServerError", "TooManyRequests"];
/// Names in Palette's bodies, and the draft's field that they come from.
const FIELDS: [(&str, &str); 8] = [
    ("scheduledRunTime", "cron"),
    ("backupLocationUid", "location"),
    ("durationInHours", "keep_for"),
    ("clusterUids", "scope.clusters"),
    ("includeClusterResource", "scope.cluster_objects"),
    ("includeAllDisks", "volumes"),
    ("namespaces", "scope.namespaces"),
    ("backupPrefix", "name"),
];

/// Reads the document; `None` for anything else.
pub fn explain(status: u16, body: &Value) -> Option<Explained> {
    let text = |key: &str| body[key].as_str().unwrap_or_default().trim().to_owned();
    let (code, message) = (text("code"), text("message"));
    if code.is_empty() && (message.is_empty() || body.get("ref").is_none()) {
        return None;
    }
    let kind = match (status, code.as_str()) {
        (_, "BackupNotConfigured") => Some(ErrorKind::NotFound),
        (404, "ProjectNotFound") => Some(ErrorKind::NotInstalled),
        (404, "PathNotFound") => Some(ErrorKind::Refused),
        (500, code) if !code.is_empty() && !FAILING.contains(&code) => Some(ErrorKind::Conflict),
        _ => None,
    };
    let remedy = match (status, code.as_str()) {
        (404, "ProjectNotFound") => "Give the uid of a project that the key sees; the connection's test lists them.",
        (500, _) if kind == Some(ErrorKind::Conflict) => {
            "It is tried again; look at the workspace and its clusters in Palette."
        }
        _ => "",
    };
    let said = match (code.is_empty(), message.is_empty()) {
        (true, _) => message.clone(),
        (false, true) => code,
        (false, false) => format!("{} ({code})", message.trim_end_matches('.')),
    };
    let about = FIELDS.iter().find(|(name, _)| matches!(status, 400 | 422) && message.contains(name));
    Some(Explained {
        text: said,
        kind,
        fields: about.map(|(_, field)| ((*field).to_owned(), message)).into_iter().collect(),
        remedy: remedy.into(),
        retry_after: None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_code_counts_and_fields_are_found() {
        for (status, code, kind) in [
            (404, "ResourceNotFound", None),
            (500, "BackupNotConfigured", Some(ErrorKind::NotFound)),
            (200, "BackupNotConfigured", Some(ErrorKind::NotFound)),
            (404, "ProjectNotFound", Some(ErrorKind::NotInstalled)),
            (500, "InternalServerError", None),
            (500, "UnknownError", None),
            (500, "ClusterNotHealthy", Some(ErrorKind::Conflict)),
            (502, "ClusterNotHealthy", None),
        ] {
            let explained = explain(status, &json!({"code": code, "message": "It is so.", "ref": "x"})).unwrap();
            assert_eq!(explained.kind, kind, "{status} {code}");
            assert_eq!(explained.text, format!("It is so ({code})"));
        }
        let refused =
            json!({"code": "InvalidRequest", "message": "backupConfig.backupLocationUid in body: no location \"x\""});
        assert_eq!(explain(400, &refused).unwrap().fields[0].0, "location");
        assert!(explain(404, &refused).unwrap().fields.is_empty());
        for foreign in [json!({"message": "not found"}), json!({"error": "x"}), json!([]), json!("x"), json!(null)] {
            assert!(explain(404, &foreign).is_none(), "{foreign}");
        }
    }
}
