//! What inside a cluster is protected.

use crate::{label::Requirement, named::Named};
use serde::{Deserialize, Serialize};

/// The selection of a definition. Empty lists mean "all".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// The one object of its upstream that it belongs to, where the system has such: a cluster, an app, a workspace, an instance.
    pub subject: Option<Named>,
    /// Of a subject that spans several clusters, those that are taken; empty takes all, those to come too.
    pub clusters: Vec<Named>,
    /// Namespaces taken in, names or patterns; empty takes every namespace, those to come too.
    pub namespaces: Vec<String>,
    /// Namespaces left out.
    pub except_namespaces: Vec<String>,
    /// Groups of label requirements: within a group every one holds, one matching group is enough.
    pub selectors: Vec<Vec<Requirement>>,
    /// Kinds taken in, as the cluster names them (`deployments.apps`); empty takes every kind.
    pub resources: Vec<String>,
    /// Kinds left out.
    pub except_resources: Vec<String>,
    /// Objects that belong to no namespace.
    pub cluster_objects: ClusterObjects,
}

/// Whether objects without a namespace are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterObjects {
    /// Those that the chosen objects need (Velero's own rule when nothing is said).
    #[default]
    Needed,
    /// All of them.
    All,
    /// None, not even the volumes' own.
    None,
}

impl ClusterObjects {
    /// The value in forms and URLs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::All => "all",
            Self::None => "none",
        }
    }

    /// The reverse of [`Self::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Needed, Self::All, Self::None].into_iter().find(|c| c.key() == key)
    }
}

impl Scope {
    /// One line for lists: `checkout, checkout-db and 2 patterns`, `every namespace but kube-system`.
    pub fn words(&self) -> String {
        let mut out = match self.namespaces.as_slice() {
            [] if self.subject.is_some() => String::new(),
            [] => "every namespace".to_owned(),
            [one] => one.clone(),
            [a, b] => format!("{a}, {b}"),
            [a, b, c] => format!("{a}, {b}, {c}"),
            [a, b, rest @ ..] => format!("{a}, {b} and {} more", rest.len()),
        };
        if let Some(subject) = &self.subject {
            out = if out.is_empty() { subject.name.clone() } else { format!("{}: {out}", subject.name) };
        }
        match self.except_namespaces.as_slice() {
            [] => {}
            [one] => out.push_str(&format!(" but {one}")),
            many => out.push_str(&format!(" but {} others", many.len())),
        }
        if !self.selectors.is_empty() {
            out.push_str(", by label");
        }
        match self.clusters.as_slice() {
            [] => {}
            [one] => out.push_str(&format!(" on {}", one.name)),
            many => out.push_str(&format!(" on {} clusters", many.len())),
        }
        out
    }
}
