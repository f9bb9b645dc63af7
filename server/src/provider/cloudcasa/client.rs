//! Calls on CloudCasa's API: lists page by page, single documents with their etag, and its errors in our words.
//!
//! The service is built with Python-Eve: `_meta` tells the size of a page that was really used, writes need `If-Match`, refusals
//! have `_error` and, for single fields, `_issues`. Addresses in `_links` lack a part of the path and are never followed.

pub mod explain;

use super::wire::Doc;
use crate::clock::Clock;
use crate::provider::{
    Endpoint, ErrorKind, ProviderError,
    rest::{
        Call, Dialect, Rest,
        budget::{Budget, too_long},
        pace::Pace,
        segment,
    },
};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Asked for in a page; Eve cuts it to its own limit (50 unless raised) without a word.
pub const PAGE: usize = 200;
/// Pages that are asked for at the same time.
const AT_ONCE: usize = 4;
/// No list has more pages: with Eve's own of 50 documents it is as long as any list that is read. One that says so is not read,
/// because half a list would tell that the rest is gone.
const MOST_PAGES: usize = 10_000;
/// Calls in a second, and at once: CloudCasa publishes no limit, and a console shall not be what finds it.
const PER_SECOND: u32 = 100;
const BURST: u32 = 100;

/// One organisation, reached with one API key.
#[derive(Clone, Debug)]
pub struct Client {
    pub rest: Rest,
}

/// Which documents of a collection, and in which order.
#[derive(Clone, Debug)]
pub struct Query {
    pub collection: &'static str,
    /// MongoDB's filter language: `{}` for all.
    pub filter: Value,
    pub sort: &'static str,
}

impl Query {
    /// In the order of their creation, so that pages don't shift when something new comes.
    pub fn of(collection: &'static str, filter: Value) -> Self {
        Self { collection, filter, sort: "_id" }
    }

    #[must_use]
    pub fn sorted(mut self, sort: &'static str) -> Self {
        self.sort = sort;
        self
    }
}

/// A part of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub items: Vec<Value>,
    /// In the whole list, if that is told.
    pub total: Option<usize>,
    /// Items that the server puts into a page.
    pub size: usize,
    /// Of the answer.
    pub bytes: usize,
}

impl Client {
    /// Makes no call yet.
    pub fn new(endpoint: &Endpoint, clock: &Clock) -> Result<Self, ProviderError> {
        let dialect = Dialect {
            system: "CloudCasa",
            explain: explain::explain,
            // Eve answers XML to whoever takes it first.
            accept: "application/json",
            unauthorised: "Make a new API key in CloudCasa (Configuration, API Keys) and enter it.",
            forbidden: "Give the API key's user a role with this right; on the hosted service only paid plans have API keys.",
        };
        let bearer = format!("Bearer {}", endpoint.secret.token);
        let pace = Pace::new(PER_SECOND, BURST, clock.clone());
        let rest = Rest::new(endpoint, dialect, &[("authorization", bearer)], Some(pace))?;
        Ok(Self { rest })
    }

