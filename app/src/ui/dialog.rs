//! Questions and menus by native elements: `<dialog>` opened by `command`, menus as popovers. Escape closes, focus
//! returns; none of it needs code.

use super::{
    button::{Button, Size, Weight},
    icon::Glyph,
};
use leptos::prelude::*;

/// A question. `Button opens=id` shows it; a button in `foot` with `command="close" commandfor=id`, or `DialogClose`,
/// shuts it. The safe answer comes first.
#[component]
pub fn Dialog(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    /// The row of answers.
    #[prop(into)]
    foot: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-h");
    view! {
        <dialog class="dialog" id=id aria-labelledby=heading>
            <div class="p-5">
                <h2 id=heading.clone()>{title}</h2>
                <div class="grid gap-3 mt-1 text-ink-2">{children()}</div>
            </div>
            <div class="acts justify-end p-3 border-t border-line">{foot.run()}</div>
        </dialog>
    }
}

/// The safe answer: closes the dialog and changes nothing. It stands first, so it has the focus when the dialog opens,
/// unless there is a field to fill in.
#[component]
pub fn DialogClose(
    /// Id of its dialog.
    #[prop(into)]
    of: String,
    /// "Keep it".
    #[prop(into)]
    word: String,
) -> impl IntoView {
    view! { <button type="button" class="btn" command="close" commandfor=of>{word}</button> }
}

/// A menu behind a button: links and buttons as direct children. `why` says what is off and why.
#[component]
pub fn Menu(
    #[prop(into)] id: String,
    /// The button's name: "Actions for shop-nightly". Its word when `show_word`, else read aloud only.
    #[prop(into)]
    label: String,
    #[prop(optional)] show_word: bool,
    /// In a row of a table.
    #[prop(optional)]
    small: bool,
    #[prop(optional, into)] why: Option<String>,
    children: Children,
) -> impl IntoView {
    let size = if small { Size::Small } else { Size::Normal };
    let button = if show_word {
        view! { <Button size shows=id.clone()>{label}<super::icon::Icon name=Glyph::Down/></Button> }.into_any()
    } else {
        let weight = if small { Weight::Quiet } else { Weight::Plain };
        view! { <Button size weight shows=id.clone() icon=Glyph::More label/> }.into_any()
    };
    view! {
        {button}
        <div class="menu" id=id popover="auto">
            {children()}
            {why.filter(|w| !w.is_empty()).map(|w| view! { <p class="why">{w}</p> })}
        </div>
    }
}

/// A short explanation behind an "i".
#[component]
pub fn Tip(
    #[prop(into)] id: String,
    /// "What is an RPO?"
    #[prop(into)]
    question: String,
    children: Children,
) -> impl IntoView {
    view! {
        <Button weight=Weight::Quiet size=Size::Small shows=id.clone() icon=Glyph::Info label=question/>
        <div class="menu" id=id popover="auto"><p class="why">{children()}</p></div>
    }
}
