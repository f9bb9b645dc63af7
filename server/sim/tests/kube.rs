//! The API server's half: refusals, versions, pages, patches, watches.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/bed.rs"]
mod bed;

use std::time::Duration;

use bed::{Bed, VELERO, split};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

const BACKUPS: &str = "/apis/velero.io/v1/namespaces/velero/backups";

/// A server that is down keeps objects as they were written.
async fn still() -> Bed {
    Bed::with(json!({"server_down": true})).await
}

fn backup(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": name}, "spec": spec})
}

#[tokio::test]
async fn wants_the_right_token() {
    let bed = Bed::new().await;
    let url = format!("{}/s/t/velero/version", bed.base);
    for token in ["", "sim-other-token"] {
        let (code, body) = split(bed.client.get(&url).bearer_auth(token).send().await.unwrap()).await;
        assert_eq!((code, &body["reason"]), (401, &json!("Unauthorized")));
    }
    let (code, version) = bed.get("/version").await;
    assert_eq!((code, &version["gitVersion"]), (200, &json!("v1.34.4")));
}

#[tokio::test]
async fn tells_what_it_serves() {
    let bed = Bed::new().await;
    let (_, groups) = bed.get("/apis").await;
    assert!(groups["groups"].as_array().unwrap().iter().any(|g| g["name"] == "velero.io"));
    let (_, list) = bed.get("/apis/velero.io/v1").await;
    let names: Vec<&str> = list["resources"].as_array().unwrap().iter().filter_map(|r| r["name"].as_str()).collect();
    assert!(names.contains(&"backups") && names.contains(&"schedules"));
    assert!(!names.iter().any(|name| name.contains('/')), "no subresources");
    assert_eq!(bed.get("/api").await.1["versions"], json!(["v1"]));
}

#[tokio::test]
async fn without_velero_its_paths_are_plain_404s() {
    let bed = Bed::with(json!({"velero_installed": false})).await;
    for path in ["/apis/velero.io/v1", BACKUPS] {
        assert_eq!(bed.get(path).await, (404, Value::String("404 page not found\n".into())));
    }
    assert_eq!(bed.get("/api/v1/namespaces").await.0, 200);
    let bed = Bed::with(json!({"kubernetes": false})).await;
    let (code, page) = bed.get("/version").await;
    assert!(code == 200 && page.as_str().unwrap().starts_with("<html>"));
}

