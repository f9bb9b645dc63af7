//! Palette over HTTP, on the manual clock.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "one test measures real time")]

#[path = "palette/access.rs"]
mod access;
#[path = "palette/backup.rs"]
mod backup;
#[path = "palette/bed.rs"]
mod bed;
#[path = "palette/contract.rs"]
mod contract;
#[path = "palette/demo.rs"]
mod demo;
#[path = "palette/hostile.rs"]
mod hostile;
#[path = "palette/inventory.rs"]
mod inventory;
#[path = "palette/location.rs"]
mod location;
#[path = "palette/policy.rs"]
mod policy;
#[path = "palette/restore.rs"]
mod restore;
