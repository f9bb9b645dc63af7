//! What the bed holds when it is ready: Velero's own objects, the console's permissions and two namespaces to protect.

use super::{NAMESPACE, api::Api};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{fs, path::Path, thread::sleep, time::Duration};

/// Namespaces with something in them.
pub const DEMO_NAMESPACES: [&str; 2] = ["shop", "library"];

pub fn namespaces(api: &mut Api) -> Result<()> {
    for name in [NAMESPACE].iter().chain(&DEMO_NAMESPACES) {
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        api.apply(&format!("/api/v1/namespaces/{name}"), &namespace.to_string())?;
    }
    for namespace in DEMO_NAMESPACES {
        for part in ["web", "worker"] {
            let labels = json!({ "app": namespace, "part": part });
            let settings = json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": { "name": format!("{part}-settings"), "labels": labels },
                "data": { "greeting": format!("hello from {namespace}"), "workers": "2" },
            });
            api.apply(&format!("/api/v1/namespaces/{namespace}/configmaps/{part}-settings"), &settings.to_string())?;
            let deployment = deployment(part, &labels);
            api.apply(&format!("/apis/apps/v1/namespaces/{namespace}/deployments/{part}"), &deployment.to_string())?;
        }
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": { "name": "database", "labels": { "app": namespace } },
            "stringData": { "user": namespace },
        });
        api.apply(&format!("/api/v1/namespaces/{namespace}/secrets/database"), &secret.to_string())?;
    }
    Ok(())
}

fn deployment(name: &str, labels: &Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": name, "image": "example.invalid/none" }] },
            },
        },
    })
}

/// Velero's storage location, and the Deployment that its restore action reads: without one of this name every
/// restore ends PartiallyFailed.
pub fn velero(api: &mut Api, store_port: u16) -> Result<()> {
    let deployment = deployment("velero", &json!({ "app": "velero" }));
    api.apply(&format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments/velero"), &deployment.to_string())?;
    let location = json!({
        "apiVersion": "velero.io/v1", "kind": "BackupStorageLocation",
        "metadata": { "name": "default" },
        "spec": {
            "provider": "aws", "default": true,
            "objectStorage": { "bucket": "backups" },
            // The region must be the store's own, or the location never becomes Available.
            "config": {
                "region": "us-east-1", "s3ForcePathStyle": "true", "s3Url": format!("http://127.0.0.1:{store_port}"),
            },
        },
    });
    api.apply(&location_path(), &location.to_string())
}

fn location_path() -> String {
    format!("/apis/velero.io/v1/namespaces/{NAMESPACE}/backupstoragelocations/default")
}

/// Waits until Velero has reached its bucket.
pub fn wait_for_location(api: &mut Api) -> Result<()> {
    let mut seen = String::new();
    for _ in 0..600 {
        let location = api.get(&location_path())?.json()?;
        let phase = location["status"]["phase"].as_str().unwrap_or("no phase yet");
        if phase == "Available" {
            return Ok(());
        }
        seen = format!("{phase} {}", location["status"]["message"].as_str().unwrap_or_default());
        sleep(Duration::from_millis(200));
    }
    bail!("the storage location is not Available after two minutes: {seen}")
}

/// Applies the permissions that the product's users apply, and binds the user `holdfast` to exactly those roles.
pub fn permissions(api: &mut Api, file: &Path) -> Result<()> {
    if !file.is_file() {
        println!("    {} is missing: the user `holdfast` may do nothing", file.display());
        return Ok(());
    }
    let text = fs::read_to_string(file)?;
    for document in documents(&text) {
        let object = Object::read(document).with_context(|| format!("in {}", file.display()))?;
        if object.kind.ends_with("Binding") {
            // The bed has no service account tokens: a user stands in the account's place.
            continue;
        }
        api.apply(&object.path()?, document)?;
        if object.kind.ends_with("Role") {
            let kind = format!("{}Binding", object.kind);
            let binding = json!({
                "apiVersion": object.version, "kind": kind, "metadata": { "name": object.name },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": object.kind, "name": object.name },
                "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "holdfast" }],
            });
            let bound = Object { kind, ..object };
            api.apply(&bound.path()?, &binding.to_string())?;
        }
    }
    Ok(())
}

/// The documents of a YAML file that say something.
fn documents(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n---")
        .map(|part| part.trim_start_matches('-'))
        .filter(|part| part.contains("\nkind:") || part.starts_with("kind:"))
}

/// As much of a manifest as its URL needs.
struct Object {
    version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
}

impl Object {
    /// Reads the plain top of a manifest: one key per line, metadata in block style. The API server parses the whole.
    fn read(document: &str) -> Result<Self> {
        let top = |key: &str| document.lines().find_map(|line| line.strip_prefix(key)).map(value);
        let metadata = |key: &str| {
            let block = document.lines().skip_while(|line| line.trim_end() != "metadata:").skip(1);
            block
                .take_while(|line| line.starts_with(' ') || line.trim().is_empty())
                .find_map(|line| line.strip_prefix("  ")?.strip_prefix(key))
                .map(value)
        };
        Ok(Self {
            version: top("apiVersion:").context("a manifest without apiVersion")?,
            kind: top("kind:").context("a manifest without kind")?,
            name: metadata("name:").context("a manifest without a name")?,
            namespace: metadata("namespace:"),
        })
    }

    fn path(&self) -> Result<String> {
        let plural = match self.kind.as_str() {
            "Namespace" => "namespaces",
            "ServiceAccount" => "serviceaccounts",
            "Secret" => "secrets",
            "Role" => "roles",
            "RoleBinding" => "rolebindings",
            "ClusterRole" => "clusterroles",
            "ClusterRoleBinding" => "clusterrolebindings",
            other => bail!("{other} has no place among permissions"),
        };
        let group = if self.version == "v1" { "/api/v1".to_owned() } else { format!("/apis/{}", self.version) };
        let cluster_wide = self.kind.starts_with("Cluster") || self.kind == "Namespace";
        let namespace = match (&self.namespace, cluster_wide) {
            (_, true) => String::new(),
            (Some(namespace), false) => format!("/namespaces/{namespace}"),
            (None, false) => format!("/namespaces/{NAMESPACE}"),
        };
        Ok(format!("{group}{namespace}/{plural}/{}", self.name))
    }
}

fn value(text: &str) -> String {
    text.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const FILE: &str = "# permissions\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: holdfast\n  namespace: velero\n\
                        ---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole # read\nmetadata:\n  \
                        labels:\n    name: wrong\n  name: \"holdfast-read\"\nrules: []\n---\n# nothing here\n";

    #[test]
    fn manifests_lead_to_their_urls() {
        let paths: Vec<String> =
            documents(FILE).map(|document| Object::read(document).unwrap().path().unwrap()).collect();
        assert_eq!(
            paths,
            [
                "/api/v1/namespaces/velero/serviceaccounts/holdfast",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/holdfast-read",
            ]
        );
    }

    #[test]
    fn only_permissions_are_applied() {
        let object = Object::read("apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n").unwrap();
        assert!(object.path().is_err());
        assert!(Object::read("apiVersion: v1\nkind: Pod\n").is_err());
    }
}
