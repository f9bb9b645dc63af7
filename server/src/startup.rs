//! From settings to a running server: the store, the console, what works in the background, and the router over them.

mod downloads;
mod gate;
mod headers;
mod kept;
mod origin;
mod pages;
mod request;
mod router;

use crate::{
    assets::Site,
    auth::{Auth, cookie::Cookies, password, setup},
    clock::Clock,
    config::{Config, ConfigError, Network},
    console::{Console, Parts},
    events::{self, Events, Outbox},
    observe,
    provider::Registry,
    reconcile,
    secret::{SealError, Sealer},
    serve::{self, Limits},
    store::{Store, StoreError},
};
use app::error::{ApiError, ErrorKind};
use axum::{
    Json,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::config::LeptosOptions;
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How often what has expired is dropped.
const SWEEP: Duration = Duration::from_secs(600);
/// How long the background work may take to stop.
const STOP: Duration = Duration::from_secs(5);

/// Why the server can't start. Its text is one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// Something that the settings name can't be used now.
    #[error("{0}")]
    Cannot(String),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        let cause = std::error::Error::source(&error).map(|e| format!(" ({e})")).unwrap_or_default();
        Self::Cannot(format!("The database can't be used: {error}{cause}"))
    }
}

impl From<SealError> for StartError {
    fn from(error: SealError) -> Self {
        Self::Cannot(format!("The key that seals credentials can't be used: {error}"))
    }
}

/// What every request may need. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    auth: Auth,
    site: Site,
    /// On the name-plate of pages.
    plate: app::shell::Site,
    public_url: Option<Url>,
    https: bool,
    trusted_proxies: Vec<Network>,
    streams: events::stream::Streams,
    pages: kept::Pages,
    shutdown: CancellationToken,
    options: LeptosOptions,
}

impl Edge {
    pub(crate) fn streams(&self) -> &events::stream::Streams {
        &self.0.streams
    }

    fn pages(&self) -> &kept::Pages {
        &self.0.pages
    }

    pub(crate) fn shutdown(&self) -> &CancellationToken {
        &self.0.shutdown
    }

    pub(crate) fn build(&self) -> &str {
        self.0.site.build()
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.0.auth
    }

    fn console(&self) -> &Console {
        self.0.auth.console()
    }

    fn public_url(&self) -> Option<&Url> {
        self.0.public_url.as_ref()
    }

    fn https(&self) -> bool {
        self.0.https
    }

    fn trusted_proxies(&self) -> &[Network] {
        &self.0.trusted_proxies
    }
}

impl axum::extract::FromRef<Edge> for Auth {
    fn from_ref(edge: &Edge) -> Self {
        edge.0.auth.clone()
    }
}

impl axum::extract::FromRef<Edge> for LeptosOptions {
    fn from_ref(edge: &Edge) -> Self {
        edge.0.options.clone()
    }
}

/// Opens the database and the key; what the commands without a server need too.
pub async fn open(config: &Config, clock: &Clock) -> Result<(Store, Sealer), StartError> {
    make_private_folder(&config.data_dir)?;
    let store = Store::open(&config.database_url, clock.clone()).await?;
    let sealer = match &config.secret_key {
        Some(key) => Sealer::from_base64(key)?,
        None => Sealer::from_file(&config.data_dir.join("secret.key"))?,
    };
    Ok((store, sealer))
}

