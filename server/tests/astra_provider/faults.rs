//! What goes wrong on the way has its kind, and nobody repeats the credential.

use crate::stage::{Stage, ask};
use model::{Phase, recovery::PointState};
use serde_json::json;
use server::provider::{ErrorKind, Observed, Sort};
use std::time::Duration;

#[tokio::test]
async fn every_bad_answer_has_its_kind() {
    let stage = Stage::open().await;
    let owned = stage.owned("bad", "orders");
    for (effect, kinds) in [
        (json!({"kind": "status", "code": 401}), vec![ErrorKind::Unauthorised]),
        (json!({"kind": "status", "code": 403}), vec![ErrorKind::Forbidden]),
        (json!({"kind": "status", "code": 404}), vec![ErrorKind::NotFound]),
        (json!({"kind": "status", "code": 412}), vec![ErrorKind::Conflict]),
        (json!({"kind": "status", "code": 429, "retry_after": 30}), vec![ErrorKind::Slow]),
        (json!({"kind": "status", "code": 429}), vec![ErrorKind::Slow]),
        (json!({"kind": "status", "code": 500}), vec![ErrorKind::Broken]),
        (json!({"kind": "html", "code": 502}), vec![ErrorKind::Broken]),
        (json!({"kind": "html", "code": 200}), vec![ErrorKind::NotThat]),
        (json!({"kind": "truncated"}), vec![ErrorKind::Garbled]),
        (json!({"kind": "huge", "bytes": 100 << 20}), vec![ErrorKind::Garbled]),
        (json!({"kind": "redirect", "to": "https://elsewhere.example/"}), vec![ErrorKind::NotThat]),
        (json!({"kind": "echo_credential", "code": 400}), vec![ErrorKind::Refused]),
        (json!({"kind": "echo_credential", "code": 401}), vec![ErrorKind::Unauthorised]),
        (
            json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": "{}"}),
            vec![ErrorKind::Garbled],
        ),
        (json!({"kind": "drop"}), vec![ErrorKind::Unreachable, ErrorKind::Garbled]),
    ] {
        stage.fault(json!([{"effect": effect}]));
        let errors = [
            stage.provider.apply(&owned, None, None).await.unwrap_err(),
            stage.provider.inventory().await.unwrap_err(),
            stage.provider.observe(silent()).await,
        ];
        stage.heal();
        for error in errors {
            assert!(kinds.contains(&error.kind), "{effect}: {error:?}");
            assert!(!format!("{error:?} {error}").contains("sim-t-token"), "{error:?}");
            assert!(!error.sentence.is_empty(), "{error:?}");
        }
    }
    assert!(stage.schedules(&owned).is_empty());
}

/// A list without pages may be longer than what is read, and still below the largest answer.
#[tokio::test]
async fn a_list_that_is_too_long_is_refused_whole() {
    let stage = Stage::open().await;
    let body = format!("{{\"items\": [{}{{}}]}}", "{},".repeat(500_000));
    let effect = json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": body});
    stage.fault(json!([{"effect": effect}]));
    let error = stage.provider.inventory().await.unwrap_err();
    assert!(error.kind == ErrorKind::Garbled && error.sentence.contains("longer than"), "{error}");
}

/// Somebody who takes in everything and tells nothing.
fn silent() -> tokio::sync::mpsc::Sender<Observed> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move { while receiver.recv().await.is_some() {} });
    sender
}

