//! The connection test, and what the wizard is offered.

use crate::stage::{Stage, connect, stage, stage_with};
use model::connection::{CheckOutcome, CheckReport, CheckStep, ConnectionDraft};
use serde_json::json;

fn bad(report: &CheckReport) -> &CheckStep {
    report.steps.iter().find(|s| s.outcome == CheckOutcome::Bad).unwrap_or_else(|| panic!("{report:?}"))
}

async fn check(stage: &Stage, change: impl FnOnce(&mut ConnectionDraft)) -> CheckReport {
    let mut draft = stage.draft.clone();
    change(&mut draft);
    connect(&draft, &stage.clock).check().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_connection_passes() {
    let stage = stage_with(json!({"estate": "demo", "history_days": 3})).await;
    let report = stage.provider.check().await;
    assert!(report.passed(), "{report:?}");
    assert_eq!(report.version.as_deref(), Some("4.6 or later"));
    assert_eq!(report.locations.len(), 4);
    let said = format!("{report:?}");
    assert!(said.contains("production") && said.contains("analytics") && said.contains("backup-console@example.com"));
    assert!(!said.contains("sim-t-token"));
    let old = stage_with(json!({"estate": "demo", "history_days": 3, "version": "4.4"})).await.provider.check().await;
    assert_eq!(old.version.as_deref(), Some("before 4.6"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_has_its_own_sentence_and_remedy() {
    let stage = stage().await;
    let mut said: Vec<(String, String)> = Vec::new();
    let mut note = |report: &CheckReport, field: &str| {
        let step = bad(report);
        assert_eq!(report.field.as_deref(), Some(field), "{report:?}");
        assert!(!step.remedy.is_empty(), "{step:?}");
        said.push((step.title.clone(), step.detail.clone()));
    };
    let account = stage.draft.account.clone();
    note(&check(&stage, |d| d.address = "http://127.0.0.1:9".into()).await, "address");
    note(&check(&stage, |d| d.address = "https://palette.invalid".into()).await, "address");
    note(&check(&stage, |d| d.credential = "wrong".into()).await, "credential");
    let none = check(&stage, |d| d.account = String::new()).await;
    note(&none, "account");
    for name in ["production", "sandbox", account.as_str()] {
        assert!(bad(&none).remedy.contains(name), "the projects that it can see: {}", bad(&none).remedy);
    }
    note(&check(&stage, |d| d.account = "65ff00000000000000000000".into()).await, "account");
    let by_name = check(&stage, |d| d.account = "production".into()).await;
    note(&by_name, "account");
    assert!(bad(&by_name).detail.contains(&account), "its uid is said: {}", bad(&by_name).detail);
    stage.harm(json!([{"effect": {"kind": "html", "code": 200}}]));
    note(&stage.provider.check().await, "address");
    stage.heal();
    stage.harm(json!([{"effect": {"kind": "raw", "code": 200, "content_type": "application/json", "body": "{}"}}]));
    note(&stage.provider.check().await, "address");
    stage.heal();
    stage.command("options", json!({"key_expired": true}));
    let expired = stage.provider.check().await;
    assert!(bad(&expired).detail.contains("expired"), "{expired:?}");
    note(&expired, "credential");
    let mut sentences: Vec<&String> = said.iter().map(|(_, detail)| detail).collect();
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), said.len(), "{said:#?}");
    assert!(!format!("{said:?}").contains("sim-t-token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_not_trusted_is_said() {
    let stage = stage().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            use tokio::io::AsyncWriteExt;
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let report = check(&stage, |d| d.address = format!("https://127.0.0.1:{port}")).await;
    assert!(bad(&report).detail.contains("TLS"), "{report:?}");
    let ca = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/velero/ca.pem")).unwrap();
    let report = check(&stage, |d| d.ca = ca).await;
    assert!(report.passed(), "an authority that isn't needed does no harm: {report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_that_are_missing_are_said() {
    for (rule, title) in [
        ("GET /dashboard/workspaces", "Workspaces are not told"),
        ("GET /locations", "Backup locations"),
        ("GET /dashboard/projects", "The project is there"),
    ] {
        let stage = stage_with(json!({"forbidden": [rule]})).await;
        let report = stage.provider.check().await;
        let wrong = |s: &&CheckStep| matches!(s.outcome, CheckOutcome::Bad | CheckOutcome::Warning);
        let step = report.steps.iter().find(wrong).unwrap_or_else(|| panic!("{rule}: {report:?}"));
        let expected = if rule.contains("projects") { "The project is not to be seen" } else { title };
        assert_eq!(step.title, expected, "{rule}: {report:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wizard_is_offered_workspaces() {
    for dashboard in ["both", "metadata", "meta"] {
        let stage = stage_with(json!({"dashboard": dashboard})).await;
        let inventory = stage.provider.inventory().await.unwrap();
        let names: Vec<&str> = inventory.subjects.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["analytics", "finance", "identity", "ledger", "shop", "stores"], "{dashboard}");
        let shop = &inventory.subjects[4];
        assert_eq!((shop.id.clone(), shop.detail.as_str()), (stage.uid("workspaces", "shop"), "2 clusters"));
        let clusters: Vec<&str> = shop.clusters.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(clusters, ["prod-eu-1", "prod-eu-2"]);
        let namespaces: Vec<&str> = shop.namespaces.iter().map(|n| n.name.as_str()).collect();
        assert_eq!(namespaces, ["checkout", "checkout-db", "web", "orders"]);
        assert_eq!(inventory.namespaces.iter().filter(|n| n.name == "web").count(), 1);
        let locations: Vec<(&str, bool)> =
            inventory.locations.iter().map(|l| (l.name.as_str(), l.is_default)).collect();
        assert_eq!(locations, [("archive-azure", false), ("eu-s3", true), ("gcs-dr", false), ("onprem-minio", false)]);
        assert!(!format!("{inventory:?}").contains("not-a-secret"));
    }
}

#[test]
fn the_form_says_what_is_wrong_with_it() {
    let registry = server::provider::Registry::new(server::clock::Clock::system());
    let draft = ConnectionDraft {
        system: "palette".into(),
        address: "http://palette.example".into(),
        credential: "two words".into(),
        account: "a b".into(),
        variant: "3".into(),
        ..ConnectionDraft::default()
    };
    let invalid = registry.endpoint(&draft, None).unwrap_err();
    for field in ["address", "credential", "account", "variant"] {
        assert!(invalid.about(field).is_some(), "{field}: {invalid:?}");
    }
    let good = ConnectionDraft {
        address: "https://api.spectrocloud.com/".into(),
        credential: "key".into(),
        account: " 65aa ".into(),
        variant: "4.5".into(),
        ..draft
    };
    let endpoint = registry.endpoint(&good, None).unwrap();
    assert_eq!(
        (endpoint.settings.address.as_str(), endpoint.settings.account.as_str()),
        ("https://api.spectrocloud.com", "65aa")
    );
    // The key stays for the same host, and is never sent to another.
    let kept = ConnectionDraft { credential: String::new(), ..good };
    assert_eq!(registry.endpoint(&kept, Some(&endpoint)).unwrap().secret.token, "key");
    let moved = ConnectionDraft { address: "https://elsewhere.example".into(), ..kept };
    assert!(registry.endpoint(&moved, Some(&endpoint)).unwrap_err().about("credential").is_some());
    let form = registry.forms().into_iter().find(|f| f.kind == model::connection::ProviderKind::Palette).unwrap();
    assert!(form.account.is_some() && !form.kubeconfig && form.address.initial.starts_with("https://"));
}
