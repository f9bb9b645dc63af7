//! What the wizard offers: namespaces, storage locations, kinds, read live.

use super::{
    Velero,
    client::{Group, Kube, garbled},
    observe::seen,
    wire::{EXCLUDED, List, Meta},
};
use crate::provider::{ErrorKind, ProviderError};
use model::{
    connection::{Inventory, NamespaceSeen, ResourceSeen},
    location::Location,
};
use serde_json::Value;

/// Objects in a page of a list.
pub const PAGE: usize = 500;

/// Reads all three; the kinds are left empty when the cluster doesn't tell them.
pub async fn inventory(velero: &Velero) -> Result<Inventory, ProviderError> {
    let kube = &velero.kube;
    let (namespaces, locations, resources) = tokio::join!(namespaces(kube), locations(kube), resources(kube));
    Ok(Inventory {
        namespaces: namespaces?,
        locations: locations?,
        resources: resources.unwrap_or_default(),
        at: Some(velero.clock.now()),
        ..Inventory::default()
    })
}

/// All items of a kind, page by page.
pub async fn all(kube: &Kube, operation: &str, path: &str) -> Result<Vec<Value>, ProviderError> {
    let mut items = Vec::new();
    let mut more = String::new();
    loop {
        let list: List = kube.read(operation, &format!("{path}?limit={PAGE}{}", continued(&more))).await?;
        if !list.kind.ends_with("List") {
            return Err(garbled(operation));
        }
        items.extend(list.items);
        if list.metadata.more.is_empty() {
            return Ok(items);
        }
        more = list.metadata.more;
    }
}

/// `&continue=…`, or nothing.
pub fn continued(more: &str) -> String {
    if more.is_empty() { String::new() } else { format!("&continue={}", super::client::segment(more)) }
}

async fn namespaces(kube: &Kube) -> Result<Vec<NamespaceSeen>, ProviderError> {
    let items = all(kube, "list namespaces", "/api/v1/namespaces").await?;
    let mut out: Vec<NamespaceSeen> = items
        .into_iter()
        .filter_map(|mut item| {
            let meta: Meta = serde_json::from_value(item["metadata"].take()).ok()?;
            let skipped = meta.label(EXCLUDED) == Some("true");
            (!meta.name.is_empty()).then(|| NamespaceSeen {
                name: meta.name,
                skipped_because: skipped.then(|| format!("Velero skips it: it has the label {EXCLUDED}=true.")),
            })
        })
        .collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}

/// Storage locations, by name.
pub async fn locations(kube: &Kube) -> Result<Vec<Location>, ProviderError> {
    let items = all(kube, "list backupstoragelocations", &kube.path(Group::Velero, "backupstoragelocations")).await?;
    let mut out: Vec<Location> =
        items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).map(|l| seen::location(&l)).collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}

/// Kinds that can be listed, from discovery: every group at its preferred version.
async fn resources(kube: &Kube) -> Result<Vec<ResourceSeen>, ProviderError> {
    const OPERATION: &str = "list kinds";
    let groups = kube.get(OPERATION, "/apis").await?;
    let mut paths = vec![(String::new(), "/api/v1".to_owned())];
    for group in groups["groups"].as_array().into_iter().flatten() {
        let version = group["preferredVersion"]["groupVersion"].as_str().unwrap_or_default();
        if let Some(name) = group["name"].as_str().filter(|_| !version.is_empty()) {
            paths.push((name.to_owned(), format!("/apis/{version}")));
        }
    }
    let mut out = Vec::new();
    let mut answers = futures::StreamExt::buffered(
        futures::stream::iter(
            paths.into_iter().map(|(group, path)| async move { (group, kube.get(OPERATION, &path).await) }),
        ),
        6,
    );
    while let Some((group, answer)) = futures::StreamExt::next(&mut answers).await {
        let list = match answer {
            Ok(list) => list,
            // An aggregated API whose server is down takes only its own kinds away.
            Err(e) if matches!(e.kind, ErrorKind::Broken | ErrorKind::Slow | ErrorKind::NotInstalled) => continue,
            Err(e) => return Err(e),
        };
        for kind in list["resources"].as_array().into_iter().flatten() {
            let name = kind["name"].as_str().unwrap_or_default();
            let listed = kind["verbs"].as_array().into_iter().flatten().any(|v| v == "list");
            if name.contains('/') || name.is_empty() || !listed {
                continue;
            }
            let name = if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") };
            out.push(ResourceSeen { name, namespaced: kind["namespaced"].as_bool().unwrap_or_default() });
        }
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out.dedup_by(|a, b| a.name == b.name);
    Ok(out)
}
