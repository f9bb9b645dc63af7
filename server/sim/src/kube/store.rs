//! The objects of one cluster, with one resource version counter and a bounded log of changes for watches.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::kind::{Kind, NAMESPACE};
use crate::json::{set, stamp, text, unset};

/// How many changes a watch can look back; older resource versions answer 410 as a compacted etcd does.
const LOG_LENGTH: usize = 20_000;

/// Where an object lives. `namespace` is empty for cluster-scoped kinds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) kind: &'static Kind,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn new(kind: &'static Kind, namespace: &str, name: &str) -> Self {
        Self {
            kind,
            namespace: if kind.namespaced { namespace.to_owned() } else { String::new() },
            name: name.to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Modified,
    Deleted,
}

/// One change, with what stood there before, so that a selector can tell "left my view" from "changed".
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) version: u64,
    pub(crate) key: Key,
    pub(crate) change: Change,
    pub(crate) object: Arc<Value>,
    pub(crate) before: Option<Arc<Value>>,
}

#[derive(Debug)]
pub(crate) struct Store {
    objects: BTreeMap<Key, Arc<Value>>,
    version: u64,
    log: VecDeque<Event>,
    compacted: u64,
    seed: String,
    made: u64,
}

impl Store {
    /// `seed` makes the uids of this store its own and repeatable.
    pub(crate) fn new(seed: &str) -> Self {
        Self::after(seed, 0)
    }

    /// A store that begins behind the versions of an older one, so that whoever watched that one is told to
    /// start over.
    pub(crate) fn after(seed: &str, version: u64) -> Self {
        let version = version + 1000;
        Self {
            objects: BTreeMap::new(),
            version,
            log: VecDeque::new(),
            compacted: version,
            seed: seed.to_owned(),
            made: 0,
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The oldest resource version a watch or a continue token may still start from.
    pub(crate) fn oldest(&self) -> u64 {
        self.compacted
    }

    /// Forgets the log, as an etcd compaction does: older watches and continue tokens answer 410.
    pub(crate) fn compact(&mut self) {
        // Its room too: of a lived past it is some megabytes.
        self.log = VecDeque::new();
        self.version += 1;
        self.compacted = self.version;
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(key)
    }

    /// Objects of a kind in namespace order; an empty namespace means all of them.
    pub(crate) fn list<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> + 'a {
        let start = Key { kind, namespace: namespace.to_owned(), name: String::new() };
        self.objects
            .range(start..)
            .take_while(move |(key, _)| key.kind == kind && (namespace.is_empty() || key.namespace == namespace))
    }

    pub(crate) fn has_namespace(&self, name: &str) -> bool {
        self.objects.contains_key(&Key::new(&NAMESPACE, "", name))
    }

    /// Changes after `version`.
    pub(crate) fn since(&self, version: u64) -> impl Iterator<Item = &Event> {
        let from = self.log.partition_point(|event| event.version <= version);
        self.log.iter().skip(from)
    }

    /// A repeatable random-looking hex string of 64 digits, another one each time.
    pub(crate) fn draw(&mut self) -> String {
        self.made += 1;
        hex(&Sha256::digest(format!("{}/{}", self.seed, self.made)))
    }

    fn uid(&mut self) -> String {
        let d = self.draw();
        format!("{}-{}-4{}-8{}-{}", &d[0..8], &d[8..12], &d[13..16], &d[17..20], &d[20..32])
    }

    /// The suffix that `generateName` gets: five letters of the API server's own alphabet.
    pub(crate) fn suffix(&mut self) -> String {
        const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        self.draw()
            .bytes()
            .take(5)
            .enumerate()
            .map(|(i, b)| char::from(ALPHABET[(usize::from(b) * (i + 7)) % ALPHABET.len()]))
            .collect()
    }

    /// Stores a new or changed object and returns it as stored. Identity (uid, creation time) stays with the
    /// name; the generation moves when anything but metadata changed, because Velero's kinds have no status
    /// subresource. An unchanged object is not written again.
    pub(crate) fn put(&mut self, key: &Key, object: Value, now: Timestamp) -> Arc<Value> {
        let mut object = match self.shape(key, object, now) {
            Ok(object) => object,
            Err(unchanged) => return unchanged,
        };
        self.version += 1;
        set(&mut object, "/metadata/resourceVersion", self.version.to_string());
        let object = Arc::new(object);
        let before = self.objects.insert(key.clone(), object.clone());
        let change = if before.is_some() { Change::Modified } else { Change::Added };
        self.record(key, change, object.clone(), before);
        object
    }

    /// The object with the fields that the server owns, or the stored one if nothing changed.
    fn shape(&mut self, key: &Key, mut object: Value, now: Timestamp) -> Result<Value, Arc<Value>> {
        let before = self.objects.get(key).cloned();
        set(&mut object, "/kind", key.kind.kind);
        set(&mut object, "/apiVersion", key.kind.api_version());
        set(&mut object, "/metadata/name", key.name.as_str());
        if key.kind.namespaced {
            set(&mut object, "/metadata/namespace", key.namespace.as_str());
        }
        match &before {
            Some(old) => {
                for field in ["uid", "creationTimestamp", "resourceVersion", "generation"] {
                    match old["metadata"].get(field) {
                        Some(value) => object["metadata"][field] = value.clone(),
                        None => unset(&mut object, &format!("/metadata/{field}")),
                    }
                }
                if object == **old {
                    return Err(old.clone());
                }
                if key.kind.custom && without_meta(&object) != without_meta(old) {
                    let generation = crate::json::int(old, "/metadata/generation") + 1;
                    object["metadata"]["generation"] = generation.into();
                }
            }
            None => {
                if text(&object, "/metadata/uid").is_empty() {
                    let uid = self.uid();
                    set(&mut object, "/metadata/uid", uid);
                }
                if text(&object, "/metadata/creationTimestamp").is_empty() {
                    set(&mut object, "/metadata/creationTimestamp", stamp(now));
                }
                if key.kind.custom {
                    set(&mut object, "/metadata/generation", 1);
                }
            }
        }
        Ok(object)
    }

    /// What [`Store::put`] would answer, with nothing stored (`dryRun=All`).
    pub(crate) fn rehearse(&mut self, key: &Key, object: Value, now: Timestamp) -> Arc<Value> {
        match self.shape(key, object, now) {
            Ok(object) => Arc::new(object),
            Err(unchanged) => unchanged,
        }
    }

    /// Removes an object whatever its finalizers say; its last state has the version of the removal.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let before = self.objects.remove(key)?;
        self.version += 1;
        let mut last = (*before).clone();
        set(&mut last, "/metadata/resourceVersion", self.version.to_string());
        let last = Arc::new(last);
        self.record(key, Change::Deleted, last.clone(), Some(before));
        Some(last)
    }

