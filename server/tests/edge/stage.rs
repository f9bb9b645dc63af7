//! A server on a free port with its own data, and browsers for it.

use model::{Millis, account::Role};
use reqwest::{Method, RequestBuilder, Response, redirect::Policy};
use serde_json::Value;
use server::{
    cli::Settings,
    clock::Clock,
    config::Config,
    console::Console,
    serve::Limits,
    startup::Application,
    store::{AuditRow, NewUser, new_id},
};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A running server.
pub(crate) struct Stage {
    pub base: String,
    pub address: std::net::SocketAddr,
    pub console: Console,
    pub clock: Clock,
    pub setup_code: Option<String>,
    pub shutdown: CancellationToken,
    pub running: JoinHandle<()>,
    _data: TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default(), Limits::default()).await
    }

    pub(crate) async fn with(settings: Settings, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings =
            Settings { listen: Some("127.0.0.1:0".into()), data_dir: Some(data.path().join("data")), ..settings };
        let config = Config::read(&settings, &|_| None).unwrap();
        let clock = Clock::manual(Millis(1_793_259_699_000));
        let shutdown = CancellationToken::new();
        let mut app = Application::prepare(&config, clock.clone(), shutdown.clone()).await.unwrap();
        app.limits = limits;
        let address = app.address();
        let base = format!("http://{address}");
        let (console, setup_code) = (app.console().clone(), app.setup_code.clone());
        let running = tokio::spawn(app.run());
        Self { base, address, console, clock, setup_code, shutdown, running, _data: data }
    }

    /// Makes an account directly, with [`PASSWORD`].
    pub(crate) async fn account(&self, name: &str, role: Role) -> model::UserId {
        let turn = server::auth::password::turn().await.unwrap();
        let password_hash = server::auth::password::hash(&turn, PASSWORD.into()).await.unwrap();
        let id = model::UserId(new_id(&self.clock));
        let new = NewUser { id: id.clone(), name: name.into(), role, password_hash, must_change: false };
        self.console.store().create_user(&new, &AuditRow::default()).await.unwrap();
        id
    }

    /// A browser that nobody has signed in with.
    pub(crate) fn browser(&self) -> Browser {
        // One connection for each request: what a test does must not depend on one that was kept.
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Browser { client, base: self.base.clone(), cookie: None }
    }

    /// A browser of a new account of this role.
    pub(crate) async fn signed_in(&self, name: &str, role: Role) -> Browser {
        self.account(name, role).await;
        let mut browser = self.browser();
        assert_eq!(browser.sign_in(name, PASSWORD).await, "/");
        browser
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.running.await.unwrap();
    }
}

/// A client that keeps its cookie and says where it comes from, as browsers do.
#[derive(Clone)]
pub(crate) struct Browser {
    pub client: reqwest::Client,
    pub base: String,
    pub cookie: Option<String>,
}

impl Browser {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method.clone(), format!("{}{path}", self.base));
        let request = if method == Method::GET { request } else { request.header("origin", &self.base) };
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.request(Method::POST, path).body(encoded(form)).header("content-type", FORM).send().await.unwrap()
    }

    /// Calls a server function.
    pub(crate) async fn call(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    /// Signs in; the answer is where it leads.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> String {
        let answer = self.post("/sign-in", &[("name", name), ("password", password)]).await;
        self.keep(&answer);
        assert_eq!(answer.status(), 303);
        location(&answer)
    }

    /// Keeps the cookie that an answer sets.
    pub(crate) fn keep(&mut self, answer: &Response) {
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookie = (!pair.ends_with('=')).then_some(pair);
        }
    }
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

pub(crate) fn location(answer: &Response) -> String {
    answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}
