//! What goes wrong in the demonstration, when, and why: each is what one of the systems really does.

use super::{
    estate::{STAGING, broken},
    past::Past,
};
use app::{backend::Definitions, error::ApiError};
use serde_json::{Value, json};
use sim::{Effect, Fault, World};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A moment before now.
pub(super) enum When {
    Hours(u32),
    /// The last time that it was this hour and minute, UTC, and at least an hour ago: just before what a schedule begins there.
    LastAt(u32, u32),
}

impl When {
    /// In hours before `present` (milliseconds since 1970).
    pub(super) fn hours_before(&self, present: i64) -> f64 {
        match self {
            Self::Hours(hours) => f64::from(*hours),
            Self::LastAt(hour, minute) => {
                let day = 86_400;
                let seconds = present.div_euclid(1_000);
                let mut ago = (seconds - i64::from(hour * 3_600 + minute * 60)).rem_euclid(day);
                if ago < 3_600 {
                    ago += day;
                }
                // Below two days, so it is exact.
                f64::from(u32::try_from(ago).unwrap_or_default()) / 3_600.0
            }
        }
    }
}

/// What happens then.
pub(super) enum Deed {
    /// Somebody switches the definition's schedule off, in the console.
    Pause(&'static str),
    /// Somebody changes the policy that several definitions follow.
    ChangePolicy,
    /// The simulators are told something: connection, verb, body.
    Order(&'static str, &'static str, fn() -> Value),
    /// Infrastructure code takes a Schedule over and keeps its backups shorter.
    TakenOver { connection: &'static str, definition: &'static str },
    /// A namespace that no definition takes in.
    NewNamespace { connection: &'static str, name: &'static str, team: &'static str },
    /// The Velero server of the cluster stops; the cluster still answers.
    Stop(&'static str),
}

const DAY: u32 = 24;

pub(super) const TROUBLES: [(When, Deed); 18] = [
    // Before anything is declared: this cluster is lost only later.
    (
        When::Hours(super::declared::FIRST + 1),
        Deed::Order("palette-production", "cluster", || json!({"cluster": "edge-basel-1", "healthy": true})),
    ),
    (
        When::Hours(40 * DAY),
        Deed::Order("waldur-office", "outcome", || json!({"next": "erred", "instance": "identity-keycloak-1"})),
    ),
    (
        When::Hours(23 * DAY),
        Deed::Order("cloudcasa-shop", "outcome", || json!({"result": "failed", "type": "K8S_SNAP"})),
    ),
    (
        When::Hours(16 * DAY),
        Deed::Order("cloudcasa-shop", "outcome", || json!({"result": "partial", "type": "K8S_COPY", "times": 2})),
    ),
    (
        When::Hours(13 * DAY),
        Deed::Order("palette-production", "outcome", || {
            json!({"outcome": "partial", "cluster": "prod-eu-1", "times": 1,
                "message": "pod volume backup in namespace payments-db was cancelled: the node agent restarted"})
        }),
    ),
    (
        When::Hours(12 * DAY),
        Deed::Order("astra-zurich", "outcome", || {
            json!({"app": "payments", "of": "backup", "result": "failed", "times": 1,
                "detail": "The transfer to the bucket timed out after 10 minutes."})
        }),
    ),
    (
        When::Hours(11 * DAY),
        Deed::Order("waldur-office", "outcome", || json!({"next": "erred", "instance": "payments-db-1"})),
    ),
    (When::Hours(10 * DAY), Deed::ChangePolicy),
    (When::Hours(9 * DAY + 2), Deed::Pause("storefront-weekly")),
    (When::Hours(9 * DAY + 1), Deed::Pause("astra-analytics")),
    // The next backup no longer fits then, and Waldur switches the schedule off.
    (When::Hours(5 * DAY), Deed::Order("waldur-cloud", "quota", || json!({"project": "data", "storage_gib": 1_800}))),
    (When::Hours(4 * DAY), Deed::Order("cloudcasa-shop", "agent", || json!({"cluster": "edge-lab", "do": "silence"}))),
    (
        When::Hours(3 * DAY),
        Deed::Order("palette-production", "cluster", || json!({"cluster": "edge-basel-1", "healthy": false})),
    ),
    (When::Hours(2 * DAY), Deed::TakenOver { connection: "fra-prod-1", definition: "ledger-fra-nightly" }),
    (When::Hours(2 * DAY - 5), Deed::NewNamespace { connection: "zrh-prod-1", name: "loyalty-points", team: "shop" }),
    (When::Hours(30), Deed::Stop("gva-edge-1")),
    // The last night: each just before the run that it meets.
    (
        When::LastAt(22, 40),
        Deed::Order("astra-zurich", "outcome", || {
            json!({"app": "identity", "of": "backup", "result": "hook-failed", "times": 1,
                "detail": "The hook quiesce-database in pod postgres-0 ended with exit code 1."})
        }),
    ),
    (
        When::LastAt(1, 50),
        Deed::Order("palette-production", "outcome", || {
            json!({"outcome": "failed", "of": "backup", "cluster": "prod-eu-2", "times": 1,
                "message": "persistentvolumeclaim checkout-db/data-postgres-0: snapshot was refused by the storage driver"})
        }),
    ),
];

impl Past<'_> {
    pub(super) async fn trouble(&mut self, deed: &Deed) -> Result<(), ApiError> {
        match deed {
            Deed::Pause(name) => {
                let id = self.definition(name)?.clone();
                self.console.pause_definition(self.caller, id).await?;
                self.settle().await
            }
            Deed::ChangePolicy => self.change_policy().await,
            Deed::Order(connection, verb, body) => self.order(connection, verb, &body()),
            Deed::TakenOver { connection, definition } => {
                let record = self.console.store().definition(self.definition(definition)?).await.map_err(broken)?;
                taken_over(self.world, connection, &record.upstream_name).map_err(broken)
            }
            Deed::NewNamespace { connection, name, team } => {
                let labels = json!({"kubernetes.io/metadata.name": name, "team": team, "tier": "gold"});
                let namespace = json!({"kind": "Namespace", "metadata": {"name": name, "labels": labels},
                    "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
                self.world.object(connection, namespace).map(|_| ()).map_err(broken)
            }
            Deed::Stop(connection) => {
                self.world.server(connection, false);
                Ok(())
            }
        }
    }
}

fn taken_over(world: &World, scenario: &str, name: &str) -> Result<(), String> {
    let state = world.state(scenario);
    let all = state["objects"]["schedules"].as_array().cloned().unwrap_or_default();
    let Some(mut schedule) = all.into_iter().find(|one| one["metadata"]["name"] == name) else {
        return Err(format!("there is no Schedule {name}"));
    };
    schedule["kind"] = "Schedule".into();
    schedule["metadata"]["labels"]["argocd.argoproj.io/instance"] = "platform-backups".into();
    schedule["spec"]["template"]["ttl"] = "72h0m0s".into();
    world.object(scenario, schedule).map(|_| ())
}

/// A connection dies so long after it returned, and returns so long after it died.
const UP: Duration = Duration::from_secs(240);
const DOWN: Duration = Duration::from_secs(120);

/// The staging cluster loses its network every few minutes.
pub(super) async fn unsteady(world: World, shutdown: CancellationToken) {
    let dropped = Fault { method: None, path: None, skip: 0, times: None, effect: Effect::Drop };
    let cut = Fault { effect: Effect::WatchDropped { after_ms: 500 }, ..dropped.clone() };
    loop {
        for (wait, faults) in [(UP, vec![cut.clone(), dropped.clone()]), (DOWN, Vec::new())] {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            if faults.is_empty() {
                world.heal(STAGING);
            } else {
                world.fault(STAGING, faults);
            }
        }
    }
}
