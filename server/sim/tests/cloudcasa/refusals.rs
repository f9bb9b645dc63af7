//! Who may not come in, and errors that come from elsewhere.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, split};

#[tokio::test]
async fn keys_roles_and_plans() {
    let bed = Bed::new().await;
    let url = format!("{}/s/t/cloudcasa/api/v1/jobs", bed.base);
    for token in ["", "sim-other-token", "sim-t-token2"] {
        let answer = bed.client.get(&url).bearer_auth(token).send().await.unwrap();
        let (code, body) = split(answer).await;
        assert_eq!((code, &body["_error"]["code"], &body["_status"]), (401, &json!(401), &json!("ERR")), "{token}");
    }
    assert_eq!(bed.client.get(&url).send().await.unwrap().status(), 401);
    // A key that was made is shown once, and is good.
    let key = bed.create("apikeys", json!({"name": "ci", "org_role": "USER"})).await;
    let secret = key["apikey"].as_str().unwrap();
    assert!(secret.ends_with(key["snippet"].as_str().unwrap()));
    assert_eq!(bed.client.get(&url).bearer_auth(secret).send().await.unwrap().status(), 200);
    assert!(bed.find("apikeys", json!({"name": "ci"})).await[0].get("apikey").is_none());
    let bed = Bed::with(json!({"forbidden": ["POST kubebackups", "* apikeys"]})).await;
    assert_eq!(bed.post("kubebackups", json!({})).await.0, 403);
    assert_eq!(bed.send(Method::GET, "apikeys", "", &Value::Null).await.0, 403);
    assert_eq!(bed.send(Method::GET, "kubebackups", "", &Value::Null).await.0, 200);
    let bed = Bed::with(json!({"api_keys": false})).await;
    let (code, body) = bed.send(Method::GET, "jobs", "", &Value::Null).await;
    assert_eq!(code, 403);
    assert!(body["_error"]["message"].as_str().unwrap().contains("plan"));
}

#[tokio::test]
async fn places_and_methods_that_do_not_exist() {
    let bed = Bed::with(json!({"extra_jobs": 1})).await;
    for path in ["nothing", "jobs/640f71339c9cf6648dc169e1", "jobs/x", "/jobs", "jobs/640F71339C9CF6648DC169E1"] {
        let (code, body) = bed.send(Method::GET, path, "", &Value::Null).await;
        assert_eq!((code, &body["_error"]["code"]), (404, &json!(404)), "{path}");
    }
    assert_eq!(bed.send(Method::GET, "jobs/", "", &Value::Null).await.0, 200);
    assert_eq!(bed.delete("policies", "").await.0, 405);
    assert_eq!(bed.post("kubenamespaces", json!({})).await.0, 405);
    let job = bed.id("jobs", "hourly-archive").await;
    assert_eq!(bed.post(&format!("jobs/{job}"), json!({})).await.0, 405);
    // Agents write jobs; a person does not, and nobody can cancel one here.
    assert_eq!(bed.patch(&format!("jobs/{job}"), "", json!({"state": "CANCELLING"})).await.0, 403);
    assert_eq!(bed.post(&format!("jobs/{job}/action/cancel"), json!({})).await.0, 404);
    let answer = bed.request(Method::OPTIONS, "policies").send().await.unwrap();
    assert_eq!(answer.headers()["allow"], "GET, HEAD, OPTIONS, POST");
    assert!(bed.get("objectstores/provider-info").await["providers"].is_array());
}

#[tokio::test]
async fn faults_speak_eve() {
    let bed = Bed::new().await;
    let fault = |effect: Value| {
        let rule = json!([{"path": "/policies", "times": 1, "effect": effect}]);
        bed.world.fault_system("t", "cloudcasa", serde_json::from_value(rule).unwrap()).unwrap();
    };
    for (effect, code, wait) in [
        (json!({"kind": "status", "code": 429, "retry_after": 7}), 429, Some("7")),
        (json!({"kind": "status", "code": 429}), 429, None),
        (json!({"kind": "status", "code": 409, "message": "taken"}), 409, None),
        (json!({"kind": "status", "code": 500}), 500, None),
    ] {
        fault(effect);
        let answer = bed.request(Method::GET, "policies").send().await.unwrap();
        let header = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        let (status, body) = split(answer).await;
        assert_eq!((status, header.as_deref()), (code, wait));
        assert_eq!((&body["_status"], &body["_error"]["code"]), (&json!("ERR"), &json!(code)));
    }
    fault(json!({"kind": "html", "code": 500}));
    let answer = bed.request(Method::GET, "policies").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html");
    fault(json!({"kind": "echo_credential", "code": 403}));
    let (_, body) = bed.send(Method::GET, "policies", "", &Value::Null).await;
    assert!(body["_error"]["message"].as_str().unwrap().contains("sim-t-token"));
    let calls = bed.world.system_calls("t", "cloudcasa").unwrap();
    assert_eq!((&calls["total"], &calls["by"]["list policies"]), (&json!(6), &json!(6)));
    assert_eq!(bed.send(Method::GET, "policies", "", &Value::Null).await.0, 200);
}

#[tokio::test]
async fn bodies_that_are_no_documents() {
    let bed = Bed::new().await;
    for body in ["{nope", "", "5", "\"x\"", "null", "[]"] {
        let answer = bed.request(Method::POST, "policies").header("content-type", "application/json").body(body).send();
        let (code, answer) = split(answer.await.unwrap()).await;
        assert_eq!((code, &answer["_error"]["code"]), (400, &json!(400)), "{body}");
    }
    let answer = bed.request(Method::POST, "policies").body("{}").send().await.unwrap();
    let (code, body) = split(answer).await;
    assert_eq!((code, &body["_error"]["message"]), (400, &json!("Unknown or no Content-Type header supplied")));
}
