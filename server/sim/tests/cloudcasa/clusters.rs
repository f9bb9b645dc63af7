//! Registering a cluster and waiting for its agent.

use serde_json::{Value, json};

use crate::bed::{Bed, word};

async fn state(bed: &Bed, id: &str) -> Value {
    bed.get(&format!("kubeclusters/{id}")).await["status"].clone()
}

#[tokio::test]
async fn the_manifest_comes_late_and_the_agent_later() {
    let bed = Bed::new().await;
    let made = bed.create("kubeclusters", json!({"name": "new"})).await;
    assert!(made.get("status").is_none());
    let id = word(&made, "_id");
    bed.advance(2.0);
    let first = state(&bed, &id).await;
    assert_eq!(first["state"], "REGISTERED");
    assert!(first.get("agentURL").is_none());
    bed.advance(12.0);
    assert!(state(&bed, &id).await["agentURL"].as_str().unwrap().starts_with("https://"));
    bed.advance(3_600.0);
    assert_eq!(state(&bed, &id).await["state"], "REGISTERED", "nobody applied it");
    bed.command("agent", json!({"cluster": "new", "do": "install"}));
    let mut seen = Vec::new();
    for _ in 0..30 {
        let word = word(&state(&bed, &id).await, "state");
        if seen.last() != Some(&word) {
            seen.push(word);
        }
        bed.advance(1.0);
    }
    assert_eq!(seen, ["REGISTERED", "PENDING", "INVENTORY", "ACTIVE"]);
    assert_eq!(bed.find("kubenamespaces", json!({"cluster_id": id})).await.len(), 3);
    bed.command("agent", json!({"cluster": "new", "do": "silence"}));
    assert_eq!(state(&bed, &id).await["state"], "PENDING");
    assert_eq!(bed.find("alerts", json!({"type": "CLUSTER_NOT_RESPONDING"})).await.len(), 1);
    assert_eq!(bed.delete(&format!("kubeclusters/{id}"), "").await.0, 204);
    assert!(bed.find("kubenamespaces", json!({"cluster_id": id})).await.is_empty());
}

#[tokio::test]
async fn agents_can_come_by_themselves_and_fields_be_spelt_otherwise() {
    let bed = Bed::with(json!({"agents_install": true, "agent_url_field": "agentUrl"})).await;
    let id = word(&bed.create("kubeclusters", json!({"name": "new"})).await, "_id");
    bed.advance(60.0);
    let status = state(&bed, &id).await;
    assert_eq!(status["state"], "ACTIVE");
    assert!(status["agentUrl"].is_string() && status.get("agentURL").is_none());
}
