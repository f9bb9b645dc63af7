//! A request to Waldur as YAML and on the command line of the review step.

use crate::provider::{
    Settings,
    render::{self, Line, NO_BODY},
};
use serde_json::Value;

/// A body as YAML, or that there is none.
pub fn yaml(body: Option<&Value>) -> String {
    body.map_or_else(|| NO_BODY.to_owned(), render::yaml)
}

/// A curl command for the request. The token stands in `$TOKEN`.
pub fn curl(settings: &Settings, method: &str, path: &str, body: Option<&Value>) -> String {
    let token = [Line::Filled("Authorization: Token $TOKEN")];
    render::curl(settings, method, path, &token, body.map(|body| ("application/json", body)))
}
