//! What the wizard and the restore form offer: apps with what is allowed now, buckets, clusters with their storage classes.

use super::{
    Astra,
    client::{APPS, BUCKETS, CLUSTERS, app, one},
    key::Key,
    observe::seen,
    wire::{App, Bucket, Cluster, Link, StorageClass},
};
use crate::provider::{ErrorKind, ProviderError};
use model::{
    connection::{Inventory, NamespaceSeen, SubjectSeen},
    location::Location,
    named::Named,
    recovery::RecoveryPoint,
    restore::{Place, RestoreOffer},
};

/// Reads apps and buckets.
pub async fn inventory(astra: &Astra) -> Result<Inventory, ProviderError> {
    let (apps, locations) = tokio::join!(astra.api.list::<App>("list the apps", APPS), locations(astra));
    let mut subjects: Vec<SubjectSeen> = apps?.iter().filter(|app| !app.id.is_empty()).map(subject).collect();
    subjects.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(Inventory { subjects, locations: locations?, at: Some(astra.clock.now()), ..Inventory::default() })
}

/// Buckets, by name.
pub async fn locations(astra: &Astra) -> Result<Vec<Location>, ProviderError> {
    let (buckets, clusters) = tokio::join!(
        astra.api.list::<Bucket>("list the buckets", BUCKETS),
        astra.api.list::<Cluster>("list the clusters", CLUSTERS)
    );
    let (buckets, clusters) = (buckets?, clusters.unwrap_or_default());
    let names = seen::bucket_names(&buckets);
    let mut out: Vec<Location> = buckets.iter().map(|bucket| seen::location(bucket, &names, &clusters)).collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}

fn subject(app: &App) -> SubjectSeen {
    let mut detail: Vec<String> =
        [&app.cluster_name, &app.state].into_iter().filter(|text| !text.is_empty()).cloned().collect();
    let why_not = why_not(app);
    if why_not.is_none() && backups(app) == Allowed::No {
        detail.push("snapshots only".into());
    }
    SubjectSeen {
        id: app.id.clone(),
        name: if app.name.is_empty() { app.id.clone() } else { app.name.clone() },
        detail: detail.join(", "),
        why_not,
        namespaces: app
            .namespaces
            .iter()
            .map(|name| NamespaceSeen { name: name.clone(), skipped_because: None })
            .collect(),
        clusters: (!app.cluster_name.is_empty())
            .then(|| Named::new(&app.cluster, &app.cluster_name))
            .into_iter()
            .collect(),
    }
}

/// What an app's links say of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    Yes,
    /// Not now, or not at all.
    No,
    /// The credential has not the right.
    NoRight,
    /// No link says anything of it: an older release.
    Untold,
}

/// Of links with one of these titles the best.
pub fn allowed(app: &App, titles: &[&str]) -> Allowed {
    let links: Vec<&Link> = app.links.iter().filter(|link| titles.contains(&link.title.as_str())).collect();
    match links.as_slice() {
        [] => Allowed::Untold,
        links if links.iter().any(|link| !link.hints.allow.is_empty()) => Allowed::Yes,
        links if links.iter().all(|link| link.hints.permissions.is_empty()) => Allowed::NoRight,
        _ => Allowed::No,
    }
}

/// Both backup titles empty means that it can't be backed up, on economy volumes for instance.
pub fn backups(app: &App) -> Allowed {
    allowed(app, &["disruptiveBackup", "nonDisruptiveBackup"])
}

/// Why nothing of it can be protected now.
pub fn why_not(app: &App) -> Option<String> {
    match app.state.as_str() {
        "ready" | "" => {}
        "failed" | "unavailable" | "deleting" | "restoring" | "pending" | "discovering" | "provisioning" => {
            return Some(format!("It is {} at present; Astra Control backs up an app that is ready.", app.state));
        }
        other => return Some(format!("Its state is “{other}”, which Holdfast does not know.")),
    }
    match (backups(app), allowed(app, &["snapshot"])) {
        (Allowed::NoRight, _) => Some("The token's user may only look at it; give the user the role member.".into()),
        // A snapshot or backup under way closes the snapshot for a moment, never the backup.
        (Allowed::No, Allowed::No | Allowed::NoRight) => Some(
            "Astra Control offers neither backups nor snapshots of it: its volumes or its cluster don't support them."
                .into(),
        ),
        _ => None,
    }
}

/// Where a point can be restored to, and how.
pub async fn restore_offer(astra: &Astra, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
    let key = Key::read(&point.name)?;
    let path = app(&key.app);
    let (app, clusters) = tokio::join!(
        astra.api.get::<App>("read the app", &path),
        astra.api.list::<Cluster>("list the clusters", CLUSTERS)
    );
    let mut offer = RestoreOffer::default();
    let mut own = point.detail.cluster.as_ref().map(|cluster| cluster.id.clone()).unwrap_or_default();
    match app {
        Ok(app) => {
            if !app.cluster.is_empty() {
                own.clone_from(&app.cluster);
            }
            offer.not_in_place = not_in_place(&app);
            offer.notes = notes(&app);
        }
        Err(error) if error.kind == ErrorKind::NotFound => {
            offer.not_in_place = Some("The app is not there any more.".into());
        }
        Err(error) => return Err(error),
    }
    for cluster in clusters? {
        let path = format!("{}/storageClasses", one(CLUSTERS, &cluster.id));
        // Without their names a storage class can still be typed.
        let classes: Vec<StorageClass> = astra.api.list("list the storage classes", &path).await.unwrap_or_default();
        offer.places.push(Place {
            why_not: no_place(&cluster),
            storage_classes: classes.into_iter().map(|class| class.name).filter(|name| !name.is_empty()).collect(),
            cluster: Named::new(cluster.id, cluster.name),
        });
    }
    offer.places.sort_by_key(|place| (place.cluster.id != own, place.cluster.name.clone()));
    Ok(offer)
}

fn not_in_place(app: &App) -> Option<String> {
    match allowed(app, &["inPlaceRestore"]) {
        Allowed::Yes | Allowed::Untold => None,
        Allowed::NoRight => Some("The token's user may not restore the app; give the user the role member.".into()),
        Allowed::No if app.state == "ready" => {
            Some("A backup or snapshot of the app is under way; try again when it has ended.".into())
        }
        Allowed::No => Some(format!("Astra Control does not restore the app in place while it is {}.", app.state)),
    }
}

fn notes(app: &App) -> Vec<String> {
    let mut notes = vec![
        "In place, Astra Control replaces the app's objects and volumes by those of the recovery point; what was written since is lost."
            .to_owned(),
    ];
    match app.namespaces.as_slice() {
        [one] => notes.push(format!("Beside it, the namespace {one} is named after the new app, unless it is mapped.")),
        [] => {}
        many => notes.push(format!(
            "Beside it on the same cluster, map each of its {} namespaces to one that is not there yet.",
            many.len()
        )),
    }
    notes
}

fn no_place(cluster: &Cluster) -> Option<String> {
    if cluster.restore_target_supported == "false" {
        return Some("Astra Control can't restore to it.".into());
    }
    match cluster.state.as_str() {
        "running" | "" => None,
        other => Some(format!("It is {other} at present.")),
    }
}
