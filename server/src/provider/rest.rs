//! The one configured client for upstreams that speak JSON over HTTP: bounded in time and size, safe calls repeated, a wait that
//! is asked for honoured, no redirect followed, and the credential sent to nobody but the connection's own host.
//!
//! A provider says how its upstream explains a refusal ([`Explain`]); everything else is the same for all of them.

pub mod budget;
pub mod pace;
mod refused;

use super::{
    Endpoint, ErrorKind, ProviderError,
    answer::{self, Redaction},
    form, http,
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use futures::StreamExt;
use pace::Pace;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call may take, its body included.
const CALL: Duration = Duration::from_secs(20);
/// The largest answer that is read: thousands of jobs stay well below.
const LARGEST: usize = 32 << 20;
/// Waits before a safe call is repeated.
const AGAIN: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];
/// The longest wait that is sat out within a call; a longer one is handed on.
const PATIENCE: Duration = Duration::from_secs(3);

/// What an upstream says about a refusal, read from its own form of an error.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    /// The upstream's own words; shortened and redacted afterwards.
    pub text: String,
    /// Another kind than the status alone means.
    pub kind: Option<ErrorKind>,
    /// Its word about single fields: `(field of the draft, sentence)`.
    pub fields: Vec<(String, String)>,
    /// What to do, where it follows from the upstream's code.
    pub remedy: String,
    /// A wait that is asked for in the body.
    pub retry_after: Option<Duration>,
}

/// Reads an error's body; `None` when it isn't in the upstream's form.
pub type Explain = fn(status: u16, body: &Value) -> Option<Explained>;

/// What is fixed for one upstream.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// The product's name, for sentences.
    pub system: &'static str,
    pub explain: Explain,
    /// `Accept` of every call.
    pub accept: &'static str,
    /// What to do about a refused credential and about a missing right.
    pub unauthorised: &'static str,
    pub forbidden: &'static str,
}

/// One call. Made by [`Call::get`] and its like.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    /// Below the connection's address, with a leading slash, its segments encoded already (see [`segment`]).
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(HeaderName, String)>,
    body: Option<Value>,
    media: &'static str,
    within: Duration,
}

impl Call {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            media: "application/json",
            within: CALL,
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn head(path: impl Into<String>) -> Self {
        Self::new(Method::HEAD, path)
    }

    pub fn options(path: impl Into<String>) -> Self {
        Self::new(Method::OPTIONS, path)
    }

    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(Method::POST, path) }
    }

    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(Method::PUT, path) }
    }

    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(Method::PATCH, path) }
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// A body where the method usually has none (a DELETE of Palette's).
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Media type of the body.
    #[must_use]
    pub fn media(mut self, media: &'static str) -> Self {
        self.media = media;
        self
    }

    /// How long it may take, its body included.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }
}

/// A good answer: any 2xx.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header as text; empty when it isn't there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

/// One upstream, reached with one credential.
#[derive(Clone)]
pub struct Rest {
    client: reqwest::Client,
    address: String,
    dialect: Dialect,
    headers: HeaderMap,
    redact: Redaction,
    pace: Option<Arc<Pace>>,
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest")
            .field("address", &self.address)
            .field("system", &self.dialect.system)
            .finish_non_exhaustive()
    }
}

impl Rest {
    /// A client for an endpoint. `headers` go with every call, the credential's among them. Fails when the stored authority or a
    /// header can't be used.
    pub fn new(
        endpoint: &Endpoint,
        dialect: Dialect,
        headers: &[(&'static str, String)],
        pace: Option<Pace>,
    ) -> Result<Self, ProviderError> {
        http::install_crypto();
        let wrong = |sentence: String| ProviderError::new(ErrorKind::Refused, "open the connection", sentence);
        let authorities = match endpoint.settings.ca.as_str() {
            "" => Vec::new(),
            ca => {
                form::certificates(ca).map_err(wrong)?;
                reqwest::Certificate::from_pem_bundle(ca.as_bytes())
                    .map_err(|_| wrong("The stored authority can't be used.".into()))?
            }
        };
        let client = reqwest::Client::builder()
            .tls_certs_merge(authorities)
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .map_err(|e| wrong(format!("No HTTP client can be made: {e}.")))?;
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| wrong("The stored credential can't be sent in a header.".into()))?;
            value.set_sensitive(true);
            all.insert(HeaderName::from_static(name), value);
        }
        Ok(Self {
            client,
            address: endpoint.settings.address.clone(),
            redact: Redaction::new([endpoint.secret.token.clone()]),
            dialect,
            headers: all,
            pace: pace.map(Arc::new),
        })
    }

