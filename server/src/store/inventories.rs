//! What the upstreams list as there to be protected, as it was last read, with the moment at which each place first came up.

use super::{
    Store, StoreError, StoreErrorKind,
    row::{Get, write_json},
};
use model::{
    ConnectionId, Millis,
    connection::{Inventory, SubjectSeen},
};
use sqlx::{AssertSqlSafe, any::AnyRow};
use std::collections::{BTreeMap, BTreeSet};

/// The last reading of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInventory {
    pub connection: ConnectionId,
    /// The connection's version that it was read with.
    pub connection_version: i64,
    /// Without kinds and locations.
    pub inventory: Inventory,
    pub read_at: Millis,
    /// By key of the place, see [`namespace_key`] and [`subject_key`]; those of the very first reading are not in it.
    pub first_seen: BTreeMap<String, Millis>,
}

impl StoredInventory {
    /// When the place was first listed; `None`: it was there from the beginning.
    pub fn since(&self, key: &str) -> Option<Millis> {
        self.first_seen.get(key).copied()
    }
}

/// The key of a namespace, of the whole upstream or of one of its subjects.
pub fn namespace_key(subject: Option<&str>, namespace: &str) -> String {
    match subject {
        Some(subject) => format!("subject/{subject}/namespace/{namespace}"),
        None => format!("namespace/{namespace}"),
    }
}

/// The key of a cluster, app, workspace or instance.
pub fn subject_key(subject: &str) -> String {
    format!("subject/{subject}")
}

fn keys(inventory: &Inventory) -> BTreeSet<String> {
    let own = inventory.namespaces.iter().map(|n| namespace_key(None, &n.name));
    let of = |subject: &SubjectSeen| {
        let namespaces: Vec<String> =
            subject.namespaces.iter().map(|n| namespace_key(Some(&subject.id), &n.name)).collect();
        std::iter::once(subject_key(&subject.id)).chain(namespaces)
    };
    own.chain(inventory.subjects.iter().flat_map(of)).collect()
}

fn read(row: &AnyRow) -> Result<StoredInventory, StoreError> {
    Ok(StoredInventory {
        connection: row.text("connection_id")?.into(),
        connection_version: row.int("connection_version")?,
        inventory: row.json("body")?,
        read_at: row.at("read_at")?,
        first_seen: row.json("first_seen")?,
    })
}

const SELECT: &str = "SELECT connection_id, connection_version, body, read_at, first_seen FROM inventories";

impl Store {
    /// Of every connection that was read.
    pub async fn inventories(&self) -> Result<Vec<StoredInventory>, StoreError> {
        let sql = AssertSqlSafe(format!("{SELECT} ORDER BY connection_id"));
        sqlx::query(sql).fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Of one connection; `None` when it was never read.
    pub async fn inventory_of(&self, connection: &ConnectionId) -> Result<Option<StoredInventory>, StoreError> {
        let sql = AssertSqlSafe(format!("{SELECT} WHERE connection_id = $1"));
        sqlx::query(sql).bind(connection.as_str()).fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// Records a reading; answers whether the lists differ from those before. `NotFound` when the connection was removed
    /// meanwhile. Only the holder of the connection's lease calls this.
    pub async fn record_inventory(
        &self,
        connection: &ConnectionId,
        connection_version: i64,
        inventory: &Inventory,
    ) -> Result<bool, StoreError> {
        let kept = Inventory { resources: Vec::new(), locations: Vec::new(), at: None, ..inventory.clone() };
        let now = Millis(self.now());
        let before = self.inventory_of(connection).await?;
        let first_seen: BTreeMap<String, Millis> = match &before {
            None => BTreeMap::new(),
            Some(before) => {
                let known = keys(&before.inventory);
                let since = |key: String| {
                    let at = if known.contains(&key) { before.since(&key)? } else { now };
                    Some((key, at))
                };
                keys(&kept).into_iter().filter_map(since).collect()
            }
        };
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO inventories (connection_id, connection_version, body, read_at, first_seen) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (connection_id) DO UPDATE SET connection_version = excluded.connection_version, body = excluded.body,
               read_at = excluded.read_at, first_seen = excluded.first_seen",
        )
        .bind(connection.as_str())
        .bind(connection_version)
        .bind(write_json(&kept)?)
        .bind(now.0)
        .bind(write_json(&first_seen)?)
        .execute(&mut *tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        self.commit(tx).await?;
        Ok(before.is_none_or(|before| before.inventory != kept))
    }
}
