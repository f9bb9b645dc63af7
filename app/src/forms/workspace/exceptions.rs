//! What is left out on purpose, each with its reason: the only way to make something that no definition covers no gap.

use super::{Form, id_of, row, rows};
use crate::ui::{
    Glyph, Weight, button, field,
    part::{Part, div, each, p, parts},
    problem_of, question,
};
use model::workspace::LeftOutDraft;

pub fn exceptions(form: Form) -> Part {
    let count = move || rows(form.draft.with(|d| d.left_out.len()));
    let add = move || form.rearrange("left_out", |d| d.left_out.push(LeftOutDraft::default()));
    question(
        "",
        "Left out on purpose",
        "Namespaces, apps and instances that need no protection. The workspace’s page keeps naming them, with the reason and whose it is.",
        parts([
            each(count, move |key| exception(form, row(key))),
            problem_of("left_out", form.error("left_out")),
            p("mt-3").put(button("Leave something out").small().icon(Glyph::Plus).press(add)).into(),
        ]),
    )
}

fn exception(form: Form, at: usize) -> Part {
    let one = |name: &str,
               label: &'static str,
               placeholder: &'static str,
               get: fn(&LeftOutDraft) -> &String,
               set: fn(&mut LeftOutDraft) -> &mut String| {
        let path = format!("left_out.{at}.{name}");
        let edited = path.clone();
        field(id_of(&path), label)
            .placeholder(placeholder)
            .autocomplete("off")
            .value(form.text(move |d| d.left_out.get(at).map(|out| get(out).clone()).unwrap_or_default()))
            .error(form.error(path))
            .typed(move |text| {
                form.edit(&edited, |d| {
                    if let Some(out) = d.left_out.get_mut(at) {
                        *set(out) = text;
                    }
                });
            })
            .text()
    };
    let remove = move || {
        form.rearrange("left_out", |d| {
            if at < d.left_out.len() {
                d.left_out.remove(at);
            }
        });
    };
    let name = format!("Exception {}", at + 1);
    div("panel p-3 mt-3 grid gap-3 sm:grid-cols-2")
        .attr("role", "group")
        .attr("aria-label", name)
        .put(one("pattern", "What", "shop-preview-*", |out| &out.pattern, |out| &mut out.pattern))
        .put(one("reason", "Why", "rebuilt from Git, no state", |out| &out.reason, |out| &mut out.reason))
        .put(
            p("sm:col-span-2")
                .put(button(format!("Remove exception {}", at + 1)).small().weight(Weight::Quiet).press(remove)),
        )
        .into()
}
