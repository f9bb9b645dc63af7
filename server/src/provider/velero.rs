//! Velero: Schedules, Backups and Restores as custom resources of each cluster (`velero.io/v1`), over that cluster's API server.
//!
//! A definition with a schedule is a Schedule for each of its tiers, one without is a single Backup. Runs and recovery points are Backups. Everything
//! carries the definition's id as the label `holdfast.io/definition`; what doesn't is never changed.

mod act;
mod check;
mod client;
mod download;
mod endpoint;
mod error;
mod inventory;
mod observe;
mod preview;
mod rights;
pub mod translate;
mod wire;

use crate::{
    clock::Clock,
    provider::{
        Applied, Ask, Begun, DeclaredSeen, Endpoint, LogOf, LogStream, Observed, Owned, Provider, ProviderError,
        Rendered, Settings, http::Fetcher,
    },
};
use async_trait::async_trait;
use client::Kube;
use model::{
    Invalid,
    capability::{Capabilities, RestoreCapabilities, Support},
    connection::{CheckReport, ConnectionDraft, FieldText, Guide, Inventory, ProviderKind, SystemForm},
    definition::{Definition, Drift, Volumes},
    interval::Intervals,
    restore::RestoreOrder,
    run::Results,
    view::Resume,
};
use std::sync::{Arc, PoisonError, RwLock};
use translate::{Zones, tiers};

/// What is known of Velero without a connection.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl crate::provider::System for System {
    fn form(&self) -> SystemForm {
        SystemForm {
            kind: ProviderKind::Velero,
            address: FieldText::new("API server", "https://api.cluster.example:6443", ""),
            credential: FieldText::new("Bearer token", "", "The token of a service account with the rights below."),
            kubeconfig: true,
            account: None,
            namespace: Some(FieldText::new("Velero's namespace", "velero", "").starting("velero")),
            variant: None,
            tests: "It looks the name up, opens the port, checks the certificate, the token, Velero itself and each right that is \
                    needed, and says where it stops. Nothing is stored or changed by it."
                .into(),
            guide: Guide {
                text: "The file deploy/velero-rbac.yaml of Holdfast's repository names each verb. It makes a service account with \
                       these rights and no others:"
                    .into(),
                code: RIGHTS.into(),
            },
        }
    }

    fn endpoint(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
        endpoint(draft, stored)
    }

    fn provider(&self, endpoint: &Endpoint, clock: Clock) -> Result<Arc<dyn Provider>, ProviderError> {
        Ok(Arc::new(Velero::new(endpoint, clock)?))
    }

    fn capabilities(&self, version: Option<&str>) -> Capabilities {
        capabilities(version)
    }
}

/// Makes the service account and prints its token and the cluster's authority.
const RIGHTS: &str = "kubectl apply -f velero-rbac.yaml\n\
kubectl -n velero create token holdfast --duration=8760h\n\
kubectl config view --raw --minify -o \\\n  \
jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d";

pub use endpoint::endpoint;

/// One cluster's Velero.
#[derive(Clone)]
pub struct Velero {
    kube: Kube,
    settings: Settings,
    by: translate::render::By,
    fetch: Fetcher,
    clock: Clock,
    /// Learnt from a ServerStatusRequest, by a test or by observing, or from the store.
    version: Arc<RwLock<Option<String>>>,
}

impl std::fmt::Debug for Velero {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Velero").field("kube", &self.kube).finish_non_exhaustive()
    }
}

