//! What a scenario is made of: the body of `POST /control/{S}/astra/seed`.

use serde::Deserialize;
use serde_json::Value;

/// Every field has a default; `{}` is a healthy account with the estate's apps, without schedules and backups.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    /// Identifier of the account. Unset: derived from the scenario's name, and found in `state`.
    pub(super) account_id: Option<String>,
    /// Days that the estate's own schedules have been running, troubles included; 0 makes no schedules.
    pub(super) history_days: u32,
    /// Account, user, cloud and cluster only: no apps, no buckets.
    pub(super) bare: bool,
    /// More apps, each with a namespace of its name.
    pub(super) extra_apps: Vec<String>,
    /// Whether cloud and clusters have a default bucket.
    pub(super) default_bucket: bool,
    /// `owner`, `admin`, `member` or `viewer`: of the user whom the token belongs to.
    pub(super) role: String,
    /// Names of the only namespaces that this user may see; empty means all.
    pub(super) constrained_to: Vec<String>,
    /// Whether times carry six digits of a second.
    pub(super) fractional_times: bool,
    /// Whether lists carry `type`, `version` and filled `metadata`, as the specification's examples do.
    pub(super) spec_lists: bool,
    /// Namespaces that apps may hold altogether; unset means no limit.
    pub(super) namespace_limit: Option<usize>,
    /// What an app's backup holds, in bytes. Unset: by its name, some hundred megabytes.
    pub(super) backup_bytes: Option<u64>,
    /// How fast backups are transferred, in bytes a second.
    pub(super) bytes_per_second: u64,
    /// How long a deleted backup or snapshot stays listed, in seconds.
    pub(super) deletion_seconds: u64,
    /// Lock of the bucket `vault`, in seconds.
    pub(super) lock_seconds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account_id: None,
            history_days: 0,
            bare: false,
            extra_apps: Vec::new(),
            default_bucket: true,
            role: "owner".to_owned(),
            constrained_to: Vec::new(),
            fractional_times: false,
            spec_lists: false,
            namespace_limit: None,
            backup_bytes: None,
            bytes_per_second: 10_000_000,
            deletion_seconds: 60,
            lock_seconds: 30 * 86_400,
        }
    }
}

/// Longer pasts take too long to live through.
const DAYS_LIMIT: u32 = 400;
/// A petabyte, and ten years: more than any test means.
const BYTES_LIMIT: u64 = 1_000_000_000_000_000;
const SECONDS_LIMIT: u64 = 10 * 365 * 86_400;

impl Options {
    /// Reads what a seed said; only the demo scenarios have a past unless told.
    pub(super) fn read(scenario: &str, said: &Value) -> Result<Self, String> {
        if !said.is_object() {
            return Err("the options must be an object".to_owned());
        }
        let mut options: Self = serde_json::from_value(said.clone()).map_err(|error| error.to_string())?;
        if is_demo(scenario) && said.get("history_days").is_none() {
            options.history_days = 60;
        }
        if options.history_days > DAYS_LIMIT {
            return Err(format!("history_days must be at most {DAYS_LIMIT}"));
        }
        if options.bytes_per_second == 0 {
            return Err("bytes_per_second must be positive".to_owned());
        }
        if options.backup_bytes.is_some_and(|bytes| bytes > BYTES_LIMIT) {
            return Err(format!("backup_bytes must be at most {BYTES_LIMIT}"));
        }
        if options.deletion_seconds.max(options.lock_seconds) > SECONDS_LIMIT {
            return Err(format!("deletion_seconds and lock_seconds must be at most {SECONDS_LIMIT}"));
        }
        if !["owner", "admin", "member", "viewer"].contains(&options.role.as_str()) {
            return Err(format!("there is no role {:?}", options.role));
        }
        if options.account_id.as_deref().is_some_and(|id| !super::ident::is_uuid(id)) {
            return Err("account_id must be a UUID".to_owned());
        }
        Ok(options)
    }
}

fn is_demo(scenario: &str) -> bool {
    scenario == "demo" || scenario.starts_with("demo-")
}
