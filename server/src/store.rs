//! Where Holdfast keeps everything: SQLite in a file by default, PostgreSQL by URL for more than one node.
//!
//! One SQL text serves both through sqlx's any-driver, under four rules: columns are TEXT and BIGINT only, `$1` placeholders,
//! `ON CONFLICT` and `RETURNING` but no engine functions, keyset pages and never OFFSET. What a person changes is one transaction
//! with its audit row. `server/tests/store_contract.rs` runs one list of cases on both engines.

mod audit;
mod changes;
mod connections;
mod definitions;
mod error;
mod inventories;
mod lease;
mod migrations;
mod naming;
mod page;
mod points;
mod policies;
mod restores;
mod row;
mod runs;
mod seen;
mod sessions;
mod settings;
mod throttles;
mod timeline;
mod users;
mod watching;
mod work;
mod workspaces;

pub use audit::{AuditEntry, AuditRow, REFUSED};
pub use changes::ChangeCursor;
pub use connections::{ConnectionChange, ConnectionRow, HealthRecord, NewConnection};
pub use definitions::{
    DeclaredRecord, DeclaredStored, DefinitionListRow, DefinitionPage, DefinitionRecord, Edit, Followed, FollowedRow,
    Following, FrameCounts, NewDefinition, WatchedDefinition,
};
pub use error::{StoreError, StoreErrorKind};
pub use inventories::{StoredInventory, namespace_key, subject_key};
pub use points::WantedDeletion;
pub use policies::{Behind, BehindPage, FollowerRow, PolicyListRow, PolicyRecord, Taken, Unreadable};
pub use restores::{NewRestore, WantedRestore};
pub use runs::{NewRun, RunRecord, WantedRun};
pub use sessions::{NewSession, SessionRow};
pub use throttles::Throttle;
pub use timeline::Line;
pub use users::{NewUser, UserRow};
pub use watching::{NarrowRun, PlacedRun, WholePoint, request_key};
pub use work::Leased;
pub use workspaces::WorkspaceRecord;

use crate::clock::Clock;
use migrations::MIGRATIONS;
use model::DefinitionId;
use sqlx::{
    Any, AnyConnection, AnyPool, ConnectOptions, Connection as _,
    any::{AnyConnectOptions, AnyPoolOptions},
    pool::PoolConnectionMetadata,
};
use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Rows on a page of a list, unless a caller says otherwise.
pub const PAGE_ROWS: usize = 200;

/// Observations in one transaction, at most. Longer slices are stored in several.
pub const BATCH_ROWS: usize = 200;

/// Readers beside the one writer, on SQLite; connections in all, on PostgreSQL.
const READERS: u32 = 4;
const CONNECTIONS: u32 = 10;

/// So long a statement waits for a connection or a lock before it is told that the store is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: bool,
    clock: Clock,
    /// One connection on SQLite, which has one writer at a time anyway: waiting in the pool is fair, waiting for its lock isn't.
    writer: AnyPool,
    /// The same pool as the writer's on PostgreSQL and in memory.
    readers: AnyPool,
    writes: AtomicU64,
}

/// A write transaction. Dropped without [`Store::commit`] it is rolled back.
type Tx = sqlx::Transaction<'static, Any>;

/// An observation that changed a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// What to publish: `runs:<id>`, `points:<id>`, `restores:<id>`.
    pub topic: String,
    /// The definition that it belongs to; its row (newest good point, last run) may have changed too.
    pub definition: Option<DefinitionId>,
}

/// A new id: UUIDv7 as text, so that ids sort by the moment that they were made; within a process also those of
/// one millisecond, by a counter in the bits after the time (RFC 9562, section 6.2). The last 12 digits are random.
pub fn new_id(clock: &Clock) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    // Version and variant cover the top bits of bytes 0 and 2; 26 bits of the counter stand around them.
    let [.., a, b, c, d] = count;
    let mut rest = [a << 2 | b >> 6, b << 2 | c >> 6, c & 0x3f, d, 0, 0, 0, 0, 0, 0];
    getrandom::fill(&mut rest[4..]).expect("the system has a source of randomness");
    let ms = u64::try_from(clock.now().0).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(ms, &rest).into_uuid().to_string()
}

