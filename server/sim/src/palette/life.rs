//! What becomes of a request: its clusters work side by side, each at one backup at a time, and every finished backup
//! lives until it expires or is deleted.

use std::time::Duration;

use super::Palette;
use super::agenda::Event;
use super::command::Work;
use super::config::Plan;
use super::ids::dice;
use super::state::{Owner, Workspace};
use super::work::{
    Actor, Backup, DELETING, FAILED, Fate, IN_PROGRESS, PARTIALLY_FAILED, PENDING, Part, STUCK, Stage, roll_up,
};
use crate::scenario::later;

/// How long a request waits for Palette to look at it, in seconds of modelled work.
const PICKUP: f64 = 2.0;

impl Palette {
    /// Asks for a backup of every cluster of the plan that can be reached; the others are left out without a word.
    pub(super) fn start_backup(&mut self, owner: &Owner, plan: &Plan, actor: Actor) -> String {
        let uid = self.draw("request");
        let config = &plan.config;
        let stamp = self.now.strftime("%Y%m%d%H%M%S").to_string();
        let stem = [&config.name, &config.prefix].into_iter().find(|stem| !stem.is_empty());
        let stem = stem.cloned().unwrap_or_else(|| self.tenant.owner_name(owner));
        let named = actor == Actor::User && !config.name.is_empty();
        let name = if named { stem.clone() } else { format!("{stem}-{stamp}") };
        let wanted = match owner {
            Owner::Workspace(uid) if plan.all_clusters => {
                self.tenant.workspaces.get(uid).map(|workspace| workspace.clusters.clone()).unwrap_or_default()
            }
            _ => plan.clusters.clone(),
        };
        let namespaces = self.namespaces_of(owner, &config.namespaces);
        let reachable: Vec<(String, String)> = wanted
            .iter()
            .filter_map(|uid| self.tenant.clusters.get(uid))
            .filter(|cluster| cluster.reachable())
            .map(|cluster| (cluster.uid.clone(), cluster.name.clone()))
            .collect();
        let mut parts = Vec::with_capacity(reachable.len());
        for (cluster, cluster_name) in reachable {
            self.lanes.entry(cluster.clone()).or_default().push_back(uid.clone());
            let name = match owner {
                Owner::Workspace(_) => format!("{stem}-{cluster_name}-{stamp}"),
                Owner::Cluster(_) => name.clone(),
            };
            parts.push(Part {
                uid: self.draw("backup"),
                cluster,
                cluster_name,
                name,
                stage: Stage::Waiting,
                state: PENDING.to_owned(),
                message: String::new(),
                delete_state: String::new(),
                erased: None,
                deletion: None,
                time: None,
                expires: None,
                namespaces: namespaces.clone(),
                fate: Fate::good(),
            });
        }
        let backup = Backup {
            uid: uid.clone(),
            owner: owner.clone(),
            actor,
            name,
            config: config.clone(),
            requested: self.now,
            finished: None,
            state: PENDING.to_owned(),
            delete_state: String::new(),
            parts,
        };
        self.tenant.backups.insert(uid.clone(), backup);
        if let Some(guard) = self.tenant.guard_mut(owner) {
            guard.backups.push(uid.clone());
        }
        self.agenda.add(self.after(PICKUP), Event::Backup(uid.clone()));
        uid
    }

    fn namespaces_of(&self, owner: &Owner, chosen: &[String]) -> Vec<String> {
        match owner {
            _ if !chosen.is_empty() => chosen.to_vec(),
            Owner::Workspace(uid) => {
                self.tenant.workspaces.get(uid).map(Workspace::namespace_names).unwrap_or_default()
            }
            Owner::Cluster(_) => crate::estate::namespaces().map(str::to_owned).collect(),
        }
    }

    /// Does what is due for one request.
    pub(super) fn step_backup(&mut self, uid: &str) {
        let Some(mut backup) = self.tenant.backups.remove(uid) else { return };
        let mut parts = std::mem::take(&mut backup.parts);
        for part in &mut parts {
            self.step_part(&backup, part);
        }
        let before = parts.len();
        parts.retain(|part| !self.gone(part));
        let shrunk = parts.len() < before;
        backup.parts = parts;
        self.settle(&mut backup);
        let over = backup.parts.is_empty() && (shrunk || self.expiry(&backup) <= self.now);
        let owner = backup.owner.clone();
        let finished = backup.finished.is_some();
        if over {
            if let Some(guard) = self.tenant.guard_mut(&owner) {
                guard.backups.retain(|known| known != uid);
            }
        } else {
            if backup.parts.is_empty() {
                // No cluster's expiry will take it away.
                self.agenda.add(self.expiry(&backup), Event::Backup(uid.to_owned()));
            }
            self.tenant.backups.insert(uid.to_owned(), backup);
        }
        if finished {
            self.prune(&owner);
        }
    }

