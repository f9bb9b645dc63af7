//! Accounts.

use super::{AuditRow, Store, StoreError, StoreErrorKind, Tx, row::Get};
use model::{
    SessionId, UserId,
    account::{Role, User},
};
use sqlx::any::AnyRow;

/// An account with its secret half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    pub user: User,
    /// PHC string.
    pub password_hash: String,
    /// The password was set by somebody else and must be changed.
    pub must_change: bool,
    /// IANA name.
    pub zone: String,
}

/// An account to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    /// PHC string.
    pub password_hash: String,
    pub must_change: bool,
}

pub(super) fn read(row: &AnyRow) -> Result<UserRow, StoreError> {
    let role = row.text("role")?;
    Ok(UserRow {
        user: User {
            id: row.text("id")?.into(),
            name: row.text("name")?,
            // A word of a newer version may do the least.
            role: Role::from_key(&role).unwrap_or(Role::Viewer),
            disabled: row.flag("disabled")?,
            created: row.at("created_at")?,
            last_sign_in: row.at_or_none("last_sign_in")?,
        },
        password_hash: row.text("password_hash")?,
        must_change: row.flag("must_change")?,
        zone: row.text("zone")?,
    })
}

/// Rules that span several accounts are looked at by one transaction at a time: this row's lock does it on both engines.
async fn lock(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("UPDATE settings SET value = value WHERE key = 'lock:users'").execute(&mut **tx).await?;
    Ok(())
}

async fn insert(tx: &mut Tx, new: &NewUser, now: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO users (id, name, role, password_hash, must_change, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.id.as_str())
    .bind(new.name.as_str())
    .bind(new.role.key())
    .bind(new.password_hash.as_str())
    .bind(i64::from(new.must_change))
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Another enabled administrator than this account.
async fn has_other_administrator(tx: &mut Tx, id: &UserId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM users WHERE role = $1 AND disabled = 0 AND id <> $2 LIMIT 1")
        .bind(Role::Administrator.key())
        .bind(id.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

fn found(done: &sqlx::any::AnyQueryResult) -> Result<(), StoreError> {
    if done.rows_affected() == 0 { Err(StoreError::new(StoreErrorKind::NotFound)) } else { Ok(()) }
}

impl Store {
    /// All, by name.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query("SELECT * FROM users ORDER BY name").fetch_all(self.reader()).await?;
        rows.iter().map(|row| Ok(read(row)?.user)).collect()
    }

    /// False until the set-up page was used.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query("SELECT id FROM users LIMIT 1").fetch_optional(self.reader()).await?.is_some())
    }

    /// One, or `NotFound`.
    pub async fn user(&self, id: &UserId) -> Result<UserRow, StoreError> {
        read(&sqlx::query("SELECT * FROM users WHERE id = $1").bind(id.as_str()).fetch_one(self.reader()).await?)
    }

    /// By the exact name; disabled ones too.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserRow>, StoreError> {
        // PostgreSQL refuses NUL in text; no name has one.
        if name.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query("SELECT * FROM users WHERE name = $1").bind(name).fetch_optional(self.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Adds one. `Taken { what: "name" }` when the name is in use.
    pub async fn create_user(&self, new: &NewUser, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        insert(&mut tx, new, self.now()).await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Adds the very first one. `Taken { what: "setup" }` when there is one already, also when two ask at once.
    pub async fn create_first_user(&self, new: &NewUser, audit: &AuditRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx).await?;
        if sqlx::query("SELECT id FROM users LIMIT 1").fetch_optional(&mut *tx).await?.is_some() {
            return Err(StoreError::new(StoreErrorKind::Taken { what: "setup" }));
        }
        insert(&mut tx, new, self.now()).await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Sets the password and ends the account's sessions, except `keep`.
    pub async fn set_password(
        &self,
        id: &UserId,
        password_hash: &str,
        must_change: bool,
        keep: Option<&SessionId>,
        audit: &AuditRow,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE users SET password_hash = $2, must_change = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(password_hash)
            .bind(i64::from(must_change))
            .execute(&mut *tx)
            .await?;
        found(&done)?;
        sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
            .bind(id.as_str())
            .bind(keep.map_or("", SessionId::as_str))
            .execute(&mut *tx)
            .await?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await
    }

    /// Replaces the hash of an unchanged password by a stronger one; sessions stay.
    pub async fn rehash_password(&self, id: &UserId, password_hash: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(password_hash)
            .execute(&self.0.writer)
            .await?;
        Ok(())
    }

    /// Sets the role. False, and nothing changed, when no enabled administrator would be left.
    pub async fn set_role(&self, id: &UserId, role: Role, audit: &AuditRow) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx).await?;
        if role != Role::Administrator && !has_other_administrator(&mut tx, id).await? {
            return Ok(false);
        }
        let done = sqlx::query("UPDATE users SET role = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(role.key())
            .execute(&mut *tx)
            .await?;
        found(&done)?;
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await?;
        Ok(true)
    }

    /// Disables (ending all sessions) or enables. False, and nothing changed, when no enabled administrator would be left.
    pub async fn set_disabled(&self, id: &UserId, disabled: bool, audit: &AuditRow) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx).await?;
        if disabled && !has_other_administrator(&mut tx, id).await? {
            return Ok(false);
        }
        let done = sqlx::query("UPDATE users SET disabled = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(i64::from(disabled))
            .execute(&mut *tx)
            .await?;
        found(&done)?;
        if disabled {
            sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(id.as_str()).execute(&mut *tx).await?;
        }
        self.write_audit(&mut tx, audit).await?;
        self.commit(tx).await?;
        Ok(true)
    }

    /// Sets the zone of times on pages.
    pub async fn set_zone(&self, id: &UserId, zone: &str) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE users SET zone = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(zone)
            .execute(&self.0.writer)
            .await?;
        found(&done)
    }
}
