//! What the upstream has of our definitions: how it differs from what was applied, and whether it is there at all.

use crate::{
    console::Console,
    provider::{Applied, DeclaredSeen, Provider},
    store::{DeclaredRecord, DefinitionRecord, Line, StoreError},
};
use model::{ConnectionId, DefinitionId, definition::Drift};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The declared objects of one connection.
#[derive(Debug)]
pub(super) struct Declared {
    console: Console,
    connection: ConnectionId,
    provider: Arc<dyn Provider>,
    /// Seen since the last store; of one name the newest counts.
    pending: HashMap<String, DeclaredSeen>,
    /// During a full list: definitions that were in force when it began, with the version, and the names seen so far.
    list: Option<List>,
}

#[derive(Debug, Default)]
struct List {
    in_force: HashMap<DefinitionId, i64>,
    names: HashSet<String>,
}

impl Declared {
    pub(super) fn new(console: Console, connection: ConnectionId, provider: Arc<dyn Provider>) -> Self {
        Self { console, connection, provider, pending: HashMap::new(), list: None }
    }

    pub(super) fn seen(&mut self, seen: DeclaredSeen) {
        if let Some(list) = &mut self.list {
            list.names.insert(seen.name.clone());
        }
        self.pending.insert(seen.name.clone(), seen);
    }

    pub(super) async fn list_begins(&mut self) -> Result<(), StoreError> {
        let records = self.console.store().definitions_of(&self.connection).await?;
        let in_force = records.iter().filter(|r| expected(r)).map(|r| (r.id.clone(), r.applied_version)).collect();
        self.list = Some(List { in_force, names: HashSet::new() });
        Ok(())
    }

    /// Whoever was in force when the list began, still is, and wasn't in it, is missing. What was applied meanwhile may
    /// have come too late for the list.
    pub(super) async fn list_ends(&mut self) -> Result<(), StoreError> {
        self.store().await?;
        let Some(list) = self.list.take() else {
            return Ok(());
        };
        let records = self.console.store().definitions_of(&self.connection).await?;
        let missing: Vec<DeclaredRecord> = records
            .iter()
            .filter(|r| expected(r) && !list.names.contains(&r.upstream_name))
            .filter(|r| list.in_force.get(&r.id) == Some(&r.applied_version))
            .map(missing)
            .collect();
        // What was applied meanwhile is there.
        self.record(&missing).await.map(|_| ())
    }

    pub(super) async fn gone(&mut self, name: &str) -> Result<(), StoreError> {
        self.store().await?;
        if let Some(list) = &mut self.list {
            list.names.remove(name);
        }
        let records = self.console.store().definitions_of(&self.connection).await?;
        let missing: Vec<DeclaredRecord> =
            records.iter().filter(|r| expected(r) && r.upstream_name == name).map(missing).collect();
        self.record(&missing).await.map(|_| ())
    }

    /// Stores what was seen since the last time.
    pub(super) async fn store(&mut self) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        // An apply that is recorded between the reading and the storing makes the comparison one with the version before.
        while self.store_once().await? {}
        // Only now: a failed transaction is told again by the next observation, not forgotten by this one.
        self.pending.clear();
        Ok(())
    }

    /// True when something was applied in between.
    async fn store_once(&self) -> Result<bool, StoreError> {
        let records = self.console.store().definitions_of(&self.connection).await?;
        let seen: Vec<DeclaredRecord> = self
            .pending
            .values()
            .filter_map(|seen| {
                let record = records.iter().find(|r| belongs(r, seen))?;
                Some(compare(record, seen, &*self.provider))
            })
            .collect();
        self.record(&seen).await
    }

    /// True when something was applied in between, so that a comparison was not recorded.
    async fn record(&self, records: &[DeclaredRecord]) -> Result<bool, StoreError> {
        if records.is_empty() {
            return Ok(false);
        }
        let stored = self.console.store().store_declared(records).await?;
        for id in &stored.changed {
            self.console.events().publish(format!("definitions:{id}"));
        }
        if records.iter().any(|record| record.released && stored.changed.contains(&record.id)) {
            self.console.wake_rollout();
        }
        Ok(stored.outdated)
    }
}

