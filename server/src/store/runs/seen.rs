//! Runs as they are seen upstream.

use super::super::{
    BATCH_ROWS, Changed, Store, StoreError, StoreErrorKind, Tx,
    row::{Get, fingerprint, raw_phase, signed, write_json, write_trigger},
    seen::{Known, changed, last_of_each, refresh},
};
use crate::provider::RunSeen;
use model::{ConnectionId, Millis, run::Progress};
use std::collections::{HashMap, HashSet};

const KNOWN: &str = "id, upstream_name, fingerprint, definition_id, sort_at, gone";
const GONE: &str = "UPDATE runs SET gone = 1 WHERE id = $1";

fn done(progress: Option<Progress>) -> (Option<i64>, Option<i64>) {
    (progress.map(|p| signed(p.done)), progress.and_then(|p| p.total).map(signed))
}

impl Store {
    /// Stores what was seen, in batches of [`BATCH_ROWS`]; only rows that differ are written. `NotFound` when the connection was removed. The definition is found
    /// by label, else by the declared upstream name, else stays what it was. Definitions' last run is kept up to date.
    pub async fn store_runs(&self, connection: &ConnectionId, seen: &[RunSeen]) -> Result<Vec<Changed>, StoreError> {
        let mut all = Vec::new();
        for batch in seen.chunks(BATCH_ROWS) {
            let batch = last_of_each(batch, |run| &run.name);
            let names: Vec<&str> = batch.iter().map(|run| run.name.as_str()).collect();
            let ordered: Vec<_> =
                batch.iter().filter_map(|run| Some((run.order.as_deref()?, run.name.as_str()))).collect();
            self.name_orders("runs", connection, &ordered).await?;
            let (links, known) = (self.links(connection).await?, self.known("runs", KNOWN, connection, &names).await?);
            let mut news = Vec::new();
            for run in batch {
                let old = known.get(&run.name);
                let definition = links
                    .find(run.definition.as_ref(), run.declared.as_ref())
                    .or_else(|| old.and_then(|old| old.definition.clone()));
                let print = fingerprint(&(
                    &definition,
                    (&run.phase, &run.raw_phase, &run.trigger),
                    (run.created, run.started, run.ended),
                    &run.detail,
                ))?;
                if old.is_none_or(|old| old.gone || old.fingerprint != print) {
                    news.push((run, definition, print));
                }
            }
            if !news.is_empty() {
                all.extend(self.write_runs(connection, news, &known).await?);
            }
        }
        Ok(all)
    }

    async fn write_runs(
        &self,
        connection: &ConnectionId,
        news: Vec<(&RunSeen, Option<String>, String)>,
        known: &HashMap<String, Known>,
    ) -> Result<Vec<Changed>, StoreError> {
        let (mut tx, mut all, mut touched) = (self.begin().await?, Vec::new(), HashSet::new());
        for (run, definition, print) in news {
            let old = known.get(&run.name);
            touched.extend(definition.clone());
            touched.extend(old.and_then(|old| old.definition.clone()));
            let id = self.write_run(&mut tx, connection, run, definition.as_deref(), &print, old).await?;
            all.push(changed("runs", &id, definition));
        }
        refresh(&mut tx, "runs", touched, self.now()).await?;
        self.commit(tx).await?;
        Ok(all)
    }

    async fn write_run(
        &self,
        tx: &mut Tx,
        connection: &ConnectionId,
        run: &RunSeen,
        definition: Option<&str>,
        print: &str,
        old: Option<&Known>,
    ) -> Result<String, StoreError> {
        let now = self.now();
        let sort_at = run.started.or(run.created).map_or_else(|| old.map_or(now, |old| old.sort_at), |at| at.0);
        let (items, bytes) = (done(run.detail.items), done(run.detail.bytes));
        let row = sqlx::query(
            "INSERT INTO runs (id, connection_id, upstream_name, definition_id, phase, raw_phase, run_trigger, created_at,
               started_at, ended_at, sort_at, items_done, items_total, bytes_done, bytes_total, warnings, errors, message,
               location, detail, fingerprint, observed_at, title, search)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
               $24)
             ON CONFLICT (connection_id, upstream_name) DO UPDATE SET
               definition_id = COALESCE(excluded.definition_id, runs.definition_id), phase = excluded.phase,
               raw_phase = excluded.raw_phase,
               run_trigger = CASE WHEN runs.asked_by IS NULL THEN excluded.run_trigger ELSE runs.run_trigger END,
               created_at = excluded.created_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
               sort_at = excluded.sort_at, items_done = excluded.items_done, items_total = excluded.items_total,
               bytes_done = excluded.bytes_done, bytes_total = excluded.bytes_total, warnings = excluded.warnings,
               errors = excluded.errors, message = excluded.message, location = excluded.location,
               detail = excluded.detail, fingerprint = excluded.fingerprint, observed_at = excluded.observed_at, gone = 0,
               title = excluded.title, search = excluded.search
             RETURNING id",
        )
        .bind(old.map_or_else(|| self.new_id(), |old| old.id.clone()))
        .bind(connection.0.clone())
        .bind(run.name.clone())
        .bind(definition.map(str::to_owned))
        .bind(run.phase.key())
        .bind(raw_phase(&run.phase, &run.raw_phase).to_owned())
        .bind(write_trigger(&run.trigger))
        .bind(run.created.map(|at| at.0))
        .bind(run.started.map(|at| at.0))
        .bind(run.ended.map(|at| at.0))
        .bind(sort_at)
        .bind(items.0)
        .bind(items.1)
        .bind(bytes.0)
        .bind(bytes.1)
        .bind(run.detail.warnings.map(signed))
        .bind(run.detail.errors.map(signed))
        .bind(run.detail.message.clone())
        .bind(run.detail.location.clone())
        .bind(write_json(&run.detail)?)
        .bind(print.to_owned())
        .bind(now)
        .bind(run.detail.title.clone())
        .bind(run.detail.title.as_deref().unwrap_or_default().to_lowercase())
        .fetch_one(&mut **tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        row.text("id")
    }

    /// A full list that began at `began` ended with these upstream names: what was stored before and isn't among them is
    /// gone (it stays as history).
    pub async fn end_run_list(
        &self,
        connection: &ConnectionId,
        names: &HashSet<String>,
        began: Millis,
    ) -> Result<Vec<Changed>, StoreError> {
        let sql = "SELECT id, upstream_name, definition_id FROM runs
                   WHERE connection_id = $1 AND gone = 0 AND wanted = 0 AND observed_at < $2";
        let gone = self.not_among(sql, connection, names, began).await?;
        self.sweep("runs", GONE, gone).await
    }

    /// One is gone upstream.
    pub async fn run_gone(&self, connection: &ConnectionId, name: &str) -> Result<Option<Changed>, StoreError> {
        let known = self.known("runs", KNOWN, connection, &[name]).await?;
        let gone = known.into_values().filter(|run| !run.gone).map(|run| (run.id, run.definition)).collect();
        Ok(self.sweep("runs", GONE, gone).await?.pop())
    }
}
