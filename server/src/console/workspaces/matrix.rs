//! The newest good point by cluster and namespace. Pure.

use super::{
    days::Calendar,
    estate::{Estate, Verdicts},
    evidence::History,
    places::Spot,
    room::Room,
};
use crate::store::WholePoint;
use model::{
    ConnectionId, DefinitionId, Millis,
    capability::SubjectKind,
    duration::Seconds,
    glob,
    judgement::Evidence,
    strip::Day,
    view::{Matrix, MatrixCell, MatrixRow},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// More namespaces than this nobody reads side by side: the worst of each row stands for all.
const COLUMNS: usize = 40;
/// The column of what has no namespaces.
const WHOLE: &str = "whole";

/// What a table of cells is made from.
pub(super) struct Maker<'a> {
    pub room: &'a Room,
    pub estate: &'a Estate,
    pub verdicts: &'a Verdicts,
    /// Of each definition that does not span clusters.
    pub points: HashMap<DefinitionId, WholePoint>,
}

/// A row before its cells.
struct Line<'a> {
    name: &'a str,
    spots: Vec<&'a Spot>,
    omitted: Vec<(&'a Spot, &'a str)>,
}

impl Maker<'_> {
    pub(super) fn matrix(&self, calendar: &Calendar) -> Matrix {
        let lines = self.lines();
        let watched = || lines.values().flat_map(|line| &line.spots);
        let mut columns: Vec<String> =
            watched().filter_map(|spot| spot.namespace.clone()).collect::<BTreeSet<String>>().into_iter().collect();
        if watched().any(|spot| spot.namespace.is_none()) {
            columns.push(WHOLE.into());
        }
        let together = columns.len() > COLUMNS;
        let rows = lines
            .values()
            .map(|line| MatrixRow {
                name: line.name.to_owned(),
                detail: self.detail(line),
                cells: if together {
                    vec![self.worst(line.spots.iter().copied())]
                } else {
                    columns.iter().map(|column| self.cell(line, column)).collect()
                },
                days: self.days(line, calendar),
            })
            .collect();
        let columns = if together { vec![format!("{} namespaces", columns.len())] } else { columns };
        Matrix { columns, rows }
    }

    /// Clusters, apps and instances by name; a connection stands for the cluster of a system that has none.
    fn lines(&self) -> BTreeMap<(&str, &ConnectionId, &str), Line<'_>> {
        let mut lines: BTreeMap<(&str, &ConnectionId, &str), Line<'_>> = BTreeMap::new();
        for index in &self.room.spots {
            let spot = &self.estate.spots[*index];
            let (name, id) = heading(spot);
            let line = lines.entry((name, &spot.connection, id)).or_insert_with(|| Line {
                name,
                spots: Vec::new(),
                omitted: Vec::new(),
            });
            line.spots.push(spot);
        }
        for (index, reason) in &self.room.omitted {
            let spot = &self.estate.spots[*index];
            let (name, id) = heading(spot);
            if let Some(line) = lines.get_mut(&(name, &spot.connection, id)) {
                line.omitted.push((spot, reason));
            }
        }
        lines
    }

    fn detail(&self, line: &Line<'_>) -> String {
        let Some(spot) = line.spots.first() else { return String::new() };
        let system = spot.kind.word();
        match spot.sort {
            None => self.version(&spot.connection).map_or_else(|| system.to_owned(), |v| format!("{system} {v}")),
            Some(SubjectKind::Workspace) => format!("{system} · {}", spot.connection_name),
            Some(_) if spot.detail.is_empty() => system.to_owned(),
            Some(_) => format!("{system} · {}", spot.detail),
        }
    }

    fn version(&self, id: &ConnectionId) -> Option<&str> {
        self.estate.connections.iter().find(|connection| connection.id == *id)?.version.as_deref()
    }

    fn days(&self, line: &Line<'_>, calendar: &Calendar) -> Vec<Day> {
        let history = &self.verdicts.history;
        let cluster = line.spots.first().and_then(|spot| spot.cluster.as_ref());
        let covering: BTreeSet<usize> = line.spots.iter().flat_map(|spot| spot.covered.iter().copied()).collect();
        let parts: Vec<Vec<Day>> = covering
            .into_iter()
            .map(|index| {
                let watched = &self.estate.definitions[index];
                match cluster.filter(|_| !watched.clusters.is_empty()) {
                    Some(cluster) => calendar.on(watched, &cluster.id, history),
                    None => calendar.of(watched, history),
                }
            })
            .collect();
        calendar.merged(&parts)
    }

    fn cell(&self, line: &Line<'_>, column: &str) -> MatrixCell {
        let is_here = |spot: &Spot| spot.namespace.as_deref().unwrap_or(WHOLE) == column;
        let here: Vec<&Spot> = line.spots.iter().copied().filter(|spot| is_here(spot)).collect();
        if !here.is_empty() {
            return self.worst(here.into_iter());
        }
        let left = line.omitted.iter().find(|(spot, _)| is_here(spot));
        left.map_or(MatrixCell::NotThere, |(_, reason)| MatrixCell::LeftOut((*reason).to_owned()))
    }

    fn worst<'s>(&self, spots: impl Iterator<Item = &'s Spot>) -> MatrixCell {
        spots.map(|spot| self.of(spot)).min_by_key(severity).unwrap_or(MatrixCell::NotThere)
    }

    fn of(&self, spot: &Spot) -> MatrixCell {
        if spot.covered.is_empty() {
            return MatrixCell::Nothing;
        }
        let parts: Vec<&Evidence> = spot.covered.iter().filter_map(|index| self.part(*index, spot)).collect();
        let held = spot.covered.iter().filter_map(|index| self.point(*index, spot)).filter(|point| holds(point, spot));
        let newest = held.map(|point| point.at).max();
        if parts.iter().any(|part| part.silent.is_some()) {
            return MatrixCell::Unknown { at: newest };
        }
        let last = parts
            .iter()
            .filter_map(|part| part.last.as_ref())
            .max_by_key(|last| last.at)
            .map(|last| last.phase.clone());
        match newest {
            Some(at) => MatrixCell::Good { at, over: over(at, self.estate.at, self.room.workspace.rpo), last },
            None if self.is_elsewhere(spot) => MatrixCell::NotThere,
            None => MatrixCell::NoneYet { phase: last },
        }
    }

    /// The evidence of a definition that is about a place.
    fn part(&self, index: usize, spot: &Spot) -> Option<&Evidence> {
        let parts = &self.verdicts.evidence[index];
        let about = |part: &&Evidence| match (&part.cluster, &spot.cluster) {
            (Some(cluster), Some(own)) => cluster.id == own.id,
            _ => true,
        };
        parts.iter().find(about)
    }

    fn point(&self, index: usize, spot: &Spot) -> Option<&WholePoint> {
        let watched = &self.estate.definitions[index];
        match spot.cluster.as_ref().filter(|_| !watched.clusters.is_empty()) {
            Some(cluster) => self.verdicts.history.newest_on(watched.id(), &cluster.id),
            None => self.points.get(watched.id()),
        }
    }

    /// Of a definition that spans clusters: this one's newest point lacks the namespace while another's holds it. Its system takes
    /// what is there, so the namespace was not on this cluster.
    fn is_elsewhere(&self, spot: &Spot) -> bool {
        let history: &History = &self.verdicts.history;
        spot.covered.iter().map(|index| &self.estate.definitions[*index]).any(|watched| {
            let lacks = spot.cluster.as_ref().and_then(|own| history.newest_on(watched.id(), &own.id)).is_some();
            let mut others = watched.clusters.iter().filter_map(|other| history.newest_on(watched.id(), &other.id));
            lacks && others.any(|point| !point.namespaces.is_empty() && holds(point, spot))
        })
    }
}

