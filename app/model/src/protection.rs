//! How well a definition is protected: judged from recovery points that exist, never from schedules.

use crate::{definition::Standing, phase::Phase, view::DefinitionRow};
use serde::{Deserialize, Serialize};

/// The verdict over one definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// A good recovery point is there, and nothing stands in the way of the next one.
    Protected,
    /// A good recovery point is there, but something went wrong since, or no next one will come.
    AtRisk,
    /// No good recovery point is there.
    Unprotected,
    /// The upstream is silent: what was there may be gone.
    Unknown,
}

impl Protection {
    /// 0 for the most exposed: a known gap stands before a risk, a risk before what can't be judged. The unknown stands before the
    /// protected, because nothing is proven there.
    pub fn rank(self) -> u8 {
        match self {
            Self::Unprotected => 0,
            Self::AtRisk => 1,
            Self::Unknown => 2,
            Self::Protected => 3,
        }
    }

    /// The word that a person reads.
    pub fn word(self) -> &'static str {
        match self {
            Self::Protected => "Protected",
            Self::AtRisk => "At risk",
            Self::Unprotected => "Unprotected",
            Self::Unknown => "Unknown",
        }
    }
}

impl DefinitionRow {
    /// How well it is protected. `newest_good` holds no expired recovery point.
    pub fn protection(&self) -> Protection {
        let stuck = matches!(self.standing, Standing::Failing { .. } | Standing::Missing | Standing::Invalid { .. });
        match (self.newest_good, self.health.is_silent()) {
            (_, true) => Protection::Unknown,
            (None, _) => Protection::Unprotected,
            (Some(_), _) if stuck || self.last_run.as_ref().is_some_and(|run| troubled(&run.phase)) => {
                Protection::AtRisk
            }
            (Some(_), _) => Protection::Protected,
        }
    }
}

/// A newest run that did not end well, or of which nobody can say so.
fn troubled(phase: &Phase) -> bool {
    matches!(phase, Phase::Partial | Phase::Failed | Phase::Cancelled | Phase::Unknown(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        connection::{Health, ProviderKind},
        time::Millis,
        view::{LastRun, NextRun},
    };

    fn row() -> DefinitionRow {
        DefinitionRow {
            id: "d".into(),
            name: "shop".into(),
            connection: "c".into(),
            connection_name: "zrh".into(),
            kind: ProviderKind::Velero,
            scope: "shop".into(),
            schedule: None,
            zone: None,
            paused: false,
            paused_by: None,
            standing: Standing::Applied,
            next_run: NextRun::None("by hand".into()),
            last_run: None,
            newest_good: Some(Millis(1)),
            health: Health::Answers,
            last_seen: None,
            version: 1,
            follows: None,
        }
    }

    fn last(phase: Phase) -> Option<LastRun> {
        Some(LastRun { id: "r".into(), phase, picked_up: true, at: None, progress: None })
    }

    #[test]
    fn a_good_point_alone_is_not_enough() {
        let silent =
            Health::Silent { reason: String::new(), remedy: String::new(), since: Millis(0), tries: 1, next_try: None };
        assert_eq!(row().protection(), Protection::Protected);
        assert_eq!(DefinitionRow { newest_good: None, ..row() }.protection(), Protection::Unprotected);
        assert_eq!(DefinitionRow { health: silent, ..row() }.protection(), Protection::Unknown);
        for standing in [
            Standing::Failing { reason: "403".into(), attempts: 1, next_try: None },
            Standing::Missing,
            Standing::Invalid { reasons: vec!["invalid schedule".into()], drift: vec![] },
        ] {
            assert_eq!(DefinitionRow { standing, ..row() }.protection(), Protection::AtRisk);
        }
        for phase in [Phase::Failed, Phase::Partial, Phase::Cancelled, Phase::Unknown("Odd".into())] {
            assert_eq!(DefinitionRow { last_run: last(phase), ..row() }.protection(), Protection::AtRisk);
        }
        for phase in [Phase::Succeeded, Phase::Queued, Phase::Running] {
            assert_eq!(DefinitionRow { last_run: last(phase), ..row() }.protection(), Protection::Protected);
        }
    }
}
