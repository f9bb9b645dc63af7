//! What Waldur's backups say, in our words. Pure. What isn't told is absent; a word that isn't known stays itself.

use crate::provider::{
    PointSeen, RunSeen,
    waldur::{
        generation::Generation,
        translate::mark,
        wire::{self, id_in},
    },
};
use model::{
    Millis, Phase,
    named::Named,
    recovery::{PointDetail, PointState},
    run::{Progress, RunDetail, Trigger, VolumeRow},
};

/// A new backup of the oldest generation may be seen as Ready before its work begins (`models.py`: Ready is the default).
const YOUNG_MS: i64 = 15_000;

const EMPTY: &str = "Waldur says Ready, but made no snapshot: it ends a backup so that OpenStack or a quota refused. Its event log \
                     has the reason.";
const ERRED: &str = "Waldur says no more than Erred; its event log has the reason.";
const STAYS: &str = "This Waldur can't delete an erred backup: it deletes Ready ones alone, and nothing leads out of Erred. Its \
                     administrator can, in the database.";
const STAYS_EMPTY: &str = "Waldur can't delete a backup without snapshots: it would end as Erred and stay.";

/// What a state means, whatever the generation's word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Scheduled,
    Working,
    Good,
    /// Restored from in G2, read anew or edited later.
    Updating,
    Going,
    Erred,
    Unknown,
}

/// G2 has words of its own; G5 writes the later ones in capitals.
pub fn state(word: &str, generation: Generation) -> State {
    if generation == Generation::G2 {
        return match word {
            "Backing up" => State::Working,
            "Ready" => State::Good,
            "Restoring" => State::Updating,
            "Deleting" => State::Going,
            "Erred" => State::Erred,
            _ => State::Unknown,
        };
    }
    match word.to_uppercase().replace('_', " ").as_str() {
        "CREATION SCHEDULED" => State::Scheduled,
        "CREATING" => State::Working,
        "OK" => State::Good,
        "UPDATE SCHEDULED" | "UPDATING" => State::Updating,
        "DELETION SCHEDULED" | "DELETING" => State::Going,
        "ERRED" => State::Erred,
        _ => State::Unknown,
    }
}

/// A word that Holdfast does not know, or none at all.
pub fn unknown(word: &str) -> Phase {
    Phase::Unknown(if word.is_empty() { "no state".to_owned() } else { word.to_owned() })
}

/// Whether it is being deleted.
pub fn is_going(backup: &wire::Backup) -> bool {
    matches!(backup.state.to_uppercase().replace('_', " ").as_str(), "DELETING" | "DELETION SCHEDULED")
}

/// Whether it is erred, in every generation's word.
pub fn is_erred(backup: &wire::Backup) -> bool {
    backup.state.eq_ignore_ascii_case("erred")
}

/// Whether it is at work, so that another word of it may be expected.
pub fn is_busy(backup: &wire::Backup) -> bool {
    let word = backup.state.to_uppercase().replace('_', " ");
    is_going(backup)
        || matches!(
            word.as_str(),
            "BACKING UP" | "RESTORING" | "CREATION SCHEDULED" | "CREATING" | "UPDATE SCHEDULED" | "UPDATING"
        )
}

/// The phase of a backup as a run.
pub fn phase(backup: &wire::Backup, generation: Generation, now: Millis) -> Phase {
    let has = |good: bool, otherwise: Phase| if good { Phase::Succeeded } else { otherwise };
    let state = state(&backup.state, generation);
    if generation == Generation::G2 {
        // Only the metadata tells success: the task swallows its own failures.
        let good = backup.has_snapshots();
        let young = || backup.created().is_some_and(|at| now.since(at) < YOUNG_MS);
        return match state {
            State::Scheduled => Phase::Queued,
            State::Working => Phase::Running,
            State::Good if !good && young() => Phase::Queued,
            State::Good | State::Updating | State::Going => has(good, Phase::Failed),
            State::Erred => Phase::Failed,
            State::Unknown => unknown(&backup.state),
        };
    }
    let clean = backup.error_message.trim().is_empty();
    match state {
        State::Scheduled => Phase::Queued,
        State::Working => Phase::Running,
        State::Good => Phase::Succeeded,
        // Only what was OK or Erred gets there, and an erred one has a message.
        State::Updating => has(clean, Phase::Running),
        State::Going => has(clean, Phase::Failed),
        State::Erred => Phase::Failed,
        State::Unknown => unknown(&backup.state),
    }
}

