//! The collections: what each is called on the wire, and which query parameters its list knows.

/// One collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shelf {
    App,
    Backup,
    Snap,
    Schedule,
    Bucket,
    Cloud,
    Cluster,
    Namespace,
    StorageClass,
    Task,
    Event,
    Notification,
    Credential,
    User,
    Feature,
    Setting,
    Hook,
    HookSource,
    Mirror,
    Asset,
}

const PLAIN: &[&str] = &["include", "limit"];
const FILTERED: &[&str] = &["include", "limit", "filter"];
const PAGED: &[&str] = &["include", "limit", "filter", "orderBy", "skip", "count", "continue"];

impl Shelf {
    pub(super) const ALL: [Self; 19] = [
        Self::App,
        Self::Backup,
        Self::Snap,
        Self::Schedule,
        Self::Bucket,
        Self::Cloud,
        Self::Cluster,
        Self::Namespace,
        Self::StorageClass,
        Self::Task,
        Self::Event,
        Self::Notification,
        Self::Credential,
        Self::User,
        Self::Feature,
        Self::Setting,
        Self::Hook,
        Self::HookSource,
        Self::Mirror,
    ];

    /// The word in `application/astra-<word>`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Backup => "appBackup",
            Self::Snap => "appSnap",
            Self::Schedule => "schedule",
            Self::Bucket => "bucket",
            Self::Cloud => "cloud",
            Self::Cluster => "managedCluster",
            Self::Namespace => "namespace",
            Self::StorageClass => "storageClass",
            Self::Task => "task",
            Self::Event => "event",
            Self::Notification => "notification",
            Self::Credential => "credential",
            Self::User => "user",
            Self::Feature => "feature",
            Self::Setting => "setting",
            Self::Hook => "executionHook",
            Self::HookSource => "hookSource",
            Self::Mirror => "appMirror",
            Self::Asset => "appAsset",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelf| shelf.word() == word)
    }

    /// The newest version of its resources.
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::App => "2.2",
            Self::Schedule | Self::Snap | Self::Hook => "1.3",
            Self::Cluster => "1.7",
            Self::Backup | Self::Bucket | Self::Namespace | Self::Event => "1.2",
            Self::Task | Self::Credential | Self::User | Self::StorageClass | Self::Cloud | Self::Mirror => "1.1",
            _ => "1.0",
        }
    }

    /// The query parameters that its list takes; any other is refused.
    pub(super) fn params(self) -> &'static [&'static str] {
        match self {
            Self::Bucket => &[],
            Self::Backup | Self::Snap | Self::Schedule | Self::Hook | Self::Asset => PLAIN,
            Self::Task | Self::Event | Self::Notification | Self::User => PAGED,
            _ => FILTERED,
        }
    }
}
