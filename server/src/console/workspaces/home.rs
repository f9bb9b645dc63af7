//! The status page: what needs somebody, and every workspace with its verdict. In the process it is there once for each zone.

use super::{
    days::Calendar,
    estate::{Estate, Verdicts, Watched},
    room::Room,
};
use crate::{
    console::{Console, lock},
    error::ConsoleError,
};
use app::backend::SignedIn;
use model::{
    Millis, Phase,
    capability::SubjectKind,
    connection::Health,
    definition::Standing,
    judgement::Judgement,
    pause::Pause,
    run::Progress,
    view::{DefinitionRow, Home, NextRun, NowAndNext, WorkspaceRow},
};
use std::{collections::BTreeSet, sync::Arc};

impl Console {
    pub(super) async fn read_home(&self, who: &SignedIn) -> Result<Home, ConsoleError> {
        let estate = self.estate().await?;
        let made = lock(&estate.homes).get(&who.zone).cloned();
        if let Some(home) = made {
            return Ok(Home::clone(&home));
        }
        let verdicts = self.verdicts(&estate).await?;
        let calendar = Calendar::new(&who.zone, estate.at);
        let mut workspaces: Vec<WorkspaceRow> = estate
            .rooms
            .iter()
            .zip(&verdicts.judgements)
            .map(|(room, judgement)| row(room, judgement, &estate, verdicts, &calendar))
            .collect();
        workspaces.sort_by_cached_key(exposure);
        let watched: BTreeSet<usize> = estate.rooms.iter().flat_map(|room| room.members.iter().copied()).collect();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let home = Arc::new(Home {
            needs: estate.needs.clone(),
            workspaces,
            loose: count(estate.definitions.len() - watched.len()),
            definitions: count(estate.definitions.len()),
            running: estate.running.clone(),
            connections: count(estate.connections.len()),
            silent: count(estate.connections.iter().filter(|c| c.health.is_silent()).count()),
            tour: self.tour(),
        });
        lock(&estate.homes).insert(who.zone.clone(), home.clone());
        Ok(Home::clone(&home))
    }
}

/// Most exposed first; among equals without any point, then the furthest over its RPO, then by name.
fn exposure(row: &WorkspaceRow) -> (u8, bool, std::cmp::Reverse<u64>, String) {
    let judgement = &row.judgement;
    let over = judgement.over.map_or(0, |over| over.0);
    (judgement.protection.rank(), judgement.newest_good.is_some(), std::cmp::Reverse(over), row.name.to_lowercase())
}

/// A workspace's row.
pub(super) fn row(
    room: &Room,
    judgement: &Judgement,
    estate: &Estate,
    verdicts: &Verdicts,
    calendar: &Calendar,
) -> WorkspaceRow {
    let silent = is_silent(room, estate);
    WorkspaceRow {
        id: room.id.clone(),
        name: room.workspace.name.clone(),
        of: of(room, estate),
        judgement: judgement.clone(),
        rpo: room.workspace.rpo,
        days: calendar.of_room(room, estate, verdicts),
        now: now_and_next(room, estate, silent),
        silent,
    }
}

/// Every connection behind it is silent.
fn is_silent(room: &Room, estate: &Estate) -> bool {
    let mut behind = room.spots.iter().map(|index| &estate.spots[*index].connection).peekable();
    let answers = |id: &model::ConnectionId| estate.connections.iter().any(|c| c.id == *id && !c.health.is_silent());
    behind.peek().is_some() && !behind.any(answers)
}

