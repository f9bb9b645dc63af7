//! What an observer would have stored of what a provider tells, so that a case can wait for a state of things.

use model::{Phase, location::Location};
use server::provider::{DeclaredSeen, Observed, PointSeen, Provider, ProviderError, RestoreSeen, RunSeen, Sort};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::sync::mpsc;

/// The longest wait for anything: a calm provider looks every twenty seconds.
const PATIENCE: Duration = Duration::from_secs(90);

/// The newest of everything, by the upstream's name.
#[derive(Debug, Default)]
pub struct Mirror {
    pub runs: BTreeMap<String, RunSeen>,
    pub points: BTreeMap<String, PointSeen>,
    pub restores: BTreeMap<String, RestoreSeen>,
    pub declared: BTreeMap<String, DeclaredSeen>,
    pub locations: BTreeMap<String, Location>,
    /// Every phase that a run or restore went through, in order.
    pub phases: BTreeMap<String, Vec<Phase>>,
    /// Full lists that ended, by sort.
    pub lists: HashMap<Sort, u32>,
    /// Signs of life.
    pub alive: u32,
    listing: HashMap<Sort, BTreeSet<String>>,
}

impl Mirror {
    fn seen(&mut self, sort: Sort, name: &str) {
        if let Some(names) = self.listing.get_mut(&sort) {
            names.insert(name.to_owned());
        }
    }

    fn phase(&mut self, name: &str, phase: &Phase) {
        let all = self.phases.entry(name.to_owned()).or_default();
        if all.last() != Some(phase) {
            all.push(phase.clone());
        }
    }

    fn keep(&mut self, sort: Sort, keep: impl Fn(&str) -> bool) {
        match sort {
            Sort::Run => self.runs.retain(|name, _| keep(name)),
            Sort::Point => self.points.retain(|name, _| keep(name)),
            Sort::Restore => self.restores.retain(|name, _| keep(name)),
            Sort::Declared => self.declared.retain(|name, _| keep(name)),
            Sort::Location => self.locations.retain(|name, _| keep(name)),
        }
    }

    fn take(&mut self, observed: Observed) {
        match observed {
            Observed::ListBegins(sort) => drop(self.listing.insert(sort, BTreeSet::new())),
            Observed::ListEnds(sort) => {
                let names = self.listing.remove(&sort).unwrap_or_else(|| panic!("{sort:?} ends and never began"));
                self.keep(sort, |name| names.contains(name));
                *self.lists.entry(sort).or_default() += 1;
            }
            Observed::Run(run) => {
                self.seen(Sort::Run, &run.name);
                self.phase(&run.name, &run.phase);
                self.runs.insert(run.name.clone(), *run);
            }
            Observed::Point(point) => {
                self.seen(Sort::Point, &point.name);
                self.points.insert(point.name.clone(), *point);
            }
            Observed::Restore(restore) => {
                self.seen(Sort::Restore, &restore.name);
                self.phase(&restore.name, &restore.phase);
                self.restores.insert(restore.name.clone(), *restore);
            }
            Observed::Declared(declared) => {
                self.seen(Sort::Declared, &declared.name);
                self.declared.insert(declared.name.clone(), *declared);
            }
            Observed::Location(location) => {
                self.seen(Sort::Location, &location.name);
                self.locations.insert(location.name.clone(), *location);
            }
            Observed::Gone(sort, gone) => self.keep(sort, |name| name != gone),
            Observed::Alive { .. } => self.alive += 1,
            // Dropping the sender says that all before it is taken in.
            Observed::TakenIn(_) | Observed::DeletionRefused { .. } => {}
        }
    }

    /// Whether a full list of that sort came to its end.
    pub fn listed(&self, sort: Sort) -> bool {
        self.lists.contains_key(&sort)
    }

    /// The run that was ordered by this name, or that has this key.
    pub fn run(&self, key: &str) -> Option<&RunSeen> {
        self.runs.values().find(|run| run.name == key || run.order.as_deref() == Some(key))
    }

    /// The restore that was ordered by this name, or that has this key.
    pub fn restore(&self, key: &str) -> Option<&RestoreSeen> {
        self.restores.values().find(|restore| restore.name == key || restore.order.as_deref() == Some(key))
    }

    /// The runs of a definition.
    pub fn runs_of<'a>(&'a self, owned: &'a server::provider::Owned) -> impl Iterator<Item = &'a RunSeen> {
        self.runs.values().filter(|run| {
            run.definition.as_deref() == Some(owned.id.as_str())
                || run.declared.as_deref() == Some(owned.upstream_name.as_str())
        })
    }
}

/// A provider that is being observed.
pub struct Watcher {
    pub mirror: Mirror,
    receiver: mpsc::Receiver<Observed>,
    task: tokio::task::JoinHandle<ProviderError>,
}

/// Begins to observe.
pub fn watch(provider: &Arc<dyn Provider>) -> Watcher {
    let (sender, receiver) = mpsc::channel(64);
    let provider = provider.clone();
    let task = tokio::spawn(async move { provider.observe(sender).await });
    Watcher { mirror: Mirror::default(), receiver, task }
}

impl Watcher {
    /// Waits until something can be picked; panics after a while, or when observing ends.
    pub async fn until<T>(&mut self, what: &str, mut pick: impl FnMut(&Mirror) -> Option<T>) -> T {
        let wait = async {
            loop {
                if let Some(found) = pick(&self.mirror) {
                    return found;
                }
                match self.receiver.recv().await {
                    Some(observed) => self.mirror.take(observed),
                    None => panic!("{what}: observing ended: {:?}", (&mut self.task).await),
                }
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(found) => found,
            Err(_) => panic!("{what}: not seen. There is {:#?}", self.mirror),
        }
    }

    /// Waits for a run to end.
    pub async fn ended(&mut self, key: &str) -> RunSeen {
        self.until(&format!("the end of run {key}"), |m| m.run(key).filter(|r| r.phase.is_final()).cloned()).await
    }

    /// Waits for a restore to end.
    pub async fn restored(&mut self, key: &str) -> RestoreSeen {
        self.until(&format!("the end of restore {key}"), |m| m.restore(key).filter(|r| r.phase.is_final()).cloned())
            .await
    }

    /// Waits until everything of that sort was listed once.
    pub async fn listed(&mut self, sort: Sort) {
        self.until(&format!("a full list of {sort:?}"), |m| m.listed(sort).then_some(())).await;
    }

    /// What the provider gives up with; panics when it goes on for longer than `within`.
    pub async fn gives_up(&mut self, within: Duration) -> ProviderError {
        let drain = async { while self.receiver.recv().await.is_some() {} };
        tokio::time::timeout(within, drain).await.expect("observing goes on");
        (&mut self.task).await.unwrap()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
