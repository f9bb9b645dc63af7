//! Restores make a new instance. G2 answers a sentence and does not name it; later ones answer the instance itself.

mod network;

use serde_json::{Map, Value, json};

use super::schedules::BOOTABLE;
use crate::rest::{Answer, Request};
use crate::waldur::cloud::Cloud;
use crate::waldur::drf::{self, detail};
use crate::waldur::field::{DANGLING, Form};
use crate::waldur::model::{Fate, Instance, Restoration, State, Task, Volume};
use crate::waldur::route::Resource;

/// A quota's refusal: the framework writes a lone sentence as a bare array.
pub(super) fn over_quota(sentence: &str) -> Answer {
    Answer::json(400, &json!([sentence]))
}

/// A size that the metadata holds, in MiB.
fn size(metadata: &Map<String, Value>, name: &str) -> Option<u64> {
    metadata.get(name).and_then(Value::as_u64)
}

/// What the new instance is made of.
struct Blueprint {
    name: String,
    flavor: String,
    sizes: Vec<u64>,
    groups: Vec<String>,
    subnets: Vec<String>,
}

impl Cloud {
    /// G2: `flavor` and `name`; `image` of the documentation is ignored. The backup is Restoring meanwhile.
    pub(super) fn restore_old(&mut self, request: &Request, uuid: &str) -> Answer {
        let Some(at) = self.backup_at(uuid) else {
            return drf::not_found();
        };
        if !self.may_change(&self.backups[at].instance) {
            return drf::forbidden();
        }
        if self.backups[at].state != State::Ok {
            return detail(409, &format!("Cannot restore a backup in state '{}'", self.shown_state(at)));
        }
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let metadata = self.backups[at].metadata.clone();
        let sizes = [size(&metadata, "system_snapshot_size"), size(&metadata, "data_snapshot_size")];
        let [Some(system), Some(data)] = sizes else {
            return detail(400, "Missing system_snapshot_size or data_snapshot_size in metadata");
        };
        let mut form = Form::new(&body, false);
        let flavor = self.flavor_field(&mut form, request);
        // An explicit null means the old name, like none at all.
        let name =
            if body.get("name").is_some_and(Value::is_null) { None } else { form.text("name", false, false, 150) };
        if let Some(errors) = form.errors() {
            return Answer::json(400, &json!({"detail": errors}));
        }
        let Some(source) = self.instance(&self.backups[at].instance).cloned() else {
            return drf::not_found();
        };
        if let Some(sentence) = self.over_quota(&source.project, system + data) {
            let sentence = format!("One or more quotas are over limit: \n{sentence}");
            return Answer::json(400, &json!({"detail": {"detail": sentence}}));
        }
        let old_name = metadata.get("name").and_then(Value::as_str).unwrap_or(&source.name).to_owned();
        let plan = Blueprint {
            name: name.unwrap_or(old_name),
            flavor: flavor.unwrap_or_default(),
            sizes: [system, data].into_iter().filter(|size| *size > 0).collect(),
            groups: source.groups.clone(),
            subnets: source.subnets.clone(),
        };
        let fate = self.fate(Task::Restore, &source.uuid);
        self.build(&source, plan, fate);
        self.start_restoring(at, fate, system + data);
        Answer::json(200, &json!({"status": "Backup restoration process was started"}))
    }

    pub(super) fn flavor_field(&self, form: &mut Form<'_>, request: &Request) -> Option<String> {
        let route = Resource::Flavors.word(self.generation());
        let uuid = form.url("flavor", true, request, &route)?;
        if self.flavor(&uuid).is_none() {
            form.refuse("flavor", DANGLING);
            return None;
        }
        Some(uuid)
    }

    /// Later generations. The backup stays OK and several restorations may run at once.
    pub(super) fn restore(&mut self, request: &Request, uuid: &str) -> Answer {
        let Some(at) = self.backup_at(uuid) else {
            return drf::not_found();
        };
        if !self.may_change(&self.backups[at].instance) {
            return drf::forbidden();
        }
        if self.backups[at].state != State::Ok {
            return self.wrong_state(&[State::Ok]);
        }
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let Some(source) = self.instance(&self.backups[at].instance).cloned() else {
            return drf::not_found();
        };
        let mut form = Form::new(&body, false);
        let flavor = self.flavor_field(&mut form, request);
        let name = form.text("name", false, false, 150);
        let network = self.network(&mut form, request, &source);
        if let Some(answer) = form.answer() {
            return answer;
        }
        if source.system_volume().is_none() {
            return Answer::json(400, &json!({"non_field_errors": [BOOTABLE]}));
        }
        let stored = self.backups[at].stored;
        if let Some(sentence) = self.over_quota(&source.project, stored) {
            return over_quota(&format!("One or more quotas were exceeded: {sentence}"));
        }
        let metadata = &self.backups[at].metadata;
        let old_name = metadata.get("name").and_then(Value::as_str).unwrap_or(&source.name).to_owned();
        let flavor = flavor.unwrap_or_default();
        let plan = Blueprint {
            name: name.unwrap_or(old_name),
            flavor: flavor.clone(),
            sizes: source.volumes.iter().map(|volume| volume.size).collect(),
            groups: network.groups.clone(),
            subnets: network.subnets.clone(),
        };
        let shown_name = plan.name.clone();
        let fate = self.fate(Task::Restore, &source.uuid);
        let made = self.build(&source, plan, fate);
        self.attach(&network, &made, &source.project);
        let restoration =
            Restoration { uuid: self.draw(), instance: made.clone(), name: shown_name, flavor, created: self.now };
        self.backups[at].restorations.push(restoration);
        let shown = self.instance(&made).map(|instance| self.look(request).instance(instance));
        self.success(201, 200, &shown.unwrap_or_default())
    }

    /// Begins the new instance and answers its identifier.
    fn build(&mut self, source: &Instance, plan: Blueprint, fate: Fate) -> String {
        let uuid = self.draw();
        let mut volumes = Vec::new();
        for (index, size) in plan.sizes.into_iter().enumerate() {
            let word = if index == 0 { "system" } else { "data" };
            volumes.push(Volume {
                uuid: self.draw(),
                name: format!("{}-{word}", plan.name),
                size,
                bootable: index == 0,
            });
        }
        self.start_instance(Instance {
            uuid: uuid.clone(),
            name: plan.name,
            description: source.description.clone(),
            project: source.project.clone(),
            state: State::CreationScheduled,
            runtime: "",
            flavor: plan.flavor,
            image: source.image,
            volumes,
            subnets: plan.subnets,
            groups: plan.groups,
            error: String::new(),
            created: self.now,
            modified: self.now,
            due: None,
            fate,
            extra: Map::new(),
        });
        uuid
    }
}
