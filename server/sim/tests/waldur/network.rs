//! Restores from G3 on, with their networks.

use serde_json::{Value, json};

use crate::bed::{Bed, text};

async fn ready(bed: &Bed) -> (Value, String) {
    let made = bed.backup("orders-db-1").await;
    bed.advance(60.0);
    let restore = format!("{}restore/", text(&made["url"]));
    (made, restore)
}

async fn first(bed: &Bed, list: &str, project: &str) -> Value {
    let rows = bed.list(&bed.at(list)).await;
    rows.into_iter().find(|row| row["project_name"] == project).unwrap()
}

#[tokio::test]
async fn answer_the_new_machine_and_leave_the_backup_alone() {
    for (generation, ports) in [("G3", "internal_ips_set"), ("G4", "ports"), ("G5", "ports")] {
        let bed = Bed::of(generation).await;
        let (made, restore) = ready(&bed).await;
        let subnet = first(&bed, "subnets/", "shop").await["url"].clone();
        let group = first(&bed, "security-groups/", "shop").await["url"].clone();
        let ip = first(&bed, "floating-ips/?free=true", "shop").await;
        let body = json!({"flavor": bed.flavor_url("m1.large").await, "name": "drill", "security_groups": [{"url": group}],
            ports: [{"subnet": subnet}], "floating_ips": [{"url": ip["url"], "subnet": subnet}, {"subnet": subnet}]});
        let (code, instance) = bed.post(&restore, body.clone()).await;
        assert!(matches!(code, 200 | 201), "{instance}");
        assert_eq!(instance["name"], "drill");
        assert_eq!(instance[ports][0]["subnet"], subnet);
        assert_eq!(instance["floating_ips"].as_array().unwrap().len(), 2);
        assert_eq!(instance["floating_ips"][0]["address"], ip["name"]);
        assert_eq!(text(&bed.again(&made).await["state"]), "OK");
        assert_eq!(bed.again(&made).await["restorations"][0]["instance"], instance["url"]);
        let states = bed.states(&instance, 0.5, 100).await;
        assert_eq!(states.last().unwrap(), "OK");
        assert_eq!(states.len(), 3);
        // The address is taken now.
        let (code, answer) = bed.post(&restore, body).await;
        assert_eq!(code, 400);
        assert_eq!(answer["floating_ips"][0]["url"], json!(["Invalid hyperlink - Object does not exist."]));
    }
}

#[tokio::test]
async fn refuse_what_belongs_elsewhere() {
    let bed = Bed::of("G4").await;
    let (_, restore) = ready(&bed).await;
    let ours = first(&bed, "subnets/", "shop").await["url"].clone();
    let theirs = first(&bed, "subnets/", "finance").await["url"].clone();
    let flavor = bed.flavor_url("m1.large").await;
    for (body, field, piece) in [
        (json!({"flavor": flavor, "ports": [{"subnet": theirs}]}), "ports", "does not belong to the same tenant"),
        (json!({"flavor": flavor, "ports": [{}]}), "ports", "This field is required."),
        (json!({"flavor": flavor, "ports": [{"subnet": null}]}), "ports", "may not be null"),
        (json!({"flavor": flavor, "ports": ["x"]}), "ports", "Expected a dictionary, but got str."),
        (json!({"flavor": flavor, "ports": 7}), "ports", "Expected a list of items but got type"),
        (json!({"flavor": flavor, "security_groups": [{"url": ours}]}), "security_groups", "Incorrect URL match."),
        (
            json!({"flavor": flavor, "floating_ips": [{"subnet": ours}]}),
            "floating_ips",
            "is not connected to instance.",
        ),
        (
            json!({"flavor": flavor, "ports": [{"subnet": ours}], "floating_ips": [{"subnet": ours, "url": 1}]}),
            "floating_ips",
            "received int.",
        ),
        (json!({"flavor": flavor, "name": ""}), "name", "may not be blank"),
        (json!({"name": "x"}), "flavor", "This field is required."),
    ] {
        let (code, answer) = bed.post(&restore, body.clone()).await;
        assert_eq!(code, 400, "{body}: {answer}");
        assert!(answer[field].to_string().contains(piece), "{answer}");
    }
    // G3's word is not known here and silently does nothing.
    let body = json!({"flavor": flavor, "internal_ips_set": [{"subnet": ours}]});
    let (code, instance) = bed.post(&restore, body).await;
    assert_eq!((code, &instance["ports"]), (201, &json!([])));
}

#[tokio::test]
async fn need_a_bootable_volume_and_room() {
    let bed = Bed::of("G4").await;
    let (_, restore) = ready(&bed).await;
    let flavor = bed.flavor_url("m1.large").await;
    bed.command("quota", json!({"project": "shop", "storage_gib": 600}));
    let (code, answer) = bed.post(&restore, json!({"flavor": flavor})).await;
    assert_eq!(code, 400);
    assert!(text(&answer[0]).contains("quotas were exceeded"), "{answer}");
    bed.command("instance", json!({"name": "orders-db-1", "bootable": false}));
    let refusal = json!({"non_field_errors": ["OpenStack instance should have bootable volume."]});
    assert_eq!(bed.post(&restore, json!({"flavor": flavor})).await, (400, refusal.clone()));
    let url = bed.instance_url("orders-db-1").await;
    let body = json!({"name": "n", "retention_time": 1, "maximal_number_of_resources": 1, "schedule": "0 1 * * *"});
    assert_eq!(bed.post(&format!("{url}create_backup_schedule/"), body).await, (400, refusal));
}

#[tokio::test]
async fn a_failed_one_leaves_an_erred_machine() {
    let bed = Bed::of("G4").await;
    let (_, restore) = ready(&bed).await;
    bed.command("outcome", json!({"next": "refused", "on": "restore"}));
    let flavor = bed.flavor_url("m1.large").await;
    let (_, instance) = bed.post(&restore, json!({"flavor": flavor, "name": "drill"})).await;
    assert_eq!(bed.states(&instance, 0.5, 100).await, ["Creation Scheduled", "Creating", "Erred"]);
    assert!(!text(&bed.again(&instance).await["error_message"]).is_empty());
}
