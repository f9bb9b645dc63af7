//! Keys, tokens, scope, limits, and errors from outside.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, split};

#[tokio::test]
async fn a_key_is_needed_and_told_apart() {
    let bed = Bed::new().await;
    let me = |request: reqwest::RequestBuilder| async { split(request.send().await.unwrap()).await };
    let health = me(bed.bare(Method::GET, "/v1/health")).await;
    assert_eq!((health.code, &health.body), (200, &json!({"healthy": true})));
    for header in [None, Some("sim-u-token"), Some("sim-t-token ")] {
        let mut request = bed.bare(Method::GET, "/v1/users/me");
        if let Some(key) = header {
            request = request.header("ApiKey", key);
        }
        let answer = me(request).await;
        // Trailing blanks are no part of a header's value.
        let good = header == Some("sim-t-token ");
        assert_eq!(answer.code, if good { 200 } else { 401 }, "{header:?}");
        if !good {
            assert_eq!(answer.body["code"], "Unauthorized");
            assert!(answer.body["details"].is_object() && answer.body["ref"].is_string());
            assert!(!answer.body.to_string().contains("sim-"), "{}", answer.body);
        }
    }
    let bearer = me(bed.bare(Method::GET, "/v1/users/me").bearer_auth("sim-t-token")).await;
    assert_eq!(bearer.code, 401);
    bed.control("options", json!({"key_expired": true})).await;
    let expired = me(bed.tenant(Method::GET, "/v1/users/me")).await;
    assert_eq!((expired.code, expired.body["message"].as_str()), (401, Some("The API key has expired")));
    bed.control("options", json!({"key_expired": false, "forbidden": ["GET /users/me"]})).await;
    assert_eq!(me(bed.tenant(Method::GET, "/v1/users/me")).await.code, 403);
}

#[tokio::test]
async fn a_token_lives_for_fifteen_minutes_and_can_be_renewed() {
    let bed = Bed::new().await;
    let sign_in = |password: &'static str| {
        let body = json!({"org": "company", "emailId": "ops@example.com", "password": password});
        let request = bed.bare(Method::POST, "/v1/auth/authenticate").json(&body);
        async move { split(request.send().await.unwrap()).await }
    };
    assert_eq!(sign_in("guess").await.code, 401);
    let token = sign_in("sim-t-token").await.body["Authorization"].as_str().unwrap().to_owned();
    assert_eq!(token.split('.').count(), 3);
    let code = |token: String| {
        let request = bed.bare(Method::GET, "/v1/users/me").header("Authorization", token);
        async move { split(request.send().await.unwrap()).await.code }
    };
    assert_eq!(code(token.clone()).await, 200);
    bed.advance(899.0);
    let path = format!("/v1/auth/refresh/{token}");
    let renewed = split(bed.bare(Method::GET, &path).send().await.unwrap()).await;
    let renewed = renewed.body["Authorization"].as_str().unwrap().to_owned();
    bed.advance(2.0);
    assert_eq!((code(token.clone()).await, code(renewed).await), (401, 200));
    assert_eq!(split(bed.bare(Method::GET, &path).send().await.unwrap()).await.code, 401);
}

