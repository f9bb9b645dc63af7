//! What was read last. A whole reading asks each app for its schedules, backups and snapshots. Between two of them the account's
//! list of all backups is enough (one call): it doesn't say which app a backup is of, but that is known of the old ones, and the
//! schedule tells it of most new ones. Schedules are read again where ours are, because nothing else tells that they changed.

use super::seen::{self, Beside};
use crate::provider::{
    DeclaredSeen, ErrorKind, PointSeen, ProviderError, RunSeen,
    astra::{
        Astra,
        client::{ALL_BACKUPS, APPS, BUCKETS, CLUSTERS, of_app},
        key::Sort,
        wire::{App, Backup, Bucket, Cluster, DEFINITION, NAME, Schedule},
    },
};
use futures::{StreamExt, TryStreamExt, stream};
use model::{Millis, location::Location};
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::Duration,
};
use tokio::time::Instant;

/// Calls at a time.
const AT_ONCE: usize = 6;

/// Everything of an account that is told.
#[derive(Debug, Default)]
pub struct Known {
    apps: BTreeMap<String, App>,
    /// By app.
    schedules: BTreeMap<String, Vec<Schedule>>,
    backups: BTreeMap<String, Vec<Backup>>,
    snapshots: BTreeMap<String, Vec<Backup>>,
    buckets: Vec<Bucket>,
    clusters: Vec<Cluster>,
    /// Backups that no app has: the account's list goes beyond the apps that are there.
    nobodys: HashSet<String>,
    latency: Option<Duration>,
}

impl Known {
    /// Reads everything.
    pub async fn read_all(&mut self, astra: &Astra) -> Result<(), ProviderError> {
        self.read_apps(astra).await?;
        self.buckets = astra.api.list("list the buckets", BUCKETS).await?;
        self.clusters = match astra.api.list("list the clusters", CLUSTERS).await {
            Ok(clusters) => clusters,
            // Only names and defaults come from there.
            Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => Vec::new(),
            Err(error) => return Err(error),
        };
        let apps: BTreeSet<String> = self.apps.keys().cloned().collect();
        self.nobodys.clear();
        self.schedules = of_each(astra, &apps, "schedules").await?;
        self.backups = of_each(astra, &apps, Sort::Backup.collection()).await?;
        self.snapshots = of_each(astra, &apps, Sort::Snapshot.collection()).await?;
        Ok(())
    }

    /// Reads what can have changed; `nudged` are apps where this process began something.
    pub async fn read_news(&mut self, astra: &Astra, nudged: BTreeSet<String>) -> Result<(), ProviderError> {
        let before: BTreeSet<String> = self.apps.keys().cloned().collect();
        self.read_apps(astra).await?;
        self.buckets = astra.api.list("list the buckets", BUCKETS).await?;
        let new = self.apps.keys().filter(|id| !before.contains(*id)).cloned();
        let look: BTreeSet<String> = nudged.into_iter().chain(new).filter(|id| self.apps.contains_key(id)).collect();
        let ours =
            self.schedules.iter().filter(|(_, all)| all.iter().any(|one| one.metadata.label(DEFINITION).is_some()));
        let with_schedules: BTreeSet<String> = ours.map(|(app, _)| app.clone()).chain(look.iter().cloned()).collect();
        self.schedules.extend(of_each(astra, &with_schedules, "schedules").await?);
        let alone = self.schedules.iter().filter(|(_, all)| all.iter().any(keeps_snapshots_alone));
        let moving = self.snapshots.iter().filter(|(_, all)| all.iter().any(|one| !is_settled(one)));
        let with_snapshots: BTreeSet<String> = alone
            .map(|(app, _)| app.clone())
            .chain(moving.map(|(app, _)| app.clone()))
            .chain(look.iter().cloned())
            .collect();
        self.snapshots.extend(of_each(astra, &with_snapshots, Sort::Snapshot.collection()).await?);
        self.read_backups(astra, look).await
    }

