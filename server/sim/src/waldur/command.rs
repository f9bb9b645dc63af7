//! What a test does past the API: `POST /control/{S}/waldur/{verb}`.
//!
//! | verb | body |
//! |---|---|
//! | `outcome` | `{next, on, instance, times}`: how the next `backup`, `delete` or `restore` ends: `good`, `refused`, `quota`, `erred`, `stuck`; `times` 0 is for ever |
//! | `quota` | `{project, storage_gib}` |
//! | `put` | `{resource: backups, schedules or instances, uuid, state, created, kept_until, stored_gib, fields}`; without `uuid` a new backup of `instance` (and `schedule`). `fields` are written over what is shown |
//! | `remove` | `{resource, uuid}`: gone without a trace |
//! | `instance` | `{name, state, runtime, bootable}` |
//! | `schedule` | `{uuid, is_active, error_message, next_trigger_at}` |
//! | `token` | `{standing}`: `valid`, `expired`, `revoked`, `inactive` |
//! | `backend`, `scheduler` | `{running}`: OpenStack behind it, and its clockwork |
//! | `beat` | the scheduler looks now |

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::auth::Standing;
use super::cloud::Cloud;
use super::model::{Backup, Fate, GIB, Plan, State};
use super::show::Look;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quota {
    project: String,
    storage_gib: u64,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Held {
    Backups,
    Schedules,
    Instances,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Put {
    resource: Held,
    uuid: Option<String>,
    instance: Option<String>,
    schedule: Option<String>,
    state: Option<State>,
    created: Option<Timestamp>,
    kept_until: Option<Timestamp>,
    stored_gib: Option<u64>,
    #[serde(default)]
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Remove {
    resource: Held,
    uuid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Machine {
    name: String,
    state: Option<State>,
    runtime: Option<String>,
    bootable: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clockwork {
    uuid: String,
    is_active: Option<bool>,
    error_message: Option<String>,
    next_trigger_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    standing: Standing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Running {
    running: bool,
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, String> {
    if !body.is_object() {
        return Err("the body must be an object".to_owned());
    }
    serde_json::from_value(body.clone()).map_err(|error| error.to_string())
}

fn gone(what: &str, name: &str) -> String {
    format!("there is no {what} {name:?}")
}

impl Cloud {
    /// Does what a verb says.
    ///
    /// # Errors
    /// A sentence about the verb or its body.
    pub(crate) fn command(&mut self, verb: &str, body: &Value) -> Result<Value, String> {
        let done = json!({"ok": true});
        match verb {
            "outcome" => self.plans.push(read::<Plan>(body)?),
            "quota" => {
                let quota: Quota = read(body)?;
                let project = self.projects.iter_mut().find(|project| project.name == quota.project);
                project.ok_or_else(|| gone("project", &quota.project))?.storage_quota = quota.storage_gib * GIB;
            }
            "put" => return self.put(read(body)?),
            "remove" => self.forget(&read(body)?)?,
            "instance" => self.change_instance(read(body)?)?,
            "schedule" => self.change_schedule(read(body)?)?,
            "token" => self.access.standing = read::<Token>(body)?.standing,
            "backend" => self.backend_down = !read::<Running>(body)?.running,
            "scheduler" => self.run_scheduler(read::<Running>(body)?.running),
            "beat" => self.beat(),
            _ => return Err(format!("waldur knows no command {verb:?}")),
        }
        Ok(done)
    }

    fn put(&mut self, put: Put) -> Result<Value, String> {
        let uuid = match (put.resource, &put.uuid) {
            (_, Some(uuid)) => uuid.clone(),
            (Held::Backups, None) => self.new_backup(&put)?,
            _ => return Err("uuid is missing".to_owned()),
        };
        let missing = || gone("object", &uuid);
        match put.resource {
            Held::Backups => {
                let at = self.backup_at(&uuid).ok_or_else(missing)?;
                let backup = &mut self.backups[at];
                if let Some(state) = put.state {
                    backup.state = state;
                    backup.due = None;
                }
                backup.created = put.created.unwrap_or(backup.created);
                backup.kept_until = put.kept_until.or(backup.kept_until);
                backup.stored = put.stored_gib.map_or(backup.stored, |gib| gib * GIB);
                // Metadata is not only shown but read: a restore takes its sizes from there.
                if let Some(Value::Object(metadata)) = put.fields.get("metadata") {
                    backup.metadata = metadata.clone();
                }
                backup.extra.extend(put.fields);
                Ok(Look::new(self, "").backup(&self.backups[at]))
            }
            Held::Schedules => {
                let at = self.schedule_at(&uuid).ok_or_else(missing)?;
                self.schedules[at].extra.extend(put.fields);
                Ok(Look::new(self, "").schedule(&self.schedules[at]))
            }
            Held::Instances => {
                let at = self.instances.iter().position(|other| other.uuid == uuid).ok_or_else(missing)?;
                self.instances[at].extra.extend(put.fields);
                Ok(Look::new(self, "").instance(&self.instances[at]))
            }
        }
    }

    fn new_backup(&mut self, put: &Put) -> Result<String, String> {
        let name = put.instance.clone().ok_or("instance is missing")?;
        let found = self.instances.iter().find(|other| other.name == name || other.uuid == name);
        let instance = found.map(|instance| instance.uuid.clone()).ok_or_else(|| gone("instance", &name))?;
        let uuid = self.draw();
        self.backups.push(Backup {
            uuid: uuid.clone(),
            name: "put by a test".to_owned(),
            description: String::new(),
            instance,
            schedule: put.schedule.clone(),
            state: State::Ok,
            kept_until: None,
            metadata: Map::new(),
            stored: 0,
            error: String::new(),
            restorations: Vec::new(),
            created: self.now,
            modified: self.now,
            due: None,
            fate: Fate::Good,
            extra: Map::new(),
        });
        Ok(uuid)
    }

    fn forget(&mut self, what: &Remove) -> Result<(), String> {
        let (before, uuid) = (self.backups.len() + self.schedules.len() + self.instances.len(), &what.uuid);
        match what.resource {
            Held::Backups => self.backups.retain(|backup| backup.uuid != *uuid),
            Held::Schedules => self.schedules.retain(|schedule| schedule.uuid != *uuid),
            Held::Instances => {
                self.instances.retain(|instance| instance.uuid != *uuid);
                self.backups.retain(|backup| backup.instance != *uuid);
                self.schedules.retain(|schedule| schedule.instance != *uuid);
            }
        }
        let after = self.backups.len() + self.schedules.len() + self.instances.len();
        if after < before { Ok(()) } else { Err(gone("object", uuid)) }
    }

    fn change_instance(&mut self, change: Machine) -> Result<(), String> {
        let runtime = match change.runtime.as_deref() {
            None => None,
            Some("ACTIVE") => Some("ACTIVE"),
            Some("SHUTOFF") => Some("SHUTOFF"),
            Some(other) => return Err(format!("runtime {other:?} is neither ACTIVE nor SHUTOFF")),
        };
        let found = self.instances.iter_mut().find(|other| other.name == change.name || other.uuid == change.name);
        let instance = found.ok_or_else(|| gone("instance", &change.name))?;
        if let Some(state) = change.state {
            instance.state = state;
            instance.due = None;
        }
        instance.runtime = runtime.unwrap_or(instance.runtime);
        if let (Some(bootable), Some(volume)) = (change.bootable, instance.volumes.first_mut()) {
            volume.bootable = bootable;
        }
        Ok(())
    }

    fn change_schedule(&mut self, change: Clockwork) -> Result<(), String> {
        let at = self.schedule_at(&change.uuid).ok_or_else(|| gone("schedule", &change.uuid))?;
        let schedule = &mut self.schedules[at];
        schedule.active = change.is_active.unwrap_or(schedule.active);
        schedule.next_trigger = change.next_trigger_at.or(schedule.next_trigger);
        schedule.error = change.error_message.unwrap_or_else(|| std::mem::take(&mut schedule.error));
        Ok(())
    }
}
