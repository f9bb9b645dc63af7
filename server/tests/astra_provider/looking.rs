//! What the wizard is offered, what the test of a connection says, and how often the observer asks.

use crate::stage::{Stage, connect};
use model::{
    connection::{CheckOutcome, CheckReport, ConnectionDraft},
    definition::Volumes,
};
use serde_json::json;
use server::provider::{Observed, Sort};
use std::time::Duration;

#[tokio::test]
async fn apps_say_what_is_allowed() {
    let stage = Stage::open().await;
    stage.edit("app", "scratch", json!({"state": "restoring"}));
    stage.edit("app", "ledger", json!({"state": "unavailable", "clusterID": null, "clusterName": null}));
    stage.edit("app", "identity", json!({"state": "sulking"}));
    let inventory = stage.provider.inventory().await.unwrap();
    let of = |name: &str| inventory.subjects.iter().find(|s| s.name == name).unwrap();
    assert_eq!(of("web").why_not, None);
    assert_eq!((of("web").detail.as_str(), of("web").namespaces[0].name.as_str()), ("prod-zurich, ready", "web"));
    assert!(of("legacy-files").detail.contains("snapshots only"), "{:?}", of("legacy-files"));
    assert!(of("scratch").why_not.as_ref().unwrap().contains("restoring"));
    assert!(of("ledger").why_not.as_ref().unwrap().contains("unavailable"));
    assert!(of("identity").why_not.as_ref().unwrap().contains("sulking"));
    let names: Vec<(&str, bool)> =
        inventory.locations.iter().map(|l| (l.name.as_str(), l.why_not().is_none())).collect();
    assert_eq!(names, [("main", true), ("offsite", false), ("vault", true)]);
    let only_looks = Stage::with(json!({"role": "viewer"})).await;
    let subjects = only_looks.provider.inventory().await.unwrap().subjects;
    assert!(subjects.iter().all(|s| s.why_not.is_some()), "{subjects:?}");
}

#[tokio::test]
async fn capabilities_answer_everything() {
    let stage = Stage::open().await;
    let can = stage.provider.capabilities();
    assert_eq!(can.volumes.len(), Volumes::ALL.len());
    assert_eq!(can.first_volumes(), Volumes::SnapshotMoved);
    assert_eq!(can.subject(), Some(model::capability::SubjectKind::App));
    for (row, support) in can.rows() {
        assert!(support.is_yes() || support.text().ends_with('.'), "{row}: {support:?}");
    }
}

fn bad(report: &CheckReport) -> (usize, String, String, String) {
    let at =
        report.steps.iter().position(|step| step.outcome == CheckOutcome::Bad).unwrap_or_else(|| panic!("{report:?}"));
    assert!(report.steps[at + 1..].iter().all(|step| step.outcome == CheckOutcome::NotTried), "{report:?}");
    let step = &report.steps[at];
    (at, step.detail.clone(), step.remedy.clone(), report.field.clone().unwrap_or_default())
}

#[tokio::test]
async fn a_good_connection_passes() {
    let stage = Stage::open().await;
    let report = stage.provider.check().await;
    assert!(report.passed(), "{report:?}");
    assert_eq!(report.version.as_deref(), Some("app API 2.2"));
    assert!(report.platform.unwrap().contains("openshift 4.14"));
    assert_eq!(report.locations.len(), 3);
    assert!(report.steps.iter().all(|step| step.outcome == CheckOutcome::Good), "{:?}", report.steps);
}

