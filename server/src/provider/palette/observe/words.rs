//! Palette's state words. Its definition calls them free texts and lists none; its pages show “Completed”, and Velero works
//! underneath, so that Velero's phases are read too. Good is only what is known to be good: a word that merely contains one is not.

use crate::provider::palette::wire::State;
use model::Phase;

/// In small letters, without what parts words.
fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// Of a request, or of its part on a cluster.
pub fn phase(word: &str) -> Phase {
    let text = bare(word);
    let begins = |heads: &[&str]| heads.iter().any(|head| text.starts_with(head));
    match text.as_str() {
        "" if !word.trim().is_empty() => Phase::Unknown(word.to_owned()),
        "" | "new" | "pending" | "queued" | "accepted" | "requested" | "scheduled" | "readytostart" => Phase::Queued,
        "completed" | "complete" | "success" | "succeeded" | "successful" => Phase::Succeeded,
        "inprogress" | "running" | "started" | "processing" => Phase::Running,
        // Velero's last stages say how it will end and are none: “FinalizingPartiallyFailed”.
        _ if begins(&["waitingforplugin", "finalizing", "uploading"]) => Phase::Running,
        _ if begins(&["partial"]) => Phase::Partial,
        "cancelled" | "canceled" | "aborted" => Phase::Cancelled,
        _ if begins(&["fail", "error"]) => Phase::Failed,
        _ => Phase::Unknown(word.to_owned()),
    }
}

/// Whether the one who asked is a clock.
pub fn by_schedule(actor: &str) -> bool {
    let text = bare(actor);
    text.starts_with("system") || text.starts_with("schedul")
}

/// Whether the one who asked is a person.
pub fn by_person(actor: &str) -> bool {
    matches!(bare(actor).as_str(), "user" | "apikey")
}

/// How far the deletion of a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    No,
    /// Asked for, and not done.
    Asked,
    Done,
    Refused,
}

/// From the two words that can say it.
pub fn deletion(state: &State) -> Deletion {
    let text = bare(&state.delete_state);
    match text.as_str() {
        "" if state.delete_state.is_empty() => match bare(&state.state).as_str() {
            "deleting" => Deletion::Asked,
            "deleted" => Deletion::Done,
            _ => Deletion::No,
        },
        "deleted" | "completed" | "complete" | "success" | "succeeded" => Deletion::Done,
        _ if text.starts_with("fail") || text.starts_with("error") || text.ends_with("failed") => Deletion::Refused,
        // Any other word says that somebody asked for it.
        _ => Deletion::Asked,
    }
}

/// The worst of several ends: a failure before a word that isn't known, that before something missing.
pub fn worst(phases: impl Iterator<Item = Phase>) -> Option<Phase> {
    phases.max_by_key(|phase| match phase {
        Phase::Failed => 5,
        Phase::Cancelled => 4,
        Phase::Unknown(_) => 3,
        Phase::Partial => 2,
        Phase::Succeeded => 1,
        Phase::Queued | Phase::Running => 0,
    })
}

