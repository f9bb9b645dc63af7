//! Proxies that rename hosts, lists on many pages, and what a quiet look costs.

use crate::stage::{self, ask};
use serde_json::json;
use server::provider::ErrorKind;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// A host that counts who comes.
async fn counter() -> (String, Arc<AtomicU32>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let visits = Arc::new(AtomicU32::new(0));
    let counted = visits.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, visits)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_and_references_to_another_host_are_read_and_never_followed() {
    for generation in ["G2", "G3", "G4", "G5"] {
        let (elsewhere, visits) = counter().await;
        let stage = stage::with(json!({
            "generation": generation, "page_cap": 4, "link_host": elsewhere, "url_host": elsewhere,
        }))
        .await;
        let inventory = stage.provider.inventory().await.unwrap();
        assert_eq!(inventory.subjects.len(), 11, "three pages");
        let owned = if generation == "G5" { stage.single("proxied") } else { stage.owned("proxied") };
        stage.provider.apply(&owned, None, None).await.unwrap();
        let point = stage.point(&owned).await;
        let order = model::restore::RestoreOrder {
            point_name: point.name.clone(),
            new_name: "copy".into(),
            ..model::restore::RestoreOrder::default()
        };
        let key = stage.provider.restore(&order, &ask(&owned, "20261121181500")).await.unwrap().name.unwrap();
        let mut watcher = stage.watch();
        watcher.until("its end", |s| s.restores.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
        stage.provider.delete_point(&point.name, "o").await.unwrap();
        stage.provider.remove(&owned, None).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(visits.load(Ordering::SeqCst), 0, "{generation}: somebody went there with the token");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_is_whole_whatever_its_pages() {
    for generation in ["G2", "G4"] {
        let stage = stage::with(json!({"generation": generation, "page_cap": 7})).await;
        let owned = stage.owned("many");
        let state = if generation == "G2" { "Ready" } else { "OK" };
        for n in 0..40 {
            // Of one name: only the identifier tells them apart.
            let fields =
                json!({"state": state, "name": "same", "description": format!("x (Holdfast {} {n})", owned.id)});
            stage.command("put", json!({"resource": "backups", "instance": stage::DB, "fields": fields}));
        }
        let mut watcher = stage.watch();
        watcher.round().await;
        assert_eq!(watcher.seen.runs.len(), 40, "{generation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_look_costs_one_call_for_each_list() {
    let one = async |generation: &str, calls: u64| {
        let stage = stage::of(generation).await;
        let mut watcher = stage.watch();
        watcher.round().await;
        stage.forget();
        watcher.round().await;
        assert_eq!(stage.calls(), calls, "{generation}");
    };
    tokio::join!(one("G2", 3), one("G3", 2), one("G4", 2), one("G5", 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_ends_observing_with_its_remedy() {
    let stage = stage::of("G4").await;
    stage.command("token", json!({"standing": "expired"}));
    let error = stage.provider.inventory().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorised);
    assert!(error.sentence.contains("Token has expired.") && error.remedy.contains("lifetime"), "{error:?}");
    let report = stage.provider.check().await;
    assert_eq!(report.field.as_deref(), Some("credential"), "{report:#?}");
}

/// A page may hold more than was asked for, and a list more than is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_too_long_is_refused_whole() {
    let stage = stage::of("G4").await;
    stage.provider.inventory().await.unwrap();
    let body = format!("[{}{{}}]", "{},".repeat(500_000));
    let effect = json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": body});
    stage.fault(json!([{"method": "GET", "path": "page_size=300", "effect": effect}]));
    let error = stage.provider.inventory().await.unwrap_err();
    assert!(error.kind == ErrorKind::Garbled && error.sentence.contains("longer than"), "{error}");
}
