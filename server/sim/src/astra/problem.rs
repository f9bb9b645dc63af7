//! Error documents: `application/problem+json`, each with a number that clients tell them apart by. Numbers, codes and
//! words are those of the vendor's OpenAPI document of release 24.02.

use serde_json::{Map, Value, json};

use crate::rest::Answer;

/// Number, HTTP code, title, detail.
type Entry = (u16, u16, &'static str, &'static str);

const TABLE: &[Entry] = &[
    (1, 404, "Resource not found", "The resource specified in the request URI wasn't found."),
    (2, 404, "Collection not found", "The collection specified in the request URI wasn't found."),
    (3, 401, "Missing bearer token", "The request is missing the required bearer token."),
    (4, 401, "Invalid bearer token", "The bearer token isn't valid."),
    (5, 400, "Invalid query parameters", "The supplied query parameters are invalid."),
    (6, 400, "Query parameters not supported", "One or more of the query parameters aren't supported."),
    (7, 400, "Invalid JSON payload", "The request body is not valid JSON."),
    (8, 400, "Invalid JSON resource", "The request body JSON doesn't conform to the schema."),
    (9, 400, "Invalid JSON resource", "The request body JSON contains fields that aren't valid."),
    (
        10,
        409,
        "JSON resource conflict",
        "The request body JSON contains a field that conflicts with an idempotent value.",
    ),
    (11, 403, "Operation not permitted", "The requested operation isn't permitted."),
    (14, 403, "Unauthorized access", "The user isn't enabled."),
    (25, 409, "Action blocked: License expired", "The requested action was blocked because the license has expired."),
    (26, 409, "Action blocked: License missing", "The requested action was blocked because there is no license."),
    (32, 406, "Unsupported content type", "The response can't be returned in the requested format."),
    (33, 400, "Invalid account ID", "The specified account ID isn't in the appropriate format."),
    (34, 500, "Internal server error", "The server was unable to process this request."),
    (38, 412, "Precondition not met", "The conditional headers aren't satisfied."),
    (40, 502, "Communication failed", "Communication wasn't made with downstream services."),
    (41, 503, "Service not ready", "Currently, the service can't respond to this request."),
    (
        43,
        409,
        "Action blocked: Astra Control Center license capacity exceeded",
        "The requested action was blocked because the managed core count exceeds the Astra Control Center license capacity.",
    ),
    (46, 400, "Snapshot not found", "The specified snapshot wasn't found."),
    (47, 403, "Snapshot operation not allowed", "The specified snapshot belongs to a different application."),
    (
        57,
        409,
        "Bucket already exists",
        "A bucket with the same name, provider, and storageAccount or serverURL already exists in this cloud. Remove the existing bucket and corresponding credential and retry the request.",
    ),
    (69, 405, "Method not supported", "The requested method isn't supported for the specified resource."),
    (
        72,
        403,
        "Hook source referenced by execution hook",
        "The hook source resource wasn't deleted because it is referenced by an execution hook resource.",
    ),
    (74, 400, "Backup not found", "The specified backup wasn't found."),
    (75, 400, "Application not found", "The specified application wasn't found."),
    (76, 403, "Application not valid", "The snapshot or backup doesn't belong to the specified application."),
    (79, 403, "Missing request header", "The application wasn't updated because a request header is missing."),
    (83, 409, "Bucket in use", "The bucket is currently in use by a backup or scheduled backup."),
    (84, 409, "Bucket is default bucket", "The bucket is currently set as the default bucket for a cloud."),
    (85, 413, "Request body too large", "The request body is too large."),
    (94, 500, "Backup not created", "The backup wasn't created because of an internal server issue."),
    (95, 500, "Backup not retrieved", "The backup wasn't retrieved because of an internal server issue."),
    (96, 500, "Backups not listed", "The backups didn't list because of an internal server issue."),
    (97, 500, "Backup not deleted", "The backup wasn't deleted because of an internal server issue."),
    (106, 400, "Cluster not found", "The cluster isn't found."),
    (107, 409, "Backup in progress", "The operation didn't start because a backup is already in progress."),
    (108, 400, "Bucket not found", "The bucket isn't found."),
    (111, 409, "Snapshot not ready", "The snapshot is currently unavailable."),
    (112, 409, "Application not ready", "The application is currently unavailable."),
    (114, 400, "Schedule not found", "The schedule isn't found."),
    (
        119,
        409,
        "Application not unmanaged",
        "The application wasn't unmanaged because it has an active replication relationship.",
    ),
    (
        120,
        403,
        "Snapshot not deleted",
        "The specified snapshot wasn't deleted because it is currently in use by a replication relationship.",
    ),
    (121, 409, "Application already exists", "The application already exists."),
    (122, 400, "Namespace not found", "The specified namespace wasn't found."),
    (123, 409, "Namespace unavailable", "The namespace is currently unavailable."),
    (124, 400, "Namespace removed", "The namespace is in state Removed"),
    (127, 400, "Bucket unavailable", "A bucket wasn't specified and a default bucket isn't configured."),
    (128, 409, "Backup cancellation not allowed", "A pending backup can't be canceled."),
    (130, 409, "Snapshot not supported", "The cluster is not eligible for snapshots."),
    (131, 409, "Backup not supported", "The cluster is not eligible for backups."),
    (132, 409, "Duplicate schedule", "This schedule already exists for the application."),
    (
        138,
        409,
        "Action blocked: Namespace limit reached",
        "The requested action was blocked because the namespace limit was reached.",
    ),
    (
        142,
        409,
        "Backup or snapshot not deleted",
        "The backup or snapshot of the application wasn't deleted because the application is restoring.",
    ),
    (
        143,
        409,
        "Backup with the same name exists",
        "The resource wasn't created because a backup with the same name already exists.",
    ),
    (144, 409, "Backup in progress", "The snapshot wasn't deleted because it is currently being used by a backup."),
    (
        147,
        400,
        "Invalid GVKN specified",
        "An invalid GVKN object was specified in the request. GVKN objects cannot be empty and values must conform to the API schema specification.",
    ),
    (148, 409, "Snapshot in progress", "The operation didn't start because a snapshot is already in progress."),
    (152, 409, "Application not restored", "The application wasn't restored because a backup is in progress."),
    (156, 400, "Storage class not found", "The specified storage class wasn't found."),
    (
        157,
        409,
        "Disruptive backup in progress",
        "The application wasn't deleted because a disruptive backup is in progress.",
    ),
    (172, 409, "Backup not supported", "The application is not eligible for backups."),
    (174, 409, "Deletion in progress", "The resource is already being deleted."),
    (175, 409, "Bucket is default bucket", "The bucket is currently set as the default bucket for a cluster."),
    (177, 400, "Bucket not supported", "A bucket can't be specified for snapshots of this application."),
];

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    number: u16,
    detail: Option<String>,
    more: Map<String, Value>,
}

