//! From runs to requests.

use super::{Request, RequestPart};
use crate::{
    id::DefinitionId,
    named::Named,
    phase::Phase,
    run::{ClusterPart, Run, Trigger},
    time::Millis,
};
use std::collections::{BTreeMap, BTreeSet};

/// Runs of several definitions that one hand or one schedule began within this time are one request.
const TOGETHER_MS: i64 = 10 * 60_000;

/// A run with what a request says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRun {
    pub run: Run,
    pub definition_name: Option<String>,
    pub connection_name: String,
    /// The cluster, app or instance that it was on; `None`: the connection stands for it.
    pub place: Option<Named>,
}

/// When a run was asked for, or the earliest that is known of it.
pub fn asked(run: &Run) -> Millis {
    run.created.or(run.started).or(run.ended).unwrap_or(run.observed)
}

/// The requests behind some runs, the newest first.
///
/// A run that tells its clusters is a request by itself. Other runs are put together when the same hand (or the schedule) began them
/// within ten minutes of the first; two runs of one definition never are, and one of no definition stays alone.
pub fn requests(runs: &[RequestRun]) -> Vec<Request> {
    let mut order: Vec<&RequestRun> = runs.iter().collect();
    order.sort_by(|a, b| (asked(&a.run), &a.run.id).cmp(&(asked(&b.run), &b.run.id)));
    let mut groups: Vec<Group<'_>> = Vec::new();
    // For each hand the groups that may still grow, the oldest first.
    let mut open: BTreeMap<Hand<'_>, Vec<usize>> = BTreeMap::new();
    for run in order {
        let at = asked(&run.run);
        let Some(definition) = run.run.definition.as_ref().filter(|_| run.run.detail.clusters.is_empty()) else {
            groups.push(Group::of(run, at));
            continue;
        };
        let open = open.entry(hand(&run.run.trigger)).or_default();
        open.retain(|group| at.since(groups[*group].at) <= TOGETHER_MS);
        match open.iter().copied().find(|group| !groups[*group].definitions.contains(definition)) {
            Some(group) => groups[group].take(run),
            None => {
                open.push(groups.len());
                groups.push(Group::of(run, at));
            }
        }
    }
    let mut requests: Vec<Request> = groups.into_iter().map(Group::request).collect();
    requests.sort_by(|a, b| (b.at, &b.key).cmp(&(a.at, &a.key)));
    requests
}

/// What a run is, its clusters counted in: a system that calls it good while a cluster failed or was left out is not believed.
pub fn whole(run: &Run) -> Phase {
    let parts = &run.detail.clusters;
    if parts.is_empty() {
        return run.phase.clone();
    }
    together(parts.iter().map(|part| (&part.phase, part.skipped.is_some())), Some(&run.phase))
}

/// One state out of several. While one goes on, the whole does. Then: all good is good, nothing good at all is failed, and anything
/// in between is partial. A word that is not known is known to be neither: beside good ones it makes the whole unknown.
fn together<'a>(parts: impl Iterator<Item = (&'a Phase, bool)>, own: Option<&'a Phase>) -> Phase {
    let (mut good, mut bad, mut cancelled, mut partial, mut unknown) = (0_u32, 0_u32, 0_u32, 0_u32, None);
    let (mut queued, mut running) = (0_u32, false);
    for (phase, skipped) in parts {
        match phase {
            _ if skipped => bad += 1,
            Phase::Queued => queued += 1,
            Phase::Running => running = true,
            Phase::Succeeded => good += 1,
            Phase::Partial => partial += 1,
            Phase::Failed => bad += 1,
            Phase::Cancelled => cancelled += 1,
            Phase::Unknown(_) => unknown = unknown.or(Some(phase)),
        }
    }
    let over = good + bad + cancelled + partial;
    let parts = match unknown {
        _ if running || (queued > 0 && (over > 0 || unknown.is_some())) => Phase::Running,
        _ if queued > 0 => Phase::Queued,
        Some(word) if bad + cancelled + partial == 0 => word.clone(),
        // At least one is known to lack something, and not all are known to.
        Some(_) => Phase::Partial,
        None if over == good => Phase::Succeeded,
        None if over == bad => Phase::Failed,
        None if over == cancelled => Phase::Cancelled,
        None if good + partial == 0 => Phase::Failed,
        None => Phase::Partial,
    };
    match (parts, own) {
        // Its parts are all good so far; what the system says of the whole can only be worse.
        (Phase::Succeeded, Some(Phase::Failed | Phase::Cancelled)) => Phase::Partial,
        (Phase::Succeeded, Some(own)) => own.clone(),
        (parts, Some(Phase::Running)) if parts.is_final() => Phase::Running,
        (parts, _) => parts,
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Hand<'a> {
    Schedule,
    Person(&'a str),
    Elsewhere,
}

fn hand(trigger: &Trigger) -> Hand<'_> {
    match trigger {
        Trigger::Schedule => Hand::Schedule,
        Trigger::Person(name) => Hand::Person(name),
        Trigger::Elsewhere => Hand::Elsewhere,
    }
}

