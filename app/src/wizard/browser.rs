//! The browser's half: history, session storage, focus, clock. On the server each does nothing.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// The step in the URL's query; empty when it has none.
pub fn step() -> String {
    #[cfg(feature = "hydrate")]
    if let Some(url) = here() {
        return url.search_params().get("step").unwrap_or_default();
    }
    String::new()
}

/// Puts the step into the URL as a new entry of the history.
pub fn push(step: &str) {
    #[cfg(feature = "hydrate")]
    if let (Some(url), Some(window)) = (here(), web_sys::window()) {
        url.search_params().set("step", step);
        if let Ok(history) = window.history() {
            let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url.href()));
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = step;
}

/// Alters a word of the URL's query in place.
pub fn replace(key: &str, value: &str) {
    #[cfg(feature = "hydrate")]
    if let (Some(url), Some(window)) = (here(), web_sys::window()) {
        url.search_params().set(key, value);
        if let Ok(history) = window.history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url.href()));
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (key, value);
}

/// Calls `back` whenever the history moves.
pub fn on_back(back: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::{JsCast, prelude::Closure};
        let Some(window) = web_sys::window() else { return };
        let on = Closure::<dyn Fn()>::new(back);
        let _ = window.add_event_listener_with_callback("popstate", on.as_ref().unchecked_ref());
        on.forget();
    }
    #[cfg(not(feature = "hydrate"))]
    drop(back);
}

/// What was kept for this page.
pub fn kept() -> Option<String> {
    #[cfg(feature = "hydrate")]
    return storage()?.get_item(&key()?).ok().flatten();
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Keeps text for this page, in this tab. A full or forbidden storage loses nothing that is on the screen.
pub fn keep(text: &str) {
    #[cfg(feature = "hydrate")]
    if let (Some(storage), Some(key)) = (storage(), key()) {
        let _ = storage.set_item(&key, text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}

/// Forgets what was kept for this page.
pub fn forget() {
    #[cfg(feature = "hydrate")]
    if let (Some(storage), Some(key)) = (storage(), key()) {
        let _ = storage.remove_item(&key);
    }
}

/// Goes to another page.
pub fn visit(path: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(window) = web_sys::window() {
        let _ = window.location().set_href(path);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = path;
}

/// The tab's title.
pub fn title(text: &str) {
    #[cfg(feature = "hydrate")]
    document().set_title(text);
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}

/// Id of the heading of the open step.
pub const HEADING: &str = "step";

/// Moves the focus to the control with this id, or else to the step's heading, once the new step is drawn.
pub fn focus(id: Option<String>) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || {
        let by_id = |id: &str| {
            use wasm_bindgen::JsCast;
            document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
        };
        if let Some(field) = id.as_deref().and_then(by_id) {
            field.scroll_into_view();
            let _ = field.focus();
        } else if let Some(heading) = by_id(HEADING) {
            if let Some(window) = web_sys::window() {
                window.scroll_to_with_x_and_y(0.0, 0.0);
            }
            let _ = heading.focus();
        }
    });
    #[cfg(not(feature = "hydrate"))]
    drop(id);
}

/// Brings the element with this id into sight and gives it the focus, once it is drawn.
pub fn reveal(id: &'static str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        request_animation_frame(move || {
            let found = document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(found) = found {
                found.scroll_into_view();
                let _ = found.focus();
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Milliseconds since 1970 by the browser's clock; `None` on the server, whose clock is not for pages.
pub fn now() -> Option<i64> {
    #[cfg(feature = "hydrate")]
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this age fit an i64 many times")]
    return Some(js_sys::Date::now() as i64);
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Puts text on the clipboard.
pub fn copy(text: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(window) = web_sys::window() {
        let _ = window.navigator().clipboard().write_text(text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}

#[cfg(feature = "hydrate")]
fn here() -> Option<web_sys::Url> {
    web_sys::Url::new(&web_sys::window()?.location().href().ok()?).ok()
}

#[cfg(feature = "hydrate")]
fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

/// Two definitions, or an old and a new one, never share what is kept.
#[cfg(feature = "hydrate")]
fn key() -> Option<String> {
    Some(format!("draft {}", web_sys::window()?.location().pathname().ok()?))
}
