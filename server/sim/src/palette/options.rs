//! What a scenario's Palette is made of, and how it speaks where its definition leaves it open.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// More than that takes minutes to make.
const MOST_FLEET: u64 = 200_000;

/// Every field has a default; `{}` is a plain healthy company without policies.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    /// `plain`, `demo` (with policies and a past), `bare` (one empty project) or `fleet`. Unset: by the scenario's name.
    pub(super) estate: Option<String>,
    /// Days of past of the demo estate.
    pub(super) history_days: u32,
    /// Size of the estate `fleet`: one project whose workspaces all span all clusters and were backed up daily.
    pub(super) fleet: Fleet,
    /// Release, such as `4.5` or `4.8`: before 4.6 only `includeClusterResources` is known.
    pub(super) version: String,
    /// How GET answers when there is no policy.
    pub(super) no_policy: NoPolicy,
    /// Status of the code `BackupNotConfigured`.
    pub(super) no_policy_status: u16,
    /// The key of a 201's body: `uid`, or `UID`.
    pub(super) uid_key: String,
    /// `plain`, or `go`: empty texts, false and 0 are left out and an empty list is null.
    pub(super) empties: Empties,
    /// A time that was never set is `0001-01-01T00:00:00.000Z` instead of absent.
    pub(super) zero_times: bool,
    /// State words to show instead of Pending, InProgress, Completed, PartiallyFailed, Failed and Deleting.
    pub(super) words: BTreeMap<String, String>,
    /// How a request's own state follows from its clusters'.
    pub(super) rollup: Rollup,
    /// How a policy's past requests are ordered.
    pub(super) order: Order,
    /// Where a dashboard item says its name and uid.
    pub(super) dashboard: Dashboard,
    /// Finished requests that a policy's status keeps; the oldest go.
    pub(super) kept_requests: Option<usize>,
    /// Whether a backup on demand also becomes the stored policy.
    pub(super) on_demand_sets_policy: bool,
    /// Time zone of `scheduledRunTime`.
    pub(super) time_zone: String,
    /// `storage` of an Azure location in the list; empty: the field is missing.
    pub(super) azure_storage: String,
    /// Whether requests are limited. Unset: only on a real clock, because a bucket refills with time.
    pub(super) rate_limit: Option<bool>,
    /// Instead of each prefix's own: tokens per second.
    pub(super) tokens_per_second: Option<f64>,
    /// Instead of each prefix's own: tokens that a full bucket holds.
    pub(super) burst: Option<f64>,
    /// The API key's time is over.
    pub(super) key_expired: bool,
    /// What the key may not do: `METHOD piece-of-the-path`; the method may be `*`.
    pub(super) forbidden: Vec<String>,
    /// Seconds that a backup of one cluster takes at least; a restore takes half of it.
    pub(super) backup_seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Fleet {
    pub(super) workspaces: u32,
    pub(super) clusters: u32,
    /// Past requests of each workspace.
    pub(super) requests: u32,
}

