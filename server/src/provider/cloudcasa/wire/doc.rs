//! A whole document, as definitions and policies are read: a PUT must send all of it back.

use super::{date, reference, seconds, whole};
use model::Millis;
use serde_json::{Map, Value};

/// The server's own fields: a PUT that repeats them is refused or useless.
const SERVERS: [&str; 10] = [
    "_id",
    "_created",
    "_updated",
    "_etag",
    "_links",
    "_status",
    "status",
    "cc_user_email",
    "org_id",
    // Follows from the copy definition.
    "copy_policy",
];

/// Fields at the top that refer to another document.
const REFERENCES: [&str; 6] = ["cluster", "policy", "copydef", "backupdef", "backup_inst", "copy_policy"];

/// A document of a definition or a policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doc(pub Value);

impl Doc {
    /// Empty when there is none, as for all texts.
    pub fn id(&self) -> &str {
        self.text("/_id")
    }

    pub fn etag(&self) -> &str {
        self.text("/_etag")
    }

    pub fn name(&self) -> &str {
        self.text("/name")
    }

    /// The text at a JSON pointer.
    pub fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn truth(&self, pointer: &str) -> bool {
        self.0.pointer(pointer) == Some(&Value::Bool(true))
    }

    /// Epoch seconds as milliseconds.
    pub fn moment(&self, pointer: &str) -> Option<Millis> {
        self.0.pointer(pointer).and_then(whole).and_then(seconds)
    }

    /// The id that a reference holds, whether it is embedded or not.
    pub fn reference(&self, field: &str) -> &str {
        reference(&self.0[field])
    }

    pub fn tag(&self, key: &str) -> &str {
        self.0["tags"][key].as_str().unwrap_or_default()
    }

    pub fn created(&self) -> Option<Millis> {
        date(self.text("/_created"))
    }

    /// When it was last written, to the second.
    pub fn updated(&self) -> Option<Millis> {
        date(self.text("/_updated"))
    }

    /// What a PUT may send back: without what is the server's, without nulls, references as ids.
    pub fn body(&self) -> Map<String, Value> {
        let mut map = self.0.as_object().cloned().unwrap_or_default();
        map.retain(|key, value| !SERVERS.contains(&key.as_str()) && !value.is_null());
        for field in REFERENCES {
            if let Some(value) = map.get_mut(field)
                && value.is_object()
            {
                *value = Value::String(reference(value).to_owned());
            }
        }
        map
    }
}
