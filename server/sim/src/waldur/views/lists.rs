//! Lists with their filters, and single objects. What the caller may not see does not exist.

use serde_json::{Value, json};

use crate::rest::{Answer, Request};
use crate::waldur::cloud::Cloud;
use crate::waldur::drf;
use crate::waldur::field::{reference, uuid_of};
use crate::waldur::model::{Backup, Instance, Schedule, State};
use crate::waldur::options::Generation;
use crate::waldur::route::Resource;
use crate::waldur::show::{Look, state_word};

/// A filter's value that can't be one: the field and a sentence.
type Wrong = (&'static str, String);

/// What a list was asked for.
struct Filter<'a> {
    request: &'a Request,
    generation: Generation,
}

impl Filter<'_> {
    fn contains(&self, name: &str, text: &str) -> bool {
        self.request.param(name).is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
    }

    fn equals(&self, name: &str, text: &str) -> bool {
        self.request.param(name).is_none_or(|wanted| wanted.is_empty() || wanted == text)
    }

    fn uuid(&self, name: &'static str, uuid: &str) -> Result<bool, Wrong> {
        match self.request.param(name).filter(|wanted| !wanted.is_empty()) {
            None => Ok(true),
            Some(wanted) => match uuid_of(wanted) {
                Some(wanted) => Ok(wanted == uuid),
                // The older code compares texts: nothing is like this one.
                None if self.generation < Generation::G4 => Ok(false),
                None => Err((name, "Enter a valid UUID.".to_owned())),
            },
        }
    }

    fn url(&self, name: &str, resource: Resource, uuid: &str) -> bool {
        let route = resource.word(self.generation);
        let wanted = self.request.param(name).filter(|wanted| !wanted.is_empty());
        wanted.is_none_or(|url| reference(&json!(url), self.request, &route).is_ok_and(|wanted| wanted == uuid))
    }

    /// One of several states; a word that is none is refused.
    fn state(&self, state: State) -> Result<bool, Wrong> {
        let wanted: Vec<&str> =
            self.request.query.iter().filter(|(key, _)| key == "state").map(|(_, value)| value.as_str()).collect();
        let known = |word: &&str| State::ALL.iter().any(|state| state_word(*state, self.generation) == *word);
        if let Some(word) = wanted.iter().find(|word| !known(word)) {
            let sentence = format!("Select a valid choice. {word} is not one of the available choices.");
            return Err(("state", sentence));
        }
        Ok(wanted.is_empty() || wanted.contains(&state_word(state, self.generation)))
    }

    /// G2 filters by two fields, and `instance` is an identifier, whatever its documentation says: a URL finds nothing.
    fn backup(&self, backup: &Backup, instance: &Instance) -> Result<bool, Wrong> {
        let old = self.generation.is_old();
        if !self.contains("description", &backup.description) {
            return Ok(false);
        }
        if old {
            return Ok(self.uuid("instance", &backup.instance)? && self.uuid("project", &instance.project)?);
        }
        let schedule = backup.schedule.as_deref().unwrap_or_default();
        Ok(self.contains("name", &backup.name)
            && self.equals("name_exact", &backup.name)
            && self.state(backup.state)?
            && self.uuid("project", &instance.project)?
            && (!self.generation.has_schedules()
                || self.uuid("backup_schedule_uuid", schedule)?
                    && self.url("backup_schedule", Resource::Schedules, schedule))
            && self.of_instance(instance)?)
    }

    fn schedule(&self, schedule: &Schedule, instance: &Instance) -> Result<bool, Wrong> {
        if !self.contains("description", &schedule.description) {
            return Ok(false);
        }
        Ok(self.generation.is_old() || self.contains("name", &schedule.name) && self.of_instance(instance)?)
    }

    fn of_instance(&self, instance: &Instance) -> Result<bool, Wrong> {
        Ok(self.url("instance", Resource::Instances, &instance.uuid)
            && self.uuid("instance_uuid", &instance.uuid)?
            && self.uuid("project_uuid", &instance.project)?)
    }

    fn instance(&self, look: &Look<'_>, instance: &Instance) -> Result<bool, Wrong> {
        let state = if self.generation.is_old() {
            self.equals("state", look.instance_state(instance))
        } else {
            self.state(instance.state)?
        };
        Ok(state
            && self.contains("name", &instance.name)
            && self.equals("name_exact", &instance.name)
            && self.equals("runtime_state", instance.runtime)
            && self.uuid("project_uuid", &instance.project)?)
    }
}

impl Cloud {
    pub(super) fn list(&self, request: &Request, resource: Resource) -> Answer {
        match self.rows(request, resource) {
            Ok(rows) => drf::page(request, rows, self.options.page_cap(), &self.link_base(request)),
            Err((field, sentence)) => Answer::json(400, &json!({field: [sentence]})),
        }
    }

