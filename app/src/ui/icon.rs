//! Icons: one colour, the text's own; the shapes are in `style/icons.css`. An icon never speaks alone, so it is hidden
//! from assistive technology; the word stands beside it.

use super::part::{Part, Words, el};
#[cfg(feature = "ssr")]
use leptos::prelude::*;
use model::connection::ProviderKind;

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident $class:literal),* $(,)?) => {
        /// A drawing of the icon sheet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Glyph { $($(#[$doc])* $name),* }

        impl Glyph {
            /// All of them, for the test that holds them against the stylesheet.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The classes of its element.
            pub const fn class(self) -> &'static str {
                match self { $(Self::$name => concat!("ico i-", $class)),* }
            }
        }
    };
}

glyphs! {
    Mark "mark",
    // states: outlined is well, solid needs somebody
    Queued "queued", Running "running", Ok "ok", Partial "partial", Failed "failed", Cancelled "cancelled",
    Unknown "unknown", Protected "protected", AtRisk "at-risk", Unprotected "unprotected", Unjudged "unjudged",
    Overdue "overdue", Warn "warn", Info "info", Paused "paused", Active "active", Off "off", Drift "drift",
    Lock "lock", Silent "silent", Live "live",
    // places of the console
    Status "n-status", Runs "n-runs", Points "n-points", Definitions "n-defs", Policies "n-policies",
    Connections "n-conns", Audit "n-audit",
    // things
    Cluster "cluster", App "app", Workspace "workspace", Instance "instance",
    Cube "cube", Disk "disk", Hook "hook", User "user", Users "users", Key "key", Globe "globe", Folder "folder",
    // acts
    Search "search", Right "right", Down "down", Up "up", Arrow "arrow", Back "back", Plus "plus", Close "close",
    More "more", Menu "menu", Play "play", Restore "restore", Rerun "rerun", Trash "trash", Edit "edit", Copy "copy",
    Download "download", External "external", Check "check", Leave "leave",
}

/// One icon beside its word.
pub fn icon(name: Glyph) -> Part {
    icon_in(name, "")
}

/// One icon with utilities beside its own classes: `ml-auto`.
pub fn icon_in(name: Glyph, class: &'static str) -> Part {
    let classes = if class.is_empty() { name.class().into() } else { Words::from(format!("{} {class}", name.class())) };
    el("i").class(classes).attr("aria-hidden", "true").into()
}

/// The same in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn Icon(name: Glyph, #[prop(optional)] class: &'static str) -> impl IntoView {
    icon_in(name, class)
}

/// The sign of an upstream system: what a definition of it is about, never its maker's logo.
/// The only place of the interface that matches on the kind.
pub fn system_glyph(kind: ProviderKind) -> Glyph {
    match kind {
        ProviderKind::Velero => Glyph::Cube,
        ProviderKind::CloudCasa => Glyph::Cluster,
        ProviderKind::Astra => Glyph::App,
        ProviderKind::Palette => Glyph::Workspace,
        ProviderKind::Waldur => Glyph::Instance,
    }
}

/// An upstream system by name, with its sign.
#[cfg(feature = "ssr")]
#[component]
pub fn System(kind: ProviderKind) -> impl IntoView {
    view! { <span class="system"><Icon name=system_glyph(kind)/>{kind.word()}</span> }
}
