//! Tables that become cards when their own panel is narrow: the first cell names the row, `label` names the others.

use super::icon::{Glyph, Icon};
use leptos::{either::Either, prelude::*};

/// A column's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub title: String,
    /// Figures stand on the right.
    pub num: bool,
    /// Read aloud only, such as "Actions".
    pub hidden: bool,
    /// Where its head leads: the same list, ordered by it.
    pub sort: Option<String>,
    /// How the list is ordered by it now.
    pub order: Option<Order>,
    /// First and last of a row of days, shown in the place of the title.
    pub ends: Option<(String, String)>,
}

/// The order of a list by one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

impl Column {
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// A column of figures.
    pub fn num(title: impl Into<String>) -> Self {
        Self { title: title.into(), num: true, ..Self::default() }
    }

    /// A column whose head is read aloud only.
    pub fn hidden(title: impl Into<String>) -> Self {
        Self { title: title.into(), hidden: true, ..Self::default() }
    }

    /// A column of days; the title is read aloud only.
    pub fn days(title: impl Into<String>, first: String, last: impl Into<String>) -> Self {
        Self { title: title.into(), ends: Some((first, last.into())), ..Self::default() }
    }

    /// Can be ordered by: `key` ascending, `-key` descending. `now` is the list's `sort`, `href` makes the link.
    #[must_use]
    pub fn sorted(mut self, key: &str, now: &str, href: impl FnOnce(&str) -> String) -> Self {
        let down = format!("-{key}");
        let (order, next) = if now == key {
            (Some(Order::Ascending), down.as_str())
        } else if now == down {
            (Some(Order::Descending), key)
        } else {
            (None, key)
        };
        self.sort = Some(href(next));
        self.order = order;
        self
    }
}

/// A table in its panel. Rows are `Row`s of `Cell`s.
#[component]
pub fn Table(
    /// The table's name, read aloud.
    #[prop(into)]
    label: String,
    columns: Vec<Column>,
    /// Many columns: cards from 61rem down instead of 42rem.
    #[prop(optional)]
    wide: bool,
    /// Low rows.
    #[prop(optional)]
    tight: bool,
    #[prop(optional)] class: &'static str,
    /// It may have more columns than fit: a group that the keyboard can reach and scroll. No landmark: its section is one already.
    #[prop(optional)]
    scrolls: bool,
    /// Live updates leave its rows in their order: they do not jump under the pointer.
    #[prop(optional)]
    still: bool,
    children: Children,
) -> impl IntoView {
    let region = scrolls.then(|| label.clone());
    let mut classes = String::from("tbl tbl-stack");
    for (on, name) in [(wide, "tbl-wide"), (tight, "tbl-tight"), (!class.is_empty(), class)] {
        if on {
            classes.push(' ');
            classes.push_str(name);
        }
    }
    let heads = columns
        .into_iter()
        .map(|c| {
            let sort = c.order.map(|o| if o == Order::Ascending { "ascending" } else { "descending" });
            let title = if c.hidden {
                view! { <span class="sr-only">{c.title}</span> }.into_any()
            } else if let Some((first, last)) = c.ends {
                view! {
                    <span class="sr-only">{c.title}</span>
                    <span class="flex justify-between w-[14.875rem]" aria-hidden="true">
                        <span>{first}</span>
                        <span>{last}</span>
                    </span>
                }
                .into_any()
            } else if let Some(href) = c.sort {
                let arrow = c.order.map(|o| {
                    let name = if o == Order::Ascending { Glyph::Up } else { Glyph::Down };
                    view! { <Icon name/> }
                });
                view! { <a class="sort" href=href>{c.title}{arrow}</a> }.into_any()
            } else {
                c.title.into_any()
            };
            view! { <th scope="col" class=c.num.then_some("num") aria-sort=sort>{title}</th> }
        })
        .collect_view();
    view! {
        <div
            class="panel panel-table"
            role=scrolls.then_some("group")
            aria-label=region
            tabindex=scrolls.then_some("0")
        >
            <table class=classes>
                <caption class="sr-only">{label}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody data-still=still.then_some("")>{children()}</tbody>
            </table>
        </div>
    }
}

/// A row; its first cell is its name.
#[component]
pub fn Row(
    #[prop(into)] name: String,
    #[prop(optional, into)] href: Option<String>,
    /// Second line under the name.
    #[prop(optional, into)]
    sub: Option<String>,
    /// What it shows is of a connection that doesn't answer: greyed.
    #[prop(optional)]
    silent: bool,
    /// Anchor and hook of live updates: rows keep their element.
    #[prop(optional, into)]
    id: Option<String>,
    children: Children,
) -> impl IntoView {
    let name = match href.filter(|h| !h.is_empty()) {
        Some(href) => view! { <a class="row-name" href=href>{name}</a> }.into_any(),
        None => view! { <span class="row-name">{name}</span> }.into_any(),
    };
    let inside = view! {
        <th scope="row">{name}{sub.filter(|s| !s.is_empty()).map(|s| view! { <span class="sub">{s}</span> })}</th>
        {children()}
    };
    if silent {
        Either::Left(view! { <tr id=id class="is-silent">{inside}</tr> })
    } else {
        Either::Right(view! { <tr id=id>{inside}</tr> })
    }
}

/// A cell. `label` is the column's head again, shown when the row is a card.
#[component]
pub fn Cell(
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional)] num: bool,
    /// Takes the whole width of a card.
    #[prop(optional)]
    wide: bool,
    /// Holds the row's menu.
    #[prop(optional)]
    menu: bool,
    /// Second line.
    #[prop(optional, into)]
    sub: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let class = match (num, wide, menu) {
        (_, _, true) => Some("row-menu"),
        (true, true, _) => Some("num wide"),
        (true, false, _) => Some("num"),
        (false, true, _) => Some("wide"),
        _ => None,
    };
    let inside = view! {
        {children.map(|c| c())}
        {sub.filter(|s| !s.is_empty()).map(|s| view! { <span class="sub">{s}</span> })}
    };
    // An absent class would be sent as `class=""`, thousands of times on a long list.
    match class {
        Some(class) => Either::Left(view! { <td data-th=label class=class>{inside}</td> }),
        None => Either::Right(view! { <td data-th=label>{inside}</td> }),
    }
}

/// Rows not yet here, on the very first load only; afterwards the last value stays.
#[component]
pub fn Bones(#[prop(into)] label: String, #[prop(default = 3)] rows: u8) -> impl IntoView {
    view! {
        <div class="panel panel-table overflow-hidden" role="group" aria-busy="true" aria-label=label>
            <table class="tbl table-fixed" aria-hidden="true">
                <tbody>
                    {(0..rows)
                        .map(|_| {
                            view! {
                                <tr>
                                    <td><span class="bone w-24"></span></td>
                                    <td><span class="bone w-40"></span></td>
                                    <td><span class="bone w-16"></span></td>
                                    <td><span class="bone w-56"></span></td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}
