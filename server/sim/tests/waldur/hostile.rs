//! Whatever is sent, the answer is the system's own error: no panic, no 500.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, split, text};

#[tokio::test]
async fn bodies_that_are_none() {
    for generation in ["G2", "G3", "G4", "G5"] {
        let bed = Bed::of(generation).await;
        let instance = bed.instance_url("orders-db-1").await;
        let path = if generation == "G2" { bed.at("backups/") } else { format!("{instance}backup/") };
        let send = async |media: &str, body: Vec<u8>| {
            let request = bed.request(Method::POST, &path).header("content-type", media).body(body);
            split(request.send().await.unwrap()).await
        };
        for body in [&b"{"[..], b"nonsense", b"\xff\xfe", b"{\"a\": }", b"\"", b"[1,"] {
            let (code, answer) = send("application/json", body.to_vec()).await;
            assert_eq!(code, 400);
            assert!(text(&answer["detail"]).starts_with("JSON parse error"), "{answer}");
        }
        for (body, kind) in
            [("[]", "list"), ("7", "int"), ("null", "NoneType"), ("\"x\"", "str"), ("1.5", "float"), ("true", "bool")]
        {
            let (code, answer) = send("application/json", body.into()).await;
            let sentence = format!("Invalid data. Expected a dictionary, but got {kind}.");
            assert_eq!((code, answer), (400, json!({"non_field_errors": [sentence]})));
        }
        let (code, answer) = send("text/plain", b"hello".to_vec()).await;
        assert_eq!((code, answer), (415, json!({"detail": "Unsupported media type \"text/plain\" in request."})));
        assert_eq!(send("application/json", Vec::new()).await.0, 400, "nothing is an empty form");
        let deep = [b"[".repeat(20_000), b"]".repeat(20_000)].concat();
        assert_eq!(send("application/json", deep).await.0, 400);
        assert_eq!(send("application/json", vec![b' '; 4 * 1024 * 1024]).await.0, 413);
    }
}

#[tokio::test]
async fn wrong_types_in_every_field() {
    let values = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(18_446_744_073_709_551_615_u64),
        json!("\u{0}"),
        json!("日本語 🚀 \u{202e}"),
        json!([]),
        json!([[1]]),
        json!({}),
        json!({"a": {"b": 1}}),
        json!("x".repeat(100_000)),
    ];
    for generation in ["G2", "G3", "G4", "G5"] {
        let bed = Bed::of(generation).await;
        let made = bed.backup("orders-db-1").await;
        bed.advance(60.0);
        let instance = bed.instance_url("orders-db-1").await;
        let restore = format!("{}restore/", text(&made["url"]));
        let schedules =
            if generation == "G2" { bed.at("backup-schedules/") } else { format!("{instance}create_backup_schedule/") };
        let fields = [
            "name",
            "instance",
            "description",
            "flavor",
            "kept_until",
            "schedule",
            "timezone",
            "retention_time",
            "ports",
            "maximal_number_of_backups",
            "maximal_number_of_resources",
            "security_groups",
            "floating_ips",
            "internal_ips_set",
        ];
        for value in &values {
            let body: Value = fields.iter().map(|field| ((*field).to_owned(), value.clone())).collect();
            for (method, path) in [
                (Method::POST, restore.clone()),
                (Method::POST, schedules.clone()),
                (Method::POST, format!("{instance}backup/")),
                (Method::PATCH, text(&made["url"])),
            ] {
                let (code, answer) = bed.send(method, &path, body.clone()).await;
                assert!((200..500).contains(&code), "{generation} {path} {code}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn paths_and_queries() {
    let bed = Bed::of("G4").await;
    for path in [
        "/",
        "/api",
        "/api/",
        "/api//",
        "/api/openstack-backups/%00/",
        "/api/openstack-backups/%2e%2e/",
        "/api/日本/",
        "/api/openstack-backups/0f0e1d2c3b4a59687786959493929190/",
        "/api/openstack-backups/x/restore/",
        "/api/%ff/",
        "/api/openstack-backups/?page_size=0",
        "/api/openstack-backups/?page_size=-5&o=",
        "/api/openstack-backups/?o=-",
        "/api/openstack-backups/?page_size=18446744073709551616",
        "/api/openstack-backups/?state=%F0%9F%9A%80",
        "/api/openstack-backups/?instance=http%3A%2F%2F&field=%00",
        "/api/openstack-backups/?%zz&&=&=x",
    ] {
        let code = bed.request(Method::GET, path).send().await.unwrap().status().as_u16();
        assert!((200..500).contains(&code), "{path} {code}");
    }
    let (code, answer) = bed.get("/api/openstack-backups/0f0e1d2c3b4a59687786959493929190/").await;
    assert_eq!((code, answer), (404, json!({"detail": "Not found."})));
    let answer = bed.request(Method::GET, "/api/").header("accept", "text/csv").send().await.unwrap();
    assert_eq!(split(answer).await, (406, json!({"detail": "Could not satisfy the request Accept header."})));
    for method in ["TRACE", "PROPFIND", "DELETE"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let code = bed.request(method, "/api/openstack-backups/").send().await.unwrap().status();
        assert_eq!(code, 405);
    }
}
