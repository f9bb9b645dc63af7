//! Etags, and what PUT and PATCH do to a document.

use serde_json::{Value, json};

use crate::bed::{Bed, editable, word};

const OTHER: &str = "0000000000000000000000000000000000000000";

#[tokio::test]
async fn edits_need_the_current_etag() {
    let bed = Bed::new().await;
    let path = format!("kubebackups/{}", bed.definition("a").await);
    let (etag, body) = editable(bed.get(&path).await);
    let missing = json!({"_status": "ERR", "_error": {"code": 428, "message": "To edit a document its etag must be provided using the If-Match header"}});
    let stale = json!({"_status": "ERR", "_error": {"code": 412, "message": "Client and server etags don't match"}});
    assert_eq!(bed.put(&path, "", body.clone()).await, (428, missing.clone()));
    assert_eq!(bed.patch(&path, "", json!({"pause": true})).await, (428, missing));
    assert_eq!(bed.put(&path, OTHER, body.clone()).await, (412, stale.clone()));
    assert_eq!(bed.patch(&path, "*", json!({"pause": true})).await, (412, stale.clone()));
    assert_eq!(bed.delete(&path, OTHER).await, (412, stale.clone()));
    bed.advance(1.0);
    let (code, written) = bed.put(&path, &format!("\"{etag}\""), body.clone()).await;
    assert_eq!(code, 200);
    assert_ne!(word(&written, "_etag"), etag);
    assert_eq!(
        (&written["_created"], &written["_updated"]),
        (&json!("Sat, 03 Oct 2026 12:00:00 GMT"), &json!("Sat, 03 Oct 2026 12:00:01 GMT"))
    );
    assert_eq!(bed.put(&path, &etag, body).await.1, stale);
    let etag = word(&written, "_etag");
    assert_eq!(bed.patch(&path, &format!("W/\"{etag}\""), json!({"pause": true})).await.0, 200);
}

#[tokio::test]
async fn deleting_needs_no_etag_unless_told() {
    let bed = Bed::new().await;
    let path = format!("kubebackups/{}", bed.definition("a").await);
    assert_eq!(bed.delete(&path, "").await, (204, json!("")));
    assert_eq!(bed.delete(&path, "").await.0, 404);
    let bed = Bed::with(json!({"delete_needs_etag": true})).await;
    let path = format!("kubebackups/{}", bed.definition("a").await);
    assert_eq!(bed.delete(&path, "").await.0, 428);
    let (etag, _) = editable(bed.get(&path).await);
    assert_eq!(bed.delete(&path, &etag).await.0, 204);
}

#[tokio::test]
async fn put_loses_what_is_left_out() {
    let bed = Bed::new().await;
    let policy = bed.id("policies", "gold-daily").await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body = json!({"name": "a", "cluster": cluster, "policy": policy, "pause": true, "tags": {"team": "shop"},
        "source": {"namespaces": ["web"], "snapshotPersistentVolumes": false}});
    let made = bed.create("kubebackups", body).await;
    let path = format!("kubebackups/{}", word(&made, "_id"));
    let bare = json!({"name": "a", "cluster": cluster, "source": {"namespaces": ["web"]}});
    let (code, after) = bed.put(&path, &word(&made, "_etag"), bare).await;
    assert_eq!(code, 200);
    assert!(after.get("policy").is_none() && after.get("tags").is_none());
    assert_eq!((&after["pause"], &after["source"]["snapshotPersistentVolumes"]), (&json!(false), &json!(true)));
    assert_eq!(after["cc_user_email"], made["cc_user_email"], "what is the server's stays");
}

