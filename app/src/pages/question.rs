//! Questions before an act: a dialog that opens without code, whose answer the layout's island carries out.

use crate::ui::{Dialog, DialogClose};
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
