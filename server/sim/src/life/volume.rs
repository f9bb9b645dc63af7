//! Volume data on its way: PodVolumeBackups and DataUploads of a backup, PodVolumeRestores and DataDownloads of
//! a restore, with byte progress.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::validation::valid_name;
use crate::json::{annotation, label, set, stamp, text, time, truth};
use crate::kube::kind::{self, Kind};
use crate::kube::store::Key;
use crate::scenario::{Scenario, later};

/// Bytes a second of one transfer.
const RATE: f64 = 200.0 * 1024.0 * 1024.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Completed,
    Canceled,
    Failed,
}

/// One volume's transfer as planned.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    pub(crate) key: Key,
    pub(crate) namespace: String,
    pub(crate) claim: String,
    pub(crate) bytes: u64,
    pub(crate) incremental: u64,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) fate: Fate,
    /// Time of one preparation step.
    step: Duration,
}

impl Volume {
    pub(crate) fn settled(&self, now: Timestamp) -> bool {
        now >= self.ends
    }

    /// Data movers run beside the backup; file-system backups hold it up.
    pub(crate) fn in_background(&self) -> bool {
        self.key.kind == &kind::DATA_UPLOAD || self.key.kind == &kind::DATA_DOWNLOAD
    }

    /// Phase and bytes at a time.
    fn state(&self, now: Timestamp) -> (&'static str, u64) {
        let begun = later(self.starts, self.step * 3);
        let whole = self.ends.duration_since(begun).as_secs_f64().max(0.001);
        let share = (now.duration_since(begun).as_secs_f64() / whole).clamp(0.0, 1.0);
        let goal = if self.fate == Fate::Completed { 1.0 } else { 0.6 };
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a byte count"
        )]
        let bytes = (self.bytes as f64 * share * goal) as u64;
        let canceling = self.fate == Fate::Canceled && later(now, self.step * 2) >= self.ends;
        let phase = if now < later(self.starts, self.step) {
            "New"
        } else if now < later(self.starts, self.step * 2) {
            "Accepted"
        } else if now < begun {
            "Prepared"
        } else if self.settled(now) {
            match self.fate {
                Fate::Completed => "Completed",
                Fate::Canceled => "Canceled",
                Fate::Failed => "Failed",
            }
        } else if canceling {
            "Canceling"
        } else {
            "InProgress"
        };
        (phase, if phase == "Completed" { self.bytes } else { bytes })
    }

    fn message(&self) -> String {
        match self.fate {
            Fate::Completed => String::new(),
            Fate::Canceled => format!(
                "found a {} with status \"InProgress\" during the node-agent starting, mark it as cancel",
                self.key.kind.kind.to_lowercase()
            ),
            Fate::Failed => "data path backup failed: unable to write content chunk 17 of FILE:000041: error writing pack file: connection reset by peer".to_owned(),
        }
    }

    /// The line that a failed transfer adds to the results.
    pub(crate) fn complaint(&self) -> String {
        format!(
            "{} {} for volume {} ended {}: {}",
            self.key.kind.kind,
            self.key.name,
            self.claim,
            if self.fate == Fate::Canceled { "Canceled" } else { "Failed" },
            self.message()
        )
    }

    /// Brings the object up to the state at the scenario's time.
    pub(crate) fn sync(&self, s: &mut Scenario) {
        let Some(object) = s.store.get(&self.key) else {
            return;
        };
        let mut object = (**object).clone();
        let (phase, bytes) = self.state(s.now);
        set(&mut object, "/status/phase", phase);
        if matches!(phase, "Prepared" | "InProgress" | "Canceling" | "Completed" | "Canceled" | "Failed")
            && self.key.kind != &kind::POD_VOLUME_BACKUP
        {
            set(&mut object, "/status/node", "worker-2");
        }
        if matches!(phase, "InProgress" | "Canceling" | "Completed" | "Canceled" | "Failed") {
            if time(&object, "/status/startTimestamp").is_none() {
                set(&mut object, "/status/startTimestamp", stamp(s.now));
            }
            set(&mut object, "/status/progress", json!({"totalBytes": self.bytes, "bytesDone": bytes}));
        }
        if self.settled(s.now) {
            if time(&object, "/status/completionTimestamp").is_none() {
                set(&mut object, "/status/completionTimestamp", stamp(s.now));
            }
            if self.fate == Fate::Completed {
                if self.incremental > 0 && !self.is_restore() {
                    set(&mut object, "/status/incrementalBytes", self.incremental);
                }
                let snapshot = text(&object, "/metadata/uid").replace('-', "");
                if !self.is_restore() {
                    set(&mut object, "/status/snapshotID", snapshot);
                }
            } else {
                set(&mut object, "/status/message", self.message());
            }
        }
        let key = self.key.clone();
        s.write(&key, object);
    }

    fn is_restore(&self) -> bool {
        self.key.kind == &kind::POD_VOLUME_RESTORE || self.key.kind == &kind::DATA_DOWNLOAD
    }

    /// Ends the transfer early.
    fn cancel(&mut self, now: Timestamp) {
        if !self.settled(now) {
            self.fate = Fate::Canceled;
            self.ends = later(now, self.step * 2).min(self.ends);
        }
    }

    /// How it went, for `volumeinfo`.
    pub(crate) fn result(&self) -> &'static str {
        if self.fate == Fate::Completed { "succeeded" } else { "failed" }
    }
}

