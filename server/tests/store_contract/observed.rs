//! What is seen upstream: only what differs is written, lists end, definitions keep up.

use crate::bed::{Bed, DAY, START, point, run};
use model::{
    Millis, Phase,
    recovery::PointState,
    run::{RunDetail, RunStep, Trigger},
    view::RunFilter,
};
use server::{
    provider::RestoreSeen,
    store::{HealthRecord, StoreErrorKind},
};
use std::{collections::HashSet, io::Write as _, time::Instant};

fn names(all: &[&str]) -> HashSet<String> {
    all.iter().map(|name| (*name).to_string()).collect()
}

fn restore(name: &str, point: &str) -> RestoreSeen {
    RestoreSeen {
        name: name.into(),
        order: None,
        point: point.into(),
        phase: Phase::Running,
        raw_phase: "InProgress".into(),
        created: Some(Millis(5)),
        started: None,
        ended: None,
        mapping: vec![("a".into(), "b".into())],
        detail: RunDetail::default(),
    }
}

pub async fn a_quiet_resync_writes_nothing(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let store = &bed.store;
    let mut runs: Vec<_> = (0..300).map(|n| run(&format!("r{n}"), 1_000 + n)).collect();
    let points: Vec<_> = (0..300).map(|n| point(&format!("r{n}"), 1_000 + n)).collect();
    let restores = [restore("x", "r1"), restore("y", "nothing")];
    assert_eq!(store.store_runs(&connection, &runs).await.unwrap().len(), 300);
    assert_eq!(store.store_points(&connection, &points).await.unwrap().len(), 300);
    assert_eq!(store.store_restores(&connection, &restores).await.unwrap().len(), 2);
    let (first, writes) = (store.runs(&RunFilter::default(), 1).await.unwrap().rows.remove(0), store.writes());
    bed.clock.advance(60_000);
    assert!(store.store_runs(&connection, &runs).await.unwrap().is_empty());
    assert!(store.store_points(&connection, &points).await.unwrap().is_empty());
    assert!(store.store_restores(&connection, &restores).await.unwrap().is_empty());
    let all: HashSet<String> = runs.iter().map(|run| run.name.clone()).collect();
    assert!(store.end_run_list(&connection, &all, bed.now()).await.unwrap().is_empty());
    assert_eq!(store.writes(), writes, "nothing was written");
    runs[7].phase = Phase::Unknown("Newfangled".into());
    // Two states of one object in one batch: the newer counts.
    let mut stale = runs[7].clone();
    stale.phase = Phase::Running;
    let changed = store.store_runs(&connection, &[stale, runs[7].clone()]).await.unwrap();
    assert_eq!(changed.len(), 1);
    let id = changed[0].topic.strip_prefix("runs:").unwrap();
    assert_eq!(store.run(&id.into()).await.unwrap().row.run.phase, Phase::Unknown("Newfangled".into()));
    assert_eq!(store.run(&first.run.id).await.unwrap().row.run.name, "r299", "ids stay");
    let last = store.run(&first.run.id).await.unwrap().row.run.observed;
    let heard = HealthRecord {
        health: model::connection::Health::Answers,
        upstream_version: None,
        platform: None,
        latency_ms: None,
        last_seen: Some(bed.now()),
    };
    store.record_health(&connection, &heard).await.unwrap();
    let now = store.run(&first.run.id).await.unwrap().row.run.observed;
    assert!(now > last && now == bed.now(), "what stays is as fresh as its connection");
}

