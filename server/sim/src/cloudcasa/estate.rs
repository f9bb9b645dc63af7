//! The organisation as a scenario finds it: clusters with what is in them, policies, storages, hooks, and (with a past)
//! definitions that others made. The company is the one of the Velero estate.

mod past;

use std::time::Duration;

use serde_json::{Value, json};

use super::CloudCasa;
use super::write::OWNER;
use crate::json::set;
use crate::scenario::later;

pub(super) use past::{furnish as furnish_past, pile_up};

/// Everything was set up that long ago.
const AGE_DAYS: u64 = 200;
const GIB: i64 = 1 << 30;

/// Namespace, claim and its size in GiB.
const CLAIMS: [(&str, &str, i64); 14] = [
    ("checkout-db", "data-postgres-0", 20),
    ("payments", "data-journal-0", 8),
    ("payments-db", "data-postgres-0", 50),
    ("payments-db", "data-postgres-1", 50),
    ("identity", "data-postgres-0", 10),
    ("ledger", "data-store-0", 15),
    ("ledger", "data-store-1", 15),
    ("ledger", "data-store-2", 15),
    ("orders", "data-rabbitmq-0", 5),
    ("analytics", "data-clickhouse-0", 200),
    ("analytics", "data-clickhouse-1", 200),
    ("analytics", "data-grafana-0", 2),
    ("scratch", "data-playground-0", 1),
    ("stores", "data-till-0", 4),
];

const EVERYTHING: [&str; 14] = [
    "default",
    "kube-system",
    "kube-public",
    "cloudcasa-io",
    "checkout",
    "checkout-db",
    "payments",
    "payments-db",
    "identity",
    "ledger",
    "web",
    "orders",
    "analytics",
    "scratch",
];

/// Name, description, state, namespaces.
const CLUSTERS: [(&str, &str, &str, &[&str]); 5] = [
    ("prod-fra", "Production, Frankfurt", "ACTIVE", &EVERYTHING),
    (
        "prod-zrh",
        "Production, Zurich",
        "ACTIVE",
        &["default", "kube-system", "cloudcasa-io", "identity", "ledger", "payments", "payments-db"],
    ),
    (
        "staging",
        "All teams",
        "ACTIVE",
        &["default", "kube-system", "cloudcasa-io", "checkout", "checkout-db", "web", "orders"],
    ),
    ("edge-lab", "The shop's laboratory", "ACTIVE", &["default", "kube-system", "cloudcasa-io", "stores"]),
    ("dr-ams", "Disaster recovery, Amsterdam: not set up yet", "REGISTERED", &[]),
];

/// Fills a fresh organisation.
pub(super) fn furnish(c: &mut CloudCasa) {
    if c.options.bare {
        return;
    }
    let now = c.now;
    let age = Duration::from_secs((AGE_DAYS + u64::from(c.options.history_days)) * 86_400);
    c.now = now.checked_sub(age).unwrap_or(now);
    for (name, description, state, namespaces) in CLUSTERS {
        cluster(c, name, description, state, namespaces);
    }
    policies(c);
    stores(c);
    hooks(c);
    c.store.insert(
        "apikeys",
        json!({"name": "holdfast", "org_role": "ADMIN", "snippet": "token", "acls": [], "cc_user_email": OWNER}),
        c.now,
    );
    for name in c.options.silent_clusters.clone() {
        if let Some(id) = id_of(c, "kubeclusters", &name) {
            c.silence(&id);
        }
    }
    c.now = now;
}

/// Id of the document of that name.
pub(super) fn id_of(c: &CloudCasa, resource: &str, name: &str) -> Option<String> {
    c.store.named(resource, name).and_then(|doc| doc["_id"].as_str()).map(str::to_owned)
}

fn tick(c: &mut CloudCasa) {
    c.now = later(c.now, Duration::from_secs(3_607));
}

fn cluster(c: &mut CloudCasa, name: &str, description: &str, state: &str, namespaces: &[&str]) {
    tick(c);
    let mut doc = json!({"name": name, "description": description, "cc_user_email": OWNER, "tags": {},
        "status": {"state": state, "dormant": false, "num_recovery_points": 0, "scan_count": 0,
            "kubeAgentManagerVersion": "0.0", "agentURL": format!("https://api.cloudcasa.io/kubeclusteragents/{name}-1f6e4a/agent.yaml")}});
    if state == "ACTIVE" {
        set(&mut doc, "/status/version", "v1.34.4");
        set(&mut doc, "/status/agentVersion", 3);
        set(&mut doc, "/status/kubeAgentVersion", "3.4.8");
        let claims = CLAIMS.iter().filter(|(namespace, ..)| namespaces.contains(namespace)).count();
        doc["metrics"] = json!({"total_num_backup_jobs": 0, "total_num_successful_backup_jobs": 0,
            "backup_job_success_percentage": 0, "total_num_pvcs": claims, "total_num_offload_pvcs": 0,
            "eligible_pvc_offload_coverage_percentage": 0, "total_num_snapshot_pvcs": 0,
            "eligible_pvc_snapshot_coverage_percentage": 0});
    }
    let id = c.store.insert("kubeclusters", doc, c.now);
    if state == "ACTIVE" {
        inventory(c, &id, namespaces);
    }
}

