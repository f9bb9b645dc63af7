//! What there is to be protected, place by place, and which definitions take it in. Pure.
//!
//! A place is the smallest thing that a workspace can watch: a namespace on a cluster, of an app or of an upstream's workspace, or
//! an instance. Places come from the stored inventories, and from definitions that name what no inventory lists.

use crate::store::{StoredInventory, namespace_key, subject_key};
use model::{
    ConnectionId, Millis, Named,
    capability::SubjectKind,
    connection::{NamespaceSeen, ProviderKind, SubjectSeen},
    definition::Definition,
    glob,
    workspace::Place,
};

/// Namespaces that Kubernetes keeps for itself; with them counts the one that the backup system runs in.
const KUBERNETES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// An upstream, as far as places depend on it.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub id: ConnectionId,
    pub name: String,
    pub kind: ProviderKind,
    /// The namespace that the system itself runs in; empty where there is none.
    pub namespace: String,
    /// What a definition there belongs to.
    pub sort: Option<SubjectKind>,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub connection: ConnectionId,
    pub connection_name: String,
    pub kind: ProviderKind,
    pub sort: Option<SubjectKind>,
    /// The cluster, app, workspace or instance that a definition there belongs to.
    pub subject: Option<Named>,
    /// `None`: the system names none.
    pub cluster: Option<Named>,
    /// `None`: the whole of the subject or of the upstream.
    pub namespace: Option<String>,
    /// In a few words, from the subject's list: its state, its version.
    pub detail: String,
    pub since: Option<Millis>,
    /// Why its system leaves it out whatever is chosen.
    pub skipped: Option<String>,
    /// Only a definition that takes every namespace takes it.
    pub by_all_only: bool,
    /// Kubernetes or the backup system keeps it for itself.
    pub own: bool,
    /// Definitions that take it in, by their index.
    pub covered: Vec<usize>,
}

impl Spot {
    /// As rules look at it. A cluster that a definition belongs to is a cluster, not a subject.
    pub(super) fn place(&self) -> Place<'_> {
        Place {
            connection: &self.connection,
            connection_name: &self.connection_name,
            cluster: self.cluster.as_ref().map(|cluster| cluster.name.as_str()),
            namespace: self.namespace.as_deref(),
            subject: self.subject_name(),
        }
    }

    fn subject_name(&self) -> Option<&str> {
        match self.sort {
            None | Some(SubjectKind::Cluster) => None,
            Some(SubjectKind::App | SubjectKind::Workspace | SubjectKind::Instance) => {
                self.subject.as_ref().map(|subject| subject.name.as_str())
            }
        }
    }

    /// What people call it: an app and an instance are protected as a whole, elsewhere it is the namespace.
    pub(super) fn name(&self) -> &str {
        match (self.sort, &self.namespace, &self.subject) {
            (Some(SubjectKind::App | SubjectKind::Instance), _, Some(subject)) => &subject.name,
            (_, Some(namespace), _) => namespace,
            (_, None, Some(subject)) => &subject.name,
            (_, None, None) => &self.connection_name,
        }
    }

    fn is_taken_by(&self, definition: &Definition) -> bool {
        let scope = &definition.scope;
        let subject = match (&scope.subject, &self.subject) {
            (Some(wanted), Some(own)) => wanted.id == own.id,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let cluster = scope.clusters.is_empty()
            || self.cluster.as_ref().is_none_or(|own| scope.clusters.iter().any(|wanted| wanted.id == own.id));
        let namespace = self.namespace.as_deref().is_none_or(|own| {
            let named = if self.by_all_only {
                scope.namespaces.iter().any(|pattern| pattern == own)
            } else {
                scope.namespaces.iter().any(|pattern| glob::matches(pattern, own))
            };
            (scope.namespaces.is_empty() || named)
                && !scope.except_namespaces.iter().any(|pattern| glob::matches(pattern, own))
        });
        definition.connection == self.connection && subject && cluster && namespace && self.skipped.is_none()
    }
}

/// All places, with the definitions that take them in; `removing` ones are to be left out by the caller.
pub(super) fn spots(
    upstreams: &[Upstream],
    inventories: &[StoredInventory],
    definitions: &[(usize, &Definition)],
) -> Vec<Spot> {
    let mut all = Vec::new();
    for upstream in upstreams {
        let inventory = inventories.iter().find(|inventory| inventory.connection == upstream.id);
        let mut spots = inventory.map(|inventory| listed(upstream, inventory)).unwrap_or_default();
        let own: Vec<_> = definitions.iter().filter(|(_, d)| d.connection == upstream.id).collect();
        for (_, definition) in &own {
            let named = named(upstream, inventory, definition, &spots);
            spots.extend(named);
        }
        for spot in &mut spots {
            spot.covered = own.iter().filter(|(_, d)| spot.is_taken_by(d)).map(|(index, _)| *index).collect();
        }
        all.extend(spots);
    }
    all
}

