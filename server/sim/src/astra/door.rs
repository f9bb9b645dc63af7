//! From a request to what it means: token, account, path, method, media type, conditions.

use axum::http::Method;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use super::account::{Access, Account, Row};
use super::ident::is_uuid;
use super::place::{self, Place};
use super::problem::Problem;
use super::shelf::Shelf;
use super::{links, query, write};
use crate::json::{set, text, texts};
use crate::rest::{Answer, Request};

/// Serves one request. `token` is the scenario's.
pub(super) fn serve(a: &mut Account, request: &Request) -> Answer {
    answer(a, request).unwrap_or_else(|problem| {
        let correlation = a.draw("correlation");
        problem.answer(&correlation)
    })
}

fn answer(a: &mut Account, request: &Request) -> Result<Answer, Problem> {
    authenticate(a, request)?;
    let parts = request.segments();
    // The server's routes know no empty parts.
    if request.path.contains("//") {
        return Err(Problem::new(2));
    }
    let rest = match parts.as_slice() {
        ["accounts", account, rest @ ..] => {
            known_account(a, account)?;
            rest
        }
        ["accounts"] => &[],
        _ => return Err(Problem::new(2)),
    };
    if rest.is_empty() {
        return account(a, request, parts.len() == 1);
    }
    let place = place::of(rest).ok_or_else(|| Problem::new(2))?;
    acceptable(request)?;
    if let Some((shelf, owner)) = &place.under
        && a.row(*shelf, owner).filter(|row| visible(a, *shelf, row)).is_none()
    {
        return Err(Problem::new(2));
    }
    match (&request.method, &place.id) {
        (&Method::GET, _) if place.shelf == Shelf::Asset => assets(a, request, &place),
        (&Method::GET, None) => list(a, request, &place),
        (&Method::GET, Some(id)) => get(a, request, &place, id),
        _ => write::serve(a, request, &place),
    }
}

fn authenticate(a: &Account, request: &Request) -> Result<(), Problem> {
    let token = request.bearer().filter(|token| !token.is_empty()).ok_or_else(|| Problem::new(3))?;
    match a.access {
        Access::Valid if token == format!("sim-{}-token", a.scenario) => Ok(()),
        Access::Disabled => Err(Problem::new(14)),
        _ => Err(Problem::new(4)),
    }
}

fn known_account(a: &Account, id: &str) -> Result<(), Problem> {
    match id {
        id if id.eq_ignore_ascii_case(&a.id) => Ok(()),
        id if is_uuid(id) => Err(Problem::new(2)),
        _ => Err(Problem::new(33)),
    }
}

/// The media type asked for must be JSON, or a resource's own.
fn acceptable(request: &Request) -> Result<(), Problem> {
    let accept = request.header("accept");
    let fits = |range: &str| {
        let media = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let own = media.starts_with("application/astra-") && media.ends_with("+json");
        own || matches!(media.as_str(), "*/*" | "application/*" | "application/json")
    };
    match accept.is_empty() || accept.split(',').any(fits) {
        true => Ok(()),
        false => Err(Problem::new(32)),
    }
}

/// Whether the user's constraints let it be seen.
fn visible(a: &Account, shelf: Shelf, row: &Row) -> bool {
    let allowed = &a.options.constrained_to;
    if allowed.is_empty() {
        return true;
    }
    match shelf {
        Shelf::App => texts(&row.value, "/namespaces").iter().all(|name| allowed.contains(name)),
        Shelf::Namespace => allowed.iter().any(|name| name == text(&row.value, "/name")),
        Shelf::Backup | Shelf::Snap | Shelf::Schedule | Shelf::Hook => {
            a.row(Shelf::App, &row.owner).is_some_and(|app| visible(a, Shelf::App, app))
        }
        _ => true,
    }
}

/// Whether it is among what the path names: managed clusters are those that are managed.
fn listed(a: &Account, place: &Place, row: &Row) -> bool {
    let unmanaged = text(&row.value, "/managedState") == "unmanaged";
    let named = place.shelf != Shelf::Cluster || place.as_cluster || !unmanaged;
    named && visible(a, place.shelf, row)
}

pub(super) fn shown(a: &Account, place: &Place, row: &Row) -> Value {
    let mut value = match place.shelf {
        Shelf::App => links::shown(a, row),
        _ => row.value.clone(),
    };
    if place.as_cluster {
        set(&mut value, "/type", "application/astra-cluster");
        set(&mut value, "/version", "1.6");
    }
    value
}

