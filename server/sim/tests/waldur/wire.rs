//! What all generations share on the wire: tokens, pages, trimming, slashes, faults.

use reqwest::Method;
use serde_json::{Value, json};
use sim::{Effect, Fault};

use crate::bed::{Bed, header, split, text};

#[tokio::test]
async fn tokens_come_in_a_header_or_the_query() {
    let bed = Bed::of("G4").await;
    let (path, missing) = ("/api/openstack-backups/", "Authentication credentials were not provided.");
    for (value, sentence) in [
        (None, missing),
        (Some("Bearer sim-t-token"), missing),
        (Some("Token"), "Invalid token header. No credentials provided."),
        (Some("Token sim-t-token x"), "Invalid token header. Token string should not contain spaces."),
        (Some("Token sim-other-token"), "Invalid token."),
    ] {
        let mut request = bed.bare(Method::GET, path);
        if let Some(value) = value {
            request = request.header("authorization", value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(header(&answer, "www-authenticate"), "Token");
        assert_eq!(split(answer).await, (401, json!({"detail": sentence})));
    }
    let query = format!("{path}?x-auth-token=Token%20sim-t-token");
    assert_eq!(bed.bare(Method::GET, &query).send().await.unwrap().status(), 200);
    for (standing, sentence) in
        [("expired", "Token has expired."), ("revoked", "Invalid token."), ("inactive", "User inactive or deleted.")]
    {
        bed.command("token", json!({"standing": standing}));
        assert_eq!(bed.get(path).await, (401, json!({"detail": sentence})));
    }
}

#[tokio::test]
async fn a_login_renews_the_token_and_four_bad_ones_lock() {
    let bed = Bed::of("G4").await;
    bed.command("token", json!({"standing": "expired"}));
    let login = async |password: &str| {
        let body = json!({"username": "admin", "password": password});
        split(bed.bare(Method::POST, "/api-auth/password/").json(&body).send().await.unwrap()).await
    };
    assert_eq!(login("sim-t-password").await, (200, json!({"token": "sim-t-token"})));
    assert_eq!(bed.get("/api/version/").await, (200, json!({"version": "7.0.9"})));
    for _ in 0..4 {
        assert_eq!(login("wrong").await.0, 401);
    }
    assert_eq!(login("sim-t-password").await.0, 401, "locked");
    bed.advance(601.0);
    assert_eq!(login("sim-t-password").await.0, 200);
}

#[tokio::test]
async fn pages_are_bare_arrays_with_headers() {
    let bed = Bed::of("G4").await;
    for _ in 0..23 {
        bed.backup("mail-relay-1").await;
    }
    let answer = bed
        .request(Method::GET, "/api/openstack-backups/?state=Creating&state=Creation+Scheduled")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&answer, "x-result-count"), "23");
    let link = header(&answer, "link");
    let list = format!("{}/api/openstack-backups/?state=Creating&state=Creation+Scheduled", bed.base());
    assert!(link.contains(&format!("<{list}&page=2>; rel=\"next\"")), "{link}");
    assert!(link.contains(&format!("<{list}&page=3>; rel=\"last\"")) && !link.contains("prev"), "{link}");
    assert_eq!(split(answer).await.1.as_array().unwrap().len(), 10);
    let (_, last) = bed.get("/api/openstack-backups/?page=3").await;
    assert_eq!(last.as_array().unwrap().len(), 3);
    for page in ["4", "0", "-1", "x", "99999999999999999999999"] {
        let (code, answer) = bed.get(&format!("/api/openstack-backups/?page={page}")).await;
        assert_eq!((code, answer), (404, json!({"detail": "Invalid page."})));
    }
    let head = bed.request(Method::HEAD, "/api/openstack-backups/").send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "x-result-count")), (200, "23".to_owned()));
    let (_, rows) = bed.get("/api/openstack-backups/?field=uuid&field=state&field=nothing&page_size=1").await;
    assert_eq!(rows[0].as_object().unwrap().len(), 2);
    let (_, empty) = bed.get("/api/openstack-backups/?name=none").await;
    assert_eq!(empty, json!([]), "the first page of nothing is a page");
}

#[tokio::test]
async fn page_sizes_are_cut() {
    for (seed, cap) in
        [(json!({"generation": "G4", "page_cap": 4}), 4), (json!({"generation": "G2", "page_cap": 7}), 7)]
    {
        let bed = Bed::with(seed).await;
        let (_, rows) = bed.get(&format!("{}/?page_size=500", bed.at("instances"))).await;
        assert_eq!(rows.as_array().unwrap().len(), cap);
        let (_, rows) = bed.get(&format!("{}/?page_size=x", bed.at("instances"))).await;
        assert_eq!(rows.as_array().unwrap().len(), cap.min(10));
    }
}

