//! The account as a scenario finds it: a company's clusters, namespaces, apps and buckets.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::Account;
use super::ident::uuid;
use super::shelf::Shelf;
use super::{app, history, origin};
use crate::json::set;

/// Everything was set up that long ago.
const AGE_DAYS: u64 = 200;

pub(super) const MAIN: &str = "prod-zurich";
pub(super) const STAGING: &str = "staging-zurich";

/// Name, cluster, namespaces, and how its volumes can be backed up.
const APPS: [(&str, &str, &[&str], &str); 10] = [
    ("checkout", MAIN, &["checkout", "checkout-db"], "nonDisruptive"),
    ("payments", MAIN, &["payments", "payments-db"], "nonDisruptive"),
    ("identity", MAIN, &["identity"], "nonDisruptive"),
    ("ledger", MAIN, &["ledger"], "nonDisruptive"),
    ("web", MAIN, &["web"], "nonDisruptive"),
    ("orders", MAIN, &["orders"], "nonDisruptive"),
    ("analytics", MAIN, &["analytics"], "disruptive"),
    // On economy volumes, which can't be copied.
    ("legacy-files", MAIN, &["legacy-files"], "none"),
    ("scratch", MAIN, &["scratch"], "nonDisruptive"),
    ("checkout-test", STAGING, &["checkout-test"], "nonDisruptive"),
];

/// Namespaces without an app.
const LOOSE: [(&str, &str, &str, &str); 9] = [
    (MAIN, "default", "discovered", ""),
    (MAIN, "kube-system", "discovered", "kubernetes"),
    (MAIN, "trident", "discovered", "netapp"),
    (MAIN, "openshift-monitoring", "discovered", "openshift"),
    (MAIN, "monitoring", "discovered", ""),
    (MAIN, "shop-legacy", "removed", ""),
    (STAGING, "default", "discovered", ""),
    (STAGING, "kube-system", "discovered", "kubernetes"),
    (STAGING, "trident", "discovered", "netapp"),
];

pub(super) fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

pub(super) fn before(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_sub(by).unwrap_or(now)
}

/// Fills a fresh account.
pub(super) fn furnish(a: &mut Account) {
    let now = a.now;
    a.now = before(now, days(AGE_DAYS));
    people(a);
    let bucket = if a.options.bare { None } else { Some(buckets(a)) };
    clusters(a, bucket.as_deref().filter(|_| a.options.default_bucket).map(str::to_owned).as_deref());
    if !a.options.bare {
        apps(a);
    }
    a.now = now;
    if a.options.history_days > 0 && !a.options.bare {
        history::live(a, now);
    }
}

/// The identifier of something that the estate names.
pub(super) fn id_of(a: &Account, shelf: Shelf, name: &str) -> String {
    uuid(&[&a.scenario, shelf.word(), "estate", name])
}

fn put(a: &mut Account, shelf: Shelf, owner: &str, name: &str, mut value: Value) -> String {
    let id = id_of(a, shelf, name);
    set(&mut value, "/id", id);
    a.add(shelf, owner, value)
}

fn people(a: &mut Account) {
    let user = a.user.clone();
    let value = json!({"id": user, "state": "active", "firstName": "Hol", "lastName": "Fast",
        "email": "holdfast@example.com", "isEnabled": "true", "authProvider": "local", "sendWelcomeEmail": "false"});
    a.add(Shelf::User, "", value);
    for name in ["s3-main", "s3-offsite", "s3-vault"] {
        put(a, Shelf::Credential, "", name, json!({"name": name, "keyType": "s3", "valid": "true"}));
    }
    put(a, Shelf::Feature, "", "appMirror", json!({"name": "appMirror", "state": "enabled"}));
    let setting = json!({"name": "astra.account.ldap", "currentConfig": {"isEnabled": "false"}, "state": "valid"});
    put(a, Shelf::Setting, "", "ldap", setting);
}

/// `main` works, `offsite` went away, `vault` locks what it gets. The answer is the identifier of `main`.
fn buckets(a: &mut Account) -> String {
    let lock = a.options.lock_seconds;
    for (name, provider, state, lock) in [
        ("main", "generic-s3", "available", 0),
        ("offsite", "storagegrid-s3", if a.options.history_days > 0 { "available" } else { "removed" }, 0),
        ("vault", "ontap-s3", "available", lock),
    ] {
        let credential = id_of(a, Shelf::Credential, &format!("s3-{name}"));
        let server = format!("https://s3-{name}.example.com");
        let value = json!({"name": name, "credentialID": credential, "provider": provider,
            "bucketParameters": {"s3": {"serverURL": server, "bucketName": format!("astra-{name}")}},
            "state": state, "stateDetails": [], "retentionTime": lock});
        put(a, Shelf::Bucket, "", name, value);
    }
    id_of(a, Shelf::Bucket, "main")
}

