//! A Waldur of one generation on a simulator of its own, with a provider on it.

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
    provider::{Ask, Observed, Owned, PointSeen, Provider, ProviderError, Registry, RestoreSeen, RunSeen, Sort},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::sync::mpsc;

pub const DAY: u64 = 86_400;
/// One of the estate, in project `shop`.
pub const DB: &str = "checkout-db-1";

pub struct Stage {
    pub world: sim::World,
    pub draft: ConnectionDraft,
    pub provider: Arc<dyn Provider>,
}

pub fn connect(draft: &ConnectionDraft) -> Arc<dyn Provider> {
    let registry = Registry::new(Clock::system());
    registry.provider(&registry.endpoint(draft, None).unwrap()).unwrap()
}

pub async fn of(generation: &str) -> Stage {
    with(json!({"generation": generation})).await
}

/// A scenario made of these options, whose generation was found out.
pub async fn with(options: Value) -> Stage {
    let world = sim::World::new(sim::Clock::real().with_speed(20.0));
    world.seed_system("t", "waldur", &options).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/s/t/waldur", listener.local_addr().unwrap());
    tokio::spawn(sim::serve(listener, world.clone()));
    let draft = ConnectionDraft {
        system: "waldur".into(),
        name: "sim".into(),
        address,
        credential: "sim-t-token".into(),
        ..ConnectionDraft::default()
    };
    let provider = connect(&draft);
    let report = provider.check().await;
    assert!(report.passed(), "{report:#?}");
    Stage { world, draft, provider }
}

impl Stage {
    /// Another process that knows the same connection.
    pub async fn restarted(&self) -> Arc<dyn Provider> {
        let provider = connect(&self.draft);
        provider.remember_version(&self.provider.check().await.version.unwrap());
        provider
    }

    pub fn state(&self, list: &str) -> Vec<Value> {
        self.world.system_state("t", "waldur").unwrap()[list].as_array().cloned().unwrap_or_default()
    }

    pub fn command(&self, verb: &str, body: Value) -> Value {
        self.world.command("t", "waldur", verb, &body).unwrap()
    }

    pub fn fault(&self, faults: Value) {
        self.world.fault_system("t", "waldur", serde_json::from_value(faults).unwrap()).unwrap();
    }

    pub fn heal(&self) {
        self.world.heal_system("t", "waldur").unwrap();
    }

    pub fn forget(&self) {
        self.world.reset_system_calls("t", "waldur").unwrap();
    }

