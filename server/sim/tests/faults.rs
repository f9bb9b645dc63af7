//! Faults as data: each does what it says, as often as it says.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "measures real time")]

#[path = "support/bed.rs"]
mod bed;

use std::time::{Duration, Instant};

use bed::{Bed, VELERO};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

async fn with(effect: Value) -> Bed {
    let bed = Bed::with(json!({"server_down": true})).await;
    bed.control("fault", json!([{"path": "/backups", "times": 1, "effect": effect}])).await;
    bed
}

fn backups() -> String {
    format!("{VELERO}/backups")
}

#[tokio::test]
async fn statuses_pages_and_echoes() {
    for (effect, code, piece) in [
        (json!({"kind": "status", "code": 409}), 409, "Conflict"),
        (json!({"kind": "status", "code": 429, "retry_after": 7}), 429, "TooManyRequests"),
        (json!({"kind": "status", "code": 500, "message": "etcdserver: request timed out"}), 500, "etcdserver"),
        (json!({"kind": "html", "code": 502}), 502, "502 Bad Gateway"),
        (json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": "{"}), 200, "{"),
        (json!({"kind": "echo_credential", "code": 401}), 401, "sim-t-token"),
    ] {
        let bed = with(effect.clone()).await;
        let answer = bed.request(Method::GET, &backups()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), code);
        assert_eq!(answer.headers().contains_key("retry-after"), code == 429);
        let body = answer.text().await.unwrap();
        assert!(body.contains(piece), "{effect}: {body}");
        assert_eq!(bed.get(&backups()).await.0, 200, "once only");
    }
}

#[tokio::test]
async fn redirects_are_sent_as_told() {
    let bed = with(json!({"kind": "redirect", "to": "http://elsewhere.example/"})).await;
    let answer = bed.request(Method::GET, &backups()).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (302, "http://elsewhere.example/")
    );
}

#[tokio::test]
async fn connections_break_and_answers_get_lost() {
    let body = json!({"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": "a"}, "spec": {}});
    for (kind, stored) in [("drop", 404), ("lost_answer", 200), ("truncated", 200)] {
        let bed = with(json!({"kind": kind})).await;
        let answer = bed.request(Method::POST, &backups()).json(&body).send().await;
        let broken = match answer {
            Ok(answer) => answer.text().await.is_err(),
            Err(_) => true,
        };
        assert!(broken, "{kind}");
        assert_eq!(bed.get(&format!("{}/a", backups())).await.0, stored, "{kind}");
    }
}

#[tokio::test]
async fn answers_hang_drip_dawdle_and_swell() {
    let bed = with(json!({"kind": "hang"})).await;
    let waiting = tokio::time::timeout(Duration::from_millis(300), bed.get(&backups())).await;
    assert!(waiting.is_err());
    let bed = with(json!({"kind": "drip"})).await;
    let answer = bed.request(Method::GET, &backups()).send().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(700), answer.text()).await.is_err());
    let bed = with(json!({"kind": "slow", "ms": 200})).await;
    let start = Instant::now();
    assert_eq!(bed.get(&backups()).await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(200));
    let bed = with(json!({"kind": "huge", "bytes": 1_000_000})).await;
    let answer = bed.request(Method::GET, &backups()).send().await.unwrap();
    assert!(answer.bytes().await.unwrap().len() >= 1_000_000);
}

#[tokio::test]
async fn watches_drop_or_are_gone() {
    let bed = Bed::new().await;
    bed.control("fault", json!([{"effect": {"kind": "watch_dropped", "after_ms": 100}}])).await;
    let read = async |bed: &Bed| {
        let answer =
            bed.request(Method::GET, &format!("{}?watch=1&resourceVersion=0", backups())).send().await.unwrap();
        let chunks: Vec<_> = answer.bytes_stream().collect().await;
        chunks.into_iter().map(|c| String::from_utf8(c.unwrap().to_vec()).unwrap()).collect::<String>()
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(2), read(&bed)).await.unwrap(), "");
    assert_eq!(bed.get(&backups()).await.0, 200, "lists are left alone");
    bed.client.delete(format!("{}/control/t/fault", bed.base)).send().await.unwrap();
    bed.control("fault", json!([{"effect": {"kind": "watch_gone"}}])).await;
    assert!(read(&bed).await.contains("\"type\":\"ERROR\""));
}

#[tokio::test]
async fn scenarios_are_isolated() {
    let bed = with(json!({"kind": "status", "code": 500})).await;
    let url = format!("{}/s/other/velero{}", bed.base, backups());
    let answer = bed.client.get(url).bearer_auth("sim-other-token").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(bed.get(&backups()).await.0, 500);
}
