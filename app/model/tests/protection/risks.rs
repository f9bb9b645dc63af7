//! Workspaces at risk, and those of silent connections.

use super::case::*;
use model::{
    Phase,
    definition::Standing,
    judgement::{Ended, Evidence, Uncovered},
    protection::Protection::{AtRisk, Protected, Unknown, Unprotected},
};

pub fn at_risk() -> Vec<Case> {
    let bad =
        |last: Option<Ended>, n: u32| one(move |e| (e.newest_good, e.last, e.bad_in_a_row) = (Some(ago(20)), last, n));
    let standing = |standing: Standing| one(move |e| e.standing = standing);
    let invalid = Standing::Invalid { reasons: vec!["the location is unavailable".into()], drift: vec![] };
    let off = |field: &str, theirs: &str| standing(Standing::Drifted { fields: vec![drift(field, theirs)] });
    vec![
        case(
            "a minute over the RPO",
            one(|e| e.newest_good = Some(ago(24).plus(-60_000))),
            AtRisk,
            "shop",
            "1 min over the RPO",
        ),
        case("failed once", bad(ended(Phase::Failed, 6), 1), AtRisk, "shop", "failed since the last good point"),
        case(
            "failed twice",
            bad(because(Phase::Failed, 6, "403 AccessDenied"), 2),
            AtRisk,
            "shop",
            "failed twice since the last good point: 403 AccessDenied",
        ),
        case(
            "failed five times",
            bad(ended(Phase::Failed, 6), 5),
            AtRisk,
            "shop",
            "failed 5 times since the last good point",
        ),
        case(
            "partial",
            bad(because(Phase::Partial, 6, "1 of 9 volumes"), 1),
            AtRisk,
            "shop",
            "its newest run lacks 1 of 9 volumes",
        ),
        case(
            "partial, with a message",
            bad(because(Phase::Partial, 6, "The bucket refuses"), 1),
            AtRisk,
            "shop",
            "its newest run is partial: The bucket refuses",
        ),
        case(
            "partial, and nobody says why",
            bad(ended(Phase::Partial, 6), 1),
            AtRisk,
            "shop",
            "its newest run is partial",
        ),
        case(
            "partial twice",
            bad(because(Phase::Partial, 6, "a volume"), 2),
            AtRisk,
            "shop",
            "not whole twice since the last good point; the newest is partial: a volume",
        ),
        case("cancelled", bad(ended(Phase::Cancelled, 6), 0), AtRisk, "shop", "cancelled"),
        case(
            "an unknown word",
            bad(ended(Phase::Unknown("Finishing".into()), 6), 0),
            AtRisk,
            "shop",
            "“Finishing”, which Holdfast does not know",
        ),
        case(
            "Waldur: ready without metadata after a good one",
            bad(ended(Phase::Succeeded, 6), 1),
            AtRisk,
            "shop",
            "left no whole recovery point",
        ),
        case(
            "a request called completed with a failed cluster",
            [on("basel", well("edge")), on("geneva", bad(ended(Phase::Failed, 6), 1).into_iter().next().unwrap())],
            AtRisk,
            "geneva",
            "failed since",
        ),
        case(
            "a cluster left out",
            [on("lugano", bad(left_out(6), 0).into_iter().next().unwrap())],
            AtRisk,
            "lugano",
            "left out of the newest run",
        ),
        case(
            "refused by its upstream",
            standing(invalid),
            AtRisk,
            "shop",
            "refuses to run it: the location is unavailable",
        ),
        case("gone upstream", standing(Standing::Missing), AtRisk, "shop", "gone upstream"),
        case("being removed", standing(Standing::Removing { stuck: None }), AtRisk, "shop", "being removed"),
        case(
            "not in force",
            standing(Standing::Failing { reason: "401 Unauthorized".into(), attempts: 3, next_try: None }),
            AtRisk,
            "shop",
            "not in force: 401 Unauthorized",
        ),
        case("switched off by Waldur", off("is_active", "false"), AtRisk, "shop", "switched off upstream"),
        case("paused by somebody upstream", off("spec.paused", "true"), AtRisk, "shop", "switched off upstream"),
        case(
            "Astra's schedule switched off",
            off("schedules.daily.enabled", "\"false\""),
            AtRisk,
            "shop",
            "switched off upstream",
        ),
        case("Palette's cron emptied", off("schedule.scheduledRunTime", ""), AtRisk, "shop", "switched off upstream"),
        case(
            "overdue",
            one(|e| (e.overdue_since, e.next) = (Some(ago(3)), Some(ago(3)))),
            AtRisk,
            "shop",
            "was due and has not begun",
        ),
        case(
            "the point goes before the next run",
            one(|e| e.good_until = Some(ahead(12))),
            AtRisk,
            "shop",
            "expires in 12 hours, before the next run",
        ),
        case(
            "paused, and the point goes soon",
            one(|e| (e.paused, e.next, e.good_until) = (true, None, Some(ahead(12)))),
            AtRisk,
            "shop",
            "expires in 12 hours and no next run is planned",
        ),
        case(
            "the next moment is not known, and the point goes soon",
            one(|e| (e.next, e.good_until) = (None, Some(ahead(12)))),
            Protected,
            "",
            "newest good point",
        ),
        case(
            "paused, and over the RPO",
            one(|e| (e.paused, e.next, e.newest_good) = (true, None, Some(ago(48)))),
            AtRisk,
            "shop",
            "1 day over the RPO",
        ),
        case(
            "the point goes soon, but a run is under way",
            one(|e| (e.good_until, e.running) = (Some(ahead(12)), Some(None))),
            Protected,
            "",
            "newest good point",
        ),
    ]
}

pub fn silence() -> Vec<Case> {
    let failed = one(|e| (e.last, e.bad_in_a_row) = (ended(Phase::Failed, 6), 1)).into_iter().next().unwrap();
    let never = Evidence { silent: Some((ago(1), None)), newest_good: None, last: None, ..well("shop") };
    vec![
        case("silent, and well when last heard", [silent(well("a"))], Unknown, "", "as last seen: protected"),
        case("silent, and at risk when last heard", [silent(failed.clone())], Unknown, "", "as last seen: at risk"),
        case("never heard", [never.clone()], Unknown, "", "never answered"),
        case("silent beside well", [well("a"), silent(well("b"))], Unknown, "b", "silent; as last seen: protected"),
        case("never heard beside well", [well("a"), never], Unknown, "shop", "never answered"),
        case("silent beside at risk", [silent(well("a")), failed], AtRisk, "shop", "failed since"),
        case(
            "silent, and the point expired only since",
            [silent(Evidence { good_until: Some(ago(1)), next: Some(ago(3)), ..well("a") })],
            Unknown,
            "",
            "as last seen: protected",
        ),
        gaps(
            case("silent, with a gap when last heard", [silent(well("a"))], Unknown, "", "as last seen: unprotected"),
            [Uncovered { silent: true, ..gap("loyalty", "bern") }],
        ),
        gaps(
            case("silent, with a gap elsewhere", [silent(well("a"))], Unprotected, "loyalty", "in no definition"),
            [gap("loyalty", "bern")],
        ),
        gaps(
            case(
                "well, with a gap on a silent connection",
                [well("a")],
                Unknown,
                "loyalty",
                "as last seen: in no definition",
            ),
            [Uncovered { silent: true, ..gap("loyalty", "bern") }],
        ),
    ]
}
