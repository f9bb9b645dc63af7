//! Registered upstreams: settings, sealed credential, health, and which node observes them.

use super::{
    AuditRow, Store, StoreError, StoreErrorKind,
    row::{Get, write_json},
};
use crate::provider::Settings;
use model::{
    ConnectionId, Millis,
    connection::{Connection, Health, ProviderKind},
    location::Location,
};
use sqlx::{AssertSqlSafe, any::AnyRow};

/// A stored connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRow {
    pub id: ConnectionId,
    pub name: String,
    pub kind: ProviderKind,
    pub settings: Settings,
    /// `provider::Secret` as JSON, sealed with the id.
    pub secret: String,
    pub version: i64,
    pub health: Health,
    pub upstream_version: Option<String>,
    pub platform: Option<String>,
    pub latency_ms: Option<u32>,
    pub last_seen: Option<Millis>,
    pub locations: Vec<Location>,
    /// Raised each time that somebody asks for a try now.
    pub nudge: i64,
    /// Definitions on it.
    pub definitions: u32,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// A connection to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConnection {
    pub id: ConnectionId,
    pub name: String,
    pub kind: ProviderKind,
    pub settings: Settings,
    /// Sealed with the id.
    pub secret: String,
    /// What the test before saving found.
    pub health: HealthRecord,
    pub locations: Vec<Location>,
}

/// What changes of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionChange {
    pub name: String,
    pub settings: Settings,
    /// Sealed with the id; `None` keeps the stored one.
    pub secret: Option<String>,
}

/// What was heard, or not heard, of an upstream. `None` leaves the stored value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthRecord {
    pub health: Health,
    pub upstream_version: Option<String>,
    pub platform: Option<String>,
    pub latency_ms: Option<u32>,
    pub last_seen: Option<Millis>,
}

impl ConnectionRow {
    /// As pages read it; without the credential.
    pub fn view(&self) -> Connection {
        Connection {
            id: self.id.clone(),
            name: self.name.clone(),
            kind: self.kind,
            address: self.settings.address.clone(),
            namespace: self.settings.namespace.clone(),
            account: self.settings.account.clone(),
            variant: self.settings.variant.clone(),
            ca: self.settings.ca.clone(),
            credential_kind: self.settings.credential_kind.clone(),
            health: self.health.clone(),
            version: self.upstream_version.clone(),
            platform: self.platform.clone(),
            latency_ms: self.latency_ms,
            last_seen: self.last_seen,
            definitions: self.definitions,
            version_number: self.version,
        }
    }
}

/// With the number of definitions; the aggregate is over an index.
const SELECT: &str =
    "SELECT c.*, (SELECT COUNT(*) FROM definitions d WHERE d.connection_id = c.id) AS definitions FROM connections c";

fn read(row: &AnyRow) -> Result<ConnectionRow, StoreError> {
    let kind = row.text("kind")?;
    Ok(ConnectionRow {
        id: row.text("id")?.into(),
        name: row.text("name")?,
        kind: read_kind(&kind)?,
        settings: row.json("settings")?,
        secret: row.text("secret")?,
        version: row.int("version")?,
        health: row.json("health")?,
        upstream_version: row.text_or_none("upstream_version")?,
        platform: row.text_or_none("platform")?,
        latency_ms: row.int_or_none("latency_ms")?.and_then(|ms| u32::try_from(ms).ok()),
        last_seen: row.at_or_none("last_seen")?,
        locations: row.json("locations")?,
        nudge: row.int("nudge")?,
        definitions: row.small("definitions")?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
    })
}

pub(super) fn read_kind(key: &str) -> Result<ProviderKind, StoreError> {
    ProviderKind::from_key(key)
        .ok_or_else(|| StoreError::corrupt("kind", std::io::Error::other(format!("no system is called {key}"))))
}

