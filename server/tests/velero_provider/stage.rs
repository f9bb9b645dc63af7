//! Where a test plays: a scenario of the simulator, or the real bed.

use model::{
    ConnectionId, DefinitionId, Millis,
    connection::ConnectionDraft,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    scope::Scope,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::Value;
use server::{
    clock::Clock,
    provider::{Ask, Observed, Owned, Provider, ProviderError, Registry},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// One cluster with Velero.
pub struct Stage {
    pub provider: Arc<dyn Provider>,
    /// What an administrator of the cluster does, past the provider.
    pub cluster: kube::Client,
    pub draft: ConnectionDraft,
    pub namespace: String,
    /// A namespace with something in it.
    pub protected: String,
    pub sim: Option<(sim::World, String)>,
}

pub fn registry() -> Registry {
    Registry::new(Clock::system())
}

pub fn connect(draft: &ConnectionDraft) -> Arc<dyn Provider> {
    let endpoint = registry().endpoint(draft, None).unwrap();
    registry().provider(&endpoint).unwrap()
}

/// A simulator of its own on a free port.
pub async fn simulator() -> (sim::World, String) {
    let world = sim::World::new(sim::Clock::real().with_speed(20.0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(sim::serve(listener, world.clone()));
    (world, base)
}

/// A scenario made of these options (JSON over the defaults).
pub async fn sim_with(options: Value) -> Stage {
    let (world, base) = simulator().await;
    world.seed("t", serde_json::from_value(options).unwrap());
    let address = format!("{base}/s/t/velero");
    let draft = ConnectionDraft {
        system: "velero".into(),
        name: "sim".into(),
        address: address.clone(),
        credential: "sim-t-token".into(),
        ..ConnectionDraft::default()
    };
    let mut config = kube::Config::new(address.parse().unwrap());
    config.auth_info.token = Some("sim-t-token".to_owned().into());
    let provider = connect(&draft);
    Stage {
        provider,
        cluster: config.try_into().unwrap(),
        draft,
        namespace: "velero".into(),
        protected: "checkout".into(),
        sim: Some((world, "t".into())),
    }
}

pub async fn sim() -> Stage {
    sim_with(serde_json::json!({})).await
}

/// The real bed, where the environment names one.
pub fn bed() -> Option<Stage> {
    let path = std::env::var_os("HOLDFAST_TEST_BED").filter(|p| !p.is_empty())?;
    let bed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |key: &str| bed[key].as_str().unwrap().to_owned();
    let ca = std::fs::read_to_string(text("ca_file")).unwrap();
    let draft = ConnectionDraft {
        system: "velero".into(),
        name: "bed".into(),
        address: text("api_server"),
        credential: text("token"),
        ca: ca.clone(),
        namespace: text("namespace"),
        ..ConnectionDraft::default()
    };
    let provider = connect(&draft);
    let authorities = CertificateDer::pem_slice_iter(ca.as_bytes()).map(|der| der.unwrap().as_ref().to_vec()).collect();
    let mut config = kube::Config::new(text("api_server").parse().unwrap());
    config.root_cert = Some(authorities);
    config.auth_info.token = Some(text("admin_token").into());
    let protected = bed["demo_namespaces"][0].as_str().unwrap().to_owned();
    Some(Stage {
        provider,
        cluster: config.try_into().unwrap(),
        draft,
        namespace: text("namespace"),
        protected,
        sim: None,
    })
}

impl Stage {
    /// A definition that nobody else has, on a cron that doesn't come due during a test.
    pub fn owned(&self, stem: &str) -> Owned {
        let id = uuid::Uuid::now_v7().to_string();
        let short = &id[id.len() - 6..];
        Owned {
            upstream_name: format!("{stem}-{short}"),
            version: 1,
            definition: Definition {
                name: stem.into(),
                connection: ConnectionId::from("c"),
                scope: Scope { namespaces: vec![self.protected.clone()], ..Scope::default() },
                location: None,
                volumes: Volumes::None,
                retention: Retention { keep_for: Some(Seconds(86_400)), ..Retention::default() },
                schedule: Some(Schedule { cron: "0 0 1 1 *".into(), zone: Some("Europe/Zurich".into()) }),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
            id: DefinitionId(id),
        }
    }

    /// A call past the provider; `None` for 404.
    pub async fn ask(&self, method: &str, plural: &str, name: &str, body: Option<Value>) -> Option<Value> {
        let slash = if name.is_empty() { "" } else { "/" };
        let uri = format!("/apis/velero.io/v1/namespaces/{}/{plural}{slash}{name}", self.namespace);
        let media = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let body = body.map(|b| b.to_string().into_bytes()).unwrap_or_default();
        let request =
            http::Request::builder().method(method).uri(uri).header("content-type", media).body(body).unwrap();
        match self.cluster.request::<Value>(request).await {
            Ok(value) => Some(value),
            Err(kube::Error::Api(status)) if status.code == 404 => None,
            Err(error) => panic!("{method} {plural} {name}: {error}"),
        }
    }

    pub async fn get(&self, plural: &str, name: &str) -> Option<Value> {
        self.ask("GET", plural, name, None).await
    }

    /// Somebody edits an object in the cluster.
    pub async fn edit(&self, plural: &str, name: &str, patch: Value) {
        self.ask("PATCH", plural, name, Some(patch)).await.unwrap();
    }

    /// Begins to observe.
    pub fn watch(&self) -> Watcher {
        let (sender, receiver) = mpsc::channel(64);
        let provider = self.provider.clone();
        let patience = if self.sim.is_some() { SIMULATED } else { REAL };
        Watcher { receiver, task: tokio::spawn(async move { provider.observe(sender).await }), patience }
    }
}

/// So long something may take on the simulator, whose clock runs fast.
const SIMULATED: Duration = Duration::from_secs(40);
/// So long it may take on the bed: a real Velero works at one backup at a time, and those of the tests beside this one go first.
const REAL: Duration = Duration::from_secs(150);

/// What an observer tells.
pub struct Watcher {
    pub receiver: mpsc::Receiver<Observed>,
    pub task: tokio::task::JoinHandle<ProviderError>,
    patience: Duration,
}

impl Watcher {
    /// Waits for something, as long as its stage may take.
    pub async fn find<T>(&mut self, what: &str, mut pick: impl FnMut(&Observed) -> Option<T>) -> T {
        let search = async {
            while let Some(observed) = self.receiver.recv().await {
                if let Some(found) = pick(&observed) {
                    return found;
                }
            }
            panic!("{what}: observing ended: {:?}", (&mut self.task).await);
        };
        tokio::time::timeout(self.patience, search).await.unwrap_or_else(|_| panic!("{what}: not seen"))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs a test on the simulator and on the bed.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod on_sim { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(&$crate::stage::sim().await).await; }
        )* }
        mod on_bed { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                match $crate::stage::bed() {
                    Some(stage) => super::$name(&stage).await,
                    None => println!("skipped: HOLDFAST_TEST_BED is not set"),
                }
            }
        )* }
    };
}

/// An order under this name.
pub fn ask(name: &str) -> Ask {
    Ask { name: name.into(), asked_by: "ada".into(), asked: Millis(0), repeated: false, taken: Vec::new() }
}
