//! Watches a Waldur by asking: everything now and then, and what is under way every few seconds. It tells of changes by no other
//! means.

pub mod restored;
mod restores;
pub mod seen;

use super::{
    Waldur,
    generation::{Generation, Resource},
    translate::terms,
    wire,
};
use crate::provider::{Observed, ProviderError, Sort, telling::Teller};
use model::{Millis, Phase, recovery::PointState};
use restored::Restored;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio::{sync::mpsc::Sender, time::Instant};

/// Between two looks at everything. A list that takes long is asked for less often.
const CALM: Duration = Duration::from_secs(15);
const CALM_MAX: Duration = Duration::from_secs(120);
/// Of the time, at most this part is spent on looking at everything.
const SHARE: u32 = 8;
/// Between two looks at what is under way.
const FAST: Duration = Duration::from_millis(2_500);
/// What was just begun is looked at after so long: Waldur has taken it by then.
const SOON: Duration = Duration::from_millis(300);
/// So much that is under way is asked for one by one; more of it by the lists.
const SINGLE_MAX: usize = 20;
/// The server may be upgraded meanwhile.
const VERSION: Duration = Duration::from_secs(3600);
const SORTS: [Sort; 5] = [Sort::Run, Sort::Point, Sort::Restore, Sort::Declared, Sort::Location];

/// Tells everything that is there and everything that changes, until it fails.
pub async fn observe(waldur: &Waldur, sink: Sender<Observed>) -> ProviderError {
    match watch(waldur, sink).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

async fn watch(waldur: &Waldur, sink: Sender<Observed>) -> Result<std::convert::Infallible, ProviderError> {
    let mut observer = Observer::new(waldur, sink).await?;
    loop {
        let next = observer.everything().await?;
        observer.follow_until(next).await?;
        if observer.asked_version.elapsed() >= VERSION {
            observer.ask_version().await?;
        }
    }
}

struct Observer<'a> {
    waldur: &'a Waldur,
    sink: Teller,
    generation: Generation,
    asked_version: Instant,
    /// Names of our schedules, by identifier.
    schedules: HashMap<String, String>,
    /// Backups that are at work, by identifier.
    busy: HashSet<String>,
    /// Backups whose deletion had begun when they were last seen.
    going: HashSet<String>,
    /// Backups that were recovery points when they were last seen.
    points: HashSet<String>,
    /// Restores under way, by new instance.
    restoring: HashMap<String, Restored>,
}

/// The lists of one look.
struct Lists {
    schedules: Vec<wire::Schedule>,
    backups: Vec<wire::Backup>,
    instances: Vec<wire::Instance>,
    latency: Duration,
}

impl<'a> Observer<'a> {
    async fn new(waldur: &'a Waldur, sink: Sender<Observed>) -> Result<Self, ProviderError> {
        let mut observer = Self {
            waldur,
            sink: Teller(sink),
            generation: Generation::G4,
            asked_version: Instant::now(),
            schedules: HashMap::new(),
            busy: HashSet::new(),
            going: HashSet::new(),
            points: HashSet::new(),
            restoring: HashMap::new(),
        };
        observer.ask_version().await?;
        Ok(observer)
    }

    async fn ask_version(&mut self) -> Result<(), ProviderError> {
        let version = self.waldur.find_out().await?;
        self.asked_version = Instant::now();
        self.generation = version.generation;
        let platform = (!version.release.is_empty()).then(|| format!("Waldur {}", version.release));
        self.sink.tell(Observed::Alive { latency: None, version: Some(version.to_string()), platform }).await
    }

    fn now(&self) -> Millis {
        self.waldur.clock.now()
    }

    /// Looks at everything; the moment of the next such look.
    async fn everything(&mut self) -> Result<Instant, ProviderError> {
        let began = Instant::now();
        self.sink.lists_begin(&SORTS).await?;
        let lists = self.lists().await?;
        self.declared(&lists).await?;
        self.backups(&lists).await?;
        self.restores(&lists).await?;
        self.sink.lists_end(&SORTS).await?;
        self.sink.tell(Observed::Alive { latency: Some(lists.latency), version: None, platform: None }).await?;
        Ok(Instant::now() + (began.elapsed() * SHARE).clamp(CALM, CALM_MAX))
    }

