//! `_links`: for people who browse. Their addresses lack the `/api` of the real ones, so nobody can follow them.

use serde_json::{Map, Value, json};

use super::query::{DEFAULT_SIZE, Query};
use super::resource::{self, Resource};
use super::store::is_id;
use crate::json::text;
use crate::rest::Request;

/// Links of a document: itself, and what its references name.
pub(super) fn of(resource: &Resource, doc: &Value) -> Value {
    let mut links = json!({"self": one(resource, text(doc, "/_id"))});
    let related: Map<String, Value> = resource
        .references()
        .filter_map(|(field, other)| {
            let id = doc.get(field)?.as_str().filter(|id| is_id(id))?;
            Some((field.to_owned(), one(resource::named(other)?, id)))
        })
        .collect();
    if !related.is_empty() {
        links["related"] = Value::Object(related);
    }
    links
}

/// The same for a document that was read alone; `place` is where the collection is said to be.
pub(super) fn of_item(resource: &Resource, doc: &Value, place: &str) -> Value {
    let mut links = of(resource, doc);
    links["parent"] = json!({"title": "home", "href": "/"});
    links["collection"] = json!({"title": format!("/v1/{}", resource.name), "href": place});
    links
}

fn one(resource: &Resource, id: &str) -> Value {
    json!({"title": resource.title, "href": format!("/v1/{}/{id}", resource.name)})
}

/// Links of a page.
pub(super) fn of_list(resource: &Resource, request: &Request, query: &Query, total: usize) -> Value {
    let place = format!("v1/{}", resource.name);
    let title = format!("/v1/{}", resource.name);
    // The size that counts, unless it is the usual one; then what was asked for.
    let mut asked: Vec<String> = Vec::new();
    if query.size != DEFAULT_SIZE {
        asked.push(format!("max_results={}", query.size));
    }
    for name in ["where", "sort"] {
        if let Some(value) = request.param(name) {
            asked.push(format!("{name}={value}"));
        }
    }
    let page = |number: usize| {
        let mut parts = asked.clone();
        if number > 1 {
            parts.push(format!("page={number}"));
        }
        if parts.is_empty() { place.clone() } else { format!("{place}?{}", parts.join("&")) }
    };
    let mut links =
        json!({"parent": {"title": "home", "href": "/"}, "self": {"title": title, "href": page(query.page)}});
    if query.page.saturating_mul(query.size) < total {
        links["next"] = json!({"title": "next page", "href": page(query.page + 1)});
        links["last"] = json!({"title": "last page", "href": page(total.div_ceil(query.size))});
    }
    if query.page > 1 && total > 0 {
        links["prev"] = json!({"title": "previous page", "href": page(query.page - 1)});
    }
    links
}
