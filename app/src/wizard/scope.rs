//! Second step: what inside the system is protected, as far as it lets itself be chosen.

use super::{
    kinds::kinds,
    labels::labels,
    listing::listing_line,
    namespaces::namespaces,
    picker::picker,
    state::Wizard,
    subject::{members, subjects, title},
    words_field::{ListIn, words_field},
};
use crate::ui::{
    Card,
    part::{Part, Said, div, p, parts, switch},
    question,
};
use model::capability::Capabilities;

pub fn scope(wizard: Wizard) -> Part {
    let Some(can) = wizard.capabilities.get_untracked() else { return Part::default() };
    let subject = can.subject().map(|kind| question("mt-4", title(kind), Said::Never, picker(wizard, subjects(kind))));
    let some = can
        .member_clusters
        .is_yes()
        .then(|| question("", "Clusters", "None ticked takes all of them, those to come too.", members(wizard)));
    parts([
        subject.into(),
        some.into(),
        can.namespaces.is_yes().then(|| by_namespace(wizard, &can)).into(),
        can.labels.is_yes().then(|| labels(wizard, &can.label_logic)).into(),
        (can.kinds.is_yes() || can.cluster_objects.is_yes()).then(|| kinds(wizard, &can)).into(),
        refused(&can),
    ])
}

fn by_namespace(wizard: Wizard, can: &Capabilities) -> Part {
    let alone = can.subject().is_none();
    let everything = move || wizard.draft.with(|d| d.scope.everything);
    let choose = move |all: bool| wizard.edit("scope", |d| d.scope.everything = all);
    let count = move || {
        Some(
            wizard
                .namespaces(<[_]>::len)
                .map_or_else(|| "those to come too".to_owned(), |n| format!("all {n} namespaces, and those to come")),
        )
    };
    // What people of other systems look for is named, with the sentence why it is not here.
    let others = [("app", "An app", &can.apps), ("instance", "An instance", &can.instances)]
        .into_iter()
        .filter(|_| alone)
        .filter_map(|(key, title, support)| Some((key, title, support.why_not()?.to_owned())))
        .map(|(key, title, why)| Card::new("by", key, title).off(why).choice(|| false, || ()));
    let by = div("grid gap-2 sm:grid-cols-2")
        .put(
            Card::new("by", "namespaces", "Namespaces")
                .help("chosen here")
                .choice(move || !everything(), move || choose(false)),
        )
        .put(
            Card::new("by", "everything", "Every namespace")
                .help(Said::live(count))
                .choice(everything, move || choose(true)),
        )
        .put(parts(others));
    let except = can.except_namespaces.is_yes().then(|| {
        div("mt-4 max-w-xl").put(words_field(
            wizard,
            ListIn::ExceptNamespaces,
            "Leave out namespaces",
            "What is named here is left out even where a pattern or “every namespace” would take it.",
            "kube-system",
        ))
    });
    let named = parts([
        alone.then(|| listing_line(wizard, "Names can be typed below all the same.")).into(),
        switch(everything, move |all| (!all).then(|| namespaces(wizard))),
        except.into(),
    ]);
    parts([
        question(if alone { "mt-4" } else { "" }, "Protect", Said::Never, by),
        question("", "Namespaces", Said::Never, named),
    ])
}

/// One quiet line for all that has no control here, each sentence once.
fn refused(can: &Capabilities) -> Part {
    let mut said: Vec<&str> = Vec::new();
    for support in [&can.namespaces, &can.except_namespaces, &can.labels, &can.kinds, &can.cluster_objects] {
        if let Some(why) = support.why_not()
            && !said.contains(&why)
        {
            said.push(why);
        }
    }
    (!said.is_empty()).then(|| p("help mt-4").put(said.join(" "))).into()
}
