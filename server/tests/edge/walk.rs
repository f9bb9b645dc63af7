//! Every server function and every page, asked for by everybody. A new one without a row here fails the test.

use crate::stage::{Stage, location};
use leptos_axum::generate_route_list;
use model::account::Role::{self, Administrator, Operator, Viewer};
use serde_json::{Value, json};

/// Who may call what, with arguments that can be decoded.
fn functions() -> Vec<(&'static str, Role, Value)> {
    let id = || json!({"id": "none"});
    let draft = || json!({"draft": {}});
    vec![
        ("/api/account/me", Viewer, json!({})),
        ("/api/account/sessions", Viewer, json!({})),
        ("/api/account/sessions/revoke", Viewer, id()),
        ("/api/account/password", Viewer, json!({"old": "a", "new": "b"})),
        ("/api/account/zone", Viewer, json!({"zone": "Mars/Olympus"})),
        ("/api/zones", Viewer, json!({})),
        ("/api/users/list", Administrator, json!({})),
        ("/api/users/add", Administrator, json!({"name": "", "role": ""})),
        ("/api/users/role", Administrator, json!({"id": "none", "role": "viewer"})),
        ("/api/users/disabled", Administrator, json!({"id": "none", "disabled": true})),
        ("/api/users/reset-password", Administrator, id()),
        ("/api/connections/list", Viewer, json!({})),
        ("/api/connections/get", Viewer, id()),
        ("/api/connections/test", Administrator, json!({"id": null, "draft": {}})),
        ("/api/connections/add", Administrator, draft()),
        ("/api/connections/change", Administrator, json!({"id": "none", "version": 1, "draft": {}})),
        ("/api/connections/remove", Administrator, id()),
        ("/api/connections/retry", Operator, id()),
        ("/api/connections/inventory", Operator, id()),
        ("/api/workspaces/home", Viewer, json!({})),
        ("/api/workspaces/read", Viewer, json!({"id": "none", "older": ""})),
        ("/api/workspaces/start", Operator, json!({"editing": null})),
        ("/api/workspaces/taken", Viewer, draft()),
        ("/api/workspaces/create", Operator, draft()),
        ("/api/workspaces/change", Operator, json!({"id": "none", "version": 1, "draft": {}})),
        ("/api/workspaces/delete", Operator, id()),
        ("/api/definitions/list", Viewer, json!({"filter": {}})),
        ("/api/definitions/get", Viewer, id()),
        ("/api/definitions/start", Operator, json!({"editing": null, "connection": null})),
        ("/api/definitions/upcoming", Viewer, json!({"connection": "", "cron": "0 * * * *", "zone": ""})),
        ("/api/definitions/preview", Operator, json!({"editing": null, "draft": {}})),
        ("/api/definitions/create", Operator, draft()),
        ("/api/definitions/change", Operator, json!({"id": "none", "version": 1, "draft": {}})),
        ("/api/definitions/pause", Operator, id()),
        ("/api/definitions/resume", Operator, json!({"id": "none", "resume": "wait_for_next"})),
        ("/api/definitions/delete", Operator, id()),
        ("/api/definitions/run", Operator, id()),
        ("/api/definitions/reapply", Operator, id()),
        ("/api/definitions/adopt", Operator, id()),
        ("/api/definitions/retry", Operator, id()),
        ("/api/runs/list", Viewer, json!({"filter": {}})),
        ("/api/runs/get", Viewer, id()),
        ("/api/runs/log", Viewer, json!({"id": "none", "text": "", "level": ""})),
        ("/api/runs/results", Viewer, id()),
        ("/api/recovery-points/list", Viewer, json!({"filter": {}})),
        ("/api/recovery-points/delete", Operator, json!({"id": "none", "confirm": ""})),
        ("/api/restores/list", Viewer, json!({"page": ""})),
        ("/api/restores/get", Viewer, id()),
        ("/api/restores/log", Viewer, json!({"id": "none", "text": "", "level": ""})),
        ("/api/restores/results", Viewer, id()),
        ("/api/restores/start", Operator, json!({"point": "none"})),
        ("/api/restores/offer", Operator, json!({"point": "none"})),
        ("/api/restores/create", Operator, draft()),
        ("/api/policies/list", Viewer, json!({})),
        ("/api/policies/read", Viewer, id()),
        ("/api/policies/offers", Viewer, json!({"connection": "none"})),
        ("/api/policies/impact", Viewer, json!({"id": null, "draft": {}})),
        ("/api/policies/create", Operator, draft()),
        ("/api/policies/change", Operator, json!({"id": "none", "version": 1, "draft": {}})),
        ("/api/policies/delete", Operator, id()),
    ]
}

