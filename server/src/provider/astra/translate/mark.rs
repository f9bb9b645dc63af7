//! The mark among the labels of a schedule (see [`crate::provider::mark`]).

use super::Rhythm;
use crate::provider::mark;
use serde_json::{Value, json};

/// `3-9f86d081884c7d65`: the version, and what the schedule means.
pub fn of(version: i64, granularity: &str, rhythm: &Rhythm) -> String {
    mark::of(version, &meaning(granularity, rhythm))
}

/// The version that wrote the schedule as it is now; `None` when it was changed since, or never marked.
pub fn version(mark: Option<&str>, granularity: &str, rhythm: &Rhythm) -> Option<i64> {
    mark::version(mark, &meaning(granularity, rhythm))
}

fn meaning(granularity: &str, rhythm: &Rhythm) -> Value {
    json!([granularity, rhythm])
}
