//! Waldur over HTTP, in each of its generations, on the manual clock.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "waldur/bed.rs"]
mod bed;
#[path = "waldur/demo.rs"]
mod demo;
#[path = "waldur/hostile.rs"]
mod hostile;
#[path = "waldur/later.rs"]
mod later;
#[path = "waldur/network.rs"]
mod network;
#[path = "waldur/old.rs"]
mod old;
#[path = "waldur/old_schedules.rs"]
mod old_schedules;
#[path = "waldur/schedules.rs"]
mod schedules;
#[path = "waldur/wire.rs"]
mod wire;
