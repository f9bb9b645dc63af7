//! Pages and server functions: leptos' routes with this request's context, the page for what isn't there, and log downloads.

use super::Edge;
use crate::auth::forms;
use app::{
    backend::{Backend, Caller},
    error::ApiError,
    paths,
    routes::App,
    shell::{Theme, shell},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, request::Parts},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::post,
};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use server_fn::error::SERVER_FN_ERROR_HEADER;
use std::sync::Arc;

/// An error's body: a sentence and what is wrong with each field.
const ERROR_MAX: usize = 1 << 20;

/// Every page, every server function, and the forms that share an address with a page.
pub(super) fn routes(router: Router<Edge>, edge: &Edge) -> Router<Edge> {
    let context = context(edge);
    let missing = render_app_async_with_context(context.clone(), || shell(App));
    router
        .leptos_routes_with_context(edge, generate_route_list(App), context, || shell(App))
        .layer(map_response(unread))
        .route(paths::SIGN_IN, post(forms::sign_in))
        .route(paths::SETUP, post(forms::set_up))
        .fallback(move |request: Request| {
            let page = missing(request);
            async move {
                let mut answer: Response = page.await;
                if answer.status() == StatusCode::OK {
                    *answer.status_mut() = StatusCode::NOT_FOUND;
                }
                answer
            }
        })
}

/// Arguments that can't be decoded never reach a server function: the framework answers by itself, 500 whatever it was. The error's own
/// kind decides, as everywhere.
async fn unread(answer: Response) -> Response {
    if answer.status() != StatusCode::INTERNAL_SERVER_ERROR || !answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, ERROR_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Ok(error) = serde_json::from_slice::<ApiError>(&body)
        && let Ok(status) = StatusCode::from_u16(error.status())
    {
        head.status = status;
    }
    Response::from_parts(head, Body::from(body))
}

/// What pages and server functions find in their context. The layers put the request's own part into its extensions.
fn context(edge: &Edge) -> impl Fn() + Clone + Send + Sync + 'static {
    let backend: Arc<dyn Backend> = Arc::new(edge.console().clone());
    let (assets, plate) = (edge.0.site.paths(), edge.0.plate.clone());
    move || {
        provide_context(backend.clone());
        provide_context(assets.clone());
        provide_context(plate.clone());
        let Some(parts) = use_context::<Parts>() else { return };
        if let Some(caller) = parts.extensions.get::<Caller>() {
            provide_context(caller.clone());
        }
        if let Some(nonce) = parts.extensions.get::<Nonce>() {
            provide_context(nonce.clone());
        }
        if let Some(theme) = parts.extensions.get::<Theme>() {
            provide_context(*theme);
        }
    }
}
