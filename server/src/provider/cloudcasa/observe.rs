//! Follows an organisation by polling. Every collection is listed once; after that a quiet round asks for the jobs that were
//! written last and for two of the other collections in turn, three calls in all. While something runs the rounds are short, and
//! running jobs and their volumes are read again by id.

mod feed;
mod lists;
mod memory;
pub mod seen;
mod tell;

use super::{
    CloudCasa,
    translate::normal::Part,
    wire::{self, Job, Restore, VolumeProgress, read},
};
use crate::provider::{DeclaredSeen, ErrorKind, Observed, ProviderError, cloudcasa::client::Query, telling::Teller};
use feed::{Feed, News};
use memory::Memory;
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    time::Duration,
};
use tokio::{
    sync::mpsc::Sender,
    time::{Instant, sleep},
};

/// Between rounds while something runs or was just begun, and otherwise.
const FAST: Duration = Duration::from_millis(2_500);
const CALM: Duration = Duration::from_secs(15);
/// After a nudge it is looked often for so long.
const HURRY: Duration = Duration::from_secs(20);
/// What no page of news can tell is found by a full list this often.
const RESYNC: Duration = Duration::from_secs(3_600);
/// Jobs whose volumes are read when they are listed in full: those that ended within a day. Later `results` reads them.
const RECENT_MS: i64 = 24 * 3_600_000;
/// Jobs asked for at once by their ids.
const IDS: usize = 40;

/// The collections beside the jobs, in the order of their turn. Definitions come twice: somebody edits them.
const TURNS: [Turn; 8] = [
    Turn::Part(Part::Backup),
    Turn::Points,
    Turn::Part(Part::Policy),
    Turn::Restores,
    Turn::Part(Part::Backup),
    Turn::Part(Part::Offload),
    Turn::Stores,
    Turn::Clusters,
];
const TURNS_A_ROUND: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Part(Part),
    Points,
    Restores,
    Stores,
    Clusters,
}

/// Runs until something can't go on, and returns what.
pub async fn observe(cc: &CloudCasa, sink: Sender<Observed>) -> ProviderError {
    match Observer::new(cc, sink).run().await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

struct Observer<'a> {
    cc: &'a CloudCasa,
    sink: Teller,
    memory: Memory,
    jobs: Feed,
    points: Feed,
    restores: Feed,
    stores: Feed,
    clusters: Feed,
    parts: HashMap<Part, Feed>,
    /// Jobs that have not ended, and those of restores.
    active: BTreeMap<String, Job>,
    restore_jobs: HashMap<String, Job>,
    known_restores: BTreeMap<String, Restore>,
    /// Of the jobs that are told with them.
    volumes: HashMap<String, Vec<VolumeProgress>>,
    declared: BTreeMap<String, DeclaredSeen>,
    turn: usize,
    turned: Instant,
    synced: Instant,
    hurry: Instant,
}

impl<'a> Observer<'a> {
    fn new(cc: &'a CloudCasa, sink: Sender<Observed>) -> Self {
        let now = Instant::now();
        let types = [seen::RUNS[0], seen::RUNS[1], seen::RESTORE, seen::DELETION];
        let feed = |collection| Feed::new(collection, json!({}));
        Self {
            cc,
            sink: Teller(sink),
            memory: Memory::default(),
            jobs: Feed::new("jobs", json!({"type": {"$in": types}})),
            points: feed("backupinstances"),
            restores: feed("kuberestores"),
            stores: feed("objectstores"),
            clusters: feed("kubeclusters"),
            parts: Part::ALL.into_iter().map(|part| (part, feed(part.collection()))).collect(),
            active: BTreeMap::new(),
            restore_jobs: HashMap::new(),
            known_restores: BTreeMap::new(),
            volumes: HashMap::new(),
            declared: BTreeMap::new(),
            turn: 0,
            turned: now,
            synced: now,
            hurry: now,
        }
    }

    async fn run(&mut self) -> Result<Infallible, ProviderError> {
        let bell = self.cc.bell.clone();
        self.everything().await?;
        self.settle(true);
        let mut failed = false;
        loop {
            let now = Instant::now();
            let lively = now < self.hurry || self.active.values().any(|job| seen::is_lively(job, &self.cc.clock));
            tokio::select! {
                () = sleep(if lively || failed { FAST } else { CALM }) => {}
                () = bell.notified() => self.hurry = Instant::now() + HURRY,
            }
            failed = match self.round(lively).await {
                Ok(()) => false,
                // One round may fail without everything being listed anew: what it read and did not tell is read again.
                Err(e) if !failed && e.kind.retryable() && e.kind != ErrorKind::Slow => true,
                Err(e) => return Err(e),
            };
            self.settle(!failed);
        }
    }

