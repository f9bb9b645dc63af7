//! The furniture of a page: head, sections, panels, facts.

use leptos::prelude::*;

/// The page's head: its one h1, what it says, what can be done.
#[component]
pub fn Head(
    #[prop(into)] title: String,
    /// A state beside the title.
    #[prop(optional, into)]
    sign: Option<super::state::Sign>,
    /// One or two sentences under it.
    #[prop(optional)]
    lead: Option<AnyView>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="head">
            <div>
                {match sign {
                    Some(of) => view! {
                        <h1 class="flex flex-wrap items-center gap-x-3 gap-y-1">
                            <span>{title}</span>
                            " "
                            <super::state::State of tag=true/>
                        </h1>
                    }.into_any(),
                    None => view! { <h1>{title}</h1> }.into_any(),
                }}
                {lead.map(|l| view! { <p class="lead">{l}</p> })}
            </div>
            {children.map(|c| view! { <div class="acts">{c()}</div> })}
        </header>
    }
}

/// A part of a page under its own h2; `id` is its anchor.
#[component]
pub fn Section(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    /// To the right of the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// Read the heading aloud only.
    #[prop(optional)]
    hide_title: bool,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-h");
    let class = if class.is_empty() { "sec".to_owned() } else { format!("sec {class}") };
    let head = if hide_title {
        view! { <h2 id=heading.clone() class="sr-only">{title}</h2> }.into_any()
    } else {
        view! {
            <div class="sec-head">
                <h2 id=heading.clone()>{title}</h2>
                {note.filter(|t| !t.is_empty()).map(|n| view! { <p class="note">{n}</p> })}
            </div>
        }
        .into_any()
    };
    view! {
        <section class=class id=id aria-labelledby=heading>
            {head}
            {children()}
        </section>
    }
}

/// A panel with its own h2: a list of needs, of causes, a form.
#[component]
pub fn Panel(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    #[prop(optional, into)] note: Option<String>,
    /// Room around the content; lists bring their own.
    #[prop(optional)]
    padded: bool,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-h");
    let class = if class.is_empty() { "panel".to_owned() } else { format!("panel {class}") };
    view! {
        <section class=class id=id aria-labelledby=heading>
            <div class="panel-head">
                <h2 id=heading.clone()>{title}</h2>
                {note.filter(|t| !t.is_empty()).map(|n| view! { <p class="note">{n}</p> })}
            </div>
            {if padded {
                view! { <div class="panel-body">{children()}</div> }.into_any()
            } else {
                children().into_any()
            }}
        </section>
    }
}

/// The few numbers of a thing, in one line. Holds `Fact`s.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One number with what it counts.
#[component]
pub fn Fact(
    #[prop(into)] label: String,
    #[prop(optional, into)] sub: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{children()}{sub.filter(|s| !s.is_empty()).map(|s| view! { " "<span class="sub">{s}</span> })}</dd>
        </div>
    }
}

/// Names and values, one line each. Holds `Pair`s.
#[component]
pub fn Pairs(#[prop(optional)] class: &'static str, children: Children) -> impl IntoView {
    let class = if class.is_empty() { "kv".to_owned() } else { format!("kv {class}") };
    view! { <dl class=class>{children()}</dl> }
}

/// One name and its value; a long value breaks anywhere.
#[component]
pub fn Pair(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <dt>{label}</dt>
        <dd>{children()}</dd>
    }
}

/// Something that opens: `summary` says what is inside, `note` how much.
#[component]
pub fn Fold(
    #[prop(into)] summary: String,
    #[prop(optional, into)] note: Option<String>,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="fold" open=open>
            <summary><b>{summary}</b>{note.filter(|t| !t.is_empty()).map(|n| view! { <span>{n}</span> })}</summary>
            {children()}
        </details>
    }
}

/// A key of the keyboard.
#[component]
pub fn Key(#[prop(into)] of: String) -> impl IntoView {
    view! { <kbd>{of}</kbd> }
}