#[tokio::test]
async fn create_conflict_not_found_and_status() {
    let bed = still().await;
    let (code, made) = bed.post(BACKUPS, backup("a", json!({}))).await;
    assert_eq!(code, 201);
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        assert!(!made["metadata"][field].as_str().unwrap().is_empty());
    }
    assert_eq!(made["metadata"]["generation"], 1);
    let (code, again) = bed.post(BACKUPS, backup("a", json!({}))).await;
    assert_eq!(code, 409);
    assert_eq!(
        again,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "backups.velero.io \"a\" already exists", "reason": "AlreadyExists",
        "details": {"name": "a", "group": "velero.io", "kind": "backups"}, "code": 409})
    );
    let (code, none) = bed.get(&format!("{BACKUPS}/none")).await;
    assert_eq!((code, &none["message"]), (404, &json!("backups.velero.io \"none\" not found")));
    for method in [Method::GET, Method::PUT, Method::PATCH] {
        let answer = bed.request(method, &format!("{BACKUPS}/a/status")).json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    }
    let answer = bed.request(Method::PUT, BACKUPS).json(&json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 405);
    let (code, body) = bed.post("/apis/velero.io/v1/namespaces/nowhere/backups", backup("a", json!({}))).await;
    assert_eq!((code, &body["message"]), (404, &json!("namespaces \"nowhere\" not found")));
    let mut other = backup("z", json!({}));
    other["metadata"]["namespace"] = "web".into();
    assert_eq!(bed.post(BACKUPS, other).await.0, 400);
    let generated =
        json!({"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"generateName": "g-"}, "spec": {}});
    let name = bed.post(BACKUPS, generated).await.1["metadata"]["name"].clone();
    assert!(name.as_str().unwrap().starts_with("g-") && name.as_str().unwrap().len() == 7);
}

#[tokio::test]
async fn stale_puts_conflict() {
    let bed = still().await;
    let (_, first) = bed.post(BACKUPS, backup("a", json!({}))).await;
    let path = format!("{BACKUPS}/a");
    let mut next = first.clone();
    next["spec"]["ttl"] = "1h".into();
    let (code, second) = bed.put(&path, next.clone()).await;
    assert_eq!((code, &second["metadata"]["generation"]), (200, &json!(2)));
    let (code, body) = bed.put(&path, next).await;
    assert_eq!((code, &body["reason"]), (409, &json!("Conflict")));
    assert_eq!(
        body["message"],
        "Operation cannot be fulfilled on backups.velero.io \"a\": the object has been modified; please apply your changes to the latest version and try again"
    );
    let (code, body) = bed.put(&path, backup("a", json!({}))).await;
    assert_eq!((code, &body["details"]["causes"][0]["field"]), (422, &json!("metadata.resourceVersion")));
    let stale = json!({"metadata": {"resourceVersion": first["metadata"]["resourceVersion"]}, "spec": {"ttl": "2h"}});
    assert_eq!(bed.merge(&path, stale).await.0, 409);
}

#[tokio::test]
async fn patches_by_media_type() {
    let bed = still().await;
    bed.post(BACKUPS, backup("a", json!({"ttl": "1h", "includedNamespaces": ["web"]}))).await;
    let path = format!("{BACKUPS}/a");
    let (code, body) = bed.merge(&path, json!({"spec": {"ttl": null, "includedNamespaces": ["x"]}})).await;
    assert_eq!((code, &body["spec"]), (200, &json!({"includedNamespaces": ["x"]})));
    let operations = json!([{"op": "add", "path": "/spec/includedNamespaces/-", "value": "y"}]);
    let (code, body) = bed.patch(&path, "application/json-patch+json", operations).await;
    assert_eq!((code, &body["spec"]["includedNamespaces"]), (200, &json!(["x", "y"])));
    let (code, body) = bed.patch(&path, "application/strategic-merge-patch+json", json!({"spec": {}})).await;
    assert_eq!((code, &body["reason"]), (415, &json!("UnsupportedMediaType")));
    assert!(body["message"].as_str().unwrap().contains("application/merge-patch+json"));
}

#[tokio::test]
async fn strict_warn_ignore_and_dry_run() {
    let bed = still().await;
    let odd = backup("a", json!({"bogus": 1}));
    let (code, body) = bed.post(&format!("{BACKUPS}?dryRun=All&fieldValidation=Strict"), odd.clone()).await;
    assert_eq!((code, &body["reason"]), (400, &json!("BadRequest")));
    assert_eq!(
        body["message"],
        "Backup in version \"v1\" cannot be handled as a Backup: strict decoding error: unknown field \"spec.bogus\""
    );
    let answer = bed.request(Method::POST, BACKUPS).json(&odd).send().await.unwrap();
    assert_eq!(answer.headers()["warning"], "299 - \"unknown field \\\"spec.bogus\\\"\"");
    assert_eq!(answer.json::<Value>().await.unwrap()["spec"], json!({}));
    let (code, body) = bed
        .patch(
            &format!("{BACKUPS}/a?fieldValidation=Strict"),
            "application/merge-patch+json",
            json!({"spec": {"x": 1}}),
        )
        .await;
    assert_eq!(code, 422);
    assert!(body["message"].as_str().unwrap().contains("strict decoding error: unknown field \"spec.x\""));
    let version = bed.get(BACKUPS).await.1["metadata"]["resourceVersion"].clone();
    let (code, dry) = bed.post(&format!("{BACKUPS}?dryRun=All"), backup("dry", json!({}))).await;
    assert!(code == 201 && dry["metadata"]["uid"].is_string());
    bed.patch(&format!("{BACKUPS}/a?dryRun=All"), "application/merge-patch+json", json!({"spec": {"ttl": "9h"}})).await;
    bed.delete(&format!("{BACKUPS}/a?dryRun=All")).await;
    assert_eq!(bed.get(&format!("{BACKUPS}/dry")).await.0, 404);
    let after = bed.get(BACKUPS).await.1;
    assert_eq!(after["metadata"]["resourceVersion"], version);
    assert_eq!(after["items"][0]["spec"], json!({}));
}

#[tokio::test]
async fn schema_breaches_have_causes() {
    let bed = still().await;
    let (code, body) =
        bed.post(BACKUPS, backup("a", json!({"includedNamespaces": "web", "snapshotVolumes": "yes"}))).await;
    assert_eq!((code, &body["reason"]), (422, &json!("Invalid")));
    assert_eq!(body["details"]["kind"], "Backup");
    assert_eq!(body["details"]["causes"].as_array().unwrap().len(), 2);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("Backup.velero.io \"a\" is invalid: [spec.includedNamespaces: Invalid value: \"string\"")
    );
    for (name, label) in [("Bad_Name", "v".to_owned()), ("good", "v".repeat(64))] {
        let mut wrong = backup(name, json!({}));
        wrong["metadata"]["labels"] = json!({"l": label});
        assert_eq!(bed.post(BACKUPS, wrong).await.0, 422);
    }
}

