//! The edge: the whole server on a free port, driven over HTTP as a browser and as somebody else would.

#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "waits and time-outs of real programs are measured by the real clock")]

mod binary;
mod limits;
mod nodes;
mod policies;
#[path = "../support/postgres.rs"]
mod postgres;
mod rooms;
mod sessions;
mod stage;
mod transport;
mod walk;
