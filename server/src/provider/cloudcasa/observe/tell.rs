//! From what was read to what is told: jobs, recovery points, restores.

use super::{News, Observer, RECENT_MS, seen, wire};
use crate::provider::{Observed, ProviderError, Sort};
use model::run::VolumeRow;
use serde_json::Value;
use wire::{Job, Point, Restore, read};

impl Observer<'_> {
    pub(super) async fn list_jobs(&mut self) -> Result<(), ProviderError> {
        self.sink.lists_begin(&[Sort::Run]).await?;
        let items = self.jobs.all(&self.cc.client).await?;
        self.active.clear();
        self.take_jobs(items, false).await?;
        self.sink.tell(Observed::ListEnds(Sort::Run)).await
    }

    /// Jobs that are new or changed. `news`: they changed just now, so that a deletion that failed is the answer to an order.
    pub(super) async fn take_jobs(&mut self, items: Vec<Value>, news: bool) -> Result<(), ProviderError> {
        let jobs: Vec<Job> = read(items);
        if news && jobs.iter().any(|job| !job.backupdef.is_empty() && !self.memory.knows(&job.backupdef)) {
            self.definitions_news(None).await?;
        }
        let recent: Vec<String> = jobs
            .iter()
            .filter(|job| seen::RUNS.contains(&job.kind.as_str()) && self.is_recent(job))
            .map(|job| job.id.clone())
            .collect();
        self.read_volumes(&recent).await?;
        for job in jobs {
            if seen::phase(&job).is_final() {
                self.active.remove(&job.id);
            } else {
                self.active.insert(job.id.clone(), job.clone());
            }
            match job.kind.as_str() {
                seen::RESTORE => self.take_restore_job(job).await?,
                seen::DELETION if news => self.deleted(&job).await?,
                seen::DELETION => {}
                _ => self.tell_run(&job).await?,
            }
        }
        Ok(())
    }

    /// Whether its volumes are told with it: it runs, or ended lately.
    fn is_recent(&self, job: &Job) -> bool {
        let now = self.cc.clock.now();
        job.end_time.or(job.start_time).is_some_and(|at| now.since(at) < RECENT_MS)
    }

    pub(super) async fn tell_run(&mut self, job: &Job) -> Result<(), ProviderError> {
        if self.memory.hides(&job.backupdef) {
            return Ok(());
        }
        let belongs = self.memory.belongs(&job.backupdef, &job.offloaddef);
        let rows: Vec<VolumeRow> = match self.volumes.get(&job.id).filter(|_| self.is_recent(job)) {
            Some(rows) => rows.iter().map(seen::volume).collect(),
            None => Vec::new(),
        };
        if seen::phase(job).is_final() {
            // It is told for the last time, unless it is listed again.
            self.volumes.remove(&job.id);
        }
        self.sink.tell(Observed::Run(Box::new(seen::run(job, &belongs, rows)))).await
    }

    async fn take_restore_job(&mut self, job: Job) -> Result<(), ProviderError> {
        let id = job.restoredef.clone();
        self.restore_jobs.insert(id.clone(), job);
        match self.known_restores.get(&id).cloned() {
            Some(restore) => self.tell_restore(&restore).await,
            None => Ok(()),
        }
    }

    pub(super) async fn tell_restore(&self, restore: &Restore) -> Result<(), ProviderError> {
        let seen = seen::restore(restore, self.restore_jobs.get(&restore.id));
        self.sink.tell(Observed::Restore(Box::new(seen))).await
    }

    /// A deletion's job came to an end.
    async fn deleted(&mut self, job: &Job) -> Result<(), ProviderError> {
        use model::Phase;
        if job.backup_inst.is_empty() {
            return Ok(());
        }
        let point = job.backup_inst.clone();
        match seen::phase(job) {
            Phase::Succeeded => {
                self.points.forget(&point);
                self.sink.tell(Observed::Gone(Sort::Point, point)).await
            }
            Phase::Failed | Phase::Cancelled | Phase::Partial => {
                let reason = if job.message.is_empty() {
                    format!("CloudCasa's deletion job ended as {}.", job.state)
                } else {
                    job.message.clone()
                };
                self.sink.tell(Observed::DeletionRefused { point, reason }).await
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn list_points(&mut self) -> Result<(), ProviderError> {
        self.sink.lists_begin(&[Sort::Point]).await?;
        let items = self.points.all(&self.cc.client).await?;
        self.take_points(items).await?;
        self.sink.tell(Observed::ListEnds(Sort::Point)).await
    }

    pub(super) async fn points_news(&mut self) -> Result<(), ProviderError> {
        match self.points.news(&self.cc.client).await? {
            News::Changed(items) => self.take_points(items).await,
            News::Lost => self.list_points().await,
        }
    }

    async fn take_points(&mut self, items: Vec<Value>) -> Result<(), ProviderError> {
        let points: Vec<Point> = read(items);
        for point in points.iter().filter(|point| !self.memory.hides(&point.backupdef)) {
            let belongs = self.memory.belongs(&point.backupdef, "");
            if let Some(seen) = seen::point(point, &belongs, self.cc.clock.now(), |id| self.memory.store_name(id)) {
                self.sink.tell(Observed::Point(Box::new(seen))).await?;
            }
        }
        Ok(())
    }
}
