//! The definitions list. Of their bodies only the further schedules are read.

use super::{
    super::{
        Store, StoreError,
        connections::read_kind,
        page::{Pager, Value, Where},
        row::Get,
    },
    Followed, last_run, standing,
    timed::{further, paused_by},
};
use model::{
    ConnectionId, DefinitionId, Millis,
    connection::{Health, ProviderKind},
    definition::{Schedule, Standing},
    pause::Pause,
    view::{DefinitionFilter, LastRun},
};
use sqlx::{AssertSqlSafe, any::AnyRow, pool::PoolConnection};
use std::collections::HashMap;

/// A row of the list, without what depends on the present moment (the next run).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionListRow {
    pub id: DefinitionId,
    pub name: String,
    pub connection: ConnectionId,
    pub connection_name: String,
    pub kind: ProviderKind,
    /// `Scope::words`.
    pub scope: String,
    pub cron: Option<String>,
    /// In words: also of a policy, and of several schedules.
    pub rhythm: Option<String>,
    pub zone: Option<String>,
    pub paused: bool,
    pub paused_by: Option<Pause>,
    pub standing: Standing,
    pub last_run: Option<LastRun>,
    pub newest_good: Option<Millis>,
    pub health: Health,
    /// When its connection was last heard.
    pub last_seen: Option<Millis>,
    pub version: i64,
    /// What the upstream counts the next run from.
    pub counted_from: Option<Millis>,
    /// Its further schedules, each with what the upstream counts its next run from.
    pub further: Vec<(Schedule, Option<Millis>)>,
    pub updated_at: Millis,
    pub follows: Option<FollowedRow>,
}

/// The policy that a row's definition follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedRow {
    pub followed: Followed,
    pub name: String,
    /// The policy's newest version.
    pub newest: i64,
}

/// A page of the list with the counts that stand above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefinitionPage {
    pub rows: Vec<DefinitionListRow>,
    pub next: Option<String>,
    pub previous: Option<String>,
    /// That the filter lets through.
    pub total: u64,
    /// Without any filter: all, those that need somebody, those that are paused.
    pub all: u64,
    pub attention: u64,
    pub paused: u64,
    pub connections: Vec<(ConnectionId, String)>,
}

/// What every page's frame counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameCounts {
    pub definitions: u64,
    pub attention: u64,
    /// Runs that are queued or running.
    pub running: u64,
    pub connections: u64,
    pub silent: u64,
    /// The oldest "last heard" of the connections that answer.
    pub observed: Option<Millis>,
}

/// Needs somebody, as the status page sees it: no whole recovery point, the newest run failed or partial, not in force,
/// changed, refused or gone upstream; of those being removed only what can't be.
const ATTENTION: &str = "d.last_error IS NOT NULL OR d.removing = 1 AND c.silent = 1 OR d.removing = 0 AND (d.newest_good = 0 \
    OR d.last_run_phase IN ('failed', 'partial', 'cancelled', 'unknown') OR d.seen_missing = 1 OR d.drift <> '[]' OR d.invalid <> '[]')";

pub(super) const COLUMNS: &str = "d.id, d.name, d.connection_id, d.scope_words, d.cron, d.rhythm, d.zone, d.paused, d.version, d.applied_version, \
    d.drift, d.invalid, d.seen_missing, d.removing, d.attempts, d.next_attempt_at, d.last_error, d.newest_good, d.counted_from, d.counted_further, \
    d.body, d.paused_by, d.paused_at, d.paused_upstream, d.updated_at, \
    d.last_run_id, d.last_run_at, d.last_run_phase, d.last_run_raw, d.last_run_done, d.last_run_total, \
    d.policy_id, d.policy_version, d.policy_tried, d.policy_refused, p.name AS policy_name, p.version AS policy_newest";

const JOINED: &str = "definitions d JOIN connections c ON c.id = d.connection_id";

