//! The verdict over a workspace, from what is known of its parts.

use super::Covered;
use super::{
    Evidence, Judgement, Reason, Uncovered,
    gaps::gaps,
    part::{Part, Said, age, look},
};
use crate::{duration::Seconds, protection::Protection, time::Millis};

/// Judges a workspace of which each part is held by one definition alone, see [`judge_covered`].
pub fn judge(evidence: &[Evidence], uncovered: &[Uncovered], rpo: Seconds, now: Millis) -> Judgement {
    judge_covered(evidence, &[], uncovered, rpo, now)
}

/// Judges a workspace. The worst part wins: unprotected, at risk, unknown, protected.
///
/// `covered` are its places with the evidence that takes each in. Where definitions overlap, the newest point of a place counts: a
/// monthly definition beside a nightly one is not held against an RPO of a day, and neither is a single backup from before an
/// upgrade. What fails, is overdue or is refused is a risk all the same.
///
/// A silent connection proves nothing, neither good nor bad: its parts are unknown, so beside protected ones the whole is unknown,
/// and beside one at risk it is at risk. When every part is silent the whole is unknown, is judged as it was when it was last
/// heard, and says as of when.
pub fn judge_covered(
    evidence: &[Evidence],
    covered: &[Covered],
    uncovered: &[Uncovered],
    rpo: Seconds,
    now: Millis,
) -> Judgement {
    if evidence.is_empty() && uncovered.is_empty() {
        return judgement(vec![about_all(Protection::Unknown, "nothing belongs to it", None)], None, rpo, now);
    }
    if evidence.iter().all(|e| e.silent.is_some()) && uncovered.iter().all(|u| u.silent) {
        let lent: Vec<Option<Millis>> = evidence.iter().map(|e| e.newest_good).collect();
        return as_last_seen(evidence, &others(covered, &lent), uncovered, rpo, now);
    }
    // What is silent proves nothing for others either.
    let lent: Vec<Option<Millis>> =
        evidence.iter().map(|e| e.standing_point(now).filter(|_| e.silent.is_none())).collect();
    let others = others(covered, &lent);
    let (silent, answering): (Vec<_>, Vec<_>) = evidence.iter().enumerate().partition(|(_, e)| e.silent.is_some());
    let parts: Vec<Part> = answering.iter().map(|(i, e)| look(e, other(&others, *i), rpo, now)).collect();
    let newest = newest_of_worst(&parts);
    let mut graded = grade(parts);
    graded.extend(silent.iter().map(|(_, e)| (last_seen(e, rpo, now), e.newest_good)));
    graded.extend(gaps(uncovered).into_iter().map(|reason| (reason, None)));
    let mut reasons = sorted(graded);
    if reasons.iter().all(|reason| reason.protection == Protection::Protected) {
        reasons.push(all_well(&answering, newest, now));
    }
    judgement(reasons, newest, rpo, now)
}

/// For each piece of evidence the newest point that others lend to everything it takes in: of its places that with the oldest.
/// `None` also where it takes in no place.
fn others(covered: &[Covered], lent: &[Option<Millis>]) -> Vec<Option<Millis>> {
    let mut others: Vec<Option<Option<Millis>>> = vec![None; lent.len()];
    for place in covered {
        for one in &place.by {
            let lend = |other: &usize| lent.get(*other).copied().flatten().filter(|_| other != one);
            let best = place.whole.iter().filter_map(lend).max();
            if let Some(least) = others.get_mut(*one) {
                *least = Some(least.map_or(best, |least| least.min(best)));
            }
        }
    }
    others.into_iter().map(Option::flatten).collect()
}

fn other(others: &[Option<Millis>], index: usize) -> Option<Millis> {
    others.get(index).copied().flatten()
}

/// The verdict is that of the first reason.
fn judgement(reasons: Vec<Reason>, newest: Option<Millis>, rpo: Seconds, now: Millis) -> Judgement {
    Judgement {
        protection: reasons.first().map_or(Protection::Unknown, |reason| reason.protection),
        reasons,
        newest_good: newest,
        over: newest.map(|at| age(at, now)).filter(|age| *age > rpo).map(|age| Seconds(age.0 - rpo.0)),
        as_of: None,
    }
}

fn about_all(protection: Protection, sentence: &str, since: Option<Millis>) -> Reason {
    Reason { protection, subject: String::new(), definition: None, sentence: sentence.to_owned(), since }
}

