//! Runs: asked for here, or seen upstream.

mod seen;
mod wanted;

pub use wanted::{NewRun, WantedRun};

use super::{
    Store, StoreError,
    page::{Pager, Value, Where},
    row::{self, Get},
};
use model::{
    DefinitionId, Millis, RunId,
    run::{Run, RunDetail},
    view::{Page, RunFilter, RunRow},
};
use sqlx::{AssertSqlSafe, any::AnyRow};

/// A run in full, with its order when it was asked for here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// With the whole [`RunDetail`].
    pub row: RunRow,
    /// Asked for through Holdfast and not yet upstream.
    pub wanted: bool,
    /// The version that it waits for, while that is not in force.
    pub waits_for: Option<i64>,
    pub asked_by: Option<String>,
    pub attempts: u32,
    pub next_attempt_at: Millis,
    pub last_error: Option<String>,
}

/// Without `detail`, which lists don't parse.
pub(super) const BRIEF: &str = "r.id, r.connection_id, r.upstream_name, r.definition_id, r.phase, r.raw_phase, r.run_trigger, r.created_at, \
    r.started_at, r.ended_at, r.sort_at, r.items_done, r.items_total, r.bytes_done, r.bytes_total, r.warnings, r.errors, \
    r.message, r.location, r.title, r.observed_at, r.gone, d.name AS definition_name, c.name AS connection_name, c.silent, c.last_seen";

pub(super) const JOINED: &str =
    "runs r LEFT JOIN definitions d ON d.id = r.definition_id LEFT JOIN connections c ON c.id = r.connection_id";

fn brief(row: &AnyRow) -> Result<RunDetail, StoreError> {
    Ok(RunDetail {
        items: row.progress("items_done", "items_total")?,
        bytes: row.progress("bytes_done", "bytes_total")?,
        warnings: row.count_or_none("warnings")?,
        errors: row.count_or_none("errors")?,
        message: row.text_or_none("message")?,
        location: row.text_or_none("location")?,
        title: row.text_or_none("title")?,
        ..RunDetail::default()
    })
}

pub(super) fn read(row: &AnyRow, detail: RunDetail) -> Result<RunRow, StoreError> {
    let gone = row.flag("gone")?;
    Ok(RunRow {
        run: Run {
            id: row.text("id")?.into(),
            connection: row.text("connection_id")?.into(),
            definition: row.text_or_none("definition_id")?.map(DefinitionId),
            name: row.text("upstream_name")?,
            phase: row.phase()?,
            raw_phase: row.text("raw_phase")?,
            trigger: row::read_trigger(&row.text("run_trigger")?),
            created: row.at_or_none("created_at")?,
            started: row.at_or_none("started_at")?,
            ended: row.at_or_none("ended_at")?,
            detail,
            observed: observed(row, gone)?,
            gone,
        },
        definition_name: row.text_or_none("definition_name")?,
        connection_name: row.text_or_none("connection_name")?.unwrap_or_default(),
        silent: row.int_or_none("silent")?.unwrap_or_default() != 0,
    })
}

/// Rows that stay the same are not rewritten, so what is still there was last seen when its connection was last heard.
pub(super) fn observed(row: &AnyRow, gone: bool) -> Result<Millis, StoreError> {
    let written = row.at("observed_at")?;
    Ok(if gone { written } else { row.at_or_none("last_seen")?.map_or(written, |heard| heard.max(written)) })
}

impl Store {
    /// A page of runs, newest first. Of `Run::detail` only items, bytes, warnings, errors, message and location are read.
    pub async fn runs(&self, filter: &RunFilter, limit: usize) -> Result<Page<RunRow>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_search(&filter.text, &["r.upstream_name", "r.search", "d.search", "c.search"]);
        for (condition, value) in [
            ("r.connection_id = ?", &filter.connection),
            ("r.definition_id = ?", &filter.definition),
            ("r.phase = ?", &filter.phase),
        ] {
            if !value.is_empty() {
                conditions.and(condition, value.as_str());
            }
        }
        let total = self.total(&conditions, "runs r", JOINED, filter.text.is_empty()).await?;
        let pager = Pager::new("runs", ("r.sort_at", "r.id"), false, true, &filter.page, limit);
        let order = pager.bound(&mut conditions);
        let rows = conditions.query(&format!("SELECT {BRIEF} FROM {JOINED}"), &order).fetch_all(self.reader()).await?;
        let rows: Vec<(i64, RunRow)> = rows
            .iter()
            .map(|row| Ok((row.int("sort_at")?, read(row, brief(row)?)?)))
            .collect::<Result<_, StoreError>>()?;
        let (rows, next, previous) = pager.finish(rows, |(at, row)| (Value::Int(*at), row.run.id.0.clone()));
        Ok(Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next, previous, total })
    }

    /// Rows that the conditions let through; without a text filter no other table is needed.
    pub(super) async fn total(
        &self,
        conditions: &Where,
        table: &str,
        joined: &str,
        plain: bool,
    ) -> Result<u64, StoreError> {
        let from = if plain { table } else { joined };
        conditions.query(&format!("SELECT COUNT(*) AS n FROM {from}"), "").fetch_one(self.reader()).await?.count("n")
    }

    /// One in full, or `NotFound`.
    pub async fn run(&self, id: &RunId) -> Result<RunRecord, StoreError> {
        let sql = format!(
            "SELECT {BRIEF}, r.detail, r.wanted, r.wanted_version, d.applied_version, r.asked_by, r.attempts, r.next_attempt_at, r.last_error FROM {JOINED} WHERE r.id = $1"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(id.as_str()).fetch_one(self.reader()).await?;
        let (wanted, version) = (row.flag("wanted")?, row.int("wanted_version")?);
        let behind = row.int_or_none("applied_version")?.is_some_and(|applied| applied < version);
        Ok(RunRecord {
            row: read(&row, row.json("detail")?)?,
            wanted,
            waits_for: (wanted && behind).then_some(version),
            asked_by: row.text_or_none("asked_by")?,
            attempts: row.small("attempts")?,
            next_attempt_at: row.at("next_attempt_at")?,
            last_error: row.text_or_none("last_error")?,
        })
    }

    /// A definition's newest, brief like the list.
    pub async fn runs_of(&self, definition: &DefinitionId, limit: usize) -> Result<Vec<Run>, StoreError> {
        let mut conditions = Where::default();
        conditions.and("r.definition_id = ?", definition.as_str());
        Ok(self.newest_runs(&conditions, limit).await?.into_iter().map(|row| row.run).collect())
    }

    /// Queued and running ones, newest first, brief like the list.
    pub async fn runs_under_way(&self, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        let mut conditions = Where::default();
        conditions.and_plain("r.phase IN ('queued', 'running') AND r.gone = 0");
        self.newest_runs(&conditions, limit).await
    }

    async fn newest_runs(&self, conditions: &Where, limit: usize) -> Result<Vec<RunRow>, StoreError> {
        let order = format!(" ORDER BY r.sort_at DESC, r.id DESC LIMIT {limit}");
        let rows = conditions.query(&format!("SELECT {BRIEF} FROM {JOINED}"), &order).fetch_all(self.reader()).await?;
        rows.iter().map(|row| read(row, brief(row)?)).collect()
    }
}
