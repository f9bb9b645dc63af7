//! What needs somebody, most exposed first: a pure function over what lists show.

use crate::provider::answer::full_stop;
use app::paths;
use model::{
    Millis, Phase, PointId,
    connection::{Connection, Health, ProviderKind},
    definition::Standing,
    view::{DefinitionRow, Need, NeedKind, NextRun},
};

/// A deletion or a restore that the upstream refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub point: PointId,
    pub name: String,
    pub reason: String,
    pub at: Millis,
}

/// The needs of these definitions, connections and refused deletions, most exposed first; within a kind the oldest first.
pub(crate) fn needs(
    definitions: &[DefinitionRow],
    connections: &[Connection],
    refusals: &[Refusal],
    now: Millis,
) -> Vec<Need> {
    let mut all = Vec::new();
    for row in definitions.iter().filter(|row| !row.standing.is_removing()) {
        all.extend(exposure(row));
        all.extend(standing(row));
        all.extend(not_picked_up(row, now));
        all.extend(overdue(row, now));
    }
    all.extend(definitions.iter().filter_map(stuck_removal));
    all.extend(connections.iter().filter_map(silence));
    all.extend(refusals.iter().map(refusal));
    sort(&mut all);
    all
}

/// Most exposed first; within a kind the oldest first.
pub(crate) fn sort(all: &mut [Need]) {
    all.sort_by(|a, b| (a.kind, a.since, &a.subject).cmp(&(b.kind, b.since, &b.subject)));
}

fn need(row: &DefinitionRow, kind: NeedKind, what: &str, detail: String, since: Option<Millis>) -> Need {
    Need {
        kind,
        subject: row.name.clone(),
        what: what.into(),
        detail,
        since,
        link: paths::definition(&row.id),
        action: "Look".into(),
    }
}

/// One line at most: a definition without any good point needn't also say that its newest run failed.
fn exposure(row: &DefinitionRow) -> Option<Need> {
    let last = row.last_run.as_ref();
    let phase = last.map(|run| &run.phase);
    let since = last.and_then(|run| run.at);
    if row.newest_good.is_none() {
        let detail = match (phase, &row.next_run) {
            (Some(Phase::Failed), _) => "Its newest run failed.".into(),
            (Some(Phase::Partial), _) => "Its newest run is partial.".into(),
            (Some(Phase::Queued | Phase::Running), _) => "A run is under way.".into(),
            (Some(Phase::Unknown(word)), _) => format!("Its newest run says “{word}”, which Holdfast does not know."),
            (Some(Phase::Cancelled), _) => "Its newest run was cancelled.".into(),
            (Some(Phase::Succeeded), _) => "Its backups have expired or were deleted.".into(),
            (None, NextRun::None(why)) => format!("It has never run: {why}."),
            (None, NextRun::At(_)) => "It has not run yet.".into(),
        };
        let mut it = need(row, NeedKind::Unprotected, "has no good recovery point", detail, since);
        if let Some(run) = last {
            it.link = paths::run(&run.id);
            it.action = "See the run".into();
        }
        return Some(it);
    }
    let run = last?;
    let (kind, what) = match run.phase {
        Phase::Failed => (NeedKind::Failed, "newest run failed"),
        Phase::Partial => (NeedKind::Partial, "newest run is partial"),
        Phase::Cancelled => (NeedKind::Cancelled, "newest run was cancelled"),
        Phase::Unknown(_) => (NeedKind::Unclear, "newest run ended nobody knows how"),
        Phase::Queued | Phase::Running | Phase::Succeeded => return None,
    };
    let mut detail = "An older good recovery point is there.".to_owned();
    if let Phase::Unknown(word) = &run.phase {
        detail = format!("{} says “{word}”, which Holdfast does not know. {detail}", row.kind.word());
    }
    Some(Need { link: paths::run(&run.id), action: "See the run".into(), ..need(row, kind, what, detail, since) })
}

