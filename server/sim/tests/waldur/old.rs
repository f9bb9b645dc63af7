//! G2's backups: the contract of the order, and what the code behind it really does.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, text};

#[tokio::test]
async fn a_backup_is_made_and_shows_its_snapshots() {
    let bed = Bed::of("G2").await;
    let url = bed.instance_url("checkout-db-1").await;
    let body = json!({"instance": url, "description": "a new manual backup", "state": "Erred", "kept_until": "2030-01-01T00:00:00Z",
        "metadata": {"system_snapshot_id": "x"}, "uuid": "0f0e1d2c3b4a59687786959493929190"});
    let (code, made) = bed.post("/api/openstack-backups/", body).await;
    assert_eq!(code, 201, "{made}");
    assert_eq!(made["state"], "Backing up");
    assert_eq!(made["metadata"], json!({}), "read-only fields are ignored");
    assert_eq!(made["kept_until"], Value::Null);
    assert_eq!(made["instance"], url);
    assert_eq!(made["instance_name"], "checkout-db-1");
    assert_eq!(made["backup_schedule"], Value::Null);
    assert_eq!(text(&made["uuid"]).len(), 32);
    let mut fields: Vec<&String> = made.as_object().unwrap().keys().collect();
    fields.sort();
    let expected = "backup_schedule created_at description instance instance_name kept_until metadata state url uuid";
    assert_eq!(fields, expected.split(' ').collect::<Vec<_>>());
    assert_eq!(bed.states(&made, 5.0, 20).await, ["Backing up", "Ready"]);
    let metadata = bed.again(&made).await["metadata"].clone();
    assert_eq!(metadata["system_snapshot_size"], 20 * 1024);
    assert_eq!(metadata["data_snapshot_size"], 200 * 1024, "MiB");
    assert_eq!(text(&metadata["data_snapshot_id"]).len(), 32);
    assert_eq!(metadata["name"], "checkout-db-1");
}

#[tokio::test]
async fn a_refused_backup_ends_ready_and_empty() {
    for (seed, quota, empty) in [
        (json!({"generation": "G2"}), true, json!({})),
        (json!({"generation": "G2", "empty_metadata": "string"}), false, json!("")),
        (json!({"generation": "G2", "empty_metadata": "null"}), false, Value::Null),
    ] {
        let bed = Bed::with(seed).await;
        if quota {
            bed.command("quota", json!({"project": "shop", "storage_gib": 10}));
        } else {
            bed.command("outcome", json!({"next": "refused"}));
        }
        let made = bed.backup("checkout-db-1").await;
        assert_eq!(made["state"], "Backing up", "the check is made in the background");
        assert_eq!(bed.states(&made, 1.0, 10).await, ["Backing up", "Ready"]);
        assert_eq!(bed.again(&made).await["metadata"], empty);
        assert_eq!(bed.events().len(), 1, "only the log tells");
        // It can't be restored, with a text where other errors are objects.
        let (code, answer) = bed.post(&format!("{}restore/", text(&made["url"])), json!({"flavor": "x"})).await;
        assert_eq!(code, 400);
        assert_eq!(answer, json!({"detail": "Missing system_snapshot_size or data_snapshot_size in metadata"}));
        // Its deletion begins like any other and breaks; then nothing can be done about it any more.
        let (code, answer) = bed.post(&format!("{}delete/", text(&made["url"])), json!({})).await;
        assert_eq!((code, answer), (200, json!({"status": "Backup deletion was started"})));
        assert_eq!(bed.states(&made, 1.0, 10).await, ["Deleting", "Erred"]);
        for (action, word) in [("delete", "delete"), ("restore", "restore")] {
            let (code, answer) = bed.post(&format!("{}{action}/", text(&made["url"])), json!({})).await;
            assert_eq!(code, 409);
            assert_eq!(answer["detail"], format!("Cannot {word} a backup in state 'Erred'"));
        }
    }
}

#[tokio::test]
async fn a_new_row_may_be_seen_as_ready_first() {
    let bed = Bed::with(json!({"generation": "G2", "ready_first": true})).await;
    let made = bed.backup("storefront-1").await;
    assert_eq!(made["state"], "Ready");
    assert_eq!(made["metadata"], json!({}));
    assert_eq!(bed.states(&made, 0.5, 80).await, ["Ready", "Backing up", "Ready"]);
}