    /// The end of a round. What one that failed had read may not have been told, and must not count as known.
    fn settle(&mut self, told: bool) {
        let single =
            [&mut self.jobs, &mut self.points, &mut self.restores, &mut self.stores, &mut self.clusters].into_iter();
        for feed in single.chain(self.parts.values_mut()) {
            if told {
                feed.settle();
            } else {
                feed.undo();
            }
        }
        if !told {
            self.volumes.clear();
        }
    }

    /// The full lists, in an order in which each finds what explains it.
    async fn everything(&mut self) -> Result<(), ProviderError> {
        let began = Instant::now();
        self.list_places().await?;
        self.list_definitions().await?;
        self.list_jobs().await?;
        self.list_points().await?;
        self.list_restores().await?;
        self.synced = Instant::now();
        tracing::debug!(took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), "listed in full");
        self.sink.tell(Observed::Alive { latency: None, version: self.cc.client.version(), platform: None }).await
    }

    async fn round(&mut self, lively: bool) -> Result<(), ProviderError> {
        if self.synced.elapsed() >= RESYNC {
            return self.everything().await;
        }
        let hurried = Instant::now() < self.hurry;
        let began = Instant::now();
        let news = self.jobs.news(&self.cc.client).await?;
        let latency = began.elapsed();
        let quiet = matches!(&news, News::Changed(items) if items.is_empty());
        match news {
            News::Changed(items) => self.take_jobs(items, true).await?,
            News::Lost => self.list_jobs().await?,
        }
        if lively {
            self.follow_active().await?;
        }
        if hurried {
            self.definitions_news(None).await?;
            self.restores_news().await?;
        }
        if !quiet || hurried {
            self.points_news().await?;
        }
        if self.turned.elapsed() >= CALM - FAST {
            self.turned = Instant::now();
            for _ in 0..TURNS_A_ROUND {
                let turn = TURNS[self.turn % TURNS.len()];
                self.turn = (self.turn + 1) % TURNS.len();
                match turn {
                    Turn::Part(part) => self.definitions_news(Some(part)).await?,
                    Turn::Points => self.points_news().await?,
                    Turn::Restores => self.restores_news().await?,
                    Turn::Stores => self.stores_news().await?,
                    Turn::Clusters => self.clusters_news().await?,
                }
            }
        }
        self.sink.tell(Observed::Alive { latency: Some(latency), version: None, platform: None }).await
    }

    /// Running jobs and their volumes, by id: they may change without a new date.
    async fn follow_active(&mut self) -> Result<(), ProviderError> {
        let mut ids: Vec<String> = self
            .active
            .iter()
            .filter(|(_, job)| seen::is_lively(job, &self.cc.clock))
            .map(|(id, _)| id.clone())
            .collect();
        ids.truncate(IDS);
        let again = self.jobs.again(&self.cc.client, &ids).await?;
        let moved = self.read_volumes(&ids).await?;
        let mut told: Vec<String> = again.iter().filter_map(|job| job["_id"].as_str().map(str::to_owned)).collect();
        self.take_jobs(again, true).await?;
        told.sort();
        let rest: Vec<Job> = moved
            .iter()
            .filter(|id| told.binary_search(id).is_err())
            .filter_map(|id| self.active.get(id).cloned())
            .collect();
        for job in rest {
            self.tell_run(&job).await?;
        }
        Ok(())
    }

    /// Reads the volumes of jobs; the ids of those where something is new.
    async fn read_volumes(&mut self, ids: &[String]) -> Result<Vec<String>, ProviderError> {
        let mut moved = Vec::new();
        for chunk in ids.chunks(IDS) {
            let query = Query::of("kubepvcprogress", json!({"job_id": {"$in": chunk}}));
            let rows: Vec<VolumeProgress> = read(self.cc.client.all("list kubepvcprogress", &query).await?);
            for id in chunk {
                let own: Vec<VolumeProgress> = rows.iter().filter(|row| row.job_id == *id).cloned().collect();
                if !own.is_empty() && self.volumes.get(id) != Some(&own) {
                    self.volumes.insert(id.clone(), own);
                    moved.push(id.clone());
                }
            }
        }
        Ok(moved)
    }
}
