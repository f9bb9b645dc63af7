//! Newtype ids: UUIDv7 in text, made by the server, opaque to everybody else.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text, as it stands in URLs and in the store.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )*};
}

ids! {
    /// A registered upstream.
    ConnectionId,
    /// A desired protection.
    DefinitionId,
    /// One attempt to make a recovery point.
    RunId,
    /// Something that can be restored.
    PointId,
    /// One attempt to bring a recovery point back.
    RestoreId,
    /// A person who signs in.
    UserId,
    /// One signed-in browser.
    SessionId,
    /// How often and how long, for many definitions.
    PolicyId,
    /// What one team watches as a whole.
    WorkspaceId,
}
