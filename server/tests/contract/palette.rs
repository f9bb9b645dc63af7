//! Palette on its simulator. A workspace has one policy, so that each definition of a scenario is given a workspace of its own.

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
use std::sync::atomic::{AtomicUsize, Ordering};

suite!(Palette);

/// Those whose clusters are all well.
const WORKSPACES: [&str; 5] = ["shop", "finance", "identity", "ledger", "analytics"];

pub struct Palette {
    sim: Sim,
    /// Definitions that were asked for.
    given: AtomicUsize,
    entries: AtomicUsize,
}

impl Palette {
    /// Tested before it was stored, as every connection: the test learns the release from a policy that is there.
    async fn with(options: Value) -> Self {
        let mut all = json!({"estate": "plain", "rate_limit": false});
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let stage =
            Self { sim: Sim::open("palette", &all).await, given: AtomicUsize::new(0), entries: AtomicUsize::new(0) };
        if stage.workspace("analytics").is_object() {
            stage.put("analytics", "left-behind", "");
        }
        stage.sim.provider.check().await;
        stage
    }

    fn all(&self, list: &str) -> Vec<Value> {
        self.sim.state()[list].as_array().cloned().unwrap_or_default()
    }

    fn workspace(&self, name: &str) -> Value {
        self.all("workspaces").into_iter().find(|w| w["name"] == name).unwrap_or_default()
    }

    /// The workspace of a definition.
    fn of(&self, owned: &Owned) -> Value {
        let uid = &owned.definition.scope.subject.as_ref().unwrap().id;
        self.all("workspaces").into_iter().find(|w| w["uid"] == uid.as_str()).unwrap()
    }

    fn location(&self) -> Value {
        let of_name = |l: &Value| l["metadata"]["name"] == "eu-s3";
        self.all("locations").into_iter().find(of_name).unwrap()["metadata"]["uid"].clone()
    }

    /// Somebody else writes a policy.
    fn put(&self, workspace: &str, prefix: &str, cron: &str) {
        let config = json!({"includeAllClusters": true, "backupConfig": {
            "backupPrefix": prefix, "backupLocationUid": self.location(), "backupLocationName": "eu-s3",
            "locationType": "s3", "durationInHours": 24, "includeAllDisks": true, "includeClusterResourceMode": "Auto",
            "schedule": {"scheduledRunTime": cron}}});
        self.sim.command("policy", json!({"workspace": workspace, "config": config}));
    }

    /// An entry of the workspace's status, as it is.
    fn entry(&self, owned: &Owned, mut config: Value) -> String {
        let workspace = self.of(owned);
        let request = format!("65dd{:020}", self.entries.fetch_add(1, Ordering::SeqCst));
        let named = config["backupName"].is_null();
        if named {
            config["backupName"] = json!(format!("{}-{request}", owned.upstream_name));
        }
        let backup = json!({"requestUid": request, "actor": {"actorType": "User"}, "workspaceBackupConfig": config});
        self.sim.command("entry", json!({"workspace": workspace["uid"], "backup": backup}));
        format!("{}/{request}", workspace["uid"].as_str().unwrap())
    }
}

impl Stage for Palette {
    const TOGETHER: usize = 5;

    async fn open() -> Self {
        Self::with(json!({})).await
    }

    async fn crowd() -> (Self, Crowd) {
        // Neither list that it reads has pages: the whole of it comes at once.
        let fleet = json!({"workspaces": 120, "clusters": 2, "requests": 0});
        (Self::with(json!({"estate": "fleet", "fleet": fleet})).await, Crowd::Subjects(120))
    }

    async fn without_the_product() -> (Self, ConnectionDraft) {
        let stage = Self::open().await;
        let draft = ConnectionDraft { account: "65ff00000000000000000000".into(), ..stage.sim.draft.clone() };
        (stage, draft)
    }

    fn sim(&self) -> &Sim {
        &self.sim
    }

    fn owned(&self, stem: &str) -> Owned {
        let name = WORKSPACES[self.given.fetch_add(1, Ordering::SeqCst) % WORKSPACES.len()];
        let uid = self.workspace(name)["uid"].as_str().unwrap().to_owned();
        owned(
            stem,
            Definition {
                name: String::new(),
                connection: ConnectionId::from("c"),
                scope: Scope { subject: Some(Named::new(uid, name)), ..Scope::default() },
                location: Some("eu-s3".into()),
                volumes: Volumes::Upstream,
                retention: Retention { keep_for: Some(Seconds(14 * 86_400)), ..Retention::default() },
                schedule: Some(Schedule { cron: "0 0 1 1 *".into(), zone: Some("UTC".into()) }),
                further: Vec::new(),
                policy: None,
                paused: false,
            },
        )
    }

