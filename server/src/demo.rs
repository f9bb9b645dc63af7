//! `holdfast --demo`: the console with simulated upstreams in the same process, an administrator, and two months of a company's
//! backups with their troubles. What is shown is real: it was read from the simulators over HTTP by the same code that reads a
//! cluster. See [`past`] for how two months pass in a second.

mod declared;
mod estate;
mod library;
pub mod past;
mod tour;
mod troubles;

use crate::{
    auth::{password, token},
    cli::Settings,
    clock::Clock,
    config::{self, Config, ConfigError},
    console::Console,
    run,
    startup::{Application, StartError},
    store::{AuditRow, NewUser, StoreErrorKind, new_id},
    telemetry,
};
use app::{
    backend::{Caller, SignedIn},
    error::ApiError,
};
use model::{SessionId, UserId, account::Role};
use std::{
    fs,
    future::Future,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const ADMIN: &str = "admin";

/// Serves the console over simulated upstreams, and says how to sign in.
pub async fn serve(settings: &Settings) -> Result<(), StartError> {
    let folder = Folder::choose(settings)?;
    let settings = Settings { data_dir: Some(folder.path.clone()), ..settings.clone() };
    let config = Config::read(&settings, &config::environment)?;
    // The password is printed at the end of the start: the log before it is for who asks for it.
    let filter = config::environment("HOLDFAST_LOG").unwrap_or_else(|| "warn".to_owned());
    telemetry::start(config.log_format, Some(&filter));
    let shutdown = run::shutdown()?;
    let Some(Demonstration { app, world, secret }) = prepare(&config, &shutdown).await? else { return Ok(()) };
    let url = app.url();
    let unsteady = tokio::spawn(troubles::unsteady(world, shutdown));
    run::say(&format!("Holdfast runs at {url}"));
    run::say(&format!("Sign in as {ADMIN} with the password {secret}"));
    run::say("This is a demonstration over simulated systems; Ctrl-C ends it.");
    app.run().await;
    unsteady.abort();
    drop(folder);
    Ok(())
}

/// A console over simulated systems, filled and in the present.
pub struct Demonstration {
    pub app: Application,
    pub world: sim::World,
    /// The administrator's password.
    pub secret: String,
}

/// Makes it; `None` when it is shut down meanwhile. The simulators serve from now on, the console is ready to.
pub async fn prepare(config: &Config, shutdown: &CancellationToken) -> Result<Option<Demonstration>, StartError> {
    let world = sim::World::new(sim::Clock::behind(past::LAG));
    let (base, simulators) = serve_world(SocketAddr::from(([127, 0, 0, 1], 0)), world.clone()).await?;
    tokio::spawn(simulators);
    let clock = Clock::behind(i64::try_from(past::LAG.as_millis()).unwrap_or_default());
    let app = Application::prepare(config, clock, shutdown.clone()).await?;
    let secret = administrator(app.console()).await?;
    tokio::select! {
        () = shutdown.cancelled() => Ok(None),
        () = fill(app.console(), &world, &base) => Ok(Some(Demonstration { app, world, secret })),
    }
}

/// Starts the simulators; the answer is their base address and what serves them.
pub async fn simulators(
    address: SocketAddr,
    speed: f64,
) -> Result<(String, impl Future<Output = io::Result<()>> + Send + 'static), StartError> {
    serve_world(address, sim::World::new(sim::Clock::real().with_speed(speed))).await
}

/// The same of a world that somebody else holds too.
pub async fn serve_world(
    address: SocketAddr,
    world: sim::World,
) -> Result<(String, impl Future<Output = io::Result<()>> + Send + 'static), StartError> {
    let cannot =
        |e: io::Error| ConfigError(format!("--listen (HOLDFAST_LISTEN): {address} can't be listened on ({e})."));
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let base = format!("http://{}", listener.local_addr().map_err(cannot)?);
    Ok((base, sim::serve(listener, world)))
}

/// Where the demonstration keeps its data: in a folder of its own that goes with it, unless one is given.
struct Folder {
    path: PathBuf,
    ours: bool,
}

impl Folder {
    /// The simulated systems begin anew with each start: what was declared to earlier ones is not theirs. And nobody's own console is
    /// to become a demonstration. So this looks before anything is opened.
    fn choose(settings: &Settings) -> Result<Self, StartError> {
        if settings.database_url.as_ref().is_some_and(|url| !url.is_empty()) {
            return Err(refused(
                "--database-url (HOLDFAST_DATABASE_URL): a demonstration keeps what it makes in a folder; leave it out",
            ));
        }
        if let Some(path) = settings.data_dir.clone().filter(|path| !path.as_os_str().is_empty()) {
            if path.join(config::DATABASE).exists() {
                let place = path.display();
                return Err(refused(&format!(
                    "--data-dir (HOLDFAST_DATA_DIR): {place} has a database already, and a demonstration begins anew each time; leave it \
                     out, or name an empty folder"
                )));
            }
            return Ok(Self { path, ours: false });
        }
        let tag = token::readable().map_err(|e| StartError::Cannot(format!("No demonstration: {e}.")))?;
        Ok(Self { path: std::env::temp_dir().join(format!("holdfast-demo-{tag}")), ours: true })
    }
}

fn refused(why: &str) -> StartError {
    StartError::Setting(ConfigError(format!("{why}.")))
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.ours {
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %path.display(), "the demonstration's data could not be removed");
    }
}

