//! What a person orders: a backup, a restore, a deletion. A repeated order looks first: none of these calls may be sent twice,
//! and Palette has no key that would make it harmless.

use super::{
    Palette,
    act::{Place, subject},
    client::json,
    generation::{ALL_OR_NONE, Generation},
    key::{self, PointKey},
    observe::words,
    translate::{self, compare},
    wire::{Document, Entry, RestoreEntry, moment},
};
use crate::provider::{Ask, Begun, ErrorKind, Owned, ProviderError};
use model::{Millis, restore::RestoreOrder};
use serde_json::{Value, json};
use std::time::Duration;

/// A request may take a moment to be shown: a repeated order looks twice, so far apart.
const SHOWN: Duration = Duration::from_secs(2);
/// Clocks of two machines may disagree by so much.
const SKEW_MS: i64 = 120_000;

/// Begins a backup on demand, named as the order.
pub async fn start_run(palette: &Palette, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
    let workspace = &subject(owned)?.id;
    if ask.repeated
        && let Some(uid) = begun(palette, workspace, &ask.name).await?
    {
        palette.shared.touch(workspace);
        return Ok(Begun { name: Some(key::request(workspace, &uid)) });
    }
    let request = run(palette, owned, workspace, &ask.name).await?;
    Ok(Begun { name: request.map(|uid| key::request(workspace, &uid)) })
}

/// The backup of a definition without a schedule; `false` when it is there already. Nobody tells whether an apply is repeated, so
/// that the first one waits too.
pub async fn single(palette: &Palette, owned: &Owned) -> Result<bool, ProviderError> {
    let workspace = &subject(owned)?.id;
    if begun(palette, workspace, &owned.upstream_name).await?.is_some() {
        return Ok(false);
    }
    run(palette, owned, workspace, &owned.upstream_name).await?;
    Ok(true)
}

/// The uid of the request of this name, which may have been sent a moment ago.
async fn begun(palette: &Palette, workspace: &str, name: &str) -> Result<Option<String>, ProviderError> {
    for turn in 0..2 {
        if turn > 0 {
            tokio::time::sleep(SHOWN).await;
        }
        let document = palette.client.backup(workspace, None).await?;
        if let Some(entry) = called(&document, name) {
            return Ok(Some(entry.request_uid.clone()));
        }
    }
    Ok(None)
}

/// The request of this name. A schedule's has a name of the same form, so that whoever asked counts.
fn called<'a>(document: &'a Document, name: &str) -> Option<&'a Entry> {
    document.entries.iter().find(|e| e.backup.backup_name == name && !words::by_schedule(&e.actor.actor_type))
}

