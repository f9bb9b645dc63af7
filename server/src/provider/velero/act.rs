//! Writing to the cluster. Every step may be repeated after a crash or a lost answer: names are fixed beforehand, and what
//! carries our label and already is as wanted is left alone.

pub mod schedules;

use super::{
    client::{Kube, Write, garbled},
    translate::{self, Zones},
    wire::{
        ASKED_BY, BACKUP_NAME, Backup, DEFINITION, DeleteRequest, List, Meta, Restore, SCHEDULE_NAME, Schedule, V1,
        label_value,
    },
};
use crate::provider::{Applied, ErrorKind, Owned, ProviderError};
use model::{restore::RestoreOrder, view::Resume};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who asked, where Holdfast itself did, for a definition without a schedule.
const HOLDFAST: &str = "Holdfast";

/// Whether it carries the definition's label.
pub fn is_ours(meta: &Meta, owned: &Owned) -> bool {
    meta.label(DEFINITION) == Some(owned.id.as_str())
}

/// The name is somebody else's.
pub fn taken(operation: &str, kind: &str, owned: &Owned, name: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Conflict,
        operation,
        format!(
            "The name {name} is taken in the cluster by a {kind} that this definition did not make; it was left alone."
        ),
    )
    .remedy(format!("Delete or rename it, or, if it belongs here, give it the label {DEFINITION}={}.", owned.id))
}

/// Makes the cluster match the definition.
pub async fn apply(
    kube: &Kube,
    owned: &Owned,
    previous: Option<&Applied>,
    resume: Option<Resume>,
    zones: Zones,
) -> Result<Applied, ProviderError> {
    let wanted = schedules::wanted(&translate::schedules(owned, &kube.namespace, zones))?;
    if wanted.is_empty() {
        apply_single(kube, owned, previous).await
    } else {
        schedules::apply(kube, owned, previous, &wanted, resume).await
    }
}

/// A definition without a schedule: one Backup, at its first apply.
async fn apply_single(kube: &Kube, owned: &Owned, previous: Option<&Applied>) -> Result<Applied, ProviderError> {
    let name = &owned.upstream_name;
    if let Some(previous) = previous {
        let had = previous.written["kind"] == json!("Schedule");
        let removed = if had { schedules::remove(kube, owned).await? } else { Vec::new() };
        let sentence = match removed.as_slice() {
            [] => "Nothing to change in the cluster.".into(),
            [one] => format!("Schedule {one} deleted; its backups stay."),
            all => format!("Schedules {} deleted; their backups stay.", all.join(", ")),
        };
        let kind = if previous.written["kind"] == json!("Backup") { "Backup" } else { "none" };
        return Ok(Applied { written: json!({"kind": kind}), sentence, revision: None });
    }
    let wanted = translate::backup(owned, name, &kube.namespace, HOLDFAST);
    let sentence =
        create_run(kube, owned, name, &serde_json::to_value(&wanted).map_err(|_| garbled("write the backup"))?)
            .await
            .map(|made| format!("Backup {name} {}.", if made { "created" } else { "is there" }))?;
    Ok(Applied { written: json!({"kind": "Backup"}), sentence, revision: None })
}

/// Creates a Backup; `false` when it is there already and is ours.
async fn create_run(kube: &Kube, owned: &Owned, name: &str, object: &Value) -> Result<bool, ProviderError> {
    match kube.create("create the backup", "backups", object, Write::Real).await {
        Ok(_) => Ok(true),
        Err(e) if e.kind == ErrorKind::Conflict => {
            let there: Backup = kube.read("read the backup", &kube.object("backups", name)).await?;
            if is_ours(&there.metadata, owned) {
                Ok(false)
            } else {
                Err(taken("create the backup", "Backup", owned, name))
            }
        }
        Err(e) => Err(e),
    }
}

/// Deletes the definition's Schedules; its backups stay.
pub async fn remove(kube: &Kube, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
    schedules::remove(kube, owned).await?;
    match applied {
        Some(applied) => left_behind(kube, owned, applied).await,
        None => Ok(()),
    }
}

/// An error for the first Schedule that was applied and stands there without our label.
async fn left_behind(kube: &Kube, owned: &Owned, applied: &Applied) -> Result<(), ProviderError> {
    for tier in 1..=owned.definition.further.len() + 1 {
        let name = translate::tiers::name(&owned.upstream_name, tier);
        let meta = match kube.read::<Schedule>("read the schedule", &kube.object("schedules", &name)).await {
            Ok(live) => live.metadata,
            Err(e) if e.kind == ErrorKind::NotFound => continue,
            Err(e) if e.kind == ErrorKind::NotInstalled => return Ok(()),
            Err(e) => return Err(e),
        };
        // One that somebody made anew under the first one's name is theirs.
        let another = tier == 1 && applied.revision.as_ref().is_none_or(|revision| revision.object != meta.uid);
        if !is_ours(&meta, owned) && !another {
            let remedy = format!("Delete it in the cluster, or set its label {DEFINITION} to {} again.", owned.id);
            return Err(ProviderError::left_behind(&format!("The Schedule {name}"), "label from it").remedy(remedy));
        }
    }
    Ok(())
}

