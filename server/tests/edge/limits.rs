//! What a client may take: time for headers, connections, event streams.

use crate::stage::Stage;
use model::account::Role::Viewer;
use server::{cli::Settings, events::stream::PER_SESSION, serve::Limits};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn slow_headers_are_cut() {
    let limits = Limits { headers: Duration::from_millis(300), ..Limits::default() };
    let stage = Stage::with(Settings::default(), limits).await;
    for begun in ["", "P", "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: "] {
        let before = Instant::now();
        let mut slow = TcpStream::connect(stage.address).await.unwrap();
        slow.write_all(begun.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        timeout(SOON, slow.read_to_end(&mut rest)).await.expect("the connection was kept").unwrap();
        assert!(before.elapsed() >= Duration::from_millis(250), "{begun:?} was cut at once");
    }
    assert_eq!(stage.browser().get("/healthz").await.status(), 200);
    stage.stop().await;
}

#[tokio::test]
async fn connections_have_a_cap_and_wait_their_turn() {
    let stage = Stage::with(Settings::default(), Limits { connections: 2, ..Limits::default() }).await;
    let held: Vec<TcpStream> =
        vec![TcpStream::connect(stage.address).await.unwrap(), TcpStream::connect(stage.address).await.unwrap()];
    tokio::time::sleep(Duration::from_millis(100)).await;
    let browser = stage.browser();
    let waiting = tokio::spawn(async move { browser.get("/healthz").await.status() });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "a third connection was served");
    drop(held);
    assert_eq!(timeout(SOON, waiting).await.unwrap().unwrap(), 200);
    stage.stop().await;
}

#[tokio::test]
async fn an_event_stream_greets_and_tells_and_has_a_cap() {
    let stage = Stage::new().await;
    let browser = stage.signed_in("vera", Viewer).await;
    let mut first = browser.get("/events").await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["content-type"], "text/event-stream");
    assert_eq!(first.headers()["x-accel-buffering"], "no");
    assert!(first.headers().get("content-encoding").is_none());
    let mut heard = String::new();
    let mut read_until = async |what: &str| {
        while !heard.contains(what) {
            let chunk = timeout(SOON, first.chunk()).await.unwrap_or_else(|_| panic!("no {what} in {heard}"));
            heard.push_str(std::str::from_utf8(&chunk.unwrap().expect("the stream ended")).unwrap());
        }
    };
    read_until("event: hello").await;
    stage.console.events().publish("sessions:somebody-else");
    stage.console.events().publish("runs:r1");
    read_until("data: runs:r1").await;
    assert!(!heard.contains("somebody-else"), "{heard}");

    let mut open = Vec::new();
    for _ in 1..PER_SESSION {
        let one = browser.get("/events").await;
        assert_eq!(one.status(), 200);
        open.push(one);
    }
    assert_eq!(browser.get("/events").await.status(), 429);
    open.pop();
    let again = async {
        while browser.get("/events").await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, again).await.expect("a closed stream made no room");
    stage.stop().await;
}
