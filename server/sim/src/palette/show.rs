//! How everything is written: times, state words, empties, and the documents themselves.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Palette;
use super::options::{Empties, Order};
use super::state::{Owner, Workspace};
use super::work::{Actor, Backup, COMPLETED, Part, Restore, RestorePart};
use crate::rest::Answer;

const NEVER: &str = "0001-01-01T00:00:00.000Z";
/// Fields that the definition marks as written even when they are zero.
const ALWAYS: [&str; 6] = ["isRegex", "cpuCores", "memoryMiB", "isHeartBeatFailed", "isMfa", "isDisabled"];

/// RFC 3339 with milliseconds and `Z`.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// As Go writes with `omitempty`: zero values are missing, and a list that is nil is null.
fn hollow(value: Value) -> Value {
    let zero =
        |value: &Value| value == &Value::Bool(false) || value.as_str() == Some("") || value.as_f64() == Some(0.0);
    match value {
        Value::Array(list) if list.is_empty() => Value::Null,
        Value::Array(list) => Value::Array(list.into_iter().map(hollow).collect()),
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(key, value)| ALWAYS.contains(&key.as_str()) || !zero(value));
            Value::Object(kept.map(|(key, value)| (key, hollow(value))).collect::<Map<_, _>>())
        }
        other => other,
    }
}

impl Palette {
    pub(super) fn put_time(&self, to: &mut Value, key: &str, at: Option<Timestamp>) {
        match at {
            Some(at) => to[key] = moment(at).into(),
            None if self.options.zero_times => to[key] = NEVER.into(),
            None => {}
        }
    }

    /// The document in this server's style.
    pub(super) fn tell(&self, code: u16, body: Value) -> Answer {
        let body = if self.options.empties == Empties::Go { hollow(body) } else { body };
        Answer::json(code, &body)
    }

    /// 201 with the new uid.
    pub(super) fn created(&mut self, uid: &str) -> Answer {
        let audit = self.draw("audit");
        let mut body = Map::new();
        body.insert(self.options.uid_key.clone(), uid.into());
        Answer::json(201, &Value::Object(body)).with("AuditUid", audit)
    }

    pub(super) fn metadata(&self, uid: &str, name: &str, created: Timestamp, modified: Timestamp) -> Value {
        let mut metadata = json!({"uid": uid, "name": name, "labels": {}, "annotations": {}});
        self.put_time(&mut metadata, "creationTimestamp", Some(created));
        self.put_time(&mut metadata, "lastModifiedTimestamp", Some(modified));
        self.put_time(&mut metadata, "deletionTimestamp", None);
        metadata
    }

    pub(super) fn workspace_metadata(&self, workspace: &Workspace) -> Value {
        let mut metadata = self.metadata(&workspace.uid, &workspace.name, workspace.created, workspace.modified);
        metadata["labels"] = workspace.labels.clone();
        metadata["annotations"] = workspace.annotations.clone();
        metadata
    }

    /// The metadata of a policy's document: its owner's, with the times of the policy.
    pub(super) fn policy_metadata(&self, owner: &Owner) -> Value {
        let policy = self.tenant.guard(owner).and_then(|guard| guard.policy.as_ref());
        let (uid, created) = match owner {
            Owner::Workspace(uid) => (uid, self.tenant.workspaces.get(uid).map(|workspace| workspace.created)),
            Owner::Cluster(uid) => (uid, self.tenant.clusters.get(uid).map(|cluster| cluster.created)),
        };
        let created = created.unwrap_or(self.now);
        let modified = policy.map_or(created, |policy| policy.modified);
        self.metadata(uid, &self.tenant.owner_name(owner), created, modified)
    }

    /// Requests of an owner in the order of the option, or the one that is asked for.
    pub(super) fn ordered(&self, uids: &[String], only: Option<&str>) -> Vec<String> {
        let mut uids: Vec<String> =
            uids.iter().filter(|uid| only.is_none_or(|only| only == uid.as_str())).cloned().collect();
        match self.options.order {
            Order::Oldest => {}
            Order::Newest => uids.reverse(),
            Order::Uid => uids.sort(),
        }
        uids
    }

