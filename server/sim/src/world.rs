//! All scenarios of one process, by name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::clock::Clock;
use crate::control;
use crate::fault::Fault;
use crate::options::Options;
use crate::rest::{Kind, Stands};
use crate::scenario::{Handle, Scenario};
use crate::systems::SYSTEMS;

/// How often due things happen when nobody asks: watches must move by themselves.
const TICK: Duration = Duration::from_millis(250);

/// Holds the scenarios and the clock. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    clock: Clock,
    scenarios: Mutex<BTreeMap<String, Arc<Handle>>>,
    stands: Stands,
    ticking: AtomicBool,
}

impl World {
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self::of(clock, SYSTEMS)
    }

    /// A world that has these systems beside Velero.
    pub(crate) fn of(clock: Clock, kinds: &'static [Kind]) -> Self {
        let scenarios = Mutex::new(BTreeMap::new());
        Self(Arc::new(Inner { clock, scenarios, stands: Stands::new(kinds), ticking: AtomicBool::new(false) }))
    }

    pub(crate) fn stands(&self) -> &Stands {
        &self.0.stands
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The scenario of that name; the first use makes it.
    pub(crate) fn scenario(&self, name: &str) -> Arc<Handle> {
        let mut all = self.scenarios();
        all.entry(name.to_owned()).or_insert_with(|| self.make(name, Options::of_new(name))).clone()
    }

    fn scenarios(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Handle>>> {
        self.0.scenarios.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, name: &str, options: Options) -> Arc<Handle> {
        let clock = self.0.clock.clone();
        Arc::new(Handle::new(Scenario::new(name, options, &clock), clock))
    }

    /// Makes the scenario anew. Open watches are told that their version is too old, as after a compaction.
    pub fn seed(&self, scenario: &str, options: Options) {
        let mut all = self.scenarios();
        if let Some(handle) = all.get(scenario).cloned() {
            drop(all);
            handle.reseed(options);
        } else {
            let made = self.make(scenario, options);
            all.insert(scenario.to_owned(), made);
        }
    }

    /// Moves a manual clock and lets everything due happen in every scenario; false on a real clock.
    pub fn advance(&self, by: Duration) -> bool {
        let moved = self.0.clock.advance(by);
        self.tick();
        moved
    }

    /// Adds faults behind those already there.
    pub fn fault(&self, scenario: &str, faults: Vec<Fault>) {
        self.scenario(scenario).with(|s| s.faults.add(faults));
    }

    /// Removes all faults.
    pub fn heal(&self, scenario: &str) {
        self.scenario(scenario).with(|s| s.faults.clear());
    }

    /// How often the scenario was asked for what: `{total, by, recent}`.
    #[must_use]
    pub fn calls(&self, scenario: &str) -> Value {
        self.scenario(scenario).lock().calls.report()
    }

    /// Forgets the counts.
    pub fn reset_calls(&self, scenario: &str) {
        self.scenario(scenario).with(|s| s.calls.reset());
    }

    /// All objects by plural: `{now, objects}`.
    #[must_use]
    pub fn state(&self, scenario: &str) -> Value {
        self.scenario(scenario).with(|s| s.dump())
    }

    /// Writes any object as it is, with no validation; it must say its kind, and its name.
    ///
    /// # Errors
    /// A sentence when kind or name are missing or unknown.
    pub fn object(&self, scenario: &str, object: Value) -> Result<Value, String> {
        self.scenario(scenario).with(|s| control::write_object(s, object))
    }

    /// Stops (`false`) or starts the Velero server. A start finds what was in progress and marks it Failed.
    pub fn server(&self, scenario: &str, running: bool) {
        self.scenario(scenario).with(|s| control::set_server(s, running));
    }

    /// Restarts the Velero server at once.
    pub fn restart(&self, scenario: &str) {
        self.server(scenario, false);
        self.server(scenario, true);
    }

    /// Lets due things happen everywhere.
    pub(crate) fn tick(&self) {
        let all: Vec<Arc<Handle>> = self.scenarios().values().cloned().collect();
        for handle in all {
            handle.with(|_| ());
        }
        self.0.stands.tick();
    }

    /// As [`Self::advance`] for long times, the scenarios side by side.
    pub fn leap(&self, by: Duration) -> bool {
        let moved = self.0.clock.advance(by);
        let all: Vec<Arc<Handle>> = self.scenarios().values().cloned().collect();
        std::thread::scope(|scope| {
            for handle in all {
                scope.spawn(move || handle.with(|_| ()));
            }
            self.0.stands.tick();
        });
        moved
    }

    /// Starts the background tick once; it ends with the last clone of the world.
    pub(crate) fn ensure_ticking(&self) {
        if self.0.ticking.swap(true, Ordering::Relaxed) {
            return;
        }
        let inner = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(TICK);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tick.tick().await;
                let Some(inner) = inner.upgrade() else { return };
                Self(inner).tick();
            }
        });
    }
}
