//! A draft becomes a definition, or everything that is wrong with it.

use super::*;
use crate::{capability::Support, definition::Retention};

fn velero() -> Capabilities {
    let yes = || Support::yes("");
    Capabilities {
        namespaces: yes(),
        except_namespaces: yes(),
        labels: yes(),
        label_logic: yes(),
        kinds: yes(),
        cluster_objects: yes(),
        volumes: Volumes::ALL.into_iter().map(|choice| (choice, yes())).collect(),
        location: yes(),
        time_zone: yes(),
        keep_for: yes(),
        schedules: yes(),
        unscheduled: yes(),
        pause: yes(),
        ..Capabilities::none("It can't.")
    }
}

fn draft() -> DefinitionDraft {
    DefinitionDraft {
        name: "shop-nightly".into(),
        connection: "c".into(),
        scope: ScopeDraft {
            namespaces: vec!["shop".into(), " shop ".into(), "db".into()],
            selectors: vec![
                vec![RequirementDraft { key: "tier".into(), operator: Operator::In, values: "web, db,web".into() }],
                vec![RequirementDraft::default()],
            ],
            ..Default::default()
        },
        keep_for: "14".into(),
        scheduled: true,
        cron: "30  2 * * *".into(),
        zone: "Europe/Zurich".into(),
        ..Default::default()
    }
}

#[test]
fn a_good_draft_parses_and_comes_back() {
    let d = parse(&draft(), &velero()).expect("valid");
    assert_eq!(d.scope.namespaces, ["shop", "db"]);
    assert_eq!(d.scope.selectors.len(), 1, "an empty group is no group");
    assert_eq!(d.scope.selectors[0][0].values, ["db", "web"]);
    assert_eq!(d.retention.keep_for, Some(Seconds(14 * 86_400)));
    assert_eq!(d.schedule.as_ref().map(|s| s.cron.as_str()), Some("30 2 * * *"));
    assert_eq!(parse(&DefinitionDraft::from(&d), &velero()), Ok(d));
}

#[test]
fn every_problem_is_named_at_once() {
    let bad = DefinitionDraft {
        name: "Shop".into(),
        connection: String::new(),
        scope: ScopeDraft {
            namespaces: vec!["shop-*".into()],
            except_namespaces: vec!["shop-*".into()],
            selectors: vec![vec![RequirementDraft { key: "a b".into(), ..Default::default() }]],
            except_resources: vec!["Deploy ments".into()],
            ..Default::default()
        },
        keep_for: "0".into(),
        keep_last: "3".into(),
        scheduled: true,
        cron: "nightly".into(),
        ..Default::default()
    };
    let invalid = parse(&bad, &velero()).expect_err("invalid");
    let paths: Vec<&str> = invalid.0.iter().map(|e| e.path.as_str()).collect();
    for path in [
        "name",
        "connection",
        "scope.namespaces.0",
        "scope.except_namespaces.0",
        "scope.selectors.0.0.key",
        "scope.selectors.0.0.values",
        "scope.except_resources.0",
        "keep_for",
        "keep_last",
        "cron",
    ] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
    for e in &invalid.0 {
        assert_ne!(Step::of(&e.path), Step::Review, "{} has a step", e.path);
    }
}

#[test]
fn steps_follow_capabilities() {
    assert_eq!(steps(None), [Step::Source]);
    assert_eq!(steps(Some(&velero())).len(), 5);
}

#[test]
fn an_unscheduled_definition_cannot_be_paused() {
    let d = DefinitionDraft { scheduled: false, cron: String::new(), zone: String::new(), paused: true, ..draft() };
    assert!(parse(&d, &velero()).expect_err("paused").about("paused").is_some());
}

#[test]
fn what_follows_a_policy_needs_no_rhythm_of_its_own() {
    let typed = DefinitionDraft {
        follows: "p1".into(),
        scheduled: false,
        paused: true,
        cron: "not yet".into(),
        keep_for: "soon".into(),
        ..draft()
    };
    let read = parse(&typed, &velero()).expect("valid");
    assert_eq!((read.schedule, read.retention, read.further), (None, Retention::default(), vec![]));
    assert!(read.paused, "a policy is a rhythm: it can be paused");
    let own = DefinitionDraft { follows: " ".into(), ..typed };
    let wrong = parse(&own, &velero()).expect_err("it counts again");
    assert!(wrong.about("keep_for").is_some(), "{wrong:?}");
}
