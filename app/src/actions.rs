//! One island that carries out what a page's buttons say, so that rows need none of their own: a button with
//! `data-act` and `data-id` asks for something, the answer is announced, and the page is brought up to date.
//!
//! Attributes of the button: `data-act` (a word of [`ACTS`]), `data-id` (whose), `data-then` (where to go on success; else
//! the page is refreshed in place), `data-said` (what is announced on success). A button inside a `<form>` may need
//! fields: they are read by name, and a refusal is written into the form's element `[data-err]`.

#[cfg(feature = "hydrate")]
use crate::ui::part::follow;
use crate::ui::{
    Slot,
    part::{Part, div, live, p},
};
use leptos::prelude::*;

/// What can be asked for.
pub const ACTS: [&str; 21] = [
    "run",
    "pause",
    "resume-quiet",
    "resume-now",
    "delete-definition",
    "delete-policy",
    "reapply",
    "adopt",
    "retry-definition",
    "retry-connection",
    "remove-connection",
    "delete-point",
    "delete-workspace",
    "revoke-session",
    "user-role",
    "user-disable",
    "user-enable",
    "user-reset",
    "user-add",
    "zone",
    "password",
];

/// The island; once a page, in the layout. It also holds the page's announcements.
#[island]
pub fn Actions() -> impl IntoView {
    let said = Slot::new(None::<(bool, String)>);
    #[cfg(feature = "hydrate")]
    follow(move || browser::listen(said));
    let toast = move || {
        said.get().map(|(good, text)| p("toast").attr("data-tone", if good { "good" } else { "bad" }).put(text))
    };
    Part::from(div("toasts").attr("role", "status").attr("aria-live", "polite").put(live(toast)))
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::ui::Slot;
    use crate::{
        api::{accounts, activity, connections, definitions, policies, workspaces},
        error::{ApiError, ErrorKind},
    };
    use leptos::task::spawn_local;
    use model::{ConnectionId, DefinitionId, PointId, PolicyId, SessionId, UserId, WorkspaceId, view::Resume};
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlSelectElement};

    type Say = Slot<Option<(bool, String)>>;

    pub(super) fn listen(say: Say) {
        let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
        let on = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            let button = event
                .target()
                .and_then(|t| t.dyn_into::<Element>().ok())
                .and_then(|e| e.closest("[data-act]").ok().flatten());
            if let Some(button) = button {
                event.prevent_default();
                press(button, say);
            }
        });
        let _ = document.add_event_listener_with_callback("click", on.as_ref().unchecked_ref());
        on.forget();
        // Enter in the only field of a question: the browser would close it as if it had been answered.
        let entered = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            let form = event.target().and_then(|t| t.dyn_into::<Element>().ok());
            if let Some(button) = form.and_then(|f| f.query_selector("[data-act]").ok().flatten()) {
                event.prevent_default();
                press(button, say);
            }
        });
        let _ = document.add_event_listener_with_callback("submit", entered.as_ref().unchecked_ref());
        entered.forget();
    }

    fn press(button: Element, say: Say) {
        if button.has_attribute("aria-busy") {
            return;
        }
        let _ = button.set_attribute("aria-busy", "true");
        // What this page shows may be gone before the answer is here.
        if button.has_attribute("data-then") {
            crate::morph::leave();
        }
        spawn_local(async move {
            let outcome = ask(&button).await;
            let _ = button.remove_attribute("aria-busy");
            match outcome {
                Ok(answer) => succeed(&button, answer, say),
                Err(error) => fail(&button, &error, say),
            }
        });
    }

    /// What a successful act leads to.
    enum Answer {
        Done,
        Go(String),
        /// A secret shown once, in the form's `[data-once]`.
        Once(String),
    }

    async fn ask(button: &Element) -> Result<Answer, ApiError> {
        let id = button.get_attribute("data-id").unwrap_or_default();
        let definition = || DefinitionId(id.clone());
        match button.get_attribute("data-act").unwrap_or_default().as_str() {
            "run" => {
                let run = definitions::run_now(definition()).await?;
                return Ok(if button.has_attribute("data-stay") {
                    Answer::Done
                } else {
                    Answer::Go(crate::paths::run(&run))
                });
            }
            "pause" => definitions::pause_definition(definition()).await?,
            "resume-quiet" => definitions::resume_definition(definition(), Resume::WaitForNext).await?,
            "resume-now" => definitions::resume_definition(definition(), Resume::MayRunAtOnce).await?,
            "delete-definition" => definitions::delete_definition(definition()).await?,
            "delete-policy" => policies::delete_policy(PolicyId(id)).await?,
            "reapply" => definitions::reapply_definition(definition()).await?,
            "adopt" => definitions::adopt_definition(definition()).await?,
            "retry-definition" => definitions::retry_definition(definition()).await?,
            "retry-connection" => connections::retry_connection(ConnectionId(id)).await?,
            "remove-connection" => connections::remove_connection(ConnectionId(id)).await?,
            "delete-point" => activity::delete_point(PointId(id), field(button, "confirm")).await?,
            "delete-workspace" => workspaces::delete_workspace(WorkspaceId(id)).await?,
            "revoke-session" => accounts::revoke_session(SessionId(id)).await?,
            "user-role" => accounts::set_user_role(UserId(id), field(button, "role")).await?,
            "user-disable" => accounts::set_user_disabled(UserId(id), true).await?,
            "user-enable" => accounts::set_user_disabled(UserId(id), false).await?,
            "user-reset" => return accounts::reset_user_password(UserId(id)).await.map(Answer::Once),
            "user-add" => {
                return accounts::add_user(field(button, "name"), field(button, "role")).await.map(Answer::Once);
            }
            "zone" => accounts::set_zone(field(button, "zone")).await?,
            "password" => accounts::change_password(field(button, "old"), field(button, "new")).await?,
            other => {
                return Err(ApiError::new(ErrorKind::Bug, format!("This page asks for “{other}”, which is unknown.")));
            }
        }
        Ok(Answer::Done)
    }

    fn form(button: &Element) -> Option<Element> {
        button.closest("form").ok().flatten()
    }

    fn field(button: &Element, name: &str) -> String {
        form(button)
            .and_then(|f| f.query_selector(&format!("[name=\"{name}\"]")).ok().flatten())
            .map(|e| {
                if let Some(input) = e.dyn_ref::<HtmlInputElement>() {
                    input.value()
                } else if let Some(select) = e.dyn_ref::<HtmlSelectElement>() {
                    select.value()
                } else {
                    String::new()
                }
            })
            .unwrap_or_default()
    }

    fn succeed(button: &Element, answer: Answer, say: Say) {
        if let Answer::Once(secret) = &answer {
            if let Some(place) = form(button).and_then(|f| f.query_selector("[data-once]").ok().flatten()) {
                place.set_text_content(Some(secret));
                if let Some(e) = place.closest("[hidden]").ok().flatten() {
                    let _ = e.remove_attribute("hidden");
                }
            }
        } else if let Some(dialog) =
            button.closest("dialog").ok().flatten().and_then(|d| d.dyn_into::<HtmlDialogElement>().ok())
        {
            dialog.close();
        } else if let Some(menu) =
            button.closest("[popover]").ok().flatten().and_then(|m| m.dyn_into::<HtmlElement>().ok())
        {
            let _ = menu.hide_popover();
        }
        refuse(button, "");
        if let Some(said) = button.get_attribute("data-said") {
            say.set(Some((true, said)));
        }
        let there = match answer {
            Answer::Go(there) => Some(there),
            _ => button.get_attribute("data-then"),
        };
        match (there, web_sys::window()) {
            (Some(there), Some(window)) => {
                let _ = window.location().set_href(&there);
            }
            _ => crate::morph::refresh_now(),
        }
    }

    fn fail(button: &Element, error: &ApiError, say: Say) {
        crate::morph::stay();
        if error.kind == ErrorKind::SignedOut
            && let Some(window) = web_sys::window()
        {
            let _ = window.location().reload();
            return;
        }
        let sentence = error.fields.first().map_or_else(|| error.message.clone(), |field| field.sentence.clone());
        if !refuse(button, &sentence) {
            say.set(Some((false, sentence)));
        }
    }

    /// Writes the sentence into the form; false when the form has no place for it.
    fn refuse(button: &Element, sentence: &str) -> bool {
        let place = form(button)
            .or_else(|| button.closest("dialog").ok().flatten())
            .and_then(|f| f.query_selector("[data-err]").ok().flatten());
        let Some(place) = place else { return false };
        place.set_text_content(Some(sentence));
        if sentence.is_empty() {
            let _ = place.set_attribute("hidden", "");
        } else {
            let _ = place.remove_attribute("hidden");
        }
        true
    }
}
