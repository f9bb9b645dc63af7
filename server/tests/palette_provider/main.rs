//! The Palette provider against the simulator in this process, over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checking;
mod faults;
mod life;
mod limits;
mod orders;
mod policies;
mod stage;
mod watching;