    /// The rows that fit, in the resource's own order: by name from G3 on, by age in G2.
    fn rows(&self, request: &Request, resource: Resource) -> Result<Vec<Value>, Wrong> {
        let look = self.look(request);
        let filter = Filter { request, generation: self.generation() };
        let seen = |uuid: &str| self.instance(uuid).filter(|instance| self.sees_project(&instance.project));
        let mut rows: Vec<(String, Value)> = Vec::new();
        match resource {
            Resource::Backups => {
                for backup in &self.backups {
                    if let Some(instance) = seen(&backup.instance)
                        && filter.backup(backup, instance)?
                    {
                        rows.push((backup.name.clone(), look.backup(backup)));
                    }
                }
            }
            Resource::Schedules => {
                for schedule in &self.schedules {
                    if let Some(instance) = seen(&schedule.instance)
                        && filter.schedule(schedule, instance)?
                    {
                        rows.push((schedule.name.clone(), look.schedule(schedule)));
                    }
                }
            }
            Resource::Instances => {
                for instance in self.instances.iter().filter(|instance| self.sees_project(&instance.project)) {
                    if filter.instance(&look, instance)? {
                        rows.push((instance.name.clone(), look.instance(instance)));
                    }
                }
            }
            Resource::Projects => {
                let seen =
                    self.projects.iter().filter(|project| !project.hidden && filter.contains("name", &project.name));
                rows.extend(seen.map(|project| (project.name.clone(), look.project(project))));
            }
            Resource::Flavors => {
                let found = self.flavors.iter().filter(|flavor| filter.contains("name", flavor.name));
                rows.extend(found.map(|flavor| (String::new(), look.flavor(flavor))));
            }
            Resource::Images => {
                let found = self.images.iter().filter(|image| filter.contains("name", image.name));
                rows.extend(found.map(|image| (String::new(), look.image(image))));
            }
            Resource::Subnets | Resource::Groups | Resource::FloatingIps => {
                for piece in self.pieces(resource).iter().filter(|piece| self.sees_project(&piece.project)) {
                    let free = request.param("free") != Some("true") || piece.used_by.is_none();
                    let fits = free && filter.contains("name", &piece.name);
                    if fits && filter.uuid("project_uuid", &piece.project)? {
                        rows.push((piece.name.clone(), look.piece(resource, piece)));
                    }
                }
            }
        }
        if !self.generation().is_old() {
            rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    fn pieces(&self, resource: Resource) -> &[crate::waldur::model::Piece] {
        match resource {
            Resource::Subnets => &self.subnets,
            Resource::Groups => &self.groups,
            _ => &self.floating,
        }
    }

    /// Whether the caller finds that object.
    pub(super) fn has(&self, resource: Resource, uuid: &str) -> bool {
        match resource {
            Resource::Projects => self.sees_project(uuid),
            Resource::Instances => self.sees(uuid),
            Resource::Backups => self.backup_at(uuid).is_some_and(|at| self.sees(&self.backups[at].instance)),
            Resource::Schedules => self.schedule_at(uuid).is_some_and(|at| self.sees(&self.schedules[at].instance)),
            Resource::Flavors => self.flavor(uuid).is_some(),
            Resource::Images => self.images.iter().any(|image| image.uuid == uuid),
            Resource::Subnets | Resource::Groups | Resource::FloatingIps => {
                self.pieces(resource).iter().any(|piece| piece.uuid == uuid && self.sees_project(&piece.project))
            }
        }
    }

    pub(super) fn retrieve(&self, request: &Request, resource: Resource, uuid: &str) -> Answer {
        let look = self.look(request);
        let shown = match resource {
            Resource::Projects => self.project(uuid).map(|project| look.project(project)),
            Resource::Instances => self.instance(uuid).map(|instance| look.instance(instance)),
            Resource::Backups => self.backup_at(uuid).map(|at| look.backup(&self.backups[at])),
            Resource::Schedules => self.schedule_at(uuid).map(|at| look.schedule(&self.schedules[at])),
            Resource::Flavors => self.flavor(uuid).map(|flavor| look.flavor(flavor)),
            Resource::Images => self.images.iter().find(|image| image.uuid == uuid).map(|image| look.image(image)),
            _ => {
                let pieces = self.pieces(resource);
                pieces.iter().find(|piece| piece.uuid == uuid).map(|piece| look.piece(resource, piece))
            }
        };
        shown.map_or_else(drf::not_found, |row| Answer::json(200, &drf::trim(request, row)))
    }
}
