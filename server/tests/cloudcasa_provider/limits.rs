//! What comes back is bounded, whatever it says of itself.

use crate::stage::Stage;
use serde_json::{Value, json};
use server::provider::ErrorKind;

/// A total that can't be right is not followed, and what was read until then is no list: the rest would count as gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_without_end_is_not_read() {
    for (total, size) in [(500_001, 200), (400_000, 10)] {
        let stage = Stage::open(json!({})).await;
        let body = json!({"_items": [], "_meta": {"page": 1, "max_results": size, "total": total}}).to_string();
        let effect = json!({"kind": "raw", "code": 200, "content_type": "application/json", "body": body});
        stage.fault(json!([{"method": "GET", "path": "/jobs", "effect": effect}]));
        let (sender, mut receiver) = tokio::sync::mpsc::channel(64);
        let listen = async { while receiver.recv().await.is_some() {} };
        let (error, ()) = tokio::join!(stage.provider.observe(sender), listen);
        assert!(error.kind == ErrorKind::Garbled && error.sentence.contains("longer than"), "{total}: {error}");
        let calls = stage.calls();
        let jobs = |call: &&Value| call["path"].as_str().unwrap().contains("/jobs?");
        assert_eq!(calls["recent"].as_array().unwrap().iter().filter(jobs).count(), 1, "{calls:#}");
    }
}
