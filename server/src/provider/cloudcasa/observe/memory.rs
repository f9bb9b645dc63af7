//! What the observer remembers of the collections that explain others: clusters, stores, policies, definitions.

use super::seen::{self, Awaited, Belongs};
use crate::provider::{
    DeclaredSeen,
    cloudcasa::{
        translate::normal::{Part, Refs},
        wire::{BEFORE, Cluster, DEFINITION, Doc, NAME, ORDER, ORDERED, Store, reference},
    },
};
use model::Millis;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// By id.
#[derive(Debug, Default)]
pub struct Memory {
    pub clusters: BTreeMap<String, Cluster>,
    pub stores: BTreeMap<String, Store>,
    docs: HashMap<Part, BTreeMap<String, Doc>>,
    /// Kubebackups of migrations.
    hidden: HashSet<String>,
}

impl Memory {
    /// Takes the place of what was known of this sort.
    pub fn replace(&mut self, part: Part, items: Vec<Value>) {
        self.docs.insert(part, BTreeMap::new());
        self.add(part, items);
    }

    pub fn add(&mut self, part: Part, items: Vec<Value>) {
        let docs = self.docs.entry(part).or_default();
        for doc in items.into_iter().map(Doc).filter(|doc| !doc.id().is_empty()) {
            // What a migration made for itself is no definition of anybody's.
            if reference(&doc.0["migrationdef"]).is_empty() {
                docs.insert(doc.id().to_owned(), doc);
            } else {
                self.hidden.insert(doc.id().to_owned());
            }
        }
    }

    fn docs(&self, part: Part) -> impl Iterator<Item = &Doc> {
        self.docs.get(&part).into_iter().flat_map(BTreeMap::values)
    }

    fn doc(&self, part: Part, id: &str) -> Option<&Doc> {
        self.docs.get(&part)?.get(id)
    }

    pub fn store_name(&self, id: &str) -> Option<String> {
        self.stores.get(id).map(|store| store.name.clone())
    }

    /// The definitions that carry our tag, by upstream name.
    pub fn declared(&self) -> BTreeMap<String, DeclaredSeen> {
        let mut ids: Vec<&str> =
            self.docs(Part::Backup).map(|doc| doc.tag(DEFINITION)).filter(|id| !id.is_empty()).collect();
        ids.sort_unstable();
        ids.dedup();
        let all = ids.into_iter().filter_map(|id| self.one(id));
        all.filter(|seen| !seen.name.is_empty()).map(|seen| (seen.name.clone(), seen)).collect()
    }

    fn one(&self, id: &str) -> Option<DeclaredSeen> {
        let mut refs = Refs { names: self.names(), ..Refs::default() };
        let mut docs = Vec::new();
        for part in Part::ALL {
            let mut own: Vec<&Doc> = self.docs(part).filter(|doc| doc.tag(DEFINITION) == id).collect();
            // A copy that somebody made of it carries the tag too.
            own.sort_by_key(|doc| doc.name() != doc.tag(NAME));
            if let Some(doc) = own.first() {
                refs.name = doc.tag(NAME).to_owned();
                refs.own.insert(doc.id().to_owned(), part);
                docs.push((part, *doc));
            }
        }
        seen::declared(docs.into_iter(), &refs)
    }

    fn names(&self) -> HashMap<String, String> {
        let docs = Part::ALL.into_iter().flat_map(|part| self.docs(part)).map(|doc| (doc.id(), doc.name()));
        let clusters = self.clusters.values().map(|cluster| (cluster.id.as_str(), cluster.name.as_str()));
        let stores = self.stores.values().map(|store| (store.id.as_str(), store.name.as_str()));
        docs.chain(clusters).chain(stores).map(|(id, name)| (id.to_owned(), name.to_owned())).collect()
    }

    /// What the jobs and points of a kubebackup have from it.
    pub fn belongs(&self, backup: &str, offload: &str) -> Belongs {
        let Some(doc) = self.doc(Part::Backup, backup) else {
            return Belongs::default();
        };
        let copydef = if offload.is_empty() { doc.reference("copydef") } else { offload };
        let offload = self.doc(Part::Offload, copydef);
        let store = offload.map(|offload| reference(&offload.0["offload_provider"]["user_objectstore"]));
        let ordered = |doc: &Doc| {
            let asked = Millis(doc.tag(ORDERED).parse::<i64>().ok()?.checked_mul(1_000)?);
            let before = doc.tag(BEFORE).split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
            (!doc.tag(ORDER).is_empty()).then(|| Awaited { order: doc.tag(ORDER).to_owned(), asked, before })
        };
        let names = doc.0["source"]["namespaces"].as_array().into_iter().flatten();
        Belongs {
            definition: (!doc.tag(DEFINITION).is_empty())
                .then(|| (doc.tag(DEFINITION).to_owned(), doc.tag(NAME).to_owned())),
            namespaces: names.filter_map(Value::as_str).map(str::to_owned).collect(),
            location: store.and_then(|store| self.store_name(store)),
            awaited: offload.and_then(ordered).or_else(|| ordered(doc)),
        }
    }

    /// Whether a kubebackup was read, hidden or not. One that was deleted never is.
    pub fn knows(&self, backup: &str) -> bool {
        self.hidden.contains(backup) || self.doc(Part::Backup, backup).is_some()
    }

    /// Whether a kubebackup belongs to a migration: neither it nor its jobs and points are told.
    pub fn hides(&self, backup: &str) -> bool {
        self.hidden.contains(backup)
    }
}
