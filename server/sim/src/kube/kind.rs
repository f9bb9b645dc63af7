//! Which kinds the fake API server serves: data, so that a new kind is one line.

/// One served resource.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kind {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) namespaced: bool,
    /// A custom resource: it has a schema, its generation moves, and strategic merge patches are refused.
    pub(crate) custom: bool,
}

impl Kind {
    /// `v1` or `velero.io/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `pods` or `backups.velero.io`, as error messages spell it.
    pub(crate) fn qualified_plural(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `Pod` or `Backup.velero.io`, as validation messages spell it.
    pub(crate) fn qualified_kind(&self) -> String {
        if self.group.is_empty() { self.kind.to_owned() } else { format!("{}.{}", self.kind, self.group) }
    }
}

const fn builtin(group: &'static str, plural: &'static str, kind: &'static str, namespaced: bool) -> Kind {
    Kind { group, version: "v1", plural, kind, namespaced, custom: false }
}

const fn velero(version: &'static str, plural: &'static str, kind: &'static str) -> Kind {
    Kind { group: "velero.io", version, plural, kind, namespaced: true, custom: true }
}

pub(crate) static NAMESPACE: Kind = builtin("", "namespaces", "Namespace", false);
pub(crate) static POD: Kind = builtin("", "pods", "Pod", true);
pub(crate) static CLAIM: Kind = builtin("", "persistentvolumeclaims", "PersistentVolumeClaim", true);
pub(crate) static VOLUME: Kind = builtin("", "persistentvolumes", "PersistentVolume", false);
pub(crate) static CONFIG_MAP: Kind = builtin("", "configmaps", "ConfigMap", true);
pub(crate) static SECRET: Kind = builtin("", "secrets", "Secret", true);
pub(crate) static SERVICE: Kind = builtin("", "services", "Service", true);
pub(crate) static DEPLOYMENT: Kind = builtin("apps", "deployments", "Deployment", true);
pub(crate) static STATEFUL_SET: Kind = builtin("apps", "statefulsets", "StatefulSet", true);
pub(crate) static STORAGE_CLASS: Kind = builtin("storage.k8s.io", "storageclasses", "StorageClass", false);

pub(crate) static BACKUP: Kind = velero("v1", "backups", "Backup");
pub(crate) static SCHEDULE: Kind = velero("v1", "schedules", "Schedule");
pub(crate) static RESTORE: Kind = velero("v1", "restores", "Restore");
pub(crate) static LOCATION: Kind = velero("v1", "backupstoragelocations", "BackupStorageLocation");
pub(crate) static SNAPSHOT_LOCATION: Kind = velero("v1", "volumesnapshotlocations", "VolumeSnapshotLocation");
pub(crate) static DELETE_REQUEST: Kind = velero("v1", "deletebackuprequests", "DeleteBackupRequest");
pub(crate) static DOWNLOAD_REQUEST: Kind = velero("v1", "downloadrequests", "DownloadRequest");
pub(crate) static STATUS_REQUEST: Kind = velero("v1", "serverstatusrequests", "ServerStatusRequest");
pub(crate) static POD_VOLUME_BACKUP: Kind = velero("v1", "podvolumebackups", "PodVolumeBackup");
pub(crate) static POD_VOLUME_RESTORE: Kind = velero("v1", "podvolumerestores", "PodVolumeRestore");
pub(crate) static REPOSITORY: Kind = velero("v1", "backuprepositories", "BackupRepository");
pub(crate) static DATA_UPLOAD: Kind = velero("v2alpha1", "datauploads", "DataUpload");
pub(crate) static DATA_DOWNLOAD: Kind = velero("v2alpha1", "datadownloads", "DataDownload");

/// Every kind, in the order of discovery.
pub(crate) static KINDS: [&Kind; 23] = [
    &NAMESPACE,
    &POD,
    &CLAIM,
    &VOLUME,
    &CONFIG_MAP,
    &SECRET,
    &SERVICE,
    &DEPLOYMENT,
    &STATEFUL_SET,
    &STORAGE_CLASS,
    &BACKUP,
    &SCHEDULE,
    &RESTORE,
    &LOCATION,
    &SNAPSHOT_LOCATION,
    &DELETE_REQUEST,
    &DOWNLOAD_REQUEST,
    &STATUS_REQUEST,
    &POD_VOLUME_BACKUP,
    &POD_VOLUME_RESTORE,
    &REPOSITORY,
    &DATA_UPLOAD,
    &DATA_DOWNLOAD,
];

/// The kind served under group, version and plural.
pub(crate) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
}

/// The kind with that word (`Backup`), for objects given without a path.
pub(crate) fn by_word(word: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.kind == word)
}