/// Who may see which page; `None`: everybody.
const PAGES: [(&str, Option<Role>); 26] = [
    ("/", Some(Viewer)),
    ("/definitions", Some(Viewer)),
    ("/definitions/new", Some(Operator)),
    ("/definitions/{id}", Some(Viewer)),
    ("/definitions/{id}/edit", Some(Operator)),
    ("/policies", Some(Viewer)),
    ("/policies/new", Some(Operator)),
    ("/policies/{id}", Some(Viewer)),
    ("/workspaces/new", Some(Operator)),
    ("/workspaces/{id}", Some(Viewer)),
    ("/workspaces/{id}/edit", Some(Operator)),
    ("/runs", Some(Viewer)),
    ("/runs/{id}", Some(Viewer)),
    ("/recovery-points", Some(Viewer)),
    ("/recovery-points/{id}", Some(Viewer)),
    ("/restores", Some(Viewer)),
    ("/restores/new", Some(Operator)),
    ("/restores/{id}", Some(Viewer)),
    ("/connections", Some(Viewer)),
    ("/connections/new", Some(Administrator)),
    ("/connections/{id}", Some(Viewer)),
    ("/connections/{id}/edit", Some(Administrator)),
    ("/settings/users", Some(Administrator)),
    ("/settings/account", Some(Viewer)),
    ("/sign-in", None),
    ("/setup", None),
];

#[tokio::test]
async fn every_server_function_asks_who_calls() {
    let stage = Stage::new().await;
    let functions = functions();
    let mut listed: Vec<&str> = functions.iter().map(|(path, ..)| *path).collect();
    let mut registered: Vec<&str> = server_fn::axum::server_fn_paths()
        .map(|(path, method)| {
            assert_eq!(method, http::Method::POST, "{path} can be called by a link");
            path
        })
        .collect();
    listed.sort_unstable();
    registered.sort_unstable();
    assert_eq!(registered, listed, "every server function has a row in this table");

    let nobody = stage.browser();
    let viewer = stage.signed_in("vera", Viewer).await;
    let operator = stage.signed_in("otto", Operator).await;
    let administrator = stage.signed_in("ada", Administrator).await;
    for (path, least, body) in &functions {
        let refused = nobody.call(path, body).await;
        assert_eq!(refused.status(), 401, "{path} for nobody");
        let error: Value = refused.json().await.unwrap();
        assert_eq!(error["kind"], "signed_out", "{path}");
        assert_ne!(error["request_id"], "", "{path}");
        for (role, browser) in [(Viewer, &viewer), (Operator, &operator), (Administrator, &administrator)] {
            let answer = browser.call(path, body).await;
            let (status, said) = (answer.status().as_u16(), answer.text().await.unwrap());
            if role < *least {
                assert_eq!(status, 403, "{path} for a {}: {said}", role.key());
            } else {
                assert!(![401, 403, 500].contains(&status), "{path} for a {}: {status} {said}", role.key());
            }
        }
        assert_eq!(viewer.get(path).await.status(), 405, "{path} by GET");
    }
    stage.stop().await;
}

#[tokio::test]
async fn every_page_asks_who_looks() {
    let stage = Stage::new().await;
    let viewer = stage.signed_in("vera", Viewer).await;
    let administrator = stage.signed_in("ada", Administrator).await;
    let nobody = stage.browser();
    let mut routes: Vec<String> =
        generate_route_list(app::routes::App).iter().map(|route| route.path().to_owned()).collect();
    routes.sort_unstable();
    routes.dedup();
    let mut listed: Vec<&str> = PAGES.iter().map(|(path, _)| *path).collect();
    listed.sort_unstable();
    assert_eq!(routes, listed, "every page has a row in this table");

    for (path, least) in PAGES {
        let path = path.replace("{id}", "none");
        let anonymous = nobody.get(&path).await;
        let Some(least) = least else { continue };
        assert_eq!(anonymous.status(), 303, "{path} for nobody");
        assert!(location(&anonymous).starts_with("/sign-in"), "{path}: {}", location(&anonymous));
        let (status, page) = {
            let answer = viewer.get(&path).await;
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        if least > Viewer {
            assert_eq!(status, 403, "{path} for a viewer: {page}");
        } else {
            assert!([200, 404].contains(&status), "{path} for a viewer: {status}");
        }
        let status = administrator.get(&path).await.status().as_u16();
        assert!([200, 404].contains(&status), "{path} for an administrator: {status}");
    }
    for other in ["/runs/none/log.txt", "/restores/none/log.txt"] {
        assert_eq!(nobody.get(other).await.status(), 303, "{other}");
        assert_eq!(viewer.get(other).await.status(), 404, "{other}");
    }
    assert_eq!(nobody.get("/events").await.status(), 401);
    stage.stop().await;
}

#[tokio::test]
async fn signing_in_leads_back_to_where_one_wanted_to_go() {
    let stage = Stage::new().await;
    stage.account("ada", Administrator).await;
    let mut browser = stage.browser();
    let led = location(&browser.get("/runs?phase=failed&text=a%20b").await);
    assert_eq!(led, "/sign-in?next=%2Fruns%3Fphase%3Dfailed%26text%3Da%2520b");
    let form = [("name", "ada"), ("password", crate::stage::PASSWORD), ("next", "/runs?phase=failed&text=a%20b")];
    let answer = browser.post("/sign-in", &form).await;
    assert_eq!(location(&answer), "/runs?phase=failed&text=a%20b");
    browser.keep(&answer);
    assert_eq!(browser.get("/runs?phase=failed&text=a%20b").await.status(), 200);
    assert_eq!(location(&browser.get("/sign-in").await), "/");
    assert_eq!(location(&browser.get("/setup").await), "/");
    let elsewhere = [("name", "ada"), ("password", crate::stage::PASSWORD), ("next", "//evil.example/")];
    assert_eq!(location(&stage.browser().post("/sign-in", &elsewhere).await), "/");
    stage.stop().await;
}