#[tokio::test]
async fn project_objects_are_not_found_without_their_project() {
    let bed = Bed::new().await;
    let projects = bed.get("/v1/dashboard/projects/metadata").await.body;
    assert_eq!(projects["items"][0]["metadata"], json!({"uid": bed.project, "name": "production"}));
    let sandbox = projects["items"][1]["metadata"]["uid"].as_str().unwrap().to_owned();
    let shop = format!("/v1/workspaces/{}", bed.uid("workspaces", "shop"));
    for path in [shop.clone(), format!("{shop}/backup"), format!("{shop}/restore")] {
        let tenant = split(bed.tenant(Method::GET, &path).send().await.unwrap()).await;
        assert_eq!((tenant.code, tenant.body["code"].as_str()), (404, Some("ResourceNotFound")), "{path}");
        let other = bed.tenant(Method::GET, &path).header("ProjectUid", &sandbox).send().await.unwrap();
        assert_eq!(other.status().as_u16(), 404, "{path}");
    }
    assert_eq!(bed.get(&shop).await.code, 200);
    let list = split(bed.tenant(Method::GET, "/v1/dashboard/workspaces").send().await.unwrap()).await;
    assert_eq!(list.body["items"], json!([]));
    let names = |body: &Value| -> Vec<String> {
        body["items"].as_array().unwrap().iter().map(|i| i["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let mine = bed.get("/v1/dashboard/workspaces").await.body;
    assert_eq!(names(&mine), ["analytics", "finance", "identity", "ledger", "shop", "stores"]);
    let unknown =
        bed.tenant(Method::GET, "/v1/dashboard/workspaces").header("ProjectUid", "65aa").send().await.unwrap();
    assert_eq!(split(unknown).await.body["code"], "ProjectNotFound");
    // Locations of the tenant are seen from everywhere, a project's only from there.
    let tenant = split(bed.tenant(Method::GET, "/v1/users/assets/locations").send().await.unwrap()).await;
    assert_eq!(names(&tenant.body), ["eu-s3"]);
    let all = bed.get("/v1/users/assets/locations").await.body;
    assert_eq!(names(&all), ["archive-azure", "eu-s3", "gcs-dr", "onprem-minio"]);
}

#[tokio::test]
async fn a_small_bucket_answers_429_and_refills() {
    let bed = Bed::with(json!({"rate_limit": true})).await;
    let path = bed.backup_path("shop");
    let mut codes = Vec::new();
    for _ in 0..8 {
        codes.push(bed.get(&path).await.code);
    }
    assert_eq!(codes, [404, 404, 404, 404, 404, 429, 429, 429]);
    let limited = bed.get(&path).await;
    assert!(limited.body.is_string(), "no error document: {}", limited.body);
    assert_eq!(bed.get("/v1/dashboard/workspaces").await.code, 200, "another prefix");
    let health = bed.bare(Method::GET, "/v1/health").send().await.unwrap();
    assert_eq!(health.status().as_u16(), 200);
    bed.advance(0.1);
    assert_eq!((bed.get(&path).await.code, bed.get(&path).await.code), (404, 429));
    bed.control("options", json!({"burst": 1, "tokens_per_second": 1})).await;
    bed.advance(60.0);
    assert_eq!((bed.get(&path).await.code, bed.get(&path).await.code), (404, 429));
}

#[tokio::test]
async fn on_a_real_clock_limits_hold_unless_they_are_switched_off() {
    for (seed, limited) in [(json!({}), true), (json!({"rate_limit": false}), false)] {
        let bed = Bed::on(sim::Clock::real(), seed).await;
        // More than five and what ten a second add in the seconds that a slow machine needs.
        let answers = futures::future::join_all((0..80).map(|_| bed.get("/v1/dashboard/workspaces"))).await;
        let refused = answers.iter().filter(|answer| answer.code == 429).count();
        assert!(answers.iter().all(|answer| [200, 429].contains(&answer.code)));
        assert_eq!(refused > 0, limited, "{refused}");
    }
}

#[tokio::test]
async fn injected_errors_have_palettes_own_form() {
    let bed = Bed::new().await;
    for (effect, code, word) in [
        (
            json!({"kind": "status", "code": 500, "message": "ClusterNotReady: The cluster is not ready"}),
            500,
            "ClusterNotReady",
        ),
        (json!({"kind": "status", "code": 503}), 503, "InternalServerError"),
        (json!({"kind": "status", "code": 403, "message": "no"}), 403, "OperationForbidden"),
    ] {
        bed.control("fault", json!([{"path": "/v1/dashboard", "times": 1, "effect": effect}])).await;
        let answer = bed.get("/v1/dashboard/workspaces").await;
        assert_eq!((answer.code, answer.body["code"].as_str()), (code, Some(word)));
        assert!(answer.body["ref"].is_string());
    }
    assert_eq!(bed.get("/v1/dashboard/workspaces").await.code, 200);
    bed.control("fault", json!([{"path": "/v1", "times": 1, "effect": {"kind": "echo_credential", "code": 400}}]))
        .await;
    assert!(bed.get("/v1/users/me").await.body["message"].as_str().unwrap().contains("sim-t-token"));
    let calls = bed.world.system_calls("t", "palette").unwrap();
    assert_eq!((&calls["by"]["list workspaces"], &calls["by"]["get me"]), (&json!(4), &json!(1)));
}
