//! The CloudCasa simulator over HTTP: Eve's dialect, the life of jobs and recovery points, and every trap of the service.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "cloudcasa/bed.rs"]
mod bed;
#[path = "cloudcasa/clusters.rs"]
mod clusters;
#[path = "cloudcasa/concurrency.rs"]
mod concurrency;
#[path = "cloudcasa/demo.rs"]
mod demo;
#[path = "cloudcasa/envelope.rs"]
mod envelope;
#[path = "cloudcasa/hostile.rs"]
mod hostile;
#[path = "cloudcasa/jobs.rs"]
mod jobs;
#[path = "cloudcasa/lists.rs"]
mod lists;
#[path = "cloudcasa/pairs.rs"]
mod pairs;
#[path = "cloudcasa/points.rs"]
mod points;
#[path = "cloudcasa/refusals.rs"]
mod refusals;
#[path = "cloudcasa/rules.rs"]
mod rules;
