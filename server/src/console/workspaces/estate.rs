//! Everything that is watched, put together once and shared by all readers until something is written.
//!
//! Two layers, because every page's frame needs the first: what there is and what needs somebody. The month of runs behind the
//! verdicts is read only for the status page and the pages of workspaces.

use super::{
    evidence::{self, History},
    places::{self, Spot, Upstream},
    room::{self, Room},
};
use crate::{
    console::{Console, frame::needs, rows},
    error::ConsoleError,
    store::WatchedDefinition,
};
use model::{
    DefinitionId, Millis, Named, PointId, WorkspaceId,
    connection::Connection,
    interval::Intervals,
    judgement::{Evidence, Judgement},
    view::{DefinitionRow, Home, Need, RunRow},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;

/// What was put together holds so long, unless something was written.
const FRESH_MS: i64 = 1_000;
/// Refused deletions that are looked through.
const REFUSALS: usize = 50;
/// Runs under way that the status page shows.
const RUNNING: usize = 12;

/// What is there at one moment.
#[derive(Debug)]
pub(crate) struct Estate {
    pub at: Millis,
    writes: u64,
    pub connections: Vec<Connection>,
    pub upstreams: Vec<Upstream>,
    /// Most exposed first.
    pub definitions: Vec<Watched>,
    pub spots: Vec<Spot>,
    pub rooms: Vec<Room>,
    /// When the lists of each connection were read.
    pub read_at: Vec<(model::ConnectionId, Millis)>,
    pub needs: Vec<Need>,
    pub running: Vec<RunRow>,
    pub running_total: u64,
    verdicts: OnceCell<Verdicts>,
    /// The status page by the reader's zone.
    pub homes: Mutex<HashMap<String, Arc<Home>>>,
}

/// A definition with its row.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub row: DefinitionRow,
    pub stored: WatchedDefinition,
    /// What its system counts intervals from.
    pub intervals: Intervals,
    /// The clusters that it spans, where it spans several.
    pub clusters: Vec<Named>,
}

impl Watched {
    pub(crate) fn id(&self) -> &DefinitionId {
        &self.row.id
    }

    /// Being removed, it protects nothing any more.
    fn is_leaving(&self) -> bool {
        self.row.standing.is_removing()
    }
}

/// What follows from a month of runs.
#[derive(Debug)]
pub(crate) struct Verdicts {
    pub history: History,
    /// By definition, as [`Estate::definitions`]; several where it spans clusters.
    pub evidence: Vec<Vec<Evidence>>,
    /// As [`Estate::rooms`].
    pub judgements: Vec<Judgement>,
}

impl Estate {
    /// A workspace with its index.
    pub(super) fn room(&self, id: &WorkspaceId) -> Option<(usize, &Room)> {
        self.rooms.iter().enumerate().find(|(_, room)| room.id == *id)
    }

    /// When the lists of these connections were read; the oldest counts, `None` when one was never read.
    pub(super) fn places_at(&self, room: &Room) -> Option<Millis> {
        let mut connections: Vec<_> = room.spots.iter().map(|spot| &self.spots[*spot].connection).collect();
        connections.sort_unstable();
        connections.dedup();
        let read = |id: &model::ConnectionId| self.read_at.iter().find(|(other, _)| other == id).map(|(_, at)| *at);
        connections.into_iter().map(read).min().flatten()
    }
}

impl Console {
    /// What is there now. Put together anew when this process wrote something since, or after a second, which is how long another
    /// node's writes may stay unseen. Whoever asks meanwhile waits for the same.
    pub(crate) async fn estate(&self) -> Result<Arc<Estate>, ConsoleError> {
        let mut held = self.0.estate.lock().await;
        let (now, writes) = (self.now(), self.store().writes());
        if let Some(estate) = held.as_ref()
            && estate.writes == writes
            && now.0.abs_diff(estate.at.0) < FRESH_MS.unsigned_abs()
        {
            return Ok(estate.clone());
        }
        let estate = Arc::new(self.survey(now, writes).await?);
        *held = Some(estate.clone());
        Ok(estate)
    }

    async fn survey(&self, now: Millis, writes: u64) -> Result<Estate, ConsoleError> {
        let store = self.store();
        let stored = store.connections().await?;
        let inventories = store.inventories().await?;
        let upstreams: Vec<Upstream> = stored
            .iter()
            .map(|row| Upstream {
                id: row.id.clone(),
                name: row.name.clone(),
                kind: row.kind,
                namespace: row.settings.namespace.clone(),
                sort: self.registry().capabilities(row.kind, row.upstream_version.as_deref()).subject(),
            })
            .collect();
        let counting = rows::Counting::new(self.registry());
        let definitions: Vec<Watched> = store
            .watched_definitions()
            .await?
            .into_iter()
            .map(|stored| Watched {
                row: rows::definition(stored.row.clone(), &counting),
                intervals: counting.of(stored.row.kind),
                clusters: evidence::spanned(&stored.definition, &inventories),
                stored,
            })
            .collect();
        let staying: Vec<_> = definitions
            .iter()
            .enumerate()
            .filter(|(_, watched)| !watched.is_leaving())
            .map(|(index, watched)| (index, &watched.stored.definition))
            .collect();
        let spots = places::spots(&upstreams, &inventories, &staying);
        let rooms = room::rooms(&store.workspaces().await?, &upstreams, &inventories, &spots);
        let connections: Vec<Connection> = stored.iter().map(|row| row.view()).collect();
        let refusals = self.refusals().await?;
        let listed: Vec<DefinitionRow> = definitions.iter().map(|watched| watched.row.clone()).collect();
        let mut all = needs::needs(&listed, &connections, &refusals, now);
        all.extend(rooms.iter().filter_map(|room| room.need(&spots)));
        needs::sort(&mut all);
        Ok(Estate {
            at: now,
            writes,
            connections,
            upstreams,
            definitions,
            rooms,
            spots,
            read_at: inventories.iter().map(|stored| (stored.connection.clone(), stored.read_at)).collect(),
            needs: all,
            running: store.runs_under_way(RUNNING).await?,
            running_total: store.frame_counts().await?.running,
            verdicts: OnceCell::new(),
            homes: Mutex::default(),
        })
    }

    async fn refusals(&self) -> Result<Vec<needs::Refusal>, ConsoleError> {
        let refused = self.store().refused_deletions(REFUSALS).await?;
        let refusal = |row: model::view::PointRow| {
            let name = row.point.title().to_owned();
            let point: PointId = row.point.id;
            let deletion = row.point.deletion?;
            Some(needs::Refusal { name, point, reason: deletion.error?, at: deletion.at })
        };
        Ok(refused.into_iter().filter_map(refusal).collect())
    }

    /// The verdicts over an estate; worked out once.
    pub(super) async fn verdicts<'a>(&self, estate: &'a Estate) -> Result<&'a Verdicts, ConsoleError> {
        estate.verdicts.get_or_try_init(|| self.judge_all(estate)).await
    }

    async fn judge_all(&self, estate: &Estate) -> Result<Verdicts, ConsoleError> {
        let history = History::read(self.store(), &estate.definitions, estate.at).await?;
        let evidence: Vec<Vec<Evidence>> =
            estate.definitions.iter().map(|watched| evidence::of(watched, &history, estate.at)).collect();
        let judgements = estate.rooms.iter().map(|room| room.judge(estate, &evidence)).collect();
        Ok(Verdicts { history, evidence, judgements })
    }
}
