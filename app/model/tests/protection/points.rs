//! Workspaces in good order, and those with nothing to restore.

use super::case::*;
use model::{
    Phase,
    definition::Standing,
    judgement::Ended,
    pause::Pause,
    protection::Protection::{Protected, Unknown, Unprotected},
};

pub fn good_order() -> Vec<Case> {
    let by = |upstream| Pause { by: "ada".into(), at: ago(200), upstream };
    let three = [well("a"), well("b"), well("c")];
    vec![
        case("one in good order", one(|_| {}), Protected, "", "newest good point 6 hours"),
        case("three in good order", three, Protected, "", "3 of 3 definitions, newest good point 6 hours"),
        case(
            "one definition on two clusters counts once",
            [on("basel", well("edge")), on("bern", well("edge"))],
            Protected,
            "",
            "newest good point 6 hours",
        ),
        case("no end told", one(|e| e.good_until = None), Protected, "", "newest good point"),
        case("exactly as old as the RPO", one(|e| e.newest_good = Some(ago(24))), Protected, "", "1 day"),
        case(
            "taken in the future by a clock that is ahead",
            one(|e| e.newest_good = Some(ahead(1))),
            Protected,
            "",
            "under a minute",
        ),
        case("a run under way", one(|e| e.running = Some(Some(62))), Protected, "", "newest good point"),
        case("being applied", one(|e| e.standing = Standing::Applying), Protected, "", "newest good point"),
        case("paused alone is said", one(|e| (e.paused, e.next) = (true, None)), Protected, "shop", "paused"),
        case(
            "and by whom",
            one(|e| (e.paused, e.paused_by, e.next) = (true, Some(by(false)), None)),
            Protected,
            "shop",
            "paused by ada; no point",
        ),
        case(
            "by somebody upstream, taken over",
            one(|e| (e.paused, e.paused_by, e.next) = (true, Some(by(true)), None)),
            Protected,
            "shop",
            "paused upstream, taken over by ada; no point",
        ),
        case("by hand", one(|e| (e.scheduled, e.next) = (false, None)), Protected, "shop", "by hand"),
        case(
            "drifted without harm is said",
            one(|e| e.standing = Standing::Drifted { fields: vec![drift("spec.template.ttl", "240h0m0s")] }),
            Protected,
            "shop",
            "drifted, changed upstream: spec.template.ttl",
        ),
        case(
            "a bad run before the newest good one",
            one(|e| (e.last, e.bad_in_a_row) = (ended(Phase::Succeeded, 6), 0)),
            Protected,
            "",
            "newest good point",
        ),
    ]
}

pub fn nothing_to_restore() -> Vec<Case> {
    let none =
        |last: Option<Ended>| one(|e| (e.newest_good, e.good_until, e.last, e.bad_in_a_row) = (None, None, last, 1));
    vec![
        case("empty", [], Unknown, "", "nothing belongs to it"),
        case("never run, the first to come", none(None), Unprotected, "shop", "its first run is to come"),
        case(
            "never run, one under way",
            one(|e| (e.newest_good, e.last, e.running) = (None, None, Some(None))),
            Unprotected,
            "shop",
            "a run is under way",
        ),
        case(
            "never run and paused",
            one(|e| (e.newest_good, e.last, e.next, e.paused) = (None, None, None, true)),
            Unprotected,
            "shop",
            "no good recovery point",
        ),
        case(
            "failed from the first",
            none(because(Phase::Failed, 6, "no space left")),
            Unprotected,
            "shop",
            "failed: no space left",
        ),
        case(
            "only partial ones",
            none(because(Phase::Partial, 6, "1 of 9 volumes")),
            Unprotected,
            "shop",
            "its newest run lacks 1 of 9 volumes",
        ),
        case("cancelled from the first", none(ended(Phase::Cancelled, 6)), Unprotected, "shop", "cancelled"),
        case(
            "an unknown word from the first",
            none(ended(Phase::Unknown("Finishing".into()), 6)),
            Unprotected,
            "shop",
            "“Finishing”",
        ),
        case(
            "Waldur: ready without metadata",
            none(ended(Phase::Succeeded, 6)),
            Unprotected,
            "shop",
            "called good and nothing whole is left",
        ),
        case(
            "left out from the first",
            none(left_out(6)),
            Unprotected,
            "shop",
            "left out of the newest run: the cluster is not healthy",
        ),
        case("expired", one(|e| e.good_until = Some(ago(1))), Unprotected, "shop", "has expired"),
        case("expires now", one(|e| e.good_until = Some(NOW)), Unprotected, "shop", "has expired"),
        case(
            "one without beside two with",
            [well("a"), well("b"), none(None).into_iter().next().unwrap()],
            Unprotected,
            "shop",
            "no good recovery point yet",
        ),
        gaps(
            case("nothing but a gap", [], Unprotected, "loyalty", "in no definition, on bern"),
            [gap("loyalty", "bern")],
        ),
        gaps(
            case(
                "a gap on three clusters",
                [well("a")],
                Unprotected,
                "loyalty",
                "in no definition, on basel, bern and geneva",
            ),
            [gap("loyalty", "basel"), gap("loyalty", "bern"), gap("loyalty", "geneva")],
        ),
        gaps(
            case("many gaps", [well("a")], Unprotected, "", "5 things are in no definition: n1, n2, n3 and 2 more"),
            ["n3", "n2", "n1", "n5", "n4"].map(|name| gap(name, "basel")),
        ),
    ]
}
