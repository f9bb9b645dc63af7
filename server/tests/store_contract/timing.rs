//! How long the hot queries take; printed, and bounded so loosely that only a change of order of magnitude fails.

use crate::bed::{Bed, point, run};
use model::view::DefinitionFilter;
use std::{io::Write as _, time::Instant};

const ROUNDS: u32 = 50;

#[expect(clippy::disallowed_methods, reason = "measures the machine, not the product's time")]
pub async fn list_and_batch(bed: &Bed) {
    let connections = [bed.connection("zrh").await, bed.connection("bsl").await, bed.connection("gva").await];
    let (mut runs, mut points) = (vec![Vec::new(); 3], vec![Vec::new(); 3]);
    for n in 0..200_usize {
        let id = bed.definition(&connections[n % 3], &format!("definition-{n:03}")).await;
        let at = 1_000 + i64::try_from(n).unwrap();
        let (mut seen, mut left) = (run(&format!("run-{n:03}"), at), point(&format!("run-{n:03}"), at));
        (seen.definition, left.definition) = (Some(id.0.clone()), Some(id.0));
        runs[n % 3].push(seen);
        points[n % 3].push(left);
    }
    for (connection, (runs, points)) in connections.iter().zip(runs.iter().zip(&points)) {
        bed.store.store_runs(connection, runs).await.unwrap();
        bed.store.store_points(connection, points).await.unwrap();
    }
    bed.apply_all().await;
    let filter = DefinitionFilter::default();
    assert_eq!(bed.store.definition_page(&filter, 200).await.unwrap().rows.len(), 200);
    let began = Instant::now();
    for _ in 0..ROUNDS {
        bed.store.definition_page(&filter, 200).await.unwrap();
    }
    let list = began.elapsed() / ROUNDS;
    let mut batch: Vec<_> = (0..200).map(|n| run(&format!("batch-{n:03}"), 5_000 + n)).collect();
    let began = Instant::now();
    assert_eq!(bed.store.store_runs(&connections[0], &batch).await.unwrap().len(), 200);
    let inserted = began.elapsed();
    for seen in &mut batch {
        seen.detail.warnings = Some(9);
    }
    let began = Instant::now();
    assert_eq!(bed.store.store_runs(&connections[0], &batch).await.unwrap().len(), 200);
    let updated = began.elapsed();
    let began = Instant::now();
    assert!(bed.store.store_runs(&connections[0], &batch).await.unwrap().is_empty());
    let quiet = began.elapsed();
    let text = format!(
        "{}: list of 200 definitions {list:?}; 200 runs inserted {inserted:?}, updated {updated:?}, unchanged {quiet:?}\n",
        bed.engine()
    );
    let _ = std::io::stderr().write_all(text.as_bytes());
    assert!(list.as_millis() < 1_000 && inserted.as_secs() < 20);
}