fn standing(row: &DefinitionRow) -> Option<Need> {
    match &row.standing {
        Standing::Failing { reason, .. } => {
            Some(need(row, NeedKind::NotApplied, "is saved, but not in force", reason.clone(), None))
        }
        Standing::Invalid { reasons, .. } => {
            Some(need(row, NeedKind::Invalid, "is refused by its upstream: nothing runs", reasons.join(" "), None))
        }
        Standing::Drifted { fields } => {
            let names: Vec<&str> = fields.iter().take(3).map(|f| f.field.as_str()).collect();
            let more = fields.len().saturating_sub(3);
            let mut detail = names.join(", ");
            if more > 0 {
                detail.push_str(&format!(" and {more} more"));
            }
            Some(need(row, NeedKind::Drifted, "was changed outside Holdfast", detail, None))
        }
        Standing::Missing => Some(need(
            row,
            NeedKind::Missing,
            "is gone upstream",
            "Somebody removed what Holdfast had applied.".into(),
            None,
        )),
        Standing::Applied | Standing::Applying | Standing::Removing { .. } => None,
    }
}

/// A deletion that does not get on; while its connection is silent, that is the reason that counts.
fn stuck_removal(row: &DefinitionRow) -> Option<Need> {
    let Standing::Removing { stuck } = &row.standing else { return None };
    match (&row.health, stuck) {
        (Health::Silent { reason, since, .. }, _) => {
            let detail = format!("{} is silent: {reason}", row.connection_name);
            Some(need(row, NeedKind::NotRemoved, "waits to be removed", detail, Some(*since)))
        }
        (_, Some(stuck)) => {
            let what = "is deleted here, but not upstream";
            Some(need(row, NeedKind::NotRemoved, what, stuck.reason.clone(), None))
        }
        (_, None) => None,
    }
}

/// A run that its upstream has not said a word of for so long is nobody's work: Velero's server looks at once.
pub(crate) const PICK_UP_MS: i64 = 10 * 60_000;

/// What to say of a run that nobody has picked up.
pub(crate) fn nobody_picked_it_up(kind: ProviderKind) -> String {
    let system = kind.word();
    format!("{system} has not picked it up for more than ten minutes: is {system}'s server running?")
}

/// The newest run was asked for more than ten minutes ago, and that is all.
fn not_picked_up(row: &DefinitionRow, now: Millis) -> Option<Need> {
    let run = row.last_run.as_ref().filter(|run| run.phase == Phase::Queued && !run.picked_up)?;
    let since = run.at.filter(|at| now.since(*at) > PICK_UP_MS && !row.health.is_silent())?;
    Some(Need {
        link: paths::run(&run.id),
        action: "See the run".into(),
        ..need(row, NeedKind::NotPickedUp, "has a run that does not begin", nobody_picked_it_up(row.kind), Some(since))
    })
}

fn overdue(row: &DefinitionRow, now: Millis) -> Option<Need> {
    let due = overdue_since(row, now)?;
    Some(need(row, NeedKind::Overdue, "run is overdue", "It was due and has not begun.".into(), Some(due)))
}

/// Since when a run is overdue: it was due more than ten minutes ago and none began. A silent connection says nothing about its runs.
pub(crate) fn overdue_since(row: &DefinitionRow, now: Millis) -> Option<Millis> {
    let due = row.next_run.overdue_since(now)?;
    let under_way = row.last_run.as_ref().is_some_and(|run| matches!(run.phase, Phase::Queued | Phase::Running));
    (!under_way && !row.health.is_silent() && matches!(row.standing, Standing::Applied)).then_some(due)
}

fn silence(connection: &Connection) -> Option<Need> {
    let Health::Silent { reason, remedy, since, .. } = &connection.health else {
        return None;
    };
    Some(Need {
        kind: NeedKind::Silent,
        subject: connection.name.clone(),
        what: "does not answer".into(),
        detail: format!("{} {remedy}", full_stop(reason)).trim_end().to_owned(),
        since: Some(*since),
        link: paths::connection(&connection.id),
        action: "Look".into(),
    })
}

fn refusal(refused: &Refusal) -> Need {
    Need {
        kind: NeedKind::Refused,
        subject: refused.name.clone(),
        what: "could not be deleted".into(),
        detail: refused.reason.clone(),
        since: Some(refused.at),
        link: format!("{}{}", paths::RECOVERY_POINTS, paths::query(&[("text", &refused.name)])),
        action: "Look".into(),
    }
}

/// How many of these connections are silent, and the oldest "last heard" of those that answer.
pub(crate) fn silent(connections: &[Connection]) -> (u32, Option<Millis>) {
    let silent = connections.iter().filter(|c| c.health.is_silent()).count();
    let heard = connections.iter().filter(|c| !c.health.is_silent()).filter_map(|c| c.last_seen).min();
    (u32::try_from(silent).unwrap_or(u32::MAX), heard)
}

#[cfg(test)]
mod tests;
