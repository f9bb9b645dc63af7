//! Sixty days of that company's life.

use std::time::Duration;

use super::{DAY, ago, uid};
use crate::palette::Palette;
use crate::palette::command::Work;
use crate::palette::config::{Config, Mode, Plan};
use crate::palette::state::Owner;
use crate::palette::work::{Actor, FAILED, STUCK};
use crate::rest::System;
use crate::scenario::later;

/// Workspace, location, cron, hours that a backup is kept, mode.
const POLICIES: [(&str, &str, &str, i64, Mode); 5] = [
    ("shop", "eu-s3", "0 2 * * *", 720, Mode::Auto),
    ("finance", "onprem-minio", "30 */6 * * *", 168, Mode::Always),
    ("identity", "eu-s3", "45 22 * * 1-5", 720, Mode::Auto),
    ("ledger", "gcs-dr", "0 5 * * SUN", 2160, Mode::Never),
    ("stores", "archive-azure", "15 3 * * *", 336, Mode::Auto),
];
/// The identity team switched its schedule off that long ago.
const PAUSED_DAYS: u64 = 9;
/// And a store's cluster has been out of reach since.
const LOST_DAYS: u64 = 3;

fn plan(palette: &Palette, workspace: &str, location: &str, cron: &str, hours: i64, mode: Mode) -> Plan {
    let location = palette.tenant.location_called(location);
    let config = Config {
        prefix: workspace.to_owned(),
        location_uid: location.map(|location| location.uid.clone()).unwrap_or_default(),
        location_name: location.map(|location| location.name.clone()).unwrap_or_default(),
        location_type: location.map(|location| location.storage.word().to_owned()).unwrap_or_default(),
        hours,
        all_disks: true,
        mode,
        cron: cron.to_owned(),
        ..Config::default()
    };
    let clusters = palette.tenant.workspace_called(workspace).map(|workspace| workspace.clusters.clone());
    let all_clusters = workspace == "stores";
    Plan { config, clusters: if all_clusters { Vec::new() } else { clusters.unwrap_or_default() }, all_clusters }
}

fn owner(palette: &Palette, workspace: &str) -> Owner {
    Owner::Workspace(uid(&[&palette.scenario, "workspace", workspace]))
}

fn store(palette: &mut Palette, workspace: &str, plan: Plan) {
    let owner = owner(palette, workspace);
    let stored = palette.set_policy(&owner, plan);
    debug_assert!(stored.is_ok(), "the demo's own policy: {stored:?}");
}

fn health(palette: &mut Palette, cluster: &str, healthy: bool) {
    let uid = uid(&[&palette.scenario, "cluster", cluster]);
    if let Some(cluster) = palette.tenant.clusters.get_mut(&uid) {
        cluster.healthy = healthy;
    }
}

/// Sets the policies up in the past and lets time pass until now.
pub(super) fn live(palette: &mut Palette) {
    let now = palette.now;
    let paused = ago(palette, PAUSED_DAYS * DAY);
    let lost = ago(palette, LOST_DAYS * DAY);
    palette.now = ago(palette, u64::from(palette.options.history_days) * DAY);
    palette.unlucky = true;
    health(palette, "edge-basel-1", true);
    for (workspace, location, cron, hours, mode) in POLICIES {
        let plan = plan(palette, workspace, location, cron, hours, mode);
        store(palette, workspace, plan);
    }
    // Written by the infrastructure code of the finance team, not by hand.
    let ledger = uid(&[&palette.scenario, "workspace", "ledger"]);
    if let Some(ledger) = palette.tenant.workspaces.get_mut(&ledger) {
        ledger.labels["managed-by"] = "terraform".into();
        ledger.annotations["description"] = "managed by Terraform: changes made by hand are overwritten".into();
    }
    palette.catch_up(paused);
    let mut off = plan(palette, "identity", "eu-s3", "", 720, Mode::Auto);
    off.config.cron.clear();
    store(palette, "identity", off);
    palette.catch_up(lost);
    bring_back(palette);
    health(palette, "edge-basel-1", false);
    quarrel(palette, now);
    palette.catch_up(now);
    palette.unlucky = false;
    forget_one(palette);
    let on_demand =
        Config { name: "before-release".to_owned(), ..plan(palette, "shop", "eu-s3", "", 168, Mode::Auto).config };
    let shop = owner(palette, "shop");
    let clusters = palette.tenant.guard(&shop).and_then(|guard| guard.policy.as_ref());
    let clusters = clusters.map(|policy| policy.plan.clusters.clone()).unwrap_or_default();
    let running = Plan { config: on_demand, clusters, all_clusters: false };
    palette.start_backup(&shop, &running, Actor::User);
}

/// Somebody brought the finance namespaces back twice; the first time the cluster was full.
fn bring_back(palette: &mut Palette) {
    let cluster = uid(&[&palette.scenario, "cluster", "prod-eu-1"]);
    let finance = owner(palette, "finance");
    palette.order_once(
        Work::Restore,
        &cluster,
        FAILED,
        "persistentvolumeclaim payments-db/data-postgres-0: quota exceeded",
    );
    for _ in 0..2 {
        palette.restore_latest(&finance, &cluster);
        palette.catch_up(later(palette.now, Duration::from_secs(1800)));
    }
}

/// The oldest backup of the shop was deleted by hand, which its object store never finished.
fn forget_one(palette: &mut Palette) {
    let shop = owner(palette, "shop");
    let oldest = palette.tenant.guard(&shop).and_then(|guard| guard.backups.first()).cloned();
    let Some(backup) = oldest.and_then(|uid| palette.tenant.backups.get(&uid)) else { return };
    let rows: Vec<(String, String)> =
        backup.parts.iter().map(|part| (part.cluster.clone(), part.name.clone())).collect();
    let request = backup.uid.clone();
    for (cluster, _) in &rows {
        palette.order_once(Work::Delete, cluster, STUCK, "");
    }
    let asked = palette.delete_backups(&shop, &request, &rows);
    debug_assert!(asked.is_ok(), "the demo's own deletion: {asked:?}");
}

/// The last night's request of the shop disagrees between its clusters.
fn quarrel(palette: &mut Palette, now: jiff::Timestamp) {
    let shop = owner(palette, "shop");
    loop {
        let next = palette.tenant.guard(&shop).and_then(|guard| guard.policy.as_ref()).and_then(|policy| policy.next);
        let Some(next) = next.filter(|next| *next <= now) else { return };
        let last = later(next, Duration::from_secs(DAY)) > now;
        // Others use the cluster in between: the order must meet this run.
        palette.catch_up(next.checked_sub(Duration::from_secs(1)).unwrap_or(next));
        if last {
            let unlucky = uid(&[&palette.scenario, "cluster", "prod-eu-2"]);
            let message =
                "persistentvolumeclaim checkout-db/data-postgres-0: snapshot was refused by the storage driver";
            palette.order_once(Work::Backup, &unlucky, FAILED, message);
        }
        palette.catch_up(later(next, Duration::from_secs(300)).min(now));
        if last {
            return;
        }
    }
}
