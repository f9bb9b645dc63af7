//! Rows of lists: what the store keeps, with what depends on the present moment.

use super::policies::why_behind;
use crate::{schedule, store::DefinitionListRow};
use model::{
    Millis,
    definition::Schedule,
    policy::Follows,
    view::{DefinitionRow, NextRun},
};

/// A row of the definitions list.
pub(crate) fn definition(row: DefinitionListRow, now: Millis) -> DefinitionRow {
    let follows = row.follows.map(|follows| Follows {
        refused: why_behind(&row.standing, follows.followed.refused, follows.followed.version, follows.newest),
        policy: follows.followed.policy,
        name: follows.name,
        version: follows.followed.version,
    });
    let schedule = row.cron.map(|cron| Schedule { cron, zone: row.zone.clone() });
    DefinitionRow {
        next_run: match (&schedule, &row.rhythm) {
            (None, Some(policy)) if !row.paused => NextRun::None(format!("by {policy}")),
            _ => {
                let since = || schedule::counted_since(row.updated_at, row.last_run.as_ref().and_then(|run| run.at));
                schedule::next_run(schedule.as_ref(), row.paused, Some(row.counted_from.unwrap_or_else(since)), now)
            }
        },
        schedule: row.rhythm.or_else(|| schedule.map(|schedule| schedule.words())),
        id: row.id,
        name: row.name,
        connection: row.connection,
        connection_name: row.connection_name,
        kind: row.kind,
        scope: row.scope,
        zone: row.zone,
        paused: row.paused,
        standing: row.standing,
        last_run: row.last_run,
        newest_good: row.newest_good,
        health: row.health,
        last_seen: row.last_seen,
        version: row.version,
        follows,
    }
}
