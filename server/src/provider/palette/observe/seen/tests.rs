#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::provider::palette::wire::{Document, restores};
use serde_json::{Value, json};

const PREFIX: &str = "shop-7b1a9c";

fn workspace() -> Workspace {
    Workspace {
        uid: "w".into(),
        name: "shop".into(),
        clusters: vec![Named::new("c1", "prod-eu-1"), Named::new("c2", "prod-eu-2")],
        ..Workspace::default()
    }
}

fn part(cluster: &str, state: &str, delete_state: &str, message: &str) -> Value {
    json!({"clusterUid": cluster, "clusterName": format!("prod-{cluster}"), "backupUid": "b",
        "backupStatusMeta": {"backupName": format!("{PREFIX}-prod-{cluster}-20261003020000"),
            "expiryDate": "2026-11-02T02:00:00.000Z", "backupedNamespaces": ["checkout"],
            "backupState": {"state": state, "deleteState": delete_state, "msg": message,
                "backupTime": if state == "Completed" { "2026-10-03T02:01:00.000Z" } else { "0001-01-01T00:00:00.000Z" }}}})
}

fn entry(state: &str, actor: &str, parts: Vec<Value>) -> Entry {
    let answer = json!({"status": {"workspaceBackupStatuses": [{"requestUid": "r1", "actor": {"actorType": actor},
        "workspaceBackupConfig": {"backupName": format!("{PREFIX}-20261003020000"),
            "backupState": {"state": state, "deleteState": ""},
            "backupTime": "0001-01-01T00:00:00.000Z", "requestTime": "2026-10-03T02:00:00.000Z",
            "config": {"durationInHours": 720, "namespaces": null}, "clusterBackupRefs": parts}}]}});
    Document::read(answer).entries.remove(0)
}

fn frame(workspace: &Workspace) -> Frame<'_> {
    Frame { workspace, prefix: Some(PREFIX) }
}

#[test]
fn a_request_is_a_run_with_its_clusters() {
    let workspace = workspace();
    let entry =
        entry("Completed", "System", vec![part("c1", "Completed", "", ""), part("c2", "Failed", "", "disk on fire")]);
    let run = run(&entry, frame(&workspace), &[]);
    assert_eq!((run.name.as_str(), run.detail.title.as_deref()), ("w/r1", Some("shop-7b1a9c-20261003020000")));
    assert_eq!(run.phase, Phase::Failed, "the request says completed, one of its clusters does not");
    assert_eq!((run.trigger, run.declared.as_deref(), run.order), (Trigger::Schedule, Some(PREFIX), None));
    assert_eq!(run.detail.message.as_deref(), Some("prod-c2: disk on fire"));
    assert_eq!(run.created.unwrap().rfc3339(), "2026-10-03T02:00:00Z");
    assert_eq!(run.ended.unwrap().rfc3339(), "2026-10-03T02:01:00Z", "the year 1 is no moment");
    let shown: Vec<(&str, &Phase)> = run.detail.clusters.iter().map(|c| (c.cluster.name.as_str(), &c.phase)).collect();
    assert_eq!(shown, [("prod-c1", &Phase::Succeeded), ("prod-c2", &Phase::Failed)]);
    assert_eq!(run.detail.clusters[0].expires.unwrap().rfc3339(), "2026-11-02T02:00:00Z");
    assert_eq!(run.detail.clusters[0].namespaces, ["checkout"]);
    let detail = &run.detail;
    assert!(detail.bytes.is_none() && detail.items.is_none() && detail.errors.is_none() && detail.warnings.is_none());
    assert_eq!(detail.facts, [("Clusters backed up".to_owned(), "1 of 2".to_owned())]);
}

