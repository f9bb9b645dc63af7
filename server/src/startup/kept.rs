//! Pages that are asked for again at once, by the same session, while nothing was written: several tabs that refresh
//! after one event, or somebody who goes back and forth. What was rendered is then sent again with this request's nonce.
//!
//! Only times such as "2 min ago" change without a write. A page may therefore be a second old; for some seconds more it
//! is still sent to those who ask while one of them has it rendered anew.

use super::Edge;
use app::{backend::Caller, shell::Theme};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use leptos::nonce::Nonce;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How old a page may be.
const FRESH: Duration = Duration::from_secs(1);
/// How old it may be for those who ask while somebody else renders it.
const MEANWHILE: Duration = Duration::from_secs(4);
/// All pages together, in bytes; the memory of an idle server is small.
const ROOM: usize = 4 << 20;
/// A page larger than this is rendered each time.
const LARGEST: usize = 1 << 20;

/// Whose page it is: address with query, session, zone, role and theme.
type Key = String;

/// The pages of one process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Pages(Arc<Mutex<HashMap<Key, Place>>>);

#[derive(Debug, Default)]
struct Place {
    page: Option<Page>,
    /// Renders one at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A rendered page, cut where its nonce stood.
#[derive(Clone, Debug)]
struct Page {
    pieces: Arc<[Bytes]>,
    content_type: header::HeaderValue,
    writes: u64,
    at: Instant,
}

impl Page {
    fn bytes(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }

    fn with(&self, nonce: &Nonce) -> Response {
        let nonce: &str = nonce;
        let mut body = Vec::with_capacity(self.bytes() + self.pieces.len() * nonce.len());
        for (i, piece) in self.pieces.iter().enumerate() {
            if i > 0 {
                body.extend_from_slice(nonce.as_bytes());
            }
            body.extend_from_slice(piece);
        }
        let mut answer = Response::new(Body::from(body));
        answer.headers_mut().insert(header::CONTENT_TYPE, self.content_type.clone());
        answer
    }
}

impl Pages {
    fn place<T>(&self, key: &str, of: impl FnOnce(&mut Place) -> T) -> T {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        of(places.entry(key.to_owned()).or_default())
    }

    /// The page, if it is young enough and nothing was written since.
    fn find(&self, key: &str, writes: u64, age: Duration) -> Option<Page> {
        self.find_at(key, writes, age, Instant::now())
    }

    fn find_at(&self, key: &str, writes: u64, age: Duration, now: Instant) -> Option<Page> {
        let page = self.place(key, |place| place.page.clone())?;
        (page.writes == writes && now.duration_since(page.at) < age).then_some(page)
    }

    /// Nothing is kept of this one: its place goes, unless somebody else waits for a turn there.
    fn leave(&self, key: &str) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One is the map's, one is ours.
        if places.get(key).is_some_and(|place| place.page.is_none() && Arc::strong_count(&place.turn) <= 2) {
            places.remove(key);
        }
    }

    /// Keeps a page, and drops what is too old for anybody or too much.
    fn keep(&self, key: &str, page: Page) {
        let now = page.at;
        self.place(key, |place| place.page = Some(page));
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|_, place| {
            let old = place.page.as_ref().is_none_or(|page| now.duration_since(page.at) > MEANWHILE);
            // Somebody renders it just now.
            !old || Arc::strong_count(&place.turn) > 1
        });
        let mut all: usize = places.values().filter_map(|place| place.page.as_ref()).map(Page::bytes).sum();
        if all > ROOM {
            places.retain(|kept, place| {
                let size = place.page.as_ref().map_or(0, Page::bytes);
                let stays = all <= ROOM || kept == key;
                if !stays {
                    all -= size;
                }
                stays
            });
        }
    }
}

/// Answers a page from what is kept, or has it rendered and keeps it. Inside of the gate: who asks is known.
pub async fn answer(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let Some((key, nonce)) = key(&request) else { return next.run(request).await };
    let (pages, store) = (edge.pages().clone(), edge.console().store().clone());
    if let Some(page) = pages.find(&key, store.writes(), FRESH) {
        return page.with(&nonce);
    }
    let turn = pages.place(&key, |place| place.turn.clone());
    let _held = match turn.try_lock() {
        Ok(held) => held,
        Err(_) => {
            if let Some(page) = pages.find(&key, store.writes(), MEANWHILE) {
                return page.with(&nonce);
            }
            let held = turn.lock().await;
            if let Some(page) = pages.find(&key, store.writes(), FRESH) {
                return page.with(&nonce);
            }
            held
        }
    };
    // Counted before it is read: a write in between makes the page old, not wrong.
    let writes = store.writes();
    let (parts, body) = next.run(request).await.into_parts();
    let page = parts.headers.get(header::CONTENT_TYPE).filter(|kind| kind.as_bytes().starts_with(b"text/html"));
    let (StatusCode::OK, Some(content_type), None) = (parts.status, page, parts.headers.get(header::SET_COOKIE)) else {
        pages.leave(&key);
        return Response::from_parts(parts, body);
    };
    // A page is one text that is there already; nothing is waited for.
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        return super::problem(false, "", app::error::ErrorKind::Bug, "The page could not be put together.");
    };
    if whole.len() <= LARGEST {
        let page = Page { pieces: cut(&whole, &nonce), content_type: content_type.clone(), writes, at: Instant::now() };
        pages.keep(&key, page);
    } else {
        pages.leave(&key);
    }
    Response::from_parts(parts, Body::from(whole))
}

