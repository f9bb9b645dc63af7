//! What every answer looks like: the captured documents of the vendor, field by field.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, editable, keys, split, word};

#[tokio::test]
async fn answers_a_snapshot_definition_as_captured() {
    let bed = Bed::new().await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let policy = bed.id("policies", "gold-daily").await;
    let body = json!({"source": {"all_namespaces": true, "snapshotPersistentVolumes": true}, "cluster": cluster, "pre_hooks": [],
        "post_hooks": [], "policy": policy, "name": "snap_with_policy", "trigger_type": "SCHEDULED"});
    let answer = bed.request(Method::POST, "kubebackups").json(&body).send().await.unwrap();
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let (code, made) = split(answer).await;
    assert_eq!(code, 201);
    assert_eq!(
        keys(&made),
        [
            "_created",
            "_etag",
            "_id",
            "_links",
            "_status",
            "_updated",
            "cc_user_email",
            "cluster",
            "name",
            "pause",
            "policy",
            "post_hooks",
            "pre_hooks",
            "source",
            "trigger_type"
        ],
        "no status in it"
    );
    let id = word(&made, "_id");
    assert_eq!(
        made["source"],
        json!({"all_namespaces": true, "snapshotPersistentVolumes": true, "snapshot_longhorn": true})
    );
    assert_eq!((&made["pause"], &made["_status"]), (&json!(false), &json!("OK")));
    assert_eq!(
        (&made["_created"], &made["_updated"]),
        (&json!("Sat, 03 Oct 2026 12:00:00 GMT"), &json!("Sat, 03 Oct 2026 12:00:00 GMT"))
    );
    assert_eq!((id.len(), word(&made, "_etag").len()), (24, 40));
    assert_eq!(
        made["_links"],
        json!({"self": {"title": "Kubebackup", "href": format!("/v1/kubebackups/{id}")}, "related": {
            "cluster": {"title": "Kubecluster", "href": format!("/v1/kubeclusters/{cluster}")},
            "policy": {"title": "policy", "href": format!("/v1/policies/{policy}")}}})
    );
    assert!(place.ends_with(&format!("/s/t/cloudcasa/api/v1/v1/kubebackups/{id}")), "{place}");
    // Links can't be followed.
    let answer = bed.client.get(format!("{}/s/t/cloudcasa/v1/kubebackups/{id}", bed.base)).bearer_auth("sim-t-token");
    assert_eq!(answer.send().await.unwrap().status(), 404);
    let read = bed.get(&format!("kubebackups/{id}")).await;
    assert!(read.get("_status").is_none());
    assert_eq!(read["_links"]["parent"], json!({"title": "home", "href": "/"}));
    assert_eq!(read["_links"]["collection"], json!({"title": "/v1/kubebackups", "href": "v1/kubebackups"}));
    assert_eq!(read["_etag"], made["_etag"]);
}

#[tokio::test]
async fn answers_a_copy_definition_as_captured() {
    let bed = Bed::new().await;
    let backup = bed.definition("test_manual_backup_nopolicy").await;
    let body = json!({"delete_snapshots": false, "options": {}, "offload_provider": {"type": "aws", "region": "us-east-2"},
        "trigger_type": "ADHOC", "run_backup": false, "name": "test_manual_backup_nopolicy", "backupdef": backup});
    let made = bed.create("kubeoffloads", body).await;
    assert_eq!(
        keys(&made),
        [
            "_created",
            "_etag",
            "_id",
            "_links",
            "_status",
            "_updated",
            "backupdef",
            "cc_user_email",
            "cluster",
            "delete_snapshots",
            "name",
            "offload_provider",
            "options",
            "pause",
            "run_backup",
            "skip_live_copy",
            "snapshot_longhorn",
            "trigger_type"
        ]
    );
    assert_eq!((&made["skip_live_copy"], &made["snapshot_longhorn"]), (&json!(false), &json!(true)));
    assert_eq!(word(&made, "cluster"), bed.id("kubeclusters", "prod-fra").await);
    assert_eq!(keys(&made["_links"]["related"]), ["backupdef", "cluster"]);
    // Without its own word, snapshots are deleted.
    let second = bed.create("kubeoffloads", json!({"name": "second", "backupdef": backup})).await;
    assert_eq!((&second["delete_snapshots"], &second["trigger_type"]), (&json!(true), &json!("SCHEDULED")));
    // An oddity of the guide: the answer denies what was sent and stored.
    bed.command("options", json!({"denies_run_backup": true}));
    let third = bed.create("kubeoffloads", json!({"name": "third", "backupdef": backup, "run_backup": true})).await;
    assert_eq!(third["run_backup"], false);
    assert_eq!(bed.get(&format!("kubeoffloads/{}", word(&third, "_id"))).await["run_backup"], true);
}

