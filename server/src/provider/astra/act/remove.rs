//! Taking away what a definition made, wherever it is; backups stay.

use super::{
    super::{Astra, client::APPS, translate, wire::App},
    remove_one, schedules,
};
use crate::provider::{Applied, ErrorKind, Owned, ProviderError};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// Calls at a time where something is asked of every app.
const AT_ONCE: usize = 6;

/// Removes the schedules, and says which lost our label and stands.
pub async fn remove(astra: &Astra, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
    take_away(astra, owned).await?;
    // Those that were applied may stand there without our label.
    let app = translate::app(&owned.definition).id;
    let revision = applied.and_then(|applied| applied.revision.as_ref());
    let Some(revision) = revision.filter(|_| !app.is_empty()) else { return Ok(()) };
    let all = match schedules(astra, &app).await {
        Ok(all) => all,
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let applied: BTreeSet<&str> = revision.object.split(' ').collect();
    match all.iter().find(|one| applied.contains(one.id.as_str()) && !translate::is_ours(one, owned)) {
        Some(one) => {
            let what = format!("The schedule {} of the app", one.name);
            Err(ProviderError::left_behind(&what, "label from it").remedy("Delete it in Astra Control."))
        }
        None => Ok(()),
    }
}

/// Deletes our schedules wherever they are: an app that the definition once belonged to may still have some.
async fn take_away(astra: &Astra, owned: &Owned) -> Result<(), ProviderError> {
    let mut apps: BTreeSet<String> =
        astra.api.list::<App>("list the apps", APPS).await?.into_iter().map(|app| app.id).collect();
    // It may be out of the list's sight, and still there.
    apps.insert(translate::app(&owned.definition).id);
    apps.retain(|id| !id.is_empty());
    stream::iter(apps.into_iter().map(|app| async move {
        let all = match schedules(astra, &app).await {
            Ok(all) => all,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for live in all.iter().filter(|one| translate::is_ours(one, owned)) {
            remove_one(astra, &app, live).await?;
            astra.wake.nudge(&app);
        }
        Ok(())
    }))
    .buffer_unordered(AT_ONCE)
    .try_collect()
    .await
}