pub async fn a_full_list_marks_what_is_gone(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let other = bed.connection("bsl").await;
    let store = &bed.store;
    store.store_runs(&connection, &[run("a", 1), run("b", 2), run("c", 3)]).await.unwrap();
    store.store_runs(&other, &[run("b", 2)]).await.unwrap();
    store.store_points(&connection, &[point("a", 1), point("b", 2)]).await.unwrap();
    store.store_restores(&connection, &[restore("x", "a"), restore("y", "a")]).await.unwrap();
    bed.clock.advance(10);
    let began = bed.now();
    store.store_runs(&connection, &[run("new", 9)]).await.unwrap();
    let gone = store.end_run_list(&connection, &names(&["a"]), began).await.unwrap();
    assert_eq!(gone.len(), 2, "b and c; new is younger than the list");
    let page = store.runs(&RunFilter::default(), 9).await.unwrap();
    let marked: Vec<(&str, bool)> = page.rows.iter().map(|row| (row.run.name.as_str(), row.run.gone)).collect();
    assert_eq!(marked, [("new", false), ("c", true), ("b", false), ("b", true), ("a", false)]);
    assert!(store.end_run_list(&connection, &names(&["a"]), began).await.unwrap().is_empty(), "once");
    assert_eq!(store.store_runs(&connection, &[run("b", 2)]).await.unwrap().len(), 1, "it is back");
    assert!(store.run_gone(&connection, "b").await.unwrap().is_some());
    assert!(store.run_gone(&connection, "b").await.unwrap().is_none());
    assert!(store.run_gone(&connection, "never").await.unwrap().is_none());

    assert_eq!(store.end_point_list(&connection, &names(&["a"]), began).await.unwrap().len(), 1);
    assert_eq!(store.points(&Default::default(), 9).await.unwrap().total, 1, "points are dropped");
    let id = store.points(&Default::default(), 9).await.unwrap().rows[0].point.id.clone();
    assert!(store.point_gone(&connection, "a").await.unwrap().is_some());
    assert_eq!(store.point(&id).await.unwrap_err().kind, StoreErrorKind::NotFound);

    assert_eq!(store.end_restore_list(&connection, &names(&["x"]), began).await.unwrap().len(), 1);
    assert!(store.restore_gone(&connection, "x").await.unwrap().is_some());
    assert!(store.restores("", 9).await.unwrap().rows.iter().all(|row| row.restore.gone));
}

/// A batch that was on its way when its connection was removed leaves nothing behind that would count for ever.
pub async fn nothing_is_stored_of_a_removed_connection(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let store = &bed.store;
    let mut running = run("a", 1);
    running.phase = Phase::Running;
    store.store_runs(&connection, std::slice::from_ref(&running)).await.unwrap();
    store.store_points(&connection, &[point("a", 1)]).await.unwrap();
    store.store_restores(&connection, &[restore("x", "a")]).await.unwrap();
    assert_eq!(store.frame_counts().await.unwrap().running, 1);
    store.remove_connection(&connection, &crate::bed::audit()).await.unwrap();
    running.name = "b".into();
    let late = [
        store.store_runs(&connection, &[running]).await,
        store.store_points(&connection, &[point("b", 1)]).await,
        store.store_restores(&connection, &[restore("y", "a")]).await,
    ];
    for refused in late {
        assert_eq!(refused.unwrap_err().kind, StoreErrorKind::NotFound);
    }
    assert_eq!(store.frame_counts().await.unwrap().running, 0);
    assert_eq!(store.runs(&RunFilter::default(), 9).await.unwrap().total, 0);
    assert_eq!(store.points(&Default::default(), 9).await.unwrap().total, 0);
    assert_eq!(store.restores("", 9).await.unwrap().total, 0);
}

pub async fn the_newest_good_point_is_kept(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    let of = |name: &str, at: i64, state: PointState| {
        let mut seen = point(name, at);
        (seen.definition, seen.state) = (Some(id.0.clone()), state);
        seen
    };
    let newest = async || store.definition(&id).await.unwrap().newest_good.map(|at| at.0);
    store.store_points(&connection, &[of("partial", 900, PointState::Partial)]).await.unwrap();
    assert_eq!(newest().await, None, "a partial one is not good");
    let changed = store
        .store_points(&connection, &[of("a", 100, PointState::Whole), of("b", 300, PointState::Whole)])
        .await
        .unwrap();
    assert!(changed.iter().all(|one| one.definition.as_ref() == Some(&id)));
    assert_eq!(newest().await, Some(300));
    assert_eq!(store.newest_whole_point(&id).await.unwrap().unwrap().name, "b");
    store.store_points(&connection, &[of("old", 50, PointState::Whole)]).await.unwrap();
    assert_eq!(newest().await, Some(300));
    store.store_points(&connection, &[of("b", 300, PointState::Deleting)]).await.unwrap();
    assert_eq!(newest().await, Some(100), "what is being deleted is not good");
    store.point_gone(&connection, "a").await.unwrap();
    assert_eq!(newest().await, Some(50));
    bed.clock.advance(1);
    store.end_point_list(&connection, &names(&["partial"]), bed.now()).await.unwrap();
    assert_eq!(newest().await, None);
    assert_eq!((store.points_left(&id).await.unwrap(), store.points_of(&id, 9).await.unwrap().len()), (1, 1));
}

