//! Callers that mean no good: they get the system's errors, never a crash.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, with_query};

/// Values of every kind, the ugly ones included.
fn junk() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(1e308),
        json!(""),
        json!("\u{0}\u{202e}𝕏 ümlaut"),
        json!("x".repeat(5_000)),
        json!("640f71339c9cf6648dc169e1"),
        json!([]),
        json!([[], {}, null]),
        json!({}),
        json!({"$where": 1, "": {"": ""}, "a.b": 1}),
    ]
}

#[tokio::test]
async fn any_value_in_any_field() {
    let bed = Bed::new().await;
    let (backup, point) = bed.with_point("a").await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let policy = json!({"name": "p", "timezone": "UTC", "schedules": [{"retainDays": 7, "schedule": {"cronSpec": "0 2 * * *", "minute": "1"}}]});
    let bases = [
        ("policies", policy),
        (
            "kubebackups",
            json!({"name": "b", "cluster": cluster, "source": {"namespaces": ["web"]}, "policy": "", "copydef": "", "pause": false, "tags": {}}),
        ),
        (
            "kubeoffloads",
            json!({"name": "o", "backupdef": backup, "backup_inst": point, "offload_provider": {}, "options": {}}),
        ),
        (
            "kuberestores",
            json!({"name": "r", "backup_inst": point, "selection": {}, "namespaces_map": {}, "cluster": cluster}),
        ),
        (
            "objectstores",
            json!({"name": "s", "bucket_name": "b", "s3provider": {"endpoint": "x", "credentials": {}}, "proxy_cluster_list": [], "private": true}),
        ),
        ("kubeclusters", json!({"name": "c", "backup_provider": {}})),
        ("kubehooks", json!({"name": "h", "hook": [{"labels": {}, "target": []}]})),
        ("apikeys", json!({"name": "k"})),
    ];
    for (resource, base) in bases {
        for field in base.as_object().unwrap().keys() {
            for value in junk() {
                let mut body = base.clone();
                body[field] = value.clone();
                let (code, answer) = bed.post(resource, body).await;
                assert!(matches!(code, 201 | 400 | 422), "{resource} {field} {value}: {code} {answer}");
                assert!(answer["_status"] == "OK" || answer["_issues"].is_object(), "{answer}");
            }
        }
    }
    for value in junk() {
        let (code, _) = bed
            .post(&format!("kubebackups/{backup}/action/run"), json!({"retention": value, "runBackup": value}))
            .await;
        assert!(matches!(code, 200 | 422), "{value}: {code}");
    }
    for days in [json!(i64::MAX), json!(u64::MAX), json!("9"), json!(1e15)] {
        let body = json!({"retention": {"retainDays": days, "numAlwaysRetain": days}});
        let (code, _) = bed.post(&format!("kubebackups/{backup}/action/run"), body).await;
        assert!(matches!(code, 200 | 422), "{days}: {code}");
        let body = json!({"retention": {"retainDays": days}});
        bed.post(&format!("kubebackups/{backup}/action/run"), body).await;
        bed.advance(100.0);
    }
    // Whatever was taken has to live.
    for _ in 0..20 {
        bed.advance(7_200.0);
    }
    bed.get("jobs").await;
}

#[tokio::test]
async fn any_text_in_any_place() {
    let bed = Bed::with(json!({"extra_jobs": 30})).await;
    let long = "9".repeat(400);
    let texts = [
        "",
        " ",
        "[",
        "{\"a\":",
        "{}",
        "[]",
        "null",
        "\"",
        "-1",
        "1e999",
        long.as_str(),
        "{\"$and\":[{}]}",
        "{\"a\":{\"$in\":[[]]}}",
        "𝕏",
        "{\"\":1}",
        "{\"a..b\":1}",
        "[(\"a\", \"b\")]",
        "(((((",
    ];
    for parameter in ["where", "sort", "page", "max_results", "projection", "embedded", "aggregate"] {
        for text in texts {
            for resource in ["jobs", "policies"] {
                let path = with_query(resource, &[(parameter, text)]);
                let (code, body) = bed.send(Method::GET, &path, "", &Value::Null).await;
                assert!(matches!(code, 200 | 400), "{parameter}={text}: {code} {body}");
            }
        }
    }
    let deep = format!("{}1{}", "{\"$and\":[".repeat(100), "]}".repeat(100));
    let path = with_query("jobs", &[("where", &deep)]);
    assert_eq!(bed.send(Method::GET, &path, "", &Value::Null).await.0, 400);
    for path in [
        "%00",
        "%ff",
        "..%2f..",
        "jobs/%20",
        "jobs//x",
        "𝕏",
        "kubebackups/x/action/run",
        "kubebackups/640f71339c9cf6648dc169e1/action/run/x",
    ] {
        let (code, body) = bed.send(Method::GET, path, "", &Value::Null).await;
        assert!(matches!(code, 404 | 405), "{path}: {code} {body}");
    }
    for method in [Method::TRACE, Method::from_bytes(b"BREW").unwrap()] {
        assert_eq!(bed.send(method, "jobs", "", &Value::Null).await.0, 405);
    }
    for header in ["if-match", "if-none-match", "accept", "if-modified-since"] {
        let answer = bed.request(Method::GET, "jobs").header(header, "W/\"\";;q=,").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{header}");
    }
}

#[tokio::test]
async fn documents_that_a_test_left_in_any_state() {
    let bed = Bed::new().await;
    let (backup, _) = bed.pair("shop", None).await;
    for value in junk() {
        for (resource, id, field) in [
            ("kubebackups", backup.as_str(), "source"),
            ("kubebackups", &backup, "status"),
            ("kubeoffloads", "shop", "status"),
            ("policies", "gold-daily", "schedules"),
        ] {
            bed.command("edit", json!({"collection": resource, "id": id, "set": {field: value}}));
        }
        bed.run("kubebackups", &backup).await;
        bed.advance(90.0);
        bed.get("kubebackups").await;
    }
}
