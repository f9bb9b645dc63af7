//! Restores: asked for per source cluster of one backup request, each done on its own.

use serde_json::{Value, json};

use super::Palette;
use super::agenda::Event;
use super::command::Work;
use super::ids::dice;
use super::policy;
use super::reader::Reader;
use super::refusal::{Outcome, Refusal};
use super::routes::Call;
use super::state::Owner;
use super::work::{
    COMPLETED, FAILED, Fate, IN_PROGRESS, PENDING, Part, Restore, RestoreOptions, RestorePart, STUCK, Stage, roll_up,
};
use crate::rest::Answer;

/// How long a request waits for Palette to look at it, in seconds of modelled work.
const PICKUP: f64 = 2.0;

/// One cluster's share of what is asked for.
struct Ask {
    source: String,
    destination: String,
    backup_name: String,
    options: RestoreOptions,
}

pub(super) fn get_of_workspace(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = policy::workspace(palette, call)?;
    let only = call.request.param("restoreRequestUid").filter(|uid| !uid.is_empty());
    let guard = palette.tenant.guard(&owner).ok_or_else(Refusal::missing)?;
    let known = palette.ordered(&guard.restores, only);
    let known = known.iter().filter_map(|uid| palette.tenant.restores.get(uid));
    let mut statuses: Vec<Value> = known.map(|restore| palette.show_restore(restore)).collect();
    let asked = |entry: &&Value| only.is_none_or(|only| crate::json::text(entry, "/requestUid") == only);
    statuses.extend(guard.foreign_restores.iter().filter(asked).cloned());
    let metadata = palette.policy_metadata(&owner);
    let status = json!({"workspaceRestoreStatuses": statuses});
    Ok(palette.tell(200, json!({"metadata": metadata, "spec": {"workspaceUid": call.arg(0)}, "status": status})))
}

pub(super) fn get_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = policy::cluster(palette, call)?;
    let only = call.request.param("restoreRequestUid").filter(|uid| !uid.is_empty());
    let guard = palette.tenant.guard(&owner).ok_or_else(Refusal::missing)?;
    let known = palette.ordered(&guard.restores, only);
    let known = known.iter().filter_map(|uid| palette.tenant.restores.get(uid));
    let statuses: Vec<Value> = known
        .flat_map(|restore| restore.parts.iter().map(move |part| (restore, part)))
        .map(|(restore, part)| palette.show_cluster_restore(restore, part))
        .collect();
    let metadata = palette.policy_metadata(&owner);
    let status = json!({"clusterRestoreStatuses": statuses});
    Ok(palette.tell(200, json!({"metadata": metadata, "spec": {"clusterUid": call.arg(0)}, "status": status})))
}

pub(super) fn run_of_workspace(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = policy::workspace(palette, call)?;
    let body = call.body()?;
    let reader = Reader::body(&body)?;
    let request = reader.required("backupRequestUid")?;
    let mut asks = Vec::new();
    for row in reader.objects("restoreConfigs")? {
        let source = row.required("sourceClusterUid")?;
        asks.push(Ask {
            destination: source.clone(),
            source,
            backup_name: row.required("backupName")?,
            options: RestoreOptions::read(&row, &palette.options)?,
        });
    }
    if asks.is_empty() {
        return Err(Refusal::invalid("restoreConfigs in body is required"));
    }
    let members = palette.tenant.workspaces.get(call.arg(0)).map(|workspace| workspace.clusters.clone());
    let members = members.unwrap_or_default();
    if let Some(left) = asks.iter().find(|ask| !members.contains(&ask.destination)) {
        let message = format!("restoreConfigs in body: cluster {} is not part of the workspace", left.destination);
        return Err(Refusal::invalid(message));
    }
    palette.start_restore(&owner, &owner, &request, asks)
}

/// The path names the cluster that was backed up; the body the one to restore into.
pub(super) fn run_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let source = policy::cluster(palette, call)?;
    let body = call.body()?;
    let reader = Reader::body(&body)?;
    let request = reader.required("backupRequestUid")?;
    let ask = Ask {
        source: call.arg(0).to_owned(),
        destination: reader.required("destinationClusterUid")?,
        backup_name: reader.required("backupName")?,
        options: RestoreOptions::read(&reader, &palette.options)?,
    };
    let destination = palette.tenant.clusters.get(&ask.destination);
    if destination.is_none_or(|cluster| Some(&cluster.project) != call.scope.as_ref()) {
        let message = format!("destinationClusterUid in body: no cluster {} in the project", ask.destination);
        return Err(Refusal::invalid(message));
    }
    let destination = Owner::Cluster(ask.destination.clone());
    palette.start_restore(&source, &destination, &request, vec![ask])
}

/// The backup that is asked for, if it can be brought back.
fn usable<'a>(parts: &'a [Part], ask: &Ask) -> Outcome<&'a Part> {
    let found = parts.iter().find(|part| part.cluster == ask.source && part.name == ask.backup_name);
    let part = found.ok_or_else(|| {
        let message = format!("No backup {:?} of cluster {} belongs to the request", ask.backup_name, ask.source);
        Refusal::new(404, "ResourceNotFound", message)
    })?;
    if part.stage != Stage::Done || part.state == FAILED || !part.delete_state.is_empty() {
        let message = format!("Backup {:?} can't be restored", part.name);
        return Err(Refusal::new(500, "BackupNotRestorable", message));
    }
    if let Some(absent) = ask.options.namespaces.iter().find(|wanted| !part.namespaces.contains(wanted)) {
        return Err(Refusal::invalid(format!(
            "includeNamespaces in body: {absent:?} is not in backup {:?}",
            part.name
        )));
    }
    Ok(part)
}