#[test]
fn one_on_demand_shows_the_order_that_it_came_of() {
    let workspace = workspace();
    let mine = run(&entry("InProgress", "User", vec![part("c1", "InProgress", "", "")]), frame(&workspace), &[]);
    assert_eq!(mine.order.as_deref(), Some("shop-7b1a9c-20261003020000"));
    assert_eq!((mine.trigger, mine.phase, mine.ended), (Trigger::Elsewhere, Phase::Running, None));
    let unsaid = run(&entry("Completed", "", vec![part("c1", "Completed", "", "")]), frame(&workspace), &[]);
    assert_eq!(unsaid.trigger, Trigger::Schedule, "without a word of who asked, the name tells");
}

#[test]
fn a_skipped_cluster_is_shown_and_the_run_not_good() {
    let workspace = workspace();
    let entry = entry("Completed", "System", vec![part("c1", "Completed", "", "")]);
    let before: HashSet<String> = HashSet::from(["c2".to_owned()]);
    let named = &workspace.clusters;
    let at = |text: &str| moment(text);
    for (asked, since, before, wanted) in [
        (None, at("2026-10-01T00:00:00Z"), &HashSet::new(), 1),
        // The policy was changed after this request: was it for c2?
        (None, at("2026-10-05T00:00:00Z"), &HashSet::new(), 0),
        (None, at("2026-10-05T00:00:00Z"), &before, 1),
        (None, None, &before, 1),
        (Some(vec!["c1".to_owned()]), at("2026-10-01T00:00:00Z"), &before, 0),
        (Some(vec!["c1".to_owned(), "c2".to_owned()]), None, &HashSet::new(), 1),
    ] {
        let found = skipped(&entry, asked.as_deref(), named, since, before);
        assert_eq!(found.len(), wanted, "{asked:?} {since:?} {before:?}");
    }
    let run = run(&entry, frame(&workspace), &[Named::new("c2", "prod-eu-2")]);
    assert_eq!(run.phase, Phase::Partial);
    let left_out = run.detail.clusters.last().unwrap();
    assert_eq!((left_out.cluster.name.as_str(), left_out.phase.is_good()), ("prod-eu-2", false));
    assert!(left_out.skipped.is_some());
    assert_eq!(run.detail.message.as_deref(), Some("Not backed up: prod-eu-2."));
}

#[test]
fn points_are_the_completed_clusters() {
    let workspace = workspace();
    for (state, delete_state, wanted) in [
        ("Completed", "", Some(PointState::Whole)),
        ("PartiallyFailed", "", Some(PointState::Partial)),
        ("Failed", "", None),
        ("InProgress", "", None),
        ("", "", None),
        ("Completed", "Deleting", Some(PointState::Deleting)),
        ("Completed", "Failed", Some(PointState::Whole)),
        ("Completed", "Deleted", None),
        ("Deleting", "", Some(PointState::Deleting)),
        ("Archived", "", None),
    ] {
        let entry = entry("Completed", "System", vec![part("c1", state, delete_state, "no right")]);
        let found = points(&entry, frame(&workspace));
        assert_eq!(found.first().map(|p| p.state.clone()), wanted, "{state} {delete_state}");
        let refused = refusals(&entry, frame(&workspace));
        assert_eq!(refused.len(), usize::from(delete_state == "Failed"), "{state} {delete_state}");
    }
    let mut odd = entry("Completed", "System", vec![part("c1", "Archived", "", "")]);
    odd.backup.cluster_backup_refs[0].status.backup_state.backup_time = "2026-10-03T02:01:00.000Z".into();
    let found = points(&odd, frame(&workspace));
    assert_eq!(found[0].state, PointState::Unknown("Archived".into()), "it ended, under an unknown word");
    let point = &points(&entry("Completed", "System", vec![part("c1", "Completed", "", "")]), frame(&workspace))[0];
    assert_eq!(point.name, "w/r1/c1/shop-7b1a9c-prod-c1-20261003020000");
    assert_eq!((point.run.as_deref(), point.declared.as_deref()), (Some("w/r1"), Some(PREFIX)));
    assert_eq!(point.detail.cluster, Some(Named::new("c1", "prod-c1")));
    assert_eq!(point.detail.subject, Some(Named::new("w", "shop")));
    assert_eq!((point.items, point.detail.bytes, point.location.as_deref()), (None, None, None));
}