pub async fn what_has_expired_is_no_good(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    let of = |name: &str, at: i64, expires: Option<i64>| {
        let mut seen = point(name, at);
        (seen.definition, seen.expires) = (Some(id.0.clone()), expires.map(Millis));
        seen
    };
    let newest = async || store.definition(&id).await.unwrap().newest_good.map(|at| at.0);
    // The newer one was made after the retention was shortened.
    store
        .store_points(&connection, &[of("old", 100, Some(START + 2 * DAY)), of("new", 200, Some(START + DAY))])
        .await
        .unwrap();
    assert_eq!(newest().await, Some(200));
    assert_eq!(store.drop_expired_good(bed.now()).await.unwrap(), []);
    bed.clock.advance(DAY);
    assert_eq!(store.drop_expired_good(bed.now()).await.unwrap(), std::slice::from_ref(&id));
    assert_eq!(newest().await, Some(100));
    assert_eq!(store.newest_whole_point(&id).await.unwrap().unwrap().name, "old");
    let writes = store.writes();
    assert_eq!(store.drop_expired_good(bed.now()).await.unwrap(), [], "once");
    assert_eq!(store.writes(), writes);
    bed.clock.advance(DAY);
    assert_eq!(store.drop_expired_good(bed.now()).await.unwrap().len(), 1);
    assert_eq!((newest().await, store.newest_whole_point(&id).await.unwrap()), (None, None));
    store.store_points(&connection, &[of("late", 300, Some(START + DAY)), of("kept", 50, None)]).await.unwrap();
    assert_eq!(newest().await, Some(50), "one that never expires");
    bed.clock.advance(1_000 * DAY);
    assert_eq!(store.drop_expired_good(bed.now()).await.unwrap(), []);
}

pub async fn the_last_run_is_kept(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    let of = |name: &str, at: i64, phase: Phase| {
        let mut seen = run(name, at);
        (seen.definition, seen.phase) = (Some(id.0.clone()), phase);
        seen
    };
    let last = async || store.definition_row(&id).await.unwrap().last_run.unwrap();
    store.store_runs(&connection, &[of("b", 200, Phase::Succeeded), of("a", 100, Phase::Failed)]).await.unwrap();
    assert_eq!((last().await.phase, last().await.at), (Phase::Succeeded, Some(Millis(200))));
    assert_eq!(last().await.progress.unwrap().percent(), Some(83));
    store.store_runs(&connection, &[of("c", 300, Phase::Running)]).await.unwrap();
    assert_eq!(last().await.phase, Phase::Running);
    assert_eq!(store.runs_under_way(9).await.unwrap().len(), 1);
    assert_eq!(store.frame_counts().await.unwrap().running, 1);
    store.run_gone(&connection, "c").await.unwrap();
    assert_eq!(last().await.phase, Phase::Succeeded, "what vanished before its end says nothing");
    assert!(store.runs_under_way(9).await.unwrap().is_empty());
    store.store_runs(&connection, &[of("d", 400, Phase::Unknown("Odd".into()))]).await.unwrap();
    assert_eq!(last().await.phase, Phase::Unknown("Odd".into()));
    store.run_gone(&connection, "d").await.unwrap();
    assert_eq!(last().await.phase, Phase::Unknown("Odd".into()), "history stays");
    let newest: Vec<String> = store.runs_of(&id, 2).await.unwrap().into_iter().map(|run| run.name).collect();
    assert_eq!(newest, ["d", "c"]);
}

