//! Work in progress: what the server keeps in its memory while a Backup or Restore runs.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::volume::Volume;
use crate::json::annotation;

/// How it will end, decided by the object's `sim/outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Good,
    Partial,
    Failed,
    Stuck,
}

impl Outcome {
    pub(crate) fn of(object: &Value) -> Self {
        match annotation(object, "sim/outcome") {
            "partial" => Self::Partial,
            "failed" => Self::Failed,
            "stuck" => Self::Stuck,
            _ => Self::Good,
        }
    }
}

/// Where a problem is reported.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    Velero,
    Cluster,
    Namespace(&'a str),
}

/// Warnings and errors in the form of the results file.
#[derive(Debug, Clone)]
pub(crate) struct Problems(Value);

impl Default for Problems {
    fn default() -> Self {
        Self(json!({"errors": {}, "warnings": {}}))
    }
}

impl Problems {
    pub(crate) fn error(&mut self, place: Place<'_>, sentence: String) {
        self.add("errors", place, sentence);
    }

    pub(crate) fn warning(&mut self, place: Place<'_>, sentence: String) {
        self.add("warnings", place, sentence);
    }

    fn add(&mut self, level: &str, place: Place<'_>, sentence: String) {
        let level = &mut self.0[level];
        let list = match place {
            Place::Velero => &mut level["velero"],
            Place::Cluster => &mut level["cluster"],
            Place::Namespace(name) => &mut level["namespaces"][name],
        };
        match list.as_array_mut() {
            Some(list) => list.push(sentence.into()),
            None => *list = json!([sentence]),
        }
    }

    /// `errors` or `warnings` with where they are.
    pub(crate) fn list(&self, level: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (place, entry) in self.0[level].as_object().into_iter().flatten() {
            match entry {
                Value::Array(list) => all.extend(list.iter().map(|s| (String::new(), s))),
                Value::Object(namespaces) => {
                    for (name, list) in namespaces {
                        let list = list.as_array().into_iter().flatten();
                        all.extend(list.map(|s| (name.clone(), s)));
                    }
                }
                _ => tracing::debug!(place, "no list"),
            }
        }
        all.into_iter().map(|(place, s)| (place, s.as_str().unwrap_or_default().to_owned())).collect()
    }

    pub(crate) fn count(&self, level: &str) -> usize {
        self.list(level).len()
    }

    /// What [`Self::as_json`] answered.
    pub(crate) fn of_json(json: Value) -> Self {
        Self(json)
    }

    pub(crate) fn as_json(&self) -> &Value {
        &self.0
    }
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) started: Timestamp,
    /// What is backed up or restored.
    pub(crate) items: Vec<Arc<Value>>,
    /// How many of them were dealt with (a restore writes them as it goes).
    pub(crate) done: usize,
    /// Time that the items take, pace included.
    pub(crate) work: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) volumes: Vec<Volume>,
    pub(crate) problems: Problems,
    /// When finalizing ends.
    pub(crate) ends: Option<Timestamp>,
}

impl Run {
    /// Items that are done by `now`; a stuck run stops at 60 %.
    pub(crate) fn items_by(&self, now: Timestamp) -> usize {
        let elapsed = now.duration_since(self.started).as_secs_f64().max(0.0);
        let whole = self.work.as_secs_f64().max(0.001);
        let mut share = (elapsed / whole).min(1.0);
        if self.outcome == Outcome::Stuck {
            share = share.min(0.6);
        }
        // Rounded down, so that the last item counts only when the time is up.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a count of items, below 2^32"
        )]
        let items = (self.items.len() as f64 * share).floor() as usize;
        items
    }
}

/// Time that so many items take at the usual dozen a second.
pub(crate) fn work_of(items: usize) -> Duration {
    let millis = 1500 + 80 * u64::try_from(items).unwrap_or(0);
    Duration::from_millis(millis)
}
