//! Workspaces: namespaces of several clusters, taken together.

use serde_json::{Value, json};

use super::Palette;
use super::config::Plan;
use super::options::Dashboard;
use super::policy;
use super::reader::Reader;
use super::refusal::{Outcome, Refusal};
use super::routes::Call;
use super::show::moment;
use super::state::{Owner, Protection, Workspace};
use crate::rest::Answer;

/// Names are those of Kubernetes objects.
fn check_name(name: &str) -> Outcome<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let good = name.len() <= 63 && name.chars().all(fits) && edge(name.chars().next()) && edge(name.chars().last());
    if good {
        return Ok(());
    }
    Err(Refusal::invalid(format!("metadata.name in body should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$': {name:?}")))
}

/// The part of a workspace that `clusterNamespaces` also replaces.
struct Members {
    clusters: Vec<String>,
    namespaces: Vec<Value>,
    quota: Value,
}

impl Members {
    fn read(palette: &Palette, reader: &Reader<'_>, scope: Option<&str>) -> Outcome<Self> {
        let mut clusters = Vec::new();
        for row in reader.objects("clusterRefs")? {
            let uid = row.required("clusterUid")?;
            let known = palette.tenant.clusters.get(&uid).filter(|cluster| Some(cluster.project.as_str()) == scope);
            let path = row.path("clusterUid");
            let cluster = known.ok_or_else(|| Refusal::invalid(format!("{path} in body: no cluster {uid:?}")))?;
            if cluster.own_rbac {
                let message = format!("{path} in body: cluster {uid:?} has roles of its own");
                return Err(Refusal::invalid(message));
            }
            if !clusters.contains(&uid) {
                clusters.push(uid);
            }
        }
        for row in reader.objects("clusterNamespaces")? {
            row.required("name")?;
            row.flag("isRegex")?;
        }
        reader.object("quota")?;
        let namespaces = reader.get("clusterNamespaces").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(Self { clusters, namespaces, quota: reader.get("quota").cloned().unwrap_or(Value::Null) })
    }
}

/// A map of texts, such as labels.
fn texts(reader: &Reader<'_>, name: &str) -> Outcome<Value> {
    let map = reader.object(name)?;
    let Some(Value::Object(fields)) = reader.get(name) else { return Ok(json!({})) };
    for key in fields.keys() {
        map.text(key)?;
    }
    Ok(Value::Object(fields.clone()))
}

