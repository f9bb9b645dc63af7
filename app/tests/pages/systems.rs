//! What systems beside Velero tell: titles, subjects, parts on several clusters, reasons why not, policies and tiers.

use super::{
    filled::{detail, lived_in, restore, run, run_view},
    h1,
    html::{fact, row, section, states, tags, text},
    seen,
    support::{NOW, Stub, page, point, signed_in},
};
use model::{
    Named, Phase,
    account::Role,
    capability::Support,
    connection::ProviderKind,
    definition::{Retention, Schedule},
    duration::Seconds,
    recovery::PointState,
    run::{ClusterPart, Progress, RunDetail, VolumeRow},
    tier::Tier,
    view::NextRun,
};

const KEY: &str = "0a1b2c3d-uid";

/// Everything under a title, addressed by a key that says nothing to people.
fn titled() -> Stub {
    let mut stub = lived_in();
    let mut one = run("r1", Phase::Succeeded, "Completed");
    one.name = KEY.into();
    one.definition = None;
    one.detail.title = Some("nightly of shop".into());
    stub.runs.rows[0].run = one.clone();
    stub.run = Some(run_view(one.clone()));
    let mut held = point(KEY, PointState::Whole);
    held.detail.title = Some("nightly of shop".into());
    held.detail.subject = Some(Named::new("a1", "shop"));
    held.detail.cluster = Some(Named::new("k1", "zrh-1"));
    held.detail.bytes = Some(4_509_715_661);
    held.namespaces.clear();
    stub.points.rows[0].point = held.clone();
    stub.point.as_mut().unwrap().point = held.clone();
    stub.restores.rows[0].restore.name = KEY.into();
    stub.restores.rows[0].restore.detail.title = Some("shop comes back".into());
    let mut back = restore(Phase::Running, "InProgress");
    back.restore.detail.title = Some("shop comes back".into());
    stub.restored = Some(back);
    let definition = stub.definition.as_mut().unwrap();
    (definition.runs, definition.points) = (vec![one], vec![held]);
    stub
}

#[tokio::test]
async fn what_people_call_it_stands_where_the_address_would() {
    for (path, title) in [
        ("/runs", "nightly of shop"),
        ("/recovery-points", "nightly of shop"),
        ("/restores", "shop comes back"),
        ("/definitions/d1", "nightly of shop"),
    ] {
        let page = seen(titled(), path).await;
        assert!(!row(&page, title).is_empty(), "{path}");
        assert!(!text(&page).contains(KEY), "{path}: nobody reads that");
    }
    for (path, heading) in [
        ("/runs/r1", "nightly of shop Succeeded"),
        ("/recovery-points/id-x", "nightly of shop Whole"),
        ("/restores/s1", "shop comes back Running"),
    ] {
        assert_eq!(h1(&seen(titled(), path).await), heading, "{path}");
    }
    let run = seen(titled(), "/runs/r1").await;
    assert_eq!(fact(&run, "Name"), KEY, "in the record it can be found");
}

#[tokio::test]
async fn a_point_says_of_what_it_is_and_how_large() {
    let page = seen(titled(), "/recovery-points/id-x").await;
    assert_eq!(fact(&page, "Of"), "shop");
    assert_eq!(fact(&page, "Cluster"), "zrh-1");
    assert_eq!(fact(&page, "Data"), "4.2 GiB");
    assert_eq!(fact(&page, "Name"), KEY);
    assert!(text(&page).contains("Type nightly of shop to confirm"));
    let list = seen(titled(), "/recovery-points").await;
    assert!(text(row(&list, "nightly of shop")).contains("shop"), "what it is of, where it tells no namespaces");
    let plain = seen(lived_in(), "/recovery-points/id-x").await;
    assert!(!plain.contains("<dt>Of</dt>") && !plain.contains("<dt>Data</dt>"), "what is not told is no line");
}

