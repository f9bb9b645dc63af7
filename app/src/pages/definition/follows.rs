//! The policy of the library that a definition follows, and why it stays behind it.

use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{policy::Follows, view::DefinitionDetail};

/// One of the facts; nothing where the definition has a rhythm of its own.
pub(super) fn fact(d: &DefinitionDetail) -> AnyView {
    d.row
        .follows
        .clone()
        .map(|of| {
            let sub =
                if of.refused.is_empty() { format!("version {}", of.version) } else { "not the newest version".into() };
            view! {
                <Fact label="Policy" sub>
                    <a href=paths::policy(&of.policy)>{of.name.clone()}</a>
                </Fact>
            }
        })
        .into_any()
}

/// That the policy's newest version can't be had here, and what stays.
pub(super) fn refused(d: &DefinitionDetail) -> AnyView {
    let Some(Follows { policy, name, version, refused }) = d.row.follows.clone().filter(|of| !of.refused.is_empty())
    else {
        return ().into_any();
    };
    let why = refused.into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view();
    view! {
        <Callout tone=Tone::Warn title=format!("The newest version of {name} is not taken over")>
            {why}
            <p>{format!("What version {version} said stays in force.")}</p>
            <p class="acts mt-2">
                <LinkButton href=paths::policy(&policy) size=Size::Small>
                    {format!("Open {name}")}
                </LinkButton>
            </p>
        </Callout>
    }
    .into_any()
}
