//! What can go wrong in the console, and the one place where it becomes what a person reads.
//!
//! [`ConsoleError::shown`] converts and logs, once, at the edge, with the request id. Only sentences cross: the internal half
//! (SQL, upstream bodies, I/O errors) stays in the log.

use crate::{
    provider::{self, ProviderError},
    secret::SealError,
    store::{StoreError, StoreErrorKind},
};
use app::{
    backend::{Caller, Reply},
    error::{ApiError, ErrorKind},
};
use model::{FieldError, Invalid, view::EditConflict};
use std::fmt;

/// Why the console can't do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The upstream failed or refused.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The credential can't be sealed or opened.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// What was typed is wrong.
    #[error("{} fields are wrong", .0.0.len())]
    Invalid(Invalid),
    /// Somebody else saved first.
    #[error("changed by {} in between", .0.changed_by)]
    Edited(Box<EditConflict>),
    /// It is not there, or no longer: "definition".
    #[error("no such {0}")]
    NoSuch(&'static str),
    /// It can't be done as things are; the sentence says what to do first.
    #[error("{0}")]
    NotNow(String),
    /// Answered already: signed out, forbidden.
    #[error("{0}")]
    Answered(ApiError),
    /// Something that should not happen.
    #[error("{what}: {source}")]
    Bug { what: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
}

impl From<Invalid> for ConsoleError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<FieldError> for ConsoleError {
    fn from(error: FieldError) -> Self {
        Self::Invalid(Invalid(vec![error]))
    }
}

impl From<ApiError> for ConsoleError {
    fn from(error: ApiError) -> Self {
        Self::Answered(error)
    }
}

impl ConsoleError {
    /// A bug: `what` was being done, `source` happened.
    pub fn bug(what: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Bug { what, source: source.into() }
    }

    /// What the person sees. Logs what they don't, under the same request id.
    pub fn shown(self, caller: &Caller) -> ApiError {
        let mut answer = self.answer();
        answer.request_id.clone_from(&caller.request_id);
        let who = caller.who.as_ref().map(|w| w.name.as_str()).unwrap_or_default();
        let (request, status) = (caller.request_id.as_str(), answer.status());
        match answer.kind {
            ErrorKind::Bug => tracing::error!(request, who, status, error = %Chain(&self), "request failed"),
            ErrorKind::Busy | ErrorKind::Upstream => {
                tracing::warn!(request, who, status, error = %Chain(&self), "request failed");
            }
            _ => tracing::debug!(request, who, status, error = %self, "request refused"),
        }
        answer
    }

    fn answer(&self) -> ApiError {
        match self {
            Self::Store(error) => store(error),
            Self::Provider(error) => upstream(error),
            Self::Sealed(_) => ApiError::new(
                ErrorKind::Bug,
                "The stored credential can't be read: the key of this server doesn't fit it. Put the right key back, or \
                 enter the credential again.",
            ),
            Self::Invalid(invalid) => ApiError {
                fields: invalid.0.clone(),
                ..ApiError::new(
                    ErrorKind::Invalid,
                    match invalid.0.as_slice() {
                        [one] => one.sentence.clone(),
                        many => format!("{} fields need another look; nothing was saved.", many.len()),
                    },
                )
            },
            Self::Edited(conflict) => ApiError {
                conflict: Some(conflict.clone()),
                ..ApiError::new(
                    ErrorKind::Conflict,
                    format!(
                        "{} changed it while you were editing. Nothing of yours was saved yet.",
                        conflict.changed_by
                    ),
                )
            },
            Self::NoSuch(what) => {
                ApiError::new(ErrorKind::NotFound, format!("There is no such {what}. It may have been deleted."))
            }
            Self::NotNow(sentence) => ApiError::new(ErrorKind::Conflict, sentence.clone()),
            Self::Answered(answer) => answer.clone(),
            Self::Bug { .. } => {
                ApiError::new(ErrorKind::Bug, "Something went wrong inside Holdfast. The log has the details.")
            }
        }
    }
}

fn store(error: &StoreError) -> ApiError {
    let busy =
        |sentence: &str, after: u64| ApiError { retry_after: Some(after), ..ApiError::new(ErrorKind::Busy, sentence) };
    match &error.kind {
        StoreErrorKind::NotFound => ApiError::new(ErrorKind::NotFound, "It is not there; it may have been deleted."),
        StoreErrorKind::Taken { what } => ApiError {
            fields: vec![FieldError {
                path: (*what).to_string(),
                code: "taken".into(),
                sentence: "This name is taken; choose another.".into(),
            }],
            ..ApiError::new(ErrorKind::Invalid, "This name is taken; choose another.")
        },
        StoreErrorKind::Stale => {
            ApiError::new(ErrorKind::Conflict, "Somebody else changed it in between. Reload and try again.")
        }
        StoreErrorKind::Full => busy(
            "The disk of this server is full: nothing was saved, and nothing is lost of what was there. Free some space, \
             then try again.",
            60,
        ),
        StoreErrorKind::Busy => busy("The database is busy; nothing was saved. Try again in a moment.", 2),
        StoreErrorKind::Corrupt | StoreErrorKind::Other => {
            ApiError::new(ErrorKind::Bug, "The database of Holdfast could not do this. The log has the details.")
        }
    }
}

fn upstream(error: &ProviderError) -> ApiError {
    let kind = match error.kind {
        provider::ErrorKind::Refused if !error.fields.0.is_empty() => ErrorKind::Invalid,
        _ => ErrorKind::Upstream,
    };
    ApiError {
        fields: error.fields.0.clone(),
        retry_after: error.retry_after.map(|wait| wait.as_secs().max(1)),
        ..ApiError::new(kind, said(error))
    }
}

/// What an upstream's failure means, for a person: what happened and what to do.
pub fn said(error: &ProviderError) -> String {
    if error.remedy.is_empty() { error.sentence.clone() } else { format!("{} {}", error.sentence, error.remedy) }
}

/// The last line of a backend method: what went wrong becomes what a person reads.
pub(crate) fn answer<T>(caller: &Caller, result: Result<T, ConsoleError>) -> Reply<T> {
    result.map_err(|error| error.shown(caller))
}

/// An error with its causes, for the log.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
