//! What the three sorts of observations have in common: which rows are there already, to which definition an object belongs,
//! which rows a full list no longer has.

use super::{BATCH_ROWS, Changed, Store, StoreError, Tx, row::Get};
use model::{ConnectionId, DefinitionId, Millis};
use sqlx::{AssertSqlSafe, any::AnyRow};
use std::collections::{HashMap, HashSet};

/// A stored row of an observed object.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) fingerprint: String,
    pub(super) definition: Option<String>,
    pub(super) sort_at: i64,
    pub(super) gone: bool,
}

/// Definitions of a connection, by id and by upstream name.
#[derive(Debug, Default)]
pub(super) struct Links {
    ids: HashSet<String>,
    names: HashMap<String, String>,
}

impl Links {
    /// By label, else by the declared name. A label that names none of this connection's definitions counts for nothing.
    pub(super) fn find(&self, label: Option<&String>, declared: Option<&String>) -> Option<String> {
        label.filter(|id| self.ids.contains(*id)).or_else(|| declared.and_then(|name| self.names.get(name))).cloned()
    }
}

/// The last of each name, in order: of two states of one object only the newer is stored.
pub(super) fn last_of_each<T>(seen: &[T], name: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut known = HashSet::with_capacity(seen.len());
    let mut kept: Vec<&T> = seen.iter().rev().filter(|one| known.insert(name(one).to_owned())).collect();
    kept.reverse();
    kept
}

/// `$from, …` for [`BATCH_ROWS`] values: always as many, so that one prepared statement serves batches of every size.
fn places(from: usize) -> String {
    let all: Vec<String> = (from..from + BATCH_ROWS).map(|n| format!("${n}")).collect();
    all.join(", ")
}

impl Store {
    /// Rows of these upstream names, at most [`BATCH_ROWS`]. `columns` is our own text.
    pub(super) async fn rows_named(
        &self,
        table: &'static str,
        columns: &'static str,
        connection: &ConnectionId,
        names: &[&str],
    ) -> Result<Vec<AnyRow>, StoreError> {
        let Some(last) = names.last() else {
            return Ok(Vec::new());
        };
        let sql =
            format!("SELECT {columns} FROM {table} WHERE connection_id = $1 AND upstream_name IN ({})", places(2));
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(connection.0.clone());
        for place in 0..BATCH_ROWS {
            query = query.bind(names.get(place).unwrap_or(last).to_string());
        }
        Ok(query.fetch_all(self.reader()).await?)
    }

    /// What is stored of these, by upstream name.
    pub(super) async fn known(
        &self,
        table: &'static str,
        columns: &'static str,
        connection: &ConnectionId,
        names: &[&str],
    ) -> Result<HashMap<String, Known>, StoreError> {
        let rows = self.rows_named(table, columns, connection, names).await?;
        rows.iter()
            .map(|row| {
                let known = Known {
                    id: row.text("id")?,
                    fingerprint: row.text("fingerprint")?,
                    definition: row.text_or_none("definition_id")?,
                    sort_at: row.int("sort_at")?,
                    gone: row.flag("gone")?,
                };
                Ok((row.text("upstream_name")?, known))
            })
            .collect()
    }

    /// The definitions that objects of a connection may belong to.
    pub(super) async fn links(&self, connection: &ConnectionId) -> Result<Links, StoreError> {
        let rows = sqlx::query("SELECT id, upstream_name FROM definitions WHERE connection_id = $1")
            .bind(connection.as_str())
            .fetch_all(self.reader())
            .await?;
        let mut links = Links::default();
        for row in &rows {
            let id = row.text("id")?;
            links.names.insert(row.text("upstream_name")?, id.clone());
            links.ids.insert(id);
        }
        Ok(links)
    }