    fn edited(&self, owned: &Owned) -> Owned {
        let mut owned = owned.clone();
        owned.version += 1;
        owned.definition.schedule = Some(Schedule { cron: "0 1 2 2 *".into(), zone: Some("UTC".into()) });
        owned.definition.volumes = Volumes::None;
        owned
    }

    fn objects(&self, owned: &Owned) -> Vec<Value> {
        let mut all = Vec::new();
        for workspace in self.all("workspaces") {
            if workspace["policy"]["backupConfig"]["backupPrefix"] == owned.upstream_name.as_str() {
                all.push(json!({"workspace": workspace["uid"], "policy": workspace["policy"]}));
            }
            let backups = workspace["backups"].as_array().cloned().unwrap_or_default();
            let single = |b: &&Value| b["workspaceBackupConfig"]["backupName"] == owned.upstream_name.as_str();
            all.extend(backups.iter().filter(single).map(|b| b["requestUid"].clone()));
        }
        all
    }

    fn drift(&self, owned: &Owned) -> Definition {
        let workspace = self.of(owned);
        let mut config = workspace["policy"].clone();
        config["backupConfig"]["durationInHours"] = json!(72);
        self.sim.command("policy", json!({"workspace": workspace["uid"], "config": config}));
        let mut meant = owned.definition.clone();
        meant.retention.keep_for = Some(Seconds(3 * 86_400));
        meant
    }

    fn unmark(&self, owned: &Owned) {
        let workspace = self.of(owned);
        let mut config = workspace["policy"].clone();
        config["backupConfig"]["backupPrefix"] = json!("ours-now");
        self.sim.command("policy", json!({"workspace": workspace["uid"], "config": config}));
    }

    fn foreign(&self, owned: &Owned) -> bool {
        self.put(self.of(owned)["name"].as_str().unwrap(), "by-terraform", "0 3 * * *");
        true
    }

    fn foreign_now(&self, owned: &Owned) -> Value {
        self.of(owned)["policy"].clone()
    }

    fn endings(&self) -> Vec<(&'static str, Phase)> {
        vec![("completed", Phase::Succeeded), ("partial", Phase::Partial), ("failed", Phase::Failed)]
    }

    fn next_run_ends(&self, _owned: &Owned, way: &str) {
        self.sim.command("outcome", json!({"outcome": way}));
    }

    fn states(&self) -> &'static [State] {
        states::PALETTE
    }

    fn invent(&self, owned: &Owned, word: &str) -> String {
        let clusters = self.of(owned)["clusters"].as_array().unwrap().clone();
        let refs: Vec<Value> = clusters
            .iter()
            .map(|uid| {
                json!({"clusterUid": uid, "clusterName": uid, "backupStatusMeta": {
                    "backupName": format!("{}-{}", owned.upstream_name, uid.as_str().unwrap()),
                    "backupState": {"state": word, "msg": ""}, "backupedNamespaces": ["web"]}})
            })
            .collect();
        self.entry(
            owned,
            json!({"backupState": {"state": word}, "requestTime": "2026-10-03T02:00:00.000Z",
            "config": {"durationInHours": 240_000}, "clusterBackupRefs": refs}),
        )
    }

    fn bare(&self, owned: &Owned) {
        self.entry(
            owned,
            json!({"backupState": {"state": "InProgress"}, "backupTime": "0001-01-01T00:00:00.000Z",
            "requestTime": "0001-01-01T00:00:00.000Z", "clusterBackupRefs": null}),
        );
    }

    fn restore_order(&self, point: &PointSeen) -> RestoreOrder {
        RestoreOrder {
            point: "p".into(),
            point_name: point.name.clone(),
            subject: point.detail.subject.clone(),
            cluster: point.detail.cluster.clone(),
            ..RestoreOrder::default()
        }
    }

    fn fail_restore(&self, _order: &mut RestoreOrder) {
        self.sim.command("outcome", json!({"of": "restore", "outcome": "failed", "message": "quota exceeded"}));
    }

    /// Of a hundred rolled definitions Palette could express hardly one.
    fn shape(&self, mut definition: Definition) -> Definition {
        let scope = &mut definition.scope;
        (scope.selectors, scope.except_namespaces) = (Vec::new(), Vec::new());
        (scope.resources, scope.except_resources) = (Vec::new(), Vec::new());
        if definition.volumes != Volumes::None {
            definition.volumes = Volumes::Upstream;
        }
        let keep_for = definition.retention.keep_for.or(Some(Seconds(7 * 3600)));
        definition.retention = Retention { keep_for, ..Retention::default() };
        definition.location = definition.location.or(Some("gcs-dr".into()));
        definition.further = Vec::new();
        if let Some(schedule) = &mut definition.schedule {
            schedule.zone = schedule.zone.take().filter(|zone| zone == "UTC");
        }
        definition
    }
}