#[tokio::test]
async fn an_apply_goes_on_where_it_stopped() {
    for step in 0..3 {
        for effect in [json!({"kind": "lost_answer"}), json!({"kind": "status", "code": 500}), json!({"kind": "drop"})]
        {
            let stage = Stage::open().await;
            let mut owned = stage.owned("crash", "orders");
            owned.definition.further = vec![
                model::tier::Tier {
                    schedule: crate::stage::at("0 4 * * 0"),
                    retention: owned.definition.retention.clone(),
                },
                model::tier::Tier {
                    schedule: crate::stage::at("5 * * * *"),
                    retention: owned.definition.retention.clone(),
                },
            ];
            stage.fault(json!([{"method": "POST", "skip": step, "times": 1, "effect": effect}]));
            stage.provider.apply(&owned, None, None).await.unwrap_err();
            let first = stage.provider.apply(&owned, None, None).await.unwrap();
            assert_eq!(stage.state("schedule").len(), 3, "{step} {effect}");
            // The same for a change of all three.
            let mut edited = owned.clone();
            (edited.version, edited.definition.paused) = (2, true);
            stage.heal();
            stage.fault(json!([{"method": "PUT", "skip": step, "times": 1, "effect": effect}]));
            stage.provider.apply(&edited, Some(&first), None).await.unwrap_err();
            stage.provider.apply(&edited, Some(&first), None).await.unwrap();
            assert!(stage.schedules(&owned).values().all(|one| one["enabled"] == "false"), "{step} {effect}");
        }
    }
}

#[tokio::test]
async fn a_schedule_that_is_changed_in_between_is_read_again() {
    let stage = Stage::open().await;
    let owned = stage.owned("race", "orders");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let mut edited = owned.clone();
    (edited.version, edited.definition.paused) = (2, true);
    // The tag does not fit any more (412), once; then it does.
    stage.fault(json!([{"method": "PUT", "times": 1, "effect": {"kind": "status", "code": 412}}]));
    stage.provider.apply(&edited, Some(&first), None).await.unwrap();
    assert_eq!(stage.schedules(&owned)["monthly"]["enabled"], "false");
    // Two at once make one of each.
    let both = stage.owned("both", "web");
    let (a, b) = tokio::join!(stage.provider.apply(&both, None, None), stage.provider.apply(&both, None, None));
    assert_eq!(a.unwrap().written, b.unwrap().written);
    assert_eq!(stage.schedules(&both).len(), 1);
}

#[tokio::test]
async fn unknown_words_and_missing_numbers() {
    let stage = Stage::open().await;
    let put = |name: &str, more: serde_json::Value| {
        let mut object = json!({"name": name, "state": "running"});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage.command("put", json!({"resource": "appBackup", "owner": "web", "object": object}))["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let strange = put("strange", json!({"state": "Sublime", "totalBytes": "many"}));
    let texts = put("texts", json!({"totalBytes": "200", "bytesDone": "50", "percentDone": "25"}));
    let bare = put("bare", json!({"state": "pending"}));
    let told = stage.watch().listed(Sort::Run).await;
    let run = |id: &str| {
        told.iter()
            .find_map(|o| match o {
                Observed::Run(run) if run.name.ends_with(id) => Some((**run).clone()),
                _ => None,
            })
            .unwrap()
    };
    assert_eq!((run(&strange).phase, run(&strange).detail.bytes), (Phase::Unknown("Sublime".into()), None));
    assert_eq!(run(&texts).detail.bytes.unwrap().percent(), Some(25));
    let bare = run(&bare);
    assert_eq!((bare.detail.bytes, bare.started, bare.ended, bare.phase), (None, None, None, Phase::Queued));
    let whole = told.iter().filter(|o| matches!(o, Observed::Point(p) if p.state == PointState::Whole)).count();
    assert_eq!(whole, 0);
}

#[tokio::test]
async fn a_revoked_token_ends_observing_with_its_remedy() {
    let stage = Stage::open().await;
    let mut watcher = stage.watch();
    watcher.listed(Sort::Restore).await;
    stage.command("token", json!({"state": "revoked"}));
    let _ = stage.provider.start_run(&stage.owned("x", "web"), &ask("x")).await;
    let drain = async { while watcher.receiver.recv().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(20), drain).await.unwrap();
    let error = (&mut watcher.task).await.unwrap();
    assert_eq!(error.kind, ErrorKind::Unauthorised);
    assert!(error.remedy.contains("token"), "{error:?}");
}
