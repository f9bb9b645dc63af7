//! Work that one node at a time does: claimed by a lease, recorded only while the lease is still ours. The same columns in
//! four tables.

use super::{Store, StoreError, Tx, row::write_json};
use model::{Millis, run::RunDetail};
use sqlx::{AssertSqlSafe, any::AnyRow};

/// A table with lease columns, and which of its rows wait to be worked on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    pub(super) table: &'static str,
    pub(super) waiting: &'static str,
}

/// Rows of one table and one connection that are leased at the same time, over all nodes: a dead upstream shall not hold all
/// claims.
const EACH: i64 = 4;

impl Store {
    /// At most `limit` rows, the longest due first, and of one connection no more than [`EACH`] together with those that are
    /// leased already.
    ///
    /// One statement. The predicate stands twice: on PostgreSQL a second node's inner SELECT may have seen the row free
    /// before the first node's UPDATE was committed, and only the outer WHERE is looked at again.
    pub(super) async fn claim(
        &self,
        queue: Queue,
        node: &str,
        now: Millis,
        lease_ms: i64,
        limit: usize,
    ) -> Result<Vec<AnyRow>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let Queue { table, waiting } = queue;
        let free = format!("({waiting}) AND next_attempt_at <= $3 AND lease_until <= $3");
        // Looked at first, so that an idle reconciler never takes the write lock.
        let idle =
            format!("SELECT id FROM {table} WHERE ({waiting}) AND next_attempt_at <= $1 AND lease_until <= $1 LIMIT 1");
        if sqlx::query(AssertSqlSafe(idle)).bind(now.0).fetch_optional(self.reader()).await?.is_none() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "UPDATE {table} SET lease_owner = $1, lease_until = $2, claims = claims + 1
             WHERE id IN (
               SELECT id FROM (
                 SELECT id, connection_id, next_attempt_at,
                   ROW_NUMBER() OVER (PARTITION BY connection_id ORDER BY next_attempt_at, id) AS place
                 FROM {table} WHERE {free}) AS due
               WHERE place + (SELECT COUNT(*) FROM {table} AS held
                              WHERE held.connection_id = due.connection_id AND held.lease_until > $3) <= $5
               ORDER BY next_attempt_at, id LIMIT $4) AND {free}
             RETURNING *"
        );
        let mut tx = self.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(node)
            .bind(now.plus(lease_ms).0)
            .bind(now.0)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind(EACH)
            .fetch_all(&mut *tx)
            .await?;
        self.commit(tx).await?;
        Ok(rows)
    }

    /// Prolongs a lease; false when it is not ours any more.
    pub(super) async fn renew(
        &self,
        table: &'static str,
        id: &str,
        node: &str,
        until: Millis,
    ) -> Result<bool, StoreError> {
        let sql = format!("UPDATE {table} SET lease_until = $3 WHERE id = $1 AND lease_owner = $2");
        let done = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(node).bind(until.0).execute(&self.0.writer).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Records that an order has begun upstream, under another name if `name` says one; false when the lease is not ours any more.
    /// `observed_at` moves, because a list that began before doesn't have it and must not call it gone.
    pub(super) async fn begun(
        &self,
        table: &'static str,
        id: &str,
        node: &str,
        name: Option<&str>,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE {table} SET wanted = 0, lease_owner = NULL, lease_until = 0, last_error = NULL, observed_at = $3
             WHERE id = $1 AND lease_owner = $2"
        );
        let mut tx = self.begin().await?;
        let done = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(node).bind(self.now()).execute(&mut *tx).await?;
        let ours = done.rows_affected() > 0;
        if let (true, Some(name)) = (ours, name) {
            self.rename_order(&mut tx, table, id, name).await?;
        }
        self.commit(tx).await?;
        Ok(ours)
    }

    /// Records a failure that is tried again later.
    pub(super) async fn postpone(
        &self,
        table: &'static str,
        id: &str,
        node: &str,
        reason: &str,
        next_attempt_at: Millis,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE {table} SET attempts = attempts + 1, last_error = $3, next_attempt_at = $4, lease_owner = NULL, lease_until = 0
             WHERE id = $1 AND lease_owner = $2"
        );
        let mut tx = self.begin().await?;
        let done = sqlx::query(AssertSqlSafe(sql))
            .bind(id)
            .bind(node)
            .bind(reason)
            .bind(next_attempt_at.0)
            .execute(&mut *tx)
            .await?;
        self.commit(tx).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Records that an order will never be carried out, in the columns that `ends` sets (`$3` is the reason); false when the lease
    /// is not ours.
    pub(super) async fn give_up(
        &self,
        tx: &mut Tx,
        table: &'static str,
        ends: &'static str,
        id: &str,
        node: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE {table} SET {ends}, wanted = 0, last_error = $3, attempts = attempts + 1, lease_owner = NULL,
               lease_until = 0 WHERE id = $1 AND lease_owner = $2"
        );
        let done = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(node).bind(reason).execute(&mut **tx).await?;
        Ok(done.rows_affected() > 0)
    }

    /// [`Self::give_up`] of a run or a restore: it shows as failed, with the reason, and was never upstream.
    pub(super) async fn never_began(
        &self,
        tx: &mut Tx,
        table: &'static str,
        id: &str,
        node: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let ours = self.give_up(tx, table, "phase = 'failed', message = $3, gone = 1", id, node, reason).await?;
        if ours {
            let detail = RunDetail { message: Some(reason.to_owned()), ..RunDetail::default() };
            let sql = format!("UPDATE {table} SET detail = $2, ended_at = $3 WHERE id = $1");
            let query = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(write_json(&detail)?).bind(self.now());
            query.execute(&mut **tx).await?;
        }
        Ok(ours)
    }
}
