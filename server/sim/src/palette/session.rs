//! Sign-in by password: tokens that live for fifteen minutes and can be renewed while they do.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Palette;
use super::ids;
use super::reader::Reader;
use super::refusal::{Outcome, Refusal};
use super::routes::Call;
use crate::rest::Answer;
use crate::scenario::later;

const LIFE: Duration = Duration::from_secs(15 * 60);
/// Base64 of `{"alg":"HS256","typ":"JWT"}`.
const HEAD: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// Tokens and the end of each.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<String, Timestamp>);

impl Sessions {
    fn open(&mut self, token: String, now: Timestamp) -> Value {
        self.0.retain(|_, end| *end > now);
        self.0.insert(token.clone(), later(now, LIFE));
        json!({"Authorization": token, "isMfa": false})
    }

    pub(super) fn knows(&self, token: &str, now: Timestamp) -> bool {
        self.0.get(token).is_some_and(|end| *end > now)
    }
}

impl Palette {
    fn new_token(&mut self) -> String {
        let body = self.draw("token");
        format!("{HEAD}.{body}.{}", ids::digest(&[&body]))
    }
}

/// Any address will do; the password is the scenario's token.
pub(super) fn authenticate(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let body = call.body()?;
    let reader = Reader::body(&body)?;
    reader.text("org")?;
    reader.required("emailId")?;
    if reader.required("password")? != palette.token() {
        return Err(Refusal::unauthorized("Invalid credentials"));
    }
    let token = palette.new_token();
    Ok(Answer::json(200, &palette.sessions.open(token, palette.now)))
}

pub(super) fn refresh(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    if !palette.sessions.knows(call.arg(0), palette.now) {
        return Err(Refusal::unauthorized("The token is invalid or has expired"));
    }
    let token = palette.new_token();
    Ok(Answer::json(200, &palette.sessions.open(token, palette.now)))
}
