//! The only error that crosses the wire: a kind, a sentence that is safe to show, and where to look.

use leptos::prelude::*;
use model::FieldError;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use std::fmt;

/// What sort of thing went wrong; decides the HTTP status and what the page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// 422: fields are wrong; the list names them.
    Invalid,
    /// 409: somebody else was faster.
    Conflict,
    /// 401: nobody is signed in.
    SignedOut,
    /// 403: signed in, not allowed.
    Forbidden,
    /// 404.
    NotFound,
    /// 429: too often.
    TooMany,
    /// 502: the upstream refused or did not answer.
    Upstream,
    /// 503: this server is busy or its store is not writable.
    Busy,
    /// 500: a bug; the request id finds it in the log.
    Bug,
    /// The browser could not reach this server.
    Unreachable,
}

/// What a server function answers when it can't do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    pub kind: ErrorKind,
    /// For a person: what happened and what to do. Never a secret, never an internal detail.
    pub message: String,
    #[serde(default)]
    pub fields: Vec<FieldError>,
    /// Finds the request in the server's log.
    #[serde(default)]
    pub request_id: String,
    /// Seconds after which it is worth trying again.
    #[serde(default)]
    pub retry_after: Option<u64>,
    /// For conflicts: what the other one saved.
    #[serde(default)]
    pub conflict: Option<Box<model::view::EditConflict>>,
}

impl ApiError {
    /// An error with a sentence and nothing else.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            fields: Vec::new(),
            request_id: String::new(),
            retry_after: None,
            conflict: None,
        }
    }

    /// The sentence about one field, if there is one.
    pub fn about(&self, path: &str) -> Option<String> {
        self.fields.iter().find(|f| f.path == path).map(|f| f.sentence.clone())
    }

    /// The HTTP status of its kind.
    pub fn status(&self) -> u16 {
        match self.kind {
            ErrorKind::Invalid => 422,
            ErrorKind::Conflict => 409,
            ErrorKind::SignedOut => 401,
            ErrorKind::Forbidden => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::TooMany => 429,
            ErrorKind::Upstream => 502,
            ErrorKind::Busy => 503,
            ErrorKind::Bug | ErrorKind::Unreachable => 500,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(
                ErrorKind::Unreachable,
                "Holdfast does not answer. What you typed is still here; try again in a moment.",
            ),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::new(ErrorKind::Invalid, "Holdfast and this page disagree about the form. Reload the page.")
            }
            _ => Self::new(ErrorKind::Bug, "Something went wrong inside Holdfast."),
        }
    }
}
