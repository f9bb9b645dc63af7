//! What can go wrong in the store.

use std::fmt;

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// No such row.
    NotFound,
    /// A unique value is taken: `name`.
    Taken { what: &'static str },
    /// The row's version is another than expected, or the row changed in between.
    Stale,
    /// The disk is full, or the database can't be written. Nothing of the transaction was kept.
    Full,
    /// Locked or overloaded, or the database doesn't answer. Nothing of the transaction was kept.
    Busy,
    /// The database file is damaged, or a stored value can't be read.
    Corrupt,
    /// Everything else; a bug.
    Other,
}

/// A failed use of the store. Its text is a plain sentence; the source is for the log.
#[derive(Debug)]
pub struct StoreError {
    pub kind: StoreErrorKind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            StoreErrorKind::NotFound => f.write_str("There is no such row in the database."),
            StoreErrorKind::Taken { what } => write!(f, "This {what} is taken."),
            StoreErrorKind::Stale => f.write_str("It was changed in between."),
            StoreErrorKind::Full => f.write_str("The database can't be written: its disk is full or read-only."),
            StoreErrorKind::Busy => f.write_str("The database is busy or does not answer."),
            StoreErrorKind::Corrupt => f.write_str("The database is damaged."),
            StoreErrorKind::Other => f.write_str("The database could not do this."),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

impl StoreError {
    /// Without a cause to log.
    pub(super) fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// A stored value that can't be read: `what` names the column.
    pub(super) fn corrupt(what: &str, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { kind: StoreErrorKind::Corrupt, source: Some(format!("{what}: {source}").into()) }
    }

    /// This one, where a reference to another row that is not there means something else.
    #[must_use]
    pub(super) fn without_parent(self, kind: StoreErrorKind) -> Self {
        let orphan = self
            .source
            .as_deref()
            .and_then(|e| e.downcast_ref::<sqlx::Error>())
            .and_then(|e| e.as_database_error())
            .is_some_and(|e| e.is_foreign_key_violation());
        if orphan { Self { kind, ..self } } else { self }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let kind = match &error {
            sqlx::Error::RowNotFound => StoreErrorKind::NotFound,
            sqlx::Error::Database(db) if db.is_unique_violation() => StoreErrorKind::Taken { what: "name" },
            sqlx::Error::Database(db) => by_code(db.code().as_deref().unwrap_or_default()),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => StoreErrorKind::Busy,
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => StoreErrorKind::Full,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => StoreErrorKind::Busy,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Other,
        };
        Self { kind, source: Some(Box::new(error)) }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => Self { kind: StoreErrorKind::Other, source: Some(Box::new(other)) },
        }
    }
}

/// SQLite's extended result codes are numbers of up to four digits (<https://sqlite.org/rescode.html>), PostgreSQL's have
/// five characters (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn by_code(code: &str) -> StoreErrorKind {
    if code.len() == 5 {
        return match code {
            "53100" | "25006" => StoreErrorKind::Full,
            "40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P02" | "57P03" => StoreErrorKind::Busy,
            _ if code.starts_with("53") || code.starts_with("08") => StoreErrorKind::Busy,
            _ if code.starts_with("XX") => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Other,
        };
    }
    let extended: i32 = code.parse().unwrap_or_default();
    // A disk that fills up while WAL grows comes as an I/O error of writing, syncing or sizing the file.
    const WRITE: i32 = 778;
    const SYNC: i32 = 1034;
    const SHARED_MEMORY_SIZE: i32 = 4874;
    match (extended, extended & 0xff) {
        (WRITE | SYNC | SHARED_MEMORY_SIZE, _) | (_, 8 | 13) => StoreErrorKind::Full,
        (_, 5 | 6) => StoreErrorKind::Busy,
        (_, 11 | 26) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines() {
        let cases = [
            ("13", StoreErrorKind::Full),
            ("1032", StoreErrorKind::Full),
            ("778", StoreErrorKind::Full),
            ("5", StoreErrorKind::Busy),
            ("517", StoreErrorKind::Busy),
            ("26", StoreErrorKind::Corrupt),
            ("1", StoreErrorKind::Other),
            ("53100", StoreErrorKind::Full),
            ("25006", StoreErrorKind::Full),
            ("53300", StoreErrorKind::Busy),
            ("40P01", StoreErrorKind::Busy),
            ("XX001", StoreErrorKind::Corrupt),
            ("42703", StoreErrorKind::Other),
        ];
        for (code, kind) in cases {
            assert_eq!(by_code(code), kind, "{code}");
        }
    }
}
