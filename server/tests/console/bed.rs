//! A whole console over a database in memory, with the simulator behind it over HTTP in the same process.

use app::backend::{Caller, Connections, Definitions, SignedIn};
use model::{
    ConnectionId, DefinitionId, Millis,
    account::Role,
    connection::ConnectionDraft,
    draft::{DefinitionDraft, ScopeDraft},
    view::DefinitionDetail,
};
use serde_json::Value;
use server::{
    clock::Clock,
    console::{Console, Parts},
    events::Events,
    observe,
    provider::Registry,
    reconcile,
    secret::Sealer,
    store::Store,
};
use sim::{Effect, Fault, World};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// 32 bytes of nothing, in base64: a key for tests.
pub const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub struct Bed {
    pub console: Console,
    pub world: World,
    /// The console's; the simulator's runs by itself, its work twenty times faster.
    pub clock: Clock,
    pub base: String,
    stop: CancellationToken,
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Serves a simulator and answers its address.
pub async fn serve(world: &World) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(sim::serve(listener, world.clone()));
    base
}

/// A console over this store.
pub async fn console(url: &str, clock: &Clock, node: &str) -> Console {
    Console::new(Parts {
        store: Store::open(url, clock.clone()).await.unwrap(),
        registry: Registry::new(clock.clone()),
        sealer: Sealer::from_base64(KEY).unwrap(),
        clock: clock.clone(),
        events: Events::new(),
        node: node.into(),
    })
}

impl Bed {
    /// Without an observer; see [`Self::observed`].
    pub async fn new() -> Self {
        Self::on("sqlite::memory:").await
    }

    /// Over this database.
    pub async fn on(url: &str) -> Self {
        let world = World::new(sim::Clock::real().with_speed(20.0));
        let clock = Clock::manual(Millis(world.clock().now().as_millisecond()));
        let base = serve(&world).await;
        let console = console(url, &clock, "node-1").await;
        Self { console, world, clock, base, stop: CancellationToken::new() }
    }

    /// With the observer running.
    pub async fn observed() -> Self {
        let bed = Self::new().await;
        tokio::spawn(observe::run(bed.console.clone(), bed.stop.clone()));
        bed
    }

    pub fn form(&self, scenario: &str) -> ConnectionDraft {
        ConnectionDraft {
            system: "velero".into(),
            name: scenario.into(),
            address: format!("{}/s/{scenario}/velero", self.base),
            credential: format!("sim-{scenario}-token"),
            namespace: "velero".into(),
            ..ConnectionDraft::default()
        }
    }

    /// A connection to a scenario of its own.
    pub async fn connect(&self, scenario: &str) -> ConnectionId {
        self.console.add_connection(&admin(), self.form(scenario)).await.unwrap()
    }

    /// A stored definition, not yet applied.
    pub async fn define(&self, connection: &ConnectionId, name: &str) -> DefinitionId {
        self.console.create_definition(&operator(), draft(connection, name)).await.unwrap()
    }

    /// One pass of the reconciler.
    pub async fn step(&self) -> reconcile::Done {
        reconcile::step(&self.console).await.unwrap()
    }

    pub async fn detail(&self, id: &DefinitionId) -> DefinitionDetail {
        self.console.definition(&viewer(), id.clone()).await.unwrap()
    }

    /// The objects of a kind, by plural.
    pub fn objects(&self, scenario: &str, plural: &str) -> Vec<Value> {
        self.world.state(scenario)["objects"][plural].as_array().cloned().unwrap_or_default()
    }

    /// Changes an object as somebody with kubectl would.
    pub fn edit(&self, scenario: &str, plural: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let all = self.objects(scenario, plural);
        let mut object = all.into_iter().find(|o| o["metadata"]["name"] == name).unwrap();
        change(&mut object);
        self.world.object(scenario, object).unwrap();
    }

    pub fn fault(&self, scenario: &str, effect: Effect) {
        self.world.fault(scenario, vec![Fault { method: None, path: None, skip: 0, times: None, effect }]);
    }
}

pub fn draft(connection: &ConnectionId, name: &str) -> DefinitionDraft {
    DefinitionDraft {
        name: name.into(),
        connection: connection.0.clone(),
        scope: ScopeDraft { namespaces: vec!["web".into()], ..ScopeDraft::default() },
        keep_for: "14".into(),
        scheduled: true,
        cron: "30 2 * * *".into(),
        zone: "Europe/Zurich".into(),
        ..DefinitionDraft::default()
    }
}

fn caller(name: &str, role: Role) -> Caller {
    Caller {
        who: Some(SignedIn {
            user: name.into(),
            session: format!("session-of-{name}").into(),
            name: name.into(),
            role,
            zone: "Europe/Zurich".into(),
        }),
        request_id: "request-1".into(),
        address: "192.0.2.7".into(),
        browser: "test".into(),
    }
}

pub fn admin() -> Caller {
    caller("ada", Role::Administrator)
}

pub fn operator() -> Caller {
    caller("olga", Role::Operator)
}

pub fn viewer() -> Caller {
    caller("vic", Role::Viewer)
}

/// Looks again until it answers something, ten seconds at most.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    for _ in 0..500 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never came: {what}")
}
