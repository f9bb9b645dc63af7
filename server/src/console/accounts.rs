//! Accounts and sessions, for who is signed in. Signing in itself is at the edge (`auth`).

use super::{Console, answer};
use crate::{
    auth::{self, password, setup, token},
    error::ConsoleError,
    store::{AuditRow, NewUser, StoreErrorKind, new_id},
};
use app::{
    backend::{Accounts, Caller, Reply, SignedIn},
    error::{ApiError, ErrorKind},
};
use async_trait::async_trait;
use model::{
    FieldError, SessionId, UserId,
    account::{Me, Role, SessionSeen, password_problem},
    view::{Frame, UserList},
};

const LAST_ADMINISTRATOR: &str =
    "This is the last administrator who can sign in. Make another account an administrator first.";

#[async_trait]
impl Accounts for Console {
    async fn frame(&self, caller: &Caller) -> Reply<Frame> {
        let who = caller.at_least(Role::Viewer)?;
        let tally = answer(caller, self.tally().await)?;
        Ok(Frame {
            me: me(who),
            now: self.now(),
            needs: tally.needs,
            running: tally.running,
            connections: tally.connections,
            silent: tally.silent,
            observed: tally.observed,
        })
    }

    async fn me(&self, caller: &Caller) -> Reply<Me> {
        let who = caller.at_least(Role::Viewer)?;
        Ok(me(who))
    }

    async fn sessions(&self, caller: &Caller) -> Reply<Vec<SessionSeen>> {
        let who = caller.at_least(Role::Viewer)?;
        let rows = answer(caller, self.store().sessions(&who.user, self.now()).await.map_err(ConsoleError::from))?;
        let seen = rows.into_iter().map(|row| SessionSeen {
            current: row.id == who.session,
            id: row.id,
            began: row.created_at,
            last_used: row.last_used,
            expires: row.expires_at,
            browser: row.browser,
            address: row.address,
        });
        Ok(seen.collect())
    }

    async fn revoke_session(&self, caller: &Caller, id: SessionId) -> Reply<()> {
        let who = caller.at_least(Role::Viewer)?;
        let audit = audit(caller, who, "session.revoke", &id.0, "");
        let ended = self.store().end_session(&who.user, &id, &audit).await.map_err(ConsoleError::from);
        if !answer(caller, ended)? {
            return answer(caller, Err(ConsoleError::NoSuch("session")));
        }
        self.events().publish(auth::topic(&who.user));
        Ok(())
    }

    async fn change_password(&self, caller: &Caller, old: String, new: String) -> Reply<()> {
        let who = caller.at_least(Role::Viewer)?;
        answer(caller, self.replace_password(caller, who, old, new).await)
    }

    async fn set_zone(&self, caller: &Caller, zone: String) -> Reply<()> {
        let who = caller.at_least(Role::Viewer)?;
        if !is_zone(&zone) {
            let wrong = field("zone", "unknown", "This is no time zone that the server knows, such as Europe/Berlin.");
            return answer(caller, Err(wrong));
        }
        answer(caller, self.store().set_zone(&who.user, &zone).await.map_err(ConsoleError::from))?;
        self.events().publish(auth::topic(&who.user));
        Ok(())
    }

    async fn zones(&self, caller: &Caller) -> Reply<Vec<String>> {
        caller.at_least(Role::Viewer)?;
        Ok(zones())
    }

    async fn users(&self, caller: &Caller) -> Reply<UserList> {
        let who = caller.at_least(Role::Administrator)?;
        let users = answer(caller, self.store().users().await.map_err(ConsoleError::from))?;
        Ok(UserList { users, me: who.user.clone() })
    }

    async fn add_user(&self, caller: &Caller, name: String, role: String) -> Reply<String> {
        let who = caller.at_least(Role::Administrator)?;
        answer(caller, self.create_account(caller, who, name.trim(), &role).await)
    }

    async fn set_user_role(&self, caller: &Caller, id: UserId, role: String) -> Reply<()> {
        let who = caller.at_least(Role::Administrator)?;
        let role = answer(caller, known_role(&role))?;
        let audit = audit(caller, who, "user.role", &id.0, role.key());
        let done = self.store().set_role(&id, role, &audit).await;
        self.account_changed(caller, &id, done)
    }

    async fn set_user_disabled(&self, caller: &Caller, id: UserId, disabled: bool) -> Reply<()> {
        let who = caller.at_least(Role::Administrator)?;
        let action = if disabled { "user.disable" } else { "user.enable" };
        let audit = audit(caller, who, action, &id.0, "");
        let done = self.store().set_disabled(&id, disabled, &audit).await;
        self.account_changed(caller, &id, done)
    }

    async fn reset_user_password(&self, caller: &Caller, id: UserId) -> Reply<String> {
        let who = caller.at_least(Role::Administrator)?;
        let audit = audit(caller, who, "user.reset", &id.0, "");
        answer(caller, self.give_one_time_password(&id, &audit).await)
    }
}

impl Console {
    /// Sets a new one-time password, which must be changed after the next sign-in, and ends the account's sessions.
    pub async fn give_one_time_password(&self, id: &UserId, audit: &AuditRow) -> Result<String, ConsoleError> {
        let (secret, hash) = one_time().await?;
        self.store().set_password(id, &hash, true, None, audit).await.map_err(no_such_account)?;
        self.told_of_account(id);
        Ok(secret)
    }

