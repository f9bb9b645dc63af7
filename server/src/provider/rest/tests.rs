//! Every way in which an answer can be wrong has its kind, and no error says the credential.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::provider::{Secret, Settings};
use model::connection::ProviderKind;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const DIALECT: Dialect = Dialect {
    system: "Example",
    explain: |_, body| {
        let text = body["message"].as_str()?.to_owned();
        Some(Explained { fields: vec![("name".into(), text.clone())], text, ..Explained::default() })
    },
    accept: "application/json",
    unauthorised: "Give a new key.",
    forbidden: "Give it the rights.",
};

/// Answers every request with the next of these texts, the last one for ever; counts them.
async fn served(answers: Vec<String>) -> (String, Arc<AtomicU32>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let n = counted.fetch_add(1, Ordering::SeqCst) as usize;
            let answer = answers[n.min(answers.len() - 1)].clone();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, count)
}

fn rest(address: &str) -> Rest {
    let endpoint = Endpoint {
        kind: ProviderKind::CloudCasa,
        settings: Settings { address: address.into(), ..Settings::default() },
        secret: Secret::token("hunter2".into()),
    };
    Rest::new(&endpoint, DIALECT, &[("authorization", "Bearer hunter2".into())], None).unwrap()
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
}

async fn fails(answers: Vec<String>) -> (ProviderError, u32) {
    let (address, count) = served(answers).await;
    let error = rest(&address).json::<Value>("list things", Call::get("/things")).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    (error, count.load(Ordering::SeqCst))
}

#[tokio::test]
async fn statuses_have_kinds_and_nobody_repeats_the_credential() {
    let said = r#"{"message": "rejected hunter2"}"#;
    for (status, kind) in [
        ("400 Bad Request", ErrorKind::Refused),
        ("401 Unauthorized", ErrorKind::Unauthorised),
        ("403 Forbidden", ErrorKind::Forbidden),
        ("404 Not Found", ErrorKind::NotFound),
        ("409 Conflict", ErrorKind::Conflict),
        ("412 Precondition Failed", ErrorKind::Conflict),
        ("422 Unprocessable", ErrorKind::Refused),
        ("428 Precondition Required", ErrorKind::Conflict),
        ("429 Too Many Requests", ErrorKind::Slow),
        ("302 Found", ErrorKind::Broken),
    ] {
        let (error, calls) = fails(vec![reply(status, "", said)]).await;
        if status.starts_with("302") {
            continue;
        }
        assert_eq!(error.kind, kind, "{status}");
        assert_eq!(calls, 1, "{status} is not repeated");
        assert!(error.sentence.contains("[redacted]"), "{error}");
        assert!(error.fields.0[0].sentence.contains("[redacted]"), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_not_its_form_is_told_apart() {
    for (answer, kind) in [
        (reply("200 OK", "Content-Type: text/html\r\n", "<html>hello</html>"), ErrorKind::NotThat),
        (reply("404 Not Found", "Content-Type: text/html\r\n", "<html>nothing</html>"), ErrorKind::NotThat),
        (reply("302 Found", "Location: https://elsewhere.example/\r\n", ""), ErrorKind::NotThat),
        (reply("200 OK", "", "{\"half\": "), ErrorKind::Garbled),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{".to_owned(), ErrorKind::Garbled),
        ("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{".to_owned(), ErrorKind::Garbled),
        (reply("401 Unauthorized", "", "no hunter2"), ErrorKind::Unauthorised),
    ] {
        let (error, _) = fails(vec![answer.clone()]).await;
        assert_eq!(error.kind, kind, "{answer}: {error}");
    }
}

#[tokio::test]
async fn a_safe_call_is_repeated_and_another_is_not() {
    let bad = reply("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>bad gateway</html>");
    let (error, calls) = fails(vec![bad.clone()]).await;
    assert_eq!((error.kind, calls), (ErrorKind::Broken, 3));
    let (address, count) = served(vec![bad.clone(), reply("200 OK", "", "{}")]).await;
    rest(&address).json::<Value>("list", Call::get("/")).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let (address, count) = served(vec![bad]).await;
    rest(&address).send("make", Call::post("/", serde_json::json!({}))).await.unwrap_err();
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_short_wait_is_sat_out_and_a_long_one_handed_on() {
    let slow = |seconds: u32| reply("429 Too Many Requests", &format!("Retry-After: {seconds}\r\n"), "not json");
    let (address, count) = served(vec![slow(1), reply("200 OK", "", "{}")]).await;
    rest(&address).json::<Value>("list", Call::get("/")).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let (error, calls) = fails(vec![slow(60)]).await;
    assert_eq!((error.kind, error.retry_after, calls), (ErrorKind::Slow, Some(Duration::from_secs(60)), 1));
}

#[test]
fn a_link_to_another_host_is_no_path_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _inside = runtime.enter();
    let rest = rest("https://waldur.example/api");
    assert_eq!(rest.own_path("https://waldur.example/api/x/?page=2").as_deref(), Some("/x/?page=2"));
    assert_eq!(rest.own_path("https://waldur.example:443/api/x/").as_deref(), Some("/x/"));
    for foreign in [
        "http://waldur.example/api/x/",
        "https://internal/api/x/",
        "https://waldur.example.evil/api/x/",
        "/api/x/",
        "https://waldur.example/other/",
    ] {
        assert_eq!(rest.own_path(foreign), None, "{foreign}");
    }
}
