//! A simulator of its own for each test, and what a test does to it past the provider.

use model::connection::ConnectionDraft;
use serde_json::{Value, json};
use server::{
    clock::Clock,
    provider::{Provider, Registry},
};
use std::sync::Arc;

/// The scenario whose connection the simulator announces.
const SCENARIO: &str = "demo";

/// One system in a world of its own.
pub struct Sim {
    pub world: sim::World,
    pub system: &'static str,
    /// What somebody would type into the connection form, from the line that `holdfast sim` prints.
    pub draft: ConnectionDraft,
    pub provider: Arc<dyn Provider>,
}

/// A request that the simulator was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub method: String,
    pub path: String,
}

impl Sent {
    /// Whether it may change something.
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// The provider that a connection form leads to.
pub fn connect(draft: &ConnectionDraft) -> Arc<dyn Provider> {
    let registry = Registry::new(Clock::system());
    let endpoint = registry.endpoint(draft, None).unwrap_or_else(|e| panic!("{draft}: {e:?}"));
    registry.provider(&endpoint).unwrap()
}

impl Sim {
    /// A fresh scenario on a free port, made of these options. Work in it goes twenty times as fast as in life.
    pub async fn open(system: &'static str, options: &Value) -> Self {
        let world = sim::World::new(sim::Clock::real().with_speed(20.0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        if system == "velero" {
            world.seed(SCENARIO, serde_json::from_value(options.clone()).unwrap());
        } else {
            world.seed_system(SCENARIO, system, options).unwrap();
        }
        let line = sim::announce(&base).into_iter().find(|line| line["system"] == system).unwrap();
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let draft = ConnectionDraft {
            system: system.into(),
            name: "contract".into(),
            address: text("base_url"),
            credential: text("credential"),
            namespace: text("namespace"),
            account: text("account_id") + &text("project_uid"),
            ..ConnectionDraft::default()
        };
        let provider = connect(&draft);
        Self { world, system, draft, provider }
    }

    /// Injects faults, as the simulator's own list of them.
    pub fn fault(&self, faults: Value) {
        let faults = serde_json::from_value(faults).unwrap();
        if self.system == "velero" {
            self.world.fault(SCENARIO, faults);
        } else {
            self.world.fault_system(SCENARIO, self.system, faults).unwrap();
        }
    }

    /// The next requests that may change something go wrong in this way, each method once.
    pub fn fault_next_write(&self, effect: &Value) {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            self.fault(json!([{"method": method, "times": 1, "effect": effect}]));
        }
    }

    /// Takes all faults away.
    pub fn heal(&self) {
        if self.system == "velero" {
            self.world.heal(SCENARIO);
        } else {
            self.world.heal_system(SCENARIO, self.system).unwrap();
        }
    }

    /// Everything that it holds, in its own form.
    pub fn state(&self) -> Value {
        if self.system == "velero" {
            self.world.state(SCENARIO)
        } else {
            self.world.system_state(SCENARIO, self.system).unwrap()
        }
    }

    /// Does something past the API; see the simulator's list of commands of the system.
    pub fn command(&self, verb: &str, body: Value) -> Value {
        self.world
            .command(SCENARIO, self.system, verb, &body)
            .unwrap_or_else(|e| panic!("{}: {verb} {body}: {e}", self.system))
    }

    /// Writes an object of a Kubernetes API as it is.
    pub fn object(&self, object: Value) -> Value {
        self.world.object(SCENARIO, object).unwrap()
    }

    /// Stops or starts Velero on its cluster; what is in progress then fails.
    pub fn server(&self, running: bool) {
        self.world.server(SCENARIO, running);
    }

    /// The last requests, at most 500, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        self.calls()["recent"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| Sent { method: text(&call["method"]), path: text(&call["path"]) })
            .collect()
    }

    /// How many requests there were since they were last forgotten.
    pub fn count(&self) -> u64 {
        self.calls()["total"].as_u64().unwrap()
    }

    fn calls(&self) -> Value {
        if self.system == "velero" {
            self.world.calls(SCENARIO)
        } else {
            self.world.system_calls(SCENARIO, self.system).unwrap()
        }
    }

    /// Forgets the requests.
    pub fn forget(&self) {
        if self.system == "velero" {
            self.world.reset_calls(SCENARIO);
        } else {
            self.world.reset_system_calls(SCENARIO, self.system).unwrap();
        }
    }
}