/// Starts a backup; the request's uid, if it is told.
async fn run(palette: &Palette, owned: &Owned, workspace: &str, name: &str) -> Result<Option<String>, ProviderError> {
    let client = &palette.client;
    let before = client.backup(workspace, None).await?;
    palette.shared.learn(Generation::shown(&before));
    let ours = before.config.as_ref().filter(|config| translate::prefix(config) == owned.upstream_name);
    let body = match ours {
        Some(config) => translate::on_demand_by(config, name),
        // Gone or somebody else's: the definition itself still says what to back up.
        None => {
            let place = Place::of(palette, owned, None).await?;
            let generation = palette.generation().unwrap_or(Generation::Mode);
            if generation.say(owned.definition.scope.cluster_objects).is_none() {
                return Err(ProviderError::new(ErrorKind::Refused, "start a backup", ALL_OR_NONE));
            }
            json(&translate::on_demand(owned, name, &place.location, generation))
        }
    };
    let clusters: Vec<String> =
        body["clusterUids"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let request = client.run(workspace, body.clone()).await?;
    if let (Some(request), false) = (&request, body["includeAllClusters"] == json!(true)) {
        palette.shared.ask(key::request(workspace, request), clusters);
    }
    palette.shared.touch(workspace);
    keep_policy(palette, workspace, before.config.as_ref(), &body).await;
    Ok(request)
}

/// Whether a backup on demand becomes the stored policy is not published. Where it does, the policy that was there, schedule
/// included, is put back. A failure shows as drift.
async fn keep_policy(palette: &Palette, workspace: &str, before: Option<&Value>, sent: &Value) {
    let Some(before) = before else { return };
    let Ok(Document { config: Some(after), .. }) = palette.client.backup(workspace, None).await else { return };
    let replaced = !compare::drift(before, &after).is_empty() && compare::drift(sent, &after).is_empty();
    if !replaced {
        return;
    }
    if let Err(error) = palette.client.update_policy(workspace, before.clone()).await {
        tracing::warn!(%error, workspace, "a backup on demand replaced the workspace's policy, and it can't be put back");
    }
}

/// Begins a restore of one cluster's backup.
pub async fn restore(palette: &Palette, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
    const OPERATION: &str = "start a restore";
    let point = PointKey::read(&order.point_name)?;
    let elsewhere = order.place.as_ref().is_some_and(|place| place.id != point.cluster);
    if elsewhere || order.in_place || order.update_existing || !order.mapping.is_empty() {
        return Err(ProviderError::new(
            ErrorKind::Refused,
            OPERATION,
            "Palette restores into the cluster and the namespaces that a backup was taken from, and leaves what exists alone.",
        ));
    }
    let workspace = &point.workspace;
    if ask.repeated {
        for turn in 0..2 {
            if turn > 0 {
                tokio::time::sleep(SHOWN).await;
            }
            let there = palette.client.restores(workspace).await?;
            let found = there.iter().filter(|e| is_of(e, &point, ask.asked));
            if let Some(entry) = found.into_iter().find(|e| palette.shared.claim(&e.request_uid, &ask.name)) {
                palette.shared.touch(workspace);
                return Ok(Begun { name: Some(key::request(workspace, &entry.request_uid)) });
            }
        }
    }
    if palette.generation().is_none() {
        palette.shared.learn(Generation::shown(&palette.client.backup(workspace, Some(&point.request)).await?));
    }
    let generation = palette.generation().unwrap_or(Generation::Mode);
    let Some(body) = translate::restore(order, &point, generation) else {
        return Err(ProviderError::new(ErrorKind::Refused, OPERATION, ALL_OR_NONE));
    };
    let request = palette.client.restore(workspace, &body).await?;
    palette.shared.touch(workspace);
    if let Some(request) = &request {
        palette.shared.claim(request, &ask.name);
    }
    Ok(Begun { name: request.map(|uid| key::request(workspace, &uid)) })
}

/// Whether a restore may be what an order began: of this backup, and not over before it was ordered. A restore carries nothing
/// of ours, so that one which somebody else began since is taken for it: better than to restore twice.
fn is_of(entry: &RestoreEntry, point: &PointKey, asked: Millis) -> bool {
    let refs = &entry.restore.cluster_restore_refs;
    let same = refs.iter().any(|r| r.backup_name == point.backup && r.cluster_uid == point.cluster);
    let ended = refs.iter().filter_map(|r| moment(&r.status.restore_time)).max();
    same && ended.or_else(|| moment(&entry.restore.restore_time)).is_none_or(|at| at.plus(SKEW_MS) >= asked)
}

/// Deletes one cluster's backup of a request. Gone, or on its way, is success.
pub async fn delete_point(palette: &Palette, name: &str) -> Result<(), ProviderError> {
    let point = PointKey::read(name)?;
    let document = palette.client.backup(&point.workspace, Some(&point.request)).await?;
    let entry = document.entries.iter().find(|e| e.request_uid == point.request);
    let there = entry
        .into_iter()
        .flat_map(|e| &e.backup.cluster_backup_refs)
        .find(|r| r.cluster_uid == point.cluster && r.status.backup_name == point.backup);
    let Some(there) = there else { return Ok(()) };
    let state = &there.status.backup_state;
    if matches!(words::deletion(state), words::Deletion::Asked | words::Deletion::Done) {
        return Ok(());
    }
    match palette.client.delete(&point.workspace, &translate::deletion(&point)).await {
        Ok(()) => {}
        Err(e) if e.kind == ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    palette.shared.touch(&point.workspace);
    Ok(())
}
