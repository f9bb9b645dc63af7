//! The documents, as MongoDB keeps them: by collection and by an id whose order is that of their creation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::json::text;
use crate::kube::store::hex;

const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// RFC 1123 in GMT with whole seconds, as Eve writes dates.
pub(super) fn date(at: Timestamp) -> String {
    at.strftime(DATE).to_string()
}

/// Reads what [`date`] writes.
pub(super) fn read_date(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime(DATE, text).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// 24 lower-case hex digits.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[derive(Debug)]
pub(super) struct Store {
    by_name: BTreeMap<&'static str, BTreeMap<String, Value>>,
    /// The middle of each id: the machine's part of an ObjectId.
    salt: String,
    serial: u32,
}

impl Store {
    pub(super) fn new(scenario: &str) -> Self {
        let salt = hex(&Sha256::digest(format!("cloudcasa/{scenario}"))[..5]);
        Self { by_name: BTreeMap::new(), salt, serial: 0x9c_64d0 }
    }

    /// An id that no document has: time, place, counter.
    pub(super) fn new_id(&mut self, now: Timestamp) -> String {
        self.serial = (self.serial + 1) & 0x00ff_ffff;
        let seconds = u32::try_from(now.as_second()).unwrap_or(0);
        format!("{seconds:08x}{}{:06x}", self.salt, self.serial)
    }

    pub(super) fn get(&self, resource: &str, id: &str) -> Option<&Value> {
        self.by_name.get(resource)?.get(id)
    }

    /// The document's text at a pointer, or `""`.
    pub(super) fn text(&self, resource: &str, id: &str, pointer: &str) -> &str {
        self.get(resource, id).map_or("", |doc| text(doc, pointer))
    }

    /// In the order of creation.
    pub(super) fn list(&self, resource: &str) -> impl DoubleEndedIterator<Item = &Value> {
        self.by_name.get(resource).into_iter().flat_map(BTreeMap::values)
    }

    /// Those that were made after the document of that id.
    pub(super) fn after(&self, resource: &str, id: &str) -> impl Iterator<Item = &Value> {
        let later = (std::ops::Bound::Excluded(id), std::ops::Bound::Unbounded);
        self.by_name.get(resource).into_iter().flat_map(move |docs| docs.range::<str, _>(later)).map(|(_, doc)| doc)
    }

    /// The first document of that name.
    pub(super) fn named(&self, resource: &str, name: &str) -> Option<&Value> {
        self.list(resource).find(|doc| text(doc, "/name") == name)
    }

    /// All collections with their documents.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, Vec<&Value>)> {
        self.by_name.iter().map(|(name, docs)| (*name, docs.values().collect()))
    }

    /// Stores a new document and answers its id. An `_id` that it brings is kept.
    pub(super) fn insert(&mut self, resource: &'static str, mut doc: Value, now: Timestamp) -> String {
        let given = text(&doc, "/_id").to_owned();
        let id = if is_id(&given) { given } else { self.new_id(now) };
        doc["_id"] = id.as_str().into();
        if doc.get("_created").is_none() {
            doc["_created"] = date(now).into();
        }
        doc["_updated"] = date(now).into();
        seal(&mut doc);
        self.by_name.entry(resource).or_default().insert(id.clone(), doc);
        id
    }

    /// Stores a document as it is: not even its etag is made.
    pub(super) fn put(&mut self, resource: &'static str, id: &str, doc: Value) {
        self.by_name.entry(resource).or_default().insert(id.to_owned(), doc);
    }

    /// Changes a document, if there is one; `bump` gives it a new date and etag.
    pub(super) fn change(
        &mut self,
        resource: &str,
        id: &str,
        now: Timestamp,
        bump: bool,
        change: impl FnOnce(&mut Value),
    ) {
        let Some(doc) = self.by_name.get_mut(resource).and_then(|docs| docs.get_mut(id)) else {
            return;
        };
        change(doc);
        if bump {
            doc["_updated"] = date(now).into();
            seal(doc);
        }
    }

    pub(super) fn remove(&mut self, resource: &str, id: &str) -> Option<Value> {
        self.by_name.get_mut(resource)?.remove(id)
    }

    /// Removes all that `gone` says.
    pub(super) fn sweep(&mut self, resource: &str, gone: impl Fn(&Value) -> bool) {
        if let Some(docs) = self.by_name.get_mut(resource) {
            docs.retain(|_, doc| !gone(doc));
        }
    }
}

/// Gives the document its etag: 40 hex digits of its content, as Eve's are. Eve's are SHA-1; nobody can tell, and this
/// is many times faster in an unoptimised build.
pub(super) fn seal(doc: &mut Value) {
    if let Some(map) = doc.as_object_mut() {
        map.remove("_etag");
    }
    // FNV-1a, then stretched to the length of a SHA-1.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in doc.to_string().into_bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let second = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let third = (second ^ (second >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 32;
    doc["_etag"] = format!("{hash:016x}{second:016x}{third:08x}").into();
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        let at: Timestamp = "2023-03-13T18:53:39Z".parse().unwrap();
        assert_eq!(date(at), "Mon, 13 Mar 2023 18:53:39 GMT");
        assert_eq!(read_date(&date(at)), Some(at));
        assert_eq!(read_date("2023-03-13T18:53:39Z"), None);
    }

    #[test]
    fn ids_look_and_sort_like_object_ids() {
        let mut store = Store::new("t");
        let early = store.new_id("2023-03-13T18:53:39Z".parse().unwrap());
        let late = store.new_id("2023-03-13T18:53:39Z".parse().unwrap());
        assert!(is_id(&early) && early < late && early.starts_with("640f7133"), "{early} {late}");
        assert!(!is_id("640F71339c9cf6648dc169e1") && !is_id("me"));
    }

    #[test]
    fn a_write_changes_the_etag_and_a_silent_one_does_not() {
        let mut store = Store::new("t");
        let now: Timestamp = "2023-03-13T18:53:39Z".parse().unwrap();
        let id = store.insert("policies", json!({"name": "a"}), now);
        let first = store.text("policies", &id, "/_etag").to_owned();
        assert_eq!(first.len(), 40);
        store.change("policies", &id, now, false, |doc| doc["status"] = json!({"suspended": true}));
        assert_eq!(store.text("policies", &id, "/_etag"), first);
        store.change("policies", &id, now, true, |doc| doc["name"] = "b".into());
        assert_ne!(store.text("policies", &id, "/_etag"), first);
    }
}
