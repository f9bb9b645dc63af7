//! A restore draft becomes an order, or everything that is wrong with it.

use super::*;
use crate::{
    capability::Support,
    recovery::{PointDetail, PointState},
};

fn can() -> RestoreCapabilities {
    let yes = || Support::yes("");
    RestoreCapabilities {
        namespaces: yes(),
        map_namespaces: yes(),
        beside: yes(),
        update_existing: yes(),
        ..RestoreCapabilities::none("It can't.")
    }
}

fn point() -> RecoveryPoint {
    RecoveryPoint {
        id: "p".into(),
        connection: "c".into(),
        definition: None,
        run: None,
        name: "b-1".into(),
        state: PointState::Whole,
        taken: None,
        expires: None,
        location: None,
        namespaces: vec!["shop".into(), "db".into()],
        items: None,
        detail: PointDetail::default(),
        observed: Millis(0),
        deletion: None,
    }
}

fn draft() -> RestoreDraft {
    RestoreDraft { point: "p".into(), mapping: vec![("shop".into(), "shop-2".into())], ..Default::default() }
}

fn problems(draft: &RestoreDraft, can: &RestoreCapabilities) -> Vec<String> {
    let wrong = draft.parse(&point(), can).err().unwrap_or_default();
    wrong.0.into_iter().map(|e| format!("{} {}", e.path, e.code)).collect()
}

#[test]
fn maps_and_refuses() {
    let order = draft().parse(&point(), &can()).expect("valid");
    assert_eq!(order.mapping, [("shop".to_owned(), "shop-2".to_owned())]);
    assert!(!order.in_place);
    let same = RestoreDraft { mapping: vec![("shop".into(), "shop".into())], ..draft() };
    assert!(same.parse(&point(), &can()).expect("valid").mapping.is_empty());
    let merged = RestoreDraft { mapping: vec![("shop".into(), "x".into()), ("db".into(), "x".into())], ..draft() };
    assert_eq!(problems(&merged, &can()), ["mapping.1 merged"]);
    let unknown = RestoreDraft { namespaces: vec!["nope".into()], ..draft() };
    assert_eq!(problems(&unknown, &can()), ["namespaces.0 unknown"]);
    let unconfirmed = RestoreDraft { existing: "update".into(), ..draft() };
    assert_eq!(problems(&unconfirmed, &can()), ["confirm confirm"]);
}

#[test]
fn what_the_system_cannot_do_is_refused_by_its_field() {
    let all = RestoreDraft {
        way: "in_place".into(),
        prefix: "drill-".into(),
        place: Some(Named::new("k", "k")),
        storage_classes: vec![("a".into(), "b".into())],
        volumes: "no".into(),
        keep_node_ports: true,
        flavor: Some(Named::new("f", "f")),
        confirm: "b-1".into(),
        ..draft()
    };
    let wrong = problems(&all, &can());
    for path in ["way", "prefix", "place", "storage_classes", "volumes", "keep_node_ports", "flavor"] {
        assert!(wrong.contains(&format!("{path} refused")), "{path} in {wrong:?}");
    }
}

#[test]
fn in_place_is_typed_and_is_the_way_where_there_is_no_other() {
    let only = RestoreCapabilities { in_place: Support::yes(""), ..RestoreCapabilities::none("It can't.") };
    let bare = RestoreDraft { point: "p".into(), ..RestoreDraft::default() };
    assert_eq!(problems(&bare, &only), ["confirm confirm"]);
    let typed = RestoreDraft { confirm: " b-1 ".into(), ..bare };
    assert!(typed.parse(&point(), &only).expect("valid").in_place);
}

#[test]
fn a_new_instance_needs_a_name_and_a_size() {
    let new = RestoreCapabilities { new_name: Support::yes(""), flavors: Support::yes(""), ..can() };
    let bare = RestoreDraft { point: "p".into(), ..RestoreDraft::default() };
    assert_eq!(problems(&bare, &new), ["new_name required", "flavor required"]);
}
