//! What the agents report while a job runs: counters in the job, and a row for each volume.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "modelled sizes and shares: far from any limit"
)]

use serde_json::{Value, json};

use super::fate::dice;
use super::{Fate, Run, epoch};
use crate::cloudcasa::CloudCasa;
use crate::json::{int, set, text};

/// Bytes a second that a mover moves.
const SPEED: f64 = 120e6;
/// Bytes in a file, for counting.
const FILE: i64 = 262_144;

/// How long the work takes, in seconds.
pub(super) fn estimate(run: &Run) -> f64 {
    let bytes = run.bytes as f64;
    match run.kind {
        "K8S_SNAP" => 8.0 + 4.0 * run.volumes.len() as f64 + run.resources as f64 / 40.0,
        "K8S_COPY" => (bytes / SPEED).clamp(30.0, 1_500.0),
        _ => (bytes / SPEED).clamp(20.0, 900.0),
    }
}

impl CloudCasa {
    /// What a copy is believed to transfer, and what it does: less after the first, and never quite as believed, so
    /// that the share can pass 100 %.
    pub(super) fn bytes(&self, run: &Run) -> (i64, i64) {
        let used: i64 = run.volumes.iter().map(|volume| volume.used).sum();
        let before = |doc: &Value| doc["backupdef"] == run.definition.as_str() && doc["type"] == "COPY";
        let first = run.kind != "K8S_COPY" || !self.store.list("backupinstances").rev().take(60).any(before);
        let believed = if first { used } else { used / 100 * 8 };
        let luck = 96 + dice(&format!("{}/{}", run.definition, run.since), 14) as i64;
        (believed, believed / 100 * luck)
    }

    pub(super) fn begin_progress(&mut self, job: &str, run: &Run) {
        let kind = if run.kind == "K8S_COPY" { "COPY" } else { "SNAP" };
        if run.kind == "RESTORE" {
            return;
        }
        for volume in &run.volumes {
            let row = json!({"name": volume.name, "namespace": volume.namespace, "job_id": job, "state": "PENDING",
                "op_type": kind});
            self.store.insert("kubepvcprogress", row, self.now);
        }
    }

    /// Writes what is done into the job, and into the rows of its volumes.
    pub(super) fn report(&mut self, job: &str, run: &Run, share: f64) {
        let total = run.volumes.len() as i64;
        let failed = i64::from(run.fate == Fate::Partial && share >= 1.0 && total > 0);
        let done = ((total as f64 * share) as i64 - failed).max(0);
        let active = if share >= 1.0 { 0 } else { (total - done).min(2) };
        let pvs = json!({"total_pvs": total, "completed_pvs": done, "active_pvs": active, "failed_pvs": failed,
            "pending_pvs": total - done - active - failed});
        let resources = run.resources;
        let written = (resources as f64 * share) as i64 - if failed > 0 { 2 } else { 0 };
        let (believed, bytes) = (run.believed, run.bytes);
        let kind = run.kind;
        self.store.change("jobs", job, self.now, !self.quick, |doc| match kind {
            "K8S_SNAP" => {
                set(doc, "/num_total_resources", resources);
                set(doc, "/num_backup_resources", written.max(0));
                set(doc, "/num_volume_snapshots_attempted", total);
                set(doc, "/num_volume_snapshots_completed", done);
                set(doc, "/num_total_snapshots", total);
                let mut pvs = pvs;
                pvs["skipped_pvs"] = 0.into();
                set(doc, "/kube_snapshot_progress", pvs);
            }
            "K8S_COPY" => {
                set(doc, "/num_snapshot_offload_attempted", total);
                set(doc, "/num_snapshot_offload_completed", done);
                let moved = (bytes as f64 * share) as i64;
                // The estimate is made while the first volume is read: until then it is zero.
                let known = if share < 0.12 { 0 } else { believed };
                let mut pvs = pvs;
                pvs["stats"] = stats(known, moved, moved.max(believed / 3 * 2));
                set(doc, "/kube_copy_progress", pvs);
            }
            _ => {
                set(doc, "/num_total_resources", resources);
                set(doc, "/num_restored_resources", written.max(0));
            }
        });
        self.report_volumes(job, run, share);
    }

    fn report_volumes(&mut self, job: &str, run: &Run, share: f64) {
        let rows = self.rows(job);
        let total = rows.len().max(1) as f64;
        let now = epoch(self.now);
        for (index, row) in rows.iter().enumerate() {
            let own = (share * total - index as f64).clamp(0.0, 1.0);
            let last = index + 1 == rows.len();
            let state = match own {
                0.0 => continue,
                1.0 if last && run.fate == Fate::Partial => "FAILED",
                1.0 => "COMPLETED",
                _ => "ACTIVE",
            };
            let part = |all: i64| (all as f64 / total) as i64;
            let copying = run.kind == "K8S_COPY";
            self.store.change("kubepvcprogress", row, self.now, true, |doc| {
                if int(doc, "/start_time") == 0 {
                    doc["start_time"] = now.into();
                }
                if own >= 1.0 && int(doc, "/end_time") == 0 {
                    doc["end_time"] = now.into();
                }
                doc["state"] = state.into();
                if copying {
                    let moved = (part(run.bytes) as f64 * own) as i64;
                    doc["stats"] = stats(part(run.believed), moved, moved);
                } else {
                    doc["snapshot_progress_percentage"] = ((own * 100.0) as i64).into();
                }
            });
        }
    }

    /// Ids of a job's rows, which are made after it.
    fn rows(&self, job: &str) -> Vec<String> {
        let own = |doc: &&Value| text(doc, "/job_id") == job;
        self.store.after("kubepvcprogress", job).filter(own).map(|doc| text(doc, "/_id").to_owned()).collect()
    }

    /// The rows of a job that has ended: what wasn't done won't be.
    pub(super) fn end_progress(&mut self, job: &str, state: &str) {
        for row in self.rows(job) {
            let left = matches!(self.store.text("kubepvcprogress", &row, "/state"), "PENDING" | "ACTIVE");
            if left {
                let word = if state == "FAILED" { "FAILED" } else { "SKIPPED" };
                self.store.change("kubepvcprogress", &row, self.now, true, |doc| doc["state"] = word.into());
            }
        }
    }
}

/// The counters of a mover, in bytes and files.
fn stats(estimated: i64, transferred: i64, read: i64) -> Value {
    json!({"estimated_size": estimated, "estimated_number_of_files": estimated / FILE, "io_size": read,
        "io_number_of_files": read / FILE, "transferred_size": transferred,
        "transferred_number_of_files": transferred / FILE})
}
