//! The Waldur provider against its simulator: what each generation does that the others don't, and the traps of its page.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod generations;
mod hostile;
mod restores;
mod schedules;
mod singles;
mod stage;
