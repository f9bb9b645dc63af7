//! What a cluster does when it does not do what it should. On the simulator, which can be told to.

use crate::stage::{Stage, ask, connect, sim, sim_with, simulator};
use futures::StreamExt;
use model::connection::{CheckOutcome, CheckReport, ConnectionDraft};
use serde_json::{Value, json};
use server::provider::{ErrorKind, LogOf, ProviderError};
use std::time::Duration;
use tokio::time::Instant;

fn harm(stage: &Stage, faults: Value) {
    let (world, name) = stage.sim.as_ref().unwrap();
    world.fault(name, serde_json::from_value(faults).unwrap());
}

fn heal(stage: &Stage) {
    let (world, name) = stage.sim.as_ref().unwrap();
    world.heal(name);
}

async fn refusal(stage: &Stage, effect: Value) -> ProviderError {
    harm(stage, json!([{"path": "/schedules", "effect": effect}]));
    let error = stage.provider.apply(&stage.owned("fault"), None, None).await.unwrap_err();
    heal(stage);
    error
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_has_its_kind_and_never_the_credential() {
    let stage = sim().await;
    for (effect, kind) in [
        (json!({"kind": "status", "code": 401}), ErrorKind::Unauthorised),
        (json!({"kind": "status", "code": 403}), ErrorKind::Forbidden),
        (json!({"kind": "status", "code": 409}), ErrorKind::Conflict),
        (json!({"kind": "status", "code": 422}), ErrorKind::Refused),
        (json!({"kind": "status", "code": 429, "retry_after": 7}), ErrorKind::Slow),
        (json!({"kind": "status", "code": 500}), ErrorKind::Broken),
        (json!({"kind": "status", "code": 503, "retry_after": 7}), ErrorKind::Slow),
        (json!({"kind": "html", "code": 502}), ErrorKind::Broken),
        (json!({"kind": "html", "code": 200}), ErrorKind::NotThat),
        (json!({"kind": "redirect", "to": "http://127.0.0.1:1/"}), ErrorKind::NotThat),
        (
            json!({"kind": "raw", "code": 404, "content_type": "text/plain", "body": "404 page not found\n"}),
            ErrorKind::NotInstalled,
        ),
        (json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": "[1, 2"}), ErrorKind::Garbled),
        (json!({"kind": "huge", "bytes": 80_000_000}), ErrorKind::Garbled),
        (json!({"kind": "drop"}), ErrorKind::Garbled),
        (json!({"kind": "echo_credential", "code": 400}), ErrorKind::Refused),
        (json!({"kind": "echo_credential", "code": 500}), ErrorKind::Broken),
    ] {
        let error = refusal(&stage, effect.clone()).await;
        assert_eq!(error.kind, kind, "{effect}: {error}");
        let all = format!("{error:?} {error}");
        assert!(!all.contains(&stage.draft.credential), "{effect}: {all}");
        if effect["retry_after"] == 7 {
            assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_or_lost_answer_makes_nothing_twice() {
    let stage = sim().await;
    let owned = stage.owned("lost");
    for effect in ["lost_answer", "truncated"] {
        harm(&stage, json!([{"method": "POST", "path": "/schedules", "times": 1, "effect": {"kind": effect}}]));
        let first = stage.provider.apply(&owned, None, None).await;
        if effect == "lost_answer" {
            let error = first.unwrap_err();
            assert!(error.kind.retryable(), "{error}");
        }
        heal(&stage);
        stage.provider.apply(&owned, None, None).await.unwrap();
        let run = format!("{}-{}", owned.upstream_name, effect.replace('_', "-"));
        harm(&stage, json!([{"method": "POST", "path": "/backups", "times": 1, "effect": {"kind": effect}}]));
        let _ = stage.provider.start_run(&owned, &ask(&run)).await.unwrap_err();
        stage.provider.start_run(&owned, &ask(&run)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_ends_in_time() {
    let stage = sim().await;
    for effect in ["hang", "drip"] {
        harm(&stage, json!([{"effect": {"kind": effect}}]));
        let began = Instant::now();
        let report = stage.provider.check().await;
        assert!(began.elapsed() < Duration::from_secs(12), "{effect}");
        assert!(!report.passed());
        assert_eq!(report.field.as_deref(), Some("address"), "{report:?}");
        heal(&stage);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_else_is_faster_once() {
    let stage = sim().await;
    let mut owned = stage.owned("conflict");
    stage.provider.apply(&owned, None, None).await.unwrap();
    owned.definition.scope.except_resources = vec!["secrets".into()];
    harm(&stage, json!([{"method": "PATCH", "times": 1, "effect": {"kind": "status", "code": 409}}]));
    stage.provider.apply(&owned, None, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_answer_is_not_called_something_else_than_kubernetes() {
    let stage = sim().await;
    let said = async |effect: Value| {
        harm(&stage, json!([{"path": "/version", "effect": effect}]));
        let (report, detail) = bad(&stage.draft).await;
        heal(&stage);
        assert_eq!(report.field.as_deref(), Some("address"));
        detail
    };
    for cut in [
        json!({"kind": "truncated"}),
        json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": "{\"major\": \"1\", \"gitV"}),
    ] {
        let detail = said(cut).await;
        assert!(detail.contains("cut off") && !detail.contains("not Kubernetes"), "{detail}");
    }
    for other in ["hello", "<html><body>hello</body></html>"] {
        let detail = said(json!({"kind": "raw", "code": 200, "content_type": "text/plain", "body": other})).await;
        assert!(detail.contains("Kubernetes") && !detail.contains("cut off"), "{detail}");
    }
}

async fn bad(draft: &ConnectionDraft) -> (CheckReport, String) {
    let report = connect(draft).check().await;
    let step = report.steps.iter().find(|s| s.outcome == CheckOutcome::Bad).unwrap_or_else(|| panic!("{report:?}"));
    assert!(!step.remedy.is_empty(), "{step:?}");
    assert!(!format!("{report:?}").contains(&draft.credential), "{report:?}");
    let after = report.steps.iter().skip_while(|s| s.outcome != CheckOutcome::Bad).skip(1);
    assert!(after.clone().all(|s| s.outcome == CheckOutcome::NotTried), "{report:?}");
    let sentence = step.detail.clone();
    (report, sentence)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_ways_to_fail_have_five_sentences() {
    let mut said = Vec::new();
    let good = sim().await;

    let (report, sentence) = bad(&ConnectionDraft { credential: "wrong-token".into(), ..good.draft.clone() }).await;
    assert_eq!(report.field.as_deref(), Some("credential"));
    said.push(sentence);

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (report, sentence) = bad(&ConnectionDraft { address: format!("http://{free}"), ..good.draft.clone() }).await;
    assert_eq!(report.field.as_deref(), Some("address"));
    said.push(sentence);

    let page = sim_with(json!({"kubernetes": false})).await;
    let (report, sentence) = bad(&page.draft).await;
    assert_eq!(report.field.as_deref(), Some("address"));
    assert!(sentence.contains("web page"), "{sentence}");
    said.push(sentence);

    let without = sim_with(json!({"velero_installed": false})).await;
    let (_, sentence) = bad(&without.draft).await;
    assert!(sentence.contains("Velero is not installed"), "{sentence}");
    said.push(sentence);

    let elsewhere = ConnectionDraft { namespace: "backups".into(), ..good.draft.clone() };
    let (report, sentence) = bad(&elsewhere).await;
    assert_eq!(report.field.as_deref(), Some("namespace"));
    said.push(sentence);

    let (report, sentence) =
        bad(&ConnectionDraft { address: "https://no-such-host.invalid".into(), ..good.draft.clone() }).await;
    assert_eq!(report.field.as_deref(), Some("address"));
    said.push(sentence);

    // Plain HTTP where TLS is asked for.
    let tls = good.draft.address.replace("http://", "https://");
    let (_, sentence) = bad(&ConnectionDraft { address: tls, ..good.draft.clone() }).await;
    said.push(sentence);

    if let Some(bed) = crate::stage::bed() {
        let other = include_str!("../golden/velero/ca.pem");
        let (report, sentence) = bad(&ConnectionDraft { ca: other.into(), ..bed.draft.clone() }).await;
        assert_eq!(report.field.as_deref(), Some("ca"), "{sentence}");
        said.push(sentence);
        let (report, _) = bad(&ConnectionDraft { credential: "wrong-token".into(), ..bed.draft.clone() }).await;
        assert_eq!(report.field.as_deref(), Some("credential"));
    }
    let count = said.len();
    said.sort();
    said.dedup();
    assert_eq!(said.len(), count, "{said:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_rights_are_named() {
    let stage =
        sim_with(json!({"missing_permissions": ["patch schedules.velero.io", "create downloadrequests"]})).await;
    let report = stage.provider.check().await;
    assert_eq!(
        report.missing_rights,
        ["patch schedules.velero.io in velero", "create downloadrequests.velero.io in velero"]
    );
    assert!(!report.passed(), "definitions can't be changed without it");
    let narrow = sim_with(json!({"missing_permissions": ["create downloadrequests"]})).await;
    let report = narrow.provider.check().await;
    assert!(report.passed(), "only logs are missing: {report:?}");
    finished(&narrow, "x", json!({})).await;
    assert_eq!(narrow.provider.log(LogOf::Run, "x").await.err().unwrap().kind, ErrorKind::Forbidden);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_velero_that_does_not_run_is_a_warning() {
    let stage = sim_with(json!({"server_down": true})).await;
    let report = stage.provider.check().await;
    let step = report.steps.iter().find(|s| s.outcome == CheckOutcome::Warning).unwrap();
    assert!(step.detail.contains("is its Deployment running?"), "{step:?}");
    assert!(report.passed());
}

/// A finished backup that was made elsewhere, with files in the bucket.
async fn finished(stage: &Stage, name: &str, annotations: Value) {
    let (world, scenario) = stage.sim.as_ref().unwrap();
    let backup = json!({
        "apiVersion": "velero.io/v1", "kind": "Backup",
        "metadata": {"name": name, "namespace": "velero", "annotations": annotations, "labels": {"velero.io/storage-location": "default"}},
        "spec": {"includedNamespaces": ["checkout"], "storageLocation": stage.provider.inventory().await.unwrap().locations[0].name},
        "status": {"phase": "Completed", "startTimestamp": "2026-10-03T02:30:00Z", "completionTimestamp": "2026-10-03T02:31:00Z"},
    });
    world.object(scenario, backup).unwrap();
}

async fn log(stage: &Stage, name: &str) -> Result<Vec<u8>, ProviderError> {
    let mut stream = stage.provider.log(LogOf::Run, name).await?;
    let mut whole = Vec::new();
    while let Some(chunk) = stream.next().await {
        whole.extend_from_slice(&chunk?);
    }
    Ok(whole)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn downloads_that_go_wrong_say_why() {
    let stage = sim().await;
    finished(&stage, "plain", json!({})).await;
    assert!(!log(&stage, "plain").await.unwrap().is_empty());

    finished(&stage, "missing", json!({"sim/download": "missing"})).await;
    let error = log(&stage, "missing").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
    assert!(error.remedy.contains("publicUrl"), "{}", error.remedy);

    finished(&stage, "xml", json!({"sim/download": "xml"})).await;
    let error = log(&stage, "xml").await.unwrap_err();
    assert!(error.sentence.contains("storage"), "{error}");

    for (effect, part) in [
        (json!({"kind": "redirect", "to": "http://169.254.169.254/"}), "redirect"),
        (json!({"kind": "truncated"}), "cut off"),
        (json!({"kind": "huge", "bytes": 80_000_000}), "larger than 64 MiB"),
    ] {
        harm(&stage, json!([{"path": "/objects/", "effect": effect}]));
        let error = log(&stage, "plain").await.unwrap_err();
        heal(&stage);
        // A huge body of x is refused for what it begins with, before its size is.
        assert!(error.sentence.contains(part) || error.sentence.contains("not a packed log"), "{effect}: {error}");
    }

    harm(&stage, json!([{"path": "/objects/", "effect": {"kind": "echo_credential", "code": 403}}]));
    let error = log(&stage, "plain").await.unwrap_err();
    assert!(!format!("{error:?}").contains(&stage.draft.credential));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_never_goes_to_link_local_addresses() {
    for base in [
        "http://169.254.169.254",
        "http://[fe80::1]",
        "http://[::ffff:169.254.169.254]",
        "http://metadata.google.internal",
    ] {
        let stage = sim_with(json!({"download_base": base})).await;
        finished(&stage, "plain", json!({})).await;
        let error = log(&stage, "plain").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused, "{base}: {error}");
        assert!(error.sentence.contains("never fetched"), "{error}");
        assert!(!format!("{error:?}").contains("sig="), "a signed address is a credential: {error:?}");
    }
    let inside = sim_with(json!({"download_base": "http://minio.velero.svc.invalid:9000"})).await;
    finished(&inside, "plain", json!({})).await;
    let error = log(&inside, "plain").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.remedy.contains("publicUrl"));
    assert!(!format!("{error:?}").contains("sig="), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_simulator_does_not_share_the_first() {
    let (_, base) = simulator().await;
    let draft = ConnectionDraft {
        system: "velero".into(),
        address: format!("{base}/s/other/velero"),
        credential: "sim-other-token".into(),
        ..ConnectionDraft::default()
    };
    assert!(connect(&draft).check().await.passed());
}
