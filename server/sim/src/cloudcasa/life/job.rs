//! A job's way: PENDING, RUNNING, CATALOG, and one of its ends.

use std::time::Duration;

use serde_json::{Value, json};

use super::progress::estimate;
use super::{Fate, Run, Stage, epoch};
use crate::cloudcasa::CloudCasa;
use crate::cloudcasa::agenda::Event;
use crate::json::{set, text};
use crate::scenario::later;

/// Cataloguing, and giving up when told to, in seconds.
const CATALOGUING: f64 = 3.0;
/// Agents report that often, in seconds.
const REPORT: f64 = 5.0;

impl CloudCasa {
    pub(super) fn step(&mut self, job: &str) {
        let Some(run) = self.runs.get(job).cloned() else {
            return;
        };
        match run.stage {
            Stage::Pending => match self.obstacle(&run, job) {
                Some(why) => self.end(job, &run, "SKIPPED", &why),
                None => self.set_out(job, run),
            },
            Stage::Running => self.work(job, &run),
            Stage::Catalog => self.finish(job, &run),
            Stage::Cancelling => {
                let word = run.cancelled.clone();
                self.end(job, &run, &word, "The job was cancelled by the user.");
            }
        }
    }

    /// Why a run is skipped, if it is.
    fn obstacle(&self, run: &Run, job: &str) -> Option<String> {
        if run.fate == Fate::Skipped {
            return Some("Job skipped: the backup window is closed.".to_owned());
        }
        if !self.active(&run.cluster) {
            let name = self.store.text("kubeclusters", &run.cluster, "/name");
            return Some(format!("Cluster {name} is not reachable. Check that the CloudCasa agent is running."));
        }
        let busy = |(other, running): (&String, &Run)| {
            other != job
                && running.definition == run.definition
                && running.kind == run.kind
                && running.stage != Stage::Pending
        };
        if run.kind != "RESTORE" && self.runs.iter().any(busy) {
            return Some("Another job of this definition is still running.".to_owned());
        }
        None
    }

    /// PENDING to RUNNING.
    fn set_out(&mut self, job: &str, mut run: Run) {
        if run.kind == "K8S_COPY" && run.source.is_empty() {
            self.end(job, &run, "FAILED", "There is no snapshot to copy.");
            return;
        }
        run.stage = Stage::Running;
        run.since = self.now;
        (run.believed, run.bytes) = self.bytes(&run);
        run.span = estimate(&run);
        if run.kind != "RESTORE" {
            run.point = self.new_point(job, &run);
        }
        self.state(job, "RUNNING");
        if run.kind != "RESTORE" && !self.quick {
            self.show_state(&run.definition, job, "RUNNING", "");
        }
        if !self.quick {
            self.begin_progress(job, &run);
        }
        let next = self.next_look(&run);
        self.runs.insert(job.to_owned(), run);
        self.agenda.at(next, Event::Step(job.to_owned()));
    }

    /// When the agent reports again: often, but not hundreds of times in a long run.
    fn next_look(&self, run: &Run) -> jiff::Timestamp {
        if self.quick && run.fate != Fate::Stuck {
            let work = Duration::try_from_secs_f64(run.span / self.speed).unwrap_or_default();
            return later(run.since, work);
        }
        self.after(REPORT.max(run.span / 24.0).min(run.span.max(0.1)))
    }

    /// Share of the work that is done.
    pub(super) fn share(&self, run: &Run) -> f64 {
        let passed = self.now.duration_since(run.since).as_secs_f64() * self.speed;
        let share = if run.span > 0.0 { passed / run.span } else { 1.0 };
        // A stuck run stands still at its middle.
        if run.fate == Fate::Stuck { share.min(0.5) } else { share.min(1.0) }
    }

    fn work(&mut self, job: &str, run: &Run) {
        let share = self.share(run);
        if run.fate == Fate::Failed && share >= 0.35 {
            let message = failure(run.kind);
            self.report(job, run, share);
            self.end(job, run, "FAILED", message);
            return;
        }
        // Rounding of paced times must not cost a further look.
        if share < 0.999 {
            if !self.quick {
                self.report(job, run, share);
            }
            let at = self.next_look(run);
            self.agenda.at(at, Event::Step(job.to_owned()));
            return;
        }
        if self.quick {
            self.finish(job, run);
            return;
        }
        self.report(job, run, 1.0);
        self.state(job, "CATALOG");
        if let Some(run) = self.runs.get_mut(job) {
            run.stage = Stage::Catalog;
        }
        let at = self.after(CATALOGUING);
        self.agenda.at(at, Event::Step(job.to_owned()));
    }

