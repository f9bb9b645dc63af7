//! Definitions into CloudCasa's documents and back. Pure: no I/O, no clock. The golden files under `tests/golden/cloudcasa` are its
//! tests and are what the review step shows.
//!
//! A definition is a kubebackup. One whose snapshots are copied is a kubebackup and a kubeoffload. One with a schedule of its own
//! has a policy too, under the same name, because CloudCasa keeps schedule and retention there.

pub mod back;
pub mod compare;
mod express;
pub mod mark;
pub mod normal;
pub mod rhythm;

use super::wire::{
    ASKED_BY, BackupOut, DEFINITION, EntryOut, NAME, ORDER, OffloadOut, OffloadProviderOut, PolicyOut,
    RestoreOptionsOut, RestoreOut, RunOut, RunRetentionOut, SelectionOut, SourceOut, Store, WRITTEN,
};
use crate::provider::{Ask, Owned};
pub use express::express;
use model::{
    definition::{Definition, Retention, Schedule, Volumes},
    restore::RestoreOrder,
};
use normal::{Part, Refs};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// CloudCasa's own default of `retainDays`, and of a run by hand.
pub const DEFAULT_DAYS: u64 = 7;
/// `numAlwaysRetain` is at most this.
pub const MOST_ALWAYS: u32 = 30;
const DAY: u64 = 86_400;

/// The zone that is sent; without one CloudCasa takes UTC.
fn zone(schedule: &Schedule) -> &str {
    schedule.zone.as_deref().unwrap_or("UTC")
}

/// What of a definition goes into which document, with [`normal::Part::mark`] where the id of another one will stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub backup: Value,
    /// The kubebackup before its copy definition is there: it must not run by itself yet.
    pub interim: Value,
    pub offload: Option<Value>,
    pub policy: Option<Value>,
}

impl Wanted {
    pub fn part(&self, part: Part) -> Option<&Value> {
        match part {
            Part::Backup => Some(&self.backup),
            Part::Offload => self.offload.as_ref(),
            Part::Policy => self.policy.as_ref(),
        }
    }

    /// All of it in the form of [`crate::provider::Applied::written`].
    pub fn composite(&self, refs: &Refs) -> Map<String, Value> {
        Part::ALL
            .into_iter()
            .filter_map(|part| Some((part.key().to_owned(), normal::of(part, self.part(part)?, refs))))
            .collect()
    }
}

/// What the definition means. `store` is the object store that its location names.
pub fn wanted(owned: &Owned, store: Option<&Store>) -> Wanted {
    let definition = &owned.definition;
    let refs = Refs::of(owned);
    let policy = policy(owned);
    let follows = match (&policy, &definition.policy) {
        (Some(_), _) => Some(Part::Policy.mark().to_owned()),
        (None, Some(named)) => Some(named.id.clone()),
        (None, None) => None,
    };
    let copied = definition.volumes == Volumes::SnapshotMoved;
    let trigger = if definition.is_scheduled() { "SCHEDULED" } else { "ADHOC" };
    let plain = BackupOut {
        name: owned.upstream_name.clone(),
        cluster: definition.scope.subject.as_ref().map(|subject| subject.id.clone()).unwrap_or_default(),
        trigger_type: "ADHOC",
        policy: None,
        copydef: None,
        pause: definition.paused,
        source: source(definition),
        pre_hooks: Vec::new(),
        post_hooks: Vec::new(),
        tags: ours(owned),
    };
    let whole = BackupOut {
        trigger_type: trigger,
        policy: follows.clone().filter(|_| !copied),
        copydef: copied.then(|| Part::Offload.mark().to_owned()),
        ..plain.clone()
    };
    let offload = copied.then(|| OffloadOut {
        name: owned.upstream_name.clone(),
        backupdef: Part::Backup.mark().to_owned(),
        trigger_type: trigger,
        policy: follows,
        pause: definition.paused,
        run_backup: true,
        delete_snapshots: true,
        offload_provider: store.map(|store| OffloadProviderOut {
            kind: if store.provider_type.is_empty() { "aws".into() } else { store.provider_type.clone() },
            region: store.region.clone(),
            user_objectstore: store.id.clone(),
        }),
        tags: ours(owned),
    });
    let marked = |part, body: Value| mark::put(part, body, owned.version, &refs);
    Wanted {
        interim: marked(Part::Backup, value(&plain)),
        backup: marked(Part::Backup, value(&whole)),
        offload: offload.map(|offload| marked(Part::Offload, value(&offload))),
        policy: policy.map(|policy| marked(Part::Policy, value(&policy))),
    }
}

/// Only maps with other keys than text can't be JSON, and there are none.
pub fn value<T: Serialize>(body: &T) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}

fn ours(owned: &Owned) -> BTreeMap<String, String> {
    BTreeMap::from([(DEFINITION.to_owned(), owned.id.0.clone()), (NAME.to_owned(), owned.upstream_name.clone())])
}

