//! Every page as the server sends it, over a stub: what stands on it when there is nothing, when there is much, when the
//! upstream is silent, when it says words that nobody knows, and when the page can't be had.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "pages/definition.rs"]
mod definition;
#[path = "support/filled.rs"]
mod filled;
#[path = "pages/home.rs"]
mod home;
#[path = "support/html.rs"]
mod html;
#[path = "support/library.rs"]
mod library;
#[path = "pages/points.rs"]
mod points;
#[path = "pages/policies.rs"]
mod policies;
#[path = "pages/refused.rs"]
mod refused;
#[path = "support/rooms.rs"]
mod rooms;
#[path = "pages/sound.rs"]
mod sound;
#[path = "pages/stale.rs"]
mod stale;
#[path = "support/stub.rs"]
mod support;
#[path = "pages/systems.rs"]
mod systems;
#[path = "pages/unknown.rs"]
mod unknown;
#[path = "pages/workspace.rs"]
mod workspace;
#[path = "pages/workspace_form.rs"]
mod workspace_form;

use filled::lived_in;
use html::{tags, text};
use model::{Phase, account::Role};
use support::{Stub, page, signed_in};

/// A page that must come, seen by an administrator.
async fn seen(stub: Stub, path: &str) -> String {
    let (status, page) = page(stub, signed_in(Role::Administrator), path).await;
    assert_eq!(status, 200, "{path}: {}", text(&page));
    page
}

fn h1(page: &str) -> String {
    tags(page).into_iter().find(|tag| tag.name == "h1").expect("a heading").text
}

#[tokio::test]
async fn every_page_says_what_it_is() {
    for (path, heading, words) in [
        (
            "/",
            "5 of 7 workspaces need you",
            ["newest run is partial", "1 is protected, 1 cannot be judged. Judged from"],
        ),
        (
            "/workspaces/w1",
            "storefront At risk",
            ["failed twice since the last good point.", "on demand by retail-ops"],
        ),
        ("/definitions", "Definitions", ["shop-nightly", "Every day at 02:30"]),
        ("/definitions/d1", "shop-nightly Active", ["14 days", "tier is one of web"]),
        ("/runs", "Runs", ["shop-nightly-r1", "1 h"]),
        ("/runs/r1", "shop-nightly, today 03:41 Succeeded", ["It left a whole recovery point.", "4,207 of 4,210"]),
        ("/recovery-points", "Recovery points", ["shop-nightly-1", "zrh-minio"]),
        (
            "/recovery-points/id-shop-nightly-1",
            "shop-nightly-1 Whole",
            ["Everything that its run was", "shop and shop-db"],
        ),
        ("/restores", "Restores", ["shop-nightly-1-20261029", "shop → shop-copy"]),
        ("/restores/s1", "Restore of shop-nightly-1 Running", ["Objects are being brought back.", "ines"]),
        ("/policies", "Policies", ["Gold", "casa-daily"]),
        ("/policies/p1", "Gold", ["14 days, at most the newest 14", "Cannot take it over"]),
        ("/connections", "The connection answers", ["velero-zrh", "v1.18.0"]),
        ("/connections/c1", "velero-zrh Answers", ["https://api.zrh.example:6443", "Velero keeps by age alone."]),
        ("/settings/users", "Users", ["maria", "operator"]),
        ("/settings/account", "My account", ["Firefox on Linux", "10.0.0.7"]),
    ] {
        let page = seen(lived_in(), path).await;
        assert_eq!(h1(&page), heading, "{path}");
        let read = text(&page);
        for words in words {
            assert!(read.contains(words), "{path} says “{words}”: {read}");
        }
    }
}

#[tokio::test]
async fn crumbs_and_title_name_what_is_shown() {
    for (path, crumbs, title) in [
        ("/runs", "Runs", "Runs"),
        ("/workspaces/w1", "Status storefront", "storefront"),
        ("/workspaces/w1/edit", "Status storefront Edit", "Edit storefront"),
        ("/definitions/d1", "Definitions shop-nightly", "shop-nightly"),
        ("/runs/r1", "Runs shop-nightly today 03:41", "shop-nightly, today 03:41"),
        ("/recovery-points/id-shop-nightly-1", "Recovery points shop-nightly-1", "shop-nightly-1"),
        ("/restores/new?point=id-shop-nightly-1", "Recovery points shop-nightly-1 Restore", "Restore"),
        ("/restores/s1", "Restores shop-nightly-1-20261029", "shop-nightly-1-20261029"),
        ("/policies/p1", "Policies Gold", "Gold"),
        ("/policies/new", "Policies New policy", "New policy"),
        ("/connections/c1", "Connections velero-zrh", "velero-zrh"),
        ("/connections/c1/edit", "Connections velero-zrh Edit", "Edit velero-zrh"),
    ] {
        let page = seen(lived_in(), path).await;
        assert_eq!(html::crumbs(&page), crumbs, "{path}");
        let tab = tags(&page).into_iter().find(|tag| tag.name == "title").expect(path).text;
        assert_eq!(tab, format!("{title} · Holdfast"), "{path}");
    }
    let page = seen(lived_in(), "/runs/r1").await;
    assert!(page.contains("<a href=\"/definitions/d1\">shop-nightly</a>"), "the way to its definition");
    // What is not there has no name.
    let (_, gone) = page_of_nothing("/runs/nope").await;
    assert_eq!(html::crumbs(&gone), "Runs Not here");
}

