//! What happens by itself: the agenda's deeds, and the numbers that move while something runs.

use serde_json::json;

use super::account::{Account, Deed};
use super::shelf::Shelf;
use super::{app, backup, schedule, snapshot};
use crate::json::{int, set};

pub(super) fn perform(a: &mut Account, deed: Deed) {
    match deed {
        Deed::Step(Shelf::Backup, id) => backup::step(a, &id),
        Deed::Step(Shelf::Snap, id) => snapshot::step(a, &id),
        Deed::Step(_, id) => app::step(a, &id),
        Deed::Fire(id) => schedule::fire(a, &id),
        Deed::Gone(Shelf::App, id) => app::gone(a, &id),
        Deed::Gone(shelf, id) => {
            a.remove(shelf, &id);
        }
    }
}

/// Moves bytes and percent of what runs. A finished part of a hundred is shown only once it is finished.
pub(super) fn show_progress(a: &mut Account) {
    let now = a.now;
    let running: Vec<(String, String, u64, i64)> = a
        .runs
        .iter()
        .filter_map(|(id, run)| {
            let (started, ends) = (run.started?, run.ends?);
            let whole = (ends.as_millisecond() - started.as_millisecond()).max(1);
            let done = (now.as_millisecond() - started.as_millisecond()).clamp(0, whole);
            // What is stuck never gets far.
            let most = if run.result == "stuck" { 40 } else { 99 };
            Some((id.clone(), run.task.clone(), run.bytes, (done * 100 / whole).min(most)))
        })
        .collect();
    for (id, task, bytes, percent) in running {
        if a.state(Shelf::Backup, &id) != "running" || int(a.value(Shelf::Backup, &id), "/percentDone") == percent {
            continue;
        }
        let share = u64::try_from(percent).unwrap_or(0);
        a.touch(Shelf::Backup, &id, |value| {
            set(value, "/percentDone", percent);
            set(value, "/bytesDone", json!(bytes / 100 * share));
        });
        a.touch(Shelf::Task, &task, |value| set(value, "/percentDone", percent));
    }
}
