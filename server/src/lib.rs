//! Holdfast's server: the console over the store, the reconciler and the providers.

pub mod assets;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
#[cfg(feature = "demo")]
pub mod demo;
pub mod error;
pub mod events;
pub mod observe;
pub mod provider;
pub mod reconcile;
pub mod run;
pub mod schedule;
pub mod secret;
pub mod serve;
pub mod startup;
pub mod store;
pub mod telemetry;
