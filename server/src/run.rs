//! What each command does. Answers go to standard output, the log and refusals to standard error.

use crate::{
    cli::{Settings, UserCommand},
    clock::Clock,
    config::{self, Config, ConfigError},
    console::{Console, Parts},
    events::Events,
    provider::Registry,
    startup::{self, Application, StartError},
    store::{AuditRow, new_id},
    telemetry,
};
use std::{
    io::{self, Write},
    process::ExitCode,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

impl StartError {
    /// 2 when a setting is wrong, as for a wrong command line; 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Setting(_) => 2,
            Self::Cannot(_) => 1,
        }
    }
}

/// Says on standard error why nothing runs.
pub fn failed(sentence: &str, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "holdfast: {sentence}");
    ExitCode::from(code)
}

/// A line of an answer. A reader that has gone (`holdfast … | head`) is no failure.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn read(settings: &Settings) -> Result<Config, ConfigError> {
    let config = Config::read(settings, &config::environment)?;
    telemetry::start(config.log_format, config::environment("HOLDFAST_LOG").as_deref());
    Ok(config)
}

/// Serves the console until it is asked to stop.
pub async fn serve(settings: &Settings, demo: bool) -> Result<(), StartError> {
    if demo {
        #[cfg(feature = "demo")]
        return crate::demo::serve(settings).await;
        #[cfg(not(feature = "demo"))]
        return Err(ConfigError("--demo: this build holds no simulators.".into()).into());
    }
    let config = read(settings)?;
    let shutdown = shutdown()?;
    let app = Application::prepare(&config, Clock::system(), shutdown).await?;
    announce(&app);
    app.run().await;
    Ok(())
}

/// What a person needs to begin, at the end of the start.
pub(crate) fn announce(app: &Application) {
    let url = app.url();
    if !config_is_private(app) {
        tracing::warn!(
            "people sign in over plain HTTP: give --tls-cert and --tls-key, or put a proxy with HTTPS before it"
        );
    }
    if let Some(code) = &app.setup_code {
        tracing::info!("setup code: {code} (create the first administrator with it at {url}{})", app::paths::SETUP);
    }
    say(&format!("Holdfast runs at {url}"));
}

/// Whether passwords can't be read on the way: HTTPS, or this machine alone.
fn config_is_private(app: &Application) -> bool {
    app.url().starts_with("https:") || app.address().ip().is_loopback()
}

/// Cancelled by the first SIGTERM or SIGINT; a second one ends the process at once.
pub(crate) fn shutdown() -> Result<CancellationToken, StartError> {
    let cannot = |e: io::Error| StartError::Cannot(format!("Signals can't be received ({e})."));
    let (mut term, mut int) =
        (signal(SignalKind::terminate()).map_err(cannot)?, signal(SignalKind::interrupt()).map_err(cannot)?);
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        tracing::info!("stopping: no new connections, requests under way finish");
        stop.cancel();
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        std::process::exit(130);
    });
    Ok(token)
}

/// Serves the simulated upstreams alone.
#[cfg(feature = "demo")]
pub async fn sim(settings: &Settings, speed: f64) -> Result<(), StartError> {
    let address = config::listen(settings.listen.as_deref(), "127.0.0.1:8081")?;
    telemetry::start(config::log_format(settings)?, config::environment("HOLDFAST_LOG").as_deref());
    let shutdown = shutdown()?;
    let (base, server) = crate::demo::simulators(address, speed).await?;
    for system in sim::announce(&base) {
        say(&system.to_string());
    }
    tokio::select! {
        () = shutdown.cancelled() => Ok(()),
        ended = server => ended.map_err(|e| StartError::Cannot(format!("The simulators ended ({e})."))),
    }
}

/// Looks after accounts.
pub async fn user(settings: &Settings, what: &UserCommand) -> Result<(), StartError> {
    let config = read(settings)?;
    let UserCommand::ResetPassword { name } = what;
    let clock = Clock::system();
    let (store, sealer) = startup::open(&config, &clock).await?;
    let Some(row) = store.user_by_name(name).await? else {
        return Err(StartError::Cannot(format!("There is no account “{name}” in this database.")));
    };
    let (events, node) = (Events::new(), new_id(&clock));
    let console = Console::new(Parts { store, registry: Registry::new(clock.clone()), sealer, clock, events, node });
    let audit = AuditRow {
        actor: "holdfast".into(),
        action: "user.reset".into(),
        subject: row.user.id.0.clone(),
        detail: "on the command line".into(),
        ..AuditRow::default()
    };
    let secret = console
        .give_one_time_password(&row.user.id, &audit)
        .await
        .map_err(|e| StartError::Cannot(format!("The password could not be set: {e}")))?;
    console.store().close().await;
    say(&secret);
    let _ = writeln!(
        io::stderr(),
        "One-time password of {name}; it must be changed after signing in. All sessions of {name} have ended.{}",
        if row.user.disabled { " The account is disabled: an administrator must enable it first." } else { "" },
    );
    Ok(())
}