fn source(definition: &Definition) -> SourceOut {
    let scope = &definition.scope;
    SourceOut {
        all_namespaces: scope.namespaces.is_empty(),
        namespaces: scope.namespaces.clone(),
        excluded_namespaces: scope.except_namespaces.clone(),
        label_selector: scope
            .selectors
            .iter()
            .flatten()
            .filter_map(|r| Some((r.key.clone(), r.values.first()?.clone())))
            .collect(),
        snapshot_persistent_volumes: definition.volumes != Volumes::None,
    }
}

/// The policy of its own that a definition with a schedule has.
fn policy(owned: &Owned) -> Option<PolicyOut> {
    let definition = &owned.definition;
    let first = definition.schedule.as_ref()?;
    let entry = |schedule: &Schedule, retention: &Retention| EntryOut {
        retain_days: days(retention),
        num_always_retain: retention.keep_at_least.unwrap_or(0),
        locked: false,
        schedule: rhythm::parts(&schedule.cron),
    };
    let further = definition.further.iter().map(|tier| entry(&tier.schedule, &tier.retention));
    Some(PolicyOut {
        name: owned.upstream_name.clone(),
        timezone: zone(first).to_owned(),
        schedules: std::iter::once(entry(first, &definition.retention)).chain(further).collect(),
        tags: ours(owned),
    })
}

fn days(retention: &Retention) -> u64 {
    retention.keep_for.map_or(DEFAULT_DAYS, |span| span.0 / DAY)
}

/// A run by hand, kept as the definition says.
pub fn run(definition: &Definition) -> RunOut {
    RunOut {
        retention: RunRetentionOut {
            retain_days: days(&definition.retention),
            num_always_retain: definition.retention.keep_at_least.unwrap_or(0),
        },
        run_backup: true,
    }
}

/// A restore; creating it runs it.
pub fn restore(order: &RestoreOrder, ask: &Ask) -> RestoreOut {
    RestoreOut {
        name: ask.name.clone(),
        backup_inst: order.point_name.clone(),
        cluster: order.place.as_ref().map(|place| place.id.clone()),
        selection: SelectionOut {
            all_namespaces: order.namespaces.is_empty(),
            namespaces: order.namespaces.clone(),
            restore_persistent_volumes: order.volumes.unwrap_or(true),
        },
        namespaces_prefix: order.prefix.clone(),
        namespaces_suffix: order.suffix.clone(),
        namespaces_map: order.mapping.iter().cloned().collect(),
        storage_class_map: order.storage_classes.iter().cloned().collect(),
        options: order.keep_node_ports.then_some(RestoreOptionsOut { preserve_node_ports: true }),
        tags: BTreeMap::from([(ORDER.to_owned(), ask.name.clone()), (ASKED_BY.to_owned(), ask.asked_by.clone())]),
    }
}

/// A live document's body with what we want in it: what Holdfast does not manage stays, because a PUT replaces everything.
pub fn overlay(part: Part, live: Map<String, Value>, wanted: &Value) -> Value {
    let mut out = live;
    for key in part.managed() {
        match (*key, &wanted[*key]) {
            (key, Value::Null) => {
                out.remove(key);
            }
            (key, value) => {
                out.insert(key.to_owned(), value.clone());
            }
        }
    }
    for (field, keys) in part.managed_within() {
        let inner = out.entry((*field).to_owned()).or_insert_with(|| Value::Object(Map::new()));
        let Some(inner) = inner.as_object_mut() else { continue };
        for key in *keys {
            match &wanted[*field][*key] {
                Value::Null => {
                    inner.remove(*key);
                }
                value => {
                    inner.insert((*key).to_owned(), value.clone());
                }
            }
        }
    }
    if part == Part::Offload {
        // Without a store of its own CloudCasa chooses; a provider without one is such a choice and stays.
        let named = |value: &Value| !super::wire::reference(&value["user_objectstore"]).is_empty();
        match wanted.get("offload_provider") {
            Some(provider) => {
                let same = out.get("offload_provider").is_some_and(|live| {
                    super::wire::reference(&live["user_objectstore"]) == provider["user_objectstore"]
                });
                if !same {
                    out.insert("offload_provider".into(), provider.clone());
                }
            }
            None if out.get("offload_provider").is_some_and(named) => {
                out.remove("offload_provider");
            }
            None => {}
        }
    }
    let mut tags = out.get("tags").and_then(Value::as_object).cloned().unwrap_or_default();
    for key in [DEFINITION, NAME, WRITTEN] {
        tags.insert(key.to_owned(), wanted["tags"][key].clone());
    }
    out.insert("tags".into(), Value::Object(tags));
    Value::Object(out)
}

#[cfg(test)]
mod tests;
