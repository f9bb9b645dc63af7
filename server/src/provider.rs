//! The seam to the upstreams: a dozen verbs in our own vocabulary, four files for each system, one `match`.
//!
//! A provider is `<name>.rs` (capabilities and this trait), `<name>/client.rs` (URLs, authentication, paging, status to
//! error), `<name>/wire.rs` (private serde structs) and `<name>/translate.rs` (pure, both ways). [`system`] is the only place
//! that matches on the kind; `cargo xtask check` greps for it.

pub mod answer;
pub mod astra;
pub mod checking;
pub mod cloudcasa;
pub mod form;
pub mod http;
pub mod mark;
pub mod palette;
pub mod paths;
pub mod render;
pub mod rest;
mod seen;
pub mod telling;
#[cfg(test)]
mod trying;
pub mod velero;
pub mod waldur;

use crate::clock::Clock;
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use model::{
    Invalid, Millis,
    capability::Capabilities,
    connection::{CheckReport, ConnectionDraft, Inventory, ProviderKind, SystemForm},
    definition::{Definition, Drift},
    recovery::RecoveryPoint,
    restore::{RestoreOffer, RestoreOrder},
    run::Results,
    view::{DryRun, PreviewRequest, Resume},
};
pub use seen::*;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc, time::Duration};

/// What a connection needs to reach its upstream. Stored in two parts: `settings` as JSON in the clear, `secret` sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Endpoint {
    pub kind: ProviderKind,
    /// Not secret: address, namespace, authority.
    pub settings: Settings,
    /// The credential; never shown, logged or serialised outside the sealed column.
    pub secret: Secret,
}

/// The part of an endpoint that may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Without a trailing slash.
    pub address: String,
    pub namespace: String,
    /// The account or project that it is confined to.
    pub account: String,
    /// Which of several contracts it speaks; empty: found out.
    pub variant: String,
    /// PEM; empty trusts the well-known authorities.
    pub ca: String,
    /// Server name to check the certificate against, when it differs from the address.
    pub server_name: String,
    /// In words: "bearer token", "client certificate".
    pub credential_kind: String,
}

/// A credential. `Debug` and `Display` hide it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    #[serde(default)]
    pub token: String,
    /// PEM, certificate and key, for a client certificate.
    #[serde(default)]
    pub client_certificate: String,
    #[serde(default)]
    pub client_key: String,
}

impl Secret {
    /// A token alone.
    pub fn token(token: String) -> Self {
        let mut secret = Self::default();
        secret.token = token;
        secret
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("kind", &self.kind).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.token.zeroize();
        self.client_key.zeroize();
    }
}

/// What to do about a failed upstream call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// No route, refused, name unknown, time-out.
    Unreachable,
    /// The certificate is not trusted.
    Untrusted,
    /// It answers, but is not the expected system.
    NotThat,
    /// 401.
    Unauthorised,
    /// 403.
    Forbidden,
    /// 404 for an object.
    NotFound,
    /// The system is there, the wanted product isn't (no Velero on the cluster).
    NotInstalled,
    /// 409, 412: somebody else changed it, or the name is taken.
    Conflict,
    /// 400, 422: it refuses the content.
    Refused,
    /// 429, or 503 with Retry-After.
    Slow,
    /// 5xx.
    Broken,
    /// An answer that can't be read: HTML, cut off, too large.
    Garbled,
    /// Somebody changed upstream what was applied before; nothing was written over it. [`ProviderError::dispute`] says what, but for
    /// [`ProviderError::left_behind`].
    Disputed,
}

impl ErrorKind {
    /// Whether the same call may succeed later without anybody doing anything.
    pub fn retryable(self) -> bool {
        matches!(self, Self::Unreachable | Self::Conflict | Self::Slow | Self::Broken | Self::Garbled)
    }
}

/// A failed upstream call. `sentence` and `remedy` are safe to show; `source` is for the log and redacted too.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{operation}: {sentence}")]
pub struct ProviderError {
    pub kind: ErrorKind,
    /// What was tried: "create schedules.velero.io".
    pub operation: Box<str>,
    /// What happened, with the upstream's own number or word.
    pub sentence: String,
    /// What to do about it.
    pub remedy: String,
    /// Wait at least so long.
    pub retry_after: Option<Duration>,
    /// The upstream's own field errors, mapped to ours where that is possible.
    pub fields: Invalid,
    /// Of [`ErrorKind::Disputed`]: what somebody changed.
    pub dispute: Option<Box<Dispute>>,
}

