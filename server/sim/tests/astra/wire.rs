//! Tokens, media types, lists and their parameters, tags and conditions.
#![expect(clippy::unwrap_used, reason = "tests")]

use reqwest::Method;
use serde_json::json;

use crate::bed::{Bed, read};

#[tokio::test]
async fn tokens_accounts_and_roles() {
    let bed = Bed::new().await;
    let apps = "/k8s/v2/apps";
    let bare = bed.request(Method::GET, apps);
    assert_eq!(read(bare.send().await.unwrap()).await.refusal(), (401, 3));
    let wrong = bed.request(Method::GET, apps).bearer_auth("sim-other-token");
    assert_eq!(read(wrong.send().await.unwrap()).await.refusal(), (401, 4));
    assert_eq!(bed.get("//accounts/not-a-uuid/k8s/v2/apps").await.refusal(), (400, 33));
    let other = "//accounts/bab39d53-2d04-5297-b92e-58df89a2117b/k8s/v2/apps";
    assert_eq!(bed.get(other).await.refusal(), (404, 2));
    assert_eq!(bed.get("//accounts").await.items()[0]["id"], json!(bed.account));
    for (state, refusal) in [("revoked", (401, 4)), ("disabled", (403, 14)), ("valid", (200, 0))] {
        bed.command("token", json!({"state": state}));
        assert_eq!(bed.get(apps).await.refusal(), refusal);
    }
    let viewer = Bed::with(json!({"role": "viewer"})).await;
    let app = viewer.app("web");
    let body = json!({"type": "application/astra-appBackup", "version": "1.2"});
    assert_eq!(viewer.post(&format!("/k8s/v1/apps/{app}/appBackups"), body).await.refusal(), (403, 11));
    let hints = &viewer.get(&format!("{apps}/{app}")).await.body["links"][1]["hints"];
    assert_eq!(*hints, json!({"allow": [], "permissions": []}));
}

#[tokio::test]
async fn a_constrained_member_does_not_see_what_a_restore_made() {
    let bed = Bed::with(json!({"role": "member", "constrained_to": ["web"]})).await;
    let names: Vec<_> = bed.get("/k8s/v2/apps?include=name").await.items().clone();
    assert_eq!(names, [json!(["web"])]);
    let backup = bed.backed_up("web", "one").await;
    let cluster = bed.id("managedCluster", "prod-zurich");
    let body = json!({"type": "application/astra-app", "version": "2.2", "name": "web-copy", "clusterID": cluster,
        "sourceClusterID": cluster, "backupID": backup});
    let made = bed.post("/k8s/v2/apps", body).await;
    assert_eq!(made.code, 201);
    assert_eq!(bed.get(&format!("/k8s/v2/apps/{}", made.id())).await.refusal(), (404, 2));
    assert_eq!(bed.get("/topology/v1/namespaces").await.items().len(), 1);
}

#[tokio::test]
async fn media_types_are_negotiated() {
    let bed = Bed::new().await;
    let path = format!("/k8s/v2/apps/{}", bed.app("web"));
    for (accept, code, kind) in [
        ("*/*", 200, "application/json"),
        ("application/json", 200, "application/json"),
        ("application/astra-app+json", 200, "application/astra-app+json"),
        ("text/html, application/*;q=0.8", 200, "application/json"),
        ("text/html", 406, "application/problem+json"),
    ] {
        let got = bed.send(bed.request(Method::GET, &path).header("accept", accept)).await;
        assert_eq!((got.code, got.kind.as_str()), (code, kind), "{accept}");
    }
    assert_eq!(bed.send(bed.request(Method::GET, &path).header("accept", "text/html")).await.refusal(), (406, 32));
    // Clients in the field send other media types, and none.
    let schedules = format!("/k8s/v1/apps/{}/schedules", bed.app("web"));
    let body = json!({"type": "application/astra-schedule", "version": "1.1", "name": "d", "granularity": "daily",
        "minute": "0", "hour": "1", "snapshotRetention": "1", "backupRetention": "1"});
    let plain = bed.request(Method::POST, &schedules).header("content-type", "text/plain").body(body.to_string());
    assert_eq!(bed.send(plain).await.code, 201);
}

