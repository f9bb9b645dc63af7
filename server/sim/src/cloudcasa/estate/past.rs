//! The definitions of the estate and what they have done: lived through, not written down, so that jobs, recovery points
//! and expiries fit each other.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::id_of;
use crate::cloudcasa::CloudCasa;
use crate::cloudcasa::life::{Fate, Order, Plan};
use crate::cloudcasa::store::date;
use crate::cloudcasa::write::OWNER;
use crate::json::set;

const DAY: u64 = 86_400;

/// One definition: name, cluster, namespaces (none: all), policy (none: run by hand), storage of its copies (none:
/// snapshots only), whether its snapshots go when they are copied.
struct Definition {
    name: &'static str,
    cluster: &'static str,
    namespaces: &'static [&'static str],
    policy: &'static str,
    copies_to: &'static str,
    delete_snapshots: bool,
}

const fn snapshots(
    name: &'static str,
    cluster: &'static str,
    namespaces: &'static [&'static str],
    policy: &'static str,
) -> Definition {
    Definition { name, cluster, namespaces, policy, copies_to: "", delete_snapshots: false }
}

const DEFINITIONS: [Definition; 10] = [
    snapshots("checkout-6h", "prod-fra", &["checkout", "checkout-db"], "six-hourly"),
    Definition {
        name: "payments-daily",
        cluster: "prod-fra",
        namespaces: &["payments", "payments-db"],
        policy: "gold-daily",
        copies_to: "archive-zrh",
        delete_snapshots: false,
    },
    Definition {
        name: "identity-nightly",
        cluster: "prod-fra",
        namespaces: &["identity"],
        policy: "silver-daily",
        copies_to: "offsite-azure",
        delete_snapshots: true,
    },
    snapshots("ledger-daily", "prod-fra", &["ledger"], "silver-daily"),
    Definition {
        name: "ledger-zrh-locked",
        cluster: "prod-zrh",
        namespaces: &["ledger"],
        policy: "locked-monthly",
        copies_to: "archive-zrh",
        delete_snapshots: true,
    },
    snapshots("web-weekdays", "prod-fra", &["web"], "weekdays"),
    snapshots("orders-daily", "prod-fra", &["orders"], "gold-daily"),
    snapshots("analytics-weekly", "prod-fra", &["analytics"], "bronze-weekly"),
    snapshots("stores-edge", "edge-lab", &["stores"], "six-hourly"),
    snapshots("staging-by-hand", "staging", &[], ""),
];

/// Makes the definitions and lives through their past.
pub(in crate::cloudcasa) fn furnish(c: &mut CloudCasa, now: Timestamp) {
    let days = u64::from(c.options.history_days);
    let ago = |seconds: u64| now.checked_sub(Duration::from_secs(seconds)).unwrap_or(now);
    let begin = ago(days * DAY);
    c.now = ago(days * DAY + 3 * DAY);
    for definition in &DEFINITIONS {
        define(c, definition);
    }
    special(c);
    c.now = begin;
    for resource in ["kubebackups", "kubeoffloads"] {
        let ids: Vec<String> =
            c.store.list(resource).filter_map(|doc| doc["_id"].as_str().map(str::to_owned)).collect();
        for id in ids {
            c.plan(resource, &id);
        }
    }
    (c.quick, c.past) = (true, true);
    if days > 9 {
        c.live(ago(9 * DAY));
        trouble(c);
    }
    by_hand(c, ago(5 * DAY));
    c.live(ago(2 * DAY));
    c.quick = false;
    let points: Vec<String> =
        c.store.list("backupinstances").filter_map(|doc| doc["_id"].as_str().map(str::to_owned)).collect();
    for point in points {
        c.capture(&point);
    }
    c.live(ago(DAY));
    c.past = false;
    last_night(c);
    c.live(ago(240));
    if let Some(id) = id_of(c, "kubebackups", "analytics-weekly") {
        // Somebody copies the paused one by hand, right now.
        copy_by_hand(c, &id);
    }
    c.live(now);
    measure(c);
}

