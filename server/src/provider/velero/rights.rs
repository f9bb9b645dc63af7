//! What Holdfast may do on a cluster: one table, which `deploy/velero-rbac.yaml` grants and the connection test asks about.

use super::client::{CALL, Kube};
use crate::provider::ProviderError;
use futures::{StreamExt, stream};
use serde_json::json;

/// A kind and the verbs needed on it.
#[derive(Debug)]
pub struct Right {
    pub group: &'static str,
    pub plural: &'static str,
    pub verbs: &'static [&'static str],
    /// In Velero's namespace, or in the whole cluster.
    pub namespaced: bool,
    /// Whether observing and defining work without it, so that its absence is a warning.
    pub optional: bool,
}

const VELERO: &str = "velero.io";

/// Everything, and nothing more.
pub const RIGHTS: [Right; 10] = [
    right(VELERO, "backups", &["get", "list", "watch", "create"], false),
    right(VELERO, "schedules", &["get", "list", "watch", "create", "patch", "delete"], false),
    right(VELERO, "restores", &["get", "list", "watch", "create"], false),
    right(VELERO, "backupstoragelocations", &["list", "watch"], false),
    right(VELERO, "deletebackuprequests", &["list", "watch", "create"], true),
    right(VELERO, "downloadrequests", &["get", "create", "delete"], true),
    right(VELERO, "serverstatusrequests", &["get", "create", "delete"], true),
    right(VELERO, "podvolumebackups", &["list", "watch"], true),
    right(VELERO, "datauploads", &["list", "watch"], true),
    Right { group: "", plural: "namespaces", verbs: &["list"], namespaced: false, optional: true },
];

const fn right(group: &'static str, plural: &'static str, verbs: &'static [&'static str], optional: bool) -> Right {
    Right { group, plural, verbs, namespaced: true, optional }
}

/// A right that isn't there.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    /// `create schedules.velero.io in velero`.
    pub words: String,
    pub optional: bool,
}

/// Asks about each verb; the answer is in the order of the table.
pub async fn missing(kube: &Kube) -> Result<Vec<Missing>, ProviderError> {
    let mut asks = Vec::new();
    for right in &RIGHTS {
        for verb in right.verbs {
            asks.push(ask(kube, right, verb));
        }
    }
    let answers: Vec<Result<Option<Missing>, ProviderError>> = stream::iter(asks).buffered(8).collect().await;
    let mut out = Vec::new();
    for answer in answers {
        out.extend(answer?);
    }
    Ok(out)
}

async fn ask(kube: &Kube, right: &'static Right, verb: &'static str) -> Result<Option<Missing>, ProviderError> {
    let mut attributes = json!({"verb": verb, "group": right.group, "resource": right.plural});
    if right.namespaced {
        attributes["namespace"] = json!(kube.namespace);
    }
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes},
    });
    let answer = kube
        .post("ask for permissions", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &review, CALL)
        .await?;
    if answer["status"]["allowed"].as_bool() == Some(true) {
        return Ok(None);
    }
    let name =
        if right.group.is_empty() { right.plural.to_owned() } else { format!("{}.{}", right.plural, right.group) };
    let place = if right.namespaced { format!(" in {}", kube.namespace) } else { String::new() };
    Ok(Some(Missing { words: format!("{verb} {name}{place}"), optional: right.optional }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_role_grants_exactly_the_table() {
        let text = include_str!("../../../../deploy/velero-rbac.yaml");
        let mut granted: BTreeMap<(String, String, bool), Vec<String>> = BTreeMap::new();
        for document in serde_yaml_ng::Deserializer::from_str(text) {
            let object: serde_json::Value = serde::Deserialize::deserialize(document).unwrap();
            let namespaced = match object["kind"].as_str() {
                Some("Role") => true,
                Some("ClusterRole") => false,
                _ => continue,
            };
            for rule in object["rules"].as_array().unwrap() {
                let words = |key: &str| -> Vec<String> {
                    rule[key].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
                };
                for group in words("apiGroups") {
                    for plural in words("resources") {
                        granted.entry((group.clone(), plural, namespaced)).or_default().extend(words("verbs"));
                    }
                }
            }
        }
        let mut wanted = BTreeMap::new();
        for right in &RIGHTS {
            let verbs: Vec<String> = right.verbs.iter().map(|v| (*v).to_owned()).collect();
            wanted.insert((right.group.to_owned(), right.plural.to_owned(), right.namespaced), verbs);
        }
        assert_eq!(granted, wanted);
    }
}
