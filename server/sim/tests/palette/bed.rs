//! A served Palette with a manual clock, and a client that speaks to one scenario of it.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sim::{Clock, World};

/// The clusters of the shop.
pub const BOTH: [&str; 2] = ["prod-eu-1", "prod-eu-2"];

pub struct Bed {
    pub world: World,
    pub client: Client,
    pub base: String,
    /// Uid of the project `production`.
    pub project: String,
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answered {
    pub code: u16,
    pub body: Value,
    pub audit: String,
}

impl Bed {
    /// The scenario is always `t`; the time starts at 2026-10-03T01:59:30Z.
    pub async fn new() -> Self {
        Self::with(json!({})).await
    }

    pub async fn with(seed: Value) -> Self {
        Self::on(Clock::manual("2026-10-03T01:59:30Z".parse().unwrap()), seed).await
    }

    pub async fn on(clock: Clock, seed: Value) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::new(clock);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let mut bed = Self { world, client, base, project: String::new() };
        bed.control("seed", seed).await;
        bed.project = bed.state()["projects"][0]["uid"].as_str().unwrap().to_owned();
        bed
    }

    pub async fn control(&self, verb: &str, body: Value) -> Value {
        let (code, text) = self.try_control(verb, body).await;
        assert!((200..300).contains(&code), "{verb}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn try_control(&self, verb: &str, body: Value) -> (u16, String) {
        let url = format!("{}/control/t/palette/{verb}", self.base);
        let answer = self.client.post(url).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub fn state(&self) -> Value {
        self.world.system_state("t", "palette").unwrap()
    }

    /// The entry of `kind` in the state that has this name.
    pub fn thing(&self, kind: &str, name: &str) -> Value {
        let state = self.state();
        let of_name = |thing: &&Value| thing["name"] == name || thing["metadata"]["name"] == name;
        state[kind].as_array().unwrap().iter().find(of_name).unwrap().clone()
    }

    pub fn uid(&self, kind: &str, name: &str) -> String {
        let thing = self.thing(kind, name);
        thing["uid"].as_str().or(thing["metadata"]["uid"].as_str()).unwrap().to_owned()
    }

    pub fn advance(&self, seconds: f64) {
        assert!(self.world.advance(Duration::from_secs_f64(seconds)));
    }

    /// Without any header.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/s/t/palette{path}", self.base))
    }

    pub fn tenant(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header("ApiKey", "sim-t-token")
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.tenant(method, path).header("ProjectUid", &self.project)
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Answered {
        split(self.request(method, path).json(body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answered {
        split(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answered {
        self.send(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answered {
        self.send(Method::PUT, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answered {
        split(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// `/v1/workspaces/{uid}/backup` of the workspace of that name.
    pub fn backup_path(&self, workspace: &str) -> String {
        format!("/v1/workspaces/{}/backup", self.uid("workspaces", workspace))
    }

    /// A policy's content: a namespace of the shop on both clusters, nightly at two.
    pub fn plan(&self, clusters: &[&str]) -> Value {
        let clusters: Vec<String> = clusters.iter().map(|name| self.uid("clusters", name)).collect();
        json!({
            "backupConfig": {
                "backupPrefix": "shop",
                "backupLocationUid": self.uid("locations", "eu-s3"),
                "backupLocationName": "eu-s3",
                "locationType": "s3",
                "durationInHours": 720,
                "includeAllDisks": true,
                "includeClusterResourceMode": "Auto",
                "namespaces": ["checkout", "checkout-db"],
                "schedule": {"scheduledRunTime": "0 2 * * *"},
            },
            "includeAllClusters": false,
            "clusterUids": clusters,
        })
    }

    /// The entries of a workspace's backup requests, oldest first.
    pub async fn entries(&self, workspace: &str) -> Vec<Value> {
        let answer = self.get(&self.backup_path(workspace)).await;
        assert_eq!(answer.code, 200, "{answer:?}");
        answer.body["status"]["workspaceBackupStatuses"].as_array().unwrap().clone()
    }

    /// Runs a backup of the shop at once and waits for its end; the entry.
    pub async fn backed_up(&self, clusters: &[&str]) -> Value {
        let path = format!("{}/onDemand", self.backup_path("shop"));
        let answer = self.post(&path, &self.plan(clusters)).await;
        assert_eq!(answer.code, 201, "{answer:?}");
        self.advance(200.0);
        let uid = answer.body["uid"].as_str().unwrap();
        let entry = self.entries("shop").await.into_iter().find(|entry| entry["requestUid"] == uid);
        entry.unwrap()
    }
}

pub async fn split(answer: Response) -> Answered {
    let code = answer.status().as_u16();
    let audit = answer.headers().get("AuditUid").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answered { code, body, audit }
}

/// The request's state and, per cluster in order, its own.
pub fn states(entry: &Value) -> (String, Vec<String>) {
    let config = &entry["workspaceBackupConfig"];
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = config["clusterBackupRefs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows = rows.iter().map(|row| word(&row["backupStatusMeta"]["backupState"]["state"])).collect();
    (word(&config["backupState"]["state"]), rows)
}

/// What an entry says of one cluster's backup.
pub fn row<'a>(entry: &'a Value, cluster: &str) -> &'a Value {
    let rows = entry["workspaceBackupConfig"]["clusterBackupRefs"].as_array().unwrap();
    &rows.iter().find(|row| row["clusterName"] == cluster).unwrap()["backupStatusMeta"]
}
