//! The wizard and the restore form for systems that are built otherwise than Velero. Nothing of it asks which system it is.
#![cfg(feature = "ssr")]

#[path = "support/stub.rs"]
mod support;
#[path = "support/systems.rs"]
mod systems;

use model::{
    Named,
    account::Role,
    capability::Capabilities,
    draft::{DefinitionDraft, ScopeDraft, TierDraft},
    duration::Unit,
};
use support::{Stub, page, signed_in};

/// The page without what its islands start with, which nobody reads.
fn shown(page: &str) -> String {
    let mut parts = page.split(" data-props=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('"').map_or("", |(_, rest)| rest))
}

async fn seen(stub: Stub, path: &str) -> String {
    let (status, page) = page(stub, signed_in(Role::Administrator), path).await;
    assert_eq!(status, 200, "{path}");
    shown(&page)
}

/// A console over one connection that can this, and a draft that says nothing yet.
fn over(can: Capabilities) -> Stub {
    let mut stub = Stub::default();
    stub.start.draft = DefinitionDraft {
        name: "shop".into(),
        scheduled: true,
        cron: "30 2 * * *".into(),
        zone: "Europe/Zurich".into(),
        keep_for: "14".into(),
        ..DefinitionDraft::default()
    };
    for connection in &mut stub.start.connections {
        connection.capabilities = can.clone();
    }
    stub.restore.capabilities = can;
    stub.restore.better = None;
    stub
}

async fn step(stub: &Stub, key: &str) -> String {
    seen(stub.clone(), &format!("/definitions/new?connection=c1&step={key}")).await
}

/// The tag of the element with this id.
fn tag<'a>(page: &'a str, id: &str) -> &'a str {
    let at = page.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("{id} is on the page"));
    let start = page[..at].rfind('<').unwrap_or_default();
    page[start..].split('>').next().unwrap_or_default()
}

fn is_off(page: &str, id: &str) -> bool {
    tag(page, id).contains(" disabled")
}

fn has(page: &str, id: &str) -> bool {
    page.contains(&format!(" id=\"{id}\""))
}

#[tokio::test]
async fn what_is_protected_is_asked_in_the_systems_word() {
    for (word, can) in systems::all() {
        let by_namespace = can.namespaces.is_yes();
        let scope = step(&over(can.clone()), "scope").await;
        let title = format!("<h2>{}{}</h2>", word[..1].to_uppercase(), &word[1..]);
        assert!(scope.contains(&title), "{word}");
        assert!(has(&scope, "scope-subject"), "{word}");
        assert_eq!(has(&scope, "by-namespaces"), by_namespace, "{word}");
        assert_eq!(has(&scope, "scope-clusters"), can.member_clusters.is_yes(), "{word}");
        assert_eq!(has(&scope, "scope-cluster_objects"), can.cluster_objects.is_yes(), "{word}");
        assert_eq!(has(&scope, "scope-resources"), can.kinds.is_yes(), "{word}");
        assert_eq!(scope.contains("Narrow by labels"), can.labels.is_yes(), "{word}");
        if let Some(why) = can.namespaces.why_not() {
            assert!(scope.contains(why), "{word}");
        }
    }
}

#[tokio::test]
async fn a_sentence_that_several_decisions_share_is_said_once() {
    let scope = step(&over(systems::of_clusters()), "scope").await;
    assert_eq!(scope.matches("It takes every kind.").count(), 1);
    assert!(scope.contains("It leaves no namespace out. It takes every kind."));
    assert!(scope.contains("It compares a label with one value."), "beside the labels");
}

#[tokio::test]
async fn what_was_chosen_stays_in_sight_where_no_list_has_it() {
    let mut stub = over(systems::of_workspaces());
    stub.start.draft.connection = "c1".into();
    stub.start.draft.scope = ScopeDraft {
        subject: Some(Named::new("uid-1", "team-shop")),
        clusters: vec![Named::new("k1", "zrh-1")],
        everything: true,
        ..ScopeDraft::default()
    };
    let scope = step(&stub, "scope").await;
    assert!(tag(&scope, "scope-subject-id").contains("value=\"uid-1\""));
    assert!(scope.contains("Chosen is team-shop, which the list does not show."));
    assert!(tag(&scope, "member-k1").contains("checked") && scope.contains("zrh-1"));
    assert!(scope.contains("team-shop, every namespace, on 1 cluster"), "and in the rail");
}

