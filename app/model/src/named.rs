//! Something of an upstream that is addressed by an id and known to people by a name.

use serde::{Deserialize, Serialize};

/// An upstream's object: a cluster, an app, a workspace, an instance, a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// What the upstream addresses it by: a uid, a name, or an absolute address.
    pub id: String,
    /// What people call it; the id where the upstream gives no name.
    pub name: String,
}

impl Named {
    /// One of each.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into() }
    }
}
