//! Workspaces: ours by rules, and what was set here for those that upstreams keep.

use super::{
    AuditRow, Store, StoreError, StoreErrorKind,
    row::{Get, write_json},
};
use model::{ConnectionId, Millis, WorkspaceId, workspace::Workspace};
use sqlx::any::AnyRow;

/// A stored workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRecord {
    pub id: WorkspaceId,
    pub workspace: Workspace,
    pub version: i64,
    /// Of an upstream's own: the connection, and its id there.
    pub upstream: Option<(ConnectionId, String)>,
    pub updated_at: Millis,
    pub updated_by: String,
}

fn read(row: &AnyRow) -> Result<WorkspaceRecord, StoreError> {
    let upstream = match (row.text_or_none("connection_id")?, row.text_or_none("upstream_id")?) {
        (Some(connection), Some(id)) => Some((connection.into(), id)),
        _ => None,
    };
    Ok(WorkspaceRecord {
        id: row.text("id")?.into(),
        workspace: row.json("body")?,
        version: row.int("version")?,
        upstream,
        updated_at: row.at("updated_at")?,
        updated_by: row.text("updated_by")?,
    })
}

impl Store {
    /// All that are stored, by name.
    pub async fn workspaces(&self) -> Result<Vec<WorkspaceRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM workspaces ORDER BY name, id").fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// One, or `NotFound`.
    pub async fn workspace(&self, id: &WorkspaceId) -> Result<WorkspaceRecord, StoreError> {
        read(&sqlx::query("SELECT * FROM workspaces WHERE id = $1").bind(id.as_str()).fetch_one(self.reader()).await?)
    }

    /// Adds one at version 1: ours, or with `upstream` what is set for an upstream's own. `Taken` when one of ours has its name;
    /// `Stale` when something was set for the upstream's own in between; `NotFound` when its connection is gone.
    pub async fn create_workspace(
        &self,
        id: &WorkspaceId,
        workspace: &Workspace,
        upstream: Option<(&ConnectionId, &str)>,
        audit: &AuditRow,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO workspaces (id, name, body, version, connection_id, upstream_id, created_at, updated_at, updated_by)
             VALUES ($1, $2, $3, 1, $4, $5, $6, $6, $7) ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.as_str())
        .bind(workspace.name.as_str())
        .bind(write_json(workspace)?)
        .bind(upstream.map(|(connection, _)| connection.as_str()))
        .bind(upstream.map(|(_, id)| id))
        .bind(self.now())
        .bind(audit.actor.as_str())
        .execute(&mut *tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        if done.rows_affected() == 0 {
            return Err(StoreError::new(StoreErrorKind::Stale));
        }
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Saves an edit and answers the new version. `Stale` when it isn't at `expected`, `Taken` when the name is in use, `NotFound`
    /// when it is gone.
    pub async fn change_workspace(
        &self,
        id: &WorkspaceId,
        expected: i64,
        workspace: &Workspace,
        audit: &AuditRow,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE workspaces SET name = $3, body = $4, version = version + 1, updated_at = $5, updated_by = $6
             WHERE id = $1 AND version = $2 RETURNING version",
        )
        .bind(id.as_str())
        .bind(expected)
        .bind(workspace.name.as_str())
        .bind(write_json(workspace)?)
        .bind(self.now())
        .bind(audit.actor.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = changed else {
            let there = sqlx::query("SELECT id FROM workspaces WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            let kind = if there.is_some() { StoreErrorKind::Stale } else { StoreErrorKind::NotFound };
            return Err(StoreError::new(kind));
        };
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await?;
        row.int("version")
    }

    /// Removes one; what it watched stays. `NotFound` when it is gone already.
    pub async fn delete_workspace(&self, id: &WorkspaceId, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM workspaces WHERE id = $1").bind(id.as_str()).execute(&mut *tx).await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::new(StoreErrorKind::NotFound));
        }
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }
}