pub(super) const POLICY: &str = "LEFT JOIN policies p ON p.id = d.policy_id";

/// What a row shows of its connection; read once for all rows.
pub(super) struct Upstream {
    name: String,
    kind: ProviderKind,
    health: Health,
    last_seen: Option<Millis>,
}

pub(super) type Upstreams = HashMap<String, Upstream>;

pub(super) async fn upstreams(
    connection: &mut PoolConnection<sqlx::Any>,
) -> Result<(Upstreams, Vec<(ConnectionId, String)>), StoreError> {
    let rows = sqlx::query("SELECT id, name, kind, health, last_seen FROM connections ORDER BY name")
        .fetch_all(&mut **connection)
        .await?;
    let mut all = HashMap::with_capacity(rows.len());
    let mut names = Vec::with_capacity(rows.len());
    for row in &rows {
        let (id, name) = (row.text("id")?, row.text("name")?);
        names.push((ConnectionId(id.clone()), name.clone()));
        let kind = read_kind(&row.text("kind")?)?;
        all.insert(id, Upstream { name, kind, health: row.json("health")?, last_seen: row.at_or_none("last_seen")? });
    }
    Ok((all, names))
}

/// `None` when its connection was removed between the two reads.
pub(super) fn read(row: &AnyRow, upstreams: &Upstreams) -> Result<Option<DefinitionListRow>, StoreError> {
    let connection = row.text("connection_id")?;
    let Some(upstream) = upstreams.get(&connection) else {
        return Ok(None);
    };
    Ok(Some(DefinitionListRow {
        id: row.text("id")?.into(),
        name: row.text("name")?,
        connection: connection.into(),
        connection_name: upstream.name.clone(),
        kind: upstream.kind,
        scope: row.text("scope_words")?,
        cron: row.text_or_none("cron")?,
        rhythm: row.text_or_none("rhythm")?,
        zone: row.text_or_none("zone")?,
        paused: row.flag("paused")?,
        paused_by: paused_by(row)?,
        standing: standing(row)?,
        last_run: last_run(row)?,
        newest_good: row.at_not_zero("newest_good")?,
        health: upstream.health.clone(),
        last_seen: upstream.last_seen,
        version: row.int("version")?,
        counted_from: row.at_or_none("counted_from")?,
        further: further(row)?,
        updated_at: row.at("updated_at")?,
        follows: match Followed::read(row)? {
            Some(followed) => {
                Some(FollowedRow { followed, name: row.text("policy_name")?, newest: row.int("policy_newest")? })
            }
            None => None,
        },
    }))
}

fn conditions(filter: &DefinitionFilter) -> Where {
    let mut conditions = Where::default();
    conditions.and_search(&filter.text, &["d.search", "c.search"]);
    if !filter.connection.is_empty() {
        conditions.and("d.connection_id = ?", filter.connection.as_str());
    }
    let state = match filter.state.as_str() {
        "attention" => ATTENTION,
        "paused" => "d.paused = 1",
        "drifted" => "d.removing = 0 AND (d.drift <> '[]' OR d.seen_missing = 1)",
        "applying" => "d.last_error IS NULL AND (d.applied_version < d.version AND d.drift = '[]' OR d.removing = 1)",
        "failing" => "d.last_error IS NOT NULL",
        "silent" => "c.silent = 1",
        _ => return conditions,
    };
    conditions.and_plain(state);
    conditions
}

fn pager(filter: &DefinitionFilter, limit: usize) -> Pager {
    let (order, columns, text, descending) = match filter.sort.as_str() {
        "-name" => ("-name", ("d.name", "d.id"), true, true),
        "newest_good" => ("newest_good", ("d.newest_good", "d.id"), false, false),
        "-newest_good" => ("-newest_good", ("d.newest_good", "d.id"), false, true),
        "last_run" => ("last_run", ("d.last_run_at", "d.id"), false, false),
        "-last_run" => ("-last_run", ("d.last_run_at", "d.id"), false, true),
        _ => ("name", ("d.name", "d.id"), true, false),
    };
    Pager::new(order, columns, text, descending, &filter.page, limit)
}

