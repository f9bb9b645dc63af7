//! Creating and deleting backups. G2 posts to the collection and deletes by an action; later ones create at the instance.

use serde_json::{Value, json};

use super::restore;
use crate::rest::{Answer, Request};
use crate::waldur::cloud::Cloud;
use crate::waldur::drf::{self, detail};
use crate::waldur::field::{DANGLING, Form};
use crate::waldur::model::State;
use crate::waldur::route::Resource;
use crate::waldur::work::Wish;

pub(super) const LONGEST_NAME: usize = 150;
const PULLED: &str = "Pull operation was successfully scheduled.";

impl Cloud {
    pub(super) fn longest_description(&self) -> usize {
        if self.generation().is_old() { 500 } else { 2000 }
    }

    /// G2: POST of the collection.
    pub(super) fn create_backup(&mut self, request: &Request) -> Answer {
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let mut form = Form::new(&body, false);
        let instance = self.instance_field(&mut form, request);
        let description = form.text("description", false, true, self.longest_description());
        if let Some(answer) = form.answer() {
            return answer;
        }
        let Some(instance) = instance else {
            return drf::not_found();
        };
        if !self.may_change(&instance) {
            return drf::forbidden();
        }
        if self.instance(&instance).is_none_or(|instance| instance.state != State::Ok) {
            return detail(409, "Instance should be in stable state.");
        }
        let wish = Wish {
            name: String::new(),
            description: description.unwrap_or_default(),
            kept_until: None,
            schedule: None,
        };
        match self.start_backup(&instance, wish) {
            Ok(at) => Answer::json(201, &self.look(request).backup(&self.backups[at])),
            Err(sentence) => detail(409, &sentence),
        }
    }

    /// The `instance` of a body: a URL of one that the caller sees.
    pub(super) fn instance_field(&self, form: &mut Form<'_>, request: &Request) -> Option<String> {
        let route = Resource::Instances.word(self.generation());
        let uuid = form.url("instance", true, request, &route)?;
        if !self.sees(&uuid) {
            form.refuse("instance", DANGLING);
            return None;
        }
        Some(uuid)
    }

    /// Later generations: POST `instances/{uuid}/backup/`.
    pub(super) fn backup_instance(&mut self, request: &Request, instance: &str) -> Answer {
        if !self.may_change(instance) {
            return drf::forbidden();
        }
        if self.instance(instance).is_none_or(|instance| instance.state != State::Ok) {
            return self.wrong_state(&[State::Ok]);
        }
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let mut form = Form::new(&body, false);
        let name = form.text("name", true, false, LONGEST_NAME);
        let description = form.text("description", false, true, self.longest_description());
        let kept_until = form.time("kept_until");
        if let Some(answer) = form.answer() {
            return answer;
        }
        let wish = Wish {
            name: name.unwrap_or_default(),
            description: description.unwrap_or_default(),
            kept_until: kept_until.flatten(),
            schedule: None,
        };
        match self.start_backup(instance, wish) {
            Ok(at) => self.success(201, 200, &self.look(request).backup(&self.backups[at])),
            Err(sentence) => restore::over_quota(&sentence),
        }
    }

    /// 409 with the states in the generation's words.
    pub(super) fn wrong_state(&self, valid: &[State]) -> Answer {
        let look = crate::waldur::show::Look::new(self, "");
        let words: Vec<&str> = valid.iter().map(|state| look.state(*state)).collect();
        detail(409, &format!("Valid states for operation: {}.", words.join(", ")))
    }

    /// PUT and PATCH: name, description and time of keeping; everything else that is sent is ignored.
    pub(super) fn edit_backup(&mut self, request: &Request, uuid: &str) -> Answer {
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
        let mut form = Form::new(&body, request.method == "PATCH");
        let name = form.text("name", true, false, LONGEST_NAME);
        let description = form.text("description", false, true, self.longest_description());
        let kept_until = form.time("kept_until");
        if let Some(answer) = form.answer() {
            return answer;
        }
        let now = self.now;
        let backup = &mut self.backups[at];
        backup.name = name.unwrap_or_else(|| std::mem::take(&mut backup.name));
        backup.description = description.unwrap_or_else(|| std::mem::take(&mut backup.description));
        backup.kept_until = kept_until.unwrap_or(backup.kept_until);
        backup.modified = now;
        Answer::json(200, &self.look(request).backup(&self.backups[at]))
    }

    /// G2's action. An erred backup can't be deleted: only Ready ones can.
    pub(super) fn delete_backup(&mut self, uuid: &str) -> Answer {
        let Some(at) = self.backup_at(uuid) else {
            return drf::not_found();
        };
        if !self.may_change(&self.backups[at].instance) {
            return drf::forbidden();
        }
        let backup = &self.backups[at];
        if backup.state != State::Ok {
            let state = self.shown_state(at);
            return detail(409, &format!("Cannot delete a backup in state '{state}'"));
        }
        self.start_deletion(at);
        Answer::json(200, &json!({"status": "Backup deletion was started"}))
    }

    /// The state as it is shown, which a test may have written over.
    pub(super) fn shown_state(&self, at: usize) -> String {
        let shown = crate::waldur::show::Look::new(self, "").backup(&self.backups[at]);
        shown["state"].as_str().unwrap_or_default().to_owned()
    }

    /// DELETE of the later generations; an erred one goes by force.
    pub(super) fn destroy_backup(&mut self, uuid: &str) -> Answer {
        let Some(at) = self.backup_at(uuid) else {
            return drf::not_found();
        };
        if !self.may_change(&self.backups[at].instance) {
            return drf::forbidden();
        }
        if !matches!(self.backups[at].state, State::Ok | State::Erred) {
            return self.wrong_state(&[State::Ok, State::Erred]);
        }
        self.start_deletion(at);
        self.success(202, 204, &json!({"detail": "Deletion was scheduled."}))
    }

    pub(super) fn pull_backup(&mut self, uuid: &str) -> Answer {
        let Some(at) = self.backup_at(uuid) else {
            return drf::not_found();
        };
        if !matches!(self.backups[at].state, State::Ok | State::Erred) {
            return self.wrong_state(&[State::Ok, State::Erred]);
        }
        self.start_pull(at);
        Answer::json(202, &json!({"detail": PULLED}))
    }

    /// Staff only: forgets the row and leaves OpenStack alone.
    pub(super) fn unlink_backup(&mut self, uuid: &str) -> Answer {
        if !self.options.staff {
            return drf::forbidden();
        }
        if let Some(at) = self.backup_at(uuid) {
            self.backups.remove(at);
        }
        Answer::empty(204)
    }

    /// Staff only, G5: writes the state.
    pub(super) fn set_backup_state(&mut self, request: &Request, uuid: &str, ok: bool) -> Answer {
        if !self.options.staff {
            return drf::forbidden();
        }
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let Some(at) = self.backup_at(uuid) else {
            return drf::not_found();
        };
        let error = body.get("error_message").and_then(Value::as_str).unwrap_or_default();
        self.backups[at].error = if ok { String::new() } else { error.to_owned() };
        self.turn(at, if ok { State::Ok } else { State::Erred }, None);
        let word = if ok { "OK" } else { "ERRED" };
        Answer::json(200, &json!({"detail": format!("State was set to {word}.")}))
    }
}
