//! The way in: counts the call, applies the faults, checks the token, and turns replies into HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::any;
use serde_json::json;

use crate::fault::Effect;
use crate::harm::{self, Ways, page, respond};
use crate::kube::http::{self, Ask, Reply, Target};
use crate::kube::status::Refusal;
use crate::objects;
use crate::scenario::{Handle, Scenario};
use crate::world::World;

/// The API server's own limit of a request body.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/s/{scenario}/velero", any(api_root))
        .route("/s/{scenario}/velero/", any(api_root))
        .route("/s/{scenario}/velero/{*path}", any(api))
        .route("/objects/{scenario}/{*key}", any(object))
}

async fn api_root(State(world): State<World>, Path(name): Path<String>, request: Request) -> Response {
    enter(world, &name, String::new(), request).await
}

async fn api(State(world): State<World>, Path((name, path)): Path<(String, String)>, request: Request) -> Response {
    enter(world, &name, path, request).await
}

async fn enter(world: World, name: &str, path: String, request: Request) -> Response {
    world.ensure_ticking();
    let handle = world.scenario(name);
    let ask = match ask(format!("/{path}"), request).await {
        Ok(ask) => ask,
        Err(refusal) => return render(refusal.into(), &handle),
    };
    let effect = handle.with(|scenario| {
        let host = ask.header("host");
        if !host.is_empty() {
            scenario.authority = host.to_owned();
        }
        let shown = shown_path(&ask);
        scenario.calls.count(class(scenario, &ask), ask.method.as_str(), &shown);
        scenario.faults.meet(ask.method.as_str(), &shown, ask.flag("watch"))
    });
    let work = || render_with(serve(&handle, &ask), &handle, effect.as_ref());
    match effect.as_ref() {
        Some(effect) => suffer(effect, &ask, work).await,
        None => work(),
    }
}

async fn object(State(world): State<World>, Path((name, key)): Path<(String, String)>, request: Request) -> Response {
    let handle = world.scenario(&name);
    let ask = match ask(key, request).await {
        Ok(ask) => ask,
        Err(refusal) => return render(refusal.into(), &handle),
    };
    let effect = handle.with(|scenario| {
        let shown = format!("/objects/{}", ask.path);
        scenario.calls.count(format!("{} object", ask.method), ask.method.as_str(), &shown);
        scenario.faults.meet(ask.method.as_str(), &shown, false)
    });
    let work = || {
        let reply = handle.with(|scenario| objects::serve(scenario, &ask));
        render(reply, &handle)
    };
    match effect.as_ref() {
        Some(effect) => suffer(effect, &ask, work).await,
        None => work(),
    }
}

async fn ask(path: String, request: Request) -> Result<Ask, Refusal> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| {
        Refusal::new(
            413,
            "RequestEntityTooLarge",
            format!("Request entity too large: limit is {BODY_LIMIT}"),
            serde_json::Value::Null,
        )
    })?;
    let query: BTreeMap<String, String> =
        axum::extract::Query::try_from_uri(&parts.uri).map_or_else(|_| BTreeMap::new(), |q| q.0);
    Ok(Ask { method: parts.method, path, query, headers: parts.headers, body })
}

/// Path and query as the caller sent them, without the scenario's prefix.
fn shown_path(ask: &Ask) -> String {
    if ask.query.is_empty() {
        return ask.path.clone();
    }
    let query: Vec<String> = ask.query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    format!("{}?{}", ask.path, query.join("&"))
}

fn class(scenario: &Scenario, ask: &Ask) -> String {
    match http::target(&ask.path, scenario.options.velero_installed) {
        Target::Resource { kind, name, .. } => {
            format!("{} {}", http::verb(ask, &name), kind.plural)
        }
        Target::AccessReview => "create selfsubjectaccessreviews".to_owned(),
        _ => format!("{} {}", ask.method, ask.path),
    }
}

fn serve(handle: &Handle, ask: &Ask) -> Reply {
    handle.with(|scenario| {
        if !scenario.options.kubernetes {
            return Reply::Bytes { code: 200, content_type: "text/html", body: page(200).into_bytes() };
        }
        if ask.header("authorization") != format!("Bearer {}", scenario.token()) {
            return Refusal::unauthorized().into();
        }
        http::serve(scenario, ask)
    })
}

fn render_with(reply: Reply, handle: &Arc<Handle>, effect: Option<&Effect>) -> Response {
    match (reply, effect) {
        (Reply::Watch(mut watch), Some(effect)) => {
            watch.disturb(effect);
            render(Reply::Watch(watch), handle)
        }
        (reply, _) => render(reply, handle),
    }
}

fn render(reply: Reply, handle: &Arc<Handle>) -> Response {
    match reply {
        Reply::Json { code, body, warnings } => {
            let mut response = respond(code, "application/json", body.to_string().into_bytes());
            for warning in warnings {
                if let Ok(value) = HeaderValue::from_str(&format!("299 - {warning:?}")) {
                    response.headers_mut().append(header::WARNING, value);
                }
            }
            response
        }
        Reply::Bytes { code, content_type, body } => respond(code, content_type, body),
        Reply::Watch(watch) => {
            let mut response = Response::new(watch.stream(handle.clone()));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
    }
}

fn reason(code: u16) -> &'static str {
    match code {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "Unknown",
    }
}

async fn suffer(effect: &Effect, ask: &Ask, work: impl FnOnce() -> Response) -> Response {
    let refuse = |code, word: Option<&str>, message: &str| {
        let word = word.unwrap_or_else(|| reason(code));
        respond(code, "application/json", Refusal::new(code, word, message.to_owned(), json!({})).body.to_string())
    };
    harm::apply(effect, Ways { refuse, credential: ask.header("authorization").to_owned(), work }).await
}
