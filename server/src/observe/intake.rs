//! Takes in what a provider tells: stores it in batches, says what changed, keeps the connection's health.

use super::{declared::Declared, pulse::Pulse};
use crate::{
    console::Console,
    provider::{Observed, PointSeen, Provider, RestoreSeen, RunSeen, Sort},
    store::{Changed, HealthRecord, StoreError},
};
use model::{ConnectionId, Millis, connection::Health, location::Location};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Notify;

/// "Last heard" is written this often when nothing else changes.
const LAST_SEEN_MS: i64 = 10_000;

/// One observation's memory: which full lists are being told, and what was heard of the upstream itself.
#[derive(Debug)]
pub(super) struct Intake {
    console: Console,
    connection: ConnectionId,
    declared: Declared,
    /// Lists that have begun, with their beginning and what they held so far.
    lists: HashMap<Sort, (Millis, HashSet<String>)>,
    locations: BTreeMap<String, Location>,
    /// A list of locations is being told: half of it is not stored.
    listing_locations: bool,
    recorded: Option<Millis>,
    /// Lists that this observation has told to their end.
    told: HashSet<Sort>,
    /// Heard and not yet recorded, because the lists are not whole.
    heard: Heard,
    /// Told when an upstream that was silent answers.
    alive: Arc<Notify>,
}

/// An upstream answers when it has told all of these: one that tells its version and refuses the rest is no good.
const NEEDED: [Sort; 4] = [Sort::Run, Sort::Restore, Sort::Declared, Sort::Location];

/// A batch, sorted by what the store does with it. Order among sorts matters only for points, which look for their runs.
#[derive(Default)]
struct Sorted {
    runs: Vec<RunSeen>,
    points: Vec<PointSeen>,
    restores: Vec<RestoreSeen>,
}

/// What was heard of the upstream itself.
#[derive(Debug, Default)]
struct Heard {
    latency: Option<Duration>,
    version: Option<String>,
    platform: Option<String>,
}

impl Heard {
    /// The newer word counts.
    fn add(&mut self, newer: Self) {
        self.latency = newer.latency.or(self.latency);
        self.version = newer.version.or(self.version.take());
        self.platform = newer.platform.or(self.platform.take());
    }
}

impl Intake {
    pub(super) fn new(
        console: Console,
        connection: ConnectionId,
        provider: Arc<dyn Provider>,
        alive: Arc<Notify>,
    ) -> Self {
        Self {
            declared: Declared::new(console.clone(), connection.clone(), provider),
            console,
            connection,
            lists: HashMap::new(),
            locations: BTreeMap::new(),
            listing_locations: false,
            recorded: None,
            told: HashSet::new(),
            heard: Heard::default(),
            alive,
        }
    }