/// Name and id of the row that a place is in.
fn heading(spot: &Spot) -> (&str, &str) {
    let at = match spot.sort {
        None => None,
        Some(SubjectKind::Workspace) => spot.cluster.as_ref().or(spot.subject.as_ref()),
        Some(SubjectKind::Cluster | SubjectKind::App | SubjectKind::Instance) => spot.subject.as_ref(),
    };
    at.map_or((&spot.connection_name, ""), |at| (&at.name, &at.id))
}

/// Whether a point has something of a place. One that names no namespaces is taken to hold what its definition takes in, unless
/// the place came up later.
fn holds(point: &WholePoint, spot: &Spot) -> bool {
    let named = spot.namespace.as_deref().filter(|_| !spot.by_all_only).is_none_or(|own| {
        point.namespaces.is_empty() || point.namespaces.iter().any(|pattern| glob::matches(pattern, own))
    });
    named && spot.since.is_none_or(|since| since <= point.at)
}

fn over(at: Millis, now: Millis, rpo: Seconds) -> Option<Seconds> {
    let age = u64::try_from(now.since(at) / 1000).unwrap_or(0);
    age.checked_sub(rpo.0).filter(|over| *over > 0).map(Seconds)
}

/// Worst first; among good ones the oldest.
fn severity(cell: &MatrixCell) -> (u8, i64) {
    match cell {
        MatrixCell::Nothing => (0, 0),
        MatrixCell::NoneYet { .. } => (1, 0),
        MatrixCell::Unknown { at } => (2, at.map_or(0, |at| at.0)),
        MatrixCell::Good { at, .. } => (3, at.0),
        MatrixCell::LeftOut(_) => (4, 0),
        MatrixCell::NotThere => (5, 0),
    }
}
