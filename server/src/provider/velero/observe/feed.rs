//! One kind's list and watch.

use super::Observer;
use crate::provider::{
    ErrorKind, ProviderError,
    velero::{
        client::{Group, Lines, garbled},
        inventory::{PAGE, continued},
        wire::List,
    },
};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// How often a transient failure is tried again before it is told.
const TRIES: u32 = 4;
/// A watch without a byte for so long is dead: bookmarks come about every minute.
const SILENCE: Duration = Duration::from_secs(150);
/// How long a kind that isn't there, or may not be read, is left alone when runs are told without it.
const LATER: Duration = Duration::from_secs(300);

/// The kinds that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Schedules,
    Locations,
    PodVolumeBackups,
    DataUploads,
    Backups,
    Restores,
    DeleteRequests,
}

impl Kind {
    /// In the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Schedules,
        Self::Locations,
        Self::PodVolumeBackups,
        Self::DataUploads,
        Self::Backups,
        Self::Restores,
        Self::DeleteRequests,
    ];

    pub fn plural(self) -> &'static str {
        match self {
            Self::Schedules => "schedules",
            Self::Locations => "backupstoragelocations",
            Self::PodVolumeBackups => "podvolumebackups",
            Self::DataUploads => "datauploads",
            Self::Backups => "backups",
            Self::Restores => "restores",
            Self::DeleteRequests => "deletebackuprequests",
        }
    }

    fn group(self) -> Group {
        if self == Self::DataUploads { Group::VeleroAlpha } else { Group::Velero }
    }

    /// Whether the rest makes sense without it: an old Velero has no data movers, a narrow role may not show them.
    fn optional(self) -> bool {
        matches!(self, Self::PodVolumeBackups | Self::DataUploads | Self::DeleteRequests)
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is in a list.
    Listed,
    Changed,
    Deleted,
}

#[derive(Deserialize)]
struct WatchEvent {
    #[serde(rename = "type")]
    word: String,
    object: Value,
}

/// How a watch ended.
enum End {
    /// As watches do; resume.
    Over,
    /// The resource version is too old: list anew.
    TooOld,
    Failed(ProviderError),
}

/// One kind, and up to where it is known.
pub struct Feed {
    kind: Kind,
    /// `None`: not listed (an optional kind that isn't there).
    version: Option<String>,
}

impl Feed {
    pub fn new(kind: Kind) -> Self {
        Self { kind, version: None }
    }

    fn skippable(&self, error: &ProviderError) -> bool {
        self.kind.optional()
            && matches!(error.kind, ErrorKind::NotInstalled | ErrorKind::NotFound | ErrorKind::Forbidden)
    }

    /// Lists everything, trying again after transient failures.
    pub async fn list(&mut self, observer: &Observer<'_>) -> Result<(), ProviderError> {
        let mut failures = 0;
        loop {
            match self.list_once(observer).await {
                Ok(version) => {
                    self.version = Some(version);
                    return Ok(());
                }
                Err(error) if self.skippable(&error) => {
                    tracing::info!(kind = self.kind.plural(), error = %error, "not observed");
                    self.version = None;
                    return Ok(());
                }
                Err(error) => wait_after(error, &mut failures).await?,
            }
        }
    }

    async fn list_once(&self, observer: &Observer<'_>) -> Result<String, ProviderError> {
        let (kube, kind) = (observer.kube(), self.kind);
        let operation = format!("list {}", kind.plural());
        let path = kube.path(kind.group(), kind.plural());
        let mut more = String::new();
        // Before anything is asked: what is made while the answer is on its way may be missing in it.
        observer.list_begins(kind).await?;
        loop {
            let mut page: List = kube.read(&operation, &format!("{path}?limit={PAGE}{}", continued(&more))).await?;
            if !page.kind.ends_with("List") {
                return Err(garbled(&operation));
            }
            for item in page.items.drain(..) {
                observer.object(kind, Change::Listed, item).await?;
            }
            if page.metadata.more.is_empty() {
                observer.list_ends(kind).await?;
                return Ok(page.metadata.resource_version);
            }
            more = page.metadata.more;
        }
    }

