//! A served world with a manual clock, and a client of one organisation in it.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sim::{Clock, World};

pub struct Bed {
    pub world: World,
    pub client: Client,
    pub base: String,
}

impl Bed {
    /// The scenario is always `t`; the time starts at 2026-10-03T12:00:00Z, a Saturday.
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    pub async fn with(seed: Value) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::new(Clock::manual("2026-10-03T12:00:00Z".parse().unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let bed = Self { world, client, base };
        bed.world.seed_system("t", "cloudcasa", &seed).unwrap();
        bed
    }

    pub fn command(&self, verb: &str, body: Value) -> Value {
        self.world.command("t", "cloudcasa", verb, &body).unwrap()
    }

    pub fn advance(&self, seconds: f64) {
        assert!(self.world.advance(Duration::from_secs_f64(seconds)));
    }

    /// `path` is below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/s/t/cloudcasa/api/v1/{path}", self.base)).bearer_auth("sim-t-token")
    }

    pub async fn send(&self, method: Method, path: &str, etag: &str, body: &Value) -> (u16, Value) {
        let mut request = self.request(method, path);
        if !body.is_null() {
            request = request.json(body);
        }
        if !etag.is_empty() {
            request = request.header("if-match", etag);
        }
        split(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let (code, body) = self.send(Method::GET, path, "", &Value::Null).await;
        assert_eq!(code, 200, "{path}: {body}");
        body
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, "", &body).await
    }

    pub async fn create(&self, path: &str, body: Value) -> Value {
        let (code, body) = self.post(path, body).await;
        assert_eq!(code, 201, "{body}");
        body
    }

    pub async fn put(&self, path: &str, etag: &str, body: Value) -> (u16, Value) {
        self.send(Method::PUT, path, etag, &body).await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> (u16, Value) {
        self.send(Method::PATCH, path, etag, &body).await
    }

    pub async fn delete(&self, path: &str, etag: &str) -> (u16, Value) {
        self.send(Method::DELETE, path, etag, &Value::Null).await
    }

    /// All that passes a filter, at most fifty.
    pub async fn find(&self, resource: &str, filter: Value) -> Vec<Value> {
        let filter = filter.to_string();
        let path = with_query(resource, &[("where", filter.as_str()), ("max_results", "50")]);
        let (code, body) = self.send(Method::GET, &path, "", &Value::Null).await;
        assert_eq!(code, 200, "{body}");
        body["_items"].as_array().unwrap().clone()
    }

    /// The id of what has that name.
    pub async fn id(&self, resource: &str, name: &str) -> String {
        let found = self.find(resource, json!({"name": name})).await;
        found.first().unwrap_or_else(|| panic!("no {name} in {resource}"))["_id"].as_str().unwrap().to_owned()
    }

    /// A snapshot definition of `checkout` and `checkout-db` on `prod-fra`, run by hand.
    pub async fn definition(&self, name: &str) -> String {
        let cluster = self.id("kubeclusters", "prod-fra").await;
        let body = json!({"name": name, "cluster": cluster, "trigger_type": "ADHOC",
            "source": {"namespaces": ["checkout", "checkout-db"]}});
        word(&self.create("kubebackups", body).await, "_id")
    }

    /// A definition with its copy, made in the vendor's three steps; both ids.
    pub async fn pair(&self, name: &str, policy: Option<&str>) -> (String, String) {
        let backup = self.definition(name).await;
        let store = self.id("objectstores", "minio-fra").await;
        let mut body = json!({"name": name, "backupdef": backup, "run_backup": true, "delete_snapshots": false,
            "offload_provider": {"type": "aws", "user_objectstore": store}, "trigger_type": "ADHOC"});
        if let Some(policy) = policy {
            body["policy"] = policy.into();
            body["trigger_type"] = "SCHEDULED".into();
        }
        let copy = word(&self.create("kubeoffloads", body).await, "_id");
        let path = format!("kubebackups/{backup}");
        let (etag, mut body) = editable(self.get(&path).await);
        body["copydef"] = copy.as_str().into();
        let (code, answer) = self.put(&path, &etag, body).await;
        assert_eq!(code, 200, "{answer}");
        (backup, copy)
    }

    pub async fn run(&self, resource: &str, id: &str) -> Value {
        let body = json!({"retention": {"retainDays": 7}, "runBackup": true});
        let (code, body) = self.post(&format!("{resource}/{id}/action/run"), body).await;
        assert_eq!(code, 200, "{body}");
        body
    }

    /// Runs of a definition that are not deletions, oldest first.
    pub async fn jobs(&self, backup: &str) -> Vec<Value> {
        self.find("jobs", json!({"backupdef": backup, "type": {"$ne": "DELETE_BACKUP"}})).await
    }

    /// A definition that has run once, and its recovery point.
    pub async fn with_point(&self, name: &str) -> (String, String) {
        let backup = self.definition(name).await;
        self.run("kubebackups", &backup).await;
        self.advance(120.0);
        let points = self.find("backupinstances", json!({"backupdef": backup, "state": "READY"})).await;
        (backup, word(&points[0], "_id"))
    }
}

/// A path with its query, each byte encoded that isn't a letter or digit.
pub fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(
                |byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") },
            )
            .collect()
    };
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

pub async fn split(answer: Response) -> (u16, Value) {
    let code = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (code, body)
}

pub fn word(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_else(|| panic!("no {field} in {body}")).to_owned()
}

/// What a careful client sends back: etag, and the document without what is the server's.
pub fn editable(mut body: Value) -> (String, Value) {
    let etag = word(&body, "_etag");
    let map = body.as_object_mut().unwrap();
    for field in ["_id", "_created", "_updated", "_links", "_etag", "_status", "status", "cc_user_email"] {
        map.remove(field);
    }
    (etag, body)
}

pub fn keys(body: &Value) -> Vec<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}
