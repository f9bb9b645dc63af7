//! Deleting backups of one request: accepted at once, done a while later, or not at all.

use super::Palette;
use super::agenda::Event;
use super::command::Work;
use super::refusal::{Outcome, Refusal};
use super::state::Owner;
use super::work::{DELETING, FAILED, Fate, Part, STUCK, Stage};

/// How long the files of a backup take to go, in seconds of modelled work.
const ERASING: f64 = 20.0;

impl Palette {
    /// A deletion that was to fail does so when its time is over.
    pub(super) fn fail_deletion(&self, part: &mut Part) {
        if part.erased.is_some_and(|at| at <= self.now)
            && let Some(fate) = part.deletion.take_if(|fate| fate.word == FAILED)
        {
            part.delete_state = FAILED.to_owned();
            part.message = fate.message;
            part.erased = None;
        }
    }

    /// Asks for the deletion of backups: `rows` are the cluster and the backup's name.
    pub(super) fn delete_backups(&mut self, owner: &Owner, request: &str, rows: &[(String, String)]) -> Outcome<()> {
        let owned = self.tenant.guard(owner).is_some_and(|guard| guard.backups.iter().any(|uid| uid == request));
        let backup = self.tenant.backups.get(request).filter(|_| owned).ok_or_else(Refusal::missing)?;
        let mut chosen = Vec::new();
        for (cluster, name) in rows {
            let found = backup.parts.iter().position(|part| part.cluster == *cluster && part.name == *name);
            let index = found.ok_or_else(|| {
                let message = format!("No backup {name:?} of cluster {cluster} belongs to the request");
                Refusal::new(404, "ResourceNotFound", message)
            })?;
            if backup.parts[index].stage != Stage::Done {
                let message = format!("Backup {name:?} is in progress and can't be deleted");
                return Err(Refusal::new(500, "BackupInProgress", message));
            }
            chosen.push((index, cluster.clone()));
        }
        let at = self.after(ERASING);
        for (index, cluster) in chosen {
            let going = |part: &Part| part.delete_state == DELETING;
            if self.tenant.backups.get(request).is_none_or(|backup| going(&backup.parts[index])) {
                // Asked again while it goes: nothing changes.
                continue;
            }
            let fate = self.ordered_fate(Work::Delete, &cluster).unwrap_or_else(Fate::good);
            if let Some(part) = self.tenant.backups.get_mut(request).and_then(|backup| backup.parts.get_mut(index)) {
                part.delete_state = DELETING.to_owned();
                part.erased = (fate.word != STUCK).then_some(at);
                part.deletion = Some(fate);
            }
        }
        if let Some(mut backup) = self.tenant.backups.remove(request) {
            self.settle(&mut backup);
            self.tenant.backups.insert(request.to_owned(), backup);
        }
        self.agenda.add(at, Event::Backup(request.to_owned()));
        Ok(())
    }
}
