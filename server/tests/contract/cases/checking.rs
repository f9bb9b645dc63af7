//! The connection test: a healthy one passes, and each way to fail has a sentence and a remedy of its own.

use crate::{simulator::connect, stage::Stage};
use model::connection::{CheckOutcome, CheckReport, ConnectionDraft};
use std::sync::Arc;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

pub async fn a_healthy_connection_passes<S: Stage>() {
    let stage = S::open().await;
    let report = stage.provider().check().await;
    assert!(report.passed(), "{report:#?}");
    assert!(report.steps.len() >= 5, "{report:#?}");
    assert!(report.version.is_some(), "{report:#?}");
    assert!(report.field.is_none() && report.at.is_some(), "{report:#?}");
    let inventory = stage.provider().inventory().await.unwrap();
    let can = stage.provider().capabilities();
    assert_eq!(can.subject().is_some(), !inventory.subjects.is_empty(), "{inventory:#?}");
    assert!(!can.policies.is_yes() || !inventory.policies.is_empty(), "{inventory:#?}");
    assert!(!can.location.is_yes() || !inventory.locations.is_empty(), "{inventory:#?}");
    assert!(inventory.at.is_some());
}

/// The sentence of the one bad step, which has a remedy; what comes after it was not tried.
async fn bad<S: Stage>(stage: &S, what: &str, draft: &ConnectionDraft, field: &[&str]) -> String {
    let report: CheckReport = connect(draft).check().await;
    let step =
        report.steps.iter().find(|s| s.outcome == CheckOutcome::Bad).unwrap_or_else(|| panic!("{what}: {report:#?}"));
    assert!(!report.passed() && !step.remedy.is_empty() && !step.detail.is_empty(), "{what}: {step:?}");
    assert!(field.contains(&report.field.as_deref().unwrap_or_default()), "{what}: {:?} in {report:#?}", report.field);
    let after = report.steps.iter().skip_while(|s| s.outcome != CheckOutcome::Bad).skip(1);
    assert!(after.clone().all(|s| s.outcome == CheckOutcome::NotTried), "{what}: {report:#?}");
    for secret in stage.secrets().into_iter().chain([draft.credential.clone()]) {
        assert!(!format!("{report:?}").contains(&secret), "{what}: {report:?}");
    }
    step.detail.clone()
}

/// A host that speaks TLS with a certificate of an authority that nobody was told of.
async fn tls() -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/tls");
    let certificates =
        CertificateDer::pem_file_iter(folder.join("cert.pem")).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { acceptor.accept(stream).await.map(drop) });
        }
    });
    address
}

/// A host that is some web server.
async fn web() -> String {
    let page = "<!doctype html><html><title>Welcome</title></html>";
    let router = axum::Router::new().fallback(move || async move { axum::response::Html(page) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

pub async fn each_way_to_fail_has_its_sentence<S: Stage>() {
    let stage = S::open().await;
    let good = &stage.sim().draft;
    let at = |address: String| ConnectionDraft { address, ..good.clone() };
    let other = include_str!("../../golden/velero/ca.pem");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_kept, absent) = S::without_the_product().await;
    let mut said = Vec::new();
    for (what, draft, field) in [
        ("wrong authority", ConnectionDraft { ca: other.into(), ..at(tls().await) }, &["ca"][..]),
        (
            "wrong credential",
            ConnectionDraft { credential: "wrong-credential".into(), ..good.clone() },
            &["credential"],
        ),
        ("dead host", at(format!("http://{free}")), &["address"]),
        ("unknown name", at("https://no-such-host.invalid".into()), &["address"]),
        ("another system", at(web().await), &["address"]),
        ("plain HTTP where TLS is asked for", at(good.address.replace("http://", "https://")), &["address"]),
        ("without the product", absent, &["namespace", "account", "variant", "address", "credential", ""]),
    ] {
        said.push((bad(&stage, what, &draft, field).await, what));
    }
    said.sort();
    for pair in said.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "{} and {} are told alike", pair[0].1, pair[1].1);
    }
}