/// A change that somebody made upstream and that an apply would have written over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// What is there.
    pub seen: DeclaredSeen,
    /// Field by field, what would have been written against what is there. Never empty.
    pub drift: Vec<Drift>,
}

impl ProviderError {
    /// Without remedy, wait or fields.
    pub fn new(kind: ErrorKind, operation: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            operation: operation.into().into_boxed_str(),
            sentence: sentence.into(),
            remedy: String::new(),
            retry_after: None,
            fields: Invalid::default(),
            dispute: None,
        }
    }

    /// An apply that was held because somebody changed it upstream.
    pub fn disputed(operation: impl Into<String>, dispute: Dispute) -> Self {
        Self {
            dispute: Some(Box::new(dispute)),
            ..Self::new(ErrorKind::Disputed, operation, "Somebody changed it upstream; nothing was written over it.")
        }
    }

    /// A removal that left `what` standing, because somebody took our `mark` from it ("label from it"). Called removed it would go
    /// on upstream, and nobody would know.
    pub fn left_behind(what: &str, mark: &str) -> Self {
        let sentence =
            format!("{what} is still there, and somebody took Holdfast's {mark}: it was left alone and goes on.");
        Self::new(ErrorKind::Disputed, "remove", sentence)
    }

    /// Adds what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

/// A definition with the identity that its upstream objects carry. The name is fixed at creation, so that a crash
/// between "sent" and "recorded" finds its own object again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Our id; stands as a label on every upstream object.
    pub id: model::DefinitionId,
    /// The upstream's name: `<name>-<last six hex digits of the id>`.
    pub upstream_name: String,
    pub version: i64,
    pub definition: Definition,
}

/// What [`Provider::apply`] left upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Applied {
    /// The upstream's desired part as we wrote it, in the form of [`DeclaredSeen::seen`], for comparison with what is seen later
    /// (drift). After a person ordered to write over a change it is what they saw, until the next apply.
    pub written: serde_json::Value,
    /// What was done, for the timeline: "Schedule shop-7b1a9c created".
    pub sentence: String,
    /// The state that the write left, where the upstream counts them.
    pub revision: Option<Revision>,
}

/// An order to begin something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The name that it has with us; where the upstream lets us, also there. It holds only `a-z`, `0-9` and `-`.
    pub name: String,
    pub asked_by: String,
    /// When it was asked for.
    pub asked: Millis,
    /// It was tried before, and nobody knows how far that came: look first whether it is there already.
    pub repeated: bool,
    /// Of a repeated order of a run: what the newest other orders of its definition began, by its name upstream. None of that is
    /// this one's, however late it was ordered.
    pub taken: Vec<String>,
}

/// What [`Provider::start_run`] and [`Provider::restore`] began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// What the upstream addresses it by, when that is not [`Ask::name`]: as [`RunSeen::name`] will say it.
    pub name: Option<String>,
}

/// The review step's answer.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    pub requests: Vec<PreviewRequest>,
    pub dry_run: Option<DryRun>,
    /// The upstream's refusals, by field of the draft.
    pub errors: Invalid,
}

/// A stream of log bytes, already unpacked and bounded.
pub type LogStream = BoxStream<'static, Result<Bytes, ProviderError>>;

/// What a log belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOf {
    Run,
    Restore,
}

/// One upstream.
#[async_trait]
pub trait Provider: Send + Sync + fmt::Debug {
    /// What it can express; may depend on the version that was last seen.
    fn capabilities(&self) -> Capabilities;

    /// Tells the version that the upstream was last heard to have, by whichever node: after a restart, or while the upstream is
    /// silent, nothing else says it.
    fn remember_version(&self, _version: &str) {}

    /// What of a definition can't be expressed, by field of the draft; what is empty here survives [`Self::apply`] unchanged. Pure.
    fn express(&self, definition: &Definition) -> Invalid;

    /// Tests the connection step by step. Never fails: what goes wrong is in the report.
    async fn check(&self) -> CheckReport;

    /// What the wizard offers, live.
    async fn inventory(&self) -> Result<Inventory, ProviderError>;

    /// What would be sent, and the upstream's dry run of it where it has one.
    async fn preview(&self, owned: &Owned) -> Result<Rendered, ProviderError>;

