use super::*;
use model::{
    connection::ProviderKind,
    definition::{Drift, Stuck},
    view::{LastRun, NeedKind as K},
};

const NOW: Millis = Millis(1_000_000_000);

fn row(name: &str) -> DefinitionRow {
    DefinitionRow {
        id: name.into(),
        name: name.into(),
        connection: "c".into(),
        connection_name: "zrh".into(),
        kind: ProviderKind::Velero,
        scope: "shop".into(),
        schedule: Some("Every day at 02:30".into()),
        zone: None,
        paused: false,
        paused_by: None,
        standing: Standing::Applied,
        next_run: NextRun::At(NOW.plus(60_000)),
        last_run: last(Phase::Succeeded),
        newest_good: Some(NOW.plus(-60_000)),
        health: Health::Answers,
        last_seen: Some(NOW),
        version: 1,
        follows: None,
    }
}

fn last(phase: Phase) -> Option<LastRun> {
    Some(LastRun { id: "r".into(), phase, picked_up: true, at: Some(NOW.plus(-60_000)), progress: None })
}

fn silent() -> Health {
    Health::Silent { reason: "No route.".into(), remedy: "Check it.".into(), since: NOW, tries: 3, next_try: None }
}

fn kinds(row: DefinitionRow) -> Vec<K> {
    needs(&[row], &[], &[], NOW).into_iter().map(|n| n.kind).collect()
}

#[test]
fn each_trouble_is_named_once() {
    assert_eq!(kinds(row("well")), []);
    assert_eq!(kinds(DefinitionRow { last_run: last(Phase::Failed), ..row("a") }), [K::Failed]);
    assert_eq!(kinds(DefinitionRow { last_run: last(Phase::Partial), ..row("a") }), [K::Partial]);
    assert_eq!(kinds(DefinitionRow { last_run: last(Phase::Cancelled), ..row("a") }), [K::Cancelled]);
    let strange = needs(&[DefinitionRow { last_run: last(Phase::Unknown("Odd".into())), ..row("a") }], &[], &[], NOW);
    assert_eq!(strange[0].kind, K::Unclear, "an older good point does not make it well");
    assert!(strange[0].detail.contains("“Odd”"), "{strange:?}");
    assert_eq!(kinds(DefinitionRow { newest_good: None, last_run: last(Phase::Failed), ..row("a") }), [K::Unprotected]);
    assert_eq!(kinds(DefinitionRow { newest_good: None, last_run: None, ..row("a") }), [K::Unprotected]);
    let failing = Standing::Failing { reason: "403".into(), attempts: 2, next_try: None };
    assert_eq!(kinds(DefinitionRow { standing: failing, ..row("a") }), [K::NotApplied]);
    assert_eq!(kinds(DefinitionRow { standing: Standing::Missing, ..row("a") }), [K::Missing]);
    let invalid = Standing::Invalid { reasons: vec!["invalid schedule: x".into()], drift: vec![] };
    assert_eq!(kinds(DefinitionRow { standing: invalid, ..row("a") }), [K::Invalid]);
    assert_eq!(
        kinds(DefinitionRow { standing: Standing::Removing { stuck: None }, newest_good: None, ..row("a") }),
        [],
        "what is being deleted needs nobody"
    );
}

#[test]
fn a_deletion_that_does_not_get_on_needs_somebody() {
    let stuck = Some(Stuck { reason: "A foreign finalizer. Remove it.".into(), attempts: 2, next_try: None });
    let removing = |stuck| DefinitionRow { standing: Standing::Removing { stuck }, newest_good: None, ..row("a") };
    let needed = |row| needs(&[row], &[], &[], NOW);
    assert_eq!(needed(removing(None)), [], "it is on its way");
    let refused = needed(removing(stuck.clone()));
    let said: Vec<_> = refused.iter().map(|n| (n.kind, n.detail.as_str(), n.link.as_str())).collect();
    assert_eq!(said, [(K::NotRemoved, "A foreign finalizer. Remove it.", "/definitions/a")]);
    for stuck in [None, stuck] {
        let waits = needed(DefinitionRow { health: silent(), ..removing(stuck) });
        let said: Vec<_> = waits.iter().map(|n| (n.kind, n.detail.as_str())).collect();
        assert_eq!(said, [(K::NotRemoved, "zrh is silent: No route.")], "once");
    }
}

