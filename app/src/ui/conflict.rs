//! Two people changed one thing: the second sees what differs and decides; nothing typed is lost.

use super::{
    button::{Weight, button},
    cells::{td, th},
    part::{Part, Words, div, el, p, parts},
    time::{Told, Written, time},
};
use model::Millis;

/// A field that two versions fill differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    pub field: Words,
    pub theirs: String,
    pub mine: String,
}

/// Who was faster, and in what the two versions differ.
pub struct Conflict {
    pub id: &'static str,
    /// "panel", with the distance to what stands beside it.
    pub class: &'static str,
    pub by: String,
    /// What stands before the moment: "Changed at ".
    pub note: Words,
    pub at: Millis,
    pub fields: Vec<Differs>,
}

/// The panel. `take` gives mine up for theirs, `over` saves mine over it.
pub fn conflict(of: Conflict, take: impl Fn() + Send + 'static, over: impl Fn() + Send + 'static) -> Part {
    conflict_of(of, button("Take theirs").press(take), button("Save mine over it").weight(Weight::Danger).press(over))
}

/// Without a type of the caller's, so that the forms share it.
pub(super) fn conflict_of(of: Conflict, take: Part, over: Part) -> Part {
    let fields = if of.fields.is_empty() {
        p("help mt-2").put("None: both versions say the same.")
    } else {
        let row = |one: Differs| -> Part {
            el("tr")
                .put(el("th").attr("scope", "row").put(one.field))
                .put(td("Theirs", one.theirs))
                .put(td("Yours", one.mine))
                .into()
        };
        let rows: Vec<Part> = of.fields.into_iter().map(row).collect();
        let table = el("table")
            .class("tbl tbl-stack")
            .put(el("caption").class("sr-only").put("Fields that differ"))
            .put(el("thead").put(el("tr").put(parts(["Field", "Theirs", "Yours"].map(th)))))
            .put(el("tbody").put(rows));
        div("panel-table mt-3").put(table)
    };
    let note = p("note").put(of.note).put(time(of.at, None, Told::Written(Written::Full)));
    el("section")
        .class(of.class)
        .attr("aria-labelledby", "conflict-h")
        .id(of.id)
        .attr("tabindex", "-1")
        .put(div("panel-head").put(el("h2").id("conflict-h").put(format!("{} was faster", of.by))).put(note))
        .put(
            div("panel-body")
                .put(
                    el("p")
                        .put("Nothing of yours is lost, and nothing has been saved over theirs. These fields differ:"),
                )
                .put(fields)
                .put(div("mt-4").put(div("acts").put(take).put(over))),
        )
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::*;

    fn html(fields: Vec<Differs>) -> String {
        let of = Conflict {
            id: "refused",
            class: "panel mb-5",
            by: "Ada".into(),
            note: "Changed at ".into(),
            at: Millis(0),
            fields,
        };
        Owner::new().with(|| conflict(of, || (), || ()).into_view().to_html())
    }

    #[test]
    fn the_panel_names_who_was_faster_and_each_field() {
        let one = Differs { field: "Kept".into(), theirs: "21 days".into(), mine: "14 days".into() };
        let shown = html(vec![one]);
        for part in [
            r#"aria-labelledby="conflict-h""#,
            "Ada was faster",
            r#"<th scope="row">Kept</th>"#,
            r#"<td data-th="Theirs">21 days</td>"#,
            r#"<td data-th="Yours">14 days</td>"#,
            "Take theirs",
            "Save mine over it",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(html(Vec::new()).contains("None: both versions say the same."));
    }
}
