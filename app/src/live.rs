//! Keeps pages fresh. One event stream for each tab says *that* something changed, never what; the islands that care
//! fetch again. There is one read path: what the server renders.
//!
//! Topics are `runs:<id>`, `definitions:<id>`, `connections:<id>` and so on; a subscriber names a prefix.

use leptos::prelude::*;

/// Keeps every `data-live` element of the page as the server would render it now: on a change it fetches the page
/// again and alters only what differs, so that scroll, focus, open menus and typed text stay. A change is an event of
/// one of the topics, or the stream's return after a break, because events were missed meanwhile.
#[island]
pub fn LivePage(
    /// Prefixes of topics, separated by spaces.
    topics: String,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::ui::part::follow(move || stream::subscribe(topics.clone(), crate::morph::refresh_soon));
    #[cfg(not(feature = "hydrate"))]
    drop(topics);
}

#[cfg(feature = "hydrate")]
mod stream {
    use std::cell::RefCell;
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{EventSource, MessageEvent};

    type Subscriber = (String, Box<dyn Fn()>);

    /// So long a refused stream waits.
    const AGAIN_MS: i32 = 5_000;

    #[derive(Default)]
    struct Bus {
        source: Option<EventSource>,
        subscribers: Vec<Subscriber>,
        /// The build that served this page; another one means that the page must be loaded anew.
        build: Option<String>,
    }

    thread_local! { static BUS: RefCell<Bus> = RefCell::default(); }

    pub(super) fn subscribe(prefixes: String, call: impl Fn() + 'static) {
        BUS.with_borrow_mut(|bus| {
            bus.subscribers.push((prefixes, Box::new(call)));
            if bus.subscribers.len() == 1 {
                watch_visibility();
                if !hidden() {
                    bus.source = open();
                }
            }
        });
    }

    fn hidden() -> bool {
        web_sys::window().and_then(|w| w.document()).is_some_and(|d| d.hidden())
    }

    /// A tab in the background holds no stream: a browser allows about six connections to one host, and the seventh
    /// tab would wait for ever. When it is looked at again, the greeting brings it up to date.
    fn watch_visibility() {
        let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
        let turned = Closure::<dyn Fn()>::new(|| {
            BUS.with_borrow_mut(|bus| match (hidden(), bus.source.take()) {
                (true, Some(source)) => {
                    source.close();
                    say_live(false);
                }
                (false, None) => bus.source = open(),
                (_, source) => bus.source = source,
            });
        });
        let _ = document.add_event_listener_with_callback("visibilitychange", turned.as_ref().unchecked_ref());
        turned.forget();
    }

    fn open() -> Option<EventSource> {
        let source = EventSource::new(crate::paths::EVENTS).ok()?;
        let message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
            if let Some(topic) = event.data().as_string() {
                tell(|prefix| topic.starts_with(prefix));
            }
        });
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        message.forget();
        // The server greets every stream with its build: also what was missed before the stream stood is fetched now.
        let hello = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
            say_live(true);
            let build = event.data().as_string();
            let other = BUS.with_borrow_mut(|bus| {
                let other = bus.build.is_some() && bus.build != build;
                bus.build = build;
                other
            });
            if other && !crate::morph::has_typed_text() {
                if let Some(window) = web_sys::window() {
                    let _ = window.location().reload();
                }
            } else {
                tell(|_| true);
            }
        });
        let _ = source.add_event_listener_with_callback("hello", hello.as_ref().unchecked_ref());
        hello.forget();
        let gone = Closure::<dyn Fn(MessageEvent)>::new(|_| {
            say_live(false);
            open_again_later();
        });
        source.set_onerror(Some(gone.as_ref().unchecked_ref()));
        gone.forget();
        Some(source)
    }

    /// A stream that broke off is opened again by the browser; one that was refused (a proxy's 502 while the server
    /// starts anew, too many tabs) is not, so it is asked for again here.
    fn open_again_later() {
        let refused =
            BUS.with_borrow(|bus| bus.source.as_ref().is_some_and(|s| s.ready_state() == EventSource::CLOSED));
        let Some(window) = web_sys::window().filter(|_| refused) else { return };
        let later = Closure::once_into_js(|| {
            BUS.with_borrow_mut(|bus| {
                let closed = bus.source.as_ref().is_some_and(|s| s.ready_state() == EventSource::CLOSED);
                if closed && !hidden() {
                    bus.source = open();
                }
            });
        });
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(later.unchecked_ref(), AGAIN_MS);
    }

    /// The context line says "Live" only while the stream stands (`[data-stream]` in the stylesheet).
    fn say_live(live: bool) {
        let Some(root) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element()) else {
            return;
        };
        let _ = if live { root.set_attribute("data-stream", "") } else { root.remove_attribute("data-stream") };
    }

    fn tell(matches: impl Fn(&str) -> bool) {
        BUS.with_borrow(|bus| {
            for (prefixes, call) in &bus.subscribers {
                if prefixes.split(' ').any(&matches) {
                    call();
                }
            }
        });
    }
}
