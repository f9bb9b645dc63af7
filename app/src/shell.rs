//! The HTML document: head, theme, and the script that starts the islands.
//!
//! The server provides, per request and by context: [`Assets`] (names of the built files), [`Theme`] (from the cookie),
//! [`Site`] (the address on the name-plate) and leptos' `Nonce`. Each is optional; without them a page still reads.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use std::{collections::BTreeMap, sync::Arc};

/// URLs of the built files, as pages name them. Made once by the server from the build's manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetPaths {
    pub css: String,
    pub js: String,
    pub wasm: String,
    pub font: String,
    pub favicon: String,
    /// WASM chunks of each lazy island, by the name of its function.
    pub chunks: BTreeMap<String, Vec<String>>,
}

impl Default for AssetPaths {
    /// Unhashed names below `/assets/`.
    fn default() -> Self {
        Self {
            css: "/assets/app.css".into(),
            js: "/assets/app.js".into(),
            wasm: "/assets/app_bg.wasm".into(),
            font: "/assets/atkinson-hyperlegible-next.woff2".into(),
            favicon: "/assets/favicon.svg".into(),
            chunks: BTreeMap::new(),
        }
    }
}

/// Shared by all requests; what is put in context.
pub type Assets = Arc<AssetPaths>;

/// The address under which people know this console; on the name-plate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site(pub Arc<str>);

/// Which colours a browser asked for; kept in the cookie [`Theme::COOKIE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Name of the cookie and of the form field.
    pub const COOKIE: &'static str = "theme";
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value in cookie and form.
    pub const fn key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The reverse of [`Self::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.key() == key)
    }

    /// The word on its button.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

fn assets() -> Assets {
    use_context::<Assets>().unwrap_or_default()
}

/// The reader's zone, by its IANA name. The browser has a time-zone database, but does not know whose zone to use.
fn zone() -> Option<String> {
    #[cfg(feature = "ssr")]
    return use_context::<crate::backend::Caller>().and_then(|caller| caller.who).map(|who| who.zone);
    #[cfg(not(feature = "ssr"))]
    None
}

/// The document around `app`.
pub fn shell<V: IntoView + 'static>(app: impl FnOnce() -> V) -> impl IntoView {
    // As leptos' own HydrationScripts does for islands: what is outside of them sends no data for the browser.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let assets = assets();
    let theme = use_context::<Theme>().filter(|t| *t != Theme::System).map(Theme::key);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-zone=zone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="preload" href=assets.font.clone() r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <link rel="stylesheet" href=assets.css.clone()/>
                <link rel="icon" href=assets.favicon.clone() r#type="image/svg+xml"/>
                <MetaTags/>
            </head>
            <body>{app()}</body>
        </html>
    }
}

/// Starts the page's islands; the layouts of pages that have some carry it. Sets `data-ready` on `<html>` when all
/// have started, and shows the note below when they can't.
#[component]
pub fn Hydration() -> impl IntoView {
    let assets = assets();
    let nonce = use_nonce();
    let script =
        format!("{}({:?},{:?})", include_str!("shell/islands.js").trim_end(), assets.js.as_str(), assets.wasm.as_str());
    view! {
        <link rel="modulepreload" href=assets.js.clone() nonce=nonce.clone()/>
        <link rel="preload" href=assets.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <div class="broken callout" id="broken" data-tone="warn" role="alert" hidden>
            <crate::ui::Icon name=crate::ui::Glyph::Warn/>
            <p>
                <b>"A part of this page has stopped."</b>
                " "
                <a href="">"Reload the page"</a>
            </p>
        </div>
        <script type="module" nonce=nonce>{script}</script>
    }
}

/// Fetches the chunks of a lazy island together with the page instead of after its first WASM. `of` is a part of its
/// name that no other lazy function has.
#[component]
pub fn PreloadChunks(of: &'static str) -> impl IntoView {
    assets()
        .chunks
        .iter()
        .filter(|(name, _)| name.contains(of))
        .flat_map(|(_, urls)| urls.clone())
        .map(|href| {
            view! { <link rel="preload" href=href r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/> }
        })
        .collect_view()
}