#[tokio::test]
async fn kinds_of_failure_are_told_apart() {
    let stage = Stage::open().await;
    let check = async |change: ConnectionDraft| bad(&connect(&change).check().await);
    let mut said = Vec::new();
    // Nobody there.
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    said.push(check(ConnectionDraft { address: format!("http://{dead}"), ..stage.draft.clone() }).await);
    // Not trusted: what answers speaks no TLS that is known.
    let plain = stage.draft.address.replacen("http://", "https://", 1);
    said.push(check(ConnectionDraft { address: plain, ..stage.draft.clone() }).await);
    // The token.
    said.push(check(ConnectionDraft { credential: "wrong".into(), ..stage.draft.clone() }).await);
    // Another account.
    let other = "a1a1a1a1-0000-4000-8000-00000000000f";
    said.push(check(ConnectionDraft { account: other.into(), ..stage.draft.clone() }).await);
    // Another system.
    let html = Stage::open().await;
    html.fault(json!([{"effect": {"kind": "html", "code": 200}}]));
    said.push(check(html.draft.clone()).await);
    let fields: Vec<&str> = said.iter().map(|(_, _, _, field)| field.as_str()).collect();
    assert_eq!(fields, ["address", "address", "credential", "account", "address"], "{said:#?}");
    for (i, (_, sentence, remedy, _)) in said.iter().enumerate() {
        assert!(!sentence.is_empty() && !remedy.is_empty(), "{said:#?}");
        assert!(said[..i].iter().all(|other| other.1 != *sentence), "{said:#?}");
    }
    // JSON of something else; a disabled user; a user who may only look.
    let json = Stage::open().await;
    json.fault(json!([{"effect": {"kind": "raw", "code": 200, "content_type": "application/json", "body": "{\"kind\":\"Status\"}"}}]));
    assert!(check(json.draft.clone()).await.1.contains("not Astra Control"));
    let disabled = Stage::open().await;
    disabled.command("token", json!({"state": "disabled"}));
    let (at, _, remedy, field) = check(disabled.draft.clone()).await;
    assert_eq!((at, field.as_str(), remedy.contains("enable")), (4, "credential", true));
    let viewer = Stage::with(json!({"role": "viewer"})).await;
    let report = viewer.provider.check().await;
    assert!(!report.passed() && !report.missing_rights.is_empty(), "{report:?}");
    // Nothing to protect yet is worth a warning only.
    let bare = Stage::with(json!({"bare": true})).await;
    let report = bare.provider.check().await;
    assert!(report.passed() && report.steps[6].outcome == CheckOutcome::Warning, "{report:?}");
}

#[tokio::test]
async fn a_quiet_look_asks_little_and_tells_nothing() {
    let stage = Stage::with(json!({"history_days": 20})).await;
    stage.provider.apply(&stage.owned("quiet", "orders"), None, None).await.unwrap();
    let mut watcher = stage.watch();
    let told = watcher.listed(Sort::Restore).await;
    let count = |pick: fn(&Observed) -> bool| told.iter().filter(|o| pick(o)).count();
    assert!(count(|o| matches!(o, Observed::Run(_))) > 30, "the past is told");
    assert!(count(|o| matches!(o, Observed::Declared(_))) == 1, "only what is ours is declared");
    watcher.find("a sign of life", |o| matches!(o, Observed::Alive { .. }).then_some(())).await;
    stage.forget();
    let alive = |o: &Observed| match o {
        Observed::Alive { latency: Some(_), version: Some(_), .. } => Some(()),
        Observed::Alive { .. } => None,
        other => panic!("nothing happened: {other:?}"),
    };
    watcher.find("the next look", alive).await;
    let asked = stage.calls();
    assert!(asked <= 12, "{asked} calls: apps, buckets, backups, and the schedules and snapshots of three apps");
    // Somebody else's backup is found without being told of it.
    let app = stage.app("web").id;
    let body = json!({"type": "application/astra-appBackup", "version": "1.2", "name": "theirs"});
    stage.ask(reqwest::Method::POST, &format!("/k8s/v1/apps/{app}/appBackups"), Some(body)).await;
    let run = tokio::time::timeout(
        Duration::from_secs(25),
        watcher.find("their backup", |o| match o {
            Observed::Run(run) if run.detail.title.as_deref() == Some("theirs") => Some(run.clone()),
            _ => None,
        }),
    );
    assert!(run.await.unwrap().name.starts_with(&app));
}
