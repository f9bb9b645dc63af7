//! Objects as each generation writes them.

mod estate;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cloud::Cloud;
use super::model::{Backup, Instance, Restoration, Schedule, State};
use super::options::{Emptiness, Generation};
use super::route::Resource;

/// The page that an answer is written for: `base` begins its links.
pub(crate) struct Look<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) base: String,
}

impl<'a> Look<'a> {
    /// `base` is the address that the caller used, below which `/api/` is.
    pub(crate) fn new(cloud: &'a Cloud, base: &str) -> Self {
        Self { cloud, base: rehost(base, cloud.options.url_host.as_deref()) }
    }

    pub(crate) fn generation(&self) -> Generation {
        self.cloud.generation()
    }

    pub(crate) fn id(&self, uuid: &str) -> String {
        match uuid.get(..8).filter(|_| self.cloud.options.dashed && uuid.len() == 32) {
            Some(head) => {
                format!("{head}-{}-{}-{}-{}", &uuid[8..12], &uuid[12..16], &uuid[16..20], &uuid[20..])
            }
            None => uuid.to_owned(),
        }
    }

    pub(crate) fn url(&self, resource: Resource, uuid: &str) -> String {
        self.url_of(&resource.word(self.generation()), uuid)
    }

    pub(crate) fn url_of(&self, word: &str, uuid: &str) -> String {
        format!("{}/api/{word}/{}/", self.base, self.id(uuid))
    }

    /// A time with the digits that the framework writes: G2's encoder cuts to milliseconds, none when there are none.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        let whole = at.strftime("%Y-%m-%dT%H:%M:%S");
        match at.subsec_microsecond() {
            0 => format!("{whole}Z"),
            micros if self.generation().is_old() => format!("{whole}.{:03}Z", micros / 1000),
            micros => format!("{whole}.{micros:06}Z"),
        }
    }

    pub(crate) fn state(&self, state: State) -> &'static str {
        state_word(state, self.generation())
    }

    pub(crate) fn backup(&self, backup: &Backup) -> Value {
        let instance = self.cloud.instance(&backup.instance);
        let schedule = backup.schedule.as_ref().filter(|uuid| self.cloud.schedule_at(uuid).is_some());
        let name = instance.map(|instance| instance.name.as_str());
        let url = self.url(Resource::Backups, &backup.uuid);
        let mut shown = if self.generation().is_old() {
            map(json!({
                "url": url, "uuid": self.id(&backup.uuid), "description": backup.description,
                "created_at": self.time(backup.created), "kept_until": backup.kept_until.map(|at| self.time(at)),
                "instance": self.url(Resource::Instances, &backup.instance), "instance_name": name,
                "state": self.state(backup.state),
                "backup_schedule": schedule.map(|uuid| self.url(Resource::Schedules, uuid)),
                "metadata": self.metadata(&backup.metadata),
            }))
        } else {
            let mut shown = self.common(&backup.uuid, &backup.name, &backup.description, instance, url);
            shown.extend(map(json!({
                "state": self.state(backup.state), "error_message": backup.error, "backend_id": "",
                "created": self.time(backup.created), "modified": self.time(backup.modified),
                "resource_type": self.resource_type("Backup"),
                "kept_until": backup.kept_until.map(|at| self.time(at)), "metadata": backup.metadata,
                "instance": self.url(Resource::Instances, &backup.instance), "instance_name": name,
                "restorations": backup.restorations.iter().map(|r| self.restoration(r)).collect::<Vec<_>>(),
                "instance_security_groups": instance.map_or(json!([]), |i| self.groups_of(i)),
                self.port_word("instance_"): instance.map_or(json!([]), |i| self.ports_of(i)),
                "instance_floating_ips": instance.map_or(json!([]), |i| self.floating_of(i)),
            })));
            if self.generation().has_schedules() {
                shown.insert("backup_schedule".into(), json!(schedule.map(|u| self.url(Resource::Schedules, u))));
                shown.insert("backup_schedule_uuid".into(), json!(schedule.map(|u| self.id(u))));
            }
            shown
        };
        shown.extend(backup.extra.clone());
        Value::Object(shown)
    }

    fn metadata(&self, metadata: &Map<String, Value>) -> Value {
        match self.cloud.options.empty_metadata {
            Emptiness::String if metadata.is_empty() => json!(""),
            Emptiness::Null if metadata.is_empty() => Value::Null,
            _ => Value::Object(metadata.clone()),
        }
    }

    fn restoration(&self, restoration: &Restoration) -> Value {
        let instance = self.cloud.instance(&restoration.instance);
        json!({
            "uuid": self.id(&restoration.uuid), "instance": self.url(Resource::Instances, &restoration.instance),
            "created": self.time(restoration.created), "flavor": self.url(Resource::Flavors, &restoration.flavor),
            "name": restoration.name,
            "floating_ips": instance.map_or(json!([]), |i| self.floating_of(i)),
            "security_groups": instance.map_or(json!([]), |i| self.groups_of(i)),
            self.port_word(""): instance.map_or(json!([]), |i| self.ports_of(i)),
        })
    }

    /// The network attachments' field: G3 had another word.
    pub(crate) fn port_word(&self, prefix: &str) -> String {
        format!("{prefix}{}", if self.generation() == Generation::G3 { "internal_ips_set" } else { "ports" })
    }

    pub(crate) fn schedule(&self, schedule: &Schedule) -> Value {
        let instance = self.cloud.instance(&schedule.instance);
        let url = self.url(Resource::Schedules, &schedule.uuid);
        let of = |backup: &&Backup| backup.schedule.as_ref() == Some(&schedule.uuid);
        let backups = || self.cloud.backups.iter().filter(of).map(|b| self.url(Resource::Backups, &b.uuid));
        let mut shown = if self.generation().is_old() {
            map(json!({
                "url": url, "uuid": self.id(&schedule.uuid), "description": schedule.description,
                "backups": backups().collect::<Vec<_>>(), "retention_time": schedule.retention_days,
                "timezone": schedule.timezone, "instance": self.url(Resource::Instances, &schedule.instance),
                "maximal_number_of_backups": schedule.maximum, "schedule": schedule.expression,
                "is_active": schedule.active, "instance_name": instance.map(|instance| instance.name.as_str()),
            }))
        } else {
            let mut shown = self.common(&schedule.uuid, &schedule.name, &schedule.description, instance, url);
            shown.extend(map(json!({
                "state": self.state(State::Ok), "error_message": schedule.error, "backend_id": "",
                "created": self.time(schedule.created), "modified": self.time(schedule.modified),
                "resource_type": self.resource_type("BackupSchedule"),
                "retention_time": schedule.retention_days, "timezone": schedule.timezone,
                "maximal_number_of_resources": schedule.maximum, "schedule": schedule.expression,
                "is_active": schedule.active, "next_trigger_at": schedule.next_trigger.map(|at| self.time(at)),
                "instance": self.url(Resource::Instances, &schedule.instance),
                "instance_name": instance.map(|instance| instance.name.as_str()),
            })));
            shown
        };
        shown.extend(schedule.extra.clone());
        Value::Object(shown)
    }

    pub(crate) fn resource_type(&self, model: &str) -> String {
        let system = if self.generation() == Generation::G3 { "OpenStackTenant" } else { "OpenStack" };
        format!("{system}.{model}")
    }

    /// The fields that every resource of the newer generations has.
    pub(crate) fn common(
        &self,
        uuid: &str,
        name: &str,
        description: &str,
        instance: Option<&Instance>,
        url: String,
    ) -> Map<String, Value> {
        let mut shown = map(json!({"url": url, "uuid": self.id(uuid), "name": name, "description": description,
            "access_url": null}));
        if let Some(project) = instance.and_then(|instance| self.cloud.project(&instance.project)) {
            shown.extend(self.place(project));
        }
        if self.cloud.options.staff {
            shown.insert("error_traceback".to_owned(), json!(""));
        }
        shown
    }
}

