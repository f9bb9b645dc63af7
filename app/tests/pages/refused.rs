//! Pages that can't be had: the status says so as well as the sentence, and nothing of the page's content leaks.

use super::{
    filled::lived_in,
    h1,
    html::{tags, text},
    sound::PATHS,
    support::{Stub, page, signed_in},
};
use app::{
    backend::Caller,
    error::{ApiError, ErrorKind},
};
use model::account::Role;

#[tokio::test]
async fn what_is_not_there_is_a_404_in_the_frame() {
    for path in [
        "/definitions/nope",
        "/policies/nope",
        "/workspaces/nope",
        "/runs/nope",
        "/recovery-points/nope",
        "/restores/nope",
        "/connections/nope",
    ] {
        let (status, page) = page(Stub::default(), signed_in(Role::Viewer), path).await;
        assert_eq!((status, h1(&page).as_str()), (404, "Not here"), "{path}");
        assert!(text(&page).contains("The stub has no such thing."), "{path}");
        assert!(page.contains("aria-label=\"Main\""), "{path}: the way on is there");
        assert!(!page.contains("data-component=\"LivePage"), "{path}: it would be loaded again for ever");
    }
    let (status, page) = page(Stub::default(), Caller::default(), "/no/such/page").await;
    assert_eq!((status, h1(&page).as_str()), (404, "Nothing is at this address"));
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_status_and_its_words() {
    for (kind, status, title, words) in [
        (ErrorKind::Forbidden, 403, "Not for your account", "Your account may not do this."),
        (ErrorKind::Upstream, 502, "This page could not be made", "The backup system refused or did not answer."),
        (ErrorKind::Busy, 503, "This page could not be made", "Holdfast is busy."),
        (ErrorKind::TooMany, 429, "This page could not be made", "Too often."),
        (ErrorKind::Bug, 500, "This page could not be made", "Something went wrong inside Holdfast."),
    ] {
        for path in PATHS.into_iter().filter(|path| !["/connections/new", "/policies/new"].contains(path)) {
            let mut stub = lived_in();
            let mut error = ApiError::new(kind, "Said by the test.");
            error.retry_after = Some(7);
            stub.refusal = Some(error);
            let caller = Caller { request_id: "req-4711".into(), ..signed_in(Role::Administrator) };
            let (sent, page) = page(stub, caller, path).await;
            assert_eq!((sent, h1(&page).as_str()), (status, title), "{path}");
            let alert = tags(&page).into_iter().find(|t| t.get("role") == Some("alert") && !t.has("hidden"));
            let alert = alert.expect("an alert").get("data-tone").map(str::to_owned);
            assert!(alert.is_some_and(|tone| tone != "good"), "{path}");
            let read = text(&page);
            for words in [words, "Said by the test.", "Try again in 7 s.", "Request req-4711"] {
                assert!(read.contains(words), "{path}: “{words}” in {read}");
            }
            assert!(!read.contains("shop-nightly"), "{path}: no half a page");
            // What may pass is tried again when something changes; what lasts is not.
            let live = page.contains("data-component=\"LivePage");
            let moves = !path.starts_with("/restores/new");
            assert_eq!(live, kind != ErrorKind::Forbidden && moves, "{path} {kind:?}");
        }
    }
}

#[tokio::test]
async fn without_even_a_frame_there_is_a_page() {
    for (kind, status, title) in
        [(ErrorKind::SignedOut, 401, "Signed out"), (ErrorKind::Busy, 503, "This page could not be made")]
    {
        for path in ["/", "/definitions/new"] {
            let mut stub = lived_in();
            stub.frameless = Some(ApiError::new(kind, "Said by the test."));
            let (sent, page) = page(stub, signed_in(Role::Operator), path).await;
            assert_eq!((sent, h1(&page).as_str()), (status, title), "{path}");
            assert!(text(&page).contains("Said by the test."));
            assert!(page.contains("<title>") && page.contains("href=\"#main\""), "{path} is a whole page");
        }
    }
}

#[tokio::test]
async fn nobody_signed_in_sees_nothing() {
    for path in PATHS {
        let (status, page) = page(lived_in(), Caller::default(), path).await;
        assert_eq!(status, 401, "{path}");
        let read = text(&page);
        assert!(
            !read.contains("shop-nightly") && !read.contains("velero-zrh") && !read.contains("storefront"),
            "{path}: {read}"
        );
    }
}

#[tokio::test]
async fn a_viewer_is_told_beforehand() {
    const SENTENCE: &str = "Your account looks only; operators and administrators do this.";
    for (path, says) in [
        ("/", true),
        ("/definitions", true),
        ("/definitions/d1", true),
        ("/workspaces/w1", true),
        ("/runs/r1", true),
        ("/recovery-points", true),
        ("/recovery-points/id-shop-nightly-1", true),
        ("/connections/c1", true),
        ("/policies", true),
        ("/policies/p1", true),
        ("/restores", true),
        ("/restores/s1", false),
        ("/connections", false),
    ] {
        let (_, page) = page(lived_in(), signed_in(Role::Viewer), path).await;
        assert_eq!(text(&page).contains(SENTENCE), says, "{path}");
        for tag in tags(&page) {
            assert!(!tag.has("data-act"), "{path}: a viewer is offered {tag:?}");
            let to = tag.get("href").unwrap_or_default();
            let changes = to.starts_with("/restores/new") || to.contains("/edit") || to.ends_with("s/new");
            assert!(!changes, "{path}: a viewer is led to {to}");
        }
        let (_, page) = super::page(lived_in(), signed_in(Role::Operator), path).await;
        assert!(!text(&page).contains(SENTENCE), "{path}: an operator may");
    }
    let (status, page) = page(lived_in(), signed_in(Role::Operator), "/settings/users").await;
    assert_eq!(status, 403);
    assert!(text(&page).contains("this needs administrator rights") && !text(&page).contains("One-time password"));
}

/// Nothing that a page offers ends in "not for your account": neither its buttons nor the navigation.
#[tokio::test]
async fn nobody_is_led_to_a_refusal() {
    let nothing = Stub { connections: Vec::new(), ..Stub::default() };
    let mut connected = Stub::default();
    connected.home.connections = 1;
    for role in Role::ALL {
        let mut led = std::collections::BTreeSet::new();
        for stub in [lived_in(), nothing.clone(), connected.clone()] {
            for path in PATHS {
                let (status, page) = page(stub.clone(), signed_in(role), path).await;
                // Of a page that is refused only the frame leads on.
                let links = tags(&page).into_iter().filter_map(|tag| tag.get("href").map(str::to_owned));
                led.extend(links.filter(|to| to.starts_with('/') && !to.starts_with("/assets/")));
                assert!(status == 200 || status == 403 || status == 404, "{path}: {status}");
            }
        }
        for to in led {
            let (status, _) = page(lived_in(), signed_in(role), &to).await;
            assert_ne!(status, 403, "a {} is led to {to}", role.key());
        }
    }
}

#[tokio::test]
async fn who_can_is_said_where_the_reader_can_not() {
    let nothing = || Stub { connections: Vec::new(), ..Stub::default() };
    for role in [Role::Viewer, Role::Operator] {
        for path in ["/", "/definitions", "/connections"] {
            let (_, page) = page(nothing(), signed_in(role), path).await;
            let read = text(&page);
            assert!(read.contains("Only administrators add connections."), "{path} for a {}: {read}", role.key());
        }
        let (_, page) = page(lived_in(), signed_in(role), "/settings/account").await;
        assert!(text(&page).contains("Administrators keep the accounts."), "{}", role.key());
        assert!(!page.contains("href=\"/settings/users\""), "{}", role.key());
    }
    let (_, page) = page(lived_in(), signed_in(Role::Administrator), "/").await;
    assert!(page.contains("href=\"/settings/users\""));
}
