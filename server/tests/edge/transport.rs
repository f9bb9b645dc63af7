//! Origins, headers, assets, the body limit.

use crate::stage::{FORM, PASSWORD, Stage, encoded};
use model::account::Role::{Administrator, Viewer};
use reqwest::{Method, Response};
use serde_json::json;
use server::{cli::Settings, serve::Limits};

#[tokio::test]
async fn what_another_site_sends_is_refused() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("ada", Administrator).await;
    let sent = async |headers: &[(&str, &str)], path: &str| {
        let mut request = browser.client.post(format!("{}{path}", stage.base)).header("content-type", FORM);
        request = request.header("cookie", browser.cookie.as_ref().unwrap());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body("").send().await.unwrap().status().as_u16()
    };
    let own = stage.base.as_str();
    for path in ["/sign-out", "/sign-in", "/setup", "/preferences", "/api/account/me", "/nowhere"] {
        assert_eq!(sent(&[], path).await, 403, "{path} without an origin");
        assert_eq!(sent(&[("origin", "https://evil.example")], path).await, 403, "{path} from elsewhere");
        assert_eq!(sent(&[("origin", "null")], path).await, 403, "{path} from nowhere");
        assert_eq!(sent(&[("origin", own), ("sec-fetch-site", "cross-site")], path).await, 403, "{path} contradicting");
    }
    assert_eq!(browser.get("/").await.status(), 200, "nobody was signed out");
    assert_eq!(sent(&[("origin", own), ("sec-fetch-site", "same-origin")], "/sign-out").await, 303);
    stage.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_the_public_address_is_the_origin() {
    let settings = Settings {
        public_url: Some("https://backups.example.com".into()),
        trusted_proxies: Some("127.0.0.1".into()),
        ..Settings::default()
    };
    let stage = Stage::with(settings, Limits::default()).await;
    stage.account("ada", Administrator).await;
    let sent = stage
        .browser()
        .client
        .post(format!("{}/sign-in", stage.base))
        .header("origin", "https://backups.example.com")
        .header("x-forwarded-for", "6.6.6.6, 203.0.113.9")
        .header("content-type", FORM)
        .body(encoded(&[("name", "ada"), ("password", PASSWORD)]))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 303);
    let ada = stage.console.store().user_by_name("ada").await.unwrap().unwrap();
    let sessions = stage.console.store().sessions(&ada.user.id, stage.clock.now()).await.unwrap();
    assert_eq!(sessions[0].address, "203.0.113.9");
    stage.stop().await;
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).unwrap_or_else(|| panic!("no {name} on {}", answer.url())).to_str().unwrap()
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("ada", Administrator).await;
    let answers = [
        browser.get("/").await,
        browser.get("/definitions/none").await,
        browser.get("/no/such/page").await,
        stage.browser().get("/").await,
        browser.get("/assets/nothing.css").await,
        browser.call("/api/account/me", &json!({})).await,
        browser.call("/api/definitions/get", &json!({"id": "none"})).await,
        stage.browser().call("/api/account/me", &json!({})).await,
        browser.get("/healthz").await,
        browser.client.post(format!("{}/sign-out", stage.base)).send().await.unwrap(),
    ];
    for answer in &answers {
        assert_eq!(header(answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(answer, "referrer-policy"), "same-origin");
        assert!(header(answer, "content-security-policy").contains("frame-ancestors 'none'"));
        assert!(header(answer, "content-security-policy").starts_with("default-src 'none'"));
        assert!(header(answer, "permissions-policy").contains("camera=()"));
        assert_eq!(header(answer, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(header(answer, "cross-origin-resource-policy"), "same-origin");
        assert_eq!(header(answer, "cache-control"), "no-store");
        assert_eq!(header(answer, "x-request-id").len(), 16);
        assert!(!answer.headers().contains_key("strict-transport-security"), "not over plain HTTP");
        assert!(!answer.headers().contains_key("server"));
    }
    assert_eq!(answers[1].status(), 404);
    assert_eq!(answers[2].status(), 404);
    assert_eq!(header(&answers[2], "content-type"), "text/html; charset=utf-8");
    stage.stop().await;
}

#[tokio::test]
async fn every_script_of_a_page_carries_the_nonce_of_its_policy() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("ada", Administrator).await;
    let mut nonces = Vec::new();
    for path in ["/", "/settings/account", "/no/such/page", "/definitions/none"] {
        let answer = browser.get(path).await;
        let policy = header(&answer, "content-security-policy").to_owned();
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert!(policy.contains("'strict-dynamic' 'wasm-unsafe-eval'"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let page = answer.text().await.unwrap();
        let scripts: Vec<&str> = page.split("<script").skip(1).map(|s| s.split('>').next().unwrap()).collect();
        for script in &scripts {
            assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{path}: <script{script}>");
        }
        if path != "/no/such/page" {
            assert!(!scripts.is_empty(), "{path} starts its islands");
        }
        assert!(!page.contains(" style=\""), "{path}: inline styles are refused by the policy");
        assert!(!page.contains(" onclick="), "{path}");
        nonces.push(nonce);
    }
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), 4, "each page has a nonce of its own");
    stage.stop().await;
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("ada", Administrator).await;
    let long = "x".repeat(900_000);
    let fits = browser.call("/api/definitions/upcoming", &json!({"connection": "", "cron": long, "zone": ""})).await;
    assert_eq!(fits.status(), 200);
    let longer = "x".repeat(1_100_000);
    let refused =
        browser.call("/api/definitions/upcoming", &json!({"connection": "", "cron": longer, "zone": ""})).await;
    assert_eq!(refused.status(), 413);
    let error: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(error["kind"], "invalid");
    let refused = stage.browser().post("/sign-in", &[("name", "ada"), ("password", &longer)]).await;
    assert_eq!(refused.status(), 413);
    stage.stop().await;
}

#[tokio::test]
async fn health_needs_nobody() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    assert_eq!(browser.get("/healthz").await.status(), 200);
    assert_eq!(browser.get("/readyz").await.status(), 200);
    stage.console.store().close().await;
    assert_eq!(browser.get("/healthz").await.status(), 200);
    assert_eq!(browser.get("/readyz").await.status(), 503);
    stage.stop().await;
}

