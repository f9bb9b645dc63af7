//! Rows of lists: what the store keeps, with what depends on the present moment.

use super::policies::why_behind;
use crate::{
    provider::Registry,
    schedule::{self, Counted},
    store::DefinitionListRow,
};
use model::{
    connection::ProviderKind,
    definition::Schedule,
    interval::Intervals,
    policy::Follows,
    view::{DefinitionRow, NextRun},
};

/// What each kind of system counts intervals from.
#[derive(Debug, Default)]
pub(crate) struct Counting(Vec<(ProviderKind, Intervals)>);

impl Counting {
    /// It does not depend on the upstream's version.
    pub(crate) fn new(registry: &Registry) -> Self {
        let of = |kind| (kind, registry.capabilities(kind, None).intervals);
        Self(ProviderKind::ALL.into_iter().map(of).collect())
    }

    /// Of one kind.
    pub(crate) fn of(&self, kind: ProviderKind) -> Intervals {
        self.0.iter().find(|(known, _)| *known == kind).map(|(_, intervals)| *intervals).unwrap_or_default()
    }
}

/// A row of the definitions list.
pub(crate) fn definition(row: DefinitionListRow, counting: &Counting) -> DefinitionRow {
    let intervals = counting.of(row.kind);
    let schedules = schedules(&row);
    let follows = row.follows.map(|follows| Follows {
        refused: why_behind(&row.standing, follows.followed.refused, follows.followed.version, follows.newest),
        policy: follows.followed.policy,
        name: follows.name,
        version: follows.followed.version,
    });
    DefinitionRow {
        next_run: match (schedules.as_slice(), &row.rhythm) {
            ([], Some(policy)) if !row.paused => NextRun::None(format!("by {policy}")),
            _ => schedule::next_run(&schedules, intervals, row.paused),
        },
        schedule: match schedules.as_slice() {
            [] => row.rhythm,
            [only] => Some(intervals.words(&only.schedule)),
            [first, further @ ..] => Some(format!("{} and {} more", intervals.words(&first.schedule), further.len())),
        },
        id: row.id,
        name: row.name,
        connection: row.connection,
        connection_name: row.connection_name,
        kind: row.kind,
        scope: row.scope,
        zone: row.zone,
        paused: row.paused,
        paused_by: row.paused_by,
        standing: row.standing,
        last_run: row.last_run,
        newest_good: row.newest_good,
        health: row.health,
        last_seen: row.last_seen,
        version: row.version,
        follows,
    }
}

/// Its schedules, the first one first, with what each counts from.
pub(crate) fn schedules(row: &DefinitionListRow) -> Vec<Counted> {
    let Some(cron) = row.cron.clone() else { return Vec::new() };
    let since = schedule::counted_since(row.updated_at, row.last_run.as_ref().and_then(|run| run.at));
    let first = (Schedule { cron, zone: row.zone.clone() }, row.counted_from);
    std::iter::once(first)
        .chain(row.further.iter().cloned())
        .map(|(schedule, from)| Counted { schedule, from: from.unwrap_or(since) })
        .collect()
}

#[cfg(test)]
mod tests;
