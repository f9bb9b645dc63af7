//! Definitions: desired state, what was applied of it, and what was seen.

mod following;
mod list;
mod timed;
mod watched;
mod work;

pub use following::{Edit, Followed, Following};
pub use list::{DefinitionListRow, DefinitionPage, FollowedRow, FrameCounts};
pub use watched::WatchedDefinition;
pub use work::{DeclaredRecord, DeclaredStored};

use super::{
    AuditRow, Line, Store, StoreError, StoreErrorKind, Tx,
    row::{self, Get, write_json},
};
use crate::provider::{Applied, DeclaredSeen, Owned};
use model::{
    ConnectionId, DefinitionId, Millis, Phase, PolicyId,
    definition::{Definition, Drift, Standing, Stuck},
    view::{LastRun, Resume},
};
use sqlx::any::AnyRow;

/// A stored definition in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionRecord {
    pub id: DefinitionId,
    pub definition: Definition,
    /// The policy that its schedule and retention come from.
    pub follows: Option<Followed>,
    pub upstream_name: String,
    pub version: i64,
    pub applied_version: i64,
    /// How it stands towards its upstream.
    pub standing: Standing,
    /// The last thing that was written upstream.
    pub applied: Option<Applied>,
    /// What somebody changed upstream. Beside a version that is not applied yet: the apply is held because of it.
    pub drift: Vec<Drift>,
    /// The upstream's object as last seen.
    pub seen: Option<DeclaredSeen>,
    /// It was applied and is not there any more.
    pub seen_missing: bool,
    /// How the next apply resumes.
    pub resume: Option<Resume>,
    /// To be removed upstream, then here.
    pub removing: bool,
    pub newest_good: Option<Millis>,
    pub last_run: Option<LastRun>,
    pub attempts: u32,
    pub next_attempt_at: Millis,
    pub last_error: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub updated_by: String,
}

/// A definition to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDefinition {
    pub id: DefinitionId,
    /// Fixed for ever: `<name>-<last six hex digits of the id>`.
    pub upstream_name: String,
    pub definition: Definition,
    /// The policy, and its version that the definition holds.
    pub follows: Option<(PolicyId, i64)>,
}

impl DefinitionRecord {
    /// With the identity that its upstream objects carry.
    pub fn owned(&self) -> Owned {
        Owned {
            id: self.id.clone(),
            upstream_name: self.upstream_name.clone(),
            version: self.version,
            definition: self.definition.clone(),
        }
    }

    /// Saved and not applied: somebody changed it upstream, and nobody has decided yet.
    pub fn is_held(&self) -> bool {
        self.applied_version < self.version && !self.drift.is_empty() && !self.removing
    }
}

/// How a row stands towards its upstream.
pub(super) fn standing(row: &AnyRow) -> Result<Standing, StoreError> {
    let applied = row.int("applied_version")? >= row.int("version")?;
    let (is_invalid, is_drifted) = (row.text("invalid")? != EMPTY, row.text("drift")? != EMPTY);
    Ok(if row.flag("removing")? {
        let stuck = |reason| {
            Ok::<_, StoreError>(Stuck {
                reason,
                attempts: row.small("attempts")?,
                next_try: row.at_not_zero("next_attempt_at")?,
            })
        };
        Standing::Removing { stuck: row.text_or_none("last_error")?.map(stuck).transpose()? }
    } else if let Some(reason) = row.text_or_none("last_error")? {
        Standing::Failing { reason, attempts: row.small("attempts")?, next_try: row.at_not_zero("next_attempt_at")? }
    } else if !applied && !is_drifted {
        Standing::Applying
    } else if row.flag("seen_missing")? {
        Standing::Missing
    } else if is_invalid {
        Standing::Invalid { reasons: row.json("invalid")?, drift: row.json("drift")? }
    } else if is_drifted {
        Standing::Drifted { fields: row.json("drift")? }
    } else {
        Standing::Applied
    })
}

/// A column's value when nothing drifted, and when nothing is refused.
const EMPTY: &str = "[]";