/// Of a request, from its own word, its clusters' and whether some were left out. It goes on while one of them does.
pub fn roll_up(own: &Phase, parts: &[Phase], skipped: bool) -> Phase {
    let waits = |p: &Phase| *p == Phase::Queued;
    let active = |p: &Phase| matches!(p, Phase::Queued | Phase::Running);
    if parts.is_empty() {
        return match own {
            // It says that it is done, and nothing was.
            Phase::Succeeded | Phase::Partial if skipped => Phase::Failed,
            Phase::Succeeded => Phase::Unknown("no cluster".into()),
            other => other.clone(),
        };
    }
    if parts.iter().any(active) || *own == Phase::Running {
        let queued = parts.iter().all(waits) && *own != Phase::Running;
        return if queued { Phase::Queued } else { Phase::Running };
    }
    let left_out = skipped.then_some(Phase::Partial);
    // A request without a word of its own, or one that still waits, is what its clusters are.
    let own = Some(own.clone()).filter(|own| !waits(own));
    worst(parts.iter().cloned().chain(own).chain(left_out)).unwrap_or(Phase::Queued)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_phase() {
        let unknown = |word: &str| Phase::Unknown(word.to_owned());
        for (word, wanted) in [
            ("Completed", Phase::Succeeded),
            ("completed", Phase::Succeeded),
            ("Success", Phase::Succeeded),
            ("Succeeded", Phase::Succeeded),
            ("InProgress", Phase::Running),
            ("In Progress", Phase::Running),
            ("in-progress", Phase::Running),
            ("Running", Phase::Running),
            ("Finalizing", Phase::Running),
            ("FinalizingPartiallyFailed", Phase::Running),
            ("WaitingForPluginOperationsPartiallyFailed", Phase::Running),
            ("", Phase::Queued),
            ("New", Phase::Queued),
            ("Pending", Phase::Queued),
            ("PartiallyFailed", Phase::Partial),
            ("Partially Failed", Phase::Partial),
            ("PartiallyCompleted", Phase::Partial),
            ("Failed", Phase::Failed),
            ("FailedValidation", Phase::Failed),
            ("Error", Phase::Failed),
            ("Cancelled", Phase::Cancelled),
            ("Archived", unknown("Archived")),
            ("Deleting", unknown("Deleting")),
            ("Incomplete", unknown("Incomplete")),
            ("Unsuccessful", unknown("Unsuccessful")),
            ("Completed with 3 questions", unknown("Completed with 3 questions")),
            ("完了", unknown("完了")),
            ("Completed 半分", unknown("Completed 半分")),
            ("-", unknown("-")),
        ] {
            assert_eq!(phase(word), wanted, "{word:?}");
        }
    }

    #[test]
    fn a_deletion_is_asked_for_by_any_word() {
        let state = |state: &str, delete_state: &str| State {
            state: state.into(),
            delete_state: delete_state.into(),
            ..State::default()
        };
        for (word, delete, wanted) in [
            ("Completed", "", Deletion::No),
            ("Completed", "Deleting", Deletion::Asked),
            ("Completed", "InProgress", Deletion::Asked),
            ("Completed", "Zzz", Deletion::Asked),
            ("Deleting", "", Deletion::Asked),
            ("Deleted", "", Deletion::Done),
            ("Completed", "Deleted", Deletion::Done),
            ("Completed", "Failed", Deletion::Refused),
            ("Completed", "DeleteFailed", Deletion::Refused),
        ] {
            assert_eq!(deletion(&state(word, delete)), wanted, "{word} {delete}");
        }
    }

    #[test]
    fn the_worst_state_wins() {
        let odd = || Phase::Unknown("Archived".into());
        for (own, parts, skipped, wanted) in [
            (Phase::Succeeded, vec![Phase::Succeeded, Phase::Succeeded], false, Phase::Succeeded),
            (Phase::Succeeded, vec![Phase::Succeeded, Phase::Failed], false, Phase::Failed),
            (Phase::Succeeded, vec![Phase::Partial, Phase::Succeeded], false, Phase::Partial),
            (Phase::Succeeded, vec![Phase::Succeeded, odd()], false, odd()),
            (Phase::Succeeded, vec![Phase::Partial, odd()], false, odd()),
            (Phase::Succeeded, vec![Phase::Failed, odd()], false, Phase::Failed),
            (Phase::Succeeded, vec![Phase::Succeeded], true, Phase::Partial),
            (Phase::Succeeded, vec![Phase::Failed], true, Phase::Failed),
            (Phase::Failed, vec![Phase::Succeeded], false, Phase::Failed),
            (odd(), vec![Phase::Succeeded], false, odd()),
            (Phase::Succeeded, vec![Phase::Succeeded, Phase::Running], false, Phase::Running),
            (Phase::Succeeded, vec![Phase::Failed, Phase::Queued], false, Phase::Running),
            (Phase::Running, vec![Phase::Succeeded], false, Phase::Running),
            (Phase::Queued, vec![Phase::Queued, Phase::Queued], false, Phase::Queued),
            (Phase::Queued, vec![Phase::Succeeded], false, Phase::Succeeded),
            (Phase::Queued, vec![], false, Phase::Queued),
            (Phase::Failed, vec![], true, Phase::Failed),
            (Phase::Succeeded, vec![], true, Phase::Failed),
            (Phase::Succeeded, vec![], false, Phase::Unknown("no cluster".into())),
        ] {
            assert_eq!(roll_up(&own, &parts, skipped), wanted, "{own:?} {parts:?} {skipped}");
        }
    }
}
