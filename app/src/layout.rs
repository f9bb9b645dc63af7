//! The frames of pages: the console with its spine, the wizard with its steps, and the bare column of sign-in.

pub mod wizard;

use crate::{
    actions::Actions,
    live::LivePage,
    paths,
    shell::{Hydration, Site, Theme},
    ui::{Glyph, Icon, Time, Tone, words},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{account::Role, view::Frame};

/// A place of the navigation; a page says which one it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Status,
    Runs,
    Points,
    Restores,
    Definitions,
    Policies,
    Connections,
    Users,
    Account,
    /// Of no entry, such as a page that was not found.
    Elsewhere,
}

/// A group of the navigation: its word and what is in it.
type NavGroup = (&'static str, &'static [(Place, &'static str, &'static str, Glyph)]);

const ENTRIES: &[NavGroup] = &[
    (
        "Watch",
        &[
            (Place::Status, "Status", paths::STATUS, Glyph::Status),
            (Place::Runs, "Runs", paths::RUNS, Glyph::Runs),
            (Place::Points, "Recovery points", paths::RECOVERY_POINTS, Glyph::Points),
            (Place::Restores, "Restores", paths::RESTORES, Glyph::Restore),
        ],
    ),
    (
        "Declare",
        &[
            (Place::Definitions, "Definitions", paths::DEFINITIONS, Glyph::Definitions),
            (Place::Policies, "Policies", paths::POLICIES, Glyph::Policies),
        ],
    ),
    ("Upstream", &[(Place::Connections, "Connections", paths::CONNECTIONS, Glyph::Connections)]),
    (
        "Settings",
        &[
            (Place::Users, "Users", paths::USERS, Glyph::Users),
            (Place::Account, "My account", paths::ACCOUNT, Glyph::User),
        ],
    ),
];

/// A page of the console: skip link, spine, context line, main.
#[component]
pub fn Layout(
    frame: Frame,
    /// In the browser's tab and, without a `crumb`, the last crumb.
    #[prop(into)]
    title: String,
    #[prop(optional_no_strip)] crumb: Option<String>,
    place: Place,
    /// What leads here: word and address, without the page itself.
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
    /// Topics whose changes bring the page up to date in place; see [`LivePage`]. Empty: it stays as it is.
    #[prop(optional, into)]
    topics: String,
    children: Children,
) -> impl IntoView {
    let live = !topics.is_empty();
    view! {
        <Title text=format!("{title} · Holdfast")/>
        <Skip/>
        <Hydration/>
        // Islands start in the document's order: these two need not wait for a lazy one of the page.
        <Actions/>
        {live.then(|| view! { <LivePage topics/> })}
        <div class="shell">
            <header class="spine">
                <SpineTop/>
                <div class="spine-body" id="spine-body" popover="auto">
                    <Navigation frame=frame.clone() current=place/>
                    <AccountMenu frame=frame.clone()/>
                </div>
            </header>
            <div class="page">
                <div class="context">
                    <Crumbs crumbs title=crumb.unwrap_or(title)/>
                    <Fresh frame/>
                </div>
                <main id="main" tabindex="-1" data-live=live.then_some("")>{children()}</main>
            </div>
        </div>
    }
}

/// The column of sign-in, set-up and errors. Needs no scripts.
#[component]
pub fn BareLayout(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Holdfast")/>
        <Skip/>
        <div class="gate">
            <header><Plate/></header>
            <main id="main" tabindex="-1">{children()}</main>
        </div>
    }
}

/// Leads past the navigation.
#[component]
fn Skip() -> impl IntoView {
    view! { <a class="skip" href="#main">"Skip to content"</a> }
}

/// Mark, name and the console's own address.
#[component]
fn Plate() -> impl IntoView {
    let site = use_context::<Site>().unwrap_or_default();
    view! {
        <a class="plate" href=paths::STATUS>
            <Icon name=Glyph::Mark class="mark"/>
            <span class="plate-name">"Holdfast"</span>
            <span class="plate-site">{site.0.to_string()}</span>
        </a>
    }
}

/// Name-plate, and the button that shows the spine on narrow screens.
#[component]
fn SpineTop() -> impl IntoView {
    view! {
        <div class="spine-top">
            <Plate/>
            <button type="button" class="btn btn-quiet spine-menu" popovertarget="spine-body">
                <Icon name=Glyph::Menu/>
                "Menu"
            </button>
        </div>
    }
}

