//! Schedules: when a definition's policy is due, and what stops it.

use serde_json::Value;

use super::Order;
use crate::cloudcasa::agenda::Event;
use crate::cloudcasa::{CloudCasa, timetable};
use crate::json::{text, truth};

impl CloudCasa {
    /// Plans a definition's schedules anew, from now on.
    pub(in crate::cloudcasa) fn plan(&mut self, resource: &'static str, id: &str) {
        self.agenda.forget(|event| matches!(event, Event::Fire(_, definition, _) if definition == id));
        let entries =
            self.policy_of(resource, id).and_then(|policy| policy["schedules"].as_array()).map_or(0, Vec::len);
        for index in 0..entries {
            self.plan_one(resource, id, index);
        }
    }

    /// Plans all definitions of a policy anew.
    pub(in crate::cloudcasa) fn plan_users(&mut self, policy: &str) {
        for resource in ["kubebackups", "kubeoffloads"] {
            for id in self.ids(resource, "/policy", policy) {
                self.plan(resource, &id);
            }
        }
    }

    fn plan_one(&mut self, resource: &'static str, id: &str, index: usize) {
        let next = self.policy_of(resource, id).and_then(|policy| {
            let cron = timetable::read(policy, policy["schedules"].get(index)?).ok()?;
            cron.next(self.now)
        });
        if let Some(at) = next {
            self.agenda.at(at, Event::Fire(resource, id.to_owned(), index));
        }
    }

    /// The policy that makes the definition run, if one does.
    fn policy_of(&self, resource: &str, id: &str) -> Option<&Value> {
        let doc = self.store.get(resource, id)?;
        let scheduled = text(doc, "/trigger_type") != "ADHOC";
        // A definition that Velero manages is run by Velero.
        let ours = doc.get("velero").is_none() && doc.get("migrationdef").is_none();
        (scheduled && ours).then(|| self.store.get("policies", text(doc, "/policy")))?
    }

    /// Whether a definition may not start by its schedule.
    fn held(&self, doc: &Value) -> bool {
        let partner = self.store.get("kubebackups", text(doc, "/backupdef"));
        truth(doc, "/pause") || (self.options.pause_covers_copy && partner.is_some_and(|doc| truth(doc, "/pause")))
    }

    pub(super) fn fire(&mut self, resource: &'static str, id: &str, index: usize) {
        self.plan_one(resource, id, index);
        let (Some(doc), Some(policy)) = (self.store.get(resource, id), self.policy_of(resource, id)) else {
            return;
        };
        if self.held(doc) || truth(policy, "/status/suspended") {
            return;
        }
        let entry = &policy["schedules"][index];
        let mut order = Order::new(resource, id);
        order.days = entry["retainDays"].as_i64().unwrap_or(7);
        order.always = entry["numAlwaysRetain"].as_i64().unwrap_or(0);
        order.locked = truth(entry, "/locked");
        order.policy = text(policy, "/_id").to_owned();
        order.run_backup = resource == "kubebackups" || truth(doc, "/run_backup");
        self.order(order, 1.0);
    }
}