/// Makes the administrator. The answer is the password.
async fn administrator(console: &Console) -> Result<String, StartError> {
    let failed =
        |e: &dyn std::fmt::Display| StartError::Cannot(format!("The demonstration's account can't be made: {e}"));
    let secret = token::readable().map_err(|e| failed(&e))?;
    let turn = password::turn().await.map_err(|e| failed(&e))?;
    let hash = password::hash(&turn, secret.clone()).await.map_err(|e| failed(&e))?;
    drop(turn);
    let new = NewUser {
        id: UserId(new_id(console.clock())),
        name: ADMIN.to_owned(),
        role: Role::Administrator,
        password_hash: hash,
        must_change: false,
    };
    console.store().create_user(&new, &audit()).await?;
    Ok(secret)
}

fn audit() -> AuditRow {
    AuditRow { actor: "holdfast".into(), action: "demo.start".into(), subject: ADMIN.into(), ..AuditRow::default() }
}

/// Lives the past; then it is now. What can't be done is left out, and said in the log.
async fn fill(console: &Console, world: &sim::World, base: &str) {
    let filled = async {
        let caller = caller(console).await?;
        past::live(console, &caller, world, base).await
    };
    if let Err(error) = filled.await {
        tracing::warn!(%error, fields = ?error.fields, "the demonstration is not complete");
    }
    present(console, world);
}

/// Whatever happened before, it is now.
fn present(console: &Console, world: &sim::World) {
    world.advance(past::LAG);
    console.clock().advance(i64::try_from(past::LAG.as_millis()).unwrap_or_default());
}

/// The demonstration's administrator, as if signed in.
pub async fn caller(console: &Console) -> Result<Caller, ApiError> {
    let gone = |_| ApiError::new(app::error::ErrorKind::Bug, "The demonstration's account is gone.");
    let row = console.store().user_by_name(ADMIN).await.map_err(gone)?;
    let row = row
        .ok_or(StoreErrorKind::NotFound)
        .map_err(|_| ApiError::new(app::error::ErrorKind::Bug, "The demonstration's account is gone."))?;
    let who = SignedIn {
        user: row.user.id,
        session: SessionId::from("demo"),
        name: row.user.name,
        role: Role::Administrator,
        zone: row.zone,
    };
    Ok(Caller { who: Some(who), ..Caller::default() })
}