#[tokio::test]
async fn ends_can_be_chosen() {
    let bed = Bed::of("G2").await;
    bed.command("outcome", json!({"next": "erred", "instance": "orders-db-1"}));
    bed.command("outcome", json!({"next": "stuck", "times": 2}));
    let stuck = bed.backup("checkout-db-1").await;
    let erred = bed.backup("orders-db-1").await;
    let stuck_too = bed.backup("storefront-1").await;
    let good = bed.backup("ledger-db-1").await;
    bed.advance(86_400.0);
    for (backup, state) in [(stuck, "Backing up"), (erred, "Erred"), (stuck_too, "Backing up"), (good, "Ready")] {
        assert_eq!(bed.again(&backup).await["state"], state);
    }
}

#[tokio::test]
async fn only_stable_instances_of_ones_own_are_backed_up() {
    let bed = Bed::with(json!({"generation": "G2", "read_only": ["finance"]})).await;
    let erred = bed.instance_url("build-runner-1").await;
    let (code, answer) = bed.post("/api/openstack-backups/", json!({"instance": erred})).await;
    assert_eq!((code, answer), (409, json!({"detail": "Instance should be in stable state."})));
    assert_eq!(bed.backup("mail-relay-1").await["state"], "Backing up", "Offline is stable too");
    let readable = bed.instance_url("payments-db-1").await;
    let (code, answer) = bed.post("/api/openstack-backups/", json!({"instance": readable})).await;
    assert_eq!(code, 403);
    assert_eq!(answer, json!({"detail": "You do not have permission to perform this action."}));
    let state = bed.world.system_state("t", "waldur").unwrap();
    let hidden = state["instances"].as_array().unwrap().iter().find(|i| i["name"] == "hr-vault-1").unwrap().clone();
    let (code, answer) = bed.post("/api/openstack-backups/", json!({"instance": hidden["url"]})).await;
    assert_eq!((code, answer), (400, json!({"instance": ["Invalid hyperlink - Object does not exist."]})));
    assert_eq!(bed.get(hidden["url"].as_str().unwrap()).await.0, 404, "never 403");
    assert_eq!(bed.instance("hr-vault-1").await, Value::Null);
}

#[tokio::test]
async fn references_are_urls_and_only_their_path_counts() {
    let bed = Bed::of("G2").await;
    let url = bed.instance_url("storefront-1").await;
    let uuid = url.trim_end_matches('/').rsplit('/').next().unwrap().to_owned();
    let path = format!("/api/openstack-instances/{uuid}/");
    for good in [format!("https://elsewhere.example{path}"), path.clone(), url.clone()] {
        let (code, answer) = bed.post("/api/openstack-backups/", json!({"instance": good})).await;
        assert_eq!(code, 201, "{good}: {answer}");
    }
    for (bad, sentence) in [
        (json!(uuid), "Invalid hyperlink - No URL match."),
        (json!(path.trim_end_matches('/')), "Invalid hyperlink - No URL match."),
        (json!(path.replace("instances", "flavors")), "Invalid hyperlink - Incorrect URL match."),
        (
            json!("/api/openstack-instances/0f0e1d2c3b4a59687786959493929190/"),
            "Invalid hyperlink - Object does not exist.",
        ),
        (json!(7), "Incorrect type. Expected URL string, received int."),
        (Value::Null, "This field may not be null."),
    ] {
        let (code, answer) = bed.post("/api/openstack-backups/", json!({"instance": bad})).await;
        assert_eq!((code, answer), (400, json!({"instance": [sentence]})));
    }
}

#[tokio::test]
async fn a_restore_makes_a_machine_that_the_answer_does_not_name() {
    let bed = Bed::of("G2").await;
    let made = bed.backup("orders-db-1").await;
    let restore = format!("{}restore/", text(&made["url"]));
    let (code, answer) = bed.post(&restore, json!({})).await;
    assert_eq!((code, answer), (409, json!({"detail": "Cannot restore a backup in state 'Backing up'"})));
    bed.advance(60.0);
    for (body, errors) in [
        (json!({}), json!({"flavor": ["This field is required."]})),
        (json!({"flavor": "m1.small"}), json!({"flavor": ["Invalid hyperlink - No URL match."]})),
        (
            json!({"flavor": "", "name": "n".repeat(151)}),
            json!({"flavor": ["Invalid hyperlink - No URL match."], "name": ["Ensure this field has no more than 150 characters."]}),
        ),
    ] {
        let (code, answer) = bed.post(&restore, body).await;
        assert_eq!((code, answer), (400, json!({"detail": errors})));
    }
    let flavor = bed.flavor_url("m1.large").await;
    let (code, answer) = bed.post(&restore, json!({"flavor": flavor, "name": "drill", "image": "ignored"})).await;
    assert_eq!((code, answer), (200, json!({"status": "Backup restoration process was started"})));
    assert_eq!(bed.instance("drill").await["state"], "Provisioning Scheduled");
    assert_eq!(bed.states(&made, 4.0, 20).await, ["Restoring", "Ready"]);
    let drill = bed.instance("drill").await;
    assert_eq!(drill["state"], "Online");
    assert_eq!(drill["flavor_name"], "m1.large");
    assert_eq!(drill["data_volume_size"], 100 * 1024);
    // Without a name the old one is used again: two machines of one name.
    bed.post(&restore, json!({"flavor": flavor})).await;
    assert_eq!(bed.list("/api/openstack-instances/?name=orders-db-1").await.len(), 2);
}

