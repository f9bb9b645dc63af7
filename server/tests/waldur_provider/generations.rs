//! Which of the contracts is spoken, and what follows from it.

use crate::stage::{self, ask, connect};
use model::connection::{CheckOutcome, ConnectionDraft};
use serde_json::json;
use server::provider::{ErrorKind, Registry};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_generation_is_found_out_and_told_as_part_of_the_version() {
    for (generation, version) in [("G2", "G2 0.102.0"), ("G3", "G3 4.0.9"), ("G4", "G4 7.0.9"), ("G5", "G5 8.1.3")] {
        let stage = stage::of(generation).await;
        let fresh = connect(&stage.draft);
        assert!(!fresh.capabilities().schedules.is_yes(), "nothing is promised before it is known");
        assert!(fresh.capabilities().unscheduled.is_yes());
        let report = fresh.check().await;
        assert_eq!(report.version.as_deref(), Some(version));
        assert_eq!(fresh.capabilities().schedules.is_yes(), generation != "G5");
        // A restart knows it from the store, without a call.
        stage.forget();
        let again = connect(&stage.draft);
        again.remember_version(version);
        assert_eq!(again.capabilities(), fresh.capabilities());
        let registry = Registry::new(server::clock::Clock::system());
        let kind = model::connection::ProviderKind::Waldur;
        assert_eq!(registry.capabilities(kind, Some(version)), fresh.capabilities());
        assert_eq!(stage.calls(), 0);
        // The observer tells it as well.
        let mut watcher = stage.watch();
        let told = watcher.until("the version", |seen| seen.versions.first().cloned()).await;
        assert_eq!(told, version);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chosen_generation_counts_and_a_wrong_one_is_told() {
    let stage = stage::of("G3").await;
    let chosen = |variant: &str| ConnectionDraft { variant: variant.into(), ..stage.draft.clone() };
    let right = connect(&chosen("G3"));
    assert!(right.capabilities().schedules.is_yes(), "known before any call");
    assert!(right.check().await.passed());
    for wrong in ["G2", "G4", "G5"] {
        let report = connect(&chosen(wrong)).check().await;
        let bad = report.steps.iter().find(|s| s.outcome == CheckOutcome::Bad).unwrap();
        assert_eq!(report.field.as_deref(), Some("variant"), "{report:#?}");
        assert!(bad.detail.contains(wrong) && bad.detail.contains("It speaks G3."), "{bad:?}");
    }
    let old = stage.with_routes(json!({
        "projects": "http://w/api/projects/", "openstack-backups": "http://w/b/", "openstack-backup-restorations": "http://w/r/",
    }));
    let report = connect(&old).check().await;
    let bad = report.steps.iter().find(|s| s.outcome == CheckOutcome::Bad).unwrap();
    assert!(bad.detail.contains("second half of 2016"), "{bad:?}");
}

impl stage::Stage {
    /// Lets the list of routes be another one.
    fn with_routes(&self, routes: serde_json::Value) -> ConnectionDraft {
        let effect =
            json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": routes.to_string()});
        self.fault(json!([{"method": "GET", "effect": effect}]));
        self.draft.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_has_single_backups_and_nothing_else() {
    let stage = stage::with(json!({"generation": "G5", "dashed": true})).await;
    let provider = &stage.provider;
    let scheduled = stage.owned("nightly");
    assert!(
        provider.express(&scheduled.definition).about("cron").is_some_and(|why| why.contains("no backup schedules"))
    );
    let refused = provider.apply(&scheduled, None, None).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Refused, "{refused}");
    assert!(stage.writes().is_empty(), "nothing was sent: {:?}", stage.writes());

    let mut owned = stage.single("once");
    owned.definition.retention.keep_for = Some(model::duration::Seconds(3 * stage::DAY));
    assert_eq!(provider.express(&owned.definition).0, []);
    let shown = provider.preview(&owned).await.unwrap();
    assert!(shown.errors.0.is_empty() && shown.requests[0].yaml.contains("kept_until"), "{shown:?}");
    let first = provider.apply(&owned, None, None).await.unwrap();
    provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.writes(), ["POST backup"], "one backup, though nothing was recorded");
    let mut watcher = stage.watch();
    let run = watcher.until("its end", |seen| seen.runs.values().find(|r| r.phase.is_final()).cloned()).await;
    assert_eq!((run.raw_phase.as_str(), run.phase.is_good()), ("OK", true));
    assert_eq!(run.definition.as_deref(), Some(owned.id.as_str()));
    let kept = run.detail.expires.unwrap().0 - run.created.unwrap().0;
    assert!((kept / 1000 - 3 * 86_400).abs() < 60, "{kept}");
    owned.version = 2;
    provider.apply(&owned, Some(&first), None).await.unwrap();
    assert_eq!(stage.writes().len(), 1);
    // Deleted with the documented 204, restored with the documented 200.
    let point = watcher.until("the point", |seen| seen.points.values().next().cloned()).await;
    let order = model::restore::RestoreOrder {
        point_name: point.name.clone(),
        new_name: "copy".into(),
        ..model::restore::RestoreOrder::default()
    };
    let begun = provider.restore(&order, &ask(&owned, "1")).await.unwrap().name.unwrap();
    let restore =
        watcher.until("the restore", |s| s.restores.get(&begun).filter(|r| r.phase.is_final()).cloned()).await;
    assert!(restore.phase.is_good() && restore.detail.title.as_deref() == Some("copy"), "{restore:?}");
    provider.delete_point(&point.name, "o").await.unwrap();
    watcher.until("the point gone", |seen| (!seen.points.contains_key(&point.name)).then_some(())).await;
    provider.remove(&owned, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn success_codes_of_code_and_documents_are_success() {
    for codes in ["code", "documented"] {
        let stage = stage::with(json!({"generation": "G4", "status_codes": codes})).await;
        let owned = stage.owned("codes");
        stage.provider.apply(&owned, None, None).await.unwrap();
        let point = stage.point(&owned).await;
        stage.provider.delete_point(&point.name, "o").await.unwrap();
        stage.provider.delete_point(&point.name, "o").await.unwrap();
        assert_eq!(stage.writes().iter().filter(|w| w.starts_with("DELETE")).count(), 1, "{:?}", stage.writes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inventory_says_where_nothing_can_be_protected() {
    for generation in ["G2", "G3", "G4", "G5"] {
        let stage = stage::of(generation).await;
        stage.command("instance", json!({"name": "ledger-db-1", "bootable": false}));
        let inventory = stage.provider.inventory().await.unwrap();
        let subject = |name: &str| inventory.subjects.iter().find(|s| s.name == name).unwrap();
        assert_eq!(subject(stage::DB).id, stage.instance(stage::DB));
        assert_eq!(subject(stage::DB).why_not, None);
        assert!(subject(stage::DB).detail.contains("shop"), "{:?}", subject(stage::DB));
        assert!(subject("build-runner-1").why_not.as_ref().unwrap().contains("erred"));
        assert_eq!(subject("ledger-db-1").why_not.is_some(), generation != "G2");
        assert!(inventory.subjects.iter().all(|s| s.name != "hr-vault-1"), "a hidden project stays hidden");
    }
    let bare = stage::with(json!({"generation": "G4", "bare": true})).await;
    let report = bare.provider.check().await;
    let last = report.steps.last().unwrap();
    assert_eq!(last.outcome, CheckOutcome::Warning, "{last:?}");
    assert!(last.remedy.contains("role"), "{last:?}");
}
