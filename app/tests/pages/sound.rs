//! What holds for every page: ids, names of controls, the content policy, links that lead somewhere.

use super::{
    filled::{gone_silent, lived_in},
    html::{Tag, tags},
    support::{Stub, page, signed_in},
};
use leptos_axum::generate_route_list;
use model::account::Role;
use std::collections::HashSet;

/// Every page that a signed-in person can open, with what fills it.
pub const PATHS: [&str; 22] = [
    "/",
    "/?protection=at-risk",
    "/workspaces/w1",
    "/workspaces/w1?older=65cc01",
    "/definitions",
    "/definitions/d1",
    "/policies",
    "/policies/new",
    "/policies/p1",
    "/runs",
    "/runs/r1",
    "/runs/r1?log=show",
    "/recovery-points",
    "/recovery-points/id-shop-nightly-1",
    "/restores",
    "/restores/s1",
    "/restores/new?point=id-shop-nightly-1",
    "/connections",
    "/connections/c1",
    "/connections/new",
    "/settings/users",
    "/settings/account",
];

fn named<'a>(tags: &'a [Tag], attribute: &str) -> Vec<&'a str> {
    tags.iter().filter_map(|t| t.get(attribute)).flat_map(str::split_whitespace).collect()
}

fn is_sound(path: &str, page: &str) {
    let tags = tags(page);
    let mut ids = HashSet::new();
    for id in named(&tags, "id") {
        assert!(ids.insert(id), "{path}: the id {id} is used twice");
    }
    for attribute in ["for", "aria-labelledby", "aria-describedby", "popovertarget", "commandfor", "list"] {
        for id in named(&tags, attribute) {
            assert!(ids.contains(id), "{path}: {attribute} names {id}, which is not on the page");
        }
    }
    let count = |name: &str| tags.iter().filter(|t| t.name == name).count();
    // A picture's parts have titles too.
    let titles = tags.iter().filter(|t| t.name == "title" && t.text.ends_with(" · Holdfast")).count();
    assert_eq!((count("h1"), count("main"), titles), (1, 1, 1), "{path}");
    assert!(page.contains("href=\"#main\""), "{path}: nothing leads past the navigation");
    controls_have_names(path, &tags);
    obeys_the_policy(path, &tags);
    links_lead_somewhere(path, &tags);
}

fn controls_have_names(path: &str, tags: &[Tag]) {
    let labelled: HashSet<_> = named(tags, "for").into_iter().collect();
    for tag in tags {
        let own = tag.get("aria-label").is_some_and(|l| !l.is_empty()) || tag.has("aria-labelledby");
        let good = match tag.name.as_str() {
            "input" if tag.get("type") == Some("hidden") || tag.has("hidden") => true,
            "input" | "select" | "textarea" => {
                own || tag.labels > 0 || tag.get("id").is_some_and(|id| labelled.contains(id))
            }
            "button" | "a" | "label" | "summary" | "th" => own || !tag.text.is_empty(),
            "dialog" | "nav" | "progress" => own,
            _ => true,
        };
        assert!(good, "{path}: nobody knows what this is: {tag:?}");
        if tag.name == "button" && tag.has("disabled") {
            assert!(tag.has("aria-describedby"), "{path}: off without a sentence: {tag:?}");
        }
    }
}

fn obeys_the_policy(path: &str, tags: &[Tag]) {
    for tag in tags {
        let foreign = tag.attributes.iter().find(|(key, _)| key == "style" || key.starts_with("on"));
        assert!(foreign.is_none(), "{path}: the policy forbids {foreign:?}");
        match tag.name.as_str() {
            "style" => panic!("{path}: the policy forbids inline styles"),
            "script" => assert!(tag.get("nonce").is_some_and(|n| !n.is_empty()), "{path}: {tag:?} has no nonce"),
            _ => {}
        }
        if let Some(act) = tag.get("data-act") {
            assert!(app::actions::ACTS.contains(&act), "{path}: no code does “{act}”");
            // A form of the method "dialog" sends nothing.
            let sends = tag.get("type") != Some("button") && tag.form.as_deref() != Some("dialog");
            assert!(!sends, "{path}: {tag:?} would send its form");
        }
    }
}

fn links_lead_somewhere(path: &str, tags: &[Tag]) {
    let routes = generate_route_list(app::routes::App);
    let leads = |to: &str| {
        let to = to.split(['?', '#']).next().unwrap_or_default();
        let parts: Vec<_> = to.split('/').collect();
        routes.iter().any(|route| {
            let own: Vec<_> = route.path().split('/').collect();
            own.len() == parts.len()
                && own.iter().zip(&parts).all(|(o, p)| o == p || (o.starts_with(['{', ':']) && !p.is_empty()))
        })
    };
    for tag in tags.iter().filter(|t| t.name == "a" || t.name == "form") {
        let get = tag.name == "a" || tag.get("method") == Some("get");
        for to in [tag.get("href"), tag.get("action")].into_iter().flatten() {
            // Files, and forms that the server answers itself, are not pages; an empty address is the page itself.
            if !get || to.is_empty() || to.starts_with('#') || to.ends_with("/log.txt") {
                continue;
            }
            assert!(leads(to), "{path}: {to} leads nowhere");
        }
    }
}

#[tokio::test]
async fn every_page_is_sound_for_everybody() {
    for stub in [lived_in(), gone_silent(), Stub::default()] {
        for path in PATHS {
            for role in Role::ALL {
                let (_, page) = page(stub.clone(), signed_in(role), path).await;
                is_sound(&format!("{path} for {}", role.key()), &page);
            }
        }
    }
}

#[tokio::test]
async fn pages_without_a_session_are_sound() {
    for path in ["/sign-in", "/sign-in?problem=wrong&name=a", "/setup", "/setup?problem=code", "/no/such/page"] {
        let (_, page) = page(Stub::default(), app::backend::Caller::default(), path).await;
        is_sound(path, &page);
    }
}