#[tokio::test]
async fn rows_are_sorted_by_name_or_as_asked() {
    let bed = Bed::of("G4").await;
    let names = async |query: &str| -> Vec<String> {
        bed.list(&format!("/api/openstack-instances/?{query}")).await.iter().map(|row| text(&row["name"])).collect()
    };
    let up = names("").await;
    assert!(up.is_sorted());
    let down: Vec<String> = up.iter().rev().cloned().collect();
    assert_eq!(names("o=-name").await, down);
}

#[tokio::test]
async fn links_may_lead_to_an_inner_host() {
    let seed = json!({"generation": "G4", "link_host": "http://waldur.internal:8000/", "url_host": "http://rewritten.example"});
    let bed = Bed::with(seed).await;
    let answer = bed.request(Method::GET, "/api/openstack-instances/?page_size=2").send().await.unwrap();
    let link = header(&answer, "link");
    assert!(
        link.contains("<http://waldur.internal:8000/s/t/waldur/api/openstack-instances/?page_size=2&page=2>"),
        "{link}"
    );
    let rows = split(answer).await.1;
    let url = text(&rows[0]["url"]);
    assert!(url.starts_with("http://rewritten.example/s/t/waldur/api/openstack-instances/"), "{url}");
    // As a reference it resolves all the same.
    let instance = bed.instance("orders-db-1").await;
    let path = text(&instance["url"]).replace("http://rewritten.example/s/t/waldur", "");
    let made = bed.post(&format!("{path}backup/"), json!({"name": "x"})).await.1;
    let found = bed.list(&format!("/api/openstack-backups/?instance={}", text(&made["instance"]))).await;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn identifiers_may_have_dashes() {
    let bed = Bed::with(json!({"generation": "G5", "dashed": true})).await;
    let made = bed.backup("orders-db-1").await;
    let uuid = text(&made["uuid"]);
    assert_eq!(uuid.len(), 36);
    for uuid in [uuid.clone(), uuid.replace('-', ""), uuid.to_uppercase()] {
        assert_eq!(bed.get(&format!("/api/openstack-backups/{uuid}/")).await.0, 200, "{uuid}");
    }
}

#[tokio::test]
async fn a_missing_slash_is_a_redirect() {
    let bed = Bed::of("G2").await;
    for method in [Method::GET, Method::POST] {
        let answer = bed.request(method, "/api/openstack-backups?description=x").send().await.unwrap();
        assert_eq!(answer.status(), 301);
        assert_eq!(header(&answer, "location"), "/s/t/waldur/api/openstack-backups/?description=x");
    }
    assert_eq!(bed.get("/api/nothing").await.0, 404);
}

#[tokio::test]
async fn faults_wear_the_systems_own_form_and_calls_are_counted() {
    let bed = Bed::of("G2").await;
    let fault = |effect| Fault {
        method: Some("GET".into()),
        path: Some("/openstack-backups/".into()),
        skip: 0,
        times: Some(1),
        effect,
    };
    let status = Effect::Status { code: 503, reason: None, message: Some("busy".into()), retry_after: Some(7) };
    bed.world.fault_system("t", "waldur", vec![fault(status), fault(Effect::EchoCredential { code: 401 })]).unwrap();
    let answer = bed.request(Method::GET, "/api/openstack-backups/").send().await.unwrap();
    assert_eq!(header(&answer, "retry-after"), "7");
    assert_eq!(split(answer).await, (503, json!({"detail": "busy"})));
    let (code, answer) = bed.get("/api/openstack-backups/").await;
    assert_eq!(code, 401);
    assert!(text(&answer["detail"]).contains("sim-t-token"));
    assert_eq!(bed.get("/api/openstack-backups/").await.0, 200);
    let calls = bed.world.system_calls("t", "waldur").unwrap();
    assert_eq!(calls["by"]["list backups"], 3, "{calls}");
}

#[tokio::test]
async fn commands_and_seeds_are_checked() {
    let bed = Bed::of("G2").await;
    for (verb, body) in [
        ("dance", json!({})),
        ("outcome", json!({"next": "maybe"})),
        ("quota", json!({"project": "none", "storage_gib": 1})),
        ("put", json!({"resource": "backups"})),
        ("remove", json!({"resource": "backups", "uuid": "x"})),
        ("instance", json!({"name": "storefront-1", "runtime": "ON"})),
        ("token", Value::Null),
        ("quota", json!(["shop", 1])),
    ] {
        assert!(bed.world.command("t", "waldur", verb, &body).is_err(), "{verb}");
    }
    assert!(bed.world.seed_system("t", "waldur", &json!({"generation": "G9"})).is_err());
    // An unknown word is shown as it was put, and is gone for good when removed.
    let put = json!({"resource": "backups", "instance": "storefront-1", "fields": {"state": "Hibernating"}});
    let made = bed.command("put", put);
    let (_, shown) = bed.get(&format!("/api/openstack-backups/{}/", text(&made["uuid"]))).await;
    assert_eq!(shown["state"], "Hibernating");
    bed.command("remove", json!({"resource": "backups", "uuid": made["uuid"]}));
    assert!(bed.list("/api/openstack-backups/").await.is_empty());
}
