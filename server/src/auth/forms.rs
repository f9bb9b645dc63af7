//! The plain forms: sign in, sign out, set up, preferences. They work without scripts: the answer is always "see other", and what
//! went wrong is a word in the address that the page turns into a sentence.

use super::{Auth, AuthError, password, setup, throttle, throttle::Subject};
use crate::store::{AuditRow, REFUSED, StoreErrorKind, UserRow};
use app::{backend::Caller, paths, shell::Theme};
use axum::{
    Extension, Form,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// "See other", with the cookies to set.
pub fn see_other(to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    // What isn't a header value was typed by somebody who tries; the front page is good enough.
    let to = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static(paths::STATUS));
    answer.headers_mut().insert(header::LOCATION, to);
    for cookie in cookies {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// A path of this console, or the front page: never another site, and never the forms themselves.
pub fn inside(next: &str) -> &str {
    let rest = next.strip_prefix('/');
    let plain = rest.is_some_and(|r| !r.starts_with('/'))
        && !next.contains('\\')
        && next.bytes().all(|b| (0x21..0x7f).contains(&b))
        && !next.starts_with(paths::SIGN_IN)
        && !next.starts_with(paths::SETUP);
    if plain { next } else { paths::STATUS }
}

/// The page where a one-time password is changed.
pub fn must_change() -> String {
    format!("{}{}", paths::ACCOUNT, paths::query(&[("must-change", "1")]))
}

#[derive(Deserialize)]
pub struct SignIn {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

enum Outcome {
    Welcome(HeaderValue, Box<UserRow>),
    Wrong,
    Wait(u64),
}

/// `POST /sign-in`.
pub async fn sign_in(
    State(auth): State<Auth>,
    Extension(caller): Extension<Caller>,
    Form(form): Form<SignIn>,
) -> Response {
    let (name, next) = (form.name.trim().to_owned(), inside(&form.next).to_owned());
    let again = |problem: &str, after: &str| {
        let next = if next == paths::STATUS { "" } else { next.as_str() };
        let name: String = name.chars().take(64).collect();
        let query = paths::query(&[("problem", problem), ("after", after), ("name", &name), ("next", next)]);
        see_other(&format!("{}{query}", paths::SIGN_IN), [])
    };
    match try_sign_in(&auth, &caller, &name, form.password).await {
        Ok(Outcome::Welcome(cookie, user)) => {
            let to = if user.must_change { must_change() } else { next };
            see_other(&to, [cookie])
        }
        Ok(Outcome::Wrong) => again("wrong", ""),
        Ok(Outcome::Wait(seconds)) => again("throttled", &seconds.to_string()),
        Err(error) => {
            log(&error, &caller);
            again("busy", "")
        }
    }
}

async fn try_sign_in(auth: &Auth, caller: &Caller, name: &str, secret: String) -> Result<Outcome, AuthError> {
    let store = auth.console().store();
    let subjects = [Subject::Account(name), Subject::Address(&caller.address)];
    if let Some(wait) = throttle::blocked(store, auth.console().now(), &subjects).await? {
        return Ok(Outcome::Wait(wait));
    }
    // Guesses sent all at once are looked at one after the other, each after the ones before were counted.
    let turn = password::turn().await?;
    if let Some(wait) = throttle::blocked(store, auth.console().now(), &subjects).await? {
        return Ok(Outcome::Wait(wait));
    }
    let user = store.user_by_name(name).await?;
    // An account that there isn't, a disabled one and a wrong password: the same work, the same answer.
    let fits = password::fits(&turn, secret.clone(), user.as_ref().map(|u| u.password_hash.clone())).await?;
    match user {
        Some(user) if fits && !user.user.disabled => {
            throttle::clear(store, &subjects[0]).await?;
            if password::outdated(&user.password_hash) {
                let hash = password::hash(&turn, secret).await?;
                store.rehash_password(&user.user.id, &hash).await?;
            }
            let cookie = auth.begin(&user, &caller.address, &caller.browser).await?;
            tracing::info!(user = user.user.name, address = caller.address, "signed in");
            Ok(Outcome::Welcome(cookie, Box::new(user)))
        }
        known => {
            throttle::count(store, auth.console().now(), &subjects).await?;
            // What was typed as a name is not kept: it may be a password in the wrong field.
            let subject = known.map_or_else(|| "unknown".to_owned(), |user| user.user.id.0);
            tracing::info!(account = subject, address = caller.address, "sign-in refused");
            let audit = AuditRow {
                actor: String::new(),
                address: caller.address.clone(),
                action: REFUSED.into(),
                subject,
                detail: String::new(),
            };
            store.add_audit(&audit).await?;
            Ok(Outcome::Wrong)
        }
    }
}

/// `POST /sign-out`.
pub async fn sign_out(State(auth): State<Auth>, Extension(caller): Extension<Caller>) -> Response {
    if let Some(who) = &caller.who
        && let Err(error) = auth.end(who, &caller.address).await
        && error.kind != StoreErrorKind::NotFound
    {
        // The cookie goes in any case; the session ends by itself.
        log(&error.into(), &caller);
    }
    see_other(paths::SIGN_IN, [auth.cookies().gone()])
}

#[derive(Deserialize)]
pub struct SetUp {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

/// `POST /setup`.
pub async fn set_up(
    State(auth): State<Auth>,
    Extension(caller): Extension<Caller>,
    Form(form): Form<SetUp>,
) -> Response {
    let name = form.name.trim();
    // Without the code, which is good until it is used: addresses are kept by browsers, proxies and logs.
    let again = |problem: &str| {
        let name: String = name.chars().take(64).collect();
        let query = paths::query(&[("problem", problem), ("name", &name)]);
        see_other(&format!("{}{query}", paths::SETUP), [])
    };
    let tried = async {
        if auth.is_set_up().await? {
            return Ok(see_other(paths::SIGN_IN, []));
        }
        let (store, now) = (auth.console().store(), auth.console().now());
        if throttle::blocked(store, now, &[Subject::Setup]).await?.is_some() {
            return Ok(again("throttled"));
        }
        if !setup::is_code(&auth, &form.code).await? {
            throttle::count(store, now, &[Subject::Setup]).await?;
            return Ok(again(setup::Problem::Code.key()));
        }
        if let Some(problem) = setup::problem(name, &form.password, &form.again) {
            return Ok(again(problem.key()));
        }
        if !setup::create(&auth, name, form.password.clone(), &caller.address).await? {
            return Ok(see_other(paths::SIGN_IN, []));
        }
        tracing::info!(user = name, address = caller.address, "the first administrator was made");
        let cookie = match store.user_by_name(name).await? {
            Some(user) => Some(auth.begin(&user, &caller.address, &caller.browser).await?),
            None => None,
        };
        Ok(see_other(paths::STATUS, cookie))
    };
    tried.await.unwrap_or_else(|error: AuthError| {
        log(&error, &caller);
        again("busy")
    })
}

#[derive(Deserialize)]
pub struct Preferences {
    #[serde(default)]
    theme: String,
}

/// `POST /preferences`: what a browser is to remember, then back to where it was.
pub async fn preferences(headers: HeaderMap, State(auth): State<Auth>, Form(form): Form<Preferences>) -> Response {
    let back = headers
        .get(header::REFERER)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| url::Url::parse(v).ok())
        .map(|url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
        .unwrap_or_default();
    let cookie = Theme::from_key(&form.theme).map(|theme| auth.cookies().theme(theme.key()));
    see_other(inside(&back), cookie)
}

fn log(error: &AuthError, caller: &Caller) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::error!(request = caller.request_id, %error, cause, "sign-in failed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_console_are_followed() {
        for good in ["/", "/runs", "/definitions?state=paused&text=a%20b"] {
            assert_eq!(inside(good), good);
        }
        for bad in
            ["", "runs", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/sign-in?x", "/a b"]
        {
            assert_eq!(inside(bad), "/", "{bad}");
        }
    }
}
