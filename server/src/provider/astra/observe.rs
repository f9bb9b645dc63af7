//! Looks again and again: often while something runs or was just begun, calmly otherwise, and only at what can have changed. What
//! was told is remembered, so that a quiet look tells nothing. A look that fails ends it: the calls repeat themselves.

mod known;
pub use known::{platform, version};
mod restores;
pub mod seen;

use super::Astra;
use crate::provider::{
    DeclaredSeen, Observed, PointSeen, ProviderError, RestoreSeen, RunSeen, Sort,
    telling::{Teller, stopped},
};
use known::Known;
use model::{Phase, location::Location, recovery::PointState};
use restores::Restores;
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::mpsc::Sender, time::Instant};

/// Between two looks while something runs.
const OFTEN: Duration = Duration::from_secs(2);
/// And while nothing does.
const CALM: Duration = Duration::from_secs(15);
/// Everything is read again, whatever is thought to be known.
const WHOLE: Duration = Duration::from_secs(300);
const SORTS: [Sort; 5] = [Sort::Declared, Sort::Location, Sort::Run, Sort::Point, Sort::Restore];

/// Runs until something can't go on, and returns what.
pub async fn observe(astra: &Astra, sink: Sender<Observed>) -> ProviderError {
    let observer = Observer {
        astra,
        sink: Teller(sink),
        known: Known::default(),
        told: Told::default(),
        restores: Restores::default(),
    };
    match observer.run().await {
        Ok(()) => stopped(),
        Err(error) => error,
    }
}

struct Observer<'a> {
    astra: &'a Astra,
    sink: Teller,
    known: Known,
    told: Told,
    restores: Restores,
}

/// What was told last, by name.
#[derive(Default)]
struct Told {
    runs: BTreeMap<String, RunSeen>,
    points: BTreeMap<String, PointSeen>,
    restores: BTreeMap<String, RestoreSeen>,
    declared: BTreeMap<String, DeclaredSeen>,
    locations: BTreeMap<String, Location>,
}

impl Told {
    /// Whether something is under way there.
    fn is_busy(&self) -> bool {
        let busy = |phase: &Phase| matches!(phase, Phase::Queued | Phase::Running);
        self.runs.values().any(|run| busy(&run.phase))
            || self.restores.values().any(|restore| busy(&restore.phase))
            || self.points.values().any(|point| point.state == PointState::Deleting)
    }
}

impl Observer<'_> {
    async fn run(mut self) -> Result<(), ProviderError> {
        let mut whole: Option<Instant> = None;
        loop {
            let began = Instant::now();
            let nudged = self.astra.wake.apps();
            let all = whole.is_none_or(|at| at.elapsed() >= WHOLE);
            if all {
                self.sink.lists_begin(&SORTS).await?;
                self.known.read_all(self.astra).await?;
                whole = Some(began);
            } else {
                self.known.read_news(self.astra, nudged).await?;
            }
            self.tell_all(all).await?;
            let alive = Observed::Alive {
                latency: self.known.latency(),
                version: self.known.version(),
                platform: self.known.platform(),
            };
            self.sink.tell(alive).await?;
            let often = self.told.is_busy() || self.astra.wake.is_lively();
            // The next look follows at once on what is begun meanwhile, but never without a breath.
            tokio::time::sleep(OFTEN / 4).await;
            let rest = if often { OFTEN } else { CALM } - OFTEN / 4;
            self.astra.wake.wait(rest).await;
        }
    }

    /// Tells what differs from what was told; with `all` everything, and ends the lists.
    async fn tell_all(&mut self, all: bool) -> Result<(), ProviderError> {
        let now = self.astra.clock.now();
        let (runs, points) = self.known.runs_and_points(now);
        let restores = self.restores.seen(self.known.apps(), now);
        let next = Told {
            runs,
            points,
            restores: restores.into_iter().map(|seen| (seen.name.clone(), seen)).collect(),
            declared: self.known.declared(),
            locations: self.known.locations(),
        };
        let old = std::mem::take(&mut self.told);
        let mut out = Vec::new();
        differ(&mut out, &old.declared, &next.declared, all, Sort::Declared, |s| Observed::Declared(Box::new(s)));
        differ(&mut out, &old.locations, &next.locations, all, Sort::Location, |s| Observed::Location(Box::new(s)));
        differ(&mut out, &old.runs, &next.runs, all, Sort::Run, |s| Observed::Run(Box::new(s)));
        differ(&mut out, &old.points, &next.points, all, Sort::Point, |s| Observed::Point(Box::new(s)));
        differ(&mut out, &old.restores, &next.restores, all, Sort::Restore, |s| Observed::Restore(Box::new(s)));
        for observed in out {
            self.sink.tell(observed).await?;
        }
        self.told = next;
        if all {
            for sort in SORTS {
                self.sink.tell(Observed::ListEnds(sort)).await?;
            }
        }
        Ok(())
    }
}

/// What is new, what changed and what is gone.
fn differ<T: Clone + PartialEq>(
    out: &mut Vec<Observed>,
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    all: bool,
    sort: Sort,
    observed: impl Fn(T) -> Observed,
) {
    // Of a whole list what isn't repeated is gone.
    if !all {
        out.extend(old.keys().filter(|name| !new.contains_key(*name)).map(|name| Observed::Gone(sort, name.clone())));
    }
    out.extend(
        new.iter().filter(|(name, seen)| all || old.get(*name) != Some(*seen)).map(|(_, seen)| observed(seen.clone())),
    );
}