    /// Ids and definitions of what was stored before `began`, is upstream as far as we know, and isn't among `names`.
    pub(super) async fn not_among(
        &self,
        sql: &'static str,
        connection: &ConnectionId,
        names: &HashSet<String>,
        began: Millis,
    ) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let rows = sqlx::query(sql).bind(connection.as_str()).bind(began.0).fetch_all(self.reader()).await?;
        let mut gone = Vec::new();
        for row in &rows {
            if !names.contains(&row.text("upstream_name")?) {
                gone.push((row.text("id")?, row.text_or_none("definition_id")?));
            }
        }
        Ok(gone)
    }

    /// Runs `sql` for each id, in one transaction, and brings the definitions up to date.
    pub(super) async fn sweep(
        &self,
        sort: &'static str,
        sql: &'static str,
        gone: Vec<(String, Option<String>)>,
    ) -> Result<Vec<Changed>, StoreError> {
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        for (id, _) in &gone {
            sqlx::query(sql).bind(id.as_str()).execute(&mut *tx).await?;
        }
        let touched = gone.iter().filter_map(|(_, definition)| definition.clone()).collect();
        refresh(&mut tx, sort, touched, self.now()).await?;
        self.commit(tx).await?;
        Ok(gone.into_iter().map(|(id, definition)| changed(sort, &id, definition)).collect())
    }
}

pub(super) fn changed(sort: &str, id: &str, definition: Option<String>) -> Changed {
    Changed { topic: format!("{sort}:{id}"), definition: definition.map(DefinitionId) }
}

/// Keeps the definitions' columns in step with their runs or points. In the order of their ids, so that two nodes never wait
/// for each other in a circle. `now` in milliseconds decides which recovery points have expired.
pub(super) async fn refresh(tx: &mut Tx, sort: &str, definitions: HashSet<String>, now: i64) -> Result<(), StoreError> {
    let mut definitions: Vec<String> = definitions.into_iter().collect();
    definitions.sort_unstable();
    for id in definitions {
        match sort {
            "runs" => refresh_last_run(tx, &id).await?,
            "points" => refresh_newest_good(tx, &id, now).await?,
            _ => {}
        }
    }
    Ok(())
}

/// A run that vanished before its end says nothing about how it ended.
async fn refresh_last_run(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let run = sqlx::query(
        "SELECT id, sort_at, phase, raw_phase, items_done, items_total FROM runs
         WHERE definition_id = $1 AND (gone = 0 OR phase NOT IN ('queued', 'running'))
         ORDER BY sort_at DESC, id DESC LIMIT 1",
    )
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    let query = sqlx::query(
        "UPDATE definitions SET last_run_id = $2, last_run_at = $3, last_run_phase = $4, last_run_raw = $5,
           last_run_done = $6, last_run_total = $7 WHERE id = $1",
    )
    .bind(id);
    let query = match run {
        Some(run) => query
            .bind(Some(run.text("id")?))
            .bind(run.int("sort_at")?)
            .bind(Some(run.text("phase")?))
            .bind(Some(run.text("raw_phase")?))
            .bind(run.int_or_none("items_done")?)
            .bind(run.int_or_none("items_total")?),
        None => query
            .bind(None::<String>)
            .bind(0_i64)
            .bind(None::<String>)
            .bind(None::<String>)
            .bind(None::<i64>)
            .bind(None::<i64>),
    };
    query.execute(&mut **tx).await?;
    Ok(())
}

/// One that has expired is as good as gone, whenever its upstream gets round to removing it.
async fn refresh_newest_good(tx: &mut Tx, id: &str, now: i64) -> Result<(), StoreError> {
    let newest = sqlx::query(
        "SELECT sort_at, expires_at FROM points
         WHERE definition_id = $1 AND state = 'whole' AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY sort_at DESC, id DESC LIMIT 1",
    )
    .bind(id)
    .bind(now)
    .fetch_optional(&mut **tx)
    .await?;
    let (at, until) = match &newest {
        Some(row) => (row.int("sort_at")?, row.int_or_none("expires_at")?),
        None => (0, None),
    };
    sqlx::query("UPDATE definitions SET newest_good = $2, good_until = $3 WHERE id = $1")
        .bind(id)
        .bind(at)
        .bind(until)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// Brings definitions up to date whose newest good point has expired by `now`; answers them. Cheap when there are none.
    pub async fn drop_expired_good(&self, now: Millis) -> Result<Vec<DefinitionId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM definitions WHERE good_until <= $1")
            .bind(now.0)
            .fetch_all(self.reader())
            .await?;
        let expired: HashSet<String> = rows.iter().map(|row| row.text("id")).collect::<Result<_, _>>()?;
        if expired.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        refresh(&mut tx, "points", expired.clone(), now.0).await?;
        self.commit(tx).await?;
        Ok(expired.into_iter().map(DefinitionId).collect())
    }
}
