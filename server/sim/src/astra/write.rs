//! What changes something: who may, under which conditions, and where the request goes.

use axum::http::Method;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;

use super::account::Account;
use super::place::Place;
use super::problem::Problem;
use super::shelf::Shelf;
use super::{app, backup, bucket, door, hook, query, schedule, snapshot};
use crate::json::time;
use crate::rest::{Answer, Request};

pub(super) fn serve(a: &mut Account, request: &Request, place: &Place) -> Result<Answer, Problem> {
    if !is_served(&request.method, place) {
        return Err(Problem::new(69));
    }
    query::only(request, &[])?;
    let (role, account_wide) = (a.options.role.as_str(), matches!(place.shelf, Shelf::Bucket | Shelf::HookSource));
    if role == "viewer" || (role == "member" && account_wide) {
        return Err(Problem::new(11));
    }
    match (&request.method, &place.id) {
        (&Method::DELETE, Some(id)) => delete(a, request, place, id),
        (_, Some(id)) => put(a, request, place, id),
        (_, None) => post(a, request, place),
    }
}

/// Whether the resource has that method.
fn is_served(method: &Method, place: &Place) -> bool {
    let per_app = place.under.as_ref().is_some_and(|(shelf, _)| *shelf == Shelf::App);
    match (method.as_str(), place.id.is_some()) {
        ("POST", false) => match place.shelf {
            Shelf::App | Shelf::Bucket | Shelf::HookSource => place.under.is_none(),
            Shelf::Backup | Shelf::Snap | Shelf::Schedule | Shelf::Hook => per_app,
            _ => false,
        },
        ("PUT", true) => matches!(place.shelf, Shelf::App | Shelf::Schedule | Shelf::Bucket),
        ("DELETE", true) => matches!(
            place.shelf,
            Shelf::App
                | Shelf::Backup
                | Shelf::Snap
                | Shelf::Schedule
                | Shelf::Bucket
                | Shelf::Hook
                | Shelf::HookSource
        ),
        _ => false,
    }
}

fn is_true(request: &Request, header: &str) -> bool {
    request.header(header).eq_ignore_ascii_case("true")
}

fn post(a: &mut Account, request: &Request, place: &Place) -> Result<Answer, Problem> {
    let app = place.under.as_ref().map(|(_, app)| app.clone()).unwrap_or_default();
    let body = &request.body;
    let made = match place.shelf {
        Shelf::App => app::post(a, body)?,
        Shelf::Backup => backup::post(a, &app, body)?,
        Shelf::Snap => snapshot::post(a, &app, body)?,
        Shelf::Schedule => schedule::post(a, &app, body)?,
        Shelf::Hook => hook::post(a, &app, body)?,
        Shelf::HookSource => hook::post_source(a, body)?,
        _ => bucket::post(a, body)?,
    };
    Ok(door::created(a, request, place, &made))
}

fn delete(a: &mut Account, request: &Request, place: &Place, id: &str) -> Result<Answer, Problem> {
    door::find(a, place, id).ok_or_else(|| Problem::new(1))?;
    match place.shelf {
        Shelf::App => app::delete(a, id)?,
        Shelf::Backup => backup::delete(a, id, is_true(request, "force-delete"))?,
        Shelf::Snap => snapshot::delete(a, id)?,
        Shelf::Schedule => schedule::delete(a, id)?,
        Shelf::HookSource => hook::delete_source(a, id)?,
        Shelf::Hook => {
            a.remove(Shelf::Hook, id);
        }
        _ => bucket::delete(a, id)?,
    }
    Ok(Answer::empty(204))
}

fn put(a: &mut Account, request: &Request, place: &Place, id: &str) -> Result<Answer, Problem> {
    // An unknown schedule is problem 114 here, and not one of those for missing resources.
    let missing = Problem::new(if place.shelf == Shelf::Schedule { 114 } else { 2 });
    let row = door::find(a, place, id).ok_or(missing)?;
    conditions(request, &door::shown(a, place, row))?;
    match place.shelf {
        Shelf::App => app::put(a, id, &request.body, is_true(request, "forceupdate"))?,
        Shelf::Schedule => schedule::put(a, id, &request.body)?,
        _ => bucket::put(a, id, &request.body)?,
    }
    Ok(Answer::empty(204))
}

/// The headers that a PUT may carry; no other method heeds them.
fn conditions(request: &Request, value: &Value) -> Result<(), Problem> {
    let failed = || Problem::new(38);
    let tags = request.header("if-match");
    let current = door::etag(&value.to_string());
    let same = |tag: &str| {
        let tag = tag.trim();
        tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == current
    };
    if !tags.is_empty() && !tags.split(',').any(same) {
        return Err(failed());
    }
    let changed = time(value, "/metadata/modificationTimestamp").map(Timestamp::as_second);
    let date = |name: &str| rfc2822::parse(request.header(name)).ok().map(|at| at.timestamp().as_second());
    if let (Some(limit), Some(changed)) = (date("if-unmodified-since"), changed)
        && changed > limit
    {
        return Err(failed());
    }
    if let (Some(limit), Some(changed)) = (date("if-modified-since"), changed)
        && changed <= limit
    {
        return Err(failed());
    }
    Ok(())
}
