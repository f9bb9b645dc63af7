//! Every request that may change something must come from a page of this console. SameSite cookies alone don't say so: a
//! sibling domain is the same site.

use super::Edge;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri, header},
    middleware::Next,
    response::Response,
};
use url::Url;

/// Refuses what another site sends, and what doesn't say where it comes from.
pub async fn check(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || is_own(request.headers(), request.uri(), edge.public_url())
    {
        return next.run(request).await;
    }
    tracing::info!(
        origin = request.headers().get(header::ORIGIN).and_then(|v| v.to_str().ok()).unwrap_or("none"),
        path = request.uri().path(),
        "refused a request from elsewhere"
    );
    let sentence = "This was not sent by a page of this console. If a proxy stands before Holdfast, set --public-url to the \
                    address that browsers see; a script sends that address as the header Origin.";
    super::refuse(&request, app::error::ErrorKind::Forbidden, sentence)
}

/// Whether Origin names this console: its public address, or the host that was asked. Without an Origin nothing is known,
/// and browsers send one with every POST.
fn is_own(headers: &HeaderMap, uri: &Uri, public: Option<&Url>) -> bool {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    if matches!(text(header::HeaderName::from_static("sec-fetch-site")), Some("cross-site" | "same-site")) {
        return false;
    }
    let Some(origin) = text(header::ORIGIN).and_then(|o| Url::parse(o).ok()) else { return false };
    if public.is_some_and(|public| public.origin() == origin.origin()) {
        return true;
    }
    // HTTP/2 has the host in the URI.
    let Some(host) = uri.authority().map(|a| a.as_str()).or_else(|| text(header::HOST)) else { return false };
    let asked = Url::parse(&format!("{}://{host}/", origin.scheme()));
    matches!(origin.scheme(), "http" | "https") && asked.is_ok_and(|asked| asked.origin() == origin.origin())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;

    fn own(pairs: &[(&'static str, &str)], public: Option<&str>) -> bool {
        let headers = pairs.iter().map(|(k, v)| (header::HeaderName::from_static(k), v.parse().unwrap())).collect();
        is_own(&headers, &"/sign-in".parse().unwrap(), public.map(|p| Url::parse(p).unwrap()).as_ref())
    }

    #[test]
    fn the_host_that_was_asked_is_own() {
        assert!(own(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")], None));
        assert!(own(&[("origin", "https://h.example"), ("host", "h.example")], None));
        assert!(own(&[("origin", "https://h.example"), ("host", "h.example:443")], None));
        assert!(!own(&[("origin", "http://127.0.0.1:8081"), ("host", "127.0.0.1:8080")], None));
        assert!(!own(&[("origin", "https://evil.example"), ("host", "h.example")], None));
        assert!(!own(&[("origin", "https://h.example.evil.example"), ("host", "h.example")], None));
    }

    #[test]
    fn nothing_and_null_are_not() {
        assert!(!own(&[("host", "h.example")], None));
        assert!(!own(&[("origin", "null"), ("host", "h.example")], None));
        assert!(!own(&[("origin", "file://"), ("host", "h.example")], None));
        assert!(!own(&[("referer", "https://h.example/"), ("host", "h.example")], None));
    }

    #[test]
    fn the_public_address_counts_behind_a_proxy() {
        let behind = [("origin", "https://backups.example.com"), ("host", "10.0.0.7:8080")];
        assert!(own(&behind, Some("https://backups.example.com")));
        assert!(!own(&behind, None));
        assert!(!own(&behind, Some("http://backups.example.com")));
    }

    #[test]
    fn a_sibling_site_is_refused_by_what_the_browser_says() {
        let sibling = [("origin", "https://h.example"), ("host", "h.example"), ("sec-fetch-site", "same-site")];
        assert!(!own(&sibling, None));
    }
}