#[tokio::test]
async fn a_browser_keeps_its_colours() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("vera", Viewer).await;
    let chosen = browser
        .request(Method::POST, "/preferences")
        .header("referer", format!("{}/runs?phase=failed", stage.base))
        .header("content-type", FORM)
        .body("theme=dark")
        .send()
        .await
        .unwrap();
    assert_eq!((chosen.status().as_u16(), header(&chosen, "location")), (303, "/runs?phase=failed"));
    let cookie = header(&chosen, "set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(cookie, "theme=dark");
    let both = format!("{}; {cookie}", browser.cookie.as_ref().unwrap());
    let page = browser.client.get(&stage.base).header("cookie", both).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("data-theme=\"dark\""));
    stage.stop().await;
}

/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500` for localhost; worth nothing elsewhere.
fn test_certificate(file: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/tls").join(file)
}

#[tokio::test]
async fn it_speaks_https_by_itself() {
    let settings = Settings {
        tls_cert: Some(test_certificate("cert.pem")),
        tls_key: Some(test_certificate("key.pem")),
        ..Settings::default()
    };
    let limits = Limits { headers: std::time::Duration::from_millis(500), ..Limits::default() };
    let stage = Stage::with(settings, limits).await;
    stage.account("ada", Administrator).await;
    let trusted = reqwest::Certificate::from_pem(&std::fs::read(test_certificate("cert.pem")).unwrap()).unwrap();
    let base = format!("https://localhost:{}", stage.address.port());
    for http1 in [true, false] {
        let builder =
            reqwest::Client::builder().tls_certs_only([trusted.clone()]).redirect(reqwest::redirect::Policy::none());
        let client = if http1 { builder.http1_only() } else { builder }.build().unwrap();
        let answer = client
            .post(format!("{base}/sign-in"))
            .header("origin", &base)
            .header("content-type", FORM)
            .body(encoded(&[("name", "ada"), ("password", PASSWORD)]))
            .send()
            .await
            .unwrap();
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, "/"), "http1 {http1}");
        assert!(header(&answer, "set-cookie").starts_with("__Host-holdfast="));
        assert!(header(&answer, "set-cookie").contains("; Secure"));
        assert_eq!(header(&answer, "strict-transport-security"), "max-age=31536000");
    }
    // Who connects and never begins the handshake is cut.
    let mut silent = tokio::net::TcpStream::connect(stage.address).await.unwrap();
    let mut rest = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut silent, &mut rest);
    tokio::time::timeout(std::time::Duration::from_secs(5), read).await.expect("the connection was kept").unwrap();
    stage.stop().await;
}
