//! Recovery points as they are seen upstream.

use super::super::{
    BATCH_ROWS, Changed, Store, StoreError, StoreErrorKind, Tx,
    row::{Get, fingerprint, signed, write_json},
    seen::{Known, changed, last_of_each, refresh},
};
use crate::provider::PointSeen;
use model::{ConnectionId, Millis, recovery::PointState};
use std::collections::{HashMap, HashSet};

const KNOWN: &str = "id, upstream_name, fingerprint, definition_id, sort_at, 0 AS gone";
const GONE: &str = "DELETE FROM points WHERE id = $1";

impl Store {
    /// Stores what was seen, in batches; only rows that differ are written. `NotFound` when the connection was removed. Runs should be stored first, so that points which
    /// carry no label find their definition through them. Definitions' newest good point is kept up to date.
    pub async fn store_points(
        &self,
        connection: &ConnectionId,
        seen: &[PointSeen],
    ) -> Result<Vec<Changed>, StoreError> {
        let mut all = Vec::new();
        for batch in seen.chunks(BATCH_ROWS) {
            let batch = last_of_each(batch, |point| &point.name);
            let names: Vec<&str> = batch.iter().map(|point| point.name.as_str()).collect();
            let (links, known) =
                (self.links(connection).await?, self.known("points", KNOWN, connection, &names).await?);
            let runs: Vec<&str> = batch.iter().filter_map(|point| point.run.as_deref()).collect();
            let runs = self.definitions_of_runs(connection, &runs).await?;
            let mut news = Vec::new();
            for point in batch {
                let old = known.get(&point.name);
                let definition = links
                    .find(point.definition.as_ref(), point.declared.as_ref())
                    .or_else(|| point.run.as_ref().and_then(|run| runs.get(run).cloned()))
                    .or_else(|| old.and_then(|old| old.definition.clone()));
                let print = fingerprint(&(
                    (&definition, &point.run, &point.state),
                    (point.taken, point.expires, point.items),
                    (&point.location, &point.namespaces, &point.detail),
                ))?;
                if old.is_none_or(|old| old.fingerprint != print) {
                    news.push((point, definition, print));
                }
            }
            if !news.is_empty() {
                all.extend(self.write_points(connection, news, &known).await?);
            }
        }
        Ok(all)
    }

    async fn definitions_of_runs(
        &self,
        connection: &ConnectionId,
        runs: &[&str],
    ) -> Result<HashMap<String, String>, StoreError> {
        let rows = self.rows_named("runs", "upstream_name, definition_id", connection, runs).await?;
        let mut found = HashMap::with_capacity(rows.len());
        for row in &rows {
            if let Some(definition) = row.text_or_none("definition_id")? {
                found.insert(row.text("upstream_name")?, definition);
            }
        }
        Ok(found)
    }

    async fn write_points(
        &self,
        connection: &ConnectionId,
        news: Vec<(&PointSeen, Option<String>, String)>,
        known: &HashMap<String, Known>,
    ) -> Result<Vec<Changed>, StoreError> {
        let (mut tx, mut all, mut touched) = (self.begin().await?, Vec::new(), HashSet::new());
        for (point, definition, print) in news {
            let old = known.get(&point.name);
            touched.extend(definition.clone());
            touched.extend(old.and_then(|old| old.definition.clone()));
            let id = self.write_point(&mut tx, connection, point, definition.as_deref(), &print, old).await?;
            all.push(changed("points", &id, definition));
        }
        refresh(&mut tx, "points", touched, self.now()).await?;
        self.commit(tx).await?;
        Ok(all)
    }

    async fn write_point(
        &self,
        tx: &mut Tx,
        connection: &ConnectionId,
        point: &PointSeen,
        definition: Option<&str>,
        print: &str,
        old: Option<&Known>,
    ) -> Result<String, StoreError> {
        let now = self.now();
        let raw = match &point.state {
            PointState::Unknown(word) => word.as_str(),
            _ => "",
        };
        let row = sqlx::query(
            "INSERT INTO points (id, connection_id, upstream_name, definition_id, run_name, state, raw_state, taken_at,
               expires_at, sort_at, location, namespaces, items, fingerprint, observed_at, detail, search)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             ON CONFLICT (connection_id, upstream_name) DO UPDATE SET
               definition_id = COALESCE(excluded.definition_id, points.definition_id), run_name = excluded.run_name,
               state = excluded.state, raw_state = excluded.raw_state, taken_at = excluded.taken_at,
               expires_at = excluded.expires_at, sort_at = excluded.sort_at, location = excluded.location,
               namespaces = excluded.namespaces, items = excluded.items, fingerprint = excluded.fingerprint,
               observed_at = excluded.observed_at, detail = excluded.detail, search = excluded.search
             RETURNING id",
        )
        .bind(old.map_or_else(|| self.new_id(), |old| old.id.clone()))
        .bind(connection.0.clone())
        .bind(point.name.clone())
        .bind(definition.map(str::to_owned))
        .bind(point.run.clone())
        .bind(point.state.key())
        .bind(raw.to_owned())
        .bind(point.taken.map(|at| at.0))
        .bind(point.expires.map(|at| at.0))
        .bind(point.taken.map_or_else(|| old.map_or(now, |old| old.sort_at), |at| at.0))
        .bind(point.location.clone())
        .bind(write_json(&point.namespaces)?)
        .bind(point.items.map(signed))
        .bind(print.to_owned())
        .bind(now)
        .bind(write_json(&point.detail)?)
        .bind(point.detail.title.as_deref().unwrap_or_default().to_lowercase())
        .fetch_one(&mut **tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        row.text("id")
    }

    /// A full list that began at `began` ended with these upstream names: the rows of others are dropped.
    pub async fn end_point_list(
        &self,
        connection: &ConnectionId,
        names: &HashSet<String>,
        began: Millis,
    ) -> Result<Vec<Changed>, StoreError> {
        let sql = "SELECT id, upstream_name, definition_id FROM points WHERE connection_id = $1 AND observed_at < $2";
        let gone = self.not_among(sql, connection, names, began).await?;
        self.sweep("points", GONE, gone).await
    }

    /// One is gone upstream: its row is dropped.
    pub async fn point_gone(&self, connection: &ConnectionId, name: &str) -> Result<Option<Changed>, StoreError> {
        let known = self.known("points", KNOWN, connection, &[name]).await?;
        let gone = known.into_values().map(|point| (point.id, point.definition)).collect();
        Ok(self.sweep("points", GONE, gone).await?.pop())
    }
}
