//! What the status page and workspaces read of runs and recovery points: narrow rows of a month, and the few bodies that say which
//! cluster a part is of.

use super::{
    Store, StoreError,
    page::{self, Pager, Value, Where},
    row::Get,
    runs::{self, BRIEF, JOINED},
};
use model::{
    DefinitionId, Millis, Phase, RunId,
    recovery::PointDetail,
    run::{Progress, RunDetail},
    view::RunRow,
};
use sqlx::{AssertSqlSafe, any::AnyRow};
use std::collections::HashMap;

/// A run without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NarrowRun {
    pub id: RunId,
    pub definition: DefinitionId,
    pub phase: Phase,
    /// Began, else was made, else first seen.
    pub at: Millis,
    pub ended: Option<Millis>,
    pub items: Option<Progress>,
    /// The upstream no longer has it.
    pub gone: bool,
}

/// A run with its place in the order of lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRun {
    pub sort_at: i64,
    /// With the whole [`RunDetail`].
    pub row: RunRow,
}

/// A whole recovery point that has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholePoint {
    pub definition: DefinitionId,
    /// When the data was taken, else when it was first seen.
    pub at: Millis,
    pub expires: Option<Millis>,
    pub namespaces: Vec<String>,
    pub detail: PointDetail,
}

const NARROW: &str =
    "r.id, r.definition_id, r.phase, r.raw_phase, r.sort_at, r.ended_at, r.items_done, r.items_total, r.gone";

fn narrow(row: &AnyRow) -> Result<NarrowRun, StoreError> {
    Ok(NarrowRun {
        id: row.text("id")?.into(),
        definition: row.text("definition_id")?.into(),
        phase: row.phase()?,
        at: row.at("sort_at")?,
        ended: row.at_or_none("ended_at")?,
        items: row.progress("items_done", "items_total")?,
        gone: row.flag("gone")?,
    })
}

fn point(row: &AnyRow) -> Result<WholePoint, StoreError> {
    Ok(WholePoint {
        definition: row.text("definition_id")?.into(),
        at: row.at("sort_at")?,
        expires: row.at_or_none("expires_at")?,
        namespaces: row.json("namespaces")?,
        detail: row.json("detail")?,
    })
}

fn values(ids: &[DefinitionId]) -> Vec<Value> {
    ids.iter().map(|id| Value::from(id.as_str())).collect()
}

impl Store {
    /// Runs of all definitions that began at `since` or later, newest first. One that vanished before its end is none.
    pub async fn narrow_runs(&self, since: Millis) -> Result<Vec<NarrowRun>, StoreError> {
        let sql = format!(
            "SELECT {NARROW} FROM runs r WHERE r.sort_at >= $1 AND r.definition_id IS NOT NULL
             AND (r.gone = 0 OR r.phase NOT IN ('queued', 'running')) ORDER BY r.sort_at DESC, r.id DESC"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(since.0).fetch_all(self.reader()).await?;
        rows.iter().map(narrow).collect()
    }

    /// The same of these definitions, with their bodies.
    pub async fn runs_with_parts(
        &self,
        definitions: &[DefinitionId],
        since: Millis,
    ) -> Result<Vec<(NarrowRun, RunDetail)>, StoreError> {
        let mut conditions = Where::default();
        conditions.and("r.sort_at >= ?", since.0);
        conditions.and_plain("r.gone = 0 OR r.phase NOT IN ('queued', 'running')");
        conditions.and_among("r.definition_id", values(definitions));
        let rows = conditions
            .query(&format!("SELECT {NARROW}, r.detail FROM runs r"), " ORDER BY r.sort_at DESC, r.id DESC")
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(|row| Ok((narrow(row)?, row.json("detail")?))).collect()
    }

    /// The bodies of these runs.
    pub async fn run_details(&self, ids: &[RunId]) -> Result<HashMap<RunId, RunDetail>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_among("id", ids.iter().map(|id| Value::from(id.as_str())).collect());
        let rows = conditions.query("SELECT id, detail FROM runs", "").fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok((RunId(row.text("id")?), row.json("detail")?))).collect()
    }

    /// Whole recovery points of these definitions that have not expired, newest first.
    pub async fn whole_points(&self, definitions: &[DefinitionId]) -> Result<Vec<WholePoint>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_plain("state = 'whole'");
        conditions.and("(expires_at IS NULL OR expires_at > ?)", self.now());
        conditions.and_among("definition_id", values(definitions));
        let rows = conditions
            .query(
                "SELECT definition_id, sort_at, expires_at, namespaces, detail FROM points",
                " ORDER BY sort_at DESC, id DESC",
            )
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(point).collect()
    }

    /// The newest of those of each definition.
    pub async fn newest_whole_points(&self, definitions: &[DefinitionId]) -> Result<Vec<WholePoint>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_plain("p.state = 'whole'");
        conditions.and_among("p.definition_id", values(definitions));
        let rows = conditions
            .query(
                "SELECT p.definition_id, p.sort_at, p.expires_at, p.namespaces, p.detail
                 FROM points p JOIN definitions d ON d.id = p.definition_id AND d.newest_good = p.sort_at",
                "",
            )
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(point).collect()
    }

    /// Runs of these definitions with their bodies, newest first, `limit` at most; behind that of `key`, see [`request_key`].
    pub async fn runs_among(
        &self,
        definitions: &[DefinitionId],
        key: &str,
        limit: usize,
    ) -> Result<Vec<PlacedRun>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_among("r.definition_id", values(definitions));
        let order = Pager::new(REQUESTS, ("r.sort_at", "r.id"), false, true, key, limit).bound(&mut conditions);
        let rows = conditions
            .query(&format!("SELECT {BRIEF}, r.detail FROM {JOINED}"), &order)
            .fetch_all(self.reader())
            .await?;
        let placed =
            |row: &AnyRow| Ok(PlacedRun { sort_at: row.int("sort_at")?, row: runs::read(row, row.json("detail")?)? });
        rows.iter().take(limit).map(placed).collect()
    }
}

/// Names the order in keys.
const REQUESTS: &str = "requests";

/// The key of what comes behind a run.
pub fn request_key(sort_at: i64, id: &RunId) -> String {
    page::behind(REQUESTS, Value::Int(sort_at), id.as_str())
}
