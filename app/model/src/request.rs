//! Runs as they were asked for: one request, its part on each cluster. The shape is that of Palette's workspace backup result;
//! every system fills it as far as it can.

mod group;

use crate::{
    id::{DefinitionId, RunId},
    named::Named,
    phase::Phase,
    run::Trigger,
    time::Millis,
};
pub use group::{RequestRun, asked, requests, whole};
use serde::{Deserialize, Serialize};

/// What was asked for at one time by one hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Of the first run: stable as long as that is listed.
    pub key: String,
    pub at: Millis,
    pub actor: Trigger,
    /// The worst of its parts; a skipped part makes a good request partial.
    pub phase: Phase,
    /// The upstream's own word for the whole, where it differs from what its parts say.
    pub said: Option<String>,
    pub parts: Vec<RequestPart>,
}

/// Its part on one cluster (or app, or instance).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPart {
    pub run: RunId,
    pub definition: Option<DefinitionId>,
    pub definition_name: Option<String>,
    /// The cluster; where the system has none: the app, instance or connection.
    pub place: Named,
    pub phase: Phase,
    pub raw_phase: String,
    pub message: Option<String>,
    pub skipped: Option<String>,
    pub expires: Option<Millis>,
    pub namespaces: Vec<String>,
}
