//! The timeline of a definition.

use super::{Store, StoreError, Tx, row::Get};
use model::{DefinitionId, definition::TimelineEntry};

/// A line to write; its moment is the store's clock's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// One of the words of [`TimelineEntry::kind`].
    pub kind: &'static str,
    pub sentence: String,
    /// Who; `None` for Holdfast itself.
    pub actor: Option<String>,
}

impl Store {
    /// The newest lines first.
    pub async fn timeline(&self, id: &DefinitionId, limit: usize) -> Result<Vec<TimelineEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT at, kind, sentence, actor FROM timeline WHERE definition_id = $1 ORDER BY at DESC, id DESC LIMIT $2",
        )
        .bind(id.as_str())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.reader())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(TimelineEntry {
                    at: row.at("at")?,
                    kind: row.text("kind")?,
                    sentence: row.text("sentence")?,
                    actor: row.text_or_none("actor")?,
                })
            })
            .collect()
    }

    /// Adds a line that belongs to no other change.
    pub async fn add_line(&self, id: &DefinitionId, line: &Line) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.write_line(&mut tx, id, line).await?;
        self.commit(tx).await
    }

    /// Part of a transaction.
    pub(super) async fn write_line(&self, tx: &mut Tx, id: &DefinitionId, line: &Line) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO timeline (id, definition_id, at, kind, sentence, actor) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.new_id())
        .bind(id.as_str())
        .bind(self.now())
        .bind(line.kind)
        .bind(line.sentence.as_str())
        .bind(line.actor.as_deref())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
