//! What a run and its recovery point are known by: `<app>/<backup>`, and `<app>/snapshot/<snapshot>`. Backups lie below their app,
//! and the app's id does not stand in them.

use super::client::{of_app, one};
use crate::provider::{ErrorKind, ProviderError};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    Backup,
    Snapshot,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub app: String,
    pub sort: Sort,
    pub id: String,
}

impl Key {
    pub fn new(sort: Sort, app: &str, id: &str) -> Self {
        Self { app: app.to_owned(), sort, id: id.to_owned() }
    }

    /// Reads a stored key.
    pub fn read(text: &str) -> Result<Self, ProviderError> {
        let parts: Vec<&str> = text.split('/').collect();
        // An id is a UUID; nothing else may become a part of a path.
        let fits = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        match parts.as_slice() {
            [app, id] if fits(app) && fits(id) => Ok(Self::new(Sort::Backup, app, id)),
            [app, "snapshot", id] if fits(app) && fits(id) => Ok(Self::new(Sort::Snapshot, app, id)),
            _ => Err(ProviderError::new(
                ErrorKind::NotFound,
                "read the key",
                format!("“{text}” names no backup of Astra Control's."),
            )),
        }
    }

    /// Where it lies, below the account.
    pub fn path(&self) -> String {
        one(&of_app(&self.app, self.sort.collection()), &self.id)
    }
}

impl Sort {
    /// The word in paths.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Backup => "appBackups",
            Self::Snapshot => "appSnaps",
        }
    }

    /// The word in sentences.
    pub fn word(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Snapshot => "snapshot",
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sort {
            Sort::Backup => write!(f, "{}/{}", self.app, self.id),
            Sort::Snapshot => write!(f, "{}/snapshot/{}", self.app, self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn keys_come_back() {
        for (text, path) in [("a/b", "/k8s/v1/apps/a/appBackups/b"), ("a/snapshot/s", "/k8s/v1/apps/a/appSnaps/s")] {
            let key = Key::read(text).unwrap();
            assert_eq!((key.to_string().as_str(), key.path().as_str()), (text, path));
        }
        for wrong in ["", "a", "a/", "/b", "a/b/c", "a/..", "../b", "a/snapshot/", "a/snapshot/s/x"] {
            assert!(Key::read(wrong).is_err(), "{wrong}");
        }
    }
}
