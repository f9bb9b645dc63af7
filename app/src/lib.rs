//! Holdfast's pages and server functions.
//!
//! Pages are `#[component]`s that only the server renders; what must move in the browser is an `#[island]`.
//! `ssr` is the server's half, `hydrate` the browser's; only one is ever enabled in one build.

#![recursion_limit = "512"]

pub mod actions;
pub mod api;
#[cfg(feature = "ssr")]
pub mod backend;
pub mod error;
pub mod forms;
pub mod kept;
#[cfg(feature = "ssr")]
pub mod layout;
pub mod live;
#[cfg(feature = "hydrate")]
pub mod morph;
#[cfg(feature = "ssr")]
pub mod pages;
pub mod paths;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod when;
pub mod wizard;

/// Starts the islands of the page. The browser calls it once, after loading the WASM.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    ui::kept_together();
    leptos::mount::hydrate_islands();
}
