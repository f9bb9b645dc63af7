//! Definitions as the status page and workspaces read them: all at once, with what they take in.

use super::{
    super::{Store, StoreError, row::Get},
    list::{COLUMNS, DefinitionListRow, POLICY, read, upstreams},
};
use model::{Millis, definition::Definition};
use sqlx::AssertSqlSafe;

/// A definition of which the status page judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedDefinition {
    pub row: DefinitionListRow,
    pub definition: Definition,
    /// When its newest whole recovery point expires; `None`: never, or there is none.
    pub good_until: Option<Millis>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

impl Store {
    /// All definitions that can be read, most exposed first. For one that can't, the rest is not withheld.
    pub async fn watched_definitions(&self) -> Result<Vec<WatchedDefinition>, StoreError> {
        let mut connection = self.reader().acquire().await?;
        let (upstreams, _) = upstreams(&mut connection).await?;
        let sql = format!(
            "SELECT {COLUMNS}, d.good_until, d.created_at FROM definitions d {POLICY} ORDER BY d.newest_good, d.id"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *connection).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(listed) = read(row, &upstreams)? else { continue };
            let definition = match row.json("body") {
                Ok(definition) => definition,
                Err(error) => {
                    tracing::error!(%error, definition = %listed.id, "a definition can't be read and is not judged");
                    continue;
                }
            };
            all.push(WatchedDefinition {
                row: listed,
                definition,
                good_until: row.at_or_none("good_until")?,
                created_at: row.at("created_at")?,
                updated_at: row.at("updated_at")?,
            });
        }
        Ok(all)
    }
}
