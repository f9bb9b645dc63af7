//! How a release of Palette says whether objects without a namespace are taken: since 4.6 with a word of three, before with a
//! switch. Nothing in the API tells the release; the fields that it shows do.

use super::wire::{Document, out::ObjectsOut};
use model::scope::ClusterObjects;
use serde_json::Value;

/// Which of the two fields it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `includeClusterResourceMode`, since 4.6.
    Mode,
    /// Only `includeClusterResources`.
    Flag,
}

impl Generation {
    /// What is shown as the connection's version.
    pub fn version(self) -> &'static str {
        match self {
            Self::Mode => "4.6 or later",
            Self::Flag => "before 4.6",
        }
    }

    /// The reverse of [`Self::version`].
    pub fn of_version(version: &str) -> Option<Self> {
        [Self::Mode, Self::Flag].into_iter().find(|g| g.version() == version)
    }

    /// As the connection's form says it; empty: found out.
    pub fn of_variant(variant: &str) -> Option<Self> {
        match variant {
            "4.6" => Some(Self::Mode),
            "4.5" => Some(Self::Flag),
            _ => None,
        }
    }

    /// What a policy or a request shows; `None` when there is neither.
    pub fn shown(document: &Document) -> Option<Self> {
        let modes = document.entries.iter().map(|e| !e.backup.config.include_cluster_resource_mode.is_empty());
        let policy = document.config.as_ref().map(|c| mode(&c["backupConfig"]).is_some());
        // A policy that was written with the old field may lack the new one, so that one word of it anywhere decides.
        match modes.chain(policy).max() {
            Some(true) => Some(Self::Mode),
            Some(false) => Some(Self::Flag),
            None => None,
        }
    }

    /// The choice in this release's field; `None` when it has no word for it.
    pub fn say(self, objects: ClusterObjects) -> Option<ObjectsOut> {
        match (self, objects) {
            (Self::Mode, _) => {
                let word = match objects {
                    ClusterObjects::All => "Always",
                    ClusterObjects::Needed => "Auto",
                    ClusterObjects::None => "Never",
                };
                Some(ObjectsOut { include_cluster_resource_mode: Some(word), ..ObjectsOut::default() })
            }
            (Self::Flag, ClusterObjects::Needed) => None,
            (Self::Flag, _) => Some(ObjectsOut {
                include_cluster_resources: Some(objects == ClusterObjects::All),
                ..ObjectsOut::default()
            }),
        }
    }
}

/// Why a definition or a restore can't say “those that are needed” to a server before 4.6.
pub const ALL_OR_NONE: &str = "This Palette is older than 4.6: it takes either all objects without a namespace or none of them; choose one of the two.";

fn mode(config: &Value) -> Option<&str> {
    config["includeClusterResourceMode"].as_str().filter(|word| !word.is_empty())
}

/// What a configuration says; the new field counts where both are there. A word that isn't known comes back as it is.
pub fn read(config: &Value) -> Result<ClusterObjects, String> {
    match (mode(config), config["includeClusterResources"].as_bool()) {
        (Some("Always"), _) | (None, Some(true)) => Ok(ClusterObjects::All),
        (Some("Auto"), _) => Ok(ClusterObjects::Needed),
        // A switch that is off is left out by Go.
        (Some("Never"), _) | (None, _) => Ok(ClusterObjects::None),
        (Some(other), _) => Err(other.to_owned()),
    }
}
