//! SQLite when the disk is full, the file read-only, locked or damaged.

use crate::bed::{Bed, audit, definition, line, run};
use model::{Millis, view::RunFilter};
use server::{
    clock::Clock,
    store::{NewDefinition, Store, StoreError, StoreErrorKind, new_id},
};
use sqlx::Connection as _;
use std::error::Error as _;

fn is_plain(error: &StoreError) {
    let said = error.to_string();
    assert!(said.ends_with('.') && !said.contains("SQL") && !said.contains("code"), "{said}");
    assert!(error.source().is_some(), "the log has the cause");
}

/// Stores until it is refused.
async fn until_full(bed: &Bed, store: &Store) -> StoreError {
    let connection = store.connections().await.unwrap()[0].id.clone();
    for n in 0..200 {
        let batch: Vec<_> = (0..200).map(|m| run(&format!("r{n}-{m}"), 1_000)).collect();
        let before = store.runs(&RunFilter::default(), 1).await.unwrap().total;
        match store.store_runs(&connection, &batch).await {
            Ok(changed) => assert_eq!(changed.len(), 200),
            Err(error) => {
                let after = store.runs(&RunFilter::default(), 1).await.unwrap().total;
                assert_eq!(before, after, "a batch is stored whole or not at all");
                assert!(bed.now() >= Millis(0));
                return error;
            }
        }
    }
    panic!("the file may grow by 40,000 runs");
}

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let bed = Bed::file().await;
    let store = &bed.store;
    let connection = bed.connection("zrh").await;
    let kept = bed.definition(&connection, "kept").await;
    // SQLite's own limit gives the same error as a full disk: SQLITE_FULL.
    store.raw("PRAGMA max_page_count = 300").await.unwrap();
    let full = until_full(&bed, store).await;
    assert_eq!(full.kind, StoreErrorKind::Full);
    is_plain(&full);
    // A change with all its rows is refused as a whole, and reading goes on. Small rows may still find room on a page that is
    // there, so this one is large.
    let mut large = definition(&connection, "large");
    large.scope.namespaces = (0..40_000).map(|n| format!("namespace-{n}")).collect();
    let new = NewDefinition {
        id: new_id(&bed.clock).into(),
        upstream_name: "large".into(),
        definition: large,
        follows: None,
    };
    store.raw("PRAGMA max_page_count = 300").await.unwrap();
    let rows = store.audit(None, 999).await.unwrap().len();
    let refused = store.create_definition(&new, &line("saved"), &audit()).await.unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::Full);
    assert_eq!(store.audit(None, 999).await.unwrap().len(), rows);
    assert!(store.timeline(&new.id, 9).await.unwrap().is_empty());
    assert_eq!(store.definition(&kept).await.unwrap().version, 1);
    // Room again: it goes on by itself, without a restart.
    store.raw("PRAGMA max_page_count = 1000000").await.unwrap();
    store.set_setting("a", "b", &audit()).await.unwrap();
    store.create_definition(&new, &line("saved"), &audit()).await.unwrap();
}

#[tokio::test]
async fn a_read_only_store_says_so() {
    let bed = Bed::file().await;
    let connection = bed.connection("zrh").await;
    bed.store.raw("PRAGMA query_only = 1").await.unwrap();
    let new = NewDefinition {
        id: new_id(&bed.clock).into(),
        upstream_name: "x".into(),
        definition: definition(&connection, "x"),
        follows: None,
    };
    let refused = bed.store.create_definition(&new, &line("saved"), &audit()).await.unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::Full);
    is_plain(&refused);
    assert_eq!(bed.store.connections().await.unwrap().len(), 1, "reading goes on");
}

#[tokio::test]
async fn a_lock_of_another_process_is_busy_and_readers_go_on() {
    let bed = Bed::file().await;
    bed.store.raw("PRAGMA busy_timeout = 50").await.unwrap();
    let mut other = sqlx::AnyConnection::connect(&bed.url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let busy = bed.store.set_setting("a", "b", &audit()).await.unwrap_err();
    assert_eq!(busy.kind, StoreErrorKind::Busy);
    is_plain(&busy);
    bed.store.ping().await.unwrap();
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    bed.store.set_setting("a", "b", &audit()).await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("holdfast.db");
    std::fs::write(&path, vec![7_u8; 8192]).unwrap();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let refused = Store::open(&url, Clock::manual(Millis(1))).await.unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::Corrupt);
    is_plain(&refused);
}

#[tokio::test]
async fn a_restart_finds_everything() {
    let bed = Bed::file().await;
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    bed.store.close().await;
    assert_eq!(bed.store.ping().await.unwrap_err().kind, StoreErrorKind::Busy);
    let again = bed.other().await;
    assert_eq!(again.definition(&id).await.unwrap().definition, definition(&connection, "shop"));
}
