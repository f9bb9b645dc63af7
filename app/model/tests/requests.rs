//! Runs as they were asked for.

use model::{
    DefinitionId, Millis, Named, Phase,
    request::{Request, RequestRun, requests, whole},
    run::{ClusterPart, Run, RunDetail, Trigger},
};

const MIN: i64 = 60_000;

fn run(id: &str, definition: &str, minute: i64, phase: Phase) -> RequestRun {
    RequestRun {
        run: Run {
            id: id.into(),
            connection: "c".into(),
            definition: (!definition.is_empty()).then(|| DefinitionId::from(definition)),
            name: format!("{definition}-{minute}"),
            raw_phase: phase.word().into(),
            phase,
            trigger: Trigger::Schedule,
            created: Some(Millis(minute * MIN)),
            started: None,
            ended: None,
            detail: RunDetail::default(),
            observed: Millis(minute * MIN),
            gone: false,
        },
        definition_name: Some(definition.into()),
        connection_name: "zrh".into(),
        place: None,
    }
}

fn by(mut run: RequestRun, who: &str) -> RequestRun {
    run.run.trigger = Trigger::Person(who.into());
    run
}

fn part(cluster: &str, word: &str, phase: Phase) -> ClusterPart {
    ClusterPart {
        cluster: Named::new(format!("uid-{cluster}"), cluster),
        phase,
        raw_phase: word.into(),
        message: (word == "Failed").then(|| "the location is unavailable".into()),
        expires: Some(Millis(9)),
        namespaces: vec!["shop".into()],
        skipped: None,
    }
}

fn left_out(cluster: &str) -> ClusterPart {
    ClusterPart { skipped: Some("not healthy".into()), ..part(cluster, "", Phase::Unknown("skipped".into())) }
}

fn spanning(word: &str, own: Phase, clusters: Vec<ClusterPart>) -> RequestRun {
    let mut run = run("r", "edge", 0, own);
    run.run.raw_phase = word.into();
    run.run.detail.clusters = clusters;
    run
}

fn keys(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(|request| request.key.as_str()).collect()
}

#[test]
fn a_request_is_what_its_clusters_are() {
    use Phase::{Cancelled, Failed, Partial, Queued, Running, Succeeded};
    let good = || part("basel", "Completed", Succeeded);
    let bad = || part("geneva", "Failed", Failed);
    let odd = || part("bern", "Finishing", Phase::Unknown("Finishing".into()));
    let of = |phase: Phase| part("bern", phase.word(), phase);
    let unknown = || Phase::Unknown("Finishing".into());
    let cases: Vec<(&str, &str, Phase, Vec<ClusterPart>, Phase, Option<&str>)> = vec![
        ("all good", "Completed", Succeeded, vec![good(), good()], Succeeded, None),
        ("completed with a failed cluster", "Completed", Succeeded, vec![good(), bad()], Partial, Some("Completed")),
        (
            "completed, already counted as partial",
            "Completed",
            Partial,
            vec![good(), bad()],
            Partial,
            Some("Completed"),
        ),
        (
            "completed with one left out",
            "Completed",
            Succeeded,
            vec![good(), left_out("lugano")],
            Partial,
            Some("Completed"),
        ),
        (
            "completed, and all left out",
            "Completed",
            Succeeded,
            vec![left_out("a"), left_out("b")],
            Failed,
            Some("Completed"),
        ),
        ("all failed", "Failed", Failed, vec![bad(), bad()], Failed, None),
        ("called failed, though one is good", "Failed", Failed, vec![good(), bad()], Partial, Some("Failed")),
        ("called failed, though all are good", "Failed", Failed, vec![good(), good()], Partial, Some("Failed")),
        ("called partial, as it is", "Partial", Partial, vec![good(), bad()], Partial, None),
        ("one goes on", "Running", Running, vec![good(), of(Running)], Running, None),
        ("one goes on, one failed", "Running", Running, vec![bad(), of(Running)], Running, None),
        ("one waits, one is done", "Running", Running, vec![good(), of(Queued)], Running, None),
        ("all wait", "Queued", Queued, vec![of(Queued), of(Queued)], Queued, None),
        ("the whole goes on, its parts are done", "Running", Running, vec![good(), bad()], Running, None),
        ("an unknown word beside good", "Completed", Succeeded, vec![good(), odd()], unknown(), Some("Completed")),
        ("an unknown word beside failed", "Completed", Succeeded, vec![bad(), odd()], Partial, Some("Completed")),
        ("the whole says an unknown word", "Finishing", unknown(), vec![good(), good()], unknown(), Some("Finishing")),
        ("all cancelled", "Cancelled", Cancelled, vec![of(Cancelled)], Cancelled, None),
        ("cancelled and failed", "Failed", Failed, vec![of(Cancelled), bad()], Failed, None),
        ("cancelled and good", "Completed", Succeeded, vec![of(Cancelled), good()], Partial, Some("Completed")),
    ];
    for (name, word, own, clusters, wanted, said) in cases {
        let run = spanning(word, own, clusters);
        let all = requests(std::slice::from_ref(&run));
        assert_eq!(all.len(), 1, "{name}");
        assert_eq!(all[0].phase, wanted, "{name}");
        assert_eq!(all[0].said.as_deref(), said, "{name}");
        assert_eq!(whole(&run.run), wanted, "{name}: the strip says the same");
        assert_eq!(all[0].parts.len(), run.run.detail.clusters.len(), "{name}: none is hidden");
    }
}

