//! What a Palette tenant holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::config::Plan;
use super::work::{Backup, Restore};

#[derive(Debug, Clone)]
pub(super) struct Project {
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) created: Timestamp,
}

#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) project: String,
    pub(super) cloud: String,
    pub(super) created: Timestamp,
    /// `Running`, `Provisioning`, `Deleting`.
    pub(super) state: String,
    pub(super) healthy: bool,
    /// Has roles of its own, so no workspace may take it in.
    pub(super) own_rbac: bool,
    pub(super) guard: Protection,
}

impl Cluster {
    /// Whether a backup or restore can be made: the others are left out.
    pub(super) fn reachable(&self) -> bool {
        self.healthy && self.state == "Running"
    }
}

#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) project: String,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) labels: Value,
    pub(super) annotations: Value,
    /// Uids of its clusters.
    pub(super) clusters: Vec<String>,
    /// `clusterNamespaces`, as they were given.
    pub(super) namespaces: Vec<Value>,
    pub(super) rbacs: Vec<Value>,
    pub(super) quota: Value,
    pub(super) guard: Protection,
}

impl Workspace {
    pub(super) fn namespace_names(&self) -> Vec<String> {
        self.namespaces.iter().map(|namespace| crate::json::text(namespace, "/name").to_owned()).collect()
    }
}

/// The policy of a workspace or of a cluster, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Protection {
    pub(super) policy: Option<Policy>,
    /// Uids, oldest first.
    pub(super) backups: Vec<String>,
    pub(super) restores: Vec<String>,
    /// Entries that a test wrote as they are.
    pub(super) foreign_backups: Vec<Value>,
    pub(super) foreign_restores: Vec<Value>,
}

#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) plan: Plan,
    pub(super) modified: Timestamp,
    /// When the schedule fires next.
    pub(super) next: Option<Timestamp>,
}

/// What a policy or a request is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Workspace(String),
    Cluster(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    S3,
    Minio,
    Gcp,
    Azure,
}

impl Storage {
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "s3" => Self::S3,
            "minio" => Self::Minio,
            "gcp" => Self::Gcp,
            "azure" => Self::Azure,
            _ => return None,
        })
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Minio => "minio",
            Self::Gcp => "gcp",
            Self::Azure => "azure",
        }
    }

    /// Where its secrets stand in `spec.config`.
    pub(super) fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::S3 | Self::Minio => &["/credentials/secretKey"],
            Self::Gcp => &["/credentials/jsonCredentials"],
            Self::Azure => &["/credentials/clientSecret"],
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Location {
    pub(super) uid: String,
    pub(super) name: String,
    /// Unset: the whole tenant's.
    pub(super) project: Option<String>,
    pub(super) storage: Storage,
    pub(super) is_default: bool,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    /// `spec.config`, secrets included.
    pub(super) config: Value,
    /// Why nothing can be written to it; empty: it works.
    pub(super) trouble: String,
}

impl Location {
    pub(super) fn visible(&self, scope: Option<&str>) -> bool {
        self.project.is_none() || self.project.as_deref() == scope
    }

    /// Why a backup to it fails, if it does. A secret made of asterisks is what a careless edit sends back.
    pub(super) fn complaint(&self) -> Option<String> {
        if !self.trouble.is_empty() {
            return Some(self.trouble.clone());
        }
        let masked = self.storage.secrets().iter().any(|place| is_mask(crate::json::text(&self.config, place)));
        let reason = match self.storage {
            Storage::S3 | Storage::Minio => {
                "rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 403, api error SignatureDoesNotMatch"
            }
            Storage::Gcp => "rpc error: code = Unknown desc = invalid character '*' looking for beginning of value",
            Storage::Azure => {
                "rpc error: code = Unknown desc = ClientSecretCredential authentication failed: AADSTS7000215: Invalid client secret provided"
            }
        };
        masked.then(|| reason.to_owned())
    }
}

pub(super) fn is_mask(secret: &str) -> bool {
    !secret.is_empty() && secret.chars().all(|c| c == '*')
}

/// Everything of one tenant, by uid.
#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) projects: Vec<Project>,
    pub(super) clusters: BTreeMap<String, Cluster>,
    pub(super) workspaces: BTreeMap<String, Workspace>,
    pub(super) locations: BTreeMap<String, Location>,
    pub(super) backups: BTreeMap<String, Backup>,
    pub(super) restores: BTreeMap<String, Restore>,
}

impl Tenant {
    pub(super) fn guard(&self, owner: &Owner) -> Option<&Protection> {
        match owner {
            Owner::Workspace(uid) => self.workspaces.get(uid).map(|workspace| &workspace.guard),
            Owner::Cluster(uid) => self.clusters.get(uid).map(|cluster| &cluster.guard),
        }
    }

    pub(super) fn guard_mut(&mut self, owner: &Owner) -> Option<&mut Protection> {
        match owner {
            Owner::Workspace(uid) => self.workspaces.get_mut(uid).map(|workspace| &mut workspace.guard),
            Owner::Cluster(uid) => self.clusters.get_mut(uid).map(|cluster| &mut cluster.guard),
        }
    }

    pub(super) fn owner_name(&self, owner: &Owner) -> String {
        match owner {
            Owner::Workspace(uid) => self.workspaces.get(uid).map(|workspace| workspace.name.clone()),
            Owner::Cluster(uid) => self.clusters.get(uid).map(|cluster| cluster.name.clone()),
        }
        .unwrap_or_default()
    }

    /// The cluster of that uid or name.
    pub(super) fn cluster_called(&self, word: &str) -> Option<&Cluster> {
        self.clusters.get(word).or_else(|| self.clusters.values().find(|cluster| cluster.name == word))
    }

    /// The workspace of that uid or name.
    pub(super) fn workspace_called(&self, word: &str) -> Option<&Workspace> {
        self.workspaces.get(word).or_else(|| self.workspaces.values().find(|workspace| workspace.name == word))
    }

    pub(super) fn location_called(&self, word: &str) -> Option<&Location> {
        self.locations.get(word).or_else(|| self.locations.values().find(|location| location.name == word))
    }

    /// The clusters that need the location, for a policy or a kept backup.
    pub(super) fn uses(&self, location: &str) -> Vec<&Cluster> {
        let by_policy = |cluster: &Cluster| {
            let own = cluster.guard.policy.iter().map(|policy| (policy, true));
            let shared = self.workspaces.values().filter_map(|workspace| {
                let policy = workspace.guard.policy.as_ref()?;
                let member = policy.plan.all_clusters && workspace.clusters.contains(&cluster.uid);
                Some((policy, member || policy.plan.clusters.contains(&cluster.uid)))
            });
            own.chain(shared).any(|(policy, here)| here && policy.plan.config.location_uid == location)
        };
        let backed_up = |cluster: &Cluster| {
            self.backups.values().any(|backup| {
                backup.config.location_uid == location && backup.parts.iter().any(|part| part.cluster == cluster.uid)
            })
        };
        self.clusters.values().filter(|cluster| by_policy(cluster) || backed_up(cluster)).collect()
    }
}
