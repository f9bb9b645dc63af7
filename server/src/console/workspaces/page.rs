//! The page of a workspace, and what its form begins with.

use super::{days::Calendar, home, matrix::Maker, room};
use crate::{console::Console, error::ConsoleError};
use app::backend::SignedIn;
use model::{
    ConnectionId, DefinitionId, WorkspaceId,
    duration::Unit,
    view::{Taken, WorkspaceStart, WorkspaceView},
    workspace::{Place, RULES_MAX, Rule, RuleDraft, WorkspaceDraft, parse},
};
use std::collections::BTreeSet;

/// Names of what a rule takes in, at most.
const NAMES: usize = 50;

impl Console {
    pub(super) async fn read_workspace(
        &self,
        who: &SignedIn,
        id: &WorkspaceId,
        older: &str,
    ) -> Result<WorkspaceView, ConsoleError> {
        let estate = self.estate().await?;
        let (index, room) = estate.room(id).ok_or(ConsoleError::NoSuch("workspace"))?;
        let verdicts = self.verdicts(&estate).await?;
        let calendar = Calendar::new(&who.zone, estate.at);
        let single = room.members.iter().map(|i| &estate.definitions[*i]).filter(|w| w.clusters.is_empty());
        let single: Vec<DefinitionId> = single.map(|watched| watched.id().clone()).collect();
        let points = self.store().newest_whole_points(&single).await?;
        let points = points.into_iter().map(|point| (point.definition.clone(), point)).collect();
        let maker = Maker { room, estate: &estate, verdicts, points };
        let (requests, older) = self.requests_of(room, &estate, older).await?;
        let is_silent = |id: &ConnectionId| estate.connections.iter().any(|c| c.id == *id && c.health.is_silent());
        let connection = |id: &ConnectionId| estate.connections.iter().find(|c| c.id == *id);
        let upstream = room.upstream.as_ref().and_then(|(id, _)| connection(id));
        Ok(WorkspaceView {
            row: home::row(room, &verdicts.judgements[index], &estate, verdicts, &calendar),
            upstream: upstream.map(|c| (c.id.clone(), c.name.clone(), c.kind)),
            draft: WorkspaceDraft::from(&room.workspace),
            version: room.version,
            matrix: maker.matrix(&calendar),
            requests,
            older,
            definitions: room.members.iter().map(|index| estate.definitions[*index].row.clone()).collect(),
            uncovered: room.uncovered(&estate.spots, &is_silent),
            left_out: room.left_out.clone(),
            places_at: estate.places_at(room),
        })
    }

    pub(super) async fn begin_workspace(&self, editing: Option<WorkspaceId>) -> Result<WorkspaceStart, ConsoleError> {
        let estate = self.estate().await?;
        let connections = estate.connections.iter().map(|c| (c.id.clone(), c.name.clone())).collect();
        let Some(id) = editing else {
            let draft = WorkspaceDraft {
                rpo: (room::USUAL_RPO.0 / Unit::Hours.seconds()).to_string(),
                rpo_unit: Unit::Hours,
                rules: vec![RuleDraft::default()],
                ..WorkspaceDraft::default()
            };
            return Ok(WorkspaceStart { draft, editing: None, connections });
        };
        let (_, room) = estate.room(&id).ok_or(ConsoleError::NoSuch("workspace"))?;
        let draft = WorkspaceDraft::from(&room.workspace);
        Ok(WorkspaceStart { draft, editing: Some((id, room.version)), connections })
    }

    pub(super) async fn look_through(&self, who: &SignedIn, draft: &WorkspaceDraft) -> Result<Taken, ConsoleError> {
        let estate = self.estate().await?;
        let connections: Vec<ConnectionId> = estate.connections.iter().map(|c| c.id.clone()).collect();
        let places: Vec<Place<'_>> = estate.spots.iter().map(|spot| spot.place()).collect();
        let errors = match parse(draft, &connections, &who.name) {
            Ok(workspace) => workspace.idle(&places).0,
            Err(invalid) => invalid.0,
        };
        // Rule by rule, so that one that is wrong hides nothing of the others. Those beyond the bound have their error already.
        let rules: Vec<Vec<Rule>> = draft.rules.iter().take(RULES_MAX).map(|rule| alone(rule, &connections)).collect();
        let mut definitions = BTreeSet::new();
        let mut taken = Vec::with_capacity(rules.len());
        for rule in &rules {
            let mut names = BTreeSet::new();
            for spot in estate.spots.iter().filter(|spot| room::belongs(rule, spot)) {
                names.insert(format!("{} on {}", spot.name(), spot.place().cluster_name()));
                definitions.extend(spot.covered.iter().copied());
            }
            let all = u64::try_from(names.len()).unwrap_or(u64::MAX);
            taken.push((names.into_iter().take(NAMES).collect(), all));
        }
        let staying = definitions.into_iter().map(|index| &estate.definitions[index].row);
        let staying = staying.filter(|row| !row.standing.is_removing());
        Ok(Taken { errors, rules: taken, definitions: staying.map(|row| (row.id.clone(), row.name.clone())).collect() })
    }
}

/// One rule by itself, or none when something is wrong with it.
fn alone(rule: &RuleDraft, connections: &[ConnectionId]) -> Vec<Rule> {
    let draft =
        WorkspaceDraft { name: "x".into(), rpo: "1".into(), rules: vec![rule.clone()], ..WorkspaceDraft::default() };
    parse(&draft, connections, "").map(|workspace| workspace.rules).unwrap_or_default()
}
