//! Thirty days of definitions and clusters, in the reader's zone.

use super::{
    estate::{Estate, Verdicts, Watched},
    evidence::History,
    room::Room,
};
use crate::{console::frame::needs, schedule::Rule, store::NarrowRun};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use model::{
    Millis,
    definition::{Definition, Schedule, Standing},
    strip::{Day, RunOnDay, merge, strip},
};

/// Days that are shown; the last one is today.
const DAYS: i64 = 30;

/// The days of a reader: where each begins, and where the last one ends.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    bounds: Vec<Millis>,
    now: Millis,
}

impl Calendar {
    /// In a zone of the database; an unknown one is UTC.
    pub(super) fn new(zone: &str, now: Millis) -> Self {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let today = Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(zone.clone()).date();
        let begins = |n: i64| {
            let date = today.saturating_add(n.days());
            let midnight = date.to_zoned(zone.clone());
            midnight.map_or(now, |begins| Millis(begins.timestamp().as_millisecond()))
        };
        Self { bounds: (1 - DAYS..=1).map(begins).collect(), now }
    }

    fn first(&self) -> Millis {
        self.bounds.first().copied().unwrap_or(self.now)
    }

    /// Of the whole of a definition.
    pub(super) fn of(&self, watched: &Watched, history: &History) -> Vec<Day> {
        let runs: Vec<RunOnDay> = history.runs(watched.id()).iter().map(whole).collect();
        self.strip(watched, &runs, history)
    }

    /// Of its part on one cluster.
    pub(super) fn on(&self, watched: &Watched, cluster: &str, history: &History) -> Vec<Day> {
        let part = |run: &NarrowRun| match history.part(&run.id, cluster) {
            Some(part) => Some(RunOnDay {
                at: run.at,
                phase: part.phase.clone(),
                lacking: false,
                skipped: part.skipped.is_some(),
            }),
            // It asked other clusters.
            None if history.tells_clusters(&run.id) => None,
            None => Some(whole(run)),
        };
        let runs: Vec<RunOnDay> = history.runs(watched.id()).iter().filter_map(part).collect();
        self.strip(watched, &runs, history)
    }

    /// Of a workspace: the worst of its definitions' days.
    pub(super) fn of_room(&self, room: &Room, estate: &Estate, verdicts: &Verdicts) -> Vec<Day> {
        let parts: Vec<Vec<Day>> =
            room.members.iter().map(|index| self.of(&estate.definitions[*index], &verdicts.history)).collect();
        self.merged(&parts)
    }

    /// The worst of several; of none, days on which nothing was due.
    pub(super) fn merged(&self, parts: &[Vec<Day>]) -> Vec<Day> {
        if parts.is_empty() { strip(&self.bounds, &[], &[], None, self.now) } else { merge(parts) }
    }

    fn strip(&self, watched: &Watched, runs: &[RunOnDay], history: &History) -> Vec<Day> {
        let row = &watched.row;
        // Of a silent connection nothing is known since it was last heard.
        let known = if row.health.is_silent() { row.last_seen.unwrap_or(self.first()) } else { self.now };
        let overdue = needs::overdue_since(row, self.now);
        strip(&self.bounds, runs, &self.due(watched, history, known), overdue, known)
    }

    /// The first moment of each day at which one of its schedules was due, as far as that is certain: since it was last changed,
    /// because how it was before is not known.
    fn due(&self, watched: &Watched, history: &History, until: Millis) -> Vec<Millis> {
        let definition = &watched.stored.definition;
        if definition.paused || matches!(watched.row.standing, Standing::Applying) && watched.row.version == 1 {
            return Vec::new();
        }
        let oldest = history.runs(watched.id()).last().map(|run| run.at);
        let since = match watched.row.version {
            1 => oldest.map_or(watched.stored.created_at, |run| run.min(watched.stored.created_at)),
            _ => watched.stored.updated_at,
        };
        schedules(definition)
            .filter_map(|schedule| Some(Rule::of(schedule).ok()?.counting(watched.intervals)))
            .flat_map(|rule| {
                self.bounds.windows(2).filter_map(move |day| {
                    let from = day[0].max(since);
                    let at = rule.next_after(from.plus(-1)).filter(|at| *at < day[1])?;
                    (at <= until).then_some(at)
                })
            })
            .collect()
    }
}

fn schedules(definition: &Definition) -> impl Iterator<Item = &Schedule> {
    definition.schedule.iter().chain(definition.further.iter().map(|tier| &tier.schedule))
}

fn whole(run: &NarrowRun) -> RunOnDay {
    RunOnDay { at: run.at, phase: run.phase.clone(), lacking: false, skipped: false }
}

#[cfg(test)]
mod tests;
