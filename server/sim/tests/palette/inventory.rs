//! What a console lists: workspaces and clusters, in pages and in the forms of several releases.

use serde_json::{Value, json};

use crate::bed::Bed;

#[tokio::test]
async fn dashboard_items_come_in_three_forms() {
    for (form, metadata, meta) in [("both", true, true), ("metadata", true, false), ("meta", false, true)] {
        let bed = Bed::with(json!({"dashboard": form})).await;
        let list = bed.get("/v1/dashboard/workspaces").await.body;
        let shop = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["metadata"]["name"] == "shop" || item["meta"]["name"] == "shop");
        let shop = shop.unwrap();
        assert_eq!((shop.get("metadata").is_some(), shop.get("meta").is_some()), (metadata, meta), "{form}");
        let uid = bed.uid("workspaces", "shop");
        assert!(!metadata || shop["metadata"]["uid"] == uid);
        assert!(!meta || (shop["meta"]["uid"] == uid && shop["meta"]["clusterNames"][0] == "prod-eu-1"));
        assert_eq!(shop["spec"]["namespaces"], json!(["checkout", "checkout-db", "web", "orders"]));
        assert_eq!(list["cpuUnit"], "cores");
    }
}

#[tokio::test]
async fn clusters_come_in_pages_of_at_most_fifty() {
    let bed = Bed::with(json!({"estate": "fleet", "fleet": {"workspaces": 1, "clusters": 120, "requests": 0}})).await;
    let path = "/v1/dashboard/spectroclusters/filters/workspace";
    for (query, by) in [("", "continue"), ("limit=50", "offset"), ("limit=100000", "continue"), ("limit=7", "both")] {
        let mut seen: Vec<String> = Vec::new();
        let mut next = String::new();
        let mut pages = 0;
        loop {
            let page = bed.get(&format!("{path}?{query}{next}")).await;
            assert_eq!(page.code, 200);
            let meta = page.body["listmeta"].clone();
            assert_eq!(meta["count"], 120);
            let items = page.body["items"].as_array().unwrap();
            assert!(items.len() <= 50);
            seen.extend(items.iter().map(|item| item["metadata"]["uid"].as_str().unwrap().to_owned()));
            pages += 1;
            let token = meta["continue"].as_str().unwrap();
            if token.is_empty() {
                break;
            }
            next = match by {
                "continue" => format!("&continue={token}"),
                "offset" => format!("&offset={}", meta["offset"]),
                _ => format!("&continue={token}&offset={}", meta["offset"]),
            };
        }
        assert_eq!(pages, if query == "limit=7" { 18 } else { 3 }, "{query}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 120, "{query} {by}");
    }
    for (query, code) in [
        ("limit=x", 400),
        ("limit=-1", 400),
        ("offset=99999999999", 200),
        ("continue=nonsense", 400),
        ("offset=9e9", 400),
    ] {
        assert_eq!(bed.get(&format!("{path}?{query}")).await.code, code, "{query}");
    }
}

#[tokio::test]
async fn clusters_are_searched_and_only_fit_ones_are_eligible() {
    let bed = Bed::new().await;
    let names = |body: &Value| -> Vec<String> {
        body["items"].as_array().unwrap().iter().map(|i| i["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let eligible = bed.get("/v1/dashboard/spectroclusters/filters/workspace").await.body;
    assert_eq!(names(&eligible), ["edge-basel-1", "edge-geneva-1", "edge-zurich-1", "prod-eu-1", "prod-eu-2"]);
    assert_eq!(eligible["items"][0]["status"]["health"], json!({"state": "UnHealthy", "isHeartBeatFailed": true}));
    bed.control("cluster", json!({"cluster": "edge-bern-1"})).await;
    bed.control("cluster", json!({"cluster": "edge-basel-1", "gone": true})).await;
    let eligible = bed.get("/v1/dashboard/spectroclusters/filters/workspace").await.body;
    assert_eq!(names(&eligible)[..2], ["edge-bern-1", "edge-geneva-1"]);
    let metadata = bed.get("/v1/dashboard/spectroclusters/metadata").await.body;
    assert_eq!(
        (metadata["items"].as_array().unwrap().len(), &metadata["items"][0]["name"]),
        (7, &json!("edge-bern-1"))
    );
    let search = "/v1/dashboard/spectroclusters/search";
    let filter = |operator: &str, value: &str, negation: bool| {
        json!({"filter": {"conjunction": "and", "filterGroups": [{"conjunction": "and", "filters": [{"property": "clusterName",
            "type": "string", "condition": {"string": {"operator": operator, "negation": negation, "ignoreCase": true,
            "match": {"conjunction": "or", "values": [value]}}}}]}]}, "sort": [{"field": "clusterName", "order": "desc"}]})
    };
    let found = bed.post(search, &filter("contains", "prod", false)).await;
    assert_eq!(names(&found.body), ["prod-eu-2", "prod-eu-1"]);
    assert_eq!(names(&bed.post(search, &filter("eq", "prod-eu-1", true)).await.body).len(), 6);
    assert_eq!(names(&bed.post(search, &json!({})).await.body).len(), 7);
    let unknown = json!({"filter": {"filterGroups": [{"filters": [{"property": "colour"}]}]}});
    assert_eq!(bed.post(search, &unknown).await.code, 400);
    let cluster = bed.get(&format!("/v1/spectroclusters/{}", bed.uid("clusters", "staging-1"))).await.body;
    assert_eq!(
        (cluster["kind"].as_str(), cluster["status"]["state"].as_str()),
        (Some("SpectroCluster"), Some("Provisioning"))
    );
}

#[tokio::test]
async fn workspaces_are_made_changed_and_deleted() {
    let bed = Bed::new().await;
    let clusters = [bed.uid("clusters", "prod-eu-1")];
    let body = json!({"metadata": {"name": "returns", "labels": {"team": "shop"}},
        "spec": {"clusterRefs": [{"clusterUid": clusters[0], "clusterName": "prod-eu-1"}],
            "clusterNamespaces": [{"name": "orders", "isRegex": false}],
            "policies": {"backupPolicy": bed.plan(&["prod-eu-1"])}}});
    assert_eq!(bed.get("/v1/workspaces/validate/name?name=returns").await.code, 204);
    let made = bed.post("/v1/workspaces", &body).await;
    assert_eq!(made.code, 201);
    assert_eq!(made.audit.len(), 24);
    assert_eq!(bed.get("/v1/workspaces/validate/name?name=returns").await.code, 409);
    assert_eq!(bed.post("/v1/workspaces", &body).await.code, 409);
    let path = format!("/v1/workspaces/{}", made.body["uid"].as_str().unwrap());
    let stored = bed.get(&path).await.body;
    assert_eq!(stored["spec"]["policies"]["backupPolicy"]["backupConfig"]["backupPrefix"], "shop");
    assert_eq!(stored["spec"]["clusterRefs"][0]["clusterName"], "prod-eu-1");
    assert_eq!(bed.get(&format!("{path}/backup")).await.code, 200, "the policy came inline");
    bed.advance(5.0);
    let renamed = bed.put(&format!("{path}/meta"), &json!({"metadata": {"name": "claims"}})).await;
    assert_eq!(renamed.code, 204);
    let wider = json!({"clusterRefs": [{"clusterUid": clusters[0]}], "clusterNamespaces": [{"name": "orders"}, {"name": "web"}]});
    assert_eq!(bed.put(&format!("{path}/clusterNamespaces"), &wider).await.code, 204);
    let stored = bed.get(&path).await.body;
    assert_eq!(stored["metadata"]["name"], "claims");
    assert_eq!(stored["metadata"]["creationTimestamp"], "2026-10-03T01:59:30.000Z");
    assert_eq!(stored["metadata"]["lastModifiedTimestamp"], "2026-10-03T01:59:35.000Z");
    assert_eq!(stored["spec"]["clusterNamespaces"].as_array().unwrap().len(), 2);
    assert_eq!(bed.delete(&path).await.code, 204);
    assert_eq!(bed.get(&path).await.code, 404);
    let unfit =
        json!({"metadata": {"name": "x"}, "spec": {"clusterRefs": [{"clusterUid": bed.uid("clusters", "tools-1")}]}});
    assert_eq!(bed.post("/v1/workspaces", &unfit).await.code, 400, "a cluster with roles of its own");
    for refs in [json!([{}]), json!([{"clusterUid": "65bb"}]), json!({}), json!([{"clusterUid": 7}])] {
        let body = json!({"metadata": {"name": "x"}, "spec": {"clusterRefs": refs}});
        assert_eq!(bed.post("/v1/workspaces", &body).await.code, 400, "{body}");
    }
}

#[tokio::test]
async fn a_201_may_say_uid_in_capitals_and_lists_may_be_null() {
    let bed = Bed::with(json!({"uid_key": "UID", "empties": "go", "zero_times": true})).await;
    let path = bed.backup_path("shop");
    let made = bed.post(&path, &bed.plan(&["prod-eu-1"])).await;
    assert!(made.body.get("uid").is_none() && made.body["UID"].is_string(), "{made:?}");
    let policy = bed.get(&path).await.body;
    assert_eq!(policy["status"], json!({"workspaceBackupStatuses": null}));
    assert_eq!(policy["metadata"]["deletionTimestamp"], "0001-01-01T00:00:00.000Z");
    assert!(policy["spec"]["config"].get("includeAllClusters").is_none(), "false is left out");
    bed.post(&format!("{path}/onDemand"), &bed.plan(&["prod-eu-1"])).await;
    let entry = bed.get(&path).await.body["status"]["workspaceBackupStatuses"][0].clone();
    let config = &entry["workspaceBackupConfig"];
    assert_eq!(config["backupTime"], "0001-01-01T00:00:00.000Z");
    assert_eq!(config["backupState"], json!({"state": "Pending"}));
    let workspace = bed.get(&format!("/v1/workspaces/{}", bed.uid("workspaces", "shop"))).await.body;
    assert_eq!(workspace["spec"]["clusterRbacs"], Value::Null);
    assert_eq!(workspace["spec"]["clusterNamespaces"][0]["isRegex"], false, "always written");
}
