//! Waldur, once NodeConductor: backups of OpenStack instances, as snapshots in that OpenStack, by four contracts of ten years.
//!
//! A definition with a schedule is a backup schedule, one without is a single backup. Runs and recovery points are backups. Every
//! object says in its description which definition it belongs to; what doesn't is never changed.

mod act;
mod capabilities;
mod check;
mod client;
mod endpoint;
mod generation;
mod inventory;
mod memory;
mod observe;
mod preview;
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
use client::Api;
pub use generation::Generation;
use generation::Version;
use memory::Memory;
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
use std::sync::Arc;
use translate::{back, express};

/// What is known of Waldur without a connection.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl crate::provider::System for System {
    fn form(&self) -> SystemForm {
        endpoint::ask()
    }

    fn endpoint(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
        endpoint::endpoint(draft, stored)
    }

    fn provider(&self, endpoint: &Endpoint, clock: Clock) -> Result<Arc<dyn Provider>, ProviderError> {
        Ok(Arc::new(Waldur::new(endpoint, clock)?))
    }

    fn capabilities(&self, version: Option<&str>) -> Capabilities {
        capabilities::by_version(version)
    }
}

/// One Waldur.
#[derive(Clone, Debug)]
pub struct Waldur {
    api: Api,
    settings: Settings,
    clock: Clock,
    memory: Arc<Memory>,
}

impl Waldur {
    /// Makes no call yet. Must be called inside a Tokio runtime.
    pub fn new(endpoint: &Endpoint, clock: Clock) -> Result<Self, ProviderError> {
        let settings = endpoint.settings.clone();
        Ok(Self { api: Api::new(endpoint)?, settings, clock, memory: Arc::default() })
    }

    /// The generation that the connection names; `None` where it is to be found out.
    fn fixed(&self) -> Option<Generation> {
        Generation::from_word(&self.settings.variant)
    }

    /// The generation, if it is known.
    fn known(&self) -> Option<Generation> {
        self.fixed().or_else(|| self.memory.version().map(|version| version.generation))
    }

    /// The generation; it is found out where it isn't known.
    async fn generation(&self) -> Result<Generation, ProviderError> {
        match self.known() {
            Some(generation) => Ok(generation),
            None => Ok(self.find_out().await?.generation),
        }
    }

    /// Asks the server anew, and remembers.
    async fn find_out(&self) -> Result<Version, ProviderError> {
        let generation = match self.fixed() {
            Some(generation) => generation,
            None => generation::detect(&self.api, &generation::routes(&self.api).await?).await?,
        };
        let version = Version { generation, release: generation::release(&self.api).await };
        self.memory.learn(version.clone());
        Ok(version)
    }
}

#[async_trait]
impl Provider for Waldur {
    fn capabilities(&self) -> Capabilities {
        capabilities::capabilities(self.known())
    }

    fn remember_version(&self, version: &str) {
        if let Some(version) = Version::read(version) {
            self.memory.learn(version);
        }
    }

    fn express(&self, definition: &Definition) -> Invalid {
        express::express(definition, self.known())
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
        // A schedule that is activated always waits for its next moment: Waldur counts it anew.
        _resume: Option<Resume>,
    ) -> Result<Applied, ProviderError> {
        act::apply(self, owned, previous).await
    }

    async fn remove(&self, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
        act::remove(self, owned, applied).await
    }

    fn drift(&self, applied: &Applied, seen: &DeclaredSeen) -> Vec<Drift> {
        back::drift(applied, seen, self.known().unwrap_or(Generation::G4))
    }

    fn adopt(&self, owned: &Owned, seen: &DeclaredSeen) -> Result<Definition, Invalid> {
        back::definition(owned, seen, self.known().unwrap_or(Generation::G4))
    }

    async fn start_run(&self, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
        act::runs::start(self, owned, ask).await
    }

    async fn restore_offer(&self, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
        act::offer::offer(self, point).await
    }

    async fn restore(&self, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
        act::restores::restore(self, order, ask).await
    }

    async fn delete_point(&self, point_name: &str, _order: &str) -> Result<(), ProviderError> {
        // A backup is deleted once, whoever asks: the order needs no place upstream.
        act::runs::delete(self, point_name).await
    }

    async fn log(&self, _of: LogOf, _name: &str) -> Result<LogStream, ProviderError> {
        let can = capabilities::capabilities(self.known());
        Err(ProviderError::new(ErrorKind::Refused, "read the log", can.logs.text()))
    }

    async fn results(&self, of: LogOf, name: &str) -> Result<Results, ProviderError> {
        act::runs::results(self, of, name).await
    }

    async fn observe(&self, sink: tokio::sync::mpsc::Sender<Observed>) -> ProviderError {
        observe::observe(self, sink).await
    }
}
