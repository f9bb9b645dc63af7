//! What a scenario is made of: the body of `POST /control/{S}/seed`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Every field has a default; `{}` is a plain healthy cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Whether Velero's kinds exist at all.
    pub velero_installed: bool,
    /// `false`: the address answers with a web page, not with Kubernetes.
    pub kubernetes: bool,
    /// `v1.34.4` and the like.
    pub kubernetes_version: String,
    /// What a ServerStatusRequest answers.
    pub velero_version: String,
    /// Whether backups queue (1.17 and later). Unset: by `velero_version`.
    pub queue: Option<bool>,
    /// Backups that may run at once.
    pub concurrent_backups: usize,
    /// Namespace that Velero lives in.
    pub namespace: String,
    /// Days of finished backups by the estate's own schedules; 0 makes neither schedules nor backups.
    pub history_days: u32,
    /// Namespaces beside the estate's own, each with a small workload.
    pub extra_namespaces: Vec<String>,
    /// Only the Velero namespace and `default`, and no storage locations.
    pub bare: bool,
    /// What the caller may not do, as `verb plural[.group]`; either word may be `*`. Asked-for permissions are
    /// answered so, and requests are refused so.
    pub missing_permissions: Vec<String>,
    /// Namespace -> what happens to its volumes: `upload-canceled`, `upload-failed`, or to its items: `partial`.
    pub troubled_namespaces: BTreeMap<String, String>,
    /// How long a DownloadRequest takes.
    pub download_delay_ms: u64,
    /// Base of download URLs, such as `http://localhost:1234`. Unset: the sim's own address.
    pub download_base: Option<String>,
    /// The Velero server isn't running: nothing progresses.
    pub server_down: bool,
    /// Of so many backups by schedules one fails and three are partial, by chance that is the same each time; 0: none.
    pub unlucky: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            velero_installed: true,
            kubernetes: true,
            kubernetes_version: "v1.34.4".to_owned(),
            velero_version: "v1.18.3".to_owned(),
            queue: None,
            concurrent_backups: 1,
            namespace: "velero".to_owned(),
            history_days: 0,
            extra_namespaces: Vec::new(),
            bare: false,
            missing_permissions: Vec::new(),
            troubled_namespaces: BTreeMap::from([("payments".to_owned(), "upload-canceled".to_owned())]),
            download_delay_ms: 500,
            download_base: None,
            server_down: false,
            unlucky: 0,
        }
    }
}

impl Options {
    /// What a scenario gets that nobody seeded: `demo` has a past.
    #[must_use]
    pub fn of_new(scenario: &str) -> Self {
        Self { history_days: if scenario == "demo" { 30 } else { 0 }, ..Self::default() }
    }

    /// Whether backups pass through Queued and ReadyToStart.
    #[must_use]
    pub fn queues(&self) -> bool {
        self.queue.unwrap_or_else(|| self.release() >= (1, 17))
    }

    /// Whether schedules may begin with `CRON_TZ=`.
    pub(crate) fn knows_zones(&self) -> bool {
        self.release() >= (1, 15)
    }

    fn release(&self) -> (u32, u32) {
        let mut parts = self.velero_version.trim_start_matches('v').split('.');
        let mut number = || parts.next().and_then(|p| p.parse().ok()).unwrap_or(0);
        (number(), number())
    }

    pub(crate) fn allows(&self, verb: &str, group: &str, plural: &str) -> bool {
        !self.missing_permissions.iter().any(|missing| {
            let (banned, what) = missing.split_once(' ').unwrap_or((missing, "*"));
            let (resource, wanted) = what.split_once('.').unwrap_or((what, ""));
            (banned == "*" || banned == verb)
                && (resource == "*" || resource == plural)
                && (wanted.is_empty() || wanted == group)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queueing_follows_the_version_unless_told() {
        let mut options = Options::default();
        assert!(options.queues());
        options.velero_version = "v1.9.4".to_owned();
        assert!(!options.queues());
        options.queue = Some(true);
        assert!(options.queues());
    }

    #[test]
    fn missing_permissions_match_verb_resource_and_group() {
        let options = Options {
            missing_permissions: vec!["delete backups.velero.io".into(), "* secrets".into()],
            ..Options::default()
        };
        assert!(!options.allows("delete", "velero.io", "backups"));
        assert!(options.allows("get", "velero.io", "backups"));
        assert!(!options.allows("list", "", "secrets"));
    }
}
