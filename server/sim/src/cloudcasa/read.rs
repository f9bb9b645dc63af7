//! Reading: pages of a collection, one document, and what is never shown.

use serde_json::{Value, json};

use super::query::Query;
use super::resource::Resource;
use super::store::{date, read_date};
use super::{CloudCasa, links, refusal};
use crate::json::{text, unset};
use crate::rest::{Answer, Request};

/// A document without its secrets: keys of storages don't come back. A recovery point's `repo_password` does.
pub(super) fn shown(resource: &str, doc: &Value) -> Value {
    let mut doc = doc.clone();
    if resource == "objectstores" {
        for secret in ["/s3provider/credentials/secret_key", "/s3provider/client_secret", "/repo_password"] {
            unset(&mut doc, secret);
        }
    }
    doc
}

impl CloudCasa {
    pub(super) fn list(&self, resource: &'static Resource, request: &Request) -> Answer {
        let query = match Query::read(request, self.options.page_limit.max(1)) {
            Ok(query) => query,
            Err(refused) => return refused,
        };
        let found = query.choose(self.store.list(resource.name));
        let total = found.len();
        let skipped = (query.page - 1).saturating_mul(query.size);
        let page: Vec<&Value> = found.into_iter().skip(skipped).take(query.size).collect();
        let newest = page.iter().filter_map(|doc| read_date(text(doc, "/_updated"))).max();
        let items: Vec<Value> = page
            .into_iter()
            .map(|doc| {
                let links = links::of(resource, doc);
                let mut doc = self.dressed(resource, doc, &query);
                doc["_links"] = links;
                doc
            })
            .collect();
        let body = json!({
            "_items": items,
            "_links": links::of_list(resource, request, &query, total),
            "_meta": {"page": query.page, "max_results": query.size, "total": total},
        });
        let answer = Answer::json(200, &body).with("X-Total-Count", total.to_string());
        match newest {
            Some(at) => answer.with("Last-Modified", date(at)),
            None => answer,
        }
    }

    pub(super) fn item(&self, resource: &'static Resource, id: &str, request: &Request) -> Answer {
        let Some(doc) = self.store.get(resource.name, id) else {
            return refusal::error(404, "");
        };
        let query = match Query::read(request, self.options.page_limit) {
            Ok(query) => query,
            Err(refused) => return refused,
        };
        let etag = format!("\"{}\"", text(doc, "/_etag"));
        let known = request.header("if-none-match").trim_start_matches("W/").trim_matches('"');
        let updated = text(doc, "/_updated").to_owned();
        if !known.is_empty() && known == text(doc, "/_etag") {
            return Answer::empty(304).with("ETag", etag);
        }
        let links = links::of_item(resource, doc, &format!("v1/{}", resource.name));
        let mut doc = self.dressed(resource, doc, &query);
        doc["_links"] = links;
        Answer::json(200, &doc).with("ETag", etag).with("Last-Modified", updated)
    }

    /// Embedded, cut to the projection, without secrets.
    fn dressed(&self, resource: &'static Resource, doc: &Value, query: &Query) -> Value {
        let mut doc = shown(resource.name, doc);
        for (field, other) in resource.references().filter(|(field, _)| query.embedded.iter().any(|name| name == field))
        {
            // A reference to something that is gone stays an id.
            if let Some(target) = doc[field].as_str().and_then(|id| self.store.get(other, id)) {
                doc[field] = shown(other, target);
            }
        }
        query.project(&mut doc);
        doc
    }
}
