//! What happens when: each entry only says where to look, so one that came too late does no harm.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::state::Owner;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// The schedule of its policy may be due.
    Fire(Owner),
    /// The backup request has something to do.
    Backup(String),
    Restore(String),
}

#[derive(Debug, Default)]
pub(super) struct Agenda(BTreeSet<(Timestamp, Event)>);

impl Agenda {
    pub(super) fn add(&mut self, at: Timestamp, event: Event) {
        self.0.insert((at, event));
    }

    /// The earliest that is due.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Event)> {
        if self.0.first()?.0 > now {
            return None;
        }
        self.0.pop_first()
    }
}