impl Problem {
    pub(super) fn new(number: u16) -> Self {
        Self { number, detail: None, more: Map::new() }
    }

    /// The body isn't what the type's closed schema allows.
    pub(super) fn schema(failure: impl Into<String>) -> Self {
        Self::new(8).with("schemaValidationFailure", json!(failure.into()))
    }

    /// Fields whose values can't be used, as name and reason.
    pub(super) fn fields(list: &[(String, String)]) -> Self {
        let list: Vec<Value> = list.iter().map(|(name, reason)| json!({"name": name, "reason": reason})).collect();
        Self::new(9).with("invalidFields", json!(list))
    }

    pub(super) fn field(name: &str, reason: &str) -> Self {
        Self::fields(&[(name.to_owned(), reason.to_owned())])
    }

    /// A query parameter that is known but malformed.
    pub(super) fn param(name: &str, reason: &str) -> Self {
        Self::new(5).with("invalidParams", json!([{"name": name, "reason": reason}]))
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// The problem that an HTTP code alone stands for, with a sentence of somebody else's.
    pub(super) fn of_code(code: u16, detail: &str) -> (u16, Self) {
        let number = match code {
            401 => 4,
            403 => 11,
            404 => 2,
            405 => 69,
            406 => 32,
            409 => 10,
            412 => 38,
            413 => 85,
            500 => 34,
            502 => 40,
            503 => 41,
            _ => 0,
        };
        (code, Self { number, detail: Some(detail.to_owned()), more: Map::new() })
    }

    fn entry(&self) -> Entry {
        let found = TABLE.iter().find(|entry| entry.0 == self.number);
        found.copied().unwrap_or((0, 500, "Error", "The request failed."))
    }

    pub(super) fn answer(&self, correlation: &str) -> Answer {
        self.answer_as(self.entry().1, correlation)
    }

    /// `status` is a string on the wire.
    pub(super) fn answer_as(&self, code: u16, correlation: &str) -> Answer {
        let (number, _, title, detail) = self.entry();
        let kind = match number {
            0 => "about:blank".to_owned(),
            number => format!("https://astra.netapp.io/problems/{number}"),
        };
        let mut body = json!({
            "type": kind,
            "title": title,
            "detail": self.detail.as_deref().unwrap_or(detail),
            "status": code.to_string(),
            "correlationID": correlation,
        });
        if let Value::Object(map) = &mut body {
            map.extend(self.more.clone());
        }
        Answer { content_type: "application/problem+json".to_owned(), ..Answer::json(code, &body) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn numbers_are_listed_once() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{}", pair[1].0);
        }
    }

    #[test]
    fn status_is_a_string_and_fields_are_named() {
        let answer = Problem::field("hour", "is required").answer("c");
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.code, &body["status"]), (400, &json!("400")));
        assert_eq!(body["type"], "https://astra.netapp.io/problems/9");
        assert_eq!(body["invalidFields"], json!([{"name": "hour", "reason": "is required"}]));
    }
}
