//! Where the faked systems of all scenarios stand, and what a test does with them in process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::{Kind, System};
use crate::calls::Calls;
use crate::clock::Clock;
use crate::fault::{Fault, Faults};
use crate::world::World;

/// One system in one scenario, shared by many requests.
pub(crate) struct Stand {
    state: Mutex<State>,
    clock: Clock,
}

pub(super) struct State {
    pub(super) system: Box<dyn System>,
    pub(super) faults: Faults,
    pub(super) calls: Calls,
}

impl State {
    fn new(system: Box<dyn System>) -> Self {
        Self { system, faults: Faults::default(), calls: Calls::default() }
    }
}

impl Stand {
    /// Looks without letting time pass.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets due things happen, then does `work`.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        state.system.catch_up(self.clock.now());
        work(&mut state)
    }
}

/// All of them, by scenario and system.
pub(crate) struct Stands {
    kinds: &'static [Kind],
    held: Mutex<BTreeMap<(String, &'static str), Arc<Stand>>>,
}

impl Stands {
    pub(crate) fn new(kinds: &'static [Kind]) -> Self {
        Self { kinds, held: Mutex::new(BTreeMap::new()) }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<(String, &'static str), Arc<Stand>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kind(&self, system: &str) -> Result<&'static Kind, String> {
        self.kinds.iter().find(|kind| kind.name == system).ok_or_else(|| format!("there is no system {system:?}"))
    }

    /// The system in that scenario; the first use makes it.
    fn get(&self, scenario: &str, system: &str, clock: &Clock) -> Result<Arc<Stand>, String> {
        let kind = self.kind(system)?;
        let mut held = self.held();
        let key = (scenario.to_owned(), kind.name);
        if let Some(stand) = held.get(&key) {
            return Ok(stand.clone());
        }
        let made = (kind.make)(scenario, &json!({}), clock)?;
        let stand = Arc::new(Stand { state: Mutex::new(State::new(made)), clock: clock.clone() });
        held.insert(key, stand.clone());
        Ok(stand)
    }

    /// Makes it anew; faults and counts are gone with the old one.
    fn seed(&self, scenario: &str, system: &str, options: &Value, clock: &Clock) -> Result<(), String> {
        let kind = self.kind(system)?;
        let state = State::new((kind.make)(scenario, options, clock)?);
        let mut held = self.held();
        match held.get(&(scenario.to_owned(), kind.name)) {
            Some(stand) => *stand.lock() = state,
            None => {
                let stand = Stand { state: Mutex::new(state), clock: clock.clone() };
                held.insert((scenario.to_owned(), kind.name), Arc::new(stand));
            }
        }
        Ok(())
    }

    /// Lets due things happen everywhere.
    pub(crate) fn tick(&self) {
        let all: Vec<Arc<Stand>> = self.held().values().cloned().collect();
        for stand in all {
            stand.with(|_| ());
        }
    }
}

/// The REST systems. Each method's error is a sentence: there is no such system, or it can't be made.
impl World {
    /// The system in that scenario; the first use makes it.
    pub(crate) fn stand(&self, scenario: &str, system: &str) -> Result<Arc<Stand>, String> {
        self.stands().get(scenario, system, self.clock())
    }

    /// Makes the system anew with these options.
    ///
    /// # Errors
    /// No such system, or options that it does not know.
    pub fn seed_system(&self, scenario: &str, system: &str, options: &Value) -> Result<(), String> {
        self.stands().seed(scenario, system, options, self.clock())
    }

    /// Adds faults behind those already there.
    ///
    /// # Errors
    /// No such system.
    pub fn fault_system(&self, scenario: &str, system: &str, faults: Vec<Fault>) -> Result<(), String> {
        self.stand(scenario, system)?.with(|state| state.faults.add(faults));
        Ok(())
    }

    /// Removes all faults.
    ///
    /// # Errors
    /// No such system.
    pub fn heal_system(&self, scenario: &str, system: &str) -> Result<(), String> {
        self.stand(scenario, system)?.with(|state| state.faults.clear());
        Ok(())
    }

    /// How often the system was asked for what: `{total, by, recent}`.
    ///
    /// # Errors
    /// No such system.
    pub fn system_calls(&self, scenario: &str, system: &str) -> Result<Value, String> {
        Ok(self.stand(scenario, system)?.lock().calls.report())
    }

    /// Forgets the counts.
    ///
    /// # Errors
    /// No such system.
    pub fn reset_system_calls(&self, scenario: &str, system: &str) -> Result<(), String> {
        self.stand(scenario, system)?.with(|state| state.calls.reset());
        Ok(())
    }

    /// Everything the system holds, by resource.
    ///
    /// # Errors
    /// No such system.
    pub fn system_state(&self, scenario: &str, system: &str) -> Result<Value, String> {
        Ok(self.stand(scenario, system)?.with(|state| state.system.dump()))
    }

    /// Does what a test does past the API.
    ///
    /// # Errors
    /// No such system or verb, or a body that the verb can't use.
    pub fn command(&self, scenario: &str, system: &str, verb: &str, body: &Value) -> Result<Value, String> {
        self.stand(scenario, system)?.with(|state| state.system.command(verb, body))
    }
}
