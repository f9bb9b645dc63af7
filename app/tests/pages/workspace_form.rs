//! The form of a workspace as the server sends it: what was stored, and what only its system can change.

use super::{
    filled::lived_in,
    h1,
    html::{tags, text},
    seen,
    support::{page, signed_in},
    workspace::with,
};
use model::{account::Role, workspace::RuleDraft};

#[tokio::test]
async fn the_form_has_what_was_stored_and_nothing_else() {
    let page = seen(lived_in(), "/workspaces/new").await;
    let all = tags(&page);
    let value = |id: &str| all.iter().find(|t| t.get("id") == Some(id)).and_then(|t| t.get("value").map(str::to_owned));
    assert_eq!(value("name").as_deref(), Some("storefront"));
    assert_eq!(value("rpo").as_deref(), Some("24"));
    assert_eq!(value("rules-0-namespaces").as_deref(), Some("shop, shop-*"));
    assert_eq!(value("left_out-0-reason").as_deref(), Some("rebuilt from Git"));
    let chosen: Vec<_> =
        all.iter().filter(|t| t.name == "option" && t.has("selected")).map(|t| t.text.clone()).collect();
    assert_eq!(chosen, ["hours", "velero-zrh"]);
    assert!(text(&page).contains("Create workspace"));
    let page = seen(with(|view| view.upstream = None), "/workspaces/w1/edit").await;
    assert!(text(&page).contains("Save workspace") && page.contains("id=\"rules-0-clusters\""));
}

#[tokio::test]
async fn of_what_its_system_keeps_only_ours_can_be_changed() {
    let page = seen(lived_in(), "/workspaces/w1/edit").await;
    assert!(page.contains("id=\"rpo\"") && page.contains("id=\"left_out-0-pattern\""));
    assert!(!page.contains("id=\"rules-0-clusters\""), "its rules are Palette’s");
    let read = text(&page);
    assert!(read.contains("Palette names it.") && read.contains("Palette says what belongs to it"), "{read}");
    let name = tags(&page).into_iter().find(|t| t.get("id") == Some("name")).expect("the name");
    assert!(name.has("disabled"));
}

#[tokio::test]
async fn a_rule_of_a_connection_that_is_gone_can_be_mended() {
    let mut stub = with(|view| view.upstream = None);
    stub.start_workspace.draft.rules = vec![RuleDraft { connection: "c-gone".into(), ..RuleDraft::default() }];
    let page = seen(stub, "/workspaces/w1/edit").await;
    let chosen = tags(&page).into_iter().find(|t| t.get("value") == Some("c-gone")).expect("it is not lost");
    assert!(chosen.has("selected") && chosen.text == "A connection that was removed");
    assert!(text(&page).contains("Its connection was removed: the rule takes in nothing."));
}

#[tokio::test]
async fn the_form_is_for_those_who_may() {
    for path in ["/workspaces/new", "/workspaces/w1/edit"] {
        let (status, page) = page(lived_in(), signed_in(Role::Viewer), path).await;
        assert_eq!((status, h1(&page).as_str()), (403, "Not for your account"), "{path}");
        assert!(!page.contains("id=\"rpo\""), "{path}");
        let (status, _) = super::page(lived_in(), signed_in(Role::Operator), path).await;
        assert_eq!(status, 200, "{path}");
    }
}
