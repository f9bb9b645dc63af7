//! What the server refuses, and where it puts the blame.

use serde_json::{Value, json};

use crate::bed::{Bed, editable, word};

async fn issues(bed: &Bed, resource: &str, body: Value) -> Value {
    let (code, answer) = bed.post(resource, body).await;
    assert_eq!(code, 422, "{answer}");
    let message = json!({"code": 422, "message": "Insertion failure: 1 document(s) contain(s) error(s)"});
    assert_eq!((&answer["_status"], &answer["_error"]), (&json!("ERR"), &message));
    answer["_issues"].clone()
}

fn daily(retain: i64) -> Value {
    json!({"retainDays": retain, "schedule": {"cronSpec": "0 2 * * *"}})
}

#[tokio::test]
async fn findings_are_sentences_lists_and_objects() {
    let bed = Bed::new().await;
    let found = issues(
        &bed,
        "kubebackups",
        json!({"name": "x", "cluster": null, "source": {"namespaces": ["a", 1]}, "colour": 1}),
    )
    .await;
    assert_eq!(
        found,
        json!({"cluster": ["value 'None' must exist in resource 'kubeclusters', field '_id'.", "null value not allowed"],
            "source": {"namespaces": {"1": "must be of string type"}}, "colour": "unknown field"})
    );
    assert_eq!(
        issues(&bed, "policies", json!({"name": "gold-daily", "schedules": [daily(7)]})).await,
        json!({"name": "value 'gold-daily' is not unique"})
    );
    // PUT and PATCH say it without an `_error`.
    let path = format!("policies/{}", bed.id("policies", "weekdays").await);
    let (etag, _) = editable(bed.get(&path).await);
    let (code, answer) = bed.patch(&path, &etag, json!({"name": "gold-daily"})).await;
    assert_eq!(
        (code, answer),
        (422, json!({"_status": "ERR", "_issues": {"name": "value 'gold-daily' is not unique"}}))
    );
}

#[tokio::test]
async fn policies_need_schedules_that_can_be_read() {
    let bed = Bed::new().await;
    assert_eq!(
        issues(&bed, "policies", json!({"name": "p", "schedules": []})).await,
        json!({"schedules": "min length is 1"})
    );
    assert_eq!(
        issues(&bed, "policies", json!({"name": "p", "timezone": "Mars/Olympus", "schedules": [daily(7)]})).await,
        json!({"timezone": "unallowed value Mars/Olympus"})
    );
    let bad = json!({"retainDays": 7, "schedule": {"minute": "99", "hour": "2", "dayOfMonth": "*", "month": "*", "dayOfWeek": "*"}});
    assert_eq!(
        issues(&bed, "policies", json!({"name": "p", "schedules": [daily(7), bad]})).await,
        json!({"schedules": {"1": {"schedule": "invalid cron expression '99 2 * * *'"}}})
    );
    assert_eq!(
        issues(
            &bed,
            "policies",
            json!({"name": "p", "schedules": [{"retainDays": 0, "numAlwaysRetain": 31, "schedule": {}}]})
        )
        .await,
        json!({"schedules": {"0": {"retainDays": "min value is 1", "numAlwaysRetain": "max value is 30"}}})
    );
    let made = bed
        .create("policies", json!({"name": "p", "schedules": [{"schedule": {"cronSpec": "0 2 * * MON,fri"}}]}))
        .await;
    assert_eq!(
        (&made["timezone"], &made["schedules"][0]),
        (
            &json!("UTC"),
            &json!({"retainDays": 7, "numAlwaysRetain": 0, "locked": false, "schedule": {"cronSpec": "0 2 * * MON,fri"}})
        )
    );
}

#[tokio::test]
async fn the_free_plan_is_smaller() {
    let bed = Bed::with(json!({"free_plan": true})).await;
    let hourly = json!({"retainDays": 7, "schedule": {"cronSpec": "0 */6 * * *"}});
    assert_eq!(
        issues(&bed, "policies", json!({"name": "p", "schedules": [hourly]})).await,
        json!({"schedules": "Schedules more frequent than daily are not allowed for free accounts"})
    );
    let locked = json!({"retainDays": 31, "locked": true, "schedule": {"cronSpec": "0 2 * * *"}});
    assert_eq!(
        issues(&bed, "policies", json!({"name": "p", "schedules": [locked]})).await["schedules"]["0"]["retainDays"],
        "max value is 30"
    );
    bed.create("policies", json!({"name": "p", "schedules": [daily(30)]})).await;
}

