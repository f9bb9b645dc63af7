//! The wizard and the two forms as the server sends them: what is there before any code runs, and what never is.
#![cfg(feature = "ssr")]

#[path = "support/stub.rs"]
mod support;

use model::{
    account::Role,
    connection::{Health, ProviderKind},
    recovery::PointState,
};
use support::{Stub, page, signed_in};

async fn seen(stub: Stub, path: &str) -> String {
    let (status, page) = page(stub, signed_in(Role::Administrator), path).await;
    assert_eq!(status, 200, "{path}");
    shown(&page)
}

/// The page without what its islands start with, which nobody reads.
fn shown(page: &str) -> String {
    let mut parts = page.split(" data-props=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('"').map_or("", |(_, rest)| rest))
}

/// Values of all `name="…"` attributes.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let start = format!(" {name}=\"");
    html.match_indices(&start)
        .map(|(at, _)| html[at + start.len()..].split('"').next().unwrap_or_default().to_owned())
        .collect()
}

/// Every id that is named exists, once; one h1; nothing can be typed before the code runs.
fn is_sound(path: &str, page: &str) {
    let mut ids = attributes(page, "id");
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!(all, ids.len(), "{path}: an id is used twice");
    for name in ["for", "aria-labelledby", "aria-describedby", "list"] {
        for id in attributes(page, name).iter().flat_map(|v| v.split_whitespace()) {
            assert!(ids.iter().any(|i| i == id), "{path}: {name} names {id}, which is not on the page");
        }
    }
    assert_eq!(page.matches("<h1").count(), 1, "{path}");
    assert_eq!(page.matches("<main").count(), 1, "{path}");
    assert!(page.contains(" inert"), "{path}: what is typed before the code runs would be lost");
    assert!(page.contains("WebAssembly"), "{path} says what it needs");
    assert!(!page.contains(" style=\""), "{path}: the policy forbids inline styles");
}

#[tokio::test]
async fn every_step_and_form_is_sound() {
    for path in [
        "/definitions/new?connection=c1&step=source",
        "/definitions/new?connection=c1&step=scope",
        "/definitions/new?connection=c1&step=storage",
        "/definitions/new?connection=c1&step=schedule",
        "/definitions/new?connection=c1&step=review",
        "/definitions/d1/edit",
        "/definitions/d1/edit?step=scope",
        "/connections/new",
        "/connections/c1/edit",
        "/policies/new",
        "/restores/new?point=id-shop-nightly-1",
        "/workspaces/new",
    ] {
        is_sound(path, &seen(Stub::default(), path).await);
    }
}

#[tokio::test]
async fn a_link_reopens_a_step() {
    for (step, heading, field) in [
        ("source", "Source", "id=\"name\""),
        ("scope", "Scope", "id=\"scope-namespaces\""),
        ("storage", "Storage and volumes", "id=\"keep_for\""),
        ("schedule", "Schedule", "id=\"cron\""),
        ("review", "Review", "id=\"dry-run\""),
        ("nonsense", "Source", "id=\"name\""),
    ] {
        let page = seen(Stub::default(), &format!("/definitions/new?connection=c1&step={step}")).await;
        let h1 = page.split("<h1").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap_or_default();
        assert!(h1.contains(heading), "{step}: {h1}");
        assert!(page.contains(field), "{step} shows {field}");
        assert_eq!(page.matches("aria-current=\"step\"").count(), 1, "{step}");
    }
}

#[tokio::test]
async fn without_a_connection_there_is_one_step_and_a_way_on() {
    let mut stub = Stub::default();
    stub.start.draft.connection = String::new();
    let page = seen(stub.clone(), "/definitions/new?step=review").await;
    assert_eq!(page.matches("class=\"step\"").count(), 1, "the other steps follow from the connection");
    assert!(page.contains("velero-ber") && page.contains("Silent: connection refused."));
    stub.start.connections.clear();
    let page = seen(stub, "/definitions/new").await;
    assert!(page.contains("No connection yet") && page.contains("href=\"/connections/new\""));
}

#[tokio::test]
async fn what_the_upstream_refuses_is_off_with_its_sentence() {
    let scope = seen(Stub::default(), "/definitions/new?connection=c1&step=scope").await;
    assert!(scope.contains("Velero knows no apps. Name its labels below."));
    let storage = seen(Stub::default(), "/definitions/new?connection=c1&step=storage").await;
    assert!(storage.contains("Velero keeps by age alone."));
    let field = storage.split("id=\"keep_last\"").nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default();
    assert!(field.contains("disabled"), "{field}");
}

#[tokio::test]
async fn problems_are_told_on_review_and_keep_create_off() {
    let mut stub = Stub::default();
    stub.start.draft.name = "Not a name".into();
    let page = seen(stub, "/definitions/new?connection=c1&step=review").await;
    assert!(page.contains("Use a-z, 0-9 and -"), "the problem is listed");
    assert!(page.contains("Go to Source"), "with its jump");
    assert!(page.contains("Off until the problem above is settled."));
    let page = seen(Stub::default(), "/definitions/new?connection=c1&step=review").await;
    assert!(page.contains("Nothing stops it") && !page.contains("Off until"));
}