#[tokio::test]
async fn a_point_that_is_kept_or_broken_says_why() {
    let (kept, broken) = ("Another copy is built on it.", "Its metadata is empty.");
    let mut stub = lived_in();
    let view = stub.point.as_mut().unwrap();
    view.delete_why_not = Some(kept.into());
    view.point.detail.not_restorable = Some(broken.into());
    view.point.detail.message = Some("Erred while it was taken.".into());
    stub.points.rows[0].point.detail.not_restorable = Some(broken.into());
    let page = seen(stub.clone(), "/recovery-points/id-shop-nightly-1").await;
    let off = |word: &str| {
        let tags = tags(&page);
        let button = tags.iter().find(|t| t.name == "button" && t.text.starts_with(word)).expect(word);
        assert!(button.has("disabled"), "{word}");
        let why = button.get("aria-describedby").expect("a reason").to_owned();
        tags.iter().find(|t| t.get("id") == Some(&why)).expect("the sentence").text.clone()
    };
    assert_eq!(off("Restore"), broken);
    assert_eq!(off("Delete"), kept);
    assert!(!page.contains("<dialog") && !page.contains("/restores/new"));
    assert!(text(&page).contains("velero-zrh says Erred while it was taken."));
    let list = seen(stub, "/recovery-points").await;
    let one = row(&list, "shop-nightly-1");
    assert!(text(one).contains(broken) && !one.contains("/restores/new"));
}

