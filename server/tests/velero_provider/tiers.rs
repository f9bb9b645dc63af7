//! Several schedules in one definition: a Schedule each, one definition.

use crate::{
    on_both,
    stage::{Stage, sim},
};
use model::{
    definition::{Retention, Schedule},
    duration::Seconds,
    run::Trigger,
    tier::Tier,
    view::Resume,
};
use serde_json::{Value, json};
use server::provider::{Applied, DeclaredSeen, ErrorKind, Observed, Owned};

on_both!(
    tiers_live_and_go_together,
    a_run_of_any_tier_is_the_definitions,
    a_tier_that_somebody_deletes_is_told,
    a_tier_that_velero_refuses_is_named,
    a_name_that_is_taken_stops_all_of_them,
    each_tier_is_tried_beforehand,
);

const DAY: u64 = 86_400;

fn tier(cron: &str, days: u64) -> Tier {
    Tier {
        schedule: Schedule { cron: cron.into(), zone: Some("Europe/Zurich".into()) },
        retention: Retention { keep_for: Some(Seconds(days * DAY)), ..Retention::default() },
    }
}

/// None of the three comes due during a test.
fn tiered(stage: &Stage, stem: &str) -> Owned {
    let mut owned = stage.owned(stem);
    owned.definition.further = vec![tier("0 0 1 2 *", 56), tier("0 0 1 3 *", 365)];
    owned
}

fn names(owned: &Owned) -> [String; 3] {
    let name = &owned.upstream_name;
    [name.clone(), format!("{name}-t2"), format!("{name}-t3")]
}

async fn all(stage: &Stage, owned: &Owned) -> Vec<Option<Value>> {
    let mut out = Vec::new();
    for name in names(owned) {
        out.push(stage.get("schedules", &name).await);
    }
    out
}

async fn clean(stage: &Stage, owned: &Owned) {
    stage.provider.remove(owned, None).await.unwrap();
    assert_eq!(all(stage, owned).await, [None, None, None]);
}

/// What is told of the definition, once it is so.
async fn told(stage: &Stage, owned: &Owned, is: impl Fn(&DeclaredSeen) -> bool) -> DeclaredSeen {
    let mut watcher = stage.watch();
    watcher
        .find("the definition", |o| match o {
            Observed::Declared(seen) if seen.name == owned.upstream_name && is(seen) => Some((**seen).clone()),
            _ => None,
        })
        .await
}

async fn tiers_live_and_go_together(stage: &Stage) {
    let mut owned = tiered(stage, "tiers");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let made = all(stage, &owned).await;
    for (there, (cron, ttl)) in made.iter().zip([("0 0 1 1 *", 24), ("0 0 1 2 *", 56 * 24), ("0 0 1 3 *", 365 * 24)]) {
        let there = there.as_ref().unwrap();
        assert_eq!(there["spec"]["schedule"], format!("CRON_TZ=Europe/Zurich {cron}"));
        assert_eq!(there["spec"]["template"]["ttl"], format!("{ttl}h0m0s"));
        for labels in [&there["metadata"]["labels"], &there["spec"]["template"]["metadata"]["labels"]] {
            assert_eq!(labels["holdfast.io/definition"], owned.id.as_str());
        }
    }
    let again = stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(again.written, first.written);
    assert!(again.sentence.contains("are as saved"), "{}", again.sentence);

    owned.definition.paused = true;
    owned.version = 2;
    let paused = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
    assert!(all(stage, &owned).await.iter().flatten().all(|one| one["spec"]["paused"] == true));
    let seen = told(stage, &owned, |seen| seen.paused).await;
    assert_eq!(stage.provider.drift(&paused, &seen), []);
    owned.definition.paused = false;
    owned.version = 3;
    let resumed = stage.provider.apply(&owned, Some(&paused), Some(Resume::WaitForNext)).await.unwrap();
    assert!(all(stage, &owned).await.iter().flatten().all(|one| one["spec"]["paused"] != true));

    // The second one goes, the third takes its place, and nothing else is written.
    owned.definition.further.remove(0);
    owned.version = 4;
    let fewer = stage.provider.apply(&owned, Some(&resumed), None).await.unwrap();
    let left = all(stage, &owned).await;
    assert_eq!(left[1].as_ref().unwrap()["spec"]["schedule"], "CRON_TZ=Europe/Zurich 0 0 1 3 *");
    assert_eq!(left[2], None);
    let uid = |of: &[Option<Value>], at: usize| of[at].as_ref().map(|one| one["metadata"]["uid"].clone());
    assert_eq!((uid(&left, 0), uid(&left, 1)), (uid(&made, 0), uid(&made, 1)), "they were changed, not made anew");
    let seen = told(stage, &owned, |seen| seen.seen["tiers"].as_object().is_some_and(|tiers| tiers.len() == 1)).await;
    assert_eq!(stage.provider.drift(&fewer, &seen), []);
    assert_eq!(stage.provider.adopt(&owned, &seen).unwrap(), owned.definition);

    // Without a schedule nothing stays that starts runs.
    let mut single = owned.clone();
    single.definition.schedule = None;
    single.definition.further.clear();
    single.version = 5;
    let none = stage.provider.apply(&single, Some(&fewer), None).await.unwrap();
    assert!(none.sentence.contains("-t2 deleted; their backups stay"), "{}", none.sentence);
    assert_eq!(all(stage, &owned).await, [None, None, None]);
    stage.provider.apply(&owned, Some(&none), None).await.unwrap();
    clean(stage, &owned).await;
}

