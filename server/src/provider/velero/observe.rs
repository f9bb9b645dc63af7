//! Lists what is there in pages, then watches. A watch that ends is resumed where it stopped; only a resource version that is too
//! old (410) makes a new list. Transient failures are tried again a few times with growing waits; what stays is returned, so
//! that the connection can say so.

pub mod feed;
mod joins;
pub mod schedules;
pub mod seen;

use super::{Velero, check, wire};
use crate::provider::{
    ErrorKind, Observed, ProviderError, Sort,
    telling::{Teller, stopped},
};
use feed::{Change, Feed, Kind};
use futures::{StreamExt, stream::FuturesUnordered};
use joins::Joins;
use schedules::Schedules;
use serde_json::Value;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::mpsc::Sender, time::Instant};

/// How often the API server is asked for its version, which measures the way there.
const PING: Duration = Duration::from_secs(20);
/// Bookmarks come from seven watches; one sign of life in this time is enough.
const ALIVE: Duration = Duration::from_secs(2);

/// Runs until something can't go on, and returns what.
pub async fn observe(velero: &Velero, sink: Sender<Observed>) -> ProviderError {
    let observer = Observer {
        velero,
        sink: Teller(sink),
        joins: Mutex::default(),
        schedules: Mutex::default(),
        told_alive: Mutex::default(),
    };
    let work = async {
        // In this order, so that volumes are at hand when their backups are told for the first time.
        let mut feeds = Vec::new();
        for kind in Kind::ALL {
            let mut feed = Feed::new(kind);
            feed.list(&observer).await?;
            feeds.push(feed);
        }
        let mut watches: FuturesUnordered<_> = feeds.into_iter().map(|feed| feed.follow(&observer)).collect();
        Err::<(), _>(watches.next().await.unwrap_or_else(stopped))
    };
    tokio::select! {
        end = work => end.err().unwrap_or_else(stopped),
        error = observer.ping() => error,
        // Never ends: a Velero that doesn't answer is no reason to stop looking at its objects.
        () = observer.learn_version() => stopped(),
    }
}

pub(super) struct Observer<'a> {
    velero: &'a Velero,
    sink: Teller,
    joins: Mutex<Joins>,
    schedules: Mutex<Schedules>,
    told_alive: Mutex<Option<Instant>>,
}