fn part(name: &str, phase: Phase, skipped: Option<&str>) -> ClusterPart {
    ClusterPart {
        cluster: Named::new(format!("uid of {name}"), name),
        raw_phase: phase.key().to_owned(),
        message: (phase == Phase::Failed).then(|| "disk full".into()),
        phase,
        expires: Some(NOW.plus(86_400_000)),
        namespaces: vec!["shop".into()],
        skipped: skipped.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_failed_run_says_whether_something_is_left() {
    let failed = |left: Option<PointState>| {
        let mut stub = lived_in();
        let mut view = run_view(run("r1", Phase::Failed, "Failed"));
        view.point = left.map(|state| point("shop-nightly-1", state));
        stub.run = Some(view);
        stub
    };
    for (left, lead) in [
        (None, "Nothing usable came of it."),
        (Some(PointState::Whole), "It failed, and left something that can be restored all the same."),
        (Some(PointState::Deleting), "Nothing usable came of it."),
    ] {
        let page = seen(failed(left.clone()), "/runs/r1").await;
        assert!(text(&page).contains(lead), "{left:?}");
        assert_eq!(page.contains("/restores/new"), matches!(left, Some(PointState::Whole)), "{left:?}");
    }
}

#[tokio::test]
async fn what_moves_has_a_bar_and_what_has_ended_has_none() {
    let volume = |phase: Phase| {
        let mut over = run("r1", Phase::Running, "InProgress");
        over.detail.volumes = vec![VolumeRow {
            name: "shop-db/data-0".into(),
            method: "CSI snapshot, moved".into(),
            raw_phase: phase.key().to_owned(),
            phase,
            bytes: Some(Progress { done: 1, total: Some(4) }),
            began: Some(NOW.plus(-60_000)),
            ended: None,
            message: None,
        }];
        let mut stub = lived_in();
        stub.run = Some(run_view(over));
        stub
    };
    for (phase, moves) in [(Phase::Running, true), (Phase::Cancelled, false), (Phase::Failed, false)] {
        let page = seen(volume(phase.clone()), "/runs/r1").await;
        assert_eq!(row(&page, "shop-db/data-0").contains("<progress"), moves, "{phase:?}");
    }

    let mut stub = lived_in();
    let mut view = restore(Phase::Running, "InProgress");
    view.restore.detail.items = Some(Progress { done: 1, total: Some(4) });
    stub.restored = Some(view);
    let page = seen(stub, "/restores/s1").await;
    assert!(text(&page).contains("25 % 1 h so far"), "{}", text(&page));
}

#[tokio::test]
async fn a_run_over_several_clusters_tells_each() {
    let mut over = run("r1", Phase::Partial, "Partial");
    over.detail = RunDetail {
        clusters: vec![
            part("ams-1", Phase::Succeeded, None),
            part("ber-1", Phase::Failed, None),
            part("gva-1", Phase::Succeeded, Some("It is not in the workspace any more.")),
            part("zrh-1", Phase::Unknown("Baking".into()), None),
        ],
        ..over.detail
    };
    let mut stub = lived_in();
    stub.run = Some(run_view(over));
    let page = seen(stub, "/runs/r1").await;
    let there = section(&page, "clusters");
    let state = |name: &str| states(row(there, name)).remove(0);
    assert_eq!(state("ams-1"), ("good".into(), "Succeeded".into()));
    assert_eq!(state("ber-1"), ("bad".into(), "Failed".into()));
    assert_eq!(state("gva-1"), ("warn".into(), "Skipped".into()), "neither good nor failed");
    assert_eq!(state("zrh-1"), ("mute".into(), "Unknown Baking".into()));
    assert!(text(row(there, "ber-1")).contains("disk full"));
    assert!(text(row(there, "gva-1")).contains("not in the workspace any more"));
    assert!(there.find("ber-1") < there.find("ams-1"), "trouble first");
    let plain = seen(lived_in(), "/runs/r1").await;
    assert!(!plain.contains(" id=\"clusters\""));
}

#[tokio::test]
async fn where_there_is_no_log_the_panel_says_so() {
    let why = "This system keeps no logs.";
    let mut stub = lived_in();
    stub.run.as_mut().unwrap().logs_why_not = Some(why.into());
    stub.restored.as_mut().unwrap().logs_why_not = Some(why.into());
    for path in ["/runs/r1", "/runs/r1?log=show", "/restores/s1", "/restores/s1?log=show"] {
        let page = seen(stub.clone(), path).await;
        let there = section(&page, "log");
        assert!(text(there).contains(why), "{path}");
        assert!(tags(there).iter().any(|t| t.name == "button" && t.has("disabled")), "{path}");
        assert!(!there.contains("?log=show") && !page.contains(" id=\"results\""), "{path}: nothing is asked");
    }
}

#[tokio::test]
async fn a_definition_says_its_rhythm_and_what_it_belongs_to() {
    let mut of = detail();
    of.capabilities = model::capability::Capabilities {
        apps: Support::yes(""),
        pause: Support::no("It can only be deleted."),
        tiers: Support::yes(""),
        ..model::capability::Capabilities::none("It can't.")
    };
    of.definition.scope = model::scope::Scope { subject: Some(Named::new("a1", "shop")), ..Default::default() };
    of.definition.retention =
        Retention { keep_for: None, keep_last: Some(7), keep_at_least: Some(2), ..Retention::default() };
    of.definition.further = vec![Tier {
        schedule: Schedule { cron: "0 3 * * 0".into(), zone: Some("UTC".into()) },
        retention: Retention { keep_for: Some(Seconds(28 * 86_400)), ..Retention::default() },
    }];
    let mut stub = lived_in();
    stub.definition = Some(of.clone());
    let page = seen(stub.clone(), "/definitions/d1").await;
    assert_eq!(fact(&page, "App"), "shop");
    assert_eq!(fact(&page, "Kept"), "at most the newest 7, always the newest 2");
    assert_eq!(fact(&page, "Further schedule 1"), "Sundays at 03:00, kept: 28 days");
    for label in ["Labels", "Kinds", "Cluster-scoped objects", "Clusters", "Location"] {
        assert!(!page.contains(&format!("<dt>{label}</dt>")), "{label} is no decision there");
    }
    let pause = tags(&page).into_iter().find(|t| t.name == "button" && t.text == "Pause").expect("pause");
    assert!(pause.has("disabled") && text(&page).contains("It can only be deleted."));

    of.definition.schedule = None;
    of.definition.further.clear();
    of.definition.policy = Some(Named::new("p1", "gold"));
    of.row.schedule = of.definition.rhythm();
    of.row.next_run = NextRun::None("by policy gold".into());
    of.row.zone = None;
    let row_of = of.row.clone();
    stub.definition = Some(of);
    stub.definitions.page.rows = vec![row_of];
    let page = seen(stub.clone(), "/definitions/d1").await;
    assert_eq!(fact(&page, "Schedule"), "policy gold");
    assert_eq!(fact(&page, "Kept"), "as the policy says");
    assert_eq!(fact(&page, "Policy"), "gold");
    let list = seen(stub, "/definitions").await;
    let one = text(row(&list, "shop-nightly"));
    assert!(one.contains("policy gold") && !one.contains("zone"), "{one}");
}

#[tokio::test]
async fn each_system_has_a_sign_of_its_own() {
    let mut signs = Vec::new();
    for kind in ProviderKind::ALL {
        let mut stub = lived_in();
        stub.connections[0].kind = kind;
        let (_, page) = page(stub, signed_in(Role::Viewer), "/connections").await;
        let one = row(&page, "velero-zrh");
        let sign = one.split("class=\"system\"><i class=\"ico i-").nth(1).and_then(|rest| rest.split('"').next());
        signs.push(sign.unwrap_or_else(|| panic!("{kind:?} has no sign: {one}")).to_owned());
        assert!(text(one).contains(kind.word()), "{kind:?}");
    }
    let all = signs.len();
    signs.sort();
    signs.dedup();
    assert_eq!(signs.len(), all, "{signs:?}");
}
