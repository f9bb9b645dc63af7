//! Restores in place and beside, followed by the state of their app.

use crate::stage::{Stage, again, ask};
use model::{
    ConnectionId, Millis, Phase,
    named::Named,
    recovery::{PointState, RecoveryPoint},
    restore::RestoreOrder,
};
use serde_json::json;
use server::provider::{ErrorKind, Observed, PointSeen, Sort};

fn order(point: &PointSeen) -> RestoreOrder {
    RestoreOrder {
        point: "p".into(),
        point_name: point.name.clone(),
        subject: point.detail.subject.clone(),
        cluster: point.detail.cluster.clone(),
        ..RestoreOrder::default()
    }
}

fn stored(point: &PointSeen) -> RecoveryPoint {
    RecoveryPoint {
        id: "p".into(),
        connection: ConnectionId::from("c"),
        definition: None,
        run: None,
        name: point.name.clone(),
        state: PointState::Whole,
        taken: point.taken,
        expires: None,
        location: None,
        namespaces: point.namespaces.clone(),
        items: None,
        detail: point.detail.clone(),
        observed: Millis(0),
        deletion: None,
    }
}

#[tokio::test]
async fn in_place_with_the_header_and_followed_to_its_end() {
    let stage = Stage::open().await;
    let point = stage.point(&stage.owned("back", "orders"), "back-1").await;
    let offer = stage.provider.restore_offer(&stored(&point)).await.unwrap();
    assert_eq!(offer.not_in_place, None);
    assert!(offer.notes.iter().any(|note| note.contains("replaces")), "{offer:?}");
    let id = stage.app("orders").id;
    stage.edit("app", &id, json!({"metadata": {"labels": [{"name": "team", "value": "blue"}]}}));
    let mut watcher = stage.watch();
    watcher.listed(Sort::Restore).await;
    let (order, asked) = (RestoreOrder { in_place: true, ..order(&point) }, ask("restore-1"));
    let key = stage.provider.restore(&order, &asked).await.unwrap().name.unwrap();
    stage.forget();
    assert_eq!(stage.provider.restore(&order, &again(&asked)).await.unwrap().name.as_ref(), Some(&key));
    assert_eq!(stage.writes(), [], "it is begun once");
    let offer = stage.provider.restore_offer(&stored(&point)).await.unwrap();
    assert!(offer.not_in_place.is_some_and(|why| why.contains("restoring")), "not twice at a time");
    let seen = watcher.restore(&key, |r| r.phase == Phase::Running).await;
    assert_eq!((seen.order.as_deref(), seen.point.as_str()), (Some("restore-1"), point.name.as_str()));
    let done = watcher.restore(&key, |r| r.phase.is_final()).await;
    assert_eq!((done.phase, done.raw_phase.as_str()), (Phase::Succeeded, "ready"));
    let labels =
        stage.state("app").into_iter().find(|app| app["id"] == id.as_str()).unwrap()["metadata"]["labels"].clone();
    assert!(labels.as_array().unwrap().contains(&json!({"name": "team", "value": "blue"})), "{labels}");
    // The app's later life is not the restore's.
    stage.edit("app", &id, json!({"state": "unavailable"}));
    let mut other = watcher;
    let told = tokio::time::timeout(std::time::Duration::from_secs(18), other.restore(&key, |_| true)).await;
    assert!(told.is_err(), "{told:?}");
    // A second one, which fails.
    stage.edit("app", &id, json!({"state": "ready"}));
    stage.command("outcome", json!({"of": "restore", "result": "failed", "detail": "No space", "times": 1}));
    let key = stage.provider.restore(&order, &ask("restore-2")).await.unwrap().name.unwrap();
    let failed = other.restore(&key, |r| r.phase.is_final()).await;
    assert_eq!(failed.phase, Phase::Failed);
    assert!(failed.detail.message.unwrap().contains("No space"));
}

