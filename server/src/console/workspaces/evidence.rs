//! What is known of each definition, or of its part on each cluster: the evidence that verdicts are made of.

use super::estate::Watched;
use crate::{
    console::frame::needs,
    error::ConsoleError,
    store::{NarrowRun, Store, StoredInventory, WholePoint},
};
use model::{
    DefinitionId, Millis, Named, Phase, RunId,
    connection::Health,
    definition::Definition,
    judgement::{Ended, Evidence},
    run::{ClusterPart, Progress, RunDetail, VolumeRow},
    view::NextRun,
};
use std::collections::HashMap;

/// So far back runs are read: thirty days of any zone, today among them.
pub(super) const BACK_MS: i64 = 31 * 86_400_000;

/// The clusters of a definition, where it spans several.
pub(super) fn spanned(definition: &Definition, inventories: &[StoredInventory]) -> Vec<Named> {
    let scope = &definition.scope;
    let Some(subject) = &scope.subject else { return Vec::new() };
    let listed = inventories.iter().filter(|inventory| inventory.connection == definition.connection);
    let seen = listed.flat_map(|inventory| &inventory.inventory.subjects).find(|seen| seen.id == subject.id);
    let clusters = match (scope.clusters.as_slice(), seen) {
        ([], Some(seen)) => seen.clusters.clone(),
        (named, _) => named.to_vec(),
    };
    // Of a single one nothing is told that the whole does not tell.
    if clusters.len() > 1 { clusters } else { Vec::new() }
}

/// A month of runs, and what more is needed of some of them.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Newest first, by definition.
    runs: HashMap<DefinitionId, Vec<NarrowRun>>,
    /// Parts by run, of definitions that span several clusters.
    parts: HashMap<RunId, Vec<ClusterPart>>,
    /// Whole points of the same, newest first.
    points: HashMap<DefinitionId, Vec<WholePoint>>,
    /// What the newest run lacks, where it did not end well.
    reasons: HashMap<RunId, String>,
}

impl History {
    pub(super) async fn read(store: &Store, definitions: &[Watched], now: Millis) -> Result<Self, ConsoleError> {
        let since = now.plus(-BACK_MS);
        let mut history = Self::default();
        for run in store.narrow_runs(since).await? {
            history.runs.entry(run.definition.clone()).or_default().push(run);
        }
        let spanning: Vec<DefinitionId> = definitions
            .iter()
            .filter(|watched| !watched.clusters.is_empty())
            .map(|watched| watched.id().clone())
            .collect();
        if !spanning.is_empty() {
            for (run, detail) in store.runs_with_parts(&spanning, since).await? {
                history.parts.insert(run.id, detail.clusters);
            }
            for point in store.whole_points(&spanning).await? {
                history.points.entry(point.definition.clone()).or_default().push(point);
            }
        }
        let bad: Vec<RunId> = definitions
            .iter()
            .filter_map(|watched| history.newest_over(watched.id()))
            .filter(|run| matches!(run.phase, Phase::Failed | Phase::Partial))
            .map(|run| run.id.clone())
            .collect();
        for (id, detail) in store.run_details(&bad).await? {
            if let Some(why) = lacking(&detail) {
                history.reasons.insert(id, why);
            }
        }
        Ok(history)
    }

    /// A month of a definition's runs, newest first.
    pub(super) fn runs(&self, definition: &DefinitionId) -> &[NarrowRun] {
        self.runs.get(definition).map(Vec::as_slice).unwrap_or_default()
    }

    /// A run's part on a cluster; `None`: it had none there.
    pub(super) fn part(&self, run: &RunId, cluster: &str) -> Option<&ClusterPart> {
        self.parts.get(run)?.iter().find(|part| part.cluster.id == cluster)
    }

    /// Whether the run told any clusters.
    pub(super) fn tells_clusters(&self, run: &RunId) -> bool {
        self.parts.get(run).is_some_and(|parts| !parts.is_empty())
    }

    /// The newest whole point that was taken from this cluster.
    pub(super) fn newest_on(&self, definition: &DefinitionId, cluster: &str) -> Option<&WholePoint> {
        let points = self.points.get(definition)?;
        points.iter().find(|point| point.detail.cluster.as_ref().is_some_and(|own| own.id == cluster))
    }

    fn newest_over(&self, definition: &DefinitionId) -> Option<&NarrowRun> {
        self.runs(definition).iter().find(|run| is_over(&run.phase))
    }
}

/// Not under way. A word that is not known may be either; it is told as the newest there is.
fn is_over(phase: &Phase) -> bool {
    !matches!(phase, Phase::Queued | Phase::Running)
}

/// What a run lacks, in a few words.
fn lacking(detail: &RunDetail) -> Option<String> {
    let bad = |volume: &&VolumeRow| matches!(volume.phase, Phase::Failed | Phase::Partial | Phase::Cancelled);
    let volumes: Vec<&VolumeRow> = detail.volumes.iter().filter(bad).collect();
    let all = detail.volumes.len();
    match volumes.as_slice() {
        [] => {}
        [one] if all > 1 => return Some(format!("1 of {all} volumes, {}", one.name)),
        [one] => return Some(format!("its volume {}", one.name)),
        many => return Some(format!("{} of {all} volumes", many.len())),
    }
    let message = detail.message.as_deref().or(detail.validation_errors.first().map(String::as_str));
    message.map(brief).filter(|text| !text.is_empty())
}