    /// Watches until that can't go on.
    pub async fn follow(mut self, observer: &Observer<'_>) -> ProviderError {
        let mut failures = 0;
        loop {
            let Some(mut version) = self.version.take() else {
                tokio::time::sleep(LATER).await;
                if let Err(error) = self.list(observer).await {
                    return error;
                }
                continue;
            };
            let began = Instant::now();
            let mut heard = false;
            let end = self.watch(observer, &mut version, &mut heard).await;
            self.version = Some(version);
            if heard {
                failures = 0;
            }
            match end {
                // A server that ends its watches at once is not asked in a tight loop.
                End::Over if began.elapsed() < Duration::from_secs(1) => {
                    tokio::time::sleep(jitter(Duration::from_millis(200))).await;
                }
                End::Over => {}
                End::TooOld => {
                    tokio::time::sleep(jitter(Duration::from_millis(100))).await;
                    if let Err(error) = self.list(observer).await {
                        return error;
                    }
                }
                End::Failed(error) if self.skippable(&error) => self.version = None,
                End::Failed(error) => {
                    if let Err(error) = wait_after(error, &mut failures).await {
                        return error;
                    }
                }
            }
        }
    }

    async fn watch(&self, observer: &Observer<'_>, version: &mut String, heard: &mut bool) -> End {
        let (kube, kind) = (observer.kube(), self.kind);
        let operation = format!("watch {}", kind.plural());
        // Spread, so that seven watches of many connections don't end together.
        let seconds = 240 + jitter(Duration::from_secs(60)).as_secs();
        let path = format!(
            "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={}",
            kube.path(kind.group(), kind.plural()),
            super::super::client::segment(version),
        );
        let mut stream = match kube.watch(&operation, &path).await {
            Ok(stream) => stream,
            // The only conflict that a watch can have is 410.
            Err(e) if e.kind == ErrorKind::Conflict => return End::TooOld,
            Err(e) => return End::Failed(e),
        };
        let mut lines = Lines::default();
        loop {
            let chunk = match tokio::time::timeout(SILENCE, stream.next()).await {
                Ok(Some(Ok(chunk))) => chunk,
                // Cut off or closed: what was only half there comes again, from the version of the last whole line.
                Ok(Some(Err(_)) | None) | Err(_) => return End::Over,
            };
            if !lines.push(&chunk) {
                return End::Failed(ProviderError::new(
                    ErrorKind::Garbled,
                    operation,
                    "A line of the watch doesn't end.",
                ));
            }
            while let Some(line) = lines.next_line() {
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                let Ok(event) = serde_json::from_slice::<WatchEvent>(&line) else {
                    return End::Failed(garbled(&operation));
                };
                let at = event.object["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
                let told = match event.word.as_str() {
                    "ADDED" | "MODIFIED" => observer.object(kind, Change::Changed, event.object).await,
                    "DELETED" => observer.object(kind, Change::Deleted, event.object).await,
                    "BOOKMARK" => observer.alive().await,
                    "ERROR" => return self.error(observer, &operation, &event.object),
                    _ => Ok(()),
                };
                if let Err(error) = told {
                    return End::Failed(error);
                }
                *heard = true;
                if !at.is_empty() {
                    *version = at;
                }
            }
        }
    }

    fn error(&self, observer: &Observer<'_>, operation: &str, status: &Value) -> End {
        let code = status["code"].as_u64().and_then(|c| u16::try_from(c).ok()).unwrap_or(500);
        if code == 410 {
            return End::TooOld;
        }
        let code = http::StatusCode::from_u16(code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let body = status.to_string();
        End::Failed(crate::provider::velero::error::refused(
            operation,
            code,
            &http::HeaderMap::new(),
            body.as_bytes(),
            &observer.kube().redact,
        ))
    }
}

/// Waits before the next try; gives the error back when it is not worth one, or was tried often enough.
async fn wait_after(error: ProviderError, failures: &mut u32) -> Result<(), ProviderError> {
    *failures += 1;
    // Longer than this is for the caller to wait, who can say so.
    let patience = Duration::from_secs(10);
    if !error.kind.retryable() || *failures > TRIES || error.retry_after.is_some_and(|wait| wait > patience) {
        return Err(error);
    }
    let grown = Duration::from_millis(200) * 2u32.pow(*failures - 1);
    tokio::time::sleep(error.retry_after.unwrap_or_default().max(jitter(grown))).await;
    Ok(())
}

/// Between half of it and all of it.
fn jitter(span: Duration) -> Duration {
    let part = f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX);
    span.mul_f64(0.5 + part / 2.0)
}
