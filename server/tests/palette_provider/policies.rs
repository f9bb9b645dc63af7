//! The one policy of a workspace: set, changed, paused, left alone, disputed, released.

use crate::stage::{Stage, stage, stage_with};
use model::{Invalid, definition::Drift, duration::Seconds, scope::ClusterObjects};
use serde_json::{Value, json};
use server::provider::{Applied, DeclaredSeen, ErrorKind, Observed, Owned, ProviderError};

const WRITES: [&str; 2] = ["create workspace backup", "update workspace backup"];

fn writes(stage: &Stage) -> u64 {
    WRITES.iter().map(|class| stage.calls(class)).sum()
}

async fn seen(stage: &Stage, name: &str) -> DeclaredSeen {
    let mut watcher = stage.watch();
    watcher
        .find("the policy", |o| match o {
            Observed::Declared(d) if d.name == name => Some((**d).clone()),
            _ => None,
        })
        .await
}

fn fields(drift: &[Drift]) -> Vec<&str> {
    drift.iter().map(|d| d.field.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_policy_has_three_shapes_and_the_first_one_is_posted() {
    for options in [
        json!({"no_policy": "not_found"}),
        json!({"no_policy": "not_configured", "no_policy_status": 500}),
        json!({"no_policy": "not_configured", "no_policy_status": 400}),
        json!({"no_policy": "empty"}),
        json!({"no_policy": "empty", "empties": "go", "zero_times": true, "uid_key": "UID"}),
    ] {
        let stage = stage_with(options.clone()).await;
        let mut owned = stage.owned("first");
        let rendered = stage.provider.preview(&owned).await.unwrap();
        assert!(rendered.errors.0.is_empty() && rendered.dry_run.is_none(), "{options}: {rendered:?}");
        assert!(rendered.requests[0].curl.contains("-X POST"), "{options}");
        assert!(!rendered.requests[0].curl.contains("sim-t-token"), "{options}");
        let first = stage.provider.apply(&owned, None, None).await.unwrap();
        assert_eq!((stage.calls(WRITES[0]), stage.calls(WRITES[1])), (1, 0), "{options}");
        assert_eq!(stage.calls("get workspace backup"), 3, "{options}: no shape is tried again as a failure");
        let policy = stage.policy("shop");
        assert_eq!(policy["backupConfig"]["backupPrefix"], owned.upstream_name);
        assert_eq!(policy["backupConfig"]["schedule"]["scheduledRunTime"], "0 2 * * *");
        assert_eq!(policy["backupConfig"]["durationInHours"], 720);
        assert_eq!((policy["includeAllClusters"].clone(), policy["clusterUids"].clone()), (json!(true), json!([])));
        let again = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
        assert!(again.sentence.contains("as saved"), "{options}: {}", again.sentence);
        assert_eq!((again.written, writes(&stage)), (first.written.clone(), 1), "{options}: twice is once");
        owned.version = 2;
        owned.definition.scope.clusters = vec![stage.named("clusters", "prod-eu-2")];
        owned.definition.retention.keep_for = Some(Seconds(3600));
        assert!(stage.provider.preview(&owned).await.unwrap().requests[0].curl.contains("-X PUT"), "{options}");
        let second = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
        assert_eq!((stage.calls(WRITES[0]), stage.calls(WRITES[1])), (1, 1), "{options}");
        assert!(second.sentence.contains("durationInHours"), "{options}: {}", second.sentence);
        assert_eq!(stage.policy("shop")["clusterUids"], json!([stage.uid("clusters", "prod-eu-2")]));
        let seen = seen(&stage, &owned.upstream_name).await;
        assert_eq!(stage.provider.drift(&second, &seen), [], "{options}");
        assert_eq!(stage.provider.adopt(&owned, &seen).unwrap(), owned.definition, "{options}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_elses_policy_is_left_alone() {
    let stage = stage().await;
    stage.foreign("shop", "by-terraform", "0 5 * * *");
    let before = stage.policy("shop");
    let owned = stage.owned("mine");
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    assert!(error.sentence.contains("by-terraform") && error.sentence.contains("0 5 * * *"), "{error}");
    assert!(error.remedy.contains(&owned.upstream_name), "{}", error.remedy);
    assert_eq!((stage.policy("shop"), writes(&stage)), (before, 0), "nothing was written");
    let rendered = stage.provider.preview(&owned).await.unwrap();
    assert!(rendered.errors.about("scope.subject").is_some(), "{rendered:?}");
    // Without a schedule it does nothing, and Palette can't delete one.
    stage.foreign("shop", "by-terraform", "");
    stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.policy("shop")["backupConfig"]["backupPrefix"], owned.upstream_name);
    // Another definition's, which is paused, has no schedule either.
    let mut paused = stage.owned_of("finance", "paused");
    paused.definition.paused = true;
    stage.provider.apply(&paused, None, None).await.unwrap();
    let rival = stage.owned_of("finance", "rival");
    let error = stage.provider.apply(&rival, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    assert!(error.sentence.contains(&paused.upstream_name), "{error}");
    // Handed over by its prefix, by hand.
    stage.foreign("identity", "handed-0a1b2c", "0 5 * * *");
    let mut heir = stage.owned_of("identity", "handed");
    heir.upstream_name = "handed-0a1b2c".into();
    stage.provider.apply(&heir, None, None).await.unwrap();
    assert_eq!(stage.policy("identity")["backupConfig"]["schedule"]["scheduledRunTime"], "0 2 * * *");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_changed_is_disputed_until_it_is_agreed_upon() {
    let stage = stage().await;
    let mut owned = stage.owned("edit");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    stage.edit("shop", |config| {
        config["backupConfig"]["durationInHours"] = json!(48);
        config["backupConfig"]["includeAllDisks"] = json!(false);
    });
    let seen = seen(&stage, &owned.upstream_name).await;
    let drift = stage.provider.drift(&first, &seen);
    assert_eq!(fields(&drift), ["backupConfig.durationInHours", "backupConfig.includeAllDisks"]);
    let before = stage.policy("shop");
    owned.version = 2;
    owned.definition.scope.namespaces = vec!["checkout".into()];
    let held = stage.provider.apply(&owned, Some(&first), None).await.unwrap_err();
    assert_eq!(held.kind, ErrorKind::Disputed, "{held}");
    let dispute = held.dispute.unwrap();
    assert_eq!(fields(&dispute.drift), ["backupConfig.durationInHours", "backupConfig.includeAllDisks"]);
    assert_eq!((dispute.seen.name.as_str(), &dispute.seen.seen), (owned.upstream_name.as_str(), &seen.seen));
    assert_eq!(stage.policy("shop"), before, "nothing was written");
    let adopted = stage.provider.adopt(&owned, &seen).unwrap();
    assert_eq!(adopted.retention.keep_for, Some(Seconds(48 * 3600)));
    // Ordered over what was seen, it is as saved.
    let agreed = Applied { written: seen.seen.clone(), ..first };
    let second = stage.provider.apply(&owned, Some(&agreed), None).await.unwrap();
    assert_eq!(stage.policy("shop")["backupConfig"]["durationInHours"], 720);
    // Even its prefix may have been changed: then somebody else has it, and that is disputed too.
    stage.foreign("shop", "by-terraform", "0 5 * * *");
    let held = stage.provider.apply(&owned, Some(&second), None).await.unwrap_err();
    let dispute = held.dispute.unwrap();
    assert_eq!(dispute.seen.name, owned.upstream_name);
    assert!(fields(&dispute.drift).contains(&"backupConfig.backupPrefix"), "{dispute:?}");
    assert!(stage.provider.adopt(&owned, &dispute.seen).is_err());
    // Gone altogether, it is set again.
    stage.command("policy", json!({"workspace": "shop", "config": null}));
    let third = stage.provider.apply(&owned, Some(&second), None).await.unwrap();
    assert!(third.sentence.contains("again"), "{}", third.sentence);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_is_an_empty_schedule_here_and_there() {
    let stage = stage().await;
    let mut owned = stage.owned("pause");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    owned.definition.paused = true;
    let paused = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
    assert_eq!(stage.policy("shop")["backupConfig"]["schedule"]["scheduledRunTime"], "");
    let there = seen(&stage, &owned.upstream_name).await;
    assert!(there.paused);
    assert_eq!(stage.provider.drift(&paused, &there), []);
    assert_eq!(stage.provider.adopt(&owned, &there).unwrap(), owned.definition);
    owned.definition.paused = false;
    let resumed = stage.provider.apply(&owned, Some(&paused), None).await.unwrap();
    assert_eq!(stage.policy("shop")["backupConfig"]["schedule"]["scheduledRunTime"], "0 2 * * *");
    // Paused upstream: adopting it keeps our schedule.
    stage.edit("shop", |config| config["backupConfig"]["schedule"]["scheduledRunTime"] = json!(""));
    let there = seen(&stage, &owned.upstream_name).await;
    assert_eq!(fields(&stage.provider.drift(&resumed, &there)), ["backupConfig.schedule.scheduledRunTime"]);
    let adopted = stage.provider.adopt(&owned, &there).unwrap();
    assert!(adopted.paused);
    assert_eq!(adopted.schedule, owned.definition.schedule);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn releases_before_4_6_know_all_or_none() {
    let stage = stage_with(json!({"version": "4.5", "empties": "go"})).await;
    // Nothing tells the release yet: what came of the first write does.
    let mut owned = stage.owned("old");
    owned.definition.scope.cluster_objects = ClusterObjects::All;
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let policy = stage.policy("shop");
    assert_eq!(policy["backupConfig"]["includeClusterResources"], true, "{policy}");
    assert!(policy["backupConfig"].get("includeClusterResourceMode").is_none());
    let there = seen(&stage, &owned.upstream_name).await;
    assert_eq!(stage.provider.drift(&first, &there), []);
    assert_eq!(stage.provider.adopt(&owned, &there).unwrap(), owned.definition);
    owned.definition.scope.cluster_objects = ClusterObjects::None;
    let second = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
    assert_eq!(stage.policy("shop")["backupConfig"]["includeClusterResources"], false);
    owned.definition.scope.cluster_objects = ClusterObjects::Needed;
    let invalid: Invalid = stage.provider.express(&owned.definition);
    assert!(invalid.about("scope.cluster_objects").is_some(), "{invalid:?}");
    let error = stage.provider.apply(&owned, Some(&second), None).await.unwrap_err();
    assert!(error.fields.about("scope.cluster_objects").is_some(), "{error:?}");
    // A fresh provider learns it from the version that was stored, or by the connection's own word.
    let fresh = crate::stage::connect(&stage.draft, &stage.clock);
    assert!(fresh.express(&owned.definition).0.is_empty());
    fresh.remember_version("before 4.6");
    assert!(!fresh.express(&owned.definition).0.is_empty());
    let told = model::connection::ConnectionDraft { variant: "4.5".into(), ..stage.draft.clone() };
    assert!(!crate::stage::connect(&told, &stage.clock).express(&owned.definition).0.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_says_too_little_does_not_stay_in_force() {
    let stage = stage_with(json!({"version": "4.5"})).await;
    let owned = stage.owned("needed");
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
    assert!(error.fields.about("scope.cluster_objects").is_some(), "{error:?}");
    assert_eq!(stage.policy("shop")["backupConfig"]["schedule"]["scheduledRunTime"], "", "it is switched off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_switches_off_and_lets_go() {
    let stage = stage().await;
    let owned = stage.owned("gone");
    stage.provider.apply(&owned, None, None).await.unwrap();
    for _ in 0..2 {
        stage.provider.remove(&owned, None).await.unwrap();
        let policy = stage.policy("shop");
        assert_eq!(policy["backupConfig"]["schedule"]["scheduledRunTime"], "");
        assert_eq!(policy["backupConfig"]["backupPrefix"], "released-by-holdfast");
    }
    assert_eq!(writes(&stage), 2, "the second time nothing is written");
    // What was let go may be taken.
    let next = stage.owned("next");
    stage.provider.apply(&next, None, None).await.unwrap();
    stage.foreign("finance", "by-terraform", "0 5 * * *");
    let before = stage.policy("finance");
    stage.provider.remove(&stage.owned_of("finance", "never"), None).await.unwrap();
    assert_eq!(stage.policy("finance"), before, "somebody else's stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_that_moves_leaves_nothing_behind() {
    let stage = stage().await;
    let mut owned = stage.owned("moves");
    let name = owned.upstream_name.clone();
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    // A crash between the two steps: set in the new workspace, not yet released in the old one.
    owned.version = 2;
    owned.definition.scope.subject = Some(stage.named("workspaces", "finance"));
    stage.harm(json!([{"method": "PUT", "path": stage.uid("workspaces", "shop"), "times": 1,
        "effect": {"kind": "status", "code": 500}}]));
    stage.provider.apply(&owned, Some(&first), None).await.unwrap_err();
    assert_eq!(stage.policy("finance")["backupConfig"]["backupPrefix"], name);
    assert_eq!(stage.policy("shop")["backupConfig"]["backupPrefix"], name);
    let second = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
    assert_eq!(stage.policy("shop")["backupConfig"]["schedule"]["scheduledRunTime"], "");
    assert_ne!(stage.policy("shop")["backupConfig"]["backupPrefix"], name);
    let there = seen(&stage, &name).await;
    assert_eq!(stage.provider.drift(&second, &there), []);
    // Moved and deleted before it was applied: the one that stands is found.
    owned.definition.scope.subject = Some(stage.named("workspaces", "identity"));
    stage.provider.remove(&owned, None).await.unwrap();
    assert_eq!(stage.policy("finance")["backupConfig"]["schedule"]["scheduledRunTime"], "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_was_lost_is_no_dispute() {
    let stage = stage().await;
    let mut owned = stage.owned("lost");
    for effect in ["lost_answer", "truncated"] {
        stage.harm(json!([{"method": "POST", "path": "/backup", "times": 1, "effect": {"kind": effect}}]));
        let _ = stage.provider.apply(&owned, None, None).await;
        stage.heal();
        let first = stage.provider.apply(&owned, None, None).await.unwrap();
        // The second version's answer is lost, and a third is saved before it is tried again.
        owned.definition.retention.keep_for = Some(Seconds(2 * 3600));
        stage.harm(json!([{"method": "PUT", "path": "/backup", "times": 1, "effect": {"kind": "lost_answer"}}]));
        let error = stage.provider.apply(&owned, Some(&first), None).await.unwrap_err();
        assert!(error.kind.retryable(), "{error}");
        stage.heal();
        owned.definition.retention.keep_for = Some(Seconds(3 * 3600));
        stage.provider.apply(&owned, Some(&first), None).await.unwrap();
        assert_eq!(stage.policy("shop")["backupConfig"]["durationInHours"], 3);
        // But an older state that somebody puts back is a change.
        stage.edit("shop", |config| config["backupConfig"]["durationInHours"] = json!(2));
        let last = stage.provider.apply(&owned, None, None).await.unwrap();
        stage.edit("shop", |config| config["backupConfig"]["durationInHours"] = json!(2));
        let held = stage.provider.apply(&owned, Some(&last), None).await.unwrap_err();
        assert_eq!(held.kind, ErrorKind::Disputed, "{held}");
        stage.command("policy", json!({"workspace": "shop", "config": null}));
        owned = stage.owned("lost");
    }
    assert_eq!(stage.policy("shop"), Value::Null);
}

async fn refused(stage: &Stage, owned: &Owned) -> ProviderError {
    stage.provider.apply(owned, None, None).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_said_by_field() {
    let stage = stage().await;
    let mut owned = stage.owned("absent");
    owned.definition.location = Some("moon".into());
    let error = refused(&stage, &owned).await;
    assert!(error.fields.about("location").is_some_and(|s| s.contains("moon")), "{error:?}");
    assert!(stage.provider.preview(&owned).await.unwrap().errors.about("location").is_some());
    owned.definition.location = Some("eu-s3".into());
    owned.definition.scope.clusters = vec![stage.named("clusters", "edge-zurich-1")];
    let error = refused(&stage, &owned).await;
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
    assert!(error.fields.about("scope.clusters").is_some(), "Palette's own word, mapped: {error:?}");
    assert!(stage.provider.preview(&owned).await.unwrap().errors.about("scope.clusters").is_some());
    owned.definition.scope.subject = Some(model::named::Named::new("65ff00000000000000000000", "old"));
    let error = refused(&stage, &owned).await;
    assert!(error.fields.about("scope.subject").is_some_and(|s| s.contains("old")), "{error:?}");
    assert!(stage.provider.preview(&owned).await.unwrap().errors.about("scope.subject").is_some());
}
