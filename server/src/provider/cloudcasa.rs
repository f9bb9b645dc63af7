//! CloudCasa: one organisation on Catalogic's service or on a server of one's own, over its REST API.
//!
//! A definition is a kubebackup of one cluster; snapshots that are copied add a kubeoffload, a schedule of its own adds a policy.
//! Runs are jobs, recovery points are backupinstances. Everything that is made carries the definition's id as the tag
//! `holdfast_definition`; what doesn't is never changed.

mod act;
mod capabilities;
mod check;
mod client;
mod inventory;
mod log;
mod observe;
mod preview;
mod shared;
pub mod translate;
mod wire;

use crate::{
    clock::Clock,
    provider::{
        Applied, Ask, Begun, DeclaredSeen, Endpoint, LogOf, LogStream, Observed, Owned, Provider, ProviderError,
        Rendered, Secret, Settings, form,
    },
};
use async_trait::async_trait;
use client::Client;
use model::{
    Invalid,
    capability::Capabilities,
    connection::{CheckReport, ConnectionDraft, FieldText, Guide, Inventory, ProviderKind, SystemForm},
    definition::{Definition, Drift},
    recovery::RecoveryPoint,
    restore::{RestoreOffer, RestoreOrder},
    run::Results,
    view::Resume,
};
use shared::Shared;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};
use tokio::sync::Notify;

/// The hosted service.
const HOSTED: &str = "https://api.cloudcasa.io/api/v1";
/// Where the API stands on every server.
const PATH: &str = "/api/v1";

/// What is known of CloudCasa without a connection.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl crate::provider::System for System {
    fn form(&self) -> SystemForm {
        let address = "The hosted service's address stands here; a server of your own has its API at the same path.";
        SystemForm {
            kind: ProviderKind::CloudCasa,
            address: FieldText::new("API", HOSTED, address).starting(HOSTED),
            credential: FieldText::new("API key", "", "From CloudCasa's Configuration, API Keys; it is shown there once."),
            kubeconfig: false,
            account: None,
            namespace: None,
            variant: None,
            tests: "It looks the name up, opens the port, checks the certificate, that CloudCasa answers, the key, the \
                    organisation, its object stores and each right to read, and says where it stops. Nothing is stored or \
                    changed by it."
                .into(),
            guide: Guide {
                text: "Make an API key for a user whose role may read clusters, object stores, jobs and recovery points, and may \
                       read and change backups, copies, policies and restores. On the hosted service only paid plans have API \
                       keys, ten at most."
                    .into(),
                code: String::new(),
            },
        }
    }

    fn endpoint(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
        let mut invalid = Invalid::default();
        let mut address = form::address(&draft.address, "address", HOSTED, &mut invalid);
        // A bare host: the API is at the same path everywhere.
        if !address.is_empty() && url::Url::parse(&address).is_ok_and(|url| matches!(url.path(), "" | "/")) {
            address.push_str(PATH);
        }
        let ca = form::authority(&draft.ca, &mut invalid);
        let token = form::credential(&draft.credential, &address, stored, "API key", &mut invalid);
        let settings = Settings { address, ca, credential_kind: "API key".into(), ..Settings::default() };
        invalid.check(Endpoint { kind: ProviderKind::CloudCasa, settings, secret: Secret::token(token) })
    }

    fn provider(&self, endpoint: &Endpoint, clock: Clock) -> Result<Arc<dyn Provider>, ProviderError> {
        Ok(Arc::new(CloudCasa::new(endpoint, clock)?))
    }

    fn capabilities(&self, _version: Option<&str>) -> Capabilities {
        capabilities::capabilities()
    }
}

/// One organisation.
#[derive(Clone, Debug)]
pub struct CloudCasa {
    client: Client,
    clock: Clock,
    settings: Settings,
    /// Rung when something was begun.
    bell: Arc<Notify>,
    shared: Arc<Shared>,
}

impl CloudCasa {
    /// Makes no call yet.
    pub fn new(endpoint: &Endpoint, clock: Clock) -> Result<Self, ProviderError> {
        let mut key = DefaultHasher::new();
        endpoint.secret.token.hash(&mut key);
        let shared = shared::of(&format!("{} {:x}", endpoint.settings.address, key.finish()));
        Ok(Self {
            client: Client::new(endpoint, &clock)?,
            clock,
            settings: endpoint.settings.clone(),
            bell: shared.bell.clone(),
            shared,
        })
    }

    /// Whatever came of it: something may have been begun.
    fn ring<T>(&self, answer: Result<T, ProviderError>) -> Result<T, ProviderError> {
        self.bell.notify_one();
        answer
    }
}

#[async_trait]
impl Provider for CloudCasa {
    fn capabilities(&self) -> Capabilities {
        capabilities::capabilities()
    }

    fn express(&self, definition: &Definition) -> Invalid {
        translate::express(definition)
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
        _resume: Option<Resume>,
    ) -> Result<Applied, ProviderError> {
        self.ring(act::apply(&self.client, &self.clock, owned, previous).await)
    }

    async fn remove(&self, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
        self.ring(act::remove(&self.client, owned, applied).await)
    }

    fn drift(&self, applied: &Applied, seen: &DeclaredSeen) -> Vec<Drift> {
        translate::compare::drift(&applied.written, &seen.seen)
    }

    fn adopt(&self, owned: &Owned, seen: &DeclaredSeen) -> Result<Definition, Invalid> {
        translate::back::definition(owned, &seen.seen)
    }

    async fn start_run(&self, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
        self.ring(act::run::start(&self.client, &self.shared, owned, ask).await)
    }

    async fn restore_offer(&self, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
        inventory::offer(self, point).await
    }

    async fn restore(&self, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
        self.ring(act::order::restore(&self.client, order, ask).await)
    }

    async fn delete_point(&self, point_name: &str, _order: &str) -> Result<(), ProviderError> {
        self.ring(act::order::delete_point(&self.client, point_name).await)
    }

    async fn log(&self, of: LogOf, name: &str) -> Result<LogStream, ProviderError> {
        log::log(self, of, name).await
    }

    async fn results(&self, of: LogOf, name: &str) -> Result<Results, ProviderError> {
        log::results(self, of, name).await
    }

    async fn observe(&self, sink: tokio::sync::mpsc::Sender<Observed>) -> ProviderError {
        observe::observe(self, sink).await
    }
}