pub(super) fn read(row: &AnyRow) -> Result<DefinitionRecord, StoreError> {
    Ok(DefinitionRecord {
        id: row.text("id")?.into(),
        definition: row.json("body")?,
        follows: Followed::read(row)?,
        upstream_name: row.text("upstream_name")?,
        version: row.int("version")?,
        applied_version: row.int("applied_version")?,
        applied: row.json_or_none("applied")?,
        standing: standing(row)?,
        drift: row.json("drift")?,
        seen: row.json_or_none("seen")?,
        seen_missing: row.flag("seen_missing")?,
        resume: row.json_or_none("resume")?,
        removing: row.flag("removing")?,
        newest_good: row.at_not_zero("newest_good")?,
        last_run: last_run(row)?,
        attempts: row.small("attempts")?,
        next_attempt_at: row.at("next_attempt_at")?,
        last_error: row.text_or_none("last_error")?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
        updated_by: row.text("updated_by")?,
    })
}

fn last_run(row: &AnyRow) -> Result<Option<LastRun>, StoreError> {
    let Some(id) = row.text_or_none("last_run_id")? else {
        return Ok(None);
    };
    let key = row.text_or_none("last_run_phase")?.unwrap_or_default();
    let raw = row.text_or_none("last_run_raw")?.unwrap_or_default();
    let phase = row::phase(&key, &raw);
    Ok(Some(LastRun {
        id: id.into(),
        picked_up: phase != Phase::Queued || !raw.is_empty(),
        phase,
        at: row.at_not_zero("last_run_at")?,
        progress: row.progress("last_run_done", "last_run_total")?,
    }))
}

/// What the list's text filter looks through.
fn search(definition: &Definition) -> String {
    format!("{} {}", definition.name, definition.scope.words()).to_lowercase()
}

fn missing(found: bool) -> Result<(), StoreError> {
    if found { Ok(()) } else { Err(StoreError::new(StoreErrorKind::NotFound)) }
}

impl Store {
    /// One in full, or `NotFound`.
    pub async fn definition(&self, id: &DefinitionId) -> Result<DefinitionRecord, StoreError> {
        read(&sqlx::query("SELECT * FROM definitions WHERE id = $1").bind(id.as_str()).fetch_one(self.reader()).await?)
    }

