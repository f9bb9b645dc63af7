//! What lies in object storage: finished backups and restores with what their files are made from.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::filter;
use super::run::{Problems, Run};
use super::volume::{self, Method};
use crate::json::{int, text};
use crate::kube::kind;
use crate::scenario::Scenario;

/// One backup's or restore's files. The bytes are made when somebody downloads them.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// The object as it was uploaded, final status included.
    pub(crate) object: Arc<Value>,
    pub(crate) items: Vec<Arc<Value>>,
    pub(crate) problems: Problems,
    /// Rows of the volume information file.
    pub(crate) volumes: Vec<Value>,
}

/// As it lies there: written down, because there are many and hardly one of them is read.
#[derive(Debug)]
struct Shelved {
    /// Object, problems and rows, as JSON.
    written: Box<str>,
    items: Vec<Arc<Value>>,
    location: String,
    failed: bool,
    /// Namespaces and names of the claims that its rows are for.
    claims: Vec<(String, String)>,
}

impl Shelved {
    fn new(stored: Stored) -> Self {
        let Stored { object, items, problems, volumes } = stored;
        let claim = |row: &Value| (text(row, "/pvcNamespace").to_owned(), text(row, "/pvcName").to_owned());
        Self {
            location: text(&object, "/spec/storageLocation").to_owned(),
            failed: text(&object, "/status/phase") == "Failed",
            claims: volumes.iter().map(claim).collect(),
            written: json!([&*object, problems.as_json(), volumes]).to_string().into(),
            items,
        }
    }

    fn read(&self) -> Option<Stored> {
        let (object, problems, volumes) = serde_json::from_str(&self.written).ok()?;
        let problems = Problems::of_json(problems);
        Some(Stored { object: Arc::new(object), items: self.items.clone(), problems, volumes })
    }
}

/// By name: backups and restores live under different prefixes.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    backups: BTreeMap<String, Shelved>,
    restores: BTreeMap<String, Shelved>,
}

impl Bucket {
    pub(crate) fn keep(&mut self, stored: Stored) {
        let name = text(&stored.object, "/metadata/name").to_owned();
        if text(&stored.object, "/kind") == "Restore" {
            self.restores.insert(name, Shelved::new(stored));
        } else {
            self.backups.insert(name, Shelved::new(stored));
        }
    }

    pub(crate) fn backup(&self, name: &str) -> Option<Stored> {
        self.backups.get(name)?.read()
    }

    pub(crate) fn restore(&self, name: &str) -> Option<Stored> {
        self.restores.get(name)?.read()
    }

    /// The backups that the location has whole, by name.
    fn whole_in<'a>(&'a self, location: &'a str) -> impl Iterator<Item = &'a String> {
        let whole = move |shelved: &Shelved| shelved.location == location && !shelved.failed;
        self.backups.iter().filter(move |(_, shelved)| whole(shelved)).map(|(name, _)| name)
    }

    pub(crate) fn remove_backup(&mut self, name: &str) {
        self.backups.remove(name);
    }

    pub(crate) fn remove_restore(&mut self, name: &str) {
        self.restores.remove(name);
    }

    /// Whether the repository has seen that volume, so that the next transfer is incremental.
    pub(crate) fn has_volume(&self, namespace: &str, claim: &str) -> bool {
        let is = |(place, name): &(String, String)| place == namespace && name == claim;
        self.backups.values().any(|shelved| shelved.claims.iter().any(is))
    }
}

/// Puts a finished backup that came from outside into the bucket, with files that fit its status.
pub(crate) fn keep_foreign(s: &mut Scenario, backup: &Arc<Value>) {
    let items = filter::select(&backup["spec"], &s.store);
    let mut problems = Problems::default();
    for n in 0..int(backup, "/status/errors") {
        problems.error(super::run::Place::Velero, format!("error {} of a foreign backup", n + 1));
    }
    for n in 0..int(backup, "/status/warnings") {
        problems.warning(super::run::Place::Velero, format!("warning {} of a foreign backup", n + 1));
    }
    s.bucket.keep(Stored { object: backup.clone(), items, problems, volumes: Vec::new() });
}