/// What an agent finds in a cluster.
pub(super) fn inventory(c: &mut CloudCasa, cluster: &str, namespaces: &[&str]) {
    for (serial, name) in namespaces.iter().enumerate() {
        let uid = format!("5e1f{serial:04x}-0000-4000-8000-{}", &cluster[12..]);
        c.store.insert("kubenamespaces", json!({"name": name, "cluster_id": cluster, "k8s_uid": uid}), c.now);
    }
    let class = json!({"name": "ceph-rbd", "cluster_id": cluster, "provisioner": "rbd.csi.ceph.com", "reclaim_policy": "Delete",
        "allow_volume_expansion": true, "volume_binding_mode": "Immediate", "mount_options": [], "finalizers": []});
    c.store.insert("kubestorageclasses", class, c.now);
    for (namespace, name, size) in CLAIMS.iter().filter(|(namespace, ..)| namespaces.contains(namespace)) {
        let claim = json!({"name": name, "cluster_id": cluster, "namespace_name": namespace, "driver": "rbd.csi.ceph.com",
            "storage_class_name": "ceph-rbd", "volume_mode": "Filesystem", "phase": "Bound", "snapshot_taken": false,
            "restore_size": 0, "allocated_size": size * GIB});
        c.store.insert("kubepvclaims", claim, c.now);
    }
}

fn five(minute: &str, hour: &str, day: &str, week: &str) -> Value {
    json!({"minute": minute, "hour": hour, "dayOfMonth": day, "month": "*", "dayOfWeek": week})
}

fn entry(days: i64, always: i64, locked: bool, schedule: &Value) -> Value {
    json!({"retainDays": days, "numAlwaysRetain": always, "locked": locked, "schedule": schedule})
}

fn policies(c: &mut CloudCasa) {
    for (name, zone, schedules) in [
        (
            "gold-daily",
            "Europe/Zurich",
            json!([
                entry(14, 2, false, &five("30", "2", "*", "*")),
                entry(90, 0, false, &json!({"cronSpec": "0 3 * * SUN"}))
            ]),
        ),
        ("silver-daily", "Europe/Zurich", json!([entry(30, 1, false, &five("15", "1", "*", "*"))])),
        ("six-hourly", "UTC", json!([entry(7, 4, false, &five("15", "*/6", "*", "*"))])),
        ("bronze-weekly", "UTC", json!([entry(28, 0, false, &five("0", "5", "*", "SUN"))])),
        ("locked-monthly", "UTC", json!([entry(365, 0, true, &five("0", "4", "1", "*"))])),
        ("weekdays", "America/New_York", json!([entry(10, 0, false, &five("45", "22", "*", "MON,TUE,WED,THU,FRI"))])),
    ] {
        tick(c);
        let doc = json!({"name": name, "timezone": zone, "schedules": schedules, "cc_user_email": OWNER});
        c.store.insert("policies", doc, c.now);
    }
}

fn stores(c: &mut CloudCasa) {
    let s3 = |host: &str| json!({"endpoint": format!("https://{host}"), "credentials": {"access_key": "AKIA5SHOPFRA", "secret_key": "not-a-secret-of-anyone"}});
    let azure = json!({"subscription_id": "8a1c0d52-6a0e-4d6c-9c0b-000000000001", "tenant_id": "8a1c0d52-6a0e-4d6c-9c0b-000000000002",
        "client_id": "8a1c0d52-6a0e-4d6c-9c0b-000000000003", "client_secret": "not-a-secret-of-anyone", "cloud": "Public"});
    let edge = id_of(c, "kubeclusters", "dr-ams").unwrap_or_default();
    for (name, kind, provider, bucket, region, state, extra) in [
        (
            "minio-fra",
            "aws",
            s3("minio.fra.shop.example.com"),
            "cloudcasa-main",
            "eu-central-1",
            "READY",
            json!({"account_id": "shop"}),
        ),
        (
            "archive-zrh",
            "aws",
            s3("s3.zrh.shop.example.com"),
            "cloudcasa-archive",
            "eu-central-2",
            "READY",
            json!({"locked": true}),
        ),
        (
            "offsite-azure",
            "azure",
            azure,
            "cloudcasa-offsite",
            "switzerlandnorth",
            "READY",
            json!({"resource_group_name": "backup", "storage_account_name": "shopbackup"}),
        ),
        (
            "dr-minio",
            "aws",
            s3("minio.dr.internal"),
            "cloudcasa-dr",
            "ams",
            "VALIDATING",
            json!({"private": true, "proxy_cluster_list": [edge]}),
        ),
        (
            "old-nas",
            "aws",
            s3("nas.office.shop.example.com"),
            "backup",
            "office",
            "FAILED",
            json!({"validate_message": "Could not connect to the endpoint URL: \"https://nas.office.shop.example.com\"", "skip_tls_certificate_validation": true}),
        ),
    ] {
        tick(c);
        let mut doc = json!({"name": name, "provider_type": kind, "s3provider": provider, "bucket_name": bucket, "region": region,
            "prefix": "", "private": false, "locked": false, "skip_tls_certificate_validation": false,
            "repo_password": format!("repo-password-of-{name}"), "validate_state": state, "cc_user_email": OWNER});
        for (field, value) in extra.as_object().into_iter().flatten() {
            doc[field] = value.clone();
        }
        c.store.insert("objectstores", doc, c.now);
    }
}

fn hooks(c: &mut CloudCasa) {
    for (name, kind, command) in [
        ("postgres-checkpoint", "PRE_BACKUP", "[\"/bin/sh\", \"-c\", \"psql -c CHECKPOINT\"]"),
        ("rabbitmq-resume", "POST_BACKUP", "[\"rabbitmqctl\", \"start_app\"]"),
    ] {
        tick(c);
        let doc = json!({"name": name, "hook_type": kind, "cc_user_email": OWNER,
            "hook": [{"labels": {"app": "postgres"}, "target": [{"container": "postgres", "command": command}]}]});
        c.store.insert("kubehooks", doc, c.now);
    }
}
