//! Backups and snapshots on demand. The order's name stands on them, so that one that was begun is found again.

use super::{app_gone, bucket, taken};
use crate::provider::{
    Ask, Begun, ErrorKind, Owned, ProviderError,
    astra::{
        Astra,
        client::of_app,
        explain::in_draft,
        key::{Key, Sort},
        translate::{self, express},
        wire::{
            Backup, DEFINITION, ORDER,
            out::{BACKUP, SNAP},
        },
    },
};

/// What a run of the definition is.
pub fn sort(owned: &Owned) -> Sort {
    if translate::snapshots_alone(&owned.definition) { Sort::Snapshot } else { Sort::Backup }
}

/// Begins a run for an order, or finds the one that it began.
pub async fn start(astra: &Astra, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
    let ordered = |backup: &Backup| backup.metadata.label(ORDER) == Some(ask.name.as_str());
    if ask.repeated
        && let Some(found) = find(astra, owned, ordered).await?
    {
        return Ok(begun(owned, &found));
    }
    match post(astra, owned, &ask.name, Some(ask)).await {
        Ok(made) => Ok(begun(owned, &made)),
        Err(error) if error.kind == ErrorKind::Conflict => {
            find(astra, owned, ordered).await?.map(|found| begun(owned, &found)).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

/// Makes the single backup of a definition without a schedule; false when it is there already.
pub async fn once(astra: &Astra, owned: &Owned) -> Result<bool, ProviderError> {
    let name = &owned.upstream_name;
    let named = |backup: &Backup| backup.name == *name;
    let ours = |backup: &Backup| match backup.metadata.label(DEFINITION) == Some(owned.id.as_str()) {
        true => Ok(false),
        false => Err(taken(owned, sort(owned).word())),
    };
    if let Some(there) = find(astra, owned, named).await? {
        return ours(&there);
    }
    match post(astra, owned, name, None).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind == ErrorKind::Conflict => match find(astra, owned, named).await? {
            Some(there) => ours(&there),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

async fn post(astra: &Astra, owned: &Owned, name: &str, ask: Option<&Ask>) -> Result<Backup, ProviderError> {
    let (sort, app) = (sort(owned), translate::app(&owned.definition).id);
    let bucket = match sort {
        Sort::Backup if owned.definition.location.is_some() => {
            bucket(astra, owned.definition.location.as_deref()).await?.0
        }
        _ => String::new(),
    };
    let (operation, media) = match sort {
        Sort::Backup => ("begin the backup", BACKUP),
        Sort::Snapshot => ("take the snapshot", SNAP),
    };
    let body = translate::backup(owned, name, ask, &bucket);
    let made = astra.api.post::<Backup>(operation, &of_app(&app, sort.collection()), media, &body).await;
    astra.wake.nudge(&app);
    match made {
        // Without an id nobody could address it; it is looked for.
        Ok(made) if made.id.is_empty() => {
            let sentence = "The answer does not say what was begun.";
            Err(ProviderError::new(ErrorKind::Garbled, operation, sentence).remedy("It is looked for."))
        }
        Ok(made) => Ok(made),
        Err(error) if error.kind == ErrorKind::NotFound => Err(app_gone(owned, error)),
        Err(error) => Err(in_draft(error, |field| express::draft_field(&owned.definition, "", field))),
    }
}

async fn find(astra: &Astra, owned: &Owned, is_it: impl Fn(&Backup) -> bool) -> Result<Option<Backup>, ProviderError> {
    let (sort, app) = (sort(owned), translate::app(&owned.definition).id);
    match astra.api.list::<Backup>("look for the backup", &of_app(&app, sort.collection())).await {
        Ok(all) => Ok(all.into_iter().find(is_it)),
        Err(error) if error.kind == ErrorKind::NotFound => Err(app_gone(owned, error)),
        Err(error) => Err(error),
    }
}

fn begun(owned: &Owned, backup: &Backup) -> Begun {
    Begun { name: Some(Key::new(sort(owned), &translate::app(&owned.definition).id, &backup.id).to_string()) }
}