/// Bytes of a claim, as `20Gi` says, and how much of them is used: steady, from its name.
pub(crate) fn used_bytes(claim: &Value) -> u64 {
    let size = text(claim, "/spec/resources/requests/storage");
    let digits: String = size.chars().take_while(char::is_ascii_digit).collect();
    let unit: u64 = match &size[digits.len()..] {
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Ti" => 1 << 40,
        _ => 1 << 30,
    };
    let name = text(claim, "/metadata/name");
    let spread: u64 = name.bytes().map(u64::from).sum::<u64>() % 40;
    digits.parse::<u64>().unwrap_or(1) * unit / 100 * (20 + spread)
}

/// How a backup treats one claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Files,
    Moved,
    Snapshot,
    Skipped,
}

/// Chooses as Velero does: pod annotations and `defaultVolumesToFsBackup` first, then snapshots.
pub(crate) fn method(spec: &Value, claim: &Value, pod: Option<&Value>) -> Method {
    let volume = text(claim, "/metadata/name");
    let listed = |pod: &Value, key: &str| {
        annotation(pod, key).split(',').any(|item| item.trim() == "data" || item.trim() == volume)
    };
    let wanted = truth(spec, "/defaultVolumesToFsBackup")
        && !pod.is_some_and(|pod| listed(pod, "backup.velero.io/backup-volumes-excludes"));
    if pod.is_some_and(|pod| wanted || listed(pod, "backup.velero.io/backup-volumes")) {
        Method::Files
    } else if spec.get("snapshotVolumes") == Some(&Value::Bool(false)) {
        Method::Skipped
    } else if truth(spec, "/snapshotMoveData") {
        Method::Moved
    } else {
        Method::Snapshot
    }
}

/// The pod that mounts a claim.
pub(crate) fn pod_of<'a>(s: &'a Scenario, claim: &'a Value) -> Option<&'a Value> {
    let name = text(claim, "/metadata/name");
    s.store.list(&kind::POD, text(claim, "/metadata/namespace")).map(|(_, pod)| &**pod).find(|pod| {
        pod.pointer("/spec/volumes")
            .and_then(Value::as_array)
            .is_some_and(|volumes| volumes.iter().any(|v| text(v, "/persistentVolumeClaim/claimName") == name))
    })
}

