//! Where recovery points are kept.

use serde::{Deserialize, Serialize};

/// A storage location as its upstream reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    pub name: String,
    pub is_default: bool,
    pub read_only: bool,
    pub state: LocationState,
    /// The upstream's own message.
    pub message: Option<String>,
    /// "bucket velero-zrh-prod at minio.example".
    pub place: String,
}

/// Whether it can be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationState {
    Available,
    Unavailable,
    /// Not yet judged by the upstream; Velero refuses backups to it as to an unavailable one.
    NotChecked,
    /// A word that this version doesn't know.
    Unknown(String),
}

impl Location {
    /// Why no backup can go there, or `None` when one can.
    pub fn why_not(&self) -> Option<String> {
        match &self.state {
            _ if self.read_only => Some("It is read-only.".into()),
            LocationState::Available => None,
            LocationState::Unavailable => {
                Some(self.message.clone().unwrap_or_else(|| "It is unavailable; the system does not say why.".into()))
            }
            LocationState::NotChecked => Some("The system has not checked it yet.".into()),
            LocationState::Unknown(word) => Some(format!("Its state is “{word}”, which Holdfast does not know.")),
        }
    }
}
