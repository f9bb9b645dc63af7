//! Recovery points, and orders to delete them.

mod seen;
mod wanted;

pub use wanted::WantedDeletion;

use super::{
    Store, StoreError,
    page::{Pager, Value, Where},
    row::Get,
    runs::observed,
};
use model::{
    DefinitionId, PointId, RunId,
    recovery::{Deletion, PointState, RecoveryPoint},
    view::{Page, PointFilter, PointRow},
};
use sqlx::any::AnyRow;

const COLUMNS: &str = "p.id, p.connection_id, p.upstream_name, p.definition_id, p.state, p.raw_state, p.taken_at, p.expires_at, \
    p.sort_at, p.location, p.namespaces, p.items, p.detail, p.observed_at, p.asked_by, p.asked_at, p.refusal, r.id AS run_id, \
    d.name AS definition_name, c.name AS connection_name, c.silent, c.last_seen";

const JOINED: &str = "points p LEFT JOIN runs r ON r.connection_id = p.connection_id AND r.upstream_name = p.run_name \
    LEFT JOIN definitions d ON d.id = p.definition_id LEFT JOIN connections c ON c.id = p.connection_id";

fn state(key: &str, raw: String) -> PointState {
    match key {
        "whole" => PointState::Whole,
        "partial" => PointState::Partial,
        "deleting" => PointState::Deleting,
        "unknown" => PointState::Unknown(raw),
        other => PointState::Unknown(other.to_owned()),
    }
}

fn read(row: &AnyRow) -> Result<PointRow, StoreError> {
    let deletion = match (row.text_or_none("asked_by")?, row.at_or_none("asked_at")?) {
        (Some(asked_by), Some(at)) => Some(Deletion { asked_by, at, error: row.text_or_none("refusal")? }),
        _ => None,
    };
    Ok(PointRow {
        point: RecoveryPoint {
            id: row.text("id")?.into(),
            connection: row.text("connection_id")?.into(),
            definition: row.text_or_none("definition_id")?.map(DefinitionId),
            run: row.text_or_none("run_id")?.map(RunId),
            name: row.text("upstream_name")?,
            state: state(&row.text("state")?, row.text("raw_state")?),
            taken: row.at_or_none("taken_at")?,
            expires: row.at_or_none("expires_at")?,
            location: row.text_or_none("location")?,
            namespaces: row.json("namespaces")?,
            items: row.count_or_none("items")?,
            detail: row.json("detail")?,
            observed: observed(row, false)?,
            deletion,
        },
        definition_name: row.text_or_none("definition_name")?,
        connection_name: row.text_or_none("connection_name")?.unwrap_or_default(),
        silent: row.int_or_none("silent")?.unwrap_or_default() != 0,
    })
}

impl Store {
    /// A page of recovery points, newest first.
    pub async fn points(&self, filter: &PointFilter, limit: usize) -> Result<Page<PointRow>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_search(&filter.text, &["p.upstream_name", "p.search", "d.search", "c.search"]);
        for (condition, value) in [
            ("p.connection_id = ?", &filter.connection),
            ("p.definition_id = ?", &filter.definition),
            ("p.state = ?", &filter.state),
        ] {
            if !value.is_empty() {
                conditions.and(condition, value.as_str());
            }
        }
        let total = self.total(&conditions, "points p", JOINED, filter.text.is_empty()).await?;
        let pager = Pager::new("points", ("p.sort_at", "p.id"), false, true, &filter.page, limit);
        let order = pager.bound(&mut conditions);
        let rows =
            conditions.query(&format!("SELECT {COLUMNS} FROM {JOINED}"), &order).fetch_all(self.reader()).await?;
        let rows: Vec<(i64, PointRow)> =
            rows.iter().map(|row| Ok((row.int("sort_at")?, read(row)?))).collect::<Result<_, StoreError>>()?;
        let (rows, next, previous) = pager.finish(rows, |(at, row)| (Value::Int(*at), row.point.id.0.clone()));
        Ok(Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next, previous, total })
    }

    /// One, or `NotFound`.
    pub async fn point(&self, id: &PointId) -> Result<PointRow, StoreError> {
        let mut conditions = Where::default();
        conditions.and("p.id = ?", id.as_str());
        self.newest_points(&conditions, 1).await?.pop().ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// A definition's newest.
    pub async fn points_of(&self, definition: &DefinitionId, limit: usize) -> Result<Vec<RecoveryPoint>, StoreError> {
        let mut conditions = Where::default();
        conditions.and("p.definition_id = ?", definition.as_str());
        Ok(self.newest_points(&conditions, limit).await?.into_iter().map(|row| row.point).collect())
    }

    /// How many a definition has.
    pub async fn points_left(&self, definition: &DefinitionId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM points WHERE definition_id = $1")
            .bind(definition.as_str())
            .fetch_one(self.reader())
            .await?;
        row.count("n")
    }

    /// A definition's newest whole one that has not expired.
    pub async fn newest_whole_point(&self, definition: &DefinitionId) -> Result<Option<RecoveryPoint>, StoreError> {
        let mut conditions = Where::default();
        conditions.and("p.definition_id = ?", definition.as_str());
        conditions.and_plain("p.state = 'whole'");
        conditions.and("(p.expires_at IS NULL OR p.expires_at > ?)", self.now());
        Ok(self.newest_points(&conditions, 1).await?.pop().map(|row| row.point))
    }

    /// What a run left.
    pub async fn point_of_run(&self, run: &RunId) -> Result<Option<RecoveryPoint>, StoreError> {
        let mut conditions = Where::default();
        conditions.and("r.id = ?", run.as_str());
        Ok(self.newest_points(&conditions, 1).await?.pop().map(|row| row.point))
    }

    /// Points whose deletion was refused, newest first.
    pub async fn refused_deletions(&self, limit: usize) -> Result<Vec<PointRow>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_plain("p.refusal IS NOT NULL");
        self.newest_points(&conditions, limit).await
    }

    async fn newest_points(&self, conditions: &Where, limit: usize) -> Result<Vec<PointRow>, StoreError> {
        let order = format!(" ORDER BY p.sort_at DESC, p.id DESC LIMIT {limit}");
        let rows =
            conditions.query(&format!("SELECT {COLUMNS} FROM {JOINED}"), &order).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }
}