/// Creates the object of one transfer and plans it. `owner` is the Backup or Restore.
pub(crate) fn begin(
    s: &mut Scenario,
    kind: &'static Kind,
    owner: &Value,
    claim: &Value,
    namespace: &str,
    incremental: bool,
) -> Volume {
    let owner_name = text(owner, "/metadata/name").to_owned();
    let owner_uid = text(owner, "/metadata/uid").to_owned();
    let prefix: String = owner_name.chars().take(240).collect();
    let suffix = s.store.suffix();
    let key = s.key(kind, &format!("{prefix}-{suffix}"));
    let claim_name = text(claim, "/metadata/name").to_owned();
    let location = text(owner, "/spec/storageLocation").to_owned();
    let spec = spec(s, kind, claim, namespace, &location);
    let restore = text(owner, "/kind") == "Restore";
    let word = if restore { "restore" } else { "backup" };
    let object = json!({
        "metadata": {
            "labels": {
                format!("velero.io/{word}-name"): valid_name(&owner_name),
                format!("velero.io/{word}-uid"): owner_uid,
                "velero.io/pvc-uid": text(claim, "/metadata/uid"),
            },
            "annotations": {"velero.io/pvc-name": claim_name},
            "ownerReferences": [{"apiVersion": "velero.io/v1", "kind": text(owner, "/kind"),
                "name": owner_name, "uid": owner_uid, "controller": true}],
        },
        "spec": spec, "status": {},
    });
    s.write(&key, object);
    let bytes = used_bytes(claim);
    let fate = fate(s, text(claim, "/metadata/namespace"), restore);
    #[expect(clippy::cast_precision_loss, reason = "a duration from a byte count")]
    let transfer = Duration::from_secs_f64((bytes as f64 / RATE).clamp(2.0, 60.0));
    let step = s.pace(Duration::from_millis(400));
    let starts = s.now;
    Volume {
        key,
        namespace: namespace.to_owned(),
        claim: claim_name,
        bytes,
        incremental: if incremental { bytes / 33 } else { bytes },
        starts,
        ends: later(starts, step * 3 + s.pace(transfer)),
        fate,
        step,
    }
}

fn fate(s: &Scenario, namespace: &str, restore: bool) -> Fate {
    if restore {
        return Fate::Completed;
    }
    let trouble = s
        .store
        .get(&Key::new(&kind::NAMESPACE, "", namespace))
        .map(|ns| annotation(ns, "sim/outcome").to_owned())
        .unwrap_or_default();
    match trouble.as_str() {
        "upload-canceled" => Fate::Canceled,
        "upload-failed" => Fate::Failed,
        _ => Fate::Completed,
    }
}

fn spec(s: &Scenario, kind: &Kind, claim: &Value, namespace: &str, location: &str) -> Value {
    let name = text(claim, "/metadata/name");
    let pod = pod_of(s, claim).map_or_else(
        || json!({}),
        |pod| json!({"kind": "Pod", "namespace": namespace, "name": text(pod, "/metadata/name"), "uid": text(pod, "/metadata/uid")}),
    );
    let repository = format!("s3:http://minio.objects:9000/{location}/kopia/{namespace}");
    let class = text(claim, "/spec/storageClassName");
    match kind.kind {
        "PodVolumeBackup" => {
            json!({"node": "worker-2", "pod": pod, "volume": "data", "backupStorageLocation": location,
            "repoIdentifier": repository, "uploaderType": "kopia",
            "tags": {"ns": namespace, "pvc-uid": text(claim, "/metadata/uid"), "volume": "data"}})
        }
        "PodVolumeRestore" => json!({"pod": pod, "volume": "data", "backupStorageLocation": location,
            "repoIdentifier": repository, "uploaderType": "kopia", "snapshotID": "", "sourceNamespace": text(claim, "/metadata/namespace")}),
        "DataUpload" => json!({"snapshotType": "CSI", "sourcePVC": name, "sourceNamespace": namespace,
            "backupStorageLocation": location, "operationTimeout": "10m0s",
            "csiSnapshot": {"volumeSnapshot": format!("velero-{name}-snap"), "storageClass": class,
                "snapshotClass": "csi-rbd-snap", "driver": "rbd.csi.ceph.com"}}),
        _ => json!({"targetVolume": {"pvc": name, "pv": "", "namespace": namespace}, "backupStorageLocation": location,
            "datamover": "velero", "snapshotID": "", "sourceNamespace": text(claim, "/metadata/namespace"), "operationTimeout": "10m0s"}),
    }
}

/// Somebody asked for an end with `spec.cancel`.
pub(crate) fn cancel(s: &mut Scenario, key: &Key) {
    let Some(object) = s.store.get(key).cloned() else {
        return;
    };
    if !truth(&object, "/spec/cancel") {
        return;
    }
    let now = s.now;
    let uid = label(&object, "velero.io/backup-uid");
    if let Some(run) = s.runs.get_mut(uid) {
        for volume in run.volumes.iter_mut().filter(|volume| volume.key == *key) {
            volume.cancel(now);
        }
    }
}