#[tokio::test]
async fn include_makes_arrays_and_unknown_parameters_are_refused() {
    let bed = Bed::new().await;
    let all = bed.get("/k8s/v2/apps").await;
    assert_eq!(all.body["metadata"], json!({}));
    assert_eq!(all.body.get("type"), None);
    let rows = bed.get("/k8s/v2/apps?include=name,state,nothing&limit=2").await;
    assert_eq!(rows.items(), &[json!(["checkout", "ready", null]), json!(["payments", "ready", null])]);
    for (query, refusal) in [
        ("foo=1", (400, 6)),
        ("continue=x", (400, 6)),
        ("include=metadata.labels", (400, 5)),
        ("include=", (400, 5)),
        ("limit=0", (400, 5)),
        ("limit=-1", (400, 5)),
        ("limit=many", (400, 5)),
        ("filter=state", (400, 5)),
        ("filter=state%20eq%20ready", (400, 5)),
    ] {
        let got = bed.get(&format!("/k8s/v2/apps?{query}")).await;
        assert_eq!(got.refusal(), refusal, "{query}");
        assert_eq!(got.body.get("invalidParams").is_some(), refusal.1 == 5);
    }
    let ready = bed.get("/k8s/v2/apps?filter=state%20eq%20'ready',name%20gte%20'w'&include=name").await;
    assert_eq!(ready.items(), &[json!(["web"])]);
    // Buckets take nothing; backups and schedules can be limited but not filtered or resumed.
    assert_eq!(bed.get("/topology/v1/buckets?include=id").await.refusal(), (400, 6));
    let app = bed.app("web");
    for list in ["appBackups", "appSnaps", "schedules"] {
        assert_eq!(bed.get(&format!("/k8s/v1/apps/{app}/{list}?limit=5")).await.code, 200);
        assert_eq!(bed.get(&format!("/k8s/v1/apps/{app}/{list}?filter=a%20eq%20'b'")).await.refusal(), (400, 6));
    }
    assert_eq!(bed.get(&format!("/k8s/v2/apps/{app}?include=id")).await.refusal(), (400, 6));
    let spec = Bed::with(json!({"spec_lists": true})).await;
    let list = spec.get("/topology/v1/buckets").await.body;
    assert_eq!((&list["type"], list["metadata"]["labels"].is_array()), (&json!("application/astra-buckets"), true));
}

#[tokio::test]
async fn events_are_counted_ordered_and_resumed() {
    let bed = Bed::new().await;
    for n in 0..5 {
        bed.command("put", json!({"resource": "event", "object": {"name": format!("e{n}"), "severity": "warning"}}));
    }
    let first = bed.get("/core/v1/events?limit=2&count=true&orderBy=name%20desc&include=name").await;
    assert_eq!(first.items(), &[json!(["e4"]), json!(["e3"])]);
    assert_eq!(first.body["metadata"]["count"], 5);
    let token = first.body["metadata"]["continue"].as_str().unwrap().replace('=', "%3D");
    let next = format!("/core/v1/events?limit=3&orderBy=name%20desc&include=name&continue={token}");
    let next = bed.get(&next).await;
    assert_eq!(next.items(), &[json!(["e2"]), json!(["e1"]), json!(["e0"])]);
    assert_eq!(next.body["metadata"], json!({}));
    assert_eq!(bed.get("/core/v1/events?skip=4").await.items().len(), 1);
    assert_eq!(bed.get("/core/v1/events?skip=99999999999999999999").await.items().len(), 0);
    assert_eq!(bed.get("/core/v1/events?continue=nonsense").await.refusal(), (400, 5));
}