async fn page_of_nothing(path: &str) -> (u16, String) {
    page(Stub::default(), signed_in(Role::Viewer), path).await
}

#[tokio::test]
async fn the_status_page_says_why_something_is_exposed() {
    let run = |phase| Some(model::view::LastRun { id: "r1".into(), phase, picked_up: true, at: None, progress: None });
    for (good, last, reason) in [
        (None, None, "it has not run yet"),
        (None, run(Phase::Running), "a run is under way"),
        (None, run(Phase::Partial), "no run has left a whole recovery point"),
        (Some(support::NOW), run(Phase::Failed), "the newest run failed"),
        (Some(support::NOW), run(Phase::Unknown("Odd".into())), "nobody can say how the newest run ended"),
    ] {
        let mut stub = lived_in();
        stub.home.workspaces.clear();
        stub.definitions.page.rows[0].newest_good = good;
        stub.definitions.page.rows[0].last_run = last;
        let page = seen(stub, "/").await;
        let row = text(html::row(html::section(&page, "definitions"), "shop-nightly"));
        assert!(row.contains(reason), "{reason}: {row}");
    }
}

#[tokio::test]
async fn the_browser_is_told_whose_zone_times_are_in() {
    let zone = |page: &str| {
        tags(page).into_iter().find(|t| t.name == "html").and_then(|t| t.get("data-zone").map(str::to_owned))
    };
    assert_eq!(zone(&seen(lived_in(), "/").await).as_deref(), Some("Europe/Zurich"));
    let (_, out) = page(lived_in(), app::backend::Caller::default(), "/sign-in").await;
    assert_eq!(zone(&out), None, "of nobody");
}

#[tokio::test]
async fn an_empty_page_leads_on() {
    let nothing = || Stub { connections: Vec::new(), ..Stub::default() };
    let mut connected = Stub::default();
    connected.home.connections = 1;
    for (stub, path, words, link) in [
        (nothing(), "/", "Nothing is connected yet", "/connections/new"),
        (connected, "/", "Nothing is protected by Holdfast yet", "/definitions/new"),
        (nothing(), "/definitions", "No definition yet", "/connections/new"),
        (Stub::default(), "/definitions", "No definition yet", "/definitions/new"),
        (Stub::default(), "/runs", "No run yet", "/definitions"),
        (Stub::default(), "/runs?phase=failed", "No run fits these filters", "/runs"),
        (Stub::default(), "/recovery-points", "No recovery point yet", "/definitions"),
        (Stub::default(), "/recovery-points?text=x", "No recovery point fits these filters", "/recovery-points"),
        (Stub::default(), "/restores", "No restore yet", "/recovery-points"),
        (nothing(), "/connections", "No connection yet", "/connections/new"),
    ] {
        let page = seen(stub, path).await;
        let empty = page.split_once("<div class=\"empty\">").expect(path).1.split("</main>").next().unwrap();
        assert!(text(empty).starts_with(words), "{path}: {}", text(empty));
        assert!(empty.contains(&format!("href=\"{link}\"")), "{path} leads to {link}: {empty}");
        assert!(!page.contains("<table"), "{path}: an empty table says nothing");
    }
}

#[tokio::test]
async fn filters_stand_in_the_form_and_in_the_links() {
    let page = seen(lived_in(), "/runs?text=a%22b&phase=partial&definition=d1").await;
    let tags = tags(&page);
    let field = |name: &str| tags.iter().find(|t| t.get("name") == Some(name)).and_then(|t| t.get("value"));
    assert_eq!(field("text"), Some("a\"b"));
    assert_eq!(field("definition"), Some("d1"), "a filter without a control is kept");
    let chosen: Vec<_> = tags.iter().filter(|t| t.name == "option" && t.has("selected")).collect();
    assert_eq!(chosen.len(), 1);
    assert_eq!(chosen[0].get("value"), Some("partial"));
    let next = tags.iter().find_map(|t| t.get("href").filter(|h| h.contains("page=k2"))).expect("a next page");
    assert_eq!(next, "/runs?text=a%22b&definition=d1&phase=partial&page=k2");
}

