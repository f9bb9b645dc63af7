//! Two people changed one policy: the second sees what differs and decides; nothing typed is lost.

use super::state::Form;
use crate::ui::{
    self, Conflict, Differs,
    part::{Part, live},
};
use model::{
    policy::{PolicyDraft, PolicyTierDraft},
    view::PolicyView,
};

pub fn conflict(form: Form) -> Part {
    live(move || form.theirs.get().map(|theirs| drawn(form, theirs)))
}

fn drawn(form: Form, theirs: PolicyView) -> Part {
    let fields = form.draft.with_untracked(|mine| differences(mine, &theirs.draft));
    let of = Conflict {
        id: "refused",
        class: "panel mb-5",
        by: theirs.changed_by,
        note: "Changed at ".into(),
        at: theirs.changed_at,
        fields,
    };
    let version = theirs.row.version;
    let based_on = move || {
        form.editing.update(|e| {
            if let Some((_, version_read)) = e {
                *version_read = version;
            }
        });
    };
    let take = move || {
        based_on();
        form.first.set(theirs.draft.clone());
        form.replace(theirs.draft.clone());
        form.refused.set(None);
        form.theirs.set(None);
    };
    let over = move || {
        based_on();
        form.send(false);
    };
    ui::conflict(of, take, over)
}

/// What differs.
fn differences(mine: &PolicyDraft, theirs: &PolicyDraft) -> Vec<Differs> {
    let or = |text: &str, empty: &str| if text.trim().is_empty() { empty.to_owned() } else { text.trim().to_owned() };
    let rpo = |d: &PolicyDraft| match d.rpo.trim() {
        "" => "each workspace's own".to_owned(),
        n => format!("{n} {}", d.rpo_unit.word()),
    };
    let one = |field: &'static str, theirs, mine| Differs { field: field.into(), theirs, mine };
    let mut out = vec![
        one("Name", or(&theirs.name, "none"), or(&mine.name, "none")),
        one("Time zone", or(&theirs.zone, "the system's own"), or(&mine.zone, "the system's own")),
        one("RPO", rpo(theirs), rpo(mine)),
    ];
    for at in 0..mine.tiers.len().max(theirs.tiers.len()) {
        let (theirs, mine) = (tier(theirs.tiers.get(at)), tier(mine.tiers.get(at)));
        out.push(Differs { field: format!("Tier {}", at + 1).into(), theirs, mine });
    }
    out.retain(|one| one.theirs != one.mine);
    out
}

fn tier(tier: Option<&PolicyTierDraft>) -> String {
    let Some(tier) = tier else { return "none".into() };
    let mut said = model::cron::words(&tier.cron);
    let mut kept = |before: &str, number: &str, after: &str| {
        if !number.trim().is_empty() {
            said.push_str(&format!(", {before}{}{after}", number.trim()));
        }
    };
    kept("kept ", &tier.keep_for, &format!(" {}", tier.keep_unit.word()));
    kept("the newest ", &tier.keep_last, "");
    kept("at least ", &tier.keep_at_least, "");
    kept("", &tier.keep_snapshots, " snapshots");
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let nightly =
            PolicyTierDraft { cron: "30 2 * * *".into(), keep_for: "14".into(), ..PolicyTierDraft::default() };
        let mine = PolicyDraft { name: "Gold".into(), tiers: vec![nightly.clone()], ..PolicyDraft::default() };
        assert_eq!(differences(&mine, &mine), []);
        let counted = PolicyTierDraft { keep_last: "7".into(), keep_snapshots: "2".into(), ..nightly.clone() };
        let theirs = PolicyDraft {
            zone: "UTC".into(),
            rpo: "26".into(),
            tiers: vec![counted, nightly],
            name: mine.name.clone(),
            ..PolicyDraft::default()
        };
        let found = differences(&mine, &theirs);
        let names: Vec<&str> = found.iter().map(|one| one.field.as_ref()).collect();
        assert_eq!(names, ["Time zone", "RPO", "Tier 1", "Tier 2"]);
        assert_eq!(found[2].theirs, "Every day at 02:30, kept 14 days, the newest 7, 2 snapshots");
        assert_eq!(found[3].mine, "none");
    }
}