/// The rows of `<backup>-volumeinfo.json`, one per claim.
pub(crate) fn volume_rows(s: &Scenario, backup: &Value, run: &Run) -> Vec<Value> {
    let spec = &backup["spec"];
    run.items
        .iter()
        .filter(|item| text(item, "/kind") == "PersistentVolumeClaim")
        .map(|claim| {
            let name = text(claim, "/metadata/name");
            let namespace = text(claim, "/metadata/namespace");
            let moved = run
                .volumes
                .iter()
                .find(|volume| volume.claim == name && volume.namespace == namespace);
            let mut row = json!({
                "pvcName": name, "pvcNamespace": namespace, "pvName": text(claim, "/spec/volumeName"),
                "snapshotDataMoved": false, "preserveLocalSnapshot": false, "skipped": false,
                "startTimestamp": text(backup, "/status/startTimestamp"),
                "completionTimestamp": text(backup, "/status/completionTimestamp"),
                "pvInfo": {"reclaimPolicy": "Delete", "labels": {}},
                "result": "succeeded",
            });
            let bytes = volume::used_bytes(claim);
            // A backup of the past has rows but no transfer objects any more.
            let (handle, size, incremental, result) = moved.map_or_else(
                || (format!("{name}-{}", &text(claim, "/metadata/uid")[..8]), bytes, bytes / 33, "succeeded"),
                |v| (v.key.name.clone(), v.bytes, v.incremental, v.result()),
            );
            match volume::method(spec, claim, volume::pod_of(s, claim)) {
                Method::Files => {
                    row["backupMethod"] = "PodVolumeBackup".into();
                    row["result"] = result.into();
                    row["pvbInfo"] = json!({"snapshotHandle": handle, "size": size, "incrementalSize": incremental,
                        "uploaderType": "kopia", "volumeName": "data", "podName": format!("{name}-0"), "podNamespace": namespace, "nodeName": "worker-2"});
                }
                Method::Moved => {
                    row["backupMethod"] = "CSISnapshot".into();
                    row["snapshotDataMoved"] = true.into();
                    row["result"] = result.into();
                    row["snapshotDataMovementInfo"] = json!({"dataMover": "velero", "uploaderType": "kopia", "operationID": handle,
                        "snapshotHandle": "", "retainedSnapshot": "", "size": size, "incrementalSize": incremental,
                        "phase": if result == "succeeded" { "Completed" } else { "Canceled" }});
                }
                Method::Snapshot => {
                    row["backupMethod"] = "CSISnapshot".into();
                    row["csiSnapshotInfo"] = json!({"snapshotHandle": format!("snap-{name}"), "size": bytes, "driver": "rbd.csi.ceph.com",
                        "vscName": format!("snapcontent-{name}"), "operationID": "", "readyToUse": true});
                }
                Method::Skipped => {
                    row["skipped"] = true.into();
                    row["skippedReason"] = "not satisfy the criteria for VolumePolicy or the legacy snapshot way".into();
                    crate::json::unset(&mut row, "/result");
                }
            }
            row
        })
        .collect()
}

/// Brings back the objects of backups that lie in a location but not in the cluster.
pub(crate) fn sync(s: &mut Scenario, location: &str) {
    let missing: Vec<Arc<Value>> = s
        .bucket
        .whole_in(location)
        .filter(|name| s.get(&kind::BACKUP, name).is_none())
        .filter_map(|name| Some(s.bucket.backup(name)?.object))
        .collect();
    for object in missing {
        let mut object = (*object).clone();
        for field in ["uid", "creationTimestamp", "resourceVersion", "generation", "ownerReferences"] {
            crate::json::unset(&mut object, &format!("/metadata/{field}"));
        }
        let key = s.key(&kind::BACKUP, text(&object, "/metadata/name"));
        s.write(&key, object);
        s.wake_soon(&key);
    }
}
