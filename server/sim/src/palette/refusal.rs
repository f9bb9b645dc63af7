//! Palette's error document. `code` is a word of its own; the HTTP status alone does not say what went wrong, because
//! 500 is also sent for operations that can't be done now.

use serde_json::{Value, json};

use super::ids;
use crate::rest::Answer;

/// A request that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) http: u16,
    pub(super) code: String,
    pub(super) message: String,
}

pub(super) type Outcome<T> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(http: u16, code: &str, message: impl Into<String>) -> Self {
        Self { http, code: code.to_owned(), message: message.into() }
    }

    /// What the request says can't be taken.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidRequest", message)
    }

    pub(super) fn missing() -> Self {
        Self::new(404, "ResourceNotFound", "The resource could not be found")
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::new(401, "Unauthorized", message)
    }

    /// From an injected fault. A message such as `BackupNotConfigured: Backup not configured` brings its own code.
    pub(super) fn injected(http: u16, message: &str) -> Self {
        let is_word = |head: &str| !head.is_empty() && head.chars().all(|c| c.is_ascii_alphanumeric());
        if let Some((code, rest)) = message.split_once(": ").filter(|(head, _)| is_word(head)) {
            return Self::new(http, code, rest);
        }
        let code = match http {
            401 => "Unauthorized",
            403 => "OperationForbidden",
            404 => "ResourceNotFound",
            409 => "ResourceAlreadyExists",
            429 => "TooManyRequests",
            400..=499 => "InvalidRequest",
            _ => "InternalServerError",
        };
        Self::new(http, code, message)
    }

    pub(super) fn body(&self) -> Value {
        let trace = ids::digest(&["ref", &self.code, &self.message]);
        json!({"code": self.code, "message": self.message, "details": {}, "ref": trace})
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::json(self.http, &self.body())
    }
}
