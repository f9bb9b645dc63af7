//! What is wrong with a Restore, in the restore controller's words, and which backup it means.

use std::sync::Arc;

use serde_json::{Value, json};

use super::validation::lists;
use crate::json::{label, set, text, texts};
use crate::kube::kind;
use crate::scenario::Scenario;

const NON_RESTORABLE: [&str; 9] = [
    "nodes",
    "events",
    "events.events.k8s.io",
    "backups.velero.io",
    "restores.velero.io",
    "resticrepositories.velero.io",
    "csinodes.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "backuprepositories.velero.io",
];

/// Fills the spec in and returns the validation errors; without any, `spec.backupName` names a stored backup.
pub(crate) fn prepare(s: &Scenario, restore: &mut Value) -> Vec<String> {
    let mut errors = Vec::new();
    let included = texts(restore, "/spec/includedResources");
    let mut excluded = texts(restore, "/spec/excludedResources");
    for resource in NON_RESTORABLE {
        if !excluded.iter().any(|item| item == resource) {
            excluded.push(resource.to_owned());
        }
    }
    set(restore, "/spec/excludedResources", json!(excluded));
    for resource in NON_RESTORABLE {
        if included.iter().any(|item| item == resource) {
            errors.push(format!("{resource} are non-restorable resources"));
        }
    }
    for (word, include, exclude) in [
        ("resource", included, excluded),
        ("namespace", texts(restore, "/spec/includedNamespaces"), texts(restore, "/spec/excludedNamespaces")),
    ] {
        errors.extend(lists(&include, &exclude).iter().map(|e| format!("Invalid included/excluded {word} lists: {e}")));
    }
    let both = ["/spec/labelSelector", "/spec/orLabelSelectors"]
        .iter()
        .all(|field| restore.pointer(field).is_some_and(|value| !value.is_null()));
    if both {
        errors.push(
            "encountered labelSelector as well as orLabelSelectors in restore spec, only one can be specified"
                .to_owned(),
        );
    }
    let backup = text(restore, "/spec/backupName").to_owned();
    let schedule = text(restore, "/spec/scheduleName").to_owned();
    if backup.is_empty() == schedule.is_empty() {
        errors
            .push("Either a backup or schedule must be specified as a source for the restore, but not both".to_owned());
        return errors;
    }
    let policy = text(restore, "/spec/existingResourcePolicy");
    if !matches!(policy, "" | "none" | "update") {
        errors.push(format!("Invalid ExistingResourcePolicy: {policy}"));
    }
    if !schedule.is_empty() {
        match newest(s, &schedule) {
            Newest::NoBackups => {
                errors.push("No backups found for schedule".to_owned());
                errors.push("No completed backups found for schedule".to_owned());
                return errors;
            }
            Newest::NoneCompleted => {
                errors.push("No completed backups found for schedule".to_owned());
                return errors;
            }
            Newest::Found(name) => set(restore, "/spec/backupName", name),
        }
    }
    source(s, restore, &mut errors);
    errors
}

enum Newest {
    NoBackups,
    NoneCompleted,
    Found(String),
}

/// The newest Completed one by its start: PartiallyFailed ones are passed over.
fn newest(s: &Scenario, schedule: &str) -> Newest {
    let all: Vec<(String, Arc<Value>)> = s
        .store
        .list(&kind::BACKUP, &s.options.namespace)
        .filter(|(_, backup)| label(backup, "velero.io/schedule-name") == schedule)
        .map(|(key, backup)| (key.name.clone(), backup.clone()))
        .collect();
    if all.is_empty() {
        return Newest::NoBackups;
    }
    all.into_iter()
        .filter(|(_, backup)| text(backup, "/status/phase") == "Completed")
        .max_by_key(|(_, backup)| text(backup, "/status/startTimestamp").to_owned())
        .map_or(Newest::NoneCompleted, |(name, _)| Newest::Found(name))
}

fn source(s: &Scenario, restore: &mut Value, errors: &mut Vec<String>) {
    let name = text(restore, "/spec/backupName").to_owned();
    let Some(backup) = s.get(&kind::BACKUP, &name) else {
        errors.push(format!("Error retrieving backup: Backup.velero.io \"{name}\" not found"));
        return;
    };
    let place = text(&backup, "/spec/storageLocation");
    let Some(location) = s.get(&kind::LOCATION, place) else {
        errors.push(format!("Error retrieving backup: BackupStorageLocation.velero.io \"{place}\" not found"));
        return;
    };
    if text(&location, "/status/phase") != "Available" {
        errors.push(format!("The BSL {place} is unavailable, cannot retrieve the backup"));
        return;
    }
    let schedule = label(&backup, "velero.io/schedule-name");
    if text(restore, "/spec/scheduleName").is_empty() && !schedule.is_empty() {
        set(restore, "/spec/scheduleName", schedule);
    }
    let modifier = text(restore, "/spec/resourceModifier/name");
    let is_map = text(restore, "/spec/resourceModifier/kind").eq_ignore_ascii_case("configmap");
    if is_map && s.get(&kind::CONFIG_MAP, modifier).is_none() {
        errors.push(format!("failed to get resource modifiers configmap {}/{modifier}", s.options.namespace));
    }
}
