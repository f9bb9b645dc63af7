//! Beside what is there or in its own place, under which name, into which cluster.

use super::Form;
use crate::ui::{
    Answer, Card, field, group,
    part::{Part, Said, div, p, parts, switch},
    problem_of,
};
use model::{Named, capability::SubjectKind, restore::RestoreDraft};

/// The two ways; one that is not possible is off with its sentence.
pub fn way(form: Form) -> Part {
    let can = form.can();
    let chosen = move || form.draft.with(|d| d.way.clone());
    let choose = move |way: &'static str| {
        form.edit(|d| {
            way.clone_into(&mut d.way);
            if way == "in_place" {
                // Nothing of it gets another name or place; the fields that could say so are not shown then.
                d.new_name.clear();
                d.place = None;
                d.mapping.clear();
                d.prefix.clear();
                d.suffix.clear();
            }
        });
    };
    let now = can.in_place.why_not().map(str::to_owned);
    let not_in_place = Said::live(move || now.clone().or_else(|| form.offer.with(|o| o.not_in_place.clone())));
    let beside = Card::new("way", "beside", "Beside what is there")
        .help("what runs now is not touched")
        .off(can.beside.why_not().map(str::to_owned))
        .choice(move || chosen() == "beside", move || choose("beside"));
    let in_place = Card::new("way", "in_place", "In its own place")
        .help("what is there now is overwritten; it can't be undone")
        .off(not_in_place)
        .choice(move || chosen() == "in_place", move || choose("in_place"));
    group("Where it goes", Said::Never, [beside, in_place, problem_of("way", form.error("way".into()))])
}

/// The name of what is made.
pub fn new_name(form: Form) -> Part {
    let word = form.start.with_untracked(|s| s.capabilities.subject().map_or("what is made", SubjectKind::word));
    let label =
        if word == "what is made" { "Name of what is made".to_owned() } else { format!("Name of the new {word}") };
    field("new_name", label)
        .class("mt-4")
        .autocomplete("off")
        .value(form.text(|d| &d.new_name))
        .error(form.error("new_name".into()))
        .typed(move |text| form.edit(|d| d.new_name = text))
        .text()
}

/// The cluster that it goes into.
pub fn place(form: Form) -> Part {
    let connection = form.start.with_untracked(|s| s.connection_name.clone());
    if let Some(why) = form.can().elsewhere.why_not() {
        return p("help mt-4").put(format!("Into {connection}, where the point came from. {why}")).into();
    }
    let kind = move || (form.offer.with(|o| o.places.len()), form.failed.with(Option::is_some));
    let drawn = move |(places, failed): (usize, bool)| match (places, failed) {
        (0, true) => field("place", "Id of the cluster that it goes into")
            .class("mt-4")
            .autocomplete("off")
            .value(Said::live(move || form.draft.with(|d| d.place.as_ref().map(|p| p.id.clone()))))
            .error(form.error("place".into()))
            .help("Empty: the one that it was taken from.")
            .typed(move |text| {
                let text = text.trim().to_owned();
                form.edit(|d| d.place = (!text.is_empty()).then(|| Named::new(text.clone(), text)));
            })
            .text(),
        _ => listed(form),
    };
    switch(kind, drawn)
}

fn listed(form: Form) -> Part {
    let own = form.start.with_untracked(|s| s.point.detail.cluster.clone()).map(|c| c.name);
    let places = form.offer.with_untracked(|o| o.places.clone());
    let own = own.or_else(|| places.first().map(|p| p.cluster.name.clone()));
    let first = own.map_or("Where it was taken from".to_owned(), |name| format!("{name}, where it was taken from"));
    // The first one is the point's own: it is chosen by choosing none.
    let others = places.iter().skip(1).map(|place| {
        let Named { id, name } = place.cluster.clone();
        match &place.why_not {
            Some(why) => Answer { off: true, ..Answer::new(id, format!("{name}: {why}")) },
            None => Answer::new(id, name),
        }
    });
    let answers = std::iter::once(Answer::new("", first)).chain(others).collect();
    field("place", "Cluster that it goes into")
        .class("mt-4")
        .value(Said::live(move || {
            Some(form.draft.with(|d| d.place.as_ref().map(|p| p.id.clone()).unwrap_or_default()))
        }))
        .error(form.error("place".into()))
        .typed(move |id| {
            let found =
                form.offer.with_untracked(|o| o.places.iter().find(|p| p.cluster.id == id).map(|p| p.cluster.clone()));
            form.edit(|d| d.place = found);
        })
        .select(answers)
}

/// Before and after each namespace that is not mapped by itself.
pub fn affixes(form: Form) -> Part {
    let one =
        |id: &'static str, label, read: fn(&RestoreDraft) -> &String, write: fn(&mut RestoreDraft) -> &mut String| {
            field(id, label)
                .autocomplete("off")
                .value(form.text(read))
                .error(form.error(id.into()))
                .typed(move |text| form.edit(|d| *write(d) = text))
                .text()
        };
    parts([
        div("grid gap-4 sm:grid-cols-2 mt-4")
            .put(one("prefix", "Before each namespace", |d| &d.prefix, |d| &mut d.prefix))
            .put(one("suffix", "After each namespace", |d| &d.suffix, |d| &mut d.suffix)),
        p("help mt-1").put("For those that have no name of their own above."),
    ])
}