    /// An entry of `workspaceBackupStatuses`.
    pub(super) fn show_backup(&self, backup: &Backup) -> Value {
        let refs: Vec<Value> = backup.parts.iter().map(|part| self.show_part(part)).collect();
        let mut config = json!({
            "backupName": backup.name,
            "backupState": {"state": self.options.word(&backup.state), "deleteState": self.options.word(&backup.delete_state)},
            "config": backup.config.brief(&backup.name, &self.options),
            "clusterBackupRefs": refs,
        });
        self.put_time(&mut config, "requestTime", Some(backup.requested));
        self.put_time(&mut config, "backupTime", backup.finished);
        json!({"requestUid": backup.uid, "actor": backup.actor.show(&self.user()), "workspaceBackupConfig": config})
    }

    fn show_part(&self, part: &Part) -> Value {
        json!({"clusterUid": part.cluster, "clusterName": part.cluster_name, "backupUid": part.uid,
            "backupStatusMeta": self.show_part_status(part)})
    }

    fn show_part_status(&self, part: &Part) -> Value {
        let mut state = json!({"state": self.options.word(&part.state),
            "deleteState": self.options.word(&part.delete_state), "msg": part.message});
        self.put_time(&mut state, "backupTime", part.time);
        let mut status = json!({"backupName": part.name, "backupedNamespaces": part.namespaces, "backupState": state});
        self.put_time(&mut status, "expiryDate", part.expires);
        status
    }

    /// An entry of `clusterBackupStatuses`.
    pub(super) fn show_cluster_backup(&self, backup: &Backup) -> Value {
        let location = &backup.config;
        let statuses: Vec<Value> = backup.parts.iter().map(|part| self.show_part_status(part)).collect();
        let restores = self.tenant.restores.values().filter(|restore| restore.backup == backup.uid);
        let restores: Vec<Value> = restores
            .flat_map(|restore| &restore.parts)
            .map(|part| {
                let mut state = json!({"state": self.options.word(&part.state), "msg": part.message});
                self.put_time(&mut state, "restoreTime", part.time);
                json!({"backupName": part.backup_name, "restoreState": state,
                    "destinationClusterRef": self.cluster_ref(&part.cluster)})
            })
            .collect();
        json!({
            "actor": backup.actor.show(&self.user()),
            "backupRequestUid": backup.uid,
            "state": self.options.word(&backup.state),
            "backupConfig": backup.config.brief(&backup.name, &self.options),
            "backupLocationConfig": {"name": location.location_name, "type": location.location_type, "uid": location.location_uid},
            "backupStatusMeta": statuses,
            "restoreStatusMeta": restores,
        })
    }

    /// `{kind, name, uid}` of a cluster.
    pub(super) fn cluster_ref(&self, uid: &str) -> Value {
        let name = self.tenant.clusters.get(uid).map(|cluster| cluster.name.as_str());
        json!({"kind": "spectrocluster", "name": name.unwrap_or_default(), "uid": uid})
    }

    /// An entry of `workspaceRestoreStatuses`.
    pub(super) fn show_restore(&self, restore: &Restore) -> Value {
        let refs: Vec<Value> = restore
            .parts
            .iter()
            .map(|part| {
                let mut state = json!({"state": self.options.word(&part.state), "msg": part.message});
                self.put_time(&mut state, "restoreTime", part.time);
                let cluster = self.cluster_ref(&part.cluster);
                json!({"backupName": part.backup_name, "clusterName": cluster["name"], "clusterUid": part.cluster,
                    "restoreUid": part.uid, "restoreStatusMeta": state})
            })
            .collect();
        let mut config = json!({
            "backupName": restore.backup_name,
            "restoreState": {"state": self.options.word(&restore.state), "deleteState": ""},
            "clusterRestoreRefs": refs,
        });
        self.put_time(&mut config, "restoreTime", restore.finished);
        json!({"actor": Actor::User.show(&self.user()), "requestUid": restore.uid, "workspaceRestoreConfig": config})
    }

