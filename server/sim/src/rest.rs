//! The seam of the systems that speak plain REST: what a faked system must be able to do, and what it is given.
//! Velero has its own way in, because a Kubernetes API also streams.
//!
//! | path | what |
//! |---|---|
//! | `/s/{S}/{system}/...` | the API of that system in scenario `S` |
//! | `/control/{S}/{system}/seed` | POST: makes it anew, the body is its options |
//! | `/control/{S}/{system}/fault` | POST a list of faults, GET, DELETE |
//! | `/control/{S}/{system}/calls` | GET the counts, DELETE |
//! | `/control/{S}/{system}/state` | GET everything it holds |
//! | `/control/{S}/{system}/advance` | POST `{"seconds": n}`: moves a manual clock, for all |
//! | `/control/{S}/{system}/{verb}` | POST: a command of the system's own |

mod control;
mod door;
mod stand;

use axum::Router;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock::Clock;
use crate::world::World;

pub(crate) use stand::Stands;

pub(crate) fn routes() -> Router<World> {
    control::routes().merge(door::routes())
}

/// One request below the system's base path.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// With a leading slash, percent-decoded; a slash at its end and doubled ones are kept.
    pub(crate) path: String,
    pub(crate) raw_query: String,
    /// Decoded, in order, repeats kept.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// `http://host:port/s/{S}/{system}` as the caller reached it, for absolute links.
    pub(crate) base: String,
}

impl Request {
    /// The first value of a query parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header's value, or `""`.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The token of `Authorization: Bearer ...`; the scheme is case-blind.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization").split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The body, unless it isn't JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The path's parts; empty ones are left out.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// Path and query, decoded: what faults are matched with and what the counter shows.
    fn shown(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let query: Vec<String> = self.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}?{}", self.path, query.join("&"))
    }
}

/// What to send back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    /// Empty: no such header.
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(code: u16, body: &Value) -> Self {
        Self::text(code, "application/json", body.to_string())
    }

    pub(crate) fn empty(code: u16) -> Self {
        Self::text(code, "", "")
    }

    pub(crate) fn text(code: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self { code, content_type: content_type.to_owned(), headers: Vec::new(), body: body.into().into_bytes() }
    }

    /// Adds a header; one that HTTP can't carry is left out.
    pub(crate) fn with(mut self, header: &str, value: impl Into<String>) -> Self {
        self.headers.push((header.to_owned(), value.into()));
        self
    }
}

/// One faked system in one scenario.
pub(crate) trait System: Send {
    /// Lets everything happen that is due until `now`, each at its own time.
    fn catch_up(&mut self, now: Timestamp);

    /// Does and answers one request, authentication included; the scenario's token is `sim-{S}-token`.
    fn serve(&mut self, request: &Request) -> Answer;

    /// An error in the system's own form: what an injected `status` fault sends.
    fn refusal(&self, code: u16, message: &str) -> Answer;

    /// Name of the call for the counter, such as `list kubebackups`.
    fn class(&self, request: &Request) -> String;

    /// Everything it holds, by resource: for tests.
    fn dump(&self) -> Value;

    /// What a test does past the API.
    ///
    /// # Errors
    /// A sentence when the verb is unknown or its body can't be used.
    fn command(&mut self, verb: &str, body: &Value) -> Result<Value, String>;

    /// What the caller presented, as the fault `echo_credential` repeats it.
    fn credential(&self, request: &Request) -> String {
        ["authorization", "apikey"].map(|name| request.header(name)).concat()
    }
}

/// How a system is made and presented.
pub(crate) struct Kind {
    /// Its word in paths.
    pub(crate) name: &'static str,
    /// Makes it for a scenario. `options` is the body of `seed`, `{}` when nobody seeded; the error is a sentence about
    /// them. Scenario `demo`, or `demo-...`, is the demo estate.
    pub(crate) make: fn(scenario: &str, options: &Value, clock: &Clock) -> Result<Box<dyn System>, String>,
    /// Lines of `holdfast sim`; `base` is `http://HOST:PORT`.
    pub(crate) announce: fn(base: &str) -> Vec<Value>,
}

#[cfg(test)]
mod tests;