#[tokio::test]
async fn a_sorted_column_says_so_and_turns_round() {
    let page = seen(lived_in(), "/definitions?sort=-name&state=paused").await;
    let heads: Vec<_> = tags(&page).into_iter().filter(|t| t.has("aria-sort")).collect();
    assert_eq!(heads.len(), 1);
    assert_eq!((heads[0].get("aria-sort"), heads[0].text.as_str()), (Some("descending"), "Definition"));
    assert!(page.contains("href=\"/definitions?state=paused&amp;sort=name\""), "the other way, filters kept");
}

#[tokio::test]
async fn the_log_is_read_only_when_asked_for() {
    let mut stub = lived_in();
    stub.log = Ok(model::run::LogPage {
        lines: vec![model::run::LogLine {
            number: 17,
            time: "02:31:20".into(),
            level: "error".into(),
            text: "<b>no</b> snapshot".into(),
            rest: "controller=backup".into(),
        }],
        total: 900,
        matching: 1,
        cut: false,
        unavailable: None,
    });
    let plain = seen(stub.clone(), "/runs/r1").await;
    assert!(!plain.contains("snapshot") && plain.contains("href=\"/runs/r1?log=show&amp;level=warning#log\""));
    let page = seen(stub, "/runs/r1?log=show&level=error").await;
    let log = html::section(&page, "log");
    assert!(text(log).contains("1 of 900 lines.") && text(log).contains("<b>no</b> snapshot"), "{}", text(log));
    assert!(log.contains("&lt;b>no") || log.contains("&lt;b&gt;no"), "what a log says is no markup");
    // The results could not be had: that is said in their place, and the log still stands.
    assert!(text(html::section(&page, "results")).contains("This does not exist. The stub has no such thing."));
}

#[tokio::test]
async fn sign_in_and_set_up_say_what_went_wrong_and_never_repeat_a_password() {
    for (path, sentence) in [
        ("/sign-in?problem=wrong&name=maria", "Name or password is wrong."),
        ("/sign-in?problem=throttled&after=90&name=maria", "Too many tries. Wait 1 min, then try again."),
        ("/sign-in?problem=expired", "Your session has ended. Sign in again."),
        ("/setup?problem=code&name=maria", "That is not the code of the newest start."),
        ("/setup?problem=mismatch&name=maria", "The two passwords differ."),
        ("/setup?problem=password&name=maria", "At least 12 characters"),
        ("/setup?problem=name&name=ma%20ria", "Use 1 to 64 letters"),
    ] {
        let (status, page) = page(Stub::default(), app::backend::Caller::default(), path).await;
        assert_eq!(status, 200, "{path}");
        let all = tags(&page);
        let alert = all.iter().find(|t| t.get("role") == Some("alert")).expect(path);
        assert!(alert.text.contains(sentence), "{path}: {}", alert.text);
        // The framework leaves two lines of its own on every page; nothing loads code.
        let code = all.iter().find(|t| t.name == "script" && (t.has("src") || t.get("type") == Some("module")));
        assert!(code.is_none(), "{path} needs no script: {code:?}");
        for field in all.iter().filter(|t| t.get("type") == Some("password")) {
            assert!(field.get("value").is_none_or(str::is_empty), "{path}: {field:?}");
        }
    }
    let (_, odd) = page(Stub::default(), app::backend::Caller::default(), "/sign-in?problem=Call%20555").await;
    assert!(!odd.contains("Call 555"), "nobody puts words on this page by a link");
}

#[tokio::test]
async fn no_secret_is_on_any_page() {
    for path in sound::PATHS {
        let page = seen(lived_in(), path).await;
        for field in tags(&page).iter().filter(|t| t.get("type") == Some("password")) {
            assert!(field.get("value").is_none_or(str::is_empty), "{path}: {field:?}");
        }
        assert!(!page.contains("HOLDFAST_SECRET_KEY") && !page.contains("password_hash"), "{path}");
    }
    // The authority is no secret, but only the form that changes it shows it.
    let page = seen(lived_in(), "/connections/c1").await;
    assert!(!page.contains("BEGIN CERTIFICATE"));
    assert_eq!(html::fact(&page, "Credential"), "bearer token, sealed; it never comes out again");
}