    /// Method and path of every request that may have changed something, since they were forgotten.
    pub fn writes(&self) -> Vec<String> {
        let calls = self.world.system_calls("t", "waldur").unwrap();
        let word = |call: &Value, key: &str| call[key].as_str().unwrap_or_default().to_owned();
        let all = calls["recent"].as_array().unwrap().iter().map(|call| (word(call, "method"), word(call, "path")));
        let last = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        all.filter(|(method, _)| !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS"))
            .map(|(method, path)| format!("{method} {}", last(&path)))
            .collect()
    }

    pub fn calls(&self) -> u64 {
        self.world.system_calls("t", "waldur").unwrap()["total"].as_u64().unwrap()
    }

    pub fn named(&self, list: &str, name: &str) -> Option<Value> {
        self.state(list).into_iter().find(|object| object["name"] == name)
    }

    /// Identifier of an instance, without dashes.
    pub fn instance(&self, name: &str) -> String {
        self.named("instances", name).unwrap()["uuid"].as_str().unwrap().replace('-', "")
    }

    pub fn schedule(&self, owned: &Owned) -> Option<Value> {
        self.state("schedules").into_iter().find(|s| s["description"].as_str().unwrap().contains(owned.id.as_str()))
    }

    pub fn backup(&self, uuid: &str) -> Option<Value> {
        self.state("backups").into_iter().find(|b| b["uuid"].as_str().unwrap().replace('-', "") == uuid)
    }

    /// A definition that nobody else has, on a cron that doesn't come due during a test.
    pub fn owned(&self, stem: &str) -> Owned {
        let id = uuid::Uuid::now_v7().to_string();
        let short = &id[id.len() - 6..];
        let subject = Named::new(self.instance(DB), DB);
        Owned {
            upstream_name: format!("{stem}-{short}"),
            version: 1,
            definition: Definition {
                name: stem.into(),
                connection: ConnectionId::from("c"),
                scope: Scope { subject: Some(subject), ..Scope::default() },
                location: None,
                volumes: Volumes::Snapshot,
                retention: Retention { keep_for: Some(Seconds(14 * DAY)), keep_last: Some(30), ..Retention::default() },
                schedule: Some(Schedule { cron: "0 0 1 1 *".into(), zone: Some("Europe/Zurich".into()) }),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
            id: DefinitionId(id),
        }
    }

    /// Without schedule and retention.
    pub fn single(&self, stem: &str) -> Owned {
        let mut owned = self.owned(stem);
        owned.definition.schedule = None;
        owned.definition.retention = Retention::default();
        owned
    }

    pub fn watch(&self) -> Watcher {
        watch(&self.provider)
    }

    /// A finished good backup, as it was told.
    pub async fn point(&self, owned: &Owned) -> PointSeen {
        let begun = self.provider.start_run(owned, &ask(owned, "20261121180000")).await.unwrap();
        let key = begun.name.unwrap();
        let mut watcher = self.watch();
        let end =
            watcher.until("the end of the run", |seen| seen.runs.get(&key).filter(|r| r.phase.is_final()).cloned());
        assert!(end.await.phase.is_good());
        watcher.until("its point", |seen| seen.points.get(&key).cloned()).await
    }
}

/// An order of that definition, given now for the first time.
pub fn ask(owned: &Owned, suffix: &str) -> Ask {
    Ask {
        name: format!("{}-{suffix}", owned.upstream_name),
        asked_by: "ada".into(),
        asked: now(),
        repeated: false,
        taken: Vec::new(),
    }
}

pub fn now() -> Millis {
    Clock::system().now()
}

/// The newest of everything that was told.
#[derive(Debug, Default)]
pub struct Seen {
    pub runs: BTreeMap<String, RunSeen>,
    pub points: BTreeMap<String, PointSeen>,
    pub restores: BTreeMap<String, RestoreSeen>,
    pub declared: BTreeMap<String, server::provider::DeclaredSeen>,
    pub refused: BTreeMap<String, String>,
    pub versions: Vec<String>,
    pub rounds: u32,
    /// What the list that is being told has held so far.
    listing: HashMap<Sort, BTreeSet<String>>,
}

impl Seen {
    fn listed(&mut self, sort: Sort, name: &str) {
        if let Some(names) = self.listing.get_mut(&sort) {
            names.insert(name.to_owned());
        }
    }

    /// What a whole list did not hold is gone.
    fn ended(&mut self, sort: Sort) {
        let Some(names) = self.listing.remove(&sort) else { return };
        match sort {
            Sort::Run => self.runs.retain(|name, _| names.contains(name)),
            Sort::Point => self.points.retain(|name, _| names.contains(name)),
            Sort::Restore => self.restores.retain(|name, _| names.contains(name)),
            Sort::Declared => self.declared.retain(|name, _| names.contains(name)),
            Sort::Location => self.rounds += 1,
        }
    }

    fn take(&mut self, observed: Observed) {
        match observed {
            Observed::TakenIn(_) | Observed::Location(_) => {}
            Observed::ListBegins(sort) => drop(self.listing.insert(sort, BTreeSet::new())),
            Observed::ListEnds(sort) => self.ended(sort),
            Observed::Run(run) => {
                self.listed(Sort::Run, &run.name);
                self.runs.insert(run.name.clone(), *run);
            }
            Observed::Point(point) => {
                self.listed(Sort::Point, &point.name);
                self.points.insert(point.name.clone(), *point);
            }
            Observed::Restore(restore) => {
                self.listed(Sort::Restore, &restore.name);
                self.restores.insert(restore.name.clone(), *restore);
            }
            Observed::Declared(declared) => {
                self.listed(Sort::Declared, &declared.name);
                self.declared.insert(declared.name.clone(), *declared);
            }
            Observed::DeletionRefused { point, reason } => drop(self.refused.insert(point, reason)),
            Observed::Gone(_, name) => {
                self.runs.remove(&name);
                self.points.remove(&name);
                self.restores.remove(&name);
            }
            Observed::Alive { version, .. } => self.versions.extend(version),
        }
    }
}

pub struct Watcher {
    pub seen: Seen,
    receiver: mpsc::Receiver<Observed>,
    task: tokio::task::JoinHandle<ProviderError>,
}

pub fn watch(provider: &Arc<dyn Provider>) -> Watcher {
    let (sender, receiver) = mpsc::channel(64);
    let provider = provider.clone();
    let task = tokio::spawn(async move { provider.observe(sender).await });
    Watcher { seen: Seen::default(), receiver, task }
}

impl Watcher {
    /// Waits until something can be picked; panics after 60 s, or when observing ends.
    pub async fn until<T>(&mut self, what: &str, mut pick: impl FnMut(&Seen) -> Option<T>) -> T {
        let wait = async {
            loop {
                if let Some(found) = pick(&self.seen) {
                    return found;
                }
                match self.receiver.recv().await {
                    Some(observed) => self.seen.take(observed),
                    None => panic!("{what}: observing ended: {:?}", (&mut self.task).await),
                }
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(60), wait).await;
        found.unwrap_or_else(|_| panic!("{what}: not seen. There is {:#?}", self.seen))
    }

    /// Waits for a whole look at everything.
    pub async fn round(&mut self) {
        let at = self.seen.rounds;
        self.until("a whole look", |seen| (seen.rounds > at).then_some(())).await;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
