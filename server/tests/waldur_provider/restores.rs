//! Restores: each a new instance, followed to its end, found again after a lost answer or a restart.

use crate::stage::{self, Stage, ask, watch};
use model::{
    ConnectionId, Millis, PointId,
    recovery::{PointState, RecoveryPoint},
    restore::RestoreOrder,
};
use serde_json::json;
use server::provider::{ErrorKind, PointSeen};

fn order(point: &PointSeen) -> RestoreOrder {
    RestoreOrder { point_name: point.name.clone(), ..RestoreOrder::default() }
}

fn stored(point: &PointSeen) -> RecoveryPoint {
    RecoveryPoint {
        id: PointId::from("p"),
        connection: ConnectionId::from("c"),
        definition: None,
        run: None,
        name: point.name.clone(),
        state: PointState::Whole,
        taken: point.taken,
        expires: None,
        location: None,
        namespaces: Vec::new(),
        items: None,
        detail: point.detail.clone(),
        observed: Millis(0),
        deletion: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_chosen_is_what_the_new_instance_has() {
    for generation in ["G3", "G4", "G5"] {
        let stage = stage::of(generation).await;
        let owned = stage.single("net");
        let point = stage.point(&owned).await;
        let offer = stage.provider.restore_offer(&stored(&point)).await.unwrap();
        assert!(offer.flavors[0].name.starts_with("m1.large (4 cores, 8 GiB)"), "its own first: {:?}", offer.flavors);
        assert_eq!(offer.networks.len(), 1, "the project's own: {:?}", offer.networks);
        assert_eq!((offer.security_groups.len(), offer.floating_ips.len()), (3, 2));
        let order = RestoreOrder {
            new_name: "drill".into(),
            flavor: offer.flavors.iter().find(|f| f.name.starts_with("m1.small")).cloned(),
            networks: offer.networks.clone(),
            security_groups: offer.security_groups[1..].to_vec(),
            floating_ips: offer.floating_ips[..1].to_vec(),
            ..order(&point)
        };
        let key = stage.provider.restore(&order, &ask(&owned, "1")).await.unwrap().name.unwrap();
        let made = stage.named("instances", "drill").unwrap();
        assert_eq!(made["uuid"], key.as_str());
        assert_eq!(made["flavor_name"], "m1.small");
        assert_eq!(made["security_groups"].as_array().unwrap().len(), 2);
        assert_eq!(made["floating_ips"][0]["address"], offer.floating_ips[0].name.as_str());
        let again = stage.provider.restore_offer(&stored(&point)).await.unwrap();
        assert_eq!(again.floating_ips.len(), 1, "one is in use now");
        let mut watcher = stage.watch();
        let end = watcher.until("its end", |s| s.restores.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
        assert!(end.phase.is_good(), "{end:?}");
        assert_eq!((end.point.as_str(), end.raw_phase.to_uppercase().as_str()), (point.name.as_str(), "OK"));
    }
    let stage = stage::of("G2").await;
    let point = stage.point(&stage.single("old")).await;
    let offer = stage.provider.restore_offer(&stored(&point)).await.unwrap();
    assert!(!offer.flavors.is_empty() && offer.networks.is_empty(), "{offer:?}");
    assert!(offer.notes.iter().any(|note| note.contains("once at a time")), "{:?}", offer.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_choice_names_its_field() {
    let stage = stage::of("G4").await;
    let owned = stage.single("wrong");
    let point = stage.point(&owned).await;
    let offer = stage.provider.restore_offer(&stored(&point)).await.unwrap();
    let unconnected = RestoreOrder { floating_ips: offer.floating_ips.clone(), ..order(&point) };
    let error = stage.provider.restore(&unconnected, &ask(&owned, "1")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.fields.about("floating_ips").is_some(), "{error:?}");
    let gone =
        model::named::Named::new(format!("{}/api/openstack-flavors/{}/", stage.draft.address, "0".repeat(32)), "x");
    let error = stage.provider.restore(&RestoreOrder { flavor: Some(gone), ..order(&point) }, &ask(&owned, "2")).await;
    let error = error.unwrap_err();
    assert!(error.fields.about("flavor").is_some_and(|s| s.contains("does not exist")), "{error:?}");
    let none = RestoreOrder { point_name: "0".repeat(32), ..RestoreOrder::default() };
    let error = stage.provider.restore(&none, &ask(&owned, "3")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

/// The answer is lost after it was carried out.
async fn lost(stage: &Stage, owned: &server::provider::Owned, order: &RestoreOrder) -> String {
    let mut asked = ask(owned, "20261121181500");
    stage.fault(json!([{"method": "POST", "path": "/restore/", "times": 1, "effect": {"kind": "lost_answer"}}]));
    let error = stage.provider.restore(order, &asked).await.unwrap_err();
    assert!(error.kind.retryable(), "{error}");
    stage.heal();
    asked.repeated = true;
    let key = stage.provider.restore(order, &asked).await.unwrap().name.unwrap();
    assert_eq!(stage.provider.restore(order, &asked).await.unwrap().name.as_deref(), Some(key.as_str()));
    key
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_makes_no_second_instance() {
    for generation in ["G2", "G3", "G4", "G5"] {
        for name in ["", "drill"] {
            let stage = stage::of(generation).await;
            let owned = stage.single("lost");
            let point = stage.point(&owned).await;
            let before = stage.state("instances").len();
            let order = RestoreOrder { new_name: name.into(), ..order(&point) };
            let key = lost(&stage, &owned, &order).await;
            assert_eq!(stage.state("instances").len(), before + 1, "{generation} {name}");
            let mut watcher = stage.watch();
            let end = watcher.until("its end", |s| s.restores.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
            assert!(end.phase.is_good(), "{end:?}");
            assert_eq!(end.point, point.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_names_no_restore_and_it_is_followed_all_the_same() {
    let stage = stage::of("G2").await;
    let owned = stage.single("old");
    let point = stage.point(&owned).await;
    let asked = ask(&owned, "20261121181500");
    let key = stage.provider.restore(&order(&point), &asked).await.unwrap().name.unwrap();
    // One at a time: the backup itself is at work.
    let second = stage.provider.restore(&order(&point), &ask(&owned, "20261121181501")).await.unwrap_err();
    assert!(second.kind == ErrorKind::Conflict && second.sentence.contains("once at a time"), "{second}");
    let mut watcher = stage.watch();
    watcher.round().await;
    let busy = watcher.seen.points.get(&point.name).unwrap();
    assert!(busy.state == PointState::Whole && busy.detail.not_restorable.is_some(), "{busy:?}");
    // Another process knows it by the new instance's name.
    let restarted = stage.restarted().await;
    let mut other = watch(&restarted);
    let end = other.until("its end", |s| s.restores.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
    assert!(end.phase.is_good(), "{end:?}");
    assert_eq!((end.point.as_str(), end.order.as_deref()), (point.name.as_str(), Some(asked.name.as_str())));
    // One of a chosen name is followed by the process that began it.
    watcher
        .until("the backup free", |s| s.points.get(&point.name).filter(|p| p.detail.not_restorable.is_none()).cloned())
        .await;
    stage.command("outcome", json!({"next": "refused", "on": "restore"}));
    let named = RestoreOrder { new_name: "drill".into(), ..order(&point) };
    let key = stage.provider.restore(&named, &ask(&owned, "20261121181600")).await.unwrap().name.unwrap();
    let end = watcher.until("its end", |s| s.restores.get(&key).filter(|r| r.phase.is_final()).cloned()).await;
    assert_eq!((end.phase, end.raw_phase.as_str()), (model::Phase::Failed, "Erred"));
    assert!(
        stage.backup(&point.name).is_some_and(|b| b["state"] == "Ready"),
        "a failed restore leaves the backup Ready"
    );
}
