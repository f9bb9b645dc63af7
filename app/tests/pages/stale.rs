//! A silent connection: what was last told stays, is called old, and is nowhere green.

use super::{
    filled::gone_silent,
    html::{fact, row, section, states, tags, text},
    seen,
};

#[tokio::test]
async fn details_say_who_is_silent_and_since_when() {
    for path in ["/definitions/d1", "/runs/r1", "/recovery-points/id-shop-nightly-1", "/restores/s1", "/connections/c1"]
    {
        let page = seen(gone_silent(), path).await;
        let read = text(&page);
        assert!(read.contains("velero-zrh does not answer: connection refused."), "{path}: {read}");
        assert!(read.contains("Look whether the API server runs."), "{path} says what to do");
        assert!(read.contains("Shown is what was known 10 min ago."), "{path} says how old it is: {read}");
    }
}

#[tokio::test]
async fn rows_of_a_silent_connection_are_marked() {
    for (path, name) in [
        ("/", "storefront"),
        ("/", "shop-nightly"),
        ("/definitions", "shop-nightly"),
        ("/runs", "shop-nightly-r1"),
        ("/recovery-points", "shop-nightly-1"),
        ("/restores", "shop-nightly-1-20261029"),
        ("/connections", "velero-zrh"),
    ] {
        let page = seen(gone_silent(), path).await;
        assert!(row(&page, name).contains("class=\"is-silent\""), "{path}");
    }
}

#[tokio::test]
async fn nobody_is_called_protected_or_active_on_old_news() {
    let page = seen(gone_silent(), "/").await;
    assert_eq!(super::h1(&page), "2 things need you");
    let table = section(&page, "workspaces");
    for name in ["storefront", "ledger"] {
        assert_eq!(states(row(table, name))[0], ("mute".into(), "Unknown".into()), "{name}");
        let read = text(row(table, name));
        assert!(read.contains("as of today 08:31") && read.contains("no next try is set"), "{name}: {read}");
        assert!(!row(table, name).contains("data-tone=\"good\""), "{name}: nothing is green on old news");
    }

    let mut alone = gone_silent();
    alone.home.workspaces.clear();
    let page = seen(alone, "/").await;
    let states_there = states(row(section(&page, "definitions"), "shop-nightly"));
    assert_eq!(states_there[0], ("mute".into(), "Unknown".into()));
    assert!(text(&page).contains("as seen 10 min ago"), "the newest good point is as of then");

    let page = seen(gone_silent(), "/definitions").await;
    let one = row(&page, "shop-nightly");
    let own = states(one).pop().expect("its state");
    assert_eq!(own, ("mute".into(), "Silent".into()));
    assert!(text(one).contains("last seen 10 min ago"), "{}", text(one));
    assert!(text(one).contains("if nothing changed since it was last seen"), "{}", text(one));

    let page = seen(gone_silent(), "/definitions/d1").await;
    assert_eq!(super::h1(&page), "shop-nightly Silent");

    let page = seen(gone_silent(), "/recovery-points").await;
    assert_eq!(states(row(&page, "shop-nightly-1"))[0], ("mute".into(), "Whole".into()), "it was, ten minutes ago");
}

#[tokio::test]
async fn a_silent_connection_has_no_good_location_and_no_latency() {
    let page = seen(gone_silent(), "/connections/c1").await;
    let there = states(section(&page, "locations"));
    assert_eq!(there[0], ("mute".into(), "Available".into()), "it was, ten minutes ago");
    assert_eq!(fact(&page, "Latency"), "not measured");
    let page = seen(gone_silent(), "/connections").await;
    let one = row(&page, "velero-zrh");
    assert!(!one.contains("12 ms"), "a latency of long ago is none");
    assert!(text(one).contains("4 tries since 10 min ago"), "{}", text(one));
}

#[tokio::test]
async fn a_connections_page_says_once_why_it_is_silent() {
    let page = seen(gone_silent(), "/connections/c1").await;
    let read = text(&page);
    assert_eq!(read.matches("connection refused").count(), 1, "over the facts alone: {read}");
    assert_eq!(read.matches("Look whether the API server runs").count(), 1, "{read}");
    assert!(fact(&page, "Health").contains("4 tries since 10 min ago"), "{}", fact(&page, "Health"));
    let page = seen(gone_silent(), "/connections").await;
    assert!(text(row(&page, "velero-zrh")).contains("connection refused"), "the list has no other place for it");
}

#[tokio::test]
async fn the_context_line_counts_the_silent() {
    let page = seen(gone_silent(), "/runs").await;
    let fresh = tags(&page).into_iter().find(|t| t.get("id") == Some("fresh")).expect("the context line");
    assert_eq!(fresh.get("data-tone"), Some("mute"));
    assert!(fresh.text.contains("the connection is silent"), "{}", fresh.text);
    let page = seen(super::lived_in(), "/runs").await;
    let fresh = tags(&page).into_iter().find(|t| t.get("id") == Some("fresh")).expect("the context line");
    assert_eq!(fresh.get("data-tone"), Some("good"));
}
