//! Letting go of policies: Palette has no call that deletes one.

use super::super::{
    Palette, key,
    translate::{self, compare},
};
use crate::provider::{Applied, ErrorKind, Owned, ProviderError};
use futures::StreamExt;
use serde_json::Value;

/// Workspaces that are looked at side by side.
const SIDE_BY_SIDE: usize = 3;

/// Switches our policy of a workspace off and takes our mark from it; `false` when it has none of ours.
pub(super) async fn release(palette: &Palette, uid: &str, name: &str) -> Result<bool, ProviderError> {
    let live = palette.client.backup(uid, None).await?;
    let Some(config) = live.config.filter(|config| translate::prefix(config) == name) else {
        return Ok(false);
    };
    let body = translate::released(&config);
    palette.shared.send(uid, &body);
    match palette.client.update_policy(uid, body).await {
        Ok(()) => {}
        Err(e) if e.kind == ErrorKind::NotFound => return Ok(false),
        // Nothing runs by it, and nothing can be done about it: its location is gone, say.
        Err(e) if e.kind == ErrorKind::Refused && translate::cron(&config).is_empty() => {}
        Err(e) => return Err(e),
    }
    palette.shared.touch(uid);
    Ok(true)
}

/// Releases the definition's policy, wherever it is: one that was moved to another workspace and not applied is still in the one
/// before.
pub async fn remove(palette: &Palette, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
    let name = &owned.upstream_name;
    let subject = owned.definition.scope.subject.as_ref().map(|subject| subject.id.clone());
    if let Some(uid) = &subject
        && release(palette, uid, name).await?
    {
        return Ok(());
    }
    let others = palette.client.workspaces().await?.into_iter().filter(|w| Some(&w.uid) != subject.as_ref());
    let mut released = futures::stream::iter(others.map(|w| w.uid))
        .map(|uid| async move { release(palette, &uid, name).await })
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some(result) = released.next().await {
        if result? {
            return Ok(());
        }
    }
    match applied {
        Some(applied) => left_behind(palette, owned, &applied.written).await,
        None => Ok(()),
    }
}

/// An error when the policy still runs as it was written, under another prefix. One that somebody changed beside that is theirs, and
/// so is another definition's.
async fn left_behind(palette: &Palette, owned: &Owned, written: &Value) -> Result<(), ProviderError> {
    let Some(uid) = written["workspace"].as_str().filter(|_| written["kind"] == "Policy") else { return Ok(()) };
    let live = palette.client.backup(uid, None).await?;
    let Some(config) = live.config.filter(|config| !translate::cron(config).is_empty()) else { return Ok(()) };
    let prefix = translate::prefix(&config);
    let renamed = prefix != owned.upstream_name && !key::is_ours(prefix);
    if !renamed || compare::drift(&written["config"], &config).iter().any(|d| d.field != compare::PREFIX) {
        return Ok(());
    }
    let workspace = owned.definition.scope.subject.as_ref().filter(|subject| subject.id == uid);
    let what = format!("The backup policy of {}", workspace.map_or(uid, |workspace| workspace.name.as_str()));
    let remedy = format!("Empty its schedule in Palette, or set its backup prefix to {} again.", owned.upstream_name);
    Err(ProviderError::left_behind(&what, "prefix from it").remedy(remedy))
}