    fn record(&mut self, key: &Key, change: Change, object: Arc<Value>, before: Option<Arc<Value>>) {
        self.log.push_back(Event { version: self.version, key: key.clone(), change, object, before });
        while self.log.len() > LOG_LENGTH {
            if let Some(event) = self.log.pop_front() {
                self.compacted = event.version;
            }
        }
    }

    /// Everything, for the control surface.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.objects.iter()
    }
}

fn without_meta(object: &Value) -> Vec<(&String, &Value)> {
    object
        .as_object()
        .map(|map| map.iter().filter(|(key, _)| !matches!(key.as_str(), "metadata" | "kind" | "apiVersion")).collect())
        .unwrap_or_default()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::super::kind::BACKUP;
    use super::*;
    use serde_json::json;

    fn at() -> Timestamp {
        "2026-10-03T02:00:00Z".parse().unwrap()
    }

    #[test]
    fn generation_moves_with_status_and_versions_only_with_changes() {
        let mut store = Store::new("s");
        let key = Key::new(&BACKUP, "velero", "a");
        let first = store.put(&key, json!({"spec": {}}), at());
        assert_eq!(first["metadata"]["generation"], 1);
        let mut next = (*first).clone();
        set(&mut next, "/status/phase", "New");
        let second = store.put(&key, next, at());
        assert_eq!(second["metadata"]["generation"], 2);
        assert_eq!(second["metadata"]["uid"], first["metadata"]["uid"]);
        let version = store.version();
        store.put(&key, (*second).clone(), at());
        assert_eq!(store.version(), version, "an unchanged write is no write");
        let mut labelled = (*second).clone();
        crate::json::set_label(&mut labelled, "a", "b");
        let third = store.put(&key, labelled, at());
        assert_eq!(third["metadata"]["generation"], 2, "labels don't move it");
    }

    #[test]
    fn the_log_tells_what_came_after_a_version() {
        let mut store = Store::new("s");
        let key = Key::new(&BACKUP, "velero", "a");
        store.put(&key, json!({"spec": {}}), at());
        let seen = store.version();
        store.remove(&key).unwrap();
        let after: Vec<_> = store.since(seen).collect();
        assert_eq!(after.len(), 1);
        assert_eq!(after[0].change, Change::Deleted);
        store.compact();
        assert!(store.oldest() > seen);
    }
}