impl Palette {
    /// `from` owns the backup request, `into` will show the restore.
    fn start_restore(&mut self, from: &Owner, into: &Owner, request: &str, asks: Vec<Ask>) -> Outcome<Answer> {
        let owned = self.tenant.guard(from).is_some_and(|guard| guard.backups.iter().any(|uid| uid == request));
        let backup = self.tenant.backups.get(request).filter(|_| owned).ok_or_else(Refusal::missing)?;
        let backup_name = backup.name.clone();
        for ask in &asks {
            usable(&backup.parts, ask)?;
            let destination = self.tenant.clusters.get(&ask.destination);
            if destination.is_none_or(|cluster| !cluster.reachable()) {
                let message = format!("Cluster {} is not healthy", ask.destination);
                return Err(Refusal::new(500, "ClusterNotHealthy", message));
            }
        }
        let uid = self.draw("restore");
        let mut parts = Vec::with_capacity(asks.len());
        for ask in asks {
            parts.push(RestorePart {
                uid: self.draw("cluster-restore"),
                backup_name: ask.backup_name,
                source: ask.source,
                cluster: ask.destination,
                options: ask.options,
                stage: Stage::Waiting,
                state: PENDING.to_owned(),
                message: String::new(),
                time: None,
                fate: Fate::good(),
            });
        }
        let restore = Restore {
            uid: uid.clone(),
            backup: request.to_owned(),
            backup_name,
            requested: self.now,
            finished: None,
            state: PENDING.to_owned(),
            parts,
        };
        self.tenant.restores.insert(uid.clone(), restore);
        if let Some(guard) = self.tenant.guard_mut(into) {
            guard.restores.push(uid.clone());
        }
        self.agenda.add(self.after(PICKUP), Event::Restore(uid.clone()));
        Ok(self.created(&uid))
    }

    /// Brings the newest good backup of a cluster back into it, if there is one.
    pub(super) fn restore_latest(&mut self, owner: &Owner, cluster: &str) {
        let Some(guard) = self.tenant.guard(owner) else { return };
        let newest = guard.backups.iter().rev().filter_map(|uid| self.tenant.backups.get(uid)).find_map(|backup| {
            let part = backup.parts.iter().find(|part| part.cluster == cluster && part.state == COMPLETED)?;
            Some((backup.uid.clone(), part.name.clone()))
        });
        let Some((request, backup_name)) = newest else { return };
        let options = RestoreOptions { volumes: true, ..RestoreOptions::default() };
        let ask = Ask { source: cluster.to_owned(), destination: cluster.to_owned(), backup_name, options };
        let started = self.start_restore(owner, owner, &request, vec![ask]);
        debug_assert!(started.is_ok(), "a good backup of a healthy cluster");
    }

    /// Does what is due for one request.
    pub(super) fn step_restore(&mut self, uid: &str) {
        let Some(mut restore) = self.tenant.restores.remove(uid) else { return };
        let mut parts = std::mem::take(&mut restore.parts);
        for part in &mut parts {
            match part.stage {
                Stage::Waiting => self.begin_restore(uid, part),
                Stage::Running { ends: Some(ends) } if ends <= self.now => self.finish_restore(part),
                Stage::Running { .. } | Stage::Done => {}
            }
        }
        let states: Vec<&str> = parts.iter().map(|part| part.state.as_str()).collect();
        restore.state = roll_up(&states, self.options.rollup);
        if restore.finished.is_none() && parts.iter().all(|part| part.stage == Stage::Done) {
            restore.finished = Some(self.now);
        }
        restore.parts = parts;
        self.tenant.restores.insert(uid.to_owned(), restore);
    }

    fn begin_restore(&mut self, uid: &str, part: &mut RestorePart) {
        part.fate = self.ordered_fate(Work::Restore, &part.cluster).unwrap_or_else(Fate::good);
        part.state = IN_PROGRESS.to_owned();
        let spread = f64::from(u32::try_from(dice(&part.uid, 40)).unwrap_or(0)) / 40.0;
        let seconds = self.options.backup_seconds / 2.0 * (1.0 + spread);
        let ends = (part.fate.word != STUCK).then(|| self.after(seconds));
        part.stage = Stage::Running { ends };
        if let Some(at) = ends {
            self.agenda.add(at, Event::Restore(uid.to_owned()));
        }
    }

    fn finish_restore(&self, part: &mut RestorePart) {
        if self.tenant.clusters.get(&part.cluster).is_none_or(|cluster| !cluster.reachable()) {
            let message = "cluster is not reachable: agent heartbeat was lost during the restore".to_owned();
            part.fate = Fate { word: FAILED.to_owned(), message };
        }
        part.stage = Stage::Done;
        part.state.clone_from(&part.fate.word);
        part.message.clone_from(&part.fate.message);
        part.time = Some(self.now);
    }
}
