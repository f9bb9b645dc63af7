//! Disclosures that stay as their reader left them, in this browser: hints that were read once and put away.

use leptos::prelude::*;

/// Closes what the reader closed on an earlier visit, and remembers what he opens and closes on this one: every
/// `<details>` with an id and `data-kept`. Without scripts they open and close and nothing is remembered.
#[island]
pub fn KeptClosed() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::ui::part::follow(browser::keep);
}

#[cfg(feature = "hydrate")]
mod browser {
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{Element, Event, Storage};

    fn storage() -> Option<Storage> {
        web_sys::window()?.local_storage().ok().flatten()
    }

    fn key(of: &Element) -> String {
        format!("closed {}", of.id())
    }

    pub(super) fn keep() {
        let Some(found) = leptos::prelude::document().query_selector_all("details[data-kept]").ok() else { return };
        for each in (0..found.length()).filter_map(|i| found.item(i)?.dyn_into::<Element>().ok()) {
            if storage().and_then(|kept| kept.get_item(&key(&each)).ok().flatten()).is_some() {
                let _ = each.remove_attribute("open");
            }
            let own = each.clone();
            let turned = Closure::<dyn Fn(Event)>::new(move |_| {
                let Some(kept) = storage() else { return };
                let _ = if own.has_attribute("open") {
                    kept.remove_item(&key(&own))
                } else {
                    kept.set_item(&key(&own), "1")
                };
            });
            let _ = each.add_event_listener_with_callback("toggle", turned.as_ref().unchecked_ref());
            turned.forget();
        }
    }
}
