//! The seam, proved with a system that only counts.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{Answer, Kind, Request, System};
use crate::{Clock, World};

const TINY: &[Kind] = &[Kind {
    name: "tiny",
    make: |scenario, options, clock| {
        let start = options.get("start").and_then(Value::as_u64).unwrap_or(0);
        match options.as_object().and_then(|map| map.keys().find(|key| *key != "start")) {
            Some(unknown) => Err(format!("unknown field {unknown}")),
            None => {
                Ok(Box::new(Tiny { token: format!("sim-{scenario}-token"), count: start, since: clock.now(), age: 0 }))
            }
        }
    },
    announce: |base| vec![json!({"system": "tiny", "base_url": format!("{base}/s/demo/tiny")})],
}];

struct Tiny {
    token: String,
    count: u64,
    since: Timestamp,
    age: i64,
}

impl System for Tiny {
    fn catch_up(&mut self, now: Timestamp) {
        self.age = now.as_second() - self.since.as_second();
    }

    fn serve(&mut self, request: &Request) -> Answer {
        if request.bearer() != Some(self.token.as_str()) {
            return self.refusal(401, "no");
        }
        if request.method == Method::POST {
            self.count += 1;
            return Answer::empty(204).with("x-count", self.count.to_string()).with("bad name", "left out");
        }
        Answer::json(
            200,
            &json!({"path": request.path, "parts": request.segments(), "query": request.query, "raw": request.raw_query,
                "first": request.param("a"), "base": request.base, "body": request.json(), "age": self.age}),
        )
    }

    fn refusal(&self, code: u16, message: &str) -> Answer {
        Answer::text(code, "text/x-tiny", format!("tiny: {message}"))
    }

    fn class(&self, request: &Request) -> String {
        format!("{} thing", request.method)
    }

    fn dump(&self) -> Value {
        json!({"count": self.count})
    }

    fn command(&mut self, verb: &str, body: &Value) -> Result<Value, String> {
        if verb != "set" {
            return Err(format!("unknown verb {verb}"));
        }
        self.count = body.as_u64().ok_or("a number is wanted")?;
        Ok(self.dump())
    }
}

struct Bed {
    world: World,
    client: Client,
    base: String,
}

impl Bed {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::of(Clock::manual("2026-10-03T02:00:00Z".parse().unwrap()), TINY);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(crate::serve(listener, world.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { world, client, base }
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> (u16, String) {
        let request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth("sim-t-token");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.send(Method::GET, path, "").await.1).unwrap()
    }

    async fn control(&self, verb: &str, body: Value) -> (u16, String) {
        self.send(Method::POST, &format!("/control/t/tiny/{verb}"), &body.to_string()).await
    }
}

#[tokio::test]
async fn requests_arrive_as_they_were_sent() {
    let bed = Bed::new().await;
    let seen = bed.get("/s/t/tiny//v1/a%20b/?a=1&b=x%26y&a=2").await;
    assert_eq!(seen["path"], "//v1/a b/");
    assert_eq!(seen["parts"], json!(["v1", "a b"]));
    assert_eq!(seen["query"], json!([["a", "1"], ["b", "x&y"], ["a", "2"]]));
    assert_eq!((&seen["raw"], &seen["first"]), (&json!("a=1&b=x%26y&a=2"), &json!("1")));
    assert_eq!(seen["base"], format!("{}/s/t/tiny", bed.base));
    assert_eq!(seen["body"], Value::Null);
    assert_eq!(bed.get("/s/t/tiny").await["path"], "/");
    assert_eq!(bed.get("/s/t/tiny/%FF").await["path"], "/\u{fffd}");
    let answer = bed.client.post(format!("{}/s/t/tiny/x", bed.base)).bearer_auth("sim-t-token").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["x-count"].to_str().unwrap()), (204, "1"));
    assert!(!answer.headers().contains_key("content-type"));
    assert_eq!(bed.send(Method::GET, "/s/other/tiny/x", "").await, (401, "tiny: no".to_owned()));
    assert_eq!(bed.send(Method::GET, "/s/t/nothing/x", "").await.0, 404);
    let large = "x".repeat(4 * 1024 * 1024);
    assert_eq!(bed.send(Method::POST, "/s/t/tiny/x", &large).await.0, 413);
}

