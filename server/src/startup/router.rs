//! Every address of the server and the layers over them. Outermost first: the request's id, log and panics; security headers;
//! body limit and time; then, for all but assets and health, the origin check and the session.

use super::{Edge, downloads, gate, headers, kept, origin, pages, request};
use crate::{auth::forms, events::stream};
use app::paths;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::time::Duration;
use tower_http::{limit::RequestBodyLimitLayer, timeout::RequestBodyTimeoutLayer};

/// The largest body: a connection's form with a long kubeconfig is some ten thousand bytes.
pub const BODY_MAX: usize = 1 << 20;
/// The longest pause within a body.
const BODY_PAUSE: Duration = Duration::from_secs(15);

/// The whole application.
pub fn router(edge: Edge) -> Router {
    let guarded = pages::routes(Router::new(), &edge)
        .layer(from_fn_with_state(edge.clone(), kept::answer))
        .route(paths::SIGN_OUT, post(forms::sign_out))
        .route(paths::PREFERENCES, post(forms::preferences))
        .route(paths::EVENTS, get(stream::events))
        .route("/runs/{id}/log.txt", get(downloads::run_log))
        .route("/restores/{id}/log.txt", get(downloads::restore_log))
        .layer(from_fn_with_state(edge.clone(), gate::pass))
        .layer(from_fn_with_state(edge.clone(), origin::check));
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /\n" }))
        .route("/assets/{*path}", get(asset))
        .merge(guarded)
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(map_response(said_too_large))
        .layer(from_fn_with_state(edge.clone(), headers::set))
        .layer(from_fn_with_state(edge.clone(), request::follow))
        .with_state(edge)
}

/// Whether it can serve: the store answers.
async fn ready(State(edge): State<Edge>) -> Response {
    match edge.console().store().ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.\n").into_response()
        }
    }
}

async fn asset(State(edge): State<Edge>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    edge.0.site.answer(&path, &headers)
}

/// The limit answers by itself before anything else sees the request; its words become ours.
async fn said_too_large(answer: Response) -> Response {
    if answer.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return answer;
    }
    let error = app::error::ApiError::new(app::error::ErrorKind::Invalid, "This is more than 1 MiB; nothing was read.");
    (StatusCode::PAYLOAD_TOO_LARGE, [(header::CONNECTION, "close")], axum::Json(error)).into_response()
}
