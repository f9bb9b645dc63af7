//! The ends of a backup's work, good and bad.

use serde_json::{Map, Value, json};

use super::described;
use crate::waldur::cloud::Cloud;
use crate::waldur::model::{Fate, Instance, State};

impl Cloud {
    pub(super) fn end_backup(&mut self, at: usize) {
        let backup = &self.backups[at];
        let (fate, schedule) = (backup.fate, backup.schedule.clone());
        let Some(source) = self.instance(&backup.instance).cloned() else {
            return self.turn(at, State::Erred, None);
        };
        if !self.generation().is_old() {
            if fate != Fate::Good {
                let sentence = format!("Instance {} cannot be snapshotted: volume is in state error.", source.name);
                self.fail(at, &sentence);
            } else {
                self.turn(at, State::Ok, None);
            }
            return;
        }
        match fate {
            Fate::Good | Fate::Stuck => {
                let metadata = snapshotted(self, &source);
                self.backups[at].metadata = metadata;
                self.backups[at].stored = source.size();
                self.turn(at, State::Ok, None);
            }
            // An exception of another kind leaves the task: nothing but the state tells.
            Fate::Erred => {
                self.turn(at, State::Erred, None);
                self.log("resource_backup_creation_failed", format!("Backup of {} has erred.", source.name));
            }
            // The task catches its own error and returns: its success callback follows.
            Fate::Refused | Fate::Quota => {
                self.turn(at, State::Ok, None);
                let why = match fate {
                    Fate::Quota => format!("No space for instance {} backup", source.uuid),
                    _ => "Failed to create snapshots: the volume is in state error".to_owned(),
                };
                self.log("resource_backup_creation_failed", format!("Backup of {} failed: {why}", source.name));
                if let Some(schedule) = schedule {
                    self.switch_off(&schedule, &why);
                }
            }
        }
    }

    /// A schedule whose backup failed is switched off; G2 logs it, the newer ones keep the sentence.
    pub(crate) fn switch_off(&mut self, schedule: &str, why: &str) {
        let Some(at) = self.schedule_at(schedule) else {
            return;
        };
        let (now, old) = (self.now, self.generation().is_old());
        let schedule = &mut self.schedules[at];
        schedule.active = false;
        schedule.modified = now;
        if !old {
            why.clone_into(&mut schedule.error);
        }
        let uuid = schedule.uuid.clone();
        self.log("resource_backup_schedule_deactivated", format!("Backup schedule {uuid} was switched off: {why}"));
    }

    /// The end of a restoration (G2) or of a pull.
    pub(super) fn end_update(&mut self, at: usize) {
        let old = self.generation().is_old();
        match self.backups[at].fate {
            Fate::Erred => self.turn(at, State::Erred, None),
            Fate::Refused | Fate::Quota if !old => self.fail(at, "The snapshot is not found in the backend."),
            // G2: a failed restoration returns to Ready too; the new instance is Erred.
            _ => self.turn(at, State::Ok, None),
        }
    }

    pub(super) fn end_deletion(&mut self, at: usize) {
        let backup = &self.backups[at];
        let (fate, stored) = (backup.fate, backup.stored);
        let project = self.instance(&backup.instance).map(|instance| instance.project.clone()).unwrap_or_default();
        let old = self.generation().is_old();
        // G2's task reads the identifiers of the snapshots first: without them it breaks.
        if old && (backup.metadata.get("system_snapshot_id").is_none() || fate == Fate::Erred) {
            return self.turn(at, State::Erred, None);
        }
        if fate != Fate::Good {
            if !old {
                return self.fail(at, "Unable to delete the snapshot: it has dependent volumes.");
            }
            if let Some(project) = self.projects.iter_mut().find(|other| other.uuid == project) {
                project.leaked += stored;
            }
            let uuid = self.backups[at].uuid.clone();
            self.log("resource_backup_deletion_failed", format!("Snapshots of backup {uuid} could not be deleted."));
        }
        self.backups.remove(at);
    }

    fn fail(&mut self, at: usize, sentence: &str) {
        sentence.clone_into(&mut self.backups[at].error);
        self.turn(at, State::Erred, None);
    }
}

/// G2: the description and the snapshots with their sizes, the only sizes that there are.
fn snapshotted(cloud: &mut Cloud, instance: &Instance) -> Map<String, Value> {
    let mut metadata = described(cloud, instance);
    metadata.remove("size");
    metadata.insert("tags".to_owned(), json!([]));
    let volumes = [("system", instance.system_volume()), ("data", instance.data_volume())];
    for (word, volume) in volumes {
        let (id, size) = volume.map_or((String::new(), 0), |volume| (volume.uuid.clone(), volume.size));
        metadata.insert(format!("{word}_volume_id"), json!(id));
        metadata.insert(format!("{word}_volume_size"), json!(size));
        metadata.insert(format!("{word}_snapshot_id"), json!(cloud.draw()));
        metadata.insert(format!("{word}_snapshot_size"), json!(size));
    }
    metadata
}
