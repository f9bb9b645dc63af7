//! Runs: begun once, observed to their end, and never called better than they are.

use crate::stage::{Crowd, Stage, ask};
use model::{Phase, recovery::PointState};
use serde_json::json;
use server::provider::{Ask, Owned, Sort};

/// Begins a run and says by what it will be known.
pub async fn begin<S: Stage>(stage: &S, owned: &Owned, order: &Ask) -> String {
    let begun = stage.provider().start_run(owned, order).await.unwrap();
    begun.name.unwrap_or_else(|| order.name.clone())
}

pub async fn one_order_is_one_run<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("run");
    stage.provider().apply(&owned, None, None).await.unwrap();
    let mut watcher = stage.watch();
    watcher.listed(Sort::Run).await;
    let mut order = ask(&owned, "r1");
    let first = begin(&stage, &owned, &order).await;
    order.repeated = true;
    assert_eq!(begin(&stage, &owned, &order).await, first, "the same order is the same run");
    let run = watcher.ended(&first).await;
    assert_eq!(run.phase, Phase::Succeeded, "{run:?}");
    assert!(!run.raw_phase.is_empty());
    assert!(
        run.definition.as_deref() == Some(owned.id.as_str())
            || run.declared.as_deref() == Some(owned.upstream_name.as_str()),
        "the run tells whose it is: {run:?}"
    );
    assert_eq!(begin(&stage, &owned, &order).await, first, "also after its end");
    let mut watcher = stage.watch();
    watcher.listed(Sort::Run).await;
    assert_eq!(watcher.mirror.runs_of(&owned).count(), 1, "{:#?}", watcher.mirror.runs);
    let point = watcher.until("its point", |m| m.points.values().next().cloned()).await;
    assert_eq!(point.state, PointState::Whole, "{point:?}");
    // Another order is another run.
    let second = begin(&stage, &owned, &ask(&owned, "r2")).await;
    assert_ne!(second, first);
    watcher.ended(&second).await;
}

pub async fn a_run_whose_answer_was_lost_is_found_again<S: Stage>() {
    for effect in ["lost_answer", "truncated", "drop"] {
        let stage = S::open().await;
        let owned = stage.owned("lost");
        stage.provider().apply(&owned, None, None).await.unwrap();
        stage.sim().fault_next_write(&json!({"kind": effect}));
        let mut order = ask(&owned, "r1");
        let first = stage.provider().start_run(&owned, &order).await;
        stage.sim().heal();
        if let Err(error) = &first {
            assert!(error.kind.retryable(), "{effect}: {error}");
        }
        order.repeated = true;
        let key = begin(&stage, &owned, &order).await;
        let mut watcher = stage.watch();
        watcher.ended(&key).await;
        let mut watcher = stage.watch();
        watcher.listed(Sort::Run).await;
        assert_eq!(watcher.mirror.runs_of(&owned).count(), 1, "{effect}: {:#?}", watcher.mirror.runs);
    }
}

pub async fn runs_end_as_their_system_says<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("ends");
    stage.provider().apply(&owned, None, None).await.unwrap();
    let endings = stage.endings();
    assert!(endings.iter().any(|(_, phase)| phase.is_good()) && endings.len() > 1, "{endings:?}");
    let mut watcher = stage.watch();
    for (number, (way, phase)) in endings.into_iter().enumerate() {
        stage.next_run_ends(&owned, way);
        let key = begin(&stage, &owned, &ask(&owned, &format!("e{number}"))).await;
        let run = watcher.ended(&key).await;
        assert_eq!(run.phase, phase, "{way}: {run:?}");
        assert!(!run.raw_phase.is_empty(), "{way}: {run:?}");
        if !phase.is_good() {
            let whole = |m: &crate::mirror::Mirror| {
                m.points.values().any(|p| p.run.as_deref() == Some(&run.name) && p.state == PointState::Whole)
            };
            assert!(!whole(&watcher.mirror), "{way} left a whole point: {:#?}", watcher.mirror.points);
        }
    }
}

pub async fn every_state_word_has_its_phase<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("words");
    stage.provider().apply(&owned, None, None).await.unwrap();
    let states = stage.states();
    assert!(states.iter().any(|s| s.phases == [None]), "an invented word is among them");
    let keys: Vec<String> = states.iter().map(|state| stage.invent(&owned, state.word)).collect();
    let mut watcher = stage.watch();
    watcher.listed(Sort::Run).await;
    for (state, key) in states.iter().zip(&keys) {
        let word = state.word;
        let run = watcher.until(&format!("the run in state “{word}”"), |m| m.run(key).cloned()).await;
        assert!(state.allows(&run.phase), "“{word}” became {:?}, not {:?}: {run:#?}", run.phase, state.phases);
        // Of what has not begun nothing may have been said yet.
        let kept = run.phase == Phase::Queued || run.raw_phase.contains(state.raw());
        assert!(kept, "the raw word is kept: “{word}” in {run:#?}");
    }
    watcher.listed(Sort::Point).await;
    for (state, key) in states.iter().zip(&keys).filter(|(state, _)| !state.whole) {
        let whole = |p: &&server::provider::PointSeen| p.run.as_ref() == Some(key) && p.state == PointState::Whole;
        let point = watcher.mirror.points.values().find(whole);
        assert_eq!(point, None, "“{}” left a whole point", state.word);
    }
}

pub async fn missing_numbers_are_absent<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("bare");
    stage.provider().apply(&owned, None, None).await.unwrap();
    stage.bare(&owned);
    let mut watcher = stage.watch();
    let run = watcher.until("the run", |m| m.runs.values().next().cloned()).await;
    let detail = &run.detail;
    assert_eq!((detail.items, detail.bytes, detail.expires), (None, None, None), "{run:?}");
    assert_eq!((run.started, run.ended), (None, None), "{run:?}");
    assert!(run.created.is_none_or(|at| at.0 > 0), "the year 1 is no time: {run:?}");
    for point in watcher.mirror.points.values() {
        assert_eq!((point.items, point.detail.bytes, point.expires), (None, None, None), "{point:?}");
    }
}

pub async fn three_pages_are_read_whole<S: Stage>() {
    let (stage, crowd) = S::crowd().await;
    match crowd {
        Crowd::Runs(there) => {
            let mut watcher = stage.watch();
            watcher.listed(Sort::Run).await;
            assert_eq!(watcher.mirror.runs.len(), there);
        }
        Crowd::Subjects(there) => {
            let inventory = stage.provider().inventory().await.unwrap();
            let names: std::collections::BTreeSet<&str> = inventory.subjects.iter().map(|s| s.id.as_str()).collect();
            assert_eq!((names.len(), inventory.subjects.len()), (there, there));
        }
    }
}
