//! Recovery points (`backupinstances`): made by jobs, kept by their retention, deleted by a job of their own.

use serde_json::{Value, json};

use super::{Run, epoch};
use crate::cloudcasa::CloudCasa;
use crate::cloudcasa::agenda::Event;
use crate::cloudcasa::write::OWNER;
use crate::json::{int, set, text, truth};

/// How long the data of a point takes to go, in seconds.
const DELETION: f64 = 20.0;
const DAY: i64 = 86_400;

/// Epoch seconds at which a point that ended then has been kept that many days.
fn expiry(end: i64, days: i64) -> i64 {
    end.saturating_add(days.saturating_mul(DAY))
}

impl CloudCasa {
    /// The point that a run is going to fill. Its `backup_location` holds a password, as the real ones do.
    pub(super) fn new_point(&mut self, job: &str, run: &Run) -> String {
        let copy = run.kind == "K8S_COPY";
        let definition = self.store.get("kubebackups", &run.definition).cloned().unwrap_or(Value::Null);
        let mut selection = definition["source"].clone();
        let source = self.store.get("backupinstances", &run.source).cloned().unwrap_or(Value::Null);
        if copy {
            selection = source["backup_selection"].clone();
        } else {
            set(&mut selection, "/namespaces", self.covered(&definition));
        }
        let name = text(&self.store.get("jobs", job).cloned().unwrap_or_default(), "/name").to_owned();
        let mut point = json!({
            "name": format!("{name}-{}", epoch(self.now)), "cc_user_email": OWNER, "state": "PENDING",
            "type": if copy { "COPY" } else { "SNAPSHOT" }, "source_type": "kubernetes",
            "start_time": epoch(self.now), "retention": {"retainDays": run.order.days, "numAlwaysRetain": run.order.always},
            "cluster": run.cluster, "cluster_name": self.store.text("kubeclusters", &run.cluster, "/name"),
            "backup_selection": selection, "backup_job_id": job, "backup_location": self.location(run),
            "pv_count": run.volumes.len(), "backup_storage_size": 0, "protected_storage_size": 0,
            "total_snapshot_data": 0, "total_copy_data": 0, "kubeagent_info": {"format_version": "1.1.0", "phase": "InProgress"},
            "status": {"backup_size_set": false, "s3_dir_deleted": false, "deleted": false, "locked": run.order.locked},
        });
        if !text(&definition, "/name").is_empty() {
            set(&mut point, "/backupdef", run.definition.as_str());
            set(&mut point, "/backupdef_name", text(&definition, "/name"));
        }
        if copy {
            set(&mut point, "/offload_def", run.order.id.as_str());
            set(&mut point, "/source_backupinst", run.source.as_str());
            set(&mut point, "/offload_snapshot_job_id", text(&source, "/backup_job_id"));
            let store = self.store.text("kubeoffloads", &run.order.id, "/offload_provider/user_objectstore");
            if !store.is_empty() {
                point["objectstore"] = store.into();
            }
        }
        self.store.insert("backupinstances", point, self.now)
    }

    fn location(&self, run: &Run) -> Value {
        let offload = self.store.get("kubeoffloads", &run.order.id);
        let store =
            offload.and_then(|doc| self.store.get("objectstores", text(doc, "/offload_provider/user_objectstore")));
        let mut location = match store.filter(|_| run.kind == "K8S_COPY") {
            Some(store) => json!({
                "backup_provider": text(store, "/provider_type"), "bucket_name": text(store, "/bucket_name"),
                "region": text(store, "/region"), "endpoint": text(store, "/s3provider/endpoint"), "prefix": text(store, "/prefix"),
            }),
            None => {
                json!({"backup_provider": "aws", "bucket_name": "cloudcasa-catalog", "region": "us-east-1", "prefix": "org-7f2c"})
            }
        };
        location["backup_repo_prefix"] = format!("repo/{}", run.cluster).into();
        location["repo_password"] = format!("repo-password-of-{}", run.cluster).into();
        location
    }

    /// A run was good enough: its point can be restored.
    pub(super) fn ready_point(&mut self, job: &str, run: &Run, state: &str) {
        let end = epoch(self.now);
        let used: i64 = run.volumes.iter().map(|volume| volume.used).sum();
        let failed = i64::from(state == "PARTIAL");
        let counts = self.store.get("jobs", job).cloned().unwrap_or_default();
        let (days, bytes, resources, volumes) = (run.order.days, run.bytes, run.resources, run.volumes.len());
        let copy = run.kind == "K8S_COPY";
        self.store.change("backupinstances", &run.point, self.now, true, |doc| {
            doc["state"] = "READY".into();
            doc["end_time"] = end.into();
            doc["expiry_timestamp"] = expiry(end, days).into();
            doc["protected_storage_size"] = used.into();
            doc["num_total_resources"] = resources.into();
            doc["num_backup_resources"] = (resources - 2 * failed).into();
            doc["num_volume_snapshots_attempted"] = volumes.into();
            doc["num_volume_snapshots_completed"] =
                i64::try_from(volumes).unwrap_or(0).saturating_sub(failed).max(0).into();
            doc["num_errors"] = int(&counts, "/num_errors").into();
            doc["num_warnings"] = int(&counts, "/num_warnings").into();
            set(doc, if copy { "/total_copy_data" } else { "/total_snapshot_data" }, if copy { bytes } else { used });
            set(doc, "/backup_storage_size", if copy { bytes } else { 0 });
            set(doc, "/kubeagent_info/phase", "Completed");
            set(doc, "/status/backup_size_set", true);
            if failed > 0 {
                set(doc, "/message", text(&counts, "/message"));
            }
        });
        self.store.change("jobs", job, self.now, !self.quick, |doc| {
            doc[if copy { "offload_backup_inst" } else { "backup_inst" }] = run.point.as_str().into();
            if copy {
                doc["backup_inst"] = run.source.as_str().into();
            }
        });
        // In the past of the estate only what is left at its end is worth its rows.
        if !self.quick {
            self.capture(&run.point);
        }
        self.plan_expiry(&run.point);
        self.expire_old(&run.point);
        self.count_points(&run.cluster);
        let keeps =
            copy && truth(self.store.get("kubeoffloads", &run.order.id).unwrap_or(&Value::Null), "/delete_snapshots");
        if keeps {
            self.remove_point(&run.source);
        }
    }