fn clusters(a: &mut Account, bucket: Option<&str>) {
    let mut cloud = json!({"name": "on-premises", "description": "", "state": "running", "stateUnready": [],
        "cloudType": "private"});
    if let Some(bucket) = bucket {
        set(&mut cloud, "/defaultBucketID", bucket);
    }
    let cloud = put(a, Shelf::Cloud, "", "on-premises", cloud);
    for (name, kind, version, managed) in [
        (MAIN, "openshift", "4.14", "managed"),
        (STAGING, "rke", "1.28", "managed"),
        ("edge-geneva", "kubernetes", "1.27", "unmanaged"),
    ] {
        let supported = if managed == "managed" { "true" } else { "false" };
        let mut value = json!({
            "name": name, "state": "running", "stateUnready": [], "managedState": managed, "managedStateUnready": [],
            "protectionState": "full", "protectionStateDetails": [], "restoreTargetSupported": supported,
            "snapshotSupported": supported, "inUse": supported, "clusterType": kind, "clusterVersion": version,
            "clusterVersionString": format!("v{version}.8"), "namespaces": [], "cloudID": cloud, "isMultizonal": "false",
            "tridentManagedStateAllowed": ["unmanaged"], "tridentVersion": "24.02.0", "location": "eu-central",
        });
        if let Some(bucket) = bucket.filter(|_| name == MAIN) {
            set(&mut value, "/defaultBucketID", bucket);
        }
        let gold = id_of(a, Shelf::StorageClass, &format!("{name}/ontap-gold"));
        set(&mut value, "/defaultStorageClass", gold);
        let cluster = put(a, Shelf::Cluster, &cloud, name, value);
        for class in ["ontap-gold", "ontap-silver"] {
            let value = json!({"name": class, "provisioner": "csi.trident.netapp.io", "available": "eligible",
                "volumeBindingMode": "Immediate", "reclaimPolicy": "Delete", "isDefault": (class == "ontap-gold").to_string(),
                "clusterID": cluster});
            put(a, Shelf::StorageClass, &cluster, &format!("{name}/{class}"), value);
        }
    }
    for (cluster, name, state, system) in LOOSE {
        let cluster = id_of(a, Shelf::Cluster, cluster);
        let id = origin::namespace(a, &cluster, name);
        a.touch(Shelf::Namespace, &id, |value| {
            set(value, "/namespaceState", state);
            if !system.is_empty() {
                set(value, "/systemType", system);
            }
        });
    }
}

fn apps(a: &mut Account) {
    for (name, cluster, namespaces, backups) in APPS {
        one_app(a, name, cluster, namespaces, backups);
    }
    for name in a.options.extra_apps.clone() {
        one_app(a, &name, MAIN, &[&name], "nonDisruptive");
    }
    let app = id_of(a, Shelf::App, "identity");
    let source = json!({"name": "quiesce-postgres", "sourceType": "script", "private": "false", "preloaded": "false"});
    let source = put(a, Shelf::HookSource, "", "quiesce-postgres", source);
    let hook = json!({"name": "quiesce-database", "hookType": "custom", "action": "snapshot", "stage": "pre",
        "hookSourceID": source, "enabled": "true", "appID": app, "matchingCriteria": [], "arguments": []});
    put(a, Shelf::Hook, &app, "quiesce-database", hook);
}

fn one_app(a: &mut Account, name: &str, cluster: &str, namespaces: &[&str], backups: &str) {
    let cluster = id_of(a, Shelf::Cluster, cluster);
    for namespace in namespaces {
        origin::namespace(a, &cluster, namespace);
    }
    let resources: Value = namespaces.iter().map(|namespace| json!({"namespace": namespace})).collect();
    let made = app::create(a, &cluster, name, &resources, "ready");
    // Under the name that the estate knows it by.
    if let Some(mut row) = a.remove(Shelf::App, &made) {
        set(&mut row.value, "/sim/backups", backups);
        put(a, Shelf::App, &cluster, name, row.value);
    }
}
