//! Runs to begin upstream.

use super::super::{
    AuditRow, Line, Store, StoreError, StoreErrorKind,
    lease::Queue,
    row::{Get, write_json},
    seen::refresh,
};
use model::{ConnectionId, DefinitionId, Millis, RunId, run::RunDetail};
use sqlx::any::AnyRow;
use std::collections::HashSet;

/// A run to begin upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    pub id: RunId,
    pub connection: ConnectionId,
    pub definition: DefinitionId,
    /// The definition's version that was asked for: the run begins when it is in force.
    pub version: i64,
    /// The name that it will have upstream.
    pub upstream_name: String,
    pub asked_by: String,
}

/// A run to begin, claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedRun {
    pub id: RunId,
    pub connection: ConnectionId,
    pub definition: DefinitionId,
    pub upstream_name: String,
    pub asked_by: String,
    /// Failed ones so far.
    pub attempts: u32,
    /// When it was asked for.
    pub ordered: Millis,
    /// It was claimed before: the upstream may have been asked already.
    pub repeated: bool,
}

/// A run of a version that is not in force yet would be one of the version before.
const QUEUE: Queue = Queue {
    table: "runs",
    waiting: "wanted = 1 AND NOT EXISTS (SELECT 1 FROM definitions d
              WHERE d.id = runs.definition_id AND d.applied_version < runs.wanted_version AND d.removing = 0)",
};

fn read(row: &AnyRow) -> Result<WantedRun, StoreError> {
    Ok(WantedRun {
        id: row.text("id")?.into(),
        connection: row.text("connection_id")?.into(),
        definition: row.text_or_none("definition_id")?.unwrap_or_default().into(),
        upstream_name: match row.text_or_none("order_name")? {
            Some(ordered) => ordered,
            None => row.text("upstream_name")?,
        },
        asked_by: row.text_or_none("asked_by")?.unwrap_or_default(),
        attempts: row.small("attempts")?,
        ordered: Millis(row.int("ordered_at")?),
        repeated: row.int("claims")? > 1,
    })
}

impl Store {
    /// Orders a run. It shows as queued at once. `Taken { what: "name" }` when the upstream name is in use, `NotFound`
    /// when the connection was removed.
    pub async fn want_run(&self, new: &NewRun, line: &Line, audit: &AuditRow) -> Result<(), StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        sqlx::query(
            "INSERT INTO runs (id, connection_id, upstream_name, definition_id, phase, raw_phase, run_trigger, sort_at, detail,
               observed_at, wanted, wanted_version, asked_by, ordered_at)
             VALUES ($1, $2, $3, $4, 'queued', '', $5, $6, $7, $6, 1, $9, $8, $6)",
        )
        .bind(new.id.as_str())
        .bind(new.connection.as_str())
        .bind(new.upstream_name.as_str())
        .bind(new.definition.as_str())
        .bind(format!("person:{}", new.asked_by))
        .bind(now)
        .bind(write_json(&RunDetail::default())?)
        .bind(new.asked_by.as_str())
        .bind(new.version)
        .execute(&mut *tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        refresh(&mut tx, "runs", HashSet::from([new.definition.0.clone()]), now).await?;
        self.write_line(&mut tx, &new.definition, line).await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Takes up to `limit` ordered runs that are due, whose version is in force, and that are leased by
    /// nobody alive.
    pub async fn claim_runs(
        &self,
        node: &str,
        now: Millis,
        lease_ms: i64,
        limit: usize,
    ) -> Result<Vec<WantedRun>, StoreError> {
        self.claim(QUEUE, node, now, lease_ms, limit).await?.iter().map(read).collect()
    }

    /// What the newest other orders of the definition's runs began, by the names that the upstream gave; none of it is begun by `but`.
    pub async fn taken_runs(&self, definition: &DefinitionId, but: &RunId) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT upstream_name FROM runs WHERE definition_id = $1 AND order_name IS NOT NULL AND id <> $2
             ORDER BY sort_at DESC, id DESC LIMIT 100",
        )
        .bind(definition.as_str())
        .bind(but.as_str())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| row.text("upstream_name")).collect()
    }

    /// It has begun upstream, as `name` where the upstream names it. False when the lease is not ours any more.
    pub async fn finish_run_order(&self, id: &RunId, node: &str, name: Option<&str>) -> Result<bool, StoreError> {
        self.begun(QUEUE.table, id.as_str(), node, name).await
    }

    /// It could not be begun: tried again at `next_attempt_at`, or never (`None`; it then shows as failed). False when the
    /// lease is not ours.
    pub async fn fail_run_order(
        &self,
        id: &RunId,
        node: &str,
        reason: &str,
        next_attempt_at: Option<Millis>,
    ) -> Result<bool, StoreError> {
        if let Some(at) = next_attempt_at {
            return self.postpone(QUEUE.table, id.as_str(), node, reason, at).await;
        }
        let mut tx = self.begin().await?;
        let ours = self.never_began(&mut tx, QUEUE.table, id.as_str(), node, reason).await?;
        if ours {
            let row = sqlx::query("SELECT definition_id FROM runs WHERE id = $1")
                .bind(id.as_str())
                .fetch_one(&mut *tx)
                .await?;
            refresh(&mut tx, "runs", row.text_or_none("definition_id")?.into_iter().collect(), self.now()).await?;
        }
        self.commit(tx).await?;
        Ok(ours)
    }
}