#[tokio::test]
async fn definitions_keep_their_cluster_and_may_need_a_policy() {
    let bed = Bed::with(json!({"needs_policy": true})).await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let body = json!({"name": "a", "cluster": cluster, "source": {}});
    assert_eq!(issues(&bed, "kubebackups", body).await, json!({"policy": "required field"}));
    let path = format!("kubebackups/{}", bed.definition("a").await);
    let (etag, mut body) = editable(bed.get(&path).await);
    body["cluster"] = bed.id("kubeclusters", "staging").await.into();
    let (code, answer) = bed.put(&path, &etag, body).await;
    assert_eq!((code, &answer["_issues"]), (422, &json!({"cluster": "field is read-only"})));
    assert_eq!(
        issues(&bed, "kubeoffloads", json!({"name": "c", "trigger_type": "ADHOC"})).await,
        json!({"backupdef": "required field"})
    );
    assert_eq!(
        issues(&bed, "kubeoffloads", json!({"name": "c", "trigger_type": "ADHOC", "backupdef": "nonsense"})).await,
        json!({"backupdef": "must be of objectid type"})
    );
}

fn store(name: &str, bucket: &str, endpoint: &str, secret: &str) -> Value {
    json!({"name": name, "provider_type": "aws", "bucket_name": bucket, "region": "eu", "prefix": "p",
        "s3provider": {"endpoint": endpoint, "credentials": {"access_key": "AKIA", "secret_key": secret}}})
}

#[tokio::test]
async fn storages_are_tried_first_and_keep_their_secrets() {
    let bed = Bed::with(json!({"unreachable_hosts": ["nas.example.com"]})).await;
    for (endpoint, secret, place) in [
        ("https://s3.invalid", "good", "endpoint"),
        ("https://nas.example.com:9000/x", "good", "endpoint"),
        ("https://s3.example.com", "wrong-one", "credentials"),
        ("https://s3.example.com", "", "credentials"),
    ] {
        let found = issues(&bed, "objectstores", store("s", "b", endpoint, secret)).await;
        assert!(found["s3provider"][place].is_string(), "{found}");
    }
    let made = bed.create("objectstores", store("s", "b", "https://s3.example.com", "topsecret")).await;
    assert_eq!(made["validate_state"], "VALIDATING");
    assert!(!made.to_string().contains("topsecret"));
    let path = format!("objectstores/{}", word(&made, "_id"));
    bed.advance(6.0);
    let read = bed.get(&path).await;
    assert_eq!(
        (&read["validate_state"], &read["s3provider"]["credentials"]["access_key"]),
        (&json!("READY"), &json!("AKIA"))
    );
    assert!(!read.to_string().contains("topsecret"));
    // The place must be new, whatever the name.
    assert_eq!(
        issues(&bed, "objectstores", store("s2", "b", "https://elsewhere.example.com", "good")).await,
        json!({"bucket_name": "value 'b' is not unique"})
    );
    // Read, change, write: the secret is gone on the way.
    let (etag, mut body) = editable(read);
    body.as_object_mut().unwrap().remove("validate_state");
    let (code, answer) = bed.put(&path, &etag, body).await;
    assert_eq!(
        (code, &answer["_issues"]),
        (422, &json!({"s3provider": {"credentials": "Unable to locate credentials"}}))
    );
}

#[tokio::test]
async fn private_storages_wait_for_their_agent() {
    let bed = Bed::new().await;
    let mut body = store("p", "b", "https://minio.inside", "good");
    body["private"] = true.into();
    assert_eq!(issues(&bed, "objectstores", body.clone()).await, json!({"proxy_cluster_list": "required field"}));
    let dr = bed.id("kubeclusters", "dr-ams").await;
    let fra = bed.id("kubeclusters", "prod-fra").await;
    body["proxy_cluster_list"] = json!([dr, fra]);
    assert_eq!(issues(&bed, "objectstores", body.clone()).await, json!({"proxy_cluster_list": "max length is 1"}));
    body["proxy_cluster_list"] = json!([dr]);
    let path = format!("objectstores/{}", word(&bed.create("objectstores", body).await, "_id"));
    bed.advance(86_400.0);
    assert_eq!(bed.get(&path).await["validate_state"], "VALIDATING");
    bed.command("agent", json!({"cluster": "dr-ams", "do": "install"}));
    bed.advance(200.0);
    assert_eq!(bed.get(&path).await["validate_state"], "READY");
}

#[tokio::test]
async fn what_is_used_stays() {
    let bed = Bed::new().await;
    let policy = bed.id("policies", "gold-daily").await;
    let (backup, copy) = bed.pair("shop", Some(&policy)).await;
    for path in [format!("policies/{policy}"), format!("kubebackups/{backup}")] {
        let (code, body) = bed.delete(&path, "").await;
        assert_eq!(code, 409);
        assert!(body["_error"]["message"].as_str().unwrap().contains("'shop'"));
    }
    let (old, _) = editable(bed.get(&format!("kubebackups/{backup}")).await);
    assert_eq!(bed.delete(&format!("kubeoffloads/{copy}"), "").await.0, 204);
    let after = bed.get(&format!("kubebackups/{backup}")).await;
    assert!(after.get("copydef").is_none() && after.get("copy_policy").is_none());
    assert_eq!(bed.delete(&format!("kubebackups/{backup}"), &old).await.0, 412, "that was a change");
    assert_eq!(bed.delete(&format!("kubebackups/{backup}"), "").await.0, 204);
    assert_eq!(bed.delete(&format!("policies/{policy}"), "").await.0, 204);
}
