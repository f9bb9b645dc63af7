//! One of a live list of named things, a subject or a policy: cards, a field that finds among many, and the id by hand
//! where the list has it not.

use super::{
    listing::listing_line,
    state::{Wizard, field_id},
};
use crate::ui::{
    Card, Slot, field,
    part::{Part, Said, div, each, live, p, parts, switch},
    problem_of,
};
use model::{
    Named,
    connection::{Inventory, SubjectSeen},
    draft::DefinitionDraft,
};

/// Cards shown at once; the field narrows the rest.
const SHOWN: usize = 60;
/// From so many on there is a field that finds.
const MANY: usize = 9;

/// What is picked.
#[derive(Clone, Copy)]
pub struct Picker {
    /// The draft's field.
    pub path: &'static str,
    /// `cluster`, `policy`: in a sentence.
    pub word: &'static str,
    /// What is on offer: id, name, detail and why not.
    pub offered: fn(&Inventory) -> Vec<SubjectSeen>,
    pub chosen: fn(&DefinitionDraft) -> Option<&Named>,
    pub choose: fn(&mut DefinitionDraft, Named),
}

impl Picker {
    fn is(self, wizard: Wizard, id: &str) -> bool {
        wizard.draft.with(|d| (self.chosen)(d).is_some_and(|n| n.id == id))
    }

    fn take(self, wizard: Wizard, named: Named) {
        wizard.edit(self.path, |d| (self.choose)(d, named));
        wizard.leave(self.path);
    }

    fn listed(self, wizard: Wizard) -> Option<Vec<SubjectSeen>> {
        wizard.seen(self.offered)
    }
}

pub fn picker(wizard: Wizard, of: Picker) -> Part {
    let id = field_id(of.path);
    let find = Slot::new(String::new());
    let found = move || {
        // Letters beyond ASCII keep their case: the tables that lower them are as large as a step of the wizard.
        let wanted = find.with(|f| f.trim().to_ascii_lowercase());
        let fits = |s: &SubjectSeen| {
            s.name.to_ascii_lowercase().contains(&wanted) || s.detail.to_ascii_lowercase().contains(&wanted)
        };
        of.listed(wizard).unwrap_or_default().into_iter().filter(fits).collect::<Vec<_>>()
    };
    // What a card says is part of its key: a thing that changed is another card.
    let key = |s: SubjectSeen| format!("{}\n{}\n{}\n{}", s.id, s.name, s.detail, s.why_not.unwrap_or_default());
    let keys = move || {
        let mut keys: Vec<String> = found().into_iter().take(SHOWN).map(key).collect();
        keys.dedup();
        keys
    };
    let search = switch(
        move || of.listed(wizard).map_or(0, |all| all.len()) >= MANY,
        move |many| {
            many.then(|| {
                field(format!("{}-find", field_id(of.path)), "Find by name")
                    .kind("search")
                    .class("mb-2 max-w-md")
                    .autocomplete("off")
                    .value(Said::live(move || Some(find.get())))
                    .typed(move |text| find.set(text))
                    .text()
            })
        },
    );
    let note = move || {
        let all = of.listed(wizard)?.len();
        let fits = found().len();
        match (all, fits) {
            (0, _) => Some(format!("{} has no {} that could be chosen.", wizard.upstream(), of.word)),
            (_, 0) => Some("None is called so.".into()),
            (_, n) if n > SHOWN => Some(format!("{SHOWN} of {n} shown; type more to narrow them.")),
            _ => None,
        }
    };
    parts([
        listing_line(wizard, "Its id can be typed all the same."),
        search,
        div("grid gap-2 sm:grid-cols-2")
            .id(id.clone())
            .attr("tabindex", "-1")
            .put(each(keys, move |key| card(wizard, of, key)))
            .into(),
        live(move || note().map(|text| p("help mt-2").put(text))),
        problem_of(id, wizard.error(of.path)),
        by_hand(wizard, of),
    ])
}

/// An upstream's id as a part of an id of the page, which must not hold blanks.
pub fn anchor(id: &str) -> String {
    id.replace(' ', "_")
}

fn card(wizard: Wizard, of: Picker, key: &str) -> Part {
    let mut lines = key.split('\n').map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let (id, name, detail, why) = (next(), next(), next(), next());
    let own = format!("{}-{}", field_id(of.path), anchor(&id));
    let (is, takes) = (id.clone(), Named::new(id.clone(), name.clone()));
    // What is chosen already can't be switched off under somebody's hand; its trouble is told all the same.
    let off = Said::live(move || Some(why.clone()).filter(|_| !of.is(wizard, &is)));
    Card { id: own.into(), ..Card::new(of.path, id.clone(), name) }
        .help(detail)
        .off(off)
        .choice(move || of.is(wizard, &id), move || of.take(wizard, takes.clone()))
}

/// The id of what no list has, typed or saved earlier: it must stay in sight.
fn by_hand(wizard: Wizard, of: Picker) -> Part {
    let chosen = move || wizard.draft.with(|d| (of.chosen)(d).cloned()).filter(|n| !n.id.is_empty());
    let shown = move || {
        let unlisted =
            || chosen().is_some_and(|n| !of.listed(wizard).is_some_and(|all| all.iter().any(|s| s.id == n.id)));
        wizard.listing.error.with(Option::is_some) || unlisted()
    };
    let help = move || {
        Some(match chosen() {
            Some(n) if n.name != n.id => format!("Chosen is {}, which the list does not show.", n.name),
            _ => format!("As {} addresses it.", wizard.upstream()),
        })
    };
    switch(shown, move |shown| {
        shown.then(|| {
            field(format!("{}-id", field_id(of.path)), format!("Id of the {}", of.word))
                .class("mt-3 max-w-md")
                .autocomplete("off")
                .value(Said::live(move || chosen().map(|n| n.id)))
                .help(Said::live(help))
                .typed(move |text| of.take(wizard, Named::new(text.trim(), text.trim())))
                .text()
        })
    })
}
