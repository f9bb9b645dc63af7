//! Velero on its simulated cluster.

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
    restore::RestoreOrder,
    scope::Scope,
};
use serde_json::{Value, json};
use server::provider::{Owned, PointSeen};

mod tiers;

suite!(Velero);

pub struct Velero(Sim);

impl Velero {
    async fn with(options: Value) -> Self {
        Self(Sim::open("velero", &options).await)
    }

    fn all(&self, plural: &str) -> Vec<Value> {
        self.0.state()["objects"][plural].as_array().cloned().unwrap_or_default()
    }

    fn get(&self, plural: &str, name: &str) -> Value {
        self.all(plural).into_iter().find(|o| o["metadata"]["name"] == name).unwrap_or_default()
    }

    fn edit(&self, owned: &Owned, change: impl FnOnce(&mut Value)) {
        self.edit_named(&owned.upstream_name, change);
    }

    fn edit_named(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut schedule = self.get("schedules", name);
        change(&mut schedule);
        schedule["kind"] = json!("Schedule");
        self.0.object(schedule);
    }

    fn backup(&self, owned: &Owned, name: &str, status: Value) {
        self.0.object(json!({
            "apiVersion": "velero.io/v1", "kind": "Backup",
            "metadata": {"name": name, "namespace": "velero", "labels": {"holdfast.io/definition": owned.id.as_str()}},
            "spec": {"includedNamespaces": ["checkout"], "storageLocation": "default"}, "status": status,
        }));
    }
}

/// What somebody wrote: Velero itself writes the status, and its default of `skipImmediately`.
fn written(mut object: Value) -> Value {
    if let Some(spec) = object["spec"].as_object_mut() {
        spec.remove("skipImmediately");
    }
    let meta = &object["metadata"];
    json!([meta["name"], meta["uid"], meta["labels"], object["spec"]])
}

impl Stage for Velero {
    async fn open() -> Self {
        Self::with(json!({})).await
    }

    async fn crowd() -> (Self, Crowd) {
        let stage = Self::with(json!({"server_down": true})).await;
        let owned = stage.owned("crowd");
        // Pages hold 500.
        for n in 0..1203 {
            stage.backup(&owned, &format!("b-{n:04}"), json!({"phase": "Completed"}));
        }
        (stage, Crowd::Runs(1203))
    }

    async fn without_the_product() -> (Self, ConnectionDraft) {
        let stage = Self::with(json!({"velero_installed": false})).await;
        let draft = stage.0.draft.clone();
        (stage, draft)
    }

    fn sim(&self) -> &Sim {
        &self.0
    }

    fn owned(&self, stem: &str) -> Owned {
        owned(
            stem,
            Definition {
                name: String::new(),
                connection: ConnectionId::from("c"),
                scope: Scope { namespaces: vec!["checkout".into()], ..Scope::default() },
                location: None,
                volumes: Volumes::None,
                retention: Retention { keep_for: Some(Seconds(86_400)), ..Retention::default() },
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
        owned.definition.scope.except_resources = vec!["secrets".into()];
        owned
    }

    fn objects(&self, owned: &Owned) -> Vec<Value> {
        let ours = |o: &Value| o["metadata"]["labels"]["holdfast.io/definition"] == owned.id.as_str();
        let single = |o: &Value| ours(o) && o["metadata"]["name"] == owned.upstream_name;
        let schedules = self.all("schedules").into_iter().filter(ours);
        schedules.chain(self.all("backups").into_iter().filter(single)).map(written).collect()
    }

    fn drift(&self, owned: &Owned) -> Definition {
        self.edit(owned, |schedule| schedule["spec"]["template"]["ttl"] = json!("48h"));
        let mut meant = owned.definition.clone();
        meant.retention.keep_for = Some(Seconds(2 * 86_400));
        meant
    }

    fn unmark(&self, owned: &Owned) {
        self.edit(owned, |schedule| schedule["metadata"]["labels"] = json!({}));
    }

    fn foreign(&self, owned: &Owned) -> bool {
        self.0.object(json!({
            "apiVersion": "velero.io/v1", "kind": "Schedule",
            "metadata": {"name": owned.upstream_name, "namespace": "velero"},
            "spec": {"schedule": "0 0 1 1 *", "template": {}},
        }));
        true
    }

    fn foreign_now(&self, owned: &Owned) -> Value {
        written(self.get("schedules", &owned.upstream_name))
    }

    fn endings(&self) -> Vec<(&'static str, Phase)> {
        vec![("", Phase::Succeeded), ("partial", Phase::Partial), ("failed", Phase::Failed)]
    }

    fn next_run_ends(&self, owned: &Owned, way: &str) {
        // A schedule passes its annotations on.
        self.edit(owned, |schedule| schedule["metadata"]["annotations"]["sim/outcome"] = json!(way));
    }

    fn states(&self) -> &'static [State] {
        states::VELERO
    }

    fn invent(&self, owned: &Owned, word: &str) -> String {
        let name = format!("word-{}-x", word.to_lowercase());
        // Else its own controllers move it on.
        self.0.server(false);
        let ended = matches!(word, "Completed" | "PartiallyFailed" | "Failed" | "Deleting" | "Sublime");
        let mut status = json!({"phase": word});
        if ended {
            status["completionTimestamp"] = json!("2026-10-03T02:31:00Z");
        }
        self.backup(owned, &name, status);
        name
    }

    fn bare(&self, owned: &Owned) {
        self.backup(owned, "bare", json!({"phase": "WaitingForPluginOperations"}));
    }

    fn restore_order(&self, point: &PointSeen) -> RestoreOrder {
        RestoreOrder {
            point: "p".into(),
            point_name: point.name.clone(),
            mapping: vec![("checkout".into(), "checkout-copy".into())],
            ..RestoreOrder::default()
        }
    }

    fn fail_restore(&self, order: &mut RestoreOrder) {
        order.point_name = "no-such-backup".into();
    }

    fn normal(&self, mut definition: Definition) -> Definition {
        for group in &mut definition.scope.selectors {
            group.sort_by(|a, b| (&a.key, a.operator.upstream()).cmp(&(&b.key, b.operator.upstream())));
        }
        definition
    }
}
