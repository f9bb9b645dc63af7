//! What will happen when.

use std::collections::BTreeSet;

use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A definition's schedule is due: resource, id, place in its policy.
    Fire(&'static str, String, usize),
    /// The run that was ordered under that number begins.
    Begin(u64),
    /// A job makes its next step.
    Step(String),
    /// A new cluster is in the books.
    Registered(String),
    /// Its agent's manifest is ready.
    Manifest(String),
    /// Its agent makes its next step.
    Agent(String),
    /// A storage has been tried.
    Tried(String),
    Expire(String),
    /// A recovery point's data is gone: point and the job that did it.
    Gone(String, String),
}

#[derive(Debug, Default)]
pub(super) struct Agenda(BTreeSet<(Timestamp, Event)>);

impl Agenda {
    pub(super) fn at(&mut self, at: Timestamp, event: Event) {
        self.0.insert((at, event));
    }

    /// The next thing that is due until `now`.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Event)> {
        if self.0.first()?.0 > now {
            return None;
        }
        self.0.pop_first()
    }

    pub(super) fn forget(&mut self, gone: impl Fn(&Event) -> bool) {
        self.0.retain(|(_, event)| !gone(event));
    }
}
