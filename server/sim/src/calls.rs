//! Who asked for what: so that a test can prove that a page view makes no upstream call.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

const KEPT: usize = 500;

#[derive(Debug, Default)]
pub(crate) struct Calls {
    total: u64,
    by: BTreeMap<String, u64>,
    recent: VecDeque<Value>,
}

impl Calls {
    /// `class` is `list backups`, `GET /version`, `GET object`.
    pub(crate) fn count(&mut self, class: String, method: &str, path: &str) {
        self.total += 1;
        *self.by.entry(class).or_default() += 1;
        self.recent.push_back(json!({"method": method, "path": path}));
        while self.recent.len() > KEPT {
            self.recent.pop_front();
        }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// `{total, by: {class: n}, recent: [{method, path}]}`.
    pub(crate) fn report(&self) -> Value {
        json!({"total": self.total, "by": self.by, "recent": self.recent})
    }
}