/// `Velero · zrh-prod-1`, `Palette · 4 clusters`, `Velero and Waldur · 3 connections`.
fn of(room: &Room, estate: &Estate) -> String {
    let spots: Vec<_> = room.spots.iter().map(|index| &estate.spots[*index]).collect();
    let Some(first) = spots.first() else { return "nothing is there".into() };
    let system = first.kind.word();
    let connections: BTreeSet<&str> = spots.iter().map(|spot| spot.connection.as_str()).collect();
    if connections.len() > 1 {
        let mut systems: Vec<&str> = spots.iter().map(|spot| spot.kind.word()).collect();
        systems.sort_unstable();
        systems.dedup();
        return format!("{} · {} connections", systems.join(", "), connections.len());
    }
    let count = |names: BTreeSet<&str>, one: &str, many: &str| match names.len() {
        1 => names.into_iter().next().unwrap_or_default().to_owned(),
        0 => format!("no {one}"),
        n => format!("{n} {many}"),
    };
    let clusters =
        || spots.iter().filter_map(|spot| spot.cluster.as_ref()).map(|cluster| cluster.name.as_str()).collect();
    let subjects =
        || spots.iter().filter_map(|spot| spot.subject.as_ref()).map(|subject| subject.name.as_str()).collect();
    let place = match first.sort {
        None => first.connection_name.clone(),
        Some(SubjectKind::Cluster | SubjectKind::Workspace) => count(clusters(), "cluster", "clusters"),
        Some(SubjectKind::App) => count(subjects(), "app", "apps"),
        Some(SubjectKind::Instance) => count(subjects(), "instance", "instances"),
    };
    format!("{system} · {place}")
}

fn now_and_next(room: &Room, estate: &Estate, silent: bool) -> NowAndNext {
    let members: Vec<&Watched> = room.members.iter().map(|index| &estate.definitions[*index]).collect();
    if silent {
        let tries =
            estate.connections.iter().filter(|c| room.spots.iter().any(|i| estate.spots[*i].connection == c.id));
        let next = tries.filter_map(|connection| match &connection.health {
            Health::Silent { next_try, .. } => *next_try,
            Health::New | Health::Answers | Health::Slowed { .. } => None,
        });
        return NowAndNext::Silent { next_try: next.min() };
    }
    if let Some((progress, since)) = members.iter().find_map(|watched| running(&watched.row)) {
        return NowAndNext::Running { progress, since };
    }
    let late =
        members.iter().filter_map(|watched| crate::console::frame::needs::overdue_since(&watched.row, estate.at));
    if let Some(since) = late.min() {
        return NowAndNext::Overdue { since };
    }
    let next = members.iter().filter(|watched| runs_by_itself(&watched.row)).filter_map(|watched| {
        match watched.row.next_run {
            NextRun::At(at) => Some((at.max(estate.at), note(&watched.row))),
            NextRun::None(_) => None,
        }
    });
    match next.min_by_key(|(at, _)| *at) {
        Some((at, note)) => NowAndNext::Next { at, note },
        None => NowAndNext::Nothing(why_nothing(&members)),
    }
}

fn running(row: &DefinitionRow) -> Option<(Option<Progress>, Option<Millis>)> {
    let run = row.last_run.as_ref().filter(|run| run.phase == Phase::Running && !row.health.is_silent())?;
    Some((run.progress, run.at))
}

/// Nothing stands in the way of its next run.
fn runs_by_itself(row: &DefinitionRow) -> bool {
    !row.health.is_silent()
        && !matches!(row.standing, Standing::Missing | Standing::Invalid { .. } | Standing::Removing { .. })
        && !row.standing.is_off_upstream()
}

/// Its rhythm; where it names no zone, that of its system counts.
fn note(row: &DefinitionRow) -> Option<String> {
    let words = row.schedule.clone()?;
    Some(if row.zone.is_some() { words } else { format!("{words}, in the zone of {}", row.kind.word()) })
}

fn why_nothing(members: &[&Watched]) -> String {
    let reason = |watched: &&Watched| match (&watched.row.standing, &watched.row.next_run) {
        (Standing::Missing, _) => "gone upstream".to_owned(),
        (Standing::Invalid { .. }, _) => "refused upstream".to_owned(),
        (standing, _) if standing.is_off_upstream() => "switched off upstream".to_owned(),
        (_, NextRun::None(why)) => watched.row.paused_by.as_ref().map_or_else(|| why.clone(), Pause::words),
        (_, NextRun::At(_)) => "its connection is silent".to_owned(),
    };
    let mut reasons: Vec<String> = members.iter().map(reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    if reasons.is_empty() { "no definition".into() } else { reasons.join(", ") }
}
