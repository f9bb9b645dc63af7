//! Restores to begin upstream.

use super::super::{
    AuditRow, Store, StoreError, StoreErrorKind,
    lease::Queue,
    row::{Get, write_json},
};
use model::{ConnectionId, Millis, RestoreId, restore::RestoreOrder, run::RunDetail};
use sqlx::any::AnyRow;

/// A restore to begin upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRestore {
    pub id: RestoreId,
    pub connection: ConnectionId,
    /// The name that it will have upstream.
    pub upstream_name: String,
    pub order: RestoreOrder,
    pub asked_by: String,
}

/// A restore to begin, claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedRestore {
    pub id: RestoreId,
    pub connection: ConnectionId,
    pub upstream_name: String,
    pub order: RestoreOrder,
    pub asked_by: String,
    /// Failed ones so far.
    pub attempts: u32,
    /// When it was asked for.
    pub ordered: Millis,
    /// It was claimed before: the upstream may have been asked already.
    pub repeated: bool,
}

const QUEUE: Queue = Queue { table: "restores", waiting: "wanted = 1" };

fn read(row: &AnyRow) -> Result<WantedRestore, StoreError> {
    Ok(WantedRestore {
        id: row.text("id")?.into(),
        connection: row.text("connection_id")?.into(),
        upstream_name: match row.text_or_none("order_name")? {
            Some(ordered) => ordered,
            None => row.text("upstream_name")?,
        },
        order: row.json("wanted_order")?,
        asked_by: row.text_or_none("asked_by")?.unwrap_or_default(),
        attempts: row.small("attempts")?,
        ordered: Millis(row.int("ordered_at")?),
        repeated: row.int("claims")? > 1,
    })
}

impl Store {
    /// Orders a restore. It shows as queued at once. `Taken { what: "name" }` when the upstream name is in use, `NotFound`
    /// when the connection was removed.
    pub async fn want_restore(&self, new: &NewRestore, audit: &AuditRow) -> Result<(), StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        sqlx::query(
            "INSERT INTO restores (id, connection_id, upstream_name, point_name, phase, raw_phase, sort_at, wanted_order,
               mapping, detail, observed_at, wanted, asked_by, ordered_at)
             VALUES ($1, $2, $3, $4, 'queued', '', $5, $6, $7, $8, $5, 1, $9, $5)",
        )
        .bind(new.id.as_str())
        .bind(new.connection.as_str())
        .bind(new.upstream_name.as_str())
        .bind(new.order.point_name.as_str())
        .bind(now)
        .bind(write_json(&new.order)?)
        .bind(write_json(&new.order.mapping)?)
        .bind(write_json(&RunDetail::default())?)
        .bind(new.asked_by.as_str())
        .execute(&mut *tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Takes up to `limit` ordered restores that are due and leased by nobody alive.
    pub async fn claim_restores(
        &self,
        node: &str,
        now: Millis,
        lease_ms: i64,
        limit: usize,
    ) -> Result<Vec<WantedRestore>, StoreError> {
        self.claim(QUEUE, node, now, lease_ms, limit).await?.iter().map(read).collect()
    }

    /// It has begun upstream, as `name` where the upstream names it. False when the lease is not ours any more.
    pub async fn finish_restore_order(
        &self,
        id: &RestoreId,
        node: &str,
        name: Option<&str>,
    ) -> Result<bool, StoreError> {
        self.begun(QUEUE.table, id.as_str(), node, name).await
    }

    /// It could not be begun: tried again at `next_attempt_at`, or never (`None`; it then shows as failed). False when the
    /// lease is not ours.
    pub async fn fail_restore_order(
        &self,
        id: &RestoreId,
        node: &str,
        reason: &str,
        next_attempt_at: Option<Millis>,
    ) -> Result<bool, StoreError> {
        if let Some(at) = next_attempt_at {
            return self.postpone(QUEUE.table, id.as_str(), node, reason, at).await;
        }
        let mut tx = self.begin().await?;
        let ours = self.never_began(&mut tx, QUEUE.table, id.as_str(), node, reason).await?;
        self.commit(tx).await?;
        Ok(ours)
    }
}