#[tokio::test]
async fn tags_are_heeded_on_put_only() {
    let bed = Bed::new().await;
    let path = format!("/k8s/v2/apps/{}", bed.app("web"));
    let before = bed.get(&path).await;
    assert_eq!(before.etag.trim_matches('"').len(), 32);
    let body = json!({"type": "application/astra-app", "version": "2.2", "name": "web-shop"});
    let put = |name: &'static str, value: String| bed.request(Method::PUT, &path).json(&body).header(name, value);
    assert_eq!(bed.send(put("if-match", "\"0123\"".into())).await.refusal(), (412, 38));
    let old = "Sat, 01 Jan 2022 00:00:00 GMT".to_owned();
    assert_eq!(bed.send(put("if-unmodified-since", old.clone())).await.refusal(), (412, 38));
    assert_eq!(bed.send(put("if-modified-since", "Sat, 03 Oct 2026 02:00:00 GMT".into())).await.refusal(), (412, 38));
    assert_eq!(bed.send(bed.request(Method::GET, &path).header("if-match", "\"0123\"")).await.code, 200);
    let done = bed.send(put("if-match", before.etag.clone())).await;
    assert_eq!((done.code, done.body), (204, json!("")));
    assert_eq!(bed.send(put("if-match", before.etag)).await.refusal(), (412, 38), "it has changed since");
    assert_eq!(bed.send(put("if-modified-since", old)).await.code, 204);
    assert_eq!(bed.get(&path).await.body["name"], "web-shop");
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there() {
    let bed = Bed::new().await;
    let app = bed.app("web");
    for path in ["/k8s/v1/managedApps", "/nothing", "/k8s/v1/apps", "/core/v9/tasks", "/topology/v1"] {
        assert_eq!(bed.get(path).await.refusal(), (404, 2), "{path}");
    }
    assert_eq!(bed.get("//").await.refusal(), (404, 2));
    assert_eq!(bed.get(&format!("//accounts/{}//k8s/v2/apps", bed.account)).await.refusal(), (404, 2), "double slash");
    let nobody = "3f0d3c1e-8a52-4c3e-9d5b-0b8a4a3f1c11";
    assert_eq!(bed.get(&format!("/k8s/v1/apps/{nobody}/appBackups")).await.refusal(), (404, 2));
    // A missing item is "collection not found" when it is read, "resource not found" when it is deleted.
    let item = format!("/k8s/v1/apps/{app}/appBackups/{nobody}");
    assert_eq!(bed.get(&item).await.refusal(), (404, 2));
    assert_eq!(bed.delete(&item).await.refusal(), (404, 1));
    assert_eq!(bed.put(&item, json!({})).await.refusal(), (405, 69), "backups can't be changed");
    assert_eq!(bed.put(&format!("/k8s/v1/apps/{app}/schedules/{nobody}"), json!({})).await.refusal(), (400, 114));
    assert_eq!(bed.post("/topology/v1/appBackups", json!({})).await.refusal(), (405, 69));
    assert_eq!(bed.delete("/k8s/v2/apps").await.refusal(), (405, 69));
}

#[tokio::test]
async fn inventory_for_a_wizard() {
    let bed = Bed::new().await;
    let clusters = bed.get("/topology/v1/managedClusters").await;
    assert_eq!(clusters.items()[0]["type"], "application/astra-managedCluster");
    let cluster = clusters.items()[0]["id"].as_str().unwrap();
    let cloud = clusters.items()[0]["cloudID"].as_str().unwrap();
    assert_eq!(clusters.items().len(), 2, "the third is not managed");
    let same = bed.get(&format!("/topology/v1/clouds/{cloud}/clusters")).await;
    assert_eq!((same.items().len(), &same.items()[0]["type"]), (3, &json!("application/astra-cluster")));
    assert_eq!(clusters.items()[0]["inUse"], "true", "booleans are strings");
    let here = bed.get(&format!("/topology/v1/managedClusters/{cluster}/namespaces")).await;
    let system = here.items().iter().filter(|ns| ns["systemType"].is_string()).count();
    assert_eq!(system, 3);
    assert!(here.items().iter().any(|ns| ns["namespaceState"] == "removed"));
    assert!(bed.get("/topology/v1/namespaces").await.items().len() > here.items().len());
    assert_eq!(bed.get(&format!("/topology/v1/clusters/{cluster}/storageClasses")).await.items().len(), 2);
    assert_eq!(bed.get(&format!("/topology/v1/managedClusters/{cluster}/apps")).await.items().len(), 9);
    for bucket in bed.get("/topology/v1/buckets").await.items() {
        assert!(bucket["bucketParameters"]["s3"]["serverURL"].is_string());
        assert!(!bucket.to_string().contains("keyStore"), "secrets are not in buckets");
    }
    for list in ["tasks", "events", "notifications", "credentials", "features", "settings", "users", "hookSources"] {
        assert_eq!(bed.get(&format!("/core/v1/{list}")).await.code, 200, "{list}");
    }
    assert_eq!(bed.get(&format!("/k8s/v1/apps/{}/executionHooks", bed.app("identity"))).await.items().len(), 1);
    let calls = bed.world.system_calls("t", "astra").unwrap();
    assert_eq!((&calls["by"]["list managedClusters"], &calls["by"]["list namespaces"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn hooks_run_scripts() {
    let bed = Bed::new().await;
    let sources = "/core/v1/hookSources";
    let script = json!({"type": "application/astra-hookSource", "version": "1.0", "name": "s", "sourceType": "script",
        "source": "IyEvYmluL3NoCg=="});
    let source = bed.post(sources, script).await.id();
    let hooks = format!("/k8s/v1/apps/{}/executionHooks", bed.app("web"));
    let mut hook = json!({"type": "application/astra-executionHook", "version": "1.3", "name": "h", "hookType": "custom",
        "action": "snapshot", "stage": "pre", "hookSourceID": bed.app("web"), "appID": bed.app("web")});
    assert_eq!(bed.post(&hooks, hook.clone()).await.refusal(), (400, 9));
    hook["hookSourceID"] = json!(source);
    let made = bed.post(&hooks, hook.clone()).await;
    assert_eq!((made.code, &made.body["enabled"], &made.body["arguments"]), (201, &json!("true"), &json!([])));
    hook["appID"] = json!(bed.app("orders"));
    assert_eq!(bed.post(&hooks, hook).await.refusal(), (409, 10));
    assert_eq!(bed.delete(&format!("{sources}/{source}")).await.refusal(), (403, 72));
    let backup = bed.backed_up("web", "one").await;
    assert_eq!(bed.get(&format!("/topology/v1/appBackups/{backup}")).await.body["hookState"], "success");
    assert_eq!(bed.delete(&format!("/core/v1/executionHooks/{}", made.id())).await.code, 204);
    assert_eq!(bed.delete(&format!("{sources}/{source}")).await.code, 204);
}

#[tokio::test]
async fn times_may_have_fractions() {
    let bed = Bed::with(json!({"fractional_times": true})).await;
    let path = bed.back_up("web", "a").await;
    assert_eq!(bed.get(&path).await.body["metadata"]["creationTimestamp"], "2026-10-03T01:59:30.000000Z");
    let whole = Bed::new().await;
    let path = whole.back_up("web", "a").await;
    assert_eq!(whole.get(&path).await.body["metadata"]["creationTimestamp"], "2026-10-03T01:59:30Z");
}