pub async fn objects_find_their_definition(bed: &Bed) {
    let (connection, other) = (bed.connection("zrh").await, bed.connection("bsl").await);
    let id = bed.definition(&connection, "shop").await;
    let foreign = bed.definition(&other, "foreign").await;
    let upstream_name = bed.store.definition(&id).await.unwrap().upstream_name;
    let store = &bed.store;
    let (mut labelled, mut declared, mut strange) = (run("labelled", 1), run("declared", 2), run("strange", 3));
    labelled.definition = Some(id.0.clone());
    declared.declared = Some(upstream_name);
    strange.definition = Some(foreign.0.clone());
    store.store_runs(&connection, &[labelled, declared.clone(), strange]).await.unwrap();
    let found: Vec<Option<bool>> = store
        .runs(&RunFilter::default(), 9)
        .await
        .unwrap()
        .rows
        .iter()
        .map(|row| row.run.definition.as_ref().map(|found| *found == id))
        .collect();
    assert_eq!(found, [None, Some(true), Some(true)], "a label of another connection's counts for nothing");
    store.store_points(&connection, &[point("declared", 2), point("nobody", 3)]).await.unwrap();
    let points = store.points(&Default::default(), 9).await.unwrap().rows;
    assert_eq!(points[0].point.definition, None);
    assert_eq!((points[1].point.definition.as_ref(), points[1].definition_name.as_deref()), (Some(&id), Some("shop")));
    let made_by = points[1].point.run.clone().unwrap();
    assert_eq!(store.point_of_run(&made_by).await.unwrap().unwrap().name, "declared");
    // A label that is lost later doesn't take the run from its definition.
    declared.declared = None;
    declared.raw_phase = "Changed".into();
    store.store_runs(&connection, &[declared]).await.unwrap();
    assert_eq!(store.run(&made_by).await.unwrap().row.run.definition, Some(id));
}

pub async fn what_was_stored_comes_back(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let store = &bed.store;
    let mut seen = run("r", 77);
    seen.trigger = Trigger::Person("ada: the first".into());
    seen.detail = RunDetail {
        expires: Some(Millis(9)),
        errors: Some(3),
        message: Some("It's “odd”: ünïcode, 'quotes', \\ and \n".into()),
        validation_errors: vec!["x".into()],
        steps: vec![RunStep { title: "t".into(), phase: Phase::Partial, began: None, ended: Some(Millis(4)) }],
        facts: vec![("a".into(), "b".into())],
        ..seen.detail
    };
    let id = store.store_runs(&connection, std::slice::from_ref(&seen)).await.unwrap()[0].topic[5..].to_owned();
    let got = store.run(&id.as_str().into()).await.unwrap().row.run;
    assert_eq!((&got.detail, &got.trigger, got.ended), (&seen.detail, &seen.trigger, seen.ended));
    let brief = store.runs(&RunFilter::default(), 1).await.unwrap().rows.remove(0).run;
    assert_eq!((brief.detail.items, brief.detail.errors), (seen.detail.items, Some(3)));
    assert_eq!(brief.detail.message, seen.detail.message);
    store.store_points(&connection, &[point("p", 7)]).await.unwrap();
    store.store_restores(&connection, &[restore("x", "p"), restore("y", "gone")]).await.unwrap();
    let rows = store.restores("", 9).await.unwrap().rows;
    let point = store.points(&Default::default(), 1).await.unwrap().rows.remove(0).point;
    assert_eq!((point.namespaces.len(), point.items, point.expires), (1, Some(12), Some(Millis(START + DAY + 7))));
    for row in rows {
        assert_eq!(row.restore.point, (row.restore.name == "x").then(|| point.id.clone()));
        assert_eq!(row.restore.mapping, [("a".to_owned(), "b".to_owned())]);
        let whole = store.restore(&row.restore.id).await.unwrap();
        assert_eq!((whole.restore.phase, whole.connection_name.as_str()), (Phase::Running, "zrh"));
    }
    assert_eq!(store.restore(&"nothing".into()).await.unwrap_err().kind, StoreErrorKind::NotFound);
}

#[expect(clippy::disallowed_methods, reason = "measures the machine, not the product's time")]
pub async fn five_thousand_runs(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let many: Vec<_> = (0..5_000)
        .map(|n| {
            let mut seen = run(&format!("shop-{n}"), 1_000 + n);
            seen.definition = Some(id.0.clone());
            seen
        })
        .collect();
    let began = Instant::now();
    assert_eq!(bed.store.store_runs(&connection, &many).await.unwrap().len(), 5_000);
    let stored = began.elapsed();
    let began = Instant::now();
    assert!(bed.store.store_runs(&connection, &many).await.unwrap().is_empty());
    let quiet = began.elapsed();
    let all: HashSet<String> = many.iter().map(|run| run.name.clone()).collect();
    bed.clock.advance(1);
    assert!(bed.store.end_run_list(&connection, &all, bed.now()).await.unwrap().is_empty());
    assert_eq!(bed.store.runs(&RunFilter::default(), 200).await.unwrap().total, 5_000);
    let text = format!("5,000 runs on {}: stored in {stored:?}, again without a change {quiet:?}\n", bed.engine());
    let _ = std::io::stderr().write_all(text.as_bytes());
}