    async fn read_apps(&mut self, astra: &Astra) -> Result<(), ProviderError> {
        let began = Instant::now();
        let apps: Vec<App> = astra.api.list("list the apps", APPS).await?;
        self.latency = Some(began.elapsed());
        self.apps = apps.into_iter().filter(|app| !app.id.is_empty()).map(|app| (app.id.clone(), app)).collect();
        let apps = &self.apps;
        self.schedules.retain(|app, _| apps.contains_key(app));
        self.backups.retain(|app, _| apps.contains_key(app));
        self.snapshots.retain(|app, _| apps.contains_key(app));
        Ok(())
    }

    /// By the account's list; where that is not to be had, app by app.
    async fn read_backups(&mut self, astra: &Astra, look: BTreeSet<String>) -> Result<(), ProviderError> {
        let everyone: BTreeSet<String> = self.apps.keys().cloned().collect();
        let all: Vec<Backup> = match astra.api.list("list the backups", ALL_BACKUPS).await {
            Ok(all) => all,
            Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Refused) => {
                self.backups = of_each(astra, &everyone, Sort::Backup.collection()).await?;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut of: BTreeMap<String, String> = BTreeMap::new();
        for (app, backups) in &self.backups {
            of.extend(backups.iter().map(|backup| (backup.id.clone(), app.clone())));
        }
        let by_schedule: BTreeMap<&str, &String> = self
            .schedules
            .iter()
            .flat_map(|(app, all)| all.iter().map(move |schedule| (schedule.id.as_str(), app)))
            .collect();
        let mut found: BTreeMap<String, Vec<Backup>> = everyone.iter().map(|app| (app.clone(), Vec::new())).collect();
        let mut unknown = Vec::new();
        for backup in all.into_iter().filter(|backup| !backup.id.is_empty()) {
            match of.get(&backup.id).or_else(|| by_schedule.get(backup.schedule.as_str()).copied()) {
                Some(app) => {
                    if let Some(list) = found.get_mut(app) {
                        list.push(backup);
                    }
                }
                None if self.nobodys.contains(&backup.id) => {}
                None => unknown.push(backup.id),
            }
        }
        self.backups = found;
        if unknown.is_empty() {
            return Ok(());
        }
        // Where something was begun first; then everywhere.
        let rest: BTreeSet<String> = everyone.difference(&look).cloned().collect();
        for apps in [look, rest] {
            let is_known = |id: &String| self.backups.values().flatten().any(|backup| backup.id == *id);
            if unknown.iter().all(is_known) {
                return Ok(());
            }
            self.backups.extend(of_each(astra, &apps, Sort::Backup.collection()).await?);
        }
        let known: HashSet<&String> = self.backups.values().flatten().map(|backup| &backup.id).collect();
        unknown.retain(|id| !known.contains(id));
        self.nobodys.extend(unknown);
        Ok(())
    }

    pub fn latency(&self) -> Option<Duration> {
        self.latency
    }

    /// Astra Control tells its version nowhere; the version of its resources stands for it.
    pub fn version(&self) -> Option<String> {
        version(self.apps.values())
    }

    pub fn platform(&self) -> Option<String> {
        platform(&self.clusters)
    }

    pub fn apps(&self) -> impl Iterator<Item = &App> {
        self.apps.values()
    }

    pub fn locations(&self) -> BTreeMap<String, Location> {
        let names = seen::bucket_names(&self.buckets);
        let told = self.buckets.iter().map(|bucket| seen::location(bucket, &names, &self.clusters));
        told.map(|location| (location.name.clone(), location)).collect()
    }

    /// Our definitions' schedules, by upstream name.
    pub fn declared(&self) -> BTreeMap<String, DeclaredSeen> {
        let names = seen::bucket_names(&self.buckets);
        let mut sets: BTreeMap<(String, &String), Vec<Schedule>> = BTreeMap::new();
        for (app, all) in &self.schedules {
            for one in all.iter().filter(|one| one.metadata.label(DEFINITION).is_some()) {
                let name = one.metadata.label(NAME).unwrap_or(&one.name).to_owned();
                sets.entry((name, app)).or_default().push(one.clone());
            }
        }
        let mut out: BTreeMap<String, (Option<Millis>, DeclaredSeen)> = BTreeMap::new();
        for ((name, app), live) in sets {
            let made = live.iter().filter_map(|one| one.metadata.created()).min();
            // A definition that is moved to another app stands on both for a moment: the newer ones count.
            if out.get(&name).is_none_or(|(other, _)| *other < made) {
                let seen = seen::declared(&name, app, &live, &names);
                out.insert(name, (made, seen));
            }
        }
        out.into_iter().map(|(name, (_, seen))| (name, seen)).collect()
    }

    /// Every backup, and the snapshots that are all that is kept. A snapshot that a backup was made of is a part of that backup.
    pub fn runs_and_points(&self, now: Millis) -> (BTreeMap<String, RunSeen>, BTreeMap<String, PointSeen>) {
        let names = seen::bucket_names(&self.buckets);
        let (mut runs, mut points) = (BTreeMap::new(), BTreeMap::new());
        for (id, app) in &self.apps {
            let schedules = self.schedules.get(id).map(Vec::as_slice).unwrap_or_default();
            let of = |all: &BTreeMap<String, Vec<Backup>>, sort: Sort| -> Vec<(Sort, Backup)> {
                all.get(id).into_iter().flatten().map(|backup| (sort, backup.clone())).collect()
            };
            let snapshots = of(&self.snapshots, Sort::Snapshot).into_iter().filter(|(_, snapshot)| {
                let schedule = schedules.iter().find(|one| one.id == snapshot.schedule);
                snapshot.metadata.label(DEFINITION).is_some() || schedule.is_some_and(keeps_snapshots_alone)
            });
            for (sort, backup) in of(&self.backups, Sort::Backup).into_iter().chain(snapshots) {
                let schedule = schedules.iter().find(|one| one.id == backup.schedule && !one.id.is_empty());
                let beside = Beside { app, schedule, buckets: &self.buckets, names: &names, now };
                let run = seen::run(sort, &backup, &beside);
                if let Some(point) = seen::point(sort, &backup, &beside) {
                    points.insert(point.name.clone(), point);
                }
                runs.insert(run.name.clone(), run);
            }
        }
        (runs, points)
    }
}

/// The release of the API, by its apps.
pub fn version<'a>(mut apps: impl Iterator<Item = &'a App>) -> Option<String> {
    apps.find(|app| !app.version.is_empty()).map(|app| format!("app API {}", app.version))
}