#[tokio::test]
async fn beside_on_another_cluster_with_mappings() {
    let stage = Stage::open().await;
    let point = stage.point(&stage.owned("copy", "checkout"), "copy-1").await;
    let offer = stage.provider.restore_offer(&stored(&point)).await.unwrap();
    let places: Vec<(&str, bool)> =
        offer.places.iter().map(|place| (place.cluster.name.as_str(), place.why_not.is_none())).collect();
    assert_eq!(places, [("prod-zurich", true), ("staging-zurich", true)], "its own first");
    assert_eq!(offer.places[1].storage_classes, ["ontap-gold", "ontap-silver"]);
    let order = RestoreOrder {
        new_name: "checkout-copy".into(),
        place: Some(offer.places[1].cluster.clone()),
        mapping: vec![("checkout".into(), "shop".into())],
        storage_classes: vec![("*".into(), "ontap-silver".into())],
        ..order(&point)
    };
    let asked = ask("beside-1");
    stage.fault(json!([{"method": "POST", "times": 1, "effect": {"kind": "lost_answer"}}]));
    // Lost, and found again at once or by the next try.
    let first = stage.provider.restore(&order, &asked).await;
    stage.heal();
    let key = stage.provider.restore(&order, &again(&asked)).await.unwrap().name.unwrap();
    assert!(first.is_err() || first.unwrap().name.as_ref() == Some(&key));
    let made: Vec<_> = stage.state("app").into_iter().filter(|app| app["name"] == "checkout-copy").collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["namespaces"], json!(["shop", "checkout-db"]), "what is not mapped is said too");
    let mut watcher = stage.watch();
    let done = watcher.restore(&key, |r| r.phase.is_final()).await;
    assert_eq!(
        (done.phase, done.order.as_deref(), done.point),
        (Phase::Succeeded, Some("beside-1"), point.name.clone())
    );
    // Each refusal names the form's field.
    let beside = |change: fn(&mut RestoreOrder)| {
        let mut order = RestoreOrder {
            new_name: "third".into(),
            place: Some(Named::new(made[0]["clusterID"].as_str().unwrap(), "s")),
            ..order.clone()
        };
        change(&mut order);
        order
    };
    for (order, field, problem) in [
        (beside(|o| o.new_name = "Ünfit".into()), Some("new_name"), 9),
        (beside(|o| o.mapping = vec![("web".into(), "x".into())]), Some("mapping"), 9),
        (
            beside(|o| o.mapping = vec![("checkout".into(), "default".into()), ("checkout-db".into(), "y".into())]),
            None,
            123,
        ),
        (beside(|o| o.storage_classes = vec![("*".into(), "ceph".into())]), None, 156),
        (beside(|o| o.new_name = "checkout-test".into()), None, 121),
    ] {
        let error = stage.provider.restore(&order, &ask("bad")).await.unwrap_err();
        assert!(error.sentence.contains(&format!("problem {problem}")), "{error}");
        assert_eq!(error.kind, ErrorKind::Refused, "{error}");
        assert_eq!(error.fields.0.first().map(|f| f.path.as_str()), field, "{error:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_is_refused_before_anything_is_sent() {
    let stage = Stage::open().await;
    let point = stage.point(&stage.owned("no", "web"), "no-1").await;
    stage.forget();
    for bad in [
        RestoreOrder { mapping: vec![("web".into(), "x".into())], ..order(&point) },
        RestoreOrder { storage_classes: vec![("a".into(), "b".into())], ..order(&point) },
        RestoreOrder { place: Some(Named::new("c", "c")), ..order(&point) },
    ] {
        let error = stage.provider.restore(&RestoreOrder { in_place: true, ..bad }, &ask("r")).await.unwrap_err();
        assert_eq!((error.kind, stage.writes()), (ErrorKind::Refused, Vec::new()), "{error}");
    }
    // While a backup runs nothing is restored in place; it is tried again.
    stage.command("outcome", json!({"of": "backup", "app": "web", "result": "stuck", "times": 1}));
    stage.provider.start_run(&stage.owned("busy", "web"), &ask("busy-1")).await.unwrap();
    let in_place = RestoreOrder { in_place: true, ..order(&point) };
    let error = stage.provider.restore(&in_place, &ask("r")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    assert!(error.remedy.contains("quiet"), "{error:?}");
    let offer = stage.provider.restore_offer(&stored(&point)).await.unwrap();
    assert!(offer.not_in_place.is_some_and(|why| why.contains("under way")));
    // Its app is gone, and the backups with it.
    stage.command("remove", json!({"resource": "app", "id": "web"}));
    let error = stage.provider.restore(&in_place, &ask("r")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(stage.provider.restore_offer(&stored(&point)).await.unwrap().not_in_place.is_some());
}

#[tokio::test]
async fn somebody_elses_restore_is_seen_and_no_app_is_ever_deleted() {
    let stage = Stage::open().await;
    let point = stage.point(&stage.owned("theirs", "web"), "theirs-1").await;
    let (app, backup) = point.name.split_once('/').unwrap();
    let cluster = stage.id("managedCluster", "prod-zurich");
    let body = json!({"type": "application/astra-app", "version": "2.2", "name": "web-theirs", "clusterID": cluster,
        "sourceClusterID": cluster, "backupID": backup});
    let (code, made) = stage.ask(reqwest::Method::POST, "/k8s/v2/apps", Some(body)).await;
    assert_eq!(code, 201, "{made}");
    let mut watcher = stage.watch();
    let seen = watcher
        .find("their restore", |o| match o {
            Observed::Restore(r) if r.phase.is_final() => Some(r.clone()),
            _ => None,
        })
        .await;
    assert_eq!((seen.order.as_deref(), seen.point.as_str()), (None, format!("{app}/{backup}").as_str()));
    assert!(stage.writes().iter().all(|(method, path)| method != "DELETE" || !path.ends_with(app)));
}
