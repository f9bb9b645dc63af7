//! The Velero provider against the simulator in this process and, unchanged, against the real bed when `HOLDFAST_TEST_BED` names
//! its `bed.json`. Where the two differ, the simulator is wrong.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod faults;
mod stage;
mod tiers;
mod watching;
