//! Backups on demand, restores, deletions: once each, whatever happens to the answer.

use crate::stage::{Stage, stage, stage_with};
use model::{
    named::Named,
    recovery::{PointDetail, PointState, RecoveryPoint},
    restore::RestoreOrder,
    scope::ClusterObjects,
};
use serde_json::{Value, json};
use server::provider::{Begun, ErrorKind, LogOf, Owned};

const RUN: &str = "run workspace backup";

fn backups(stage: &Stage) -> Vec<Value> {
    stage.thing("workspaces", "shop")["backups"].as_array().unwrap().clone()
}

fn restores(stage: &Stage) -> Vec<Value> {
    stage.thing("workspaces", "shop")["restores"].as_array().unwrap().clone()
}

/// The key of the backup of a request's cluster.
fn point(stage: &Stage, entry: &Value, cluster: &str) -> String {
    let parts = entry["workspaceBackupConfig"]["clusterBackupRefs"].as_array().unwrap();
    let part = parts.iter().find(|part| part["clusterName"] == cluster).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    format!(
        "{}/{}/{}/{}",
        stage.uid("workspaces", "shop"),
        text(&entry["requestUid"]),
        text(&part["clusterUid"]),
        text(&part["backupStatusMeta"]["backupName"])
    )
}

async fn backed_up(stage: &Stage, owned: &Owned, name: &str) -> Value {
    stage.provider.start_run(owned, &stage.ask(name, false)).await.unwrap();
    stage.advance(300);
    backups(stage).into_iter().find(|entry| entry["workspaceBackupConfig"]["backupName"] == name).unwrap()
}

