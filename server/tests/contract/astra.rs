//! Astra Control: one account with its apps.

use crate::{
    dice::Words,
    simulator::Sim,
    stage::{Crowd, Stage, owned},
    states::{self, State},
};
use model::{
    ConnectionId, Phase,
    connection::ConnectionDraft,
    definition::{Definition, Retention, Schedule, Volumes},
    named::Named,
    restore::RestoreOrder,
    scope::Scope,
};
use serde_json::{Value, json};
use server::provider::{Owned, PointSeen};

suite!(Astra);

/// What the cases play on; nothing else happens there.
const APP: &str = "orders";
/// Apps beside those of the estate, so that definitions don't meet: an app has no two schedules of the same times.
const MORE: usize = 40;

pub struct Astra(Sim);

impl Astra {
    async fn with(mut options: Value) -> Self {
        options["history_days"] = json!(0);
        Self(Sim::open("astra", &options).await)
    }

    fn all(&self, resource: &str) -> Vec<Value> {
        self.0.state()["resources"][resource].as_array().cloned().unwrap_or_default()
    }

    fn app(&self) -> Named {
        let found = self.all("app").into_iter().find(|app| app["name"] == APP).unwrap();
        Named::new(found["id"].as_str().unwrap(), APP)
    }

    fn put(&self, resource: &str, object: Value) -> String {
        let made = self.0.command("put", json!({"resource": resource, "owner": APP, "object": object}));
        made["id"].as_str().unwrap().to_owned()
    }

    fn schedules(&self, owned: &Owned) -> Vec<Value> {
        self.all("schedule").into_iter().filter(|one| is_ours(one, owned)).collect()
    }

    fn backup(&self, owned: &Owned, more: &Value) -> String {
        let label = json!({"name": "holdfast.io/definition", "value": owned.id.as_str()});
        let mut object = json!({"metadata": {"labels": [label]}});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = self.put("appBackup", object);
        format!("{}/{id}", self.app().id)
    }
}

fn is_ours(object: &Value, owned: &Owned) -> bool {
    let label = json!({"name": "holdfast.io/definition", "value": owned.id.as_str()});
    object["metadata"]["labels"].as_array().is_some_and(|labels| labels.contains(&label))
}

/// Without the times that the server writes.
fn written(mut object: Value) -> Value {
    object["metadata"] = object["metadata"]["labels"].take();
    object
}

impl Stage for Astra {
    const TOGETHER: usize = MORE;

    async fn open() -> Self {
        let more: Vec<String> = (0..MORE).map(|n| format!("more-{n}")).collect();
        Self::with(json!({"extra_apps": more, "deletion_seconds": 20})).await
    }

    /// Its lists have no pages, but for tasks and notifications: a long one comes whole.
    async fn crowd() -> (Self, Crowd) {
        let more: Vec<String> = (0..290).map(|n| format!("more-{n}")).collect();
        (Self::with(json!({"extra_apps": more})).await, Crowd::Subjects(300))
    }

    async fn without_the_product() -> (Self, ConnectionDraft) {
        let stage = Self::open().await;
        let account = "a1a1a1a1-0000-4000-8000-00000000000f".to_owned();
        let draft = ConnectionDraft { account, ..stage.0.draft.clone() };
        (stage, draft)
    }

    fn sim(&self) -> &Sim {
        &self.0
    }

    fn owned(&self, stem: &str) -> Owned {
        // An app has no two schedules of the same times.
        let minute = stem.bytes().map(u32::from).sum::<u32>() % 60;
        let at = |rest: &str| Schedule { cron: format!("{minute} {rest}"), zone: None };
        owned(
            stem,
            Definition {
                name: String::new(),
                connection: ConnectionId::from("c"),
                scope: Scope { subject: Some(self.app()), ..Scope::default() },
                location: None,
                volumes: Volumes::SnapshotMoved,
                retention: Retention { keep_last: Some(7), keep_snapshots: Some(1), ..Retention::default() },
                // In the small hours of a day that few months have, and on a Sunday.
                schedule: Some(at("3 31 * *")),
                further: vec![model::tier::Tier {
                    schedule: at("4 * * 0"),
                    retention: Retention { keep_last: Some(4), ..Retention::default() },
                }],
                policy: None,
                paused: false,
            },
        )
    }

    fn edited(&self, owned: &Owned) -> Owned {
        let mut owned = owned.clone();
        owned.version += 1;
        // Of each schedule something.
        owned.definition.retention.keep_snapshots = Some(3);
        owned
    }