/// Pages of somebody who is signed in; nothing else is kept.
fn key(request: &Request) -> Option<(Key, Nonce)> {
    if request.method() != Method::GET || super::is_api(request.uri().path()) {
        return None;
    }
    let who = request.extensions().get::<Caller>()?.who.as_ref()?;
    let theme = request.extensions().get::<Theme>().copied().unwrap_or_default();
    let nonce = request.extensions().get::<Nonce>()?.clone();
    let address = request.uri().path_and_query()?;
    let key = format!("{address}\n{}\n{}\n{}\n{}", who.session.0, who.zone, who.role.key(), theme.key());
    Some((key, nonce))
}

/// Cuts a page where the nonce stands. Nonces are 128 random bits: nothing else in a page looks like this one.
fn cut(whole: &Bytes, nonce: &Nonce) -> Arc<[Bytes]> {
    let nonce: &str = nonce;
    let text = String::from_utf8_lossy(whole);
    let mut pieces = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(nonce) {
        pieces.push(whole.slice(from..at));
        from = at + nonce.len();
    }
    pieces.push(whole.slice(from..));
    pieces.into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn page(text: &'static str, writes: u64) -> Page {
        let content_type = header::HeaderValue::from_static("text/html");
        Page { pieces: Arc::from([Bytes::from_static(text.as_bytes())]), content_type, writes, at: Instant::now() }
    }

    #[tokio::test]
    async fn another_request_gets_its_own_nonce() {
        let (first, second) = (Nonce::new(), Nonce::new());
        let text = format!("<script nonce=\"{first}\"></script><link nonce=\"{first}\">");
        let page = Page { pieces: cut(&Bytes::from(text.clone()), &first), ..page("", 0) };
        assert_eq!(page.pieces.len(), 3);
        let body = to_bytes(page.with(&second).into_body(), usize::MAX).await.unwrap();
        assert_eq!(body, text.replace(&*first.to_string(), &second.to_string()));
    }

    #[test]
    fn a_write_or_time_makes_it_old() {
        let pages = Pages::default();
        let first = page("x", 7);
        let after = |time: Duration| first.at + time;
        pages.keep("a", first.clone());
        let found = |key, writes, age, time| pages.find_at(key, writes, age, after(time)).is_some();
        assert!(found("a", 7, FRESH, Duration::ZERO));
        assert!(!found("a", 8, MEANWHILE, Duration::ZERO), "something was written");
        assert!(!found("b", 7, FRESH, Duration::ZERO), "somebody else's");
        assert!(!found("a", 7, FRESH, FRESH));
        assert!(found("a", 7, MEANWHILE, FRESH));
        pages.keep("b", Page { at: after(MEANWHILE + FRESH), ..first.clone() });
        assert!(!pages.0.lock().unwrap().contains_key("a"), "what nobody gets any more is dropped");
    }

    #[test]
    fn what_is_not_kept_leaves_no_place() {
        let pages = Pages::default();
        let turn = pages.place("gone", |place| place.turn.clone());
        let waiting = turn.clone();
        pages.leave("gone");
        assert!(pages.0.lock().unwrap().contains_key("gone"), "somebody waits there");
        drop(waiting);
        pages.leave("gone");
        assert!(pages.0.lock().unwrap().is_empty());
        pages.keep("kept", page("x", 0));
        pages.leave("kept");
        assert!(pages.0.lock().unwrap().contains_key("kept"));
    }

    #[test]
    fn there_is_only_so_much_room() {
        let pages = Pages::default();
        let big = Box::leak("x".repeat(LARGEST).into_boxed_str());
        for n in 0..9 {
            pages.keep(&n.to_string(), page(big, 0));
        }
        let places = pages.0.lock().unwrap();
        assert!(places.values().filter_map(|p| p.page.as_ref()).map(Page::bytes).sum::<usize>() <= ROOM);
        assert!(places.contains_key("8"), "the newest stays");
    }
}
