//! The way in: limit, route, key, permission, scope, then the work.

use super::Palette;
use super::refusal::{Outcome, Refusal};
use super::routes::Route;
use crate::rest::{Answer, Request};

pub(super) fn serve(palette: &mut Palette, request: &Request) -> Answer {
    let segments = request.segments();
    let limited = palette.limited && segments.get(1) != Some(&"health");
    if limited && !palette.limiter.admits(&segments, palette.now, &palette.options) {
        palette.slowed += 1;
        // It comes from what stands in front of the API: no error document.
        return Answer::text(429, "text/plain; charset=utf-8", "Too Many Requests");
    }
    admit(palette, request).unwrap_or_else(|refusal| refusal.answer())
}

fn admit(palette: &mut Palette, request: &Request) -> Outcome<Answer> {
    let route = Route::of(request);
    if !route.as_ref().is_ok_and(|(route, _)| route.open) {
        authenticate(palette, request)?;
    }
    let (route, args) = route?;
    if palette.options.forbids(request.method.as_str(), &request.path) {
        let message = "The user does not have the permission for the operation";
        return Err(Refusal::new(403, "OperationForbidden", message));
    }
    let scope = scope(palette, request)?;
    route.run(palette, request, args, scope)
}

fn authenticate(palette: &Palette, request: &Request) -> Outcome<()> {
    let key = request.header("apikey");
    if !key.is_empty() {
        if key != palette.token() {
            return Err(Refusal::unauthorized("The API key is invalid"));
        }
        if palette.options.key_expired {
            return Err(Refusal::unauthorized("The API key has expired"));
        }
        return Ok(());
    }
    let token = request.header("authorization");
    if token.is_empty() {
        return Err(Refusal::unauthorized("No authorization was provided"));
    }
    if palette.sessions.knows(token, palette.now) {
        return Ok(());
    }
    Err(Refusal::unauthorized("The token is invalid or has expired"))
}

/// The project of header `ProjectUid`; without it a call is the tenant's.
fn scope(palette: &Palette, request: &Request) -> Outcome<Option<String>> {
    let uid = request.header("projectuid");
    if uid.is_empty() {
        return Ok(None);
    }
    if palette.tenant.projects.iter().any(|project| project.uid == uid) {
        return Ok(Some(uid.to_owned()));
    }
    Err(Refusal::new(404, "ProjectNotFound", "The project could not be found"))
}
