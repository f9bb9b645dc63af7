//! Backups, restores and deletions as time passes. G2's tasks swallow their own failures: a refused backup ends Ready
//! without metadata and a failed deletion vanishes. The newer generations end in OK or Erred.

mod ending;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cloud::Cloud;
use super::model::{Backup, Fate, GIB, Instance, State, Task};

const SCHEDULING: Duration = Duration::from_secs(1);
const REFUSAL: Duration = Duration::from_secs(2);
const DELETION: Duration = Duration::from_secs(4);
const PULL: Duration = Duration::from_secs(2);

/// Who asks for a backup, and what for.
pub(crate) struct Wish {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) kept_until: Option<Timestamp>,
    pub(crate) schedule: Option<String>,
}

/// How long OpenStack takes to copy that many MiB.
fn copying(mib: u64) -> Duration {
    Duration::from_secs(6) + Duration::from_millis(mib * 200 / GIB)
}

impl Cloud {
    /// Makes a backup of an instance and puts its work on the agenda.
    ///
    /// # Errors
    /// The newer generations check the quota first: its sentence. G2 finds out later, in the background.
    pub(crate) fn start_backup(&mut self, instance: &str, wish: Wish) -> Result<usize, String> {
        let Some(source) = self.instance(instance).cloned() else {
            return Err("the instance is gone".to_owned());
        };
        let old = self.generation().is_old();
        let mut fate = self.fate(Task::Backup, instance);
        let over = self.over_quota(&source.project, source.size());
        if fate == Fate::Good && over.is_some() {
            fate = Fate::Quota;
        }
        if !old && fate == Fate::Quota {
            let sentence = over.unwrap_or_else(|| "storage quota limit: 0, requires 1".to_owned());
            return Err(format!("One or more quotas were exceeded: {sentence}"));
        }
        if !old && source.state == State::Erred && fate == Fate::Good {
            fate = Fate::Refused;
        }
        let scheduling = !old || self.options.ready_first;
        let state = match (old, scheduling) {
            (true, true) => State::Ok,
            (true, false) => State::Creating,
            _ => State::CreationScheduled,
        };
        let backup = Backup {
            uuid: self.draw(),
            name: wish.name,
            description: wish.description,
            instance: instance.to_owned(),
            schedule: wish.schedule,
            state,
            kept_until: wish.kept_until,
            metadata: if old { Map::new() } else { described(self, &source) },
            stored: if old { 0 } else { source.size() },
            error: String::new(),
            restorations: Vec::new(),
            created: self.now,
            modified: self.now,
            due: Some(self.after(SCHEDULING)),
            fate,
            extra: Map::new(),
        };
        self.backups.push(backup);
        let at = self.backups.len() - 1;
        if !scheduling {
            self.run_backup(at);
        }
        Ok(at)
    }

    /// The task is on: when it will end.
    fn run_backup(&mut self, at: usize) {
        let backup = &self.backups[at];
        let size = self.instance(&backup.instance).map_or(0, Instance::size);
        let due = match backup.fate {
            Fate::Good => Some(self.after(copying(size))),
            Fate::Stuck => None,
            Fate::Erred | Fate::Refused | Fate::Quota => Some(self.after(REFUSAL)),
        };
        self.turn(at, State::Creating, due);
    }

    /// Starts a deletion; the caller has looked at the state.
    pub(crate) fn start_deletion(&mut self, at: usize) {
        let backup = &self.backups[at];
        let forced = backup.state == State::Erred;
        let instance = backup.instance.clone();
        let fate = if forced { Fate::Good } else { self.fate(Task::Delete, &instance) };
        self.backups[at].fate = fate;
        if self.generation().is_old() {
            let due = (fate != Fate::Stuck).then(|| self.after(DELETION));
            self.turn(at, State::Deleting, due);
        } else {
            let due = self.after(SCHEDULING);
            self.turn(at, State::DeletionScheduled, Some(due));
        }
    }

    /// G2: the backup itself is Restoring while its new instance is made.
    pub(crate) fn start_restoring(&mut self, at: usize, fate: Fate, size: u64) {
        let due = (fate != Fate::Stuck).then(|| self.after(copying(size)));
        self.backups[at].fate = fate;
        self.turn(at, State::Updating, due);
    }

    /// Reads the state from OpenStack anew.
    pub(crate) fn start_pull(&mut self, at: usize) {
        let due = self.after(SCHEDULING);
        self.backups[at].fate = if self.backend_down { Fate::Refused } else { Fate::Good };
        self.turn(at, State::UpdateScheduled, Some(due));
    }

    /// The new instance of a restore begins.
    pub(crate) fn start_instance(&mut self, mut instance: Instance) {
        instance.due = Some(self.after(SCHEDULING));
        self.instances.push(instance);
    }

    pub(crate) fn turn(&mut self, at: usize, state: State, due: Option<Timestamp>) {
        let backup = &mut self.backups[at];
        backup.state = state;
        backup.due = due;
        backup.modified = self.now;
    }

    /// Makes the step of a backup that is due.
    pub(crate) fn step_backup(&mut self, at: usize) {
        let backup = &self.backups[at];
        let alive = |due| (backup.fate != Fate::Stuck).then_some(due);
        match backup.state {
            // G2 with `ready_first`: its task takes it up.
            State::Ok | State::CreationScheduled => self.run_backup(at),
            State::Creating => self.end_backup(at),
            State::UpdateScheduled => {
                let due = alive(self.after(PULL));
                self.turn(at, State::Updating, due);
            }
            State::Updating => self.end_update(at),
            State::DeletionScheduled => {
                let due = alive(self.after(DELETION));
                self.turn(at, State::Deleting, due);
            }
            State::Deleting => self.end_deletion(at),
            State::Erred => self.backups[at].due = None,
        }
    }

    /// Makes the step of an instance that is due.
    pub(crate) fn step_instance(&mut self, at: usize) {
        let working = self.after(copying(self.instances[at].size()));
        let now = self.now;
        let instance = &mut self.instances[at];
        instance.modified = now;
        instance.due = None;
        match (instance.state, instance.fate) {
            (State::CreationScheduled, fate) => {
                instance.state = State::Creating;
                instance.due = (fate != Fate::Stuck).then_some(working);
            }
            (State::Creating, Fate::Good) => {
                instance.state = State::Ok;
                instance.runtime = "ACTIVE";
            }
            (State::Creating, _) => {
                instance.state = State::Erred;
                instance.runtime = "";
                "Volume creation from snapshot failed: status is error".clone_into(&mut instance.error);
            }
            _ => {}
        }
    }
}

/// What a backup keeps of its instance; the newer generations know it from the start and keep no snapshot there.
fn described(cloud: &Cloud, instance: &Instance) -> Map<String, Value> {
    let flavor = cloud.flavor(&instance.flavor);
    let image = cloud.images.iter().find(|image| image.name == instance.image);
    let described = json!({
        "name": instance.name, "description": instance.description,
        "min_ram": image.map_or(0, |image| image.min_ram), "min_disk": image.map_or(0, |image| image.min_disk),
        "size": instance.size(), "key_name": "ops", "key_fingerprint": "5b:1f:0c:4e:9a:77:20:d3:8e:61:b4:0a:f2:3c:95:d8",
        "user_data": "", "flavor_name": flavor.map_or("", |flavor| flavor.name), "image_name": instance.image,
    });
    described.as_object().cloned().unwrap_or_default()
}