impl Store {
    /// A page of the list: [`super::super::PAGE_ROWS`] rows normally. An unreadable page key gives the first page.
    pub async fn definition_page(&self, filter: &DefinitionFilter, limit: usize) -> Result<DefinitionPage, StoreError> {
        let mut connection = self.reader().acquire().await?;
        let (upstreams, names) = upstreams(&mut connection).await?;
        let mut conditions = conditions(filter);
        let pager = pager(filter, limit);
        let counts = sqlx::query(AssertSqlSafe(format!(
            "SELECT COUNT(*) AS all_of_them, COUNT(CASE WHEN {ATTENTION} THEN 1 END) AS attention,
               COUNT(CASE WHEN d.paused = 1 THEN 1 END) AS paused FROM {JOINED}"
        )))
        .fetch_one(&mut *connection)
        .await?;
        let all = counts.count("all_of_them")?;
        let total = if conditions.is_empty() {
            all
        } else {
            let counted = conditions.query(&format!("SELECT COUNT(*) AS n FROM {JOINED}"), "");
            counted.fetch_one(&mut *connection).await?.count("n")?
        };
        let order = pager.bound(&mut conditions);
        let rows = conditions
            .query(&format!("SELECT {COLUMNS} FROM {JOINED} {POLICY}"), &order)
            .fetch_all(&mut *connection)
            .await?;
        let mut read_rows = Vec::with_capacity(rows.len());
        for row in &rows {
            read_rows.extend(read(row, &upstreams)?);
        }
        let (rows, next, previous) = pager.finish(read_rows, |row| {
            let moment = |at: Option<Millis>| Value::Int(at.map_or(0, |at| at.0));
            let value = match filter.sort.trim_start_matches('-') {
                "newest_good" => moment(row.newest_good),
                "last_run" => moment(row.last_run.as_ref().and_then(|run| run.at)),
                _ => Value::from(row.name.as_str()),
            };
            (value, row.id.0.clone())
        });
        let (attention, paused) = (counts.count("attention")?, counts.count("paused")?);
        Ok(DefinitionPage { rows, next, previous, total, all, attention, paused, connections: names })
    }

    /// One row of the list.
    pub async fn definition_row(&self, id: &DefinitionId) -> Result<DefinitionListRow, StoreError> {
        let mut connection = self.reader().acquire().await?;
        let (upstreams, _) = upstreams(&mut connection).await?;
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM definitions d {POLICY} WHERE d.id = $1"));
        let row = sqlx::query(sql).bind(id.as_str()).fetch_one(&mut *connection).await?;
        read(&row, &upstreams)?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// What the frame counts.
    pub async fn frame_counts(&self) -> Result<FrameCounts, StoreError> {
        let row = sqlx::query(AssertSqlSafe(format!(
            "SELECT (SELECT COUNT(*) FROM definitions) AS definitions,
               (SELECT COUNT(*) FROM {JOINED} WHERE {ATTENTION}) AS attention,
               (SELECT COUNT(*) FROM runs WHERE phase IN ('queued', 'running') AND gone = 0) AS running,
               (SELECT COUNT(*) FROM connections) AS connections,
               (SELECT COUNT(*) FROM connections WHERE silent = 1) AS silent,
               (SELECT MIN(last_seen) FROM connections WHERE silent = 0) AS observed"
        )))
        .fetch_one(self.reader())
        .await?;
        Ok(FrameCounts {
            definitions: row.count("definitions")?,
            attention: row.count("attention")?,
            running: row.count("running")?,
            connections: row.count("connections")?,
            silent: row.count("silent")?,
            observed: row.at_or_none("observed")?,
        })
    }
}
