//! Policies of the library, and who follows them.

mod rollout;

pub use rollout::{Behind, BehindPage, Taken};

use super::{
    AuditRow, Store, StoreError, StoreErrorKind,
    connections::read_kind,
    definitions::{self, DefinitionRecord, Followed, standing},
    row::{Get, write_json},
};
use model::{
    DefinitionId, Millis, PolicyId,
    connection::ProviderKind,
    definition::{Definition, Standing},
    policy::Policy,
    view::Rollout,
};
use sqlx::{AssertSqlSafe, any::AnyRow};
use std::collections::HashMap;

/// A stored policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRecord {
    pub id: PolicyId,
    pub policy: Policy,
    pub version: i64,
    /// When a definition last began to follow it.
    pub used_at: Option<Millis>,
    pub updated_at: Millis,
    pub updated_by: String,
}

/// A policy with who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyListRow {
    pub record: PolicyRecord,
    /// Systems of the definitions that follow it, in the order of the choice.
    pub systems: Vec<ProviderKind>,
    pub rollout: Rollout,
}

/// A definition that follows a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowerRow {
    pub id: DefinitionId,
    pub name: String,
    pub connection_name: String,
    pub kind: ProviderKind,
    pub standing: Standing,
    pub followed: Followed,
    /// Its record can't be read, so that it takes nothing over.
    pub unreadable: bool,
    /// Recovery points that are held.
    pub points: u64,
}

/// A definition whose record can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub id: DefinitionId,
    pub name: String,
    /// Why, for the log.
    pub error: String,
}

impl Unreadable {
    fn of(row: &AnyRow, error: &StoreError) -> Result<Self, StoreError> {
        Ok(Self { id: row.text("id")?.into(), name: row.text("name")?, error: error.to_string() })
    }
}

/// Cannot take the policy's newest version over, or could not be applied, or is not run by its upstream. Of `d` and `p`.
const FAILED: &str = "d.removing = 0 AND (d.policy_tried >= p.version AND d.policy_refused <> '[]' OR d.last_error IS NOT NULL OR d.invalid <> '[]')";

/// The policy's newest version is in force. Of `d` and `p`.
const IN_FORCE: &str = "d.removing = 0 AND d.policy_version = p.version AND d.applied_version >= d.version AND d.drift = '[]' \
    AND d.seen_missing = 0 AND d.last_error IS NULL AND d.invalid = '[]'";

fn read(row: &AnyRow) -> Result<PolicyRecord, StoreError> {
    Ok(PolicyRecord {
        id: row.text("id")?.into(),
        policy: row.json("body")?,
        version: row.int("version")?,
        used_at: row.at_not_zero("used_at")?,
        updated_at: row.at("updated_at")?,
        updated_by: row.text("updated_by")?,
    })
}

