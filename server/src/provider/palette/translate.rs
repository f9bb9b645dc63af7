//! Definitions into Palette's requests and back. Pure: no I/O, no clock. The golden files under `tests/golden/palette` are its
//! tests and are what the review step shows.
//!
//! A workspace has one policy. It is ours when its `backupPrefix` is the definition's upstream name, which every backup that
//! comes of it begins with. A paused definition is the same policy with an empty schedule: Palette knows no pause.

pub mod back;
pub mod compare;
pub mod express;
pub mod render;

use super::{
    generation::Generation,
    key::PointKey,
    wire::{
        Location, Workspace,
        out::{ClusterDeletionOut, ClusterRestoreOut, ConfigOut, DeletionOut, EntityOut, RestoreOut, ScheduleOut},
    },
};
use crate::provider::Owned;
use model::{definition::Volumes, restore::RestoreOrder};
use serde_json::{Map, Value, json};

/// Prefix of a policy that a removed definition left behind: Palette has no call that deletes one.
pub const RELEASED: &str = "released-by-holdfast";

/// The policy of a definition. What [`express::express`] refuses is not asked for here.
pub fn policy(owned: &Owned, location: &Location, generation: Generation) -> EntityOut {
    let definition = &owned.definition;
    let cron = match &definition.schedule {
        Some(schedule) if !definition.paused => schedule.cron.clone(),
        _ => String::new(),
    };
    EntityOut {
        backup_config: ConfigOut {
            schedule: Some(ScheduleOut { scheduled_run_time: cron }),
            ..config(owned, location, generation)
        },
        include_all_clusters: definition.scope.clusters.is_empty(),
        cluster_uids: definition.scope.clusters.iter().map(|c| c.id.clone()).collect(),
    }
}

/// A backup on demand under this name: the definition without its schedule.
pub fn on_demand(owned: &Owned, name: &str, location: &Location, generation: Generation) -> EntityOut {
    let mut entity = policy(owned, location, generation);
    entity.backup_config.schedule = None;
    entity.backup_config.backup_name = Some(name.to_owned());
    entity
}

fn config(owned: &Owned, location: &Location, generation: Generation) -> ConfigOut {
    let definition = &owned.definition;
    ConfigOut {
        backup_prefix: owned.upstream_name.clone(),
        backup_name: None,
        backup_location_uid: location.uid.clone(),
        backup_location_name: location.name.clone(),
        location_type: location.kind.clone().unwrap_or_else(|| location.storage.clone()),
        duration_in_hours: definition.retention.keep_for.map(|s| s.0 / 3600).unwrap_or_default(),
        include_all_disks: definition.volumes != Volumes::None,
        objects: generation.say(definition.scope.cluster_objects).unwrap_or_default(),
        namespaces: definition.scope.namespaces.clone(),
        schedule: None,
    }
}

/// A backup on demand as the policy that is there says it, without its schedule.
pub fn on_demand_by(live: &Value, name: &str) -> Value {
    let mut body = live.clone();
    if let Some(config) = body["backupConfig"].as_object_mut() {
        config.remove("schedule");
        config.insert("backupName".into(), json!(name));
    }
    body
}

/// A policy that is there without its schedule and without our mark: what a removed definition leaves.
pub fn released(live: &Value) -> Value {
    let mut body = live.clone();
    if let Some(config) = body["backupConfig"].as_object_mut() {
        config.remove("backupName");
        config.insert("backupPrefix".into(), json!(RELEASED));
        config.insert("schedule".into(), json!({"scheduledRunTime": ""}));
    }
    body
}

/// The PUT that brings a live policy to the wanted one. It replaces everything, so what a newer Palette has beside our fields
/// is sent back as it is.
pub fn overlay(live: &Value, wanted: &Value) -> Value {
    let mut config = live["backupConfig"].as_object().cloned().unwrap_or_default();
    // The other release's field would contradict ours, and a name is for backups on demand.
    for key in ["includeClusterResources", "includeClusterResourceMode", "backupName"] {
        config.remove(key);
    }
    let said = wanted["backupConfig"].as_object().cloned().unwrap_or_default();
    config.extend(said);
    let mut out = live.as_object().cloned().unwrap_or_default();
    for key in ["includeAllClusters", "clusterUids"] {
        out.insert(key.into(), wanted[key].clone());
    }
    out.insert("backupConfig".into(), Value::Object(config));
    Value::Object(out)
}

/// A restore of one cluster's backup; `None` when this release has no word for the choice of objects without a namespace.
///
/// Palette has no default for volumes of which it tells, and what is absent is false there: they are asked for unless refused.
pub fn restore(order: &RestoreOrder, point: &PointKey, generation: Generation) -> Option<RestoreOut> {
    Some(RestoreOut {
        backup_request_uid: point.request.clone(),
        restore_configs: vec![ClusterRestoreOut {
            backup_name: point.backup.clone(),
            source_cluster_uid: point.cluster.clone(),
            include_namespaces: order.namespaces.clone(),
            objects: generation.say(order.cluster_objects)?,
            preserve_node_ports: order.keep_node_ports,
            restore_pvs: order.volumes.unwrap_or(true),
        }],
    })
}

/// The deletion of one cluster's backup.
pub fn deletion(point: &PointKey) -> DeletionOut {
    DeletionOut {
        cluster_configs: vec![ClusterDeletionOut {
            backup_name: point.backup.clone(),
            cluster_uid: point.cluster.clone(),
        }],
        request_uid: point.request.clone(),
    }
}

/// What is compared and stored of a policy, as [`crate::provider::Applied::written`] and
/// [`crate::provider::DeclaredSeen::seen`]. Names stand beside uids, so that "adopt" needs no look-up.
pub fn recorded(config: &Value, workspace: &Workspace, locations: &[Location]) -> Value {
    let mut config = config.clone();
    let uid = config["backupConfig"]["backupLocationUid"].as_str().unwrap_or_default();
    if let Some(location) = locations.iter().find(|l| l.uid == uid) {
        config["backupConfig"]["backupLocationName"] = json!(location.name);
    }
    let names: Map<String, Value> = config["clusterUids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|uid| (uid.to_owned(), json!(workspace.cluster(uid).name)))
        .collect();
    json!({"kind": "Policy", "workspace": workspace.uid, "config": config, "clusterNames": names})
}

/// The policy's prefix; empty when there is none.
pub fn prefix(config: &Value) -> &str {
    config["backupConfig"]["backupPrefix"].as_str().unwrap_or_default()
}

/// The policy's schedule; empty when it is off.
pub fn cron(config: &Value) -> &str {
    config["backupConfig"]["schedule"]["scheduledRunTime"].as_str().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
