//! What must be remembered to tell one thing from several objects: the volumes of each backup, the unfinished runs that they
//! belong to, and the newest deletion request of each backup. Finished runs are not kept.

use super::{
    feed::{Change, Kind},
    seen,
};
use crate::provider::{RunSeen, velero::wire};
use model::{Millis, run::VolumeRow};
use std::collections::{BTreeMap, HashMap, HashSet};
use wire::{BACKUP_NAME, BACKUP_UID};

/// A helper object of a backup, by its kind and name.
type Helper = (Kind, String);

#[derive(Default)]
pub struct Joins {
    /// Volumes by the key of their backup.
    volumes: HashMap<String, BTreeMap<Helper, VolumeRow>>,
    /// Unfinished runs by uid, without volumes.
    open: HashMap<String, RunSeen>,
    /// Newest deletion request by backup.
    deletions: HashMap<String, Deletion>,
    /// Helpers named since a list of their kind began.
    listed: HashMap<Kind, HashSet<String>>,
}

/// A deletion request; of two of one backup the one that was made later counts.
#[derive(Debug)]
struct Deletion {
    made: Option<Millis>,
    name: String,
    refusal: Option<String>,
}

/// What a volume's change means.
pub enum Joined {
    /// Tell this run anew.
    Run(Box<RunSeen>),
    /// Its run isn't kept: read the backup of this name.
    Missing(String),
    Nothing,
}

/// Backups are known by uid; a helper without that label falls back to the name, shortened as the label is.
fn key_of_helper(meta: &wire::Meta) -> Option<String> {
    meta.label(BACKUP_UID).map(str::to_owned).or_else(|| meta.label(BACKUP_NAME).map(|name| format!("name:{name}")))
}

impl Joins {
    fn volumes_of(&self, uid: &str, name: &str) -> Vec<VolumeRow> {
        let by_name = format!("name:{}", wire::label_value(name));
        [uid, by_name.as_str()]
            .into_iter()
            .filter_map(|key| self.volumes.get(key))
            .flat_map(|m| m.values().cloned())
            .collect()
    }

    /// The run of a backup with its volumes; kept while it is unfinished.
    pub fn run(&mut self, backup: &wire::Backup) -> Box<RunSeen> {
        let meta = &backup.metadata;
        let mut run = seen::run(backup, Vec::new());
        if run.phase.is_final() {
            self.open.remove(&meta.uid);
        } else {
            self.open.insert(meta.uid.clone(), run.clone());
        }
        let volumes = self.volumes_of(&meta.uid, &meta.name);
        seen::with_volumes(&mut run, volumes);
        Box::new(run)
    }

    /// A backup is gone.
    pub fn forget(&mut self, meta: &wire::Meta) {
        self.open.remove(&meta.uid);
        self.volumes.remove(&meta.uid);
        self.volumes.remove(&format!("name:{}", wire::label_value(&meta.name)));
        self.deletions.remove(&meta.name);
    }

    /// A volume's helper came, changed or went.
    pub fn volume(&mut self, kind: Kind, change: Change, meta: &wire::Meta, row: VolumeRow) -> Joined {
        let Some(key) = key_of_helper(meta) else { return Joined::Nothing };
        let helper = (kind, meta.name.clone());
        if change == Change::Deleted {
            // The helper of a finished volume is cleaned up after a while; what it said stays true.
            return Joined::Nothing;
        }
        if let Some(listed) = self.listed.get_mut(&kind) {
            listed.insert(meta.name.clone());
        }
        let before = self.volumes.entry(key.clone()).or_default().insert(helper, row.clone());
        if before.as_ref() == Some(&row) || change == Change::Listed {
            return Joined::Nothing;
        }
        if let Some(run) = self.open.get(&key).or_else(|| self.open_by_name(&key)) {
            return Joined::Run(self.told(run.clone()));
        }
        match meta.label(BACKUP_NAME) {
            // A name of full length may be a shortened one.
            Some(name) if name.len() < 63 => Joined::Missing(name.to_owned()),
            _ => Joined::Nothing,
        }
    }

    fn open_by_name(&self, key: &str) -> Option<&RunSeen> {
        let name = key.strip_prefix("name:")?;
        self.open.values().find(|run| wire::label_value(&run.name) == name)
    }

    fn told(&self, mut run: RunSeen) -> Box<RunSeen> {
        let uid = self.open.iter().find(|(_, r)| r.name == run.name).map(|(uid, _)| uid.clone()).unwrap_or_default();
        let volumes = self.volumes_of(&uid, &run.name);
        seen::with_volumes(&mut run, volumes);
        Box::new(run)
    }

    /// A list of a kind begins.
    pub fn list_begins(&mut self, kind: Kind) {
        match kind {
            Kind::PodVolumeBackups | Kind::DataUploads => {
                self.listed.insert(kind, HashSet::new());
            }
            Kind::Backups => self.open.clear(),
            Kind::DeleteRequests => self.deletions.clear(),
            _ => {}
        }
    }

    /// A list of a kind ended: unfinished runs whose volumes may have changed meanwhile.
    pub fn list_ends(&mut self, kind: Kind) -> Vec<RunSeen> {
        let Some(listed) = self.listed.remove(&kind) else { return Vec::new() };
        for rows in self.volumes.values_mut() {
            // Only volumes that were still under way: a finished one may have been cleaned up.
            rows.retain(|(k, name), row| *k != kind || listed.contains(name) || row.phase.is_final());
        }
        self.volumes.retain(|_, rows| !rows.is_empty());
        self.open.values().filter(|run| self.has_volumes(run)).cloned().map(|run| *self.told(run)).collect()
    }