#[tokio::test]
async fn retention_is_by_what_the_system_counts() {
    for (word, can) in systems::all() {
        let storage = step(&over(can.clone()), "storage").await;
        for (id, support) in [
            ("keep_for", &can.keep_for),
            ("keep_last", &can.keep_last),
            ("keep_at_least", &can.keep_at_least),
            ("keep_snapshots", &can.keep_snapshots),
        ] {
            assert_eq!(is_off(&storage, id), !support.is_yes(), "{word} {id}");
        }
        for (volumes, _) in &can.volumes {
            assert!(has(&storage, &format!("volumes-{}", volumes.key())), "{word} {volumes:?}");
        }
        assert_eq!(storage.matches(" name=\"volumes\"").count(), can.volumes.len(), "{word}");
        assert_eq!(has(&storage, "location"), can.location.is_yes(), "{word}");
        if !can.keep_for.is_yes() {
            assert!(!tag(&storage, "keep_for").contains("14"), "{word}: what can't be taken back must not stay");
        }
    }
    let instances = step(&over(systems::of_instances()), "storage").await;
    assert!(instances.contains("Counted from each backup; the number wins."));
}

#[tokio::test]
async fn a_zone_that_can_not_be_named_is_utc() {
    let schedule = step(&over(systems::of_apps()), "schedule").await;
    assert!(is_off(&schedule, "zone") && tag(&schedule, "zone").contains("value=\"UTC\""));
    assert!(schedule.contains("It reads times in UTC."));
    let free = step(&over(systems::of_clusters()), "schedule").await;
    assert!(!is_off(&free, "zone") && tag(&free, "zone").contains("Europe/Zurich"));
}

#[tokio::test]
async fn without_schedules_it_is_a_single_backup() {
    let schedule = step(&over(systems::of_instances()), "schedule").await;
    assert!(is_off(&schedule, "scheduled-yes") && schedule.contains("This generation keeps no schedules."));
    assert!(tag(&schedule, "scheduled-no").contains("checked"));
    assert!(!has(&schedule, "cron") && !has(&schedule, "paused"));
}

#[tokio::test]
async fn a_policy_takes_the_place_of_schedule_and_retention() {
    let mut stub = over(systems::of_clusters());
    let own = step(&stub, "schedule").await;
    assert!(has(&own, "scheduled-policy") && has(&own, "cron"));
    stub.start.draft.connection = "c1".into();
    stub.start.draft.policy = Some(Named::new("p1", "gold"));
    let schedule = step(&stub, "schedule").await;
    assert!(tag(&schedule, "scheduled-policy").contains("checked") && !has(&schedule, "cron"));
    assert!(tag(&schedule, "policy-id").contains("value=\"p1\""), "until the list is there");
    let storage = step(&stub, "storage").await;
    assert!(storage.contains("As the policy gold says") && !has(&storage, "keep_for"));
    let none = step(&over(systems::of_apps()), "schedule").await;
    assert!(!has(&none, "scheduled-policy"));
}

#[tokio::test]
async fn further_schedules_have_rows_where_the_system_keeps_several() {
    let mut stub = over(systems::of_apps());
    stub.start.draft.further = vec![
        TierDraft { cron: "0 3 * * 0".into(), keep_last: "4".into(), ..TierDraft::default() },
        TierDraft { cron: "no".into(), keep_for: "2".into(), keep_unit: Unit::Weeks, ..TierDraft::default() },
    ];
    let schedule = step(&stub, "schedule").await;
    assert!(
        tag(&schedule, "further-0-cron").contains("0 3 * * 0") && tag(&schedule, "further-0-keep_last").contains("4")
    );
    assert!(tag(&schedule, "further-1-keep_for").contains("value=\"2\""));
    assert!(schedule.contains("Remove further schedule 2") && schedule.contains("Add a schedule"));
    assert!(schedule.contains("Every day at 02:30 and 2 more"), "in the rail");
    let review = step(&stub, "review").await;
    assert!(review.contains("Go to Schedule"), "the second one's time is wrong");
    let one = step(&over(systems::of_clusters()), "schedule").await;
    assert!(!one.contains("Add a schedule"));
}

async fn restore(stub: Stub) -> String {
    seen(stub, "/restores/new?point=id-shop-nightly-1").await
}