    fn unscheduled(&self, owned: &Owned) -> Owned {
        let mut owned = owned.clone();
        owned.definition.schedule = None;
        owned.definition.further.clear();
        // What no schedule makes is counted by none.
        owned.definition.retention = Retention::default();
        owned
    }

    fn objects(&self, owned: &Owned) -> Vec<Value> {
        let single = |one: &Value| is_ours(one, owned) && one["name"] == owned.upstream_name.as_str();
        let backups = self.all("appBackup").into_iter().filter(single);
        self.schedules(owned).into_iter().chain(backups).map(written).collect()
    }

    fn drift(&self, owned: &Owned) -> Definition {
        let schedules = self.schedules(owned);
        let weekly = schedules.iter().find(|one| one["granularity"] == "weekly").unwrap();
        let with = json!({"hour": "9", "backupRetention": "5"});
        self.0.command("patch", json!({"resource": "schedule", "id": weekly["id"], "with": with}));
        let mut meant = owned.definition.clone();
        meant.further[0].schedule.cron = meant.further[0].schedule.cron.replace(" 4 ", " 9 ");
        meant.further[0].retention.keep_last = Some(5);
        meant
    }

    fn unmark(&self, owned: &Owned) {
        for schedule in self.schedules(owned) {
            let with = json!({"metadata": {"labels": []}});
            self.0.command("patch", json!({"resource": "schedule", "id": schedule["id"], "with": with}));
        }
    }

    fn foreign(&self, owned: &Owned) -> bool {
        self.put(
            "schedule",
            json!({"name": owned.upstream_name, "enabled": "true", "granularity": "monthly", "minute": "1", "hour": "1",
                "dayOfMonth": "30", "snapshotRetention": "1", "backupRetention": "1"}),
        );
        true
    }

    fn foreign_now(&self, owned: &Owned) -> Value {
        let found = self.all("schedule").into_iter().find(|one| one["name"] == owned.upstream_name.as_str());
        written(found.unwrap_or_default())
    }

    fn endings(&self) -> Vec<(&'static str, Phase)> {
        vec![("completed", Phase::Succeeded), ("hook-failed", Phase::Partial), ("failed", Phase::Failed)]
    }

    fn next_run_ends(&self, _owned: &Owned, way: &str) {
        self.0.command("outcome", json!({"app": APP, "of": "backup", "result": way, "times": 1}));
    }

    fn states(&self) -> &'static [State] {
        states::ASTRA
    }

    fn invent(&self, owned: &Owned, word: &str) -> String {
        let (state, hooks) = match word.split_once(" (hook ") {
            Some((state, hooks)) => (state, hooks.trim_end_matches(')')),
            None => (word, "success"),
        };
        let mut object = json!({"name": format!("word-{}", word.replace([' ', '(', ')'], "-")), "state": state});
        // What was completed once keeps its time.
        if matches!(state, "completed" | "removed" | "deleting") {
            object["backupCreationTimestamp"] = json!("2026-10-03T02:31:00Z");
            object["hookState"] = json!(hooks);
        }
        self.backup(owned, &object)
    }

    fn bare(&self, owned: &Owned) {
        self.backup(owned, &json!({"state": "pending"}));
    }

    fn restore_order(&self, point: &PointSeen) -> RestoreOrder {
        RestoreOrder {
            point: "p".into(),
            point_name: point.name.clone(),
            subject: point.detail.subject.clone(),
            cluster: point.detail.cluster.clone(),
            new_name: "orders-copy".into(),
            ..RestoreOrder::default()
        }
    }

    fn fail_restore(&self, _order: &mut RestoreOrder) {
        self.0.command("outcome", json!({"of": "restore", "result": "failed", "detail": "No space", "times": 1}));
    }

    fn words(&self) -> Words {
        Words {
            crons: vec![
                "30 2 * * *",
                "0 3 * * 1",
                "15 4 1 * *",
                "0 * * * *",
                "@daily",
                "@every 90m",
                "15 */6 * * *",
                "7-59/20 * * * *",
                "0 4 * * SUN",
            ],
            zones: vec![None, None, Some("UTC"), Some("Asia/Kathmandu")],
            // It keeps by number alone.
            ages: vec![None, None, None, Some(3600)],
            counts: vec![Some(1), Some(7), Some(30)],
            ..Words::default()
        }
    }
}
