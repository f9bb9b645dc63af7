//! What the chosen connection has, read live: namespaces, locations, kinds. The last good list stays when a new one
//! can't be had.

use super::{browser, state::Wizard};
use crate::{
    api,
    error::ApiError,
    ui::{
        Glyph, Slot, icon,
        part::{Part, el, live, p, parts},
        words,
    },
};
use leptos::{prelude::*, task::spawn_local};
use model::{ConnectionId, connection::Inventory};

/// The list and how it stands.
#[derive(Clone, Copy)]
pub struct Listing {
    /// Whose list is wanted; an answer for another connection is thrown away.
    of: Slot<String>,
    pub good: Slot<Option<Inventory>>,
    pub error: Slot<Option<ApiError>>,
    pub busy: Slot<bool>,
    /// When the list came, by the browser's clock.
    came: Slot<Option<i64>>,
    now: Slot<Option<i64>>,
}

impl Listing {
    pub fn new() -> Self {
        Self {
            of: Slot::new(String::new()),
            good: Slot::new(None),
            error: Slot::new(None),
            busy: Slot::new(false),
            came: Slot::new(None),
            now: Slot::new(None),
        }
    }

    /// Asks for this connection's list unless it is here or on its way.
    pub fn want(self, connection: String) {
        if self.of.with_untracked(|of| *of == connection) {
            return;
        }
        let first = self.of.with_untracked(String::is_empty);
        self.good.set(None);
        self.error.set(None);
        self.came.set(None);
        self.of.set(connection);
        self.ask();
        if first && browser::now().is_some() {
            set_interval(move || self.now.set(browser::now()), std::time::Duration::from_secs(5));
        }
    }

    /// Asks again.
    pub fn ask(self) {
        let of = self.of.get_untracked();
        if of.is_empty() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::connections::inventory(ConnectionId(of.clone())).await;
            if self.of.try_with_untracked(|now| *now == of) != Some(true) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(inventory) => {
                    self.error.set(None);
                    self.came.set(browser::now());
                    self.now.set(browser::now());
                    self.good.set(Some(inventory));
                }
                Err(error) => self.error.set(Some(error)),
            }
        });
    }

    /// "12 s ago"; `None` while there is no list.
    pub fn age(self) -> Option<String> {
        let (came, now) = (self.came.get()?, self.now.get()?);
        let age = now - came;
        Some(if age < 2000 { "just now".into() } else { format!("{} ago", words::coarse(age)) })
    }
}

/// One line above a list: how old it is, that it is on its way, or why it could not be had. `by_hand` says what still
/// works then.
pub fn listing_line(wizard: Wizard, by_hand: &'static str) -> Part {
    let listing = wizard.listing;
    let failed = move || {
        listing.error.get().filter(|_| !listing.busy.get()).map(|error| {
            p("err").attr("role", "alert").put(icon(Glyph::Failed)).put(format!(
                "{} gave no list: {} {by_hand}",
                wizard.upstream(),
                error.message
            ))
        })
    };
    let age = move || {
        let from = wizard.upstream();
        match listing.age() {
            _ if listing.busy.get() => format!("Listing live from {from} … "),
            Some(age) if listing.error.with(Option::is_some) => format!("Shown is the list of {age}. "),
            Some(age) => format!("Listed live from {from}, {age}. "),
            None => String::new(),
        }
    };
    let again = el("button").attr("type", "button").class("linkish").on("click", move |_| listing.ask());
    parts([live(failed), p("help mb-2").put(live(age)).put(again.put("List again")).into()])
}
