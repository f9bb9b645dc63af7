//! A served world with a manual clock, and a client of one account.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sim::{Clock, World};

pub struct Bed {
    pub world: World,
    pub base: String,
    pub account: String,
    client: Client,
}

/// One answer, read.
pub struct Got {
    pub code: u16,
    pub kind: String,
    pub etag: String,
    pub location: String,
    pub body: Value,
}

impl Got {
    /// The number of the problem, or 0.
    pub fn problem(&self) -> u32 {
        let kind = self.body["type"].as_str().unwrap_or_default();
        kind.strip_prefix("https://astra.netapp.io/problems/").and_then(|n| n.parse().ok()).unwrap_or(0)
    }

    /// Code and problem.
    pub fn refusal(&self) -> (u16, u32) {
        if self.code >= 400 {
            assert_eq!(self.kind, "application/problem+json");
            assert_eq!(self.body["status"], json!(self.code.to_string()), "status is a string");
        }
        (self.code, self.problem())
    }

    pub fn id(&self) -> String {
        assert!(self.code < 300, "{}", self.body);
        self.body["id"].as_str().unwrap().to_owned()
    }

    pub fn items(&self) -> &Vec<Value> {
        assert_eq!(self.code, 200, "{}", self.body);
        self.body["items"].as_array().unwrap()
    }
}

impl Bed {
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// The scenario is `t`; the time starts at 2026-10-03T01:59:30Z, a Saturday.
    pub async fn with(seed: Value) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::new(Clock::manual("2026-10-03T01:59:30Z".parse().unwrap()));
        world.seed_system("t", "astra", &seed).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let state = world.system_state("t", "astra").unwrap();
        let account = state["account_id"].as_str().unwrap().to_owned();
        Self { world, base, account, client }
    }

    pub fn advance(&self, seconds: f64) {
        assert!(self.world.advance(Duration::from_secs_f64(seconds)));
    }

    pub fn command(&self, verb: &str, body: Value) -> Value {
        self.world.command("t", "astra", verb, &body).unwrap()
    }

    /// `path` begins below the account, or with `//` for the raw path after the system.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix("//") {
            Some(raw) => format!("{}/s/t/astra/{raw}", self.base),
            None => format!("{}/s/t/astra/accounts/{}{path}", self.base, self.account),
        };
        self.client.request(method, url)
    }

    pub async fn send(&self, request: RequestBuilder) -> Got {
        read(request.bearer_auth("sim-t-token").send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Got {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Got {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Got {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Got {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// The identifier of what has that name.
    pub fn id(&self, resource: &str, name: &str) -> String {
        let state = self.world.system_state("t", "astra").unwrap();
        let all = state["resources"][resource].as_array().unwrap();
        let found = all.iter().find(|value| value["name"] == name);
        found.unwrap_or_else(|| panic!("no {resource} {name}"))["id"].as_str().unwrap().to_owned()
    }

    pub fn app(&self, name: &str) -> String {
        self.id("app", name)
    }

    /// Orders a backup of an app. The answer is its path.
    pub async fn back_up(&self, app: &str, name: &str) -> String {
        let all = format!("/k8s/v1/apps/{}/appBackups", self.app(app));
        let body = json!({"type": "application/astra-appBackup", "version": "1.2", "name": name});
        format!("{all}/{}", self.post(&all, body).await.id())
    }

    /// A finished backup. The answer is its identifier.
    pub async fn backed_up(&self, app: &str, name: &str) -> String {
        let path = self.back_up(app, name).await;
        self.advance(300.0);
        assert_eq!(self.get(&path).await.body["state"], "completed");
        path.rsplit_once('/').unwrap().1.to_owned()
    }

    /// The states that something went through, in steps of `step` seconds.
    pub async fn states(&self, path: &str, step: f64, steps: usize) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..steps {
            let got = self.get(path).await;
            let state = if got.code == 404 { "(gone)" } else { got.body["state"].as_str().unwrap() };
            if seen.last().map(String::as_str) != Some(state) {
                seen.push(state.to_owned());
            }
            self.advance(step);
        }
        seen
    }
}

pub async fn read(answer: Response) -> Got {
    let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let (kind, etag, location) = (header("content-type"), header("etag"), header("location"));
    let code = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Got { code, kind, etag, location, body }
}