/// The clusters in a few words.
pub fn platform(clusters: &[Cluster]) -> Option<String> {
    let words: Vec<String> = clusters
        .iter()
        .map(|c| format!("{} ({} {})", c.name, c.cluster_type, c.cluster_version).replace("( ", "(").replace(" )", ")"))
        .collect();
    match words.as_slice() {
        [] => None,
        [a] => Some(a.clone()),
        [a, b] => Some(format!("{a}, {b}")),
        [a, b, rest @ ..] => Some(format!("{a}, {b} and {} more", rest.len())),
    }
}

fn keeps_snapshots_alone(schedule: &Schedule) -> bool {
    schedule.backup_retention == "0"
}

fn is_settled(snapshot: &Backup) -> bool {
    !matches!(snapshot.state.as_str(), "pending" | "discovering" | "running" | "deleting")
}

/// A collection of each of these apps; of one that is gone meanwhile nothing.
async fn of_each<T: DeserializeOwned + Send + 'static>(
    astra: &Astra,
    apps: &BTreeSet<String>,
    what: &'static str,
) -> Result<BTreeMap<String, Vec<T>>, ProviderError> {
    // Owned pieces: a stream of borrowing closures is not Send for all lifetimes.
    let calls: Vec<_> = apps
        .iter()
        .cloned()
        .map(|app| {
            let api = astra.api.clone();
            async move {
                match api.list::<T>(&format!("list the {what}"), &of_app(&app, what)).await {
                    Ok(all) => Ok((app, all)),
                    Err(error) if error.kind == ErrorKind::NotFound => Ok((app, Vec::new())),
                    Err(error) => Err(error),
                }
            }
        })
        .collect();
    stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await
}
