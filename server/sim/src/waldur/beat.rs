//! The scheduler's look at what is due. G2 makes the backup, then thins out; the newer generations thin out instead of
//! making one when the limit is reached, and look again at the next beat.

use std::time::Duration;

use jiff::Timestamp;

use super::cloud::Cloud;
use super::model::{Instance, State};
use super::work::Wish;
use crate::scenario::later;

const DAY: u64 = 86_400;

impl Cloud {
    pub(super) fn trigger_due(&mut self) {
        let now = self.now;
        let due =
            |schedule: &&super::model::Schedule| schedule.active && schedule.next_trigger.is_some_and(|at| at < now);
        let due: Vec<String> = self.schedules.iter().filter(due).map(|schedule| schedule.uuid.clone()).collect();
        for uuid in due {
            let done = if self.generation().is_old() { self.execute_old(&uuid) } else { self.execute(&uuid) };
            if let (true, Some(at)) = (done, self.schedule_at(&uuid)) {
                self.schedules[at].recompute(now);
            }
        }
    }

    fn kept_until(&self, days: u32) -> Option<Timestamp> {
        (days > 0).then(|| later(self.now, Duration::from_secs(u64::from(days) * DAY)))
    }

    /// One run in G2; false when an exception stopped it before the next time was set: it comes again at the next beat.
    fn execute_old(&mut self, uuid: &str) -> bool {
        let Some(schedule) = self.schedule_at(uuid).map(|at| self.schedules[at].clone()) else {
            return true;
        };
        if self.instance(&schedule.instance).is_some_and(|instance| instance.state == State::Ok) {
            let kept_until = self.kept_until(schedule.retention_days);
            let wish = Wish {
                name: String::new(),
                description: "scheduled backup".to_owned(),
                kept_until,
                schedule: Some(uuid.to_owned()),
            };
            if let Err(sentence) = self.start_backup(&schedule.instance, wish) {
                self.log("resource_backup_creation_failed", sentence);
            }
        }
        let mut rows: Vec<(Timestamp, String, State)> = self
            .backups
            .iter()
            .filter(|backup| backup.schedule.as_deref() == Some(uuid) && backup.state != State::Deleting)
            .map(|backup| (backup.created, backup.uuid.clone(), backup.state))
            .collect();
        let healthy = rows.iter().filter(|(_, _, state)| *state != State::Erred).count();
        let extra = healthy.saturating_sub(usize::try_from(schedule.maximum).unwrap_or(usize::MAX));
        rows.sort_by_key(|(created, ..)| *created);
        // The count leaves erred ones out, the choice does not: the oldest may be one that can't begin a deletion.
        for (_, backup, state) in rows.into_iter().take(extra) {
            if state != State::Ok {
                self.log("backup_schedule_execution_failed", format!("Backup {backup} cannot be deleted now."));
                return false;
            }
            if let Some(at) = self.backup_at(&backup) {
                self.start_deletion(at);
            }
        }
        true
    }

    /// One run in G3 and G4; false when it made room and no backup.
    fn execute(&mut self, uuid: &str) -> bool {
        let Some(at) = self.schedule_at(uuid) else {
            return true;
        };
        let schedule = self.schedules[at].clone();
        let total = self.backups.iter().filter(|backup| backup.schedule.as_deref() == Some(uuid)).count();
        let maximum = usize::try_from(schedule.maximum).unwrap_or(usize::MAX);
        if maximum > 0 && total >= maximum {
            self.make_room(uuid, (total - maximum).max(1));
            return false;
        }
        self.schedules[at].calls += 1;
        let instance = self.instance(&schedule.instance).map(|instance: &Instance| instance.name.clone());
        let wish = Wish {
            name: format!("Backup#{} of {}", self.schedules[at].calls, instance.unwrap_or_default()),
            description: format!("Scheduled backup of instance \"{}\"", schedule.name),
            kept_until: self.kept_until(schedule.retention_days),
            schedule: Some(uuid.to_owned()),
        };
        match self.start_backup(&schedule.instance, wish) {
            Ok(_) => true,
            Err(sentence) => {
                self.switch_off(
                    uuid,
                    &format!("Failed to schedule \"BackupSchedule\" creation. Error: ['{sentence}']"),
                );
                false
            }
        }
    }

    /// Those that would go first go now, and when none has an end, those that were to be kept for ever.
    fn make_room(&mut self, schedule: &str, number: usize) {
        let mut rows: Vec<(bool, Option<Timestamp>, Timestamp, String)> = self
            .backups
            .iter()
            .filter(|backup| backup.schedule.as_deref() == Some(schedule))
            .filter(|backup| matches!(backup.state, State::Ok | State::Erred))
            .map(|backup| (backup.kept_until.is_none(), backup.kept_until, backup.created, backup.uuid.clone()))
            .collect();
        rows.sort();
        for (.., uuid) in rows.into_iter().take(number) {
            if let Some(at) = self.backup_at(&uuid) {
                self.start_deletion(at);
            }
        }
    }

    pub(super) fn expire_due(&mut self) {
        let now = self.now;
        for at in 0..self.backups.len() {
            let backup = &self.backups[at];
            if backup.state == State::Ok && backup.kept_until.is_some_and(|end| end < now) {
                self.start_deletion(at);
            }
        }
    }
}
