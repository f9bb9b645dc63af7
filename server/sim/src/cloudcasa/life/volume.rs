//! What a run works on: the claims of a cluster's namespaces, and roughly how many objects there are.

use serde_json::Value;

use crate::cloudcasa::CloudCasa;
use crate::json::{int, text, texts, truth};

/// Objects that a namespace has, for counting.
const OBJECTS: i64 = 23;
/// Bytes: so that sums of what a test made up stay numbers.
const LARGEST: i64 = 1 << 50;

#[derive(Debug, Clone)]
pub(in crate::cloudcasa) struct Volume {
    pub(super) name: String,
    pub(super) namespace: String,
    /// Bytes that are in use.
    pub(super) used: i64,
}

impl CloudCasa {
    /// Namespaces that the live cluster has.
    pub(in crate::cloudcasa) fn namespaces(&self, cluster: &str) -> Vec<String> {
        let own = |doc: &&Value| doc["cluster_id"] == cluster && doc.get("backupinst_id").is_none();
        self.store.list("kubenamespaces").filter(own).map(|doc| text(doc, "/name").to_owned()).collect()
    }

    /// Namespaces that a kubebackup covers now.
    pub(super) fn covered(&self, definition: &Value) -> Vec<String> {
        let source = &definition["source"];
        let mut all = self.namespaces(text(definition, "/cluster"));
        let excluded = texts(source, "/excluded_namespaces");
        all.retain(|name| !excluded.contains(name));
        if !truth(source, "/all_namespaces") {
            let named = texts(source, "/namespaces");
            all.retain(|name| named.contains(name));
        }
        all
    }

    /// The claims and the number of objects in the live namespaces.
    fn claims(&self, cluster: &str, namespaces: &[String]) -> Vec<Volume> {
        let own = |doc: &&Value| {
            doc["cluster_id"] == cluster
                && doc.get("backupinst_id").is_none()
                && namespaces.iter().any(|name| doc["namespace_name"] == name.as_str())
        };
        let volume = |doc: &Value| Volume {
            name: text(doc, "/name").to_owned(),
            namespace: text(doc, "/namespace_name").to_owned(),
            used: int(doc, "/allocated_size").clamp(0, LARGEST) / 100 * 55,
        };
        self.store.list("kubepvclaims").filter(own).map(volume).collect()
    }

    pub(super) fn contents(&self, definition: &Value) -> (Vec<Volume>, i64) {
        let namespaces = self.covered(definition);
        let volumes = if definition["source"]["snapshotPersistentVolumes"] == false {
            Vec::new()
        } else {
            self.claims(text(definition, "/cluster"), &namespaces)
        };
        (volumes, objects(namespaces.len()))
    }

    /// What is in a recovery point.
    pub(super) fn contents_of_point(&self, point: &str) -> (Vec<Volume>, i64) {
        let Some(doc) = self.store.get("backupinstances", point) else {
            return (Vec::new(), 0);
        };
        let namespaces = texts(doc, "/backup_selection/namespaces");
        let mut volumes = self.claims(text(doc, "/cluster"), &namespaces);
        volumes.truncate(usize::try_from(int(doc, "/pv_count")).unwrap_or(0));
        (volumes, objects(namespaces.len()))
    }

    pub(super) fn contents_of_restore(&self, restore: &Value, point: &str) -> (Vec<Volume>, i64) {
        let (mut volumes, all) = self.contents_of_point(point);
        let chosen = texts(restore, "/selection/namespaces");
        if restore["selection"]["restorePersistentVolumes"] == false {
            volumes.clear();
        }
        if truth(restore, "/selection/all_namespaces") || chosen.is_empty() {
            return (volumes, all);
        }
        volumes.retain(|volume| chosen.contains(&volume.namespace));
        (volumes, objects(chosen.len()))
    }
}

fn objects(namespaces: usize) -> i64 {
    OBJECTS * i64::try_from(namespaces).unwrap_or(0)
}