impl Store {
    /// All, by name.
    pub async fn policies(&self) -> Result<Vec<PolicyListRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM policies ORDER BY name, id").fetch_all(self.reader()).await?;
        let mut used = self.policy_use(None).await?;
        rows.iter().map(|row| read(row).map(|record| with_use(record, &mut used))).collect()
    }

    /// One, or `NotFound`.
    pub async fn policy(&self, id: &PolicyId) -> Result<PolicyRecord, StoreError> {
        read(&sqlx::query("SELECT * FROM policies WHERE id = $1").bind(id.as_str()).fetch_one(self.reader()).await?)
    }

    /// One with who uses it, or `NotFound`.
    pub async fn policy_row(&self, id: &PolicyId) -> Result<PolicyListRow, StoreError> {
        let record = self.policy(id).await?;
        Ok(with_use(record, &mut self.policy_use(Some(id)).await?))
    }

    /// Systems and counts of the definitions that follow `only`, or any.
    async fn policy_use(&self, only: Option<&PolicyId>) -> Result<HashMap<String, Use>, StoreError> {
        let one = if only.is_some() { "WHERE p.id = $1" } else { "" };
        let sql = format!(
            "SELECT d.policy_id, c.kind, COUNT(*) AS n, COUNT(CASE WHEN {FAILED} THEN 1 END) AS failed,
               COUNT(CASE WHEN {IN_FORCE} AND NOT ({FAILED}) THEN 1 END) AS applied
             FROM policies p JOIN definitions d ON d.policy_id = p.id JOIN connections c ON c.id = d.connection_id {one}
             GROUP BY d.policy_id, c.kind"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let Some(id) = only {
            query = query.bind(id.as_str());
        }
        let mut used: HashMap<String, Use> = HashMap::new();
        for row in &query.fetch_all(self.reader()).await? {
            let one = used.entry(row.text("policy_id")?).or_default();
            one.systems.push(read_kind(&row.text("kind")?)?);
            one.all += row.count("n")?;
            one.failed += row.count("failed")?;
            one.applied += row.count("applied")?;
        }
        Ok(used)
    }

    /// The definitions that follow a policy, `limit` at most: those that could not take it over first, then by name.
    pub async fn followers(&self, id: &PolicyId, limit: usize) -> Result<Vec<FollowerRow>, StoreError> {
        let sql = format!(
            "SELECT d.id, d.name, d.body, d.version, d.applied_version, d.drift, d.invalid, d.seen_missing, d.removing, d.attempts,
               d.next_attempt_at, d.last_error, d.policy_id, d.policy_version, d.policy_tried, d.policy_refused,
               c.name AS connection_name, c.kind,
               (SELECT COUNT(*) FROM points x WHERE x.definition_id = d.id) AS points
             FROM policies p JOIN definitions d ON d.policy_id = p.id JOIN connections c ON c.id = d.connection_id
             WHERE p.id = $1 ORDER BY CASE WHEN {FAILED} THEN 0 ELSE 1 END, d.name LIMIT $2"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(id.as_str())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(self.reader())
            .await?;
        let mut followers = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(followed) = Followed::read(row)? else { continue };
            followers.push(FollowerRow {
                id: row.text("id")?.into(),
                name: row.text("name")?,
                connection_name: row.text("connection_name")?,
                kind: read_kind(&row.text("kind")?)?,
                standing: standing(row)?,
                followed,
                unreadable: row.json::<Definition>("body").is_err(),
                points: row.count("points")?,
            });
        }
        Ok(followers)
    }

    /// The definitions that follow a policy, in full, by name; and those whose record can't be read.
    pub async fn following(&self, id: &PolicyId) -> Result<(Vec<DefinitionRecord>, Vec<Unreadable>), StoreError> {
        let rows = sqlx::query("SELECT * FROM definitions WHERE policy_id = $1 ORDER BY name")
            .bind(id.as_str())
            .fetch_all(self.reader())
            .await?;
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        for row in &rows {
            match definitions::read(row) {
                Ok(record) => records.push(record),
                Err(error) => unreadable.push(Unreadable::of(row, &error)?),
            }
        }
        Ok((records, unreadable))
    }

    /// Adds one at version 1. `Taken { what: "name" }` when the name is in use.
    pub async fn create_policy(&self, id: &PolicyId, policy: &Policy, audit: &AuditRow) -> Result<(), StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        sqlx::query(
            "INSERT INTO policies (id, name, body, version, created_at, updated_at, updated_by)
             VALUES ($1, $2, $3, 1, $4, $4, $5)",
        )
        .bind(id.as_str())
        .bind(policy.name.as_str())
        .bind(write_json(policy)?)
        .bind(now)
        .bind(audit.actor.as_str())
        .execute(&mut *tx)
        .await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Changes one and answers its new version; the definitions that follow it are then behind. `Stale` when it isn't at `expected`,
    /// `Taken` when the name is in use, `NotFound` when it is gone.
    pub async fn change_policy(
        &self,
        id: &PolicyId,
        expected: i64,
        policy: &Policy,
        audit: &AuditRow,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE policies SET name = $3, body = $4, version = version + 1, updated_at = $5, updated_by = $6
             WHERE id = $1 AND version = $2 RETURNING version",
        )
        .bind(id.as_str())
        .bind(expected)
        .bind(policy.name.as_str())
        .bind(write_json(policy)?)
        .bind(self.now())
        .bind(audit.actor.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = changed else {
            let there =
                sqlx::query("SELECT id FROM policies WHERE id = $1").bind(id.as_str()).fetch_optional(&mut *tx).await?;
            let kind = if there.is_some() { StoreErrorKind::Stale } else { StoreErrorKind::NotFound };
            return Err(StoreError::new(kind));
        };
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await?;
        row.int("version")
    }

    /// Deletes one. `Stale` while a definition follows it, `NotFound` when it is gone.
    pub async fn delete_policy(&self, id: &PolicyId, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // The reference of definitions decides, also against one that is being saved at this moment.
        let done = sqlx::query("DELETE FROM policies WHERE id = $1")
            .bind(id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::Stale))?;
        if done.rows_affected() == 0 {
            return Err(StoreError::new(StoreErrorKind::NotFound));
        }
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }
}

#[derive(Debug, Default)]
struct Use {
    systems: Vec<ProviderKind>,
    all: u64,
    applied: u64,
    failed: u64,
}

fn with_use(record: PolicyRecord, used: &mut HashMap<String, Use>) -> PolicyListRow {
    let Use { systems, all, applied, failed } = used.remove(record.id.as_str()).unwrap_or_default();
    PolicyListRow {
        record,
        systems: ProviderKind::ALL.into_iter().filter(|kind| systems.contains(kind)).collect(),
        rollout: Rollout { all, applied, waiting: all.saturating_sub(applied + failed), failed },
    }
}