    fn finish(&mut self, job: &str, run: &Run) {
        if self.quick {
            self.report(job, run, 1.0);
        }
        match &run.fate {
            Fate::Partial => self.end(job, run, "PARTIAL", partial(run.kind)),
            Fate::Word(word) => self.end(job, run, word, ""),
            _ => self.end(job, run, "COMPLETED", ""),
        }
    }

    /// Writes the state of a job that goes on.
    pub(super) fn state(&mut self, job: &str, state: &str) {
        let line = format!("{}: {state}", self.now);
        if self.quick {
            return;
        }
        self.store.change("jobs", job, self.now, true, |doc| {
            doc["state"] = state.into();
            if let Some(list) = doc["activity"].as_array_mut() {
                list.push(line.into());
            }
        });
    }

    /// Ends a job in any state.
    fn end(&mut self, job: &str, run: &Run, state: &str, message: &str) {
        self.runs.remove(job);
        let good = matches!(state, "COMPLETED" | "PARTIAL");
        let now = self.now;
        let end = epoch(now).max(self.store.get("jobs", job).and_then(|doc| doc["start_time"].as_i64()).unwrap_or(0));
        self.store.change("jobs", job, now, true, |doc| {
            doc["state"] = state.into();
            doc["end_time"] = end.into();
            if !message.is_empty() {
                doc["message"] = message.into();
            }
            if run.kind == "K8S_COPY" && good {
                doc["phase"] = if state == "PARTIAL" { "OFFLOAD_PARTIAL" } else { "OFFLOAD_COMPLETED" }.into();
            }
            let errors = match state {
                "PARTIAL" => 2,
                "FAILED" => 1,
                _ => 0,
            };
            if matches!(state, "COMPLETED" | "PARTIAL" | "FAILED") {
                set(doc, "/num_errors", errors);
                set(doc, "/num_warnings", i64::from(state == "PARTIAL"));
            }
            if let Some(list) = doc["activity"].as_array_mut() {
                list.push(Value::String(format!("{now}: {state} {message}").trim_end().to_owned()));
            }
        });
        self.end_progress(job, state);
        if run.kind == "RESTORE" {
            if good {
                self.settle_restore(run);
            }
            let message = message.to_owned();
            self.note("kuberestores", &run.order.id, |doc| set(doc, "/status/message", message));
        } else {
            self.show_state(&run.definition, job, state, message);
            if good { self.ready_point(job, run, state) } else { self.drop_point(&run.point) }
        }
        self.tell(run, state, job, message);
        if good && run.kind == "K8S_SNAP" && run.order.resource == "kubeoffloads" {
            self.begin_copy(run.order.clone(), Some(run.point.clone()));
        }
    }

    fn tell(&mut self, run: &Run, state: &str, job: &str, message: &str) {
        let word = match state {
            "FAILED" | "SKIPPED" | "PARTIAL" => state,
            _ => return,
        };
        let area = if run.kind == "RESTORE" { "RESTORE" } else { "BACKUP" };
        let name = self.store.text("jobs", job, "/name");
        let description = format!("{name}: {message}");
        self.alert(&format!("{area}_{word}"), &description, Some(job));
    }

    /// Somebody presses cancel in the vendor's own pages; `word` is how the end will be spelt.
    pub(in crate::cloudcasa) fn cancel(&mut self, job: &str, word: &str) -> Result<Value, String> {
        let run = self.runs.get_mut(job).ok_or_else(|| format!("no job {job} is running"))?;
        run.stage = Stage::Cancelling;
        word.clone_into(&mut run.cancelled);
        self.state(job, "CANCELLING");
        let at = self.after(CATALOGUING);
        self.agenda.at(at, Event::Step(job.to_owned()));
        Ok(json!({"job": job, "state": text(self.store.get("jobs", job).unwrap_or(&Value::Null), "/state")}))
    }
}

fn failure(kind: &str) -> &'static str {
    match kind {
        "K8S_SNAP" => {
            "Failed to take snapshot: VolumeSnapshot web/data-0 not ready after 10m0s: rpc error: code = DeadlineExceeded"
        }
        "K8S_COPY" => "Failed to copy data: could not write to object store: PutObject: 503 Slow Down",
        _ => "Restore failed: admission webhook denied the request: namespace quota exceeded",
    }
}

fn partial(kind: &str) -> &'static str {
    match kind {
        "K8S_SNAP" => "1 of the volumes could not be snapshotted: CSI driver does not support snapshots",
        "K8S_COPY" => "1 of the volumes could not be copied: mover pod was evicted",
        _ => "2 resources could not be restored: they already exist and differ",
    }
}
