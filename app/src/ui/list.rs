//! Around a list: filters, tallies, tabs, pages. All of it lives in the URL, as links and a form that GETs.

use super::{
    button::{Button, LinkButton},
    field::{Answer, options},
    icon::{Glyph, Icon},
    state::Tone,
};
use leptos::prelude::*;

/// One count that is also a filter.
#[derive(Clone, Debug)]
pub struct Count {
    pub n: u64,
    pub word: String,
    pub href: String,
    pub current: bool,
    /// `None`: the count of all, without a sign.
    pub sign: Option<(Tone, Glyph)>,
}

/// Counts that filter: "10 all, 4 at risk".
#[component]
pub fn Tally(#[prop(into)] label: String, counts: Vec<Count>) -> impl IntoView {
    let links = counts
        .into_iter()
        .map(|c| {
            let tone = c.sign.map(|(tone, _)| tone.key());
            view! {
                <a href=c.href aria-current=c.current.then_some("true") data-tone=tone>
                    {c.sign.map(|(_, name)| view! { <Icon name/> })}
                    <b>{super::words::count(c.n)}</b>
                    " "
                    {c.word}
                </a>
            }
        })
        .collect_view();
    view! { <nav class="tally" aria-label=label>{links}</nav> }
}

/// Parts of one thing: word, address, whether it is the one shown.
#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<(String, String, bool)>) -> impl IntoView {
    let links = tabs
        .into_iter()
        .map(|(word, href, current)| view! { <a href=href aria-current=current.then_some("page")>{word}</a> })
        .collect_view();
    view! { <nav class="tabs" aria-label=label>{links}</nav> }
}

/// The filters of a list: a form that GETs `action`. Its button works without code.
#[component]
pub fn Filters(
    /// "Filter definitions".
    #[prop(into)]
    label: String,
    #[prop(into)] action: String,
    /// Beside the form, such as a `Tally`.
    #[prop(optional, into)]
    beside: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="filters">
            <form class="filters-form" method="get" action=action role="search" aria-label=label>
                {children()}
                <Button submit=true>"Filter"</Button>
            </form>
            {beside.map(|b| b.run())}
        </div>
    }
}

/// Text that the list is searched for.
#[component]
pub fn FilterText(
    /// Both the name and what stands in the empty field: "Name or namespace".
    #[prop(into)]
    label: String,
    #[prop(default = "text".into(), into)] name: String,
    #[prop(optional, into)] value: String,
) -> impl IntoView {
    let id = format!("filter-{name}");
    view! {
        <div class="field filter-text">
            <label class="sr-only" for=id.clone()>{label.clone()}</label>
            <input id=id name=name type="search" placeholder=label value=value autocomplete="off"/>
        </div>
    }
}

/// One of a few values; the empty value filters nothing.
#[component]
pub fn FilterSelect(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    answers: Vec<Answer>,
    #[prop(optional, into)] value: String,
) -> impl IntoView {
    view! {
        <label class="filter">
            <span>{label}</span>
            <select name=name>{options(answers, value.into())}</select>
        </label>
    }
}

/// A filter that stays as it is while others change.
#[component]
pub fn FilterKept(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    (!value.is_empty()).then(|| view! { <input type="hidden" name=name value=value/> })
}

/// Newer and older. Addresses carry the keys; there are no page numbers to be wrong.
#[component]
pub fn Pager(
    /// "Pages of runs".
    #[prop(into)]
    label: String,
    #[prop(into)] previous: Option<String>,
    #[prop(into)] next: Option<String>,
    /// "50 of 4,218 runs".
    #[prop(optional, into)]
    note: Option<String>,
) -> impl IntoView {
    let paged = previous.is_some() || next.is_some();
    view! {
        <div class="pager">
            <p class="note">{note}</p>
            {paged.then(|| view! {
                <nav class="acts" aria-label=label>
                    {previous.map(|href| view! { <LinkButton href icon=Glyph::Back>"Previous"</LinkButton> })}
                    {next.map(|href| view! { <LinkButton href>"Next"<Icon name=Glyph::Arrow/></LinkButton> })}
                </nav>
            })}
        </div>
    }
}
