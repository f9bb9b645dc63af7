//! Alters the page's `data-live` elements into what the server renders now, touching only what differs.
//!
//! Children are matched by `data-key` or id where they have one, else by position; rows in `data-still` keep their order.
//! Islands are left alone: they keep
//! themselves fresh. So are elements that a person has in hand: an open dialog or menu, the field with the focus.

use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Element, HtmlInputElement, HtmlTextAreaElement, Node, Response, SupportedType};

/// Events come in bursts; one fetch answers them all.
const PAUSE_MS: i32 = 120;

thread_local! {
    static WAITING: Cell<bool> = const { Cell::new(false) };
    static FETCHING: Cell<bool> = const { Cell::new(false) };
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// Says that another page will follow: this one is not fetched any more. What it shows may be gone already.
pub fn leave() {
    LEAVING.set(true);
    let back = Closure::once_into_js(stay);
    if let Some(window) = web_sys::window() {
        // The reader came back to it, and the browser had kept it.
        let _ = window.add_event_listener_with_callback("pageshow", back.unchecked_ref());
    }
}

/// Takes [`leave`] back.
pub fn stay() {
    LEAVING.set(false);
}

/// Fetches the page after a short pause; calls in between are one.
pub fn refresh_soon() {
    if WAITING.replace(true) {
        return;
    }
    let Some(window) = web_sys::window() else { return };
    let later = Closure::once_into_js(|| {
        WAITING.set(false);
        if FETCHING.get() {
            refresh_soon();
        } else {
            refresh_now();
        }
    });
    let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(later.unchecked_ref(), PAUSE_MS);
}

/// Fetches the page and alters it.
pub fn refresh_now() {
    if LEAVING.get() {
        return;
    }
    FETCHING.set(true);
    leptos::task::spawn_local(async {
        let _ = fetch_and_alter().await;
        FETCHING.set(false);
    });
}

/// True while somebody has typed into a field of this page: then it must not be loaded anew.
pub fn has_typed_text() -> bool {
    let Some(fields) = document().and_then(|d| d.query_selector_all("main input, main textarea").ok()) else {
        return false;
    };
    (0..fields.length()).filter_map(|i| fields.item(i)).any(|field| {
        if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
            input.value() != input.default_value()
        } else if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
            area.default_value().is_ok_and(|first| first != area.value())
        } else {
            false
        }
    })
}

fn document() -> Option<Document> {
    web_sys::window().and_then(|w| w.document())
}

async fn fetch_and_alter() -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let address = window.location().href()?;
    let answer: Response = JsFuture::from(window.fetch_with_str(&address)).await?.dyn_into()?;
    if LEAVING.get() {
        return Ok(());
    }
    // Signed out, or gone: let the server say so on a page of its own.
    if answer.redirected() {
        return window.location().set_href(&answer.url());
    }
    if matches!(answer.status(), 403 | 404) {
        return window.location().reload();
    }
    if !answer.ok() {
        return Ok(());
    }
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    let fresh = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    let stale = document().ok_or(JsValue::NULL)?;
    let regions = stale.query_selector_all("[data-live]")?;
    for i in 0..regions.length() {
        let Some(old) = regions.item(i).and_then(|n| n.dyn_into::<Element>().ok()) else { continue };
        if let Some(new) = fresh.get_element_by_id(&old.id()) {
            alter(&old, &new)?;
        }
    }
    Ok(())
}

fn alter(old: &Element, new: &Element) -> Result<(), JsValue> {
    if in_hand(old) || old.is_equal_node(Some(new)) {
        return Ok(());
    }
    attributes(old, new)?;
    children(old, new)
}

/// Islands, and what a person is using.
fn in_hand(element: &Element) -> bool {
    element.local_name() == "leptos-island"
        || element.matches("dialog[open]").unwrap_or(false)
        || element.matches(":popover-open").unwrap_or(false)
        || (element.matches("input, select, textarea").unwrap_or(false)
            && document().and_then(|d| d.active_element()).as_ref() == Some(element))
}

fn attributes(old: &Element, new: &Element) -> Result<(), JsValue> {
    // `open` is the reader's doing: a disclosure stays as he left it.
    let theirs = |name: &str| name == "open";
    for name in new.get_attribute_names().iter().filter_map(|n| n.as_string()).filter(|name| !theirs(name)) {
        let value = new.get_attribute(&name).unwrap_or_default();
        if old.get_attribute(&name).as_deref() != Some(&value) {
            old.set_attribute(&name, &value)?;
        }
    }
    for name in old.get_attribute_names().iter().filter_map(|n| n.as_string()) {
        if !theirs(&name) && !new.has_attribute(&name) {
            old.remove_attribute(&name)?;
        }
    }
    Ok(())
}

/// Rows that stay where they are: a new order comes with the next load, because what moves under the pointer is pressed
/// by mistake. What is new stands last, what is gone goes.
fn still(old: &Element, new: &Element) -> Result<(), JsValue> {
    let rows = |of: &Element| {
        std::iter::successors(of.first_element_child(), Element::next_element_sibling).collect::<Vec<_>>()
    };
    let mut fresh = rows(new);
    for row in rows(old) {
        match fresh.iter().position(|other| other.id() == row.id()) {
            Some(found) => alter(&row, &fresh.remove(found))?,
            None => row.remove(),
        }
    }
    for row in fresh {
        old.append_child(&row)?;
    }
    Ok(())
}

fn children(old: &Element, new: &Element) -> Result<(), JsValue> {
    if old.has_attribute("data-still") {
        return still(old, new);
    }
    let mut at = old.first_child();
    let mut next = new.first_child();
    while let Some(fresh) = next {
        next = fresh.next_sibling();
        let found = matching(at.as_ref(), &fresh);
        match found {
            Some(stale) => {
                if at.as_ref() != Some(&stale) {
                    old.insert_before(&stale, at.as_ref())?;
                } else {
                    at = stale.next_sibling();
                }
                match (stale.dyn_ref::<Element>(), fresh.dyn_ref::<Element>()) {
                    (Some(a), Some(b)) => alter(a, b)?,
                    _ => {
                        if stale.node_value() != fresh.node_value() {
                            stale.set_node_value(fresh.node_value().as_deref());
                        }
                    }
                }
            }
            None => {
                old.insert_before(&fresh, at.as_ref())?;
            }
        }
    }
    while let Some(rest) = at {
        at = rest.next_sibling();
        old.remove_child(&rest)?;
    }
    Ok(())
}

/// The old node that stands for `fresh`: the one with its key (`data-key`, else its id) among the remaining siblings, or the next one of the
/// same sort when neither has a key.
fn matching(at: Option<&Node>, fresh: &Node) -> Option<Node> {
    let key = |node: &Node| {
        let element = node.dyn_ref::<Element>()?;
        element.get_attribute("data-key").or_else(|| Some(element.id()).filter(|id| !id.is_empty()))
    };
    let wanted = key(fresh);
    let mut candidate = at.cloned();
    if wanted.is_none() {
        return candidate
            .filter(|c| c.node_type() == fresh.node_type() && c.node_name() == fresh.node_name() && key(c).is_none());
    }
    while let Some(node) = candidate {
        if key(&node) == wanted {
            return Some(node);
        }
        candidate = node.next_sibling();
    }
    None
}