/// The reasons of all parts, each with the point that says how exposed the part is. What is said of a whole definition is said once.
fn grade(parts: Vec<Part>) -> Vec<(Reason, Option<Millis>)> {
    let mut graded: Vec<(Reason, Option<Millis>)> = Vec::new();
    for Part { newest, said } in parts {
        for Said { reason, wide } in said {
            let known = graded
                .iter_mut()
                .find(|(other, _)| wide && other.definition == reason.definition && other.sentence == reason.sentence);
            match known {
                Some((other, least)) => {
                    if reason.protection.rank() < other.protection.rank() {
                        other.protection = reason.protection;
                    }
                    *least = (*least).min(newest);
                }
                None => graded.push((reason, newest)),
            }
        }
    }
    graded
}

/// Most exposed first: by verdict, then those without a point, then the oldest point. A part's own reasons keep their order.
fn sorted(mut graded: Vec<(Reason, Option<Millis>)>) -> Vec<Reason> {
    graded.sort_by_key(|(reason, newest)| (reason.protection.rank(), *newest));
    graded.into_iter().map(|(reason, _)| reason).collect()
}

/// `None` when a part has none.
fn newest_of_worst(parts: &[Part]) -> Option<Millis> {
    parts.iter().map(|part| part.newest).min().flatten()
}

/// What is said when nothing is wrong.
fn all_well(parts: &[(usize, &Evidence)], newest: Option<Millis>, now: Millis) -> Reason {
    let mut definitions: Vec<_> = parts.iter().map(|(_, e)| &e.definition).collect();
    definitions.sort_unstable();
    definitions.dedup();
    let age = newest.map(|at| age(at, now).rough()).unwrap_or_default();
    let sentence = match definitions.len() {
        1 => format!("newest good point {age}"),
        n => format!("{n} of {n} definitions, newest good point {age}"),
    };
    about_all(Protection::Protected, &sentence, newest)
}

/// One silent part beside others that answer.
fn last_seen(evidence: &Evidence, rpo: Seconds, now: Millis) -> Reason {
    let (since, heard) = evidence.silent.unwrap_or((now, None));
    let sentence = match heard {
        Some(heard) => {
            let worst = look(evidence, None, rpo, heard).worst();
            format!("its connection is silent; as last seen: {}", worst.word().to_ascii_lowercase())
        }
        None => "its connection has never answered".into(),
    };
    let subject = evidence.cluster.as_ref().map_or(&evidence.name, |cluster| &cluster.name).clone();
    let definition = Some(evidence.definition.clone());
    Reason { protection: Protection::Unknown, subject, definition, sentence, since: Some(since) }
}

/// Nobody answers: as it was then, and unknown now.
fn as_last_seen(
    evidence: &[Evidence],
    others: &[Option<Millis>],
    uncovered: &[Uncovered],
    rpo: Seconds,
    now: Millis,
) -> Judgement {
    let silences = || evidence.iter().filter_map(|e| e.silent);
    let as_of = silences().filter_map(|(_, heard)| heard).min();
    let since = silences().map(|(since, _)| since).min();
    let parts: Vec<Part> = evidence
        .iter()
        .enumerate()
        .map(|(i, e)| {
            let heard = e.silent.and_then(|(_, heard)| heard).or(as_of).unwrap_or(now);
            look(e, other(others, i), rpo, heard)
        })
        .collect();
    let newest = newest_of_worst(&parts);
    let gaps = gaps(uncovered);
    let gap = (!gaps.is_empty()).then_some(Protection::Unprotected);
    let worst = parts.iter().map(Part::worst).chain(gap).min_by_key(|one| one.rank());
    let never = as_of.is_none() && !evidence.is_empty();
    let verdict = match worst {
        Some(worst) if !never => format!("as last seen: {}", worst.word().to_ascii_lowercase()),
        _ => "its connections have never answered".into(),
    };
    let mut reasons = vec![about_all(Protection::Unknown, &verdict, since)];
    let troubles = sorted(grade(parts)).into_iter().filter(|reason| reason.protection != Protection::Protected);
    reasons.extend(troubles.map(|reason| Reason {
        protection: Protection::Unknown,
        sentence: format!("as last seen: {}", reason.sentence),
        ..reason
    }));
    reasons.extend(gaps);
    Judgement { as_of, ..judgement(reasons, newest, rpo, as_of.unwrap_or(now)) }
}

impl Part {
    /// By its worst reason; nothing to say is well.
    fn worst(&self) -> Protection {
        let all = self.said.iter().map(|said| said.reason.protection);
        all.min_by_key(|one| one.rank()).unwrap_or(Protection::Protected)
    }
}
