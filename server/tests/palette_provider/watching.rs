//! What the observer tells: of a life, and of what others do.

use crate::stage::{Stage, Watcher, stage, stage_with};
use model::{Phase, named::Named, recovery::PointState, run::Trigger};
use serde_json::json;
use server::provider::{ErrorKind, Observed, Owned, RunSeen, Sort};

async fn run_of(watcher: &mut Watcher, what: &str, pick: impl Fn(&RunSeen) -> bool) -> RunSeen {
    watcher
        .find(what, |o| match o {
            Observed::Run(run) if pick(run) => Some((**run).clone()),
            _ => None,
        })
        .await
}

async fn started(stage: &Stage, owned: &Owned, n: u32) -> String {
    let order = format!("{}-2026100301593{n}", owned.upstream_name);
    stage.provider.start_run(owned, &stage.ask(&order, false)).await.unwrap().name.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_list_is_whole() {
    let stage = stage_with(json!({"estate": "demo", "history_days": 20, "rollup": "optimistic", "order": "uid"})).await;
    let all = stage.watch().first().await;
    let begun: Vec<Sort> =
        all.iter().filter_map(|o| if let Observed::ListBegins(s) = o { Some(*s) } else { None }).collect();
    for sort in [Sort::Run, Sort::Point, Sort::Restore, Sort::Declared, Sort::Location] {
        assert!(begun.contains(&sort), "{sort:?}");
        assert!(all.iter().any(|o| matches!(o, Observed::ListEnds(s) if *s == sort)), "{sort:?}");
    }
    let runs: Vec<&RunSeen> =
        all.iter().filter_map(|o| if let Observed::Run(r) = o { Some(&**r) } else { None }).collect();
    // A store's cluster is out of reach: its runs since are not good, those before are.
    let stores = stage.uid("workspaces", "stores");
    let of_stores: Vec<&&RunSeen> = runs.iter().filter(|r| r.name.starts_with(&stores)).collect();
    let skipped =
        |r: &RunSeen| r.detail.clusters.iter().any(|c| c.skipped.is_some() && c.cluster.name == "edge-basel-1");
    assert!(of_stores.iter().any(|r| skipped(r)) && of_stores.iter().any(|r| !skipped(r)));
    assert!(of_stores.iter().all(|r| !skipped(r) || !r.phase.is_good()));
    assert!(of_stores.iter().any(|r| r.phase.is_good()), "before it was lost");
    // The shop's last night disagrees between its clusters; Palette's own word for it is “Completed”.
    assert!(runs.iter().any(|r| r.phase == Phase::Failed && r.raw_phase == "Completed"));
    assert!(runs.iter().all(|r| r.detail.bytes.is_none() && r.detail.items.is_none()));
    assert!(runs.iter().any(|r| r.phase == Phase::Queued || r.phase == Phase::Running), "one on demand goes on");
    let points = all.iter().filter(|o| matches!(o, Observed::Point(_))).count();
    assert!(points > runs.len(), "one for each cluster: {points} of {}", runs.len());
    let deleting = |o: &Observed| matches!(o, Observed::Point(p) if p.state == PointState::Deleting);
    assert!(all.iter().any(deleting), "a deletion that never ends");
    let restores: Vec<&Phase> =
        all.iter().filter_map(|o| if let Observed::Restore(r) = o { Some(&r.phase) } else { None }).collect();
    assert_eq!(restores.iter().filter(|p| p.is_good()).count(), 1, "{restores:?}");
    assert_eq!(restores.iter().filter(|p| ***p == Phase::Failed).count(), 1, "{restores:?}");
    assert!(!all.iter().any(|o| matches!(o, Observed::Declared(_))), "nobody's policy there is ours");
    let locations: Vec<(&str, &str)> = all
        .iter()
        .filter_map(|o| if let Observed::Location(l) = o { Some((l.name.as_str(), l.place.as_str())) } else { None })
        .collect();
    assert!(locations.contains(&("archive-azure", "container archive at Azure")), "{locations:?}");
    assert!(locations.contains(&("eu-s3", "bucket company-backups at S3")), "{locations:?}");
    assert!(!format!("{all:?}").contains("****"), "masked secrets are not even looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_life_in_every_form_of_the_answers() {
    for options in [
        json!({}),
        json!({"empties": "go", "zero_times": true, "uid_key": "UID", "dashboard": "meta", "azure_storage": ""}),
        json!({"version": "4.5", "dashboard": "metadata", "order": "newest", "words": {"InProgress": "In Progress", "Pending": ""}}),
    ] {
        let stage = stage_with(options.clone()).await;
        let mut owned = stage.quiet("life");
        owned.definition.scope.cluster_objects = model::scope::ClusterObjects::All;
        stage.provider.apply(&owned, None, None).await.unwrap();
        let mut watcher = stage.watch();
        watcher.first().await;
        let name = started(&stage, &owned, 0).await;
        let queued = run_of(&mut watcher, "the run", |r| r.name == name).await;
        assert_eq!(queued.phase, Phase::Queued, "{options}");
        assert_eq!(queued.order.as_deref(), Some(format!("{}-20261003015930", owned.upstream_name).as_str()));
        assert_eq!(queued.declared.as_deref(), Some(owned.upstream_name.as_str()));
        stage.advance(10);
        let running = run_of(&mut watcher, "that it runs", |r| r.name == name && r.phase != Phase::Queued).await;
        assert_eq!(running.phase, Phase::Running, "{options}");
        stage.advance(200);
        let done = run_of(&mut watcher, "its end", |r| r.name == name && r.phase.is_final()).await;
        assert_eq!((&done.phase, done.detail.clusters.len()), (&Phase::Succeeded, 2), "{options}: {done:?}");
        assert!(done.ended > done.created, "{options}: {done:?}");
        let mut points = Vec::new();
        let mut watcher = stage.watch();
        for observed in watcher.first().await {
            if let Observed::Point(point) = observed {
                points.push(*point);
            }
        }
        assert_eq!(points.len(), 2, "{options}");
        assert!(points.iter().all(|p| p.run.as_deref() == Some(name.as_str()) && p.state == PointState::Whole));
        assert!(points.iter().all(|p| p.expires > p.taken && p.taken.is_some()), "{options}: {points:?}");
        assert!(points.iter().all(|p| p.detail.subject == Some(stage.named("workspaces", "shop"))));
        // A schedule's run is told as one.
        stage.advance(2 * 3600);
        let scheduled = run_of(&mut watcher, "the schedule's run", |r| r.trigger == Trigger::Schedule).await;
        assert_eq!(scheduled.declared.as_deref(), Some(owned.upstream_name.as_str()), "{options}");
        stage.advance(600);
        // A deletion is on its way, then done.
        let point = points[0].name.clone();
        stage.provider.delete_point(&point, "o").await.unwrap();
        watcher
            .find("that it is deleted", |o| match o {
                Observed::Point(p) if p.name == point && p.state == PointState::Deleting => Some(()),
                _ => None,
            })
            .await;
        stage.advance(60);
        watcher
            .find("that it is gone", |o| match o {
                Observed::Gone(Sort::Point, name) if *name == point => Some(()),
                // A cluster whose backup was deleted was not left out.
                Observed::Run(run) if run.name == name => {
                    assert_eq!(run.phase, Phase::Succeeded, "{options}: {run:?}");
                    None
                }
                _ => None,
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_run_became_is_told_word_by_word() {
    let stage = stage().await;
    let owned = stage.quiet("words");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let mut watcher = stage.watch();
    watcher.first().await;
    for (n, (first, second, wanted)) in [
        ("completed", "completed", Phase::Succeeded),
        ("completed", "failed", Phase::Failed),
        ("completed", "partial", Phase::Partial),
        ("completed", "Archived", Phase::Unknown("Archived".into())),
        ("partial", "failed", Phase::Failed),
    ]
    .into_iter()
    .enumerate()
    {
        stage.command("outcome", json!({"cluster": "prod-eu-1", "outcome": first}));
        stage.command("outcome", json!({"cluster": "prod-eu-2", "outcome": second}));
        let name = started(&stage, &owned, u32::try_from(n).unwrap()).await;
        stage.advance(300);
        let ended = |r: &RunSeen| r.name == name && !matches!(r.phase, Phase::Queued | Phase::Running);
        let run = run_of(&mut watcher, "its end", ended).await;
        assert_eq!(run.phase, wanted, "{first} {second}");
        assert_eq!(
            run.raw_phase,
            if n == 4 { "PartiallyFailed" } else { "Completed" },
            "Palette's own roll-up is too kind"
        );
        assert_eq!(run.detail.clusters.len(), 2);
        assert_eq!(run.detail.message.is_some(), !matches!(second, "completed" | "Archived"), "{run:?}");
    }
    // A cluster that can't be reached is left out without a word.
    stage.command("outcome", json!({"cluster": "prod-eu-1", "outcome": "completed"}));
    stage.command("cluster", json!({"cluster": "prod-eu-2", "healthy": false}));
    let name = started(&stage, &owned, 9).await;
    stage.advance(300);
    let run = run_of(&mut watcher, "its end", |r| r.name == name && r.phase.is_final()).await;
    assert_eq!(run.phase, Phase::Partial, "{run:?}");
    let left_out = run.detail.clusters.iter().find(|c| c.skipped.is_some()).unwrap();
    assert_eq!(left_out.cluster, stage.named("clusters", "prod-eu-2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_deletion_is_told_once() {
    let stage = stage().await;
    let owned = stage.quiet("locked");
    stage.provider.apply(&owned, None, None).await.unwrap();
    started(&stage, &owned, 0).await;
    stage.advance(300);
    let mut watcher = stage.watch();
    let all = watcher.first().await;
    let point = all.iter().find_map(|o| if let Observed::Point(p) = o { Some(p.name.clone()) } else { None }).unwrap();
    stage.command("outcome", json!({"of": "delete", "outcome": "failed", "message": "bucket is locked"}));
    stage.provider.delete_point(&point, "o").await.unwrap();
    stage.advance(60);
    let reason = watcher
        .find("the refusal", |o| match o {
            Observed::DeletionRefused { point: p, reason } if *p == point => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert_eq!(reason, "bucket is locked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_is_followed_to_its_end() {
    let stage = stage().await;
    let owned = stage.quiet("back");
    stage.provider.apply(&owned, None, None).await.unwrap();
    started(&stage, &owned, 0).await;
    stage.advance(300);
    let mut watcher = stage.watch();
    let all = watcher.first().await;
    let point = all.iter().find_map(|o| if let Observed::Point(p) = o { Some(p.name.clone()) } else { None }).unwrap();
    let order = model::restore::RestoreOrder { point_name: point.clone(), ..Default::default() };
    let name = stage.provider.restore(&order, &stage.ask("r", false)).await.unwrap().name.unwrap();
    for (seconds, wanted) in [(0, Phase::Queued), (10, Phase::Running), (200, Phase::Succeeded)] {
        stage.advance(seconds);
        let seen = watcher
            .find("the restore", |o| match o {
                Observed::Restore(r) if r.name == name && r.phase == wanted => Some((**r).clone()),
                _ => None,
            })
            .await;
        assert_eq!(seen.point, point, "found by cluster and name");
        assert_eq!(seen.ended.is_some(), wanted.is_final());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_vanishes_is_told_as_gone() {
    let stage = stage().await;
    let owned = stage.quiet("vanish");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let mut watcher = stage.watch();
    watcher.first().await;
    let run = started(&stage, &owned, 0).await;
    run_of(&mut watcher, "the run", |r| r.name == run).await;
    // The policy is dropped by somebody, its request stays.
    stage.command("policy", json!({"workspace": "shop", "config": null}));
    let name = owned.upstream_name.clone();
    watcher.find("the policy", |o| matches!(o, Observed::Gone(Sort::Declared, n) if *n == name).then_some(())).await;
    // The whole workspace is deleted.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/workspaces/{}", stage.draft.address, stage.uid("workspaces", "shop"));
    let answer = client.delete(url).header("ApiKey", "sim-t-token").header("ProjectUid", &stage.draft.account).send();
    assert_eq!(answer.await.unwrap().status(), 204);
    watcher.find("the run", |o| matches!(o, Observed::Gone(Sort::Run, n) if *n == run).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_project_is_not_an_empty_one() {
    let stage = stage().await;
    let empty = json!({"items": []}).to_string();
    let raw = |path: &str| json!({"path": path, "effect": {"kind": "raw", "code": 200, "content_type": "application/json", "body": empty}});
    stage.harm(json!([raw("/dashboard/workspaces"), raw("/dashboard/projects")]));
    let mut watcher = stage.watch();
    let mut told = Vec::new();
    while let Some(observed) = watcher.receiver.recv().await {
        told.push(format!("{observed:?}"));
    }
    let error = (&mut watcher.task).await.unwrap();
    assert_eq!(error.kind, ErrorKind::NotInstalled, "{error}");
    assert!(!told.iter().any(|o| o.contains("ListEnds(Run)")), "{told:?}");
    // The tenant's own scope finds nothing, and says so.
    stage.heal();
    let draft = model::connection::ConnectionDraft { account: String::new(), ..stage.draft.clone() };
    let (sink, mut source) = tokio::sync::mpsc::channel(64);
    let tenant = crate::stage::connect(&draft, &stage.clock);
    let drain = tokio::spawn(async move { while source.recv().await.is_some() {} });
    let error = tenant.observe(sink).await;
    drain.await.unwrap();
    assert_eq!(error.kind, ErrorKind::NotInstalled, "{error}");
    assert_eq!(stage.named("workspaces", "shop"), Named::new(stage.uid("workspaces", "shop"), "shop"));
}