impl Store {
    /// Opens the database and brings its tables up to date under a lock, so that two nodes may start at once.
    ///
    /// `url` is `sqlite:///path/holdfast.db?mode=rwc`, `sqlite::memory:` (one connection, for tests) or `postgres://…`.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let shared = url.starts_with("postgres:") || url.starts_with("postgresql:");
        let options = AnyConnectOptions::from_str(url)?.disable_statement_logging();
        // Alone first: a pool tries again and again, and in the end says only that it waited too long.
        let mut first = AnyConnection::connect_with(&options).await?;
        if !shared {
            tune_one(&mut first).await?;
        }
        first.close().await?;
        let memory = url.contains(":memory:");
        let pool = || {
            let pool = AnyPoolOptions::new().acquire_timeout(PATIENCE).test_before_acquire(shared);
            match (shared, memory) {
                (true, _) => pool,
                (false, true) => pool.idle_timeout(None).max_lifetime(None).after_connect(tune),
                (false, false) => pool.after_connect(tune).before_acquire(sound),
            }
        };
        let (writer, readers) = if shared {
            let pool = pool().max_connections(CONNECTIONS).connect_with(options).await?;
            (pool.clone(), pool)
        } else {
            let writer = pool().max_connections(1).connect_with(options.clone()).await?;
            let readers =
                if memory { writer.clone() } else { pool().max_connections(READERS).connect_lazy_with(options) };
            (writer, readers)
        };
        let store = Self(Arc::new(Inner { shared, clock, writer, readers, writes: AtomicU64::new(0) }));
        store.migrate().await?;
        Ok(store)
    }

    /// PostgreSQL: sqlx takes an advisory lock of its own. SQLite: it takes none, so the whole migration is one
    /// transaction that holds the write lock from its beginning.
    async fn migrate(&self) -> Result<(), StoreError> {
        if self.0.shared {
            let mut connection = self.0.writer.acquire().await?;
            MIGRATIONS.run_direct(None, &mut *connection, false).await?;
        } else {
            let mut tx = self.begin().await?;
            MIGRATIONS.run_direct(None, &mut *tx, false).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// True for PostgreSQL: other nodes may share the database.
    pub fn shared(&self) -> bool {
        self.0.shared
    }

    /// One cheap read, for the readiness page.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT value FROM settings WHERE key = 'lock:users'").fetch_one(self.reader()).await?;
        Ok(())
    }

    /// Write transactions that this process has committed; what was read at one value is still true of this
    /// process's own writes at the same value.
    pub fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::Acquire)
    }

    /// Waits for what is under way and closes.
    pub async fn close(&self) {
        self.0.readers.close().await;
        self.0.writer.close().await;
    }

    /// Runs one statement as it is on the writing connection, for tests that break something on purpose.
    #[doc(hidden)]
    pub async fn raw(&self, sql: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(sql).execute(&self.0.writer).await?;
        Ok(())
    }

    fn now(&self) -> i64 {
        self.0.clock.now().0
    }

    fn new_id(&self) -> String {
        new_id(&self.0.clock)
    }

    fn reader(&self) -> &AnyPool {
        &self.0.readers
    }

    /// SQLite takes the write lock at once: a transaction that first reads and then finds the lock taken can't wait.
    async fn begin(&self) -> Result<Tx, StoreError> {
        let statement = if self.0.shared { "BEGIN" } else { "BEGIN IMMEDIATE" };
        Ok(self.0.writer.begin_with(statement).await?)
    }

    async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        tx.commit().await?;
        self.0.writes.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}

/// What SQLite forgets with each connection. NORMAL: after a power cut the last transactions may be missing, the file
/// is whole.
fn tune<'c>(
    connection: &'c mut AnyConnection,
    _: PoolConnectionMetadata,
) -> std::pin::Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'c>> {
    Box::pin(tune_one(connection))
}

/// A full disk makes SQLite itself roll the transaction back. sqlx's own ROLLBACK then fails, and it believes for ever that the
/// transaction is open: nothing could be written until the next start. Such a connection is replaced.
fn sound<'c>(
    connection: &'c mut AnyConnection,
    _: PoolConnectionMetadata,
) -> std::pin::Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + 'c>> {
    Box::pin(async move { Ok(!connection.is_in_transaction()) })
}

async fn tune_one(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -500;",
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Millis;

    #[test]
    fn ids_sort_by_their_making() {
        let clock = Clock::manual(Millis(1_793_259_699_000));
        let ids: Vec<String> = (0..2_000).map(|_| new_id(&clock)).collect();
        assert!(ids.windows(2).all(|two| two[0] < two[1]), "within one millisecond");
        clock.advance(1);
        assert!(*ids.last().expect("there are some") < new_id(&clock), "across milliseconds");
        assert_eq!(uuid::Uuid::parse_str(&ids[0]).map(|id| id.get_version_num()), Ok(7));
    }
}
