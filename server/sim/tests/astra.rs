//! Astra Control over HTTP: its dialect, its life cycles on a manual clock, and each of its traps.

#[path = "astra/apps.rs"]
mod apps;
#[path = "astra/backups.rs"]
mod backups;
#[path = "astra/bed.rs"]
mod bed;
#[path = "astra/demo.rs"]
mod demo;
#[path = "astra/hostile.rs"]
mod hostile;
#[path = "astra/schedules.rs"]
mod schedules;
#[path = "astra/wire.rs"]
mod wire;
