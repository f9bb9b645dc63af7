//! Orders whose upstream name is known only afterwards: where the upstream itself names what it begins, the row is stored under
//! the name that it was ordered by, and takes the upstream's own as soon as that is known. Whoever learns it first, the reconciler
//! by the answer or the observer by a mark on what it sees, the row and its id stay the same.

use super::{Store, StoreError, Tx, row::Get};
use model::ConnectionId;
use sqlx::AssertSqlSafe;

/// What an observation writes, by table: taken over from a row that was observed before the name was known.
fn observed(table: &str) -> &'static str {
    match table {
        "runs" => {
            "phase, raw_phase, created_at, started_at, ended_at, sort_at, items_done, items_total, bytes_done, bytes_total,
             warnings, errors, message, location, detail, title, search, fingerprint, observed_at, gone"
        }
        _ => {
            "phase, raw_phase, created_at, started_at, ended_at, sort_at, items_done, items_total, warnings, errors, message,
             detail, title, fingerprint, observed_at, gone"
        }
    }
}

impl Store {
    /// The ordered row `id` is `name` upstream; unless another order has that name already, which is not taken from it.
    pub(super) async fn rename_order(
        &self,
        tx: &mut Tx,
        table: &'static str,
        id: &str,
        name: &str,
    ) -> Result<(), StoreError> {
        let row = sqlx::query(AssertSqlSafe(format!("SELECT connection_id, upstream_name FROM {table} WHERE id = $1")))
            .bind(id)
            .fetch_one(&mut **tx)
            .await?;
        let (connection, ordered) = (row.text("connection_id")?, row.text("upstream_name")?);
        if ordered == name {
            return Ok(());
        }
        let claimed = format!(
            "SELECT id FROM {table} WHERE connection_id = $2 AND upstream_name = $3 AND id <> $1 AND order_name IS NOT NULL"
        );
        let claimed = sqlx::query(AssertSqlSafe(claimed))
            .bind(id)
            .bind(connection.as_str())
            .bind(name)
            .fetch_optional(&mut **tx)
            .await?;
        if claimed.is_some() {
            tracing::warn!(table, id, name, "what is there upstream is another order's already");
            return Ok(());
        }
        let columns = observed(table);
        let other = format!("FROM {table} o WHERE o.connection_id = $2 AND o.upstream_name = $3 AND o.id <> $1");
        let take = format!(
            "UPDATE {table} SET ({columns}) = (SELECT {columns} {other}) WHERE id = $1 AND EXISTS (SELECT 1 {other})"
        );
        let drop = format!("DELETE FROM {table} WHERE connection_id = $2 AND upstream_name = $3 AND id <> $1");
        let rename = format!(
            "UPDATE {table} SET order_name = upstream_name, upstream_name = $3 WHERE id = $1 AND connection_id = $2"
        );
        for sql in [take, drop, rename] {
            sqlx::query(AssertSqlSafe(sql)).bind(id).bind(connection.as_str()).bind(name).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Of what was seen with the name that it was ordered by: `(ordered, upstream name)`. Rows that still stand under the first
    /// take the second.
    pub(super) async fn name_orders(
        &self,
        table: &'static str,
        connection: &ConnectionId,
        seen: &[(&str, &str)],
    ) -> Result<(), StoreError> {
        let ordered: Vec<&str> = seen.iter().map(|(ordered, _)| *ordered).collect();
        for row in &self.rows_named(table, "id, upstream_name", connection, &ordered).await? {
            let (id, stands_as) = (row.text("id")?, row.text("upstream_name")?);
            let Some((_, name)) = seen.iter().find(|(ordered, name)| *ordered == stands_as && ordered != name) else {
                continue;
            };
            let mut tx = self.begin().await?;
            self.rename_order(&mut tx, table, &id, name).await?;
            self.commit(tx).await?;
        }
        Ok(())
    }
}
