//! Restores: in place by a PUT of the app, or beside it by a POST of a new one. Astra Control keeps no record of a restore, so the
//! order's name is written on the app in the same request; by that it is found again and followed.

use crate::provider::{
    Ask, Begun, ErrorKind, ProviderError,
    astra::{
        Astra,
        client::{APPS, app, force_update},
        explain::in_draft,
        key::Key,
        translate::restore as translate,
        wire::{App, RESTORE, out::APP},
    },
};
use model::restore::RestoreOrder;

const OPERATION: &str = "start the restore";

/// What a restore is known by: the app that it goes into, and the order. An app can be restored again and again.
pub fn name(app: &str, order: &str) -> String {
    format!("{app}/{order}")
}

/// Begins it, or finds that it has begun.
pub async fn restore(astra: &Astra, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
    let key = Key::read(&order.point_name)?;
    let source: App = astra.api.get("read the app", &app(&key.app)).await.map_err(|error| match error.kind {
        ErrorKind::NotFound => {
            ProviderError { sentence: "The app that it is of is not there any more.".into(), ..error }
                .remedy("Astra Control deletes an app's backups with it.")
        }
        _ => error,
    })?;
    let into = if order.in_place {
        in_place(astra, order, &source, &key, ask).await?
    } else {
        beside(astra, order, &source, &key, ask).await?
    };
    astra.wake.nudge(&into);
    Ok(Begun { name: Some(name(&into, &ask.name)) })
}

fn is_it(app: &App, ask: &Ask) -> bool {
    app.metadata.label(RESTORE) == Some(ask.name.as_str())
}

async fn in_place(
    astra: &Astra,
    order: &RestoreOrder,
    source: &App,
    key: &Key,
    ask: &Ask,
) -> Result<String, ProviderError> {
    if is_it(source, ask) {
        return Ok(source.id.clone());
    }
    if let Some(sentence) = translate::not_in_place(order) {
        return Err(ProviderError::new(ErrorKind::Refused, OPERATION, sentence));
    }
    let body = translate::in_place(source, key, ask, astra.clock.now());
    astra
        .api
        .put(OPERATION, &app(&source.id), APP, &body, (force_update(), "true"))
        .await
        .map_err(|error| in_draft(error, translate::draft_field))?;
    Ok(source.id.clone())
}

async fn beside(
    astra: &Astra,
    order: &RestoreOrder,
    source: &App,
    key: &Key,
    ask: &Ask,
) -> Result<String, ProviderError> {
    if ask.repeated
        && let Some(found) = find(astra, ask).await?
    {
        return Ok(found);
    }
    let body = translate::beside(order, source, key, ask, astra.clock.now())?;
    let made = astra.api.post::<App>(OPERATION, APPS, APP, &body).await;
    match made {
        Ok(made) if !made.id.is_empty() => Ok(made.id),
        Ok(_) => {
            let sentence = "The answer does not say what was made.";
            Err(ProviderError::new(ErrorKind::Garbled, OPERATION, sentence).remedy("It is looked for."))
        }
        Err(error) => {
            let error = in_draft(error, translate::draft_field);
            // A name that is taken may be taken by this order's own app.
            let own = if error.kind.retryable() || error.kind == ErrorKind::Refused {
                find(astra, ask).await
            } else {
                Ok(None)
            };
            own.ok().flatten().ok_or(error)
        }
    }
}

async fn find(astra: &Astra, ask: &Ask) -> Result<Option<String>, ProviderError> {
    let all: Vec<App> = astra.api.list("look for the restore", APPS).await?;
    Ok(all.into_iter().find(|app| is_it(app, ask)).map(|app| app.id))
}