#[test]
fn a_restore_finds_its_point_by_cluster_and_name() {
    let workspace = workspace();
    let answer = json!({"status": {"workspaceRestoreStatuses": [{"requestUid": "x", "workspaceRestoreConfig": {
        "backupName": "shop", "restoreState": {"state": "Completed"}, "restoreTime": "0001-01-01T00:00:00.000Z",
        "clusterRestoreRefs": [{"backupName": "b", "clusterUid": "c1", "clusterName": "prod-c1", "restoreUid": "y",
            "restoreStatusMeta": {"state": "Failed", "msg": "quota exceeded", "restoreTime": "2026-10-04T00:00:00.000Z"}}]}}]}});
    let entry = restores(answer).remove(0);
    let seen = restore(&entry, frame(&workspace), |cluster, backup| Some(format!("w/r/{cluster}/{backup}")));
    assert_eq!((seen.name.as_str(), seen.point.as_str()), ("w/x", "w/r/c1/b"));
    assert_eq!(seen.phase, Phase::Failed);
    assert_eq!(seen.detail.message.as_deref(), Some("prod-c1: quota exceeded"));
    assert_eq!(seen.ended.unwrap().rfc3339(), "2026-10-04T00:00:00Z");
    assert_eq!(restore(&entry, frame(&workspace), |_, _| None).point, "b");
}

#[test]
fn azure_is_told_by_its_type() {
    let place = |kind: Option<&str>, storage: &str, place: Option<&str>| {
        let found = wire::Location {
            kind: kind.map(str::to_owned),
            storage: storage.into(),
            place: place.map(str::to_owned),
            ..wire::Location::default()
        };
        location(&found).place
    };
    assert_eq!(place(Some("azure"), "s3", Some("archive")), "container archive at Azure");
    assert_eq!(place(Some("s3"), "s3", Some("company")), "bucket company at S3");
    assert_eq!(place(None, "", None), "unknown storage");
    assert_eq!(place(Some("tape"), "", None), "tape");
}

#[test]
fn two_of_the_same_name_are_told_apart() {
    let item = |uid: &str, name: &str| json!({"metadata": {"uid": uid, "name": name}, "spec": {"storage": "s3"}});
    let answer = json!({"items": [item("65aa00000001", "eu"), item("65aa00000002", "eu"), item("65aa00000003", "us")]});
    let names: Vec<String> = wire::locations(&answer).into_iter().map(|l| l.name).collect();
    assert_eq!(names, ["eu (000001)", "eu (000002)", "us"]);
}

#[test]
fn every_shape_of_an_answer_is_read() {
    for none in [
        json!({}),
        json!({"spec": {}}),
        json!({"spec": null, "status": null}),
        json!({"spec": {"config": {}}}),
        json!({"spec": {"config": {"backupConfig": {}, "clusterUids": null}}}),
        json!(null),
        json!([]),
    ] {
        let document = Document::read(none.clone());
        assert!(document.config.is_none() && document.entries.is_empty(), "{none}");
    }
    let document = Document::read(json!({"status": {"workspaceBackupStatuses": [null, 7, {"requestUid": "r"}, "x"]}}));
    assert_eq!(document.entries.len(), 1, "what can't be read is left out");
    for (item, uid) in [
        (json!({"metadata": {"uid": "a", "name": "n"}, "meta": {"uid": "b"}}), Some("a")),
        (json!({"meta": {"uid": "b", "clusterRefs": [{"uid": "c", "name": "d"}], "namespaces": ["x"]}}), Some("b")),
        (json!({"metadata": {"name": "n"}}), None),
    ] {
        assert_eq!(Workspace::read(&item).map(|w| w.uid).as_deref(), uid, "{item}");
    }
    for (body, uid) in [
        (json!({"uid": "x"}), Some("x")),
        (json!({"UID": "x"}), Some("x")),
        (json!({"uid": ""}), None),
        (json!(null), None),
    ] {
        assert_eq!(wire::created(&body).as_deref(), uid, "{body}");
    }
}