#[tokio::test]
async fn lists_in_pages_with_selectors() {
    let bed = still().await;
    for n in 0..7 {
        let mut object = backup(&format!("b{n}"), json!({}));
        object["metadata"]["labels"] = json!({"n": n.to_string()});
        bed.post(BACKUPS, object).await;
    }
    let mut names = Vec::new();
    let mut token = String::new();
    loop {
        let (code, page) = bed.get(&format!("{BACKUPS}?limit=3&continue={token}")).await;
        assert_eq!((code, &page["kind"]), (200, &json!("BackupList")));
        names.extend(
            page["items"].as_array().unwrap().iter().map(|o| o["metadata"]["name"].as_str().unwrap().to_owned()),
        );
        match page["metadata"]["continue"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
        if names.len() == 3 {
            assert_eq!(page["metadata"]["remainingItemCount"], 4);
        }
    }
    assert_eq!(names, ["b0", "b1", "b2", "b3", "b4", "b5", "b6"]);
    bed.control("compact", json!({})).await;
    let (code, body) = bed.get(&format!("{BACKUPS}?limit=3&continue={token}")).await;
    assert_eq!((code, &body["reason"]), (410, &json!("Expired")));
    assert_eq!(bed.list(&format!("{BACKUPS}?labelSelector=n+in+(1,2),n!%3D2")).await.len(), 1);
    assert_eq!(bed.list(&format!("{BACKUPS}?fieldSelector=metadata.name%3Db3")).await.len(), 1);
    assert_eq!(bed.get(&format!("{BACKUPS}?fieldSelector=status.phase%3DNew")).await.0, 400);
    assert_eq!(bed.list("/apis/velero.io/v1/backups").await.len(), 7);
}

#[tokio::test]
async fn deletes_with_preconditions_and_finalizers() {
    let bed = still().await;
    bed.post(BACKUPS, backup("a", json!({}))).await;
    let path = format!("{BACKUPS}/a");
    let wrong = bed.request(Method::DELETE, &path).json(&json!({"preconditions": {"uid": "x"}}));
    assert_eq!(split(wrong.send().await.unwrap()).await.0, 409);
    bed.merge(&path, json!({"metadata": {"finalizers": ["example.com/hold"]}})).await;
    let (code, held) = bed.delete(&path).await;
    assert!(code == 200 && held["metadata"]["deletionTimestamp"].is_string());
    bed.merge(&path, json!({"metadata": {"finalizers": null}})).await;
    assert_eq!(bed.get(&path).await.0, 404);
    bed.post(BACKUPS, backup("b", json!({}))).await;
    let (code, gone) = bed.delete(&format!("{BACKUPS}/b")).await;
    assert_eq!((code, &gone["status"], &gone["details"]["kind"]), (200, &json!("Success"), &json!("backups")));
}

#[tokio::test]
async fn says_what_is_not_allowed_and_refuses_it() {
    let bed =
        Bed::with(json!({"missing_permissions": ["create deletebackuprequests.velero.io", "list namespaces"]})).await;
    for (verb, group, resource, allowed) in [
        ("create", "velero.io", "deletebackuprequests", false),
        ("create", "velero.io", "backups", true),
        ("list", "", "namespaces", false),
    ] {
        let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"verb": verb, "group": group, "resource": resource, "namespace": "velero"}}});
        let (code, answer) = bed.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review).await;
        assert_eq!((code, &answer["status"]["allowed"]), (201, &json!(allowed)));
    }
    let (code, body) = bed.get("/api/v1/namespaces").await;
    assert_eq!((code, &body["reason"]), (403, &json!("Forbidden")));
    assert_eq!(
        body["message"],
        "namespaces is forbidden: User \"system:serviceaccount:velero:holdfast\" cannot list resource \"namespaces\" in API group \"\" at the cluster scope"
    );
}

