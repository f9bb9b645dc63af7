//! What the reconciler and the observer do with definitions.

use super::{
    super::{
        Line, Store, StoreError,
        lease::Queue,
        row::{Get, write_json},
    },
    DefinitionRecord, read,
};
use crate::provider::{Applied, DeclaredSeen, Dispute};
use model::{DefinitionId, Millis, definition::Drift};

/// What was seen of a definition's upstream object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredRecord {
    pub id: DefinitionId,
    /// The `applied_version` that the drift was computed against; when it is another by now, nothing is recorded.
    pub applied_version: i64,
    /// `None`: it is not there.
    pub seen: Option<DeclaredSeen>,
    /// `Provider::drift`, or what an apply is held for.
    pub drift: Vec<Drift>,
    /// An apply that was held goes on.
    pub released: bool,
    /// For the timeline, when this is news.
    pub line: Option<Line>,
}

/// How a batch of [`DeclaredRecord`] was stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredStored {
    /// Definitions whose row changed.
    pub changed: Vec<DefinitionId>,
    /// Something was applied in between: what was compared with the version before has to be compared again.
    pub outdated: bool,
}

/// To be applied, and not held because somebody changed it upstream; or to be removed.
const QUEUE: Queue =
    Queue { table: "definitions", waiting: "applied_version < version AND drift = '[]' OR removing = 1" };

impl Store {
    /// Takes up to `limit` definitions that are to be applied or removed, are due, and are leased by nobody alive.
    /// Longest due first.
    pub async fn claim_definitions(
        &self,
        node: &str,
        now: Millis,
        lease_ms: i64,
        limit: usize,
    ) -> Result<Vec<DefinitionRecord>, StoreError> {
        let rows = self.claim(QUEUE, node, now, lease_ms, limit).await?;
        // One that can't be read keeps nobody else waiting; its lease keeps it away for a while.
        let readable = |row| read(row).inspect_err(|error| tracing::error!(%error, "a definition can't be read"));
        let mut records: Vec<DefinitionRecord> = rows.iter().filter_map(|row| readable(row).ok()).collect();
        // RETURNING has no order.
        records.sort_by(|a, b| (a.next_attempt_at, &a.id).cmp(&(b.next_attempt_at, &b.id)));
        Ok(records)
    }

    /// Records that `version` was applied, and ends the lease; an edit made meanwhile stays to be applied. `drift` tells how what the
    /// observer saw in the meantime differs from it, which is kept. False, and nothing recorded, when the lease is not ours any
    /// more.
    pub async fn finish_apply(
        &self,
        id: &DefinitionId,
        node: &str,
        version: i64,
        applied: &Applied,
        line: &Line,
        drift: impl Fn(&DeclaredSeen) -> Option<(Vec<Drift>, Line)>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        // First the row's lock, then what the observer wrote before it.
        let row = sqlx::query(
            "UPDATE definitions SET applied_version = $3, applied = $4, drift = '[]', seen_missing = 0,
               attempts = 0, next_attempt_at = 0, last_error = NULL, lease_owner = NULL, lease_until = 0,
               resume = CASE WHEN version = $3 THEN NULL ELSE resume END
             WHERE id = $1 AND lease_owner = $2 RETURNING seen, version",
        )
        .bind(id.as_str())
        .bind(node)
        .bind(version)
        .bind(write_json(applied)?)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else {
            return Ok(false);
        };
        self.write_line(&mut tx, id, line).await?;
        // Of a version that is to be replaced at once the next apply says it.
        let in_force = row.int("version")? == version;
        if let Some((drift, line)) = row.json_or_none("seen")?.as_ref().and_then(drift).filter(|_| in_force) {
            sqlx::query("UPDATE definitions SET drift = $2 WHERE id = $1")
                .bind(id.as_str())
                .bind(write_json(&drift)?)
                .execute(&mut *tx)
                .await?;
            self.write_line(&mut tx, id, &line).await?;
        }
        self.commit(tx).await?;
        Ok(true)
    }

    /// Records that what was claimed was not applied because somebody changed it upstream, and ends the lease. It waits until
    /// somebody decides, or until the change is taken back. When it was edited or ordered again meanwhile, only the lease ends.
    /// False when the lease is not ours.
    pub async fn hold_apply(
        &self,
        claimed: &DefinitionRecord,
        node: &str,
        dispute: &Dispute,
        line: &Line,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let released = sqlx::query(
            "UPDATE definitions SET lease_owner = NULL, lease_until = 0 WHERE id = $1 AND lease_owner = $2
             RETURNING version, applied_version",
        )
        .bind(claimed.id.as_str())
        .bind(node)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = released else {
            return Ok(false);
        };
        if (row.int("version")?, row.int("applied_version")?) == (claimed.version, claimed.applied_version) {
            sqlx::query(
                "UPDATE definitions SET drift = $2, seen = $3, counted_from = $4, invalid = $5, counted_further = $6, seen_missing = 0,
                   attempts = 0, next_attempt_at = 0, last_error = NULL WHERE id = $1",
            )
            .bind(claimed.id.as_str())
            .bind(write_json(&dispute.drift)?)
            .bind(write_json(&dispute.seen)?)
            .bind(dispute.seen.counted_from.map(|at| at.0))
            .bind(write_json(&dispute.seen.invalid)?)
            .bind(write_json(&dispute.seen.counted_further)?)
            .execute(&mut *tx)
            .await?;
            self.write_line(&mut tx, &claimed.id, line).await?;
        }
        self.commit(tx).await?;
        Ok(true)
    }