/// The address with another scheme, host and port; the path stays.
pub(crate) fn rehost(base: &str, host: Option<&str>) -> String {
    let Some(host) = host else {
        return base.to_owned();
    };
    let path = base.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    format!("{host}{path}")
}

pub(crate) fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A state as a generation spells it.
pub(crate) fn state_word(state: State, generation: Generation) -> &'static str {
    match (generation, state) {
        (Generation::G2, State::Ok) => "Ready",
        (Generation::G2, State::CreationScheduled | State::Creating) => "Backing up",
        (Generation::G2, State::UpdateScheduled | State::Updating) => "Restoring",
        (Generation::G2, State::DeletionScheduled | State::Deleting) => "Deleting",
        (Generation::G5, State::CreationScheduled) => "CREATION_SCHEDULED",
        (Generation::G5, State::Creating) => "CREATING",
        (Generation::G5, State::UpdateScheduled) => "UPDATE_SCHEDULED",
        (Generation::G5, State::Updating) => "UPDATING",
        (Generation::G5, State::DeletionScheduled) => "DELETION_SCHEDULED",
        (Generation::G5, State::Deleting) => "DELETING",
        (Generation::G5, State::Erred) => "ERRED",
        (_, State::CreationScheduled) => "Creation Scheduled",
        (_, State::Creating) => "Creating",
        (_, State::UpdateScheduled) => "Update Scheduled",
        (_, State::Updating) => "Updating",
        (_, State::DeletionScheduled) => "Deletion Scheduled",
        (_, State::Deleting) => "Deleting",
        (_, State::Ok) => "OK",
        (_, State::Erred) => "Erred",
    }
}
