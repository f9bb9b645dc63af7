#![expect(clippy::unwrap_used, reason = "a test may stop")]

use super::super::trying::{HOUR, NOW, inventory, run, subject, watched};
use super::*;
use model::{recovery::PointDetail, scope::Scope};

fn part(cluster: &str, phase: Phase, skipped: bool) -> ClusterPart {
    ClusterPart {
        cluster: Named::new(cluster, format!("{cluster}-name")),
        phase,
        raw_phase: String::new(),
        message: Some("The bucket refuses.\nMore.".into()),
        expires: None,
        namespaces: Vec::new(),
        skipped: skipped.then(|| "unhealthy".to_owned()),
    }
}

fn point(cluster: &str, at: Millis) -> WholePoint {
    WholePoint {
        definition: "d1".into(),
        at,
        expires: None,
        namespaces: Vec::new(),
        detail: PointDetail { cluster: Some(Named::new(cluster, cluster)), ..PointDetail::default() },
    }
}

impl History {
    /// A history of these runs, newest first.
    pub(in crate::console::workspaces) fn with(runs: Vec<NarrowRun>) -> Self {
        Self { runs: HashMap::from([("d1".into(), runs)]), ..Self::default() }
    }
}

#[test]
fn bad_ones_are_counted_from_the_newest_on() {
    use Phase::{Cancelled, Failed, Partial, Running, Succeeded};
    for (phases, expected) in [
        (vec![], 0),
        (vec![Succeeded, Failed], 0),
        (vec![Failed, Partial, Succeeded, Failed], 2),
        (vec![Running, Failed, Cancelled, Failed, Succeeded], 2),
        (vec![Phase::Unknown("Odd".into()), Failed], 1),
    ] {
        assert_eq!(in_a_row(phases.iter()), expected, "{phases:?}");
    }
}

#[test]
fn what_a_run_lacks_is_said_briefly() {
    let volume = |name: &str, phase| VolumeRow {
        name: name.into(),
        method: String::new(),
        phase,
        raw_phase: String::new(),
        bytes: None,
        began: None,
        ended: None,
        message: None,
    };
    let good = || volume("a", Phase::Succeeded);
    let told = |volumes, message: Option<&str>| {
        lacking(&RunDetail { volumes, message: message.map(str::to_owned), ..RunDetail::default() })
    };
    assert_eq!(told(vec![good(), volume("db/pg-2", Phase::Failed)], Some("x")).unwrap(), "1 of 2 volumes, db/pg-2");
    assert_eq!(
        told(vec![good(), volume("b", Phase::Failed), volume("c", Phase::Partial)], None).unwrap(),
        "2 of 3 volumes"
    );
    assert_eq!(told(vec![good()], Some("The bucket refuses.\nMore.")).unwrap(), "The bucket refuses");
    assert_eq!(told(vec![], None), None);
    assert_eq!(told(vec![], Some(&"é".repeat(500))).unwrap().chars().count(), 161);
}

#[test]
fn each_cluster_has_its_own_evidence() {
    let runs = vec![
        run("on-demand", Phase::Succeeded, NOW.plus(-HOUR)),
        run("second", Phase::Partial, NOW.plus(-5 * HOUR)),
        run("first", Phase::Partial, NOW.plus(-29 * HOUR)),
    ];
    let mut history = History::with(runs);
    history.parts = HashMap::from([
        ("on-demand".into(), vec![part("k1", Phase::Succeeded, false)]),
        (
            "second".into(),
            vec![
                part("k1", Phase::Succeeded, false),
                part("k2", Phase::Failed, false),
                part("k3", Phase::Unknown("skipped".into()), true),
            ],
        ),
        ("first".into(), vec![part("k2", Phase::Failed, false), part("k3", Phase::Succeeded, false)]),
    ]);
    history.points =
        HashMap::from([("d1".into(), vec![point("k1", NOW.plus(-HOUR)), point("k3", NOW.plus(-29 * HOUR))])]);
    let all = of(&watched(&["k1", "k2", "k3"]), &history, NOW);
    let [k1, k2, k3] = all.as_slice() else { panic!("one for each cluster: {all:?}") };
    assert_eq!((k1.newest_good, k1.bad_in_a_row), (Some(NOW.plus(-HOUR)), 0));
    assert_eq!((k2.newest_good, k2.bad_in_a_row), (None, 2), "the request on demand asked another cluster");
    let last = k2.last.as_ref().unwrap();
    assert_eq!(
        (last.phase.clone(), last.at, last.why.as_deref()),
        (Phase::Failed, NOW.plus(-5 * HOUR), Some("The bucket refuses"))
    );
    let last = k3.last.as_ref().unwrap();
    assert_eq!((last.skipped.as_deref(), k3.newest_good), (Some("unhealthy"), Some(NOW.plus(-29 * HOUR))));
}

#[test]
fn a_definition_spans_the_clusters_that_it_names_or_that_its_workspace_has() {
    let lists = [inventory("c1", &[], vec![subject("w", &["k1", "k2"], &[]), subject("single", &["k1"], &[])])];
    let spans = |id: &str, clusters: &[&str]| {
        let scope = Scope {
            subject: Some(Named::new(id, id)),
            clusters: clusters.iter().map(|id| Named::new(*id, *id)).collect(),
            ..Scope::default()
        };
        spanned(&super::super::trying::definition("c1", scope), &lists).len()
    };
    assert_eq!(spans("w", &[]), 2);
    assert_eq!(spans("w", &["k1"]), 0, "one cluster is the whole");
    assert_eq!(spans("single", &[]), 0);
    assert_eq!(spans("unknown", &["k1", "k2", "k3"]), 3);
}
