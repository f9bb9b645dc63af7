//! What a CloudCasa organisation is made of: the body of `seed`.

use serde::Deserialize;
use serde_json::Value;

/// Every field has a default; `{}` is an organisation with five clusters and no backups yet.
///
/// Many answers of the real service are not known from public sources. Where a default had to be chosen, it is the one
/// that is harder for a client, and the option turns it.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    /// An organisation with nothing in it at all.
    pub(super) bare: bool,
    /// Days of past that the definitions of the estate have run for; 0 makes no definitions.
    pub(super) history_days: u32,
    /// So many finished snapshot jobs more, an hour apart, for measuring lists.
    pub(super) extra_jobs: u32,
    /// `max_results` above it is silently cut (Eve's `PAGINATION_LIMIT`).
    pub(super) page_limit: usize,
    /// On the free plan: no schedule more often than daily, at most 30 days, no SafeLock.
    pub(super) free_plan: bool,
    /// `false`: the plan has no API keys, so every call is 403.
    pub(super) api_keys: bool,
    /// What the key's role may not do, as `METHOD resource`; either word may be `*`.
    pub(super) forbidden: Vec<String>,
    /// What the server writes into a document (a status) is a change to its `_etag` and `_updated`.
    pub(super) status_bumps_etag: bool,
    /// DELETE without If-Match is 428, as the vendor's own tests say; the published provider deletes without.
    pub(super) delete_needs_etag: bool,
    /// PUT to an id that nobody has makes the document, as Eve does.
    pub(super) put_upserts: bool,
    /// A document that others refer to can't be deleted (409).
    pub(super) guards_references: bool,
    /// A scheduled definition must have a policy of its own or through its copy.
    pub(super) needs_policy: bool,
    /// Pausing a kubebackup holds its copy's schedule too.
    pub(super) pause_covers_copy: bool,
    /// Deleting a kubebackup leaves its recovery points alone.
    pub(super) points_outlive: bool,
    /// The answer to a new copy definition says `run_backup: false` whatever was sent, as in an example of the guide.
    pub(super) denies_run_backup: bool,
    /// Status of `action/run`.
    pub(super) run_code: u16,
    /// From `action/run` to the job's appearance.
    pub(super) job_delay_ms: u64,
    /// From a cluster's creation to its `status.agentURL`.
    pub(super) agent_url_delay_ms: u64,
    /// Somebody applies the agent's manifest as soon as it is offered.
    pub(super) agents_install: bool,
    /// `status.agentURL` spelt otherwise, such as `agentUrl`.
    pub(super) agent_url_field: String,
    /// Names of clusters whose agent is silent.
    pub(super) silent_clusters: Vec<String>,
    /// Hosts that object stores can't be reached at; `*.invalid` never can.
    pub(super) unreachable_hosts: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bare: false,
            history_days: 0,
            extra_jobs: 0,
            page_limit: 50,
            free_plan: false,
            api_keys: true,
            forbidden: Vec::new(),
            status_bumps_etag: true,
            delete_needs_etag: false,
            put_upserts: true,
            guards_references: true,
            needs_policy: false,
            pause_covers_copy: false,
            points_outlive: true,
            denies_run_backup: false,
            run_code: 200,
            job_delay_ms: 3_000,
            agent_url_delay_ms: 12_000,
            agents_install: false,
            agent_url_field: "agentURL".to_owned(),
            silent_clusters: Vec::new(),
            unreachable_hosts: Vec::new(),
        }
    }
}

/// What was given, and what a scenario's name adds: the demo has a past unless told otherwise.
pub(super) fn defaulted(scenario: &str, given: &Value) -> Value {
    let mut given = if given.is_null() { serde_json::json!({}) } else { given.clone() };
    let demo = scenario == "demo" || scenario.starts_with("demo-");
    if demo && let Some(map) = given.as_object_mut() {
        map.entry("history_days").or_insert_with(|| 60.into());
    }
    given
}

impl Options {
    /// The options of a scenario.
    pub(super) fn read(scenario: &str, given: &Value) -> Result<Self, String> {
        Self::checked(defaulted(scenario, given))
    }

    /// The options with some of them changed. What only counts at the beginning stays without effect.
    pub(super) fn changed(given: &Value, change: &Value) -> Result<Self, String> {
        let mut given = given.clone();
        crate::kube::patch::merge(&mut given, change);
        Self::checked(given)
    }

    fn checked(given: Value) -> Result<Self, String> {
        if !given.is_object() {
            return Err("options must be an object".to_owned());
        }
        let options: Self = serde_json::from_value(given).map_err(|error| error.to_string())?;
        if options.history_days > 400 || options.extra_jobs > 100_000 {
            return Err("history_days is at most 400 and extra_jobs at most 100000".to_owned());
        }
        if !(200..300).contains(&options.run_code) {
            return Err("run_code must be a success".to_owned());
        }
        Ok(options)
    }

    /// Whether the role allows that.
    pub(super) fn allows(&self, method: &str, resource: &str) -> bool {
        !self.forbidden.iter().any(|banned| {
            let (verb, name) = banned.split_once(' ').unwrap_or((banned, "*"));
            (verb == "*" || verb.eq_ignore_ascii_case(method)) && (name == "*" || name == resource)
        })
    }
}