#[test]
fn parts_tell_what_the_system_tells() {
    let run = spanning(
        "Completed",
        Phase::Succeeded,
        vec![part("geneva", "Failed", Phase::Failed), left_out("lugano"), part("basel", "Completed", Phase::Succeeded)],
    );
    let request = requests(&[run]).remove(0);
    let places: Vec<&str> = request.parts.iter().map(|part| part.place.name.as_str()).collect();
    assert_eq!(places, ["basel", "geneva", "lugano"]);
    let geneva = &request.parts[1];
    assert_eq!(geneva.message.as_deref(), Some("the location is unavailable"));
    assert_eq!((geneva.expires, geneva.namespaces.len()), (Some(Millis(9)), 1));
    assert_eq!(request.parts[2].skipped.as_deref(), Some("not healthy"));
    assert_eq!(geneva.definition_name.as_deref(), Some("edge"));
}

#[test]
fn where_there_are_no_clusters_the_place_or_the_connection_stands() {
    let placed = RequestRun { place: Some(Named::new("i-1", "gitlab-1")), ..run("a", "lab", 0, Phase::Succeeded) };
    let bare = run("b", "shop", 60, Phase::Failed);
    let all = requests(&[placed, bare]);
    assert_eq!(all[1].parts[0].place.name, "gitlab-1");
    assert_eq!(all[0].parts[0].place.name, "zrh");
    assert_eq!(all[0].said, None, "its one part says the same");
}

#[test]
fn one_hand_within_ten_minutes_is_one_request() {
    let all = requests(&[
        run("a", "shop", 0, Phase::Succeeded),
        run("b", "ledger", 10, Phase::Failed),
        run("c", "web", 11, Phase::Succeeded),
        by(run("d", "erp", 3, Phase::Succeeded), "ada"),
        by(run("e", "crm", 4, Phase::Succeeded), "ben"),
    ]);
    assert_eq!(keys(&all), ["c", "e", "d", "a"], "newest first; ten minutes are counted from the first");
    let first = &all[3];
    assert_eq!((first.parts.len(), &first.phase), (2, &Phase::Partial));
    assert_eq!(first.at, Millis(0));
    assert_eq!(all[2].actor, Trigger::Person("ada".into()));
}

#[test]
fn two_runs_of_one_definition_are_never_one_request() {
    let all = requests(&[
        run("a", "shop", 0, Phase::Succeeded),
        run("b", "ledger", 0, Phase::Succeeded),
        run("c", "shop", 5, Phase::Succeeded),
        run("d", "web", 6, Phase::Succeeded),
    ]);
    assert_eq!(keys(&all), ["c", "a"]);
    assert_eq!(all[1].parts.len(), 3, "what came late still belongs to the first");
    for request in &all {
        let mut definitions: Vec<_> = request.parts.iter().map(|part| &part.definition).collect();
        definitions.dedup();
        assert_eq!(definitions.len(), request.parts.len());
    }
}

#[test]
fn what_belongs_to_no_definition_and_what_spans_clusters_stays_alone() {
    let edge = spanning("Completed", Phase::Succeeded, vec![part("basel", "Completed", Phase::Succeeded)]);
    let all = requests(&[
        run("a", "", 0, Phase::Failed),
        run("b", "", 0, Phase::Failed),
        edge,
        run("s", "shop", 0, Phase::Succeeded),
    ]);
    assert_eq!(all.len(), 4);
}

#[test]
fn the_order_of_the_runs_does_not_matter() {
    let runs: Vec<RequestRun> =
        (0..40).map(|n| run(&format!("r{n:02}"), &format!("d{}", n % 7), n * 3, Phase::Succeeded)).collect();
    let mut other = runs.clone();
    other.reverse();
    other.rotate_left(11);
    assert_eq!(requests(&runs), requests(&other));
    assert_eq!(requests(&runs).iter().map(|request| request.parts.len()).sum::<usize>(), runs.len());
}
