//! Callers that send what nobody should: the system's own error, never a crash and never a 500.
#![expect(clippy::unwrap_used, reason = "tests")]

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::Bed;

#[tokio::test]
async fn nonsense_bodies_and_paths_are_refused_in_form() {
    let bed = Bed::new().await;
    let backup = bed.backed_up("web", "one").await;
    let app = bed.app("web");
    let schedules = format!("/k8s/v1/apps/{app}/schedules");
    let body = json!({"type": "application/astra-schedule", "version": "1.3", "name": "s", "granularity": "daily",
        "minute": "0", "hour": "1", "snapshotRetention": "1", "backupRetention": "1"});
    let schedule = bed.post(&schedules, body).await.id();
    let targets = [
        (Method::POST, "/k8s/v2/apps".to_owned()),
        (Method::PUT, format!("/k8s/v2/apps/{app}")),
        (Method::POST, format!("/k8s/v1/apps/{app}/appBackups")),
        (Method::POST, format!("/k8s/v1/apps/{app}/appSnaps")),
        (Method::POST, schedules.clone()),
        (Method::PUT, format!("{schedules}/{schedule}")),
        (Method::POST, format!("/k8s/v1/apps/{app}/executionHooks")),
        (Method::POST, "/core/v1/hookSources".to_owned()),
        (Method::POST, "/topology/v1/buckets".to_owned()),
        (Method::PUT, format!("/topology/v1/buckets/{}", bed.id("bucket", "main"))),
        (Method::PUT, format!("/topology/v1/appBackups/{backup}")),
        (Method::PATCH, "/k8s/v2/apps".to_owned()),
    ];
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let words =
        ["type", "version", "name", "metadata", "namespaceMapping", "restoreFilter", "bucketParameters", "hour"];
    let mut bodies = vec![String::new(), "{".into(), "null".into(), "[]".into(), "\u{fffd}\u{0}".into(), deep];
    for word in words {
        for value in [
            json!(null),
            json!(7),
            json!(-1e300),
            json!({}),
            json!([{}]),
            json!("\u{202e}𝔘\u{0}"),
            json!("9".repeat(400)),
        ] {
            bodies.push(json!({word: value, "type": "application/astra-app", "version": "2.2"}).to_string());
        }
    }
    for (method, path) in &targets {
        for body in &bodies {
            let got = bed.send(bed.request(method.clone(), path).body(body.clone())).await;
            assert!((200..500).contains(&got.code), "{method} {path} {body}: {}", got.body);
            if got.code >= 400 {
                got.refusal();
                assert_ne!(got.problem(), 0, "{method} {path} {body}");
            }
        }
    }
    for path in ["/%ff%fe", "/k8s/v2/apps/%00", "/k8s/v2/apps/..%2f..", "/k8s/v1/apps/𝔘/appBackups", "/core/v1/tasks/"]
    {
        let got = bed.get(path).await;
        assert!(got.code == 200 || got.refusal() == (404, 2), "{path}");
    }
    for query in ["limit=%ff", "filter=%27", "filter=[*]%20eq%20''", "include=%00", "limit=1&limit=2", "=", "filter"] {
        let got = bed.get(&format!("/k8s/v2/apps?{query}")).await;
        assert!(matches!(got.code, 200 | 400), "{query}: {}", got.code);
    }
}

#[tokio::test]
async fn large_bodies_and_odd_credentials() {
    let bed = Bed::new().await;
    let path = format!("/k8s/v1/apps/{}/appBackups", bed.app("web"));
    let large = bed.send(bed.request(Method::POST, &path).body("x".repeat(4_000_000))).await;
    assert_eq!(large.refusal(), (413, 85));
    for value in ["Basic c2ltOnNpbQ==", "Bearer", "Bearer ", "sim-t-token", "bearer  sim-t-token-and-more"] {
        let answer = bed.request(Method::GET, "/k8s/v2/apps").header("authorization", value).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{value}");
    }
}

#[tokio::test]
async fn faults_come_as_problem_documents() {
    let bed = Bed::new().await;
    let fault = |effect: Value| {
        let fault = serde_json::from_value(json!({"path": "/apps", "times": 1, "effect": effect})).unwrap();
        bed.world.fault_system("t", "astra", vec![fault]).unwrap();
    };
    for (code, problem) in
        [(401, 4), (403, 11), (404, 2), (409, 10), (412, 38), (429, 0), (500, 34), (502, 40), (503, 41)]
    {
        fault(json!({"kind": "status", "code": code, "message": "broken", "retry_after": 3}));
        let got = bed.get("/k8s/v2/apps").await;
        assert_eq!((got.refusal(), &got.body["detail"]), ((code, problem), &json!("broken")));
    }
    fault(json!({"kind": "echo_credential", "code": 401}));
    assert!(bed.get("/k8s/v2/apps").await.body.to_string().contains("sim-t-token"));
    fault(json!({"kind": "html", "code": 502}));
    assert_eq!(bed.get("/k8s/v2/apps").await.kind, "text/html");
    fault(json!({"kind": "lost_answer"}));
    let path = format!("/k8s/v1/apps/{}/appBackups", bed.app("web"));
    let body = json!({"type": "application/astra-appBackup", "version": "1.2", "name": "lost"});
    if let Ok(answer) = bed.request(Method::POST, &path).bearer_auth("sim-t-token").json(&body).send().await {
        assert!(answer.text().await.is_err());
    }
    assert_eq!(bed.post(&path, body).await.refusal(), (409, 143), "it was carried out");
}

#[tokio::test]
async fn commands_refuse_what_they_do_not_know() {
    let bed = Bed::new().await;
    for (verb, body) in [
        ("fly", json!({})),
        ("put", json!({"resource": "spaceship", "object": {}})),
        ("put", json!({"resource": "appBackup", "owner": "nobody", "object": {}})),
        ("put", json!({"resource": "event"})),
        ("patch", json!({"resource": "app", "id": "nobody"})),
        ("remove", json!({})),
        ("outcome", json!({"result": 7})),
        ("outcome", json!({"result": "failed", "extra": 1})),
        ("bucket", json!({"bucket": "main"})),
        ("token", json!({"state": "golden"})),
        ("license", json!(null)),
        ("backups", json!({"app": "web", "kind": "all"})),
    ] {
        assert!(bed.world.command("t", "astra", verb, &body).is_err(), "{verb} {body}");
    }
    let object = json!({"name": "odd", "state": "quarantined", "percentDone": "12"});
    bed.command("put", json!({"resource": "appBackup", "owner": "web", "object": object}));
    let seen = bed.get(&format!("/k8s/v1/apps/{}/appBackups", bed.app("web"))).await;
    assert_eq!((&seen.items()[0]["state"], &seen.items()[0]["percentDone"]), (&json!("quarantined"), &json!("12")));
}
