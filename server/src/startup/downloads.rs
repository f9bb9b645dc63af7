//! Whole logs as plain files. They are streamed from the upstream through the server: its signed address never reaches a browser.

use super::Edge;
use crate::provider::LogOf;
use app::backend::Caller;
use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

/// `GET /runs/{id}/log.txt`.
pub(super) async fn run_log(state: State<Edge>, caller: Extension<Caller>, id: Path<String>) -> Response {
    log(state, caller, LogOf::Run, "run", id).await
}

/// `GET /restores/{id}/log.txt`.
pub(super) async fn restore_log(state: State<Edge>, caller: Extension<Caller>, id: Path<String>) -> Response {
    log(state, caller, LogOf::Restore, "restore", id).await
}

async fn log(
    State(edge): State<Edge>,
    Extension(caller): Extension<Caller>,
    of: LogOf,
    word: &str,
    Path(id): Path<String>,
) -> Response {
    match edge.console().log_stream(&caller, of, &id).await {
        Ok(log) => {
            let name: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect();
            let disposition = format!("attachment; filename=\"{word}-{name}.log.txt\"");
            let headers = [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            // An upstream that breaks off in the middle breaks the download off too: the browser says it is incomplete.
            (headers, Body::from_stream(log)).into_response()
        }
        Err(error) => super::problem(false, &caller.request_id, error.kind, &super::escaped(&error.message)),
    }
}
