//! The label editor: groups of conditions. Within a group all hold, one group is enough.

use super::state::Wizard;
use crate::ui::{
    Answer, Glyph, Weight, button, icon, options,
    part::{Part, Said, div, each, el, live, p, parts, switch},
    plain_input, problem_of, question,
};
use leptos::prelude::*;
use model::{capability::Support, draft::RequirementDraft, label::Operator};

/// `logic`: whether there is more than equality and one group.
pub fn labels(wizard: Wizard, logic: &Support) -> Part {
    let free = logic.is_yes();
    let groups = move || wizard.draft.with(|d| d.scope.selectors.len());
    let add = move || wizard.edit("scope.selectors", |d| d.scope.selectors.push(vec![RequirementDraft::default()]));
    let word = move || live(move || if groups() == 0 { "Narrow by labels" } else { "Add a group" });
    let all = each(
        move || places(groups()),
        move |g| {
            let g = place(g);
            parts([(g > 0).then(|| p("or").put("or")).into(), conditions(wizard, g, free)])
        },
    );
    let help = match logic.why_not() {
        Some(why) => why.to_owned(),
        None => "Within a group every condition must hold (and). One matching group is enough (or). Without a group, labels don't matter.".to_owned(),
    };
    let more = switch(
        move || free || groups() == 0,
        move |more| more.then(|| p("mt-2").put(button(word()).small().icon(Glyph::Plus).press(add))),
    );
    question("", "Labels", help, parts([all, more]))
}

/// Rows are found by their place: they are few, and a removed one gives its place to the next.
pub fn places(n: usize) -> Vec<String> {
    (0..n).map(|at| at.to_string()).collect()
}

/// The place that a key of [`places`] means.
pub fn place(key: &str) -> usize {
    key.parse().unwrap_or_default()
}

fn conditions(wizard: Wizard, g: usize, free: bool) -> Part {
    let rows = move || wizard.draft.with(|d| d.scope.selectors.get(g).map_or(0, Vec::len));
    let add = move || {
        wizard.edit("scope.selectors", |d| {
            if let Some(group) = d.scope.selectors.get_mut(g) {
                group.push(RequirementDraft::default());
            }
        });
    };
    let and = button("And…").small().weight(Weight::Quiet).icon(Glyph::Plus).press(add);
    div("panel p-3 grid gap-1.5")
        .attr("role", "group")
        .attr("aria-label", format!("Label group {}", g + 1))
        .put(each(move || places(rows()), move |r| condition(wizard, g, place(r), free)))
        .put(el("div").put(and))
        .into()
}

fn condition(wizard: Wizard, g: usize, r: usize, free: bool) -> Part {
    let path = format!("scope.selectors.{g}.{r}");
    let id = format!("scope-selectors-{g}-{r}");
    let name = format!("Group {}, condition {}", g + 1, r + 1);
    let row = move || {
        wizard.draft.with(|d| d.scope.selectors.get(g).and_then(|group| group.get(r)).cloned().unwrap_or_default())
    };
    let edit = move |change: &dyn Fn(&mut RequirementDraft)| {
        wizard.edit(&format!("scope.selectors.{g}.{r}"), |d| {
            if let Some(row) = d.scope.selectors.get_mut(g).and_then(|group| group.get_mut(r)) {
                change(row);
            }
        });
    };
    let remove = move || {
        wizard.edit("scope.selectors", |d| {
            if let Some(group) = d.scope.selectors.get_mut(g) {
                if r < group.len() {
                    group.remove(r);
                }
                if group.is_empty() {
                    d.scope.selectors.remove(g);
                }
            }
        });
    };
    let takes = move || row().operator.takes_values();
    let (key_path, values_path) = (format!("{path}.key"), format!("{path}.values"));
    let (key_error, values_error) = (wizard.error(key_path.clone()), wizard.error(values_path.clone()));
    let (key_id, values_id) = (format!("{id}-key"), format!("{id}-values"));
    let operators = Operator::ALL.into_iter().filter(|o| free || *o == Operator::In);
    let operators = operators.map(|o| Answer::new(o.upstream(), o.words())).collect();
    let chosen = Said::live(move || Some(row().operator.upstream().to_owned()));
    let write_key = move |text: String| edit(&|row| row.key.clone_from(&text));
    let key = plain_input(key_id.clone(), move || row().key, write_key, key_error.clone(), Said::Never)
        .attr("aria-label", format!("{name}: label"))
        .attr("placeholder", "app.kubernetes.io/part-of")
        .on("blur", move |_| wizard.leave(&key_path));
    let comparison = el("select").attr("aria-label", format!("{name}: comparison")).put(options(operators, chosen)).on(
        "change",
        move |event| {
            if let Some(operator) = Operator::from_upstream(&event_target_value(&event)) {
                edit(&|row| row.operator = operator);
            }
        },
    );
    let written = move || if takes() { row().values } else { String::new() };
    let write_values = move |text: String| edit(&|row| row.values.clone_from(&text));
    let values = plain_input(values_id.clone(), written, write_values, values_error.clone(), Said::Never)
        .attr("aria-label", format!("{name}: values"))
        .live("placeholder", move || if takes() { "web, db" } else { "no value needed" })
        .live("disabled", move || !takes())
        .on("blur", move |_| wizard.leave(&values_path));
    let close = el("button")
        .attr("type", "button")
        .class("btn btn-quiet btn-icon")
        .attr("aria-label", format!("Remove condition {} of group {}", r + 1, g + 1))
        .on("click", move |_| remove())
        .put(icon(Glyph::Close));
    parts([
        div("cond").put(key).put(comparison).put(values).put(close).into(),
        problem_of(key_id, key_error),
        problem_of(values_id, values_error),
    ])
}
