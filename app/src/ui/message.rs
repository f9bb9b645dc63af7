//! Sentences that matter, each with its way out: what, why, what to do.

#[cfg(feature = "ssr")]
use super::{
    icon::Icon,
    part::{inside, view},
};
use super::{
    icon::{Glyph, icon},
    part::{El, Part, Words, div, el, p, span},
    state::{Sign, Tone},
};
#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// A sentence with its consequence, on the ground of its tone. `title` says what happened, in bold.
pub fn callout(
    tone: Tone,
    glyph: Glyph,
    role: Option<&'static str>,
    title: Option<Words>,
    inside: impl Into<Part>,
) -> El {
    div("callout")
        .attr("data-tone", tone.key())
        .attr("role", role)
        .put(icon(glyph))
        .put(el("div").put(title.map(|title| el("p").put(el("b").put(title)))).put(inside))
}

/// The same in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn Callout(
    tone: Tone,
    /// What happened, in bold.
    #[prop(optional, into)]
    title: Option<String>,
    #[prop(optional, into)] icon: Option<Glyph>,
    /// Read aloud when it appears after an act: `alert` for a refusal, `status` for the rest.
    #[prop(optional)]
    role: Option<&'static str>,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let title = title.filter(|t| !t.is_empty()).map(Into::into);
    Part::from(callout(tone, icon.unwrap_or(tone.glyph()), role, title, inside(children)).attr("id", id))
}

/// One line of a list of things to settle (`<ul>` or `<ol>` around it). `name` is whom it is about, a column of its
/// own; `acts` are the buttons that settle it.
pub fn need(sign: Sign, name: Option<Part>, what: String, sub: Option<Part>, acts: Option<Part>) -> Part {
    let name = name.map(|name| p("need-name").put(name).put(span("sr-only").put(format!(", {}:", sign.word))));
    el("li")
        .class(if name.is_some() { "need need-named" } else { "need" })
        .attr("data-tone", sign.tone.key())
        .put(icon(sign.glyph))
        .put(name)
        .put(el("div").put(el("p").put(what)).put(sub.map(|sub| p("sub").put(sub))))
        .put(acts.map(|acts| div("acts").put(acts)))
        .into()
}

/// The same in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn Need(
    #[prop(into)] sign: Sign,
    /// Whom it is about; a column of its own.
    #[prop(optional, into)]
    name: Option<String>,
    #[prop(optional, into)] href: Option<String>,
    #[prop(into)] what: String,
    /// Since when, how often.
    #[prop(optional)]
    sub: Option<AnyView>,
    /// Buttons that settle it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let name = name.filter(|name| !name.is_empty()).map(|name| match href {
        Some(href) => el("a").class("row-name").attr("href", href).put(name).into(),
        None => span("row-name").put(name).into(),
    });
    need(sign, name, what, sub.map(view), children.map(|children| inside(Some(children))))
}

/// A cause of trouble: heading, explanation (children) and remedy.
#[cfg(feature = "ssr")]
#[component]
pub fn Cause(
    tone: Tone,
    #[prop(into)] title: String,
    /// "1 error, every run since 22 Oct".
    #[prop(optional, into)]
    note: Option<String>,
    #[prop(optional, into)] remedy: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <article class="cause" data-tone=tone.key()>
            <Icon name=tone.glyph()/>
            <div>
                <div class="flex flex-wrap items-baseline justify-between gap-x-4">
                    <h3>{title}</h3>
                    {note.filter(|t| !t.is_empty()).map(|n| view! { <span class="note">{n}</span> })}
                </div>
                {children.map(|c| c())}
                {remedy.filter(|t| !t.is_empty()).map(|r| view! { <p class="todo">{r}</p> })}
            </div>
        </article>
    }
}

/// Nothing here yet: what will be here, what to do, how long it takes.
pub fn empty(title: impl Into<Words>, what: impl Into<Words>, acts: Option<Part>) -> Part {
    let inside = div("empty")
        .put(el("h2").put(title.into()))
        .put(el("p").put(what.into()))
        .put(acts.map(|acts| div("acts").put(acts)));
    div("panel").put(inside).into()
}

/// The same in a page of the server. `children` are the buttons.
#[cfg(feature = "ssr")]
#[component]
pub fn Empty(
    #[prop(into)] title: String,
    #[prop(into)] what: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    empty(title, what, children.map(|children| inside(Some(children))))
}

/// What an act came to; the region it appears in is the island `actions::Actions`. An error stays until it is dismissed; form errors belong to their fields instead.
#[cfg(feature = "ssr")]
#[component]
pub fn Toast(
    tone: Tone,
    #[prop(into)] title: String,
    #[prop(optional, into)] sub: Option<String>,
    #[prop(optional, into)] close: Option<Callback<()>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="toast" data-tone=tone.key()>
            <Icon name=tone.glyph()/>
            <div>
                <p><b>{title}</b></p>
                {sub.filter(|t| !t.is_empty()).map(|s| view! { <p class="sub">{s}</p> })}
                {children.map(|c| c())}
            </div>
            {close.map(|close| view! {
                <button type="button" class="btn btn-quiet btn-icon btn-sm" aria-label="Dismiss" on:click=move |_| close.run(())>
                    <Icon name=Glyph::Close/>
                </button>
            })}
        </div>
    }
}
