//! Where a test plays: a tenant of the simulator, with a clock that moves when it is told to.

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

/// The simulator's time when a test begins.
const BEGINS: &str = "2026-10-03T01:59:30Z";

pub struct Stage {
    pub provider: Arc<dyn Provider>,
    pub world: sim::World,
    pub draft: ConnectionDraft,
    pub clock: Clock,
}

pub fn connect(draft: &ConnectionDraft, clock: &Clock) -> Arc<dyn Provider> {
    let registry = Registry::new(clock.clone());
    let endpoint = registry.endpoint(draft, None).unwrap();
    registry.provider(&endpoint).unwrap()
}

/// A plain company without policies.
pub async fn stage() -> Stage {
    stage_with(json!({})).await
}

/// One that speaks as these options say.
pub async fn stage_with(options: Value) -> Stage {
    let begins: jiff::Timestamp = BEGINS.parse().unwrap();
    let clock = Clock::manual(Millis(begins.as_millisecond()));
    stage_on(sim::Clock::manual(begins), clock, options).await
}

pub async fn stage_on(time: sim::Clock, clock: Clock, options: Value) -> Stage {
    let world = sim::World::new(time);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(sim::serve(listener, world.clone()));
    world.seed_system("t", "palette", &options).unwrap();
    let state = world.system_state("t", "palette").unwrap();
    let draft = ConnectionDraft {
        system: "palette".into(),
        name: "sim".into(),
        address: format!("{base}/s/t/palette"),
        credential: "sim-t-token".into(),
        account: state["projects"][0]["uid"].as_str().unwrap().into(),
        ..ConnectionDraft::default()
    };
    Stage { provider: connect(&draft, &clock), world, draft, clock }
}

impl Stage {
    pub fn state(&self) -> Value {
        self.world.system_state("t", "palette").unwrap()
    }

    /// What somebody does past the API.
    pub fn command(&self, verb: &str, body: Value) {
        self.world.command("t", "palette", verb, &body).unwrap();
    }

    pub fn harm(&self, faults: Value) {
        self.world.fault_system("t", "palette", serde_json::from_value(faults).unwrap()).unwrap();
    }

    pub fn heal(&self) {
        self.world.heal_system("t", "palette").unwrap();
    }

    /// How often it was asked for this.
    pub fn calls(&self, class: &str) -> u64 {
        self.world.system_calls("t", "palette").unwrap()["by"][class].as_u64().unwrap_or_default()
    }

    /// Moves both clocks.
    pub fn advance(&self, seconds: u64) {
        assert!(self.world.advance(Duration::from_secs(seconds)));
        self.clock.advance(i64::try_from(seconds).unwrap() * 1000);
    }

    /// The thing of that name in the simulator's state.
    pub fn thing(&self, kind: &str, name: &str) -> Value {
        let state = self.state();
        let of_name = |thing: &&Value| thing["name"] == name || thing["metadata"]["name"] == name;
        state[kind].as_array().unwrap().iter().find(of_name).unwrap().clone()
    }

    pub fn uid(&self, kind: &str, name: &str) -> String {
        let thing = self.thing(kind, name);
        thing["uid"].as_str().or(thing["metadata"]["uid"].as_str()).unwrap().to_owned()
    }

    pub fn named(&self, kind: &str, name: &str) -> Named {
        Named::new(self.uid(kind, name), name)
    }

    /// The stored policy of a workspace.
    pub fn policy(&self, workspace: &str) -> Value {
        self.thing("workspaces", workspace)["policy"].clone()
    }

    /// A policy that somebody else wrote.
    pub fn foreign(&self, workspace: &str, prefix: &str, cron: &str) {
        let config = json!({
            "backupConfig": {"backupPrefix": prefix, "backupLocationUid": self.uid("locations", "eu-s3"),
                "backupLocationName": "eu-s3", "locationType": "s3", "durationInHours": 24, "includeAllDisks": true,
                "includeClusterResourceMode": "Auto", "schedule": {"scheduledRunTime": cron}},
            "includeAllClusters": true,
        });
        self.command("policy", json!({"workspace": workspace, "config": config}));
    }

    /// Somebody changes the stored policy of a workspace.
    pub fn edit(&self, workspace: &str, change: impl FnOnce(&mut Value)) {
        let mut config = self.policy(workspace);
        change(&mut config);
        self.command("policy", json!({"workspace": workspace, "config": config}));
    }

    /// The shop, every night at two, on all its clusters.
    pub fn owned(&self, stem: &str) -> Owned {
        self.owned_of("shop", stem)
    }

    /// The same, at a time that does not come during a test.
    pub fn quiet(&self, stem: &str) -> Owned {
        let mut owned = self.owned(stem);
        owned.definition.schedule = Some(Schedule { cron: "0 4 * * *".into(), zone: None });
        owned
    }

    pub fn owned_of(&self, workspace: &str, stem: &str) -> Owned {
        let id = uuid::Uuid::now_v7().to_string();
        Owned {
            upstream_name: format!("{stem}-{}", &id[id.len() - 6..]),
            version: 1,
            definition: Definition {
                name: stem.into(),
                connection: ConnectionId::from("c"),
                scope: Scope { subject: Some(self.named("workspaces", workspace)), ..Scope::default() },
                location: Some("eu-s3".into()),
                volumes: Volumes::Upstream,
                retention: Retention { keep_for: Some(Seconds(30 * 86_400)), ..Retention::default() },
                schedule: Some(Schedule { cron: "0 2 * * *".into(), zone: None }),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
            id: DefinitionId(id),
        }
    }

    /// An order under this name, given now.
    pub fn ask(&self, name: &str, repeated: bool) -> Ask {
        Ask { name: name.into(), asked_by: "ada".into(), asked: self.clock.now(), repeated, taken: Vec::new() }
    }

    /// Begins to observe.
    pub fn watch(&self) -> Watcher {
        let (sender, receiver) = mpsc::channel(64);
        let provider = self.provider.clone();
        Watcher { receiver, task: tokio::spawn(async move { provider.observe(sender).await }) }
    }
}

/// What an observer tells.
pub struct Watcher {
    pub receiver: mpsc::Receiver<Observed>,
    pub task: tokio::task::JoinHandle<ProviderError>,
}

impl Watcher {
    /// Waits for something; panics after 60 s.
    pub async fn find<T>(&mut self, what: &str, mut pick: impl FnMut(&Observed) -> Option<T>) -> T {
        let search = async {
            while let Some(observed) = self.receiver.recv().await {
                if let Some(found) = pick(&observed) {
                    return found;
                }
            }
            panic!("{what}: observing ended: {:?}", (&mut self.task).await);
        };
        tokio::time::timeout(Duration::from_secs(60), search).await.unwrap_or_else(|_| panic!("{what}: not seen"))
    }

    /// Everything of the first list.
    pub async fn first(&mut self) -> Vec<Observed> {
        let mut all = Vec::new();
        self.find("the end of the first list", |o| {
            let over = matches!(o, Observed::ListEnds(server::provider::Sort::Restore));
            if !matches!(o, Observed::TakenIn(_)) {
                all.push(o.clone());
            }
            over.then_some(())
        })
        .await;
        all
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