    async fn lists(&self) -> Result<Lists, ProviderError> {
        let (api, generation) = (&self.waldur.api, self.generation);
        let began = Instant::now();
        // Schedules first: a backup that is listed then was made by one of them, or by one that is gone.
        let schedules = if generation.has_schedules() {
            api.list("list backup schedules", &generation.list(Resource::Schedules), &[]).await?
        } else {
            Vec::new()
        };
        let latency = generation.has_schedules().then(|| began.elapsed());
        let backups: Vec<wire::Backup> = api.list("list backups", &generation.list(Resource::Backups), &[]).await?;
        let latency = latency.unwrap_or_else(|| began.elapsed());
        // The oldest generation tells of no restoration: any instance may be one.
        let instances = if generation == Generation::G2 || backups.iter().any(|b| !b.restorations.is_empty()) {
            const FIELDS: [(&str, &str); 6] = [
                ("field", "url"),
                ("field", "uuid"),
                ("field", "name"),
                ("field", "state"),
                ("field", "error_message"),
                ("field", "created"),
            ];
            api.list("list instances", &generation.list(Resource::Instances), &FIELDS).await?
        } else {
            Vec::new()
        };
        Ok(Lists { schedules, backups, instances, latency })
    }

    async fn declared(&mut self, lists: &Lists) -> Result<(), ProviderError> {
        self.schedules.clear();
        for schedule in &lists.schedules {
            if let Some(seen) = terms::declared(schedule, self.generation) {
                self.schedules.insert(schedule.id(), seen.name.clone());
                self.sink.tell(Observed::Declared(Box::new(seen))).await?;
            }
        }
        Ok(())
    }

    async fn backups(&mut self, lists: &Lists) -> Result<(), ProviderError> {
        let there: HashSet<String> = lists.backups.iter().map(wire::Backup::id).collect();
        for known in [&mut self.busy, &mut self.going, &mut self.points] {
            known.retain(|id| there.contains(id));
        }
        self.waldur.memory.still_there(&there);
        for backup in &lists.backups {
            self.backup(backup).await?;
        }
        Ok(())
    }

    async fn backup(&mut self, backup: &wire::Backup) -> Result<(), ProviderError> {
        let (id, generation, now) = (backup.id(), self.generation, self.now());
        if id.is_empty() {
            return Ok(());
        }
        let declared = backup.schedule().and_then(|schedule| self.schedules.get(&schedule).cloned());
        let run = seen::run(backup, generation, declared.as_deref(), now);
        let waits = seen::is_busy(backup) || matches!(run.phase, Phase::Queued | Phase::Running);
        let point = seen::point(backup, generation, declared.as_deref(), self.points.contains(&id), now);
        // Seen at it and not any more; or asked for, and erred before it was seen at it.
        let ended = self.going.contains(&id) && !seen::is_going(backup);
        let asked = seen::is_erred(backup) && self.waldur.memory.was_deleting(&id);
        let failed = ended || asked;
        mark(&mut self.busy, &id, waits);
        mark(&mut self.going, &id, seen::is_going(backup));
        mark(&mut self.points, &id, point.is_some());
        self.sink.tell(Observed::Run(Box::new(run))).await?;
        if let Some(point) = point {
            let refused = failed && point.state != PointState::Deleting;
            self.sink.tell(Observed::Point(Box::new(point))).await?;
            if refused {
                let reason = seen::deletion_failed(backup, generation);
                self.sink.tell(Observed::DeletionRefused { point: id, reason }).await?;
            }
        }
        Ok(())
    }

    /// Looks at what is under way until the next look at everything is due.
    async fn follow_until(&mut self, next: Instant) -> Result<(), ProviderError> {
        let begun = &self.waldur.memory.begun;
        loop {
            let under_way = self.busy.len() + self.restoring.len();
            let tick = if under_way > 0 { next.min(Instant::now() + FAST) } else { next };
            tokio::select! {
                () = tokio::time::sleep_until(tick) => {}
                () = begun.notified() => {
                    tokio::time::sleep(SOON).await;
                    return Ok(());
                }
            }
            if Instant::now() >= next || under_way > SINGLE_MAX {
                return Ok(());
            }
            self.under_way().await?;
        }
    }

    async fn under_way(&mut self) -> Result<(), ProviderError> {
        let (api, generation) = (&self.waldur.api, self.generation);
        for id in self.busy.clone() {
            match api.get("read the backup", generation, Resource::Backups, &id).await? {
                Some(backup) => self.backup(&backup).await?,
                None => {
                    self.waldur.memory.was_deleting(&id);
                    for known in [&mut self.busy, &mut self.going, &mut self.points] {
                        known.remove(&id);
                    }
                    self.sink.tell(Observed::Gone(Sort::Run, id.clone())).await?;
                    self.sink.tell(Observed::Gone(Sort::Point, id)).await?;
                }
            }
        }
        for (id, restored) in self.restoring.clone() {
            match api.get("read the new instance", generation, Resource::Instances, &id).await? {
                Some(instance) => self.restore(&instance, &restored).await?,
                None => {
                    self.restoring.remove(&id);
                    self.sink.tell(Observed::Gone(Sort::Restore, id)).await?;
                }
            }
        }
        self.sink.tell(Observed::Alive { latency: None, version: None, platform: None }).await
    }
}

fn mark(set: &mut HashSet<String>, id: &str, holds: bool) {
    if holds {
        set.insert(id.to_owned());
    } else {
        set.remove(id);
    }
}
