//! Data with its age: the last good value stays beside the newest error.

#[cfg(feature = "ssr")]
use super::{
    message::Callout,
    time::{Time, Told},
};
use super::{
    message::callout,
    part::{Part, el, p, parts},
    state::Tone,
};
use crate::error::{ApiError, ErrorKind};
#[cfg(feature = "ssr")]
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::Millis;

/// What could not be had and what to do about it, in a page or beside the last good value. A form's errors belong to
/// its fields instead.
pub fn problem(error: ApiError) -> Part {
    let (tone, title) = match error.kind {
        ErrorKind::Invalid => (Tone::Bad, "Something in the form is wrong."),
        ErrorKind::Conflict => (Tone::Warn, "Somebody else was faster."),
        ErrorKind::SignedOut => (Tone::Warn, "You are signed out."),
        ErrorKind::Forbidden => (Tone::Warn, "Your account may not do this."),
        ErrorKind::NotFound => (Tone::Mute, "This does not exist."),
        ErrorKind::TooMany => (Tone::Warn, "Too often."),
        ErrorKind::Upstream => (Tone::Bad, "The backup system refused or did not answer."),
        ErrorKind::Busy => (Tone::Warn, "Holdfast is busy."),
        ErrorKind::Bug => (Tone::Bad, "Something went wrong inside Holdfast."),
        ErrorKind::Unreachable => (Tone::Bad, "Holdfast does not answer."),
    };
    // The kind's own sentence is the message already when there is nothing more to say.
    let same = error.message.trim_end_matches('.') == title.trim_end_matches('.');
    let request = (!error.request_id.is_empty()).then(|| p("sub").put(format!("Request {}", error.request_id)));
    let inside = parts([
        (!same).then(|| el("p").put(error.message)),
        error.retry_after.map(|s| el("p").put(format!("Try again in {s} s."))),
        request,
    ]);
    callout(tone, tone.glyph(), Some("alert"), Some(title.into()), inside).into()
}

/// The same in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn Problem(error: ApiError) -> impl IntoView {
    problem(error)
}

/// Says that what is shown is of some time ago and why.
#[cfg(feature = "ssr")]
#[component]
pub fn Stale(
    /// Who doesn't answer.
    #[prop(into)]
    name: String,
    /// What it said: "connection refused".
    #[prop(into)]
    reason: String,
    #[prop(optional, into)] remedy: Option<String>,
    /// When it was last heard; `None`: never.
    #[prop(into)]
    seen: Option<Millis>,
    now: Millis,
) -> impl IntoView {
    view! {
        <Callout tone=Tone::Mute icon=super::icon::Glyph::Silent>
            <p>
                <b>{format!("{name} does not answer: ")}</b>
                {reason}
            </p>
            {remedy.filter(|r| !r.is_empty()).map(|r| view! { <p>{r}</p> })}
            <p class="sub">
                {match seen {
                    Some(at) => view! { "Shown is what was known "<Time at now told=Told::Exact/>"." }.into_any(),
                    None => view! { "Nothing has been heard of it yet." }.into_any(),
                }}
            </p>
        </Callout>
    }
}

/// A value that was loaded, or that could not be: `ok` shows the value. With an error and an `old` value, the old one
/// is shown under the error.
#[cfg(feature = "ssr")]
pub fn loaded<T, V>(result: Result<T, ApiError>, old: Option<T>, ok: impl FnOnce(T) -> V) -> AnyView
where
    V: IntoView + 'static,
{
    match (result, old) {
        (Ok(value), _) => ok(value).into_any(),
        (Err(error), Some(value)) => view! { <Problem error/><div class="mt-3">{ok(value)}</div> }.into_any(),
        (Err(error), None) => view! { <Problem error/> }.into_any(),
    }
}
