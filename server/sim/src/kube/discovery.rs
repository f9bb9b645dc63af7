//! `/version` and the discovery documents that clients read before they ask for anything else.

use serde_json::{Value, json};

use super::kind::KINDS;
use crate::options::Options;

/// The document at that path, if the server has one.
pub(crate) fn document(path: &str, options: &Options) -> Option<Value> {
    let installed = options.velero_installed;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["version"] => Some(version(&options.kubernetes_version)),
        ["api"] => Some(json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:6443"}],
        })),
        ["api", "v1"] => Some(resources("", "v1")),
        ["apis"] => Some(json!({
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": groups(installed).iter().map(|name| group(name)).collect::<Vec<_>>(),
        })),
        ["apis", name] if groups(installed).contains(name) => {
            let mut document = group(name);
            document["kind"] = "APIGroup".into();
            document["apiVersion"] = "v1".into();
            Some(document)
        }
        ["apis", name, version] if groups(installed).contains(name) && versions(name).contains(version) => {
            Some(resources(name, version))
        }
        _ => None,
    }
}

fn version(git: &str) -> Value {
    let mut numbers = git.trim_start_matches('v').split('.');
    json!({
        "major": numbers.next().unwrap_or("1"), "minor": numbers.next().unwrap_or("34"),
        "gitVersion": git, "gitCommit": "5f4c9ee7e5c1b0e0d5b1a0e8e6c9a3b2d1f0e9c8", "gitTreeState": "clean",
        "buildDate": "2026-02-10T12:46:51Z", "goVersion": "go1.25.7", "compiler": "gc", "platform": "linux/amd64",
    })
}

fn groups(installed: bool) -> Vec<&'static str> {
    let mut groups = vec!["apps", "authorization.k8s.io", "storage.k8s.io"];
    if installed {
        groups.push("velero.io");
    }
    groups
}

fn versions(group: &str) -> Vec<&'static str> {
    match group {
        "velero.io" => vec!["v1", "v2alpha1"],
        _ => vec!["v1"],
    }
}

fn group(name: &str) -> Value {
    let versions: Vec<Value> = versions(name)
        .iter()
        .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    json!({"name": name, "preferredVersion": versions[0], "versions": versions})
}

fn resources(group: &str, version: &str) -> Value {
    let mut rows: Vec<Value> = KINDS
        .iter()
        .filter(|kind| kind.group == group && kind.version == version)
        .map(|kind| {
            let mut row = json!({
                "name": kind.plural, "singularName": kind.kind.to_lowercase(), "namespaced": kind.namespaced,
                "kind": kind.kind,
                "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
            });
            match kind.plural {
                "backupstoragelocations" => row["shortNames"] = json!(["bsl"]),
                "volumesnapshotlocations" => row["shortNames"] = json!(["vsl"]),
                "serverstatusrequests" => row["shortNames"] = json!(["ssr"]),
                _ => {}
            }
            row
        })
        .collect();
    if group == "authorization.k8s.io" {
        rows.push(json!({"name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview",
            "namespaced": false, "kind": "SelfSubjectAccessReview", "verbs": ["create"]}));
    }
    let name = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": rows})
}
