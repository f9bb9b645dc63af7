//! What was told of a workspace, so that only what differs is told again, and what vanished is told as gone.

use super::{
    seen::{self, Frame},
    words,
};
use crate::provider::{
    DeclaredSeen, Observed, Sort,
    palette::{
        key::{self, PointKey},
        shared::Shared,
        translate,
        wire::{Document, Entry, RestoreEntry, Workspace, moment},
    },
};
use model::{Millis, Phase, named::Named};
use serde_json::json;
use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    fmt::Debug,
    hash::{Hash, Hasher},
};

/// Of one workspace.
#[derive(Debug, Default)]
pub struct Kept {
    /// Fingerprints by name.
    runs: HashMap<String, u64>,
    points: HashMap<String, u64>,
    restores: HashMap<String, u64>,
    declared: Option<(String, u64)>,
    refused: HashMap<String, u64>,
    /// Clusters that a request had results of, while this lasts: what vanishes later was deleted or has expired.
    results: HashMap<String, HashSet<String>>,
    /// Requests, and restores, that go on.
    running: HashSet<String>,
    restoring: HashSet<String>,
}

fn print(value: &impl Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{value:?}").hash(&mut hasher);
    hasher.finish()
}

/// Notes the fingerprint; true when it is news.
fn news(known: &mut HashMap<String, u64>, name: &str, print: u64) -> bool {
    known.insert(name.to_owned(), print) != Some(print)
}

fn goes_on(phase: &Phase) -> bool {
    matches!(phase, Phase::Queued | Phase::Running)
}

impl Kept {
    /// The one request that goes on, when that is all that moves.
    pub fn only_running(&self) -> Option<&str> {
        let mut running = self.running.iter();
        let one = running.next().filter(|_| self.restoring.is_empty())?;
        running.next().is_none().then_some(one.as_str())
    }

    /// Whether something goes on.
    pub fn is_active(&self) -> bool {
        !self.running.is_empty() || !self.restoring.is_empty()
    }

    /// Forgets what was told, so that all of it is told again; what is known of requests stays.
    pub fn forget(&mut self) {
        *self = Self { results: std::mem::take(&mut self.results), ..Self::default() };
    }

    /// Everything is gone: the workspace is.
    pub fn gone(&mut self) -> Vec<Observed> {
        let kept = std::mem::take(self);
        let all = [(Sort::Point, kept.points), (Sort::Run, kept.runs), (Sort::Restore, kept.restores)];
        let mut out: Vec<Observed> =
            all.into_iter().flat_map(|(sort, names)| names.into_keys().map(move |n| Observed::Gone(sort, n))).collect();
        out.extend(kept.declared.map(|(name, _)| Observed::Gone(Sort::Declared, name)));
        out
    }

    /// The policy, where it carries a mark of Holdfast's.
    pub fn declared(&mut self, seen: Option<DeclaredSeen>) -> Vec<Observed> {
        let mut out = Vec::new();
        let now = seen.filter(|seen| key::is_ours(&seen.name)).map(|seen| (print(&seen), seen));
        if let Some((before, _)) = &self.declared
            && now.as_ref().is_none_or(|(_, seen)| seen.name != *before)
        {
            out.push(Observed::Gone(Sort::Declared, before.clone()));
            self.declared = None;
        }
        if let Some((print, seen)) = now {
            let told = self.declared.replace((seen.name.clone(), print));
            if told.is_none_or(|(_, before)| before != print) {
                out.push(Observed::Declared(Box::new(seen)));
            }
        }
        out
    }

    /// The workspace's requests; `only`: of an answer that holds this one alone.
    pub fn requests(
        &mut self,
        document: &Document,
        workspace: &Workspace,
        shared: &Shared,
        only: Option<&str>,
        now: Millis,
    ) -> Vec<Observed> {
        let prefix = document.config.as_ref().map(translate::prefix);
        let frame = Frame { workspace, prefix };
        let mut entries: Vec<&Entry> = document.entries.iter().filter(|e| !e.request_uid.is_empty()).collect();
        // Their order is not promised.
        entries.sort_by_key(|e| moment(&e.backup.request_time));
        let named = named(document, workspace);
        let mut out = Vec::new();
        let (mut runs, mut points) = (HashSet::new(), HashSet::new());
        let mut before: HashSet<String> = HashSet::new();
        if let Some(only) = only {
            // The one that goes on is the newest.
            before.extend(
                self.results.iter().filter(|(request, _)| *request != only).flat_map(|(_, c)| c.iter().cloned()),
            );
        }
        for entry in entries {
            let run = key::request(&workspace.uid, &entry.request_uid);
            let mut skipped = if self.counts(entry, prefix, now) {
                seen::skipped(entry, shared.asked(&run).as_deref(), &named, document.modified, &before)
            } else {
                Vec::new()
            };
            let results = self.results.entry(entry.request_uid.clone()).or_default();
            skipped.retain(|c| !results.contains(&c.id));
            let refs = entry.backup.cluster_backup_refs.iter().map(|r| r.cluster_uid.clone());
            results.extend(refs.clone());
            before.extend(refs);
            let seen = seen::run(entry, frame, &skipped);
            if goes_on(&seen.phase) {
                self.running.insert(entry.request_uid.clone());
            } else {
                self.running.remove(&entry.request_uid);
            }
            if news(&mut self.runs, &run, print(&seen)) {
                out.push(Observed::Run(Box::new(seen)));
            }
            for point in seen::points(entry, frame) {
                points.insert(point.name.clone());
                if news(&mut self.points, &point.name, print(&point)) {
                    out.push(Observed::Point(Box::new(point)));
                }
            }
            self.refusals(seen::refusals(entry, frame), &run, &mut out);
            runs.insert(run);
        }
        let within = only.map(|request| key::request(&workspace.uid, request));
        self.drop_runs(&runs, within.as_deref(), &mut out);
        self.drop_points(&points, within.as_deref(), &mut out);
        out
    }

