//! First step: name and connection.

use super::{browser, state::Wizard};
use crate::{
    paths,
    ui::{
        Card, Sign, Weight, empty, field, link_button,
        part::{Part, Said, div, p, parts},
        problem_of, question,
    },
};
use leptos::prelude::*;
use model::{connection::Health, name::DEFINITION_NAME_MAX, view::WizardConnection};

pub fn source(wizard: Wizard) -> Part {
    let name = field("name", "Name of the definition")
        .class("max-w-md")
        .placeholder("shop-nightly")
        .autocomplete("off")
        .value(wizard.text(|d| &d.name))
        .error(wizard.error("name"))
        .help(format!("a-z, 0-9 and -, at most {DEFINITION_NAME_MAX} characters: the upstream's objects carry it, with room for a time stamp."))
        .typed(move |text| wizard.edit("name", |d| d.name = text))
        .left(move || wizard.leave("name"))
        .text();
    let connections = wizard.start.with_untracked(|s| s.connections.clone());
    parts([
        question("mt-4", "Name", Said::Never, name),
        question(
            "",
            "Connection",
            Said::Never,
            if connections.is_empty() { none() } else { choice(wizard, connections) },
        ),
    ])
}

fn none() -> Part {
    empty(
        "No connection yet",
        "A definition protects what a connection reaches. Adding one takes a minute: an address, a token and a test.",
        Some(link_button(paths::NEW_CONNECTION, Weight::Primary, "Add a connection")),
    )
}

fn choice(wizard: Wizard, connections: Vec<WizardConnection>) -> Part {
    let cards: Vec<Part> = connections.into_iter().map(|c| card(wizard, c)).collect();
    let stays = "A definition stays with its connection; for another one, make a new definition.";
    parts([
        div("grid gap-2 sm:grid-cols-2").id("connection").attr("tabindex", "-1").put(cards).into(),
        problem_of("connection", wizard.error("connection")),
        wizard.editing().then(|| p("help mt-2").put(stays)).into(),
    ])
}

fn card(wizard: Wizard, c: WizardConnection) -> Part {
    let id = c.id.0;
    let own = id.clone();
    let checked = move || wizard.draft.with(|d| d.connection == own);
    let off = (wizard.editing() && !untrack(&checked)).then(|| format!("{}. Not for this definition.", c.kind.word()));
    let health = match &c.health {
        Health::Silent { reason, .. } => format!(
            "Silent: {reason} Its lists can't be read now; names can be typed, and what is saved is applied when it answers."
        ),
        Health::Slowed { reason } => format!("Slowed: {reason}"),
        health => Sign::from(health).word,
    };
    Card::new("connection", id.clone(), c.name).help(format!("{} · {health}", c.kind.word())).off(off).choice(
        checked,
        move || {
            wizard.choose(&id);
            if !wizard.editing() {
                browser::replace("connection", &id);
            }
            wizard.leave("connection");
        },
    )
}