    fn expiry(&self, backup: &Backup) -> jiff::Timestamp {
        let hours = u64::try_from(backup.config.lasts()).unwrap_or(0);
        later(backup.requested, Duration::from_secs(hours * 3600))
    }

    fn gone(&self, part: &Part) -> bool {
        let expired = part.stage == Stage::Done && part.expires.is_some_and(|at| at <= self.now);
        let erased = part.delete_state == DELETING && part.erased.is_some_and(|at| at <= self.now);
        expired || erased
    }

    fn step_part(&mut self, backup: &Backup, part: &mut Part) {
        match part.stage {
            Stage::Waiting => {
                let has_it = self.lanes.get(&part.cluster).and_then(|lane| lane.front()) == Some(&backup.uid);
                if has_it {
                    self.begin(backup, part);
                }
            }
            Stage::Running { ends: Some(ends) } if ends <= self.now => self.finish(backup, part),
            Stage::Running { .. } => {}
            Stage::Done => self.fail_deletion(part),
        }
    }

    fn begin(&mut self, backup: &Backup, part: &mut Part) {
        part.fate = self.fate(Work::Backup, &part.cluster, &part.name, &part.namespaces);
        part.state = IN_PROGRESS.to_owned();
        let seconds = self.options.backup_seconds;
        let spread = f64::from(u32::try_from(dice(&part.name, 40)).unwrap_or(0)) / 40.0;
        let ends = (part.fate.word != STUCK).then(|| self.after(seconds * (1.0 + spread)));
        part.stage = Stage::Running { ends };
        if let Some(at) = ends {
            self.agenda.add(at, Event::Backup(backup.uid.clone()));
        }
    }

    fn finish(&mut self, backup: &Backup, part: &mut Part) {
        part.stage = Stage::Done;
        let unreachable = self.tenant.clusters.get(&part.cluster).is_none_or(|cluster| !cluster.reachable());
        let location = self.tenant.locations.get(&backup.config.location_uid);
        let complaint = match location {
            _ if unreachable => Some("cluster is not reachable: agent heartbeat was lost during the backup".to_owned()),
            None => Some("backup storage location is not available".to_owned()),
            Some(location) => location.complaint(),
        };
        if let Some(message) = complaint {
            part.fate = Fate { word: FAILED.to_owned(), message };
        }
        part.state.clone_from(&part.fate.word);
        part.message.clone_from(&part.fate.message);
        match part.state.as_str() {
            FAILED => part.namespaces.clear(),
            PARTIALLY_FAILED if part.namespaces.len() > 1 => {
                part.namespaces.pop();
            }
            _ => {}
        }
        part.time = Some(self.now);
        let expires = self.expiry(backup).max(self.now);
        part.expires = Some(expires);
        self.agenda.add(expires, Event::Backup(backup.uid.clone()));
        self.release(&part.cluster, &backup.uid);
    }

    /// Lets the next request have the cluster.
    pub(super) fn release(&mut self, cluster: &str, backup: &str) {
        let Some(lane) = self.lanes.get_mut(cluster) else { return };
        lane.retain(|uid| uid != backup);
        if let Some(next) = lane.front().cloned() {
            self.agenda.add(self.now, Event::Backup(next));
        }
    }

    /// The states of the request as a whole.
    pub(super) fn settle(&self, backup: &mut Backup) {
        let states: Vec<&str> = backup.parts.iter().map(|part| part.state.as_str()).collect();
        let done = backup.parts.iter().all(|part| part.stage == Stage::Done);
        backup.state = roll_up(&states, self.options.rollup);
        if done && backup.finished.is_none() {
            backup.finished = Some(self.now);
        }
        let asked = backup.parts.iter().map(|part| part.delete_state.as_str()).find(|state| !state.is_empty());
        backup.delete_state = asked.unwrap_or_default().to_owned();
    }

    /// Drops the oldest finished requests beyond the number that is kept.
    fn prune(&mut self, owner: &Owner) {
        let Some(kept) = self.options.kept_requests else { return };
        let Some(guard) = self.tenant.guard(owner) else { return };
        let finished = |uid: &&String| self.tenant.backups.get(*uid).is_some_and(|backup| backup.finished.is_some());
        let finished: Vec<String> = guard.backups.iter().filter(finished).cloned().collect();
        let gone = &finished[..finished.len().saturating_sub(kept)];
        for uid in gone {
            self.tenant.backups.remove(uid);
        }
        if let Some(guard) = self.tenant.guard_mut(owner) {
            guard.backups.retain(|uid| !gone.contains(uid));
        }
    }
}