/// The object of the definition's own name. Another object that carries the label, a copy, is not it.
fn belongs(record: &DefinitionRecord, seen: &DeclaredSeen) -> bool {
    record.upstream_name == seen.name
}

/// Whether an object should be there: applied, not on its way out, and of a sort that stays.
fn expected(record: &DefinitionRecord) -> bool {
    record.applied.is_some()
        && record.applied_version == record.version
        && !record.removing
        && record.definition.is_scheduled()
}

fn missing(record: &DefinitionRecord) -> DeclaredRecord {
    let sentence = format!("{} is gone upstream; Holdfast did not remove it.", record.upstream_name);
    DeclaredRecord {
        id: record.id.clone(),
        applied_version: record.applied_version,
        seen: None,
        drift: Vec::new(),
        released: false,
        line: (!record.seen_missing).then_some(Line { kind: "drifted", sentence, actor: None }),
    }
}

/// What differs. A definition that is being applied isn't drifted: what is there is about to change. One that is held stays so
/// while what is there is what it was held for; after that the next apply looks again.
fn compare(record: &DefinitionRecord, seen: &DeclaredSeen, provider: &dyn Provider) -> DeclaredRecord {
    let in_force = record.applied_version == record.version && !record.removing;
    let undecided = record.is_held() && record.seen.as_ref().is_some_and(|held_for| held_for.seen == seen.seen);
    let drift = match &record.applied {
        Some(applied) if in_force => drift(applied, seen, provider),
        _ if undecided => record.drift.clone(),
        _ => Vec::new(),
    };
    let line = (!drift.is_empty() && drift != record.drift).then(|| Line {
        kind: "drifted",
        sentence: format!("Changed outside Holdfast: {}.", in_words(&drift)),
        actor: None,
    });
    DeclaredRecord {
        id: record.id.clone(),
        applied_version: record.applied_version,
        seen: Some(seen.clone()),
        released: record.is_held() && drift.is_empty(),
        drift,
        line,
    }
}

/// How what was seen differs from what was applied. What was there before the apply is no difference.
pub(crate) fn drift(applied: &Applied, seen: &DeclaredSeen, provider: &dyn Provider) -> Vec<Drift> {
    match (&seen.revision, &applied.revision) {
        (Some(seen), Some(applied)) if seen.is_before(applied) => Vec::new(),
        _ => provider.drift(applied, seen),
    }
}

/// All of it in one sentence's words.
pub(crate) fn in_words(drift: &[Drift]) -> String {
    drift.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// `spec.template.ttl is 24h0m0s instead of 336h0m0s`.
fn words(drift: &Drift) -> String {
    match (&drift.theirs, &drift.ours) {
        (Some(theirs), Some(ours)) => format!("{} is {theirs} instead of {ours}", drift.field),
        (Some(theirs), None) => format!("{} is {theirs}; Holdfast sets nothing there", drift.field),
        (None, Some(ours)) => format!("{} is gone; it was {ours}", drift.field),
        (None, None) => format!("{} differs", drift.field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_in_words() {
        let drift = |ours: Option<&str>, theirs: Option<&str>| Drift {
            field: "spec.paused".into(),
            ours: ours.map(Into::into),
            theirs: theirs.map(Into::into),
            not_adoptable: None,
        };
        assert_eq!(words(&drift(Some("false"), Some("true"))), "spec.paused is true instead of false");
        assert_eq!(words(&drift(None, Some("true"))), "spec.paused is true; Holdfast sets nothing there");
        assert_eq!(words(&drift(Some("x"), None)), "spec.paused is gone; it was x");
    }
}
