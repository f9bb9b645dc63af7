//! What a test has ordered about work to come: how the next backups, snapshots or restores of an app end.

use serde::Deserialize;

/// One order; the oldest that fits is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// Identifier or name of the app; unset means any.
    #[serde(default)]
    pub(super) app: Option<String>,
    /// `backup`, `snapshot` or `restore`.
    #[serde(rename = "of", default = "backup")]
    pub(super) kind: String,
    /// The state that it ends in; `hook-failed` completes with a failed hook, `stuck` stays running, `pending`
    /// stays pending, and `refused` is a backup that the server can't begin (500, problem 94).
    pub(super) result: String,
    /// The reason shown with a failure.
    #[serde(default)]
    pub(super) detail: Option<String>,
    /// How often; unset means until the next seed.
    #[serde(default)]
    pub(super) times: Option<u32>,
}

fn backup() -> String {
    "backup".to_owned()
}

#[derive(Debug, Clone, Default)]
pub(super) struct Orders(Vec<Order>);

impl Orders {
    pub(super) fn give(&mut self, order: Order) -> Result<(), String> {
        if !["backup", "snapshot", "restore"].contains(&order.kind.as_str()) {
            return Err(format!("of must be backup, snapshot or restore, not {:?}", order.kind));
        }
        if order.result.is_empty() {
            return Err("result must be a word".to_owned());
        }
        self.0.push(order);
        Ok(())
    }

    /// The result and reason for a piece of work that begins, counting the order down.
    pub(super) fn take(&mut self, kind: &str, app_id: &str, app_name: &str) -> Option<(String, Option<String>)> {
        self.find(kind, app_id, app_name, false)
    }

    /// Whether a backup is not to begin, counting the order down.
    pub(super) fn refuses(&mut self, app_id: &str, app_name: &str) -> bool {
        self.find("backup", app_id, app_name, true).is_some()
    }

    fn find(&mut self, kind: &str, id: &str, name: &str, refusal: bool) -> Option<(String, Option<String>)> {
        let fits = |order: &&mut Order| {
            let app = order.app.as_deref().is_none_or(|app| app == id || app == name);
            order.kind == kind && app && order.times != Some(0) && (order.result == "refused") == refusal
        };
        let order = self.0.iter_mut().find(fits)?;
        if let Some(times) = &mut order.times {
            *times -= 1;
        }
        Some((order.result.clone(), order.detail.clone()))
    }
}