/// What Velero can express; `version` as it reports itself (`v1.18.3`), `None` when it was never asked.
pub fn capabilities(version: Option<&str>) -> Capabilities {
    let (yes, no) = (Support::yes, Support::no);
    let said = version.unwrap_or("this Velero");
    Capabilities {
        clusters: no("A Velero connection is one cluster; each cluster has a connection of its own."),
        apps: no("Velero knows no apps; it takes namespaces, labels and kinds."),
        workspaces: no("Velero knows no workspaces; it takes namespaces, labels and kinds."),
        instances: no("Velero knows no instances; it takes namespaces, labels and kinds."),
        member_clusters: no("A Velero connection is one cluster; each cluster has a connection of its own."),
        namespaces: yes(""),
        // Expanding patterns came with 1.18 (its documentation page “namespace-glob-patterns” first stands there).
        namespace_patterns: match version {
            Some(v) if at_least(v, (1, 18)) => yes("Velero expands patterns since 1.18."),
            Some(v) => Support::No(format!(
                "Velero {v} does not expand patterns; 1.18 and later do. Name the namespaces, or use labels."
            )),
            None => no(
                "Velero expands patterns since 1.18, and this one's version is not known yet. Name the namespaces, or use labels.",
            ),
        },
        except_namespaces: yes(""),
        labels: yes(""),
        label_logic: yes(""),
        kinds: yes(""),
        cluster_objects: yes(""),
        volumes: vec![
            (Volumes::Upstream, yes("")),
            (Volumes::SnapshotMoved, yes("Needs Velero 1.12 and its node agent.")),
            (Volumes::Snapshot, yes("")),
            (Volumes::Files, yes("Needs the node agent.")),
            (Volumes::None, yes("")),
        ],
        location: yes(""),
        keep_for: yes(
            "Counted from the start of each backup; a later change doesn't move those that exist. Velero's default is 30 days.",
        ),
        keep_last: Support::No(format!("Velero keeps by age alone; {said} can't count backups. Say for how long.")),
        keep_at_least: Support::No(format!("Velero keeps by age alone; {said} can't count backups. Say for how long.")),
        keep_snapshots: no("Velero keeps a snapshot as long as its backup."),
        intervals: Intervals::LastRun,
        schedules: yes(""),
        tiers: yes(
            "Each is a Schedule of its own, whose name ends in -t2, -t3 and so on; together they are one definition.",
        ),
        policies: no("Velero keeps no policies; schedule and retention stand in the definition."),
        time_zone: match version {
            Some(v) if !at_least(v, (1, 15)) => Support::No(format!(
                "Velero {v} reads schedules in its server's own zone, normally UTC; 1.15 and later take a zone."
            )),
            _ => yes("Velero knows zones since 1.15."),
        },
        unscheduled: yes(""),
        pause: yes(""),
        resume_quietly: yes(""),
        resume_at_once: yes("If a run came due while it was paused."),
        cancel_run: no("Velero cannot cancel a backup; it runs to its end."),
        delete_point: yes("Through a DeleteBackupRequest; the data in the location goes too."),
        logs: yes(""),
        dry_run: yes(""),
        restore: RestoreCapabilities {
            namespaces: yes(""),
            map_namespaces: yes(""),
            affixes: no("Velero maps namespaces one by one; it adds nothing before or after their names."),
            in_place: no("Velero leaves what exists alone unless it is told to update it."),
            beside: yes(""),
            new_name: no("What comes back keeps its name; its namespace can be another."),
            elsewhere: no("Restore through the connection of the other cluster; it sees the same storage location."),
            update_existing: yes(""),
            volumes: yes(""),
            storage_classes: no(
                "Velero reads a map of storage classes from a ConfigMap in the cluster, not from a restore.",
            ),
            node_ports: yes(""),
            cluster_objects: no("Velero brings back the cluster-scoped objects that the chosen ones need."),
            flavors: no("Velero restores no instances."),
            networks: no("Velero restores no instances."),
            floating_ips: no("Velero restores no instances."),
            security_groups: no("Velero restores no instances."),
        },
    }
}

/// Whether a reported version is that or newer. A word that is no version (`main`, `v0.0.0-dev`) comes from a build of one's own,
/// which is taken as new.
fn at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut parts = version.trim_start_matches('v').split(['.', '-', '+']).map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(0)), Some(Ok(0))) => true,
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= wanted,
        _ => true,
    }
}

impl Velero {
    /// Makes no call yet. Must be called inside a Tokio runtime.
    pub fn new(endpoint: &Endpoint, clock: Clock) -> Result<Self, ProviderError> {
        let by = if endpoint.secret.token.is_empty() {
            translate::render::By::Certificate
        } else {
            translate::render::By::Token
        };
        Ok(Self {
            kube: Kube::new(endpoint)?,
            settings: endpoint.settings.clone(),
            by,
            fetch: Fetcher::new()?,
            clock,
            version: Arc::default(),
        })
    }