/// Reads a watch until `wanted` lines came or it ended.
async fn lines(bed: &Bed, query: &str, wanted: usize) -> Vec<Value> {
    let answer = bed.request(Method::GET, &format!("{BACKUPS}?watch=true&{query}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut text = String::new();
    let mut stream = answer.bytes_stream();
    let reading = async {
        while text.matches('\n').count() < wanted {
            let Some(Ok(chunk)) = stream.next().await else { break };
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reading).await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn watches_changes_from_a_version() {
    let bed = still().await;
    bed.post(BACKUPS, backup("a", json!({}))).await;
    let version = bed.get(BACKUPS).await.1["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    bed.merge(&format!("{BACKUPS}/a"), json!({"metadata": {"labels": {"x": "1"}}})).await;
    bed.merge(&format!("{BACKUPS}/a"), json!({"metadata": {"labels": {"x": "2"}}})).await;
    bed.delete(&format!("{BACKUPS}/a")).await;
    let words = |lines: &[Value]| lines.iter().map(|l| l["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let all = lines(&bed, &format!("resourceVersion={version}"), 3).await;
    assert_eq!(words(&all), ["MODIFIED", "MODIFIED", "DELETED"]);
    let some = lines(&bed, &format!("resourceVersion={version}&labelSelector=x%3D1"), 2).await;
    assert_eq!(words(&some), ["ADDED", "DELETED"], "it left the selection");
    bed.post(BACKUPS, backup("b", json!({}))).await;
    let initial = lines(&bed, "allowWatchBookmarks=true", 2).await;
    assert_eq!(words(&initial), ["ADDED", "BOOKMARK"]);
    assert!(initial[1]["object"]["metadata"]["resourceVersion"].is_string());
    assert_eq!(lines(&bed, "resourceVersion=0&timeoutSeconds=1", 9).await.len(), 1, "ends by its timeout");
    bed.control("compact", json!({})).await;
    let gone = lines(&bed, &format!("resourceVersion={version}"), 9).await;
    assert_eq!((gone.len(), &gone[0]["type"], &gone[0]["object"]["code"]), (1, &json!("ERROR"), &json!(410)));
    assert_eq!(
        bed.get(&format!("{BACKUPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")).await.0,
        422
    );
    assert_eq!(bed.get(&format!("{BACKUPS}?watch=true&resourceVersion=999999")).await.0, 504);
}

#[tokio::test]
async fn a_watch_sees_controllers_work() {
    let bed = Bed::new().await;
    let version = bed.get(BACKUPS).await.1["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    bed.post(BACKUPS, backup("a", json!({"includedNamespaces": ["web"]}))).await;
    let world = bed.world.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.advance(Duration::from_secs(30));
    });
    let seen = lines(&bed, &format!("resourceVersion={version}"), 6).await;
    let phases: Vec<&str> = seen.iter().filter_map(|l| l["object"]["status"]["phase"].as_str()).collect();
    assert!(phases.starts_with(&["Queued", "ReadyToStart", "InProgress"]), "{phases:?}");
}

#[tokio::test]
async fn the_estate_can_be_counted() {
    let bed = Bed::with(json!({"extra_namespaces": ["shop"], "history_days": 3})).await;
    let names: Vec<String> = bed
        .list("/api/v1/namespaces")
        .await
        .iter()
        .map(|n| n["metadata"]["name"].as_str().unwrap().to_owned())
        .collect();
    for name in [
        "checkout",
        "checkout-db",
        "payments",
        "payments-db",
        "identity",
        "ledger",
        "web",
        "orders",
        "analytics",
        "kube-system",
        "velero",
        "default",
        "shop",
    ] {
        assert!(names.iter().any(|n| n == name), "{name}");
    }
    let excluded = bed.list("/api/v1/namespaces?labelSelector=velero.io/exclude-from-backup%3Dtrue").await;
    assert_eq!(excluded.len(), 1);
    assert_eq!(bed.list("/api/v1/namespaces/payments-db/persistentvolumeclaims").await.len(), 2);
    assert!(bed.list("/apis/apps/v1/deployments").await.len() > 5);
    assert!(bed.list(&format!("{VELERO}/schedules")).await.len() >= 5);
    assert!(bed.list(&format!("{VELERO}/backups")).await.len() > 10);
}

#[tokio::test]
async fn calls_are_counted_by_verb_and_resource() {
    let bed = Bed::new().await;
    bed.world.reset_calls("t");
    bed.get(BACKUPS).await;
    bed.get(BACKUPS).await;
    bed.get("/version").await;
    let calls =
        bed.client.get(format!("{}/control/t/calls", bed.base)).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(calls["total"], 3);
    assert_eq!(calls["by"], json!({"list backups": 2, "GET /version": 1}));
    bed.client.delete(format!("{}/control/t/calls", bed.base)).send().await.unwrap();
    assert_eq!(bed.world.calls("t")["total"], 0);
}

#[tokio::test]
async fn a_new_seed_sends_watches_back_to_listing() {
    let bed = still().await;
    let answer = bed.request(Method::GET, &format!("{BACKUPS}?watch=true")).send().await.unwrap();
    bed.control("seed", json!({})).await;
    let text = tokio::time::timeout(Duration::from_secs(5), answer.text()).await.unwrap().unwrap();
    assert!(text.starts_with("{\"type\":\"ERROR\"") && text.contains("\"code\":410"), "{text}");
    assert_eq!(bed.get("/version").await.0, 200);
}

#[tokio::test]
async fn objects_carry_bookkeeping_as_real_ones_do() {
    let bed = still().await;
    let (_, made) = bed.post(&format!("{BACKUPS}?fieldManager=holdfast"), backup("a", json!({"ttl": "1h"}))).await;
    let entry = &made["metadata"]["managedFields"][0];
    assert_eq!((&entry["manager"], &entry["fieldsV1"]["f:spec"]), (&json!("holdfast"), &json!({"f:ttl": {}})));
}