    fn has_volumes(&self, run: &RunSeen) -> bool {
        let by_name = format!("name:{}", wire::label_value(&run.name));
        self.volumes.contains_key(&by_name)
            || self.open.iter().any(|(uid, r)| r.name == run.name && self.volumes.contains_key(uid))
    }

    /// A deletion request: the backup and the refusal, when it is the newest one and was refused.
    pub fn deletion(&mut self, request: &wire::DeleteRequest, gone: bool) -> Option<(String, String)> {
        let point = request.spec.backup_name.clone();
        let this = Deletion {
            made: request.metadata.created(),
            name: request.metadata.name.clone(),
            refusal: refusal(request),
        };
        let known = self.deletions.get(&point);
        if gone {
            if known.is_some_and(|known| known.name == this.name) {
                self.deletions.remove(&point);
            }
            return None;
        }
        if known.is_some_and(|known| (&known.made, &known.name) > (&this.made, &this.name)) {
            return None;
        }
        let told = this.refusal.clone().map(|reason| (point.clone(), reason));
        self.deletions.insert(point, this);
        told
    }

    /// After a list of the requests: backups whose newest one was refused.
    pub fn refused(&self) -> Vec<(String, String)> {
        self.deletions.iter().filter_map(|(point, newest)| Some((point.clone(), newest.refusal.clone()?))).collect()
    }
}

fn refusal(request: &wire::DeleteRequest) -> Option<String> {
    let errors = &request.status.errors;
    // "backup not found" is what was wanted.
    let refused = request.status.phase == "Processed" && errors.iter().any(|e| !e.contains("backup not found"));
    refused.then(|| errors.join("; "))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    fn backup(name: &str, uid: &str, phase: &str) -> wire::Backup {
        serde_json::from_value(json!({"metadata": {"name": name, "uid": uid}, "status": {"phase": phase}})).unwrap()
    }

    fn upload(name: &str, labels: serde_json::Value, done: u64) -> wire::DataUpload {
        serde_json::from_value(json!({
            "metadata": {"name": name, "labels": labels},
            "spec": {"sourceNamespace": "shop", "sourcePVC": "db"},
            "status": {"phase": "InProgress", "progress": {"totalBytes": 10, "bytesDone": done}},
        }))
        .unwrap()
    }

    fn change(joins: &mut Joins, upload: &wire::DataUpload) -> Joined {
        joins.volume(Kind::DataUploads, Change::Changed, &upload.metadata, seen::data_upload(upload))
    }

    #[test]
    fn volumes_join_by_uid_and_by_shortened_name() {
        let long = "b".repeat(80);
        let mut joins = Joins::default();
        joins.run(&backup(&long, "u1", "InProgress"));
        joins.run(&backup("other", "u2", "InProgress"));
        let by_uid =
            upload("x", json!({"velero.io/backup-uid": "u1", "velero.io/backup-name": wire::label_value(&long)}), 3);
        let Joined::Run(run) = change(&mut joins, &by_uid) else { panic!("no run") };
        assert_eq!((run.name.as_str(), run.detail.bytes.unwrap().done), (long.as_str(), 3));
        assert!(matches!(change(&mut joins, &by_uid), Joined::Nothing), "nothing new");
        let by_name = upload("y", json!({"velero.io/backup-name": wire::label_value(&long)}), 4);
        let Joined::Run(run) = change(&mut joins, &by_name) else { panic!("no run") };
        assert_eq!(run.detail.volumes.len(), 2);
        assert_eq!(run.detail.bytes.unwrap().done, 7);
    }

    #[test]
    fn finished_runs_are_not_kept_but_their_volumes_are() {
        let mut joins = Joins::default();
        joins.run(&backup("b", "u", "InProgress"));
        let labels = json!({"velero.io/backup-uid": "u", "velero.io/backup-name": "b"});
        change(&mut joins, &upload("x", labels.clone(), 3));
        let run = joins.run(&backup("b", "u", "Completed"));
        assert_eq!(run.detail.volumes.len(), 1);
        assert!(joins.open.is_empty());
        let Joined::Missing(name) = change(&mut joins, &upload("x", labels, 9)) else { panic!("kept") };
        assert_eq!(name, "b");
    }

    #[test]
    fn only_the_newest_refusal_counts() {
        let request = |name: &str, at: &str, phase: &str, errors: &[&str]| -> wire::DeleteRequest {
            serde_json::from_value(json!({
                "metadata": {"name": name, "creationTimestamp": at}, "spec": {"backupName": "b"},
                "status": {"phase": phase, "errors": errors},
            }))
            .unwrap()
        };
        let mut joins = Joins::default();
        let new = request("b-2", "2026-10-03T02:00:00Z", "InProgress", &[]);
        assert_eq!(joins.deletion(&new, false), None);
        let old = request("b-1", "2026-10-03T01:00:00Z", "Processed", &["locked"]);
        assert_eq!(joins.deletion(&old, false), None);
        let refused = request("b-2", "2026-10-03T02:00:00Z", "Processed", &["locked"]);
        assert_eq!(joins.deletion(&refused, false), Some(("b".into(), "locked".into())));
        assert_eq!(joins.refused(), [("b".to_owned(), "locked".to_owned())]);
        // A list that names the old refusal before the new attempt.
        joins.list_begins(Kind::DeleteRequests);
        assert_eq!(joins.refused(), []);
        joins.deletion(&old, false);
        joins.deletion(&new, false);
        assert_eq!(joins.refused(), [], "the newer one is on its way");
        let gone = request("c-1", "2026-10-03T02:00:00Z", "Processed", &["backup not found"]);
        assert_eq!(joins.deletion(&gone, false), None);
    }
}