fn define(c: &mut CloudCasa, definition: &Definition) {
    let Some(cluster) = id_of(c, "kubeclusters", definition.cluster) else {
        return;
    };
    let mut source = json!({"all_namespaces": definition.namespaces.is_empty(), "snapshotPersistentVolumes": true, "snapshot_longhorn": true});
    if !definition.namespaces.is_empty() {
        source["namespaces"] = json!(definition.namespaces);
    }
    let trigger = if definition.policy.is_empty() { "ADHOC" } else { "SCHEDULED" };
    let policy = id_of(c, "policies", definition.policy);
    let mut backup = json!({"name": definition.name, "cluster": cluster, "source": source, "pre_hooks": [], "post_hooks": [],
        "trigger_type": trigger, "pause": false, "cc_user_email": OWNER, "tags": {"team": definition.name.split('-').next()}});
    if definition.copies_to.is_empty()
        && let Some(policy) = &policy
    {
        backup["policy"] = policy.as_str().into();
    }
    let id = c.store.insert("kubebackups", backup, c.now);
    if definition.copies_to.is_empty() {
        return;
    }
    let mut offload = offload(c, definition.name, &id, &cluster, definition.copies_to);
    offload["delete_snapshots"] = definition.delete_snapshots.into();
    offload["run_backup"] = true.into();
    if let Some(policy) = &policy {
        offload["policy"] = policy.as_str().into();
    }
    let copy = c.store.insert("kubeoffloads", offload, c.now);
    c.store.change("kubebackups", &id, c.now, true, |doc| {
        doc["copydef"] = copy.into();
        if let Some(policy) = policy {
            doc["copy_policy"] = policy.into();
        }
    });
}

fn offload(c: &CloudCasa, name: &str, backup: &str, cluster: &str, store: &str) -> Value {
    let mut provider = json!({"type": c.store.named("objectstores", store).map_or("aws", |doc| doc["provider_type"].as_str().unwrap_or("aws"))});
    if let Some(id) = id_of(c, "objectstores", store) {
        set(&mut provider, "/user_objectstore", id);
    }
    json!({"name": name, "backupdef": backup, "cluster": cluster, "trigger_type": "SCHEDULED", "delete_snapshots": false,
        "run_backup": false, "offload_provider": provider, "options": {}, "pause": false, "skip_live_copy": false,
        "snapshot_longhorn": true, "cc_user_email": OWNER})
}

/// One definition that Velero manages, and one that belongs to a migration.
fn special(c: &mut CloudCasa) {
    let (Some(fra), Some(zrh)) = (id_of(c, "kubeclusters", "prod-fra"), id_of(c, "kubeclusters", "prod-zrh")) else {
        return;
    };
    let source = json!({"all_namespaces": true, "excluded_namespaces": ["scratch"], "snapshotPersistentVolumes": true, "snapshot_longhorn": true});
    let velero = json!({"name": "platform-nightly", "cluster": fra, "source": source, "trigger_type": "SCHEDULED", "pause": false,
        "velero": {"fs_backup": false, "storage_location": "default", "volume_snapshot_locations": ["default"], "retention_days": 30},
        "velero_k8s_uid": "0b6f6f0e-3a52-4b55-8d4e-3e1f4a3f2b10", "cc_user_email": OWNER,
        "status": {"velero": {"op_state": "COMPLETED", "op_message": ""}}});
    c.store.insert("kubebackups", velero, c.now);
    let migration = c.store.new_id(c.now);
    let moved = json!({"name": "migrate-web-to-zrh", "cluster": zrh, "source": {"all_namespaces": false, "namespaces": ["web"], "snapshotPersistentVolumes": true, "snapshot_longhorn": true},
        "trigger_type": "ADHOC", "pause": false, "migrationdef": migration, "cc_user_email": OWNER});
    c.store.insert("kubebackups", moved, c.now);
}

/// Nine days ago the laboratory's agent fell silent, and somebody paused the big one.
fn trouble(c: &mut CloudCasa) {
    if let Some(edge) = id_of(c, "kubeclusters", "edge-lab") {
        c.silence(&edge);
    }
    if let Some(id) = id_of(c, "kubebackups", "analytics-weekly") {
        c.store.change("kubebackups", &id, c.now, true, |doc| doc["pause"] = true.into());
    }
}

