//! Which namespaces come back, and under which names.

use super::Form;
use crate::ui::{
    Glyph, Slot, icon_in,
    part::{Part, Said, div, each, el, p, parts, span},
    plain_input, problem_of, words,
};
use leptos::prelude::*;

/// The point's namespaces, ticked.
pub fn chosen(form: Form) -> Part {
    let known = form.known();
    if let Some(why) = form.can().namespaces.why_not() {
        let held = if known.is_empty() { String::new() } else { format!("It holds {}. ", words::list(&known)) };
        return p("help mt-3").put(format!("{held}{why}")).into();
    }
    if known.is_empty() {
        let note = "The backup system does not name the namespaces of this point; everything in it is restored.";
        return p("help mt-3").put(note).into();
    }
    let all = Slot::new(known.clone());
    let count = move || all.with_untracked(|all| all.iter().filter(|n| form.takes(n)).count());
    let row = |ns: String| {
        let id = format!("take-{ns}");
        let (own, name) = (ns.clone(), ns.clone());
        let ticked = move || form.takes(&own);
        let is_on = ticked.clone();
        let tick = el("input")
            .attr("type", "checkbox")
            .id(id.clone())
            .live("checked", is_on)
            .live("disabled", move || ticked() && count() == 1)
            .attr("aria-describedby", "takes-help")
            .on("change", move |event| choose(form, &all.get_untracked(), &name, event_target_checked(&event)));
        el("li").put(tick).put(el("div").put(el("label").attr("for", id).put(ns)))
    };
    let help = "At least one: a restore of nothing would mean all of it. Cluster-scoped objects come along as these namespaces need them.";
    parts([
        p("font-medium mt-4 mb-1").id("takes").put("Namespaces"),
        el("ul").class("list").attr("aria-labelledby", "takes").put(known.into_iter().map(row).collect::<Vec<_>>()),
        p("help mt-1").id("takes-help").put(help),
    ])
}

/// Ticks or unticks. The last one can't be unticked.
fn choose(form: Form, all: &[String], name: &str, on: bool) {
    let taken: Vec<String> = all.iter().filter(|n| if *n == name { on } else { form.takes(n) }).cloned().collect();
    if taken.is_empty() {
        return;
    }
    form.edit(|d| {
        d.mapping.retain(|(from, _)| taken.contains(from));
        // All of them is the empty list: also what the point has and the list does not name.
        d.namespaces = if taken.len() == all.len() { Vec::new() } else { taken };
    });
}

/// New names, one row for each namespace that comes back.
pub fn mapping(form: Form) -> Part {
    let rows = move || form.known().into_iter().filter(|n| form.takes(n)).collect();
    match form.can().map_namespaces.why_not() {
        // Said once: beside what comes back.
        Some(why) if form.can().namespaces.why_not() == Some(why) => Part::default(),
        Some(why) => p("help mt-4").put(why.to_owned()).into(),
        None if form.known().is_empty() => {
            p("help mt-4").put("New names can't be given: which namespaces the point has is not known.").into()
        }
        None => parts([
            p("font-medium mt-4 mb-1").put("Under which names"),
            div("map").put(each(rows, move |namespace| map_row(form, namespace))),
            p("help mt-1").put("A new name restores beside what runs; the same name restores into it."),
        ]),
    }
}

fn map_row(form: Form, namespace: &str) -> Part {
    let id = format!("map-{namespace}");
    let from = Slot::new(namespace.to_owned());
    let to = move || {
        from.with_untracked(|from| {
            form.draft
                .with(|d| d.mapping.iter().find(|(f, _)| f == from).map_or_else(|| from.clone(), |(_, to)| to.clone()))
        })
    };
    // Errors are numbered by the row's place in the draft.
    let error = Said::live(move || {
        let at = from.with_untracked(|from| form.draft.with(|d| d.mapping.iter().position(|(f, _)| f == from)))?;
        form.wrong(&format!("mapping.{at}"))
    });
    let write = move |text: String| {
        from.with_untracked(|from| {
            form.edit(|d| match d.mapping.iter_mut().find(|(f, _)| f == from) {
                Some(row) => row.1 = text,
                None => d.mapping.push((from.clone(), text)),
            });
        });
    };
    let input = plain_input(id.clone(), to, write, error.clone(), Said::Never);
    let label = el("label").attr("for", id.clone()).put(namespace.to_owned()).put(span("sr-only").put(" becomes"));
    parts([
        label.into(),
        icon_in(Glyph::Arrow, "text-ink-3"),
        div("grid gap-1").put(input).put(problem_of(id, error)).into(),
    ])
}
