//! Two people edited one definition: the second sees both versions field by field and decides; nothing typed is lost.

use super::{
    differences::{LIBRARY, differences},
    state::Wizard,
};
use crate::ui::{
    self, Conflict,
    part::{Part, live},
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

fn drawn(wizard: Wizard, conflict: EditConflict) -> Part {
    let named = |field: &str, said: String| match said.as_str() {
        id if field == LIBRARY && id != "none" => wizard.policy_name(id),
        _ => said,
    };
    let mut fields = wizard.draft.with(|mine| differences(mine, &conflict.theirs));
    for one in &mut fields {
        one.theirs = named(&one.field, std::mem::take(&mut one.theirs));
        one.mine = named(&one.field, std::mem::take(&mut one.mine));
    }
    let of = Conflict {
        id: "conflict",
        class: "panel mt-5",
        note: format!("Changed by {} at ", conflict.changed_by).into(),
        by: conflict.changed_by.clone(),
        at: conflict.changed_at,
        fields,
    };
    let theirs = conflict.clone();
    ui::conflict(of, move || wizard.take_theirs(theirs.clone()), move || wizard.save_over(&conflict))
}