fn by_hand(c: &mut CloudCasa, at: Timestamp) {
    c.live(at);
    for name in ["staging-by-hand", "analytics-weekly"] {
        if let Some(id) = id_of(c, "kubebackups", name) {
            let mut order = Order::new("kubebackups", &id);
            order.days = 30;
            c.order(order, 1.0);
        }
    }
}

/// The last night had a failed run and a partial copy.
fn last_night(c: &mut CloudCasa) {
    for (of, kind, fate) in [("ledger-daily", "K8S_SNAP", Fate::Failed), ("payments-daily", "K8S_COPY", Fate::Partial)]
    {
        c.plans.push(Plan { of: of.to_owned(), kind: kind.to_owned(), fate, times: 1 });
    }
}

fn copy_by_hand(c: &mut CloudCasa, backup: &str) {
    let Some(cluster) = id_of(c, "kubeclusters", "prod-fra") else {
        return;
    };
    let mut doc = offload(c, "analytics-copy", backup, &cluster, "minio-fra");
    doc["trigger_type"] = "ADHOC".into();
    let id = c.store.insert("kubeoffloads", doc, c.now);
    c.store.change("kubebackups", backup, c.now, true, |doc| doc["copydef"] = id.as_str().into());
    c.order(Order::new("kubeoffloads", &id), 3.0);
}

/// The figures of each cluster's jobs.
fn measure(c: &mut CloudCasa) {
    let clusters: Vec<String> =
        c.store.list("kubeclusters").filter_map(|doc| doc["_id"].as_str().map(str::to_owned)).collect();
    for id in clusters {
        let own = |doc: &&Value| {
            doc["cluster"] == id.as_str() && matches!(doc["type"].as_str(), Some("K8S_SNAP" | "K8S_COPY"))
        };
        let all = c.store.list("jobs").filter(own).count();
        let good = c.store.list("jobs").filter(own).filter(|doc| doc["state"] == "COMPLETED").count();
        c.store.change("kubeclusters", &id, c.now, true, |doc| {
            if doc.get("metrics").is_some() {
                set(doc, "/metrics/total_num_backup_jobs", all);
                set(doc, "/metrics/total_num_successful_backup_jobs", good);
                set(doc, "/metrics/backup_job_success_percentage", good * 100 / all.max(1));
            }
        });
    }
}

/// So many finished jobs more, of a definition that nothing else runs.
pub(in crate::cloudcasa) fn pile_up(c: &mut CloudCasa, now: Timestamp) {
    let Some(cluster) = id_of(c, "kubeclusters", "prod-fra") else {
        return;
    };
    let count = i64::from(c.options.extra_jobs);
    let first = now.as_second() - count * 3_600;
    let at = |number: i64| Timestamp::from_second(first + number * 3_600).unwrap_or(now);
    let source = json!({"all_namespaces": false, "namespaces": ["web"], "snapshotPersistentVolumes": true, "snapshot_longhorn": true});
    let backup = json!({"name": "hourly-archive", "cluster": cluster, "source": source, "trigger_type": "ADHOC", "pause": false, "cc_user_email": OWNER,
        "status": {"jobs": [], "last_job_run_time": now.as_second() - 3_600}});
    let id = c.store.insert("kubebackups", backup, at(-1));
    for number in 0..count {
        let begin = at(number);
        let job = json!({"name": "hourly-archive", "type": "K8S_SNAP", "state": "COMPLETED", "phase": "OFFLOAD_RUNNING",
            "start_time": begin.as_second(), "end_time": begin.as_second() + 40, "cluster": cluster, "cluster_name": "prod-fra",
            "backupdef": id, "backupdef_name": "hourly-archive", "jobrunner": "kubeagent", "activity": [],
            "num_total_resources": 23, "num_backup_resources": 23, "num_errors": 0, "_created": date(begin)});
        c.store.insert("jobs", job, begin);
    }
}