    /// The namespaces that are in a point stand beside the live ones, with `backupinst_id`.
    pub(in crate::cloudcasa) fn capture(&mut self, point: &str) {
        let Some(doc) = self.store.get("backupinstances", point) else {
            return;
        };
        let cluster = text(doc, "/cluster").to_owned();
        for name in crate::json::texts(doc, "/backup_selection/namespaces") {
            let row = json!({"name": name, "cluster_id": cluster, "backupinst_id": point});
            self.store.insert("kubenamespaces", row, self.now);
        }
    }

    pub(super) fn drop_point(&mut self, point: &str) {
        self.store.remove("backupinstances", point);
    }

    /// Somebody changed how long a point is kept.
    pub(super) fn keep_otherwise(&mut self, point: &str) {
        self.store.change("backupinstances", point, self.now, false, |doc| {
            if let (Some(end), Some(days)) = (doc["end_time"].as_i64(), doc["retention"]["retainDays"].as_i64()) {
                doc["expiry_timestamp"] = expiry(end, days).into();
            }
        });
        self.plan_expiry(point);
    }

    pub(super) fn plan_expiry(&mut self, point: &str) {
        let Some(doc) = self.store.get("backupinstances", point) else {
            return;
        };
        if let Ok(at) = jiff::Timestamp::from_second(int(doc, "/expiry_timestamp")) {
            self.agenda.at(at.max(self.now), Event::Expire(point.to_owned()));
        }
    }

    /// A point's time is over. It stays while it is one of the newest that are always kept.
    pub(super) fn expire(&mut self, point: &str) {
        let Some(doc) = self.store.get("backupinstances", point) else {
            return;
        };
        let over = text(doc, "/state") == "READY" && int(doc, "/expiry_timestamp") <= epoch(self.now);
        if over && self.newer(doc) >= int(doc, "/retention/numAlwaysRetain") {
            self.remove_point(point);
        }
    }

    /// How many ready points of the same kind and definition are newer.
    fn newer(&self, point: &Value) -> i64 {
        let newer = |doc: &&Value| {
            doc["backupdef"] == point["backupdef"]
                && doc["type"] == point["type"]
                && doc["state"] == "READY"
                && doc["start_time"].as_i64() > point["start_time"].as_i64()
        };
        i64::try_from(self.store.list("backupinstances").filter(newer).count()).unwrap_or(i64::MAX)
    }

    /// A new point may end the reason to keep an old one.
    fn expire_old(&mut self, point: &str) {
        let definition = self.store.text("backupinstances", point, "/backupdef").to_owned();
        let now = epoch(self.now);
        let over = |doc: &&Value| {
            doc["backupdef"] == definition.as_str()
                && doc["expiry_timestamp"].as_i64().is_some_and(|end| end <= now)
                && doc["state"] == "READY"
        };
        let old: Vec<String> =
            self.store.list("backupinstances").filter(over).map(|doc| text(doc, "/_id").to_owned()).collect();
        for point in old {
            self.expire(&point);
        }
    }

    /// READY to DELETING, with a job that does it.
    pub(in crate::cloudcasa) fn remove_point(&mut self, point: &str) {
        let Some(doc) = self.store.get("backupinstances", point).filter(|doc| text(doc, "/state") != "DELETING") else {
            return;
        };
        let name = text(doc, "/backupdef_name").to_owned();
        let job = json!({
            "name": if name.is_empty() { text(doc, "/name") } else { name.as_str() }, "type": "DELETE_BACKUP",
            "state": "RUNNING", "phase": "OFFLOAD_RUNNING", "start_time": epoch(self.now), "cluster": doc["cluster"],
            "cluster_name": doc["cluster_name"], "backup_inst": point, "jobrunner": "kubeagent", "activity": [],
            "display_type": "Delete backup", "cc_user_email": OWNER,
        });
        let mut job = job;
        for field in ["backupdef", "backupdef_name"] {
            if let Some(value) = doc.get(field) {
                job[field] = value.clone();
            }
        }
        self.store.change("backupinstances", point, self.now, true, |doc| doc["state"] = "DELETING".into());
        let job = self.store.insert("jobs", job, self.now);
        let at = self.after(DELETION);
        self.agenda.at(at, Event::Gone(point.to_owned(), job));
    }

    pub(super) fn gone(&mut self, point: &str, job: &str) {
        let end = epoch(self.now);
        self.store.change("jobs", job, self.now, true, |doc| {
            doc["state"] = "COMPLETED".into();
            doc["end_time"] = end.into();
        });
        let cluster = self.store.text("backupinstances", point, "/cluster").to_owned();
        self.store.remove("backupinstances", point);
        self.store.sweep("kubenamespaces", |doc| doc["backupinst_id"] == point);
        self.count_points(&cluster);
    }

    fn count_points(&mut self, cluster: &str) {
        if self.quick {
            return;
        }
        let own = |doc: &&Value| doc["cluster"] == cluster && doc["state"] == "READY";
        let count = self.store.list("backupinstances").filter(own).count();
        self.note("kubeclusters", cluster, |doc| set(doc, "/status/num_recovery_points", count));
    }
}