    /// Whether every list was told to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.told.contains(&Sort::Point) && NEEDED.iter().all(|sort| self.told.contains(sort))
    }

    /// Stores a batch.
    pub(super) async fn take(&mut self, batch: Vec<Observed>, pulse: &mut Pulse) -> Result<(), StoreError> {
        let mut sorted = Sorted::default();
        for seen in batch {
            match seen {
                Observed::Run(run) => {
                    self.listed(Sort::Run, &run.name);
                    sorted.runs.push(*run);
                }
                Observed::Point(point) => {
                    self.listed(Sort::Point, &point.name);
                    sorted.points.push(*point);
                }
                Observed::Restore(restore) => {
                    self.listed(Sort::Restore, &restore.name);
                    sorted.restores.push(*restore);
                }
                Observed::Declared(declared) => self.declared.seen(*declared),
                Observed::Alive { latency, version, platform } => {
                    self.heard.add(Heard { latency, version, platform });
                }
                // The rest depends on what came before it: that is stored first.
                other => {
                    self.store(std::mem::take(&mut sorted)).await?;
                    let ended = if let Observed::ListEnds(sort) = &other { Some(*sort) } else { None };
                    self.turn(other).await?;
                    self.told.extend(ended);
                }
            }
        }
        self.store(sorted).await?;
        self.declared.store().await?;
        self.hear(pulse).await
    }

    fn listed(&mut self, sort: Sort, name: &str) {
        if let Some((_, names)) = self.lists.get_mut(&sort) {
            names.insert(name.to_owned());
        }
    }

    async fn store(&self, sorted: Sorted) -> Result<(), StoreError> {
        let store = self.console.store();
        if !sorted.runs.is_empty() {
            self.tell(store.store_runs(&self.connection, &sorted.runs).await?);
        }
        if !sorted.points.is_empty() {
            self.tell(store.store_points(&self.connection, &sorted.points).await?);
        }
        if !sorted.restores.is_empty() {
            self.tell(store.store_restores(&self.connection, &sorted.restores).await?);
        }
        Ok(())
    }

    /// Beginnings and ends of lists, single objects that are gone, refusals, locations.
    async fn turn(&mut self, seen: Observed) -> Result<(), StoreError> {
        let store = self.console.store().clone();
        match seen {
            Observed::ListBegins(Sort::Declared) => self.declared.list_begins().await?,
            Observed::ListEnds(Sort::Declared) => self.declared.list_ends().await?,
            Observed::ListBegins(Sort::Location) => {
                self.locations.clear();
                self.listing_locations = true;
            }
            Observed::ListEnds(Sort::Location) => {
                self.listing_locations = false;
                self.record_locations().await?;
            }
            Observed::ListBegins(sort) => {
                self.lists.insert(sort, (self.console.now(), HashSet::new()));
            }
            Observed::ListEnds(sort) => {
                let Some((began, names)) = self.lists.remove(&sort) else {
                    return Ok(());
                };
                let id = &self.connection;
                self.tell(match sort {
                    Sort::Run => store.end_run_list(id, &names, began).await?,
                    Sort::Point => store.end_point_list(id, &names, began).await?,
                    Sort::Restore => store.end_restore_list(id, &names, began).await?,
                    Sort::Declared | Sort::Location => Vec::new(),
                });
            }
            Observed::Gone(Sort::Declared, name) => self.declared.gone(&name).await?,
            Observed::Gone(Sort::Location, name) => {
                self.locations.remove(&name);
                self.record_locations().await?;
            }
            Observed::Gone(sort, name) => {
                if let Some((_, names)) = self.lists.get_mut(&sort) {
                    names.remove(&name);
                }
                let id = &self.connection;
                self.tell(match sort {
                    Sort::Run => store.run_gone(id, &name).await?,
                    Sort::Point => store.point_gone(id, &name).await?,
                    Sort::Restore => store.restore_gone(id, &name).await?,
                    Sort::Declared | Sort::Location => None,
                });
            }
            Observed::DeletionRefused { point, reason } => {
                self.tell(store.deletion_refused(&self.connection, &point, &reason).await?);
            }
            Observed::Location(location) => {
                self.locations.insert(location.name.clone(), *location);
                self.record_locations().await?;
            }
            Observed::Run(_)
            | Observed::Point(_)
            | Observed::Restore(_)
            | Observed::Declared(_)
            | Observed::TakenIn(_)
            | Observed::Alive { .. } => {}
        }
        Ok(())
    }

    async fn record_locations(&self) -> Result<(), StoreError> {
        if self.listing_locations {
            return Ok(());
        }
        let locations: Vec<Location> = self.locations.values().cloned().collect();
        if self.console.store().record_locations(&self.connection, &locations).await? {
            self.console.events().publish(format!("connections:{}", self.connection));
        }
        Ok(())
    }

    /// Something came after the lists were whole, so it answers. An upstream that was silent gets its waiting work at once.
    async fn hear(&mut self, pulse: &mut Pulse) -> Result<(), StoreError> {
        if !NEEDED.iter().all(|sort| self.told.contains(sort)) {
            return Ok(());
        }
        let heard = std::mem::take(&mut self.heard);
        let now = self.console.now();
        let news = pulse.heard();
        let due = self.recorded.is_none_or(|at| now.0.abs_diff(at.0) >= LAST_SEEN_MS.unsigned_abs());
        if news.is_none() && heard.version.is_none() && heard.platform.is_none() && !due {
            return Ok(());
        }
        let record = HealthRecord {
            health: Health::Answers,
            upstream_version: heard.version,
            platform: heard.platform,
            latency_ms: heard.latency.map(|took| u32::try_from(took.as_millis()).unwrap_or(u32::MAX)),
            last_seen: Some(now),
        };
        let changed = self.console.store().record_health(&self.connection, &record).await?;
        self.recorded = Some(now);
        if news.is_some() {
            tracing::info!(connection = %self.connection, "it answers");
            self.console.store().wake_work(&self.connection).await?;
            self.console.wake_reconciler();
            self.alive.notify_one();
        }
        if changed {
            // Another version may take what the former one refused.
            self.console.wake_rollout();
            self.console.events().publish(format!("connections:{}", self.connection));
        }
        Ok(())
    }

    fn tell(&self, changed: impl IntoIterator<Item = Changed>) {
        for one in changed {
            self.console.events().publish(one.topic);
            if let Some(definition) = one.definition {
                self.console.events().publish(format!("definitions:{definition}"));
            }
        }
    }
}

/// Records that it doesn't answer, or only slowly. When even that can't be stored, the log has it.
pub(super) async fn record_health(console: &Console, id: &ConnectionId, health: &Health) {
    let record = HealthRecord {
        health: health.clone(),
        upstream_version: None,
        platform: None,
        latency_ms: None,
        last_seen: None,
    };
    match console.store().record_health(id, &record).await {
        Ok(true) => console.events().publish(format!("connections:{id}")),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, connection = %id, "its health can't be stored"),
    }
}
