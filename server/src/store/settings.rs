//! Single values of the whole installation.

use super::{AuditRow, Store, StoreError, StoreErrorKind, row::Get};

impl Store {
    /// A value, when it was set.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row =
            sqlx::query("SELECT value FROM settings WHERE key = $1").bind(key).fetch_optional(self.reader()).await?;
        row.map(|row| row.text("value")).transpose()
    }

    /// Sets a value.
    pub async fn set_setting(&self, key: &str, value: &str, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&mut *tx)
        .await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// The value of a key, setting it to `value` when there is none: the same answer for all nodes that ask at once.
    pub async fn setting_or(&self, key: &str, value: &str) -> Result<String, StoreError> {
        if let Some(value) = self.setting(key).await? {
            return Ok(value);
        }
        sqlx::query("INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
            .bind(key)
            .bind(value)
            .execute(&self.0.writer)
            .await?;
        // Another node may have been first.
        self.setting(key).await?.ok_or_else(|| StoreError::new(StoreErrorKind::NotFound))
    }
}
