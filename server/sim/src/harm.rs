//! What faults do to an answer, whichever system gives it.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};

use crate::fault::Effect;

/// What the effect has to work with.
pub(crate) struct Ways<R, W> {
    /// An error in the system's own form, from a code, a reason word and a sentence.
    pub(crate) refuse: R,
    /// What the caller presented.
    pub(crate) credential: String,
    /// Does and answers what was asked for.
    pub(crate) work: W,
}

/// Applies a fault.
pub(crate) async fn apply<R, W>(effect: &Effect, ways: Ways<R, W>) -> Response
where
    R: FnOnce(u16, Option<&str>, &str) -> Response,
    W: FnOnce() -> Response,
{
    let Ways { refuse, credential, work } = ways;
    match effect {
        Effect::Status { code, reason, message, retry_after } => {
            let sentence = message.clone().unwrap_or_else(|| format!("injected fault: {}", canonical(*code)));
            let mut response = refuse(*code, reason.as_deref(), &sentence);
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            response
        }
        Effect::Html { code } => respond(*code, "text/html", page(*code)),
        Effect::Raw { code, content_type, body } => respond(*code, content_type, body.clone()),
        Effect::Hang => std::future::pending().await,
        Effect::Drip => respond(200, "application/json", drip()),
        Effect::Truncated => truncate(work()).await,
        Effect::Huge { bytes } => respond(200, "application/json", huge(*bytes)),
        Effect::Redirect { to } => {
            let mut response = respond(302, "text/html", page(302));
            if let Ok(value) = HeaderValue::from_str(to) {
                response.headers_mut().insert(header::LOCATION, value);
            }
            response
        }
        Effect::Slow { ms } => {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
            work()
        }
        Effect::Drop => broken(Bytes::new(), 1),
        Effect::LostAnswer => {
            drop(work());
            broken(Bytes::new(), 1)
        }
        Effect::EchoCredential { code } => refuse(*code, None, &format!("rejected credential {credential}")),
        Effect::WatchDropped { .. } | Effect::WatchGone => work(),
    }
}

fn canonical(code: u16) -> &'static str {
    StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason()).unwrap_or("unknown status")
}

pub(crate) fn respond(code: u16, content_type: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// A web page of something that isn't the API.
pub(crate) fn page(code: u16) -> String {
    let title = match code {
        502 => "502 Bad Gateway",
        503 => "503 Service Temporarily Unavailable",
        200 => "Welcome to nginx!",
        _ => "Error",
    };
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn drip() -> Body {
    let parts = stream::unfold(true, |first| async move {
        if !first {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let bytes = if first { "{\"kind\":\"" } else { "x" };
        Some((Ok::<_, Infallible>(Bytes::from_static(bytes.as_bytes())), false))
    });
    Body::from_stream(parts)
}

fn huge(bytes: u64) -> Body {
    const BLOCK: u64 = 64 * 1024;
    let blocks = stream::iter(0..bytes.div_ceil(BLOCK))
        .map(|_| Bytes::from(vec![b'x'; usize::try_from(BLOCK).unwrap_or(65_536)]));
    let all = stream::iter([Bytes::from_static(b"\"")]).chain(blocks).chain(stream::iter([Bytes::from_static(b"\"")]));
    Body::from_stream(all.map(Ok::<_, Infallible>))
}

async fn truncate(whole: Response) -> Response {
    let (parts, body) = whole.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut response = broken(bytes.slice(..bytes.len() / 2), bytes.len());
    *response.status_mut() = parts.status;
    response
}

/// Announces `announced` bytes, sends fewer, and breaks the connection.
fn broken(sent: Bytes, announced: usize) -> Response {
    let parts = stream::iter([Ok(sent)]).chain(stream::once(async {
        // Lets the first part reach the wire before the connection ends.
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err(std::io::Error::other("injected fault"))
    }));
    let mut response = respond(200, "application/json", Body::from_stream(parts));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(announced));
    response
}
