//! CloudCasa on its simulated service.

use crate::{
    simulator::Sim,
    stage::{Crowd, Stage, owned},
    states::{self, State},
};
use model::{
    ConnectionId, Phase,
    connection::ConnectionDraft,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    named::Named,
    restore::RestoreOrder,
    scope::Scope,
};
use serde_json::{Value, json};
use server::provider::{Owned, PointSeen};

suite!(CloudCasa);

const DAY: u64 = 86_400;
/// The cases that are about several objects of one definition, and about no run: a run of a definition with a copy is two jobs.
const PAIRS: [&str; 6] = ["once", "edit", "crash", "pause", "dispute", "drift"];
const TAG: &str = "holdfast_definition";

pub struct CloudCasa(Sim);

impl CloudCasa {
    async fn with(mut options: Value) -> Self {
        options["history_days"] = json!(0);
        Self(Sim::open("cloudcasa", &options).await)
    }

    fn all(&self, collection: &str) -> Vec<Value> {
        self.0.state()["objects"][collection].as_array().cloned().unwrap_or_default()
    }

    fn named(&self, collection: &str, name: &str) -> Value {
        self.all(collection).into_iter().find(|doc| doc["name"] == name).unwrap_or_default()
    }

    fn job(&self, owned: &Owned, state: &str) -> String {
        let backup = self.named("kubebackups", &owned.upstream_name);
        let job = json!({"name": owned.upstream_name, "type": "K8S_SNAP", "state": state, "backupdef": backup["_id"]});
        let made = self.0.command("put", json!({"collection": "jobs", "document": job}));
        made["_id"].as_str().unwrap().to_owned()
    }
}

/// What somebody wrote: the server itself writes status, dates and etag.
fn written(mut doc: Value) -> Value {
    for field in ["_etag", "_updated", "_links", "status"] {
        doc.as_object_mut().unwrap().remove(field);
    }
    doc
}

impl Stage for CloudCasa {
    async fn open() -> Self {
        Self::with(json!({})).await
    }

    async fn crowd() -> (Self, Crowd) {
        // Pages hold 50, whatever is asked for.
        (Self::with(json!({"extra_jobs": 130})).await, Crowd::Runs(130))
    }

    async fn without_the_product() -> (Self, ConnectionDraft) {
        let stage = Self::with(json!({"api_keys": false})).await;
        let draft = stage.0.draft.clone();
        (stage, draft)
    }

    fn sim(&self) -> &Sim {
        &self.0
    }

    fn owned(&self, stem: &str) -> Owned {
        let cluster = self.named("kubeclusters", "prod-fra");
        let copied = PAIRS.contains(&stem);
        owned(
            stem,
            Definition {
                name: String::new(),
                connection: ConnectionId::from("c"),
                scope: Scope {
                    subject: Some(Named::new(cluster["_id"].as_str().unwrap(), "prod-fra")),
                    namespaces: vec!["checkout".into()],
                    ..Scope::default()
                },
                location: copied.then(|| "minio-fra".into()),
                volumes: if copied { Volumes::SnapshotMoved } else { Volumes::Snapshot },
                retention: Retention { keep_for: Some(Seconds(14 * DAY)), ..Retention::default() },
                schedule: Some(Schedule { cron: "0 0 1 1 *".into(), zone: Some("Europe/Zurich".into()) }),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
        )
    }

    fn edited(&self, owned: &Owned) -> Owned {
        let mut owned = owned.clone();
        owned.version += 1;
        let definition = &mut owned.definition;
        definition.scope.namespaces = vec!["checkout".into(), "orders".into()];
        definition.retention.keep_for = Some(Seconds(30 * DAY));
        if definition.location.is_some() {
            definition.location = Some("archive-zrh".into());
        }
        owned
    }

    fn objects(&self, owned: &Owned) -> Vec<Value> {
        let ours = |doc: &Value| doc["tags"][TAG] == owned.id.as_str();
        ["policies", "kubebackups", "kubeoffloads"]
            .into_iter()
            .flat_map(|collection| self.all(collection))
            .filter(ours)
            .map(written)
            .collect()
    }

    fn drift(&self, owned: &Owned) -> Definition {
        let set = json!({"source": {"namespaces": ["checkout", "web"]}});
        self.0.command("edit", json!({"collection": "kubebackups", "id": owned.upstream_name, "set": set}));
        let mut meant = owned.definition.clone();
        meant.scope.namespaces = vec!["checkout".into(), "web".into()];
        meant
    }

    fn unmark(&self, owned: &Owned) {
        let set = json!({"tags": {TAG: null}});
        self.0.command("edit", json!({"collection": "kubebackups", "id": owned.upstream_name, "set": set}));
    }

    fn foreign(&self, owned: &Owned) -> bool {
        let cluster = self.named("kubeclusters", "staging");
        let document = json!({"name": owned.upstream_name, "cluster": cluster["_id"], "trigger_type": "ADHOC",
            "source": {"all_namespaces": true}, "tags": {"team": "theirs"}});
        self.0.command("put", json!({"collection": "kubebackups", "document": document}));
        true
    }

    fn foreign_now(&self, owned: &Owned) -> Value {
        written(self.named("kubebackups", &owned.upstream_name))
    }

    fn endings(&self) -> Vec<(&'static str, Phase)> {
        vec![
            ("good", Phase::Succeeded),
            ("partial", Phase::Partial),
            ("failed", Phase::Failed),
            ("skipped", Phase::Failed),
            ("CANCELED", Phase::Cancelled),
            ("CANCELLED", Phase::Cancelled),
        ]
    }

    fn next_run_ends(&self, owned: &Owned, way: &str) {
        self.0.command("outcome", json!({"result": way, "of": owned.upstream_name}));
    }

    fn states(&self) -> &'static [State] {
        states::CLOUDCASA
    }

    fn invent(&self, owned: &Owned, word: &str) -> String {
        self.job(owned, word)
    }

    fn bare(&self, owned: &Owned) {
        self.job(owned, "RUNNING");
    }

    fn restore_order(&self, point: &PointSeen) -> RestoreOrder {
        RestoreOrder {
            point: "p".into(),
            point_name: point.name.clone(),
            mapping: vec![("checkout".into(), "checkout-copy".into())],
            ..RestoreOrder::default()
        }
    }

    fn fail_restore(&self, _order: &mut RestoreOrder) {
        self.0.command("outcome", json!({"result": "failed", "type": "RESTORE"}));
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.0.draft.credential.clone(), "not-a-secret-of-anyone".into(), "repo-password-of".into()]
    }
}
