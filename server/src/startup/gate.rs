//! Who is asking, and where they are led instead: to set-up while there is no account, to sign-in without a session, to their
//! account while a one-time password stands. What a signed-in person may do is decided by the backend's methods.

use super::Edge;
use crate::auth::{
    By,
    forms::{inside, must_change, see_other},
};
use app::{backend::Caller, error::ErrorKind, paths, shell::Theme};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};

/// What may be called while a one-time password stands: what the account page needs.
const FOR_A_NEW_PASSWORD: [&str; 3] = ["/api/account/password", "/api/account/me", "/api/zones"];

/// Finds the session and puts who asks into the request.
pub async fn pass(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let auth = edge.auth();
    let token = auth.cookies().token(request.headers()).map(str::to_owned);
    let living = match &token {
        None => None,
        Some(token) => match auth.session(token, by(&request)).await {
            Ok(living) => living,
            Err(error) => return unavailable(&request, &error),
        },
    };
    let expired = token.is_some() && living.is_none();
    let new_password = living.as_ref().is_some_and(|l| l.must_change);
    let signed_in = living.is_some();
    let extensions = request.extensions_mut();
    let mut caller = extensions.remove::<Caller>().unwrap_or_default();
    caller.who = living.map(|l| l.who);
    extensions.insert(caller);
    let theme = crate::auth::cookie::read(request.headers(), Theme::COOKIE).and_then(Theme::from_key);
    request.extensions_mut().insert(theme.unwrap_or_default());

    let path = request.uri().path();
    if super::is_api(path) {
        // Before anything is decoded. The backend's methods say the same by themselves.
        if !signed_in {
            return super::refuse(&request, ErrorKind::SignedOut, "Sign in to see this.");
        }
        if new_password && !FOR_A_NEW_PASSWORD.contains(&path) {
            let sentence = "Choose a password of your own first, under My account.";
            return super::refuse(&request, ErrorKind::Forbidden, sentence);
        }
        return next.run(request).await;
    }
    let known = request.extensions().get::<MatchedPath>().is_some();
    let form = request.method() == Method::POST;
    // The event stream answers 401 by itself: a browser can't follow a redirect there.
    if !known || form || path == paths::EVENTS {
        return next.run(request).await;
    }
    match auth.is_set_up().await {
        Ok(true) => {}
        Ok(false) if path == paths::SETUP => return next.run(request).await,
        Ok(false) => return see_other(paths::SETUP, []),
        Err(error) => return unavailable(&request, &error),
    }
    match path {
        paths::SETUP => see_other(if signed_in { paths::STATUS } else { paths::SIGN_IN }, []),
        paths::SIGN_IN if signed_in => see_other(inside(&next_of(&request)), []),
        paths::SIGN_IN => next.run(request).await,
        _ if !signed_in => {
            let here = request.uri().path_and_query().map_or("", |p| p.as_str());
            let here = if here == paths::STATUS { "" } else { here };
            let problem = if expired { "expired" } else { "" };
            let to = format!("{}{}", paths::SIGN_IN, paths::query(&[("problem", problem), ("next", here)]));
            see_other(&to, expired.then(|| auth.cookies().gone()))
        }
        paths::ACCOUNT => next.run(request).await,
        _ if new_password => see_other(&must_change(), []),
        _ => next.run(request).await,
    }
}

/// Only what a person does keeps a session alive: forms and calls, and going to a page. A browser asks for a page that somebody
/// goes to as HTML; what a page fetches or listens to by itself it asks for as anything, or as an event stream.
fn by(request: &Request) -> By {
    let to_a_page = || {
        let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    };
    if *request.method() != Method::GET || to_a_page() { By::Person } else { By::Page }
}

fn next_of(request: &Request) -> String {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(key, value)| (key == "next").then(|| value.into_owned()))
        .unwrap_or_default()
}

fn unavailable(request: &Request, error: &crate::store::StoreError) -> Response {
    tracing::error!(%error, "who asks could not be found out");
    let mut answer =
        super::refuse(request, ErrorKind::Busy, "The database of this server does not answer. Try again in a moment.");
    answer.headers_mut().insert(header::RETRY_AFTER, 5.into());
    answer
}
