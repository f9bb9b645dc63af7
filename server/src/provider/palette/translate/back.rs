//! From Palette's policy back to a definition, for "adopt". Nothing is rounded: what a definition can't say is named. Fields of
//! a newer Palette that Holdfast doesn't know are no obstacle: every write leaves them as they are.

use crate::provider::{Owned, palette::generation};
use model::{
    Invalid,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    named::Named,
    scope::Scope,
};
use serde_json::{Value, json};

/// The definition that a recorded policy means, under the name, connection and workspace that it has with us; or everything
/// that a definition can't say, by upstream path.
pub fn definition(owned: &Owned, seen: &Value) -> Result<Definition, Invalid> {
    let (config, ours) = (&seen["config"], &owned.definition);
    let inner = &config["backupConfig"];
    let mut invalid = Invalid::default();
    for (path, sentence) in problems(config) {
        invalid.push(path, "not-adoptable", sentence);
    }
    if super::prefix(config) != owned.upstream_name {
        invalid.push(
            "backupConfig.backupPrefix",
            "not-adoptable",
            "Holdfast knows its policy and its backups by this prefix and always sets it.",
        );
    }
    let cron = super::cron(config).split_whitespace().collect::<Vec<_>>().join(" ");
    // An empty schedule is a pause: the one that was there before is ours to remember. Palette has no zone, ours is UTC or unsaid.
    let schedule = match (cron.as_str(), &ours.schedule) {
        ("", before) => before.clone(),
        (cron, Some(before)) if before.cron == cron => Some(before.clone()),
        (cron, before) => Some(Schedule { cron: cron.to_owned(), zone: before.as_ref().and_then(|s| s.zone.clone()) }),
    };
    let paused = cron.is_empty() && schedule.is_some();
    let namespaces = in_our_order(texts(&inner["namespaces"]), &ours.scope.namespaces, |n| n);
    let clusters = if config["includeAllClusters"] == json!(true) {
        Vec::new()
    } else {
        let named = |uid: String| {
            let told = seen["clusterNames"][&uid].as_str().filter(|name| !name.is_empty()).map(str::to_owned);
            let known = ours.scope.clusters.iter().find(|c| c.id == uid).cloned();
            known.unwrap_or_else(|| Named { name: told.unwrap_or_else(|| uid.clone()), id: uid })
        };
        let uids: Vec<String> = texts(&config["clusterUids"]);
        in_our_order(uids.into_iter().map(named).collect(), &ours.scope.clusters, |c| &c.id)
    };
    let hours = inner["durationInHours"].as_u64().filter(|hours| *hours > 0);
    invalid.check(Definition {
        name: ours.name.clone(),
        connection: ours.connection.clone(),
        scope: Scope {
            subject: ours.scope.subject.clone(),
            clusters,
            namespaces,
            cluster_objects: generation::read(inner).unwrap_or_default(),
            ..Scope::default()
        },
        location: inner["backupLocationName"].as_str().filter(|name| !name.is_empty()).map(str::to_owned),
        volumes: if inner["includeAllDisks"] == json!(true) { Volumes::Upstream } else { Volumes::None },
        retention: Retention {
            keep_for: hours.map(|hours| Seconds(hours.saturating_mul(3600))),
            ..Retention::default()
        },
        schedule,
        further: Vec::new(),
        policy: None,
        paused,
    })
}

/// Palette's lists are sets: where the members are ours, so is the order.
fn in_our_order<T: Clone, K: PartialEq + ?Sized>(theirs: Vec<T>, ours: &[T], key: fn(&T) -> &K) -> Vec<T> {
    let same = theirs.len() == ours.len() && ours.iter().all(|o| theirs.iter().any(|t| key(t) == key(o)));
    if same { ours.to_vec() } else { theirs }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What of a policy no definition can say: upstream path and sentence.
pub fn problems(config: &Value) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut add = |path: &str, sentence: String| out.push((path.to_owned(), sentence));
    let inner = &config["backupConfig"];
    let cron = super::cron(config);
    if !cron.is_empty()
        && let Err(sentence) = super::express::cron(cron)
    {
        add("backupConfig.schedule.scheduledRunTime", sentence);
    }
    if inner["durationInHours"].as_i64().unwrap_or_default() <= 0 {
        add("backupConfig.durationInHours", "It says no duration; Holdfast always says one.".into());
    }
    if config["includeAllClusters"] != json!(true) && texts(&config["clusterUids"]).is_empty() {
        add("includeAllClusters", "It names neither all clusters nor one of them.".into());
    }
    if inner["backupLocationUid"].as_str().unwrap_or_default().is_empty() {
        add("backupConfig.backupLocationUid", "It names no backup location; Holdfast always names one.".into());
    }
    if let Err(word) = generation::read(inner) {
        add("backupConfig.includeClusterResourceMode", format!("“{word}” is no choice that Holdfast knows."));
    }
    out
}
