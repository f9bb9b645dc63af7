//! Where a test plays: a scenario of the simulator whose work goes twenty times as fast as in life, and a provider on it.

use model::{
    ConnectionId, DefinitionId,
    connection::ConnectionDraft,
    definition::{Definition, Retention, Schedule, Volumes},
    named::Named,
    scope::Scope,
};
use reqwest::Method;
use serde_json::{Value, json};
use server::{
    clock::Clock,
    provider::{
        Ask, DeclaredSeen, Observed, Owned, PointSeen, Provider, ProviderError, Registry, RestoreSeen, RunSeen, Sort,
    },
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::mpsc;

pub struct Stage {
    pub provider: Arc<dyn Provider>,
    pub world: sim::World,
    pub draft: ConnectionDraft,
    client: reqwest::Client,
}

pub fn connect(draft: &ConnectionDraft) -> Arc<dyn Provider> {
    let registry = Registry::new(Clock::system());
    let endpoint = registry.endpoint(draft, None).unwrap();
    registry.provider(&endpoint).unwrap()
}

impl Stage {
    pub async fn open() -> Self {
        Self::with(json!({})).await
    }

    /// Made of these options (JSON over the defaults).
    pub async fn with(options: Value) -> Self {
        let world = sim::World::new(sim::Clock::real().with_speed(20.0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        world.seed_system("t", "astra", &options).unwrap();
        let state = world.system_state("t", "astra").unwrap();
        let draft = ConnectionDraft {
            system: "astra".into(),
            name: "sim".into(),
            address: format!("{base}/s/t/astra"),
            account: state["account_id"].as_str().unwrap().to_owned(),
            credential: "sim-t-token".into(),
            ..ConnectionDraft::default()
        };
        let provider = connect(&draft);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { provider, world, draft, client }
    }

    /// The identifier of what has that name.
    pub fn id(&self, resource: &str, name: &str) -> String {
        let state = self.state(resource);
        let found = state.iter().find(|value| value["name"] == name);
        found.unwrap_or_else(|| panic!("no {resource} {name}"))["id"].as_str().unwrap().to_owned()
    }

    /// All of a resource, as the simulator holds them.
    pub fn state(&self, resource: &str) -> Vec<Value> {
        let state = self.world.system_state("t", "astra").unwrap();
        state["resources"][resource].as_array().cloned().unwrap_or_default()
    }

    pub fn app(&self, name: &str) -> Named {
        Named::new(self.id("app", name), name)
    }

    pub fn command(&self, verb: &str, body: Value) -> Value {
        self.world.command("t", "astra", verb, &body).unwrap_or_else(|e| panic!("{verb} {body}: {e}"))
    }

    /// Somebody changes something past the provider.
    pub fn edit(&self, resource: &str, id: &str, with: Value) {
        self.command("patch", json!({"resource": resource, "id": id, "with": with}));
    }

    pub fn fault(&self, faults: Value) {
        self.world.fault_system("t", "astra", serde_json::from_value(faults).unwrap()).unwrap();
    }

    pub fn heal(&self) {
        self.world.heal_system("t", "astra").unwrap();
    }

    /// The requests so far that may change something: method and path.
    pub fn writes(&self) -> Vec<(String, String)> {
        let calls = self.world.system_calls("t", "astra").unwrap();
        let all = calls["recent"].as_array().cloned().unwrap_or_default();
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        all.iter().map(|c| (text(&c["method"]), text(&c["path"]))).filter(|(method, _)| method != "GET").collect()
    }

    pub fn calls(&self) -> u64 {
        self.world.system_calls("t", "astra").unwrap()["total"].as_u64().unwrap()
    }

    pub fn forget(&self) {
        self.world.reset_system_calls("t", "astra").unwrap();
    }

    /// A call of somebody else's, below the account.
    pub async fn ask(&self, method: Method, below: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/accounts/{}{below}", self.draft.address, self.draft.account);
        let mut request = self.client.request(method, url).bearer_auth("sim-t-token");
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let code = answer.status().as_u16();
        (code, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    /// An app's schedules that carry the definition's id, by granularity.
    pub fn schedules(&self, owned: &Owned) -> BTreeMap<String, Value> {
        let label = json!({"name": "holdfast.io/definition", "value": owned.id.as_str()});
        self.state("schedule")
            .into_iter()
            .filter(|one| one["metadata"]["labels"].as_array().is_some_and(|all| all.contains(&label)))
            .map(|one| (one["granularity"].as_str().unwrap().to_owned(), one))
            .collect()
    }

    /// A definition that nobody else has, which does not come due during a test but at one moment of the year's first day.
    pub fn owned(&self, stem: &str, app: &str) -> Owned {
        let id = uuid::Uuid::now_v7().to_string();
        let short = &id[id.len() - 6..];
        Owned {
            upstream_name: format!("{stem}-{short}"),
            version: 1,
            definition: Definition {
                name: stem.into(),
                connection: ConnectionId::from("c"),
                scope: Scope { subject: Some(self.app(app)), ..Scope::default() },
                location: None,
                volumes: Volumes::SnapshotMoved,
                retention: Retention { keep_last: Some(14), keep_snapshots: Some(2), ..Retention::default() },
                schedule: Some(at("0 0 1 * *")),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
            id: DefinitionId(id),
        }
    }

    /// Begins to observe.
    pub fn watch(&self) -> Watcher {
        let (sender, receiver) = mpsc::channel(64);
        let provider = self.provider.clone();
        Watcher { receiver, task: tokio::spawn(async move { provider.observe(sender).await }) }
    }

    /// A completed backup of the app, begun through the provider.
    pub async fn point(&self, owned: &Owned, order: &str) -> PointSeen {
        let begun = self.provider.start_run(owned, &ask(order)).await.unwrap();
        let key = begun.name.unwrap();
        let mut watcher = self.watch();
        watcher
            .find("the point", |o| match o {
                Observed::Point(p) if p.name == key => Some((**p).clone()),
                _ => None,
            })
            .await
    }
}

pub fn at(cron: &str) -> Schedule {
    Schedule { cron: cron.into(), zone: None }
}

/// An order under this name.
pub fn ask(name: &str) -> Ask {
    Ask { name: name.into(), asked_by: "ada".into(), asked: Clock::system().now(), repeated: false, taken: Vec::new() }
}

pub fn again(ask: &Ask) -> Ask {
    Ask { repeated: true, ..ask.clone() }
}

/// What an observer tells.
pub struct Watcher {
    pub receiver: mpsc::Receiver<Observed>,
    pub task: tokio::task::JoinHandle<ProviderError>,
}

impl Watcher {
    /// Waits for something; panics after a minute.
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

    pub async fn run(&mut self, key: &str, pick: impl Fn(&RunSeen) -> bool) -> RunSeen {
        self.find("the run", |o| match o {
            Observed::Run(run) if run.name == key && pick(run) => Some((**run).clone()),
            _ => None,
        })
        .await
    }

    pub async fn restore(&mut self, key: &str, pick: impl Fn(&RestoreSeen) -> bool) -> RestoreSeen {
        self.find("the restore", |o| match o {
            Observed::Restore(restore) if restore.name == key && pick(restore) => Some((**restore).clone()),
            _ => None,
        })
        .await
    }

    pub async fn declared(&mut self, name: &str, pick: impl Fn(&DeclaredSeen) -> bool) -> DeclaredSeen {
        self.find("the declared schedules", |o| match o {
            Observed::Declared(seen) if seen.name == name && pick(seen) => Some((**seen).clone()),
            _ => None,
        })
        .await
    }

    /// Everything that is told until the list of that sort ends.
    pub async fn listed(&mut self, sort: Sort) -> Vec<Observed> {
        let mut all = Vec::new();
        self.find("the end of the list", |o| {
            // Kept, it would say that nothing was taken in.
            if !matches!(o, Observed::TakenIn(_)) {
                all.push(o.clone());
            }
            matches!(o, Observed::ListEnds(ended) if *ended == sort).then_some(())
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
