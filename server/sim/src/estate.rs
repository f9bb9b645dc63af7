//! The cluster as a scenario finds it: namespaces with workloads, storage locations, and (with history) schedules and
//! the backups they made.

pub(crate) mod history;

use serde_json::{Value, json};

use crate::json::set_annotation;
use crate::kube::kind::{self, Kind};
use crate::kube::store::Key;
use crate::options::Options;
use crate::scenario::{Scenario, later};

/// Everything was installed that long ago.
const AGE_DAYS: u64 = 200;

/// One workload: namespace, name, replicas, and size of the claim of each replica (empty: stateless).
struct Workload(&'static str, &'static str, usize, &'static str);

const WORKLOADS: [Workload; 19] = [
    Workload("checkout", "api", 3, ""),
    Workload("checkout", "worker", 2, ""),
    Workload("checkout-db", "postgres", 1, "20Gi"),
    Workload("payments", "gateway", 2, ""),
    Workload("payments", "journal", 1, "8Gi"),
    Workload("payments-db", "postgres", 2, "50Gi"),
    Workload("identity", "keycloak", 2, ""),
    Workload("identity", "postgres", 1, "10Gi"),
    Workload("ledger", "ledger", 2, ""),
    Workload("ledger", "store", 3, "15Gi"),
    Workload("web", "storefront", 4, ""),
    Workload("web", "cdn-edge", 2, ""),
    Workload("orders", "orders", 3, ""),
    Workload("orders", "rabbitmq", 1, "5Gi"),
    Workload("analytics", "clickhouse", 2, "200Gi"),
    Workload("analytics", "grafana", 1, "2Gi"),
    Workload("kube-system", "coredns", 2, ""),
    Workload("kube-system", "metrics-server", 1, ""),
    Workload("scratch", "playground", 1, "1Gi"),
];

/// The company's namespaces, with the team and tier of each.
const TEAMS: [(&str, &str, &str); 10] = [
    ("checkout", "shop", "gold"),
    ("checkout-db", "shop", "gold"),
    ("payments", "finance", "gold"),
    ("payments-db", "finance", "gold"),
    ("identity", "platform", "gold"),
    ("ledger", "finance", "silver"),
    ("web", "shop", "silver"),
    ("orders", "shop", "silver"),
    ("analytics", "data", "bronze"),
    ("scratch", "data", "bronze"),
];

/// Fills a fresh scenario.
pub(crate) fn furnish(s: &mut Scenario) {
    let options = s.options.clone();
    let now = s.now;
    // Written in the past, so that nothing looks as if it had been made this minute.
    let past = now.checked_sub(std::time::Duration::from_secs(AGE_DAYS * 86_400)).unwrap_or(now);
    s.now = past;
    for name in ["default", "kube-system", "kube-public", "kube-node-lease", options.namespace.as_str()] {
        namespace(s, name, "", "");
    }
    if !options.bare {
        for (name, team, tier) in TEAMS {
            namespace(s, name, team, tier);
        }
        for workload in &WORKLOADS {
            workload_of(s, workload.0, workload.1, workload.2, workload.3);
        }
    }
    for name in &options.extra_namespaces {
        namespace(s, name, "extra", "bronze");
        workload_of(s, name, "app", 1, "1Gi");
    }
    for (name, trouble) in &options.troubled_namespaces {
        let key = Key::new(&kind::NAMESPACE, "", name);
        if let Some(object) = s.store.get(&key).cloned() {
            let mut object = (*object).clone();
            set_annotation(&mut object, "sim/outcome", trouble);
            s.write(&key, object);
        }
    }
    workload_of(s, &options.namespace, "velero", 1, "");
    if options.velero_installed && !options.bare {
        locations(s, &options);
    }
    s.now = now;
    if options.velero_installed && options.history_days > 0 {
        history::furnish(s);
    }
    s.wake_all();
}

/// What runs in the company's clusters, whichever system protects it.
pub(crate) fn namespaces() -> impl Iterator<Item = &'static str> {
    TEAMS.iter().map(|(name, ..)| *name)
}

fn put(s: &mut Scenario, kind: &'static Kind, namespace: &str, name: &str, object: Value) {
    let key = Key::new(kind, namespace, name);
    s.write(&key, object);
}