#[component]
fn Navigation(frame: Frame, current: Place) -> impl IntoView {
    let count = |of: Place| match of {
        Place::Status if frame.needs > 0 => Some((frame.needs, "need you")),
        Place::Runs if frame.running > 0 => Some((frame.running, "running")),
        Place::Connections if frame.silent > 0 => Some((frame.silent, "silent")),
        _ => None,
    };
    let groups = ENTRIES
        .iter()
        .map(|(word, entries)| {
            let id = format!("nav-{}", word.to_lowercase());
            let links = entries
                .iter()
                .filter(|(of, ..)| *of != Place::Users || frame.me.role >= Role::Administrator)
                .map(|(of, word, href, glyph)| {
                    let counted = count(*of).map(|(n, what)| {
                        view! {
                            <span class="nav-n">
                                <span aria-hidden="true">{words::count(n.into())}</span>
                                <span class="sr-only">{format!(", {} {what}", words::count(n.into()))}</span>
                            </span>
                        }
                    });
                    view! {
                        <li>
                            <a href=*href aria-current=(*of == current).then_some("page")>
                                <Icon name=*glyph/>
                                {*word}
                                {counted}
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <p class="nav-group" id=id.clone()>{*word}</p>
                <ul aria-labelledby=id>{links}</ul>
            }
        })
        .collect_view();
    view! { <nav class="nav" id="nav" aria-label="Main" data-live="">{groups}</nav> }
}

/// Who is signed in; theme and sign-out as plain forms.
#[component]
fn AccountMenu(frame: Frame) -> impl IntoView {
    let theme = use_context::<Theme>().unwrap_or_default();
    let themes = Theme::ALL
        .into_iter()
        .map(|t| {
            let pressed = if t == theme { "true" } else { "false" };
            view! { <button name=Theme::COOKIE value=t.key() aria-pressed=pressed>{t.word()}</button> }
        })
        .collect_view();
    view! {
        <div class="account">
            <button type="button" class="btn btn-quiet account-btn" popovertarget="account-menu">
                <Icon name=Glyph::User/>
                <span class="account-name">{frame.me.name.clone()}</span>
                <Icon name=Glyph::Down class="ml-auto"/>
            </button>
            <div class="menu" id="account-menu" popover="auto">
                <p class="why">{format!("{}, {}", frame.me.name, frame.me.role.key())}</p>
                <form method="post" action=paths::PREFERENCES>
                    <fieldset class="seg">
                        <legend>"Theme"</legend>
                        {themes}
                    </fieldset>
                </form>
                <hr/>
                <a href=paths::ACCOUNT>
                    <Icon name=Glyph::User/>
                    "My account"
                </a>
                <form method="post" action=paths::SIGN_OUT>
                    <button>
                        <Icon name=Glyph::Leave/>
                        "Sign out"
                    </button>
                </form>
            </div>
        </div>
    }
}

/// The way here; the page itself is the last crumb.
#[component]
fn Crumbs(crumbs: Vec<(String, String)>, title: String) -> impl IntoView {
    let links = crumbs.into_iter().map(|(word, href)| view! { <li><a href=href>{word}</a></li> }).collect_view();
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                {links}
                <li><span aria-current="page">{title}</span></li>
            </ol>
        </nav>
    }
}

/// How old what is shown may be, and who does not answer. "Live" is said only while the browser's event stream stands
/// (`data-stream` on `<html>`).
#[component]
fn Fresh(frame: Frame) -> impl IntoView {
    if frame.connections == 0 {
        return ().into_any();
    }
    let answer = frame.connections.saturating_sub(frame.silent);
    let tone = if answer == 0 {
        Tone::Mute
    } else if frame.silent > 0 {
        Tone::Warn
    } else {
        Tone::Good
    };
    let words = match (answer, frame.connections) {
        (1, 1) => "the connection answers".to_owned(),
        (0, 1) => "the connection is silent".to_owned(),
        (a, all) if a == all => format!("all {all} connections answer"),
        (a, all) => format!("{a} of {all} connections answer"),
    };
    view! {
        <aside class="fresh" id="fresh" aria-label="Freshness" data-tone=tone.key() data-live="">
            <Icon name=if answer == 0 { Glyph::Silent } else { Glyph::Live }/>
            <span>
                <span class="fresh-live">"Live · "</span>
                {frame.observed.map(|at| view! { <span class="fresh-more">"observed "<Time at now=frame.now/>" · "</span> })}
                <a href=paths::CONNECTIONS>{words}</a>
            </span>
        </aside>
    }
    .into_any()
}
