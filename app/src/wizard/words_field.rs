//! A list of words as chips with a field that adds one: namespaces and kinds. Suggestions come from the live list; what
//! is typed needs none.

use super::state::{Wizard, field_id};
use crate::ui::{
    Glyph, Slot, button, framed, icon,
    part::{Part, Said, div, each, el, live, parts, span},
    plain_input,
};
use leptos::{
    ev::{Event, KeyboardEvent},
    wasm_bindgen::JsCast,
};
use model::draft::ScopeDraft;

/// Which list of the scope a field edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListIn {
    Namespaces,
    ExceptNamespaces,
    Resources,
    ExceptResources,
}

impl ListIn {
    pub const fn path(self) -> &'static str {
        match self {
            Self::Namespaces => "scope.namespaces",
            Self::ExceptNamespaces => "scope.except_namespaces",
            Self::Resources => "scope.resources",
            Self::ExceptResources => "scope.except_resources",
        }
    }

    pub fn of(self, scope: &ScopeDraft) -> &Vec<String> {
        match self {
            Self::Namespaces => &scope.namespaces,
            Self::ExceptNamespaces => &scope.except_namespaces,
            Self::Resources => &scope.resources,
            Self::ExceptResources => &scope.except_resources,
        }
    }

    fn of_mut(self, scope: &mut ScopeDraft) -> &mut Vec<String> {
        match self {
            Self::Namespaces => &mut scope.namespaces,
            Self::ExceptNamespaces => &mut scope.except_namespaces,
            Self::Resources => &mut scope.resources,
            Self::ExceptResources => &mut scope.except_resources,
        }
    }

    /// The names that the live list knows.
    fn known(self, wizard: Wizard) -> Vec<String> {
        let known = match self {
            Self::Namespaces | Self::ExceptNamespaces => {
                wizard.namespaces(|all| all.iter().map(|n| n.name.clone()).collect())
            }
            Self::Resources | Self::ExceptResources => {
                wizard.seen(|i| i.resources.iter().map(|r| r.name.clone()).collect())
            }
        };
        known.unwrap_or_default()
    }

    /// Adds what was typed: one word, or several separated by commas or blanks.
    pub fn add(self, wizard: Wizard, typed: &str) {
        let new: Vec<String> =
            typed.split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        if new.is_empty() {
            return;
        }
        wizard.edit(self.path(), |d| {
            let list = self.of_mut(&mut d.scope);
            for word in new {
                if !list.contains(&word) {
                    list.push(word);
                }
            }
        });
        wizard.leave(self.path());
    }

    pub fn remove(self, wizard: Wizard, word: &str) {
        wizard.edit(self.path(), |d| self.of_mut(&mut d.scope).retain(|w| w != word));
        wizard.leave(self.path());
    }
}

/// The chosen words, each with a named button that takes it out. `note` stands beside a word: "3 match".
pub fn chips(
    wizard: Wizard,
    list: ListIn,
    label: String,
    note: impl Fn(&str) -> Option<String> + Clone + Send + 'static,
) -> Part {
    let chip = move |word: &str| {
        let (note, of, own) = (note.clone(), word.to_owned(), word.to_owned());
        el("li")
            .class("chip")
            .put(word.to_owned())
            .put(live(move || note(&of).map(|text| parts([Part::from(" "), span("text-ink-3").put(text).into()]))))
            .put(
                el("button")
                    .attr("type", "button")
                    .attr("aria-label", format!("Remove {word}"))
                    .on("click", move |_| list.remove(wizard, &own))
                    .put(icon(Glyph::Close)),
            )
            .into()
    };
    el("ul")
        .class("chips")
        .attr("aria-label", label)
        .put(each(move || wizard.draft.with(|d| list.of(&d.scope).clone()), chip))
        .into()
}

/// Chips, and a field that adds to them by Enter, comma-separated paste, leaving it or its button.
pub fn words_field(
    wizard: Wizard,
    list: ListIn,
    label: &'static str,
    help: &'static str,
    placeholder: &'static str,
) -> Part {
    let id = field_id(list.path());
    let options = format!("{id}-known");
    let typed = Slot::new(String::new());
    let take = move || {
        let text = typed.get_untracked();
        list.add(wizard, &text);
        typed.set(String::new());
    };
    let error = Said::live(move || wizard.said_under(list.path()));
    let input = plain_input(id.clone(), move || typed.get(), move |text| typed.set(text), error.clone(), help.into())
        .attr("list", options.clone())
        .class("flex-1 min-w-0")
        .attr("placeholder", placeholder)
        .on("keydown", move |event| on_enter(&event, take))
        .on("blur", move |_| take());
    let known = move || list.known(wizard).into_iter().map(|name| el("option").attr("value", name)).collect::<Vec<_>>();
    let inside = parts([
        div("flex gap-2").put(input).put(button("Add").press(take)).into(),
        el("datalist").id(options).put(live(known)).into(),
        chips(wizard, list, format!("{label}: chosen"), |_| None),
    ]);
    framed(id, label, false, "", inside, error, help.into())
}

/// Enter adds instead of sending the form.
pub fn on_enter(event: &Event, act: impl FnOnce()) {
    if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Enter") {
        event.prevent_default();
        act();
    }
}