impl Palette {
    fn workspaces_in(&self, scope: Option<&str>) -> Vec<&Workspace> {
        let all = self.tenant.workspaces.values();
        let mut found: Vec<&Workspace> = all.filter(|w| Some(w.project.as_str()) == scope).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    fn free_name(&self, name: &str, scope: Option<&str>, except: &str) -> Outcome<()> {
        let taken = self.workspaces_in(scope).iter().any(|workspace| workspace.name == name && workspace.uid != except);
        if taken {
            let message = format!("Workspace {name:?} already exists");
            return Err(Refusal::new(409, "ResourceAlreadyExists", message));
        }
        Ok(())
    }

    fn cluster_name(&self, uid: &str) -> &str {
        self.tenant.clusters.get(uid).map(|cluster| cluster.name.as_str()).unwrap_or_default()
    }

    /// An item of the dashboard's list, in the forms that its releases had.
    fn dashboard_item(&self, workspace: &Workspace) -> Value {
        let refs: Vec<Value> =
            workspace.clusters.iter().map(|uid| json!({"uid": uid, "name": self.cluster_name(uid)})).collect();
        let namespaces = workspace.namespace_names();
        let mut item = json!({
            "spec": {"clusterRefs": refs, "namespaces": namespaces},
            "status": {"namespaces": [], "total": {"cpu": {"allocated": 0, "usage": 0}, "memory": {"allocated": 0, "usage": 0}}},
        });
        if self.options.dashboard != Dashboard::Metadata {
            let names: Vec<&str> = workspace.clusters.iter().map(|uid| self.cluster_name(uid)).collect();
            item["meta"] = json!({"uid": workspace.uid, "name": workspace.name, "clusterRefs": refs,
                "clusterNames": names, "namespaces": namespaces, "creationTime": moment(workspace.created)});
        }
        if self.options.dashboard != Dashboard::Meta {
            item["metadata"] = self.workspace_metadata(workspace);
        }
        item
    }
}

pub(super) fn list(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let found = palette.workspaces_in(call.scope.as_deref());
    let items: Vec<Value> = found.into_iter().map(|workspace| palette.dashboard_item(workspace)).collect();
    Ok(palette.tell(200, json!({"items": items, "cpuUnit": "cores", "memoryUnit": "MiB"})))
}

pub(super) fn validate_name(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let name = call.request.param("name").unwrap_or_default();
    check_name(name)?;
    palette.free_name(name, call.scope.as_deref(), "")?;
    Ok(Answer::empty(204))
}

pub(super) fn create(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let body = call.body()?;
    let reader = Reader::body(&body)?;
    let project = call.scope.clone().ok_or_else(Refusal::missing)?;
    let metadata = reader.object("metadata")?;
    let name = metadata.required("name")?;
    check_name(&name)?;
    palette.free_name(&name, call.scope.as_deref(), "")?;
    let spec = reader.object("spec")?;
    let members = Members::read(palette, &spec, call.scope.as_deref())?;
    let policies = spec.object("policies")?;
    let inline = policies.object("backupPolicy")?;
    let plan = policies.get("backupPolicy").map(|_| Plan::read(&inline, &palette.options)).transpose()?;
    let (labels, annotations) = (texts(&metadata, "labels")?, texts(&metadata, "annotations")?);
    spec.objects("clusterRbacs")?;
    let rbacs = spec.get("clusterRbacs").and_then(Value::as_array).cloned().unwrap_or_default();
    let uid = palette.draw("workspace");
    let workspace = Workspace {
        uid: uid.clone(),
        name,
        project,
        created: palette.now,
        modified: palette.now,
        labels,
        annotations,
        clusters: members.clusters,
        namespaces: members.namespaces,
        rbacs,
        quota: members.quota,
        guard: Protection::default(),
    };
    palette.tenant.workspaces.insert(uid.clone(), workspace);
    if let Some(plan) = plan {
        let owner = Owner::Workspace(uid.clone());
        let stored = palette.checked(&owner, plan).and_then(|plan| palette.set_policy(&owner, plan));
        if let Err(refusal) = stored {
            palette.tenant.workspaces.remove(&uid);
            return Err(refusal);
        }
    }
    Ok(palette.created(&uid))
}

pub(super) fn get(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    policy::workspace(palette, call)?;
    let workspace = palette.tenant.workspaces.get(call.arg(0)).ok_or_else(Refusal::missing)?;
    let refs: Vec<Value> = workspace
        .clusters
        .iter()
        .map(|uid| json!({"clusterUid": uid, "clusterName": palette.cluster_name(uid)}))
        .collect();
    let mut spec =
        json!({"clusterRefs": refs, "clusterNamespaces": workspace.namespaces, "clusterRbacs": workspace.rbacs});
    if !workspace.quota.is_null() {
        spec["quota"] = workspace.quota.clone();
    }
    if let Some(policy) = &workspace.guard.policy {
        spec["policies"] = json!({"backupPolicy": policy.plan.write(&palette.options)});
    }
    let unwell = workspace.clusters.iter().filter_map(|uid| palette.tenant.clusters.get(uid));
    let errors: Vec<Value> = unwell
        .filter(|cluster| !cluster.reachable())
        .map(|cluster| {
            json!({"clusterUid": cluster.uid, "name": cluster.name, "resourceType": "cluster",
                "msg": "cluster is not reachable"})
        })
        .collect();
    let metadata = palette.workspace_metadata(workspace);
    Ok(palette.tell(200, json!({"metadata": metadata, "spec": spec, "status": {"errors": errors}})))
}

/// The backups' files stay in their bucket, where nothing of this API shows them.
pub(super) fn delete(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    policy::workspace(palette, call)?;
    let gone = palette.tenant.workspaces.remove(call.arg(0)).ok_or_else(Refusal::missing)?;
    for uid in &gone.guard.backups {
        let Some(backup) = palette.tenant.backups.remove(uid) else { continue };
        for part in &backup.parts {
            palette.release(&part.cluster, uid);
        }
    }
    for uid in &gone.guard.restores {
        palette.tenant.restores.remove(uid);
    }
    Ok(Answer::empty(204))
}

pub(super) fn update_meta(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    policy::workspace(palette, call)?;
    let body = call.body()?;
    let metadata = Reader::body(&body)?.object("metadata")?;
    let name = metadata.required("name")?;
    check_name(&name)?;
    palette.free_name(&name, call.scope.as_deref(), call.arg(0))?;
    let (labels, annotations) = (texts(&metadata, "labels")?, texts(&metadata, "annotations")?);
    let now = palette.now;
    let workspace = palette.tenant.workspaces.get_mut(call.arg(0)).ok_or_else(Refusal::missing)?;
    workspace.name = name;
    workspace.labels = labels;
    workspace.annotations = annotations;
    workspace.modified = now;
    Ok(Answer::empty(204))
}

pub(super) fn update_namespaces(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    policy::workspace(palette, call)?;
    let body = call.body()?;
    let members = Members::read(palette, &Reader::body(&body)?, call.scope.as_deref())?;
    let now = palette.now;
    let workspace = palette.tenant.workspaces.get_mut(call.arg(0)).ok_or_else(Refusal::missing)?;
    workspace.clusters = members.clusters;
    workspace.namespaces = members.namespaces;
    workspace.quota = members.quota;
    workspace.modified = now;
    Ok(Answer::empty(204))
}
