//! What an interval (`@every 4h`) is counted from: systems differ, and a next run is only true by theirs.

use crate::{
    cron::{self, Cron},
    definition::Schedule,
    time::Millis,
};
use serde::{Deserialize, Serialize};

/// What the moments of an interval are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intervals {
    /// The last run.
    #[default]
    LastRun,
    /// This moment, whenever the last run was: the times stand fixed.
    Moment(Millis),
}

impl Intervals {
    /// `Every 4 hours, counted from the last run`; other schedules as [`Schedule::words`].
    pub fn words(self, schedule: &Schedule) -> String {
        let words = schedule.words();
        match (cron::parse(&schedule.cron), self) {
            (Ok(Cron::Every(_)), Self::LastRun) => format!("{words}, counted from the last run"),
            (Ok(Cron::Every(_)), Self::Moment(at)) => {
                let text = at.rfc3339();
                let (day, time) = text.split_once('T').unwrap_or((&text, ""));
                format!("{words}, counted from {day} {} UTC", time.get(..5).unwrap_or_default())
            }
            _ => words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_says_what_it_is_counted_from() {
        let of = |cron: &str| Schedule { cron: cron.into(), zone: None };
        let fixed = Intervals::Moment(Millis(1_577_836_800_000));
        assert_eq!(Intervals::LastRun.words(&of("@every 90m")), "Every 1 h 30 min, counted from the last run");
        assert_eq!(fixed.words(&of("@every 4h")), "Every 4 hours, counted from 2020-01-01 00:00 UTC");
        assert_eq!(fixed.words(&of("0 */4 * * *")), of("0 */4 * * *").words());
    }
}