fn name(begun: &Begun) -> &str {
    begun.name.as_deref().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_begun_once() {
    for options in [json!({}), json!({"uid_key": "UID"})] {
        let stage = stage_with(options).await;
        let owned = stage.owned("once");
        stage.provider.apply(&owned, None, None).await.unwrap();
        let order = format!("{}-20261003015930", owned.upstream_name);
        let begun = stage.provider.start_run(&owned, &stage.ask(&order, false)).await.unwrap();
        let uid = backups(&stage)[0]["requestUid"].as_str().unwrap().to_owned();
        assert_eq!(name(&begun), format!("{}/{uid}", stage.uid("workspaces", "shop")));
        assert_eq!(backups(&stage)[0]["workspaceBackupConfig"]["backupName"], order);
        let again = stage.provider.start_run(&owned, &stage.ask(&order, true)).await.unwrap();
        assert_eq!((again, stage.calls(RUN)), (begun, 1), "looked for and found");
        assert_eq!(stage.policy("shop")["backupConfig"]["schedule"]["scheduledRunTime"], "0 2 * * *");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_is_never_sent_twice() {
    let stage = stage().await;
    let owned = stage.owned("lost");
    stage.provider.apply(&owned, None, None).await.unwrap();
    for (n, effect) in [
        json!({"kind": "lost_answer"}),
        json!({"kind": "truncated"}),
        json!({"kind": "html", "code": 502}),
        json!({"kind": "status", "code": 429}),
        json!({"kind": "drop"}),
    ]
    .into_iter()
    .enumerate()
    {
        let order = format!("{}-2026100301593{n}", owned.upstream_name);
        let (calls, held) = (stage.calls(RUN), backups(&stage).len());
        stage.harm(json!([{"method": "POST", "path": "/onDemand", "times": 1, "effect": effect}]));
        let first = stage.provider.start_run(&owned, &stage.ask(&order, false)).await;
        assert_eq!(stage.calls(RUN), calls + 1, "{effect}: sent once");
        stage.heal();
        let begun = stage.provider.start_run(&owned, &stage.ask(&order, true)).await.unwrap();
        assert_eq!(backups(&stage).len(), held + 1, "{effect} {first:?}: one backup");
        assert!(begun.name.is_some(), "{effect}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_on_demand_does_not_cost_the_schedule() {
    let stage = stage_with(json!({"on_demand_sets_policy": true})).await;
    let owned = stage.owned("kept");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let order = format!("{}-20261003015930", owned.upstream_name);
    stage.provider.start_run(&owned, &stage.ask(&order, false)).await.unwrap();
    assert_eq!(stage.policy("shop")["backupConfig"]["schedule"]["scheduledRunTime"], "0 2 * * *");
    let again = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
    assert!(again.sentence.contains("as saved"), "{}", again.sentence);
    // Nor somebody else's, whose workspace a single backup is of.
    stage.foreign("finance", "by-terraform", "0 5 * * *");
    let before = stage.policy("finance");
    let mut single = stage.owned_of("finance", "single");
    single.definition.schedule = None;
    stage.provider.apply(&single, None, None).await.unwrap();
    assert_eq!(stage.policy("finance"), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_without_a_schedule_is_one_backup() {
    let stage = stage().await;
    let mut owned = stage.owned("single");
    owned.definition.schedule = None;
    owned.definition.scope.clusters = vec![stage.named("clusters", "prod-eu-1")];
    let rendered = stage.provider.preview(&owned).await.unwrap();
    assert!(rendered.requests[0].curl.contains("/onDemand"), "{rendered:?}");
    stage.harm(json!([{"method": "POST", "path": "/onDemand", "times": 1, "effect": {"kind": "lost_answer"}}]));
    stage.provider.apply(&owned, None, None).await.unwrap_err();
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    assert!(first.sentence.contains("is there"), "{}", first.sentence);
    owned.version = 2;
    let second = stage.provider.apply(&owned, Some(&first), None).await.unwrap();
    assert_eq!((second.written, stage.calls(RUN)), (first.written, 1));
    assert_eq!(backups(&stage)[0]["workspaceBackupConfig"]["backupName"], owned.upstream_name);
    assert_eq!(stage.policy("shop"), Value::Null);
    // One that lost its schedule lets its policy go.
    let mut was = stage.owned_of("finance", "was");
    let before = stage.provider.apply(&was, None, None).await.unwrap();
    was.definition.schedule = None;
    stage.provider.apply(&was, Some(&before), None).await.unwrap();
    assert_eq!(stage.policy("finance")["backupConfig"]["schedule"]["scheduledRunTime"], "");
    assert_eq!(stage.calls(RUN), 1);
}

/// The answer to the one backup of a definition without a schedule is lost, and the request is not shown at the next look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_backup_whose_answer_was_lost_is_not_begun_again() {
    for effect in [json!({"kind": "lost_answer"}), json!({"kind": "truncated"})] {
        let stage = stage().await;
        let mut owned = stage.owned("unscheduled");
        owned.definition.schedule = None;
        stage.harm(json!([{"method": "POST", "path": "/onDemand", "times": 1, "effect": effect}]));
        let first = stage.provider.apply(&owned, None, None).await;
        assert_eq!((stage.calls(RUN), backups(&stage).len()), (1, 1), "{effect} {first:?}");
        stage.heal();
        let unseen = json!({"kind": "status", "code": 404});
        stage.harm(json!([{"method": "GET", "path": "/backup", "times": 1, "effect": unseen}]));
        let again = stage.provider.apply(&owned, None, None).await.unwrap();
        assert!(again.sentence.contains("is there"), "{effect}: {}", again.sentence);
        assert_eq!((stage.calls(RUN), backups(&stage).len()), (1, 1), "{effect}: one backup");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_takes_one_cluster_of_a_request() {
    let stage = stage().await;
    let owned = stage.quiet("delete");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let entry = backed_up(&stage, &owned, &format!("{}-20261003015930", owned.upstream_name)).await;
    let (one, two) = (point(&stage, &entry, "prod-eu-1"), point(&stage, &entry, "prod-eu-2"));
    for _ in 0..2 {
        stage.provider.delete_point(&one, "o1").await.unwrap();
    }
    assert_eq!(stage.calls("delete workspace backups"), 1, "it is on its way");
    stage.advance(60);
    let left = backups(&stage)[0]["workspaceBackupConfig"]["clusterBackupRefs"].as_array().unwrap().len();
    assert_eq!(left, 1, "the other cluster's stays");
    stage.provider.delete_point(&one, "o2").await.unwrap();
    assert_eq!(stage.calls("delete workspace backups"), 1, "gone already");
    // Whose answer is lost; and one that Palette can't carry out is asked for again by another order.
    stage.command("outcome", json!({"of": "delete", "outcome": "failed", "message": "bucket is locked", "times": 1}));
    stage.harm(json!([{"method": "DELETE", "times": 1, "effect": {"kind": "lost_answer"}}]));
    assert!(stage.provider.delete_point(&two, "o3").await.unwrap_err().kind.retryable());
    stage.provider.delete_point(&two, "o3").await.unwrap();
    stage.advance(60);
    stage.provider.delete_point(&two, "o4").await.unwrap();
    stage.advance(60);
    assert!(backups(&stage).is_empty(), "{:?}", backups(&stage));
    stage.provider.delete_point(&two, "o5").await.unwrap();
    assert!(stage.provider.delete_point("nonsense", "o6").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_being_made_is_deleted_later() {
    let stage = stage().await;
    let owned = stage.quiet("early");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let order = format!("{}-20261003015930", owned.upstream_name);
    stage.provider.start_run(&owned, &stage.ask(&order, false)).await.unwrap();
    let key = point(&stage, &backups(&stage)[0], "prod-eu-1");
    let error = stage.provider.delete_point(&key, "o").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "an operational 500 is no failing server: {error}");
    assert!(error.sentence.contains("in progress"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restores_say_the_same_in_both_generations() {
    for (version, objects, wanted) in [
        ("4.8", ClusterObjects::Needed, json!("Auto")),
        ("4.8", ClusterObjects::None, json!("Never")),
        ("4.5", ClusterObjects::All, json!(true)),
        ("4.5", ClusterObjects::None, json!(false)),
    ] {
        let stage = stage_with(json!({"version": version})).await;
        let mut owned = stage.quiet("restore");
        owned.definition.scope.cluster_objects = ClusterObjects::All;
        stage.provider.apply(&owned, None, None).await.unwrap();
        let entry = backed_up(&stage, &owned, &format!("{}-20261003015930", owned.upstream_name)).await;
        let key = point(&stage, &entry, "prod-eu-1");
        let order = RestoreOrder {
            point_name: key.clone(),
            namespaces: vec!["checkout".into()],
            keep_node_ports: true,
            cluster_objects: objects,
            ..RestoreOrder::default()
        };
        let begun = stage.provider.restore(&order, &stage.ask("restore-1", false)).await.unwrap();
        let made = restores(&stage).remove(0);
        assert_eq!(
            name(&begun),
            format!("{}/{}", stage.uid("workspaces", "shop"), made["requestUid"].as_str().unwrap())
        );
        let asked = &made["asked"][0];
        assert_eq!(
            (&made["backupRequestUid"], &asked["sourceClusterUid"]),
            (&entry["requestUid"], &json!(stage.uid("clusters", "prod-eu-1")))
        );
        assert_eq!(asked["includeNamespaces"], json!(["checkout"]));
        assert_eq!((&asked["preserveNodePorts"], &asked["restorePVs"]), (&json!(true), &json!(true)));
        let field = if version == "4.8" { "includeClusterResourceMode" } else { "includeClusterResources" };
        assert_eq!(asked[field], wanted, "{version} {objects:?}");
        if version == "4.5" {
            let unsaid = RestoreOrder { cluster_objects: ClusterObjects::Needed, ..order };
            let error = stage.provider.restore(&unsaid, &stage.ask("restore-2", false)).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Refused, "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_is_begun_once() {
    let stage = stage().await;
    let owned = stage.quiet("again");
    stage.provider.apply(&owned, None, None).await.unwrap();
    let entry = backed_up(&stage, &owned, &format!("{}-20261003015930", owned.upstream_name)).await;
    let order = RestoreOrder { point_name: point(&stage, &entry, "prod-eu-2"), ..RestoreOrder::default() };
    // One of long ago is not it.
    stage.provider.restore(&order, &stage.ask("long-ago", false)).await.unwrap();
    stage.advance(3600);
    stage.harm(json!([{"method": "POST", "path": "/restore/onDemand", "times": 1, "effect": {"kind": "lost_answer"}}]));
    stage.provider.restore(&order, &stage.ask("lost", false)).await.unwrap_err();
    stage.heal();
    stage.advance(5);
    let begun = stage.provider.restore(&order, &stage.ask("lost", true)).await.unwrap();
    assert_eq!(restores(&stage).len(), 2);
    assert!(name(&begun).ends_with(restores(&stage)[1]["requestUid"].as_str().unwrap()));
    // Another order of the same point is another restore.
    let other = stage.provider.restore(&order, &stage.ask("other", true)).await.unwrap();
    assert_ne!(other, begun);
    assert_eq!(restores(&stage).len(), 3);
    let elsewhere = RestoreOrder { place: Some(Named::new("c", "elsewhere")), ..order.clone() };
    assert!(stage.provider.restore(&elsewhere, &stage.ask("x", false)).await.is_err());
    stage.command("cluster", json!({"cluster": "prod-eu-2", "healthy": false}));
    let error = stage.provider.restore(&order, &stage.ask("unwell", false)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    let offer = stage.provider.restore_offer(&stored(&order.point_name)).await.unwrap();
    assert!(offer.notes.iter().any(|note| note.contains("not reachable")), "{:?}", offer.notes);
}

/// A point as the store has it; only its name matters here.
fn stored(name: &str) -> RecoveryPoint {
    RecoveryPoint {
        id: "p".into(),
        connection: "c".into(),
        definition: None,
        run: None,
        name: name.into(),
        state: PointState::Whole,
        taken: None,
        expires: None,
        location: None,
        namespaces: Vec::new(),
        items: None,
        detail: PointDetail::default(),
        observed: model::Millis(0),
        deletion: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_stand_with_their_cluster() {
    let stage = stage().await;
    let owned = stage.quiet("said");
    stage.provider.apply(&owned, None, None).await.unwrap();
    stage.command("outcome", json!({"cluster": "prod-eu-2", "outcome": "failed", "message": "disk on fire"}));
    let entry = backed_up(&stage, &owned, &format!("{}-20261003015930", owned.upstream_name)).await;
    let run = format!("{}/{}", stage.uid("workspaces", "shop"), entry["requestUid"].as_str().unwrap());
    let results = stage.provider.results(LogOf::Run, &run).await.unwrap();
    assert_eq!(results.errors.len(), 1, "{results:?}");
    assert_eq!(
        (results.errors[0].place.as_str(), results.errors[0].text.as_str()),
        ("cluster prod-eu-2", "disk on fire")
    );
    let gone = stage.provider.results(LogOf::Restore, &run).await.unwrap();
    assert!(gone.unavailable.is_some());
    assert!(stage.provider.log(LogOf::Run, &run).await.is_err());
}
