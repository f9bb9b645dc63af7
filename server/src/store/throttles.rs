//! Failed sign-ins, by account and by address.

use super::{Store, StoreError, row::Get};
use model::Millis;

/// Failures within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    pub failures: i64,
    /// When the count begins anew.
    pub window_ends: Millis,
    /// No attempt is looked at before.
    pub blocked_till: Millis,
}

impl Store {
    /// The failures of a key (`name:admin`, `address:192.0.2.1`), when its window or its block isn't over.
    pub async fn throttle(&self, key: &str, now: Millis) -> Result<Option<Throttle>, StoreError> {
        let row = sqlx::query(
            "SELECT failures, window_ends, blocked_till FROM throttles
             WHERE key = $1 AND (window_ends > $2 OR blocked_till > $2)",
        )
        .bind(key)
        .bind(now.0)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| {
            Ok(Throttle {
                failures: row.int("failures")?,
                window_ends: row.at("window_ends")?,
                blocked_till: row.at("blocked_till")?,
            })
        })
        .transpose()
    }

    /// Counts one more failure in one transaction. The window begins with the first failure and lasts `window_ms`; `block` says
    /// from the new number of failures for how many milliseconds no attempt is looked at.
    pub async fn count_failure(
        &self,
        key: &str,
        now: Millis,
        window_ms: i64,
        block: impl Fn(i64) -> i64 + Send + Sync,
    ) -> Result<Throttle, StoreError> {
        let mut tx = self.begin().await?;
        // The upsert takes the row's lock, so that failures on two nodes are both counted.
        let row = sqlx::query(
            "INSERT INTO throttles (key, failures, window_ends, blocked_till) VALUES ($1, 1, $3, 0)
             ON CONFLICT (key) DO UPDATE SET
               failures = CASE WHEN throttles.window_ends > $2 THEN throttles.failures + 1 ELSE 1 END,
               window_ends = CASE WHEN throttles.window_ends > $2 THEN throttles.window_ends ELSE excluded.window_ends END
             RETURNING failures, window_ends, blocked_till",
        )
        .bind(key)
        .bind(now.0)
        .bind(now.plus(window_ms).0)
        .fetch_one(&mut *tx)
        .await?;
        let failures = row.int("failures")?;
        let mut blocked_till = row.at("blocked_till")?;
        let blocked_ms = block(failures);
        if blocked_ms > 0 {
            blocked_till = blocked_till.max(now.plus(blocked_ms));
        }
        sqlx::query("UPDATE throttles SET blocked_till = $2 WHERE key = $1")
            .bind(key)
            .bind(blocked_till.0)
            .execute(&mut *tx)
            .await?;
        self.commit(tx).await?;
        Ok(Throttle { failures, window_ends: row.at("window_ends")?, blocked_till })
    }

    /// Forgets a key, after a success.
    pub async fn clear_throttle(&self, key: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM throttles WHERE key = $1").bind(key).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Drops those whose window and block are over; answers how many.
    pub async fn drop_old_throttles(&self, now: Millis) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM throttles WHERE window_ends <= $1 AND blocked_till <= $1")
            .bind(now.0)
            .execute(&self.0.writer)
            .await?;
        Ok(done.rows_affected())
    }
}
