//! The review step: the requests as they will be sent, and what is known to be wrong with them.

use super::{
    CloudCasa,
    act::{
        live::Live,
        plan::{self, Change, Step},
    },
    client::Query,
    inventory::unready,
    translate::{self, normal::Part},
    wire::{Cluster, Store, read},
};
use crate::provider::{
    Owned, ProviderError, Rendered,
    render::{self, Line, NO_BODY},
};
use model::{Invalid, definition::Volumes, view::PreviewRequest};
use serde_json::{Value, json};

/// Renders what an apply would send.
pub async fn preview(cc: &CloudCasa, owned: &Owned) -> Result<Rendered, ProviderError> {
    let mut errors = translate::express(&owned.definition);
    let store = location(cc, owned, &mut errors).await?;
    let live = Live::read(&cc.client, owned, store.as_ref()).await?;
    let wanted = translate::wanted(owned, store.as_ref());
    if let Some(sentence) = live.taken(owned, &wanted) {
        errors.push("name", "taken", sentence);
    }
    if let Some(sentence) = live.moved(owned) {
        errors.push("scope.subject", "fixed", sentence);
    }
    subject(cc, owned, &mut errors).await?;
    policy(cc, owned, &mut errors).await?;
    let mut shown = Vec::new();
    let mut made = Vec::new();
    for step in plan::steps(&wanted, &live) {
        shown.push(request(cc, owned, &live, &step, &made));
        made.push(step.part());
    }
    if !owned.definition.is_scheduled() && live.part(Part::Backup).is_none() {
        let part = if wanted.offload.is_some() { Part::Offload } else { Part::Backup };
        let body = translate::value(&translate::run(&owned.definition));
        let path = format!("/{}/{}/action/run", part.collection(), placeholder(part, owned));
        shown.push(render(cc, format!("First run of {}", owned.upstream_name), "POST", &path, Some(&body), false));
    }
    Ok(Rendered { requests: shown, dry_run: None, errors })
}

fn request(cc: &CloudCasa, owned: &Owned, live: &Live, step: &Step, made: &[Part]) -> PreviewRequest {
    let part = step.part();
    let title = format!("{} {}", part.key(), owned.upstream_name);
    let id = live.part(part).map_or_else(|| placeholder(part, owned), |doc| doc.id().to_owned());
    let item = format!("/{}/{id}", part.collection());
    match step {
        Step::Write(_, wanted) => {
            let body = readable(live.filled(wanted), owned);
            match live.part(part) {
                None if made.contains(&part) => {
                    render(cc, format!("{title}, with its copy"), "PUT", &item, Some(&body), true)
                }
                None => render(cc, title, "POST", &format!("/{}", part.collection()), Some(&body), false),
                Some(doc) => match plan::change(part, doc, &body) {
                    Change::Pause(body) => render(cc, title, "PATCH", &item, Some(&body), true),
                    Change::Whole(body) => render(cc, title, "PUT", &item, Some(&body), true),
                },
            }
        }
        Step::Delete(_) => render(cc, format!("{title}, deleted"), "DELETE", &item, None, true),
        Step::DeleteUnused => {
            render(cc, format!("{title}, deleted unless others follow it"), "DELETE", &item, None, true)
        }
    }
}

fn placeholder(part: Part, owned: &Owned) -> String {
    format!("<id of {} {}>", part.key(), owned.upstream_name)
}

/// Marks as something that a person reads.
fn readable(mut body: Value, owned: &Owned) -> Value {
    for field in ["policy", "copydef", "backupdef"] {
        let part = Part::ALL.into_iter().find(|part| body[field] == part.mark());
        if let Some(part) = part {
            body[field] = json!(placeholder(part, owned));
        }
    }
    body
}

/// YAML of the body, and a command that does the same. The key stands in `$API_KEY`, the etag in `$ETAG`.
fn render(cc: &CloudCasa, title: String, method: &str, path: &str, body: Option<&Value>, etag: bool) -> PreviewRequest {
    let mut lines = vec![Line::Filled("Authorization: Bearer $API_KEY")];
    lines.extend(etag.then_some(Line::Filled("If-Match: $ETAG")));
    lines.push(Line::Plain("Accept: application/json".into()));
    let curl = render::curl(&cc.settings, method, path, &lines, body.map(|body| ("application/json", body)));
    PreviewRequest { title, yaml: body.map_or_else(|| NO_BODY.to_owned(), render::yaml), curl }
}

/// The object store of the definition's location, if that is a good one.
async fn location(cc: &CloudCasa, owned: &Owned, errors: &mut Invalid) -> Result<Option<Store>, ProviderError> {
    let definition = &owned.definition;
    let Some(name) = definition.location.as_ref().filter(|_| definition.volumes == Volumes::SnapshotMoved) else {
        return Ok(None);
    };
    let query = Query::of("objectstores", json!({"name": name}));
    let found = read::<Store>(cc.client.all("read the object store", &query).await?);
    let Some(store) = found.into_iter().find(|store| store.name == *name) else {
        errors.push("location", "gone", format!("CloudCasa has no object store {name}; choose another one."));
        return Ok(None);
    };
    if store.validate_state == "FAILED" {
        let said = if store.validate_message.is_empty() { "it does not say why." } else { &store.validate_message };
        errors.push("location", "unavailable", format!("CloudCasa can't use the object store {name}: {said}"));
    }
    Ok(Some(store))
}

/// The cluster: gone, or without an agent.
async fn subject(cc: &CloudCasa, owned: &Owned, errors: &mut Invalid) -> Result<(), ProviderError> {
    let Some(subject) = &owned.definition.scope.subject else { return Ok(()) };
    match cc.client.there("read the cluster", "kubeclusters", &subject.id).await? {
        None => {
            let sentence =
                format!("CloudCasa does not know the cluster {} any more; choose another one.", subject.name);
            errors.push("scope.subject", "gone", sentence);
        }
        Some(doc) => {
            // A silent agent may be back for the first run; one that was never there won't.
            let cluster: Option<Cluster> = read(vec![doc.0]).pop();
            let never = |state: &str| matches!(state, "REGISTERED" | "DISCOVERED");
            if let Some(cluster) = cluster.filter(|cluster| never(&cluster.status.state)) {
                let why = unready(&cluster).unwrap_or_default();
                errors.push("scope.subject", "unready", format!("{}: {why} Install it first.", subject.name));
            }
        }
    }
    Ok(())
}

async fn policy(cc: &CloudCasa, owned: &Owned, errors: &mut Invalid) -> Result<(), ProviderError> {
    let Some(policy) = &owned.definition.policy else { return Ok(()) };
    if cc.client.there("read the policy", "policies", &policy.id).await?.is_none() {
        let sentence = format!("CloudCasa has no policy {} any more; choose another one.", policy.name);
        errors.push("policy", "gone", sentence);
    }
    Ok(())
}