#[tokio::test]
async fn failed_restores_and_deletions_look_like_good_ones() {
    let bed = Bed::of("G2").await;
    let made = bed.backup("orders-db-1").await;
    bed.advance(60.0);
    let flavor = bed.flavor_url("m1.large").await;
    bed.command("outcome", json!({"next": "refused", "on": "restore"}));
    let restore = format!("{}restore/", text(&made["url"]));
    assert_eq!(bed.post(&restore, json!({"flavor": flavor, "name": "drill"})).await.0, 200);
    assert_eq!(bed.states(&made, 4.0, 20).await, ["Restoring", "Ready"]);
    assert_eq!(bed.instance("drill").await["state"], "Erred");
    bed.command("quota", json!({"project": "shop", "storage_gib": 100}));
    let (code, answer) = bed.post(&restore, json!({"flavor": flavor})).await;
    assert_eq!(code, 400);
    assert!(text(&answer["detail"]["detail"]).starts_with("One or more quotas are over limit"), "{answer}");
    bed.command("outcome", json!({"next": "refused", "on": "delete"}));
    let used = |bed: &Bed| {
        let state = bed.world.system_state("t", "waldur").unwrap();
        state["projects"][0]["quotas"][0]["usage"].as_u64().unwrap()
    };
    let before = used(&bed);
    assert_eq!(bed.post(&format!("{}delete/", text(&made["url"])), json!({})).await.0, 200);
    assert_eq!(bed.states(&made, 1.0, 10).await, ["Deleting", "gone"]);
    assert_eq!(used(&bed), before, "the snapshots are still there");
}

#[tokio::test]
async fn deletion_is_an_action_and_ends_in_404() {
    let bed = Bed::of("G2").await;
    let made = bed.backup("orders-db-1").await;
    let url = text(&made["url"]);
    let (code, answer) = bed.post(&format!("{url}delete/"), json!({})).await;
    assert_eq!((code, answer), (409, json!({"detail": "Cannot delete a backup in state 'Backing up'"})));
    bed.advance(60.0);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let (code, answer) = bed.send(method.clone(), &url, json!({})).await;
        assert_eq!((code, answer), (405, json!({"detail": format!("Method \"{method}\" not allowed.")})));
    }
    // The documentation's singular is no route: not even JSON answers.
    let singular = url.replace("openstack-backups", "openstack-backup");
    let (code, answer) = bed.post(&format!("{singular}delete/"), json!({})).await;
    assert_eq!(code, 404);
    assert!(answer.as_str().unwrap().contains("<h1>Not Found</h1>"));
    assert_eq!(bed.post(&format!("{url}delete/"), json!({})).await.0, 200);
    assert_eq!(bed.states(&made, 1.0, 10).await, ["Deleting", "gone"]);
    assert!(bed.list("/api/openstack-backups/").await.is_empty());
}

#[tokio::test]
async fn the_instance_filter_takes_an_identifier_whatever_is_written() {
    let bed = Bed::of("G2").await;
    bed.backup("orders-db-1").await;
    let other = bed.backup("ledger-db-1").await;
    let instance = bed.instance("ledger-db-1").await;
    let count = async |query: String| bed.list(&format!("/api/openstack-backups/?{query}")).await.len();
    assert_eq!(count(format!("instance={}", text(&instance["uuid"]))).await, 1);
    assert_eq!(count(format!("instance={}", text(&other["instance"]))).await, 0, "a URL finds nothing");
    assert_eq!(count(format!("project={}", text(&instance["project_uuid"]))).await, 1);
    assert_eq!(count("description=BY+HA".to_owned()).await, 2);
    assert_eq!(count("description=nothing".to_owned()).await, 0);
    assert_eq!(count("unheard=of".to_owned()).await, 2);
}
