//! What is particular to CloudCasa, against its simulator over HTTP. What holds for every system is in `tests/contract`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copies;
mod limits;
mod quiet;
mod runs;
mod stage;
mod writes;