    /// An entry of `clusterRestoreStatuses`.
    pub(super) fn show_cluster_restore(&self, restore: &Restore, part: &RestorePart) -> Value {
        let mut status = json!({"isSucceeded": part.state == COMPLETED, "msg": part.message});
        self.put_time(&mut status, "restoreTime", part.time);
        json!({"actor": Actor::User.show(&self.user()), "backupName": part.backup_name, "backupRequestUid": restore.backup,
            "restoreRequestUid": restore.uid, "restoreStatusMeta": status, "state": self.options.word(&part.state),
            "sourceClusterRef": self.cluster_ref(&part.source)})
    }

    /// For tests: what the tenant holds, secrets masked.
    pub(super) fn show_everything(&self) -> Value {
        let tenant = &self.tenant;
        let owners = |owner: &Owner| {
            let Some(guard) = tenant.guard(owner) else { return Value::Null };
            let policy = guard.policy.as_ref().map(|policy| policy.plan.write(&self.options));
            let next = guard.policy.as_ref().and_then(|policy| policy.next).map(moment);
            let backups = guard.backups.iter().filter_map(|uid| tenant.backups.get(uid));
            let restores = guard.restores.iter().filter_map(|uid| tenant.restores.get(uid));
            json!({"policy": policy, "next": next,
                "backups": backups.map(|backup| self.show_backup(backup)).collect::<Vec<_>>(),
                "restores": restores.map(|restore| self.show_asked(restore)).collect::<Vec<_>>()})
        };
        let workspaces = tenant.workspaces.values().map(|workspace| {
            let mut shown = owners(&Owner::Workspace(workspace.uid.clone()));
            shown["uid"] = workspace.uid.as_str().into();
            shown["name"] = workspace.name.as_str().into();
            shown["project"] = workspace.project.as_str().into();
            shown["clusters"] = json!(workspace.clusters);
            shown["namespaces"] = json!(workspace.namespace_names());
            shown
        });
        let clusters = tenant.clusters.values().map(|cluster| {
            let mut shown = owners(&Owner::Cluster(cluster.uid.clone()));
            shown["uid"] = cluster.uid.as_str().into();
            shown["name"] = cluster.name.as_str().into();
            shown["project"] = cluster.project.as_str().into();
            shown["state"] = cluster.state.as_str().into();
            shown["healthy"] = cluster.healthy.into();
            shown
        });
        let projects = tenant.projects.iter().map(|project| json!({"uid": project.uid, "name": project.name}));
        let locations = tenant.locations.values().map(|location| {
            let mut shown = self.show_location(location);
            shown["storage"] = location.storage.word().into();
            shown
        });
        json!({
            "now": moment(self.now),
            "slowed": self.slowed,
            "projects": projects.collect::<Vec<_>>(),
            "clusters": clusters.collect::<Vec<_>>(),
            "workspaces": workspaces.collect::<Vec<_>>(),
            "locations": locations.collect::<Vec<_>>(),
        })
    }

    /// A restore with what was asked for, which the API never tells.
    fn show_asked(&self, restore: &Restore) -> Value {
        let mut shown = self.show_restore(restore);
        shown["backupRequestUid"] = restore.backup.as_str().into();
        shown["requestTime"] = moment(restore.requested).into();
        let asked = restore.parts.iter().map(|part| {
            let mut asked = json!({"sourceClusterUid": part.source, "includeNamespaces": part.options.namespaces,
                "preserveNodePorts": part.options.node_ports, "restorePVs": part.options.volumes});
            part.options.mode.write(&mut asked, &self.options);
            asked
        });
        shown["asked"] = asked.collect::<Vec<_>>().into();
        shown
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn moments_have_milliseconds_and_a_z() {
        assert_eq!(moment("2026-10-03T02:00:41Z".parse().unwrap()), "2026-10-03T02:00:41.000Z");
    }

    #[test]
    fn go_leaves_zeros_out_and_writes_nil_lists_as_null() {
        let hollowed = hollow(json!({"a": "", "b": false, "c": 0, "isRegex": false, "d": [], "e": {"f": [{"g": ""}]}}));
        assert_eq!(hollowed, json!({"isRegex": false, "d": null, "e": {"f": [{}]}}));
    }
}
