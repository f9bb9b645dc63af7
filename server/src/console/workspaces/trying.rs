//! Small estates for the tests beside.

use super::{estate::Watched, places::Upstream};
use crate::{
    console::rows::Counting,
    store::{DefinitionListRow, NarrowRun, StoredInventory, WatchedDefinition},
};
use model::{
    Millis, Named, Phase,
    capability::SubjectKind,
    connection::{Health, Inventory, NamespaceSeen, ProviderKind, SubjectSeen},
    definition::{Definition, Retention, Schedule, Standing, Volumes},
    interval::Intervals,
    scope::Scope,
};
use std::collections::BTreeMap;

/// 2026-10-29T07:41:39Z.
pub(super) const NOW: Millis = Millis(1_793_259_699_000);
pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 24 * HOUR;

pub(super) fn upstream(id: &str, sort: Option<SubjectKind>) -> Upstream {
    Upstream { id: id.into(), name: format!("{id}-name"), kind: ProviderKind::Velero, namespace: "velero".into(), sort }
}

fn namespace(name: &&str) -> NamespaceSeen {
    // As providers say of what can't be chosen.
    let skipped = name.strip_prefix('!');
    NamespaceSeen { name: skipped.unwrap_or(name).into(), skipped_because: skipped.map(|_| "skipped".into()) }
}

pub(super) fn subject(id: &str, clusters: &[&str], namespaces: &[&str]) -> SubjectSeen {
    SubjectSeen {
        id: id.into(),
        name: format!("{id}-name"),
        clusters: clusters.iter().map(|id| Named::new(*id, format!("{id}-name"))).collect(),
        namespaces: namespaces.iter().map(namespace).collect(),
        ..SubjectSeen::default()
    }
}

pub(super) fn inventory(connection: &str, namespaces: &[&str], subjects: Vec<SubjectSeen>) -> StoredInventory {
    StoredInventory {
        connection: connection.into(),
        connection_version: 1,
        inventory: Inventory {
            namespaces: namespaces.iter().map(namespace).collect(),
            subjects,
            ..Inventory::default()
        },
        read_at: NOW,
        first_seen: BTreeMap::new(),
    }
}

pub(super) fn definition(connection: &str, scope: Scope) -> Definition {
    Definition {
        name: "nightly".into(),
        connection: connection.into(),
        scope,
        location: None,
        volumes: Volumes::Upstream,
        retention: Retention::default(),
        schedule: Some(Schedule { cron: "30 2 * * *".into(), zone: Some("Europe/Zurich".into()) }),
        further: Vec::new(),
        policy: None,
        paused: false,
    }
}

/// A definition that was made three days ago and is in force.
pub(in crate::console) fn watched(clusters: &[&str]) -> Watched {
    let definition = definition("c1", Scope::default());
    let row = DefinitionListRow {
        id: "d1".into(),
        name: "nightly".into(),
        connection: "c1".into(),
        connection_name: "c1-name".into(),
        kind: ProviderKind::Velero,
        scope: String::new(),
        cron: definition.schedule.as_ref().map(|schedule| schedule.cron.clone()),
        rhythm: None,
        zone: definition.schedule.as_ref().and_then(|schedule| schedule.zone.clone()),
        paused: false,
        paused_by: None,
        standing: Standing::Applied,
        last_run: None,
        newest_good: None,
        health: Health::Answers,
        last_seen: Some(NOW),
        version: 1,
        counted_from: Some(NOW),
        further: Vec::new(),
        updated_at: NOW.plus(-3 * DAY),
        follows: None,
    };
    Watched {
        row: crate::console::rows::definition(row.clone(), &Counting::default()),
        intervals: Intervals::LastRun,
        clusters: clusters.iter().map(|id| Named::new(*id, format!("{id}-name"))).collect(),
        stored: WatchedDefinition {
            row,
            definition,
            good_until: None,
            created_at: NOW.plus(-3 * DAY),
            updated_at: NOW.plus(-3 * DAY),
        },
    }
}

pub(super) fn run(id: &str, phase: Phase, at: Millis) -> NarrowRun {
    NarrowRun { id: id.into(), definition: "d1".into(), phase, at, ended: Some(at), items: None, gone: false }
}