    /// The connection's address, without a trailing slash.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn redact(&self) -> &Redaction {
        &self.redact
    }

    /// The path and query of an absolute link, if it leads to the connection's own host, below its address; the credential is
    /// never sent anywhere else.
    pub fn own_path(&self, link: &str) -> Option<String> {
        let rest = link.strip_prefix(&self.address).filter(|rest| rest.starts_with(['/', '?']));
        if let Some(rest) = rest {
            return Some(rest.to_owned());
        }
        // The same host in another spelling; a proxy that renames hosts leads elsewhere.
        (form::origin(link)? == form::origin(&self.address)?).then(|| {
            let (url, base) = (Url::parse(link).ok()?, Url::parse(&self.address).ok()?);
            let path = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
            Some(format!("{path}{}", url.query().map(|q| format!("?{q}")).unwrap_or_default()))
        })?
    }

    /// The answer as JSON.
    pub async fn json<T: DeserializeOwned>(&self, operation: &str, call: Call) -> Result<T, ProviderError> {
        let reply = self.send(operation, call).await?;
        self.read(operation, &reply)
    }

    /// A good answer's body as what it should be.
    pub fn read<T: DeserializeOwned>(&self, operation: &str, reply: &Reply) -> Result<T, ProviderError> {
        serde_json::from_slice(&reply.body).map_err(|_| self.unreadable(operation, reply))
    }

    /// Sends, and repeats a safe call that got no proper answer.
    pub async fn send(&self, operation: &str, call: Call) -> Result<Reply, ProviderError> {
        let safe = matches!(call.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let mut waits = AGAIN.into_iter();
        loop {
            let error = match self.once(operation, &call).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let again = match error.kind {
                _ if !safe => None,
                ErrorKind::Slow => {
                    error.retry_after.filter(|wait| *wait <= PATIENCE).and_then(|wait| waits.next().map(|_| wait))
                }
                ErrorKind::Unreachable | ErrorKind::Broken => waits.next(),
                _ => None,
            };
            match again {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    async fn once(&self, operation: &str, call: &Call) -> Result<Reply, ProviderError> {
        if let Some(pace) = &self.pace {
            pace.wait().await;
        }
        match tokio::time::timeout(call.within, self.exchange(operation, call)).await {
            Ok(answer) => answer,
            Err(_) => Err(answer::timed_out(operation, &self.address, call.within)),
        }
    }

    async fn exchange(&self, operation: &str, call: &Call) -> Result<Reply, ProviderError> {
        let mut url = Url::parse(&format!("{}{}", self.address, call.path)).map_err(|_| {
            ProviderError::new(ErrorKind::Refused, operation, "The connection's address can't be used.")
        })?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = self
            .client
            .request(call.method.clone(), url)
            .headers(self.headers.clone())
            .header(header::ACCEPT, self.dialect.accept);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, call.media).body(body.to_string());
        }
        let response = request
            .send()
            .await
            .map_err(|e| answer::unanswered(operation, &self.address, &e.without_url(), &self.redact))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let too_large = || {
            ProviderError::new(
                ErrorKind::Garbled,
                operation,
                format!("The answer is larger than {} MiB, which is not read.", LARGEST >> 20),
            )
        };
        if response.content_length().is_some_and(|n| n > LARGEST as u64) {
            return Err(too_large());
        }
        let (mut body, mut stream) = (Vec::new(), response.bytes_stream());
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| {
                ProviderError::new(ErrorKind::Garbled, operation, "The answer was cut off.")
                    .remedy("It is tried again.")
            })?;
            if body.len() + chunk.len() > LARGEST {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(Reply { status: status.as_u16(), headers, body });
        }
        Err(self.refused(operation, status, &headers, &body))
    }
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests;
