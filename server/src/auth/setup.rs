//! The first account: made with a code that only who reads the log knows. There is no default password.

use super::{Auth, AuthError, token};
use crate::store::{AuditRow, NewUser, new_id};
use model::{
    UserId,
    account::{Role, password_problem},
};

/// Where the code's hash is kept; only the newest start's counts.
const SETTING: &str = "setup_code";

/// Why the first account was not made. The words stand in the set-up page's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Code,
    Name,
    Password,
    Mismatch,
}

impl Problem {
    /// The word in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Name => "name",
            Self::Password => "password",
            Self::Mismatch => "mismatch",
        }
    }
}

/// Makes a code while there is no account. It is for the log; only its hash is kept.
pub async fn announce(auth: &Auth) -> Result<Option<String>, AuthError> {
    if auth.is_set_up().await? {
        return Ok(None);
    }
    let code = token::readable()?;
    let audit = AuditRow { actor: "holdfast".into(), action: "setup.code".into(), ..AuditRow::default() };
    auth.console().store().set_setting(SETTING, &token::digest(&token::normal(&code)), &audit).await?;
    Ok(Some(code))
}

/// Whether the typed code is the newest start's.
pub async fn is_code(auth: &Auth, typed: &str) -> Result<bool, AuthError> {
    let stored = auth.console().store().setting(SETTING).await?;
    // Both are hashes of random text: comparing them tells nothing about the code.
    Ok(stored.is_some_and(|hash| hash == token::digest(&token::normal(typed))))
}

/// Whether it can be the name of an account: 1 to 64 letters, digits, dots, - and _.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// What is wrong with name and password.
pub fn problem(name: &str, password: &str, again: &str) -> Option<Problem> {
    if !is_name(name) {
        Some(Problem::Name)
    } else if password_problem(password, name).is_some() {
        Some(Problem::Password)
    } else {
        (password != again).then_some(Problem::Mismatch)
    }
}

/// Makes the first administrator; false when there is an account already, also when two ask at once.
pub async fn create(auth: &Auth, name: &str, password: String, address: &str) -> Result<bool, AuthError> {
    let turn = super::password::turn().await?;
    let new = NewUser {
        id: UserId(new_id(auth.console().clock())),
        name: name.to_owned(),
        role: Role::Administrator,
        password_hash: super::password::hash(&turn, password).await?,
        must_change: false,
    };
    let audit = AuditRow {
        actor: name.to_owned(),
        address: address.to_owned(),
        action: "user.create".into(),
        subject: new.id.0.clone(),
        detail: "first administrator".into(),
    };
    match auth.console().store().create_first_user(&new, &audit).await {
        Ok(()) => {
            auth.console().events().publish("users");
            Ok(true)
        }
        Err(error) if matches!(error.kind, crate::store::StoreErrorKind::Taken { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_are_judged() {
        assert_eq!(problem("ada", "correct horse battery", "correct horse battery"), None);
        assert_eq!(problem("", "correct horse battery", "correct horse battery"), Some(Problem::Name));
        assert_eq!(problem("a da", "correct horse battery", "correct horse battery"), Some(Problem::Name));
        assert_eq!(problem("ada", "short", "short"), Some(Problem::Password));
        assert_eq!(problem("ada", "correct horse battery", "correct horse"), Some(Problem::Mismatch));
    }
}
