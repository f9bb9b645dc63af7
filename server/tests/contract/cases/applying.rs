//! What is saved is made, once, and what is not ours stays as it is.

use super::can;
use crate::stage::{Stage, ask};
use model::view::Resume;
use server::provider::{Applied, DeclaredSeen, ErrorKind, Owned, Sort};

/// What the upstream declares of a definition, once observed.
pub async fn declared<S: Stage>(stage: &S, owned: &Owned, pick: impl Fn(&DeclaredSeen) -> bool) -> DeclaredSeen {
    let mut watcher = stage.watch();
    watcher.until("the declared object", |m| m.declared.get(&owned.upstream_name).filter(|d| pick(d)).cloned()).await
}

/// What is there is as saved: told as ours, without drift, and meaning the same definition.
pub async fn stands_as_saved<S: Stage>(stage: &S, owned: &Owned, applied: &Applied) {
    let provider = stage.provider();
    let seen = declared(stage, owned, |seen| provider.drift(applied, seen).is_empty()).await;
    let back = provider.adopt(owned, &seen).unwrap();
    assert_eq!(stage.normal(back), stage.normal(owned.definition.clone()));
    assert_eq!(seen.paused, owned.definition.paused, "{seen:?}");
}

pub async fn creates_once<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("once");
    assert_eq!(stage.provider().express(&owned.definition).0, [], "the stage's own definition can be expressed");
    let first = stage.provider().apply(&owned, None, None).await.unwrap();
    assert!(!first.sentence.is_empty());
    let made = stage.objects(&owned);
    assert!(!made.is_empty(), "nothing was made: {first:?}");
    // The result was not recorded, then it was.
    for previous in [None, Some(&first)] {
        let again = stage.provider().apply(&owned, previous, None).await.unwrap();
        assert_eq!(again.written, first.written);
        assert_eq!(stage.objects(&owned), made, "applied again with {previous:?}");
    }
    stands_as_saved(&stage, &owned, &first).await;
}

pub async fn an_edit_changes_what_is_there<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("edit");
    let first = stage.provider().apply(&owned, None, None).await.unwrap();
    let made = stage.objects(&owned);
    let edited = stage.edited(&owned);
    assert_eq!(stage.provider().express(&edited.definition).0, []);
    let second = stage.provider().apply(&edited, Some(&first), None).await.unwrap();
    let now = stage.objects(&edited);
    assert_eq!(now.len(), made.len(), "no object more: {now:#?}");
    assert_ne!(now, made, "something was changed");
    stands_as_saved(&stage, &edited, &second).await;
}

pub async fn removes_what_it_made_and_points_stay<S: Stage>() {
    let stage = S::open().await;
    let (owned, other) = (stage.owned("gone"), stage.owned("stays"));
    let applied = stage.provider().apply(&owned, None, None).await.unwrap();
    stage.provider().apply(&other, None, None).await.unwrap();
    let beside = stage.objects(&other);
    let begun = stage.provider().start_run(&owned, &ask(&owned, "r1")).await.unwrap();
    let key = begun.name.unwrap_or_else(|| ask(&owned, "r1").name);
    stage.watch().ended(&key).await;
    stage.provider().remove(&owned, Some(&applied)).await.unwrap();
    assert_eq!(stage.objects(&owned), [] as [serde_json::Value; 0]);
    assert_eq!(stage.objects(&other), beside);
    stage.provider().remove(&owned, Some(&applied)).await.expect("gone already is success");
    let mut watcher = stage.watch();
    watcher.listed(Sort::Point).await;
    assert!(!watcher.mirror.points.is_empty(), "the recovery point stays");
    assert!(!watcher.mirror.declared.contains_key(&owned.upstream_name), "nothing declares it any more");
}

pub async fn what_lost_its_mark_is_left_alone_and_not_called_removed<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("bare");
    let applied = stage.provider().apply(&owned, None, None).await.unwrap();
    let marked = stage.sim().state();
    stage.unmark(&owned);
    let bare = stage.sim().state();
    assert_ne!(bare, marked, "the stage took nothing");
    for _ in 0..2 {
        let left = stage.provider().remove(&owned, Some(&applied)).await.unwrap_err();
        assert_eq!(left.kind, ErrorKind::Disputed, "{left}");
        assert!(left.sentence.contains("is still there"), "{left}");
        assert!(!left.remedy.is_empty(), "{left:?}");
    }
    // What never was applied is no loss.
    stage.provider().remove(&stage.owned("never"), None).await.unwrap();
}

