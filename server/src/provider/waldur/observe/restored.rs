//! What the new instances of restores say, in our words. Pure.

use super::seen::{State, state, unknown};
use crate::provider::{
    RestoreSeen,
    waldur::{generation::Generation, wire},
};
use model::{Millis, Phase, run::RunDetail};

/// What is known of a restore beside its new instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The backup, by identifier.
    pub point: String,
    /// The name that it was ordered by.
    pub order: Option<String>,
    pub created: Option<Millis>,
}

/// A restore, by its new instance.
pub fn restore(instance: &wire::Instance, known: &Restored, generation: Generation) -> RestoreSeen {
    let phase = instance_phase(instance, generation);
    let told = instance.error_message.trim();
    let message = match (&phase, told) {
        (_, told) if !told.is_empty() => Some(told.to_owned()),
        (Phase::Failed, _) => Some(format!("The new instance is {}; Waldur does not say why.", instance.state)),
        _ => None,
    };
    RestoreSeen {
        name: instance.id(),
        order: known.order.clone(),
        point: known.point.clone(),
        raw_phase: instance.state.clone(),
        created: known.created.or(instance.created.map(|at| at.0)),
        started: None,
        ended: None,
        mapping: Vec::new(),
        detail: RunDetail {
            title: Some(instance.name.clone()).filter(|name| !name.is_empty()),
            message,
            facts: vec![("New instance".to_owned(), instance.name.clone())],
            ..RunDetail::default()
        },
        phase,
    }
}

/// A restore whose new instance is not to be seen yet.
pub fn awaited(order: &str, known: &Restored) -> RestoreSeen {
    RestoreSeen {
        name: order.to_owned(),
        order: None,
        point: known.point.clone(),
        phase: Phase::Queued,
        raw_phase: String::new(),
        created: known.created,
        started: None,
        ended: None,
        mapping: Vec::new(),
        detail: RunDetail::default(),
    }
}

/// How far the making of an instance came. Whatever is done with a finished one later does not undo the restore.
pub fn instance_phase(instance: &wire::Instance, generation: Generation) -> Phase {
    let word = instance.state.as_str();
    if generation == Generation::G2 {
        // NodeConductor's instances have the power state among their words.
        return match word {
            "Provisioning Scheduled" => Phase::Queued,
            "Provisioning" => Phase::Running,
            "Online"
            | "Offline"
            | "Starting Scheduled"
            | "Starting"
            | "Stopping Scheduled"
            | "Stopping"
            | "Restarting Scheduled"
            | "Restarting"
            | "Resizing Scheduled"
            | "Resizing" => Phase::Succeeded,
            "Erred" => Phase::Failed,
            other => unknown(other),
        };
    }
    match state(word, generation) {
        State::Scheduled => Phase::Queued,
        State::Working => Phase::Running,
        State::Good => Phase::Succeeded,
        State::Updating if instance.error_message.trim().is_empty() => Phase::Succeeded,
        State::Erred => Phase::Failed,
        State::Updating | State::Going | State::Unknown => unknown(word),
    }
}

/// The name of a new instance of the oldest generation, which says which backup it came from: what it was ordered by, and the first
/// digits of the backup's identifier.
pub fn traced_name(order: &str, point: &str) -> String {
    let short: String = point.chars().take(8).collect();
    format!("{order}-{short}")
}

/// The reverse of [`traced_name`]: order, and beginning of the backup's identifier.
pub fn traced(name: &str) -> Option<(&str, &str)> {
    let (order, short) = name.rsplit_once('-')?;
    // An order ends with the moment, to the second.
    let (_, moment) = order.rsplit_once('-')?;
    let hex = short.len() == 8 && short.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = moment.len() >= 14 && moment.bytes().all(|b| b.is_ascii_digit());
    (hex && digits).then_some((order, short))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    const NOW: Millis = Millis(1_790_000_000_000);
    const UUID: &str = "0f0e1d2c3b4a59687786959493929190";

    #[test]
    fn a_restore_is_as_its_new_instance() {
        for (generation, word, error, phase) in [
            (Generation::G2, "Provisioning Scheduled", "", Phase::Queued),
            (Generation::G2, "Provisioning", "", Phase::Running),
            (Generation::G2, "Online", "", Phase::Succeeded),
            (Generation::G2, "Offline", "", Phase::Succeeded),
            (Generation::G2, "Stopping", "", Phase::Succeeded),
            (Generation::G2, "Erred", "", Phase::Failed),
            (Generation::G2, "Deleting", "", Phase::Unknown("Deleting".into())),
            (Generation::G2, "OK", "", Phase::Unknown("OK".into())),
            (Generation::G4, "Creation Scheduled", "", Phase::Queued),
            (Generation::G4, "Creating", "", Phase::Running),
            (Generation::G4, "OK", "", Phase::Succeeded),
            (Generation::G4, "Updating", "", Phase::Succeeded),
            (Generation::G4, "Updating", "boom", Phase::Unknown("Updating".into())),
            (Generation::G4, "Erred", "boom", Phase::Failed),
            (Generation::G5, "ERRED", "boom", Phase::Failed),
            (Generation::G5, "SUBLIME", "", Phase::Unknown("SUBLIME".into())),
        ] {
            let instance = json!({"uuid": UUID, "name": "db-1-copy", "state": word, "error_message": error});
            let instance: wire::Instance = serde_json::from_value(instance).unwrap();
            let known = Restored { point: "p".into(), order: Some("o".into()), created: Some(NOW) };
            let seen = restore(&instance, &known, generation);
            assert_eq!(seen.phase, phase, "{word}");
            assert_eq!((seen.name.as_str(), seen.point.as_str(), seen.order.as_deref()), (UUID, "p", Some("o")));
            assert!(phase != Phase::Failed || seen.detail.message.is_some(), "{word}");
        }
    }

    #[test]
    fn a_name_tells_the_backup_that_it_came_from() {
        let name = traced_name("db-1-2014-10-19-20-43-37-20261121180000", UUID);
        assert_eq!(traced(&name), Some(("db-1-2014-10-19-20-43-37-20261121180000", "0f0e1d2c")));
        for other in
            ["db-1", "checkout-db-1-drill", "a-20261121180000", "a-20261121180000-xyzxyzxy", "a-b-0f0e1d2c", ""]
        {
            assert_eq!(traced(other), None, "{other}");
        }
    }
}
