//! Apps: defined, renamed, restored in place and elsewhere, deleted; and buckets.
#![expect(clippy::unwrap_used, reason = "tests")]

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, Got};

const APPS: &str = "/k8s/v2/apps";

fn app(more: Value) -> Value {
    let mut body = json!({"type": "application/astra-app", "version": "2.1"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn restore_in_place(bed: &Bed, name: &str, more: Value) -> Got {
    let path = format!("{APPS}/{}", bed.app(name));
    bed.send(bed.request(Method::PUT, &path).header("ForceUpdate", "true").json(&app(more))).await
}

fn allowed(app: &Value, title: &str) -> Value {
    let links = app["links"].as_array().unwrap();
    links.iter().find(|link| link["title"] == title).unwrap()["hints"]["allow"].clone()
}

#[tokio::test]
async fn an_app_is_defined_over_a_namespace() {
    let bed = Bed::with(json!({"namespace_limit": 13})).await;
    let cluster = bed.id("managedCluster", "prod-zurich");
    let over = |name: &str, namespace: &str| {
        app(json!({"name": name, "clusterID": cluster, "namespaceScopedResources": [{"namespace": namespace}]}))
    };
    let made = bed.post(APPS, over("monitoring", "monitoring")).await;
    let path = format!("{APPS}/{}", made.id());
    assert_eq!((&made.body["namespaces"], &made.body["protectionState"]), (&json!(["monitoring"]), &json!("none")));
    assert_eq!(bed.states(&path, 1.0, 12).await, ["pending", "discovering", "ready"]);
    assert_eq!(bed.post(APPS, over("monitoring", "default")).await.refusal(), (409, 121), "same name");
    assert_eq!(bed.post(APPS, over("nothing", "not-there")).await.refusal(), (400, 122));
    assert_eq!(bed.post(APPS, over("gone", "shop-legacy")).await.refusal(), (400, 124));
    assert_eq!(bed.post(APPS, over("more", "default")).await.refusal(), (409, 138));
    assert_eq!(bed.post(APPS, app(json!({"name": "x", "clusterID": cluster}))).await.refusal(), (400, 8));
    let nowhere =
        app(json!({"name": "x", "clusterID": bed.app("web"), "namespaceScopedResources": [{"namespace": "x"}]}));
    assert_eq!(bed.post(APPS, nowhere).await.refusal(), (400, 106));
}

#[tokio::test]
async fn links_follow_what_goes_on() {
    let bed = Bed::new().await;
    let path = format!("{APPS}/{}", bed.app("web"));
    let quiet = bed.get(&path).await.body;
    assert_eq!(allowed(&quiet, "nonDisruptiveBackup"), json!(["POST"]));
    assert_eq!(allowed(&quiet, "disruptiveBackup"), json!([]));
    assert_eq!(allowed(&quiet, "inPlaceRestore"), json!(["PUT"]));
    bed.back_up("web", "one").await;
    let busy = bed.get(&path).await.body;
    assert_eq!((allowed(&busy, "snapshot"), allowed(&busy, "inPlaceRestore")), (json!([]), json!([])));
    bed.command("backups", json!({"app": "web", "kind": "disruptive"}));
    assert_eq!(allowed(&bed.get(&path).await.body, "disruptiveBackup"), json!(["POST"]));
    assert_eq!(bed.get(&path).await.body.get("sim"), None);
    assert_eq!(bed.delete(&path).await.refusal(), (409, 157), "during a disruptive backup");
}

#[tokio::test]
async fn restoring_in_place_needs_the_header() {
    let bed = Bed::new().await;
    let backup = bed.backed_up("web", "one").await;
    let other = bed.backed_up("orders", "two").await;
    let path = format!("{APPS}/{}", bed.app("web"));
    assert_eq!(bed.put(&path, app(json!({"backupID": backup}))).await.refusal(), (403, 79));
    assert_eq!(restore_in_place(&bed, "web", json!({"backupID": other})).await.refusal(), (403, 76));
    let nothing = "00000000-0000-0000-0000-000000000000";
    assert_eq!(restore_in_place(&bed, "web", json!({"backupID": nothing})).await.refusal(), (400, 74));
    assert_eq!(restore_in_place(&bed, "web", json!({"snapshotID": nothing})).await.refusal(), (400, 46));
    bed.back_up("web", "running").await;
    assert_eq!(restore_in_place(&bed, "web", json!({"backupID": backup})).await.refusal(), (409, 152));
    bed.advance(300.0);
    let bad = json!({"backupID": backup, "restoreFilter": {"resourceSelectionCriteria": "include", "GVKN": [{}]}});
    assert_eq!(restore_in_place(&bed, "web", bad).await.refusal(), (400, 147));
    let filter = json!({"resourceSelectionCriteria": "exclude", "GVKN": [{"kind": "Secret"}]});
    let labels = json!({"labels": [{"name": "team", "value": "blue"}]});
    let wish = json!({"backupID": backup, "restoreFilter": filter, "metadata": labels});
    let begun = restore_in_place(&bed, "web", wish).await;
    assert_eq!((begun.code, begun.body), (204, json!("")));
    assert_eq!(
        bed.get(&path).await.body["metadata"]["labels"],
        labels["labels"],
        "a PUT sets the labels that it gives"
    );
    assert_eq!(bed.get(&path).await.body["state"], "restoring");
    let item = format!("/topology/v1/appBackups/{backup}");
    assert_eq!(bed.delete(&item).await.refusal(), (409, 142), "while the app restores");
    assert_eq!(restore_in_place(&bed, "web", json!({"backupID": backup})).await.refusal(), (409, 112));
    assert_eq!(bed.states(&path, 2.0, 30).await, ["restoring", "discovering", "ready"]);
    bed.command(
        "outcome",
        json!({"of": "restore", "app": "web", "result": "failed", "detail": "No space", "times": 1}),
    );
    restore_in_place(&bed, "web", json!({"backupID": backup})).await;
    assert_eq!(bed.states(&path, 2.0, 30).await, ["restoring", "failed"]);
    assert_eq!(bed.get(&path).await.body["stateDetails"][0]["detail"], "No space");
    assert_eq!(restore_in_place(&bed, "web", json!({"backupID": backup})).await.code, 204, "a failed one again");
}

#[tokio::test]
async fn restoring_elsewhere_maps_namespaces() {
    let bed = Bed::new().await;
    let backup = bed.backed_up("checkout", "one").await;
    let (main, staging) = (bed.id("managedCluster", "prod-zurich"), bed.id("managedCluster", "staging-zurich"));
    let wish = |more: Value| {
        let mut body = app(json!({"name": "checkout-copy", "clusterID": staging, "sourceClusterID": main,
            "backupID": backup}));
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let map =
        json!([{"source": "checkout", "destination": "shop"}, {"source": "checkout-db", "destination": "shop-db"}]);
    for (more, refusal) in [
        (json!({"namespace": "shop"}), (400, 8)),
        (json!({"snapshotID": backup}), (400, 9)),
        (json!({"sourceClusterID": staging}), (400, 106)),
        (json!({"backupID": main}), (400, 74)),
        (json!({"namespaceMapping": [{"source": "checkout"}]}), (400, 8)),
        (json!({"namespaceMapping": [{"source": "web", "destination": "x"}]}), (400, 9)),
        (json!({"namespaceMapping": [{"source": "checkout", "destination": "Ü"}]}), (400, 9)),
        (json!({"namespaceMapping": [{"source": "checkout", "destination": "default"}]}), (409, 123)),
        (json!({"storageClassMapping": [{"source": "*", "destination": "ceph"}]}), (400, 156)),
        (json!({"restoreFilter": {"resourceSelectionCriteria": "include", "GVKN": []}}), (400, 147)),
    ] {
        assert_eq!(bed.post(APPS, wish(more.clone())).await.refusal(), refusal, "{more}");
    }
    let good =
        wish(json!({"namespaceMapping": map, "storageClassMapping": [{"source": "*", "destination": "ontap-silver"}]}));
    let made = bed.post(APPS, good).await;
    assert_eq!(
        (made.code, &made.body["namespaces"], &made.body["backupID"]),
        (201, &json!(["shop", "shop-db"]), &json!(backup))
    );
    let path = format!("{APPS}/{}", made.id());
    assert_eq!(bed.states(&path, 2.0, 30).await, ["provisioning", "discovering", "ready"]);
    let there = bed.get(&format!("/topology/v1/managedClusters/{staging}/namespaces")).await;
    assert!(there.items().iter().any(|namespace| namespace["name"] == "shop-db"));
    // Without a mapping a single namespace takes the app's name.
    let web = bed.backed_up("web", "one").await;
    let labels = json!({"labels": [{"name": "team", "value": "blue"}]});
    let more = json!({"name": "web-copy", "backupID": web, "clusterID": main, "metadata": labels});
    let made = bed.post(APPS, wish(more)).await.body;
    assert_eq!((&made["namespaces"], &made["metadata"]["labels"]), (&json!(["web-copy"]), &labels["labels"]));
}

#[tokio::test]
async fn an_app_that_does_not_run_names_no_cluster() {
    let bed = Bed::new().await;
    let gone = json!({"state": "unavailable", "clusterID": null, "clusterName": null});
    bed.command("patch", json!({"resource": "app", "id": "web", "with": gone}));
    let app = bed.get(&format!("{APPS}/{}", bed.app("web"))).await.body;
    assert_eq!((app.get("clusterID"), &app["state"]), (None, &json!("unavailable")));
    assert_eq!(allowed(&app, "nonDisruptiveBackup"), json!([]));
    assert_eq!(allowed(&app, "inPlaceRestore"), json!(["PUT"]));
}

#[tokio::test]
async fn deleting_an_app_takes_everything_with_it() {
    let bed = Bed::new().await;
    let backup = bed.backed_up("web", "one").await;
    let path = format!("{APPS}/{}", bed.app("web"));
    let id = bed.app("web");
    bed.command("put", json!({"resource": "appMirror", "object": {"sourceAppID": id}}));
    assert_eq!(bed.delete(&path).await.refusal(), (409, 119));
    let snaps = bed.get(&format!("/k8s/v1/apps/{id}/appSnaps")).await.items()[0]["id"].clone();
    let snap = format!("/k8s/v1/apps/{id}/appSnaps/{}", snaps.as_str().unwrap());
    assert_eq!(bed.delete(&snap).await.refusal(), (403, 120), "used by replication");
    let mirrors = bed.get("/k8s/v1/appMirrors").await.items()[0]["id"].clone();
    bed.command("remove", json!({"resource": "appMirror", "id": mirrors}));
    assert_eq!(bed.delete(&path).await.code, 204);
    assert_eq!(bed.get(&path).await.body["state"], "deleting");
    bed.advance(30.0);
    assert_eq!(bed.get(&path).await.refusal(), (404, 2));
    assert_eq!(bed.get(&format!("/topology/v1/appBackups/{backup}")).await.refusal(), (404, 2));
}

#[tokio::test]
async fn buckets_are_added_changed_and_refused_to_go() {
    let bed = Bed::new().await;
    let all = "/topology/v1/buckets";
    let credential = bed.id("credential", "s3-main");
    let wish = |name: &str, more: Value| {
        let mut body = json!({"type": "application/astra-bucket", "version": "1.1", "name": name,
            "credentialID": credential, "provider": "generic-s3",
            "bucketParameters": {"s3": {"serverURL": "https://s3.example.com", "bucketName": "b"}}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let made = bed.post(all, wish("new", json!({}))).await;
    assert_eq!((&made.body["state"], made.body["retentionTime"].as_i64()), (&json!("available"), Some(0)));
    assert_eq!(bed.post(all, wish("new", json!({}))).await.refusal(), (409, 57));
    assert_eq!(bed.post(all, wish("x", json!({"provider": "floppy"}))).await.refusal(), (400, 8));
    assert_eq!(bed.post(all, wish("x", json!({"provider": "gcp"}))).await.refusal(), (400, 9));
    assert_eq!(bed.post(all, wish("x", json!({"credentialID": made.id()}))).await.refusal(), (400, 9));
    let path = format!("{all}/{}", made.id());
    let update =
        json!({"type": "application/astra-bucket", "version": "1.2", "credentialID": bed.id("credential", "s3-vault")});
    assert_eq!(bed.put(&path, update).await.code, 204);
    assert_eq!(bed.get(&path).await.body["credentialID"], json!(bed.id("credential", "s3-vault")));
    assert_eq!(bed.delete(&path).await.code, 204);
    let main = format!("{all}/{}", bed.id("bucket", "main"));
    assert_eq!(bed.delete(&main).await.refusal(), (409, 84), "default of a cloud");
    bed.command("patch", json!({"resource": "cloud", "id": "on-premises", "with": {"defaultBucketID": null}}));
    assert_eq!(bed.delete(&main).await.refusal(), (409, 175), "default of a cluster");
    bed.backed_up("web", "one").await;
    assert_eq!(bed.delete(&main).await.refusal(), (409, 83), "in use");
    let member = Bed::with(json!({"role": "member"})).await;
    assert_eq!(member.delete(&format!("{all}/{}", member.id("bucket", "main"))).await.refusal(), (403, 11));
}
