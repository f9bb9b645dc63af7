//! How a request to Kubernetes authenticates on the command line of the review step.

use crate::provider::{
    Settings,
    render::{self, Line},
};
use serde::Serialize;

pub use crate::provider::render::yaml;

/// Never with the credential itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It stands in `$TOKEN`.
    Token,
    /// In `client.crt` and `client.key`.
    Certificate,
}

/// A curl command for the request.
pub fn curl<T: Serialize>(settings: &Settings, by: By, method: &str, path: &str, media: &str, body: &T) -> String {
    render::curl(settings, method, path, &[by.line()], Some((media, body)))
}

/// A curl command for a request without a body.
pub fn bare(settings: &Settings, by: By, method: &str, path: &str) -> String {
    render::curl(settings, method, path, &[by.line()], None::<(&str, &())>)
}

impl By {
    fn line(self) -> Line {
        match self {
            Self::Token => Line::Filled("Authorization: Bearer $TOKEN"),
            Self::Certificate => Line::Certificate,
        }
    }
}
