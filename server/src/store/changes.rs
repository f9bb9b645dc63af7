//! What changed, for the other nodes' event streams.

use super::{Store, StoreError, row::Get};
use std::collections::HashMap;

/// So far the nodes' clocks may be apart, together with the time that a transaction takes.
const OVERLAP_MS: i64 = 30_000;
const KEPT_MS: i64 = 60_000;

/// What a node has read of the others' changes. Ids are made by several clocks and committed in any order, so that "after the last
/// one" would lose some: the last half minute is read again and what is known is left out.
#[derive(Clone, Debug, Default)]
pub struct ChangeCursor {
    /// Ids that were delivered, with their moment.
    known: HashMap<String, i64>,
    begun: bool,
}

impl Store {
    /// Tells the other nodes.
    pub async fn add_changes(&self, node: &str, topics: &[String]) -> Result<(), StoreError> {
        if topics.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for topic in topics {
            sqlx::query("INSERT INTO changes (id, at, node, topic) VALUES ($1, $2, $3, $4)")
                .bind(self.new_id())
                .bind(self.now())
                .bind(node)
                .bind(topic.as_str())
                .execute(&mut *tx)
                .await?;
        }
        // Not counted as a write: nothing that pages read has changed.
        Ok(tx.commit().await?)
    }

    /// Topics of the other nodes since the last call; the first call answers none.
    pub async fn other_changes(&self, node: &str, cursor: &mut ChangeCursor) -> Result<Vec<String>, StoreError> {
        let since = self.now().saturating_sub(OVERLAP_MS);
        let rows = sqlx::query("SELECT id, at, topic FROM changes WHERE at >= $1 AND node <> $2 ORDER BY at, id")
            .bind(since)
            .bind(node)
            .fetch_all(self.reader())
            .await?;
        let mut news = Vec::new();
        for row in &rows {
            if cursor.known.insert(row.text("id")?, row.int("at")?).is_none() && cursor.begun {
                news.push(row.text("topic")?);
            }
        }
        cursor.begun = true;
        cursor.known.retain(|_, at| *at >= since);
        if !news.is_empty() {
            // What this process has read before may be out of date.
            self.0.writes.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
        }
        Ok(news)
    }

    /// Drops what is older than a minute; answers how many.
    pub async fn drop_old_changes(&self) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM changes WHERE at < $1")
            .bind(self.now().saturating_sub(KEPT_MS))
            .execute(&self.0.writer)
            .await?;
        Ok(done.rows_affected())
    }
}
