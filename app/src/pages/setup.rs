//! The first visit: the first administrator is made with the code that the server printed to its log.

use super::framed::query;
use crate::{layout::BareLayout, paths, ui::*};
use leptos::prelude::*;
use model::account::PASSWORD_MIN;

#[component]
pub fn Setup() -> impl IntoView {
    let problem = query("problem");
    let code = (problem == "code").then(|| {
        "That is not the code of the newest start. Read the last line with “setup code” in the log.".to_owned()
    });
    let name = (problem == "name").then(|| "Use 1 to 64 letters, digits, dots, - and _.".to_owned());
    let password = match problem.as_str() {
        "password" => {
            Some(format!("At least {PASSWORD_MIN} characters, several of them different, and not the name in it."))
        }
        "mismatch" => Some("The two passwords differ.".to_owned()),
        _ => None,
    };
    let throttled = match problem.as_str() {
        "throttled" => Some("Too many wrong codes. Wait a minute, then try again."),
        "busy" => Some("The store of this server is not writable now: nothing was saved. Its log says why."),
        _ => None,
    };
    view! {
        <BareLayout title="Set up Holdfast">
            <h1>"Set up Holdfast"</h1>
            <p class="lead">
                "Nobody can sign in yet. Create the first administrator; this page then closes for good."
            </p>
            {throttled.map(|t| view! { <Callout tone=Tone::Warn title=t role="alert" /> })}
            <form action=paths::SETUP method="post" class="grid gap-5 mt-6">
                {entry("code", "Setup code", "text", "one-time-code", query("code"), code, Some(
                    "The server wrote it to its log when it started. A new start makes a new code; the newest line counts.",
                ))}
                {entry("name", "Name", "text", "username", query("name"), name, None)}
                {entry("password", "Password", "password", "new-password", String::new(), password, Some(
                    "12 characters or more. A sentence is good. There is no default password anywhere in Holdfast.",
                ))}
                {entry("again", "Password, once more", "password", "new-password", String::new(), None, None)}
                <button class="btn btn-primary btn-tall">"Create administrator"</button>
            </form>
        </BareLayout>
    }
}

/// A field of the form with its error and its help.
fn entry(
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    value: String,
    error: Option<String>,
    help: Option<&'static str>,
) -> impl IntoView {
    let (err_id, help_id) = (format!("{name}-e"), format!("{name}-h"));
    let described = [error.is_some().then(|| err_id.clone()), help.map(|_| help_id.clone())];
    let described: Vec<String> = described.into_iter().flatten().collect();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required
                value=value
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=(!described.is_empty()).then(|| described.join(" "))
            />
            {error
                .map(|e| {
                    view! {
                        <p class="err" id=err_id role="alert">
                            <Icon name=Glyph::Failed />
                            {e}
                        </p>
                    }
                })}
            {help.map(|h| view! { <p class="help" id=help_id>{h}</p> })}
        </div>
    }
}
