//! Definitions into Velero's objects and back. Pure: no I/O, no clock. The golden files under `tests/golden/velero` are its
//! tests and are what the review step shows.

pub mod back;
pub mod compare;
pub mod mark;
pub mod plan;
pub mod render;
pub mod tiers;

use super::wire::{
    ASKED_BY, DEFINITION, ExpressionOut, MetaOut, ObjectOut, RestoreOut, ScheduleOut, SelectorOut, TemplateMetaOut,
    TemplateOut, V1, WRITTEN,
};
use crate::provider::Owned;
use model::{
    definition::{Definition, Retention, Schedule, Volumes},
    label::{Operator, Requirement},
    restore::RestoreOrder,
    scope::ClusterObjects,
};
use std::collections::BTreeMap;

/// Whether the server understands a `CRON_TZ=` prefix (since 1.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zones {
    Understood,
    /// Only UTC can be meant, and it is left unsaid.
    Unknown,
}

/// The cron text with its zone.
pub fn cron(schedule: &Schedule, zones: Zones) -> String {
    match (&schedule.zone, zones) {
        (Some(zone), Zones::Unknown) if zone == "UTC" => schedule.cron.clone(),
        (Some(_), _) if tiers::is_span(&schedule.cron) => schedule.cron.clone(),
        (Some(zone), _) => format!("CRON_TZ={zone} {}", schedule.cron),
        (None, _) => schedule.cron.clone(),
    }
}

/// The Schedules that a definition means, one for each of its tiers; none for a definition without a schedule.
pub fn schedules(owned: &Owned, namespace: &str, zones: Zones) -> Vec<ObjectOut<ScheduleOut>> {
    let definition = &owned.definition;
    let Some(first) = &definition.schedule else { return Vec::new() };
    let further = definition.further.iter().map(|tier| (&tier.schedule, &tier.retention));
    [(first, &definition.retention)]
        .into_iter()
        .chain(further)
        .enumerate()
        .map(|(at, (schedule, retention))| {
            let spec = spec(owned, cron(schedule, zones), retention);
            let mut metadata = meta(&tiers::name(&owned.upstream_name, at + 1), namespace, ours(owned));
            // Only maps with other keys than text can't be JSON, and there are none.
            let said = serde_json::to_value(&spec).unwrap_or_default();
            metadata.annotations.insert(WRITTEN.into(), mark::of(owned.version, &said));
            ObjectOut { api_version: V1, kind: "Schedule", metadata, spec }
        })
        .collect()
}

fn spec(owned: &Owned, schedule: String, retention: &Retention) -> ScheduleOut {
    let mut template = template(&owned.definition, retention);
    template.metadata = Some(TemplateMetaOut { labels: ours(owned) });
    ScheduleOut { schedule, paused: owned.definition.paused, use_owner_references_in_backup: false, template }
}

/// A Backup as the definition means it, under the given name.
pub fn backup(owned: &Owned, name: &str, namespace: &str, asked_by: &str) -> ObjectOut<TemplateOut> {
    let mut metadata = meta(name, namespace, ours(owned));
    metadata.annotations.insert(ASKED_BY.into(), asked_by.into());
    ObjectOut {
        api_version: V1,
        kind: "Backup",
        metadata,
        spec: template(&owned.definition, &owned.definition.retention),
    }
}

/// A Restore under the given name.
pub fn restore(order: &RestoreOrder, name: &str, namespace: &str, asked_by: &str) -> ObjectOut<RestoreOut> {
    let mut metadata = meta(name, namespace, BTreeMap::new());
    metadata.annotations.insert(ASKED_BY.into(), asked_by.into());
    ObjectOut {
        api_version: V1,
        kind: "Restore",
        metadata,
        spec: RestoreOut {
            backup_name: order.point_name.clone(),
            included_namespaces: order.namespaces.clone(),
            namespace_mapping: order.mapping.iter().cloned().collect(),
            existing_resource_policy: order.update_existing.then_some("update"),
            restore_pvs: order.volumes,
            preserve_node_ports: order.keep_node_ports,
        },
    }
}

fn ours(owned: &Owned) -> BTreeMap<String, String> {
    BTreeMap::from([(DEFINITION.to_owned(), owned.id.0.clone())])
}

fn meta(name: &str, namespace: &str, labels: BTreeMap<String, String>) -> MetaOut {
    MetaOut { name: name.to_owned(), namespace: namespace.to_owned(), labels, ..MetaOut::default() }
}

/// The BackupSpec. Only the old filters are used (`includedResources` and its like): every version understands them, and Velero
/// refuses a mix with the newer ones.
fn template(definition: &Definition, retention: &Retention) -> TemplateOut {
    let scope = &definition.scope;
    let mut selectors = scope.selectors.iter().map(|group| selector(group));
    let (label_selector, or_label_selectors) = match scope.selectors.len() {
        0 => (None, Vec::new()),
        1 => (selectors.next(), Vec::new()),
        _ => (None, selectors.collect()),
    };
    let (snapshot_volumes, snapshot_move_data, default_volumes_to_fs_backup) = volumes(definition.volumes);
    TemplateOut {
        metadata: None,
        included_namespaces: scope.namespaces.clone(),
        excluded_namespaces: scope.except_namespaces.clone(),
        included_resources: scope.resources.clone(),
        excluded_resources: scope.except_resources.clone(),
        include_cluster_resources: match scope.cluster_objects {
            ClusterObjects::Needed => None,
            ClusterObjects::All => Some(true),
            ClusterObjects::None => Some(false),
        },
        label_selector,
        or_label_selectors,
        snapshot_volumes,
        snapshot_move_data,
        default_volumes_to_fs_backup,
        storage_location: definition.location.clone(),
        ttl: retention.keep_for.map(|s| s.go()),
    }
}

/// `snapshotVolumes`, `snapshotMoveData`, `defaultVolumesToFsBackup`. Every choice but the upstream's own says all three that
/// matter to it, because the server's defaults can be changed by its flags.
pub fn volumes(choice: Volumes) -> (Option<bool>, Option<bool>, Option<bool>) {
    match choice {
        Volumes::Upstream => (None, None, None),
        Volumes::Snapshot => (Some(true), Some(false), Some(false)),
        Volumes::SnapshotMoved => (Some(true), Some(true), Some(false)),
        Volumes::Files => (Some(false), None, Some(true)),
        Volumes::None => (Some(false), None, Some(false)),
    }
}

/// A group of requirements: `key in (one value)` is said as `matchLabels`, as people write it, unless the key comes twice.
fn selector(group: &[Requirement]) -> SelectorOut {
    let mut out = SelectorOut::default();
    for r in group {
        match (r.operator, r.values.as_slice()) {
            (Operator::In, [value]) if !out.match_labels.contains_key(&r.key) => {
                out.match_labels.insert(r.key.clone(), value.clone());
            }
            _ => out.match_expressions.push(ExpressionOut {
                key: r.key.clone(),
                operator: r.operator.upstream(),
                values: r.values.clone(),
            }),
        }
    }
    out
}

#[cfg(test)]
mod tests;
