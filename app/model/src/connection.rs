//! A registered upstream: where it is, whether it answers. Credentials go in and never come out.

use crate::{id::ConnectionId, time::Millis};
use serde::{Deserialize, Serialize};

/// The systems that Holdfast works with. Only the server's registry, this crate and the icon map may match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    Velero,
    CloudCasa,
    Astra,
    Palette,
    Waldur,
}

impl ProviderKind {
    /// The word in the store, in URLs and on the wire.
    pub fn key(self) -> &'static str {
        match self {
            Self::Velero => "velero",
            Self::CloudCasa => "cloudcasa",
            Self::Astra => "astra",
            Self::Palette => "palette",
            Self::Waldur => "waldur",
        }
    }

    /// The reverse of [`Self::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }

    /// The product's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Velero => "Velero",
            Self::CloudCasa => "CloudCasa",
            Self::Astra => "Astra Control",
            Self::Palette => "Palette",
            Self::Waldur => "Waldur",
        }
    }

    /// In the order of the select.
    pub const ALL: [Self; 5] = [Self::Velero, Self::CloudCasa, Self::Astra, Self::Palette, Self::Waldur];
}

/// What the connection form asks for a system, in that system's words. The server's registry has one for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemForm {
    pub kind: ProviderKind,
    pub address: FieldText,
    pub credential: FieldText,
    /// True where a kubeconfig may be pasted instead of address, credential and authority.
    pub kubeconfig: bool,
    /// The account or project that the connection is confined to.
    pub account: Option<FieldText>,
    /// The namespace that the system itself runs in.
    pub namespace: Option<FieldText>,
    /// Which of several contracts it speaks; the choices are value and word, the first one is the usual.
    pub variant: Option<(FieldText, Vec<(String, String)>)>,
    /// What the test looks at, in a sentence.
    pub tests: String,
    /// How a credential with the least rights is made.
    pub guide: Guide,
}

/// The words of one field of the connection form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldText {
    pub label: String,
    pub placeholder: String,
    pub help: String,
    /// What a new form has in it: the hosted service's own address, say.
    pub initial: String,
}

impl FieldText {
    /// Without initial value.
    pub fn new(label: &str, placeholder: &str, help: &str) -> Self {
        Self { label: label.into(), placeholder: placeholder.into(), help: help.into(), initial: String::new() }
    }

    /// With an initial value.
    #[must_use]
    pub fn starting(mut self, initial: &str) -> Self {
        self.initial = initial.into();
        self
    }
}

/// How to make a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    pub text: String,
    /// Commands to copy; empty when there are none.
    pub code: String,
}

/// What the connection form holds, field by field. `credential` and `kubeconfig` go in and never come out: a form
/// for an existing connection starts with them empty, and empty then means "keep the stored one".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionDraft {
    /// `ProviderKind::key`; empty means not chosen.
    pub system: String,
    pub name: String,
    /// True when a kubeconfig was pasted instead of the three fields.
    pub by_kubeconfig: bool,
    /// The API's address.
    pub address: String,
    /// Bearer token.
    pub credential: String,
    /// Certificate authority, PEM; empty trusts the well-known ones.
    pub ca: String,
    pub kubeconfig: String,
    /// The namespace that the system itself runs in.
    pub namespace: String,
    /// The account or project that the connection is confined to.
    pub account: String,
    /// Which of several contracts the system speaks; empty: found out.
    pub variant: String,
}

impl std::fmt::Display for ConnectionDraft {
    /// Never the credential: this may reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} at {}", self.system, self.name, self.address)
    }
}

/// Whether an upstream answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Never asked yet.
    New,
    /// The last call was answered.
    Answers,
    /// It answers, but asks us to slow down or to come back.
    Slowed { reason: String },
    /// It doesn't answer, or refuses us.
    Silent { reason: String, remedy: String, since: Millis, tries: u32, next_try: Option<Millis> },
}

impl Health {
    /// The word in filters and in the store.
    pub fn key(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Answers => "answers",
            Self::Slowed { .. } => "slowed",
            Self::Silent { .. } => "silent",
        }
    }

    /// True when what is shown may be out of date.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Silent { .. })
    }
}

/// A connection as lists and the detail page show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    pub kind: ProviderKind,
    pub address: String,
    pub namespace: String,
    pub account: String,
    pub variant: String,
    /// PEM of the authority, not a secret; empty when the well-known ones are trusted.
    pub ca: String,
    /// In words: "bearer token", "client certificate".
    pub credential_kind: String,
    pub health: Health,
    /// The upstream's version, once seen: "v1.18.3".
    pub version: Option<String>,
    /// The platform's version: "Kubernetes v1.34.4".
    pub platform: Option<String>,
    pub latency_ms: Option<u32>,
    /// When something was last heard of it.
    pub last_seen: Option<Millis>,
    pub definitions: u32,
    /// For optimistic editing.
    pub version_number: i64,
}

/// One step of a connection test, in order; after a failure the rest says "not tried".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStep {
    /// "The certificate is trusted".
    pub title: String,
    pub outcome: CheckOutcome,
    /// What was seen: "10.60.0.5", "v1.34.4".
    pub detail: String,
    /// What to do, when it isn't good.
    pub remedy: String,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    Good,
    /// It works, but something is missing.
    Warning,
    Bad,
    NotTried,
}

/// The whole answer of a connection test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    pub steps: Vec<CheckStep>,
    pub version: Option<String>,
    pub platform: Option<String>,
    pub locations: Vec<crate::location::Location>,
    /// Permissions that are missing: "create schedules.velero.io in velero".
    pub missing_rights: Vec<String>,
    /// Which field of the form the first bad step is about, if one.
    pub field: Option<String>,
    pub at: Option<Millis>,
}

impl CheckReport {
    /// True when no step is bad: the connection can be stored.
    pub fn passed(&self) -> bool {
        !self.steps.is_empty()
            && self.steps.iter().all(|s| matches!(s.outcome, CheckOutcome::Good | CheckOutcome::Warning))
    }
}

/// What the wizard may offer, read live.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// What a definition of this system belongs to: clusters, apps, workspaces or instances, as the capabilities say.
    pub subjects: Vec<SubjectSeen>,
    /// The upstream's own policies, where a definition may follow one.
    pub policies: Vec<PolicySeen>,
    /// Of the whole upstream; where a definition belongs to a subject, that subject's are its own.
    pub namespaces: Vec<NamespaceSeen>,
    pub locations: Vec<crate::location::Location>,
    /// Kinds that can be named, `deployments.apps`.
    pub resources: Vec<ResourceSeen>,
    pub at: Option<Millis>,
}

/// A namespace of the live list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamespaceSeen {
    pub name: String,
    /// Why the upstream skips it whatever is chosen, if it does.
    pub skipped_because: Option<String>,
}

/// Something that a definition can belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubjectSeen {
    pub id: String,
    pub name: String,
    /// What tells it from others, in a few words: its cluster, its state.
    pub detail: String,
    /// Why nothing can be protected there now, if so.
    pub why_not: Option<String>,
    pub namespaces: Vec<NamespaceSeen>,
    /// The clusters that it spans, where it spans several.
    pub clusters: Vec<crate::named::Named>,
}

/// A policy that the upstream keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySeen {
    pub id: String,
    pub name: String,
    /// What it says: "Every day at 02:30 in Europe/Zurich, kept for 14 days".
    pub words: String,
    /// Definitions there that follow it, ours or not.
    pub used_by: u32,
}

/// A kind of object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceSeen {
    /// Plural with group: `deployments.apps`, `pods`.
    pub name: String,
    pub namespaced: bool,
}
