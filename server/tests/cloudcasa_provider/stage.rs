//! A simulated organisation, and what others do in it past the provider.

use model::{
    ConnectionId, DefinitionId, Millis,
    connection::ConnectionDraft,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    named::Named,
    scope::Scope,
};
use serde_json::{Value, json};
use server::{
    clock::Clock,
    provider::{Ask, Observed, Owned, Provider, ProviderError, Registry},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

pub const DAY: u64 = 86_400;

pub struct Stage {
    pub world: sim::World,
    pub provider: Arc<dyn Provider>,
    pub draft: ConnectionDraft,
}

impl Stage {
    /// Work goes twenty times as fast as in life.
    pub async fn open(options: Value) -> Self {
        Self::at(sim::Clock::real().with_speed(20.0), options).await
    }

    pub async fn at(clock: sim::Clock, options: Value) -> Self {
        let world = sim::World::new(clock);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        world.seed_system("t", "cloudcasa", &options).unwrap();
        let draft = ConnectionDraft {
            system: "cloudcasa".into(),
            name: "sim".into(),
            // A slash at the end is no part of the address.
            address: format!("{base}/s/t/cloudcasa/api/v1/"),
            credential: "sim-t-token".into(),
            ..ConnectionDraft::default()
        };
        let registry = Registry::new(Clock::system());
        let endpoint = registry.endpoint(&draft, None).unwrap();
        let provider = registry.provider(&endpoint).unwrap();
        Self { world, provider, draft }
    }

    /// As after a crash: what the process remembered of this organisation is gone with its last holder.
    pub fn restart(&mut self) {
        let registry = Registry::new(Clock::system());
        let other = ConnectionDraft { credential: "nobody".into(), ..self.draft.clone() };
        for draft in [&other, &self.draft] {
            self.provider = registry.provider(&registry.endpoint(draft, None).unwrap()).unwrap();
        }
    }

    pub fn command(&self, verb: &str, body: Value) -> Value {
        self.world.command("t", "cloudcasa", verb, &body).unwrap()
    }

    pub fn fault(&self, faults: Value) {
        self.world.fault_system("t", "cloudcasa", serde_json::from_value(faults).unwrap()).unwrap();
    }

    pub fn heal(&self) {
        self.world.heal_system("t", "cloudcasa").unwrap();
    }

    pub fn calls(&self) -> Value {
        self.world.system_calls("t", "cloudcasa").unwrap()
    }

    pub fn forget(&self) {
        self.world.reset_system_calls("t", "cloudcasa").unwrap();
    }

    /// Requests that change something, as `POST /policies`, ids left out.
    pub fn writes(&self) -> Vec<String> {
        let calls = self.calls();
        let all = calls["recent"].as_array().unwrap().iter().map(|call| {
            let path = call["path"].as_str().unwrap();
            let path = path.split("/api/v1").last().unwrap();
            let parts: Vec<&str> = path.split('/').filter(|part| part.len() != 24).collect();
            format!("{} {}", call["method"].as_str().unwrap(), parts.join("/"))
        });
        all.filter(|call| !call.starts_with("GET")).collect()
    }

    pub fn all(&self, collection: &str) -> Vec<Value> {
        let state = self.world.system_state("t", "cloudcasa").unwrap();
        state["objects"][collection].as_array().cloned().unwrap_or_default()
    }

    pub fn named(&self, collection: &str, name: &str) -> Option<Value> {
        self.all(collection).into_iter().find(|doc| doc["name"] == name)
    }

    pub fn id(&self, collection: &str, name: &str) -> String {
        self.named(collection, name).unwrap()["_id"].as_str().unwrap().to_owned()
    }

    /// A definition with a snapshot and a schedule that doesn't come due.
    pub fn owned(&self, stem: &str) -> Owned {
        let id = uuid::Uuid::now_v7().to_string();
        let short = &id[id.len() - 6..];
        Owned {
            upstream_name: format!("{stem}-{short}"),
            version: 1,
            definition: Definition {
                name: stem.into(),
                connection: ConnectionId::from("c"),
                scope: Scope {
                    subject: Some(Named::new(self.id("kubeclusters", "prod-fra"), "prod-fra")),
                    namespaces: vec!["checkout".into(), "checkout-db".into()],
                    ..Scope::default()
                },
                location: None,
                volumes: Volumes::Snapshot,
                retention: Retention { keep_for: Some(Seconds(14 * DAY)), ..Retention::default() },
                schedule: Some(Schedule { cron: "0 0 1 1 *".into(), zone: Some("Europe/Zurich".into()) }),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
            id: DefinitionId(id),
        }
    }

    /// The same, copied to an object store.
    pub fn copied(&self, stem: &str) -> Owned {
        let mut owned = self.owned(stem);
        owned.definition.volumes = Volumes::SnapshotMoved;
        owned.definition.location = Some("minio-fra".into());
        owned
    }

    pub fn watch(&self) -> Watcher {
        let (sender, receiver) = mpsc::channel(64);
        let provider = self.provider.clone();
        Watcher { receiver, told: String::new(), task: tokio::spawn(async move { provider.observe(sender).await }) }
    }
}

/// The next version.
pub fn next(owned: &Owned, change: impl FnOnce(&mut Definition)) -> Owned {
    let mut owned = owned.clone();
    owned.version += 1;
    change(&mut owned.definition);
    owned
}

pub fn ask(owned: &Owned, suffix: &str) -> Ask {
    let asked: Millis = Clock::system().now();
    Ask {
        name: format!("{}-{suffix}", owned.upstream_name),
        asked_by: "ada".into(),
        asked,
        repeated: false,
        taken: Vec::new(),
    }
}

/// The same, given where Holdfast's clock is half a minute ahead of CloudCasa's.
pub fn ahead(ask: Ask) -> Ask {
    Ask { asked: ask.asked.plus(30_000), ..ask }
}

/// What an observer tells.
pub struct Watcher {
    receiver: mpsc::Receiver<Observed>,
    /// Everything that was told, as text: to look for what must never be told.
    pub told: String,
    task: tokio::task::JoinHandle<ProviderError>,
}

impl Watcher {
    /// Waits for something; panics after a minute and a half.
    pub async fn find<T>(&mut self, what: &str, mut pick: impl FnMut(&Observed) -> Option<T>) -> T {
        let search = async {
            while let Some(observed) = self.receiver.recv().await {
                self.told.push_str(&format!("{observed:?}\n"));
                if let Some(found) = pick(&observed) {
                    return found;
                }
            }
            panic!("{what}: observing ended: {:?}", (&mut self.task).await);
        };
        let waited = tokio::time::timeout(Duration::from_secs(90), search).await;
        waited.unwrap_or_else(|_| panic!("{what}: not seen"))
    }

    /// Waits for the next sign of life: a round is over.
    pub async fn round(&mut self) {
        self.find("a round", |seen| matches!(seen, Observed::Alive { .. }).then_some(())).await;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// `{"kind": "status", "code": …}`, once for each method of writing.
pub fn once(method: &str, path: &str, effect: Value) -> Value {
    json!([{"method": method, "path": path, "times": 1, "effect": effect}])
}