fn blank(upstream: &Upstream) -> Spot {
    Spot {
        connection: upstream.id.clone(),
        connection_name: upstream.name.clone(),
        kind: upstream.kind,
        sort: upstream.sort,
        subject: None,
        cluster: None,
        namespace: None,
        detail: String::new(),
        since: None,
        skipped: None,
        by_all_only: false,
        own: false,
        covered: Vec::new(),
    }
}

fn is_own(upstream: &Upstream, namespace: &str) -> bool {
    KUBERNETES.contains(&namespace) || (!upstream.namespace.is_empty() && upstream.namespace == namespace)
}

fn listed(upstream: &Upstream, inventory: &StoredInventory) -> Vec<Spot> {
    if upstream.sort.is_none() {
        let spot = |namespace: &NamespaceSeen| Spot {
            namespace: Some(namespace.name.clone()),
            since: inventory.since(&namespace_key(None, &namespace.name)),
            skipped: namespace.skipped_because.clone(),
            own: is_own(upstream, &namespace.name),
            ..blank(upstream)
        };
        return inventory.inventory.namespaces.iter().map(spot).collect();
    }
    inventory.inventory.subjects.iter().flat_map(|subject| of_subject(upstream, inventory, subject)).collect()
}

fn of_subject(upstream: &Upstream, inventory: &StoredInventory, subject: &SubjectSeen) -> Vec<Spot> {
    let whole = Spot {
        subject: Some(Named::new(&subject.id, &subject.name)),
        detail: subject.why_not.clone().unwrap_or_else(|| subject.detail.clone()),
        since: inventory.since(&subject_key(&subject.id)),
        ..blank(upstream)
    };
    let clusters: Vec<Option<Named>> = match upstream.sort {
        Some(SubjectKind::Cluster) => vec![whole.subject.clone()],
        _ if subject.clusters.is_empty() => vec![None],
        _ => subject.clusters.iter().cloned().map(Some).collect(),
    };
    let of_namespace = |namespace: &NamespaceSeen| Spot {
        namespace: Some(namespace.name.clone()),
        since: inventory.since(&namespace_key(Some(&subject.id), &namespace.name)).or(whole.since),
        // Of a subject's namespace this says that it can't be chosen by its name.
        by_all_only: namespace.skipped_because.is_some(),
        own: is_own(upstream, &namespace.name),
        ..whole.clone()
    };
    let mut inside: Vec<Spot> = subject.namespaces.iter().map(of_namespace).collect();
    if inside.is_empty() {
        inside.push(whole);
    }
    let on = |cluster: Option<Named>| inside.iter().map(move |spot| Spot { cluster: cluster.clone(), ..spot.clone() });
    clusters.into_iter().flat_map(on).collect()
}

/// Places that only a definition names: its namespaces that no list has (they were deleted, or nothing was read yet), or all that
/// it takes in when no place is known.
fn named(
    upstream: &Upstream,
    inventory: Option<&StoredInventory>,
    definition: &Definition,
    known: &[Spot],
) -> Vec<Spot> {
    let scope = &definition.scope;
    let seen = scope.subject.as_ref().and_then(|wanted| {
        inventory.and_then(|inventory| inventory.inventory.subjects.iter().find(|subject| subject.id == wanted.id))
    });
    let clusters: Vec<Option<Named>> = match upstream.sort {
        Some(SubjectKind::Cluster) => vec![scope.subject.clone()],
        _ if !scope.clusters.is_empty() => scope.clusters.iter().cloned().map(Some).collect(),
        _ => match seen.map(|subject| subject.clusters.as_slice()).unwrap_or_default() {
            [] => vec![None],
            some => some.iter().cloned().map(Some).collect(),
        },
    };
    let whole = Spot { subject: scope.subject.clone(), ..blank(upstream) };
    let is_known = |name: &str| {
        known.iter().any(|spot| {
            spot.namespace.as_deref() == Some(name)
                && spot.subject.as_ref().map(|s| &s.id) == scope.subject.as_ref().map(|s| &s.id)
        })
    };
    let literal = scope.namespaces.iter().filter(|name| !name.contains(['*', '?', '[', '{']) && !is_known(name));
    let mut inside: Vec<Spot> = literal
        .map(|name| Spot { namespace: Some(name.clone()), own: is_own(upstream, name), ..whole.clone() })
        .collect();
    if inside.is_empty() && !known.iter().any(|spot| spot.is_taken_by(definition)) {
        inside.push(whole);
    }
    let on = |cluster: Option<Named>| inside.iter().map(move |spot| Spot { cluster: cluster.clone(), ..spot.clone() });
    clusters.into_iter().flat_map(on).collect()
}

#[cfg(test)]
mod tests;
