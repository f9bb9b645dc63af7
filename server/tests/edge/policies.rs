//! The library of policies over HTTP: rights, refusals by field, and two people who save.

use crate::stage::{Browser, Stage};
use model::account::Role::{Operator, Viewer};
use serde_json::{Value, json};

fn gold() -> Value {
    json!({
        "name": "Gold", "zone": "Europe/Zurich", "rpo": "24", "rpo_unit": "hours",
        "tiers": [{"cron": "30 2 * * *", "keep_for": "14", "keep_unit": "days"}],
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut draft = gold();
    change(&mut draft);
    draft
}

async fn call(browser: &Browser, path: &str, body: Value) -> (u16, Value) {
    let answer = browser.call(&format!("/api/policies/{path}"), &body).await;
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn two_people_save_and_the_second_is_told() {
    let stage = Stage::new().await;
    let (otto, vera) = (stage.signed_in("otto", Operator).await, stage.signed_in("vera", Viewer).await);
    let (status, id) = call(&otto, "create", json!({"draft": gold()})).await;
    assert_eq!(status, 200, "{id}");
    let (status, list) = call(&vera, "list", json!({})).await;
    assert_eq!((status, &list["rows"][0]["policy"]["name"]), (200, &json!("Gold")));
    assert_eq!(list["rows"][0]["rollout"], json!({"all": 0, "applied": 0, "waiting": 0, "failed": 0}));
    let (status, view) = call(&vera, "read", json!({"id": id})).await;
    assert_eq!((status, &view["draft"]["tiers"][0]["cron"]), (200, &json!("30 2 * * *")));

    let weekly = with(|draft| draft["tiers"][0]["cron"] = json!("30 2 * * 0"));
    let save = |draft: &Value| json!({"id": id, "version": 1, "draft": draft});
    assert_eq!(call(&vera, "change", save(&weekly)).await.0, 403);
    assert_eq!(call(&stage.browser(), "change", save(&weekly)).await.0, 401);
    assert_eq!(call(&otto, "change", save(&weekly)).await.0, 200);
    let (status, error) = call(&otto, "change", save(&gold())).await;
    assert_eq!((status, &error["kind"]), (409, &json!("conflict")));
    assert!(error["message"].as_str().unwrap().contains("otto saved version 2"), "{error}");
    assert_eq!(call(&vera, "delete", json!({"id": id})).await.0, 403);
    assert_eq!(call(&otto, "delete", json!({"id": id})).await.0, 200);
    assert_eq!(call(&otto, "read", json!({"id": id})).await.0, 404);
    stage.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_never_breaks() {
    let stage = Stage::new().await;
    let otto = stage.signed_in("otto", Operator).await;
    let cases = [
        ("no name", with(|d| d["name"] = json!("  ")), "name"),
        ("a long name", with(|d| d["name"] = json!("x".repeat(61))), "name"),
        ("a name with a control character", with(|d| d["name"] = json!("a\u{0}b")), "name"),
        ("no tier", with(|d| d["tiers"] = json!([])), "tiers"),
        ("an RPO of zero", with(|d| d["rpo"] = json!("0")), "rpo"),
        ("an RPO in words", with(|d| d["rpo"] = json!("a day")), "rpo"),
        ("an absurd RPO", with(|d| d["rpo"] = json!("99999999999999999999")), "rpo"),
        ("no such zone", with(|d| d["zone"] = json!("Europe/Zuerich")), "zone"),
        ("a zone with a trick", with(|d| d["zone"] = json!("../../etc/passwd")), "zone"),
        ("no cron", with(|d| d["tiers"][0]["cron"] = json!("")), "tiers.0.cron"),
        ("a day that never comes", with(|d| d["tiers"][0]["cron"] = json!("0 0 30 2 *")), "tiers.0.cron"),
        ("nothing kept", with(|d| d["tiers"][0]["keep_for"] = json!("")), "tiers.0.keep_for"),
        ("kept for no time", with(|d| d["tiers"][0]["keep_for"] = json!("0")), "tiers.0.keep_for"),
        ("kept for ever and ever", with(|d| d["tiers"][0]["keep_for"] = json!("4000000000")), "tiers.0.keep_for"),
        ("a negative number", with(|d| d["tiers"][0]["keep_last"] = json!("-1")), "tiers.0.keep_last"),
        (
            "overlapping tiers",
            with(|d| {
                let tier = d["tiers"][0].clone();
                d["tiers"].as_array_mut().unwrap().push(tier);
            }),
            "tiers.1.cron",
        ),
    ];
    for (what, draft, field) in cases {
        let (status, error) = call(&otto, "create", json!({"draft": draft})).await;
        assert_eq!(status, 422, "{what}: {error}");
        let fields = error["fields"].as_array().unwrap();
        assert!(fields.iter().any(|error| error["path"] == field), "{what}: {error}");
        assert!(fields.iter().all(|error| error["sentence"] != ""), "{what}: {error}");
        let (status, impact) = call(&otto, "impact", json!({"id": null, "draft": draft})).await;
        assert_eq!(status, 200, "{what}: {impact}");
        assert!(impact["errors"].as_array().unwrap().iter().any(|error| error["path"] == field), "{what}: {impact}");
    }
    assert_eq!(call(&otto, "list", json!({})).await.1["rows"], json!([]), "nothing was saved");

    assert_eq!(call(&otto, "create", json!({"draft": gold()})).await.0, 200);
    let (status, error) = call(&otto, "create", json!({"draft": gold()})).await;
    assert_eq!((status, &error["fields"][0]["path"]), (422, &json!("name")));
    let follows = json!({"draft": {"name": "shop", "connection": "none", "follows": "none"}});
    let answer = otto.call("/api/definitions/create", &follows).await;
    assert_eq!(answer.status(), 422);
    for broken in [json!({}), json!({"draft": []}), json!({"draft": {"tiers": "x"}}), json!({"draft": {"rpo": 24}})] {
        let (status, error) = call(&otto, "create", broken.clone()).await;
        assert_eq!((status, &error["kind"]), (422, &json!("invalid")), "{broken}: {error}");
    }
    stage.stop().await;
}
