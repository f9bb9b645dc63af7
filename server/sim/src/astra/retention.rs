//! Retention by number: each schedule keeps its newest backups and snapshots. What was made on demand and what failed
//! is not counted and not deleted; the vendor says nothing about either.

use super::account::Account;
use super::shelf::Shelf;
use super::{backup, snapshot};
use crate::json::text;

/// Applies a schedule's numbers after one of its backups has ended.
pub(super) fn after_backup(a: &mut Account, app: &str, schedule: &str) {
    let Some(row) = a.row(Shelf::Schedule, schedule).filter(|row| row.owner == app) else { return };
    let (backups, snapshots) = (count(&row.value, "/backupRetention"), count(&row.value, "/snapshotRetention"));
    for id in surplus(a, Shelf::Backup, app, schedule, backups) {
        // An object lock outlasts the retention.
        if backup::locked_until(a, a.value(Shelf::Backup, &id)).is_none_or(|end| end <= a.now) {
            backup::discard(a, &id);
        }
    }
    prune_snapshots(a, app, schedule, snapshots);
}

/// Applies the number of snapshots after one of them has ended.
pub(super) fn after_snapshot(a: &mut Account, app: &str, schedule: &str) {
    if let Some(row) = a.row(Shelf::Schedule, schedule).filter(|row| row.owner == app) {
        let keep = count(&row.value, "/snapshotRetention");
        prune_snapshots(a, app, schedule, keep);
    }
}

/// Applies the number of snapshots; none that a backup still reads from is deleted.
fn prune_snapshots(a: &mut Account, app: &str, schedule: &str, keep: usize) {
    for id in surplus(a, Shelf::Snap, app, schedule, keep) {
        if !backup::uses_snapshot(a, app, &id) {
            snapshot::discard(a, &id);
        }
    }
}

fn count(schedule: &serde_json::Value, pointer: &str) -> usize {
    text(schedule, pointer).parse().unwrap_or(usize::MAX)
}

/// The oldest completed ones of a schedule beyond `keep`.
fn surplus(a: &Account, shelf: Shelf, app: &str, schedule: &str, keep: usize) -> Vec<String> {
    let of_schedule = a
        .of(shelf, app)
        .filter(|row| text(&row.value, "/scheduleID") == schedule && text(&row.value, "/state") == "completed");
    of_schedule.rev().skip(keep).map(|row| row.id.clone()).collect()
}
