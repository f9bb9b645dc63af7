//! The one call that the product was ordered against, field by field as its definition of 2023 publishes it.

use serde_json::{Value, json};

use crate::bed::Bed;

/// Every field of the published example; `[]` is each entry of a list.
const FIELDS: [&str; 43] = [
    "metadata.annotations",
    "metadata.creationTimestamp",
    "metadata.deletionTimestamp",
    "metadata.labels",
    "metadata.lastModifiedTimestamp",
    "metadata.name",
    "metadata.uid",
    "spec.config.backupConfig.backupLocationName",
    "spec.config.backupConfig.backupLocationUid",
    "spec.config.backupConfig.backupName",
    "spec.config.backupConfig.backupPrefix",
    "spec.config.backupConfig.durationInHours",
    "spec.config.backupConfig.includeAllDisks",
    "spec.config.backupConfig.includeClusterResources",
    "spec.config.backupConfig.locationType",
    "spec.config.backupConfig.namespaces[]",
    "spec.config.backupConfig.schedule.scheduledRunTime",
    "spec.config.clusterUids[]",
    "spec.config.includeAllClusters",
    "spec.workspaceUid",
    "status.workspaceBackupStatuses[].actor.actorType",
    "status.workspaceBackupStatuses[].actor.uid",
    "status.workspaceBackupStatuses[].requestUid",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.backupName",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.backupState.deleteState",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.backupState.state",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.backupTime",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupStatusMeta.backupName",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupStatusMeta.backupState.backupTime",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupStatusMeta.backupState.deleteState",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupStatusMeta.backupState.msg",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupStatusMeta.backupState.state",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupStatusMeta.backupedNamespaces[]",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupStatusMeta.expiryDate",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].backupUid",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].clusterName",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.clusterBackupRefs[].clusterUid",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.config.backupName",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.config.durationInHours",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.config.includeAllDisks",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.config.includeClusterResources",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.config.namespaces[]",
    "status.workspaceBackupStatuses[].workspaceBackupConfig.requestTime",
];

/// The places of all values that hold no others; an empty list or object is one itself.
fn leaves(at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, inner) in fields {
                leaves(&if at.is_empty() { name.clone() } else { format!("{at}.{name}") }, inner, found);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for inner in list {
                leaves(&format!("{at}[]"), inner, found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

async fn fields(seed: Value) -> Vec<String> {
    let bed = Bed::with(seed).await;
    let mut plan = bed.plan(&["prod-eu-1"]);
    plan["backupConfig"]["backupName"] = "by-hand".into();
    bed.post(&bed.backup_path("shop"), &plan).await;
    bed.backed_up(&["prod-eu-1", "prod-eu-2"]).await;
    let mut found = Vec::new();
    leaves("", &bed.get(&bed.backup_path("shop")).await.body, &mut found);
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn an_older_server_answers_with_exactly_the_published_fields() {
    assert_eq!(fields(json!({"version": "4.5", "zero_times": true})).await, FIELDS);
}

#[tokio::test]
async fn a_newer_one_adds_the_mode_of_cluster_resources_alone() {
    let mut newer = fields(json!({"zero_times": true})).await;
    let before = newer.len();
    newer.retain(|field| !field.ends_with("includeClusterResourceMode"));
    assert_eq!(before - newer.len(), 2);
    assert!(newer.iter().all(|field| FIELDS.contains(&field.as_str())));
}