    fn version(&self) -> Option<String> {
        self.version.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, version: &str) {
        *self.version.write().unwrap_or_else(PoisonError::into_inner) = Some(version.to_owned());
    }

    fn zones(&self) -> Zones {
        match self.version() {
            Some(v) if !at_least(&v, (1, 15)) => Zones::Unknown,
            _ => Zones::Understood,
        }
    }
}

#[async_trait]
impl Provider for Velero {
    fn capabilities(&self) -> Capabilities {
        capabilities(self.version().as_deref())
    }

    fn remember_version(&self, version: &str) {
        if self.version().as_deref() != Some(version) {
            self.learn(version);
        }
    }

    fn express(&self, definition: &Definition) -> Invalid {
        let can = self.capabilities();
        tiers::express(definition, can.keep_last.why_not().unwrap_or_default())
    }

    async fn check(&self) -> CheckReport {
        check::check(self).await
    }

    async fn inventory(&self) -> Result<Inventory, ProviderError> {
        inventory::inventory(self).await
    }

    async fn preview(&self, owned: &Owned) -> Result<Rendered, ProviderError> {
        preview::preview(self, owned).await
    }

    async fn apply(
        &self,
        owned: &Owned,
        previous: Option<&Applied>,
        resume: Option<Resume>,
    ) -> Result<Applied, ProviderError> {
        act::apply(&self.kube, owned, previous, resume, self.zones()).await
    }

    async fn remove(&self, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
        act::remove(&self.kube, owned, applied).await
    }

    fn drift(&self, applied: &Applied, seen: &DeclaredSeen) -> Vec<Drift> {
        match applied.written["kind"].as_str() {
            Some("Schedule") => tiers::drift(&tiers::read(&applied.written), &tiers::read(&seen.seen)),
            _ => Vec::new(),
        }
    }

    fn adopt(&self, owned: &Owned, seen: &DeclaredSeen) -> Result<Definition, Invalid> {
        tiers::definition(owned, &tiers::read(&seen.seen))
    }

    async fn start_run(&self, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
        act::start_run(&self.kube, owned, &ask.name, &ask.asked_by).await.map(|()| Begun::default())
    }

    async fn restore(&self, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
        act::restore(&self.kube, order, &ask.name, &ask.asked_by).await.map(|()| Begun::default())
    }

    async fn delete_point(&self, point_name: &str, order: &str) -> Result<(), ProviderError> {
        act::delete_point(&self.kube, point_name, order).await
    }

    async fn log(&self, of: LogOf, name: &str) -> Result<LogStream, ProviderError> {
        download::log(&self.kube, &self.fetch, of, name).await
    }

    async fn results(&self, of: LogOf, name: &str) -> Result<Results, ProviderError> {
        download::results(&self.kube, &self.fetch, of, name).await
    }

    async fn observe(&self, sink: tokio::sync::mpsc::Sender<Observed>) -> ProviderError {
        observe::observe(self, sink).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (version, wanted, is) in [
            ("v1.18.3", (1, 18), true),
            ("v1.17.0", (1, 18), false),
            ("v1.9.4", (1, 15), false),
            ("1.15.0-rc.1", (1, 15), true),
            ("main", (1, 18), true),
            ("v0.0.0", (1, 18), true),
            ("v2.0.0", (1, 18), true),
        ] {
            assert_eq!(at_least(version, wanted), is, "{version}");
        }
    }

    #[test]
    fn capabilities_follow_the_version() {
        assert!(capabilities(Some("v1.18.3")).namespace_patterns.is_yes());
        assert!(!capabilities(Some("v1.14.0")).time_zone.is_yes());
        assert!(capabilities(None).time_zone.is_yes());
        assert!(!capabilities(None).namespace_patterns.is_yes());
        let last = capabilities(None).keep_last;
        assert!(last.why_not().is_some_and(|why| why.contains("by age alone")));
    }
}