#[tokio::test]
async fn the_tests_side_seeds_commands_and_counts() {
    let bed = Bed::new().await;
    assert_eq!(bed.control("seed", json!({"start": 7})).await.0, 200);
    assert_eq!(bed.control("seed", json!({"wrong": 7})).await, (400, "{\"error\":\"unknown field wrong\"}".to_owned()));
    assert_eq!(bed.get("/control/t/tiny/state").await, json!({"count": 7}));
    assert_eq!(bed.control("set", json!(9)).await, (200, "{\"count\":9}".to_owned()));
    assert_eq!(bed.control("set", json!("x")).await.0, 400);
    assert_eq!(bed.control("fly", json!({})).await.0, 400);
    assert_eq!(bed.control("advance", json!({"seconds": 60})).await.0, 200);
    assert_eq!(bed.get("/s/t/tiny/x").await["age"], 60);
    let calls = bed.get("/control/t/tiny/calls").await;
    assert_eq!((&calls["total"], &calls["by"]["GET thing"]), (&json!(1), &json!(1)));
    assert_eq!(bed.world.system_state("t", "tiny"), Ok(json!({"count": 9})));
    assert!(bed.world.system_state("t", "astral").is_err());
    assert_eq!(bed.send(Method::GET, "/control/t/astral/state", "").await.0, 400);
    bed.world.seed_system("t", "tiny", &json!({})).unwrap();
    assert_eq!(bed.world.system_calls("t", "tiny").unwrap()["total"], 0);
    assert_eq!(bed.send(Method::GET, "/s/t/velero/version", "").await.0, 200, "Velero is beside it");
}

#[tokio::test]
async fn faults_speak_the_systems_own_form() {
    let bed = Bed::new().await;
    let x = "/s/t/tiny/x?a=1";
    for (effect, code, piece) in [
        (json!({"kind": "status", "code": 409, "message": "taken"}), 409, "tiny: taken"),
        (json!({"kind": "status", "code": 429, "retry_after": 7}), 429, "tiny: injected fault: Too Many Requests"),
        (json!({"kind": "html", "code": 502}), 502, "502 Bad Gateway"),
        (json!({"kind": "raw", "code": 200, "content_type": "text/plain", "body": "{"}), 200, "{"),
        (json!({"kind": "redirect", "to": "http://elsewhere.example/"}), 302, ""),
        (json!({"kind": "echo_credential", "code": 403}), 403, "Bearer sim-t-token"),
        (json!({"kind": "huge", "bytes": 100_000}), 200, "xxxx"),
        (json!({"kind": "slow", "ms": 1}), 200, "parts"),
    ] {
        bed.control("fault", json!([{"path": "x?a=1", "times": 1, "effect": effect}])).await;
        assert_eq!(bed.send(Method::GET, "/s/t/tiny/x?a=2", "").await.0, 200);
        let (status, body) = bed.send(Method::GET, x, "").await;
        assert_eq!(status, code, "{effect}");
        assert!(body.contains(piece), "{effect}: {body}");
    }
    for (kind, count) in [("drop", 0), ("lost_answer", 1), ("truncated", 2)] {
        bed.control("fault", json!([{"method": "post", "times": 1, "effect": {"kind": kind}}])).await;
        let request = bed.client.post(format!("{}{x}", bed.base)).bearer_auth("sim-t-token");
        let _ = request.send().await;
        assert_eq!(bed.world.system_state("t", "tiny"), Ok(json!({"count": count})), "{kind}");
    }
    bed.control("fault", json!([{"effect": {"kind": "hang"}}])).await;
    assert!(tokio::time::timeout(Duration::from_millis(200), bed.send(Method::GET, x, "")).await.is_err());
    bed.send(Method::DELETE, "/control/t/tiny/fault", "").await;
    assert_eq!(bed.send(Method::GET, x, "").await.0, 200);
}
