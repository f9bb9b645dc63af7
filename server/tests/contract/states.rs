//! Every word for a run's state that the vendors' documents and code have, with the phase that it means. A word that is not
//! among them is unknown: each stage adds an invented one.

use model::Phase::{self, Cancelled, Failed, Partial, Queued, Running, Succeeded, Unknown};

/// One word.
pub struct State {
    /// As the upstream writes it; what else matters follows in round brackets.
    pub word: &'static str,
    /// What it may be told as: several where the run is over and the word is about its remains. `None` stands for
    /// "unknown, with this word".
    pub phases: &'static [Option<Phase>],
    /// Whether a whole recovery point may stand there.
    pub whole: bool,
}

impl State {
    /// The word without what stands in brackets.
    pub fn raw(&self) -> &'static str {
        self.word.split(" (").next().unwrap_or_default()
    }

    /// Whether the phase is one of those that it may be told as.
    pub fn allows(&self, phase: &Phase) -> bool {
        self.phases.iter().any(|one| match one {
            Some(known) => known == phase,
            None => *phase == Unknown(self.raw().to_owned()),
        })
    }
}

const fn state(word: &'static str, phases: &'static [Option<Phase>]) -> State {
    State { word, phases, whole: false }
}

const fn good(word: &'static str) -> State {
    State { word, phases: &[Some(Succeeded)], whole: true }
}

/// The upstream is deleting what the run left: how the run ended is not said any more.
const fn leaving(word: &'static str) -> State {
    state(word, &[Some(Succeeded), Some(Partial), Some(Failed), None])
}

/// `velero.io/v1`, `BackupPhase` of 1.18.
pub const VELERO: &[State] = &[
    state("", &[Some(Queued)]),
    state("New", &[Some(Queued)]),
    state("Queued", &[Some(Queued)]),
    state("ReadyToStart", &[Some(Queued)]),
    state("FailedValidation", &[Some(Failed)]),
    state("InProgress", &[Some(Running)]),
    state("WaitingForPluginOperations", &[Some(Running)]),
    state("WaitingForPluginOperationsPartiallyFailed", &[Some(Running)]),
    state("Finalizing", &[Some(Running)]),
    state("FinalizingPartiallyFailed", &[Some(Running)]),
    good("Completed"),
    state("PartiallyFailed", &[Some(Partial)]),
    state("Failed", &[Some(Failed)]),
    leaving("Deleting"),
    state("Sublime", &[None]),
];

/// `jobs.state` of CloudCasa, and the spelling of "cancelled" that its published provider waits for. A skipped job made nothing.
pub const CLOUDCASA: &[State] = &[
    state("UNKNOWN", &[None]),
    state("PENDING", &[Some(Queued)]),
    state("RUNNING", &[Some(Running)]),
    state("CATALOG", &[Some(Running)]),
    good("COMPLETED"),
    state("PARTIAL", &[Some(Partial)]),
    state("FAILED", &[Some(Failed)]),
    state("SKIPPED", &[Some(Failed), Some(Cancelled)]),
    state("CANCELLING", &[Some(Running)]),
    state("CANCELED", &[Some(Cancelled)]),
    state("CANCELLED", &[Some(Cancelled)]),
    state("SUBLIME", &[None]),
];

/// `appBackup.state` of Astra Control 24.02. A removed backup lies in a bucket that is gone at present; a hook that failed makes
/// a completed one a warning.
pub const ASTRA: &[State] = &[
    state("pending", &[Some(Queued)]),
    state("discovering", &[Some(Running)]),
    state("running", &[Some(Running)]),
    good("completed"),
    state("completed (hook failed)", &[Some(Partial)]),
    state("failed", &[Some(Failed)]),
    leaving("removed"),
    state("unknown", &[None]),
    leaving("deleting"),
    state("sublime", &[None]),
];

/// Palette's states are free text; these were seen or follow from the Velero beneath. A word that only holds a good one is none.
pub const PALETTE: &[State] = &[
    state("", &[Some(Queued), Some(Running)]),
    state("New", &[Some(Queued), Some(Running)]),
    state("Pending", &[Some(Queued), Some(Running)]),
    state("InProgress", &[Some(Running)]),
    state("In Progress", &[Some(Running)]),
    good("Completed"),
    good("completed"),
    good("Success"),
    state("PartiallyFailed", &[Some(Partial)]),
    state("Failed", &[Some(Failed)]),
    state("Error", &[Some(Failed)]),
    leaving("Deleting"),
    state("Incomplete", &[None, Some(Partial), Some(Failed)]),
    state("Unsuccessful", &[None, Some(Failed)]),
    state("Sublime", &[None]),
];

/// NodeConductor of 2016. Ready is what a backup that was refused ends in, too: then it has no metadata.
pub const WALDUR_G2: &[State] = &[
    state("Backing up", &[Some(Running)]),
    good("Ready"),
    state("Ready (empty metadata)", &[Some(Failed)]),
    State { whole: true, ..good("Restoring") },
    leaving("Deleting"),
    state("Erred", &[Some(Failed)]),
    state("Sublime", &[None]),
];

/// Waldur MasterMind from 2017 to 2024.
pub const WALDUR_G4: &[State] = &[
    state("Creation Scheduled", &[Some(Queued), Some(Running)]),
    state("Creating", &[Some(Running)]),
    good("Update Scheduled"),
    good("Updating"),
    leaving("Deletion Scheduled"),
    leaving("Deleting"),
    good("OK"),
    state("Erred", &[Some(Failed)]),
    state("Sublime", &[None]),
];

/// Waldur MasterMind from 2025.
pub const WALDUR_G5: &[State] = &[
    state("CREATION_SCHEDULED", &[Some(Queued), Some(Running)]),
    state("CREATING", &[Some(Running)]),
    good("UPDATE_SCHEDULED"),
    good("UPDATING"),
    leaving("DELETION_SCHEDULED"),
    leaving("DELETING"),
    good("OK"),
    state("ERRED", &[Some(Failed)]),
    state("SUBLIME", &[None]),
];
