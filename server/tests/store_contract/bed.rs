//! A store to test, and things to put in.

use crate::postgres_server;
use model::{
    ConnectionId, DefinitionId, Millis, Phase,
    connection::{Health, ProviderKind},
    definition::{Definition, Drift, Retention, Schedule, Volumes},
    recovery::{PointDetail, PointState},
    run::{Progress, RunDetail, Trigger},
    scope::Scope,
};
use server::{
    clock::Clock,
    provider::{DeclaredSeen, PointSeen, RunSeen, Settings},
    store::{self, AuditRow, HealthRecord, Line, NewConnection, NewDefinition, Store},
};

pub const START: i64 = 1_793_259_699_000;
pub const DAY: i64 = 86_400_000;

pub struct Bed {
    pub store: Store,
    pub clock: Clock,
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Bed {
    async fn open(url: String, folder: Option<tempfile::TempDir>) -> Self {
        let clock = Clock::manual(Millis(START));
        let store = Store::open(&url, clock.clone()).await.unwrap();
        Self { store, clock, url, _folder: folder }
    }

    pub async fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("holdfast.db").display());
        Self::open(url, Some(folder)).await
    }

    pub async fn memory() -> Self {
        Self::open("sqlite::memory:".into(), None).await
    }

    pub async fn postgres() -> Option<Self> {
        Some(Self::open(postgres_server::database().await?, None).await)
    }

    /// Another node's store on the same database; in memory there is only one.
    pub async fn other(&self) -> Store {
        if self.is_memory() { self.store.clone() } else { Store::open(&self.url, self.clock.clone()).await.unwrap() }
    }

    pub fn is_memory(&self) -> bool {
        self.url.contains(":memory:")
    }

    pub fn engine(&self) -> &'static str {
        match (self.store.shared(), self.is_memory()) {
            (true, _) => "PostgreSQL",
            (false, true) => "SQLite in memory",
            (false, false) => "SQLite in a file",
        }
    }

    pub async fn end(self) {
        self.store.close().await;
        postgres_server::drop_database(&self.url).await;
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    pub async fn connection(&self, name: &str) -> ConnectionId {
        let id = ConnectionId(store::new_id(&self.clock));
        self.store.create_connection(&new_connection(&id, name), &audit()).await.unwrap();
        id
    }

    pub async fn definition(&self, connection: &ConnectionId, name: &str) -> DefinitionId {
        self.save_new(definition(connection, name)).await
    }

    /// Saves it as a new one that follows nothing.
    pub async fn save_new(&self, definition: Definition) -> DefinitionId {
        let id = DefinitionId(store::new_id(&self.clock));
        let upstream_name = format!("{}-{}", definition.name, &id.0[30..]);
        let new = NewDefinition { id: id.clone(), upstream_name, definition, follows: None };
        self.store.create_definition(&new, &line("saved"), &audit()).await.unwrap();
        id
    }

    /// Claims everything and reports it as applied.
    pub async fn apply_all(&self) {
        let claim = || self.store.claim_definitions("a", self.now(), 1_000, 1_000);
        let mut claimed = claim().await.unwrap();
        while let Some(record) = claimed.pop() {
            let applied = Default::default();
            assert!(
                self.store
                    .finish_apply(&record.id, "a", record.version, &applied, &line("applied"), as_left)
                    .await
                    .unwrap()
            );
            if claimed.is_empty() {
                claimed = claim().await.unwrap();
            }
        }
    }
}

pub fn new_connection(id: &ConnectionId, name: &str) -> NewConnection {
    NewConnection {
        id: id.clone(),
        name: name.into(),
        kind: ProviderKind::Velero,
        settings: Settings {
            address: "https://k.example:6443".into(),
            namespace: "velero".into(),
            ..Settings::default()
        },
        secret: "v1.sealed".into(),
        health: HealthRecord {
            health: Health::New,
            upstream_version: None,
            platform: None,
            latency_ms: None,
            last_seen: None,
        },
        locations: vec![],
    }
}

pub fn definition(connection: &ConnectionId, name: &str) -> Definition {
    Definition {
        name: name.into(),
        connection: connection.clone(),
        scope: Scope { namespaces: vec!["checkout".into(), "checkout-db".into()], ..Scope::default() },
        location: None,
        volumes: Volumes::Upstream,
        retention: Retention::default(),
        schedule: Some(Schedule { cron: "30 2 * * *".into(), zone: Some("Europe/Zurich".into()) }),
        further: Vec::new(),
        policy: None,
        paused: false,
    }
}

/// Nothing was seen after the apply.
pub fn as_left(_: &DeclaredSeen) -> Option<(Vec<Drift>, Line)> {
    None
}

pub fn audit() -> AuditRow {
    AuditRow {
        actor: "admin".into(),
        address: "192.0.2.1".into(),
        action: "test".into(),
        subject: "subject".into(),
        detail: "detail".into(),
    }
}

pub fn line(kind: &'static str) -> Line {
    Line { kind, sentence: format!("It was {kind}."), actor: Some("admin".into()) }
}

pub fn run(name: &str, at: i64) -> RunSeen {
    RunSeen {
        name: name.into(),
        order: None,
        definition: None,
        declared: None,
        phase: Phase::Succeeded,
        raw_phase: "Completed".into(),
        trigger: Trigger::Schedule,
        created: Some(Millis(at)),
        started: Some(Millis(at)),
        ended: Some(Millis(at + 60_000)),
        detail: RunDetail {
            items: Some(Progress { done: 10, total: Some(12) }),
            warnings: Some(1),
            namespaces: vec!["checkout".into()],
            ..RunDetail::default()
        },
    }
}

pub fn point(name: &str, at: i64) -> PointSeen {
    PointSeen {
        name: name.into(),
        run: Some(name.into()),
        definition: None,
        declared: None,
        state: PointState::Whole,
        taken: Some(Millis(at)),
        expires: Some(Millis(START + DAY + at)),
        location: Some("default".into()),
        namespaces: vec!["checkout".into()],
        items: Some(12),
        detail: PointDetail::default(),
    }
}
