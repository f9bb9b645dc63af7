//! Workspaces over HTTP: what is wrong comes back as 422 with its fields, a late edit as 409, never as 500.

use crate::stage::Stage;
use model::account::Role;
use serde_json::{Value, json};

fn paths(error: &Value) -> Vec<&str> {
    error["fields"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn malformed_workspaces_are_refused_field_by_field() {
    let stage = Stage::new().await;
    let operator = stage.signed_in("otto", Role::Operator).await;
    let good = json!({"name": "Shop", "rpo": "24", "rpo_unit": "hours", "rules": [{"clusters": "*"}]});
    let with = |key: &str, value: Value| {
        let mut draft = good.clone();
        draft[key] = value;
        draft
    };
    let nul = with("name", json!("Sh\u{0}op"));
    for (draft, expected) in [
        (json!({}), vec!["name", "rpo", "rules"]),
        (with("rpo", json!("0")), vec!["rpo"]),
        (with("rpo", json!("99999999999999999999")), vec!["rpo"]),
        (with("rpo", json!("-1")), vec!["rpo"]),
        (with("rules", json!([])), vec!["rules"]),
        (with("rules", json!([{"connection": "none"}])), vec!["rules.0.connection"]),
        (with("name", json!("x".repeat(500))), vec!["name"]),
        (nul, vec!["name"]),
    ] {
        for (path, body) in
            [("/api/workspaces/create", json!({"draft": draft})), ("/api/workspaces/taken", json!({"draft": draft}))]
        {
            let answer = operator.call(path, &body).await;
            let (status, said): (u16, Value) = (answer.status().as_u16(), answer.json().await.unwrap());
            if path.ends_with("taken") {
                assert_eq!(status, 200, "{draft}: {said}");
                assert_eq!(said["errors"].as_array().unwrap().len(), expected.len(), "{draft}: {said}");
            } else {
                assert_eq!((status, paths(&said)), (422, expected.clone()), "{draft}: {said}");
            }
        }
    }
    let answer = operator.call("/api/workspaces/create", &json!({"draft": good})).await;
    assert_eq!(answer.status(), 200);
    let id: Value = answer.json().await.unwrap();
    let twice = operator.call("/api/workspaces/create", &json!({"draft": good})).await;
    assert_eq!(twice.status(), 422);
    assert_eq!(paths(&twice.json().await.unwrap()), ["name"]);
    let change = |version: i64| json!({"id": id, "version": version, "draft": with("rpo", json!("12"))});
    assert_eq!(operator.call("/api/workspaces/change", &change(1)).await.status(), 200);
    let late = operator.call("/api/workspaces/change", &change(1)).await;
    assert_eq!(late.status(), 409);
    let read: Value =
        operator.call("/api/workspaces/read", &json!({"id": id, "older": "strange"})).await.json().await.unwrap();
    assert_eq!((read["version"].as_i64(), read["row"]["days"].as_array().map(Vec::len)), (Some(2), Some(30)));
    let home: Value = operator.call("/api/workspaces/home", &json!({})).await.json().await.unwrap();
    assert_eq!(home["workspaces"][0]["name"], "Shop");
    assert_eq!(operator.call("/api/workspaces/delete", &json!({"id": id})).await.status(), 200);
    assert_eq!(operator.call("/api/workspaces/delete", &json!({"id": id})).await.status(), 404);
    stage.stop().await;
}
