//! What makes no sense gets Palette's own error, and never harms.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, split};

#[tokio::test]
async fn hostile_requests_get_palettes_errors() {
    let bed = Bed::new().await;
    let shop = format!("/v1/workspaces/{}", bed.uid("workspaces", "shop"));
    let clients = [
        (Method::GET, "/v1/nothing".to_owned(), 404),
        (Method::GET, "/v2/workspaces".to_owned(), 404),
        (Method::GET, "/".to_owned(), 404),
        (Method::GET, "/v1/workspaces/%F0%9F%92%A5%00%2e%2e".to_owned(), 404),
        (Method::GET, format!("/v1/workspaces/{}", "a".repeat(5000)), 404),
        (Method::PATCH, shop.clone(), 405),
        (Method::DELETE, format!("{shop}/restore"), 405),
        (Method::GET, "/v1/users/assets/locations/floppy/x".to_owned(), 404),
        (Method::GET, format!("{shop}/backup?backupRequestUid=%FF"), 404),
    ];
    for (method, path, code) in clients {
        let answer = split(bed.request(method, &path).send().await.unwrap()).await;
        assert_eq!(answer.code, code, "{path}: {}", answer.body);
        assert!(answer.body["code"].is_string() && answer.body["message"].is_string(), "{path}: {}", answer.body);
    }
    let bodies = [
        "",
        "{",
        "nonsense",
        "[]",
        "5",
        "null",
        "\"x\"",
        "{\"backupConfig\": []}",
        "{\"clusterUids\": {}}",
        "{\"includeAllClusters\": \"true\"}",
        "{\"includeAllClusters\": true, \"backupConfig\": {\"durationInHours\": \"720\"}}",
        "{\"includeAllClusters\": true, \"backupConfig\": {\"durationInHours\": 1e300}}",
        "{\"includeAllClusters\": true, \"backupConfig\": {\"durationInHours\": -1}}",
        "{\"includeAllClusters\": true, \"backupConfig\": {\"namespaces\": [\"a\", \"a\"]}}",
        "{\"includeAllClusters\": true, \"backupConfig\": {\"schedule\": \"0 2 * * *\"}}",
        "{\"includeAllClusters\": true, \"backupConfig\": {\"includeClusterResourceMode\": \"maybe\"}}",
        "{\"metadata\": {\"name\": \"\u{1F4A5}\"}}",
        "{\"metadata\": {\"name\": 5}, \"spec\": {\"clusterRefs\": [{}]}}",
        "{\"backupRequestUid\": 7}",
        "{\"requestUid\": \"\"}",
        "{\"filter\": 1}",
        "{\"filter\": {\"filterGroups\": [1]}}",
    ];
    let writes = [
        (Method::POST, format!("{shop}/backup")),
        (Method::PUT, format!("{shop}/backup")),
        (Method::DELETE, format!("{shop}/backup")),
        (Method::POST, format!("{shop}/backup/onDemand")),
        (Method::POST, format!("{shop}/restore/onDemand")),
        (Method::PUT, format!("{shop}/meta")),
        (Method::POST, "/v1/workspaces".to_owned()),
        (Method::POST, "/v1/users/assets/locations/s3".to_owned()),
        (Method::POST, "/v1/users/assets/locations/azure".to_owned()),
        (Method::POST, "/v1/auth/authenticate".to_owned()),
        (Method::POST, "/v1/clouds/gcp/bucketname/validate".to_owned()),
    ];
    for (method, path) in &writes {
        for body in bodies {
            let request = bed.request(method.clone(), path).header("content-type", "application/json").body(body);
            let answer = split(request.send().await.unwrap()).await;
            assert_eq!(answer.code, 400, "{method} {path} {body}: {}", answer.body);
            assert!(answer.body["code"].is_string(), "{path} {body}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let request = bed.request(method.clone(), path).header("content-type", "application/json").body(deep);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 400);
        let form = bed.request(method.clone(), path).header("content-type", "text/plain").body("{}");
        assert_eq!(form.send().await.unwrap().status().as_u16(), 415);
    }
    assert_eq!(bed.thing("workspaces", "shop")["policy"], Value::Null, "nothing of it was stored");
}

#[tokio::test]
async fn commands_and_seeds_that_are_not_understood_are_refused_with_a_sentence() {
    let bed = Bed::new().await;
    for (verb, body, piece) in [
        ("outcome", json!({"outcome": "failed", "cluster": "moon"}), "no cluster"),
        ("outcome", json!({}), "missing field"),
        ("cluster", json!({"cluster": "x", "colour": 1}), "unknown field"),
        ("cluster", json!({"cluster": "x", "project": "moon"}), "no project"),
        ("location", json!({"location": "moon", "trouble": "x"}), "no location"),
        ("policy", json!({"config": null}), "either workspace or cluster"),
        ("policy", json!({"workspace": "shop", "config": 5}), "must be of type object"),
        ("entry", json!({"workspace": "shop"}), "backup or restore"),
        ("options", json!({"colour": 1}), "unknown field"),
        ("dance", json!({}), "no command"),
        ("seed", json!({"estate": "moon"}), "none of plain"),
    ] {
        let (code, text) = bed.try_control(verb, body.clone()).await;
        assert!(code == 400 && text.contains(piece), "{verb} {body}: {code} {text}");
    }
}