impl Observer<'_> {
    pub(super) fn kube(&self) -> &super::client::Kube {
        &self.velero.kube
    }

    fn joins(&self) -> std::sync::MutexGuard<'_, Joins> {
        self.joins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn schedules(&self) -> std::sync::MutexGuard<'_, Schedules> {
        self.schedules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A sign of life without news.
    pub(super) async fn alive(&self) -> Result<(), ProviderError> {
        let due = {
            let mut told = self.told_alive.lock().unwrap_or_else(PoisonError::into_inner);
            let due = told.is_none_or(|at| at.elapsed() >= ALIVE);
            if due {
                *told = Some(Instant::now());
            }
            due
        };
        if due {
            self.sink.tell(Observed::Alive { latency: None, version: None, platform: None }).await
        } else {
            Ok(())
        }
    }

    /// A full list of a kind begins.
    pub(super) async fn list_begins(&self, kind: Kind) -> Result<(), ProviderError> {
        self.joins().list_begins(kind);
        if kind == Kind::Schedules {
            self.schedules().clear();
        }
        self.sink.lists_begin(sorts(kind)).await
    }

    /// A full list of a kind ended.
    pub(super) async fn list_ends(&self, kind: Kind) -> Result<(), ProviderError> {
        let declared = if kind == Kind::Schedules { self.schedules().all() } else { Vec::new() };
        for one in declared {
            self.sink.tell(one).await?;
        }
        self.sink.lists_end(sorts(kind)).await?;
        let changed = self.joins().list_ends(kind);
        for run in changed {
            self.sink.tell(Observed::Run(Box::new(run))).await?;
        }
        let refused = if kind == Kind::DeleteRequests { self.joins().refused() } else { Vec::new() };
        for (point, reason) in refused {
            self.sink.tell(Observed::DeletionRefused { point, reason }).await?;
        }
        Ok(())
    }

    /// One object, listed or watched.
    pub(super) async fn object(&self, kind: Kind, change: Change, object: Value) -> Result<(), ProviderError> {
        let gone = change == Change::Deleted;
        match kind {
            Kind::Backups => {
                let Some(backup) = self.decode::<wire::Backup>(kind, object) else { return Ok(()) };
                let name = backup.metadata.name.clone();
                if gone {
                    self.joins().forget(&backup.metadata);
                    self.sink.tell(Observed::Gone(Sort::Run, name.clone())).await?;
                    return self.sink.tell(Observed::Gone(Sort::Point, name)).await;
                }
                let run = self.joins().run(&backup);
                self.sink.tell(Observed::Run(run)).await?;
                match seen::point(&backup) {
                    Some(point) => self.sink.tell(Observed::Point(Box::new(point))).await,
                    None => Ok(()),
                }
            }
            Kind::Restores => {
                let Some(restore) = self.decode::<wire::Restore>(kind, object) else { return Ok(()) };
                self.sink
                    .tell(if gone {
                        Observed::Gone(Sort::Restore, restore.metadata.name)
                    } else {
                        Observed::Restore(Box::new(seen::restore(&restore)))
                    })
                    .await
            }
            Kind::Schedules => {
                let Some(schedule) = self.decode::<wire::Schedule>(kind, object) else { return Ok(()) };
                let first = match gone {
                    true => self.schedules().forget(&schedule.metadata.name),
                    false => self.schedules().take(seen::declared(&schedule)),
                };
                if change == Change::Listed {
                    return Ok(());
                }
                let told = self.schedules().told(&first);
                self.sink.tell(told).await
            }
            Kind::Locations => {
                let Some(location) = self.decode::<wire::Location>(kind, object) else { return Ok(()) };
                self.sink
                    .tell(if gone {
                        Observed::Gone(Sort::Location, location.metadata.name)
                    } else {
                        Observed::Location(Box::new(seen::location(&location)))
                    })
                    .await
            }
            Kind::PodVolumeBackups => {
                let Some(pvb) = self.decode::<wire::PodVolumeBackup>(kind, object) else { return Ok(()) };
                self.volume(kind, change, &pvb.metadata, seen::pod_volume(&pvb)).await
            }
            Kind::DataUploads => {
                let Some(upload) = self.decode::<wire::DataUpload>(kind, object) else { return Ok(()) };
                self.volume(kind, change, &upload.metadata, seen::data_upload(&upload)).await
            }
            Kind::DeleteRequests => {
                let Some(request) = self.decode::<wire::DeleteRequest>(kind, object) else { return Ok(()) };
                let refused = self.joins().deletion(&request, gone);
                // In a list an older request may come before the newer one that counts.
                match refused.filter(|_| change != Change::Listed) {
                    Some((point, reason)) => self.sink.tell(Observed::DeletionRefused { point, reason }).await,
                    None => Ok(()),
                }
            }
        }
    }

    async fn volume(
        &self,
        kind: Kind,
        change: Change,
        meta: &wire::Meta,
        row: model::run::VolumeRow,
    ) -> Result<(), ProviderError> {
        let known = self.joins().volume(kind, change, meta, row);
        match known {
            joins::Joined::Run(run) => self.sink.tell(Observed::Run(run)).await,
            joins::Joined::Nothing => Ok(()),
            // A finished backup isn't kept; a late word about one of its volumes is rare enough to read it again.
            joins::Joined::Missing(name) => {
                match self.kube().read::<wire::Backup>("read the backup", &self.kube().object("backups", &name)).await {
                    Ok(backup) => {
                        let run = self.joins().run(&backup);
                        self.sink.tell(Observed::Run(run)).await
                    }
                    Err(_) => Ok(()),
                }
            }
        }
    }

    fn decode<T: serde::de::DeserializeOwned>(&self, kind: Kind, object: Value) -> Option<T> {
        match serde_json::from_value(object) {
            Ok(object) => Some(object),
            Err(_) => {
                // Reading is lenient: only something that is no object at all gets here.
                tracing::warn!(kind = kind.plural(), connection = %self.kube().address, "an item that is no object was skipped");
                None
            }
        }
    }

    /// Measures the way to the API server; two failures in a row end it.
    async fn ping(&self) -> ProviderError {
        let mut failed = false;
        loop {
            let began = Instant::now();
            match check::kubernetes_version(self.kube()).await {
                Ok(platform) => {
                    failed = false;
                    let alive =
                        Observed::Alive { latency: Some(began.elapsed()), version: None, platform: Some(platform) };
                    if let Err(error) = self.sink.tell(alive).await {
                        return error;
                    }
                }
                // The way is open, only this page isn't.
                Err(e) if matches!(e.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => failed = false,
                Err(e) if failed || !e.kind.retryable() => return e,
                Err(_) => failed = true,
            }
            tokio::time::sleep(if failed { PING / 10 } else { PING }).await;
        }
    }

    /// Asks Velero's server for its version, again each hour: it may be upgraded. Never returns.
    async fn learn_version(&self) {
        loop {
            let wait = match check::velero_version(self.velero).await {
                Ok(version) => {
                    let alive = Observed::Alive { latency: None, version: Some(version), platform: None };
                    if self.sink.tell(alive).await.is_err() {
                        std::future::pending::<()>().await;
                    }
                    Duration::from_secs(3600)
                }
                Err(_) => Duration::from_secs(120),
            };
            tokio::time::sleep(wait).await;
        }
    }
}

fn sorts(kind: Kind) -> &'static [Sort] {
    match kind {
        Kind::Backups => &[Sort::Run, Sort::Point],
        Kind::Restores => &[Sort::Restore],
        Kind::Schedules => &[Sort::Declared],
        Kind::Locations => &[Sort::Location],
        Kind::PodVolumeBackups | Kind::DataUploads | Kind::DeleteRequests => &[],
    }
}
