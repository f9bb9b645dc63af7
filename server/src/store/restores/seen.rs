//! Restores as they are seen upstream.

use super::super::{
    BATCH_ROWS, Changed, Store, StoreError, StoreErrorKind, Tx,
    row::{Get, fingerprint, raw_phase, signed, write_json},
    seen::{Known, changed, last_of_each},
};
use crate::provider::RestoreSeen;
use model::{ConnectionId, Millis};
use std::collections::HashSet;

const KNOWN: &str = "id, upstream_name, fingerprint, NULL AS definition_id, sort_at, gone";
const GONE: &str = "UPDATE restores SET gone = 1 WHERE id = $1";

impl Store {
    /// Stores what was seen, in batches; only rows that differ are written. `NotFound` when the connection was removed.
    pub async fn store_restores(
        &self,
        connection: &ConnectionId,
        seen: &[RestoreSeen],
    ) -> Result<Vec<Changed>, StoreError> {
        let mut all = Vec::new();
        for batch in seen.chunks(BATCH_ROWS) {
            let batch = last_of_each(batch, |restore| &restore.name);
            let names: Vec<&str> = batch.iter().map(|restore| restore.name.as_str()).collect();
            let ordered: Vec<_> =
                batch.iter().filter_map(|seen| Some((seen.order.as_deref()?, seen.name.as_str()))).collect();
            self.name_orders("restores", connection, &ordered).await?;
            let known = self.known("restores", KNOWN, connection, &names).await?;
            let mut news = Vec::new();
            for restore in batch {
                let print = fingerprint(&(
                    (&restore.point, &restore.phase, &restore.raw_phase),
                    (restore.created, restore.started, restore.ended),
                    (&restore.mapping, &restore.detail),
                ))?;
                if known.get(&restore.name).is_none_or(|old| old.gone || old.fingerprint != print) {
                    news.push((restore, print));
                }
            }
            if news.is_empty() {
                continue;
            }
            let mut tx = self.begin().await?;
            for (restore, print) in news {
                let old = known.get(&restore.name);
                let id = self.write_restore(&mut tx, connection, restore, &print, old).await?;
                all.push(changed("restores", &id, None));
            }
            self.commit(tx).await?;
        }
        Ok(all)
    }

    async fn write_restore(
        &self,
        tx: &mut Tx,
        connection: &ConnectionId,
        restore: &RestoreSeen,
        print: &str,
        old: Option<&Known>,
    ) -> Result<String, StoreError> {
        let (now, items) = (self.now(), restore.detail.items);
        let sort_at = restore.started.or(restore.created).map_or_else(|| old.map_or(now, |old| old.sort_at), |at| at.0);
        let row = sqlx::query(
            "INSERT INTO restores (id, connection_id, upstream_name, point_name, phase, raw_phase, created_at, started_at,
               ended_at, sort_at, mapping, items_done, items_total, warnings, errors, message, detail, fingerprint, observed_at,
               title)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
             ON CONFLICT (connection_id, upstream_name) DO UPDATE SET
               point_name = excluded.point_name, phase = excluded.phase, raw_phase = excluded.raw_phase,
               created_at = excluded.created_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
               sort_at = excluded.sort_at, mapping = excluded.mapping, items_done = excluded.items_done,
               items_total = excluded.items_total, warnings = excluded.warnings, errors = excluded.errors,
               message = excluded.message, detail = excluded.detail, fingerprint = excluded.fingerprint,
               observed_at = excluded.observed_at, gone = 0, title = excluded.title
             RETURNING id",
        )
        .bind(old.map_or_else(|| self.new_id(), |old| old.id.clone()))
        .bind(connection.0.clone())
        .bind(restore.name.clone())
        .bind(restore.point.clone())
        .bind(restore.phase.key())
        .bind(raw_phase(&restore.phase, &restore.raw_phase).to_owned())
        .bind(restore.created.map(|at| at.0))
        .bind(restore.started.map(|at| at.0))
        .bind(restore.ended.map(|at| at.0))
        .bind(sort_at)
        .bind(write_json(&restore.mapping)?)
        .bind(items.map(|p| signed(p.done)))
        .bind(items.and_then(|p| p.total).map(signed))
        .bind(restore.detail.warnings.map(signed))
        .bind(restore.detail.errors.map(signed))
        .bind(restore.detail.message.clone())
        .bind(write_json(&restore.detail)?)
        .bind(print.to_owned())
        .bind(now)
        .bind(restore.detail.title.clone())
        .fetch_one(&mut **tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        row.text("id")
    }

    /// A full list that began at `began` ended with these upstream names: what was stored before and isn't among them is
    /// gone (it stays as history).
    pub async fn end_restore_list(
        &self,
        connection: &ConnectionId,
        names: &HashSet<String>,
        began: Millis,
    ) -> Result<Vec<Changed>, StoreError> {
        let sql = "SELECT id, upstream_name, NULL AS definition_id FROM restores
                   WHERE connection_id = $1 AND gone = 0 AND wanted = 0 AND observed_at < $2";
        let gone = self.not_among(sql, connection, names, began).await?;
        self.sweep("restores", GONE, gone).await
    }

    /// One is gone upstream.
    pub async fn restore_gone(&self, connection: &ConnectionId, name: &str) -> Result<Option<Changed>, StoreError> {
        let known = self.known("restores", KNOWN, connection, &[name]).await?;
        let gone = known.into_values().filter(|restore| !restore.gone).map(|restore| (restore.id, None)).collect();
        Ok(self.sweep("restores", GONE, gone).await?.pop())
    }
}
