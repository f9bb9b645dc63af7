//! What a restore leaves behind: namespaces and claims in the target cluster, under their new names.

use serde_json::{Value, json};

use super::Run;
use crate::cloudcasa::CloudCasa;
use crate::json::{int, text, texts, truth};

impl CloudCasa {
    pub(super) fn settle_restore(&mut self, run: &Run) {
        let Some(restore) = self.store.get("kuberestores", &run.order.id).cloned() else {
            return;
        };
        let Some(point) = self.store.get("backupinstances", &run.point).cloned() else {
            return;
        };
        let mut namespaces = texts(&point, "/backup_selection/namespaces");
        let chosen = texts(&restore, "/selection/namespaces");
        if !truth(&restore, "/selection/all_namespaces") && !chosen.is_empty() {
            namespaces.retain(|name| chosen.contains(name));
        }
        let there = self.namespaces(&run.cluster);
        for name in &namespaces {
            let new = renamed(&restore, name);
            if !there.contains(&new) {
                let row = json!({"name": new, "cluster_id": run.cluster});
                self.store.insert("kubenamespaces", row, self.now);
            }
        }
        for volume in run.volumes.iter().filter(|volume| namespaces.contains(&volume.namespace)) {
            let namespace = renamed(&restore, &volume.namespace);
            let known = |doc: &Value| {
                text(doc, "/cluster_id") == run.cluster
                    && text(doc, "/namespace_name") == namespace
                    && text(doc, "/name") == volume.name
                    && doc.get("backupinst_id").is_none()
            };
            if self.store.list("kubepvclaims").any(known) {
                continue;
            }
            let original =
                |doc: &&Value| text(doc, "/namespace_name") == volume.namespace && text(doc, "/name") == volume.name;
            let Some(mut row) = self.store.list("kubepvclaims").find(original).cloned() else {
                continue;
            };
            let class = text(&row, "/storage_class_name").to_owned();
            let mapped = restore["storage_class_map"][&class].as_str().unwrap_or(&class).to_owned();
            let size = int(&row, "/allocated_size");
            row = json!({"name": volume.name, "cluster_id": run.cluster, "namespace_name": namespace, "phase": "Bound",
                "storage_class_name": mapped, "driver": text(&row, "/driver"), "volume_mode": "Filesystem",
                "allocated_size": size});
            self.store.insert("kubepvclaims", row, self.now);
        }
    }
}

/// A namespace's name after the restore: the map goes before prefix and suffix.
fn renamed(restore: &Value, name: &str) -> String {
    if let Some(new) = restore["namespaces_map"][name].as_str() {
        return new.to_owned();
    }
    format!("{}{name}{}", text(restore, "/namespaces_prefix"), text(restore, "/namespaces_suffix"))
}