impl Store {
    /// All, by name.
    pub async fn connections(&self) -> Result<Vec<ConnectionRow>, StoreError> {
        let rows = sqlx::query(AssertSqlSafe(format!("{SELECT} ORDER BY c.name"))).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// One, or `NotFound`.
    pub async fn connection(&self, id: &ConnectionId) -> Result<ConnectionRow, StoreError> {
        let sql = AssertSqlSafe(format!("{SELECT} WHERE c.id = $1"));
        read(&sqlx::query(sql).bind(id.as_str()).fetch_one(self.reader()).await?)
    }

    /// Adds one at version 1. `Taken { what: "name" }` when the name is in use.
    pub async fn create_connection(&self, new: &NewConnection, audit: &AuditRow) -> Result<(), StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        sqlx::query(
            "INSERT INTO connections (id, name, search, kind, settings, secret, version, health, silent, upstream_version,
               platform, latency_ms, last_seen, locations, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        )
        .bind(new.id.as_str())
        .bind(new.name.as_str())
        .bind(new.name.to_lowercase())
        .bind(new.kind.key())
        .bind(write_json(&new.settings)?)
        .bind(new.secret.as_str())
        .bind(write_json(&new.health.health)?)
        .bind(i64::from(new.health.health.is_silent()))
        .bind(new.health.upstream_version.as_deref())
        .bind(new.health.platform.as_deref())
        .bind(new.health.latency_ms.map(i64::from))
        .bind(new.health.last_seen.map(|at| at.0))
        .bind(write_json(&new.locations)?)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Changes one and answers its new version. `Stale` when it isn't at `expected`, `Taken` when the name is in use. Its
    /// lease ends, so that its observer begins again.
    pub async fn change_connection(
        &self,
        id: &ConnectionId,
        expected: i64,
        change: &ConnectionChange,
        audit: &AuditRow,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE connections SET name = $3, search = $4, settings = $5, secret = COALESCE($6, secret),
               version = version + 1, lease_owner = NULL, lease_until = 0, updated_at = $7
             WHERE id = $1 AND version = $2 RETURNING version",
        )
        .bind(id.as_str())
        .bind(expected)
        .bind(change.name.as_str())
        .bind(change.name.to_lowercase())
        .bind(write_json(&change.settings)?)
        .bind(change.secret.as_deref())
        .bind(self.now())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = changed else {
            let there = sqlx::query("SELECT id FROM connections WHERE id = $1")
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

    /// Removes one with its runs, recovery points and restores (ours, not the upstream's). `Stale` while definitions use
    /// it.
    pub async fn remove_connection(&self, id: &ConnectionId, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // The tables drop the rest by themselves, also what another node is storing at this moment.
        let done = sqlx::query("DELETE FROM connections WHERE id = $1")
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

    /// Asks for a try now.
    pub async fn nudge_connection(&self, id: &ConnectionId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE connections SET nudge = nudge + 1 WHERE id = $1")
            .bind(id.as_str())
            .execute(&mut *tx)
            .await?;
        self.commit(tx).await
    }

    /// Takes or prolongs the right to observe a connection; false while another living node has it.
    pub async fn lease_connection(
        &self,
        id: &ConnectionId,
        node: &str,
        now: Millis,
        lease_ms: i64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE connections SET lease_owner = $2, lease_until = $4
             WHERE id = $1 AND (lease_owner = $2 OR lease_until <= $3)",
        )
        .bind(id.as_str())
        .bind(node)
        .bind(now.0)
        .bind(now.plus(lease_ms).0)
        .execute(&self.0.writer)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives the right to observe back, at shutdown.
    pub async fn release_connection(&self, id: &ConnectionId, node: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE connections SET lease_owner = NULL, lease_until = 0 WHERE id = $1 AND lease_owner = $2")
            .bind(id.as_str())
            .bind(node)
            .execute(&self.0.writer)
            .await?;
        Ok(())
    }

    /// Records what was heard; writes and answers true only when something differs (`last_seen` and `latency_ms` by
    /// themselves count: call it with them only as often as pages need).
    pub async fn record_health(&self, id: &ConnectionId, record: &HealthRecord) -> Result<bool, StoreError> {
        let row = self.connection(id).await?;
        let fits = |new: &Option<String>, old: &Option<String>| new.is_none() || new == old;
        if row.health == record.health
            && fits(&record.upstream_version, &row.upstream_version)
            && fits(&record.platform, &row.platform)
            && (record.latency_ms.is_none() || record.latency_ms == row.latency_ms)
            && (record.last_seen.is_none() || record.last_seen == row.last_seen)
        {
            return Ok(false);
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE connections SET health = $2, silent = $3, upstream_version = COALESCE($4, upstream_version),
               platform = COALESCE($5, platform), latency_ms = COALESCE($6, latency_ms), last_seen = COALESCE($7, last_seen)
             WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(write_json(&record.health)?)
        .bind(i64::from(record.health.is_silent()))
        .bind(record.upstream_version.as_deref())
        .bind(record.platform.as_deref())
        .bind(record.latency_ms.map(i64::from))
        .bind(record.last_seen.map(|at| at.0))
        .execute(&mut *tx)
        .await?;
        if !fits(&record.upstream_version, &row.upstream_version) {
            // Another version may express what the one before could not.
            sqlx::query("UPDATE definitions SET policy_tried = policy_version WHERE connection_id = $1 AND policy_refused <> '[]'")
                .bind(id.as_str())
                .execute(&mut *tx)
                .await?;
        }
        self.commit(tx).await?;
        Ok(true)
    }

    /// Records the storage locations; writes and answers true only when they differ.
    pub async fn record_locations(&self, id: &ConnectionId, locations: &[Location]) -> Result<bool, StoreError> {
        if self.connection(id).await?.locations == locations {
            return Ok(false);
        }
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE connections SET locations = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(write_json(&locations)?)
            .execute(&mut *tx)
            .await?;
        self.commit(tx).await?;
        Ok(true)
    }
}
