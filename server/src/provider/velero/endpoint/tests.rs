#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

/// A self-signed authority that is in no use anywhere.
const CA: &str = include_str!("../../../../tests/golden/velero/ca.pem");

fn draft() -> ConnectionDraft {
    ConnectionDraft {
        system: "velero".into(),
        name: "zrh".into(),
        address: " https://K8s.example:6443/ ".into(),
        credential: " tok-123 ".into(),
        ca: CA.into(),
        ..ConnectionDraft::default()
    }
}

fn refused(draft: &ConnectionDraft, stored: Option<&Endpoint>, field: &str) -> String {
    let invalid = endpoint(draft, stored).expect_err(field);
    invalid.about(field).unwrap_or_else(|| panic!("nothing about {field}: {invalid:?}")).to_owned()
}

#[test]
fn three_fields() {
    let made = endpoint(&draft(), None).unwrap();
    assert_eq!(made.settings.address, "https://k8s.example:6443");
    assert_eq!(made.settings.namespace, "velero");
    assert_eq!(made.settings.credential_kind, "bearer token");
    assert_eq!(made.secret.token, "tok-123");
    assert!(!format!("{made:?}").contains("tok-123"));
    let proxied = ConnectionDraft { address: "https://rancher.example/k8s/clusters/c-1/".into(), ..draft() };
    assert_eq!(endpoint(&proxied, None).unwrap().settings.address, "https://rancher.example/k8s/clusters/c-1");
}

#[test]
fn addresses() {
    for good in ["http://127.0.0.1:8001", "http://[::1]:8001", "http://localhost:8001", "https://10.0.0.1"] {
        assert!(endpoint(&ConnectionDraft { address: good.into(), ..draft() }, None).is_ok(), "{good}");
    }
    for (bad, part) in [
        ("", "Give the API's address"),
        ("k8s.example", "begins with https"),
        ("http://k8s.example", "Use https"),
        ("http://10.0.0.1", "Use https"),
        ("ftp://127.0.0.1", "begins with https"),
        ("https://u:p@k8s.example", "Leave name"),
        ("https://k8s.example/?a=b", "Leave out"),
    ] {
        let said = refused(&ConnectionDraft { address: bad.into(), ..draft() }, None, "address");
        assert!(said.contains(part), "{bad}: {said}");
    }
}

#[test]
fn other_fields() {
    assert!(refused(&ConnectionDraft { credential: "a b".into(), ..draft() }, None, "credential").contains("one word"));
    assert!(refused(&ConnectionDraft { credential: String::new(), ..draft() }, None, "credential").contains("token"));
    assert!(refused(&ConnectionDraft { ca: "hello".into(), ..draft() }, None, "ca").contains("no certificate"));
    assert!(refused(&ConnectionDraft { namespace: "Velero".into(), ..draft() }, None, "namespace").contains("Velero"));
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    assert!(refused(&ConnectionDraft { ca: key.into(), ..draft() }, None, "ca").contains("private key"));
}

#[test]
fn an_empty_credential_is_kept_for_the_same_host_only() {
    let stored = endpoint(&draft(), None).unwrap();
    let same =
        ConnectionDraft { credential: String::new(), address: "https://k8s.example:6443/path".into(), ..draft() };
    assert_eq!(endpoint(&same, Some(&stored)).unwrap().secret.token, "tok-123");
    for other in ["https://evil.example:6443", "https://k8s.example:6444", "http://127.0.0.1:6443"] {
        let moved = ConnectionDraft { address: other.into(), ..same.clone() };
        assert!(refused(&moved, Some(&stored), "credential").contains("another host"), "{other}");
    }
    let kept = ConnectionDraft { by_kubeconfig: true, namespace: "backup".into(), ..ConnectionDraft::default() };
    let kept = endpoint(&kept, Some(&stored)).unwrap();
    assert_eq!(
        (kept.settings.address.as_str(), kept.settings.namespace.as_str()),
        ("https://k8s.example:6443", "backup")
    );
}

fn config(cluster: &str, user: &str) -> ConnectionDraft {
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts:\n- name: a\n  context: {{cluster: c, user: u}}\n\
         clusters:\n- name: c\n  cluster: {{server: 'https://k8s.example', {cluster}}}\nusers:\n- name: u\n  user: {{{user}}}\n"
    );
    ConnectionDraft { by_kubeconfig: true, kubeconfig, ..ConnectionDraft::default() }
}

#[test]
fn kubeconfigs() {
    let ca = format!("certificate-authority-data: {}", STANDARD.encode(CA));
    let made = endpoint(&config(&format!("{ca}, tls-server-name: kubernetes"), "token: tok-9"), None).unwrap();
    assert_eq!(made.settings.server_name, "kubernetes");
    assert_eq!(made.settings.ca.trim(), CA.trim());
    assert_eq!(made.secret.token, "tok-9");
    for (cluster, user, part) in [
        ("", "exec: {command: sh}", "runs a program"),
        ("", "auth-provider: {name: gcp}", "runs a plug-in"),
        ("", "tokenFile: /etc/passwd", "names a file"),
        ("", "client-certificate: /a, client-key: /b", "names a file"),
        ("certificate-authority: /ca", "token: t", "names a file"),
        ("insecure-skip-tls-verify: true", "token: t", "whoever answers"),
        ("proxy-url: 'http://p'", "token: t", "another host"),
        ("", "username: a, password: b", "basic authentication"),
        ("", "token: t, as: root", "somebody else"),
        ("", "", "neither a token"),
        ("certificate-authority-data: '%'", "token: t", "base64"),
        ("", "client-certificate-data: QUJD, client-key-data: QUJD", "certificate"),
    ] {
        let said = endpoint(&config(cluster, user), None).expect_err(part);
        assert!(said.0.iter().any(|e| e.path == "kubeconfig" && e.sentence.contains(part)), "{part}: {said:?}");
    }
    assert!(endpoint(&config("insecure-skip-tls-verify: false", "token: t"), None).is_ok());
    let not_yaml =
        ConnectionDraft { by_kubeconfig: true, kubeconfig: "token: [s3cret".into(), ..ConnectionDraft::default() };
    let said = refused(&not_yaml, None, "kubeconfig");
    assert!(!said.contains("s3cret"), "{said}");
}
