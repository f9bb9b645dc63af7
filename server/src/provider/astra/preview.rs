//! The review step: the requests that an apply would send now. Astra Control has no dry run; what can be seen to be in the way is
//! said by field.

use super::{
    Astra,
    act::{bucket, not_taken, run, schedules},
    client::{app as app_path, of_app, one},
    inventory::{self, Allowed},
    translate::{
        self, compare,
        plan::{Step, plan},
    },
    wire::{
        App, Metadata, Schedule,
        out::{BACKUP, SCHEDULE, SNAP},
    },
};
use crate::provider::{
    ErrorKind, Owned, ProviderError, Rendered,
    render::{Line, curl, yaml},
};
use model::{Invalid, view::PreviewRequest};
use serde::Serialize;
use std::collections::BTreeMap;

/// Renders what would be sent.
pub async fn preview(astra: &Astra, owned: &Owned) -> Result<Rendered, ProviderError> {
    let mut errors = Invalid::default();
    let app = translate::app(&owned.definition);
    let id = match bucket(astra, owned.definition.location.as_deref()).await {
        Ok((id, _)) => id,
        Err(error) if error.kind == ErrorKind::Refused => {
            errors.0.extend(error.fields.0);
            String::new()
        }
        Err(error) => return Err(error),
    };
    match astra.api.get::<App>("read the app", &app_path(&app.id)).await {
        Ok(app) => allowed(owned, &app, &mut errors),
        Err(error) if error.kind == ErrorKind::NotFound => {
            errors.0.extend(super::act::app_gone(owned, error).fields.0);
            return Ok(Rendered { errors, ..Rendered::default() });
        }
        Err(error) => return Err(error),
    }
    if !owned.definition.is_scheduled() {
        return Ok(Rendered { requests: vec![single(astra, owned, &id)], errors, dry_run: None });
    }
    let all = schedules(astra, &app.id).await?;
    if let Err(error) = not_taken(owned, &all) {
        errors.0.extend(error.fields.0);
    }
    let ours: Vec<Schedule> = all.into_iter().filter(|one| translate::is_ours(one, owned)).collect();
    let wanted = translate::wanted(owned, &id);
    let live = compare::set(&ours);
    let collection = of_app(&app.id, "schedules");
    let mut requests = Vec::new();
    // What somebody changed meanwhile is not the review's matter: the apply is held for it.
    for step in plan(owned, None, &wanted, &live, &BTreeMap::new()).steps {
        let body = |key: &String, there: &Metadata| {
            wanted.get(key).map(|rhythm| translate::schedule(owned, key, rhythm, there))
        };
        let title = |what: &str, key: &str| format!("{what} the {key} schedule {}", owned.upstream_name);
        match &step {
            Step::Create(key) => {
                if let Some(body) = body(key, &Metadata::default()) {
                    requests.push(request(astra, title("Create", key), "POST", &collection, SCHEDULE, &body));
                }
            }
            Step::Change(key, live) => {
                if let Some(body) = body(key, &live.metadata) {
                    let path = one(&collection, &live.id);
                    requests.push(request(astra, title("Change", key), "PUT", &path, SCHEDULE, &body));
                }
            }
            Step::Replace(key, live) => {
                requests.push(deletion(astra, title("Delete", key), &one(&collection, &live.id)));
                if let Some(body) = body(key, &live.metadata) {
                    requests.push(request(astra, title("Create", key), "POST", &collection, SCHEDULE, &body));
                }
            }
            Step::Drop(key, live) => requests.push(deletion(astra, title("Delete", key), &one(&collection, &live.id))),
        }
    }
    Ok(Rendered { requests, errors, dry_run: None })
}

/// What the app's own links say of what is wanted.
fn allowed(owned: &Owned, app: &App, errors: &mut Invalid) {
    let backups = inventory::backups(app);
    if backups == Allowed::NoRight {
        errors.push(
            "scope.subject",
            "forbidden",
            "The token's user may only look at the app; give the user the role member.",
        );
    } else if app.state == "ready" && backups == Allowed::No && !translate::snapshots_alone(&owned.definition) {
        errors.push(
            "volumes",
            "unsupported",
            format!("Astra Control offers no backups of {}, because of its volumes or its cluster; choose snapshots that are left in the storage system.", app.name),
        );
    }
}

fn single(astra: &Astra, owned: &Owned, bucket: &str) -> PreviewRequest {
    let (sort, app) = (run::sort(owned), translate::app(&owned.definition).id);
    let body = translate::backup(owned, &owned.upstream_name, None, bucket);
    let media = if translate::snapshots_alone(&owned.definition) { SNAP } else { BACKUP };
    let title = format!("Begin the {} {}", sort.word(), owned.upstream_name);
    request(astra, title, "POST", &of_app(&app, sort.collection()), media, &body)
}

fn request<T: Serialize>(
    astra: &Astra,
    title: String,
    method: &str,
    below: &str,
    media: &str,
    body: &T,
) -> PreviewRequest {
    let path = astra.api.path(below);
    let bearer = [Line::Filled("Authorization: Bearer $TOKEN")];
    let curl = curl(&astra.settings, method, &path, &bearer, Some((media, body)));
    PreviewRequest { title, yaml: yaml(body), curl }
}

/// A request without a body.
fn deletion(astra: &Astra, title: String, below: &str) -> PreviewRequest {
    let path = astra.api.path(below);
    let ca = if astra.settings.ca.is_empty() { "" } else { " \\\n  --cacert ca.crt" };
    let address = astra.settings.address.replace('\'', r"'\''");
    PreviewRequest {
        title,
        yaml: format!("# DELETE {path}\n"),
        curl: format!(
            "curl --fail-with-body -X DELETE '{address}{path}'{ca} \\\n  -H \"Authorization: Bearer $TOKEN\"\n"
        ),
    }
}
