//! Questions before an act: a dialog that opens without code, whose answer the layout's island carries out.

use super::{
    button::{Button, Weight},
    dialog::{Dialog, DialogClose},
};
use leptos::prelude::*;

/// A question, perhaps with fields (children). `answer` is the button that does it, with `act`; it reads the fields by
/// their names, and a refusal is written below them.
#[component]
pub fn Question(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    /// The word of the safe answer.
    #[prop(default = "Keep it")]
    keep: &'static str,
    #[prop(into)] answer: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    let keeps = id.clone();
    view! {
        <form method="dialog" class="contents">
            <Dialog
                id
                title
                foot=move || {
                    view! {
                        <DialogClose of=keeps word=keep />
                        {answer.run()}
                    }
                }
            >
                {children()}
                <p class="err" data-err hidden role="alert"></p>
            </Dialog>
        </form>
    }
}

/// The question before something goes: one destructive answer, after which another page is shown.
#[component]
pub fn Removal(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    /// The answer: "Delete policy".
    word: &'static str,
    /// A word of `actions::ACTS`.
    #[prop(into)]
    act: String,
    /// Whom it is about: an id.
    #[prop(into)]
    of: String,
    /// Where to go when it is gone.
    #[prop(into)]
    then: String,
    children: Children,
) -> impl IntoView {
    let answer = move || view! { <Button weight=Weight::Destroy act of then>{word}</Button> };
    view! { <Question id title answer>{children()}</Question> }
}
