//! Locations: their kinds, their masked secrets, who uses them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bed::{Bed, states};

const LOCATIONS: &str = "/v1/users/assets/locations";

#[tokio::test]
async fn an_azure_location_says_something_else_in_the_list() {
    for (word, storage) in [("s3", json!("s3")), ("", Value::Null)] {
        let bed = Bed::with(json!({"azure_storage": word})).await;
        let list = bed.get(LOCATIONS).await.body;
        let items = list["items"].as_array().unwrap();
        let azure = items.iter().find(|item| item["metadata"]["name"] == "archive-azure").unwrap();
        assert_eq!((&azure["spec"]["storage"], &azure["spec"]["type"]), (&storage, &json!("azure")));
        let uid = azure["metadata"]["uid"].as_str().unwrap();
        assert_eq!(bed.get(&format!("{LOCATIONS}/s3/{uid}")).await.code, 404);
        assert_eq!(bed.get(&format!("{LOCATIONS}/azure/{uid}")).await.code, 200);
        let shared = items.iter().find(|item| item["metadata"]["name"] == "eu-s3").unwrap();
        assert_eq!(shared["spec"]["isDefault"], true);
    }
}

#[tokio::test]
async fn secrets_are_masked_and_a_careless_edit_stores_the_mask() {
    let bed = Bed::new().await;
    let body = json!({"metadata": {"name": "second-s3"}, "spec": {"isDefault": true, "config": {"bucketName": "b", "region": "eu-central-1",
        "s3Url": "", "credentials": {"credentialType": "secret", "accessKey": "AK", "secretKey": "very-secret"}}}});
    let made = bed.post(&format!("{LOCATIONS}/s3"), &body).await;
    assert_eq!(made.code, 201);
    assert_eq!(bed.post(&format!("{LOCATIONS}/s3"), &body).await.code, 409);
    let uid = made.body["uid"].as_str().unwrap();
    let path = format!("{LOCATIONS}/s3/{uid}");
    let shown = bed.get(&path).await.body;
    assert_eq!(shown["spec"]["config"]["credentials"]["secretKey"], "**********");
    assert_eq!(shown["spec"]["config"]["credentials"]["accessKey"], "AK");
    assert!(!bed.state().to_string().contains("very-secret"));
    let mut plan = bed.plan(&["prod-eu-1"]);
    plan["backupConfig"]["backupLocationUid"] = uid.into();
    let run = format!("{}/onDemand", bed.backup_path("shop"));
    let last = async || {
        assert_eq!(bed.post(&run, &plan).await.code, 201);
        bed.advance(200.0);
        bed.entries("shop").await.pop().unwrap()
    };
    assert_eq!(states(&last().await).0, "Completed");
    assert_eq!(bed.put(&path, &shown).await.code, 204, "as it was read");
    let broken = last().await;
    let row = &broken["workspaceBackupConfig"]["clusterBackupRefs"][0]["backupStatusMeta"];
    assert_eq!(row["backupState"]["state"], "Failed");
    assert!(row["backupState"]["msg"].as_str().unwrap().contains("SignatureDoesNotMatch"));
    assert_eq!(bed.put(&path, &body).await.code, 204);
    assert_eq!(states(&last().await).0, "Completed");
    bed.control("location", json!({"location": "second-s3", "trouble": "dial tcp: i/o timeout"})).await;
    assert_eq!(states(&last().await).0, "Failed");
}

#[tokio::test]
async fn locations_in_use_stay_and_tell_their_users() {
    let bed = Bed::new().await;
    let uid = bed.uid("locations", "eu-s3");
    let users = format!("/v1/spectroclusters/features/backup/locations/{uid}");
    assert_eq!(bed.get(&users).await.body["clusters"], json!([]));
    bed.post(&bed.backup_path("shop"), &bed.plan(&["prod-eu-1"])).await;
    let names: Vec<Value> =
        bed.get(&users).await.body["clusters"].as_array().unwrap().iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, ["prod-eu-1"]);
    let refused = bed.delete(&format!("{LOCATIONS}/{uid}")).await;
    assert_eq!((refused.code, refused.body["code"].as_str()), (400, Some("BackupLocationInUse")));
    let other = bed.uid("locations", "gcs-dr");
    assert_eq!(bed.send(Method::PATCH, &format!("{LOCATIONS}/gcp/{other}/default"), &json!({})).await.code, 204);
    let list = bed.get(LOCATIONS).await.body;
    let defaults = list["items"].as_array().unwrap().iter().filter(|item| item["spec"]["isDefault"] == true);
    assert_eq!(defaults.map(|item| item["metadata"]["name"].clone()).collect::<Vec<_>>(), ["gcs-dr"]);
    assert_eq!(bed.delete(&format!("{LOCATIONS}/gcp/{other}")).await.code, 204);
    assert_eq!(bed.delete(&format!("{LOCATIONS}/{other}")).await.code, 404);
}

#[tokio::test]
async fn credentials_are_tried_before_they_are_stored() {
    let bed = Bed::new().await;
    let s3 = |secret: &str| json!({"config": {"bucketName": "b", "region": "r", "credentials": {"accessKey": "a", "secretKey": secret}}});
    for (path, body, code) in [
        ("aws/s3", s3("right"), 204),
        ("aws/s3", s3("wrong"), 400),
        ("aws/s3", s3("**********"), 400),
        ("aws/s3", json!({"config": {"bucketName": "b"}}), 400),
        ("gcp/bucketname", json!({"bucketName": "b", "credentials": {"jsonCredentials": "{}"}}), 204),
        ("azure/account", json!({"tenantId": "t", "clientId": "c", "clientSecret": "s"}), 204),
    ] {
        assert_eq!(bed.post(&format!("/v1/clouds/{path}/validate"), &body).await.code, code, "{path} {body}");
    }
}