/// What people call it: its name, or in G2, which has none, the instance and the moment.
fn title(backup: &wire::Backup) -> Option<String> {
    if !backup.name.trim().is_empty() {
        return Some(backup.name.trim().to_owned());
    }
    let instance = Some(backup.instance_name.trim()).filter(|name| !name.is_empty())?;
    let at = backup.created()?.rfc3339();
    Some(format!("{instance} {}", at.replace('T', " ").trim_end_matches('Z')))
}

fn subject(backup: &wire::Backup) -> Option<Named> {
    let id = id_in(&backup.instance);
    let name = if backup.instance_name.is_empty() { id.clone() } else { backup.instance_name.clone() };
    (!id.is_empty()).then(|| Named::new(id, name))
}

/// The sum of its snapshots; `None` where Waldur tells none.
fn bytes(backup: &wire::Backup) -> Option<u64> {
    let sizes = backup.snapshots();
    (!sizes.is_empty()).then(|| sizes.iter().map(|(_, bytes)| bytes).sum())
}

fn trigger(backup: &wire::Backup) -> Trigger {
    if let Some(who) = mark::read(&backup.description).as_ref().and_then(mark::Mark::asked_by) {
        return Trigger::Person(who.to_owned());
    }
    // Where the schedule was deleted, the description that it gave is left.
    let by_schedule = backup.schedule().is_some() || backup.description.to_lowercase().starts_with("scheduled backup");
    if by_schedule { Trigger::Schedule } else { Trigger::Elsewhere }
}

/// A backup as a run. `declared`: the name of the schedule that made it.
pub fn run(backup: &wire::Backup, generation: Generation, declared: Option<&str>, now: Millis) -> RunSeen {
    let phase = phase(backup, generation, now);
    let mark = mark::read(&backup.description);
    let old = generation == Generation::G2;
    let told = backup.error_message.trim();
    let message = match (&phase, old) {
        (Phase::Failed, true) if state(&backup.state, generation) == State::Erred => Some(ERRED.to_owned()),
        (Phase::Failed, true) => Some(EMPTY.to_owned()),
        _ if told.is_empty() => None,
        _ => Some(told.to_owned()),
    };
    let note = match &phase {
        Phase::Queued if old => Some("Waldur shows a new backup as Ready for a moment, before it begins.".to_owned()),
        Phase::Failed => kept_because(backup, generation),
        Phase::Succeeded if old && backup.kept_until.is_none() && mark.is_some() => {
            Some("Begun by hand: this Waldur keeps it until somebody deletes it.".to_owned())
        }
        _ => None,
    };
    let (good, size) = (phase == Phase::Succeeded, bytes(backup));
    let fact = |name: &str, key: &str| backup.told(key).map(|value| (name.to_owned(), value.to_owned()));
    let created = backup.created();
    RunSeen {
        name: backup.id(),
        order: mark.as_ref().and_then(mark::Mark::order).map(str::to_owned),
        definition: mark.map(|mark| mark.definition),
        declared: declared.map(str::to_owned),
        raw_phase: backup.state.clone(),
        trigger: trigger(backup),
        created,
        // Waldur tells neither beginning nor end of the work.
        started: None,
        ended: None,
        detail: RunDetail {
            title: title(backup),
            expires: backup.kept_until.map(|at| at.0),
            bytes: size.filter(|_| good).map(|done| Progress { done, total: Some(done) }),
            message,
            note,
            volumes: if good { volumes(backup) } else { Vec::new() },
            facts: [fact("Flavour", "flavor_name"), fact("Image", "image_name")].into_iter().flatten().collect(),
            ..RunDetail::default()
        },
        phase,
    }
}

