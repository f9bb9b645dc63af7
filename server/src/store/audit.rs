//! Who did what, and from where. Written in the transaction of the change.

use super::{Store, StoreError, Tx, row::Get};
use model::Millis;

/// `action` of a sign-in that was refused. Anybody can make such rows, so that they alone are not kept for ever.
pub const REFUSED: &str = "session.refused";
/// How long those are kept: 30 days.
const REFUSED_KEPT_MS: i64 = 30 * 24 * 3_600_000;

/// A row to write; its moment is the store's clock's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditRow {
    /// The account's name; `holdfast` for the process itself.
    pub actor: String,
    pub address: String,
    /// `definition.create`, `session.begin`.
    pub action: String,
    /// What it was done to: an id, or a name where there is none.
    pub subject: String,
    /// In words; never a secret.
    pub detail: String,
}

/// A stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub id: String,
    pub at: Millis,
    pub row: AuditRow,
}

impl Store {
    /// Writes a row that belongs to no change, such as a failed sign-in.
    pub async fn add_audit(&self, row: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.write_audit(&mut tx, row).await?;
        self.commit(tx).await
    }

    /// Drops the rows of sign-ins that were refused more than 30 days ago; answers how many. All others stay.
    pub async fn drop_old_refusals(&self, now: Millis) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM audit WHERE at < $1 AND action = $2")
            .bind(now.0.saturating_sub(REFUSED_KEPT_MS))
            .bind(REFUSED)
            .execute(&self.0.writer)
            .await?;
        Ok(done.rows_affected())
    }

    /// Part of a transaction.
    pub(super) async fn write_audit(&self, tx: &mut Tx, row: &AuditRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO audit (id, at, actor, address, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.new_id())
        .bind(self.now())
        .bind(row.actor.as_str())
        .bind(row.address.as_str())
        .bind(row.action.as_str())
        .bind(row.subject.as_str())
        .bind(row.detail.as_str())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// The newest rows, older than the entry `before` when one is given.
    pub async fn audit(&self, before: Option<&AuditEntry>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let (at, id) = before.map_or((i64::MAX, ""), |entry| (entry.at.0, entry.id.as_str()));
        let rows = sqlx::query(
            "SELECT id, at, actor, address, action, subject, detail FROM audit
             WHERE (at, id) < ($1, $2) ORDER BY at DESC, id DESC LIMIT $3",
        )
        .bind(at)
        .bind(id)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    id: row.text("id")?,
                    at: row.at("at")?,
                    row: AuditRow {
                        actor: row.text("actor")?,
                        address: row.text("address")?,
                        action: row.text("action")?,
                        subject: row.text("subject")?,
                        detail: row.text("detail")?,
                    },
                })
            })
            .collect()
    }
}
