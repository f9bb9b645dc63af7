//! Small command objects: ServerStatusRequest, and repositories becoming ready.

use std::time::Duration;

use serde_json::json;

use crate::json::{set, stamp, text, time};
use crate::kube::store::Key;
use crate::scenario::{Scenario, later};

/// An answered status request stays that long.
const KEPT: Duration = Duration::from_secs(60);

/// Plugins of a usual installation.
const PLUGINS: [(&str, &str); 6] = [
    ("velero.io/crd-remap-version", "BackupItemAction"),
    ("velero.io/pod", "BackupItemAction"),
    ("velero.io/pv", "BackupItemAction"),
    ("velero.io/service-account", "BackupItemAction"),
    ("velero.io/aws", "ObjectStore"),
    ("velero.io/change-storage-class", "RestoreItemAction"),
];

pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    let Some(request) = s.store.get(key).cloned() else {
        return;
    };
    if text(&request, "/status/phase") != "Processed" {
        let mut object = (*request).clone();
        let plugins: Vec<_> = PLUGINS.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
        set(&mut object, "/status/phase", "Processed");
        set(&mut object, "/status/processedTimestamp", stamp(s.now));
        set(&mut object, "/status/serverVersion", s.options.velero_version.as_str());
        set(&mut object, "/status/plugins", plugins);
        s.write(key, object);
        let at = later(s.now, KEPT);
        s.wake(key, at);
        return;
    }
    let end = time(&request, "/status/processedTimestamp").map(|at| later(at, KEPT));
    match end.filter(|at| *at > s.now) {
        Some(at) => s.wake(key, at),
        None => s.erase(key),
    }
}

/// A new BackupRepository is connected and maintained.
pub(crate) fn ready_repository(s: &mut Scenario, key: &Key) {
    let Some(repository) = s.store.get(key).cloned() else {
        return;
    };
    if matches!(text(&repository, "/status/phase"), "" | "New") {
        let mut object = (*repository).clone();
        set(&mut object, "/status/phase", "Ready");
        set(&mut object, "/status/lastMaintenanceTime", stamp(s.now));
        s.write(key, object);
    }
}
