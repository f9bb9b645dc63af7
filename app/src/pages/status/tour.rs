//! In the demonstration: a short list of things to try. Its reader can put it away.

use crate::{kept::KeptClosed, ui::*};
use leptos::prelude::*;
use model::view::Hint;

pub fn tour(hints: Vec<Hint>) -> AnyView {
    if hints.is_empty() {
        return ().into_any();
    }
    let note = words::plural(hints.len() as u64, "thing", "things");
    view! {
        <KeptClosed />
        <div class="panel mb-6">
            <details class="fold" id="tour" open data-kept="">
                <summary>
                    <b>"Things to try in this demonstration"</b>
                    <span>{note}</span>
                </summary>
                <ol>
                    {hints
                        .into_iter()
                        .map(|hint| {
                            view! {
                                <li class="need">
                                    <Icon name=Glyph::Arrow />
                                    <p>{hint.sentence}</p>
                                    <div class="acts">
                                        <LinkButton href=hint.link size=Size::Small>
                                            {hint.action}
                                        </LinkButton>
                                    </div>
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            </details>
        </div>
    }
    .into_any()
}
