//! The provider of Astra Control against its simulator in this process, over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod applying;
mod faults;
mod looking;
mod restoring;
mod running;
mod stage;
