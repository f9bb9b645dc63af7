//! Recovery points: restored once for each order, deleted once, and gone afterwards.

use super::{can, running::begin};
use crate::{
    mirror::Watcher,
    stage::{Stage, ask},
};
use model::{Phase, recovery::PointState};
use server::provider::{Owned, PointSeen, Sort};

/// A definition with a whole point, and an observer that saw it.
async fn with_a_point<S: Stage>(stage: &S) -> (Owned, PointSeen, Watcher) {
    let owned = stage.owned("point");
    stage.provider().apply(&owned, None, None).await.unwrap();
    let key = begin(stage, &owned, &ask(&owned, "r1")).await;
    let mut watcher = stage.watch();
    let run = watcher.ended(&key).await;
    assert_eq!(run.phase, Phase::Succeeded, "{run:?}");
    let point = watcher.until("the point", |m| m.points.values().find(|p| p.state == PointState::Whole).cloned()).await;
    (owned, point, watcher)
}

pub async fn a_restore_runs_to_its_end<S: Stage>() {
    let stage = S::open().await;
    let (owned, point, mut watcher) = with_a_point(&stage).await;
    let order = stage.restore_order(&point);
    let mut asked = ask(&owned, "back");
    let first = stage.provider().restore(&order, &asked).await.unwrap();
    asked.repeated = true;
    let again = stage.provider().restore(&order, &asked).await.unwrap();
    assert_eq!(again, first, "the same order is the same restore");
    let key = first.name.unwrap_or(asked.name);
    let restore = watcher.restored(&key).await;
    assert!(matches!(restore.phase, Phase::Succeeded | Phase::Partial), "{restore:?}");
    assert_eq!(restore.point, point.name);
    let mut watcher = stage.watch();
    watcher.listed(Sort::Restore).await;
    assert_eq!(watcher.mirror.restores.len(), 1, "{:#?}", watcher.mirror.restores);
}

pub async fn a_restore_that_fails_is_told<S: Stage>() {
    let stage = S::open().await;
    let (owned, point, mut watcher) = with_a_point(&stage).await;
    let mut order = stage.restore_order(&point);
    stage.fail_restore(&mut order);
    let asked = ask(&owned, "bad");
    let begun = stage.provider().restore(&order, &asked).await.unwrap();
    let restore = watcher.restored(&begun.name.unwrap_or(asked.name)).await;
    assert_eq!(restore.phase, Phase::Failed, "{restore:?}");
    assert!(!restore.raw_phase.is_empty());
}

pub async fn a_point_is_deleted_once<S: Stage>() {
    let stage = S::open().await;
    if !can("delete a point", &stage.provider().capabilities().delete_point) {
        return;
    }
    let (_, point, mut watcher) = with_a_point(&stage).await;
    stage.provider().delete_point(&point.name, "order-1").await.unwrap();
    stage.provider().delete_point(&point.name, "order-1").await.unwrap();
    watcher.until("the point gone", |m| (!m.points.contains_key(&point.name)).then_some(())).await;
    stage.provider().delete_point(&point.name, "order-1").await.expect("gone already is success");
    stage.provider().delete_point(&point.name, "order-2").await.expect("gone already is success");
}
