//! How a run comes to be: an order, and some seconds later a job.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::volume::Volume;
use super::{Fate, epoch};
use crate::cloudcasa::CloudCasa;
use crate::cloudcasa::agenda::Event;
use crate::cloudcasa::write::OWNER;
use crate::json::{set, text};

/// From a job's appearance to its work, in seconds.
const WAITING: f64 = 2.0;

/// What somebody or a schedule wants to run.
#[derive(Debug, Clone)]
pub(in crate::cloudcasa) struct Order {
    /// `kubebackups`, `kubeoffloads` or `kuberestores`.
    pub(in crate::cloudcasa) resource: &'static str,
    pub(in crate::cloudcasa) id: String,
    pub(in crate::cloudcasa) days: i64,
    pub(in crate::cloudcasa) always: i64,
    pub(in crate::cloudcasa) locked: bool,
    /// Id of the policy that ordered it, or empty.
    pub(in crate::cloudcasa) policy: String,
    /// Whether a copy takes a snapshot first.
    pub(in crate::cloudcasa) run_backup: bool,
}

impl Order {
    pub(in crate::cloudcasa) fn new(resource: &'static str, id: &str) -> Self {
        Self {
            resource,
            id: id.to_owned(),
            days: 7,
            always: 0,
            locked: false,
            policy: String::new(),
            run_backup: resource == "kubebackups",
        }
    }

    fn retention(&self) -> Value {
        json!({"retainDays": self.days, "numAlwaysRetain": self.always})
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cloudcasa) enum Stage {
    Pending,
    Running,
    Catalog,
    Cancelling,
}

/// What the agents and the server know about a job that hasn't ended.
#[derive(Debug, Clone)]
pub(in crate::cloudcasa) struct Run {
    pub(in crate::cloudcasa) order: Order,
    /// `K8S_SNAP`, `K8S_COPY`, `RESTORE`
    pub(in crate::cloudcasa) kind: &'static str,
    pub(in crate::cloudcasa) stage: Stage,
    /// When the work began.
    pub(super) since: Timestamp,
    /// How long the work takes, in modelled seconds.
    pub(super) span: f64,
    /// Bytes that a copy is believed to transfer, and that it does.
    pub(super) believed: i64,
    pub(super) bytes: i64,
    pub(super) fate: Fate,
    pub(super) cluster: String,
    /// The definition that it belongs to: a backup's or copy's kubebackup, a restore's own.
    pub(super) definition: String,
    pub(super) volumes: Vec<Volume>,
    pub(super) resources: i64,
    /// The recovery point that it makes, or restores.
    pub(super) point: String,
    /// The snapshot that a copy reads.
    pub(super) source: String,
    /// Word of a cancelled run's last state.
    pub(super) cancelled: String,
}

impl CloudCasa {
    /// Takes an order; its job appears after that many modelled seconds.
    pub(in crate::cloudcasa) fn order(&mut self, order: Order, delay: f64) {
        self.serial += 1;
        self.orders.insert(self.serial, order);
        let at = self.after(delay);
        self.agenda.at(at, Event::Begin(self.serial));
    }

    pub(super) fn begin(&mut self, number: u64) {
        let Some(order) = self.orders.remove(&number) else {
            return;
        };
        if self.store.get(order.resource, &order.id).is_none() {
            return;
        }
        match order.resource {
            "kubebackups" => self.begin_snapshot(order),
            "kuberestores" => self.begin_restore(order),
            _ if order.run_backup => self.begin_snapshot(order),
            _ => self.begin_copy(order, None),
        }
    }

    /// A snapshot, for itself or as the first half of a copy.
    fn begin_snapshot(&mut self, order: Order) {
        let definition = match order.resource {
            "kubeoffloads" => self.store.text("kubeoffloads", &order.id, "/backupdef").to_owned(),
            _ => order.id.clone(),
        };
        if let Some(doc) = self.store.get("kubebackups", &definition).cloned() {
            let cluster = text(&doc, "/cluster").to_owned();
            self.launch("K8S_SNAP", order, &doc, &cluster, String::new());
        }
    }

    /// A copy of that snapshot, or of the newest.
    pub(super) fn begin_copy(&mut self, order: Order, snapshot: Option<String>) {
        let Some(offload) = self.store.get("kubeoffloads", &order.id).cloned() else {
            return;
        };
        let definition = text(&offload, "/backupdef").to_owned();
        let given = text(&offload, "/backup_inst").to_owned();
        let newest = || {
            let fits = |doc: &&Value| {
                doc["backupdef"] == definition.as_str() && doc["type"] == "SNAPSHOT" && doc["state"] == "READY"
            };
            self.store.list("backupinstances").rfind(fits).map(|doc| text(doc, "/_id").to_owned())
        };
        let source = snapshot.or_else(|| (!given.is_empty()).then_some(given)).or_else(newest).unwrap_or_default();
        let owner = self.store.get("kubebackups", &definition).cloned().unwrap_or_else(|| offload.clone());
        let cluster = text(&offload, "/cluster").to_owned();
        self.launch("K8S_COPY", order, &owner, &cluster, source);
    }

