//! From runs and due moments to days.

use super::{Day, DayMark};
use crate::{
    phase::Phase,
    request::{asked, whole},
    run::Run,
    time::Millis,
};

/// A run may be seen to begin a little before it was due: clocks of two machines disagree.
const EARLY_MS: i64 = 2 * 60_000;
/// So long after its moment a run still is the one that was due then, also when midnight lies between: a queue was in its way.
const LATE_MS: i64 = 6 * 3_600_000;
/// So long a due run is waited for before its day is called overdue, where nobody says so.
const GRACE_MS: i64 = 10 * 60_000;

/// A run, or its part on one cluster, as a day sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOnDay {
    /// When it was asked for.
    pub at: Millis,
    pub phase: Phase,
    /// Its system calls it good, and nothing whole is left of it: it holds nothing, or a cluster was left out of it.
    pub lacking: bool,
    /// It was left out here: nothing ran.
    pub skipped: bool,
}

impl RunOnDay {
    /// A run as a whole.
    pub fn of(run: &Run) -> Self {
        Self { at: asked(run), phase: whole(run), lacking: false, skipped: false }
    }

    /// Its part on the cluster with this id; `None`: it has no part there.
    pub fn on(run: &Run, cluster: &str) -> Option<Self> {
        let part = run.detail.clusters.iter().find(|part| part.cluster.id == cluster)?;
        Some(Self { at: asked(run), phase: part.phase.clone(), lacking: false, skipped: part.skipped.is_some() })
    }

    fn is_good(&self) -> bool {
        self.phase.is_good() && !self.lacking && !self.skipped
    }

    /// What it makes of its day, as long as nothing worse does. A run that was cancelled is no result.
    fn mark(&self, today: bool) -> Option<DayMark> {
        Some(match &self.phase {
            _ if self.skipped => DayMark::Missed,
            Phase::Succeeded if self.lacking => DayMark::Partial,
            Phase::Succeeded => DayMark::Good,
            Phase::Partial => DayMark::Partial,
            Phase::Failed => DayMark::Failed,
            Phase::Running => DayMark::Running,
            Phase::Queued if today => DayMark::Running,
            // Asked for on a day that is over, and still not begun.
            Phase::Queued => DayMark::Missed,
            Phase::Unknown(_) => DayMark::Unknown,
            Phase::Cancelled => return None,
        })
    }
}

/// What became of each day of one definition, or of its part on one cluster.
///
/// `bounds` are the beginnings of the days in order and the end of the last one, in the reader's zone: a day has 23 or 25 hours
/// where the clock changes. `due` are the moments at which its schedule fired or ought to have. A run belongs to the day on which
/// it was asked for, and takes the place of a due moment when it began in good time after it; by hand is as good. What was due
/// on a day that is over and did not run is missed, today it is overdue.
///
/// Of a silent connection nothing is known since it was last heard: give that moment as `now`, and what came due later is not judged.
pub fn strip(
    bounds: &[Millis],
    runs: &[RunOnDay],
    due: &[Millis],
    overdue_since: Option<Millis>,
    now: Millis,
) -> Vec<Day> {
    let today = day_of(bounds, now);
    let mut days: Vec<Day> = bounds
        .iter()
        .take(bounds.len().saturating_sub(1))
        .map(|begins| Day { begins: *begins, mark: DayMark::Nothing, runs: 0, good: 0 })
        .collect();
    let mut began: Vec<Millis> = Vec::with_capacity(runs.len());
    let mut cancelled: Vec<usize> = Vec::new();
    for run in runs {
        if !run.skipped {
            began.push(run.at);
        }
        let Some(at) = day_of(bounds, run.at) else { continue };
        days[at].runs += u32::from(!run.skipped);
        days[at].good += u32::from(run.is_good());
        match run.mark(today == Some(at)) {
            Some(mark) => days[at].mark = days[at].mark.max(mark),
            None => cancelled.push(at),
        }
    }
    // Stopped on request and nothing beside it: nothing came of the day.
    for at in cancelled {
        if days[at].mark == DayMark::Nothing {
            days[at].mark = DayMark::Missed;
        }
    }
    for (at, moment, is_last) in unmet(bounds, began, due, now) {
        let waiting = is_last && overdue_since.is_none() && now < moment.plus(GRACE_MS);
        let mark = match today {
            Some(today) if at >= today && waiting => continue,
            Some(today) if at >= today && is_last => DayMark::Overdue,
            _ => DayMark::Missed,
        };
        days[at].mark = days[at].mark.max(mark);
    }
    // Its system tells a moment that is none of those above.
    if let Some(at) = overdue_since.filter(|since| *since <= now).and_then(|since| day_of(bounds, since)) {
        let mark = if today.is_none_or(|today| at >= today) { DayMark::Overdue } else { DayMark::Missed };
        days[at].mark = days[at].mark.max(mark);
    }
    days
}

/// Due moments that no run stands for, each with its day, and whether it is the newest of all. A run stands for one moment: first for
/// the one that it follows; what is left then stands for earlier ones, because a queue may hold a run until the next is due.
fn unmet(bounds: &[Millis], mut runs: Vec<Millis>, due: &[Millis], now: Millis) -> Vec<(usize, Millis, bool)> {
    runs.sort_unstable();
    let mut due: Vec<Millis> = due.iter().copied().filter(|due| *due <= now).collect();
    due.sort_unstable();
    due.dedup();
    let end_of = |moment: Millis| {
        let midnight = day_of(bounds, moment).and_then(|at| bounds.get(at + 1)).copied().unwrap_or(moment);
        midnight.max(moment.plus(LATE_MS))
    };
    let first_from = |moment: Millis| runs.partition_point(|run| *run < moment.plus(-EARLY_MS));
    let mut used = vec![false; runs.len()];
    let mut open = Vec::new();
    for (i, moment) in due.iter().enumerate() {
        let end = due.get(i + 1).map_or(end_of(*moment), |next| end_of(*moment).min(next.plus(-EARLY_MS)));
        let first = first_from(*moment);
        match runs.get(first) {
            Some(run) if *run < end => used[first] = true,
            _ => open.push(*moment),
        }
    }
    open.retain(|moment| {
        let late =
            (first_from(*moment)..runs.len()).take_while(|run| runs[*run] < end_of(*moment)).find(|run| !used[*run]);
        if let Some(run) = late {
            used[run] = true;
        }
        late.is_none()
    });
    let newest = due.last().copied();
    open.into_iter().filter_map(|moment| Some((day_of(bounds, moment)?, moment, Some(moment) == newest))).collect()
}

/// The days of a whole, from those of its parts over the same bounds: the worst wins, runs add up.
pub fn merge(parts: &[Vec<Day>]) -> Vec<Day> {
    let mut parts = parts.iter();
    let mut whole = parts.next().cloned().unwrap_or_default();
    for part in parts {
        for (day, other) in whole.iter_mut().zip(part) {
            day.mark = day.mark.max(other.mark);
            day.runs += other.runs;
            day.good += other.good;
        }
    }
    whole
}

/// The day that holds a moment.
fn day_of(bounds: &[Millis], at: Millis) -> Option<usize> {
    let behind = bounds.partition_point(|begins| *begins <= at);
    (behind > 0 && behind < bounds.len()).then(|| behind - 1)
}