    /// `API v1`: all that the service tells of its version stands in its address.
    pub fn version(&self) -> Option<String> {
        let last = self.rest.address().rsplit('/').next()?;
        let number = last.strip_prefix('v')?;
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| format!("API {last}"))
    }

    /// One page, counted from 1.
    pub async fn page(&self, operation: &str, query: &Query, page: usize, size: usize) -> Result<Page, ProviderError> {
        let mut call = Call::get(format!("/{}", query.collection))
            .query("sort", query.sort)
            .query("page", page.to_string())
            .query("max_results", size.to_string());
        if query.filter != json!({}) {
            call = call.query("where", query.filter.to_string());
        }
        let reply = self.rest.send(operation, call).await?;
        let mut body: Value = self.rest.read(operation, &reply)?;
        let Value::Array(items) = body["_items"].take() else {
            return Err(ProviderError::new(
                ErrorKind::NotThat,
                operation,
                "It answers, but not as CloudCasa does: its lists have “_items”.",
            )
            .remedy("Give the address of CloudCasa's API itself; it ends with /api/v1."));
        };
        let number = |field: &str| body["_meta"][field].as_u64().and_then(|n| usize::try_from(n).ok());
        let (total, used) = (number("total"), number("max_results"));
        let bytes = reply.body.len();
        Ok(Page { total, size: used.unwrap_or(items.len()).max(items.len()), bytes, items })
    }

    /// Everything that passes the filter.
    pub async fn all(&self, operation: &str, query: &Query) -> Result<Vec<Value>, ProviderError> {
        let mut items = self.once(operation, query).await?;
        if let (items, true) = &mut items {
            // Something went while the pages were read, so that others moved to a page that had been read before.
            let (again, _) = self.once(operation, query).await?;
            *items = again;
        }
        Ok(items.0)
    }

    /// All pages, and whether one was missed.
    async fn once(&self, operation: &str, query: &Query) -> Result<(Vec<Value>, bool), ProviderError> {
        let first = self.page(operation, query, 1, PAGE).await?;
        let (total, size) = (first.total.unwrap_or(first.items.len()), first.size.max(1));
        let mut budget = Budget::of_a_list();
        budget.admits(operation, total)?;
        budget.take(operation, first.bytes, first.items.len())?;
        let pages = total.div_ceil(size);
        if pages > MOST_PAGES {
            return Err(too_long(operation));
        }
        let mut items = first.items;
        let mut rest = stream::iter(2..=pages).map(|page| self.page(operation, query, page, PAGE)).buffered(AT_ONCE);
        while let Some(page) = rest.try_next().await? {
            budget.take(operation, page.bytes, page.items.len())?;
            items.extend(page.items);
        }
        let ids: HashSet<&str> = items.iter().filter_map(|item| item["_id"].as_str()).collect();
        let missed = ids.len() < total;
        Ok((items, missed))
    }

    /// Everything that passes the filter, as documents.
    pub async fn docs(
        &self,
        operation: &str,
        collection: &'static str,
        filter: Value,
    ) -> Result<Vec<Doc>, ProviderError> {
        let items = self.all(operation, &Query::of(collection, filter)).await?;
        Ok(items.into_iter().map(Doc).collect())
    }

    /// Whether anything passes the filter.
    pub async fn any(&self, operation: &str, collection: &'static str, filter: Value) -> Result<bool, ProviderError> {
        Ok(!self.page(operation, &Query::of(collection, filter), 1, 1).await?.items.is_empty())
    }

    /// One document.
    pub async fn get(&self, operation: &str, collection: &str, id: &str) -> Result<Doc, ProviderError> {
        Ok(Doc(self.rest.json(operation, Call::get(item(collection, id))).await?))
    }

    /// One document, or `None` when it isn't there.
    pub async fn there(&self, operation: &str, collection: &str, id: &str) -> Result<Option<Doc>, ProviderError> {
        match self.get(operation, collection, id).await {
            Ok(doc) => Ok(Some(doc)),
            Err(e) if e.kind == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// A new document, as it was stored. A name that is taken is a [`ErrorKind::Conflict`].
    pub async fn create(&self, operation: &str, collection: &str, body: Value) -> Result<Doc, ProviderError> {
        let made = self.rest.json(operation, Call::post(format!("/{collection}"), body)).await.map_err(taken)?;
        self.stored(operation, made)
    }

    /// Replaces the whole document that has this etag.
    pub async fn replace(
        &self,
        operation: &str,
        collection: &str,
        doc: &Doc,
        body: Value,
    ) -> Result<Doc, ProviderError> {
        let call = Call::put(item(collection, doc.id()), body).header(http::header::IF_MATCH, doc.etag());
        let now = self.rest.json(operation, call).await.map_err(taken)?;
        self.stored(operation, now)
    }

    /// Changes only the named fields; of an object that is named every other field falls back to its default.
    pub async fn patch(&self, operation: &str, collection: &str, doc: &Doc, body: Value) -> Result<Doc, ProviderError> {
        let call = Call::patch(item(collection, doc.id()), body).header(http::header::IF_MATCH, doc.etag());
        let now = self.rest.json(operation, call).await?;
        self.stored(operation, now)
    }

    /// Deletes a document; gone already is success. The etag is sent although some servers do without, and read again once
    /// when it is refused: what the server itself writes into a document may change it.
    pub async fn delete(&self, operation: &str, collection: &str, doc: &Doc) -> Result<(), ProviderError> {
        let send = async |etag: &str| {
            let call = Call::delete(item(collection, doc.id())).header(http::header::IF_MATCH, etag);
            self.rest.send(operation, call).await.map(|_| ())
        };
        let answer = match send(doc.etag()).await {
            Err(e) if e.kind == ErrorKind::Conflict => match self.there(operation, collection, doc.id()).await? {
                Some(fresh) if fresh.etag() != doc.etag() => send(fresh.etag()).await,
                Some(_) => Err(e),
                None => Ok(()),
            },
            other => other,
        };
        match answer {
            Err(e) if e.kind == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Starts a definition. The answer is the definition, not the job.
    pub async fn run(&self, operation: &str, collection: &str, id: &str, body: Value) -> Result<(), ProviderError> {
        let call = Call::post(format!("{}/action/run", item(collection, id)), body);
        self.rest.send(operation, call).await.map(|_| ())
    }

    fn stored(&self, operation: &str, body: Value) -> Result<Doc, ProviderError> {
        let doc = Doc(body);
        if doc.id().is_empty() {
            let error = ProviderError::new(ErrorKind::Garbled, operation, "The answer has no id.");
            return Err(error.remedy("It is tried again."));
        }
        Ok(doc)
    }
}

fn item(collection: &str, id: &str) -> String {
    format!("/{collection}/{}", segment(id))
}

/// "value 'x' is not unique" (Cerberus) is a name that is taken: whoever tries again reads first whose it is.
fn taken(mut error: ProviderError) -> ProviderError {
    if error.kind == ErrorKind::Refused && error.fields.about("name").is_some_and(|text| text.contains("not unique")) {
        error.kind = ErrorKind::Conflict;
        error.remedy = "Choose another name, or rename what has it in CloudCasa.".into();
    }
    error
}
