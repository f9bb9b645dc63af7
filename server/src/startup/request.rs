//! The outermost layer: an id for each request, its span in the log, its result, and a plain answer when the code panics.

use super::Edge;
use crate::{auth::token::random, serve::Peer};
use app::backend::Caller;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use std::{net::IpAddr, panic::AssertUnwindSafe};
use tokio::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What is kept of a browser's name for itself.
const BROWSER_MAX: usize = 200;

/// Names the request, follows it, and catches what panics.
pub async fn follow(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id: String = random::<8>().unwrap_or_default().iter().map(|b| format!("{b:02x}")).collect();
    let address = address(&edge, &request);
    let browser = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let browser: String = browser.chars().take(BROWSER_MAX).collect();
    request.extensions_mut().insert(Caller { who: None, request_id: id.clone(), address, browser });

    let method = request.method().clone();
    // The path alone: what stands in a query may be somebody's.
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", id, %method, path);
    let api = super::is_api(&path);
    let mut answer = async {
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|panic| {
            let what = panic.downcast_ref::<&str>().copied().map(str::to_owned);
            let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            tracing::error!(what, "panicked");
            super::problem(api, &id, app::error::ErrorKind::Bug, "Something went wrong inside Holdfast.")
        });
        let (status, ms) = (answer.status(), began.elapsed().as_secs_f64() * 1000.0);
        if status.is_server_error() && status != StatusCode::BAD_GATEWAY {
            tracing::warn!(status = status.as_u16(), ms, "answered");
        } else if matches!(method, Method::GET | Method::HEAD) {
            tracing::debug!(status = status.as_u16(), ms, "answered");
        } else {
            tracing::info!(status = status.as_u16(), ms, "answered");
        }
        answer
    }
    .instrument(span)
    .await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    answer
}

/// Where the request comes from: the connection's other end, or what a trusted proxy says.
fn address(edge: &Edge, request: &Request) -> String {
    let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() else { return String::new() };
    let peer = peer.ip().to_canonical();
    let trusted = |address: IpAddr| edge.trusted_proxies().iter().any(|network| network.contains(address));
    if !trusted(peer) {
        return peer.to_string();
    }
    forwarded(request.headers(), trusted).unwrap_or(peer).to_string()
}

/// The nearest address that is not a trusted proxy's: what stands before it could be anybody's word.
fn forwarded(headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let hops: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).collect();
    for hop in hops.iter().rev() {
        let address = hop.trim().parse::<IpAddr>().ok()?.to_canonical();
        if !trusted(address) {
            return Some(address);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn a_forged_hop_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, "6.6.6.6, 203.0.113.9, 10.0.0.2".parse().unwrap());
        let proxies = |address: IpAddr| address.to_string().starts_with("10.");
        assert_eq!(forwarded(&headers, proxies).unwrap().to_string(), "203.0.113.9");
        assert_eq!(forwarded(&HeaderMap::new(), proxies), None);
        headers.append(FORWARDED_FOR, "unknown".parse().unwrap());
        assert_eq!(forwarded(&headers, proxies), None);
    }
}