/// The first line, not longer than a row takes.
fn brief(text: &str) -> String {
    const LONGEST: usize = 160;
    let line = text.trim().lines().next().unwrap_or_default().trim_end_matches('.');
    if line.chars().count() <= LONGEST { line.to_owned() } else { line.chars().take(LONGEST).chain(['…']).collect() }
}

/// The evidence of a definition: one, or one for each of its clusters.
pub(super) fn of(watched: &Watched, history: &History, now: Millis) -> Vec<Evidence> {
    let row = &watched.row;
    let runs = history.runs(&row.id);
    let whole = Evidence {
        definition: row.id.clone(),
        name: row.name.clone(),
        cluster: None,
        newest_good: row.newest_good,
        good_until: watched.stored.good_until,
        standing: row.standing.clone(),
        paused: row.paused,
        paused_by: row.paused_by.clone(),
        scheduled: watched.stored.definition.is_scheduled(),
        last: last(watched, history),
        bad_in_a_row: in_a_row(runs.iter().map(|run| &run.phase)),
        running: running(runs, watched),
        overdue_since: needs::overdue_since(row, now),
        next: match row.next_run {
            NextRun::At(at) if at > now => Some(at),
            NextRun::At(_) | NextRun::None(_) => None,
        },
        silent: match &row.health {
            Health::Silent { since, .. } => Some((*since, row.last_seen)),
            Health::New | Health::Answers | Health::Slowed { .. } => None,
        },
    };
    if watched.clusters.is_empty() {
        return vec![whole];
    }
    watched.clusters.iter().map(|cluster| on(cluster, &whole, runs, history)).collect()
}

/// The part on one cluster. A request that did not ask this cluster says nothing of it; one that tells no clusters at all is taken
/// as it is.
fn on(cluster: &Named, whole: &Evidence, runs: &[NarrowRun], history: &History) -> Evidence {
    let point = history.newest_on(&whole.definition, &cluster.id);
    let parts: Vec<(&NarrowRun, Option<&ClusterPart>)> = runs
        .iter()
        .map(|run| (run, history.part(&run.id, &cluster.id)))
        .filter(|(run, part)| part.is_some() || !history.tells_clusters(&run.id))
        .collect();
    let phase = |(run, part): &(&NarrowRun, Option<&ClusterPart>)| part.map_or(&run.phase, |part| &part.phase).clone();
    let over = parts.iter().find(|one| is_over(&phase(one)));
    let phases: Vec<Phase> =
        parts.iter().filter(|(_, part)| part.is_none_or(|part| part.skipped.is_none())).map(phase).collect();
    Evidence {
        cluster: Some(cluster.clone()),
        newest_good: point.map(|point| point.at),
        good_until: point.and_then(|point| point.expires),
        last: over.map(|one| Ended {
            phase: phase(one),
            at: one.0.at,
            why: match one.1 {
                Some(part) => part.message.as_deref().map(brief),
                None => history.reasons.get(&one.0.id).cloned(),
            },
            skipped: one.1.and_then(|part| part.skipped.as_deref().map(brief)),
        }),
        bad_in_a_row: in_a_row(phases.iter()),
        running: parts.iter().any(|one| phase(one) == Phase::Running).then_some(None),
        ..whole.clone()
    }
}

/// A month may hold none: the row still knows the newest.
fn last(watched: &Watched, history: &History) -> Option<Ended> {
    if let Some(run) = history.newest_over(watched.id()) {
        let why = history.reasons.get(&run.id).cloned();
        return Some(Ended { phase: run.phase.clone(), at: run.at, why, skipped: None });
    }
    let run = watched.row.last_run.as_ref().filter(|run| is_over(&run.phase))?;
    Some(Ended { phase: run.phase.clone(), at: run.at?, why: None, skipped: None })
}

/// Failed and partial ones from the newest on. One that goes on, was cancelled or says an unknown word neither counts nor ends it.
fn in_a_row<'a>(phases: impl Iterator<Item = &'a Phase>) -> u32 {
    let told = phases.filter(|phase| matches!(phase, Phase::Succeeded | Phase::Partial | Phase::Failed));
    u32::try_from(told.take_while(|phase| !phase.is_good()).count()).unwrap_or(u32::MAX)
}

fn running(runs: &[NarrowRun], watched: &Watched) -> Option<Option<u8>> {
    if let Some(run) = runs.iter().find(|run| run.phase == Phase::Running) {
        return Some(run.items.as_ref().and_then(Progress::percent));
    }
    let run = watched.row.last_run.as_ref().filter(|run| run.phase == Phase::Running)?;
    Some(run.progress.as_ref().and_then(Progress::percent))
}

#[cfg(test)]
mod tests;