#[tokio::test]
async fn put_takes_nothing_that_is_the_servers() {
    let bed = Bed::new().await;
    let (backup, _) = bed.with_point("a").await;
    let path = format!("kubebackups/{backup}");
    let read = bed.get(&path).await;
    let etag = word(&read, "_etag");
    let (code, refused) = bed.put(&path, &etag, read.clone()).await;
    assert_eq!(code, 422);
    assert_eq!(
        refused["_issues"],
        json!({"_created": "unknown field", "_etag": "unknown field", "_links": "unknown field", "_updated": "unknown field"})
    );
    let (_, mut body) = editable(read);
    body["status"] = json!({"message": "mine"});
    assert_eq!(bed.put(&path, &etag, body.clone()).await.1["_issues"], json!({"status": "field is read-only"}));
    body.as_object_mut().unwrap().remove("status");
    let (code, after) = bed.put(&path, &etag, body).await;
    assert_eq!((code, after["status"]["jobs"].as_array().map(Vec::len)), (200, Some(1)), "it keeps its status");
}

#[tokio::test]
async fn patch_changes_what_it_names_but_resets_beside_it() {
    let bed = Bed::new().await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body =
        json!({"name": "a", "cluster": cluster, "source": {"namespaces": ["web"], "snapshotPersistentVolumes": false}});
    let made = bed.create("kubebackups", body).await;
    let path = format!("kubebackups/{}", word(&made, "_id"));
    let (code, paused) = bed.patch(&path, &word(&made, "_etag"), json!({"pause": true})).await;
    assert_eq!((code, &paused["pause"], &paused["source"]), (200, &json!(true), &made["source"]));
    // Eve fills in the defaults of the object that was named.
    let (_, after) =
        bed.patch(&path, &word(&paused, "_etag"), json!({"source": {"namespaces": ["web", "orders"]}})).await;
    assert_eq!(after["source"]["namespaces"], json!(["web", "orders"]));
    assert_eq!(after["source"]["snapshotPersistentVolumes"], true);
    assert_eq!(after["pause"], true);
}

#[tokio::test]
async fn what_the_server_writes_is_a_new_version() {
    for (bumps, code) in [(true, 412), (false, 200)] {
        let bed = Bed::with(json!({"status_bumps_etag": bumps})).await;
        let path = format!("kubebackups/{}", bed.definition("a").await);
        let (etag, _) = editable(bed.get(&path).await);
        bed.run("kubebackups", path.split('/').nth(1).unwrap()).await;
        bed.advance(30.0);
        assert_eq!(bed.patch(&path, &etag, json!({"pause": true})).await.0, code, "{bumps}");
    }
}

#[tokio::test]
async fn put_to_an_unknown_id_makes_the_document() {
    let bed = Bed::new().await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body = json!({"name": "a", "cluster": cluster, "source": {}});
    let path = "kubebackups/640f71339c9cf6648dc169ff";
    let (code, made) = bed.put(path, OTHER, body.clone()).await;
    assert_eq!((code, word(&made, "_id").as_str()), (201, "640f71339c9cf6648dc169ff"));
    let unknown = "kubebackups/640f71339c9cf6648dc169fe";
    assert_eq!(bed.patch(unknown, OTHER, json!({"pause": true})).await.0, 404);
    let bed = Bed::with(json!({"put_upserts": false})).await;
    assert_eq!(bed.put(unknown, OTHER, body).await.0, 404);
}

#[tokio::test]
async fn bulk_inserts_are_all_or_nothing() {
    let bed = Bed::new().await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let good = |name: &str| json!({"name": name, "cluster": cluster, "source": {}});
    let (code, body) = bed.post("kubebackups", json!([good("a"), {"name": "b"}])).await;
    assert_eq!(code, 422);
    assert_eq!(body["_items"][0], json!({"_status": "OK"}));
    assert_eq!(body["_items"][1]["_issues"], json!({"cluster": "required field", "source": "required field"}));
    assert!(bed.find("kubebackups", json!({})).await.is_empty());
    let (code, body) = bed.post("kubebackups", json!([good("a"), good("b")])).await;
    assert_eq!((code, body["_items"].as_array().map(Vec::len)), (201, Some(2)));
    assert_eq!(bed.post("kubebackups", Value::Array(vec![])).await.0, 400);
    assert_eq!(bed.post("kubebackups", json!([good("c")])).await.1["name"], "c", "one is answered alone");
    let (code, body) = bed.post("kubebackups", json!([1])).await;
    assert_eq!(
        (code, &body["_issues"]["validation exception"]),
        (422, &json!("'1' is not a document, must be a dict"))
    );
}
