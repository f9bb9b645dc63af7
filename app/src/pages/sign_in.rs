//! Sign-in: a plain form, without scripts. What went wrong comes back in the query as a code; the sentence is here, so
//! that nobody can put words on this page by a link.

use super::framed::query;
use crate::{layout::BareLayout, paths, ui::*};
use leptos::prelude::*;

#[component]
pub fn SignIn() -> impl IntoView {
    let problem = match query("problem").as_str() {
        "wrong" => Some("Name or password is wrong.".to_owned()),
        "throttled" => {
            let after: i64 = query("after").parse().unwrap_or(60);
            Some(format!("Too many tries. Wait {}, then try again.", words::span(after.clamp(1, 86_400) * 1000)))
        }
        "expired" => Some("Your session has ended. Sign in again.".to_owned()),
        "busy" => {
            Some("The store of this server is not writable now; nobody can sign in. Its log says why.".to_owned())
        }
        _ => None,
    };
    let wrong = problem.is_some();
    view! {
        <BareLayout title="Sign in">
            <h1>"Sign in"</h1>
            <form action=paths::SIGN_IN method="post" class="grid gap-4 mt-6">
                {Some(query("next")).filter(|n| !n.is_empty()).map(|n| view! { <input type="hidden" name="next" value=n /> })}
                <div class="field">
                    <label for="name">"Name"</label>
                    <input
                        id="name"
                        name="name"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        value=query("name")
                        autofocus=!wrong
                    />
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input
                        id="password"
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        required
                        autofocus=wrong
                        aria-invalid=wrong.then_some("true")
                        aria-describedby=wrong.then_some("problem")
                    />
                    {problem
                        .map(|p| {
                            view! {
                                <p class="err" id="problem" role="alert">
                                    <Icon name=Glyph::Failed />
                                    {p}
                                </p>
                            }
                        })}
                </div>
                <button class="btn btn-primary btn-tall">"Sign in"</button>
            </form>
            <p class="help mt-6">
                "Forgot it? Another administrator can set a new one under Users, or run "
                <code>"holdfast user reset-password NAME"</code> " on the server."
            </p>
        </BareLayout>
    }
}
