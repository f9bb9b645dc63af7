//! What is wrong with an input: every problem at once, each naming its field and the remedy.

use serde::{Deserialize, Serialize};

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The draft's field, such as `name`, `scope.selectors.0.1.key`; the wizard finds its step by the prefix.
    pub path: String,
    /// A stable word for tests and translations, such as `required`.
    pub code: String,
    /// What is wrong and what to do, for a person.
    pub sentence: String,
}

/// All the problems of one input; empty means valid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid(pub Vec<FieldError>);

impl Invalid {
    /// Adds a problem.
    pub fn push(&mut self, path: impl Into<String>, code: &str, sentence: impl Into<String>) {
        self.0.push(FieldError { path: path.into(), code: code.to_owned(), sentence: sentence.into() });
    }

    /// A list with one problem.
    pub fn one(path: impl Into<String>, code: &str, sentence: impl Into<String>) -> Self {
        let mut all = Self::default();
        all.push(path, code, sentence);
        all
    }

    /// `Ok(value)` when nothing is wrong, else the whole list.
    pub fn check<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The first sentence about `path`.
    pub fn about(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|e| e.path == path).map(|e| e.sentence.as_str())
    }
}