fn account(a: &Account, request: &Request, all: bool) -> Result<Answer, Problem> {
    if request.method != Method::GET {
        return Err(Problem::new(69));
    }
    query::only(request, if all { &["include", "limit", "filter"] } else { &[] })?;
    let since = text(a.value(Shelf::User, &a.user), "/metadata/creationTimestamp");
    let one = json!({"type": "application/astra-account", "version": "1.0", "id": a.id, "name": a.scenario,
        "state": "active", "isEnabled": "true", "metadata": {"labels": [], "creationTimestamp": since,
        "modificationTimestamp": since, "createdBy": a.user}});
    if !all {
        return Ok(send(request, 200, &one, "application/astra-account"));
    }
    let (items, metadata) = query::apply(request, vec![one])?;
    Ok(send(request, 200, &json!({"items": items, "metadata": metadata}), "application/astra-accounts"))
}

fn list(a: &Account, request: &Request, place: &Place) -> Result<Answer, Problem> {
    query::only(request, place.shelf.params())?;
    let under = place.under.as_ref().map(|(_, owner)| owner.as_str());
    let rows = a.rows(place.shelf).iter().filter(|row| under.is_none_or(|owner| row.owner == owner));
    let items = rows.filter(|row| listed(a, place, row)).map(|row| shown(a, place, row)).collect();
    send_list(a, request, place.shelf, items)
}

fn send_list(a: &Account, request: &Request, shelf: Shelf, items: Vec<Value>) -> Result<Answer, Problem> {
    let (items, mut metadata) = query::apply(request, items)?;
    let kind = format!("application/astra-{}s", shelf.word());
    let mut body = Map::new();
    if a.options.spec_lists {
        body.insert("type".to_owned(), json!(kind));
        body.insert("version".to_owned(), json!(shelf.version()));
        metadata.extend([
            ("labels".to_owned(), json!([])),
            ("creationTimestamp".to_owned(), json!(a.stamp())),
            ("modificationTimestamp".to_owned(), json!(a.stamp())),
            ("createdBy".to_owned(), json!(a.user)),
        ]);
    }
    body.insert("items".to_owned(), json!(items));
    body.insert("metadata".to_owned(), json!(metadata));
    Ok(send(request, 200, &Value::Object(body), &kind))
}

fn assets(a: &Account, request: &Request, place: &Place) -> Result<Answer, Problem> {
    query::only(request, place.shelf.params())?;
    let app = place.under.as_ref().map(|(_, app)| app.as_str()).unwrap_or_default();
    let of = match &place.id {
        Some(backup) if a.row(Shelf::Backup, backup).is_none_or(|row| row.owner != app) => return Err(Problem::new(2)),
        Some(backup) => backup,
        None => app,
    };
    send_list(a, request, Shelf::Asset, links::assets(a, app, of))
}

/// The resource that the path names.
pub(super) fn find<'a>(a: &'a Account, place: &Place, id: &str) -> Option<&'a Row> {
    let row = a.row(place.shelf, id)?;
    let inside = place.under.as_ref().is_none_or(|(_, owner)| *owner == row.owner);
    (inside && listed(a, place, row)).then_some(row)
}

fn get(a: &Account, request: &Request, place: &Place, id: &str) -> Result<Answer, Problem> {
    query::only(request, &[])?;
    let row = find(a, place, id).ok_or_else(|| Problem::new(2))?;
    let value = shown(a, place, row);
    let kind = text(&value, "/type").to_owned();
    Ok(send(request, 200, &value, &kind))
}

/// MD5 of the whole JSON, in hex.
pub(super) fn etag(body: &str) -> String {
    Md5::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn created(a: &Account, request: &Request, place: &Place, made: &Value) -> Answer {
    let id = text(made, "/id");
    let value = a.row(place.shelf, id).map_or_else(|| made.clone(), |row| shown(a, place, row));
    let location = format!("{}{}/{id}", request.base, request.path.trim_end_matches('/'));
    send(request, 201, &value, text(&value, "/type")).with("Location", location)
}

/// JSON with its tag. The resource's own media type is used when it was asked for.
fn send(request: &Request, code: u16, value: &Value, kind: &str) -> Answer {
    let own = format!("{kind}+json");
    let asked = request.header("accept").split(',').any(|range| range.trim().eq_ignore_ascii_case(&own));
    let body = value.to_string();
    let tag = etag(&body);
    let content_type = if asked { own.as_str() } else { "application/json" };
    Answer::text(code, content_type, body).with("ETag", format!("\"{tag}\""))
}
