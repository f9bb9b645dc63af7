//! Pages, filters and orders.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, with_query};

async fn page(bed: &Bed, resource: &str, query: &[(&str, &str)]) -> (u16, Value) {
    bed.send(Method::GET, &with_query(resource, query), "", &Value::Null).await
}

fn names(body: &Value) -> Vec<&str> {
    body["_items"].as_array().unwrap().iter().map(|doc| doc["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_hold_twenty_five_and_fifty_at_most() {
    let bed = Bed::with(json!({"extra_jobs": 137})).await;
    let (_, first) = page(&bed, "jobs", &[]).await;
    assert_eq!(first["_meta"], json!({"page": 1, "max_results": 25, "total": 137}));
    assert_eq!(first["_items"].as_array().unwrap().len(), 25);
    assert_eq!(first["_links"]["next"], json!({"title": "next page", "href": "v1/jobs?page=2"}));
    assert_eq!(first["_links"]["last"]["href"], "v1/jobs?page=6");
    assert!(first["_links"].get("prev").is_none());
    // More than fifty is not honoured, and not said either.
    let (_, large) = page(&bed, "jobs", &[("max_results", "1000")]).await;
    assert_eq!(large["_meta"], json!({"page": 1, "max_results": 50, "total": 137}));
    let mut seen = std::collections::BTreeSet::new();
    for number in 1..=3 {
        let (_, body) =
            page(&bed, "jobs", &[("max_results", "50"), ("page", &number.to_string()), ("sort", "-start_time")]).await;
        assert_eq!(body["_links"].get("next").is_some(), number < 3);
        for doc in body["_items"].as_array().unwrap() {
            assert!(seen.insert(doc["_id"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(seen.len(), 137);
    let (code, beyond) = page(&bed, "jobs", &[("page", "99")]).await;
    assert_eq!((code, beyond["_items"].as_array().unwrap().len()), (200, 0));
    assert_eq!(beyond["_meta"], json!({"page": 99, "max_results": 25, "total": 137}));
    for (name, value) in
        [("page", "0"), ("page", "x"), ("max_results", "0"), ("max_results", "-3"), ("max_results", "x")]
    {
        let (code, body) = page(&bed, "jobs", &[(name, value)]).await;
        assert_eq!(
            (code, &body["_meta"]),
            (200, &json!({"page": 1, "max_results": 25, "total": 137})),
            "{name}={value}"
        );
    }
    let bed = Bed::with(json!({"extra_jobs": 137, "page_limit": 200})).await;
    assert_eq!(page(&bed, "jobs", &[("max_results", "1000")]).await.1["_items"].as_array().unwrap().len(), 137);
    let answer = bed.request(Method::GET, "jobs").send().await.unwrap();
    assert_eq!(answer.headers()["x-total-count"], "137");
    assert_eq!(answer.headers()["last-modified"], "Mon, 28 Sep 2026 19:00:00 GMT");
}

#[tokio::test]
async fn filters_by_value_set_range_and_presence() {
    let bed = Bed::new().await;
    let list = async |filter: &str| page(&bed, "policies", &[("where", filter), ("sort", "name")]).await;
    for (filter, expected) in [
        (r#"{"name":"gold-daily"}"#, vec!["gold-daily"]),
        (r#"{"name":{"$in":["gold-daily","weekdays","none"]}}"#, vec!["gold-daily", "weekdays"]),
        (
            r#"{"name":{"$nin":["gold-daily","weekdays"]},"timezone":"UTC"}"#,
            vec!["bronze-weekly", "locked-monthly", "six-hourly"],
        ),
        (r#"{"schedules.retainDays":{"$gt":80,"$lt":100}}"#, vec!["gold-daily"]),
        (r#"{"schedules.locked":true}"#, vec!["locked-monthly"]),
        (r#"{"status":{"$exists":true}}"#, vec![]),
        (r#"{"$or":[{"name":"weekdays"},{"schedules":{"$size":2}}]}"#, vec!["gold-daily", "weekdays"]),
        (r#"{"_updated":{"$gt":"Sat, 03 Oct 2026 00:00:00 GMT"}}"#, vec![]),
        (r#"{"_updated":{"$gt":1}}"#, vec![]),
        (r#"{"unknown":1}"#, vec![]),
    ] {
        let (code, body) = list(filter).await;
        assert_eq!(code, 200, "{filter}");
        assert_eq!(names(&body), expected, "{filter}");
    }
    for filter in [
        "{nope",
        "[]",
        "5",
        r#"{"$where":"1"}"#,
        r#"{"name":{"$regex":"gold"}}"#,
        r#"{"name":{"$nearby":1}}"#,
        r#"{"name":{"$in":"gold"}}"#,
    ] {
        let (code, body) = list(filter).await;
        assert_eq!((code, &body["_error"]["code"], &body["_status"]), (400, &json!(400), &json!("ERR")), "{filter}");
    }
}

#[tokio::test]
async fn sorts_as_asked() {
    let bed = Bed::new().await;
    let (_, body) = page(&bed, "policies", &[("sort", "-timezone,name"), ("max_results", "3")]).await;
    assert_eq!(names(&body), ["bronze-weekly", "locked-monthly", "six-hourly"]);
    let (_, body) = page(&bed, "policies", &[("sort", "[(\"name\", -1)]"), ("max_results", "1")]).await;
    assert_eq!(names(&body), ["weekdays"]);
    assert_eq!(page(&bed, "policies", &[("sort", "-")]).await.0, 400);
}

#[tokio::test]
async fn inventory_rows_of_recovery_points_stand_beside_the_live_ones() {
    let bed = Bed::new().await;
    let cluster = bed.id("kubeclusters", "prod-fra").await;
    let live = json!({"cluster_id": cluster, "backupinst_id": {"$exists": false}});
    let before = bed.find("kubenamespaces", live.clone()).await.len();
    let (_, point) = bed.with_point("shop").await;
    assert_eq!(bed.find("kubenamespaces", json!({"cluster_id": cluster})).await.len(), before + 2);
    assert_eq!(bed.find("kubenamespaces", live).await.len(), before);
    assert_eq!(bed.find("kubenamespaces", json!({"backupinst_id": point})).await.len(), 2);
    let claims = bed.find("kubepvclaims", json!({"cluster_id": cluster, "namespace_name": "payments-db"})).await;
    assert_eq!((claims.len(), &claims[0]["allocated_size"]), (2, &json!(50_i64 << 30)));
}