#[test]
fn overdue_needs_ten_minutes_and_an_upstream_that_answers() {
    let due = |ms: i64| DefinitionRow { next_run: NextRun::At(NOW.plus(-ms)), ..row("a") };
    assert_eq!(kinds(due(NextRun::OVERDUE_AFTER_MS)), [], "still within the grace");
    assert_eq!(kinds(due(NextRun::OVERDUE_AFTER_MS + 1)), [K::Overdue]);
    assert_eq!(kinds(DefinitionRow { last_run: last(Phase::Running), ..due(NextRun::OVERDUE_AFTER_MS + 1) }), []);
    assert_eq!(kinds(DefinitionRow { health: silent(), ..due(NextRun::OVERDUE_AFTER_MS + 1) }), []);
    assert_eq!(kinds(DefinitionRow { standing: Standing::Applying, ..due(NextRun::OVERDUE_AFTER_MS + 1) }), []);
}

#[test]
fn a_run_that_nobody_picks_up_is_said_after_ten_minutes() {
    let queued = |ms: i64, picked_up: bool| {
        let run = LastRun { id: "r".into(), phase: Phase::Queued, picked_up, at: Some(NOW.plus(-ms)), progress: None };
        DefinitionRow { last_run: Some(run), ..row("a") }
    };
    assert_eq!(kinds(queued(PICK_UP_MS, false)), [], "within the grace");
    assert_eq!(kinds(queued(PICK_UP_MS + 1, false)), [K::NotPickedUp]);
    assert_eq!(kinds(queued(PICK_UP_MS + 1, true)), [], "it waits in its upstream's own queue");
    assert_eq!(kinds(DefinitionRow { health: silent(), ..queued(PICK_UP_MS + 1, false) }), []);
    let need = needs(&[queued(PICK_UP_MS + 1, false)], &[], &[], NOW).remove(0);
    assert!(need.detail.contains("is Velero's server running?"), "{need:?}");
    assert_eq!(need.link, "/runs/r");
}

#[test]
fn drift_names_its_fields() {
    let field = |n: i32| Drift { field: format!("spec.f{n}"), ours: None, theirs: None, not_adoptable: None };
    let drifted = DefinitionRow { standing: Standing::Drifted { fields: (1..=5).map(field).collect() }, ..row("a") };
    let need = needs(&[drifted], &[], &[], NOW).remove(0);
    assert_eq!((need.kind, need.detail.as_str()), (K::Drifted, "spec.f1, spec.f2, spec.f3 and 2 more"));
    assert_eq!(need.link, "/definitions/a");
}

#[test]
fn the_most_exposed_come_first_and_the_oldest_of_a_kind() {
    let connection = Connection {
        account: String::new(),
        variant: String::new(),
        id: "c".into(),
        name: "zrh".into(),
        kind: ProviderKind::Velero,
        address: String::new(),
        namespace: String::new(),
        ca: String::new(),
        credential_kind: String::new(),
        health: silent(),
        version: None,
        platform: None,
        latency_ms: None,
        last_seen: None,
        definitions: 0,
        version_number: 1,
    };
    let older =
        LastRun { id: "r2".into(), phase: Phase::Failed, picked_up: true, at: Some(NOW.plus(-90_000)), progress: None };
    let refused = Refusal { point: "p".into(), name: "b-1".into(), reason: "in progress".into(), at: NOW };
    let all = needs(
        &[
            DefinitionRow { last_run: last(Phase::Failed), ..row("young") },
            DefinitionRow { last_run: Some(older), ..row("old") },
            DefinitionRow { newest_good: None, last_run: None, ..row("bare") },
        ],
        std::slice::from_ref(&connection),
        &[refused],
        NOW,
    );
    let said: Vec<(&str, K)> = all.iter().map(|n| (n.subject.as_str(), n.kind)).collect();
    assert_eq!(
        said,
        [("bare", K::Unprotected), ("old", K::Failed), ("young", K::Failed), ("zrh", K::Silent), ("b-1", K::Refused)]
    );
    assert_eq!(super::silent(&[connection]), (1, None));
}