    /// Makes the upstream match, idempotently; `previous` is what the last recorded apply wrote, or what somebody agreed to
    /// write over. `resume` says how a resumed schedule behaves. Refuses to touch an object of that name that doesn't carry our
    /// id. Where a field is neither as in `previous` nor as wanted, somebody changed it: nothing is written and the error is
    /// [`ErrorKind::Disputed`]. A write of our own whose answer was lost is no dispute.
    async fn apply(
        &self,
        owned: &Owned,
        previous: Option<&Applied>,
        resume: Option<Resume>,
    ) -> Result<Applied, ProviderError>;

    /// Removes what [`Self::apply`] made; recovery points stay. Gone already is success. `applied` is what the last recorded apply
    /// wrote: what of it is still there because somebody took our mark from it is left alone, and the error is
    /// [`ProviderError::left_behind`]. Another object in its place is somebody else's and no error.
    async fn remove(&self, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError>;

    /// How what is there differs from what was written. Empty means none. Pure.
    fn drift(&self, applied: &Applied, seen: &DeclaredSeen) -> Vec<Drift>;

    /// The definition that the upstream's object means, for "adopt"; or what can't be expressed. Pure.
    fn adopt(&self, owned: &Owned, seen: &DeclaredSeen) -> Result<Definition, Invalid>;

    /// Begins a run, idempotently: one that was begun by the same order is found again, not begun a second time.
    async fn start_run(&self, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError>;

    /// What the restore form may offer for a recovery point, live. Velero needs nothing that the point itself doesn't tell.
    async fn restore_offer(&self, _point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
        Ok(RestoreOffer::default())
    }

    /// Begins a restore, idempotently as [`Self::start_run`].
    async fn restore(&self, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError>;

    /// Asks for a recovery point and its data to be deleted, once for each `order` (its id): repeated after a crash it is the same
    /// request, and another order is another one. Gone already is success.
    async fn delete_point(&self, point_name: &str, order: &str) -> Result<(), ProviderError>;

    /// The log, as text.
    async fn log(&self, of: LogOf, name: &str) -> Result<LogStream, ProviderError>;

    /// Warnings and errors, sorted by place.
    async fn results(&self, of: LogOf, name: &str) -> Result<Results, ProviderError>;

    /// Tells everything that is there and everything that changes, until it fails. Cancel-safe.
    async fn observe(&self, sink: tokio::sync::mpsc::Sender<Observed>) -> ProviderError;
}

/// How a system is presented and made: what is known of it without a connection.
pub trait System: Send + Sync {
    /// What the connection form asks.
    fn form(&self) -> SystemForm;

    /// Reads the form of a connection: field errors name the draft's fields. `stored` is the endpoint whose secret is kept when
    /// the draft has none.
    fn endpoint(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid>;

    /// A provider for an endpoint. It makes no call yet.
    fn provider(&self, endpoint: &Endpoint, clock: Clock) -> Result<Arc<dyn Provider>, ProviderError>;

    /// What it can express, by the version that it was last heard to have.
    fn capabilities(&self, version: Option<&str>) -> Capabilities;
}

/// The only `match` on the kind.
fn system(kind: ProviderKind) -> &'static dyn System {
    match kind {
        ProviderKind::Velero => &velero::System,
        ProviderKind::CloudCasa => &cloudcasa::System,
        ProviderKind::Astra => &astra::System,
        ProviderKind::Palette => &palette::System,
        ProviderKind::Waldur => &waldur::System,
    }
}

/// Makes providers.
#[derive(Clone, Debug)]
pub struct Registry {
    clock: Clock,
}

impl Registry {
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }

    /// What the connection form asks, for every system, in the order of the choice.
    pub fn forms(&self) -> Vec<SystemForm> {
        ProviderKind::ALL.into_iter().map(|kind| system(kind).form()).collect()
    }

    /// See [`System::endpoint`].
    pub fn endpoint(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, Invalid> {
        match ProviderKind::from_key(draft.system.trim()) {
            Some(kind) => system(kind).endpoint(draft, stored),
            None => Err(Invalid::one("system", "required", "Choose the system that the connection leads to.")),
        }
    }

    /// See [`System::provider`].
    pub fn provider(&self, endpoint: &Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        system(endpoint.kind).provider(endpoint, self.clock.clone())
    }

    /// See [`System::capabilities`].
    pub fn capabilities(&self, kind: ProviderKind, version: Option<&str>) -> Capabilities {
        system(kind).capabilities(version)
    }
}
