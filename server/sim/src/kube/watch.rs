//! Watches: a chunked answer of one JSON object per line.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};

use super::http::Ask;
use super::kind::Kind;
use super::list::Selection;
use super::status::Refusal;
use super::store::{Change, Event};
use crate::fault::Effect;
use crate::scenario::{Handle, Scenario};

/// The real interval is about a minute; clients must cope with any.
const BOOKMARK_EVERY: Duration = Duration::from_secs(2);

/// A watch that was accepted; [`Watch::stream`] makes its body.
pub(crate) struct Watch {
    kind: &'static Kind,
    namespace: String,
    selection: Selection,
    /// The version up to which the client knows everything.
    from: u64,
    first: Vec<Bytes>,
    bookmarks: bool,
    timeout: Option<Duration>,
    broken: bool,
}

/// Checks a watch request and collects what must be sent first.
pub(crate) fn prepare(
    scenario: &Scenario,
    ask: &Ask,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
) -> Result<Watch, Refusal> {
    if !ask.param("sendInitialEvents").is_empty() {
        return Err(Refusal::new(
            422,
            "Invalid",
            "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
            json!({"group": "meta.k8s.io", "kind": "ListOptions", "causes": [{
                "reason": "FieldValueForbidden", "field": "sendInitialEvents",
                "message": "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"}]}),
        ));
    }
    let mut selection = Selection::of(ask)?;
    if !name.is_empty() {
        selection.fields =
            super::selector::FieldSelector::parse(&format!("metadata.name={name}")).map_err(Refusal::bad_request)?;
    }
    let timeout = ask.param("timeoutSeconds").parse().ok();
    let mut watch = Watch {
        kind,
        namespace: namespace.to_owned(),
        selection,
        from: scenario.store.version(),
        first: Vec::new(),
        bookmarks: ask.flag("allowWatchBookmarks"),
        timeout: timeout.filter(|s| *s > 0).map(Duration::from_secs),
        broken: false,
    };
    match ask.param("resourceVersion") {
        "" | "0" => {
            watch.first = scenario
                .store
                .list(kind, namespace)
                .filter(|(_, object)| watch.selection.matches(object))
                .map(|(_, object)| line("ADDED", object))
                .collect();
        }
        text => {
            let asked: u64 = text
                .parse()
                .map_err(|_| Refusal::bad_request(format!("Invalid value: \"{text}\": strconv.ParseUint")))?;
            if asked > scenario.store.version() {
                return Err(too_large(asked, scenario.store.version()));
            }
            if asked < scenario.store.oldest() {
                watch.gone(asked, scenario.store.oldest());
            }
            watch.from = asked;
        }
    }
    Ok(watch)
}

fn too_large(asked: u64, current: u64) -> Refusal {
    Refusal::new(
        504,
        "Timeout",
        format!("Timeout: Too large resource version: {asked}, current: {current}"),
        json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1}),
    )
}

impl Watch {
    /// Answers only the ERROR event of a compacted resource version.
    pub(crate) fn gone(&mut self, asked: u64, oldest: u64) {
        let refusal = Refusal::expired_watch(asked, oldest);
        self.first = vec![line("ERROR", &refusal.body)];
        self.broken = true;
    }

    /// Changes the watch as a fault says.
    pub(crate) fn disturb(&mut self, effect: &Effect) {
        match effect {
            Effect::WatchGone => self.gone(self.from, self.from + 1),
            Effect::WatchDropped { after_ms } => {
                self.timeout = Some(Duration::from_millis(*after_ms));
            }
            _ => {}
        }
    }

    /// The body; it ends with the client, the timeout, or an ERROR event.
    pub(crate) fn stream(self, handle: Arc<Handle>) -> Body {
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(self.run(handle, sender));
        Body::from_stream(receiver.map(Ok::<_, std::io::Error>))
    }

    async fn run(mut self, handle: Arc<Handle>, mut to: mpsc::Sender<Bytes>) {
        for chunk in std::mem::take(&mut self.first) {
            if to.send(chunk).await.is_err() {
                return;
            }
        }
        if self.broken {
            return;
        }
        let end = self.timeout.map(|after| tokio::time::Instant::now() + after);
        let mut changed = handle.subscribe();
        let mut bookmark = tokio::time::interval(BOOKMARK_EVERY);
        bookmark.reset();
        loop {
            let (lines, lost) = self.pending(&handle);
            for chunk in lines {
                if to.send(chunk).await.is_err() {
                    return;
                }
            }
            if lost {
                return;
            }
            tokio::select! {
                _ = changed.changed() => {}
                _ = bookmark.tick() => {
                    let chunk = self.bookmarks.then(|| self.bookmark());
                    if to.is_closed() { return; }
                    if let Some(chunk) = chunk && to.send(chunk).await.is_err() { return; }
                }
                () = async { match end { Some(end) => tokio::time::sleep_until(end).await, None => std::future::pending().await } } => return,
            }
        }
    }

    /// What happened since the last look, and whether the log was cut meanwhile.
    fn pending(&mut self, handle: &Handle) -> (Vec<Bytes>, bool) {
        let scenario = handle.lock();
        if self.from < scenario.store.oldest() {
            let refusal = Refusal::expired_watch(self.from, scenario.store.oldest());
            return (vec![line("ERROR", &refusal.body)], true);
        }
        let lines = scenario.store.since(self.from).filter_map(|event| self.line(event)).collect();
        self.from = scenario.store.version();
        (lines, false)
    }

    /// The event as this watch sees it: an object that leaves the selection is DELETED to it.
    fn line(&self, event: &Event) -> Option<Bytes> {
        let mine = event.key.kind == self.kind && (self.namespace.is_empty() || event.key.namespace == self.namespace);
        if !mine {
            return None;
        }
        let was = event.before.as_ref().is_some_and(|before| self.selection.matches(before));
        let is = event.change != Change::Deleted && self.selection.matches(&event.object);
        match (was, is) {
            (false, true) => Some(line("ADDED", &event.object)),
            (true, true) => Some(line("MODIFIED", &event.object)),
            (true, false) => Some(line("DELETED", &event.object)),
            (false, false) => None,
        }
    }

    fn bookmark(&self) -> Bytes {
        line(
            "BOOKMARK",
            &json!({
                "kind": self.kind.kind, "apiVersion": self.kind.api_version(),
                "metadata": {"resourceVersion": self.from.to_string(), "creationTimestamp": null},
            }),
        )
    }
}

fn line(word: &str, object: &Value) -> Bytes {
    Bytes::from(format!("{{\"type\":\"{word}\",\"object\":{object}}}\n"))
}
