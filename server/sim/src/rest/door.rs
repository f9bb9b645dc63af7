//! The way in: counts the call, applies the faults, and turns answers into HTTP.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request as Incoming, State as Shared};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::any;

use super::stand::Stand;
use super::{Answer, Request};
use crate::fault::Effect;
use crate::harm::{self, Ways};
use crate::world::World;

/// No request of these systems comes near it.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/s/{scenario}/{system}", any(enter))
        .route("/s/{scenario}/{system}/", any(enter))
        .route("/s/{scenario}/{system}/{*path}", any(enter))
}

/// Scenario, system and the path below them. Read by hand: the path may be one that the router would refuse to decode.
fn place(uri: &Uri) -> (String, String, String) {
    let mut parts = uri.path().trim_start_matches("/s/").splitn(3, '/');
    let mut next = || decode(parts.next().unwrap_or_default());
    (next(), next(), format!("/{}", next()))
}

/// Percent-decoded; what isn't UTF-8 becomes a replacement character.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.get(..2).filter(|pair| *first == b'%' && pair.iter().all(u8::is_ascii_hexdigit));
        let value = pair.and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|p| u8::from_str_radix(p, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn enter(Shared(world): Shared<World>, incoming: Incoming) -> Response {
    world.ensure_ticking();
    let (scenario, system, path) = place(incoming.uri());
    let stand = match world.stand(&scenario, &system) {
        Ok(stand) => stand,
        Err(sentence) => return render(Answer::text(404, "text/plain; charset=utf-8", sentence)),
    };
    let Some(request) = read(&scenario, &system, path, incoming).await else {
        return render(stand.lock().system.refusal(413, "the request's body is too large"));
    };
    let effect = stand.with(|state| {
        let shown = request.shown();
        state.calls.count(state.system.class(&request), request.method.as_str(), &shown);
        state.faults.meet(request.method.as_str(), &shown, false)
    });
    let work = || render(stand.with(|state| state.system.serve(&request)));
    match effect {
        Some(effect) => suffer(&effect, &stand, &request, work).await,
        None => work(),
    }
}

async fn suffer(effect: &Effect, stand: &Arc<Stand>, request: &Request, work: impl FnOnce() -> Response) -> Response {
    let ways = Ways {
        refuse: |code, _: Option<&str>, message: &str| render(stand.lock().system.refusal(code, message)),
        credential: stand.lock().system.credential(request),
        work,
    };
    harm::apply(effect, ways).await
}

/// The request, or nothing when its body is too large or breaks off.
async fn read(scenario: &str, system: &str, path: String, incoming: Incoming) -> Option<Request> {
    let (parts, body) = incoming.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.ok()?;
    let query: Vec<(String, String)> = Query::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
    let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = named.or_else(|| parts.uri.authority().map(|at| at.as_str())).unwrap_or("127.0.0.1");
    let base = format!("http://{host}/s/{scenario}/{system}");
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    Some(Request { method: parts.method, path, raw_query, query, headers: parts.headers, body, base })
}

fn render(answer: Answer) -> Response {
    let mut response = Response::new(answer.body.into());
    *response.status_mut() = StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !answer.content_type.is_empty()
        && let Ok(value) = HeaderValue::from_str(&answer.content_type)
    {
        headers.insert(header::CONTENT_TYPE, value);
    }
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_places() {
        for (uri, expected) in [
            ("/s/t/astra", ("t", "astra", "/")),
            ("/s/t/astra/", ("t", "astra", "/")),
            ("/s/t/astra/a%20b/c/", ("t", "astra", "/a b/c/")),
            ("/s/t/astra//k8s", ("t", "astra", "//k8s")),
            ("/s/t/astra/%ff%zz%4", ("t", "astra", "/\u{fffd}%zz%4")),
        ] {
            let (scenario, system, path) = place(&Uri::from_static(uri));
            assert_eq!((scenario.as_str(), system.as_str(), path.as_str()), expected);
        }
    }
}
