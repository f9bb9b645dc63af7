//! `/events`: what changed, as server-sent events. The first one greets with the build, so that a page of another build knows.

use crate::{
    auth::{Auth, By},
    startup::Edge,
};
use app::{backend::Caller, error::ErrorKind};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, stream};
use model::SessionId;
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;

/// Streams of one session at once: one for each tab.
pub const PER_SESSION: usize = 6;
/// Proxies close connections that say nothing, often after 30 or 60 seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is looked whether the session still lives; a revocation is heard at once.
const RECHECK: Duration = Duration::from_secs(30);
/// How long a browser waits before it comes back.
const RETRY: Duration = Duration::from_secs(1);

/// Who has how many streams open. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Streams(Arc<Mutex<HashMap<SessionId, usize>>>);

/// One of a session's streams; dropping it makes room.
struct Slot {
    streams: Streams,
    session: SessionId,
}

impl Streams {
    fn take(&self, session: &SessionId) -> Option<Slot> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(session.clone()).or_default();
        if *count >= PER_SESSION {
            return None;
        }
        *count += 1;
        Some(Slot { streams: self.clone(), session: session.clone() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

/// `GET /events`.
pub async fn events(State(edge): State<Edge>, Extension(caller): Extension<Caller>, headers: HeaderMap) -> Response {
    let refuse = |kind, sentence| crate::startup::problem(true, &caller.request_id, kind, sentence);
    let auth = edge.auth().clone();
    let (Some(who), Some(token)) = (&caller.who, auth.cookies().token(&headers)) else {
        return refuse(ErrorKind::SignedOut, "Sign in to see this.");
    };
    let Some(slot) = edge.streams().take(&who.session) else {
        return refuse(ErrorKind::TooMany, "This session has too many pages open to keep them all fresh.");
    };
    let mut recheck = interval_at(Instant::now() + RECHECK, RECHECK);
    recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let reader = Reader {
        // Subscribed before the greeting: what happens in between is heard after it.
        heard: auth.console().events().subscribe(),
        own: crate::auth::topic(&who.user),
        token: token.to_owned(),
        auth,
        greeted: false,
        build: edge.build().to_owned(),
        shutdown: edge.shutdown().clone(),
        recheck,
        _slot: slot,
    };
    let mut answer = Sse::new(reader.stream()).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    // nginx holds answers back unless it is told.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    answer
}

struct Reader {
    heard: Receiver<Arc<str>>,
    /// The topic of one's own sessions; those of others are not told.
    own: String,
    token: String,
    auth: Auth,
    greeted: bool,
    build: String,
    shutdown: CancellationToken,
    recheck: Interval,
    _slot: Slot,
}

impl Reader {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut reader| reader.next().await.map(|event| (Ok(event), reader)))
    }

    fn greeting(&self) -> Event {
        Event::default().event("hello").retry(RETRY).data(&self.build)
    }

    /// The next event; `None` ends the stream: the server stops, or the session has ended.
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            return Some(self.greeting());
        }
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => return None,
                _ = self.recheck.tick() => self.alive().await?,
                heard = self.heard.recv() => match heard {
                    Ok(topic) => {
                        if topic.starts_with("sessions") || topic.starts_with("users") {
                            self.alive().await?;
                        }
                        if !topic.starts_with("sessions:") || *topic == *self.own {
                            return Some(Event::default().data(&topic));
                        }
                    }
                    // Another greeting makes the page read everything again.
                    Err(RecvError::Lagged(_)) => return Some(self.greeting()),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// Whether the session still lives. While the store doesn't answer, nothing is known, and the stream stays.
    async fn alive(&self) -> Option<()> {
        match self.auth.session(&self.token, By::Page).await {
            Ok(living) => living.map(|_| ()),
            Err(_) => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_stream_makes_room() {
        let streams = Streams::default();
        let session = SessionId::from("s1");
        let mut open: Vec<_> = (0..PER_SESSION).filter_map(|_| streams.take(&session)).collect();
        assert_eq!(open.len(), PER_SESSION);
        assert!(streams.take(&session).is_none());
        assert!(streams.take(&SessionId::from("s2")).is_some());
        open.pop();
        assert!(streams.take(&session).is_some());
        drop(open);
    }
}