    fn begin_restore(&mut self, order: Order) {
        let Some(doc) = self.store.get("kuberestores", &order.id).cloned() else {
            return;
        };
        let point = text(&doc, "/backup_inst");
        if self.store.text("backupinstances", point, "/state") != "READY" {
            self.note("kuberestores", &order.id, |doc| {
                doc["status"] = json!({"state": "FAILED", "message": "The recovery point does not exist any more."});
            });
            return;
        }
        let cluster = text(&doc, "/cluster").to_owned();
        self.launch("RESTORE", order, &doc, &cluster, point.to_owned());
    }

    /// Makes the job. `definition` is the kubebackup, or the restore.
    fn launch(&mut self, kind: &'static str, order: Order, definition: &Value, cluster: &str, source: String) {
        let id = text(definition, "/_id").to_owned();
        let restoring = kind == "RESTORE";
        let fated = match order.resource {
            "kubeoffloads" => self.store.get("kubeoffloads", &order.id).cloned(),
            _ => None,
        };
        // A copy's own tag counts before its definition's.
        let mut fate = fated.map_or(Fate::Good, |offload| self.fate(&offload, kind));
        if fate == Fate::Good {
            fate = self.fate(definition, kind);
        }
        let last = definition.pointer("/status/last_job_run_time").and_then(Value::as_i64).unwrap_or(0);
        let start = epoch(self.now).max(last.saturating_add(1));
        let mut job = self.job_document(kind, &order, definition, start);
        if restoring {
            job["backup_inst"] = source.as_str().into();
        }
        let job = self.store.insert("jobs", job, self.now);
        let (volumes, resources) = match kind {
            "K8S_SNAP" => self.contents(definition),
            "K8S_COPY" => self.contents_of_point(&source),
            _ => self.contents_of_restore(definition, &source),
        };
        let run = Run {
            order,
            kind,
            stage: Stage::Pending,
            since: self.now,
            span: 0.0,
            believed: 0,
            bytes: 0,
            fate,
            cluster: cluster.to_owned(),
            definition: id,
            volumes,
            resources,
            point: if restoring { source.clone() } else { String::new() },
            source,
            cancelled: String::new(),
        };
        self.announce_job(&run, &job);
        self.runs.insert(job.clone(), run);
        let at = self.after(WAITING);
        self.agenda.at(at, Event::Step(job));
    }

    fn job_document(&self, kind: &str, order: &Order, definition: &Value, start: i64) -> Value {
        let name = text(definition, "/name");
        let cluster = text(definition, "/cluster");
        let display = match kind {
            "K8S_SNAP" => "Snapshot",
            "K8S_COPY" => "Copy",
            _ => "Restore",
        };
        let mut job = json!({
            "name": name, "type": kind, "state": "PENDING", "phase": "OFFLOAD_RUNNING", "start_time": start,
            "cluster": cluster, "cluster_name": self.store.text("kubeclusters", cluster, "/name"),
            "retention": order.retention(), "jobrunner": "kubeagent", "activity": [format!("{}: job created", self.now)],
            "display_type": display, "display_name": name, "cc_user_email": OWNER, "record_offload_snapshot_job": false,
        });
        if kind == "RESTORE" {
            set(&mut job, "/restoredef", order.id.as_str());
            set(&mut job, "/restoredef_name", name);
            crate::json::unset(&mut job, "/retention");
            return job;
        }
        if !order.policy.is_empty() {
            job["policy_id"] = order.policy.as_str().into();
        }
        set(&mut job, "/backupdef", text(definition, "/_id"));
        set(&mut job, "/backupdef_name", name);
        if order.resource == "kubeoffloads" {
            set(&mut job, "/offloaddef", order.id.as_str());
            set(&mut job, "/offloaddef_name", self.store.text("kubeoffloads", &order.id, "/name"));
        }
        job
    }

    /// Says in the definitions that there is a job.
    fn announce_job(&mut self, run: &Run, job: &str) {
        let start = self.store.get("jobs", job).and_then(|doc| doc["start_time"].as_i64()).unwrap_or(0);
        if run.order.resource != "kubebackups" {
            self.note(run.order.resource, &run.order.id, |doc| {
                set(doc, "/status/state", "JOB_CREATED");
                set(doc, "/status/jobid", job);
                set(doc, "/status/last_job_run_time", start);
            });
        }
        if run.kind != "RESTORE" {
            self.note("kubebackups", &run.definition, |doc| set(doc, "/status/last_job_run_time", start));
            self.show_state(&run.definition, job, "PENDING", "");
        }
    }

    /// Keeps the definition's last three runs, the newest first.
    pub(super) fn show_state(&mut self, definition: &str, job: &str, state: &str, message: &str) {
        self.note("kubebackups", definition, |doc| {
            let mut jobs = doc["status"]["jobs"].as_array().cloned().unwrap_or_default();
            let entry = json!({"jobid": job, "state": state, "message": message});
            match jobs.iter_mut().find(|one| text(one, "/jobid") == job) {
                Some(known) => *known = entry,
                None => jobs.insert(0, entry),
            }
            jobs.truncate(3);
            set(doc, "/status/jobs", jobs);
            if !message.is_empty() {
                set(doc, "/status/message", message);
            }
        });
    }
}
