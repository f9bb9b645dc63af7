//! NetApp Astra Control: apps of Kubernetes clusters, below one account of a hosted or an own Astra Control Center.
//!
//! A definition is a set of an app's schedules, one for each granularity, or a single backup. Runs and recovery points are
//! appBackups, and where snapshots alone are kept appSnaps. What Holdfast makes carries the definition's id as a label; what
//! doesn't is never changed, and an app is never deleted: its backups would go with it.

mod act;
mod capabilities;
mod check;
mod client;
mod explain;
mod form;
mod inventory;
mod key;
mod observe;
mod preview;
mod results;
mod translate;
mod wake;
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
use translate::{Declared, back, compare};
use wake::Wake;

/// Sentences that capabilities and field errors share.
const UTC_ONLY: &str = "Astra Control reads schedules in UTC; give the time in UTC and leave the zone empty or at UTC.";
const BY_NUMBER: &str = "Astra Control keeps by number, not by age; say how many.";
const EXACTLY: &str =
    "Astra Control keeps exactly the number that each schedule says; there is no least number beside it.";

/// What is known of Astra Control without a connection.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl crate::provider::System for System {
    fn form(&self) -> SystemForm {
        form::ask()
    }

    fn endpoint(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
        form::endpoint(draft, stored)
    }

    fn provider(&self, endpoint: &Endpoint, clock: Clock) -> Result<Arc<dyn Provider>, ProviderError> {
        Ok(Arc::new(Astra::new(endpoint, clock)?))
    }

    fn capabilities(&self, _version: Option<&str>) -> Capabilities {
        capabilities::capabilities()
    }
}

/// One account of one Astra Control.
#[derive(Clone, Debug)]
pub struct Astra {
    api: Api,
    settings: Settings,
    clock: Clock,
    /// Tells the observer what was just begun.
    wake: Arc<Wake>,
}

impl Astra {
    /// Makes no call yet. Must be called inside a Tokio runtime.
    pub fn new(endpoint: &Endpoint, clock: Clock) -> Result<Self, ProviderError> {
        Ok(Self { api: Api::new(endpoint)?, settings: endpoint.settings.clone(), clock, wake: Arc::default() })
    }
}

#[async_trait]
impl Provider for Astra {
    fn capabilities(&self) -> Capabilities {
        capabilities::capabilities()
    }

    fn express(&self, definition: &Definition) -> Invalid {
        translate::express::express(definition)
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
        // A schedule that is enabled again waits for its next moment, always.
        _resume: Option<Resume>,
    ) -> Result<Applied, ProviderError> {
        act::apply(self, owned, previous).await
    }

    async fn remove(&self, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
        act::remove::remove(self, owned, applied).await
    }

    fn drift(&self, applied: &Applied, seen: &DeclaredSeen) -> Vec<Drift> {
        match (Declared::read(&applied.written), Declared::read(&seen.seen)) {
            (Some(ours), Some(theirs)) => compare::drift(&ours, &theirs),
            _ => Vec::new(),
        }
    }

    fn adopt(&self, owned: &Owned, seen: &DeclaredSeen) -> Result<Definition, Invalid> {
        back::definition(owned, &Declared::read(&seen.seen).unwrap_or_default())
    }

    async fn start_run(&self, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
        act::run::start(self, owned, ask).await
    }

    async fn restore_offer(&self, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
        inventory::restore_offer(self, point).await
    }

    async fn restore(&self, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
        act::restore::restore(self, order, ask).await
    }

    async fn delete_point(&self, point_name: &str, _order: &str) -> Result<(), ProviderError> {
        act::delete::delete(self, point_name).await
    }

    async fn log(&self, _of: LogOf, _name: &str) -> Result<LogStream, ProviderError> {
        let why = self.capabilities().logs.text().to_owned();
        Err(ProviderError::new(ErrorKind::Refused, "read the log", why))
    }

    async fn results(&self, of: LogOf, name: &str) -> Result<Results, ProviderError> {
        results::results(self, of, name).await
    }

    async fn observe(&self, sink: tokio::sync::mpsc::Sender<Observed>) -> ProviderError {
        observe::observe(self, sink).await
    }
}
