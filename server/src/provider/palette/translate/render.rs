//! A request to Palette on the command line of the review step.

use crate::provider::{
    Settings,
    palette::client::project,
    render::{self, Line},
};
use serde::Serialize;

pub use crate::provider::render::yaml;

/// A curl command for the request. The API key stands in `$API_KEY`.
pub fn curl<T: Serialize>(settings: &Settings, method: &str, path: &str, body: &T) -> String {
    let mut lines = vec![Line::Filled("ApiKey: $API_KEY")];
    lines.extend(project(settings).map(|uid| Line::Plain(format!("ProjectUid: {uid}"))));
    render::curl(settings, method, path, &lines, Some(("application/json", body)))
}
