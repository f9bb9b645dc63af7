//! Single backups: begun, refused, erred, deleted.

use crate::stage::{self, DB, ask};
use model::{Phase, recovery::PointState, run::Trigger};
use serde_json::json;
use server::provider::{ErrorKind, LogOf};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_by_hand_says_whose_it_is() {
    for generation in ["G2", "G3", "G4", "G5"] {
        let stage = stage::of(generation).await;
        let owned = stage.single("hand");
        let mut order = ask(&owned, "1");
        let key = stage.provider.start_run(&owned, &order).await.unwrap().name.unwrap();
        order.repeated = true;
        assert_eq!(stage.provider.start_run(&owned, &order).await.unwrap().name.as_deref(), Some(key.as_str()));
        let mut watcher = stage.watch();
        let run = watcher.until("its end", |s| s.runs.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
        assert_eq!(
            (run.order.as_deref(), run.definition.as_deref()),
            (Some(order.name.as_str()), Some(owned.id.as_str()))
        );
        assert_eq!(run.trigger, Trigger::Person("ada".into()));
        let title = run.detail.title.unwrap();
        if generation == "G2" {
            assert!(title.starts_with("checkout-db-1 20"), "{title}");
            assert_eq!(run.detail.bytes.map(|b| b.done), Some((20 + 200) << 30));
            assert!(run.detail.note.unwrap().contains("until somebody deletes it"));
            let results = stage.provider.results(LogOf::Run, &key).await.unwrap();
            assert_eq!(results.volumes.len(), 2);
        } else {
            assert_eq!((title.as_str(), run.detail.bytes), (order.name.as_str(), None));
        }
        let point = watcher.until("its point", |s| s.points.get(&key).cloned()).await;
        assert_eq!(point.detail.subject.unwrap().name, DB);
        assert!(stage.provider.log(LogOf::Run, &key).await.is_err_and(|e| e.kind == ErrorKind::Refused));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ready_without_metadata_is_a_failure_in_every_spelling_of_nothing() {
    let one = async |empty: &str| {
        for ready_first in [false, true] {
            let options = json!({"generation": "G2", "empty_metadata": empty, "ready_first": ready_first});
            let stage = stage::with(options).await;
            let owned = stage.single("refused");
            stage.command("outcome", json!({"next": "quota", "on": "backup"}));
            let key = stage.provider.start_run(&owned, &ask(&owned, "1")).await.unwrap().name.unwrap();
            let mut watcher = stage.watch();
            let run = watcher.until("its end", |s| s.runs.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
            assert_eq!((run.raw_phase.as_str(), &run.phase), ("Ready", &Phase::Failed), "{empty}");
            assert!(run.detail.message.unwrap().contains("made no snapshot"));
            assert!(!watcher.seen.points.contains_key(&key));
            let results = stage.provider.results(LogOf::Run, &key).await.unwrap();
            assert!(results.errors[0].text.contains("made no snapshot"), "{results:?}");
            // Deleting it would only make it erred.
            stage.forget();
            let refused = stage.provider.delete_point(&key, "o").await.unwrap_err();
            assert_eq!((refused.kind, stage.writes()), (ErrorKind::Refused, vec![]));
        }
    };
    tokio::join!(one("object"), one("string"), one("null"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_run_is_never_called_failed_on_its_way() {
    let stage = stage::with(json!({"generation": "G2", "ready_first": true})).await;
    let owned = stage.single("young");
    let mut watcher = stage.watch();
    watcher.round().await;
    let key = stage.provider.start_run(&owned, &ask(&owned, "1")).await.unwrap().name.unwrap();
    let mut phases = Vec::new();
    watcher
        .until("its end", |seen| {
            let phase = seen.runs.get(&key)?.phase.clone();
            if phases.last() != Some(&phase) {
                phases.push(phase.clone());
            }
            phase.is_final().then_some(())
        })
        .await;
    assert_eq!(phases.last(), Some(&Phase::Succeeded), "{phases:?}");
    assert!(!phases.contains(&Phase::Failed), "{phases:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erred_backup_stays_in_the_oldest_and_goes_in_the_later_ones() {
    let one = async |generation: &str| {
        let stage = stage::of(generation).await;
        let owned = stage.single("erred");
        stage.command("outcome", json!({"next": "erred", "on": "backup"}));
        let key = stage.provider.start_run(&owned, &ask(&owned, "1")).await.unwrap().name.unwrap();
        let mut watcher = stage.watch();
        let run = watcher.until("its end", |s| s.runs.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
        assert_eq!(run.phase, Phase::Failed);
        assert!(run.detail.message.is_some());
        assert_eq!(run.detail.note.is_some_and(|note| note.contains("can't delete")), generation == "G2");
        stage.forget();
        let deleted = stage.provider.delete_point(&key, "o").await;
        if generation == "G2" {
            let error = deleted.unwrap_err();
            assert_eq!((error.kind, stage.writes()), (ErrorKind::Refused, vec![]), "not asked again and again");
            assert!(error.sentence.contains("can't delete an erred backup"), "{error}");
        } else {
            deleted.unwrap();
            watcher.until("it gone", |s| (!s.runs.contains_key(&key)).then_some(())).await;
        }
    };
    tokio::join!(one("G2"), one("G3"), one("G4"), one("G5"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_fails_is_told() {
    let one = async |generation: &str| {
        let stage = stage::of(generation).await;
        let owned = stage.single("kept");
        let point = stage.point(&owned).await;
        let key = point.name.clone();
        stage.command("outcome", json!({"next": "erred", "on": "delete"}));
        let mut watcher = stage.watch();
        watcher.round().await;
        stage.forget();
        stage.provider.delete_point(&key, "o").await.unwrap();
        let wanted = if generation == "G2" { "POST delete".to_owned() } else { format!("DELETE {key}") };
        assert_eq!(stage.writes(), [wanted]);
        let reason = watcher.until("the refusal", |s| s.refused.get(&key).cloned()).await;
        assert!(reason.starts_with("The deletion failed"), "{reason}");
        let left = watcher.seen.points.get(&key).unwrap();
        assert!(matches!(left.state, PointState::Unknown(_)), "never good: {left:?}");
        assert_eq!(left.detail.kept_because.is_some(), generation == "G2");
        assert!(left.detail.not_restorable.is_some());
    };
    tokio::join!(one("G2"), one("G3"), one("G4"), one("G5"));
    // The oldest may lose it silently, too: it vanishes, whatever became of the snapshots.
    let stage = stage::of("G2").await;
    let owned = stage.single("lost");
    let key = stage.point(&owned).await.name;
    stage.command("outcome", json!({"next": "refused", "on": "delete"}));
    let mut watcher = stage.watch();
    watcher.round().await;
    stage.provider.delete_point(&key, "o").await.unwrap();
    watcher.until("it gone", |s| (!s.points.contains_key(&key)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_at_work_is_asked_again_and_a_quota_is_not() {
    for generation in ["G2", "G3", "G4", "G5"] {
        let stage = stage::of(generation).await;
        let owned = stage.single("busy");
        stage.command("instance", json!({"name": DB, "state": "updating"}));
        let busy = stage.provider.start_run(&owned, &ask(&owned, "1")).await.unwrap_err();
        assert!(busy.kind == ErrorKind::Conflict && busy.kind.retryable(), "{busy}");
        assert!(busy.sentence.contains("It says:"), "{busy}");
    }
    let stage = stage::of("G4").await;
    stage.command("quota", json!({"project": "shop", "storage_gib": 1}));
    let owned = stage.single("full");
    let full = stage.provider.start_run(&owned, &ask(&owned, "1")).await.unwrap_err();
    assert_eq!(full.kind, ErrorKind::Refused, "{full}");
    assert!(full.sentence.contains("quota") && full.remedy.contains("quota"), "{full:?}");
}