pub async fn an_unscheduled_definition_is_one_backup<S: Stage>() {
    let stage = S::open().await;
    if !can("unscheduled", &stage.provider().capabilities().unscheduled) {
        return;
    }
    let owned = stage.unscheduled(&stage.owned("single"));
    assert_eq!(stage.provider().express(&owned.definition).0, []);
    let first = stage.provider().apply(&owned, None, None).await.unwrap();
    // A crash before the result was recorded repeats the step.
    stage.provider().apply(&owned, None, None).await.unwrap();
    let mut watcher = stage.watch();
    let run = watcher.until("the one run", |m| m.runs_of(&owned).find(|r| r.phase.is_final()).cloned()).await;
    assert!(run.phase.is_good(), "{run:?}");
    let mut later = owned.clone();
    later.version = 2;
    stage.provider().apply(&later, Some(&first), None).await.unwrap();
    let mut watcher = stage.watch();
    watcher.listed(Sort::Run).await;
    assert_eq!(watcher.mirror.runs_of(&owned).count(), 1, "{:#?}", watcher.mirror.runs);
}

pub async fn pauses_and_resumes<S: Stage>() {
    let stage = S::open().await;
    let can_do = stage.provider().capabilities();
    if !can("pause", &can_do.pause) {
        return;
    }
    let mut owned = stage.owned("pause");
    let mut last = stage.provider().apply(&owned, None, None).await.unwrap();
    let made = stage.objects(&owned).len();
    let quietly = can_do.resume_quietly.is_yes().then_some(Resume::WaitForNext);
    for (paused, resume) in [(true, None), (false, quietly), (true, None), (false, Some(Resume::MayRunAtOnce))] {
        owned.definition.paused = paused;
        owned.version += 1;
        last = stage.provider().apply(&owned, Some(&last), resume).await.unwrap();
        assert!(stage.objects(&owned).len() <= made, "{:#?}", stage.objects(&owned));
        stands_as_saved(&stage, &owned, &last).await;
    }
    // One that is paused from its beginning.
    stage.provider().remove(&owned, None).await.unwrap();
    let mut still = stage.owned("still");
    still.definition.paused = true;
    let applied = stage.provider().apply(&still, None, None).await.unwrap();
    stands_as_saved(&stage, &still, &applied).await;
}

pub async fn a_preview_changes_nothing<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("look");
    let shown = stage.provider().preview(&owned).await.unwrap();
    assert_eq!(shown.errors.0, []);
    assert!(!shown.requests.is_empty());
    for request in &shown.requests {
        assert!(!request.title.is_empty() && !request.curl.is_empty(), "{request:?}");
        for secret in stage.secrets() {
            assert!(!format!("{request:?}").contains(&secret), "{request:?}");
        }
    }
    assert_eq!(shown.dry_run.is_some(), stage.provider().capabilities().dry_run.is_yes());
    assert!(shown.dry_run.is_none_or(|dry| dry.accepted));
    assert_eq!(stage.objects(&owned), [] as [serde_json::Value; 0], "nothing was made");
    stage.provider().apply(&owned, None, None).await.unwrap();
    let made = stage.objects(&owned);
    stage.provider().preview(&stage.edited(&owned)).await.unwrap();
    assert_eq!(stage.objects(&owned), made, "nothing was changed");
}

pub async fn a_foreign_object_of_its_name_is_left_alone<S: Stage>() {
    let stage = S::open().await;
    let owned = stage.owned("foreign");
    let alone = stage.foreign(&owned);
    let at = stage.foreign_now(&owned);
    assert!(!at.is_null(), "the stage put nothing");
    let applied = stage.provider().apply(&owned, None, None).await;
    if alone {
        let error = applied.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
        assert!(!error.remedy.is_empty(), "{error:?}");
    } else {
        applied.unwrap();
    }
    assert_eq!(stage.foreign_now(&owned), at, "applying changed it");
    stage.provider().remove(&owned, None).await.unwrap();
    assert_eq!(stage.foreign_now(&owned), at, "removing changed it");
}