#[tokio::test]
async fn a_draft_is_not_judged_before_its_fields_were_left() {
    let mut stub = Stub::default();
    stub.start.draft.name = String::new();
    let page = seen(stub, "/definitions/new?connection=c1&step=source").await;
    assert!(!page.contains("Give it a name."));
}

#[tokio::test]
async fn viewers_get_no_wizard_and_operators_no_connection_form() {
    let (status, refused) = page(Stub::default(), signed_in(Role::Viewer), "/definitions/new").await;
    assert_eq!(status, 403);
    assert!(
        refused.contains("this needs operator rights")
            && !refused.contains("<leptos-island data-component=\"DefinitionWizard")
    );
    for path in ["/connections/new", "/connections/c1/edit"] {
        let (status, refused) = page(Stub::default(), signed_in(Role::Operator), path).await;
        assert_eq!(status, 403, "{path}");
        assert!(!refused.contains("id=\"credential\""), "{path}");
    }
}

#[tokio::test]
async fn the_connection_form_never_shows_a_secret_and_adds_only_after_a_test() {
    let new = seen(Stub::default(), "/connections/new").await;
    assert!(new.contains("Off until a test passes."));
    let edit = seen(Stub::default(), "/connections/c1/edit").await;
    let token = edit.split("<input").find(|rest| rest.contains("id=\"credential\"")).unwrap_or_default();
    let token = token.split('>').next().unwrap_or_default();
    assert!(token.contains("type=\"password\"") && token.contains("autocomplete=\"off\""), "{token}");
    assert!(!token.contains(" value=\"") || token.contains(" value=\"\""), "{token}");
    assert!(edit.contains("Leave empty to keep it."));
    assert!(edit.contains("https://api.zrh.example:6443"), "what is no secret is filled in");
}

/// The text of the form's `<label>`s.
fn labels(html: &str) -> Vec<String> {
    let form = html.split("<form").find(|part| part.contains("id=\"system\"")).unwrap_or_default();
    form.split("<label")
        .skip(1)
        .filter_map(|part| Some(part.split_once('>')?.1.split('<').next()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_connection_form_asks_what_its_system_needs() {
    let new = seen(Stub::default(), "/connections/new").await;
    for kind in ProviderKind::ALL {
        assert!(new.contains(&format!("<option value=\"{}\"", kind.key())), "{kind:?} can be chosen");
    }
    assert!(new.contains("It looks Velero up and says where it stops."));
    assert!(new.contains("Pasted kubeconfig") && new.contains("id=\"namespace\"") && new.contains("value=\"velero\""));
    assert!(!new.contains("id=\"account\"") && !new.contains("id=\"variant\""));

    let mut stub = Stub::default();
    stub.connections[0].kind = ProviderKind::Astra;
    stub.connections[0].account = "acc-42".into();
    let astra = seen(stub.clone(), "/connections/c1/edit").await;
    assert_eq!(labels(&astra), ["System", "Name", "API server", "Bearer token", "Certificate authority", "Account id"]);
    assert!(astra.contains("value=\"acc-42\"") && astra.contains("It looks Astra Control up"));
    assert!(!astra.contains("Pasted kubeconfig") && !astra.contains("Velero's namespace"), "nothing of another system");

    stub.connections[0].kind = ProviderKind::Waldur;
    stub.connections[0].variant = "g5".into();
    let waldur = seen(stub, "/connections/c1/edit").await;
    assert!(labels(&waldur).contains(&"Generation".to_owned()));
    let chosen = waldur.split("<option").find(|option| option.contains("value=\"g5\"")).unwrap_or_default();
    assert!(chosen.split('>').next().unwrap_or_default().contains("selected"), "{chosen}");
}

#[tokio::test]
async fn the_restore_form_says_what_will_happen() {
    let page = seen(Stub::default(), "/restores/new?point=id-shop-nightly-1").await;
    assert!(page.contains("Restore 2 namespaces"));
    assert!(page.contains("Objects that exist stay as they are."));
    assert!(page.contains("Restore shop-nightly-0 instead"), "a better point is offered");
    assert!(page.contains("what its run could not take is missing"), "a partial point is called partial");
    let mut stub = Stub::default();
    stub.restore.better = None;
    stub.restore.point.state = PointState::Unknown("Odd".into());
    stub.restore.point.namespaces.clear();
    stub.restore.health =
        Health::Silent { reason: "gone".into(), remedy: String::new(), since: support::NOW, tries: 1, next_try: None };
    let page = seen(stub, "/restores/new?point=id-shop-nightly-1").await;
    assert!(page.contains("Restore everything") && page.contains("does not name the namespaces"));
    assert!(page.contains("which Holdfast does not know") && page.contains("does not answer"));
}

#[tokio::test]
async fn an_unknown_point_is_not_found() {
    let (status, page) = page(Stub::default(), signed_in(Role::Operator), "/restores/new?point=nope").await;
    assert_eq!(status, 404);
    assert!(!page.contains("What will happen"));
}
