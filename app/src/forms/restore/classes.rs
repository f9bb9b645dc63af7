//! Other storage classes, row by row.

use super::Form;
use crate::ui::{
    Glyph, Weight, button, icon, icon_in,
    part::{El, Part, Said, div, each, el, p, parts},
    plain_input, problem_of,
};

pub fn classes(form: Form) -> Part {
    let rows = move || (0..form.draft.with(|d| d.storage_classes.len())).map(|at| at.to_string()).collect();
    let add = move || form.edit(|d| d.storage_classes.push(Default::default()));
    parts([
        p("font-medium mt-4 mb-1").put("Storage classes").into(),
        each(rows, move |at| row(form, at.parse().unwrap_or_default())),
        known("classes-from", move || form.offer.with(|o| o.places.first().map(|p| p.storage_classes.clone()))),
        known("classes-to", move || {
            let chosen = form.draft.with(|d| d.place.clone());
            form.offer.with(|o| {
                let own = || o.places.first();
                let there = chosen.and_then(|c| o.places.iter().find(|p| p.cluster == c)).or_else(own);
                there.map(|p| p.storage_classes.clone())
            })
        }),
        button("Use another storage class").small().weight(Weight::Quiet).icon(Glyph::Plus).press(add),
    ])
}

/// What is on offer for a field.
fn known(id: &'static str, names: impl Fn() -> Option<Vec<String>> + Send + 'static) -> Part {
    let options = each(move || names().unwrap_or_default(), |name| el("option").attr("value", name.to_owned()).into());
    el("datalist").id(id).put(options).into()
}

fn row(form: Form, at: usize) -> Part {
    let id = format!("storage_classes-{at}");
    let error = form.error(format!("storage_classes.{at}"));
    let input = |side: &'static str, list: &'static str, of: fn(&mut (String, String)) -> &mut String| -> El {
        let now = move || {
            form.draft
                .with(|d| d.storage_classes.get(at).cloned().map(|mut pair| of(&mut pair).clone()).unwrap_or_default())
        };
        let typed = move |text: String| {
            form.edit(|d| {
                if let Some(pair) = d.storage_classes.get_mut(at) {
                    *of(pair) = text;
                }
            });
        };
        plain_input(format!("{id}-{side}"), now, typed, Said::Never, Said::Never)
            .attr("list", list)
            .attr("aria-label", format!("Storage class {}: {side}", at + 1))
    };
    let remove = move || {
        form.edit(|d| {
            if at < d.storage_classes.len() {
                d.storage_classes.remove(at);
            }
        });
    };
    let close = el("button")
        .attr("type", "button")
        .class("btn btn-quiet btn-icon")
        .attr("aria-label", format!("Remove storage class {}", at + 1))
        .on("click", move |_| remove())
        .put(icon(Glyph::Close));
    parts([
        div("map mb-2")
            .put(input("from", "classes-from", |pair| &mut pair.0))
            .put(icon_in(Glyph::Arrow, "text-ink-3"))
            .put(
                div("flex gap-2").put(input("to", "classes-to", |pair| &mut pair.1).class("flex-1 min-w-0")).put(close),
            )
            .into(),
        problem_of(id, error),
    ])
}
