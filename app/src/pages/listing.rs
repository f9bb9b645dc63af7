//! The frame of a filtered list: its table and pages, or why it is empty.

use crate::{paths, ui::*};
use leptos::prelude::*;
use model::view::Page;

/// What a list is called.
pub struct Words {
    /// "run".
    pub one: &'static str,
    /// "runs".
    pub many: &'static str,
    /// "Runs".
    pub title: &'static str,
    /// Its own address, without filters.
    pub path: &'static str,
}

/// The list under its filters. `address` gives the address of the page with a key, `empty` what is said when there is
/// nothing at all, `row` a row of the table.
pub fn listing<T, R: IntoView + 'static>(
    words: Words,
    page: Page<T>,
    filtered: bool,
    address: impl Fn(&str) -> String,
    columns: Vec<Column>,
    empty: impl FnOnce() -> AnyView,
    row: impl Fn(T) -> R,
) -> AnyView {
    let Words { one, many, title, path } = words;
    if page.rows.is_empty() {
        if !filtered {
            return empty();
        }
        return view! {
            <Empty title=format!("No {one} fits these filters") what="Other filters may show more.">
                <LinkButton href=path>"Show all"</LinkButton>
            </Empty>
        }
        .into_any();
    }
    let link = |key: &Option<String>| key.as_ref().map(|k| address(k));
    let (previous, next) = (link(&page.previous), link(&page.next));
    let (shown, all) = (page.rows.len() as u64, words::plural(page.total, one, many));
    let note = if shown == page.total { all } else { format!("{shown} of {all}") };
    let rows = page.rows.into_iter().map(row).collect_view();
    view! {
        <Table label=title columns wide=true>
            {rows}
        </Table>
        <Pager label=format!("Pages of {many}") previous next note />
    }
    .into_any()
}

/// What an empty list says that fills by what definitions do.
pub fn fills_by_itself(title: &'static str, what: &'static str) -> AnyView {
    view! {
        <Empty title what>
            <LinkButton href=paths::DEFINITIONS>"Open definitions"</LinkButton>
        </Empty>
    }
    .into_any()
}