    /// All of a connection in full, by name.
    pub async fn definitions_of(&self, connection: &ConnectionId) -> Result<Vec<DefinitionRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM definitions WHERE connection_id = $1 ORDER BY name")
            .bind(connection.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Ids and names of a connection's, by name.
    pub async fn definition_names(&self, connection: &ConnectionId) -> Result<Vec<(DefinitionId, String)>, StoreError> {
        let rows = sqlx::query("SELECT id, name FROM definitions WHERE connection_id = $1 ORDER BY name")
            .bind(connection.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(|row| Ok((row.text("id")?.into(), row.text("name")?))).collect()
    }

    /// Adds one at version 1, applied 0, with its timeline line and audit row. `Taken { what: "name" }` when the name is
    /// in use; `NotFound` when the connection or the policy is gone.
    pub async fn create_definition(
        &self,
        new: &NewDefinition,
        line: &Line,
        audit: &AuditRow,
    ) -> Result<(), StoreError> {
        let (mut tx, now, definition) = (self.begin().await?, self.now(), &new.definition);
        let schedule = definition.schedule.as_ref();
        sqlx::query(
            "INSERT INTO definitions (id, name, search, connection_id, upstream_name, body, scope_words, cron, zone, paused,
               version, created_at, updated_at, updated_by, rhythm, policy_id, policy_version, policy_tried, paused_by, paused_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, $12, $13, $14, $15, $15, $16, $17)",
        )
        .bind(new.id.as_str())
        .bind(definition.name.as_str())
        .bind(search(definition))
        .bind(definition.connection.as_str())
        .bind(new.upstream_name.as_str())
        .bind(write_json(definition)?)
        .bind(definition.scope.words())
        .bind(schedule.map(|s| s.cron.as_str()))
        .bind(schedule.and_then(|s| s.zone.as_deref()))
        .bind(i64::from(definition.paused))
        .bind(now)
        .bind(audit.actor.as_str())
        .bind(definition.rhythm())
        .bind(new.follows.as_ref().map(|(policy, _)| policy.as_str()))
        .bind(new.follows.as_ref().map_or(0, |(_, version)| *version))
        .bind(definition.paused.then_some(audit.actor.as_str()))
        .bind(definition.paused.then_some(now))
        .execute(&mut *tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        if let Some((policy, _)) = &new.follows {
            self.policy_used(&mut tx, policy).await?;
        }
        self.write_line(&mut tx, &new.id, line).await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Saves an edit (also pause, resume, adopt) and answers the new version; the waiting time after a failure is forgotten
    /// and a recorded drift is cleared. `Stale` when it isn't at `expected` or is being removed. `resume` says how the next
    /// apply resumes; `None` leaves it. The connection and the upstream name stay what they were. `NotFound` also when the policy
    /// that it is to follow is gone.
    pub async fn change_definition(
        &self,
        id: &DefinitionId,
        expected: i64,
        edit: impl Into<Edit<'_>>,
        resume: Option<Resume>,
        line: &Line,
        audit: &AuditRow,
    ) -> Result<i64, StoreError> {
        let Edit { definition, following } = edit.into();
        let (mut tx, schedule) = (self.begin().await?, definition.schedule.as_ref());
        let changed = sqlx::query(
            "UPDATE definitions SET name = $3, search = $4, body = $5, scope_words = $6, cron = $7, zone = $8, paused = $9,
               resume = COALESCE($10, resume), version = version + 1, drift = '[]', seen_missing = 0, attempts = 0,
               next_attempt_at = 0, last_error = NULL, updated_at = $11, updated_by = $12, rhythm = $13,
               paused_by = CASE WHEN $9 = 0 THEN NULL WHEN paused = 1 THEN paused_by ELSE $12 END,
               paused_at = CASE WHEN $9 = 0 THEN NULL WHEN paused = 1 THEN paused_at ELSE $11 END,
               paused_upstream = CASE WHEN paused = 1 THEN paused_upstream ELSE $14 END
             WHERE id = $1 AND version = $2 AND removing = 0 RETURNING version",
        )
        .bind(id.as_str())
        .bind(expected)
        .bind(definition.name.as_str())
        .bind(search(definition))
        .bind(write_json(definition)?)
        .bind(definition.scope.words())
        .bind(schedule.map(|s| s.cron.as_str()))
        .bind(schedule.and_then(|s| s.zone.as_deref()))
        .bind(i64::from(definition.paused))
        .bind(resume.map(|resume| write_json(&resume)).transpose()?)
        .bind(self.now())
        .bind(audit.actor.as_str())
        .bind(definition.rhythm())
        .bind(i64::from(line.kind == "adopted"))
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = changed else {
            let there = sqlx::query("SELECT id FROM definitions WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            missing(there.is_some())?;
            return Err(StoreError::new(StoreErrorKind::Stale));
        };
        self.write_following(&mut tx, id, following).await?;
        self.write_line(&mut tx, id, line).await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await?;
        row.int("version")
    }

    /// Marks it to be removed upstream, then here; an edit that began before is stale. Twice is fine.
    pub async fn remove_definition(&self, id: &DefinitionId, line: &Line, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE definitions SET removing = 1, version = version + 1, attempts = 0, next_attempt_at = 0, last_error = NULL,
               updated_at = $2, updated_by = $3 WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(self.now())
        .bind(audit.actor.as_str())
        .execute(&mut *tx)
        .await?;
        self.noted(tx, id, done.rows_affected() > 0, Some(line), audit).await
    }

    /// Has the saved version written again, over what somebody changed upstream: over `agreed`, which is what the person saw, and
    /// over nothing that came later. The version stays, so that nobody's open edit is stale.
    pub async fn reapply_definition(
        &self,
        id: &DefinitionId,
        agreed: Option<&Applied>,
        line: &Line,
        audit: &AuditRow,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE definitions SET applied_version = 0, applied = COALESCE($2, applied), drift = '[]', attempts = 0,
               next_attempt_at = 0, last_error = NULL WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(agreed.map(write_json).transpose()?)
        .execute(&mut *tx)
        .await?;
        self.noted(tx, id, done.rows_affected() > 0, Some(line), audit).await
    }

    /// Forgets the waiting time after a failure, and that its policy's newest version was refused.
    pub async fn retry_definition(&self, id: &DefinitionId, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done =
            sqlx::query("UPDATE definitions SET next_attempt_at = 0, policy_tried = policy_version WHERE id = $1")
                .bind(id.as_str())
                .execute(&mut *tx)
                .await?;
        self.noted(tx, id, done.rows_affected() > 0, None, audit).await
    }

    /// The end of a person's change: its line, its audit row, the commit.
    async fn noted(
        &self,
        mut tx: Tx,
        id: &DefinitionId,
        found: bool,
        line: Option<&Line>,
        audit: &AuditRow,
    ) -> Result<(), StoreError> {
        missing(found)?;
        if let Some(line) = line {
            self.write_line(&mut tx, id, line).await?;
        }
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }
}
