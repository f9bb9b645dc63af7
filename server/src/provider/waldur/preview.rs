//! The review step: the requests as they will be sent, and what is known already of their refusal.

use super::{
    Waldur, act,
    generation::{Generation, Resource},
    translate::{
        self, render,
        terms::{self, Terms},
    },
    wire,
};
use crate::provider::{ErrorKind, Owned, ProviderError, Rendered};
use model::{Invalid, view::PreviewRequest};
use serde_json::{Value, json};

/// Reads what is there, and renders what would be sent.
pub async fn preview(waldur: &Waldur, owned: &Owned) -> Result<Rendered, ProviderError> {
    let generation = waldur.generation().await?;
    let mut errors = translate::express::express(&owned.definition, Some(generation));
    if !errors.0.is_empty() {
        return Ok(Rendered { errors, ..Rendered::default() });
    }
    let reference = match act::instance(&waldur.api, generation, owned).await {
        Ok(instance) => instance.url,
        Err(error) if error.kind == ErrorKind::NotFound => {
            errors.0.extend(error.fields.0);
            let path = generation.item(Resource::Instances, translate::instance(owned));
            format!("{}{path}", waldur.settings.address)
        }
        Err(error) => return Err(error),
    };
    let render = Render { waldur, owned, generation };
    let requests = match translate::terms(owned, generation) {
        Some(wanted) => render.schedule(&wanted, &reference, &mut errors).await?,
        None => vec![render.single(&reference)],
    };
    // What Waldur would say to it is not known before it is sent: it has no dry run.
    Ok(Rendered { requests, dry_run: None, errors })
}

struct Render<'a> {
    waldur: &'a Waldur,
    owned: &'a Owned,
    generation: Generation,
}

impl Render<'_> {
    fn request(&self, title: impl Into<String>, method: &str, path: &str, body: Option<&Value>) -> PreviewRequest {
        let curl = render::curl(&self.waldur.settings, method, path, body);
        PreviewRequest { title: title.into(), yaml: render::yaml(body), curl }
    }

    fn single(&self, reference: &str) -> PreviewRequest {
        let (owned, generation) = (self.owned, self.generation);
        let name = &owned.upstream_name;
        let body = translate::backup(owned, name, "Holdfast", generation, reference, self.waldur.clock.now());
        let path = act::runs::path(generation, translate::instance(owned));
        self.request(format!("Backup {name}"), "POST", &path, Some(&body))
    }

    async fn schedule(
        &self,
        wanted: &Terms,
        reference: &str,
        errors: &mut Invalid,
    ) -> Result<Vec<PreviewRequest>, ProviderError> {
        let (api, owned, generation) = (&self.waldur.api, self.owned, self.generation);
        let name = &owned.upstream_name;
        let live = act::find_ours(api, generation, owned).await?;
        let there = live.as_ref().map(terms::of);
        let moved = there.as_ref().is_some_and(|there| there.instance != wanted.instance);
        let stays = live.as_ref().zip(there.as_ref()).filter(|_| !moved || generation == Generation::G2);
        let switch = |uuid: &str, on: bool| {
            let path = generation.action(Resource::Schedules, uuid, act::switch(on).1);
            self.request(if on { "Activate it" } else { "Deactivate it" }, "POST", &path, Some(&json!({})))
        };
        let on = wanted.is_active == Some(true);
        let mut requests = Vec::new();
        let Some((live, there)) = stays else {
            if live.is_none() && act::is_taken(api, generation, owned).await? {
                errors.push("name", "taken", act::taken("look for the name", owned).sentence);
            }
            if let Some(old) = live.as_ref().map(wire::Schedule::id) {
                let path = generation.item(Resource::Schedules, &old);
                requests.push(self.request("Delete the schedule of the other instance", "DELETE", &path, None));
            }
            let body = translate::schedule(owned, wanted, generation, reference);
            let path = act::create_path(generation, &wanted.instance);
            requests.push(self.request(format!("Backup schedule {name}"), "POST", &path, Some(&body)));
            if on {
                requests.push(switch("UUID-OF-THE-ANSWER", true));
            }
            return Ok(requests);
        };
        let switched = there.is_active != wanted.is_active;
        if switched && !on {
            requests.push(switch(&live.id(), false));
        }
        let mut body = terms::patch(there, wanted, generation);
        if moved {
            body.insert("instance".into(), reference.into());
        }
        let description = translate::description(owned, wanted);
        if live.description != description {
            body.insert("description".into(), description.into());
        }
        if !body.is_empty() {
            let path = generation.item(Resource::Schedules, &live.id());
            requests.push(self.request(format!("Backup schedule {name}"), "PATCH", &path, Some(&Value::Object(body))));
        }
        if switched && on {
            requests.push(switch(&live.id(), true));
        }
        Ok(requests)
    }
}
