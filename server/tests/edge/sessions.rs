//! Set-up, sign-in, throttling, one-time passwords, revocation, expiry.

use crate::stage::{PASSWORD, Stage, location};
use model::account::Role::{Administrator, Operator, Viewer};
use serde_json::{Value, json};
use server::{auth, cli::Settings, serve::Limits};
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_first_administrator_is_made_once_and_with_the_code() {
    let stage = Stage::new().await;
    let code = stage.setup_code.clone().unwrap();
    let mut browser = stage.browser();
    for path in ["/", "/sign-in", "/definitions"] {
        assert_eq!(location(&browser.get(path).await), "/setup", "{path}");
    }
    assert_eq!(browser.get("/setup").await.status(), 200);

    let form = |code: &str, name: &str, password: &str, again: &str| {
        [("code", code), ("name", name), ("password", password), ("again", again)].map(|(k, v)| (k, v.to_owned()))
    };
    let cases = [
        (form("aaaa-bbbb-cccc-dddd", "ada", PASSWORD, PASSWORD), "/setup?problem=code"),
        (form(&code, "a b", PASSWORD, PASSWORD), "/setup?problem=name"),
        (form(&code, "ada", "short", "short"), "/setup?problem=password"),
        (form(&code, "ada", PASSWORD, "something else"), "/setup?problem=mismatch"),
    ];
    for (form, led) in cases {
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let answer = browser.post("/setup", &form).await;
        assert!(location(&answer).starts_with(led), "{}", location(&answer));
        assert!(answer.headers().get("set-cookie").is_none());
        assert!(!location(&answer).contains("horse"), "no password in an address");
        assert!(!location(&answer).contains(&code), "nor a code that is still good");
    }
    // Typed by hand, from a screen: case and dashes don't count.
    let typed = code.to_uppercase().replace('-', " ");
    let good = [("code", typed.as_str()), ("name", "ada"), ("password", PASSWORD), ("again", PASSWORD)];
    let made = browser.post("/setup", &good).await;
    assert_eq!(location(&made), "/");
    browser.keep(&made);
    assert_eq!(browser.get("/").await.status(), 200);

    let again = [("code", code.as_str()), ("name", "eve"), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(location(&stage.browser().post("/setup", &again).await), "/sign-in");
    assert_eq!(location(&stage.browser().get("/setup").await), "/sign-in");
    assert_eq!(stage.console.store().users().await.unwrap().len(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn two_set_ups_at_once_make_one_account() {
    let stage = Stage::new().await;
    let code = stage.setup_code.clone().unwrap();
    let post = |name: &'static str| {
        let (browser, code) = (stage.browser(), code.clone());
        async move {
            let form = [("code", code.as_str()), ("name", name), ("password", PASSWORD), ("again", PASSWORD)];
            location(&browser.post("/setup", &form).await)
        }
    };
    let mut led = [post("ada"), post("eve")].map(tokio::spawn).into_iter().map(|t| async { t.await.unwrap() });
    let (a, b) = (led.next().unwrap().await, led.next().unwrap().await);
    let mut both = [a, b];
    both.sort_unstable();
    assert_eq!(both, ["/", "/sign-in"]);
    assert_eq!(stage.console.store().users().await.unwrap().len(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn the_cookie_is_marked_as_the_connection_allows() {
    for (public, marks) in [
        (None, vec!["holdfast=", "Path=/", "HttpOnly", "SameSite=Lax"]),
        (Some("https://backups.example.com"), vec!["__Host-holdfast=", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"]),
    ] {
        let settings = Settings { public_url: public.map(str::to_owned), ..Settings::default() };
        let stage = Stage::with(settings, Limits::default()).await;
        stage.account("ada", Administrator).await;
        let answer = stage.browser().post("/sign-in", &[("name", "ada"), ("password", PASSWORD)]).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.starts_with(marks[0]), "{cookie}");
        for mark in &marks[1..] {
            assert!(cookie.split("; ").any(|part| part == *mark), "{cookie} has no {mark}");
        }
        assert_eq!(cookie.contains("Secure"), public.is_some());
        assert!(!cookie.contains("Domain"), "{cookie}");
        let secret = cookie.split(['=', ';']).nth(1).unwrap();
        assert_eq!(secret.len(), 43, "256 bits in base64");
        assert_eq!(answer.headers().contains_key("strict-transport-security"), public.is_some());
        stage.stop().await;
    }
}

#[tokio::test]
async fn an_unknown_account_a_disabled_one_and_a_wrong_password_look_alike() {
    let stage = Stage::new().await;
    stage.account("ada", Administrator).await;
    let gone = stage.account("dora", Viewer).await;
    stage.console.store().set_disabled(&gone, true, &server::store::AuditRow::default()).await.unwrap();
    let browser = stage.browser();
    let ask = async |name: &str, password: &str| {
        let before = Instant::now();
        let answer = browser.post("/sign-in", &[("name", name), ("password", password)]).await;
        assert_eq!(answer.status(), 303);
        assert!(answer.headers().get("set-cookie").is_none());
        (location(&answer).replace(name, "NAME"), before.elapsed())
    };
    let mut times = [Vec::new(), Vec::new()];
    let mut told = Vec::new();
    for round in 0..4 {
        for (i, name) in ["ada", "nobody"].into_iter().enumerate() {
            let (led, took) = ask(name, &format!("wrong password {round}")).await;
            told.push(led);
            times[i].push(took);
        }
    }
    told.push(ask("dora", PASSWORD).await.0);
    assert!(told.iter().all(|led| led == "/sign-in?problem=wrong&name=NAME"), "{told:?}");
    let middle = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let (known, unknown) = (middle(&mut times[0]), middle(&mut times[1]));
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.4..2.5).contains(&ratio), "known {known:?}, unknown {unknown:?}");
    stage.stop().await;
}

#[tokio::test]
async fn guesses_make_one_wait_longer_and_longer() {
    let stage = Stage::new().await;
    stage.account("ada", Administrator).await;
    let mut browser = stage.browser();
    for _ in 0..5 {
        assert!(browser.sign_in("ada", "wrong wrong wrong").await.starts_with("/sign-in?problem=wrong"));
    }
    // The right password does not help while the account waits: nothing is looked at.
    let led = browser.sign_in("ada", PASSWORD).await;
    assert!(led.starts_with("/sign-in?problem=throttled&after=5"), "{led}");
    stage.clock.advance(5_000);
    assert!(browser.sign_in("ada", "wrong wrong wrong").await.starts_with("/sign-in?problem=wrong"));
    let led = browser.sign_in("ada", PASSWORD).await;
    assert!(led.starts_with("/sign-in?problem=throttled&after=10"), "{led}");
    // Somebody else is not held up, and the owner gets in when the wait is over.
    stage.account("bob", Viewer).await;
    assert_eq!(stage.browser().sign_in("bob", PASSWORD).await, "/");
    stage.clock.advance(10_000);
    assert_eq!(browser.sign_in("ada", PASSWORD).await, "/");
    assert_eq!(browser.sign_in("ada", "wrong wrong wrong").await, "/sign-in?problem=wrong&name=ada", "counted anew");
    stage.stop().await;
}

#[tokio::test]
async fn guesses_sent_at_once_are_counted_too() {
    let stage = Stage::new().await;
    stage.account("ada", Administrator).await;
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let mut browser = stage.browser();
            tokio::spawn(async move { browser.sign_in("ada", "wrong wrong wrong").await })
        })
        .collect();
    let mut looked_at = 0;
    for one in tries {
        looked_at += usize::from(one.await.unwrap().contains("problem=wrong"));
    }
    // Two are hashed at a time, so that one may slip past the count.
    assert!((5..=6).contains(&looked_at), "{looked_at} guesses were looked at");
    stage.stop().await;
}

#[tokio::test]
async fn one_address_may_not_try_all_names() {
    let stage = Stage::new().await;
    stage.account("ada", Administrator).await;
    for i in 0..30 {
        assert!(stage.browser().sign_in(&format!("user{i}"), "password one two").await.contains("problem=wrong"));
    }
    assert!(stage.browser().sign_in("user31", "password one two").await.contains("problem=throttled"));
    stage.stop().await;
}

#[tokio::test]
async fn a_revoked_session_ends_at_once() {
    let stage = Stage::new().await;
    let here = stage.signed_in("ada", Administrator).await;
    let mut there = stage.browser();
    there.sign_in("ada", PASSWORD).await;
    assert_eq!(there.get("/settings/account").await.status(), 200);

    let seen: Value = here.call("/api/account/sessions", &json!({})).await.json().await.unwrap();
    let other = seen.as_array().unwrap().iter().find(|s| s["current"] == false).unwrap()["id"].clone();
    let stream = there.get("/events").await;
    assert_eq!(here.call("/api/account/sessions/revoke", &json!({"id": other})).await.status(), 200);
    assert_eq!(there.call("/api/account/me", &json!({})).await.status(), 401);
    let led = there.get("/runs").await;
    assert_eq!(location(&led), "/sign-in?problem=expired&next=%2Fruns");
    assert!(led.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    // Its event stream ends too.
    tokio::time::timeout(Duration::from_secs(5), stream.text()).await.unwrap().unwrap();
    // Somebody else's session can't be ended.
    let bob = stage.signed_in("bob", Viewer).await;
    let mine = seen.as_array().unwrap().iter().find(|s| s["current"] == true).unwrap()["id"].clone();
    assert_eq!(bob.call("/api/account/sessions/revoke", &json!({"id": mine})).await.status(), 404);
    assert_eq!(here.get("/").await.status(), 200);
    stage.stop().await;
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("ada", Administrator).await;
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!((out.status().as_u16(), location(&out).as_str()), (303, "/sign-in"));
    assert_eq!(browser.call("/api/account/me", &json!({})).await.status(), 401, "also with the old cookie");
    stage.stop().await;
}

#[tokio::test]
async fn an_unused_session_ends_and_a_used_one_does_not_last_for_ever() {
    let stage = Stage::new().await;
    let idle = stage.signed_in("ada", Administrator).await;
    stage.clock.advance(auth::IDLE_MS + 1);
    assert_eq!(idle.call("/api/account/me", &json!({})).await.status(), 401);

    let mut used = stage.browser();
    used.sign_in("ada", PASSWORD).await;
    let (mut lived, step) = (0, auth::IDLE_MS / 2);
    while used.call("/api/account/me", &json!({})).await.status() == 200 {
        stage.clock.advance(step);
        lived += step;
        assert!(lived <= auth::ABSOLUTE_MS, "it outlived the absolute limit");
    }
    assert_eq!(lived, auth::ABSOLUTE_MS);
    stage.stop().await;
}

/// A page that is left open fetches itself anew and listens; none of that is somebody's doing.
#[tokio::test]
async fn a_page_left_open_does_not_keep_the_session_alive() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("ada", Administrator).await;
    let stream = browser.get("/events").await;
    let (mut lived, step) = (0, auth::IDLE_MS / 3);
    while browser.get("/runs").await.status() == 200 {
        stage.clock.advance(step);
        lived += step;
        assert!(lived <= auth::IDLE_MS, "fetching and listening kept it alive");
        stage.console.events().publish("users");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::timeout(Duration::from_secs(5), stream.text()).await.unwrap().unwrap();

    // Going from page to page is somebody's doing, also right after a page has fetched itself.
    let browser = stage.signed_in("bob", Viewer).await;
    for _ in 0..6 {
        stage.clock.advance(step);
        assert_eq!(browser.get("/runs").await.status(), 200, "before its end");
        let page = browser.request(reqwest::Method::GET, "/runs").header("accept", "text/html,*/*;q=0.8");
        assert_eq!(page.send().await.unwrap().status(), 200);
    }
    stage.stop().await;
}

#[tokio::test]
async fn a_one_time_password_opens_nothing_but_the_change_of_it() {
    let stage = Stage::new().await;
    let admin = stage.signed_in("ada", Administrator).await;
    let made = admin.call("/api/users/add", &json!({"name": "otto", "role": "operator"})).await;
    let secret: String = made.json().await.unwrap();
    let mut otto = stage.browser();
    assert_eq!(otto.sign_in("otto", &secret).await, "/settings/account?must-change=1");
    assert_eq!(location(&otto.get("/definitions").await), "/settings/account?must-change=1");
    assert_eq!(otto.get("/settings/account?must-change=1").await.status(), 200);
    assert_eq!(otto.call("/api/definitions/list", &json!({"filter": {}})).await.status(), 403);

    let change =
        async |old: &str, new: &str| otto.call("/api/account/password", &json!({"old": old, "new": new})).await;
    assert_eq!(change(&secret, "short").await.status(), 422);
    assert_eq!(change(&secret, &secret).await.status(), 422);
    assert_eq!(change("not the one", "a much better password").await.status(), 422);
    assert_eq!(change(&secret, "a much better password").await.status(), 200);
    assert_eq!(otto.get("/definitions").await.status(), 200);
    assert_eq!(stage.browser().sign_in("otto", &secret).await, "/sign-in?problem=wrong&name=otto");
    assert_eq!(stage.browser().sign_in("otto", "a much better password").await, "/");
    stage.stop().await;
}

#[tokio::test]
async fn roles_and_locks_count_at_once_and_spare_the_last_administrator() {
    let stage = Stage::new().await;
    let admin = stage.signed_in("ada", Administrator).await;
    let otto = stage.signed_in("otto", Operator).await;
    let users: Value = admin.call("/api/users/list", &json!({})).await.json().await.unwrap();
    let id = |name: &str| users["users"].as_array().unwrap().iter().find(|u| u["name"] == name).unwrap()["id"].clone();

    let demote = json!({"id": id("ada"), "role": "viewer"});
    let kept = admin.call("/api/users/role", &demote).await;
    assert_eq!(kept.status(), 409, "{}", kept.text().await.unwrap());
    assert_eq!(admin.call("/api/users/disabled", &json!({"id": id("ada"), "disabled": true})).await.status(), 409);
    assert_eq!(admin.call("/api/users/list", &json!({})).await.status(), 200);

    assert_ne!(otto.call("/api/definitions/pause", &json!({"id": "none"})).await.status(), 403);
    assert_eq!(admin.call("/api/users/role", &json!({"id": id("otto"), "role": "viewer"})).await.status(), 200);
    assert_eq!(otto.call("/api/definitions/pause", &json!({"id": "none"})).await.status(), 403);
    assert_eq!(admin.call("/api/users/disabled", &json!({"id": id("otto"), "disabled": true})).await.status(), 200);
    assert_eq!(otto.call("/api/account/me", &json!({})).await.status(), 401);
    assert_eq!(stage.browser().sign_in("otto", PASSWORD).await, "/sign-in?problem=wrong&name=otto");
    assert_eq!(admin.call("/api/users/role", &json!({"id": "none", "role": "viewer"})).await.status(), 404);
    assert_eq!(admin.call("/api/users/add", &json!({"name": "otto", "role": "viewer"})).await.status(), 422, "taken");
    stage.stop().await;
}
