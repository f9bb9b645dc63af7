//! The log: one line an event, to standard error, so that standard output holds only what a command answers.

use crate::config::LogFormat;
use std::io::{self, IsTerminal};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// What is logged when HOLDFAST_LOG doesn't say otherwise. sqlx would log every statement.
const DEFAULT: &str = "info,sqlx=warn,kube=warn,hyper=warn,rustls=warn";

/// Starts the log. A second call (in tests) changes nothing.
pub fn start(format: LogFormat, filter: Option<&str>) {
    let filter = filter
        .map(str::trim)
        .filter(|f| !f.is_empty())
        .and_then(|f| EnvFilter::try_new(f).ok())
        .unwrap_or_else(|| EnvFilter::new(DEFAULT));
    // Colour codes in a file or a journal help nobody.
    let colours = io::stderr().is_terminal();
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Text => {
            registry.with(fmt::layer().with_writer(io::stderr).with_ansi(colours).with_target(false)).try_init()
        }
        LogFormat::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_current_span(true)
                    .with_span_list(false)
                    .with_writer(io::stderr),
            )
            .try_init(),
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
}