    /// Whether clusters that are absent were left out: of a finished request by the policy, whose backups have not expired.
    fn counts(&self, entry: &Entry, prefix: Option<&str>, now: Millis) -> bool {
        let backup = &entry.backup;
        let hours = Some(backup.config.duration_in_hours).filter(|h| *h > 0);
        let kept = moment(&backup.request_time)
            .zip(hours)
            .is_none_or(|(at, hours)| at.plus(hours.saturating_mul(3_600_000)) > now);
        let parts = backup.cluster_backup_refs.iter().map(|r| words::phase(&r.status.backup_state.state));
        let ended = parts.chain([words::phase(&backup.backup_state.state)]).all(|phase| !goes_on(&phase));
        let ours = seen::definition(entry, prefix);
        let of_policy =
            ours.as_deref() == prefix.filter(|p| !p.is_empty()) || !words::by_person(&entry.actor.actor_type);
        kept && ended && of_policy
    }

    fn refusals(&mut self, refused: Vec<(String, String)>, run: &str, out: &mut Vec<Observed>) {
        let begins = format!("{run}/");
        self.refused.retain(|point, _| !point.starts_with(&begins) || refused.iter().any(|(p, _)| p == point));
        for (point, reason) in refused {
            if news(&mut self.refused, &point, print(&reason)) {
                out.push(Observed::DeletionRefused { point, reason });
            }
        }
    }

    fn drop_runs(&mut self, there: &HashSet<String>, within: Option<&str>, out: &mut Vec<Observed>) {
        let gone: Vec<String> = self
            .runs
            .keys()
            .filter(|n| within.is_none_or(|w| w == n.as_str()) && !there.contains(*n))
            .cloned()
            .collect();
        for name in gone {
            self.runs.remove(&name);
            if let Some((_, request)) = name.split_once('/') {
                self.running.remove(request);
                self.results.remove(request);
            }
            out.push(Observed::Gone(Sort::Run, name));
        }
    }

    fn drop_points(&mut self, there: &HashSet<String>, within: Option<&str>, out: &mut Vec<Observed>) {
        let inside = |name: &str| within.is_none_or(|w| name.strip_prefix(w).is_some_and(|rest| rest.starts_with('/')));
        let gone: Vec<String> = self.points.keys().filter(|n| inside(n) && !there.contains(*n)).cloned().collect();
        for name in gone {
            self.points.remove(&name);
            self.refused.remove(&name);
            out.push(Observed::Gone(Sort::Point, name));
        }
    }

    /// The workspace's restores, all of them.
    pub fn restores(&mut self, entries: &[RestoreEntry], workspace: &Workspace) -> Vec<Observed> {
        let frame = Frame { workspace, prefix: None };
        let points: HashMap<(String, String), String> = self
            .points
            .keys()
            .filter_map(|name| PointKey::read(name).ok())
            .map(|key| ((key.cluster.clone(), key.backup.clone()), key.name()))
            .collect();
        let mut out = Vec::new();
        let mut there = HashSet::new();
        self.restoring.clear();
        for entry in entries.iter().filter(|e| !e.request_uid.is_empty()) {
            let find = |cluster: &str, backup: &str| points.get(&(cluster.to_owned(), backup.to_owned())).cloned();
            let seen = seen::restore(entry, frame, find);
            if goes_on(&seen.phase) {
                self.restoring.insert(entry.request_uid.clone());
            }
            there.insert(seen.name.clone());
            if news(&mut self.restores, &seen.name, print(&(&seen.phase, &seen.raw_phase, &seen.detail, seen.ended))) {
                out.push(Observed::Restore(Box::new(seen)));
            }
        }
        let gone: Vec<String> = self.restores.keys().filter(|n| !there.contains(*n)).cloned().collect();
        for name in gone {
            self.restores.remove(&name);
            out.push(Observed::Gone(Sort::Restore, name));
        }
        out
    }
}

/// The clusters that the policy is for.
fn named(document: &Document, workspace: &Workspace) -> Vec<Named> {
    let Some(config) = &document.config else { return Vec::new() };
    if config["includeAllClusters"] == json!(true) {
        return workspace.clusters.clone();
    }
    let uids = config["clusterUids"].as_array().into_iter().flatten().filter_map(|uid| uid.as_str());
    uids.map(|uid| workspace.cluster(uid)).collect()
}
