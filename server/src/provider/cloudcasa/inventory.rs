//! What the wizard and the restore form offer, read live: clusters with their namespaces, policies with who follows them, object
//! stores.

use super::{
    CloudCasa,
    client::Query,
    observe::seen,
    translate::{DEFAULT_DAYS, rhythm},
    wire::{Cluster, DEFINITION, Doc, Found, Store, read},
};
use crate::provider::ProviderError;
use model::{
    connection::{Inventory, NamespaceSeen, PolicySeen, SubjectSeen},
    cron,
    location::Location,
    named::Named,
    recovery::RecoveryPoint,
    restore::{Place, RestoreOffer},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything, in one go.
pub async fn inventory(cc: &CloudCasa) -> Result<Inventory, ProviderError> {
    let client = &cc.client;
    // The agents also keep the namespaces that are in recovery points; those of the live cluster belong to none.
    let live = json!({"backupinst_id": {"$exists": false}});
    let find =
        async |collection, filter| client.all(&format!("list {collection}"), &Query::of(collection, filter)).await;
    let (clusters, namespaces, policies, backups, offloads, locations) = tokio::try_join!(
        find("kubeclusters", json!({})),
        find("kubenamespaces", live),
        find("policies", json!({})),
        find("kubebackups", json!({"policy": {"$exists": true}})),
        find("kubeoffloads", json!({"policy": {"$exists": true}})),
        locations(cc),
    )?;
    let mut by_cluster: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in read::<Found>(namespaces).into_iter().filter(|found| found.backupinst_id.is_empty()) {
        by_cluster.entry(found.cluster_id).or_default().push(found.name);
    }
    let mut subjects: Vec<SubjectSeen> = read::<Cluster>(clusters)
        .into_iter()
        .filter(|cluster| !cluster.id.is_empty())
        .map(|cluster| subject(&cluster, by_cluster.remove(&cluster.id).unwrap_or_default()))
        .collect();
    subjects.sort_by(|a, b| a.name.cmp(&b.name));
    let users: Vec<Doc> = backups.into_iter().chain(offloads).map(Doc).collect();
    let mut policies: Vec<PolicySeen> = policies
        .into_iter()
        .map(Doc)
        // The policy of a single definition is that definition's.
        .filter(|policy| policy.tag(DEFINITION).is_empty() && !policy.id().is_empty())
        .map(|policy| PolicySeen {
            id: policy.id().to_owned(),
            name: policy.name().to_owned(),
            words: words(&policy),
            used_by: u32::try_from(users.iter().filter(|user| user.reference("policy") == policy.id()).count())
                .unwrap_or(u32::MAX),
        })
        .collect();
    policies.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Inventory { subjects, policies, locations, at: Some(cc.clock.now()), ..Inventory::default() })
}

/// Object stores, by name.
pub async fn locations(cc: &CloudCasa) -> Result<Vec<Location>, ProviderError> {
    let items = cc.client.all("list objectstores", &Query::of("objectstores", json!({}))).await?;
    let mut out: Vec<Location> = read::<Store>(items).iter().map(seen::location).collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}

fn subject(cluster: &Cluster, mut namespaces: Vec<String>) -> SubjectSeen {
    namespaces.sort();
    namespaces.dedup();
    let version = Some(&cluster.status.version).filter(|version| !version.is_empty());
    let words = [
        Some(&cluster.description).filter(|text| !text.is_empty()).cloned(),
        version.map(|v| format!("Kubernetes {v}")),
    ];
    SubjectSeen {
        id: cluster.id.clone(),
        name: if cluster.name.is_empty() { cluster.id.clone() } else { cluster.name.clone() },
        detail: words.into_iter().flatten().collect::<Vec<_>>().join(", "),
        why_not: unready(cluster),
        namespaces: namespaces.into_iter().map(|name| NamespaceSeen { name, skipped_because: None }).collect(),
        clusters: Vec::new(),
    }
}

/// Why no job can run there now. Jobs of such a cluster are skipped.
pub fn unready(cluster: &Cluster) -> Option<String> {
    let said = Some(cluster.status.message.trim()).filter(|text| !text.is_empty());
    match cluster.status.state.as_str() {
        "ACTIVE" => None,
        "REGISTERED" | "DISCOVERED" => Some("CloudCasa's agent is not installed there yet.".into()),
        "PENDING" => Some(said.unwrap_or("CloudCasa's agent there does not answer.").to_owned()),
        "INVENTORY" => Some("CloudCasa is still taking stock of it.".into()),
        other => Some(format!("Its state is “{other}”, which Holdfast does not know.")),
    }
}

/// `Every day at 02:30 in Europe/Zurich, kept for 14 days, at least 2; and 1 more`.
pub fn words(policy: &Doc) -> String {
    let zone = Some(policy.text("/timezone")).filter(|zone| !zone.is_empty()).unwrap_or("UTC");
    let entries = policy.0["schedules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(first) = entries.first() else {
        return "No schedule".into();
    };
    let mut out = one(first, zone);
    if entries.len() > 1 {
        out.push_str(&format!("; and {} more", entries.len() - 1));
    }
    if policy.truth("/status/suspended") {
        out.push_str("; suspended by CloudCasa");
    }
    out
}

fn one(entry: &Value, zone: &str) -> String {
    let text = rhythm::text(&entry["schedule"]);
    let text = rhythm::canonical(&text).unwrap_or(text);
    let days = entry["retainDays"].as_u64().unwrap_or(DEFAULT_DAYS);
    let always = entry["numAlwaysRetain"].as_u64().filter(|n| *n > 0);
    let always = always.map(|n| format!(", at least {n}")).unwrap_or_default();
    let locked = if entry["locked"] == true { ", locked" } else { "" };
    let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    format!("{} in {zone}, kept for {days}{always}{locked}", cron::words(&text))
}

/// Clusters that a point can go into, its own first.
pub async fn offer(cc: &CloudCasa, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
    let client = &cc.client;
    let find = async |collection| client.all(&format!("list {collection}"), &Query::of(collection, json!({}))).await;
    let (clusters, classes) = tokio::try_join!(find("kubeclusters"), find("kubestorageclasses"))?;
    let classes: Vec<Found> = read(classes);
    let own = point.detail.subject.as_ref().map(|subject| subject.id.as_str());
    let mut places: Vec<Place> = read::<Cluster>(clusters)
        .into_iter()
        .map(|cluster| {
            let mut storage_classes: Vec<String> =
                classes.iter().filter(|class| class.cluster_id == cluster.id).map(|class| class.name.clone()).collect();
            storage_classes.sort();
            storage_classes.dedup();
            Place { why_not: unready(&cluster), cluster: Named::new(&cluster.id, &cluster.name), storage_classes }
        })
        .collect();
    places.sort_by(|a, b| {
        let other = |place: &Place| Some(place.cluster.id.as_str()) != own;
        (other(a), &a.cluster.name).cmp(&(other(b), &b.cluster.name))
    });
    let mut notes = Vec::new();
    let snapshot = point.location.is_none();
    if snapshot {
        notes.push(
            "This is a snapshot: another cluster can restore its volumes only if it reaches the same storage.".into(),
        );
    }
    Ok(RestoreOffer { places, notes, ..RestoreOffer::default() })
}