async fn a_run_of_any_tier_is_the_definitions(stage: &Stage) {
    let owned = tiered(stage, "whose");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let second = stage.get("schedules", &format!("{}-t2", owned.upstream_name)).await.unwrap();
    let mut watcher = stage.watch();
    // As Velero names and labels it, once with its template's labels and once after somebody took ours off.
    for (stamp, labelled) in [("20261003023000", true), ("20261003033000", false)] {
        let name = format!("{}-t2-{stamp}", owned.upstream_name);
        let mut labels = json!({"velero.io/schedule-name": second["metadata"]["name"]});
        if labelled {
            labels["holdfast.io/definition"] = json!(owned.id.as_str());
        }
        let backup = json!({
            "apiVersion": "velero.io/v1", "kind": "Backup",
            "metadata": {"name": name, "namespace": stage.namespace, "labels": labels},
            "spec": second["spec"]["template"],
        });
        stage.ask("POST", "backups", "", Some(backup)).await.unwrap();
        let (run, point) = (name.clone(), name.clone());
        let seen = watcher
            .find("the run", |o| match o {
                Observed::Run(seen) if seen.name == run && seen.phase.is_final() => Some((**seen).clone()),
                _ => None,
            })
            .await;
        assert_eq!(seen.definition.is_some(), labelled);
        assert_eq!(seen.declared.as_ref(), Some(&owned.upstream_name), "found by its definition's name");
        assert_eq!(seen.trigger, Trigger::Schedule);
        let told = ("Schedule".to_owned(), format!("{}-t2", owned.upstream_name));
        assert!(seen.detail.facts.contains(&told), "which one it was is told: {:?}", seen.detail.facts);
        let seen = watcher
            .find("its point", |o| match o {
                Observed::Point(seen) if seen.name == point => Some((**seen).clone()),
                _ => None,
            })
            .await;
        assert_eq!(seen.declared.as_ref(), Some(&owned.upstream_name));
    }
    clean(stage, &owned).await;
}

async fn a_tier_that_somebody_deletes_is_told(stage: &Stage) {
    let mut owned = tiered(stage, "gone");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let name = owned.upstream_name.clone();
    let mut watcher = stage.watch();
    let mut next = async |tiers: Option<usize>| {
        watcher
            .find("the definition", |o| match o {
                Observed::Declared(seen) if seen.name == name => {
                    let now = seen.seen["tiers"].as_object().map_or(0, serde_json::Map::len);
                    (Some(now) == tiers).then(|| Some((**seen).clone()))
                }
                Observed::Gone(_, gone) if *gone == name && tiers.is_none() => Some(None),
                _ => None,
            })
            .await
    };
    let whole = next(Some(2)).await.unwrap();
    assert_eq!(stage.provider.drift(&first, &whole), []);
    stage.ask("DELETE", "schedules", &format!("{name}-t2"), None).await;
    let seen = next(Some(1)).await.unwrap();
    let drift = stage.provider.drift(&first, &seen);
    assert_eq!(drift.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["t2: spec"]);
    assert!(drift[0].ours.as_ref().is_some_and(|ours| ours.contains("0 0 1 2 *")) && drift[0].theirs.is_none());
    let adopted = stage.provider.adopt(&owned, &seen).unwrap();
    assert_eq!(adopted.further, [tier("0 0 1 3 *", 365)]);

    // Re-applied over what was seen, it is there again.
    owned.version = 2;
    let agreed = Applied { written: seen.seen.clone(), ..first.clone() };
    let second = stage.provider.apply(&owned, Some(&agreed), None).await.unwrap();
    assert_eq!(stage.provider.drift(&second, &next(Some(2)).await.unwrap()), []);

    // The first one of them is no less a part.
    stage.ask("DELETE", "schedules", &name, None).await;
    let seen = watcher_of_missing(stage, &owned).await;
    assert_eq!(stage.provider.drift(&second, &seen).iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["spec"]);
    owned.version = 3;
    owned.definition.further[0].retention.keep_for = Some(Seconds(DAY));
    let third = stage.provider.apply(&owned, Some(&second), None).await.unwrap();
    assert!(third.sentence.contains(&format!("Schedule {name} was gone from the cluster; created again")), "{third:?}");
    stage.provider.remove(&owned, None).await.unwrap();
    assert!(next(None).await.is_none(), "without any of them it is gone");
    clean(stage, &owned).await;
}

