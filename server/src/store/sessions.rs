//! Signed-in browsers. Only a hash of the cookie's token is kept.

use super::{AuditRow, Store, StoreError, StoreErrorKind, UserRow, row::Get, users};
use model::{Millis, SessionId, UserId};
use sqlx::any::AnyRow;

/// A stored session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub user: UserId,
    pub created_at: Millis,
    pub last_used: Millis,
    pub expires_at: Millis,
    pub browser: String,
    pub address: String,
}

/// A session to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    pub id: SessionId,
    pub user: UserId,
    pub token_hash: String,
    pub expires_at: Millis,
    pub browser: String,
    pub address: String,
}

fn read(row: &AnyRow) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: row.text("session_id")?.into(),
        user: row.text("user_id")?.into(),
        created_at: row.at("began_at")?,
        last_used: row.at("last_used")?,
        expires_at: row.at("expires_at")?,
        browser: row.text("browser")?,
        address: row.text("address")?,
    })
}

impl Store {
    /// Begins a session, notes the account's sign-in and writes the audit row.
    pub async fn begin_session(&self, new: &NewSession, audit: &AuditRow) -> Result<(), StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        sqlx::query(
            "INSERT INTO sessions (id, user_id, token_hash, created_at, last_used, expires_at, browser, address)
             VALUES ($1, $2, $3, $4, $4, $5, $6, $7)",
        )
        .bind(new.id.as_str())
        .bind(new.user.as_str())
        .bind(new.token_hash.as_str())
        .bind(now)
        .bind(new.expires_at.0)
        .bind(new.browser.as_str())
        .bind(new.address.as_str())
        .execute(&mut *tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        sqlx::query("UPDATE users SET last_sign_in = $2 WHERE id = $1")
            .bind(new.user.as_str())
            .bind(now)
            .execute(&mut *tx)
            .await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// The living session of a token hash with its account, in one read; `None` when it expired or the account is disabled.
    pub async fn session(&self, token_hash: &str, now: Millis) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
        let row = sqlx::query(
            "SELECT s.id AS session_id, s.user_id, s.created_at AS began_at, s.last_used, s.expires_at, s.browser, s.address, u.*
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled = 0",
        )
        .bind(token_hash)
        .bind(now.0)
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| Ok((read(&row)?, users::read(&row)?))).transpose()
    }

    /// Notes that it was used. Call it rarely (once a minute): it writes.
    pub async fn touch_session(&self, id: &SessionId, now: Millis, expires_at: Millis) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET last_used = $2, expires_at = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(now.0)
            .bind(expires_at.0)
            .execute(&self.0.writer)
            .await?;
        Ok(())
    }

    /// An account's living ones, last used first.
    pub async fn sessions(&self, user: &UserId, now: Millis) -> Result<Vec<SessionRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id AS session_id, user_id, created_at AS began_at, last_used, expires_at, browser, address
             FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY last_used DESC, id DESC",
        )
        .bind(user.as_str())
        .bind(now.0)
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(read).collect()
    }

    /// Ends one of an account's sessions; false when it has no such.
    pub async fn end_session(&self, user: &UserId, id: &SessionId, audit: &AuditRow) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
            .bind(id.as_str())
            .bind(user.as_str())
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await?;
        Ok(true)
    }

    /// Drops those that expired; answers how many.
    pub async fn drop_expired_sessions(&self, now: Millis) -> Result<u64, StoreError> {
        let done =
            sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now.0).execute(&self.0.writer).await?;
        Ok(done.rows_affected())
    }
}
