//! What every signed-in page shares: the frame is loaded beside what the page shows, an error takes the place of the
//! page's content, and the status of the answer says so too.

use crate::{
    backend::{Backend, Caller, Reply, backend, caller, reply},
    error::{ApiError, ErrorKind},
    layout::{BareLayout, Layout},
    pages::place::Here,
    paths,
    ui::{Problem, ZoneText},
    when,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::{account::Role, view::Frame};
use std::{future::Future, sync::Arc};

/// A page in its frame. `load` asks the backend, `show` renders what came.
pub fn framed<T, F>(
    here: Here,
    load: impl FnOnce(Arc<dyn Backend>, Caller) -> F + Send + 'static,
    show: impl FnOnce(T, &Frame) -> AnyView + Send + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    F: Future<Output = Reply<T>> + Send + 'static,
{
    framed_as(here, load, |here, _| here, show)
}

/// The page of one thing. `stand` puts its name into the crumbs and the title once it is known.
pub fn framed_as<T, F>(
    here: Here,
    load: impl FnOnce(Arc<dyn Backend>, Caller) -> F + Send + 'static,
    stand: impl FnOnce(Here, &T) -> Here + Send + 'static,
    show: impl FnOnce(T, &Frame) -> AnyView + Send + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    F: Future<Output = Reply<T>> + Send + 'static,
{
    let (backend, caller) = (backend(), caller());
    let owner = Owner::current().unwrap_or_default();
    let loading = async move {
        let backend = backend?;
        let frame = backend.frame(&caller).await?;
        let content = load(backend, caller).await;
        Ok::<_, ApiError>((frame, content))
    };
    let page = Suspend::new(async move {
        let loaded = loading.await;
        owner.with(|| match loaded {
            Ok((frame, content)) => {
                provide_context::<ZoneText>(when::zone_text(&frame.me.zone, frame.now));
                provide_context(frame.me.role);
                let (here, inside) = match reply(content) {
                    Ok(value) => (stand(here, &value), show(value, &frame)),
                    Err(error) => (refused(here, error.kind), unavailable(error)),
                };
                let Here { place, title, crumb, crumbs, topics } = here;
                view! { <Layout frame title crumb place crumbs topics>{inside}</Layout> }.into_any()
            }
            Err(error) => unframed(error),
        })
    });
    view! { <Suspense>{page}</Suspense> }
}

/// Where a page stands that could not be had. One that is not there, or not for the reader, is not kept fresh: the
/// browser would load it again for ever to learn the same.
fn refused(here: Here, kind: ErrorKind) -> Here {
    let lasting = matches!(kind, ErrorKind::NotFound | ErrorKind::Forbidden);
    let topics = if lasting { String::new() } else { here.topics };
    Here { title: heading(kind).to_owned(), topics, ..here }
}

/// What stands over a page that could not be had.
fn heading(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "Not here",
        ErrorKind::Forbidden => "Not for your account",
        ErrorKind::SignedOut => "Signed out",
        _ => "This page could not be made",
    }
}

/// The content of a page that could not be had.
pub(super) fn unavailable(error: ApiError) -> AnyView {
    let title = heading(error.kind);
    view! {
        <header class="head">
            <div>
                <h1>{title}</h1>
            </div>
        </header>
        <Problem error />
        <p class="acts mt-4">
            <a class="btn" href=paths::STATUS>"Go to Status"</a>
        </p>
    }
    .into_any()
}

/// The page when not even its frame could be had: nobody is signed in, or the store does not answer.
pub(super) fn unframed(error: ApiError) -> AnyView {
    let error = match reply::<()>(Err(error)) {
        Err(error) => error,
        Ok(()) => return ().into_any(),
    };
    let title = if error.kind == ErrorKind::SignedOut { "Signed out" } else { "Not available" };
    view! { <BareLayout title=title>{unavailable(error)}</BareLayout> }.into_any()
}

/// Why a viewer's buttons are off.
const LOOKS_ONLY: &str = "Your account looks only; operators and administrators do this.";

/// Why the reader may change nothing; empty when they may. The server refuses anyway: this only says so beforehand.
pub fn looks_only() -> &'static str {
    match use_context::<Role>() {
        Some(Role::Viewer) => LOOKS_ONLY,
        _ => "",
    }
}

/// Why the reader may keep no connections; empty when they may.
pub fn only_administrators() -> &'static str {
    match use_context::<Role>() {
        Some(Role::Viewer | Role::Operator) => "Only administrators add connections.",
        _ => "",
    }
}

/// A parameter of the path; empty when it is missing.
pub fn param(name: &str) -> String {
    use_params_map().with_untracked(|map| map.get(name)).unwrap_or_default()
}

/// A parameter of the query; empty when it is missing.
pub fn query(name: &str) -> String {
    use_query_map().with_untracked(|map| map.get(name)).unwrap_or_default()
}
