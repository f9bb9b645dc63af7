//! Restores: asked for here, or seen upstream.

mod seen;
mod wanted;

pub use wanted::{NewRestore, WantedRestore};

use super::{
    Store, StoreError, StoreErrorKind,
    page::{Pager, Value, Where},
    row::Get,
    runs::observed,
};
use model::{
    PointId, RestoreId,
    connection::Health,
    recovery::PointDetail,
    restore::Restore,
    run::RunDetail,
    view::{Page, RestoreView},
};
use sqlx::{AssertSqlSafe, any::AnyRow};

const BRIEF: &str = "t.id, t.connection_id, t.upstream_name, t.point_name, t.phase, t.raw_phase, t.created_at, t.started_at, \
    t.ended_at, t.sort_at, t.mapping, t.items_done, t.items_total, t.warnings, t.errors, t.message, t.observed_at, t.gone, \
    t.wanted, t.asked_by, t.last_error, t.title, p.id AS point_id, p.detail AS point_detail, c.name AS connection_name, c.health, c.last_seen";

const JOINED: &str = "restores t LEFT JOIN points p ON p.connection_id = t.connection_id AND p.upstream_name = t.point_name \
    LEFT JOIN connections c ON c.id = t.connection_id";

/// What is shown of an order that has had no failure yet.
const WAITING: &str = "Not yet sent.";

fn brief(row: &AnyRow) -> Result<RunDetail, StoreError> {
    Ok(RunDetail {
        items: row.progress("items_done", "items_total")?,
        warnings: row.count_or_none("warnings")?,
        errors: row.count_or_none("errors")?,
        message: row.text_or_none("message")?,
        title: row.text_or_none("title")?,
        ..RunDetail::default()
    })
}

fn read(row: &AnyRow, detail: RunDetail) -> Result<RestoreView, StoreError> {
    let gone = row.flag("gone")?;
    let waiting = if row.flag("wanted")? {
        Some(row.text_or_none("last_error")?.unwrap_or_else(|| WAITING.to_owned()))
    } else {
        None
    };
    Ok(RestoreView {
        restore: Restore {
            id: row.text("id")?.into(),
            connection: row.text("connection_id")?.into(),
            point: row.text_or_none("point_id")?.map(PointId),
            point_name: match row.json_or_none::<PointDetail>("point_detail")?.and_then(|point| point.title) {
                Some(title) => title,
                None => row.text("point_name")?,
            },
            name: row.text("upstream_name")?,
            phase: row.phase()?,
            raw_phase: row.text("raw_phase")?,
            asked_by: row.text_or_none("asked_by")?,
            created: row.at_or_none("created_at")?,
            started: row.at_or_none("started_at")?,
            ended: row.at_or_none("ended_at")?,
            mapping: row.json("mapping")?,
            detail,
            observed: observed(row, gone)?,
            gone,
            waiting,
        },
        logs_why_not: None,
        connection_name: row.text_or_none("connection_name")?.unwrap_or_default(),
        health: row.json_or_none("health")?.unwrap_or(Health::New),
    })
}

impl Store {
    /// A page of restores, newest first; `page` is a key or empty. Of `Restore::detail` only items, warnings, errors and message are
    /// read.
    pub async fn restores(&self, page: &str, limit: usize) -> Result<Page<RestoreView>, StoreError> {
        let mut conditions = Where::default();
        let total = self.total(&conditions, "restores t", JOINED, true).await?;
        let pager = Pager::new("restores", ("t.sort_at", "t.id"), false, true, page, limit);
        let order = pager.bound(&mut conditions);
        let rows = conditions.query(&format!("SELECT {BRIEF} FROM {JOINED}"), &order).fetch_all(self.reader()).await?;
        let rows: Vec<(i64, RestoreView)> = rows
            .iter()
            .map(|row| Ok((row.int("sort_at")?, read(row, brief(row)?)?)))
            .collect::<Result<_, StoreError>>()?;
        let (rows, next, previous) = pager.finish(rows, |(at, row)| (Value::Int(*at), row.restore.id.0.clone()));
        Ok(Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next, previous, total })
    }

    /// One in full, or `NotFound`.
    pub async fn restore(&self, id: &RestoreId) -> Result<RestoreView, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT {BRIEF}, t.detail FROM {JOINED} WHERE t.id = $1"));
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(self.reader()).await?;
        let row = row.ok_or_else(|| StoreError::new(StoreErrorKind::NotFound))?;
        read(&row, row.json("detail")?)
    }
}
