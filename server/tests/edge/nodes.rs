//! Two nodes on one PostgreSQL: whoever is signed in on one is signed in on the other, what changes on one is told on the other,
//! and what is revoked on one ends on the other.

use crate::{
    postgres,
    stage::{Browser, PASSWORD, Stage, location},
};
use futures::StreamExt;
use model::account::Role::{Administrator, Operator};
use reqwest::Response;
use serde_json::{Value, json};
use server::{cli::Settings, serve::Limits};
use std::time::{Duration, Instant};

/// The relay looks every 300 ms.
const RELAYED: Duration = Duration::from_secs(5);

async fn node(url: &str) -> Stage {
    Stage::with(Settings { database_url: Some(url.into()), ..Settings::default() }, Limits::default()).await
}

/// The same browser, led to the other node by whatever balances between them.
fn on(node: &Stage, browser: &Browser) -> Browser {
    Browser { base: node.base.clone(), ..browser.clone() }
}

/// Reads an event stream until a line of it says this; what came before is answered.
async fn hears(stream: &mut (impl StreamExt<Item = reqwest::Result<bytes::Bytes>> + Unpin), line: &str) -> String {
    let mut heard = String::new();
    let reading = async {
        while !heard.lines().any(|said| said == line) {
            let chunk = stream.next().await.expect("the stream goes on").unwrap();
            heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(RELAYED, reading).await.unwrap_or_else(|_| panic!("{line} was not heard"));
    heard
}

async fn answers(status: u16, ask: impl AsyncFn() -> Response) {
    let began = Instant::now();
    loop {
        let answer = ask().await.status().as_u16();
        if answer == status {
            return;
        }
        assert!(began.elapsed() < RELAYED, "still {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_sessions_and_events() {
    let Some(url) = postgres::database().await else { return };
    let (one, two) = (node(&url).await, node(&url).await);
    let here = one.signed_in("ada", Administrator).await;
    let there = on(&two, &here);
    assert_eq!(there.get("/runs").await.status(), 200, "signed in on both");

    // A change on one node is told on the other, and on its own.
    let mut stream = there.get("/events").await.bytes_stream();
    let mut own = here.get("/events").await.bytes_stream();
    let hello = hears(&mut stream, "event: hello").await;
    assert!(!hello.contains("data: users"));
    assert_eq!(here.call("/api/users/add", &json!({"name": "otto", "role": "operator"})).await.status(), 200);
    hears(&mut stream, "data: users").await;
    hears(&mut own, "data: users").await;
    // And the other way round.
    assert_eq!(there.call("/api/users/add", &json!({"name": "vera", "role": "viewer"})).await.status(), 200);
    hears(&mut own, "data: users").await;

    // A role that is taken on one node is not believed on the other, however fresh what it remembers is.
    let otto = two.account("olga", Operator).await;
    let mut olga = two.browser();
    assert_eq!(olga.sign_in("olga", PASSWORD).await, "/");
    assert_ne!(olga.call("/api/definitions/pause", &json!({"id": "none"})).await.status(), 403);
    let demoted = here.call("/api/users/role", &json!({"id": otto.0, "role": "viewer"})).await;
    assert_eq!(demoted.status(), 200);
    answers(403, async || olga.call("/api/definitions/pause", &json!({"id": "none"})).await).await;

    // A session that is revoked on one node ends on the other, with its event stream.
    let seen: Value = on(&one, &olga).call("/api/account/sessions", &json!({})).await.json().await.unwrap();
    assert_eq!(seen.as_array().unwrap().len(), 1);
    let listening = olga.get("/events").await;
    assert_eq!(location(&on(&one, &olga).post("/sign-out", &[]).await), "/sign-in");
    answers(401, async || olga.call("/api/account/me", &json!({})).await).await;
    tokio::time::timeout(RELAYED, listening.text()).await.expect("its stream ends").unwrap();
    assert_eq!(there.get("/runs").await.status(), 200, "nobody else's");

    drop((stream, own));
    one.stop().await;
    two.stop().await;
    postgres::drop_database(&url).await;
}
