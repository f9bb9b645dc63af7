//! Two people edited one definition: the second sees both versions field by field and decides; nothing typed is lost.

use super::{
    differences::{Difference, LIBRARY, differences},
    state::Wizard,
    upcoming::{td, th},
};
use crate::ui::{
    Told, Weight, Written, button,
    part::{El, Part, div, el, live, p, parts},
    time,
};
use model::view::EditConflict;

impl Wizard {
    /// Theirs becomes what is edited; what was typed is given up.
    fn take_theirs(self, conflict: EditConflict) {
        self.version.set(conflict.version);
        self.replace(conflict.theirs);
        self.settled();
        self.preview.set(None);
        self.ask_preview();
    }

    /// Mine is saved over theirs, knowingly: from the version that they made.
    fn save_over(self, conflict: &EditConflict) {
        self.version.set(conflict.version);
        self.settled();
        self.send();
    }

    fn settled(self) {
        self.conflict.set(None);
        self.failed.set(None);
        self.refused.set(Vec::new());
    }
}

pub fn conflict(wizard: Wizard) -> Part {
    live(move || wizard.conflict.get().map(|conflict| drawn(wizard, conflict)))
}

fn drawn(wizard: Wizard, conflict: EditConflict) -> El {
    let rows = wizard.draft.with(|mine| differences(mine, &conflict.theirs));
    let fields = if rows.is_empty() {
        p("help mt-2").put("None: both versions say the same.")
    } else {
        let named = |field: &str, said: String| match said.as_str() {
            id if field == LIBRARY && id != "none" => wizard.policy_name(id),
            _ => said,
        };
        let row = |d: Difference| {
            let (theirs, mine) = (named(d.field, d.theirs), named(d.field, d.mine));
            el("tr").put(el("th").attr("scope", "row").put(d.field)).put(td("Theirs", theirs)).put(td("Yours", mine))
        };
        let head = parts(["Field", "Theirs", "Yours"].map(th));
        let table = el("table")
            .class("tbl tbl-stack")
            .put(el("caption").class("sr-only").put("Fields that differ"))
            .put(el("thead").put(el("tr").put(head)))
            .put(el("tbody").put(rows.into_iter().map(row).collect::<Vec<_>>()));
        div("panel-table mt-3").put(table)
    };
    let (at, by) = (conflict.changed_at, conflict.changed_by.clone());
    let note = p("note").put(format!("Changed by {by} at ")).put(time(at, None, Told::Written(Written::Full)));
    let over = conflict.clone();
    let acts = div("acts")
        .put(button("Take theirs").press(move || wizard.take_theirs(conflict.clone())))
        .put(button("Save mine over it").weight(Weight::Danger).press(move || wizard.save_over(&over)));
    el("section")
        .class("panel mt-5")
        .attr("aria-labelledby", "conflict-h")
        .id("conflict")
        .attr("tabindex", "-1")
        .put(div("panel-head").put(el("h2").id("conflict-h").put(format!("{by} was faster"))).put(note))
        .put(
            div("panel-body")
                .put(
                    el("p")
                        .put("Nothing of yours is lost, and nothing has been saved over theirs. These fields differ:"),
                )
                .put(fields)
                .put(div("mt-4").put(acts)),
        )
}