#[tokio::test]
async fn a_restore_asks_what_its_system_can_be_told() {
    for (word, can) in systems::all() {
        let r = can.restore.clone();
        let page = restore(over(can)).await;
        for (id, support) in [
            ("new_name", &r.new_name),
            ("prefix", &r.affixes),
            ("map-shop", &r.map_namespaces),
            ("take-shop", &r.namespaces),
            ("volumes", &r.volumes),
            ("keep_node_ports", &r.node_ports),
            ("cluster_objects", &r.cluster_objects),
            ("flavor", &r.flavors),
            ("networks", &r.networks),
            ("floating_ips", &r.floating_ips),
            ("security_groups", &r.security_groups),
            ("place", &r.elsewhere),
            ("classes-from", &r.storage_classes),
        ] {
            assert_eq!(has(&page, id), support.is_yes(), "{word} {id}");
        }
        for (id, support) in
            [("way-beside", &r.beside), ("way-in_place", &r.in_place), ("existing-update", &r.update_existing)]
        {
            assert_eq!(is_off(&page, id), !support.is_yes(), "{word} {id}");
            if let Some(why) = support.why_not() {
                assert!(page.contains(why), "{word} {id}");
            }
        }
    }
}

#[tokio::test]
async fn in_its_own_place_the_title_is_to_be_typed() {
    let mut can = systems::of_apps();
    can.restore.beside = model::capability::Support::no("It only puts back.");
    let mut stub = over(can);
    stub.restore.point.detail.title = Some("nightly of shop".into());
    stub.restore.point.detail.subject = Some(Named::new("a1", "shop"));
    let page = restore(stub).await;
    assert!(tag(&page, "way-in_place").contains("checked") && is_off(&page, "way-beside"));
    assert!(page.contains("Type nightly of shop to confirm") && page.contains("Off until the name is typed."));
    assert!(page.contains("shop on velero-zrh becomes what the point holds") && page.contains("Restore in place"));
    assert!(!has(&page, "new_name") && !has(&page, "existing-keep"), "nothing of it is new");
}

#[tokio::test]
async fn a_new_instance_needs_a_name_and_a_size() {
    let page = restore(over(systems::of_instances())).await;
    assert!(page.contains("Name of the new instance") && page.contains("Size of the new instance"));
    assert!(page.contains("Off until 2 points are settled."));
    assert!(page.contains("A new instance without a name yet is made from the point on velero-zrh"));
    assert!(page.contains("Restore everything"));
}

#[tokio::test]
async fn what_follows_the_library_asks_for_no_rhythm_of_its_own() {
    let mut stub = over(systems::of_clusters());
    let own = step(&stub, "schedule").await;
    assert!(!has(&own, "follows") && has(&own, "cron"), "an empty library asks nothing");
    stub.start.draft.connection = "c1".into();
    stub.start.draft.follows = "p1".into();
    let schedule = step(&stub, "schedule").await;
    assert!(has(&schedule, "follows-own") && !tag(&schedule, "follows-own").contains("checked"));
    assert!(!has(&schedule, "cron") && !has(&schedule, "zone") && has(&schedule, "paused"));
    assert!(tag(&schedule, "scheduled-yes").contains("checked"), "it is a schedule all the same");
    assert!(schedule.contains("href=\"/policies\"") && schedule.contains("Reading the library"));
    assert!(schedule.contains("policy of the library"), "in the rail, before its name is known");
    let storage = step(&stub, "storage").await;
    assert!(storage.contains("As the policy of the library says") && !has(&storage, "keep_for"));
    stub.start.draft.keep_for = "nonsense".into();
    let told = "“nonsense” is no whole number";
    assert!(!step(&stub, "review").await.contains(told), "what does not count stops nothing");
    stub.start.draft.follows.clear();
    assert!(step(&stub, "review").await.contains(told), "and counts again without the policy");
}

#[tokio::test]
async fn nothing_is_there_twice_and_everything_that_is_named_exists() {
    for (word, can) in systems::all() {
        let stub = over(can);
        let mut pages = vec![restore(stub.clone()).await];
        for key in ["source", "scope", "storage", "schedule", "review"] {
            pages.push(step(&stub, key).await);
        }
        for page in pages {
            let values = |name: &str| -> Vec<String> {
                let start = format!(" {name}=\"");
                page.match_indices(&start)
                    .map(|(at, _)| page[at + start.len()..].split('"').next().unwrap_or_default().to_owned())
                    .collect()
            };
            let ids = values("id");
            for (at, id) in ids.iter().enumerate() {
                assert!(!ids[..at].contains(id), "{word}: {id} is there twice");
            }
            for name in ["for", "aria-labelledby", "aria-describedby", "list"] {
                for id in values(name).iter().flat_map(|v| v.split_whitespace()) {
                    assert!(ids.iter().any(|i| i == id), "{word}: {name} names {id}, which is not there");
                }
            }
        }
    }
}
