//! People who sign in and what they may do.

use crate::{id::*, time::Millis};
use serde::{Deserialize, Serialize};

/// What an account may do; each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Runs, pauses, restores, defines.
    Operator,
    /// Also connections and accounts.
    Administrator,
}

impl Role {
    /// Least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Administrator];

    /// The word in the store and on the wire.
    pub fn key(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
        }
    }

    /// The reverse of [`Self::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }

    /// What it may do, for the select.
    pub fn words(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer: sees everything, changes nothing",
            Self::Operator => "Operator: defines, runs, pauses and restores",
            Self::Administrator => "Administrator: also connections and accounts",
        }
    }
}

/// An account, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub disabled: bool,
    pub created: Millis,
    pub last_sign_in: Option<Millis>,
}

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSeen {
    pub id: SessionId,
    /// True for the one that asks.
    pub current: bool,
    pub began: Millis,
    pub last_used: Millis,
    pub expires: Millis,
    pub browser: String,
    pub address: String,
}

/// Who is signed in, as pages need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub name: String,
    pub role: Role,
    /// The zone of times on pages, IANA name; UTC when not chosen.
    pub zone: String,
}

/// The fewest characters of a password (NIST SP 800-63B asks for 8; a console for backups asks for more).
pub const PASSWORD_MIN: usize = 12;

/// Why a password can't be taken, or `None`.
pub fn password_problem(password: &str, name: &str) -> Option<String> {
    let count = password.chars().count();
    if count < PASSWORD_MIN {
        return Some(format!("At least {PASSWORD_MIN} characters; this has {count}. A few words in a row are fine."));
    }
    if password.len() > 1024 {
        return Some("At most 1,024 bytes.".into());
    }
    if !name.is_empty() && password.to_lowercase().contains(&name.to_lowercase()) {
        return Some("It must not contain the name.".into());
    }
    let mut kinds: Vec<char> = password.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    (kinds.len() < 5).then(|| "Too few different characters.".into())
}
