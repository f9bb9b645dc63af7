//! The verdict over a workspace, case by case.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "protection/case.rs"]
mod case;
#[path = "protection/points.rs"]
mod points;
#[path = "protection/risks.rs"]
mod risks;

use case::*;
use model::{
    Millis, Phase,
    duration::Seconds,
    judgement::{Covered, Ended, Evidence, Judgement, judge, judge_covered},
    protection::Protection::{self, AtRisk, Protected, Unknown, Unprotected},
};
use points::{good_order, nothing_to_restore};
use risks::{at_risk, silence};

fn told(judgement: &Judgement) -> Vec<(Protection, &str, &str)> {
    judgement.reasons.iter().map(|r| (r.protection, r.subject.as_str(), r.sentence.as_str())).collect()
}

#[test]
fn verdicts() {
    let cases: Vec<Case> = [good_order(), nothing_to_restore(), at_risk(), silence()].into_iter().flatten().collect();
    assert!(cases.len() >= 40, "{}", cases.len());
    for Case { name, evidence, uncovered, verdict, subject, sentence } in cases {
        let judged = judge(&evidence, &uncovered, RPO, NOW);
        let first = judged.reasons.first().unwrap();
        assert_eq!(judged.protection, verdict, "{name}: {:?}", told(&judged));
        assert_eq!(first.protection, verdict, "{name}: the first reason carries the verdict");
        assert_eq!(first.subject, subject, "{name}: {:?}", told(&judged));
        assert!(first.sentence.contains(sentence), "{name}: {:?}", told(&judged));
        let ranks: Vec<u8> = judged.reasons.iter().map(|r| r.protection.rank()).collect();
        assert!(ranks.is_sorted(), "{name}: most exposed first: {:?}", told(&judged));
        // What holds of every case: nothing is green unless each part has a point that stands, and answers.
        if judged.protection == Protected {
            assert!(evidence.iter().all(|e| e.silent.is_none() && e.newest_good.is_some()), "{name}");
            assert!(uncovered.is_empty() && judged.over.is_none() && judged.newest_good.is_some(), "{name}");
        }
    }
}

#[test]
fn the_cause_stands_before_its_effect() {
    let old = Evidence { newest_good: Some(ago(53)), ..well("edge") };
    let failed = Evidence { last: because(Phase::Failed, 6, "403"), bad_in_a_row: 2, ..old };
    let judged = judge(&[on("basel", well("edge")), on("geneva", failed)], &[gap("loyalty", "basel")], RPO, NOW);
    assert_eq!(
        told(&judged),
        [
            (Unprotected, "loyalty", "in no definition, on basel"),
            (AtRisk, "geneva", "failed twice since the last good point: 403"),
            (AtRisk, "geneva", "its newest good point is 1 d 5 h over the RPO"),
        ]
    );
    assert_eq!(judged.newest_good, Some(ago(53)), "of the worst part");
    assert_eq!(judged.over, Some(Seconds(29 * 3600)));
    assert_eq!(judged.reasons[0].since, Some(ago(144)));
}

#[test]
fn the_oldest_point_stands_first() {
    let old = |name: &str, hours| Evidence { newest_good: Some(ago(hours)), ..well(name) };
    let judged = judge(&[old("a", 30), old("b", 90), well("c"), old("d", 60)], &[], RPO, NOW);
    let order: Vec<&str> = judged.reasons.iter().map(|r| r.subject.as_str()).collect();
    assert_eq!(order, ["b", "d", "a"]);
}

#[test]
fn what_is_said_of_a_definition_is_said_once() {
    let paused = Evidence { paused: true, next: None, ..well("edge") };
    let over = Evidence { newest_good: Some(ago(30)), ..paused.clone() };
    let judged = judge(&[on("basel", paused), on("geneva", over)], &[], RPO, NOW);
    let said: Vec<_> = judged.reasons.iter().filter(|r| r.sentence.starts_with("paused")).collect();
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].protection, said[0].subject.as_str()), (AtRisk, "edge"), "by its worst cluster");
}

#[test]
fn a_silent_whole_is_judged_as_of_then() {
    let heard = |hours| Evidence { silent: Some((ago(1), Some(ago(hours)))), ..well("a") };
    let judged = judge(&[heard(2), heard(40)], &[], RPO, NOW);
    assert_eq!(judged.as_of, Some(ago(40)), "the oldest hearing counts");
    let old = Evidence { newest_good: Some(ago(25)), ..heard(3) };
    let judged = judge(&[old], &[], RPO, NOW);
    assert_eq!((judged.as_of, judged.over), (Some(ago(3)), None), "it was 22 hours old then");
    assert_eq!(judge(&[well("a"), heard(2)], &[], RPO, NOW).as_of, None, "a part answers");
}