#[tokio::test]
async fn running_answers_the_definition_and_no_job() {
    let bed = Bed::new().await;
    let (_, copy) = bed.pair("shop", None).await;
    let answer = bed.run("kubeoffloads", &copy).await;
    assert_eq!(word(&answer, "_id"), copy);
    assert!(answer.get("_status").is_none() && answer.get("job").is_none());
    assert_eq!(
        answer["_links"]["collection"],
        json!({"title": "/v1/kubeoffloads", "href": format!("v1/kubeoffloads/{copy}/action/run")})
    );
    assert_eq!(answer["_links"]["parent"]["title"], "home");
    let bed = Bed::with(json!({"run_code": 201})).await;
    let backup = bed.definition("a").await;
    assert_eq!(bed.post(&format!("kubebackups/{backup}/action/run"), json!({})).await.0, 201);
    // The older form names it in the body.
    let older = json!({"backup": backup, "retention": {"retainDays": 3, "numAlwaysRetain": 1}, "runBackup": true});
    let (code, answer) = bed.post("runkubebackup", older).await;
    assert_eq!((code, word(&answer, "_id")), (201, backup));
    assert_eq!(bed.post("runkubeoffload", json!({})).await.1["_issues"], json!({"offload": "required field"}));
}

#[tokio::test]
async fn references_are_ids_or_documents() {
    let bed = Bed::new().await;
    let (backup, _) = bed.pair("shop", None).await;
    let path = |embedded: &str| format!("kubebackups/{backup}?embedded={embedded}");
    let plain = bed.get(&path("%7B%22policy%22%3A1%7D")).await;
    assert!(plain["cluster"].is_string() && plain["copydef"].is_string());
    let rich = bed.get(&path("%7B%22cluster%22%3A1%2C%22copydef%22%3A1%7D")).await;
    assert_eq!((&rich["cluster"]["name"], &rich["copydef"]["name"]), (&json!("prod-fra"), &json!("shop")));
    assert!(rich["cluster"].get("_links").is_none() && rich["_links"]["related"]["cluster"].is_object());
    // What it names may be gone.
    bed.command("remove", json!({"collection": "kubeoffloads", "id": "shop"}));
    assert!(bed.get(&path("%7B%22copydef%22%3A1%7D")).await["copydef"].is_string());
    assert_eq!(bed.send(Method::GET, &path("%5B%5D"), "", &Value::Null).await.0, 400);
}

#[tokio::test]
async fn projections_keep_the_envelope() {
    let bed = Bed::new().await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let some =
        bed.get(&format!("kubeclusters/{cluster}?projection=%7B%22name%22%3A1%2C%22status.state%22%3A1%7D")).await;
    assert_eq!(keys(&some), ["_created", "_etag", "_id", "_links", "_updated", "name", "status"]);
    assert_eq!(some["status"], json!({"state": "ACTIVE"}));
    let rest = bed.get(&format!("kubeclusters/{cluster}?projection=%7B%22status%22%3A0%7D")).await;
    assert!(rest.get("status").is_none() && rest.get("metrics").is_some());
}

#[tokio::test]
async fn answers_xml_to_whoever_puts_it_first() {
    let bed = Bed::new().await;
    let read = async |accept: &str| {
        let answer = bed.request(Method::GET, "policies").header("accept", accept).send().await.unwrap();
        (answer.headers()["content-type"].to_str().unwrap().to_owned(), answer.text().await.unwrap())
    };
    let (media, text) = read("application/xml").await;
    assert_eq!(media, "application/xml; charset=utf-8");
    assert!(text.starts_with("<resource ") && text.contains("<name>gold-daily</name>"), "{text}");
    assert_eq!(read("application/json").await.0, "application/json");
    assert_eq!(read("*/*").await.0, "application/json");
}

#[tokio::test]
async fn knows_an_unchanged_document() {
    let bed = Bed::new().await;
    let path = format!("policies/{}", bed.id("policies", "gold-daily").await);
    let (etag, _) = editable(bed.get(&path).await);
    let answer = bed.request(Method::GET, &path).header("if-none-match", format!("\"{etag}\"")).send().await.unwrap();
    assert_eq!(answer.status(), 304);
    let answer = bed.request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["etag"].to_str().unwrap()),
        (200, format!("\"{etag}\"").as_str())
    );
    let home = bed.get("").await;
    assert!(home["_links"]["child"].as_array().unwrap().contains(&json!({"title": "/v1/jobs", "href": "v1/jobs"})));
}
