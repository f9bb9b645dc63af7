//! When a definition runs next: the earliest of all of its schedules, each counted from its own moment.

use super::Rule;
use model::{FieldError, Millis, definition::Schedule, interval::Intervals, view::NextRun};

/// A schedule with the moment after which its next run comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub schedule: Schedule,
    /// A next run that lies in the past was due and has not begun.
    pub from: Millis,
}

impl Counted {
    fn rule(&self, intervals: Intervals) -> Result<Rule, FieldError> {
        Ok(Rule::of(&self.schedule)?.counting(intervals))
    }
}

/// When it runs next; of several that were due the one that waits longest.
pub fn next_run(schedules: &[Counted], intervals: Intervals, paused: bool) -> NextRun {
    if paused {
        return NextRun::None("paused".into());
    }
    if schedules.is_empty() {
        return NextRun::None("by hand".into());
    }
    let (mut first, mut wrong) = (None::<Millis>, None);
    for one in schedules {
        match one.rule(intervals) {
            Ok(rule) => first = first.into_iter().chain(rule.next_after(one.from)).min(),
            Err(error) => wrong = wrong.or(Some(error.sentence)),
        }
    }
    match first {
        Some(at) => NextRun::At(at),
        None => NextRun::None(wrong.unwrap_or_else(|| "never: no such day comes in the next five years".into())),
    }
}

/// The next `count` runs: of those that were due the longest waiting, then those to come.
pub fn next_runs(schedules: &[Counted], intervals: Intervals, now: Millis, count: usize) -> Vec<Millis> {
    let mut all: Vec<Millis> = Vec::new();
    for one in schedules {
        let Ok(rule) = one.rule(intervals) else { continue };
        let Some(first) = rule.next_after(one.from) else { continue };
        all.push(first);
        all.extend(rule.next_times(first.max(now), count));
    }
    all.sort_unstable();
    all.dedup();
    let first = all.first().copied();
    all.retain(|at| Some(*at) == first || *at > now);
    all.truncate(count);
    all
}

/// Two clocks may differ by so much: a run that began a little before its moment is that moment's.
const SKEW_MS: i64 = 60_000;

/// From when on the moments of a schedule count, where its upstream does not say what it counts from: since it was last saved (a
/// new rhythm, or resumed), and after the newest run. Where several schedules belong to one definition, that run may be another
/// one's: then one that was missed before it is not told.
pub fn counted_since(saved: Millis, last_run: Option<Millis>) -> Millis {
    last_run.map_or(saved, |at| at.plus(SKEW_MS).max(saved))
}
