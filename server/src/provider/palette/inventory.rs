//! What the wizard and the restore form offer, read live.

use super::{
    Palette,
    generation::{ALL_OR_NONE, Generation},
    key::PointKey,
    observe::seen,
};
use crate::provider::{ErrorKind, ProviderError};
use model::{
    connection::{Inventory, NamespaceSeen, SubjectSeen},
    name,
    recovery::RecoveryPoint,
    restore::RestoreOffer,
};

/// Names in a sentence before “and so many more”.
pub const SHOWN: usize = 12;

/// Workspaces with their clusters and namespaces, and backup locations.
pub async fn inventory(palette: &Palette) -> Result<Inventory, ProviderError> {
    let (workspaces, locations) = tokio::join!(palette.client.workspaces(), palette.client.locations());
    let mut subjects: Vec<SubjectSeen> = workspaces?
        .into_iter()
        .map(|w| SubjectSeen {
            detail: match w.clusters.as_slice() {
                [] => "no cluster".into(),
                [one] => format!("on {}", one.name),
                many => format!("{} clusters", many.len()),
            },
            why_not: w.clusters.is_empty().then(|| "It has no cluster; nothing of it can be backed up.".to_owned()),
            namespaces: w.namespaces.iter().map(|n| namespace(n)).collect(),
            clusters: w.clusters,
            id: w.uid,
            name: w.name,
        })
        .collect();
    subjects.sort_by(|a, b| a.name.cmp(&b.name));
    let mut namespaces: Vec<NamespaceSeen> = subjects.iter().flat_map(|s| s.namespaces.clone()).collect();
    namespaces.sort_by(|a, b| a.name.cmp(&b.name));
    namespaces.dedup_by(|a, b| a.name == b.name);
    Ok(Inventory {
        subjects,
        namespaces,
        locations: locations?.iter().map(seen::location).collect(),
        at: Some(palette.clock.now()),
        ..Inventory::default()
    })
}

/// A workspace may take namespaces in by a pattern, which a policy can't name.
fn namespace(text: &str) -> NamespaceSeen {
    let pattern = name::label_problem(text, 63).is_some();
    NamespaceSeen {
        name: text.to_owned(),
        skipped_because: pattern.then(|| "It is a pattern of the workspace; taking all namespaces takes it in.".into()),
    }
}

/// What to know before a restore: whether its cluster is there and can be reached.
pub async fn offer(palette: &Palette, point: &RecoveryPoint) -> Result<RestoreOffer, ProviderError> {
    let key = PointKey::read(&point.name)?;
    let mut notes = vec!["What exists in the cluster is left alone; only what is missing comes back.".to_owned()];
    match palette.client.workspace(&key.workspace).await {
        Ok(workspace) => {
            let cluster = workspace.clusters.iter().find(|c| c.id == key.cluster);
            match cluster {
                None => {
                    notes.push("Its cluster is not in the workspace any more: Palette may refuse the restore.".into())
                }
                Some(cluster) => {
                    let wrong = workspace.errors.iter().filter(|(uid, _)| *uid == key.cluster);
                    notes.extend(wrong.map(|(_, message)| format!("Palette says of {}: {message}.", cluster.name)));
                }
            }
        }
        Err(e) if e.kind == ErrorKind::NotFound => {
            notes.push("Its workspace is gone: Palette can't restore it any more.".into());
        }
        Err(e) => return Err(e),
    }
    if palette.generation() == Some(Generation::Flag) {
        notes.push(ALL_OR_NONE.into());
    }
    Ok(RestoreOffer { notes, ..RestoreOffer::default() })
}