fn volumes(backup: &wire::Backup) -> Vec<VolumeRow> {
    let row = |(name, bytes): (String, u64)| VolumeRow {
        name: format!("{name} volume"),
        method: "Snapshot in OpenStack".to_owned(),
        phase: Phase::Succeeded,
        raw_phase: String::new(),
        bytes: Some(Progress { done: bytes, total: Some(bytes) }),
        began: None,
        ended: None,
        message: None,
    };
    // An instance without a data volume has one of no size.
    backup.snapshots().into_iter().filter(|(_, bytes)| *bytes > 0).map(row).collect()
}

/// Why it can't be deleted, ever.
pub fn kept_because(backup: &wire::Backup, generation: Generation) -> Option<String> {
    if generation != Generation::G2 {
        return None;
    }
    match state(&backup.state, generation) {
        State::Erred => Some(STAYS.to_owned()),
        State::Good if !backup.has_snapshots() => Some(STAYS_EMPTY.to_owned()),
        _ => None,
    }
}

/// Why it can't be restored now.
pub fn not_restorable(backup: &wire::Backup, generation: Generation) -> Option<String> {
    let old = generation == Generation::G2;
    let sentence = match state(&backup.state, generation) {
        State::Good if old && !backup.has_snapshots() => EMPTY.to_owned(),
        State::Good => return None,
        State::Scheduled | State::Working => "It is not finished yet.".to_owned(),
        State::Updating if old => "It is being restored; Waldur restores a backup once at a time.".to_owned(),
        State::Updating => "Waldur is changing it or reads it anew; it restores OK backups alone.".to_owned(),
        State::Going => "It is being deleted.".to_owned(),
        State::Erred => "It is Erred; Waldur restores good backups alone.".to_owned(),
        State::Unknown => format!("Its state is “{}”, which Holdfast does not know.", backup.state),
    };
    Some(sentence)
}

/// A backup as a recovery point; `None` for one that holds nothing to restore. `was_point`: it held something when it was seen
/// before, which an erred one no longer says from G3 on.
pub fn point(
    backup: &wire::Backup,
    generation: Generation,
    declared: Option<&str>,
    was_point: bool,
    now: Millis,
) -> Option<PointSeen> {
    let good = phase(backup, generation, now) == Phase::Succeeded;
    let held = was_point || (generation == Generation::G2 && backup.has_snapshots());
    let point_state = match state(&backup.state, generation) {
        State::Good | State::Updating if good => PointState::Whole,
        State::Going if good || held => PointState::Deleting,
        State::Erred | State::Unknown if held => PointState::Unknown(backup.state.clone()),
        _ => return None,
    };
    let told = backup.error_message.trim();
    Some(PointSeen {
        name: backup.id(),
        run: Some(backup.id()),
        definition: mark::read(&backup.description).map(|mark| mark.definition),
        declared: declared.map(str::to_owned),
        state: point_state,
        taken: backup.created(),
        expires: backup.kept_until.map(|at| at.0),
        location: None,
        namespaces: Vec::new(),
        items: None,
        detail: PointDetail {
            title: title(backup),
            subject: subject(backup),
            cluster: None,
            bytes: bytes(backup),
            kept_because: kept_because(backup, generation),
            not_restorable: not_restorable(backup, generation),
            message: (!told.is_empty()).then(|| told.to_owned()),
        },
    })
}

/// Why a deletion that had begun did not end: the backup is still there.
pub fn deletion_failed(backup: &wire::Backup, generation: Generation) -> String {
    match (backup.error_message.trim(), kept_because(backup, generation)) {
        ("", Some(why)) => format!("The deletion failed. {why}"),
        ("", None) => "The deletion failed; Waldur does not say why.".to_owned(),
        (why, _) => format!("The deletion failed: {why}"),
    }
}

#[cfg(test)]
mod tests;