    /// Records a failed apply or removal of `version` and when to try again, and ends the lease. When it was edited meanwhile,
    /// only the lease ends: the new version is tried at once. False when the lease is not ours.
    pub async fn fail_apply(
        &self,
        id: &DefinitionId,
        node: &str,
        version: i64,
        reason: &str,
        next_attempt_at: Millis,
        line: Option<&Line>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let released = sqlx::query(
            "UPDATE definitions SET lease_owner = NULL, lease_until = 0,
               attempts = CASE WHEN version = $3 THEN attempts + 1 ELSE attempts END,
               last_error = CASE WHEN version = $3 THEN $4 ELSE last_error END,
               next_attempt_at = CASE WHEN version = $3 THEN $5 ELSE next_attempt_at END
             WHERE id = $1 AND lease_owner = $2 RETURNING version",
        )
        .bind(id.as_str())
        .bind(node)
        .bind(version)
        .bind(reason)
        .bind(next_attempt_at.0)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = released else {
            return Ok(false);
        };
        if let Some(line) = line.filter(|_| row.int("version").is_ok_and(|now| now == version)) {
            self.write_line(&mut tx, id, line).await?;
        }
        self.commit(tx).await?;
        Ok(true)
    }

    /// It is removed upstream: drops the row and its timeline; runs and recovery points stay. False when the lease is not
    /// ours.
    pub async fn finish_removal(&self, id: &DefinitionId, node: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM definitions WHERE id = $1 AND lease_owner = $2 AND removing = 1")
            .bind(id.as_str())
            .bind(node)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM timeline WHERE definition_id = $1").bind(id.as_str()).execute(&mut *tx).await?;
        // Ordered runs that never got upstream have nothing to belong to.
        sqlx::query("DELETE FROM runs WHERE definition_id = $1 AND wanted = 1")
            .bind(id.as_str())
            .execute(&mut *tx)
            .await?;
        self.commit(tx).await?;
        Ok(true)
    }

    /// Records what was seen of upstream objects. Nothing is written for those that are as they were.
    pub async fn store_declared(&self, records: &[DeclaredRecord]) -> Result<DeclaredStored, StoreError> {
        let mut stored = DeclaredStored::default();
        let mut news = Vec::new();
        for record in records {
            let row = sqlx::query("SELECT seen, drift, seen_missing, applied_version FROM definitions WHERE id = $1")
                .bind(record.id.as_str())
                .fetch_optional(self.reader())
                .await?;
            let Some(row) = row else { continue };
            let seen = record.seen.as_ref().map(write_json).transpose()?;
            let drift = write_json(&record.drift)?;
            // What was never applied can't be missing.
            let missing = seen.is_none() && record.applied_version > 0;
            if row.int("applied_version")? != record.applied_version {
                stored.outdated = true;
            } else if row.text_or_none("seen")? != seen
                || row.text("drift")? != drift
                || row.flag("seen_missing")? != missing
            {
                news.push((record, seen, drift, missing));
            }
        }
        if news.is_empty() {
            return Ok(stored);
        }
        let mut tx = self.begin().await?;
        for (record, seen, drift, missing) in news {
            let counted_from = record.seen.as_ref().and_then(|seen| seen.counted_from);
            let done = sqlx::query(
                "UPDATE definitions SET seen = $3, drift = $4, seen_missing = $5, counted_from = $6, invalid = $7, counted_further = $8
                 WHERE id = $1 AND applied_version = $2",
            )
            .bind(record.id.as_str())
            .bind(record.applied_version)
            .bind(seen)
            .bind(drift)
            .bind(i64::from(missing))
            .bind(counted_from.map(|at| at.0))
            .bind(write_json(&record.seen.as_ref().map_or(&[][..], |seen| &seen.invalid))?)
            .bind(write_json(&record.seen.as_ref().map_or(&[][..], |seen| &seen.counted_further))?)
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() > 0 {
                if let Some(line) = &record.line {
                    self.write_line(&mut tx, &record.id, line).await?;
                }
                stored.changed.push(record.id.clone());
            } else {
                stored.outdated = true;
            }
        }
        self.commit(tx).await?;
        Ok(stored)
    }
}
