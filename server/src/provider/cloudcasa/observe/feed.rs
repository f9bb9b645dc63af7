//! One collection, followed cheaply: a full list once, then only the documents that were written last, newest first, until a page
//! brings nothing new. The total that comes with every page tells when something went.

use super::super::client::{Client, Query};
use crate::provider::ProviderError;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// Documents in a page of news.
const NEWS: usize = 25;
/// Pages of news that are read before the whole list is cheaper.
const MOST_PAGES: usize = 20;

/// What is known of a collection.
#[derive(Debug)]
pub struct Feed {
    collection: &'static str,
    /// What every document must pass.
    filter: Value,
    /// A digest of each document by its id: what the server itself writes may leave date and etag as they are.
    known: HashMap<String, u64>,
    /// What was noted since the last [`Self::settle`], with the digest before: it may not have been told yet.
    noted: Vec<(String, Option<u64>)>,
    /// A full list was read since then.
    listed: bool,
    /// A full list was read and not told: only another one helps.
    lost: bool,
}

/// What came since the last time.
#[derive(Debug)]
pub enum News {
    /// New and changed documents, oldest first.
    Changed(Vec<Value>),
    /// Something went, or too much happened: only a full list tells.
    Lost,
}

impl Feed {
    pub fn new(collection: &'static str, filter: Value) -> Self {
        Self { collection, filter, known: HashMap::new(), noted: Vec::new(), listed: false, lost: false }
    }

    fn operation(&self) -> String {
        format!("list {}", self.collection)
    }

    /// Everything.
    pub async fn all(&mut self, client: &Client) -> Result<Vec<Value>, ProviderError> {
        let items = client.all(&self.operation(), &Query::of(self.collection, self.filter.clone())).await?;
        self.known = items.iter().filter_map(print).collect();
        self.noted.clear();
        self.listed = true;
        Ok(items)
    }

    /// What changed; one call when nothing did.
    pub async fn news(&mut self, client: &Client) -> Result<News, ProviderError> {
        if self.lost {
            return Ok(News::Lost);
        }
        let query = Query::of(self.collection, self.filter.clone()).sorted("-_updated,-_id");
        let mut changed = Vec::new();
        for page in 1..=MOST_PAGES {
            let found = client.page(&self.operation(), &query, page, NEWS).await?;
            let (size, count) = (found.size.max(1), found.items.len());
            let before = changed.len();
            for item in found.items {
                if self.is_new(&item) {
                    changed.push(item);
                }
            }
            let whole = found.total.is_some_and(|total| page * size >= total);
            if changed.len() == before || count == 0 || whole {
                changed.reverse();
                let went = found.total.is_some_and(|total| self.known.len() != total);
                return Ok(if went { News::Lost } else { News::Changed(changed) });
            }
        }
        Ok(News::Lost)
    }

    /// Documents that are known and may change without a new date, by id.
    pub async fn again(&mut self, client: &Client, ids: &[String]) -> Result<Vec<Value>, ProviderError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut items =
            client.all(&self.operation(), &Query::of(self.collection, json!({"_id": {"$in": ids}}))).await?;
        items.retain(|item| item["_id"].as_str().is_some_and(|id| self.known.contains_key(id)) && self.is_new(item));
        Ok(items)
    }

    /// Whether a document is new or changed; notes it.
    fn is_new(&mut self, item: &Value) -> bool {
        let Some((id, digest)) = print(item) else { return false };
        let before = self.known.insert(id.clone(), digest);
        if before == Some(digest) {
            return false;
        }
        self.noted.push((id, before));
        true
    }

    /// Another source says that it is gone.
    pub fn forget(&mut self, id: &str) -> bool {
        self.noted.retain(|(other, _)| other != id);
        self.known.remove(id).is_some()
    }

    /// All that was noted has been told.
    pub fn settle(&mut self) {
        self.noted.clear();
        self.listed = false;
        self.lost = false;
    }

    /// Something failed between reading and telling: what was noted since the last [`Self::settle`] is new again, and a full list
    /// is read anew.
    pub fn undo(&mut self) {
        for (id, before) in self.noted.drain(..).rev() {
            match before {
                Some(digest) => self.known.insert(id, digest),
                None => self.known.remove(&id),
            };
        }
        self.lost |= std::mem::take(&mut self.listed);
    }
}

fn print(item: &Value) -> Option<(String, u64)> {
    let id = item["_id"].as_str()?.to_owned();
    let mut hasher = DefaultHasher::new();
    item.to_string().hash(&mut hasher);
    Some((id, hasher.finish()))
}
