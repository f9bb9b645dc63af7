//! Tokens: presented in a header or in the query, got by a password, expiring, and a lock after four bad logins.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::drf::{self, detail};
use crate::rest::{Answer, Request};
use crate::scenario::later;

const TRIES: u32 = 4;
const LOCK: Duration = Duration::from_secs(600);

/// What the server thinks of the scenario's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    Valid,
    /// A new login makes it good again.
    Expired,
    /// Somebody drew another one.
    Revoked,
    /// The user was switched off.
    Inactive,
}

pub(crate) struct Access {
    token: String,
    password: String,
    pub(crate) standing: Standing,
    bad: u32,
    locked_until: Option<Timestamp>,
}

impl Access {
    pub(crate) fn new(scenario: &str) -> Self {
        Self {
            token: format!("sim-{scenario}-token"),
            password: format!("sim-{scenario}-password"),
            standing: Standing::Valid,
            bad: 0,
            locked_until: None,
        }
    }

    /// Nothing when the caller may pass, else the refusal.
    pub(crate) fn refuse(&self, request: &Request) -> Option<Answer> {
        let header = match request.header("authorization") {
            "" => request.param("x-auth-token").unwrap_or_default(),
            header => header,
        };
        let words: Vec<&str> = header.split_whitespace().collect();
        let sentence = match words.as_slice() {
            [scheme, ..] if !scheme.eq_ignore_ascii_case("token") => "Authentication credentials were not provided.",
            [] => "Authentication credentials were not provided.",
            [_] => "Invalid token header. No credentials provided.",
            [_, token] if *token == self.token => match self.standing {
                Standing::Valid => return None,
                Standing::Expired => "Token has expired.",
                Standing::Revoked => "Invalid token.",
                Standing::Inactive => "User inactive or deleted.",
            },
            [_, _] => "Invalid token.",
            _ => "Invalid token header. Token string should not contain spaces.",
        };
        Some(unauthorized(sentence))
    }

    /// POST `/api-auth/password/`: user `admin`, password `sim-{S}-password`.
    pub(crate) fn login(&mut self, request: &Request, now: Timestamp) -> Answer {
        if request.method != "POST" {
            return drf::method_not_allowed(request, "POST, OPTIONS");
        }
        let body = match drf::object(request) {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let missing: serde_json::Map<String, Value> = ["username", "password"]
            .into_iter()
            .filter(|name| word(name).is_empty())
            .map(|name| (name.to_owned(), json!(["This field is required."])))
            .collect();
        if !missing.is_empty() {
            return Answer::json(400, &Value::Object(missing));
        }
        if self.locked_until.is_some_and(|until| now < until) {
            return unauthorized("Username is locked out. Try in 10 minutes.");
        }
        if word("username") == "admin" && word("password") == self.password && self.standing != Standing::Inactive {
            self.bad = 0;
            self.standing = Standing::Valid;
            return Answer::json(200, &json!({"token": self.token}));
        }
        self.bad += 1;
        if self.bad >= TRIES {
            self.bad = 0;
            self.locked_until = Some(later(now, LOCK));
        }
        unauthorized("Invalid username/password.")
    }
}

fn unauthorized(sentence: &str) -> Answer {
    detail(401, sentence).with("WWW-Authenticate", "Token")
}
