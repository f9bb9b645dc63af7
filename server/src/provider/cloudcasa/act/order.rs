//! Restores, and the deletion of recovery points.

use super::super::{
    client::Client,
    translate,
    wire::{Doc, ORDER},
};
use crate::provider::{Ask, Begun, ErrorKind, ProviderError};
use model::restore::RestoreOrder;
use serde_json::json;

/// Creates a kuberestore, which runs at once. One that carries the order is it already.
pub async fn restore(client: &Client, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
    const OPERATION: &str = "start a restore";
    let begun = |doc: &Doc| Begun { name: Some(doc.id().to_owned()) };
    if ask.repeated
        && let Some(there) = ordered(client, order, ask).await?
    {
        return Ok(begun(&there));
    }
    let body = translate::value(&translate::restore(order, ask));
    match client.create(OPERATION, "kuberestores", body).await {
        Ok(made) => Ok(begun(&made)),
        Err(e) if e.kind == ErrorKind::Conflict => match ordered(client, order, ask).await? {
            Some(there) => Ok(begun(&there)),
            None => Err(ProviderError::new(
                ErrorKind::Conflict,
                OPERATION,
                format!("The name {} is taken in CloudCasa by another restore; it was left alone.", ask.name),
            )),
        },
        Err(e) => Err(e),
    }
}

async fn ordered(client: &Client, order: &RestoreOrder, ask: &Ask) -> Result<Option<Doc>, ProviderError> {
    let found = client.docs("look for the restore", "kuberestores", json!({"name": ask.name})).await?;
    Ok(found.into_iter().find(|doc| doc.tag(ORDER) == ask.name && doc.reference("backup_inst") == order.point_name))
}

/// Deletes a recovery point: it turns DELETING, and a job takes its data away.
pub async fn delete_point(client: &Client, point: &str) -> Result<(), ProviderError> {
    const OPERATION: &str = "delete the recovery point";
    let Some(doc) = client.there(OPERATION, "backupinstances", point).await? else {
        return Ok(());
    };
    if doc.text("/state") == "DELETING" {
        return Ok(());
    }
    if doc.truth("/status/locked") {
        return Err(locked(OPERATION));
    }
    client.delete(OPERATION, "backupinstances", &doc).await
}

fn locked(operation: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Refused,
        operation,
        "It is locked by SafeLock and can't be deleted before it expires.",
    )
    .remedy("Wait until it expires; CloudCasa unlocks nothing before.")
}