/// The definition while its first Schedule is not there.
async fn watcher_of_missing(stage: &Stage, owned: &Owned) -> DeclaredSeen {
    told(stage, owned, |seen| seen.seen.get("spec").is_none()).await
}

async fn a_tier_that_velero_refuses_is_named(stage: &Stage) {
    let owned = tiered(stage, "refused");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let third = format!("{}-t3", owned.upstream_name);
    stage.edit("schedules", &third, json!({"spec": {"schedule": "every now and then"}})).await;
    let seen = told(stage, &owned, |seen| !seen.invalid.is_empty()).await;
    assert!(seen.invalid.iter().all(|why| why.starts_with("t3: invalid schedule")), "{:?}", seen.invalid);
    let drift = stage.provider.drift(&first, &seen);
    assert_eq!(drift.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["t3: spec.schedule"]);
    let invalid = stage.provider.adopt(&owned, &seen).unwrap_err();
    assert!(invalid.0.iter().all(|one| one.path.contains("spec.schedule")), "{invalid:?}");
    clean(stage, &owned).await;
}

async fn a_name_that_is_taken_stops_all_of_them(stage: &Stage) {
    let owned = tiered(stage, "taken");
    let [_, second, _] = names(&owned);
    let object = json!({
        "apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": second, "namespace": stage.namespace},
        "spec": {"schedule": "0 0 1 1 *", "template": {}},
    });
    stage.ask("POST", "schedules", "", Some(object)).await.unwrap();
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    assert!(error.sentence.contains(&second) && error.sentence.contains("did not make"), "{error}");
    let there = all(stage, &owned).await;
    assert!(there[0].is_none() && there[2].is_none(), "nothing was begun");
    stage.provider.remove(&owned, None).await.unwrap();
    assert!(stage.get("schedules", &second).await.is_some(), "somebody else's stays");
    stage.ask("DELETE", "schedules", &second, None).await;
}

async fn each_tier_is_tried_beforehand(stage: &Stage) {
    let mut owned = tiered(stage, "tried");
    let shown = stage.provider.preview(&owned).await.unwrap();
    let titles = |shown: &server::provider::Rendered| -> Vec<String> {
        shown.requests.iter().map(|request| request.title.clone()).collect()
    };
    assert_eq!(titles(&shown), names(&owned).map(|name| format!("Schedule {name}")));
    for (request, name) in shown.requests.iter().zip(names(&owned)) {
        assert!(request.yaml.contains(&format!("name: {name}\n")) && request.curl.contains("POST"), "{request:?}");
    }
    let dry = shown.dry_run.unwrap();
    assert!(dry.accepted && dry.points.iter().all(|(good, _)| *good), "{dry:?}");
    assert_eq!(dry.points.iter().filter(|(_, said)| said.contains("dryRun=All")).count(), 3, "{dry:?}");
    assert_eq!(all(stage, &owned).await, [None, None, None], "nothing was made");

    stage.provider.apply(&owned, None, None).await.unwrap();
    owned.definition.further = vec![tier("0 0 1 2 *", 7)];
    let shown = stage.provider.preview(&owned).await.unwrap();
    let [first, second, third] = names(&owned).map(|name| format!("Schedule {name}"));
    assert_eq!(titles(&shown), [first.clone(), second, format!("{third}, deleted")]);
    assert!(shown.requests[1].curl.contains("PATCH") && shown.requests[2].curl.contains("DELETE"), "{shown:?}");
    assert!(!shown.requests.iter().any(|request| request.curl.contains(&stage.draft.credential)));
    let dry = shown.dry_run.unwrap();
    assert!(dry.accepted, "{dry:?}");
    assert!(
        dry.points.iter().any(|(_, said)| said.contains(&first) && said.contains("nothing would be sent")),
        "{dry:?}"
    );
    assert!(dry.points.iter().any(|(_, said)| said.contains(&third) && said.contains("would be deleted")), "{dry:?}");
    assert!(all(stage, &owned).await.iter().all(Option::is_some), "nothing was changed");
    clean(stage, &owned).await;
}

/// Velero's own runs of a further Schedule, by its clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_further_schedule_runs_by_itself() {
    let stage = sim().await;
    let mut owned = stage.owned("by-itself");
    owned.definition.further = vec![tier("@every 2s", 1)];
    stage.provider.apply(&owned, None, None).await.unwrap();
    let begins = format!("{}-t2-", owned.upstream_name);
    let mut watcher = stage.watch();
    let run = watcher
        .find("a run", |o| match o {
            Observed::Run(seen) if seen.name.starts_with(&begins) && seen.phase.is_final() => Some((**seen).clone()),
            _ => None,
        })
        .await;
    assert_eq!((run.definition.as_deref(), run.trigger), (Some(owned.id.as_str()), Trigger::Schedule));
    assert_eq!(run.declared, Some(owned.upstream_name.clone()));
}