/// Makes the data folder, for its owner alone. One that is there is left as it is.
fn make_private_folder(dir: &Path) -> Result<(), StartError> {
    if dir.is_dir() {
        return Ok(());
    }
    let cannot = |error: io::Error| {
        ConfigError(format!("--data-dir (HOLDFAST_DATA_DIR): {} can't be made ({error}).", dir.display()))
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(cannot)?;
    Ok(())
}

/// A server that is ready to run.
pub struct Application {
    edge: Edge,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    outbox: Option<Outbox>,
    address: SocketAddr,
    shutdown: CancellationToken,
    /// What a client may take.
    pub limits: Limits,
    /// The code with which the first account is made, while there is none.
    pub setup_code: Option<String>,
}

impl Application {
    /// Opens everything that the settings name. Nothing runs yet. `shutdown` ends it.
    pub async fn prepare(config: &Config, clock: Clock, shutdown: CancellationToken) -> Result<Self, StartError> {
        // Several TLS users share one provider of cryptography; a second installation (in tests) changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = config.tls.as_ref().map(serve::tls::acceptor).transpose()?;
        let (store, sealer) = open(config, &clock).await?;
        let listener = TcpListener::bind(config.listen).await.map_err(|e| {
            ConfigError(format!("--listen (HOLDFAST_LISTEN): {} can't be listened on ({e}).", config.listen))
        })?;
        let address = listener.local_addr().map_err(|e| StartError::Cannot(format!("The socket is gone ({e}).")))?;
        let site = load_site()?;
        let (events, outbox) = if store.shared() {
            let (events, outbox) = Events::shared();
            (events, Some(outbox))
        } else {
            (Events::new(), None)
        };
        let node = crate::store::new_id(&clock);
        let registry = Registry::new(clock.clone());
        let console = Console::new(Parts { store, registry, sealer, clock, events, node });
        let auth = Auth::new(console, Cookies { secure: config.https() });
        let busy = |e: crate::auth::AuthError| StartError::Cannot(format!("Sign-in can't be prepared: {e}"));
        password::prepare().await.map_err(|e| busy(e.into()))?;
        let setup_code = setup::announce(&auth).await.map_err(busy)?;
        let plate = plate(config, address);
        let edge = Edge(Arc::new(Inner {
            auth,
            site,
            plate: app::shell::Site(plate.into()),
            public_url: config.public_url.clone(),
            https: config.https(),
            trusted_proxies: config.trusted_proxies.clone(),
            streams: events::stream::Streams::default(),
            pages: kept::Pages::default(),
            shutdown: shutdown.clone(),
            options: LeptosOptions::builder().output_name("app").build(),
        }));
        Ok(Self { edge, listener, tls, outbox, address, shutdown, limits: Limits::default(), setup_code })
    }

    /// The console, for what is done before or beside requests.
    pub fn console(&self) -> &Console {
        self.edge.console()
    }

    /// Where it listens; the port is chosen when the settings say 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser reaches it.
    pub fn url(&self) -> String {
        if let Some(url) = self.edge.public_url() {
            return url.as_str().trim_end_matches('/').to_owned();
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let mut reached = self.address;
        if reached.ip().is_unspecified() {
            reached.set_ip(if reached.is_ipv4() {
                std::net::Ipv4Addr::LOCALHOST.into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        format!("{scheme}://{reached}")
    }

    /// Runs until the shutdown that it was prepared with, then drains.
    pub async fn run(self) {
        let console = self.edge.console().clone();
        let shutdown = self.shutdown.clone();
        let mut background = JoinSet::new();
        background.spawn(reconcile::run(console.clone(), shutdown.clone()));
        background.spawn(observe::run(console.clone(), shutdown.clone()));
        background.spawn(sweep(console.clone(), shutdown.clone()));
        if let Some(outbox) = self.outbox {
            let (store, node, events) = (console.store().clone(), console.node().to_owned(), console.events().clone());
            background.spawn(events::relay(store, node, events, outbox, shutdown.clone()));
        }
        let app = router::router(self.edge);
        serve::serve(self.listener, self.tls, app, self.limits, shutdown).await;
        let stopped = async { while background.join_next().await.is_some() {} };
        if timeout(STOP, stopped).await.is_err() {
            tracing::warn!("background work did not stop in time and is cut; it is taken up at the next start");
            background.shutdown().await;
        }
        console.store().close().await;
        tracing::info!("stopped");
    }
}

/// What stands on the name-plate: the host that people know.
fn plate(config: &Config, address: SocketAddr) -> String {
    match config.public_url.as_ref().and_then(Url::host_str) {
        Some(host) => host.to_owned(),
        None => address.to_string(),
    }
}

fn load_site() -> Result<Site, StartError> {
    let folder = std::env::var_os("HOLDFAST_SITE_DIR").filter(|f| !f.is_empty()).map(PathBuf::from);
    Site::load(folder.as_deref())
        .map_err(|e| ConfigError(format!("HOLDFAST_SITE_DIR: the site can't be read ({e}).")).into())
}

/// Drops what has expired, now and then.
async fn sweep(console: Console, shutdown: CancellationToken) {
    let mut tick = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = tick.tick() => {}
        }
        let (store, now) = (console.store(), console.now());
        for dropped in [
            store.drop_expired_sessions(now).await,
            store.drop_old_throttles(now).await,
            store.drop_old_refusals(now).await,
        ] {
            if let Err(error) = dropped {
                tracing::debug!(%error, "what has expired could not be dropped");
            }
        }
    }
}

/// Whether a path is a server function's.
fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// An answer instead of what was asked for, in the form that the asker reads.
fn refuse(request: &Request, kind: ErrorKind, sentence: &str) -> Response {
    let id = request.extensions().get::<app::backend::Caller>().map(|c| c.request_id.as_str()).unwrap_or_default();
    problem(is_api(request.uri().path()), id, kind, sentence)
}

pub(crate) fn problem(api: bool, request_id: &str, kind: ErrorKind, sentence: &str) -> Response {
    let error = ApiError { request_id: request_id.to_owned(), ..ApiError::new(kind, sentence) };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if api {
        return (status, Json(error)).into_response();
    }
    // No page: what a page needs may be what is broken. Sentences are ours and hold no markup.
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Holdfast</title><h1>{}</h1><p>{sentence}</p>\
         <p>Request {request_id}</p><p><a href=\"/\">Go to Status</a></p></html>",
        status.canonical_reason().unwrap_or("Error"),
    );
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], Body::from(page)).into_response()
}

/// A sentence that may hold what somebody else wrote, for a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
