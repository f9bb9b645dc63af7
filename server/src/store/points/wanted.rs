//! Deletions of recovery points to ask for upstream.

use super::super::{AuditRow, Changed, Store, StoreError, StoreErrorKind, lease::Queue, row::Get, seen::changed};
use model::{ConnectionId, Millis, PointId};
use sqlx::any::AnyRow;

/// A deletion to ask for upstream, claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedDeletion {
    pub id: PointId,
    pub connection: ConnectionId,
    /// The point's upstream name.
    pub name: String,
    /// New with each order.
    pub order: String,
    pub asked_by: String,
    /// Failed ones so far.
    pub attempts: u32,
}

const QUEUE: Queue = Queue { table: "points", waiting: "wanted = 1" };

/// Who asked, of a deletion that was asked for outside Holdfast.
const ELSEWHERE: &str = "outside Holdfast";

fn read(row: &AnyRow) -> Result<WantedDeletion, StoreError> {
    Ok(WantedDeletion {
        id: row.text("id")?.into(),
        connection: row.text("connection_id")?.into(),
        name: row.text("upstream_name")?,
        order: row.text_or_none("order_id")?.unwrap_or_default(),
        asked_by: row.text_or_none("asked_by")?.unwrap_or_default(),
        attempts: row.small("attempts")?,
    })
}

impl Store {
    /// Orders the deletion of a point and its data. Twice is one order while the first is not yet sent; after a refusal it is
    /// asked again.
    pub async fn want_deletion(&self, id: &PointId, asked_by: &str, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE points SET order_id = CASE WHEN wanted = 1 THEN order_id ELSE $4 END,
               wanted = 1, asked_by = $2, asked_at = $3, refusal = NULL, attempts = 0, next_attempt_at = 0,
               last_error = NULL WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(asked_by)
        .bind(self.now())
        .bind(self.new_id())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::new(StoreErrorKind::NotFound));
        }
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Takes up to `limit` ordered deletions that are due and leased by nobody alive.
    pub async fn claim_deletions(
        &self,
        node: &str,
        now: Millis,
        lease_ms: i64,
        limit: usize,
    ) -> Result<Vec<WantedDeletion>, StoreError> {
        self.claim(QUEUE, node, now, lease_ms, limit).await?.iter().map(read).collect()
    }

    /// The upstream was asked; the point goes when it is no longer seen. False when the lease is not ours any more.
    pub async fn finish_deletion(&self, id: &PointId, node: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE points SET wanted = 0, lease_owner = NULL, lease_until = 0, last_error = NULL
             WHERE id = $1 AND lease_owner = $2",
        )
        .bind(id.as_str())
        .bind(node)
        .execute(&mut *tx)
        .await?;
        self.commit(tx).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The upstream could not be asked: tried again at `next_attempt_at`, or never (`None`: refused). False when the lease is
    /// not ours.
    pub async fn fail_deletion(
        &self,
        id: &PointId,
        node: &str,
        reason: &str,
        next_attempt_at: Option<Millis>,
    ) -> Result<bool, StoreError> {
        if let Some(at) = next_attempt_at {
            return self.postpone(QUEUE.table, id.as_str(), node, reason, at).await;
        }
        let mut tx = self.begin().await?;
        let ours = self.give_up(&mut tx, QUEUE.table, "refusal = $3", id.as_str(), node, reason).await?;
        self.commit(tx).await?;
        Ok(ours)
    }

    /// The upstream refused a deletion afterwards; whoever asked for it. `None` when that is known already.
    pub async fn deletion_refused(
        &self,
        connection: &ConnectionId,
        name: &str,
        reason: &str,
    ) -> Result<Option<Changed>, StoreError> {
        let known = sqlx::query("SELECT refusal FROM points WHERE connection_id = $1 AND upstream_name = $2")
            .bind(connection.as_str())
            .bind(name)
            .fetch_optional(self.reader())
            .await?;
        if known.is_none_or(|row| row.text_or_none("refusal").ok().flatten().as_deref() == Some(reason)) {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        // One that was asked for again meanwhile is not touched: this refusal is of the request before.
        let row = sqlx::query(
            "UPDATE points SET refusal = $3, asked_by = COALESCE(asked_by, $4), asked_at = COALESCE(asked_at, $5)
             WHERE connection_id = $1 AND upstream_name = $2 AND wanted = 0 RETURNING id, definition_id",
        )
        .bind(connection.as_str())
        .bind(name)
        .bind(reason)
        .bind(ELSEWHERE)
        .bind(self.now())
        .fetch_optional(&mut *tx)
        .await?;
        self.commit(tx).await?;
        row.map(|row| Ok(changed("points", &row.text("id")?, row.text_or_none("definition_id")?))).transpose()
    }
}
