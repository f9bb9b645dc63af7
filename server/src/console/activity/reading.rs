//! Logs and results: read from the upstream because a person asked, bounded in size and time.

use crate::{
    console::{Console, in_time, lock, log},
    error::{ConsoleError, said},
    provider::{LogOf, LogStream, Provider},
};
use futures::StreamExt;
use model::{
    RestoreId, RunId,
    run::{LogPage, Results},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Reading a long log may take so long.
const LOG_PATIENCE: Duration = Duration::from_secs(60);

/// Results that are kept, at most.
const KEPT: usize = 64;
/// Results with more lines are read again each time.
const KEPT_LINES: usize = 1_000;

/// What a log or results can be had from, or why not.
enum Source {
    Upstream { provider: Arc<dyn Provider>, name: String, ended: bool },
    None(String),
}

/// Results of what has ended, which don't change any more: those that were looked at last, by their id.
#[derive(Debug, Default)]
pub(in crate::console) struct Kept(Mutex<VecDeque<(String, Results)>>);

impl Kept {
    fn get(&self, id: &str) -> Option<Results> {
        let mut kept = lock(&self.0);
        let at = kept.iter().position(|(held, _)| held == id)?;
        let found = kept.remove(at)?;
        let results = found.1.clone();
        kept.push_back(found);
        Some(results)
    }

    fn keep(&self, id: &str, results: &Results) {
        if results.unavailable.is_some() || results.errors.len() + results.warnings.len() > KEPT_LINES {
            return;
        }
        let mut kept = lock(&self.0);
        kept.retain(|(held, _)| held != id);
        kept.push_back((id.to_owned(), results.clone()));
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }
}

impl Console {
    pub(super) async fn open_log(&self, of: LogOf, id: &str) -> Result<LogStream, ConsoleError> {
        match self.source(of, id).await? {
            Source::Upstream { provider, name, .. } => Ok(in_time("read the log", provider.log(of, &name)).await?),
            Source::None(why) => Err(ConsoleError::NotNow(why)),
        }
    }

    pub(super) async fn read_log(&self, of: LogOf, id: &str, text: &str, level: &str) -> Result<LogPage, ConsoleError> {
        let unavailable = |why: String| LogPage { unavailable: Some(why), ..LogPage::default() };
        let (provider, name) = match self.source(of, id).await? {
            Source::Upstream { provider, name, .. } => (provider, name),
            Source::None(why) => return Ok(unavailable(why)),
        };
        let mut stream = match in_time("read the log", provider.log(of, &name)).await {
            Ok(stream) => stream,
            Err(error) => {
                tracing::info!(%error, "no log");
                return Ok(unavailable(said(&error)));
            }
        };
        let mut reader = log::Reader::new(log::Filter::new(text, level));
        let reading = async {
            while let Some(piece) = stream.next().await {
                match piece {
                    Ok(piece) if reader.take(&piece) => {}
                    // Full: whatever follows is not read.
                    Ok(_) => return true,
                    Err(error) => {
                        tracing::info!(%error, "the log broke off");
                        return true;
                    }
                }
            }
            false
        };
        let cut = tokio::time::timeout(LOG_PATIENCE, reading).await.unwrap_or(true);
        Ok(reader.finish(cut))
    }

    pub(super) async fn read_results(&self, of: LogOf, id: &str) -> Result<Results, ConsoleError> {
        let unavailable = |why: String| Results { unavailable: Some(why), ..Results::default() };
        let (provider, name, ended) = match self.source(of, id).await? {
            Source::Upstream { provider, name, ended } => (provider, name, ended),
            Source::None(why) => return Ok(unavailable(why)),
        };
        if let Some(results) = self.results().get(id) {
            return Ok(results);
        }
        match in_time("read the results", provider.results(of, &name)).await {
            Ok(results) => {
                if ended {
                    self.results().keep(id, &results);
                }
                Ok(results)
            }
            Err(error) => {
                tracing::info!(%error, "no results");
                Ok(unavailable(said(&error)))
            }
        }
    }

    async fn source(&self, of: LogOf, id: &str) -> Result<Source, ConsoleError> {
        let (connection, name, wanted, gone, ended) = match of {
            LogOf::Run => {
                let record = self.run_record(&RunId::from(id)).await?;
                let (run, wanted) = (record.row.run, record.wanted);
                (run.connection, run.name, wanted, run.gone, run.phase.is_final())
            }
            LogOf::Restore => {
                let view = self.store().restore(&RestoreId::from(id)).await;
                let restore = view.map_err(|error| super::absent(error, "restore"))?.restore;
                let ended = restore.phase.is_final();
                (restore.connection, restore.name, restore.waiting.is_some(), restore.gone, ended)
            }
        };
        if wanted {
            return Ok(Source::None("It has not begun yet.".into()));
        }
        if gone {
            return Ok(Source::None("The cluster no longer has it, nor its log.".into()));
        }
        Ok(Source::Upstream { provider: self.provider(&connection).await?, name, ended })
    }
}