/// A Backup as `velero backup create --from-schedule` makes it: the live Schedule's template, labels and annotations. Of several
/// Schedules it is the first one's.
pub async fn start_run(kube: &Kube, owned: &Owned, run_name: &str, asked_by: &str) -> Result<(), ProviderError> {
    let mut object = serde_json::to_value(translate::backup(owned, run_name, &kube.namespace, asked_by))
        .map_err(|_| garbled("write the backup"))?;
    if owned.definition.schedule.is_some() {
        match kube.read::<Schedule>("read the schedule", &kube.object("schedules", &owned.upstream_name)).await {
            Ok(live) if is_ours(&live.metadata, owned) => {
                object = from_schedule(kube, owned, &live, run_name, asked_by)
            }
            // Gone or somebody else's: the definition itself still says what to back up.
            Ok(_) => {}
            Err(e) if e.kind == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    create_run(kube, owned, run_name, &object).await.map(|_| ())
}

fn from_schedule(kube: &Kube, owned: &Owned, live: &Schedule, run_name: &str, asked_by: &str) -> Value {
    let template = &live.spec["template"];
    let from_template: BTreeMap<String, String> =
        serde_json::from_value(template["metadata"]["labels"].clone()).unwrap_or_default();
    // Velero's rule: the template's labels, or else the Schedule's own.
    let mut labels = if from_template.is_empty() { live.metadata.labels.clone() } else { from_template };
    labels.insert(SCHEDULE_NAME.into(), live.metadata.name.clone());
    labels.insert(DEFINITION.into(), owned.id.0.clone());
    let mut annotations = live.metadata.annotations.clone();
    annotations.insert(ASKED_BY.into(), asked_by.into());
    let mut metadata =
        json!({"name": run_name, "namespace": kube.namespace, "labels": labels, "annotations": annotations});
    if live.spec["useOwnerReferencesInBackup"] == json!(true) {
        metadata["ownerReferences"] = json!([{
            "apiVersion": V1, "kind": "Schedule", "name": live.metadata.name, "uid": live.metadata.uid, "controller": true,
        }]);
    }
    json!({"apiVersion": V1, "kind": "Backup", "metadata": metadata, "spec": template})
}

/// Creates a Restore. One of that name that says the same backup and was asked for through Holdfast is it already.
pub async fn restore(kube: &Kube, order: &RestoreOrder, name: &str, asked_by: &str) -> Result<(), ProviderError> {
    let object = translate::restore(order, name, &kube.namespace, asked_by);
    match kube.create("create the restore", "restores", &object, Write::Real).await {
        Ok(_) => Ok(()),
        Err(e) if e.kind == ErrorKind::Conflict => {
            let there: Restore = kube.read("read the restore", &kube.object("restores", name)).await?;
            if there.spec.backup_name == order.point_name && there.metadata.annotations.contains_key(ASKED_BY) {
                Ok(())
            } else {
                Err(ProviderError::new(
                    ErrorKind::Conflict,
                    "create the restore",
                    format!("The name {name} is taken in the cluster by another Restore; it was left alone."),
                ))
            }
        }
        Err(e) => Err(e),
    }
}

/// Asks Velero to delete a backup and its data. Deleting the Backup object itself would do neither: it comes back from the
/// bucket within a minute.
pub async fn delete_point(kube: &Kube, point: &str, order: &str) -> Result<(), ProviderError> {
    const OPERATION: &str = "ask for the backup's deletion";
    let backup: Backup = match kube.read(OPERATION, &kube.object("backups", point)).await {
        Ok(backup) => backup,
        Err(e) if e.kind == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    let short = label_value(point);
    let path = format!(
        "{}?labelSelector={}%3D{}",
        kube.path(super::client::Group::Velero, "deletebackuprequests"),
        super::client::segment(BACKUP_NAME),
        super::client::segment(&short),
    );
    let list: List = kube.read(OPERATION, &path).await?;
    let under_way = list.items.into_iter().any(|item| {
        let request: DeleteRequest = serde_json::from_value(item).unwrap_or_default();
        request.spec.backup_name == point && request.status.phase != "Processed"
    });
    if under_way {
        return Ok(());
    }
    let name = request_name(point, order);
    let object = json!({
        "apiVersion": V1,
        "kind": "DeleteBackupRequest",
        "metadata": {
            "name": name,
            "namespace": kube.namespace,
            "labels": {BACKUP_NAME: short, super::wire::BACKUP_UID: backup.metadata.uid},
        },
        "spec": {"backupName": point},
    });
    match kube.create(OPERATION, "deletebackuprequests", &object, Write::Real).await {
        Ok(_) => Ok(()),
        Err(e) if e.kind == ErrorKind::Conflict => {
            let there: DeleteRequest = kube.read(OPERATION, &kube.object("deletebackuprequests", &name)).await?;
            // Of this order: it was sent before, and Velero's answer stands on it.
            if there.spec.backup_name == point { Ok(()) } else { Err(e) }
        }
        Err(e) => Err(e),
    }
}

/// `<backup>-<order>`; of a long backup only the beginning, because Kubernetes takes 253 characters.
fn request_name(point: &str, order: &str) -> String {
    let stem: String = point.chars().take(200).collect();
    format!("{}-{order}", stem.trim_end_matches(['-', '.']))
}
