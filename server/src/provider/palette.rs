//! Spectro Cloud Palette: the backup policy of a workspace, over Palette's own API.
//!
//! A definition belongs to a workspace and is its one policy, marked by its `backupPrefix`; without a schedule it is a single
//! backup on demand. A run is a request, its recovery points are the backups of the request's clusters.

mod act;
mod capabilities;
mod check;
mod client;
mod endpoint;
mod generation;
mod inventory;
mod key;
mod observe;
mod order;
mod preview;
mod results;
mod shared;
pub mod translate;
mod wire;

use crate::{
    clock::Clock,
    provider::{
        Applied, Ask, Begun, DeclaredSeen, Endpoint, ErrorKind, LogOf, LogStream, Observed, Owned, Provider,
        ProviderError, Rendered, Settings,
    },
};
use async_trait::async_trait;
use client::Client;
use generation::Generation;
use model::{
    Invalid,
    capability::Capabilities,
    connection::{CheckReport, ConnectionDraft, Inventory, SystemForm},
    definition::{Definition, Drift},
    recovery::RecoveryPoint,
    restore::{RestoreOffer, RestoreOrder},
    run::Results,
    view::Resume,
};
use shared::Shared;
use std::sync::Arc;
use translate::{back, compare, express};

/// What is known of Palette without a connection.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl crate::provider::System for System {
    fn form(&self) -> SystemForm {
        endpoint::system_form()
    }

    fn endpoint(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
        endpoint::endpoint(draft, stored)
    }

    fn provider(&self, endpoint: &Endpoint, clock: Clock) -> Result<Arc<dyn Provider>, ProviderError> {
        Ok(Arc::new(Palette::new(endpoint, clock)?))
    }

    fn capabilities(&self, version: Option<&str>) -> Capabilities {
        capabilities::capabilities(version.and_then(Generation::of_version))
    }
}

/// One project of a Palette.
#[derive(Clone, Debug)]
pub struct Palette {
    client: Client,
    settings: Settings,
    clock: Clock,
    shared: Arc<Shared>,
}

impl Palette {
    /// Makes no call yet. Must be called inside a Tokio runtime.
    pub fn new(endpoint: &Endpoint, clock: Clock) -> Result<Self, ProviderError> {
        let (client, settings) = (Client::new(endpoint, &clock)?, endpoint.settings.clone());
        Ok(Self { client, settings, clock, shared: Arc::default() })
    }

    /// As chosen in the connection, else as found out.
    fn generation(&self) -> Option<Generation> {
        Generation::of_variant(&self.settings.variant).or_else(|| self.shared.generation())
    }
}

#[async_trait]
impl Provider for Palette {
    fn capabilities(&self) -> Capabilities {
        capabilities::capabilities(self.generation())
    }

    fn remember_version(&self, version: &str) {
        self.shared.learn(Generation::of_version(version));
    }

    fn express(&self, definition: &Definition) -> Invalid {
        express::express(definition, self.generation())
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

    // Palette can't be told how a schedule resumes; the capabilities say so.
    async fn apply(
        &self,
        owned: &Owned,
        previous: Option<&Applied>,
        _resume: Option<Resume>,
    ) -> Result<Applied, ProviderError> {
        act::apply(self, owned, previous).await
    }

    async fn remove(&self, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
        act::remove(self, owned, applied).await
    }

    fn drift(&self, applied: &Applied, seen: &DeclaredSeen) -> Vec<Drift> {
        let (ours, theirs) = (&applied.written, &seen.seen);
        // What was seen of a workspace that it belonged to before says nothing of the present one.
        if ours["kind"] != "Policy" || ours["workspace"] != theirs["workspace"] {
            return Vec::new();
        }
        compare::drift(&ours["config"], &theirs["config"])
    }

    fn adopt(&self, owned: &Owned, seen: &DeclaredSeen) -> Result<Definition, Invalid> {
        back::definition(owned, &seen.seen)
    }

    async fn start_run(&self, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
        order::start_run(self, owned, ask).await
    }

    async fn restore_offer(&self, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
        inventory::offer(self, point).await
    }

    async fn restore(&self, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
        order::restore(self, order, ask).await
    }

    async fn delete_point(&self, point_name: &str, _order: &str) -> Result<(), ProviderError> {
        order::delete_point(self, point_name).await
    }

    async fn log(&self, _of: LogOf, _name: &str) -> Result<LogStream, ProviderError> {
        Err(ProviderError::new(
            ErrorKind::Refused,
            "read the log",
            "Palette gives no logs of backups; what it says of each cluster stands with the run.",
        ))
    }

    async fn results(&self, of: LogOf, name: &str) -> Result<Results, ProviderError> {
        results::results(self, of, name).await
    }

    async fn observe(&self, sink: tokio::sync::mpsc::Sender<Observed>) -> ProviderError {
        observe::observe(self, sink).await
    }
}
