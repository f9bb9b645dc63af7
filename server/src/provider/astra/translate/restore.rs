//! Restores as they are sent: over the app that is there, or as a new app beside it or on another cluster.

use crate::provider::{
    Ask, ErrorKind, ProviderError,
    astra::{
        key::{Key, Sort},
        wire::{
            App, Metadata, RESTORE, RESTORE_POINT, RESTORE_SENT,
            out::{MetadataOut, PairOut, RestoreOut},
        },
    },
};
use model::{Millis, restore::RestoreOrder};

const KIND: &str = "application/astra-app";
const VERSION: &str = "2.2";

/// The body of the PUT that restores an app in place. The app's labels come with it: a PUT replaces them.
pub fn in_place(app: &App, key: &Key, ask: &Ask, sent: Millis) -> RestoreOut {
    let (backup, snapshot) = source(key);
    RestoreOut {
        kind: KIND,
        version: VERSION,
        backup,
        snapshot,
        metadata: MetadataOut::over(&app.metadata, labels(key, ask, sent)),
        ..RestoreOut::default()
    }
}

/// The body of the POST that makes a new app. `source` is the app that the point is of.
pub fn beside(
    order: &RestoreOrder,
    source_app: &App,
    key: &Key,
    ask: &Ask,
    sent: Millis,
) -> Result<RestoreOut, ProviderError> {
    // An app that does not run tells no cluster; the point remembers it.
    let source_cluster = match (source_app.cluster.as_str(), &order.cluster) {
        ("", Some(cluster)) => cluster.id.clone(),
        ("", None) => {
            let sentence = "Nobody tells which cluster the app is on at present.";
            return Err(ProviderError::new(ErrorKind::Conflict, "start the restore", sentence)
                .remedy("It is tried again when Astra Control sees the app's cluster."));
        }
        (cluster, _) => cluster.to_owned(),
    };
    let (backup, snapshot) = source(key);
    Ok(RestoreOut {
        kind: KIND,
        version: VERSION,
        name: order.new_name.clone(),
        cluster: order.place.as_ref().map_or_else(|| source_cluster.clone(), |place| place.id.clone()),
        source_cluster,
        backup,
        snapshot,
        namespace_mapping: namespaces(order, source_app),
        storage_class_mapping: order
            .storage_classes
            .iter()
            .map(|(from, to)| PairOut {
                source: if from.is_empty() { "*".into() } else { from.clone() },
                destination: to.clone(),
            })
            .collect(),
        metadata: MetadataOut::over(&Metadata::default(), labels(key, ask, sent)),
    })
}

/// Where one namespace is mapped, all are said: what the server does with the rest is not documented.
fn namespaces(order: &RestoreOrder, source: &App) -> Vec<PairOut> {
    if order.mapping.is_empty() {
        return Vec::new();
    }
    let pair =
        |source: &String, destination: &String| PairOut { source: source.clone(), destination: destination.clone() };
    let mut out: Vec<PairOut> = order.mapping.iter().map(|(from, to)| pair(from, to)).collect();
    for name in &source.namespaces {
        if out.iter().all(|pair| pair.source != *name) {
            out.push(pair(name, name));
        }
    }
    out
}

fn source(key: &Key) -> (String, String) {
    match key.sort {
        Sort::Backup => (key.id.clone(), String::new()),
        Sort::Snapshot => (String::new(), key.id.clone()),
    }
}

fn labels(key: &Key, ask: &Ask, sent: Millis) -> [(&'static str, String); 3] {
    [(RESTORE, ask.name.clone()), (RESTORE_POINT, key.to_string()), (RESTORE_SENT, sent.rfc3339())]
}

/// What of an order a restore in place can't do.
pub fn not_in_place(order: &RestoreOrder) -> Option<&'static str> {
    let told = [
        (!order.mapping.is_empty(), "A restore in place keeps the app's namespaces; restore beside it to map them."),
        (
            !order.storage_classes.is_empty(),
            "A restore in place keeps the storage classes; restore beside it to change them.",
        ),
        (
            order.place.is_some(),
            "A restore in place goes to the app's own cluster; restore beside it to choose another.",
        ),
    ];
    told.into_iter().find(|(wanted, _)| *wanted).map(|(_, sentence)| sentence)
}

/// The draft's name for a field of a restore that was refused.
pub fn draft_field(upstream: &str) -> Option<String> {
    Some(
        match upstream {
            "name" => "new_name",
            "clusterID" | "sourceClusterID" => "place",
            "namespaceMapping" => "mapping",
            "storageClassMapping" => "storage_classes",
            "backupID" | "snapshotID" => "point",
            _ => return None,
        }
        .to_owned(),
    )
}
