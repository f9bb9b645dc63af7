//! What happens by itself: schedules fire, jobs run, recovery points expire, agents come and go.

mod cluster;
mod fate;
mod job;
mod point;
mod progress;
mod restore;
mod schedule;
mod start;
mod volume;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::CloudCasa;
use super::agenda::Event;
use crate::json::text;
use crate::scenario::later;

pub(super) use fate::{Fate, Plan};
pub(super) use start::{Order, Run, Stage};

/// From the order of a storage to the end of its first trial, in seconds.
const TRIAL: f64 = 5.0;

/// What a client saw as the time: epoch seconds.
pub(super) fn epoch(at: Timestamp) -> i64 {
    at.as_second()
}

impl CloudCasa {
    /// Lets everything happen that is due until `until`, each at its own time.
    pub(super) fn live(&mut self, until: Timestamp) {
        while let Some((at, event)) = self.agenda.due(until) {
            self.now = self.now.max(at);
            self.happen(event);
        }
        self.now = self.now.max(until);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Fire(resource, id, index) => self.fire(resource, &id, index),
            Event::Begin(number) => self.begin(number),
            Event::Step(job) => self.step(&job),
            Event::Registered(cluster) => self.registered(&cluster),
            Event::Manifest(cluster) => self.offer_manifest(&cluster),
            Event::Agent(cluster) => self.agent_step(&cluster),
            Event::Tried(store) => self.tried(&store),
            Event::Expire(point) => self.expire(&point),
            Event::Gone(point, job) => self.gone(&point, &job),
        }
    }

    /// The time after so many seconds of modelled work.
    pub(super) fn after(&self, seconds: f64) -> Timestamp {
        later(self.now, Duration::try_from_secs_f64(seconds / self.speed).unwrap_or_default())
    }

    /// Writes as the server does. Whether that is a new version of the document is an option.
    pub(super) fn note(&mut self, resource: &str, id: &str, change: impl FnOnce(&mut Value)) {
        let bump = self.options.status_bumps_etag && !self.quick;
        self.store.change(resource, id, self.now, bump, change);
    }

    /// What follows from a client's write.
    pub(super) fn after_write(&mut self, resource: &'static str, id: &str, new: bool) {
        match resource {
            "kubebackups" | "kubeoffloads" => self.plan(resource, id),
            "policies" => self.plan_users(id),
            "kubeclusters" if new => {
                let at = self.after(1.0);
                self.agenda.at(at, Event::Registered(id.to_owned()));
            }
            "objectstores" => {
                self.store.change(resource, id, self.now, false, |doc| doc["validate_state"] = "VALIDATING".into());
                let at = self.after(TRIAL);
                self.agenda.at(at, Event::Tried(id.to_owned()));
            }
            "kuberestores" if new => {
                self.order(Order::new("kuberestores", id), 2.0);
            }
            "backupinstances" => self.keep_otherwise(id),
            _ => {}
        }
    }

    /// What follows from a client's DELETE.
    pub(super) fn after_delete(&mut self, resource: &'static str, id: &str) {
        self.agenda.forget(|event| matches!(event, Event::Fire(_, definition, _) if definition == id));
        match resource {
            "kubeoffloads" => {
                let users: Vec<String> = self.ids("kubebackups", "/copydef", id);
                for user in users {
                    self.store.change("kubebackups", &user, self.now, true, |doc| {
                        for field in ["copydef", "copy_policy"] {
                            crate::json::unset(doc, &format!("/{field}"));
                        }
                    });
                }
            }
            "kubebackups" if !self.options.points_outlive => {
                for point in self.ids("backupinstances", "/backupdef", id) {
                    self.remove_point(&point);
                }
            }
            "kubeclusters" => {
                for resource in ["kubenamespaces", "kubepvclaims", "kubestorageclasses"] {
                    self.store.sweep(resource, |doc| text(doc, "/cluster_id") == id);
                }
            }
            _ => {}
        }
    }

    /// Ids of the documents that have that text at the pointer.
    pub(super) fn ids(&self, resource: &str, pointer: &str, wanted: &str) -> Vec<String> {
        let own = |doc: &&Value| text(doc, pointer) == wanted;
        self.store.list(resource).filter(own).map(|doc| text(doc, "/_id").to_owned()).collect()
    }

    /// A storage's trial ends. A private one is tried by the agent of its cluster, and for ever when there is none.
    fn tried(&mut self, id: &str) {
        let Some(doc) = self.store.get("objectstores", id) else {
            return;
        };
        let proxy = text(doc, "/proxy_cluster_list/0").to_owned();
        if crate::json::truth(doc, "/private") && !self.active(&proxy) {
            let at = self.after(60.0);
            self.agenda.at(at, Event::Tried(id.to_owned()));
            return;
        }
        let finding = self.unreachable(doc);
        self.note("objectstores", id, |doc| match finding {
            None => {
                doc["validate_state"] = "READY".into();
                crate::json::unset(doc, "/validate_message");
            }
            Some((_, sentence)) => {
                doc["validate_state"] = "FAILED".into();
                doc["validate_message"] = sentence.into();
            }
        });
    }

    /// Tells the people of the organisation.
    pub(super) fn alert(&mut self, kind: &str, description: &str, job: Option<&str>) {
        let mut alert =
            json!({"name": kind, "type": kind, "description": description, "cc_user_email": super::write::OWNER});
        if let Some(job) = job {
            alert["job"] = job.into();
        }
        self.store.insert("alerts", alert, self.now);
    }
}
