//! What the reconciler asks of the four leased tables alike.

use super::{Store, StoreError};
use model::{ConnectionId, Millis};
use sqlx::AssertSqlSafe;

/// A row that is worked on under a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leased {
    Definition,
    Run,
    Restore,
    /// A recovery point whose deletion was ordered.
    Point,
}

impl Leased {
    const ALL: [Self; 4] = [Self::Definition, Self::Run, Self::Restore, Self::Point];

    fn table(self) -> &'static str {
        match self {
            Self::Definition => "definitions",
            Self::Run => "runs",
            Self::Restore => "restores",
            Self::Point => "points",
        }
    }
}

impl Store {
    /// Prolongs the lease of one row; false when it is not ours any more.
    pub async fn renew_lease(&self, what: Leased, id: &str, node: &str, until: Millis) -> Result<bool, StoreError> {
        self.renew(what.table(), id, node, until).await
    }

    /// Forgets the waiting times after failures of everything on a connection: it answers again.
    pub async fn wake_work(&self, connection: &ConnectionId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for what in Leased::ALL {
            let sql = format!(
                "UPDATE {} SET next_attempt_at = 0 WHERE connection_id = $1 AND next_attempt_at > 0 AND lease_until = 0",
                what.table()
            );
            sqlx::query(AssertSqlSafe(sql)).bind(connection.as_str()).execute(&mut *tx).await?;
        }
        self.commit(tx).await
    }

    /// Ends the leases of everybody but `node`. Only where no other node can be at work: at the start on SQLite, after a
    /// crash that left some.
    pub async fn drop_leases(&self, node: &str) -> Result<(), StoreError> {
        if self.shared() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for table in Leased::ALL.map(Leased::table).into_iter().chain(["connections"]) {
            let sql = format!(
                "UPDATE {table} SET lease_owner = NULL, lease_until = 0 WHERE lease_until > 0 AND lease_owner <> $1"
            );
            sqlx::query(AssertSqlSafe(sql)).bind(node).execute(&mut *tx).await?;
        }
        self.commit(tx).await
    }
}
