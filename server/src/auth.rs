//! Who asks: sessions, their cookie, and the forms that begin and end them.
//!
//! A session is 256 random bits in a cookie and their SHA-256 in the store. It ends 12 hours after a person last used it, 7 days
//! after it began, or when it is revoked. What was read of it is remembered for some seconds, so that a page view neither
//! writes nor waits; the event bus' access epoch makes a revocation count at once.

pub mod cookie;
pub mod forms;
pub mod password;
pub mod setup;
pub mod throttle;
pub mod token;

use crate::{
    console::Console,
    store::{AuditRow, NewSession, SessionRow, StoreError, UserRow, new_id},
};
use app::backend::SignedIn;
use cookie::Cookies;
use model::{Millis, SessionId, UserId};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use token::{NoRandomness, Token, digest};

const MINUTE_MS: i64 = 60_000;
/// A session ends this long after its last use.
pub const IDLE_MS: i64 = 12 * 60 * MINUTE_MS;
/// A session ends this long after it began.
pub const ABSOLUTE_MS: i64 = 7 * 24 * 60 * MINUTE_MS;
/// Its use is written down at most this often.
const TOUCH_MS: i64 = MINUTE_MS;
/// What was read is believed this long. Changes on this node count at once; this bounds those of other nodes.
const REMEMBER_MS: i64 = 5_000;
/// Sessions remembered, at most.
const REMEMBERED: usize = 10_000;

/// Why nobody could be signed in.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Password(#[from] password::PasswordError),
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// Who makes a request with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody did something: the session lasts longer.
    Person,
    /// An open page listens, or fetches itself anew.
    Page,
}

/// A living session.
#[derive(Clone, Debug)]
pub struct Living {
    pub who: SignedIn,
    /// The password was set by somebody else and must be changed before anything else.
    pub must_change: bool,
}

struct Remembered {
    session: SessionRow,
    user: UserRow,
    read_at: Millis,
    epoch: u64,
}

/// Sessions and accounts at the edge. Cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    console: Console,
    cookies: Cookies,
    /// By token hash.
    remembered: Mutex<HashMap<String, Remembered>>,
    /// There is an account; never false again.
    set_up: AtomicBool,
}

impl Auth {
    /// Over this console's accounts.
    pub fn new(console: Console, cookies: Cookies) -> Self {
        Self(Arc::new(Inner { console, cookies, remembered: Mutex::default(), set_up: AtomicBool::new(false) }))
    }

    /// The console behind it.
    pub fn console(&self) -> &Console {
        &self.0.console
    }

    /// How cookies are marked.
    pub fn cookies(&self) -> Cookies {
        self.0.cookies
    }

    /// Whether somebody can sign in at all.
    pub async fn is_set_up(&self) -> Result<bool, StoreError> {
        if self.0.set_up.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let some = self.console().store().has_users().await?;
        self.0.set_up.store(some, Ordering::Relaxed);
        Ok(some)
    }

    /// The living session of a cookie's token.
    pub async fn session(&self, token: &str, by: By) -> Result<Option<Living>, StoreError> {
        let (key, now) = (digest(token), self.console().now());
        // Read before the store is asked: a change in between must make the answer old.
        let epoch = self.console().events().access_epoch();
        if let Some(living) = self.remembered_session(&key, now, epoch, by) {
            return Ok(Some(living));
        }
        let Some((mut session, user)) = self.console().store().session(&key, now).await? else {
            self.memory().remove(&key);
            return Ok(None);
        };
        if is_use(by, &session, now) {
            session.expires_at = expiry(session.created_at, now);
            session.last_used = now;
            let touched = self.console().store().touch_session(&session.id, now, session.expires_at).await;
            // A full disk must not sign anybody out.
            if let Err(error) = touched {
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        }
        let living = living(&session, &user);
        let mut memory = self.memory();
        if memory.len() >= REMEMBERED {
            memory.clear();
        }
        memory.insert(key, Remembered { session, user, read_at: now, epoch });
        Ok(Some(living))
    }

    fn remembered_session(&self, key: &str, now: Millis, epoch: u64, by: By) -> Option<Living> {
        let memory = self.memory();
        let held = memory.get(key)?;
        let fresh = held.epoch == epoch
            && (0..REMEMBER_MS).contains(&(now.0 - held.read_at.0))
            && held.session.expires_at > now
            && !is_use(by, &held.session, now);
        fresh.then(|| living(&held.session, &held.user))
    }

    fn memory(&self) -> MutexGuard<'_, HashMap<String, Remembered>> {
        self.0.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session; its cookie is the answer.
    pub async fn begin(&self, user: &UserRow, address: &str, browser: &str) -> Result<http::HeaderValue, AuthError> {
        let console = self.console();
        let (token, now) = (Token::new()?, console.now());
        let session = NewSession {
            id: SessionId(new_id(console.clock())),
            user: user.user.id.clone(),
            token_hash: digest(token.text()),
            expires_at: expiry(now, now),
            browser: browser.to_owned(),
            address: address.to_owned(),
        };
        let audit = AuditRow {
            actor: user.user.name.clone(),
            address: address.to_owned(),
            action: "session.begin".into(),
            subject: session.id.0.clone(),
            detail: String::new(),
        };
        console.store().begin_session(&session, &audit).await?;
        console.events().publish(format!("sessions:{}", user.user.id));
        Ok(self.cookies().session(token.text(), ABSOLUTE_MS / 1000))
    }

    /// Ends the session of who asks.
    pub async fn end(&self, who: &SignedIn, address: &str) -> Result<(), StoreError> {
        let audit = AuditRow {
            actor: who.name.clone(),
            address: address.to_owned(),
            action: "session.end".into(),
            subject: who.session.0.clone(),
            detail: String::new(),
        };
        self.console().store().end_session(&who.user, &who.session, &audit).await?;
        self.console().events().publish(topic(&who.user));
        Ok(())
    }
}

/// Says that sessions of an account began or ended.
pub fn topic(user: &UserId) -> String {
    format!("sessions:{user}")
}

/// Whether a use is to be written down.
fn is_use(by: By, session: &SessionRow, now: Millis) -> bool {
    by == By::Person && now.since(session.last_used) >= TOUCH_MS
}

/// When a session that is used now ends.
fn expiry(began: Millis, now: Millis) -> Millis {
    now.plus(IDLE_MS).min(began.plus(ABSOLUTE_MS))
}

fn living(session: &SessionRow, user: &UserRow) -> Living {
    Living {
        who: SignedIn {
            user: user.user.id.clone(),
            session: session.id.clone(),
            name: user.user.name.clone(),
            role: user.user.role,
            zone: user.zone.clone(),
        },
        must_change: user.must_change,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_session_lasts_longer_but_not_for_ever() {
        let began = Millis(1_000_000);
        assert_eq!(expiry(began, began), began.plus(IDLE_MS));
        let late = began.plus(ABSOLUTE_MS - MINUTE_MS);
        assert_eq!(expiry(began, late), began.plus(ABSOLUTE_MS));
    }
}
