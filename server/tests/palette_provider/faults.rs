//! What Palette does when it does not do what it should.

use crate::stage::stage;
use serde_json::json;
use server::provider::ErrorKind;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_has_its_kind_and_never_the_credential() {
    let stage = stage().await;
    for (effect, kind) in [
        (json!({"kind": "status", "code": 401}), ErrorKind::Unauthorised),
        (json!({"kind": "status", "code": 403}), ErrorKind::Forbidden),
        (json!({"kind": "status", "code": 400, "message": "no"}), ErrorKind::Refused),
        (json!({"kind": "status", "code": 409}), ErrorKind::Conflict),
        (json!({"kind": "status", "code": 422}), ErrorKind::Refused),
        (json!({"kind": "status", "code": 429, "retry_after": 7}), ErrorKind::Slow),
        (json!({"kind": "status", "code": 500}), ErrorKind::Broken),
        (
            json!({"kind": "status", "code": 500, "message": "ClusterNotHealthy: Cluster is not healthy"}),
            ErrorKind::Conflict,
        ),
        (
            json!({"kind": "status", "code": 404, "message": "ProjectNotFound: The project could not be found"}),
            ErrorKind::NotInstalled,
        ),
        (json!({"kind": "html", "code": 502}), ErrorKind::Broken),
        (json!({"kind": "html", "code": 404}), ErrorKind::NotThat),
        (json!({"kind": "html", "code": 200}), ErrorKind::NotThat),
        (json!({"kind": "redirect", "to": "http://127.0.0.1:1/"}), ErrorKind::NotThat),
        (json!({"kind": "truncated"}), ErrorKind::Garbled),
        (json!({"kind": "huge", "bytes": 100_000_000}), ErrorKind::Garbled),
        (json!({"kind": "echo_credential", "code": 400}), ErrorKind::Refused),
        (json!({"kind": "echo_credential", "code": 401}), ErrorKind::Unauthorised),
        (json!({"kind": "echo_credential", "code": 500}), ErrorKind::Broken),
    ] {
        stage.harm(json!([{"path": "/v1/workspaces/", "effect": effect}]));
        let error = stage.provider.apply(&stage.owned("fault"), None, None).await.unwrap_err();
        stage.heal();
        assert_eq!(error.kind, kind, "{effect}: {error}");
        let all = format!("{error:?} {error}");
        assert!(!all.contains(&stage.draft.credential), "{effect}: {all}");
        if effect["retry_after"] == 7 {
            assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
        }
    }
    assert_eq!(stage.policy("shop"), serde_json::Value::Null, "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slowed_read_waits_and_a_slowed_write_is_handed_on() {
    let stage = stage().await;
    let owned = stage.owned("slow");
    stage.harm(json!([{"method": "GET", "path": "/backup", "times": 1,
        "effect": {"kind": "raw", "code": 429, "content_type": "text/plain", "body": "Too Many Requests"}}]));
    stage.provider.apply(&owned, None, None).await.unwrap();
    stage.harm(json!([{"method": "PUT", "times": 1,
        "effect": {"kind": "raw", "code": 429, "content_type": "text/plain", "body": "Too Many Requests"}}]));
    let mut changed = owned.clone();
    changed.definition.paused = true;
    let error = stage.provider.apply(&changed, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Slow, "{error}");
    assert_eq!(stage.calls("update workspace backup"), 1, "sent once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observation_ends_with_what_stopped_it() {
    for (effect, kind) in [
        (json!({"kind": "status", "code": 401}), ErrorKind::Unauthorised),
        (json!({"kind": "status", "code": 403}), ErrorKind::Forbidden),
        (json!({"kind": "html", "code": 502}), ErrorKind::Broken),
    ] {
        let stage = stage().await;
        stage.harm(json!([{"path": "/restore", "effect": effect}]));
        let mut watcher = stage.watch();
        while watcher.receiver.recv().await.is_some() {}
        let error = (&mut watcher.task).await.unwrap();
        assert_eq!(error.kind, kind, "{effect}: {error}");
    }
}
