//! The exact requests that would be sent, as YAML and as curl.

use super::browser;
use crate::ui::{
    Answer, Glyph, Slot, Syntax, button, code, options,
    part::{Part, Said, div, el, live, p, span},
    seg,
};
use leptos::prelude::*;
use model::view::PreviewRequest;

pub fn sent(requests: Vec<PreviewRequest>) -> Part {
    let many = requests.len();
    let note = match requests.first() {
        Some(only) if many == 1 => only.title.clone(),
        _ => format!("{many} objects"),
    };
    let objects = requests.iter().enumerate();
    let objects =
        objects.map(|(i, r)| Answer::new(i.to_string(), format!("{} of {many}, {}", i + 1, r.title))).collect();
    let requests = Slot::new(requests);
    let which = Slot::new(0_usize);
    let curl = Slot::new(false);
    let copied = Slot::new(false);
    let text = move || {
        let curl = curl.get();
        requests.with_untracked(|all| {
            all.get(which.get()).map(|r| if curl { r.curl.clone() } else { r.yaml.clone() }).unwrap_or_default()
        })
    };
    let chosen = Said::live(move || Some(which.get().to_string()));
    let object = (many > 1).then(|| {
        el("label").class("filter").put(span("").put("Object")).put(el("select").put(options(objects, chosen)).on(
            "change",
            move |event| {
                which.set(event_target_value(&event).parse().unwrap_or_default());
                copied.set(false);
            },
        ))
    });
    let shown_as = seg(
        "Show as",
        false,
        "sent-as",
        vec![Answer::new("yaml", "YAML"), Answer::new("curl", "curl")],
        Said::live(move || Some(if curl.get() { "curl" } else { "yaml" }.to_owned())),
        move |text| {
            curl.set(text == "curl");
            copied.set(false);
        },
    );
    let copy =
        button(live(move || if copied.get() { "Copied" } else { "Copy" })).small().icon(Glyph::Copy).press(move || {
            browser::copy(&untrack(text));
            copied.set(true);
        });
    let shown = live(move || {
        if curl.get() {
            code("Request as curl", text(), Syntax::Plain, false)
        } else {
            code("Request as YAML", text(), Syntax::Yaml, false)
        }
    });
    let head = el("div").put(el("h2").id("sent").put("What will be sent")).put(p("note").put(note));
    el("section")
        .class("sec")
        .attr("aria-labelledby", "sent")
        .put(div("sec-head items-center").put(head).put(div("acts").put(object).put(shown_as).put(copy)))
        .put(shown)
        .into()
}