struct Group<'a> {
    at: Millis,
    runs: Vec<&'a RequestRun>,
    definitions: BTreeSet<&'a DefinitionId>,
}

impl<'a> Group<'a> {
    fn of(run: &'a RequestRun, at: Millis) -> Self {
        Self { at, runs: vec![run], definitions: run.run.definition.iter().collect() }
    }

    fn take(&mut self, run: &'a RequestRun) {
        self.runs.push(run);
        self.definitions.extend(&run.run.definition);
    }

    fn request(self) -> Request {
        let phases: Vec<Phase> = self.runs.iter().map(|run| whole(&run.run)).collect();
        let phase = match phases.as_slice() {
            [one] => one.clone(),
            many => together(many.iter().map(|phase| (phase, false)), None),
        };
        let first = self.runs.first().map(|run| &run.run);
        let mut parts: Vec<RequestPart> = self.runs.iter().flat_map(|run| parts(run)).collect();
        parts.sort_by(|a, b| (&a.place.name, &a.definition_name).cmp(&(&b.place.name, &b.definition_name)));
        Request {
            key: first.map(|run| run.id.0.clone()).unwrap_or_default(),
            at: self.at,
            actor: first.map_or(Trigger::Elsewhere, |run| run.trigger.clone()),
            said: first.filter(|_| self.runs.len() == 1).and_then(|run| said(run, &phase)),
            phase,
            parts,
        }
    }
}

/// The word of the system for the whole, where its parts say something else.
fn said(run: &Run, phase: &Phase) -> Option<String> {
    let word = run.raw_phase.trim();
    let parts = &run.detail.clusters;
    if parts.is_empty() || word.is_empty() || phase.word().eq_ignore_ascii_case(word) {
        return None;
    }
    let alike = parts.iter().all(|part| part.skipped.is_none() && part.raw_phase.trim().eq_ignore_ascii_case(word));
    (!alike && (*phase != run.phase || parts.iter().any(|part| part.skipped.is_some() || part.phase != *phase)))
        .then(|| word.to_owned())
}

fn parts(run: &RequestRun) -> Vec<RequestPart> {
    let RequestRun { run, definition_name, connection_name, place } = run;
    let named = |place: Named| RequestPart {
        run: run.id.clone(),
        definition: run.definition.clone(),
        definition_name: definition_name.clone(),
        place,
        phase: run.phase.clone(),
        raw_phase: run.raw_phase.clone(),
        message: run.detail.message.clone().or_else(|| run.detail.validation_errors.first().cloned()),
        skipped: None,
        expires: run.detail.expires,
        namespaces: run.detail.namespaces.clone(),
    };
    if run.detail.clusters.is_empty() {
        return vec![named(place.clone().unwrap_or_else(|| Named::new(&run.connection.0, connection_name)))];
    }
    let part = |part: &ClusterPart| RequestPart {
        phase: part.phase.clone(),
        raw_phase: part.raw_phase.clone(),
        message: part.message.clone(),
        skipped: part.skipped.clone(),
        expires: part.expires,
        namespaces: part.namespaces.clone(),
        ..named(part.cluster.clone())
    };
    run.detail.clusters.iter().map(part).collect()
}
