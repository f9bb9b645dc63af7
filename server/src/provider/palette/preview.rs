//! The review step: the request as it will be sent, and what is known to be in its way. Palette has no dry run.

use super::{
    Palette,
    act::{self, Place},
    client::json,
    generation::{ALL_OR_NONE, Generation},
    translate::{self, render},
};
use crate::provider::{ErrorKind, Owned, ProviderError, Rendered};
use model::{Invalid, view::PreviewRequest};

/// Renders what [`act::apply`] would send now.
pub async fn preview(palette: &Palette, owned: &Owned) -> Result<Rendered, ProviderError> {
    let mut errors = Invalid::default();
    let place = match Place::of(palette, owned, None).await {
        Ok(place) => place,
        Err(e) if matches!(e.kind, ErrorKind::Refused | ErrorKind::NotFound) && !e.fields.0.is_empty() => {
            return Ok(Rendered { errors: e.fields, ..Rendered::default() });
        }
        Err(e) => return Err(e),
    };
    let (workspace, name) = (&place.workspace, &owned.upstream_name);
    let live = palette.client.backup(&workspace.uid, None).await?;
    palette.shared.learn(Generation::shown(&live));
    let generation = palette.generation().unwrap_or(Generation::Mode);
    if generation.say(owned.definition.scope.cluster_objects).is_none() {
        errors.push("scope.cluster_objects", "refused", ALL_OR_NONE);
    }
    for cluster in owned.definition.scope.clusters.iter().filter(|c| !workspace.clusters.iter().any(|w| w.id == c.id)) {
        let sentence = format!("{} is not in the workspace {} any more.", cluster.name, workspace.name);
        errors.push("scope.clusters", "absent", sentence);
    }
    let path = format!("/v1/workspaces/{}/backup", workspace.uid);
    let request = if owned.definition.schedule.is_none() {
        let body = translate::on_demand(owned, name, &place.location, generation);
        show(palette, format!("Backup {name}"), "POST", &format!("{path}/onDemand"), &body)
    } else {
        let wanted = translate::policy(owned, &place.location, generation);
        let title = format!("Backup policy {name}");
        match &live.config {
            None => show(palette, title, "POST", &path, &wanted),
            Some(config) => {
                if let Some(sentence) = act::foreign(config, owned) {
                    let sentence = format!("The workspace {} {sentence}; it has one policy.", workspace.name);
                    errors.push("scope.subject", "taken", sentence);
                }
                show(palette, title, "PUT", &path, &translate::overlay(config, &json(&wanted)))
            }
        }
    };
    Ok(Rendered { requests: vec![request], dry_run: None, errors })
}

fn show<T: serde::Serialize>(palette: &Palette, title: String, method: &str, path: &str, body: &T) -> PreviewRequest {
    PreviewRequest { title, yaml: render::yaml(body), curl: render::curl(&palette.settings, method, path, body) }
}