impl Default for Fleet {
    fn default() -> Self {
        Self { workspaces: 40, clusters: 25, requests: 30 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NoPolicy {
    /// 404 `ResourceNotFound`.
    NotFound,
    /// `BackupNotConfigured`, with the status of `no_policy_status`.
    NotConfigured,
    /// 200 with an empty spec.
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Empties {
    Plain,
    Go,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Rollup {
    /// Completed as soon as one cluster's is.
    Optimistic,
    /// The worst of them.
    Worst,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    Oldest,
    Newest,
    /// By uid, which is as good as shuffled.
    Uid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Dashboard {
    /// `metadata` and `meta`.
    Both,
    Metadata,
    /// The older form.
    Meta,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            estate: None,
            history_days: 60,
            fleet: Fleet::default(),
            version: "4.8".to_owned(),
            no_policy: NoPolicy::NotFound,
            no_policy_status: 500,
            uid_key: "uid".to_owned(),
            empties: Empties::Plain,
            zero_times: false,
            words: BTreeMap::new(),
            rollup: Rollup::Optimistic,
            order: Order::Oldest,
            dashboard: Dashboard::Both,
            kept_requests: None,
            on_demand_sets_policy: false,
            time_zone: "UTC".to_owned(),
            azure_storage: "s3".to_owned(),
            rate_limit: None,
            tokens_per_second: None,
            burst: None,
            key_expired: false,
            forbidden: Vec::new(),
            backup_seconds: 60.0,
        }
    }
}

impl Options {
    /// Reads the body of `seed`.
    ///
    /// # Errors
    /// A sentence about the field that is unknown or can't be meant.
    pub(super) fn read(given: &Value) -> Result<Self, String> {
        let options: Self = serde_json::from_value(given.clone()).map_err(|error| error.to_string())?;
        if let Some(estate) = options.estate.as_deref()
            && !["plain", "demo", "bare", "fleet"].contains(&estate)
        {
            return Err(format!("estate {estate:?} is none of plain, demo, bare, fleet"));
        }
        if jiff::tz::TimeZone::get(&options.time_zone).is_err() {
            return Err(format!("time_zone {:?} is unknown", options.time_zone));
        }
        if !(options.backup_seconds.is_finite() && (0.0..1.0e7).contains(&options.backup_seconds)) {
            return Err("backup_seconds must be a number of seconds from 0".to_owned());
        }
        if !(100..=599).contains(&options.no_policy_status) {
            return Err("no_policy_status must be an HTTP status".to_owned());
        }
        let Fleet { workspaces, clusters, requests } = options.fleet;
        if [workspaces, clusters, requests].iter().map(|size| u64::from(*size).max(1)).product::<u64>() > MOST_FLEET {
            return Err(format!("fleet must have at most {MOST_FLEET} backups"));
        }
        if options.history_days > 3650 {
            return Err("history_days must be at most 3650".to_owned());
        }
        Ok(options)
    }

    /// These options with some fields changed.
    ///
    /// # Errors
    /// As [`Options::read`].
    pub(super) fn changed(&self, by: &Value) -> Result<Self, String> {
        let mut merged = serde_json::to_value(self).map_err(|error| error.to_string())?;
        crate::kube::patch::merge(&mut merged, by);
        Self::read(&merged)
    }

    /// Whether the release knows `includeClusterResourceMode` (4.6).
    pub(super) fn knows_mode(&self) -> bool {
        let mut parts = self.version.trim_start_matches('v').split('.');
        let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
        (number(), number()) >= (4, 6)
    }

    /// The state word as this server spells it.
    pub(super) fn word(&self, word: &str) -> String {
        self.words.get(word).map_or_else(|| word.to_owned(), Clone::clone)
    }

    pub(super) fn forbids(&self, method: &str, path: &str) -> bool {
        self.forbidden.iter().any(|rule| {
            let (banned, piece) = rule.split_once(' ').unwrap_or(("*", rule));
            (banned == "*" || banned.eq_ignore_ascii_case(method)) && path.contains(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_and_impossible_options_are_refused_with_a_sentence() {
        for (given, piece) in [
            (json!({"colour": 1}), "unknown field `colour`"),
            (json!({"estate": "moon"}), "none of plain"),
            (json!({"time_zone": "Mars/X"}), "unknown"),
            (json!({"backup_seconds": -1}), "seconds"),
            (json!({"no_policy": "maybe"}), "unknown variant"),
        ] {
            assert!(Options::read(&given).unwrap_err().contains(piece), "{given}");
        }
    }

    #[test]
    fn the_release_decides_about_the_mode() {
        for (version, knows) in [("4.5", false), ("4.6", true), ("4.10.2", true), ("3.4", false), ("v5", true)] {
            let options = Options::read(&json!({"version": version})).unwrap();
            assert_eq!(options.knows_mode(), knows, "{version}");
        }
        let options = Options::default().changed(&json!({"version": "4.5", "fleet": {"clusters": 3}})).unwrap();
        assert_eq!((options.knows_mode(), options.fleet.clusters, options.fleet.workspaces), (false, 3, 40));
    }
}