fn namespace(s: &mut Scenario, name: &str, team: &str, tier: &str) {
    let mut labels = json!({"kubernetes.io/metadata.name": name});
    if !team.is_empty() {
        labels["team"] = team.into();
        labels["tier"] = tier.into();
    }
    if name == "scratch" {
        labels["velero.io/exclude-from-backup"] = "true".into();
    }
    let object =
        json!({"metadata": {"labels": labels}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
    put(s, &kind::NAMESPACE, "", name, object);
    let root = json!({"data": {"ca.crt": "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n"}});
    put(s, &kind::CONFIG_MAP, name, "kube-root-ca.crt", root);
}

/// A Deployment or (with claims) a StatefulSet with its pods, service, settings and volumes.
fn workload_of(s: &mut Scenario, namespace: &str, app: &str, replicas: usize, size: &str) {
    let labels = json!({"app.kubernetes.io/name": app, "app": app});
    let stateful = !size.is_empty();
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": app, "image": format!("registry.example.com/{namespace}/{app}:1.8.2")}]}});
    let object = json!({
        "metadata": {"labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": app}}, "template": template},
        "status": {"replicas": replicas, "readyReplicas": replicas},
    });
    let kind = if stateful { &kind::STATEFUL_SET } else { &kind::DEPLOYMENT };
    put(s, kind, namespace, app, object);
    let service = json!({"metadata": {"labels": labels}, "spec": {"selector": {"app": app}, "ports": [{"port": 8080, "protocol": "TCP"}], "type": "ClusterIP"}});
    put(s, &kind::SERVICE, namespace, app, service);
    let settings = json!({"metadata": {"labels": labels}, "data": {"LOG_LEVEL": "info", "REGION": "eu-central-1"}});
    put(s, &kind::CONFIG_MAP, namespace, &format!("{app}-config"), settings);
    let secret = json!({"metadata": {"labels": labels}, "type": "Opaque", "data": {"password": "bm90LWEtc2VjcmV0"}});
    put(s, &kind::SECRET, namespace, &format!("{app}-credentials"), secret);
    for replica in 0..replicas {
        let pod = if stateful { format!("{app}-{replica}") } else { format!("{app}-6f7d9c8b5-{}", s.store.suffix()) };
        let mut volumes = vec![json!({"name": "config", "configMap": {"name": format!("{app}-config")}})];
        if stateful {
            let claim = format!("data-{app}-{replica}");
            volumes.push(json!({"name": "data", "persistentVolumeClaim": {"claimName": claim}}));
            claim_of(s, namespace, &claim, &labels, size);
        }
        let object = json!({
            "metadata": {"labels": labels},
            "spec": {"nodeName": format!("worker-{}", replica % 3 + 1), "volumes": volumes,
                "containers": [{"name": app, "image": format!("registry.example.com/{namespace}/{app}:1.8.2")}]},
            "status": {"phase": "Running"},
        });
        put(s, &kind::POD, namespace, &pod, object);
    }
}

fn claim_of(s: &mut Scenario, namespace: &str, name: &str, labels: &Value, size: &str) {
    let volume = format!("pvc-{}", &s.store.draw()[..8]);
    let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}},
        "storageClassName": "ceph-rbd", "volumeMode": "Filesystem", "volumeName": volume});
    let claim = json!({"metadata": {"labels": labels}, "spec": spec,
        "status": {"phase": "Bound", "capacity": {"storage": size}}});
    put(s, &kind::CLAIM, namespace, name, claim);
    let object = json!({
        "spec": {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": "ceph-rbd",
            "claimRef": {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": name},
            "csi": {"driver": "rbd.csi.ceph.com", "volumeHandle": volume}, "persistentVolumeReclaimPolicy": "Delete"},
        "status": {"phase": "Bound"},
    });
    put(s, &kind::VOLUME, "", &volume, object);
}

/// `default` works, `archive` can only be read, `offsite` can't be reached.
fn locations(s: &mut Scenario, options: &Options) {
    put(s, &kind::STORAGE_CLASS, "", "ceph-rbd", json!({"provisioner": "rbd.csi.ceph.com", "reclaimPolicy": "Delete"}));
    let namespace = options.namespace.clone();
    let secret = json!({"type": "Opaque", "data": {"cloud": "bm90LWEtc2VjcmV0"}});
    put(s, &kind::SECRET, &namespace, "cloud-credentials", secret);
    for (name, bucket, mode, unreachable) in [
        ("default", "velero-main", "ReadWrite", ""),
        ("archive", "velero-archive", "ReadOnly", ""),
        (
            "offsite",
            "velero-offsite",
            "ReadWrite",
            "rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 0, request send failed, Get \"https://s3.offsite.example.com/velero-offsite\": dial tcp 203.0.113.20:443: i/o timeout",
        ),
    ] {
        let mut object = json!({
            "metadata": {"labels": {"component": "velero"}},
            "spec": {"provider": "aws", "accessMode": mode, "objectStorage": {"bucket": bucket, "prefix": "cluster-a"},
                "config": {"region": "eu-central-1", "s3ForcePathStyle": "true", "s3Url": "http://minio.objects:9000"},
                "credential": {"name": "cloud-credentials", "key": "cloud"}},
            "status": {},
        });
        if name == "default" {
            object["spec"]["default"] = true.into();
        }
        if !unreachable.is_empty() {
            set_annotation(&mut object, "sim/unreachable", unreachable);
        }
        let key = s.key(&kind::LOCATION, name);
        s.write(&key, object);
    }
    let snapshots = json!({"spec": {"provider": "aws", "config": {"region": "eu-central-1"}}});
    put(s, &kind::SNAPSHOT_LOCATION, &namespace, "default", snapshots);
    // Looked at once at the scenario's start: a fresh scenario has valid locations from its first request on.
    let names = ["default", "archive", "offsite"];
    let start = later(s.now, std::time::Duration::from_secs(AGE_DAYS * 86_400));
    let past = std::mem::replace(&mut s.now, start);
    for name in names {
        let key = s.key(&kind::LOCATION, name);
        crate::life::reconcile(s, &key);
    }
    s.now = past;
}