#[test]
fn a_silent_part_lends_its_point_to_nobody() {
    let old = silent(Evidence { newest_good: Some(ago(90)), ..well("b") });
    let judged = judge(&[well("a"), old], &[], RPO, NOW);
    assert_eq!((judged.newest_good, judged.over), (Some(ago(6)), None));
    let none = Evidence { newest_good: None, last: None, ..well("c") };
    assert_eq!(judge(&[well("a"), none], &[], RPO, NOW).newest_good, None, "a part has none");
}

/// One place that all of these take in.
fn place(by: &[usize], whole: &[usize]) -> Covered {
    Covered { by: by.to_vec(), whole: whole.to_vec() }
}

#[test]
fn where_definitions_overlap_the_newest_point_counts() {
    let nightly = || well("nightly");
    let monthly = Evidence { newest_good: Some(ago(500)), good_until: Some(ahead(3)), ..well("monthly") };
    let once = Evidence { scheduled: false, next: None, ..monthly.clone() };
    let first = Evidence { newest_good: None, good_until: None, last: None, ..monthly.clone() };
    let failed = Evidence { last: ended(Phase::Failed, 5), bad_in_a_row: 1, ..monthly.clone() };
    let failed_first = Evidence { last: ended(Phase::Failed, 5), bad_in_a_row: 1, ..first.clone() };
    let expired = Evidence { good_until: Some(ago(1)), ..monthly.clone() };
    let (both, apart) = (vec![place(&[0, 1], &[0, 1])], vec![place(&[0], &[0]), place(&[1], &[1])]);
    let partly = vec![place(&[0, 1], &[0, 1]), place(&[1], &[1])];
    let narrowed = vec![place(&[0, 1], &[1])];
    for (name, other, covered, verdict) in [
        ("a monthly one beside a nightly", monthly.clone(), &both, Protected),
        ("a single backup beside a nightly", once, &both, Protected),
        ("a monthly one that has not run yet", first.clone(), &both, Protected),
        ("one whose point expired", expired.clone(), &both, Protected),
        ("one that failed", failed, &both, AtRisk),
        ("one that failed at its first run", failed_first, &both, AtRisk),
        ("of other places", monthly.clone(), &apart, AtRisk),
        ("of other places, not run yet", first.clone(), &apart, Unprotected),
        ("of another place too", monthly.clone(), &partly, AtRisk),
        ("of another place too, not run yet", first.clone(), &partly, Unprotected),
        ("the nightly one takes only some of it", monthly.clone(), &narrowed, AtRisk),
        ("nobody says which places", monthly.clone(), &vec![], AtRisk),
    ] {
        let judged = judge_covered(&[nightly(), other], covered, &[], RPO, NOW);
        assert_eq!(judged.protection, verdict, "{name}: {:?}", told(&judged));
        if verdict == Protected {
            assert_eq!((judged.newest_good, judged.over), (Some(ago(6)), None), "{name}");
        }
    }
    let old = Evidence { newest_good: Some(ago(30)), ..nightly() };
    let judged = judge_covered(&[old.clone(), monthly.clone()], &both, &[], RPO, NOW);
    assert_eq!((judged.protection, judged.newest_good), (AtRisk, Some(ago(30))), "the best of the place is too old");
    let quiet = judge_covered(&[silent(nightly()), monthly.clone()], &both, &[], RPO, NOW);
    assert_eq!(quiet.protection, AtRisk, "what is silent proves nothing for others");
    let all_quiet = judge_covered(&[silent(nightly()), silent(monthly)], &both, &[], RPO, NOW);
    assert_eq!(told(&all_quiet)[0], (Unknown, "", "as last seen: protected"));
    let gone = Evidence { good_until: Some(ago(1)), ..nightly() };
    assert_eq!(judge_covered(&[gone, expired], &both, &[], RPO, NOW).protection, Unprotected, "both are gone");
    // Indexes that fit nothing are ignored.
    let odd = judge_covered(&[old], &[place(&[0, 9], &[7])], &[], RPO, NOW);
    assert_eq!(odd.protection, AtRisk);
}

#[test]
fn absurd_moments_do_not_break_it() {
    for at in [Millis(i64::MIN), Millis(i64::MAX), Millis(0)] {
        for other in [Millis(i64::MIN), Millis(i64::MAX)] {
            let evidence = Evidence {
                newest_good: Some(at),
                good_until: Some(other),
                next: Some(other),
                overdue_since: Some(at),
                last: Some(Ended { phase: Phase::Failed, at, why: None, skipped: None }),
                bad_in_a_row: u32::MAX,
                ..well("a")
            };
            assert_ne!(judge(std::slice::from_ref(&evidence), &[], RPO, NOW).protection, Protected);
            let quiet = Evidence { silent: Some((at, Some(other))), ..evidence };
            assert_eq!(judge(&[quiet], &[], RPO, at).protection, Unknown);
        }
    }
}