    async fn create_account(
        &self,
        caller: &Caller,
        who: &SignedIn,
        name: &str,
        role: &str,
    ) -> Result<String, ConsoleError> {
        if !setup::is_name(name) {
            return Err(field("name", "invalid", "Use 1 to 64 letters, digits, dots, - and _."));
        }
        let role = known_role(role)?;
        let (secret, password_hash) = one_time().await?;
        let id = UserId(new_id(self.clock()));
        let new = NewUser { id, name: name.to_owned(), role, password_hash, must_change: true };
        let audit = audit(caller, who, "user.create", &new.id.0, &format!("{name}, {}", role.key()));
        self.store().create_user(&new, &audit).await?;
        self.told_of_account(&new.id);
        Ok(secret)
    }

    async fn replace_password(
        &self,
        caller: &Caller,
        who: &SignedIn,
        old: String,
        new: String,
    ) -> Result<(), ConsoleError> {
        let wrong = |path: &str, sentence: &str| Err(field(path, "invalid", sentence));
        if let Some(problem) = password_problem(&new, &who.name) {
            return wrong("new", &problem);
        }
        if old == new {
            return wrong("new", "This is the present password; choose another.");
        }
        // A stolen session must not become a place to guess the password: the same counts as at sign-in.
        let subjects = [auth::throttle::Subject::Account(&who.name)];
        let turn = password::turn().await.map_err(busy)?;
        if let Some(wait) = auth::throttle::blocked(self.store(), self.now(), &subjects).await? {
            let error = ApiError::new(ErrorKind::TooMany, format!("Too many tries. Wait {wait} s, then try again."));
            return Err(ApiError { retry_after: Some(wait), ..error }.into());
        }
        let row = self.store().user(&who.user).await?;
        if !password::fits(&turn, old, Some(row.password_hash)).await.map_err(busy)? {
            auth::throttle::count(self.store(), self.now(), &subjects).await?;
            return wrong("old", "This is not your present password.");
        }
        let hash = password::hash(&turn, new).await.map_err(busy)?;
        let audit = audit(caller, who, "user.password", &who.user.0, "");
        self.store().set_password(&who.user, &hash, false, Some(&who.session), &audit).await?;
        self.events().publish(auth::topic(&who.user));
        Ok(())
    }

    /// The end of a change that the last administrator can't undergo.
    fn account_changed(&self, caller: &Caller, id: &UserId, done: Result<bool, crate::store::StoreError>) -> Reply<()> {
        let changed = answer(caller, done.map_err(no_such_account))?;
        if !changed {
            return answer(caller, Err(ConsoleError::NotNow(LAST_ADMINISTRATOR.into())));
        }
        self.told_of_account(id);
        Ok(())
    }

    fn told_of_account(&self, id: &UserId) {
        self.events().publish("users");
        self.events().publish(auth::topic(id));
    }
}

async fn one_time() -> Result<(String, String), ConsoleError> {
    let secret = token::readable().map_err(|e| ConsoleError::bug("one-time password", e))?;
    let turn = password::turn().await.map_err(busy)?;
    let hash = password::hash(&turn, secret.clone()).await.map_err(busy)?;
    Ok((secret, hash))
}

fn busy(error: password::PasswordError) -> ConsoleError {
    match error {
        password::PasswordError::Busy => {
            ApiError::new(ErrorKind::Busy, "Too many sign-ins at once. Try again in a moment.").into()
        }
        password::PasswordError::Failed => ConsoleError::bug("password", error),
    }
}

fn me(who: &SignedIn) -> Me {
    Me { name: who.name.clone(), role: who.role, zone: who.zone.clone() }
}

fn audit(caller: &Caller, who: &SignedIn, action: &str, subject: &str, detail: &str) -> AuditRow {
    AuditRow {
        actor: who.name.clone(),
        address: caller.address.clone(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    }
}

fn field(path: &str, code: &str, sentence: &str) -> ConsoleError {
    FieldError { path: path.into(), code: code.into(), sentence: sentence.into() }.into()
}

fn known_role(key: &str) -> Result<Role, ConsoleError> {
    Role::from_key(key).ok_or_else(|| field("role", "unknown", "Choose viewer, operator or administrator."))
}

fn no_such_account(error: crate::store::StoreError) -> ConsoleError {
    match error.kind {
        StoreErrorKind::NotFound => ConsoleError::NoSuch("account"),
        _ => error.into(),
    }
}

/// Whether the name is one of the bundled time-zone database's.
fn is_zone(name: &str) -> bool {
    jiff::tz::db().get(name).is_ok()
}

/// UTC first, then places by name; the database's technical names help nobody.
fn zones() -> Vec<String> {
    let places = jiff::tz::db().available().map(|name| name.to_string());
    let mut names: Vec<String> = places
        .filter(|name| {
            name.contains('/') && !["Etc/", "posix/", "right/", "SystemV/"].iter().any(|p| name.starts_with(p))
        })
        .collect();
    names.sort_unstable();
    names.insert(0, "UTC".to_owned());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_offered_and_known() {
        let offered = zones();
        assert_eq!(offered[0], "UTC");
        assert!(offered.len() > 300, "{}", offered.len());
        assert!(offered.iter().all(|zone| is_zone(zone)));
        assert!(offered.iter().any(|zone| zone == "Europe/Berlin"));
        assert!(!is_zone("Mars/Olympus"));
    }
}
