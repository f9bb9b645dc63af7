//! A served world with a manual clock, and a client that speaks to one scenario of it.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test file uses a part of it")]

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sim::{Clock, World};

pub const VELERO: &str = "/apis/velero.io/v1/namespaces/velero";

pub struct Bed {
    pub world: World,
    pub client: Client,
    pub base: String,
}

impl Bed {
    /// The scenario is always `t`; the time starts at 2026-10-03T01:59:30Z.
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    pub async fn with(seed: Value) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::new(Clock::manual("2026-10-03T01:59:30Z".parse().unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let bed = Self { world, client, base };
        bed.control("seed", seed).await;
        bed
    }

    pub async fn control(&self, verb: &str, body: Value) -> Value {
        let url = format!("{}/control/t/{verb}", self.base);
        let answer = self.client.post(url).json(&body).send().await.unwrap();
        let code = answer.status();
        let text = answer.text().await.unwrap();
        assert!(code.is_success(), "{verb}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub fn advance(&self, seconds: f64) {
        assert!(self.world.advance(Duration::from_secs_f64(seconds)));
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/s/t/velero{path}", self.base)).bearer_auth("sim-t-token")
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        split(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        split(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        split(self.request(Method::PUT, path).json(&body).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        split(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    pub async fn patch(&self, path: &str, media: &str, body: Value) -> (u16, Value) {
        let request = self.request(Method::PATCH, path).header("content-type", media).body(body.to_string());
        split(request.send().await.unwrap()).await
    }

    pub async fn merge(&self, path: &str, body: Value) -> (u16, Value) {
        self.patch(path, "application/merge-patch+json", body).await
    }

    /// POSTs an object of Velero's and expects it to be taken.
    pub async fn create(&self, plural: &str, kind: &str, name: &str, spec: Value) -> Value {
        let body = json!({"apiVersion": "velero.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec});
        let (code, object) = self.post(&format!("{VELERO}/{plural}"), body).await;
        assert_eq!(code, 201, "{object}");
        object
    }

    /// An object of Velero's, or null when it is gone.
    pub async fn object(&self, plural: &str, name: &str) -> Value {
        match self.get(&format!("{VELERO}/{plural}/{name}")).await {
            (200, object) => object,
            (404, _) => Value::Null,
            (code, body) => panic!("{code}: {body}"),
        }
    }

    pub async fn phase(&self, plural: &str, name: &str) -> String {
        let object = self.object(plural, name).await;
        object["status"]["phase"].as_str().unwrap_or_default().to_owned()
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        let (code, list) = self.get(path).await;
        assert_eq!(code, 200, "{list}");
        list["items"].as_array().unwrap().clone()
    }
}

pub async fn split(answer: Response) -> (u16, Value) {
    let code = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (code, body)
}

/// The words that a status went through, in steps of `step` seconds.
pub async fn phases(bed: &Bed, plural: &str, name: &str, step: f64, steps: usize) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..steps {
        let phase = bed.phase(plural, name).await;
        if seen.last() != Some(&phase) {
            seen.push(phase);
        }
        bed.advance(step);
    }
    seen
}
