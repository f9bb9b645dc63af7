//! The API's way in: negotiation, authentication, then the view of a resource, in the framework's order.

mod backups;
mod lists;
mod restore;
mod schedules;

use serde_json::{Map, Value, json};

use super::cloud::Cloud;
use super::drf::{self, detail};
use super::field::uuid_of;
use super::route::{self, Resource, Target};
use super::show::{Look, rehost};
use crate::rest::{Answer, Request};

const NOT_ACCEPTABLE: &str = "Could not satisfy the request Accept header.";

impl Cloud {
    pub(crate) fn serve(&mut self, request: &Request) -> Answer {
        let target = route::find(&request.path, self.generation());
        match target {
            Target::Nowhere => return drf::no_route(),
            Target::Slashless => return add_slash(request),
            Target::Login => return self.access.login(request, self.now),
            _ => {}
        }
        if !drf::accepts_json(request) {
            return detail(406, NOT_ACCEPTABLE);
        }
        if let Some(refusal) = self.access.refuse(request) {
            return refusal;
        }
        let allow = route::allow(&target, self.generation());
        if !allow.split(", ").any(|method| request.method == method) {
            return drf::method_not_allowed(request, allow);
        }
        let mut answer =
            if request.method == "OPTIONS" { describe(&target, self) } else { self.view(&target, request) };
        if request.method == "HEAD" {
            answer.body.clear();
        }
        answer.with("Allow", allow).with("Vary", "Accept")
    }

    fn view(&mut self, target: &Target, request: &Request) -> Answer {
        let method = request.method.as_str();
        match target {
            Target::Root => self.root(request),
            Target::Version => Answer::json(200, &json!({"version": self.generation().version()})),
            Target::List(Resource::Backups) if method == "POST" => self.create_backup(request),
            Target::List(Resource::Schedules) if method == "POST" => self.create_schedule(request, None),
            Target::List(resource) => self.list(request, *resource),
            Target::Item(resource, id) | Target::Action(resource, id, _) => {
                let Some(uuid) = uuid_of(id).filter(|uuid| self.has(*resource, uuid)) else {
                    return drf::not_found();
                };
                if let Target::Action(_, _, action) = target {
                    return self.act(request, *resource, &uuid, action);
                }
                match (resource, method) {
                    (Resource::Backups, "PUT" | "PATCH") => self.edit_backup(request, &uuid),
                    (Resource::Backups, "DELETE") => self.destroy_backup(&uuid),
                    (Resource::Schedules, "PUT" | "PATCH") => self.edit_schedule(request, &uuid),
                    (Resource::Schedules, "DELETE") => self.destroy_schedule(&uuid),
                    _ => self.retrieve(request, *resource, &uuid),
                }
            }
            Target::Login | Target::Slashless | Target::Nowhere => drf::no_route(),
        }
    }

    fn act(&mut self, request: &Request, resource: Resource, uuid: &str, action: &str) -> Answer {
        match (resource, action) {
            (Resource::Instances, "backup") => self.backup_instance(request, uuid),
            (Resource::Instances, _) => self.create_schedule(request, Some(uuid)),
            (Resource::Schedules, "activate") => self.switch_schedule(uuid, true),
            (Resource::Schedules, _) => self.switch_schedule(uuid, false),
            (_, "restore") if self.generation().is_old() => self.restore_old(request, uuid),
            (_, "restore") => self.restore(request, uuid),
            (_, "delete") => self.delete_backup(uuid),
            (_, "pull") => self.pull_backup(uuid),
            (_, "unlink") => self.unlink_backup(uuid),
            (_, action) => self.set_backup_state(request, uuid, action == "set_ok"),
        }
    }

    fn root(&self, request: &Request) -> Answer {
        let generation = self.generation();
        let look = self.look(request);
        let names = Resource::of(generation).map(|resource| resource.word(generation));
        let routes: Map<String, Value> =
            names.map(|name| (name.clone(), json!(format!("{}/api/{name}/", look.base)))).collect();
        Answer::json(200, &Value::Object(routes))
    }

    /// How this caller's answers are written.
    pub(super) fn look(&self, request: &Request) -> Look<'_> {
        Look::new(self, &request.base)
    }

    /// What pages link to.
    fn link_base(&self, request: &Request) -> String {
        rehost(&request.base, self.options.link_host.as_deref())
    }

    /// A success of the newer generations: what the code sends, or what is documented.
    fn success(&self, code: u16, documented: u16, body: &Value) -> Answer {
        let code = if self.options.documented_codes() { documented } else { code };
        if code == 204 { Answer::empty(204) } else { Answer::json(code, body) }
    }
}

fn add_slash(request: &Request) -> Answer {
    let path = rehost(&request.base, Some(""));
    let query = if request.raw_query.is_empty() { String::new() } else { format!("?{}", request.raw_query) };
    Answer::text(301, "text/html; charset=utf-8", "").with("Location", format!("{path}{}/{query}", request.path))
}

/// The answer to OPTIONS.
fn describe(target: &Target, cloud: &Cloud) -> Answer {
    let name = match target {
        Target::List(resource) => format!("{} List", resource.word(cloud.generation())),
        Target::Item(resource, _) | Target::Action(resource, ..) => {
            format!("{} Instance", resource.word(cloud.generation()))
        }
        _ => "Api Root".to_owned(),
    };
    Answer::json(
        200,
        &json!({"name": name, "description": "", "renders": ["application/json"], "parses": ["application/json"]}),
    )
}
